# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the collection with every ansible-core and every Python of this machine, and report what was left out.

For each ansible-core: the integration tests of the checkout, ansible-test's sanity, unit and integration tests, once,
with all target Pythons found. For each Python that can be its controller: the built artifact installed into a fresh
environment, and both modules run against the simulator on each target Python. With the newest ansible-core, once: the
tests of TLS, proxies and failures with several versions of requests. Arguments are the series to test ("2.16 2.21");
default: all.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import ansible_test
import build
import project
import pythons
from cores import FIRST, Core, newest_of_each

sys.path.insert(0, str(project.ROOT / "tests"))
from simulator.client import Simulator

PLACE = project.CACHE / "matrix"
INTEGRATION = project.ROOT / "tests" / "integration" / "targets"
#: The oldest Python that modules run on, as in tests/config.yml.
OLDEST = (3, 9)
MODULES = ("workspace_connect_desktops_info", "workspace_desktop_pool_info")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    core: str
    controller: str
    what: str
    targets: str
    passed: bool
    seconds: float


@dataclass
class Report:
    """What ran and what did not."""

    rows: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def timed(self, core: str, controller: str, what: str, targets: list[str], job: Callable[[], bool]) -> None:
        """Run a job and record its outcome."""
        print(f"\n=== ansible-core {core}, Python {controller}: {what} on {' '.join(targets)}", flush=True)
        started = time.monotonic()
        passed = job()
        seconds = time.monotonic() - started
        self.rows.append(Row(core, controller, what, " ".join(targets), passed, seconds))

    def leave_out(self, text: str) -> None:
        """Record once what was not tested."""
        if text not in self.left_out:
            self.left_out.append(text)

    def show(self) -> bool:
        """Print the table and return whether everything passed."""
        print(f"\n{'core':12} {'controller':10} {'what ran':12} {'target Pythons':32} {'result':8} {'seconds':>7}")
        for row in self.rows:
            result = "ok" if row.passed else "FAILED"
            print(f"{row.core:12} {row.controller:10} {row.what:12} {row.targets:32} {result:8} {row.seconds:7.0f}")
        print("\nLeft out:" if self.left_out else "\nNothing was left out.")
        for text in self.left_out:
            print(" ", text)
        failed = sum(not row.passed for row in self.rows)
        print(f"matrix: {len(self.rows)} runs, {failed} failed")
        return bool(self.rows) and not failed


def virtual_environment(name: str, python: Path, *packages: str) -> Path:
    """Create a virtual environment and return its bin folder.

    It contains pip, which ansible-test requires in the interpreter that it is started with.
    """
    place = PLACE / name
    shutil.rmtree(place, ignore_errors=True)
    made = project.succeeds(python, "-m", "venv", place) and project.succeeds(
        project.BIN / "uv", "pip", "install", "--quiet", "--python", place / "bin" / "python", *packages
    )
    if not made:
        raise SystemExit(f"No virtual environment could be created with {python} and {', '.join(packages)}")
    return place / "bin"


