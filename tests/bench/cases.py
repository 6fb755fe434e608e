# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from simulator.client import Simulator

from bench.workbench import (
    DESKTOPS,
    PING,
    POOL_INFO,
    POOLS,
    ROWS,
    TASKS,
    BenchError,
    Memory,
    Samples,
    Workbench,
    pair_ratio,
)

LATENCY = 0.05
USERS = 2000
IDS_A_REQUEST = 10
CONCURRENCIES = (1, 4, 16)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    @param rounds: of a single call.
    @param user_rounds: of reading the users.
    @param users: how many of them.
    @param loop: turns of the loop that is extrapolated.
    @param windows: of the limit, that reading at it takes.
    @param sizes: records, and how often they are read.
    @param many_desktops: more desktops than connect-desktops returns.
    @param checked: desktops of the project of which a pool is checked.
    @param audited: desktops of the projects that are audited.
    @param projects: how many are audited by one playbook.
    @param hosts: desktops that become hosts.
    """

    rounds: int = 9
    user_rounds: int = 3
    users: int = USERS
    loop: int = 40
    windows: int = 4
    sizes: tuple[tuple[int, int], ...] = ((100, 5), (1000, 5), (10000, 3), (50000, 2))
    many_desktops: int = 20000
    checked: int = 2000
    audited: tuple[int, ...] = (50, 50000)
    projects: tuple[int, ...] = (30, 120)
    hosts: int = 5000


#: Requests and seconds of a limit: three times as many a second as the service allows, in a shorter window.
LIMIT = (100, 10)

QUICK = Effort(
    rounds=2,
    user_rounds=1,
    users=200,
    loop=4,
    windows=2,
    sizes=((100, 1), (1000, 1)),
    many_desktops=4500,
    checked=200,
    audited=(50, 2000),
    projects=(6,),
    hosts=300,
)


@dataclass(frozen=True)
class Single:
    """One call of a module against ping."""

    module: str
    seconds: float
    ping: float
    of_medians: float
    of_pairs: float
    of_cpu: float


@dataclass(frozen=True)
class Users:
    """All users, read in one way.

    @param at_once: requests under way.
    @param measured: how many requests were made; fewer than needed if the rest is extrapolated.
    @param seconds: for all requests.
    @param ideal: requests / at once x latency.
    """

    way: str
    at_once: int
    measured: int
    seconds: float
    ping: float
    ideal: float

    @property
    def over_ping(self) -> float:
        """What is left of the time without what any Ansible run costs, against the ideal."""
        return (self.seconds - self.ping) / self.ideal

    @property
    def whole(self) -> float:
        """The whole time against the ideal and a ping."""
        return self.seconds / (self.ideal + self.ping)


@dataclass(frozen=True)
class Throttled:
    """Users read at a limit that all projects share.

    @param least: seconds that the limit allows; `refused`: how many requests were answered with 429.
    """

    projects: int
    requests: int
    seconds: float
    ping: float
    least: float
    refused: int

    @property
    def over_least(self) -> float:
        """The time without what any Ansible run costs, against the least."""
        return (self.seconds - self.ping) / self.least


@dataclass(frozen=True)
class Size:
    """A result of many records, from our module and from the one that does nothing else."""

    records: int
    seconds: float
    empty: float
    ping: float
    memory: Memory
    empty_memory: Memory

    @property
    def share(self) -> float:
        """How much of what the call takes over ping is Ansible's own cost of such a result."""
        return max(0.0, min(1.0, (self.empty - self.ping) / (self.seconds - self.ping)))


@dataclass(frozen=True)
class Imports:
    """Milliseconds and number of modules imported, by whose they are."""

    rows: tuple[tuple[str, float, int], ...]

    @property
    def total(self) -> float:
        return sum(row[1] for row in self.rows)


def keys_of(sim: Simulator, **more: Any) -> dict[str, Any]:
    """Options that reach the simulator."""
    names = ("region", "project_id", "access_key", "secret_key")
    return {"endpoint": sim.url, **{name: sim.info[name] for name in names}, **more}


