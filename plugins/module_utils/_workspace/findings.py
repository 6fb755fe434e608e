# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""The ways to be out of order: findings from the records of a project's desktops, users and pools.

What a field leaves open is no finding: a record is listed only if the API says so.
"""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record

_NUMBER = re.compile(r"\d+", re.ASCII)

#: The API's number for a desktop that has left its domain (1: joined, 3: not reported).
_OUT_OF_DOMAIN = 2

_SECONDS_A_DAY = 86400


class Rules(t.NamedTuple):
    """What the options say of findings that need one.

    @param oldest_agent: the numbers of the version, such as C((25, 4)).
    """

    idle_days: int | None = None
    required_tags: tuple[str, ...] = ()
    oldest_agent: tuple[int, ...] = ()


class Records(t.NamedTuple):
    """What was read. A finding looks only at what it needs, see C(FINDINGS).

    @param user_pools: user ID -> the record of by-users; a user without one has no pool.
    @param usage: desktop ID -> the usage record.
    """

    desktops: t.Sequence[Record] = ()
    users: t.Sequence[Record] = ()
    user_pools: t.Mapping[str, Record] = {}
    pools: t.Sequence[Record] = ()
    usage: t.Mapping[str, Record] = {}
    rules: Rules = Rules()


class Finding(t.NamedTuple):
    """A way to be out of order.

    @param sources: the fields of L(Records) that it looks at.
    @param option: the option that it needs.
    """

    find: t.Callable[[Records], list[Record]]
    sources: tuple[str, ...]
    option: str | None = None


def _desktop(desktop: Record, *fields: str, **more: t.Any) -> Record:
    return {name: desktop.get(name) for name in ("desktop_id", "computer_name", *fields)} | more


def _user(user: Record, **more: t.Any) -> Record:
    return {"user_id": user["id"], "user_name": user.get("user_name")} | more


def _pool(pool: Record, *fields: str) -> Record:
    return {"pool_id": pool["id"], "pool_name": pool.get("name")} | {name: pool.get(name) for name in fields}


def _assignments(records: Records) -> t.Iterator[tuple[Record, Record]]:
    """Each desktop with each user that it is assigned to; members of groups are not resolved."""
    for desktop in records.desktops:
        for user in desktop.get("attach_user_infos") or ():
            if user.get("user_id") and "GROUP" not in (user.get("type") or ""):
                yield desktop, user


def _without_user(records: Records) -> list[Record]:
    # A free desktop of a pool has nobody by design.
    return [
        _desktop(desktop, "desktop_type", "attach_state")
        for desktop in records.desktops
        if desktop.get("desktop_type") not in ("POOLED", "SHARED") and not desktop.get("attach_user_infos")
    ]


def _of_users_with(field: str) -> t.Callable[[Records], list[Record]]:
    def find(records: Records) -> list[Record]:
        users = {user["id"]: user for user in records.users if user.get(field) is True}
        return [
            _desktop(desktop) | _user(users[user["user_id"]]) | {field: True}
            for desktop, user in _assignments(records)
            if user["user_id"] in users
        ]

    return find


def _of_unknown_users(records: Records) -> list[Record]:
    known = {user["id"] for user in records.users}
    return [
        _desktop(desktop, user_id=user["user_id"], user_name=user.get("user_name"))
        for desktop, user in _assignments(records)
        if user["user_id"] not in known
    ]


def _running_unregistered(records: Records) -> list[Record]:
    return [
        _desktop(desktop, "status", "task_status", "login_status")
        for desktop in records.desktops
        if desktop.get("status") == "ACTIVE"
        and desktop.get("login_status") == "UNREGISTER"
        and not desktop.get("task_status")
    ]


def _in_error(records: Records) -> list[Record]:
    return [
        _desktop(desktop, "status", "attach_state", "is_freeze", "isolated", "domain_status")
        for desktop in records.desktops
        if desktop.get("status") == "ERROR"
        or "FAIL" in (desktop.get("attach_state") or "")
        or desktop.get("is_freeze") is True
        or desktop.get("isolated") is True
        or desktop.get("domain_status") == _OUT_OF_DOMAIN
    ]


def _desktops_in_maintenance(records: Records) -> list[Record]:
    return [
        _desktop(desktop, "in_maintenance_mode")
        for desktop in records.desktops
        if desktop.get("in_maintenance_mode") is True
    ]


def _shut_off(records: Records) -> list[Record]:
    return [
        _desktop(desktop, "status")
        for desktop in records.desktops
        if desktop.get("status") in ("SHUTOFF", "HIBERNATED")
    ]


def idle_seconds(usage: Record) -> float | None:
    """For how long the desktop of a usage record has been idle; C(None) if the record does not say."""
    for metric in usage.get("metric") or ():
        if metric.get("metric_name") == "desktop_idle_duration":
            value = metric.get("metric_value")
            return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return None


def _idle(records: Records) -> list[Record]:
    found = []
    for desktop in records.desktops:
        usage = records.usage.get(desktop["desktop_id"])
        seconds = idle_seconds(usage) if usage else None
        if usage and seconds is not None and seconds >= (records.rules.idle_days or 0) * _SECONDS_A_DAY:
            days = int(seconds // _SECONDS_A_DAY)
            found.append(_desktop(desktop, idle_days=days, latest_user=usage.get("latest_connect_username")))
    return found


def _without_tags(records: Records) -> list[Record]:
    found = []
    for desktop in records.desktops:
        there = {tag.get("key") for tag in desktop.get("tags") or ()}
        missing = [key for key in records.rules.required_tags if key not in there]
        if missing:
            found.append(_desktop(desktop, missing_tags=missing))
    return found


def version_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version. Zeros at the end say nothing: 25.4 is 25.4.0."""
    numbers = [int(number) for number in _NUMBER.findall(version)]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _with_old_agent(records: Records) -> list[Record]:
    return [
        _desktop(desktop, "agent_version")
        for desktop in records.desktops
        # Without a number, such as an empty version, nobody can tell that it is old.
        if _NUMBER.search(desktop.get("agent_version") or "")
        and version_numbers(desktop["agent_version"]) < records.rules.oldest_agent
    ]


