# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""What is out of order in a project: findings from the records of its desktops, users and pools.

What a field leaves open is no finding: a record is listed only if the API says so.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.concurrency import side_by_side
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktop_pools import read_pools
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktops import read_desktops
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.filters import filter_values
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.usage import read_usage
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.user_pools import read_user_pools
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.users import read_users

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record

STATUSES = ("ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED")
LOGIN_STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")

_VERSION = re.compile(r"\d+(\.\d+)*", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)

#: The API's number for a desktop that has left its domain (1: joined, 3: not reported).
_OUT_OF_DOMAIN = 2

_SECONDS_A_DAY = 86400

_FORBIDDEN = 403

#: A project that has nothing in these, as far as they were read, may be the wrong one.
_FLEET = {"desktops", "users"}


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


def _idle_seconds(usage: Record) -> float | None:
    for metric in usage.get("metric") or ():
        if metric.get("metric_name") == "desktop_idle_duration":
            value = metric.get("metric_value")
            return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return None


def _idle(records: Records) -> list[Record]:
    found = []
    for desktop in records.desktops:
        usage = records.usage.get(desktop["desktop_id"])
        seconds = _idle_seconds(usage) if usage else None
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


def chosen_findings(options: t.Mapping[str, t.Any]) -> tuple[list[str], Rules]:
    """Which findings to look for, each once and in the order of C(FINDINGS), and their rules.

    @raises WorkspaceError: an option is wrong or missing.
    """
    asked = filter_values(options.get("findings"), "findings")
    tags = filter_values(options.get("required_tags"), "required_tags")
    idle_days, oldest = options.get("idle_days"), options.get("oldest_agent_version")
    if idle_days is not None and not 1 <= idle_days <= 180:
        raise WorkspaceError(f"idle_days is {idle_days}, but must be 1 to 180.")
    if oldest is not None and not _VERSION.fullmatch(oldest):
        raise WorkspaceError(f"oldest_agent_version is {oldest}, but must be numbers and dots, such as 25.4.10001.")
    for name in asked:
        if name not in FINDINGS:
            raise WorkspaceError(f"findings: {name} is not one of {', '.join(FINDINGS)}.")
        option = FINDINGS[name].option
        if option and options.get(option) is None:
            raise WorkspaceError(f"findings: {name} needs the option {option}.")
    names = [
        name
        for name, finding in FINDINGS.items()
        if (name in asked if asked else finding.option is None or options.get(finding.option) is not None)
    ]
    rules = Rules(idle_days, tags, version_numbers(oldest or ""))
    return names, rules


def _counts(records: t.Sequence[Record], field: str, known: t.Iterable[str]) -> dict[str, int]:
    counts = dict.fromkeys(known, 0)
    for record in records:
        value = record.get(field)
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    return counts


def _doubts(names: t.Sequence[str], records: Records) -> list[str]:
    """Warnings about what the records leave open."""
    warnings = []
    if "desktops_idle" in names:
        silent = sum(
            _idle_seconds(records.usage.get(desktop["desktop_id"]) or {}) is None for desktop in records.desktops
        )
        if silent:
            warnings.append(
                f"desktops_idle: {silent} of {len(records.desktops)} desktops have no usage record, so whether they are"
                " idle is not known."
            )
    if "users_without_desktop" in names or "users_with_several_desktops" in names:
        silent = sum(user.get("total_desktops") is None for user in records.users)
        if silent:
            warnings.append(f"The service does not say how many desktops {silent} of {len(records.users)} users have.")
    return warnings


def summary(names: t.Sequence[str], records: Records, refused: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The result: findings, counts, and what could not be checked.

    @param records: of the sources that the findings need, without those refused.
    @param refused: source -> why it could not be read.
    """
    not_checked = {
        name: next(refused[source] for source in FINDINGS[name].sources if source in refused)
        for name in names
        if any(source in refused for source in FINDINGS[name].sources)
    }
    checked = [name for name in names if name not in not_checked]
    findings = {name: FINDINGS[name].find(records) for name in checked}
    read = {source for name in names for source in FINDINGS[name].sources} - refused.keys()
    return {
        "findings": findings,
        "finding_counts": {name: len(found) for name, found in findings.items()},
        "not_checked": not_checked,
        "desktop_count": len(records.desktops) if "desktops" in read else None,
        "user_count": len(records.users) if "users" in read else None,
        "pool_count": len(records.pools) if "pools" in read else None,
        "status_counts": _counts(records.desktops, "status", STATUSES) if "desktops" in read else None,
        "login_status_counts": (
            _counts(records.desktops, "login_status", LOGIN_STATUSES) if "desktops" in read else None
        ),
        "warnings": _doubts(checked, records),
    }


def _read_sources(project: Project, sources: t.Collection[str]) -> dict[str, t.Any]:
    """Read sources side by side.

    @returns: source -> its records, or the error of a source that the caller may not read.
    @raises WorkspaceError: any other failure, at once.
    """
    found: dict[str, t.Any] = {}

    def attempt(source: str, read: t.Callable[[], t.Any]) -> None:
        try:
            found[source] = read()
        except WorkspaceError as error:
            if error.facts["status_code"] != _FORBIDDEN:
                raise
            found[source] = error

    def users() -> None:
        attempt("users", lambda: read_users(project))
        if "user_pools" in sources and not isinstance(found["users"], WorkspaceError):
            ids = [user["id"] for user in found["users"]]
            attempt("user_pools", lambda: read_user_pools(project, ids) if ids else {})

    def usage() -> dict[str, Record]:
        # All records, not only those of idle desktops: which desktops have none has to be known as well.
        return {record["resource_id"]: record for record in read_usage(project)}

    readers: dict[str, t.Callable[[], None]] = {
        "desktops": lambda: attempt("desktops", lambda: read_desktops(project)),
        "users": users,
        "pools": lambda: attempt("pools", lambda: read_pools(project)),
        "usage": lambda: attempt("usage", usage),
    }
    jobs = [read for source, read in readers.items() if source in sources]
    side_by_side(lambda job: job(), jobs, width=len(jobs))
    return found


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """The audit with these options.

    @param options: C(findings), C(idle_days), C(required_tags), C(oldest_agent_version), C(skip_refused),
        C(expect_desktops).
    @raises WorkspaceError: an option is wrong, before any request.
    """
    names, rules = chosen_findings(options)
    sources = {source for name in names for source in FINDINGS[name].sources}

    def read(project: Project) -> dict[str, t.Any]:
        read_at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = _read_sources(project, sources)
        refusals = {source: error for source, error in found.items() if isinstance(error, WorkspaceError)}
        if refusals and (not options.get("skip_refused") or refusals.keys() == found.keys()):
            raise next(iter(refusals.values()))
        records = Records(rules=rules, **{name: read for name, read in found.items() if name not in refusals})
        if options.get("expect_desktops", True) and not records.desktops and not records.users and sources & _FLEET:
            raise WorkspaceError(
                "The project shows no desktops and no users. A wrong project looks the same, so this is a failure: check"
                " region and project_id, or set expect_desktops to false if the project is meant to be empty."
            )
        return summary(names, records, {name: error.message for name, error in refusals.items()}) | {"read_at": read_at}

    return read