def single_calls(bench: Workbench, effort: Effort, say: Say) -> list[Single]:
    """A single call of each module, against ping."""
    say("a single call")
    with Simulator(desktops=30, users=24) as sim:
        ids = [user["user_id"] for user in sim.project()["users"][:5]]
        commands = {
            PING: bench.ad_hoc(PING, {}),
            DESKTOPS: bench.ad_hoc(DESKTOPS, keys_of(sim)),
            POOLS: bench.ad_hoc(POOLS, keys_of(sim, user_ids=ids)),
            **{name: bench.ad_hoc(name, keys_of(sim)) for name in (POOL_INFO, TASKS)},
        }
        bench.interleaved(commands, 1)  # what is compiled and cached once
        found = bench.interleaved(commands, effort.rounds)
    ping = found[PING]
    return [
        Single(
            name,
            found[name].median,
            ping.median,
            found[name].median / ping.median,
            pair_ratio(found[name], ping),
            found[name].cpu_median / ping.cpu_median,
        )
        for name in commands
        if name != PING
    ]


def _sdk_loop(sim: Simulator, ids: list[str]) -> list[str]:
    """A program of the official SDK that asks for ten users after the other."""
    program = f"""
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkworkspace.v2 import ListDesktopPoolsByUsersRequest, WorkspaceClient
credentials = BasicCredentials({sim.info["access_key"]!r}, {sim.info["secret_key"]!r}, {sim.info["project_id"]!r})
client = WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint({sim.url!r}).build()
ids = {ids!r}
users = []
for at in range(0, len(ids), {IDS_A_REQUEST}):
    request = ListDesktopPoolsByUsersRequest(user_ids=ids[at:at + {IDS_A_REQUEST}], limit={IDS_A_REQUEST})
    users += client.list_desktop_pools_by_users(request).to_json_object()["users"]
assert len(users) == len(ids), len(users)
"""
    return [sys.executable, "-W", "ignore", "-c", program]


def _uri_loop(bench: Workbench, sim: Simulator, ids: list[str]) -> list[str]:
    """A playbook that asks for ten users after the other; uri cannot sign, so it has a ready token."""
    groups = [ids[at : at + IDS_A_REQUEST] for at in range(0, len(ids), IDS_A_REQUEST)]
    return bench.playbook(
        [
            {
                "ansible.builtin.uri": {
                    "url": f"{sim.url}/v2/{sim.info['project_id']}/desktop-pools/statistics/by-users"
                    "?limit=10&user_ids={{ item | join('&user_ids=') }}",
                    "headers": {"X-Auth-Token": sim.info["token"]},
                },
                "loop": groups,
                "loop_control": {"label": "ten users"},
                "register": "pages",
            }
        ]
    )


def many_users(bench: Workbench, effort: Effort, say: Say) -> list[Users]:
    """All users at 50 ms a request: our module, the official SDK and uri."""
    requests = effort.users // IDS_A_REQUEST
    with Simulator(desktops=1, users=effort.users, pools=8, latency=LATENCY) as sim:
        ids = [user["user_id"] for user in sim.project()["users"]]
        commands = {"ping": bench.playbook([{PING: {}}])}
        for at_once in CONCURRENCIES:
            options = keys_of(sim, user_ids=ids, concurrency=at_once)
            commands[str(at_once)] = bench.playbook([{POOLS: options}])
        say(f"{effort.users} users with 1, 4 and 16 requests at once")
        found = bench.interleaved(commands, effort.user_rounds)
        say("the official SDK in a loop")
        found["sdk"] = Samples([bench.run(_sdk_loop(sim, ids))[0]])
        say("ansible.builtin.uri in a loop")
        some = ids[: effort.loop * IDS_A_REQUEST]
        looped = Samples([bench.run(_uri_loop(bench, sim, some))[0] for _round in range(min(2, effort.user_rounds))])
    ping = found["ping"].median
    ideal = requests * LATENCY
    rows = [
        Users("module", at_once, requests, found[str(at_once)].median, ping, ideal / at_once)
        for at_once in CONCURRENCIES
    ]
    rows.append(Users("SDK in a loop", 1, requests, found["sdk"].median, 0.0, ideal))
    a_turn = (looped.median - ping) / effort.loop
    rows.append(Users("uri in a loop", 1, effort.loop, ping + a_turn * requests, ping, ideal))
    return rows


