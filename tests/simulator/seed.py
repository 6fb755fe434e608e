# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant that is generated from a seed. The same seed and sizes always result in the same tenant."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator import MistakeError
from simulator.tenant import (
    STATUSES,
    Account,
    Agency,
    Desktop,
    Login,
    Pool,
    Project,
    Record,
    Task,
    User,
    attached,
    hex_id,
    uuid_id,
)

# The regions of the SDK's WorkspaceRegion (3.1.219).
REGIONS = (
    *("cn-north-4", "cn-east-3", "cn-south-1", "cn-southwest-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"),
    *("cn-north-9", "cn-north-11", "cn-east-5", "la-south-2", "la-north-2", "sa-brazil-1", "me-east-1", "af-south-1"),
    *("af-north-1", "tr-west-1", "eu-west-101"),
)

# Names with characters that need to be encoded in a query.
ODD_NAMES = (
    *("张三", "a b", "c+d", "i&j=k", "l/m", "n%o", "e~f", "g*h", "p,q", "O'Brien", 'say "hi"', "é", "cloud☁🙂", "a1b"),
    *("a@b", "x#y?z", "back\\slash", "[u]", "50%25", "n" * 64),
)
PLAIN_NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj")
FIRST_NAMES = ("Anna", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Henry", "Irene", "Jonas", "伟", "Katja")
LAST_NAMES = ("Arnold", "Becker", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Huber", "Ito", "Jansen", "张")
USER_GROUPS = ("users", "administrators", "sudo", "default")
GROUP_NAMES = ("grp-finance", "grp-研发", "grp_support", "grp-ops")
POOL_NAMES = ("pool-dev", "研发池", "pool qa", "pool&co", "pool-static")
DESKTOP_STEMS = ("desk", "desk", "desk", "财务", "lab")

# The shares of the statuses for desktops without a requested status.
USUAL_SHARES = {"UNREGISTER": 0.2, "REGISTERED": 0.35, "CONNECTED": 0.3, "DISCONNECTED": 0.15}


@dataclass
class FleetPlan:
    """The size of a fleet; ``status``: status -> share of the desktops, 0 to 1; for names see user_name."""

    desktops: int = 30
    users: int = 24
    pools: int = 4
    status: dict[str, float] = field(default_factory=dict)
    human_names: bool = False


def _statuses(plan: FleetPlan, rng: random.Random) -> list[str]:
    if sum(plan.status.values()) > 1 + 1e-9:
        raise MistakeError("the shares of the statuses add up to more than 1")
    found: list[str] = []
    for status, share in plan.status.items():
        found.extend([status] * min(round(plan.desktops * share), plan.desktops - len(found)))
    rest = [status for status in STATUSES if status not in plan.status] or list(plan.status)
    found.extend(rng.choices(rest, [USUAL_SHARES[status] for status in rest], k=plan.desktops - len(found)))
    rng.shuffle(found)
    return found


def user_name(index: int, human: bool) -> str:
    """Plain names alternating with odd ones as long as there are any, or names of people."""
    # Names are repeated with a number.
    if human:
        turn, index = divmod(index, len(FIRST_NAMES) * len(LAST_NAMES))
        first, last = FIRST_NAMES[index % len(FIRST_NAMES)], LAST_NAMES[index % len(LAST_NAMES)]
        return f"{first} {last}{f' {turn + 1}' if turn else ''}"
    if index % 2 and index // 2 < len(ODD_NAMES):
        return ODD_NAMES[index // 2]
    stem = PLAIN_NAMES[index % len(PLAIN_NAMES)]
    return stem if index < len(PLAIN_NAMES) else f"{stem}{index}"


def _users(plan: FleetPlan, pools: list[Pool], rng: random.Random) -> list[User]:
    users = []
    for index in range(plan.users):
        user = User(hex_id(rng), user_name(index, plan.human_names), USER_GROUPS[index % len(USER_GROUPS)])
        # Every fourth user has no pool.
        if index % 4 != 3:
            places = sorted(rng.sample(range(len(pools)), min(len(pools), 1 + index % 3)))
            user.pools = {pools[place]: False for place in places}
        flag = {3: "disabled", 9: "locked", 15: "account_expired"}.get(index % 20)
        if flag:
            user.fields[flag] = True
        if index % 5 == 1:
            user.fields["group_names"] = [GROUP_NAMES[index // 5 % len(GROUP_NAMES)]]
        users.append(user)
    return users


def _details(desktop: Desktop, index: int) -> None:
    """Set the details of a desktop, so that all findings of an audit occur."""
    detail = desktop.detail
    if desktop.connect_status == "UNREGISTER" and index % 8:  # every eighth one runs without a working agent
        detail["status"] = ("HIBERNATED", "ERROR", "SHUTOFF", "SHUTOFF", "SHUTOFF")[index % 5]
    if index % 3 == 0:
        detail["tags"] = [{"key": "department", "value": ("cad", "财务", "support")[index % 9 // 3]}]
    if index % 6 == 0:
        detail["tags"].append({"key": "owner", "value": "it"})
    if index % 10 == 8:
        detail["agent_version"] = ("24.10.2", "23.9.30001", "")[index // 10 % 3]
    special = {11: "in_maintenance_mode", 18: "is_freeze", 25: "domain_status", 32: "attach_state"}.get(index % 40)
    if special:
        detail[special] = {"domain_status": 2, "attach_state": "ATTACHFAIL"}.get(special, True)
    desktop.idle_days = None if index % 25 == 13 else 0 if desktop.connect_status == "CONNECTED" else index * 7 % 180


def _attach(
    desktop: Desktop,
    index: int,
    owners: list[User],
    turns: Iterator[User],
    groups: list[Record],
    given: list[Pool],
    rng: random.Random,
) -> None:
    """Assign a desktop to one user, to several, to a group, to both, to a deleted user, or to no user.

    @param turns: the users in the order in which they get desktops.
    @param given: the pools from which users get desktops.
    """
    kind, group = index % 10, groups[index // 10 % len(groups)]
    if kind == 7:
        desktop.attach_users.append(group)
    elif index % 100 == 83:
        desktop.attach_users.append(attached(hex_id(rng), f"former.colleague{index}"))
    elif kind != 4 and owners:
        owner = next(turns)
        desktop.attach_users.append(owner.as_attached())
        if kind == 2:
            others = rng.sample(owners, min(len(owners), 3))
            desktop.attach_users.extend(user.as_attached() for user in others if user is not owner)
        elif kind == 5:
            desktop.attach_users.append(group)
        usable = [pool for pool in owner.pools if pool in given]
        if usable and index % 3:
            desktop.pool = usable[index % len(usable)]
            owner.pools[desktop.pool] = True


def _tasks(pools: list[Pool], rng: random.Random) -> list[Task]:
    """Tasks with a time (one is disabled, and one has an unknown time zone), triggered tasks, and upgrade tasks."""
    one_pool = [{"object_type": "DESKTOP_POOL", "object_id": pool.id, "object_name": pool.name} for pool in pools[:1]]
    tasks: dict[str, dict[str, Any]] = {
        "nightly restart": {"next_execution_time": "2099-11-27 03:00:00", "force_execute": True},
        "evening stop": {"task_type": "STOP", "next_execution_time": "2099-11-26 22:30:00", "apply_objects": one_pool},
        "old snapshot": {"task_type": "CREATE_SNAPSHOT", "enable": False, "next_execution_time": "2026-01-01 01:00:00"},
        "盘点": {"task_type": "EXECUTE_SCRIPT", "next_execution_time": "2099-01-01 01:00:00", "time_zone": "Mars/Base"},
    }
    for event, kind in (("POST_DESKTOP_DISCONNECTED", "STOP"), ("POST_CREATE_DESKTOP_SUCCESS", "EXECUTE_SCRIPT")):
        fields = {"task_type": kind, "scheduled_type": "LIFE_CYCLE", "life_cycle_type": event, "time_zone": ""}
        tasks[f"on {event.lower()}"] = {**fields, "life_cycle_exec_period": 1440}
    found = [Task(uuid_id(rng), name, fields=fields) for name, fields in tasks.items()]
    agents: dict[str, Any] = {"next_execute_time": "2099-11-28 01:00:00", "timezone": "Asia/Shanghai"}
    agents.update(is_force_execute=1, apply_objects=one_pool)
    found.append(Task(uuid_id(rng), "agents", upgrade=True, fields=agents))
    found.append(Task(uuid_id(rng), "application servers", upgrade=True, fields={"task_type": 1}))
    return found


def _logins(desktops: list[Desktop]) -> Iterator[Login]:
    """A past connection for most desktops, one that failed for some, and one that lasts if somebody is connected."""
    for index, desktop in enumerate(desktops):
        for name in desktop.names("USER")[:1]:
            if index % 5:
                yield Login(name, desktop.desktop_name, 86400 + 4000 * (index % 500), lasted=1800)
            if index % 10 == 3:
                yield Login(name, desktop.desktop_name, 7200 + index % 500, failure="VM_CONNECT_FAILED")
            if desktop.connect_status == "CONNECTED":
                yield Login(name, desktop.desktop_name, 60 + index % 500)


def fill(project: Project, plan: FleetPlan, seed: str) -> None:
    """Add desktops, users and pools to a project.

    They include two desktops of the same name, users without a pool or a desktop, a user who is not in the directory,
    a pool with unused desktops, and pools without a free desktop.
    """
    rng = random.Random(seed)
    names = [*POOL_NAMES, *(f"pool-{index}" for index in range(len(POOL_NAMES), plan.pools))][: plan.pools]
    pools = [
        Pool(uuid_id(rng), name, {"type": kind}) for name, kind in zip(names, itertools.cycle(("DYNAMIC", "STATIC")))
    ]
    if len(pools) > 3:
        pools[3].fields["in_maintenance_mode"] = True
    users = _users(plan, pools, rng)
    owners = [user for index, user in enumerate(users) if index % 8 != 6]
    given = [pool for index, pool in enumerate(pools) if index % 3 != 2]
    groups = [attached(uuid_id(rng), name, "default", "GROUP") for name in GROUP_NAMES]
    turns = itertools.cycle(owners)
    for index, status in enumerate(_statuses(plan, rng)):
        name = f"{DESKTOP_STEMS[index % len(DESKTOP_STEMS)]}-{index:05d}"
        if index % 97 == 96:
            name = project.desktops[-1].desktop_name
        desktop = Desktop(uuid_id(rng), name, status)
        _details(desktop, index)
        _attach(desktop, index, owners, turns, groups, given, rng)
        if not desktop.attach_users and len(pools) > 2 and index % 20 == 4:
            desktop.pool = pools[1 + index // 20 % 2]
        project.add(desktop)
    project.pools = pools
    project.tasks = _tasks(pools, rng)
    project.logins = list(_logins(project.desktops))
    project.users = {user.id: user for user in users}


def project_name(index: int) -> str:
    """The regions of the SDK, then generated names in the same format."""
    return REGIONS[index] if index < len(REGIONS) else f"cn-test-{index - len(REGIONS) + 1}"


def make_account(*, seed: int, projects: int = 1, accounts: int = 0, **plan: Any) -> Account:
    """An account with a number of projects, each with its own fleet of the same FleetPlan.

    ``accounts`` is the number of other accounts, each with one project in the first region and the agency ``audit``.
    """
    account = Account(seed)
    for index in range(projects):
        name = project_name(index)
        account.projects.append(Project(hex_id(account.rng), name, name, parent_id=account.domain_id))
    for index in range(accounts):
        agency = Agency("audit", f"account-{index + 1}", hex_id(account.rng))
        account.agencies.append(agency)
        account.projects.append(
            Project(hex_id(account.rng), project_name(0), project_name(0), domain_id=agency.domain_id)
        )
    for index, project in enumerate(account.projects):
        fill(project, FleetPlan(**plan), f"{seed}/fleet/{index}")
    return account.issue_ready_tokens()
