# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the built artifact with one ansible-core: all modules on every Python, and both inventory plugins.

The sessions `artifact-*` of noxfile.py run this script in an environment with the ansible-core.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import project

sys.path.insert(0, str(project.ROOT / "tests"))
from simulator.client import Simulator

PLACE = project.CACHE / "matrix"
MODULES = sorted(path.stem for path in (project.ROOT / "plugins" / "modules").glob("*.py"))
#: Inventory plugin -> the expected number of hosts.
INVENTORIES = {"workspace_desktops": 40, "workspace_projects": 1}


def target(version: str, *, oldest: bool) -> Path | None:
    """Return an interpreter of this version with requests, or None if this Python is not installed.

    The oldest one gets the oldest requests that meta/ee-requirements.txt allows, and the oldest supported urllib3.
    """
    folder = PLACE / f"target-{version}"
    uv = project.BIN / "uv"
    if subprocess.run([uv, "venv", "--quiet", "--clear", "--python", version, folder], check=False).returncode:
        return None
    wanted = (project.ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    package = next(line for line in wanted if line.startswith("requests"))
    packages = [package.partition(",")[0].replace(">=", "=="), "urllib3==1.25.10"] if oldest else [package]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", *packages], check=True)
    return folder / "bin" / "python"


class Installation:
    """The artifact, installed for an ansible-core.

    @param bin_folder: the bin folder of the environment with the ansible-core.
    """

    def __init__(self, bin_folder: Path, sim: Simulator) -> None:
        self.place = PLACE / bin_folder.parent.name
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        self.env = project.environment(
            HOME=str(self.place),
            ANSIBLE_COLLECTIONS_PATH=str(self.place / "collections"),
            ANSIBLE_HOME=str(self.place / ".ansible"),
            ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true",
        )
        self.env["PATH"] = os.pathsep.join([str(bin_folder), self.env["PATH"]])
        self.options = {name: sim.info[name] for name in ("region", "access_key", "secret_key")}
        self.options |= {"endpoint": sim.url, "iam_endpoint": sim.url}
        (artifact,) = (project.ROOT / "dist").glob("huaweicloud-workspace-*.tar.gz")
        self.run("ansible-galaxy", "collection", "install", "--offline", "-p", "collections", str(artifact))

    def run(self, *command: str) -> str:
        """Run a command and return its output. Exit with the output if it fails."""
        done = subprocess.run(
            command, cwd=self.place, env=self.env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def modules_run(self, targets: dict[str, Path]) -> bool:
        """Run all modules on each target Python."""
        hosts = {f"python-{name}": {"ansible_python_interpreter": str(python)} for name, python in targets.items()}
        tasks = [{"name": name, f"huaweicloud.workspace.{name}": self.options} for name in MODULES]
        play = {"hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}
        (self.place / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        (self.place / "playbook.json").write_text(json.dumps([play]), encoding="utf-8")
        output = self.run("ansible-playbook", "-i", "hosts.json", "playbook.json")
        recap = rf" : ok={len(MODULES)} +changed=0 +unreachable=0 +failed=0 "
        good = len(re.findall(recap, output)) == len(hosts)
        print(f"{', '.join(MODULES)} on Python {', '.join(targets)}:", "ok" if good else output, flush=True)
        return good

    def inventories_have_hosts(self) -> bool:
        """List the hosts of both inventory plugins."""
        listing = ["ansible-inventory", "--list"]
        for plugin in INVENTORIES:
            text = json.dumps({"plugin": f"huaweicloud.workspace.{plugin}", **self.options})
            (self.place / f"{plugin}.yml").write_text(text, encoding="utf-8")
            listing += ["-i", f"{plugin}.yml"]
        listed = json.loads(self.run(*listing))
        found = {plugin: len(listed.get(plugin, {}).get("hosts", ())) for plugin in INVENTORIES}
        print("Hosts of the inventories:", found, flush=True)
        return found == INVENTORIES


def main() -> int:
    """Run the modules and the inventory plugins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_folder", type=Path, help="the bin folder of an environment with an ansible-core")
    parser.add_argument("targets", nargs="+", metavar="PYTHON", help="versions for modules, oldest first, such as 3.9")
    arguments = parser.parse_args()
    found = {version: target(version, oldest=version == arguments.targets[0]) for version in arguments.targets}
    targets = {version: python for version, python in found.items() if python}
    print("Not installed: Python", ", ".join(version for version in found if version not in targets) or "none")
    with Simulator(desktops=INVENTORIES["workspace_desktops"], users=25, status={"REGISTERED": 1.0}) as sim:
        installation = Installation(arguments.bin_folder, sim)
        good = installation.modules_run(targets) and installation.inventories_have_hosts()
    return 0 if good and targets else 1


if __name__ == "__main__":
    sys.exit(main())
