# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The findings of an audit: how to detect each of them, and the data that this requires.

A finding is based on values that the API returns, never on missing ones. It is not reported if other records
contradict it.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from .._reading.timestamps import time_in_utc

if t.TYPE_CHECKING:
    from .._reading.records import Record
    from .relations import Records

_NUMBER = re.compile(r"\d+", re.ASCII)

#: The API's number for a desktop that has left its domain (1: joined, 3: not reported).
_OUT_OF_DOMAIN = 2

_SESSIONS = ("CONNECTED", "DISCONNECTED")


class Contradiction(t.NamedTuple):
    """A condition under which a detected record is not reported.

    @param holds: whether other data contradict a record.
    @param because: the contradicting data, for the warning.
    """

    holds: t.Callable[[Records, Record], bool]
    because: str


class Finding(t.NamedTuple):
    """A kind of finding.

    @param sources: the required lists, as fields of `Records`.
    @param fields: the required fields, each as `source.field`. If no record has one of them, the finding cannot be
        checked.
    @param any_field: whether one of the fields is sufficient.
    @param option: the required option.
    @param of_users: whether desktops that are assigned to user groups affect the finding.
    """

    find: t.Callable[[Records], t.Iterator[Record]]
    sources: tuple[str, ...]
    fields: tuple[str, ...] = ()
    any_field: bool = False
    option: str | None = None
    contradiction: Contradiction | None = None
    of_users: bool = False


def _desktop(desktop: Record, *fields: str, **more: t.Any) -> Record:
    return {name: desktop[name] for name in ("desktop_id", "computer_name", *fields)} | more


def _user(user: Record, **more: t.Any) -> Record:
    return {"user_id": user["id"], "user_name": user["user_name"]} | more


def _pool(pool: Record, *fields: str, **more: t.Any) -> Record:
    return {"pool_id": pool["id"], "pool_name": pool["name"]} | {name: pool[name] for name in fields} | more


Test = t.Callable[["Record"], bool]


def _desktops_that(test: Test, *fields: str) -> t.Callable[[Records], t.Iterator[Record]]:
    return lambda records: (_desktop(desktop, *fields) for desktop in records.desktops if test(desktop))


def _pools_that(test: Test, *fields: str) -> t.Callable[[Records], t.Iterator[Record]]:
    return lambda records: (_pool(pool, *fields) for pool in records.pools if test(pool))


def _is_without_user(desktop: Record) -> bool:
    # Free desktops of a pool have no user by design.
    return desktop["desktop_type"] not in ("POOLED", "SHARED") and not desktop["attach_user_infos"]


def _shows_a_user(desktop: Record) -> bool:
    named = any(desktop.get(field) for field in ("user_name", "user_list", "user_group_list"))
    return named or desktop["attach_state"] == "ATTACHED" or desktop["login_status"] in _SESSIONS


def _of_users_with(field: str) -> t.Callable[[Records], t.Iterator[Record]]:
    def find(records: Records) -> t.Iterator[Record]:
        for one in records.assignments:
            user = records.directory.get(one.user_id)
            if user and user[field] is True:
                by = {"group_name": one.group} if one.group is not None else {}
                yield _desktop(one.desktop) | _user(user) | {field: True} | by

    return find


def _of_unknown_users(records: Records) -> t.Iterator[Record]:
    for one in records.assignments:
        if one.user_id not in records.directory:
            yield _desktop(one.desktop, user_id=one.user_id, user_name=one.user_name)


def _is_running_unregistered(desktop: Record) -> bool:
    running = desktop["status"] == "ACTIVE" and not desktop["task_status"]
    return running and desktop["login_status"] == "UNREGISTER"


def _is_in_error(desktop: Record) -> bool:
    return (
        desktop["status"] == "ERROR"
        or "FAIL" in (desktop["attach_state"] or "")
        or desktop["is_freeze"] is True
        or desktop["isolated"] is True
        or desktop["domain_status"] == _OUT_OF_DOMAIN
    )


def _idle(records: Records) -> t.Iterator[Record]:
    for desktop in records.desktops:
        days = records.usage.get(desktop["desktop_id"], {}).get("idle_days")
        if days is not None and days >= (records.rules.idle_days or 0):
            yield _desktop(desktop)


def created_at(desktop: Record) -> datetime.datetime | None:
    """The creation time of a desktop; `None` if it is missing or in an unknown format."""
    return time_in_utc(desktop["created"], "UTC")


