# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate the collection: run its playbooks and plugins against a simulated service on this machine."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import project

sys.path.insert(0, str(project.ROOT / "tests"))

from simulator.client import Simulator, SimulatorError

#: A medium-sized company in the evening.
COMPANY: dict[str, Any] = {"desktops": 320, "users": 260, "pools": 12, "seed": 168, "human_names": True}
STATUSES = {"CONNECTED": 0.016, "DISCONNECTED": 0.007, "REGISTERED": 0.7}
WIDTH = 100

#: Environment variables of the user that the demo must not use.
_FOREIGN = ("HUAWEICLOUD_", "HW_")
_FOREIGN_NAMES = ("http_proxy", "https_proxy", "all_proxy", "requests_ca_bundle")


class DemoError(Exception):
    """A step failed."""


def width(text: str) -> int:
    """Return the width of a text in a terminal, where a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(rows: Sequence[Sequence[Any]], *, numbers: Iterable[int] = ()) -> None:
    """Print a table whose first row is the heading.

    @param numbers: the right-aligned columns.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in cells) for column in range(len(cells[0]))]
    cells.insert(1, ["-" * size for size in widths])
    for row in cells:
        line = "    "
        for column, cell in enumerate(row):
            space = " " * (widths[column] - width(cell))
            line += (space + cell if column in numbers else cell + space) + "  "
        print(line.rstrip(), flush=True)
    print()


def shortened(names: Iterable[str], longest: int, separator: str = ", ") -> str:
    """Return the first names, as many as fit into the given width."""
    shown = ""
    for name in names:
        if width(f"{shown}{separator}{name}{separator}...") > longest:
            return f"{shown}{separator}..."
        shown = f"{shown}{separator}{name}" if shown else name
    return shown


def count_table(report: dict[str, Any]) -> None:
    """Print the number of desktops in each status."""
    counts = report["connect_status_counts"]
    table([[*counts, "all"], [*counts.values(), report["desktop_count"]]], numbers=range(len(counts) + 1))


