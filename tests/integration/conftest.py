# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: a running simulator and a way to run a playbook against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from simulator.client import Simulator
from support import runs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def run_playbook() -> Callable[..., runs.Run]:
    """Run a playbook: `run_playbook(path, *arguments, env=...)`."""
    return runs.run_playbook


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with Simulator(desktops=120, users=60, pools=5, projects=3) as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """A simulator of 3 projects with 120 desktops and 60 users each, as new for every test."""
    _simulator.reset()
    return _simulator


@pytest.fixture(scope="module")
def _cloud(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with Simulator(tenant=request.module.TENANT) as simulator:
        yield simulator


@pytest.fixture
def cloud(_cloud: Simulator) -> Simulator:
    """A simulator of the projects that `TENANT` of the test's file describes, as new."""
    _cloud.reset()
    return _cloud


def valid_report(path: Path) -> dict[str, Any]:
    """A JSON report, held against its schema."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(found, json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8")))
    return found


Play = Callable[..., tuple[runs.Run, dict[str, Any]]]


@pytest.fixture
def play(request: pytest.FixtureRequest, cloud: Simulator, tmp_path: Path) -> Play:
    """Run `PLAYBOOK` of the test's file, or another, for these hosts, or for one project if there are none.

    Returns the run and the projects of the report.
    """

    def run(
        hosts: dict[str, Any] | None = None,
        *more: str,
        env: dict[str, str] | None = None,
        playbook: Path | None = None,
        **given: Any,
    ) -> tuple[runs.Run, dict[str, Any]]:
        report = tmp_path / "report.json"
        variables = json.dumps({"workspace_report_file": str(report), **given})
        name = str(playbook or f"huaweicloud.workspace.{request.module.PLAYBOOK}")
        command = ["ansible-playbook", name, "-e", variables, *more]
        if hosts is not None:
            inventory = tmp_path / "projects.yml"
            inventory.write_text(yaml.safe_dump({"workspace_projects": {"hosts": hosts}}, sort_keys=False), "utf-8")
            command += ["-i", str(inventory)]
        done = runs.run(command, env={**runs.reach(cloud.info), **(env or {})})
        return done, valid_report(report)["projects"] if report.exists() else {}

    return run
