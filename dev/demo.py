# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate the collection: run demo.yml, an inventory and two audits against a simulated company."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import project

sys.path.insert(0, str(project.ROOT / "tests"))

from simulator.cli import variables
from simulator.client import Simulator, SimulatorError

STATUSES = {"CONNECTED": 0.016, "DISCONNECTED": 0.007, "REGISTERED": 0.7}
FLEET = {"desktops": 320, "users": 260, "pools": 12, "human_names": True, "status": STATUSES}

#: The keys of an auditor whose policy lacks an action that the audit needs.
AUDITOR: dict[str, Any] = {
    "access_key": "AUDITORACCESSKEY0001",
    "secret_key": "secret-key-of-the-auditor",
    "actions": [
        *("iam:projects:listProjects", "workspace:desktops:listDetail", "workspace:users:list"),
        *("workspace:desktopPools:list", "workspace:desktopPools:listByUsers"),
        *("workspace:userGroups:list", "workspace:userGroups:getUsers"),
    ],
}

#: A medium-sized company in the evening.
COMPANY: dict[str, Any] = {
    "projects": [{"region": "cn-north-4", "generate": FLEET}],
    "credentials": [{"access_key": "ADMINACCESSKEY000001", "secret_key": "secret-key-of-the-admin"}, AUDITOR],
}

INVENTORY = """\
plugin: huaweicloud.workspace.workspace_desktops
keyed_groups:
  - key: workspace_login_status | lower
    prefix: login
"""


def environment(simulator: Simulator, folder: Path) -> dict[str, str]:
    """Return the environment for commands, with the keys of the simulated company and without those of the user."""
    link = folder / "ansible_collections" / "huaweicloud" / "workspace"
    link.parent.mkdir(parents=True)
    link.symlink_to(project.ROOT, target_is_directory=True)
    kept = {
        name: value
        for name, value in project.environment().items()
        if not name.startswith(("HUAWEICLOUD_", "HW_")) and not name.lower().endswith(("_proxy", "_ca_bundle"))
    }
    return {
        **kept,
        **variables(simulator.info),
        "AUDITOR_ACCESS_KEY": AUDITOR["access_key"],
        "AUDITOR_SECRET_KEY": AUDITOR["secret_key"],
        "HOME": str(folder),
        "ANSIBLE_HOME": str(folder / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "LC_ALL": "C.UTF-8",
    }


def change_desktops(simulator: Simulator, report: Path) -> None:
    """Repair two of the desktops whose agent is not registered, and let that of another one fail."""
    (answer,) = json.loads(report.read_text(encoding="utf-8"))["projects"].values()
    repaired = [record["desktop_id"] for record in answer["findings"]["desktops_running_unregistered"][:2]]
    simulator.set_status("REGISTERED", ids=repaired)
    running = ("ACTIVE", "REGISTERED", "")
    failed = next(
        desktop["desktop_id"]
        for desktop in simulator.records()["desktops/detail"]
        if (desktop["status"], desktop["login_status"], desktop["task_status"]) == running
        and desktop["desktop_id"] not in repaired
    )
    simulator.set_status("UNREGISTER", ids=[failed])


def main() -> int:
    """Run the steps; return 0 if all of them passed."""
    folder = project.CACHE / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "demo.yml").write_bytes((project.ROOT / "dev" / "demo.yml").read_bytes())
    (folder / "workspace_desktops.yml").write_text(INVENTORY, encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory(prefix="demo-") as home, Simulator(tenant=COMPANY, seed=168) as simulator:
            desktops = simulator.project()["desktops"]
            kiosk = next(one["desktop_name"] for one in desktops if one["connect_status"] == "CONNECTED")
            given = json.dumps({"simulator": simulator.url, "kiosk": kiosk}, ensure_ascii=False)
            env = environment(simulator, Path(home))

            def run(title: str, *command: str) -> None:
                """Show and run a command in the folder of the demo, as somebody at a terminal would."""
                print(f"\n\n{title}\n\n$ {shlex.join(command)}\n", flush=True)
                program = Path(sys.executable).with_name(command[0])
                subprocess.run([program, *command[1:]], cwd=folder, env=env, stdin=subprocess.DEVNULL, check=True)

            listed = ("ansible", "login_connected", "-i", "workspace_desktops.yml", "--list-hosts")
            audit = ("ansible-playbook", "huaweicloud.workspace.audit", "-e")
            run("1  The inventory: the connected desktops as hosts", *listed)
            run("2  The modules: who is at work, and a check that waits", "ansible-playbook", "demo.yml", "-e", given)
            run("3  An audit of the project", *audit, "workspace_report_file=audit.json")
            change_desktops(simulator, folder / "audit.json")
            compared = ("workspace_previous_report=audit.json", "-e", "workspace_report_file=audit.html")
            run("4  The next audit, with the changes since the first one", *audit, *compared)
    except (subprocess.CalledProcessError, SimulatorError) as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    print(f"\nThe report of the audit is {(folder / 'audit.html').relative_to(project.ROOT)}. To try the collection")
    print("yourself, run `make simulator`. README.md describes how to query your own project.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
