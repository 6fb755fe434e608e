# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CI runs the targets that a checkout has, with no more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_every_make_target_that_ci_calls_exists() -> None:
    (called,) = re.findall(r"^for target in (.+); do$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    runs = [step.get("run", "") for workflow in WORKFLOWS for step in steps(workflow)]
    assert {*called.split(), *re.findall(r"\bmake (\w+)", "\n".join(runs))} <= TARGETS


def test_rights_are_given_by_job_and_only_to_read() -> None:
    for content in (yaml.safe_load(workflow.read_text(encoding="utf-8")) for workflow in WORKFLOWS):
        assert content["permissions"] == {}
        assert all(job["permissions"] in ({}, {"contents": "read"}) for job in content["jobs"].values())


def test_the_job_with_the_secret_runs_nothing_of_the_repository() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))["jobs"]
    (job,) = (job for job in jobs.values() if "secrets." in str(job))
    assert (job["environment"], job["permissions"]) == ("galaxy", {})
    assert "actions/checkout" not in str(job)
    assert "make" not in str(job)


def test_what_ci_installs_is_pinned() -> None:
    requirements = ROOT / "dev" / "requirements"
    pinned = set(re.findall(r"^([\w.-]+)==", (requirements / "lock.txt").read_text(encoding="utf-8"), re.MULTILINE))
    for name in ("demo", "test", "lint", "typing"):
        wanted = (requirements / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        names = [re.split("[>=]", line)[0].replace(".", "-") for line in wanted if not line.startswith(("#", "-r"))]
        assert set(names) <= pinned
    for workflow in WORKFLOWS:
        installed = [step["run"] for step in steps(workflow) if "pip install" in step.get("run", "")]
        assert all("==" in command for command in installed)


def test_matrix_of_ci_begins_with_the_oldest_core_that_is_supported() -> None:
    ci = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={ci['jobs']['matrix']['strategy']['matrix']['core'][0]}.0"