def _users_without_desktop(records: Records) -> list[Record]:
    return [_user(user, total_desktops=0) for user in records.users if user.get("total_desktops") == 0]


def _users_with_several_desktops(records: Records) -> list[Record]:
    return [
        _user(user, total_desktops=user["total_desktops"])
        for user in records.users
        if (user.get("total_desktops") or 0) > 1
    ]


def _memberships(records: Records, user: Record) -> list[Record]:
    return (records.user_pools.get(user["id"]) or {}).get("desktop_pools") or []


def _users_without_pool(records: Records) -> list[Record]:
    return [
        _user(user, desktop_pool_count=0)
        for user in records.users
        if not (records.user_pools.get(user["id"]) or {}).get("desktop_pool_count") and not _memberships(records, user)
    ]


def _users_never_attached(records: Records) -> list[Record]:
    found = []
    for user in records.users:
        pools = _memberships(records, user)
        # A membership of which the API does not say whether it is attached counts as attached.
        if pools and all(pool.get("is_attached") is False for pool in pools):
            found.append(_user(user, desktop_pools=[pool.get("desktop_pool_name") for pool in pools]))
    return found


def _pools_never_attached(records: Records) -> list[Record]:
    every = {pool["id"]: pool for pool in records.pools}
    attached = set()
    users = dict.fromkeys(every, 0)
    for user in records.users:
        for pool in _memberships(records, user):
            pool_id = pool.get("desktop_pool_id")
            if not pool_id:
                continue
            every.setdefault(pool_id, {"id": pool_id, "name": pool.get("desktop_pool_name")})
            users[pool_id] = users.get(pool_id, 0) + 1
            if pool.get("is_attached") is not False:
                attached.add(pool_id)
    return [
        _pool(pool) | {"authorized_user_count": users[pool_id]}
        for pool_id, pool in every.items()
        if pool_id not in attached
    ]


def _pools_full(records: Records) -> list[Record]:
    return [
        _pool(pool, "desktop_count", "desktop_used")
        for pool in records.pools
        if pool.get("desktop_count")
        and pool.get("desktop_used") is not None
        and pool["desktop_used"] >= pool["desktop_count"]
    ]


def _pools_unused(records: Records) -> list[Record]:
    return [
        _pool(pool, "desktop_count", "desktop_used")
        for pool in records.pools
        if pool.get("desktop_count") and pool.get("desktop_used") == 0
    ]


def _pools_in_maintenance(records: Records) -> list[Record]:
    return [_pool(pool, "in_maintenance_mode") for pool in records.pools if pool.get("in_maintenance_mode") is True]


_DESKTOPS, _USERS, _POOLS = ("desktops",), ("users",), ("pools",)
_DESKTOPS_AND_USERS = ("desktops", "users")
_MEMBERSHIPS = ("users", "user_pools")

#: In the order in which they are returned.
FINDINGS: dict[str, Finding] = {
    "desktops_without_user": Finding(_without_user, _DESKTOPS),
    "desktops_of_disabled_users": Finding(_of_users_with("disabled"), _DESKTOPS_AND_USERS),
    "desktops_of_locked_users": Finding(_of_users_with("locked"), _DESKTOPS_AND_USERS),
    "desktops_of_expired_users": Finding(_of_users_with("account_expired"), _DESKTOPS_AND_USERS),
    "desktops_of_unknown_users": Finding(_of_unknown_users, _DESKTOPS_AND_USERS),
    "desktops_running_unregistered": Finding(_running_unregistered, _DESKTOPS),
    "desktops_in_error": Finding(_in_error, _DESKTOPS),
    "desktops_in_maintenance": Finding(_desktops_in_maintenance, _DESKTOPS),
    "desktops_shut_off": Finding(_shut_off, _DESKTOPS),
    "desktops_idle": Finding(_idle, ("desktops", "usage"), "idle_days"),
    "desktops_without_tags": Finding(_without_tags, _DESKTOPS, "required_tags"),
    "desktops_with_old_agent": Finding(_with_old_agent, _DESKTOPS, "oldest_agent_version"),
    "users_without_desktop": Finding(_users_without_desktop, _USERS),
    "users_with_several_desktops": Finding(_users_with_several_desktops, _USERS),
    "users_without_pool": Finding(_users_without_pool, _MEMBERSHIPS),
    "users_never_attached": Finding(_users_never_attached, _MEMBERSHIPS),
    "pools_never_attached": Finding(_pools_never_attached, (*_MEMBERSHIPS, "pools")),
    "pools_full": Finding(_pools_full, _POOLS),
    "pools_unused": Finding(_pools_unused, _POOLS),
    "pools_in_maintenance": Finding(_pools_in_maintenance, _POOLS),
}
