# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled tasks: their times in UTC, what is due, and what the caller may not read."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.scheduled_tasks import (
    ARGUMENTS,
    TASK_TYPES,
    prepare,
)

from ..fake import FakeProject, Pairs

NOTHING = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
FORBIDDEN = WorkspaceError("Denied.", status_code=403)
LIFE_CYCLE = ("scheduled_type", "LIFE_CYCLE")


def in_minutes(minutes: float, zone: int = 8) -> dict[str, str]:
    """A time as the service gives it, from now."""
    there = datetime.timezone(datetime.timedelta(hours=zone))
    moment = datetime.datetime.now(there) + datetime.timedelta(minutes=minutes)
    return {"next_execution_time": f"{moment:%Y-%m-%d %H:%M:%S}", "time_zone": f"GMT{zone:+03d}:00"}


def task(name: str, **more: Any) -> dict[str, Any]:
    usual = {"id": f"id-{name}", "task_name": name, "task_type": "REBOOT", "scheduled_type": "DAY", "enable": True}
    return {**usual, **more}


def triggered(name: str, **more: Any) -> dict[str, Any]:
    return task(name, scheduled_type="LIFE_CYCLE", life_cycle_type="POST_DESKTOP_DISCONNECTED", **more)


def upgrade(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"id-{name}", "task_name": name, "task_type": 0, "is_enable": 1, **more}


