# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The records that an audit reads, the relations between them, and the answers that their fields give.

An answer is yes, no, or the reason why it is not known. A field that is missing or null gives no other answer.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import typing as t

from .._reading.records import is_group

if t.TYPE_CHECKING:
    from .._reading.records import Record

#: Whether a finding applies to a record, or the reason why that is not known.
Answer = t.Union[bool, str]


class Ask(t.Protocol):
    """Asks a record for a field."""

    def __call__(self, record: Record, test: t.Callable[[t.Any], t.Any] | bool = bool) -> Answer:
        """The answer of a test of its value, or one that is given for any value."""


class NotReturned(str):
    """The answer of a field that no record has: it is not known for any of them."""


def any_of(*answers: Answer) -> Answer:
    """Yes if an answer is yes, otherwise not known if one is not known. Fields that no record has are left out."""
    asked = [answer for answer in answers if not isinstance(answer, NotReturned)] or answers
    return any(answer is True for answer in asked) or next((one for one in asked if isinstance(one, str)), False)


def all_of(*answers: Answer) -> Answer:
    """No if an answer is no, otherwise not known if one is not known. No field can be left out."""
    unknown = [answer for answer in answers if isinstance(answer, str)]
    missing = next((answer for answer in unknown if isinstance(answer, NotReturned)), None)
    if missing is not None:
        return missing
    return False if False in answers else next(iter(unknown), True)


def not_(answer: Answer) -> Answer:
    """The opposite answer, if it is known."""
    return answer if isinstance(answer, str) else not answer


def unless(answer: Answer, contradicted: t.Any, because: str) -> Answer:
    """Not known instead of yes if other data contradict it."""
    return because if answer is True and contradicted else answer


class Holder(t.NamedTuple):
    """A user that a desktop is assigned to; without an ID if there is none, or if the user is not known.

    @param group: the name of the group that the desktop is assigned to; `None` if it is assigned to the user directly.
    @param unknown: why the user is not known; `None` if the user is known, or if there is none.
    @param may_be_group: whether it may be a group whose members are not known.
    """

    user_id: str | None = None
    user_name: str | None = None
    group: str | None = None
    unknown: str | None = None
    may_be_group: bool = False


