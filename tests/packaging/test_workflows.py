# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CI runs the targets that a checkout has, with no more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_make_target_exists(workflow: Path) -> None:
    called = {name for step in steps(workflow) for name in re.findall(r"\bmake (\w+)", step.get("run", ""))}
    assert called
    assert called <= TARGETS


def test_the_script_for_every_ci_calls_targets_that_exist() -> None:
    (called,) = re.findall(
        r"^for target in (.+); do$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(called.split()) <= TARGETS


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_rights_are_given_by_job_and_only_to_read(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {}
    assert all(job["permissions"] in ({}, {"contents": "read"}) for job in content["jobs"].values())


def test_the_job_with_the_secret_runs_nothing_of_the_repository() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))["jobs"]
    (job,) = (job for job in jobs.values() if "secrets." in str(job))
    assert job["environment"] == "galaxy"
    assert job["permissions"] == {}
    assert "actions/checkout" not in str(job)
    assert "make" not in str(job)


def test_what_ci_installs_is_pinned() -> None:
    lock = (ROOT / "dev" / "requirements" / "lock.txt").read_text(encoding="utf-8").splitlines()
    pinned = {re.split("==", line)[0] for line in lock if re.fullmatch(r"[\w.-]+==\S+( ; .+)?", line)}
    assert len(lock) > 1
    for name in ("demo", "test", "lint", "typing"):
        wanted = (ROOT / "dev" / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        names = [re.split("[>=]", line)[0].replace(".", "-") for line in wanted if not line.startswith(("#", "-r"))]
        assert set(names) <= pinned
    for workflow in WORKFLOWS:
        installed = [step["run"] for step in steps(workflow) if "pip install" in step.get("run", "")]
        assert all("==" in command for command in installed)


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE)) == TARGETS


def test_matrix_of_ci_begins_with_the_oldest_core_that_is_supported() -> None:
    ci = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={ci['jobs']['matrix']['strategy']['matrix']['core'][0]}.0"
