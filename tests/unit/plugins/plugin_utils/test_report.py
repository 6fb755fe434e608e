# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the playbooks: lines, JSON, CSV and HTML."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils.report import (
    Report,
    ReportError,
    bar_of,
    checked_path,
)

NASTY = "</details><script>alert('1')</script>\"'><img src=x onerror=alert(2)> {{ 6 * 7 }}"

GOOD: dict[str, Any] = {
    "findings": {
        "desktops_of_disabled_users": [
            {"desktop_id": "d1", "computer_name": "desk-1", "user_id": "u1", "user_name": "alice", "disabled": True}
        ],
        "desktops_without_tags": [{"desktop_id": "d2", "computer_name": "desk-2", "missing_tags": ["owner", "cost"]}],
        "users_without_desktop": [{"user_id": "u2", "user_name": "=cmd()", "total_desktops": 0}],
        "pools_full": [],
    },
    "not_checked": {"desktops_idle": "HTTP 403"},
    "desktop_count": 2,
    "user_count": 1,
    "pool_count": None,
    "status_counts": {"ACTIVE": 1, "SHUTOFF": 1},
    "project_id": "p1",
    "region": "cn-north-4",
    "read_at": "2026-11-24T22:00:00Z",
    "read_as": "access key AK1",
}
BAD = {"failed": True, "msg": "HTTP 403: no", "status_code": 403, "read_as": "access key AK2", "project_id": "p2"}


def report(**answers: Any) -> Report:
    return Report.of("Workspace audit", answers)


def test_lines_name_the_failed_first_and_end_with_totals() -> None:
    assert report(a=GOOD, b=BAD, c={**GOOD, "findings": {}, "not_checked": {}}).lines() == [
        "b: FAILED: HTTP 403: no",
        "a: 2 desktops, 1 user; desktops_of_disabled_users 1, desktops_without_tags 1, users_without_desktop 1; not checked: desktops_idle",
        "c: 2 desktops, 1 user; no findings",
        "Total: 3 projects, 4 desktops, 2 users, 0 pools, 3 findings; 1 failed.",
    ]


def test_json_holds_every_result(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report(a=GOOD, b=BAD).write(str(path))
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["read_at"].endswith("Z")
    assert found["projects"] == {"b": BAD, "a": GOOD}
    assert path.stat().st_mode & 0o777 == 0o600


def test_csv_has_a_row_for_each_finding_and_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    more = {"findings": {"x": [{"user_id": cell, "user_name": f"{cell}1\n2"} for cell in ("+", "-", "@")]}}
    report(a=GOOD, b=BAD, c=more).write(str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["project", "project_id", "finding", "id", "name", "details"],
        ["b", "p2", "failed", "", "", "HTTP 403: no"],
        ["a", "p1", "desktops_idle", "", "", "not checked: HTTP 403"],
        ["a", "p1", "desktops_of_disabled_users", "d1", "desk-1", "user_id: u1, user_name: alice, disabled: true"],
        ["a", "p1", "desktops_without_tags", "d2", "desk-2", "missing_tags: owner cost"],
        ["a", "p1", "users_without_desktop", "u2", "'=cmd()", "total_desktops: 0"],
        ["c", "", "x", "'+", "'+1 2", ""],
        ["c", "", "x", "'-", "'-1 2", ""],
        ["c", "", "x", "'@", "'@1 2", ""],
    ]


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(**answers: Any) -> Page:
    return Page(report(**answers).as_html())


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    html = page(a=GOOD, b=BAD)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & {tag for tag, _attributes in html.elements}
    attributes = {name for _tag, attrs in html.elements for name in attrs}
    assert not {"src", "href", "style", "onclick", "onload", "onerror"} & attributes
    source = report(a=GOOD).as_html()
    assert "url(" not in source
    assert "@import" not in source
    assert "http" not in source


def test_every_value_of_the_page_is_escaped() -> None:
    def nasty(value: Any) -> Any:
        if isinstance(value, dict):
            return {NASTY if key in GOOD["status_counts"] else key: nasty(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [nasty(entry) for entry in value]
        return NASTY if isinstance(value, str) else value

    plain, html = page(a=GOOD, b=BAD), page(**{NASTY: nasty(GOOD), f"{NASTY}2": nasty(BAD)})
    assert {tag for tag, _attributes in html.elements} == {tag for tag, _attributes in plain.elements}
    assert {name for _tag, attrs in html.elements for name in attrs} == {
        name for _tag, attrs in plain.elements for name in attrs
    }
    assert html.text.count(NASTY) >= 10


def test_what_could_not_be_read_stands_first_then_the_worst() -> None:
    text = page(a=GOOD, b=BAD).text
    order = ["Could not be read", "HTTP 403: no", "Could not be checked", "Findings, the worst first"]
    order += ["Desktops of disabled users", "Desktops without tags", "Projects, those with", "desk-1"]
    positions = [text.index(words) for words in order]
    assert positions == sorted(positions)
    assert "access key AK1; access key AK2" in text
    assert "Read on 2026-11-24T22:00:00Z as access key AK1" in text


def test_a_page_without_findings_says_so() -> None:
    assert "Nothing was found" in page(a={**GOOD, "findings": {"pools_full": []}}).text


def test_the_parts_of_a_bar_fill_it() -> None:
    parts = bar_of({"ACTIVE": 1, "ERROR": 0, "new": 2})
    assert [part["count"] for part in parts] == [1, 0, 2]
    assert sum(part["width"] for part in parts) == pytest.approx(100, abs=0.01)
    assert parts[2]["start"] == pytest.approx(33.333, abs=0.001)
    assert len({part["style"] for part in parts}) == 3


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("report.txt", "must be the path of a file that ends in .json, .csv, .html"),
        (["a.json"], "must be the path of a file"),
        ("nowhere/report.json", "does not exist"),
        ("folder.json", "is a folder, not a file"),
    ],
)
def test_a_report_that_cannot_be_written_is_said_before(
    path: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(ReportError, match=words):
        checked_path(path)
    assert checked_path("audit.html") == str(tmp_path / "audit.html")


def test_a_report_that_cannot_be_written_after_all_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_paths: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ReportError, match=r"audit\.html cannot be written: No space left on device"):
        report(a=GOOD).write(str(tmp_path / "audit.html"))
    assert not list(tmp_path.iterdir())


def test_the_check_before_maintenance_tells_not_free_from_not_read() -> None:
    desktop = {"desktop_id": "d1", "desktop_name": "desk-1", "connect_status": "CONNECTED", "attach_users": []}
    counts = {"CONNECTED": 1, "REGISTERED": 1}
    free = {"free": True, "msg": "None of 2 desktops is in use.", "in_use": [], "desktop_count": 2}
    busy = {"free": False, "failed": True, "in_use": [desktop], "desktop_count": 2, "connect_status_counts": counts}
    lost = {**BAD, "free": False, "in_use": None, "desktop_count": None, "connect_status_counts": None}
    verdicts = report(a=free, b={**busy, "msg": "1 of 2 desktops is in use:\ndesk-1: CONNECTED, no user"}, c=lost)
    assert verdicts.lines() == [
        "b: FAILED: 1 of 2 desktops is in use:\ndesk-1: CONNECTED, no user",
        "c: FAILED: HTTP 403: no",
        "a: None of 2 desktops is in use.",
        "Total: 3 projects, 4 desktops, 1 in use; 2 failed.",
    ]
    assert "desk-1" in verdicts.as_csv()
    html = verdicts.as_html()
    assert "not read" not in html
    assert "Not free for maintenance" in html
    assert html.count('<details class="project"') == 2