@dataclasses.dataclass
class Records:
    """The records of a project. Fields that the service did not return are null.

    @param late_users: users that were created while the desktops were read.
    @param user_pools: user ID -> the record of the by-users API; missing for users without a pool.
    @param usage: desktop ID -> the usage record; missing for desktops that were not used.
    @param groups: the groups that desktops are assigned to, with `members`; `None` if groups are not resolved.
    @param rules: option -> value.
    @param now: the time when reading started.
    """

    desktops: t.Sequence[Record] = ()
    users: t.Sequence[Record] = ()
    user_pools: t.Mapping[str, Record] = dataclasses.field(default_factory=dict)
    pools: t.Sequence[Record] = ()
    usage: t.Mapping[str, Record] = dataclasses.field(default_factory=dict)
    groups: t.Sequence[Record] | None = None
    late_users: t.Sequence[Record] = ()
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    now: datetime.datetime = datetime.datetime.min

    def is_missing(self, field: str) -> bool:
        """Whether no record of a source has a field, although there are records.

        @param field: such as `desktops.status`.
        """
        parent, _dot, name = field.rpartition(".")
        if "." in parent and self.is_missing(parent):
            return True
        records = self._records_of(parent)
        return bool(records) and all(record.get(name) is None for record in records)

    def _records_of(self, path: str) -> list[Record]:
        """The records of a source, or of a field of theirs."""
        parent, dot, name = path.rpartition(".")
        if not dot:
            found = getattr(self, path)
            return list(found.values() if isinstance(found, t.Mapping) else found)
        values = [record.get(name) for record in self._records_of(parent)]
        items = [item for value in values for item in (value if isinstance(value, list) else [value])]
        return [item for item in items if isinstance(item, dict)]

    def field(self, field: str) -> Ask:
        """A function that asks a record for a field."""
        name = field.rpartition(".")[2]
        missing = f"no {name}"
        if self.is_missing(field):
            missing = NotReturned(f"the service does not return {field.partition('.')[2]}")

        def ask(record: Record, test: t.Callable[[t.Any], t.Any] | bool = bool) -> Answer:
            value = record.get(name)
            if value is None:
                return missing
            return test if isinstance(test, bool) else bool(test(value))

        return ask

    @functools.cached_property
    def names_of_users(self) -> dict[str, list[str] | None]:
        """Desktop ID -> the names of its users, those of groups in parentheses; `None` if they are not known."""
        return {
            desktop["desktop_id"]: desktop["attach_user_infos"]
            and [
                f"({name})" if is_group(entry) else name
                for entry in desktop["attach_user_infos"]
                for name in [entry["user_name"] or entry["user_id"]]
                if name
            ]
            for desktop in self.desktops
        }

    @functools.cached_property
    def directory(self) -> dict[str | None, Record]:
        """User ID -> user, including `late_users`."""
        return {user["id"]: user for user in (*self.users, *self.late_users)}

    @functools.cached_property
    def holders(self) -> list[tuple[Record, Holder]]:
        """All pairs of a desktop and a user, without duplicates; a desktop without a user is paired with `Holder()`.

        Direct assignments take precedence over groups.
        """
        ask = self.field("desktops.attach_user_infos")
        ask_id = self.field("desktops.attach_user_infos.user_id")
        found = []
        for desktop in self.desktops:
            unknown = ask(desktop, False)
            if isinstance(unknown, str):
                # A desktop that is not attached is not assigned to a group.
                attached = desktop["attach_state"] not in ("UNATTACH", "DEATTACHED")
                found.append((desktop, Holder(unknown=unknown, may_be_group=attached)))
                continue
            holders = [one for entry in desktop["attach_user_infos"] for one in self._of_entry(entry, ask_id)]
            holders.sort(key=lambda one: one.group is None)
            unique = {one.user_id or one: one for one in holders}
            found += [(desktop, one) for one in unique.values() or [Holder()]]
        return found

    def _of_entry(self, entry: Record, ask_id: Ask) -> t.Iterator[Holder]:
        of_group, user_id, name = is_group(entry), entry["user_id"], entry["user_name"]
        group = self._group_of(entry)
        # A user can have the name of a group, so an entry without a type is only a group because of its ID.
        if of_group or (of_group is None and user_id and group is not None):
            if group is not None:
                for member in group["members"]:
                    yield Holder(member["id"], member["user_name"], name or group["name"])
            elif self.groups is not None:
                yield Holder(unknown="the members of its group are not known", may_be_group=True)
        elif user_id:
            yield Holder(user_id, name, may_be_group=of_group is None)
        else:
            yield Holder(unknown=t.cast("str", ask_id({})), may_be_group=of_group is None)

    @functools.cached_property
    def _groups_by_id(self) -> dict[str, Record]:
        return {group["id"]: group for group in self.groups or ()}

    @functools.cached_property
    def _groups_by_name(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for group in self.groups or ():
            found.setdefault((group["name"] or "").lower(), []).append(group)
        return found

    def _group_of(self, entry: Record) -> Record | None:
        """The group of an entry by its ID, or by name and domain if it has none; `None` if it is not known."""
        if entry["user_id"]:
            return self._groups_by_id.get(entry["user_id"])
        named = self._groups_by_name.get(entry["user_name"].lower(), []) if entry["user_name"] else []
        domain = (entry["domain"] or "").lower()
        same = [group for group in named if not domain or (group["domain"] or domain).lower() == domain]
        return same[0] if len(same) == 1 else None

    @functools.cached_property
    def assigned(self) -> dict[str | None, list[tuple[Record, Holder]]]:
        """User ID -> the desktops of the user."""
        found: dict[str | None, list[tuple[Record, Holder]]] = {}
        for desktop, holder in self.holders:
            found.setdefault(holder.user_id, []).append((desktop, holder))
        return found

    @functools.cached_property
    def hides_members(self) -> bool:
        """Whether groups are resolved, but a desktop may be assigned to one whose members are not known."""
        return self.groups is not None and any(
            one.may_be_group and one.user_id not in self.directory for _desktop, one in self.holders
        )

    def memberships(self, user_id: str) -> tuple[list[Record], bool]:
        """The pools that a user may use, and whether there are no others.

        The service does not return users without a pool, and may leave out the number or the list of pools.
        """
        record = self.user_pools.get(user_id, {"desktop_pools": [], "desktop_pool_count": 0})
        pools, count = record["desktop_pools"], record["desktop_pool_count"]
        return pools or [], (count == 0 if pools is None else (count or 0) <= len(pools))

    @functools.cached_property
    def users_of_pools(self) -> dict[str | None, list[Record]]:
        """Pool ID -> the membership of each user who may use the pool."""
        found: dict[str | None, list[Record]] = {}
        for user in self.users:
            for membership in self.memberships(user["id"])[0]:
                found.setdefault(membership["desktop_pool_id"], []).append(membership)
        return found