def target_environments(found: dict[str, Path]) -> dict[str, Path]:
    """Make one environment with requests for each Python that modules run on.

    The oldest gets the oldest requests that meta/ee-requirements.txt admits.
    """
    targets: dict[str, Path] = {}
    wanted = (project.ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    requests = next(line for line in wanted if line.startswith("requests"))
    for version, python in found.items():
        if pythons.sort_key(version) >= OLDEST:
            package = requests if targets else requests.replace(">=", "==")
            targets[version] = virtual_environment(f"target-{version}", python, package) / "python"
    return targets


def artifact_answers(bin_folder: Path, targets: dict[str, Path], sim: Simulator) -> bool:
    """Install the artifact and run both modules on each target Python."""
    home = bin_folder.parent / "home"
    collections = bin_folder.parent / "collections"
    env = project.environment(
        HOME=str(home), ANSIBLE_COLLECTIONS_PATH=str(collections), ANSIBLE_HOME=str(home / ".ansible")
    )
    env["PATH"] = os.pathsep.join([str(bin_folder), env["PATH"]])
    install = [str(bin_folder / "ansible-galaxy"), "collection", "install", "--offline"]
    if not project.succeeds(*install, "-p", collections, project.artifact(), cwd=bin_folder.parent, env=env):
        return False
    info = sim.info
    arguments = {name: info[name] for name in ("region", "access_key", "secret_key", "project_id")}
    arguments |= {"endpoint": info["url"], "iam_endpoint": info["url"]}
    passed = True
    for version, python in targets.items():
        for module in MODULES:
            ask = [str(bin_folder / "ansible"), "localhost", "-m", f"huaweicloud.workspace.{module}"]
            ask += ["-a", json.dumps(arguments), "-e", f"ansible_python_interpreter={python}"]
            asked = project.answer(*ask, cwd=bin_folder.parent, env=env)
            good = asked.good and '"changed": false' in asked.output
            print(f"{module} on Python {version}:", "ok" if good else asked.output, flush=True)
            passed = passed and good
    return passed


def test_core(core: Core, found: dict[str, Path], targets: dict[str, Path], sim: Simulator, report: Report) -> None:
    """Run all tests with one ansible-core."""
    controllers = [version for version in core.controllers if version in found]
    for version in sorted(set(core.controllers) - set(found), key=pythons.sort_key):
        report.leave_out(f"ansible-core {core.series} on Python {version}: not found here")
    if not controllers:
        return
    usable = {version: python for version, python in targets.items() if version in core.targets}
    for version in core.targets:
        if pythons.sort_key(version) >= OLDEST and version not in usable and version not in core.controllers:
            report.leave_out(f"ansible-core {core.series} with modules on Python {version}: not found here")
    bins = {}
    for version in controllers:
        name = f"{core.series}-{version}"
        bins[version] = virtual_environment(name, found[version], f"ansible-core=={core.version}", "requests")
        report.timed(
            core.version, version, "artifact", list(usable), partial(artifact_answers, bins[version], usable, sim)
        )
    first = controllers[0]
    report.timed(core.version, first, "playbooks", [first], partial(playbooks_run, core, found[first]))
    for arguments, on in ansible_test_runs(list(usable)):
        run = partial(run_ansible_test, core, bins[first] / "ansible-test", arguments, found, report)
        report.timed(core.version, first, arguments[0], on, run)


def playbooks_run(core: Core, python: Path) -> bool:
    """Run the integration tests, real playbooks in a checkout, with this core."""
    lists = [str(project.ROOT / "dev" / "requirements" / name) for name in ("demo.txt", "test.txt")]
    wanted = [word for name in lists for word in ("--requirements", name)]
    # Named again: otherwise a candidate is replaced by a release.
    bin_folder = virtual_environment(f"{core.series}-playbooks", python, f"ansible-core=={core.version}", *wanted)
    env = project.environment(HOME=str(PLACE / "home"))
    pytest = [str(bin_folder / "python"), "-m", "pytest", "-q", "--numprocesses", "2", "--dist", "loadfile"]
    return project.succeeds(*pytest, "tests/integration", env=env)


def ansible_test_runs(targets: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the arguments of each run of ansible-test and the target Pythons that it covers."""
    yield ["sanity"], targets
    yield ["units"], targets
    if INTEGRATION.is_dir():
        for version in targets:
            yield ["integration", "--python", version], [version]


def run_ansible_test(core: Core, program: Path, arguments: list[str], found: dict[str, Path], report: Report) -> bool:
    """Run ansible-test in a copy, in virtual environments that it creates itself."""
    with project.copied_collection() as collection:
        outcome = ansible_test.run(
            program, [*arguments, "--venv"], found=found, collection=collection, home=PLACE / "home"
        )
    for line in outcome.left_out:
        report.leave_out(f"ansible-core {core.series}, {arguments[0]}: {line}")
    return outcome.passed


def requests_versions(report: Report) -> None:
    """Test TLS, proxies and failures with several versions of requests, on the Python that runs this."""
    here = ".".join(map(str, sys.version_info[:2]))
    session = (project.BIN / "nox", "--session", "requests-versions")
    report.timed("newest", here, "requests", [here], partial(project.succeeds, *session))


def main() -> int:
    """Run the matrix and print the table."""
    wanted = sys.argv[1:]
    found = pythons.find()
    print("Pythons found:", ", ".join(found), flush=True)
    PLACE.mkdir(parents=True, exist_ok=True)
    report = Report()
    if build.main() != 0:
        return 1
    targets = target_environments(found)
    with Simulator(desktops=40, users=25) as sim:
        cores = list(newest_of_each())
        for core in cores:
            if not wanted or core.series in wanted:
                test_core(core, found, targets, sim, report)
            else:
                report.leave_out(f"ansible-core {core.series}: not asked for")
    # Once, whatever runs beside it: public CI runs each core in a job of its own.
    if not wanted or cores[-1].series in wanted:
        requests_versions(report)
    for series in wanted:
        if series not in {".".join(row.core.split(".")[:2]) for row in report.rows}:
            report.leave_out(
                f"ansible-core {series}: nothing ran; there is no such release from 2.{FIRST} on, or no Python for it"
            )
    if not INTEGRATION.is_dir():
        report.leave_out("ansible-test integration: there are no targets in tests/integration/targets")
    return 0 if report.show() else 1


if __name__ == "__main__":
    sys.exit(main())
