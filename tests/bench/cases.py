# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared. Each case yields comparisons while its simulated service runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from simulator.client import Simulator

from bench.workbench import Command, Comparison, Workbench

PING = "ansible.builtin.ping"
NAME = "huaweicloud.workspace.workspace_"
DESKTOPS, POOLS, AUDIT = f"{NAME}connect_desktops_info", f"{NAME}desktop_pool_info", f"{NAME}audit_info"
DETAIL, WAIT = f"{NAME}desktop_info", f"{NAME}wait_for_free_desktops"

#: Seconds that the simulated service takes for a request, where it takes any.
LATENCY = 0.05
USERS, IDS_A_REQUEST = 2000, 10

#: Requests and seconds of the rate limit, and how many such periods are needed to read everything.
LIMIT, PERIOD, PERIODS = 100, 10, 4

# Sends the same requests with the same concurrency, and keeps the parsed responses.
_REQUESTS_ALONE = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import requests
url, token, targets = json.load(open(sys.argv[1], encoding="utf-8"))
session = requests.Session()
session.headers["X-Auth-Token"] = token
with ThreadPoolExecutor(4) as pool:
    kept = list(pool.map(lambda target: session.get(url + target, timeout=60).json(), targets))
"""

# Reads the users with the official SDK, ten per request.
_SDK = """
import json, sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkworkspace.v2 import ListDesktopPoolsByUsersRequest, WorkspaceClient
info, ids = json.load(open(sys.argv[1], encoding="utf-8"))
credentials = BasicCredentials(info["access_key"], info["secret_key"], info["project_id"])
client = WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(info["url"]).build()
for at in range(0, len(ids), 10):
    client.list_desktop_pools_by_users(ListDesktopPoolsByUsersRequest(user_ids=ids[at:at + 10], limit=10))
