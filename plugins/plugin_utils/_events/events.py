# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events for the changes between two complete lists of desktops.

This file sends no requests, reads no files, and uses neither Ansible nor asyncio.
"""

from __future__ import annotations

import copy
import typing as t

from .._wait.wait import PLACE

if t.TYPE_CHECKING:
    from ...module_utils._http.errors import WorkspaceError
    from ...module_utils._reading.records import Record

    Event = dict[str, dict[str, t.Any]]
    #: The type of an event, its desktop, and the previous status of the desktop.
    _Found = tuple[str, t.Optional[Record], t.Optional[str]]

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
    *("snapshot", *_CHANGES.values(), "status_changed", "appeared", "gone"),
    *("all_free", "no_longer_free", "failing", "recovered"),
)


class Seen(t.NamedTuple):
    """The state between two checks.

    @param desktops: ID -> desktop, from the last successful check; `None` before the first one.
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
    seen: Seen, result: t.Mapping[str, t.Any], *, options: t.Mapping[str, t.Any], service: Service, at: str
) -> tuple[Seen, list[Event]]:
    """The new state and the events after a successful check.

    Events that are not about one desktop come first, followed by the events of desktops in the order of their names.
    The events are copies, because filters of a rulebook may change them.

    @param at: the time of the check in UTC.
    """

    def in_use_count(desktops: t.Iterable[Record]) -> int:
        return sum(desktop["connect_status"] not in options["free_statuses"] for desktop in desktops)

    now = {desktop["desktop_id"]: desktop for desktop in result["desktops"]}
    in_use = in_use_count(now.values())
    found: list[_Found] = [("recovered", None, None)] if seen.failing else []
    found.append(("snapshot", None, None))
    if seen.desktops is not None:
        were_free = bool(seen.desktops) and not in_use_count(seen.desktops.values())
        are_free = bool(now) and not in_use
        if were_free != are_free:
            found.append(("all_free" if are_free else "no_longer_free", None, None))
        found += _changes(seen.desktops, now)
    counts = {"connect_status_counts": result["connect_status_counts"], "in_use_count": in_use}
    events = [
        copy.deepcopy(_event(kind, at, service._asdict(), desktop=desktop, before=before, **counts))
        for kind, desktop, before in found
        if kind in options["events"]
    ]
    return Seen(now), events


def _changes(before: t.Mapping[str, Record], now: t.Mapping[str, Record]) -> t.Iterator[_Found]:
    """The events of desktops, in the order of their names."""
    for desktop_id, desktop in sorted(
        {**before, **now}.items(), key=lambda item: (item[1]["desktop_name"] or "", item[0])
    ):
        old = before.get(desktop_id)
        kind = _change(old, now.get(desktop_id))
        if kind is not None:
            yield kind, desktop, old["connect_status"] if old else None


def failed(seen: Seen, error: WorkspaceError, *, options: t.Mapping[str, t.Any], at: str) -> tuple[Seen, list[Event]]:
    """The new state and the events after a failed check. The desktops of the last successful check are kept.

    @param error: an error with the facts of the request; its message contains no secrets.
    """
    if seen.failing or "failing" not in options["events"]:
        return seen._replace(failing=True), []
    facts = {name: error.facts[name] for name in ("status_code", "error_code")}
    event = _event("failing", at, error.facts, msg=error.message, **facts)
    return seen._replace(failing=True), [event]


def _event(kind: str, at: str, place: t.Mapping[str, t.Any], **more: t.Any) -> Event:
    about = dict.fromkeys(("desktop", "before", "connect_status_counts", "in_use_count"))
    return {EVENT: {"type": kind, "at": at, **{name: place.get(name) for name in PLACE}, **about, **more}}
