# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Ansible and other programs in surroundings of their own, and measure their time and memory."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
DESKTOPS = "huaweicloud.workspace.workspace_connect_desktops_info"
POOLS = "huaweicloud.workspace.workspace_desktop_pool_info"
POOL_INFO = "huaweicloud.workspace.workspace_pool_info"
TASKS = "huaweicloud.workspace.workspace_scheduled_task_info"
PING = "ansible.builtin.ping"
ROWS = "bench.empty.rows_info"

#: Far beyond what anything here takes.
_LONGEST_RUN = 600

#: What would reach in from outside: credentials, proxies, certificates, Ansible's settings.
_FOREIGN = ("HUAWEICLOUD_", "HW_", "ANSIBLE_")
_FOREIGN_NAMES = {"http_proxy", "https_proxy", "all_proxy", "requests_ca_bundle", "curl_ca_bundle"}

# As many records as asked for, made without any work, in the shape that the API's have.
_ROWS_MODULE = '''
from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: rows_info
short_description: Return records that cost nothing to get
options: {rows: {type: int, required: true, description: [How many.]}}
"""


def main():
    module = AnsibleModule({"rows": {"type": "int", "required": True}}, supports_check_mode=True)
    module.exit_json(
        changed=False,
        desktops=[
            {
                "desktop_id": "3fa80a6b-6ba5-4d5f-8d34-%012d" % number,
                "desktop_name": "desk-%05d" % number,
                "connect_status": "REGISTERED",
                "attach_users": [
                    {
                        "id": "5d2bd8ee5b2b4a8a9a9e%012d" % number,
                        "name": "alice%d" % number,
                        "user_group": "users",
                        "type": "USER",
                    }
                ],
            }
            for number in range(module.params["rows"])
        ],
    )


if __name__ == "__main__":
    main()
'''


class BenchError(Exception):
    """What was to be measured did not work; its output says why."""


@dataclass
class Samples:
    """Seconds of several runs of the same thing."""

    seconds: list[float] = field(default_factory=list)
    #: Of all processors together, of the command and all that it started.
    cpu_seconds: list[float] = field(default_factory=list)

    @property
    def cpu_median(self) -> float:
        return statistics.median(self.cpu_seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Memory:
    """The largest resident memory in MiB: of the module's process, and of the largest other one (Ansible's own)."""

    module: float
    ansible: float


class Workbench:
    """A temporary HOME with the collection of this checkout and the empty module in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        collections = folder / "ansible_collections"
        (collections / "huaweicloud").mkdir(parents=True)
        (collections / "huaweicloud" / "workspace").symlink_to(ROOT, target_is_directory=True)
        modules = collections / "bench" / "empty" / "plugins" / "modules"
        modules.mkdir(parents=True)
        (modules / "rows_info.py").write_text(_ROWS_MODULE, encoding="utf-8")
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_FOREIGN) and name.lower() not in _FOREIGN_NAMES
        }
        self.env.update(
            HOME=str(folder),
            ANSIBLE_HOME=str(folder / ".ansible"),
            ANSIBLE_COLLECTIONS_PATH=str(folder),
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_NOCOLOR="true",
            PYTHONPATH=str(folder),
            # Ansible starts as it does for its users: compiled once.
            PYTHONDONTWRITEBYTECODE="",
            PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        )
        self._files = 0

    def playbook(self, tasks: Sequence[Mapping[str, Any]]) -> list[str]:
        """The command that runs these tasks on this machine."""
        self._files += 1
        path = self.folder / f"playbook-{self._files}.yml"
        path.write_text(
            json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}]), encoding="utf-8"
        )
        return ["ansible-playbook", str(path)]

    def on_hosts(self, hosts: Mapping[str, Mapping[str, Any]], task: Mapping[str, Any]) -> list[str]:
        """The command that runs a task for hosts with these variables, all at once, each on this machine."""
        command = self.playbook([task])
        path = Path(command[-1])
        plays = json.loads(path.read_text(encoding="utf-8"))
        plays[0].update(hosts="all", connection="local")
        path.write_text(json.dumps(plays), encoding="utf-8")
        inventory = self.folder / f"hosts-{self._files}.json"
        local = {"ansible_python_interpreter": sys.executable}
        inventory.write_text(
            json.dumps({"all": {"hosts": {name: {**local, **variables} for name, variables in hosts.items()}}}),
            encoding="utf-8",
        )
        return [*command, "-i", str(inventory), "--forks", str(len(hosts))]

    def ad_hoc(self, module: str, options: Mapping[str, Any]) -> list[str]:
        """The command that runs one module once."""
        return ["ansible", "localhost", "-m", module, *(["-a", json.dumps(options)] if options else [])]

    def run(self, command: Sequence[str], *, watch: bool = False) -> tuple[float, Memory | None]:
        """Run a command to its end.

        @param watch: look at the memory of its processes, which costs a little time.
        @returns: seconds, and the memory if it was asked for.
        @raises BenchError: it failed.
        """
        with tempfile.TemporaryFile() as output:
            began = time.perf_counter()
            process = subprocess.Popen(
                list(command), env=self.env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
            watcher = _Watcher(process.pid) if watch else None
            try:
                code = process.wait(_LONGEST_RUN)
            except BaseException:
                process.kill()
                process.wait()
                raise
            seconds = time.perf_counter() - began
            memory = watcher.stop() if watcher else None
            if code:
                output.seek(0)
                text = output.read()[-2000:].decode("utf-8", "replace")
                raise BenchError(f"{command[0]} ended with {code}:\n{text}")
        return seconds, memory

    def interleaved(self, commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Samples]:
        """Run all commands in turn, several times over, so that a slow moment of the machine hits all of them."""
        samples = {name: Samples() for name in commands}
        for _round in range(rounds):
            for name, command in commands.items():
                before = _cpu_of_children()
                samples[name].seconds.append(self.run(command)[0])
                samples[name].cpu_seconds.append(_cpu_of_children() - before)
        return samples


def _cpu_of_children() -> float:
    """Processor time of all children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


class _Watcher:
    """Looks at a process and all that it started, many times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = {"module": 0, "ansible": 0}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            with contextlib.suppress(psutil.Error):
                top = psutil.Process(self._pid)
                for process in [top, *top.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error):
                        kind = "module" if any("AnsiballZ" in word for word in process.cmdline()) else "ansible"
                        self._most[kind] = max(self._most[kind], process.memory_info().rss)

    def stop(self) -> Memory:
        self._over.set()
        self._thread.join()
        return Memory(self._most["module"] / 2**20, self._most["ansible"] / 2**20)


def pair_ratio(one: Samples, other: Samples) -> float:
    """The median of the ratios of runs that were neighbours."""
    return statistics.median(a / b for a, b in zip(one.seconds, other.seconds))


@contextlib.contextmanager
def workbench() -> Iterator[Workbench]:
    """Yield a workbench that is cleared away afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Workbench(Path(folder))
