# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has changed since an earlier audit."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.changes import (
    NotCompared,
    ReportError,
    compare,
    read_previous,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report

from .reports import BAD, GOOD, RULES, WHOLE, valid

DISABLED, TAGS = "desktops_of_disabled_users", "desktops_without_tags"
SINCE = "2026-11-17T22:00:00Z"


def previous(**answers: Any) -> dict[str, Any]:
    return {**valid(Report.of("audit", answers).as_json()), "read_at": SINCE}


def of(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"desktop_id": name, "computer_name": name, **more} for name in names]


def answer(project_id: str = "p1", **findings: Any) -> dict[str, Any]:
    return {**WHOLE, "project_id": project_id, "findings": findings}


def test_new_and_resolved_records() -> None:
    """The same desktop and user, or the same pool, is the same record, whatever else has changed."""
    then = answer(
        desktops_in_error=of("a", "b", status="ERROR"),
        desktops_of_locked_users=[*of("a", user_id="u1"), *of("a", user_id="u2")],
        pools_full=[{"pool_id": "1", "pool_name": "old name"}],
        users_without_pool=[{"user_id": "u1"}],
    )
    now = answer(
        desktops_in_error=of("b", "c", status="ACTIVE"),
        desktops_of_locked_users=[*of("a", user_id="u2"), *of("b", user_id="u1")],
        pools_full=[{"pool_id": "1", "pool_name": "new name"}],
        users_without_pool=[],
    )
    changes = compare(previous(before=then), {"renamed": now})
    found = {finding: (change.new, change.resolved) for finding, change in changes.projects["renamed"].items()}
    assert found == {
        "desktops_in_error": (of("c", status="ACTIVE"), of("a", status="ERROR")),
        "desktops_of_locked_users": (of("b", user_id="u1"), of("a", user_id="u1")),
        "pools_full": ([], []),
        "users_without_pool": ([], [{"user_id": "u1"}]),
    }
    assert (changes.count("new"), changes.count("resolved"), changes.not_compared) == (2, 3, [])


@pytest.mark.parametrize(
    ("then", "now", "not_compared"),
    [
        ({}, {"a": WHOLE}, [("a", None, "It is not in the previous audit.")]),
        ({"a": WHOLE}, {}, [("a", None, "It is not in this audit.")]),
        (
            {"a": BAD},
            {"a": WHOLE},
            [
                ("a", None, "It is not in the previous audit."),
                ("a", None, "It is not in this audit."),
            ],
        ),
        (
            {"a": {**BAD, "project_id": "p3"}},
            {"b": WHOLE},
            [("b", None, "It could not be read in the previous audit.")],
        ),
        (
            {"a": {**BAD, "project_id": None}},
            {"a": WHOLE},
            [("a", None, "It could not be read in the previous audit.")],
        ),
        ({"a": WHOLE}, {"a": {**BAD, "project_id": None}}, [("a", None, "It could not be read in this audit.")]),
        ({"a": WHOLE}, {"a": {**BAD, "project_id": "p3"}}, [("a", None, "It could not be read in this audit.")]),
        (
            {"a": {**answer(), "not_checked": {TAGS: "HTTP 403"}}},
            {"a": answer(desktops_without_tags=of("x"))},
            [("a", [TAGS], "Not checked in the previous audit: HTTP 403")],
        ),
        (
            {"a": answer(desktops_without_tags=of("x"))},
            {"a": {**answer(), "not_checked": {TAGS: "HTTP 403"}}},
            [("a", [TAGS], "Not checked in this audit: HTTP 403")],
        ),
        (
            {"a": answer(desktops_without_tags=of("x"), pools_full=[])},
            {"a": answer()},
            [("a", [TAGS, "pools_full"], "Not one of the findings of this audit.")],
        ),
        (
            {"a": answer()},
            {"a": answer(pools_full=[])},
            [("a", ["pools_full"], "Not one of the findings of the previous audit.")],
        ),
        (
            {"a": answer(desktops_idle=of("x"))},
            {"a": {**answer(desktops_idle=[]), "rules": {**RULES, "idle_days": 90}}},
            [("a", ["desktops_idle"], "idle_days was 60 in the previous audit and is 90 now.")],
        ),
        (
            {"a": answer(desktops_of_disabled_users=of("x"))},
            {"a": {**answer(desktops_of_disabled_users=[]), "rules": {**RULES, "resolve_groups": True}}},
            [("a", [DISABLED], "resolve_groups was False in the previous audit and is True now.")],
        ),
    ],
)
def test_nothing_is_resolved_because_it_was_not_looked_at(
    then: dict[str, Any], now: dict[str, Any], not_compared: list[tuple[Any, ...]]
) -> None:
    changes = compare(previous(**then), now)
    assert changes.not_compared == [NotCompared(*entry) for entry in not_compared]
    assert (changes.count("new"), changes.count("resolved")) == (0, 0)


