# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of an earlier audit is read and checked before a project is read."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.previous import read_previous
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report, ReportError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.to_csv import to_csv

from .reports import BAD, GOOD, of

SOUND = json.loads(json.dumps(Report.of("audit", {"a": GOOD, "b": BAD}).as_dict()))
NO_REPORT = "is not a report of the audit playbook"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist. For the first audit, set only workspace_report_file to this path; from the second"),
        ("[", "is not JSON"),
        ("[" * 100000, "is not JSON"),
        (b"\xff", "is not JSON"),
        ("NaN", "is not JSON"),
        ([], NO_REPORT),
        ({}, NO_REPORT),
        ({**SOUND, "playbook": "pre_maintenance_check"}, NO_REPORT),
        (
            {**SOUND, "report_version": 2},
            "has report_version 2, but this release of the collection reads 1: write a new",
        ),
        ({**SOUND, "report_version": True}, "has report_version True"),
        ({**SOUND, "read_at": None}, "was altered or is incomplete: read_at is not a time"),
        ({**SOUND, "projects": []}, "was altered or is incomplete: projects is not a dictionary"),
    ],
)
def test_a_file_that_is_no_such_report_is_rejected(content: Any, words: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    if content is not None:
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ReportError, match=rf"workspace_previous_report: .*audit\.json {words}"):
        read_previous(str(path))


def test_a_previous_report_is_a_path(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="workspace_previous_report is 3, but must be the path"):
        read_previous(3)
    with pytest.raises(ReportError, match="cannot be read: Is a directory"):
        read_previous(str(tmp_path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"findings": {"desktops_idle": [{"desktop_id": []}]}}, r"projects\.a\.findings\.desktops_idle has the wrong"),
        ({"findings": {"desktops_idle": [{"user_id": "u"}]}}, r"projects\.a\.findings\.desktops_idle has the wrong"),
        ({"findings": {"desktops_idle": {}}}, r"projects\.a\.findings\.desktops_idle has the wrong"),
        ({"findings": None}, r"projects\.a\.findings is not a dictionary"),
        ({"project_id": 7}, r"projects\.a\.project_id is not a text"),
        ({"not_known": {"desktops_idle": {"no record": [1]}}}, r"projects\.a\.not_known\.desktops_idle has the wrong"),
    ],
)
def test_an_altered_report_is_rejected_with_the_place(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    path.write_text(json.dumps({**SOUND, "projects": {"a": {**GOOD, **change}}}))
    with pytest.raises(ReportError, match=f"audit.json was altered or is incomplete: {words}"):
        read_previous(str(path))


def altered(value: Any) -> Iterator[Any]:
    """The value with each value in it replaced by one of another type, or removed."""
    for other in (None, [], {}, [1], {"x": 1}, 1, -1, 1e308, True, "x", [[]], [None]):
        yield copy.deepcopy(other)
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        for other in altered(value[key]):
            changed = copy.copy(value)
            changed[key] = other
            yield changed
        removed = copy.copy(value)
        del removed[key]
        yield removed


def test_no_altered_report_breaks_an_audit_after_it_was_read(tmp_path: Path) -> None:
    """Either it is rejected at the beginning, or the report can be made at the end."""
    about = {"users": ["x"], "user_id": "u", "reasons": ["status"], "status": "ERROR"}
    record = of("d", **about, last_used_at="2026-11-14T21:30:00Z", idle_days=3)
    sound = {**SOUND, "projects": {"a": {**GOOD, "findings": {"desktops_in_error": record}}, "b": BAD}}
    now = {"a": {**GOOD, "findings": {"desktops_in_error": []}}, "b": BAD}
    path = tmp_path / "audit.json"
    read = 0
    for document in altered(sound):
        path.write_text(json.dumps(document))
        try:
            previous = read_previous(str(path))
        except ReportError:
            continue
        read += 1
        whole = Report.of("audit", now, previous)
        assert whole.lines()
        assert to_csv(whole)
    assert read > 100