def at_a_limit(bench: Workbench, effort: Effort, say: Say) -> list[Throttled]:
    """Users of one project, and of eight side by side, at a limit, against the least time that it allows."""
    allowed, window = LIMIT
    rows = []
    for projects in (1, 8):
        say(f"{projects} project{'s' * (projects > 1)} at a limit of {allowed} requests in {window} s")
        each = allowed * effort.windows // projects
        limit: dict[str, Any] = {"rate_limit": allowed, "rate_limit_seconds": window}
        with Simulator(projects=projects, desktops=1, users=each * IDS_A_REQUEST, **limit) as sim:
            hosts: dict[str, dict[str, Any]] = {}
            for number, project in enumerate(sim.info["projects"]):
                ids = [user["user_id"] for user in sim.project(number)["users"]]
                hosts[f"project-{number}"] = {"options": keys_of(sim, project_id=project["id"], user_ids=ids)}
            commands = {
                "ping": bench.on_hosts(hosts, {PING: {}}),
                "ours": bench.on_hosts(hosts, {POOLS: "{{ options }}"}),
            }
            found = bench.interleaved(commands, 1)
            refused = sum(entry["status"] == 429 for entry in sim.requests())
        # The first window is free at once.
        least = float((effort.windows - 1) * window)
        rows.append(Throttled(projects, each * projects, found["ours"].median, found["ping"].median, least, refused))
    return rows


def sizes(bench: Workbench, effort: Effort, say: Say) -> list[Size]:
    """Results of many records: time, memory, and what of it is Ansible's own."""
    rows = []
    shares = dict.fromkeys(("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED"), 0.25)
    for records, rounds in effort.sizes:
        say(f"{records} records")
        with Simulator(desktops=records, users=max(1, records // 2), status=shares) as sim:
            check = f"result.desktops | length == {records}"
            ours: dict[str, Any] = {
                DESKTOPS: keys_of(sim),
                "register": "result",
                "failed_when": f"not ({check})",
            }
            commands = {
                "ping": bench.playbook([{PING: {}}]),
                "ours": bench.playbook([ours]),
                "empty": bench.playbook(
                    [{ROWS: {"rows": records}, "register": "result", "failed_when": f"not ({check})"}]
                ),
            }
            found = bench.interleaved(commands, rounds)
            memory = {name: bench.run(commands[name], watch=True)[1] or Memory(0, 0) for name in ("ours", "empty")}
        rows.append(
            Size(
                records,
                found["ours"].median,
                found["empty"].median,
                found["ping"].median,
                memory["ours"],
                memory["empty"],
            )
        )
    return rows


_IMPORT_TIME = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")
_OWNERS = (
    ("this collection", ("ansible_collections",)),
    ("ansible.module_utils", ("ansible",)),
    (
        "requests",
        ("requests", "urllib3", "charset_normalizer", "chardet", "idna", "certifi", "http", "ssl", "_ssl", "email"),
    ),
)


def imports(bench: Workbench, say: Say) -> Imports:
    """What importing the module costs, by whose modules they are."""
    say("imports")
    program = "import ansible_collections.huaweicloud.workspace.plugins.modules.workspace_connect_desktops_info"
    # What Python compiles is kept, but not next to the sources.
    env = {**bench.env, "PYTHONPYCACHEPREFIX": str(bench.folder / "compiled")}
    runs: list[dict[str, tuple[float, int]]] = []
    for number in range(6):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", program],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(done.stderr[-2000:])
        if number == 0:
            continue  # it compiled
        found: dict[str, tuple[float, int]] = {}
        for microseconds, name in _IMPORT_TIME.findall(done.stderr):
            package = name.split(".")[0]
            owner = next((owner for owner, packages in _OWNERS if package in packages), "Python and others")
            spent, count = found.get(owner, (0.0, 0))
            found[owner] = (spent + int(microseconds) / 1000, count + 1)
        runs.append(found)
    middle: Mapping[str, tuple[float, int]] = sorted(
        runs, key=lambda run: sum(spent for spent, _count in run.values())
    )[2]
    return Imports(tuple((name, *middle[name]) for name in sorted(middle, key=lambda name: -middle[name][0])))


def machine() -> str:
    """What it was measured on."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[2]
    return (
        f"{processors} cores (load average {load:.1f}), Python {platform.python_version()},"
        f" ansible-core {version('ansible-core')}"
    )
