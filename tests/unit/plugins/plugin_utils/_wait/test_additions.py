# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when desktops in use are connected, and warnings about tasks that the service itself will execute."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.additions import (
    login_records,
    scheduled_tasks,
    with_login_records,
    with_scheduled_tasks,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import Selected

BUSY = {"desktop_id": "d1", "desktop_name": "desk-1"}


def record(at: str, **more: Any) -> dict[str, Any]:
    ids = {"desktop_id": "d1", "computer_name": "desk-1"}
    return {**ids, "connected_at": at, "ended_at": None, "failure_reason": None, **more}


def test_login_records_are_read_for_the_desktops_in_use() -> None:
    nameless, allowed = {**BUSY, "desktop_name": None}, {"desktop_id": "d2", "desktop_name": "desk-2"}
    _module, options = login_records({"in_use": [BUSY, nameless], "in_use_but_allowed": [allowed]}) or ("", {})
    assert options["computer_names"] == ["desk-1", "desk-2"]
    for nothing in ([], None):
        assert login_records({"in_use": nothing, "in_use_but_allowed": nothing}) is None


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((record("new"), record("old")), "new"),
        ((record("new", failure_reason="NO"), record("old")), "old"),
        # The last connection has ended, so an older record without an end says nothing.
        ((record("new", ended_at="end"), record("old")), None),
        ((record("new", desktop_id="d2"),), None),
        ((record("new", desktop_id=None),), "new"),
        ((record("new", desktop_id="", computer_name="desk-2"),), None),
        ((), None),
    ],
)
def test_the_last_connection_that_did_not_fail_counts(
    records: tuple[dict[str, Any], ...], expected: str | None
) -> None:
    result = {"free": False, "in_use": [BUSY], "in_use_but_allowed": None}
    answer = {"records": records} if records else {"failed": True, "msg": "HTTP 403"}
    assert with_login_records(result, answer) == {**result, "in_use": [{**BUSY, "connected_since": expected}]}


def task(name: str, *objects: tuple[str, str | None], **more: Any) -> dict[str, Any]:
    keys = ("task_type", "next_execution_at", "scheduled_type", "life_cycle_type", "force_execute")
    entries = [{"object_type": kind, "object_id": one, "object_name": one} for kind, one in objects]
    return {"id": f"id-{name}", "task_name": name, **dict.fromkeys(keys), "apply_objects": entries or None, **more}


AT = {"next_execution_at": "22:00", "force_execute": True}
FORCED = "forced, so also on desktops in use"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (
            task("nightly", ("DESKTOP_POOL", "office"), task_type="REBOOT", **AT),
            f"nightly (REBOOT) at 22:00, on pool office, {FORCED}.",
        ),
        (
            task("odd"),
            "odd at a time that is not known, on desktops that are not known, and it is not known whether it is forced.",
        ),
        (
            task("all", ("ALL_DESKTOPS", None), life_cycle_type="POST_DESKTOP_LOGOFF", force_execute=False),
            "all when an event triggers it (POST_DESKTOP_LOGOFF), on all desktops, not forced, so not on desktops in use.",
        ),
        (
            task("many", *(("DESKTOP", f"d{one}") for one in range(7)), **AT),
            f"many at 22:00, on {', '.join(f'desktop d{one}' for one in range(5))} and 2 more, {FORCED}.",
        ),
    ],
)
def test_each_due_task_is_a_warning(due: dict[str, Any], words: str) -> None:
    result = {"free": True, "scheduled_tasks": None, "warnings": ["first"]}
    found = with_scheduled_tasks(result, {"tasks": [due], "warnings": ["second"]}, Selected([], {}, {}))
    assert found["warnings"] == ["first", "second", f"The service will execute the scheduled task {words}"]
    assert (found["free"], found["scheduled_tasks"]) == (True, [due])


@pytest.mark.parametrize(
    ("objects", "pools", "elsewhere"),
    [
        ([("DESKTOP_POOL", "office")], {"design"}, True),
        ([("DESKTOP_POOL", "Design"), ("DESKTOP_POOL", "office")], {"design"}, False),
        ([("DESKTOP_POOL", "office")], (), False),  # the pools of the desktops are not known
        ([("DESKTOP", "other")], (), True),
        ([("DESKTOP", "desk-1")], (), False),
        ([("DESKTOP", None)], (), False),
        ([("DESKTOP_TAG", "x")], {"design"}, False),
        ([], {"design"}, False),
    ],
)
def test_a_task_that_only_applies_to_other_desktops_says_so(objects: Any, pools: Any, elsewhere: bool) -> None:
    found = with_scheduled_tasks({}, {"tasks": [task("x", *objects)]}, Selected([BUSY], {}, {}, pools=pools))
    assert found["warnings"][0].endswith(" It does not apply to the checked desktops.") is elsewhere


def test_tasks_are_only_read_within_a_number_of_seconds() -> None:
    assert scheduled_tasks(0) is None
    assert scheduled_tasks(60) == ("workspace_scheduled_task_info", {"due_within": 60, "skip_refused": True})
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(WorkspaceError, match=r"^scheduled_within is .* 0 or more\.$"):
            scheduled_tasks(wrong)