def test_reports_show_what_has_changed() -> None:
    """Lines, JSON and CSV; of what could not be compared, the CSV says nothing."""
    then = {**GOOD, "findings": {**GOOD["findings"], DISABLED: of("gone"), TAGS: of("d2", "mended")}}
    whole = Report.of("audit", {"a": GOOD, "b": BAD}, previous(a=then))
    lines = whole.lines()
    assert lines[0] == f"Since {SINCE}: 1 new, 2 resolved; 2 projects could not be fully compared."
    assert f"{DISABLED} 1 (1 new, 1 resolved), {TAGS} 1 (1 resolved), users_without_desktop 1;" in lines[2]
    found = valid(whole.as_json())
    assert found["changes"]["a"][DISABLED] == {"new": GOOD["findings"][DISABLED], "resolved": of("gone")}
    assert found["previous_read_at"] == SINCE
    assert [entry["findings"] for entry in found["not_compared"]] == [None, ["desktops_idle"]]
    rows = list(csv.DictReader(io.StringIO(whole.as_csv())))
    assert list(rows[0])[:7] == ["project", "project_id", "finding", "id", "name", "details", "change"]
    assert [(row["finding"], row["id"], row["change"]) for row in rows] == [
        ("failed", "", ""),
        ("desktops_idle", "", ""),
        (DISABLED, "d1", "new"),
        (DISABLED, "gone", "resolved"),
        (TAGS, "d2", "same"),
        (TAGS, "mended", "resolved"),
        ("users_without_desktop", "u2", "same"),
    ]
    html = whole.as_html()
    assert html.count('<span class="mark new">new</span>') == 1
    assert html.count('<span class="mark resolved">resolved</span>') == 2


def test_a_previous_report_is_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    Report.of("audit", {"a": GOOD, "b": BAD}).write(str(path))
    assert compare(read_previous(str(path)), {"a": GOOD, "b": BAD}).count("new") == 0


SOUND = json.loads(Report.of("audit", {"a": GOOD}).as_json())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        ("[", "is not JSON"),
        ("[" * 100000, "is not JSON"),
        (b"\xff", "is not JSON"),
        ([], "is not a report of the audit playbook"),
        ({}, "is not a report of the audit playbook"),
        (
            {**SOUND, "report_version": 2},
            "has report_version 2, but this release of the collection reads up to 1: update",
        ),
        ({**SOUND, "report_version": True}, "is not a report of the audit"),
        ({**SOUND, "playbook": "pre_maintenance_check"}, "is not a report of the audit"),
        ({**SOUND, "read_at": None}, "is not a report of the audit"),
        ({**SOUND, "projects": []}, "is not a report of the audit"),
        ({**SOUND, "projects": {"a": []}}, "is not a report of the audit"),
        ({**SOUND, "projects": {"a": {**GOOD, "rules": None}}}, "is not a report of the audit"),
        ({**SOUND, "projects": {"a": {**GOOD, "project_id": None}}}, "is not a report of the audit"),
        ({**SOUND, "projects": {"a": {**GOOD, "findings": {"x": {}}}}}, "is not a report of the audit"),
        ({**SOUND, "projects": {"a": {**GOOD, "findings": {"x": [1]}}}}, "is not a report of the audit"),
    ],
)
def test_a_file_that_is_no_such_report_is_refused(content: Any, words: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    if content is not None:
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ReportError, match=rf"workspace_previous_report: .*audit\.json {words}"):
        read_previous(str(path))


def test_a_previous_report_is_a_path() -> None:
    with pytest.raises(ReportError, match="workspace_previous_report is 3, but must be the path"):
        read_previous(3)
