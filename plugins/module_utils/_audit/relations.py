# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The records that an audit reads, and the relations between records of different lists."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import typing as t

if t.TYPE_CHECKING:
    from .._reading.records import Record


class Rules(t.NamedTuple):
    """The options that findings depend on.

    @param oldest_agent: the numbers of the version, such as `(25, 4)`.
    """

    idle_days: int | None = None
    required_tags: tuple[str, ...] = ()
    oldest_agent: tuple[int, ...] = ()


class Assignment(t.NamedTuple):
    """A desktop and a user that it is assigned to.

    @param group: the name of the group that the desktop is assigned to; `None` if it is assigned to the user directly.
    """

    desktop: Record
    user_id: str
    user_name: str | None
    group: str | None = None


def is_group(entry: Record) -> bool:
    """Whether an entry of `attach_user_infos` is a user group."""
    return "GROUP" in (entry.get("type") or "")


@dataclasses.dataclass(frozen=True)
class Records:
    """The records of the sources that were read.

    @param late_users: users that were created while the desktops were read.
    @param user_pools: user ID -> the record of the by-users API; missing for users without a pool.
    @param usage: desktop ID -> the last use; missing for desktops that were not used.
    @param groups: ID or name in lower case -> members; `None` if groups are not resolved.
    @param now: the time when reading started.
    """

    desktops: t.Sequence[Record] = ()
    users: t.Sequence[Record] = ()
    user_pools: t.Mapping[str, Record] = dataclasses.field(default_factory=dict)
    pools: t.Sequence[Record] = ()
    usage: t.Mapping[str, Record] = dataclasses.field(default_factory=dict)
    groups: t.Mapping[str, t.Sequence[Record]] | None = None
    late_users: t.Sequence[Record] = ()
    rules: Rules = dataclasses.field(default_factory=Rules)
    now: datetime.datetime = datetime.datetime.min

    @functools.cached_property
    def desktops_by_id(self) -> dict[str, Record]:
        """Desktop ID -> desktop."""
        return {desktop["desktop_id"]: desktop for desktop in self.desktops}

    @functools.cached_property
    def directory(self) -> dict[str, Record]:
        """User ID -> user, including `late_users`."""
        return {user["id"]: user for user in (*self.users, *self.late_users)}

    @functools.cached_property
    def assignments(self) -> list[Assignment]:
        """All pairs of a desktop and a user, without duplicates; direct assignments take precedence over groups."""
        return [
            assignment
            for desktop in self.desktops
            for assignment in {one.user_id: one for one in reversed(list(self._users_of(desktop)))}.values()
        ]

    def _users_of(self, desktop: Record) -> t.Iterator[Assignment]:
        entries = desktop["attach_user_infos"] or ()
        for entry in entries:
            if entry["user_id"] and not is_group(entry):
                yield Assignment(desktop, entry["user_id"], entry["user_name"])
        for entry in entries:
            for member in self.members_of(entry) or ():
                yield Assignment(desktop, member["id"], member["user_name"], entry["user_name"])

    def members_of(self, entry: Record) -> t.Sequence[Record] | None:
        """The members of the group that an entry of `attach_user_infos` names; `None` if they are not known."""
        if self.groups is None or not is_group(entry):
            return None
        return self.groups.get(entry["user_id"] or (entry["user_name"] or "").lower())

    @functools.cached_property
    def assigned(self) -> dict[str, list[Assignment]]:
        """User ID -> the desktops of the user."""
        found: dict[str, list[Assignment]] = {}
        for assignment in self.assignments:
            found.setdefault(assignment.user_id, []).append(assignment)
        return found

    def memberships(self, user_id: str) -> list[Record]:
        """The pools that a user may use."""
        return (self.user_pools.get(user_id) or {}).get("desktop_pools") or []

    @functools.cached_property
    def users_of_pools(self) -> dict[str, list[tuple[str, Record]]]:
        """Pool ID -> the users who may use the pool, each with their membership entry."""
        found: dict[str, list[tuple[str, Record]]] = {}
        for user in self.users:
            for pool in self.memberships(user["id"]):
                if pool.get("desktop_pool_id"):
                    found.setdefault(pool["desktop_pool_id"], []).append((user["id"], pool))
        return found
