# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The findings of an audit: how each record is judged, and the fields that this requires.

Of each record, a finding's answer is yes, no, or not known. It is not known if a field that decides is missing in this
record, or if other data contradict a yes.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from .._http import timestamps
from . import relations

if t.TYPE_CHECKING:
    from .._reading.records import Record

#: A record, the answer, and fields that show the finding besides those of the record that decide.
Judged = t.Iterator[tuple["Record", relations.Answer, "Record"]]

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)

_DAY = 86400

#: The reasons of `desktops_in_error`, in the order of its fields, and the values that show them.
_ERRORS: dict[str, t.Callable[[t.Any], bool]] = {
    "status": lambda status: status == "ERROR",
    "attach_state": lambda state: "FAIL" in state,
    "frozen": bool,
    "isolated": bool,
    # 1: joined, 3: not reported.
    "out of domain": lambda number: number == 2,
}

_HIDDEN_MEMBERS = "may be a member of a group whose members are not known"


class Finding(t.NamedTuple):
    """A kind of finding.

    @param judge: a function from the records, and a function to ask for each of the fields, to the answers.
    @param fields: the fields that decide, each as `source.field`.
    @param option: the required option.
    @param of_users: whether desktops that are assigned to user groups affect the finding.
    @param only_if_asked: whether it is only checked if the option `findings` names it.
    """

    judge: t.Callable[..., Judged]
    fields: tuple[str, ...]
    option: str | None = None
    of_users: bool = False
    only_if_asked: bool = False

    @property
    def sources(self) -> set[str]:
        """The sources of the fields."""
        return {field.partition(".")[0] for field in self.fields}

    def shown(self, kind: str, record: Record) -> Record:
        """The fields of a record that decide, without lists."""
        names = [name for source, _dot, name in (field.partition(".") for field in self.fields) if source == kind]
        return {name: record[name] for name in names if name in record and not isinstance(record[name], list)}

    @property
    def rules(self) -> tuple[str, ...]:
        """The options that the finding depends on."""
        return (*([self.option] if self.option else []), *(["resolve_groups"] if self.of_users else []))

    def answers(self, records: relations.Records) -> Judged:
        """The answer for each record."""
        return self.judge(records, *map(records.field, self.fields))


def _single(field: str, test: t.Callable[[t.Any], t.Any] = bool, only_if_asked: bool = False) -> Finding:
    """A finding that depends on a single field of each record."""

    def judge(records: relations.Records, ask: relations.Ask) -> Judged:
        for record in getattr(records, field.partition(".")[0]):
            yield record, ask(record, test), {}

    return Finding(judge, (field,), only_if_asked=only_if_asked)


def _is_in_session(desktop: Record) -> bool:
    return desktop["login_status"] in ("CONNECTED", "DISCONNECTED")


def _unless_connected(answer: relations.Answer, desktop: Record) -> relations.Answer:
    return relations.unless(answer, desktop["login_status"] == "CONNECTED", "connected now")


def _without_user(records: relations.Records, ask_type: relations.Ask, ask_users: relations.Ask) -> Judged:
    for desktop in records.desktops:
        # Free desktops of a pool have no user by design.
        dedicated = ask_type(desktop, lambda kind: kind not in ("POOLED", "SHARED"))
        named = any(desktop.get(field) for field in ("user_name", "user_list", "user_group_list"))
        shown = named or desktop["attach_state"] == "ATTACHED" or _is_in_session(desktop)
        answer = relations.all_of(dedicated, ask_users(desktop, lambda users: not users))
        answer = relations.unless(answer, shown, "other fields show a user or a session")
        yield desktop, answer, {"attach_state": desktop["attach_state"]}


def _of_users(field: str) -> Finding:
    def judge(records: relations.Records, *asks: relations.Ask) -> Judged:
        for desktop, holder in records.holders:
            user = records.directory.get(holder.user_id)
            if user is None:
                yield desktop, holder.unknown or False, {}
                continue
            by_group = {} if holder.group is None else {"group_name": holder.group}
            shown = {"user_id": user["id"], "user_name": user["user_name"], field: True, **by_group}
            yield desktop, asks[-1](user), shown

    return Finding(judge, (*_ENTRIES, f"users.{field}"), of_users=True)


