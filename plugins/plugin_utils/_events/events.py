# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events for the changes between two complete lists of desktops.

This file sends no requests, reads no files, and uses neither Ansible nor asyncio.
"""

from __future__ import annotations

import copy
import typing as t

from ...module_utils._http.errors import WorkspaceError
from .._wait.check import check_interval_and_statuses
from .._wait.wait import PLACE

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record

    Event = dict[str, dict[str, t.Any]]

#: The only key of an event, with all of its data.
EVENT = "desktop_connections"

#: Status -> the event that is sent when a desktop changes to it.
_CHANGES = {
    "UNREGISTER": "shut_down",
    "REGISTERED": "released",
    "CONNECTED": "connected",
    "DISCONNECTED": "disconnected",
}
EVENTS = (
    "snapshot",
    *_CHANGES.values(),
    "status_changed",
    "appeared",
    "gone",
    "all_free",
    "no_longer_free",
    "failing",
    "recovered",
)


class Seen(t.NamedTuple):
    """The state between two checks.

    @param desktops: ID -> desktop, from the last successful check; `None` before the first one.
    @param failing: whether the last check failed.
    """

    desktops: dict[str, Record] | None = None
    failing: bool = False


class Service(t.NamedTuple):
    """The project and the selection of the source.

    @param selection: option -> values; empty for all desktops.
    """

    endpoint: str
    project_id: str
    region: str | None
    selection: dict[str, list[str]]


class Rules(t.NamedTuple):
    """The events to send, and the statuses of desktops that are not in use."""

    events: frozenset[str]
    free_statuses: frozenset[str]

    def in_use(self, desktops: t.Iterable[Record]) -> int:
        """The number of desktops that are in use."""
        return sum(desktop["connect_status"] not in self.free_statuses for desktop in desktops)


def rules(options: t.Mapping[str, t.Any]) -> Rules:
    """Check the options.

    @param options: `interval`, `events` and `free_statuses`, with the right types.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    check_interval_and_statuses(options)
    if not options["events"]:
        raise WorkspaceError("events is an empty list: omit it to use the default, or list the events to send.")
    return Rules(frozenset(options["events"]), frozenset(options["free_statuses"]))


def _name(desktop: Record) -> tuple[str, str]:
    return desktop["desktop_name"] or "", desktop["desktop_id"]


def _change(before: Record | None, now: Record | None) -> str | None:
    """The event for a desktop; `None` if its status has not changed."""
    if before is None:
        return "appeared"
    if now is None:
        return "gone"
    if before["connect_status"] == now["connect_status"]:
        return None
    return _CHANGES.get(now["connect_status"], "status_changed")


def succeeded(
    seen: Seen, result: t.Mapping[str, t.Any], *, rules: Rules, service: Service, at: str
) -> tuple[Seen, list[Event]]:
    """The new state and the events after a successful check.

    Events that are not about one desktop come first, followed by the events of desktops in the order of their names.
    The events are copies, because filters of a rulebook may change them.

    @param result: the result of `connect_desktops`.
    @param at: the time of the check in UTC.
    """
    now = {desktop["desktop_id"]: desktop for desktop in result["desktops"]}
    in_use = rules.in_use(now.values())

    def event(kind: str, desktop: Record | None = None, before: str | None = None) -> Event:
        return _event(
            kind,
            at,
            service._asdict(),
            desktop=copy.deepcopy(desktop),
            before=before,
            connect_status_counts=dict(result["connect_status_counts"]),
            in_use_count=in_use,
        )

    events = [event("recovered")] if seen.failing else []
    events.append(event("snapshot"))
    if seen.desktops is not None:
        were_free = bool(seen.desktops) and not rules.in_use(seen.desktops.values())
        are_free = bool(now) and not in_use
        if were_free != are_free:
            events.append(event("all_free" if are_free else "no_longer_free"))
        changes = []
        for desktop_id, desktop in {**seen.desktops, **now}.items():
            before = seen.desktops.get(desktop_id)
            kind = _change(before, now.get(desktop_id))
            if kind is not None:
                changes.append((_name(desktop), kind, desktop, before["connect_status"] if before else None))
        for _key, kind, desktop, status in sorted(changes, key=lambda change: change[0]):
            events.append(event(kind, desktop, status))
    return Seen(now), [found for found in events if found[EVENT]["type"] in rules.events]


def failed(seen: Seen, error: WorkspaceError, *, rules: Rules, at: str) -> tuple[Seen, list[Event]]:
    """The new state and the events after a failed check. The desktops of the last successful check are kept.

    @param error: an error with the facts of the request; its message contains no secrets.
    """
    if seen.failing or "failing" not in rules.events:
        return seen._replace(failing=True), []
    event = _event(
        "failing",
        at,
        error.facts,
        desktop=None,
        before=None,
        connect_status_counts=None,
        in_use_count=None,
        msg=error.message,
        status_code=error.facts["status_code"],
        error_code=error.facts["error_code"],
    )
    return seen._replace(failing=True), [event]


def _event(kind: str, at: str, place: t.Mapping[str, t.Any], **more: t.Any) -> Event:
    return {EVENT: {"type": kind, "at": at, **{name: place.get(name) for name in PLACE}, **more}}
