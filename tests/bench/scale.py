# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far it goes: more desktops than one query returns, audits, many projects, and many desktops as hosts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from simulator.client import Simulator

from bench.cases import keys_of
from bench.workbench import DESKTOPS, PING, Workbench

DETAIL = "huaweicloud.workspace.workspace_desktop_info"
AUDIT = "huaweicloud.workspace.workspace_audit_info"
WAIT = "huaweicloud.workspace.workspace_wait_for_free_desktops"
FORKS = 10

#: Desktops of the pool that is checked.
POOL = 50

# What it costs at least to read the same: the same requests, as many at once, each answer parsed and kept.
_READ = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import requests

url, token, targets = json.load(open(sys.argv[1], encoding="utf-8"))
session = requests.Session()
session.headers["X-Auth-Token"] = token


def read(target):
    answer = session.get(url + target, timeout=60)
    answer.raise_for_status()
    return answer.json()


with ThreadPoolExecutor(4) as pool:
    kept = list(pool.map(read, targets))
"""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """Something of ours beside something that Ansible does anyway.

    @param requests: that it sent.
    @param beside: what it is compared with, and `beside_seconds` how long that takes.
    """

    what: str
    seconds: float
    requests: int
    beside: str
    beside_seconds: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.beside_seconds


def many_desktops(bench: Workbench, desktops: int, say: Say) -> list[Compared]:
    """More desktops than connect-desktops returns, by both modules that list desktops."""
    rows = []
    with Simulator(desktops=desktops, users=desktops // 20) as sim:
        for module in (DESKTOPS, DETAIL):
            say(f"{desktops:,} desktops by {module.rsplit('.', 1)[1]}")
            whole = {"register": "result", "failed_when": f"result.desktops | length != {desktops}"}
            commands = {
                "ping": bench.playbook([{PING: {}}]),
                "ours": bench.playbook([{module: keys_of(sim), **whole}]),
            }
            sim.clear()
            found = bench.interleaved(commands, 1)
            rows.append(
                Compared(
                    f"{desktops:,} desktops, {module.rsplit('.', 1)[1]}",
                    found["ours"].median,
                    sim.counters()["requests"],
                    "ping",
                    found["ping"].median,
                )
            )
    return rows


def pool_check(bench: Workbench, desktops: int, rounds: int, say: Say) -> list[Compared]:
    """The check of a pool before maintenance, against the check of all desktops of the project."""
    say(f"the check of a pool among {desktops:,} desktops")
    tenant = bench.folder / "pool.yml"
    generated = {"desktops": desktops - POOL, "users": desktops // 4, "pools": 5, "status": {"REGISTERED": 1}}
    pool = [{"name": f"pool-{number}", "pool": "measured"} for number in range(POOL)]
    project = {"region": "cn-north-4", "generate": generated, "desktops": pool}
    tenant.write_text(yaml.safe_dump({"projects": [project]}), encoding="utf-8")
    with Simulator(tenant=tenant) as sim:
        commands = {
            "all": bench.playbook([{WAIT: keys_of(sim)}]),
            "pool": bench.playbook([{WAIT: keys_of(sim, pool_names=["measured"])}]),
        }
        bench.interleaved(commands, 1)
        sim.clear()
        bench.run(commands["pool"])
        requests = sim.counters()["requests"]
        found = bench.interleaved(commands, rounds)
    return [
        Compared(
            f"Check of a pool of {POOL} among {desktops:,} desktops",
            found["pool"].median,
            requests,
            "the check of all of them",
            found["all"].median,
        )
    ]


def audits(bench: Workbench, counts: tuple[int, ...], say: Say) -> list[Compared]:
    """The audit of a project in which one desktop in a hundred is out of order, against its requests alone."""
    rows = []
    for count in counts:
        say(f"the audit of {count:,} desktops")
        with Simulator(desktops=count, users=count // 20) as sim:
            result, requests = bench.folder / "result.json", bench.folder / "requests.json"
            options = keys_of(sim, findings=["desktops_of_unknown_users"])
            audit: dict[str, Any] = {AUDIT: options, "register": "result"}
            content = "{{ result | to_json }}"
            keep = {"ansible.builtin.copy": {"content": content, "dest": str(result), "mode": "0600"}}
            bench.run(bench.playbook([audit, keep]))
            targets = [entry["target"] for entry in sim.requests()]
            requests.write_text(json.dumps([sim.url, sim.info["token"], targets]), encoding="utf-8")
            commands = {
                "alone": [sys.executable, "-c", _READ, str(requests)],
                "ours": bench.playbook([audit]),
            }
            found = bench.interleaved(commands, 1)
        rows.append(
            Compared(
                f"Audit of {count:,} desktops, a result of {result.stat().st_size / 1024:.0f} KiB",
                found["ours"].median,
                len(targets),
                "the same requests by requests alone",
                found["alone"].median,
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