def _of_unknown_users(records: relations.Records, *asks: relations.Ask) -> Judged:
    for desktop, holder in records.holders:
        answer: relations.Answer = holder.unknown or (
            holder.user_id is not None and holder.user_id not in records.directory
        )
        if answer is True and holder.may_be_group:
            answer = asks[-1]({})
        # Without a name, it cannot be queried whether the user was created while the desktops were read.
        answer = relations.unless(answer, not holder.user_name, "no user_name")
        yield desktop, answer, {"user_id": holder.user_id, "user_name": holder.user_name}


def _running_unregistered(
    records: relations.Records, ask_status: relations.Ask, ask_task: relations.Ask, ask_login: relations.Ask
) -> Judged:
    for desktop in records.desktops:
        running = ask_status(desktop, lambda status: status == "ACTIVE")
        unregistered = ask_login(desktop, lambda status: status == "UNREGISTER")
        yield desktop, relations.all_of(running, ask_task(desktop, lambda task: not task), unregistered), {}


def _in_error(records: relations.Records, *asks: relations.Ask) -> Judged:
    for desktop in records.desktops:
        answers = {reason: ask(desktop, test) for ask, (reason, test) in zip(asks, _ERRORS.items())}
        reasons = [reason for reason, answer in answers.items() if answer is True]
        yield desktop, relations.any_of(*answers.values()), {"reasons": reasons}


def _shut_off(records: relations.Records, ask: relations.Ask) -> Judged:
    for desktop in records.desktops:
        answer = ask(desktop, lambda status: status in ("SHUTOFF", "HIBERNATED"))
        yield desktop, _unless_connected(answer, desktop), {}


def _idle(records: relations.Records, ask: relations.Ask) -> Judged:
    least = (records.rules["idle_days"] or 0) * _DAY
    for desktop in records.desktops:
        usage = records.usage.get(desktop["desktop_id"])
        # The idle time of a desktop without any use is the time for which usage is kept.
        if usage is None or (usage["latest_connect_username"] == "" and usage["desktop_usage"] == 0):
            yield desktop, "no usage record", {}
        else:
            yield desktop, _unless_connected(ask(usage, lambda seconds: seconds >= least), desktop), {}


def _never_used(
    records: relations.Records, ask_created: relations.Ask, ask_user: relations.Ask, ask_hours: relations.Ask
) -> Judged:
    oldest = records.now - datetime.timedelta(days=records.rules["idle_days"] or 0)
    for desktop in records.desktops:
        usage = records.usage.get(desktop["desktop_id"])
        unused = True if usage is None else relations.not_(relations.any_of(ask_user(usage), ask_hours(usage)))
        created = timestamps.time_in_utc(desktop["created"], "UTC")
        old = "created is not a time" if created is None else created < oldest
        answer = relations.all_of(unused, ask_created(desktop, True), old)
        yield desktop, relations.unless(answer, _is_in_session(desktop), "in a session now"), {}


def _without_tags(records: relations.Records, ask: relations.Ask) -> Judged:
    for desktop in records.desktops:
        keys = {tag["key"] for tag in desktop["tags"] or ()}
        missing = [key for key in records.rules["required_tags"] or () if key not in keys]
        answer = ask(desktop, bool(missing))
        yield desktop, relations.unless(answer, None in keys, "a tag has no key"), {"missing_tags": missing}


