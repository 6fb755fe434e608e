# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What has changed between two complete lists of desktops, as events, and the state that is kept between them.

It sends no request, reads no file and knows neither Ansible nor asyncio.
"""

from __future__ import annotations

import copy
import json
import math
import typing as t

from .._http.errors import WorkspaceError

if t.TYPE_CHECKING:
    from .records import Record

    Event = dict[str, dict[str, t.Any]]

#: The key under which an event holds all that it says.
EVENT = "desktop_connections"

#: The event of a desktop that changes to this status.
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

#: Changes when a state that was written before can no longer be read.
_STATE_VERSION = 1


class OtherServiceError(WorkspaceError):
    """The state file was written for another service or filter."""


class Seen(t.NamedTuple):
    """What is known from one look to the next.

    @param desktops: of the last look that succeeded, by their IDs; `None` before the first one.
    @param failing: whether the last look failed.
    """

    desktops: dict[str, Record] | None = None
    failing: bool = False


class Service(t.NamedTuple):
    """Whose desktops are looked at.

    @param user_names: the filter, sorted; empty for all desktops.
    """

    endpoint: str
    project_id: str
    region: str | None
    user_names: tuple[str, ...]


class Rules(t.NamedTuple):
    """Which events are wanted, and which statuses are those of desktops that are not in use."""

    events: frozenset[str]
    free_statuses: frozenset[str]

    def in_use(self, desktops: t.Iterable[Record]) -> int:
        """How many of the desktops are in use."""
        return sum(desktop["connect_status"] not in self.free_statuses for desktop in desktops)


def rules(options: t.Mapping[str, t.Any]) -> Rules:
    """Check the options.

    @param options: `interval`, `events` and `free_statuses`, of the right types.
    @raises WorkspaceError: an option is wrong, named in the message.
    """
    if not 0 < options["interval"] < math.inf:
        raise WorkspaceError(f"interval is {options['interval']:g}, but must be a number of seconds greater than 0.")
    if not options["events"]:
        raise WorkspaceError("events is an empty list: leave it out for the default, or name the events.")
    if not options["free_statuses"]:
        raise WorkspaceError("free_statuses is an empty list, so that no desktop could ever be free.")
    return Rules(frozenset(options["events"]), frozenset(options["free_statuses"]))


def _name(desktop: Record) -> tuple[str, str]:
    return desktop["desktop_name"] or "", desktop["desktop_id"]


def _change(before: Record | None, now: Record | None) -> str | None:
    """The event of one desktop, `None` if its status is the same."""
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
    """What a look that succeeded has to tell, and what is known after it.

    The summaries come first, then the desktops by name. The events share nothing with what is kept, as filters of a
    rulebook may change them.

    @param result: of `connect_desktops`.
    @param at: the time of the look in UTC, as text.
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
        for _place, kind, desktop, status in sorted(changes, key=lambda change: change[0]):
            events.append(event(kind, desktop, status))
    return Seen(now), [found for found in events if found[EVENT]["type"] in rules.events]


def failed(seen: Seen, error: WorkspaceError, *, rules: Rules, at: str) -> tuple[Seen, list[Event]]:
    """What a look that failed has to tell, and what is known after it: the desktops are those of the look before.

    @param error: with the facts of where was asked; its message holds no secret.
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
    where = {name: place[name] for name in ("project_id", "region", "endpoint")}
    return {EVENT: {"type": kind, "at": at, **where, **more}}


def dump_state(seen: Seen, service: Service) -> str:
    """What is known, as the text of a state file."""
    return json.dumps(
        {
            "version": _STATE_VERSION,
            **service._asdict(),
            "failing": seen.failing,
            "desktops": None if seen.desktops is None else list(seen.desktops.values()),
        }
    )


def load_state(text: str, path: str) -> tuple[Seen, Service]:
    """What a state file holds, and of which service.

    @param path: of the file, for the message.
    @raises WorkspaceError: it is no state file, or one of another version.
    """
    try:
        document = json.loads(text)
        if document.pop("version") != _STATE_VERSION:
            raise ValueError
        desktops = document.pop("desktops")
        known = None if desktops is None else {_text(desktop, "desktop_id"): desktop for desktop in desktops}
        for desktop in desktops or ():
            for name in ("desktop_name", "connect_status"):
                if desktop[name] is not None:
                    _text(desktop, name)
        seen = Seen(known, bool(document.pop("failing")))
        return seen, Service(**{**document, "user_names": tuple(document["user_names"])})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise WorkspaceError(
            f"state_file {path} is not a state file of this version: set another state_file, or remove the file."
        ) from None


def _text(record: Record, name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise TypeError
    return value


def check_service(known: Service, service: Service, path: str) -> None:
    """Compare the service of a state file with the one that is looked at.

    @raises OtherServiceError: they differ, with what differs.
    """
    for name in ("endpoint", "project_id", "user_names"):
        before, now = (_shown(getattr(one, name)) for one in (known, service))
        if before != now:
            raise OtherServiceError(
                f"state_file {path} belongs to another source: its {name} is {before}, not {now}. Set another state_file,"
                " or remove the file."
            )


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "none"