def as_documented(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
    """Triggered tasks are returned only when they are requested by type."""
    if path != "scheduled-tasks":
        return records
    return [one for one in records if (one["scheduled_type"] == "LIFE_CYCLE") == (LIFE_CYCLE in query)]


def everything(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
    return records


def service(
    tasks: Sequence[dict[str, Any]] = (),
    upgrades: Sequence[dict[str, Any]] = (),
    select: Any = as_documented,
    ahead: float = 0.0,
    **other: Any,
) -> FakeProject:
    details: dict[str, Any] = {
        f"scheduled-tasks/{one['id']}": {"id": one["id"], "force_execute": True} for one in tasks
    }
    for one in upgrades:
        details[f"upgrade-task/{one['id']}"] = {"id": one["id"], "is_force_execute": 1}
        details[f"upgrade-task/{one['id']}/apply-objects"] = []
    return FakeProject({"scheduled-tasks": tasks, "upgrade-tasks": upgrades, **details, **other}, select, ahead)


def read(project: FakeProject, **options: Any) -> dict[str, Any]:
    return prepare({**NOTHING, **options})(project)


def names(answer: dict[str, Any]) -> list[str]:
    return [one["task_name"] for one in answer["tasks"]]


def test_records_of_both_kinds_have_the_same_keys() -> None:
    same = {"object_type": "DESKTOP_POOL", "object_id": "p", "object_name": "cad"}
    objects = [{**same, "new": 1}]
    scheduled = task("a", next_execution_time="2026-11-27 22:30:00", time_zone="GMT+08:00", last_status="SKIP", new=1)
    planned = upgrade("b", next_execute_time="2026-11-27 22:30:00", timezone="UTC", last_execute_status="WAITING")
    detail = {"id": "id-a", "force_execute": False, "apply_objects": objects, "scheduled_time": "03:00:00"}
    more = {"scheduled-tasks/id-a": detail, "upgrade-task/id-b/apply-objects": objects}
    answer = read(service([scheduled], [planned], **more))
    silent = {"life_cycle_type": None, "description": None, "enabled": True, "apply_objects": [same]}
    times = {"next_execution_time": "2026-11-27 22:30:00", "time_zone": "GMT+08:00"}
    first = {"id": "id-a", "task_name": "a", "task_type": "REBOOT", "scheduled_type": "DAY", "last_status": "SKIP"}
    first |= {**times, "next_execution_at": "2026-11-27T14:30:00Z", "force_execute": False, **silent}
    second = {"id": "id-b", "task_name": "b", "task_type": "UPGRADE_AGENT", "scheduled_type": None, **times, **silent}
    second |= {"time_zone": "UTC", "next_execution_at": "2026-11-27T22:30:00Z", "last_status": "WAITING"}
    assert answer["tasks"] == [first, {**second, "force_execute": True}]
    assert answer["total_count"] == 2
    counts = dict.fromkeys(TASK_TYPES, 0)
    assert answer["task_type_counts"] == {**counts, "REBOOT": 1, "UPGRADE_AGENT": 1}


def test_tasks_are_sorted_by_time_then_name_and_those_without_a_time_come_last() -> None:
    tasks = [task("z", **in_minutes(5)), task("b"), task("y", **in_minutes(9, zone=-5)), triggered("a")]
    assert names(read(service(tasks, [upgrade("c")]))) == ["z", "y", "a", "b", "c"]


def test_triggered_tasks_are_requested_only_if_wanted() -> None:
    tasks = [task("a"), triggered("b")]
    project = service(tasks)
    assert names(read(project)) == ["a", "b"]
    assert project.filters("scheduled-tasks") == [[], [LIFE_CYCLE]]
    project = service(tasks)
    assert names(read(project, triggered=False)) == ["a"]
    assert project.filters("scheduled-tasks") == [[]]
    # A service that returns them although nobody asked.
    assert names(read(service(tasks, select=everything), triggered=False)) == ["a"]


def test_tasks_that_are_due() -> None:
    """Enabled tasks only; a time that has passed is due, and so is what an event triggers or has no known time."""
    tasks = [
        *(task("soon", **in_minutes(9)), task("late", **in_minutes(11)), task("passed", **in_minutes(-60))),
        *(task("disabled", enable=False, **in_minutes(5)), task("untold", **{**in_minutes(99), "time_zone": "X"})),
        *(task("silent", enable=None, **in_minutes(6)), triggered("logoff"), triggered("off", enable=False)),
    ]
    project = service(tasks, [upgrade("agent"), upgrade("off-too", is_enable=0)])
    answer = read(project, due_within=600)
    assert names(answer) == ["passed", "silent", "soon", "agent", "logoff", "untold"]
    (warning,) = answer["warnings"]
    assert "count as due: agent, untold." in warning
    # The details of others are not read.
    assert sum(path.startswith("scheduled-tasks/") for path, _query in project.queries) == 5
    assert {path.split("/")[1] for path, _query in project.queries if path.startswith("upgrade-task/")} == {"id-agent"}
    assert read(service([task("a")]))["warnings"] == []
    assert names(read(service(tasks), due_within=1e300, triggered=False))[-2:] == ["late", "untold"]


def test_a_due_task_of_unknown_type_is_returned() -> None:
    tasks = [task("a", **in_minutes(5)), task("b", task_type=None, **in_minutes(5))]
    assert names(read(service(tasks), due_within=600, task_types=["STOP"])) == ["b"]
    assert names(read(service(tasks), task_types=["REBOOT"])) == ["a"]


def test_filters_select_tasks() -> None:
    tasks = [task("a"), task("b", task_type="STOP", enable=False), task("c", task_type="NEW")]
    kinds = {"u": 0, "server": 1, "image": 2, "v": None}
    upgrades = [upgrade(name, task_type=kind) for name, kind in kinds.items()]
    assert names(read(service(tasks, upgrades))) == ["a", "b", "c", "u", "v"]
    assert names(read(service(tasks, upgrades), enabled=False)) == ["b"]
    assert names(read(service(tasks, upgrades), task_types=["STOP", "UPGRADE_AGENT"])) == ["b", "u", "v"]
    project = service(tasks, upgrades)
    assert names(read(project, task_types=["REBOOT"])) == ["a"]
    assert project.filters("upgrade-tasks") == []
    project = service(tasks, upgrades)
    assert names(read(project, task_types=["UPGRADE_AGENT"])) == ["u", "v"]
    assert project.filters("scheduled-tasks") == []


@pytest.mark.parametrize(("option", "field"), [({"enabled": True}, "enable"), ({"task_types": ["STOP"]}, "task_type")])
def test_a_filter_whose_field_no_task_has_is_an_error(option: dict[str, Any], field: str) -> None:
    with pytest.raises(WorkspaceError, match=next(iter(option))):
        read(service([task("a", **{field: None})]), **option)
    assert names(read(service(), **option)) == []


def test_a_refusal_fails_unless_it_is_skipped() -> None:
    """Each source and each detail by itself; if nothing is left, the task fails after all."""
    tasks, upgrades = [task("a"), task("b")], [upgrade("u")]
    for path, expected, words in (
        ("upgrade-tasks", ["a", "b"], "Tasks are missing. Denied."),
        ("scheduled-tasks", ["u"], "Tasks are missing. Denied."),
        ("upgrade-task/id-u", ["a", "b", "u"], "apply_objects) of tasks are not known: u. Denied."),
        ("upgrade-task/id-u/apply-objects", ["a", "b", "u"], "apply_objects) of tasks are not known: u. Denied."),
        ("scheduled-tasks/id-b", ["a", "b", "u"], "apply_objects) of tasks are not known: b. Denied."),
    ):
        refused = {path: FORBIDDEN}
        with pytest.raises(WorkspaceError, match="Denied"):
            read(service(tasks, upgrades, **refused))
        answer = read(service(tasks, upgrades, **refused), skip_refused=True)
        assert names(answer) == expected
        assert [words in warning for warning in answer["warnings"]] == [True]
    assert [one["force_execute"] for one in answer["tasks"]] == [True, None, True]
    both = {"scheduled-tasks": FORBIDDEN, "upgrade-tasks": FORBIDDEN}
    for options in ({}, {"task_types": ["STOP"]}, {"task_types": ["UPGRADE_AGENT"]}):
        with pytest.raises(WorkspaceError, match="Denied"):
            read(service(**both), skip_refused=True, **options)
    # Anything else is no refusal.
    for path in ("scheduled-tasks", "scheduled-tasks/id-b", "upgrade-tasks", "upgrade-task/id-u"):
        with pytest.raises(WorkspaceError, match="Broken"):
            read(service(tasks, upgrades, **{path: WorkspaceError("Broken.", status_code=500)}), skip_refused=True)


@pytest.mark.parametrize("path", ["scheduled-tasks/id-b", "upgrade-task/id-b", "upgrade-task/id-b/apply-objects"])
def test_a_task_that_is_deleted_meanwhile_is_left_out(path: str) -> None:
    """Only if it is really gone."""
    gone = {path: WorkspaceError("Not found.", status_code=404)}
    kind = path.partition("/")[0]
    both: dict[str, Any] = (
        {"tasks": [task("a"), task("b")]} if kind == "scheduled-tasks" else {"upgrades": [upgrade("a"), upgrade("b")]}
    )
    with pytest.raises(WorkspaceError, match="Not found"):
        read(service(**both, **gone))

    def without_b(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
        asked = any("id-b" in asked for asked, _query in project.queries)
        return [one for one in records if not asked or one.get("task_name") != "b"]

    project = service(**both, select=without_b, **gone)
    assert names(read(project)) == ["a"]


@pytest.mark.parametrize(
    "kinds", [(False, True, True), (True, False, False), (True, True, False), (False, False, True)]
)
def test_a_task_that_changes_its_kind_while_the_lists_are_read_is_returned(kinds: tuple[bool, ...]) -> None:
    """Whether it is a timed task, while each of the three lists is read."""
    lists: list[bool] = []

    def changing(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
        if path != "scheduled-tasks":
            return records
        asks_for_timed = LIFE_CYCLE not in query
        if not lists or lists[-1] != asks_for_timed:
            lists.append(asks_for_timed)
        return records if kinds[len(lists) - 1] == asks_for_timed else []

    assert names(read(service([task("a")], select=changing))) == ["a"]
    assert lists == [True, False, True]


@pytest.mark.parametrize("ahead", [-600.0, 600.0])
def test_due_tasks_are_determined_by_the_clock_of_the_service(ahead: float) -> None:
    """The clock of this host is ten minutes ahead or behind."""
    service_now = -ahead / 60
    tasks = [task("due", **in_minutes(service_now + 9)), task("later", **in_minutes(service_now + 12))]
    assert names(read(service(tasks, ahead=ahead), due_within=600)) == ["due"]


def test_a_time_of_long_ago_is_due() -> None:
    project = service([task("a", next_execution_time="0999-01-01 00:00:00", time_zone="UTC")])
    assert read(project, due_within=5)["tasks"][0]["next_execution_at"] == "0999-01-01T00:00:00Z"


def test_the_warning_says_that_the_host_has_no_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    def due(**fields: Any) -> str:
        (warning,) = read(service([task("a", **fields)]), due_within=5)["warnings"]
        return str(warning)

    in_shanghai = {"next_execution_time": "2026-11-27 22:30:00", "time_zone": "Asia/Shanghai"}
    assert "tzdata" not in due(**{**in_shanghai, "time_zone": "Mars/Base"})
    monkeypatch.setattr(zoneinfo, "ZoneInfo", mock.Mock(side_effect=zoneinfo.ZoneInfoNotFoundError))
    assert "no time zone database: install the Python package tzdata" in due(**in_shanghai)
    assert "tzdata" not in due()


@pytest.mark.parametrize("document", [{}, {"id": "id-b", "force_execute": False}, {"id": "id-a", "force_execute": 0}])
def test_details_of_something_else_are_no_details(document: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError):
        read(service([task("a")], **{"scheduled-tasks/id-a": document}))