"""

Comparisons = Iterator[Comparison]


def keys_of(sim: Simulator, **more: Any) -> dict[str, Any]:
    """The options for the simulated service."""
    names = ("region", "project_id", "access_key", "secret_key")
    return {"endpoint": sim.url, **{name: sim.info[name] for name in names}, **more}


def requests_alone(bench: Workbench, sim: Simulator, command: Command) -> Command:
    """A program that sends the same requests as a command, which is run once."""
    sim.clear()
    bench.run(command)
    targets = [entry["target"] for entry in sim.requests()]
    return [sys.executable, "-c", _REQUESTS_ALONE, bench.file("requests.json", [sim.url, sim.info["token"], targets])]


def single(bench: Workbench) -> Comparisons:
    """A single call of each module."""
    with Simulator(desktops=30, users=24) as sim:
        ids = [user["user_id"] for user in sim.project()["users"][:5]]
        modules = sorted(path.stem for path in Path(__file__).parents[2].glob("plugins/modules/*_info.py"))
        for name in modules:
            options = keys_of(sim, user_ids=ids) if POOLS.endswith(name) else keys_of(sim)
            ours = bench.ad_hoc(f"huaweicloud.workspace.{name}", options)
            yield Comparison(f"{name}, 30 desktops", ours, "ping", bench.ad_hoc(PING), rounds=9)


def users(bench: Workbench) -> Comparisons:
    """Many users by ID."""
    count = USERS // IDS_A_REQUEST
    with Simulator(desktops=1, users=USERS, pools=8, latency=LATENCY) as sim:
        ids = [user["user_id"] for user in sim.project()["users"]]
        ping = bench.playbook({PING: {}})
        fast = bench.playbook({POOLS: keys_of(sim, user_ids=ids)})
        for width in (1, 4, 16):
            ours = bench.playbook({POOLS: keys_of(sim, user_ids=ids, concurrency=width)})
            against = f"ping and {count} requests of {LATENCY * 1000:.0f} ms, {width} at once"
            yield Comparison(f"{USERS:,} users, concurrency {width}", ours, against, ping, count * LATENCY / width)
        sdk = [sys.executable, "-W", "ignore", "-c", _SDK, bench.file("ids.json", [dict(sim.info), ids])]
        yield Comparison(f"{USERS:,} users, official SDK in a loop", sdk, "the module, concurrency 4", fast, rounds=1)
        few = [ids[at : at + IDS_A_REQUEST] for at in range(0, 400, IDS_A_REQUEST)]
        url = f"{sim.url}/v2/{sim.info['project_id']}/desktop-pools/statistics/by-users?limit=10&user_ids="
        get = {"url": url + "{{ item | join('&user_ids=') }}", "headers": {"X-Auth-Token": sim.info["token"]}}
        loop = bench.playbook({"ansible.builtin.uri": get, "loop": few, "loop_control": {"label": "ten users"}})
        same = bench.playbook({POOLS: keys_of(sim, user_ids=ids[:400])})
        yield Comparison("400 users, ansible.builtin.uri in a loop", loop, "the module, concurrency 4", same, rounds=1)


def limit(bench: Workbench) -> Comparisons:
    """Users at a rate limit that all projects share."""
    for projects in (1, 8):
        each = LIMIT * PERIODS // projects * IDS_A_REQUEST
        allowed: dict[str, Any] = {"rate_limit": LIMIT, "rate_limit_seconds": PERIOD}
        with Simulator(projects=projects, desktops=1, users=each, **allowed) as sim:
            hosts: dict[str, dict[str, Any]] = {}
            for number, project in enumerate(sim.info["projects"]):
                ids = [user["user_id"] for user in sim.project(number)["users"]]
                hosts[f"project-{number}"] = {"options": keys_of(sim, project_id=project["id"], user_ids=ids)}
            ours = bench.playbook({POOLS: "{{ options }}"}, hosts=hosts)
            what = f"{LIMIT * PERIODS} requests of {projects} project{'s' * (projects > 1)} at a rate limit"
            # The requests of the first period need no time.
            least = float((PERIODS - 1) * PERIOD)
            ping = bench.playbook({PING: {}}, hosts=hosts)
            yield Comparison(what, ours, f"ping and the {least:.0f} s of the limit", ping, least, rounds=1)


def sizes(bench: Workbench) -> Comparisons:
    """Large results, against a module that only returns as many records."""
    for records in (1000, 10000, 50000):
        with Simulator(desktops=records, users=records // 2) as sim:
            ours = bench.playbook({DESKTOPS: keys_of(sim)})
            empty = bench.playbook({"bench.empty.rows_info": {"rows": records}})
            yield Comparison(f"{records:,} desktops", ours, "a module that returns as many records", empty, rounds=2)


def more(bench: Workbench) -> Comparisons:
    """More desktops than connect-desktops returns."""
    with Simulator(desktops=20000, users=1000) as sim:
        for module in (DESKTOPS, DETAIL):
            ours = bench.playbook({module: keys_of(sim)})
            alone = requests_alone(bench, sim, ours)
            yield Comparison(
                f"20,000 desktops, {module.partition('workspace.')[2]}", ours, "its requests alone", alone, rounds=1
            )


def pool(bench: Workbench) -> Comparisons:
    """The check of a pool before maintenance."""
    members = [{"name": f"pool-{number}", "pool": "measured"} for number in range(50)]
    generated = {"desktops": 1950, "users": 500, "pools": 5, "status": {"REGISTERED": 1}}
    project = {"region": "cn-north-4", "generate": generated, "desktops": members}
    with Simulator(tenant=bench.file("pool.yml", {"projects": [project]})) as sim:
        every = bench.playbook({WAIT: keys_of(sim)})
        ours = bench.playbook({WAIT: keys_of(sim, pool_names=["measured"])})
        yield Comparison("Check of a pool of 50 among 2,000 desktops", ours, "the check of all desktops", every)


def audits(bench: Workbench) -> Comparisons:
    """Audits of one and of many projects."""
    for count in (50, 50000):
        with Simulator(desktops=count, users=count // 20) as sim:
            ours = bench.playbook({AUDIT: keys_of(sim, findings=["desktops_of_unknown_users"])})
            alone = requests_alone(bench, sim, ours)
            yield Comparison(f"Audit of {count:,} desktops", ours, "its requests alone", alone, rounds=1)
    with Simulator(projects=30, desktops=10, users=10) as sim:
        hosts: dict[str, Any] = {
            project["id"]: {"workspace_options": keys_of(sim, project_id=project["id"])}
            for project in sim.info["projects"]
        }
        inventory = bench.file("projects.json", {"workspace_projects": {"hosts": hosts}})
        forks = ("--forks", "10")
        ours = ["ansible-playbook", "huaweicloud.workspace.audit", "-i", inventory, *forks]
        ping = [*bench.playbook({PING: {}}, hosts=hosts)[:-2], *forks]
        yield Comparison("Audit of 30 projects, 10 forks", ours, "ping on as many hosts", ping, rounds=1)


def inventory(bench: Workbench) -> Comparisons:
    """Desktops as hosts."""
    with Simulator(desktops=5000, users=2500) as sim:
        options = {"plugin": "huaweicloud.workspace.workspace_desktops", **keys_of(sim)}
        source = bench.file("workspace_desktops.yml", options)
        listed = bench.file("listed.json", "")
        bench.run(["ansible-inventory", "-i", source, "--list", "--output", listed])
        variables = json.loads(Path(listed).read_text(encoding="utf-8"))["_meta"]["hostvars"]
        static = bench.file("static.json", {"workspace_desktops": {"hosts": variables}})
        task = ["ansible", min(variables), "-m", "ansible.builtin.debug", "-i"]
        against = "a JSON file of the same hosts and variables"
        yield Comparison("5,000 desktops as hosts", [*task, source], against, [*task, static], rounds=1)


CASES: dict[str, Callable[[Workbench], Comparisons]] = {
    case.__name__: case for case in (single, users, limit, sizes, more, pool, audits, inventory)
}
