# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which events the difference of two lists makes, in which order."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.events import (
    EVENTS,
    Seen,
    Service,
    failed,
    succeeded,
)

OPTIONS: dict[str, Any] = {"events": list(EVENTS), "free_statuses": ["REGISTERED", "UNREGISTER"]}
SERVICE = Service("https://w", "p", "r", {})
AT = "2026-11-27T12:00:00Z"
FREE = {"alice": "REGISTERED"}
BUSY = {"alice": "CONNECTED"}


def result_with(statuses: dict[str, str | None]) -> dict[str, Any]:
    """The result of a check of desktops with these names and statuses."""
    records = [
        {"desktop_id": name[::-1], "desktop_name": name, "connect_status": status, "attach_users": [{"name": name}]}
        for name, status in statuses.items()
    ]
    return {"desktops": records, "connect_status_counts": {"REGISTERED": list(statuses.values()).count("REGISTERED")}}


def events_after(*checks: dict[str, str | None] | WorkspaceError, **options: Any) -> list[str]:
    """The events after the last of these checks: types and names of desktops."""
    agreed = {**OPTIONS, **options}
    seen, events = Seen(), []
    for check in checks:
        if isinstance(check, WorkspaceError):
            seen, events = failed(seen, check, options=agreed, at=AT)
        else:
            seen, events = succeeded(seen, result_with(check), options=agreed, service=SERVICE, at=AT)
    found = [event["desktop_connections"] for event in events]
    return [" ".join([one["type"], *([one["desktop"]["desktop_name"]] if one["desktop"] else [])]) for one in found]


OUTAGE = WorkspaceError("GET https://w failed.", status_code=503, error_code="X", project_id="p", endpoint="https://w")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("REGISTERED", "CONNECTED", "connected"),
        ("CONNECTED", "DISCONNECTED", "disconnected"),
        ("DISCONNECTED", "REGISTERED", "released"),
        ("REGISTERED", "UNREGISTER", "shut_down"),
        ("REGISTERED", "MAINTAINED", "status_changed"),
        ("CONNECTED", None, "status_changed"),
        (None, "CONNECTED", "connected"),
        ("CONNECTED", "CONNECTED", None),
        (None, None, None),
    ],
)
def test_a_change_of_status_is_an_event(before: str | None, now: str | None, expected: str | None) -> None:
    others = {"other": "CONNECTED"}
    events = ["snapshot", f"{expected} alice"] if expected else ["snapshot"]
    assert events_after({"alice": before, **others}, {"alice": now, **others}) == events


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([FREE], ["snapshot"]),
        ([BUSY, FREE], ["snapshot", "all_free", "released alice"]),
        ([FREE, BUSY], ["snapshot", "no_longer_free", "connected alice"]),
        ([FREE, {**FREE, "bob": "CONNECTED"}], ["snapshot", "no_longer_free", "appeared bob"]),
        ([{**FREE, "bob": "CONNECTED"}, FREE], ["snapshot", "all_free", "gone bob"]),
        ([FREE, {**FREE, "bob": "REGISTERED"}], ["snapshot", "appeared bob"]),
        ([BUSY, {}], ["snapshot", "gone alice"]),
        ([FREE, {}], ["snapshot", "no_longer_free", "gone alice"]),
        ([{}, FREE], ["snapshot", "all_free", "appeared alice"]),
        ([{}, {}], ["snapshot"]),
        ([OUTAGE], ["failing"]),
        ([OUTAGE, OUTAGE], []),
        ([OUTAGE, FREE], ["recovered", "snapshot"]),
        ([BUSY, OUTAGE, FREE], ["recovered", "snapshot", "all_free", "released alice"]),
        ([BUSY, OUTAGE, OUTAGE, BUSY], ["recovered", "snapshot"]),
    ],
)
def test_events_between_two_checks(checks: list[Any], expected: list[str]) -> None:
    assert events_after(*checks) == expected


def test_desktops_come_by_name_and_those_that_have_gone_among_them() -> None:
    before = {"da": "REGISTERED", "bc": "REGISTERED", "ad": "REGISTERED"}
    now = {"cb": "CONNECTED", "da": "CONNECTED", "ad": "CONNECTED"}
    assert events_after(before, now)[2:] == ["connected ad", "gone bc", "appeared cb", "connected da"]


def test_only_the_chosen_events_are_sent() -> None:
    assert events_after(FREE, BUSY, events=["connected"]) == ["connected alice"]
    assert events_after(OUTAGE, events=["connected"]) == []
    assert events_after(OUTAGE, FREE, events=["recovered"]) == ["recovered"]


def test_free_statuses_decide_all_free_events() -> None:
    both = ["REGISTERED", "DISCONNECTED"]
    assert "all_free" in events_after(BUSY, {"alice": "DISCONNECTED"}, free_statuses=both)
    assert "all_free" not in events_after(BUSY, {"alice": "UNREGISTER"}, free_statuses=both)
    assert "all_free" not in events_after(BUSY, {"alice": None})


def test_an_event_is_whole_and_shares_nothing_with_what_is_kept() -> None:
    agreed = OPTIONS
    seen, _none = succeeded(Seen(), result_with(FREE), options=agreed, service=SERVICE, at=AT)
    seen, events = succeeded(seen, result_with(BUSY), options=agreed, service=SERVICE, at=AT)
    place = {"at": AT, "project_id": "p", "region": "r", "endpoint": "https://w"}
    counts = {"connect_status_counts": {"REGISTERED": 0}, "in_use_count": 1}
    record = result_with(BUSY)["desktops"][0]
    expected = {"type": "connected", **place, "desktop": record, "before": "REGISTERED", **counts}
    assert events[-1] == {"desktop_connections": expected}
    summary = {"type": "no_longer_free", **place, "desktop": None, "before": None, **counts}
    assert events[-2] == {"desktop_connections": summary}
    events[-1]["desktop_connections"]["desktop"]["attach_users"].clear()
    assert seen.desktops == {"ecila": record}

    _seen, [failing] = failed(seen, OUTAGE, options=agreed, at=AT)
    nothing = {"desktop": None, "before": None, "connect_status_counts": None, "in_use_count": None}
    why = {"msg": "GET https://w failed.", "status_code": 503, "error_code": "X"}
    assert failing == {"desktop_connections": {"type": "failing", **place, "region": None, **nothing, **why}}