def environment(simulator: Simulator, folder: Path) -> dict[str, str]:
    """Return the environment for commands, with the keys of the simulated company."""
    link = folder / "ansible_collections" / "huaweicloud" / "workspace"
    link.parent.mkdir(parents=True)
    link.symlink_to(project.ROOT, target_is_directory=True)
    info = simulator.info
    found = {
        name: value
        for name, value in project.environment().items()
        if not name.startswith(_FOREIGN) and name.lower() not in _FOREIGN_NAMES
    }
    return found | {
        "HOME": str(folder),
        "ANSIBLE_HOME": str(folder / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_NOCOLOR": "true",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",  # show lines while a playbook waits
        "HW_REGION_NAME": info["region"],
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
        "HUAWEICLOUD_SDK_REGION_WORKSPACE_" + info["region"].upper().replace("-", "_"): info["url"],
    }


class Show:
    """Runs playbooks and reads their reports.

    @param env: the environment of the playbooks.
    @param folder: the folder for the reports.
    """

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._env = env
        self._folder = folder
        self.code = -1
        self.verdict = ""

    def play(self, name: str, *variables: str, waiting: Callable[[str], None] = print) -> dict[str, Any]:
        """Run a playbook and return its report. Set `code` to the exit code and `verdict` to a sentence about the run.

        @param waiting: called for each line that the task prints while it waits.
        """
        command = ["ansible-playbook", f"huaweicloud.workspace.{name}"]
        for variable in variables:
            command += ["-e", variable]
        print("    $ " + shlex.join(command[:2]), end="")
        for position in range(2, len(command), 2):
            print(" \\\n        " + shlex.join(command[position : position + 2]), end="")
        print("\n", flush=True)
        command[0] = str(Path(sys.executable).with_name("ansible-playbook"))
        report = self._folder / "report.json"
        report.unlink(missing_ok=True)
        started, output = time.monotonic(), []
        with subprocess.Popen(
            [*command, "-e", f"workspace_report_file={report}"],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as process:
            for line in process.stdout or ():
                output.append(line)
                if line.startswith("[localhost] "):
                    waiting(line.removeprefix("[localhost] ").rstrip())
        self.code = process.returncode
        self.verdict = (
            f"ansible-playbook {'passed' if not self.code else 'failed'} in {time.monotonic() - started:.1f} s"
        )
        if not report.exists():
            raise DemoError("".join(["the playbook ended without a report:\n", *output]))
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found

    def keep(self, name: str) -> Path:
        """Rename the last report to keep it."""
        return (self._folder / "report.json").rename(self._folder / name)

    def page(self, name: str, path: Path, previous: Path) -> list[str]:
        """Run a playbook that compares with an earlier report and writes an HTML file; return its output."""
        shown = f"workspace_report_file={path.relative_to(project.ROOT)}"
        command = ["ansible-playbook", f"huaweicloud.workspace.{name}"]
        print("    $ " + shlex.join(command) + f" \\\n        -e workspace_previous_report={previous.name} \\")
        print(f"        -e {shown}\n", flush=True)
        command += ["-e", f"workspace_previous_report={previous}", "-e", shown]
        path.unlink(missing_ok=True)
        command[0] = str(Path(sys.executable).with_name(command[0]))
        done = subprocess.run(
            command,
            cwd=project.ROOT,
            env=self._env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode or not path.exists():
            raise DemoError(f"the playbook wrote no HTML file:\n{done.stdout}{done.stderr}")
        return done.stdout.splitlines()


def expect(right: bool, complaint: str) -> None:
    """End the demo if a condition is false."""
    if not right:
        raise DemoError(complaint)


def graph(env: dict[str, str], folder: Path, desktops: Sequence[dict[str, Any]]) -> None:
    """Step 1: the desktops as an inventory, with a few hosts of each group."""
    print("1  The desktops as an inventory, grouped by connection status. The inventory file:\n")
    lines = [
        "plugin: huaweicloud.workspace.workspace_desktops",
        "keyed_groups:",
        "  - key: workspace_login_status | lower",
        "    prefix: login",
    ]
    for line in lines:
        print(f"    {line}")
    path = folder / "workspace_desktops.yml"
    path.write_text("\n".join(lines), encoding="utf-8")
    print(f"\n    $ ansible-inventory -i {path.name} --graph\n", flush=True)
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(path), "--graph"]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    groups: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if "@" in line:
            groups[line] = []
        else:
            groups[list(groups)[-1]].append(line)
    for heading, hosts in groups.items():
        print("    " + heading)
        for line in hosts[:2]:
            print("    " + line)
        if len(hosts) > 2:
            print(f"      |  |  ... and {len(hosts) - 2} more")
    print()
    expect(done.returncode == 0, f"the inventory failed: {done.stderr}")
    expect(len(groups["  |--@workspace_desktops:"]) == len(desktops), "the inventory lacks desktops")


def check_fails(show: Show, simulator: Simulator, allowed: str) -> list[dict[str, Any]]:
    """Step 2: the check fails and names the desktops in use. Return them."""
    print("2  The check before maintenance fails, because desktops are in use. One desktop is allowed to be in use.")
    print("   Disconnected sessions count as in use, because they may contain unsaved work.\n")
    report = show.play("pre_maintenance_check", allowed)["projects"]["localhost"]
    for line in report["msg"].splitlines():
        print(f"    {line}")
    print()
    count_table(report)
    busy: list[dict[str, Any]] = report["in_use"]
    truth = {
        desktop["desktop_id"]
        for desktop in simulator.project()["desktops"]
        if desktop["connect_status"] in ("CONNECTED", "DISCONNECTED")
    }
    named = {desktop["desktop_id"] for desktop in busy + report["in_use_but_allowed"]}
    expect(show.code != 0, "the check passed although desktops are in use")
    expect(named == truth, "the check does not name exactly the desktops in use")
    expect(all(desktop["desktop_name"] in report["msg"] for desktop in busy), "the message does not name all desktops")
    allowed_ones = ", ".join(desktop["desktop_name"] for desktop in report["in_use_but_allowed"])
    print(f"    NOT FREE: {len(busy)} desktops are in use, in addition to the allowed {allowed_ones}.")
    print(f"    {show.verdict}, as expected.\n")
    return busy


def check_waits(show: Show, simulator: Simulator, allowed: str, busy: list[dict[str, Any]]) -> None:
    """Step 3: the same check waits while users log off, two at a time, and passes after the last one."""
    print("3  The same check waits for up to 20 seconds, while users log off.\n")

    def log_off(line: str) -> None:
        print(f"    {shortened(line.split(), WIDTH - 4, ' ')}", flush=True)
        leaving = [busy.pop(0) for _turn in range(min(2, len(busy)))]
        simulator.set_status("REGISTERED", ids=[desktop["desktop_id"] for desktop in leaving])

    report = show.play("pre_maintenance_check", allowed, "workspace_wait=20", "workspace_interval=1", waiting=log_off)
    result = report["projects"]["localhost"]
    print()
    count_table(result)
    expect(show.code == 0 and result["free"], "the check failed although no desktop is in use")
    expect(not busy, "the check passed while desktops were in use")
    expect(len(result["checks"]) > 1, "the check did not wait")
    print(f"    FREE: {result['msg']}")
    print(f"    {show.verdict}.\n")


def audit(show: Show, simulator: Simulator) -> dict[str, Any]:
    """Step 4: print the audit as a table, and return its findings."""
    print("4  An audit of the project:\n")
    report = show.play("audit")["projects"]["localhost"]
    rows = [["finding", "count", "examples"]]
    for finding, records in report["findings"].items():
        if records:
            name = next(key for key in records[0] if key.endswith("_name"))
            named = shortened([record[name] or "?" for record in records], 48)
            rows.append([finding.replace("_", " "), str(len(records)), named])
    table(rows, numbers=[1])
    tenant = simulator.project()
    expect(show.code == 0, "the audit failed")
    expect(report["desktop_count"] == len(tenant["desktops"]), "the audit did not read all desktops")
    expect(report["user_count"] == len(tenant["users"]), "the audit did not read all users")
    expect(len(rows) > 4, "the audit misses findings")
    counts = [report[f"{kind}_count"] for kind in ("desktop", "user", "pool")]
    print("    {} desktops, {} users and {} pools were read.".format(*counts))
    print(f"    {show.verdict}.\n")
    findings: dict[str, Any] = report["findings"]
    return findings


def audit_again(show: Show, simulator: Simulator, before: dict[str, Any]) -> None:
    """Step 5: some desktops are repaired and another one fails. The next audit reports the changes in an HTML file."""
    print("5  Two desktops are repaired, and another one fails. The next audit reports the changes:\n")
    repaired = [desktop["desktop_id"] for desktop in before["desktops_running_unregistered"][:2]]
    simulator.set_status("REGISTERED", ids=repaired)
    failed = next(
        desktop["desktop_id"]
        for desktop in simulator.records()["desktops/detail"]
        if (desktop["status"], desktop["login_status"], desktop["task_status"]) == ("ACTIVE", "REGISTERED", "")
        and desktop["desktop_id"] not in repaired
    )
    simulator.set_status("UNREGISTER", ids=[failed])
    page = project.ROOT / ".cache" / "demo" / "audit.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    output = show.page("audit", page, show.keep("audit.json"))
    changed = [line for line in output if line.startswith("Since ")]
    expect(len(changed) == 1 and ": 1 new, 2 resolved." in changed[0], f"the audit did not compare: {output}")
    for line in changed:
        print(f"    {line}")
    for line in output:
        for finding in re.findall(r"\S+ \d+ \([^)]*\d+ (?:new|resolved)\)", line):
            print(f"      {finding}")
    print("\n    The HTML report marks the changes.\n")


async def _listen(args: dict[str, Any], steps: Sequence[Callable[[], object]], count: int) -> list[str]:
    """Run the event source as in a rulebook, run a step after each check, and return the types of `count` events."""
    source = runpy.run_path(str(project.ROOT / "extensions/eda/plugins/event_source/desktop_connections.py"))
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)
    task = asyncio.create_task(source["main"](queue, {**args, "events": [*source["EVENTS"]], "interval": 0.2}))
    found: list[str] = []
    left = list(steps)
    try:
        while len(found) < count:
            event = (await asyncio.wait_for(queue.get(), 30))["desktop_connections"]
            if event["type"] != "snapshot":
                found.append(event["type"])
                name = event["desktop"]["desktop_name"] if event["desktop"] else ""
                print(f"    {event['at']}  {event['type']:<15} {name}".rstrip(), flush=True)
            elif left:
                left.pop(0)()
    except asyncio.TimeoutError:
        raise DemoError("the event source sends no event") from None
    finally:
        task.cancel()
        await asyncio.wait({task})
    return found


def events(simulator: Simulator) -> None:
    """Step 6: two users connect and disconnect, and the event source reports each change."""
    print("6  The event source for Event-Driven Ansible, while two users connect and log off:\n")
    free = [item for item in simulator.project()["desktops"] if item["connect_status"] == "REGISTERED"]
    first, second = [item for item in free if len(item["attach_users"]) == 1][:2]
    names = [first["desktop_name"], second["desktop_name"]]
    users = [item["attach_users"][0]["name"] for item in (first, second)]
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    info = simulator.info
    keys = {name: info[name] for name in ("region", "project_id", "access_key", "secret_key")}
    steps = [
        lambda: simulator.set_status("CONNECTED", names=names[:1]),
        lambda: simulator.set_status("CONNECTED", names=names[1:]),
        lambda: simulator.set_status("DISCONNECTED", names=names[:1]),
        lambda: simulator.set_status("REGISTERED", names=names),
    ]
    expected = ["no_longer_free", "connected", "connected", "disconnected", "all_free", "released", "released"]
    found = asyncio.run(_listen({**keys, "endpoint": info["url"], "user_names": users}, steps, len(expected)))
    expect(found == expected, "events are missing")
    print("\n    On all_free, a rulebook can run a playbook that patches the desktops.\n")


def main() -> int:
    """Run the steps; return 0 if all of them passed."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory(prefix="demo-") as folder, Simulator(**COMPANY, status=STATUSES) as simulator:
            print("=" * WIDTH)
            print("huaweicloud.workspace: demonstration with a simulated company on this machine")
            print("=" * WIDTH + "\n", flush=True)
            env = environment(simulator, Path(folder))
            graph(env, Path(folder), simulator.project()["desktops"])
            show = Show(env, Path(folder))
            connected = [item for item in simulator.project()["desktops"] if item["connect_status"] == "CONNECTED"]
            # The desktop with the fewest users, such as a kiosk.
            kiosk = min(connected, key=lambda item: len(item["attach_users"]))["desktop_name"]
            allowed = json.dumps({"workspace_allowed_desktops": [kiosk]}, ensure_ascii=False)
            check_waits(show, simulator, allowed, check_fails(show, simulator, allowed))
            audit_again(show, simulator, audit(show, simulator))
            events(simulator)
    except (DemoError, SimulatorError) as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    print("Next: see README.md for how to query your own project.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
