# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far it goes: more desktops than one query returns, many projects, and many desktops as hosts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.client import Simulator

from bench.cases import keys_of
from bench.workbench import DESKTOPS, PING, Workbench

DETAIL = "huaweicloud.workspace.workspace_desktop_info"
FORKS = 10

Say = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """Something of ours beside something that Ansible does anyway.

    @param requests: that it sent.
    @param beside: what it is compared with, and C(beside_seconds) how long that takes.
    """

    what: str
    seconds: float
    requests: int
    beside: str
    beside_seconds: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.beside_seconds


def one_status(bench: Workbench, desktops: int, say: Say) -> list[Compared]:
    """Desktops that are all in one status, by both modules that list desktops."""
    rows = []
    with Simulator(desktops=desktops, users=desktops // 20, status={"REGISTERED": 1.0}) as sim:
        for module in (DESKTOPS, DETAIL):
            say(f"{desktops:,} desktops in one status by {module.rsplit('.', 1)[1]}")
            whole = {"register": "result", "failed_when": f"result.desktops | length != {desktops}"}
            commands = {
                "ping": bench.playbook([{PING: {}}]),
                "ours": bench.playbook([{module: keys_of(sim), **whole}]),
            }
            sim.clear()
            found = bench.interleaved(commands, 1)
            rows.append(
                Compared(
                    f"{desktops:,} desktops in one status, {module.rsplit('.', 1)[1]}",
                    found["ours"].median,
                    sim.counters()["requests"],
                    "ping",
                    found["ping"].median,
                )
            )
    return rows


def many_projects(bench: Workbench, counts: tuple[int, ...], say: Say) -> list[Compared]:
    """The audit playbook for many projects, against ping on as many hosts with as many forks."""
    rows = []
    for count in counts:
        say(f"the audit of {count} projects")
        with Simulator(projects=count, desktops=10, users=10) as sim:
            hosts: dict[str, Any] = {
                f"project-{number}": {"workspace_options": keys_of(sim, project_id=project["id"])}
                for number, project in enumerate(sim.info["projects"])
            }
            inventory = bench.folder / f"projects-{count}.json"
            inventory.write_text(json.dumps({"workspace_projects": {"hosts": hosts}}), encoding="utf-8")
            forks = ["--forks", str(FORKS)]
            commands = {
                "ping": [*bench.on_hosts(hosts, {PING: {}})[:-2], *forks],
                "ours": ["ansible-playbook", "huaweicloud.workspace.audit", "-i", str(inventory), *forks],
            }
            sim.clear()
            found = bench.interleaved(commands, 1)
            requests = sim.counters()["requests"]
        rows.append(
            Compared(
                f"Audit of {count} projects, {FORKS} forks",
                found["ours"].median,
                requests,
                "ping on as many hosts",
                found["ping"].median,
            )
        )
    return rows


def inventory(bench: Workbench, desktops: int, say: Say) -> list[Compared]:
    """Desktops as hosts, against a JSON file with the same hosts and variables."""
    say(f"{desktops:,} desktops as hosts")
    with Simulator(desktops=desktops, users=desktops // 2) as sim:
        source = bench.folder / "workspace_desktops.yml"
        options = {"plugin": "huaweicloud.workspace.workspace_desktops", **keys_of(sim)}
        source.write_text(json.dumps(options), encoding="utf-8")
        listed = bench.folder / "listed.json"
        bench.run(["ansible-inventory", "-i", str(source), "--list", "--output", str(listed)])
        document = json.loads(listed.read_text(encoding="utf-8"))
        variables = document["_meta"]["hostvars"]
        static = bench.folder / "static.json"
        static.write_text(json.dumps({"workspace_desktops": {"hosts": variables}}), encoding="utf-8")
        # One of them is enough to have all read.
        task = ["ansible", next(iter(variables)), "-m", "ansible.builtin.debug", "-i"]
        commands = {"static": [*task, str(static)], "ours": [*task, str(source)]}
        sim.clear()
        found = bench.interleaved(commands, 1)
        requests = sim.counters()["requests"]
    return [
        Compared(
            f"{desktops:,} desktops as hosts",
            found["ours"].median,
            requests,
            "a JSON file of the same hosts and variables",
            found["static"].median,
        )
    ]
