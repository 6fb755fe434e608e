# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings of a check about tasks that the service itself will execute."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import Selected
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.service_tasks import added, question

OTHERS = " It does not apply to the checked desktops."


def task(name: str, *objects: tuple[str, str], **more: Any) -> dict[str, Any]:
    keys = ("task_type", "next_execution_at", "scheduled_type", "life_cycle_type", "force_execute")
    entries = [{"object_type": kind, "object_id": f"id-{one}", "object_name": one or None} for kind, one in objects]
    return {"id": f"id-{name}", "task_name": name, **dict.fromkeys(keys), "apply_objects": entries or None, **more}


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (
            task(
                "nightly", ("DESKTOP_POOL", "office"), task_type="REBOOT", next_execution_at="22:00", force_execute=True
            ),
            "nightly (REBOOT) at 22:00, on pool office, forced, so also on desktops in use.",
        ),
        (
            task("odd"),
            "odd at a time that is not known, on desktops that are not known, and it is not known whether it is forced.",
        ),
        (
            task("all", ("ALL_DESKTOPS", ""), life_cycle_type="POST_DESKTOP_LOGOFF", force_execute=False)
            | {"apply_objects": [{"object_type": "ALL_DESKTOPS", "object_id": None, "object_name": None}]},
            "all when an event triggers it (POST_DESKTOP_LOGOFF), on all desktops, not forced, so not on desktops in use.",
        ),
        (
            task("many", *(("DESKTOP", f"d{one}") for one in range(7)), next_execution_at="22:00", force_execute=True),
            "many at 22:00, on desktop d0, desktop d1, desktop d2, desktop d3, desktop d4 and 2 more, forced, so also on desktops in use.",
        ),
    ],
)
def test_each_due_task_is_a_warning(due: dict[str, Any], words: str) -> None:
    result = {"free": True, "scheduled_tasks": None, "warnings": ["first"]}
    found = added(result, {"tasks": [due], "warnings": ["second"]}, None)
    assert found["warnings"] == ["first", "second", f"The service will execute the scheduled task {words}"]
    assert (found["free"], found["scheduled_tasks"]) == (True, [due])


@pytest.mark.parametrize(
    ("objects", "pools", "elsewhere"),
    [
        ([("DESKTOP_POOL", "office")], {"design"}, True),
        ([("DESKTOP_POOL", "design")], {"design"}, False),
        ([("DESKTOP_POOL", "office")], None, False),  # the pools of the desktops are not known
        ([("DESKTOP", "other")], None, True),
        ([("DESKTOP", "other"), ("DESKTOP", "a")], None, False),
        ([("DESKTOP_TAG", "x")], {"design"}, False),
        ([], {"design"}, False),
        ([("ALL_DESKTOPS", "")], {"design"}, False),
    ],
)
def test_a_task_that_only_applies_to_other_desktops_says_so(
    objects: list[tuple[str, str]], pools: set[str] | None, elsewhere: bool
) -> None:
    selected = Selected([{"desktop_id": "id-a", "desktop_name": "a"}], {}, {}, pools=pools)
    (warning,) = added({}, {"tasks": [task("nightly", *objects)]}, selected)["warnings"]
    assert warning.endswith(OTHERS) is elsewhere


def test_tasks_that_cannot_be_read_change_no_verdict() -> None:
    found = added({"free": True, "scheduled_tasks": None}, {"failed": True, "msg": "HTTP 403."}, None)
    assert found == {
        "free": True,
        "scheduled_tasks": None,
        "warnings": ["The scheduled tasks of the service are not known: HTTP 403."],
    }


def test_tasks_are_only_read_within_a_number_of_seconds() -> None:
    assert question(0) is None
    assert question(60) == ("workspace_scheduled_task_info", {"due_within": 60, "skip_refused": True})
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(WorkspaceError, match=r"^scheduled_within is .* 0 or more\.$"):
            question(wrong)