def _never_used(records: Records) -> t.Iterator[Record]:
    oldest = records.now - datetime.timedelta(days=records.rules.idle_days or 0)
    for desktop in records.desktops:
        created = created_at(desktop)
        if desktop["desktop_id"] not in records.usage and created is not None and created < oldest:
            yield _desktop(desktop, "created")


def _without_tags(records: Records) -> t.Iterator[Record]:
    for desktop in records.desktops:
        there = {tag.get("key") for tag in desktop["tags"] or ()}
        missing = [key for key in records.rules.required_tags if key not in there]
        if missing:
            yield _desktop(desktop, missing_tags=missing)


def version_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, without trailing zeros: 25.4 equals 25.4.0."""
    numbers = [int(number) for number in _NUMBER.findall(version)]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _with_old_agent(records: Records) -> t.Iterator[Record]:
    for desktop in records.desktops:
        version = desktop["agent_version"] or ""
        # A version without a number, such as an empty one, cannot be compared.
        if _NUMBER.search(version) and version_numbers(version) < records.rules.oldest_agent:
            yield _desktop(desktop, "agent_version")


def _users_without_desktop(records: Records) -> t.Iterator[Record]:
    for user in records.users:
        by_group = any(one.group is not None for one in records.assigned.get(user["id"], ()))
        if user["total_desktops"] == 0 and not by_group:
            yield _user(user, total_desktops=0)


def _users_with_several_desktops(records: Records) -> t.Iterator[Record]:
    for user in records.users:
        # The service does not count the desktops of groups.
        count = max(user["total_desktops"] or 0, len(records.assigned.get(user["id"], ())))
        if count > 1:
            yield _user(user, total_desktops=count)


def _users_without_pool(records: Records) -> t.Iterator[Record]:
    for user in records.users:
        count = (records.user_pools.get(user["id"]) or {}).get("desktop_pool_count")
        if not count and not records.memberships(user["id"]):
            yield _user(user, desktop_pool_count=0)


def _is_attached(membership: Record) -> bool:
    # A membership without the field counts as attached.
    return membership.get("is_attached") is not False


def _users_never_attached(records: Records) -> t.Iterator[Record]:
    for user in records.users:
        pools = records.memberships(user["id"])
        if pools and not any(map(_is_attached, pools)):
            yield _user(user, desktop_pools=[pool.get("desktop_pool_name") for pool in pools])


def _has_attached_user(records: Records, pool_id: str) -> bool:
    return any(_is_attached(membership) for _user_id, membership in records.users_of_pools.get(pool_id, ()))


def _pools_never_attached(records: Records) -> t.Iterator[Record]:
    every = {pool["id"]: pool for pool in records.pools}
    for pool_id, users in records.users_of_pools.items():
        every.setdefault(pool_id, {"id": pool_id, "name": users[0][1].get("desktop_pool_name")})
    for pool_id, pool in every.items():
        if not _has_attached_user(records, pool_id):
            yield _pool(pool, authorized_user_count=len(records.users_of_pools.get(pool_id, ())))


def _is_full(pool: Record) -> bool:
    count: int = pool["desktop_count"] or 0
    used: int = pool["desktop_used"] or 0
    return 0 < count <= used


def _is_unused(pool: Record) -> bool:
    return bool(pool["desktop_count"]) and pool["desktop_used"] == 0


def _of_desktop(test: Test) -> t.Callable[[Records, Record], bool]:
    return lambda records, found: test(records.desktops_by_id[found["desktop_id"]])


def _is_connected(desktop: Record) -> bool:
    return bool(desktop["login_status"] == "CONNECTED")


def _has_a_desktop(records: Records, found: Record) -> bool:
    user_id: str = found["user_id"]
    return user_id in records.assigned or any(pool.get("is_attached") for pool in records.memberships(user_id))


def _is_used(records: Records, found: Record) -> bool:
    return any(pool["desktop_used"] for pool in records.pools if pool["id"] == found["pool_id"])


_DESKTOPS, _USERS, _POOLS = ("desktops",), ("users",), ("pools",)
_DESKTOPS_AND_USERS = ("desktops", "users")
_USAGE = ("desktops", "usage")
_MEMBERSHIPS = ("users", "user_pools")

_ENTRIES = ("desktops.attach_user_infos", "desktops.attach_user_infos.user_id")
_ATTACHED = "user_pools.is_attached"
_NUMBERS = ("pools.desktop_count", "pools.desktop_used")
_IN_ERROR = ("status", "attach_state", "is_freeze", "isolated", "domain_status")


def _of_users(field: str) -> Finding:
    fields = (*_ENTRIES, f"users.{field}")
    return Finding(_of_users_with(field), _DESKTOPS_AND_USERS, fields, of_users=True)


#: In the order in which they are returned.
FINDINGS: dict[str, Finding] = {
    "desktops_without_user": Finding(
        _desktops_that(_is_without_user, "desktop_type", "attach_state"),
        _DESKTOPS,
        ("desktops.attach_user_infos", "desktops.desktop_type"),
        contradiction=Contradiction(_of_desktop(_shows_a_user), "other fields show a user or a session"),
    ),
    "desktops_of_disabled_users": _of_users("disabled"),
    "desktops_of_locked_users": _of_users("locked"),
    "desktops_of_expired_users": _of_users("account_expired"),
    "desktops_of_unknown_users": Finding(
        _of_unknown_users,
        _DESKTOPS_AND_USERS,
        # Without a type, a group would be reported as an unknown user.
        (*_ENTRIES, "desktops.attach_user_infos.type"),
        of_users=True,
    ),
    "desktops_running_unregistered": Finding(
        _desktops_that(_is_running_unregistered, "status", "task_status", "login_status"),
        _DESKTOPS,
        ("desktops.status", "desktops.task_status", "desktops.login_status"),
    ),
    "desktops_in_error": Finding(
        _desktops_that(_is_in_error, *_IN_ERROR),
        _DESKTOPS,
        tuple(f"desktops.{field}" for field in _IN_ERROR),
        any_field=True,
    ),
    "desktops_in_maintenance": Finding(
        _desktops_that(lambda desktop: desktop["in_maintenance_mode"] is True, "in_maintenance_mode"),
        _DESKTOPS,
        ("desktops.in_maintenance_mode",),
    ),
    "desktops_shut_off": Finding(
        _desktops_that(lambda desktop: desktop["status"] in ("SHUTOFF", "HIBERNATED"), "status"),
        _DESKTOPS,
        ("desktops.status",),
        contradiction=Contradiction(_of_desktop(_is_connected), "connected now"),
    ),
    "desktops_idle": Finding(
        _idle,
        _USAGE,
        ("usage.desktop_idle_duration",),
        option="idle_days",
        contradiction=Contradiction(_of_desktop(_is_connected), "connected now"),
    ),
    "desktops_never_used": Finding(
        _never_used,
        _USAGE,
        ("desktops.created",),
        option="idle_days",
        contradiction=Contradiction(
            _of_desktop(lambda desktop: desktop["login_status"] in _SESSIONS), "in a session now"
        ),
    ),
    "desktops_without_tags": Finding(_without_tags, _DESKTOPS, ("desktops.tags",), option="required_tags"),
    "desktops_with_old_agent": Finding(
        _with_old_agent, _DESKTOPS, ("desktops.agent_version",), option="oldest_agent_version"
    ),
    "users_without_desktop": Finding(
        _users_without_desktop,
        _USERS,
        ("users.total_desktops",),
        contradiction=Contradiction(_has_a_desktop, "desktops are assigned"),
        of_users=True,
    ),
    "users_with_several_desktops": Finding(
        _users_with_several_desktops, _USERS, ("users.total_desktops",), of_users=True
    ),
    "users_without_pool": Finding(
        _users_without_pool,
        _MEMBERSHIPS,
    ),
    "users_never_attached": Finding(
        _users_never_attached,
        _MEMBERSHIPS,
        (_ATTACHED,),
    ),
    "pools_never_attached": Finding(
        _pools_never_attached,
        (*_MEMBERSHIPS, "pools"),
        (_ATTACHED,),
        contradiction=Contradiction(_is_used, "desktops of the pool are used"),
    ),
    "pools_full": Finding(_pools_that(_is_full, "desktop_count", "desktop_used"), _POOLS, _NUMBERS),
    "pools_unused": Finding(
        _pools_that(_is_unused, "desktop_count", "desktop_used"),
        _POOLS,
        _NUMBERS,
        contradiction=Contradiction(
            lambda records, found: any(
                membership.get("is_attached")
                for _user_id, membership in records.users_of_pools.get(found["pool_id"], ())
            ),
            "users have desktops of the pool",
        ),
    ),
    "pools_in_maintenance": Finding(
        _pools_that(lambda pool: pool["in_maintenance_mode"] is True, "in_maintenance_mode"),
        _POOLS,
        ("pools.in_maintenance_mode",),
    ),
}
