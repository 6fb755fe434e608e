# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Ansible and other programs in a temporary HOME, and compare their times."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

#: Seconds after which a command is ended.
LONGEST_RUN = 600

Command = Sequence[str]

# Settings of the user that would change what is measured.
_FOREIGN = ("HUAWEICLOUD_", "HW_", "ANSIBLE_")
_FOREIGN_NAMES = {"http_proxy", "https_proxy", "all_proxy", "requests_ca_bundle", "curl_ca_bundle"}

# Returns as many records as requested, in the shape of the API, without any work.
_ROWS_MODULE = '''
from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: rows_info
short_description: Return records
options: {rows: {type: int, required: true, description: [The number of records.]}}
"""


def main():
    module = AnsibleModule({"rows": {"type": "int", "required": True}}, supports_check_mode=True)
    user = {"id": "5d2bd8ee5b2b4a8a9a9e000000000000", "name": "alice", "user_group": "users", "type": "USER"}
    ids = ["3fa80a6b-6ba5-4d5f-8d34-%012d" % number for number in range(module.params["rows"])]
    module.exit_json(
        changed=False,
        desktops=[
            {"desktop_id": one, "desktop_name": one[:20], "connect_status": "REGISTERED", "attach_users": [dict(user)]}
            for one in ids
        ],
    )


if __name__ == "__main__":
    main()
'''


class BenchError(Exception):
    """A measured command failed; the message contains its output."""


@dataclass(frozen=True)
class Comparison:
    """A command, and another one that it is compared with.

    @param what: what the command does.
    @param against: what the other one does.
    @param least: seconds that the service needs at least, added to the time of the other command.
    @param rounds: how often both are run, in turn.
    """

    what: str
    command: Command
    against: str
    other: Command
    least: float = 0.0
    rounds: int = 3


@dataclass(frozen=True)
class Measured:
    """The result of a comparison. Ratios are medians of the ratios of neighbouring runs.

    @param cpu_ratio: of the processor time; `None` if `least` makes it meaningless.
    """

    comparison: Comparison
    seconds: float
    other_seconds: float
    ratio: float
    cpu_ratio: float | None


class Workbench:
    """A HOME with the collection of this checkout and the module `bench.empty.rows_info`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        collections = folder / "ansible_collections"
        (collections / "huaweicloud").mkdir(parents=True)
        (collections / "huaweicloud" / "workspace").symlink_to(ROOT, target_is_directory=True)
        modules = collections / "bench" / "empty" / "plugins" / "modules"
        modules.mkdir(parents=True)
        (modules / "rows_info.py").write_text(_ROWS_MODULE, encoding="utf-8")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_FOREIGN) and name.lower() not in _FOREIGN_NAMES
        }
        self.env = kept | {
            "HOME": str(folder),
            "ANSIBLE_HOME": str(folder / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(folder),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "PYTHONDONTWRITEBYTECODE": "",  # Ansible itself is compiled once, as for its users
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        self._files = 0

    def file(self, suffix: str, content: Any) -> str:
        """The path of a new file with this content, as JSON unless it is a string."""
        self._files += 1
        path = self.folder / f"{self._files}-{suffix}"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def playbook(self, *tasks: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]] | None = None) -> Command:
        """The command that runs these tasks, on this machine for each of the hosts, all at once.

        @param hosts: host -> variables; the default is localhost.
        """
        play = {"hosts": "all" if hosts else "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
        command = ["ansible-playbook", self.file("playbook.yml", [play])]
        if not hosts:
            return command
        local = {"ansible_python_interpreter": sys.executable}
        inventory = {"all": {"hosts": {name: {**local, **variables} for name, variables in hosts.items()}}}
        return [*command, "-i", self.file("hosts.json", inventory), "--forks", str(len(hosts))]

    def ad_hoc(self, module: str, options: Mapping[str, Any] | None = None) -> Command:
        """The command that runs one module once."""
        return ["ansible", "localhost", "-m", module, *(["-a", json.dumps(options)] if options else [])]

    def run(self, command: Command) -> tuple[float, float]:
        """Run a command to its end, and return its seconds and those of the processors.

        @raises BenchError: it failed.
        """
        cpu, began = os.times(), time.perf_counter()
        done = subprocess.run(
            command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_RUN,
            check=False,
        )
        seconds, after = time.perf_counter() - began, os.times()
        if done.returncode:
            output = done.stdout[-2000:].decode("utf-8", "replace")
            raise BenchError(f"{command[0]} ended with {done.returncode}:\n{output}")
        used = after.children_user + after.children_system - cpu.children_user - cpu.children_system
        return seconds, used

    def compare(self, case: Comparison, *, quick: bool) -> Measured:
        """Run both commands in turn, so that other load on the machine affects both."""
        rounds = 1 if quick else case.rounds
        if rounds > 1:
            self.run(case.command)  # files are compiled and cached once
        counted = [(self.run(case.command), self.run(case.other)) for _round in range(rounds)]
        median = statistics.median
        return Measured(
            case,
            median(ours[0] for ours, _other in counted),
            median(other[0] for _ours, other in counted) + case.least,
            median(ours[0] / (other[0] + case.least) for ours, other in counted),
            None if case.least else median(ours[1] / other[1] for ours, other in counted),
        )