def version_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, without trailing zeros: 25.4 equals 25.4.0."""
    numbers = [int(number) for number in _NUMBER.findall(version)]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _with_old_agent(records: relations.Records, ask: relations.Ask) -> Judged:
    oldest = version_numbers(records.rules["oldest_agent_version"] or "")
    for desktop in records.desktops:
        # An empty version is not old. Others without a number cannot be compared.
        answer = ask(desktop, lambda version: version and version_numbers(version) < oldest)
        comparable = _NUMBER.search(desktop["agent_version"] or "")
        yield desktop, relations.unless(answer, not comparable, "agent_version has no number"), {}


def _unencrypted(records: relations.Records, ask_root: relations.Ask, ask_data: relations.Ask) -> Judged:
    for desktop in records.desktops:
        data = desktop.get("data_volumes")
        volumes = [(ask_root, desktop.get("root_volume"))]
        volumes += [(ask_data, volume) for volume in (data if isinstance(data, list) else [None])]
        known = [(ask, volume if isinstance(volume, dict) else {}) for ask, volume in volumes]
        answers = [ask(volume, lambda key: not key) for ask, volume in known]
        found = [volume for (_ask, volume), answer in zip(known, answers) if answer is True]
        names = [volume.get("display_name") or volume.get("device") or volume.get("id") for volume in found]
        yield desktop, relations.any_of(*answers), {"unencrypted_volumes": names}


def _with_local_administrators(
    records: relations.Records, ask_users: relations.Ask, ask_group: relations.Ask
) -> Judged:
    for desktop in records.desktops:
        entries = desktop["attach_user_infos"] or []
        answers = [ask_group(entry, lambda name: name.lower() in ("administrators", "sudo")) for entry in entries]
        found = [entry["user_name"] for entry, answer in zip(entries, answers) if answer is True]
        answer = relations.any_of(*answers) if entries else ask_users(desktop, False)
        yield desktop, answer, {"administrators": found}


def _users_without_desktop(records: relations.Records, ask: relations.Ask) -> Judged:
    for user in records.users:
        mine = records.assigned.get(user["id"], [])
        attached = any(pool["is_attached"] for pool in records.memberships(user["id"])[0])
        answer = ask(user, lambda number: number == 0)
        answer = relations.unless(answer, mine or attached, "a desktop is assigned to the user")
        answer = relations.unless(answer, records.hides_members, _HIDDEN_MEMBERS)
        # The service does not count the desktops of groups.
        yield user, False if any(one.group is not None for _desktop, one in mine) else answer, {}


def _users_with_several_desktops(records: relations.Records, ask: relations.Ask, *_entries: relations.Ask) -> Judged:
    for user in records.users:
        mine = records.assigned.get(user["id"], [])
        by_group = sum(one.group is not None for _desktop, one in mine)
        count = max((user["total_desktops"] or 0) + by_group, len(mine))
        answer = ask(user, (user["total_desktops"] or 0) + by_group > 1)
        if answer is not True and count > 1:
            # Only the assignments show several desktops.
            contradicted = "more desktops are assigned than the service counts"
            answer = True if user["total_desktops"] is None else contradicted
        elif answer is False and records.hides_members:
            answer = _HIDDEN_MEMBERS
        names = sorted(desktop["computer_name"] or desktop["desktop_id"] for desktop, _one in mine)
        yield user, answer, {"total_desktops": count, "computer_names": names}


def _users_without_pool(records: relations.Records, ask: relations.Ask) -> Judged:
    for user in records.users:
        pools, complete = records.memberships(user["id"])
        answer: relations.Answer = not pools
        if not pools and not complete:
            record = records.user_pools[user["id"]]
            answer = False if record["desktop_pool_count"] else ask(record)
        yield user, answer, {"desktop_pool_count": 0}


def _users_never_attached(records: relations.Records, ask: relations.Ask) -> Judged:
    for user in records.users:
        pools, complete = records.memberships(user["id"])
        answers = [ask(pool, lambda attached: not attached) for pool in pools]
        answers += [] if complete else ["not all pools of the user are known"]
        yield (
            user,
            bool(answers) and relations.all_of(*answers),
            {"desktop_pools": [pool["desktop_pool_name"] for pool in pools]},
        )


def _pools_never_attached(records: relations.Records, ask: relations.Ask) -> Judged:
    # A pool of a user that is not known may be any of them.
    hidden = any(not records.memberships(user["id"])[1] for user in records.users)
    hidden |= any(one["is_attached"] is not False for one in records.users_of_pools.get(None, ()))
    for pool in records.pools:
        memberships = records.users_of_pools.get(pool["id"], [])
        answers = [ask(membership, lambda attached: not attached) for membership in memberships]
        answer = relations.all_of(*answers, *(["not all pools of all users are known"] if hidden else []))
        answer = relations.unless(answer, pool["desktop_used"], "desktops of the pool are used")
        yield pool, answer, {"authorized_user_count": len(memberships)}


def _pools_full(records: relations.Records, ask_count: relations.Ask, ask_used: relations.Ask) -> Judged:
    for pool in records.pools:
        none_free = (pool["desktop_used"] or 0) >= (pool["desktop_count"] or 0)
        yield pool, relations.all_of(ask_count(pool), ask_used(pool, none_free)), {}


def _pools_unused(records: relations.Records, ask_count: relations.Ask, ask_used: relations.Ask) -> Judged:
    for pool in records.pools:
        answer = relations.all_of(ask_count(pool), ask_used(pool, lambda number: number == 0))
        attached = any(membership["is_attached"] for membership in records.users_of_pools.get(pool["id"], ()))
        yield pool, relations.unless(answer, attached, "users have desktops of the pool"), {}


def _each(source: str, *fields: str) -> tuple[str, ...]:
    return tuple(f"{source}.{field}" for field in fields)


_ENTRIES = _each("desktops", "attach_user_infos", "attach_user_infos.user_id")
_NUMBERS = _each("pools", "desktop_count", "desktop_used")
_ATTACHED = ("user_pools.desktop_pools.is_attached",)


#: In the order in which they are returned.
FINDINGS: dict[str, Finding] = {
    "desktops_without_user": Finding(_without_user, _each("desktops", "desktop_type", "attach_user_infos")),
    "desktops_of_disabled_users": _of_users("disabled"),
    "desktops_of_locked_users": _of_users("locked"),
    "desktops_of_expired_users": _of_users("account_expired"),
    "desktops_of_unknown_users": Finding(
        _of_unknown_users, (*_ENTRIES, "users.id", "desktops.attach_user_infos.type"), of_users=True
    ),
    "desktops_running_unregistered": Finding(
        _running_unregistered, _each("desktops", "status", "task_status", "login_status")
    ),
    "desktops_in_error": Finding(
        _in_error, _each("desktops", "status", "attach_state", "is_freeze", "isolated", "domain_status")
    ),
    "desktops_in_maintenance": _single("desktops.in_maintenance_mode"),
    "desktops_shut_off": Finding(_shut_off, ("desktops.status",)),
    "desktops_idle": Finding(_idle, ("usage.desktop_idle_duration",), option="idle_days"),
    "desktops_never_used": Finding(
        _never_used, ("desktops.created", "usage.latest_connect_username", "usage.desktop_usage"), option="idle_days"
    ),
    "desktops_without_tags": Finding(_without_tags, ("desktops.tags",), option="required_tags"),
    "desktops_with_old_agent": Finding(_with_old_agent, ("desktops.agent_version",), option="oldest_agent_version"),
    "desktops_unencrypted": Finding(
        _unencrypted, _each("desktops", "root_volume.kms_id", "data_volumes.kms_id"), only_if_asked=True
    ),
    "desktops_with_public_address": _single(
        "desktops.internet_mode", lambda mode: mode in ("EIP", "BOTH"), only_if_asked=True
    ),
    "desktops_with_local_administrators": Finding(
        _with_local_administrators,
        _each("desktops", "attach_user_infos", "attach_user_infos.user_group"),
        only_if_asked=True,
    ),
    "users_without_desktop": Finding(_users_without_desktop, ("users.total_desktops",), of_users=True),
    "users_with_several_desktops": Finding(
        _users_with_several_desktops, ("users.total_desktops", *_ENTRIES), of_users=True
    ),
    "users_without_pool": Finding(_users_without_pool, ("user_pools.desktop_pools",)),
    "users_never_attached": Finding(_users_never_attached, _ATTACHED),
    "pools_never_attached": Finding(_pools_never_attached, _ATTACHED),
    "pools_full": Finding(_pools_full, _NUMBERS),
    "pools_unused": Finding(_pools_unused, _NUMBERS),
    "pools_in_maintenance": _single("pools.in_maintenance_mode"),
}
