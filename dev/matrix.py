# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the collection with every ansible-core and every Python of this machine, and report what was left out.

For each ansible-core: the integration tests of the checkout, ansible-test's sanity, unit and integration tests, once,
with all target Pythons found. For each Python that can be its controller: the built artifact installed into a fresh
environment, all modules run against the simulator on each target Python, and both inventories read. With the newest
ansible-core, once: the tests of TLS, proxies and failures with several versions of requests.
"""

from __future__ import annotations

import argparse
import json
import os
import re
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
MODULES = sorted(path.stem for path in (project.ROOT / "plugins" / "modules").glob("*.py"))
KINDS = ("artifact", "playbooks", "sanity", "units", "integration", "requests")
#: Desktops of the simulator.
DESKTOPS = 40


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
    """What ran and what did not.

    @param kinds: of tests, which were asked for.
    """

    kinds: list[str]
    rows: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def timed(self, core: str, controller: str, what: str, targets: list[str], job: Callable[[], bool]) -> None:
        """Run a job and record its outcome, if tests of its kind were asked for."""
        if what not in self.kinds:
            return
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
    """Install the artifact, run all modules on each target Python, and read both inventories."""
    place = bin_folder.parent
    collections = place / "collections"
    env = project.environment(
        HOME=str(place / "home"),
        ANSIBLE_COLLECTIONS_PATH=str(collections),
        ANSIBLE_HOME=str(place / "home" / ".ansible"),
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true",
    )
    env["PATH"] = os.pathsep.join([str(bin_folder), env["PATH"]])
    install = [str(bin_folder / "ansible-galaxy"), "collection", "install", "--offline"]
    if not project.succeeds(*install, "-p", collections, project.artifact(), cwd=place, env=env):
        return False
    options = {name: sim.info[name] for name in ("region", "access_key", "secret_key")}
    options |= {"endpoint": sim.url, "iam_endpoint": sim.url}

    hosts = {f"python-{version}": {"ansible_python_interpreter": str(python)} for version, python in targets.items()}
    tasks = [{"name": name, f"huaweicloud.workspace.{name}": options} for name in MODULES]
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}
    (place / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    (place / "playbook.json").write_text(json.dumps([play]), encoding="utf-8")
    run = [str(bin_folder / "ansible-playbook"), "-i", "hosts.json", "playbook.json"]
    modules = project.answer(*run, cwd=place, env=env)
    recap = rf" : ok={len(MODULES)} +changed=0 +unreachable=0 +failed=0 "
    good = modules.good and len(re.findall(recap, modules.output)) == len(hosts)
    print(f"{', '.join(MODULES)} on Python {', '.join(targets)}:", "ok" if good else modules.output, flush=True)

    plugins = {"workspace_desktops": DESKTOPS, "workspace_projects": 1}
    listing = [str(bin_folder / "ansible-inventory"), "--list", "--output", "listed.json"]
    for plugin in plugins:
        (place / f"{plugin}.yml").write_text(
            json.dumps({"plugin": f"huaweicloud.workspace.{plugin}", **options}), encoding="utf-8"
        )
        listing += ["-i", f"{plugin}.yml"]
    inventories = project.answer(*listing, cwd=place, env=env)
    listed = json.loads((place / "listed.json").read_text(encoding="utf-8")) if inventories.good else {}
    found = {plugin: len(listed.get(plugin, {}).get("hosts", ())) for plugin in plugins}
    print("Hosts of the inventories:", "ok" if found == plugins else f"{found} {inventories.output}", flush=True)
    return good and found == plugins


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cores", nargs="*", metavar="SERIES", help="such as 2.16; default: all")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="kinds of tests; default: all")
    asked = parser.parse_args()
    wanted: list[str] = asked.cores
    found = pythons.find()
    print("Pythons found:", ", ".join(found), flush=True)
    PLACE.mkdir(parents=True, exist_ok=True)
    report = Report(asked.only)
    for kind in KINDS:
        if kind not in report.kinds:
            report.leave_out(f"{kind}: not asked for")
    if build.main() != 0:
        return 1
    targets = target_environments(found)
    with Simulator(desktops=DESKTOPS, users=25, status={"REGISTERED": 1.0}) as sim:
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
