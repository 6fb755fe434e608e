# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the playbooks: lines, JSON, CSV and HTML."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.findings import FINDINGS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.changes import ReportError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.html import bar_of
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.meanings import MEANINGS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report, checked_path

from .reports import BAD, GOOD, SCHEMA, WHOLE, valid

NASTY = "</details><script>alert('1')</script>\"'><img src=x onerror=alert(2)> {{ 6 * 7 }}"


def report(previous: dict[str, Any] | None = None, **answers: Any) -> Report:
    return Report.of("audit", answers, previous)


def earlier(**answers: Any) -> dict[str, Any]:
    """The JSON report of an audit."""
    return {**valid(report(**answers).as_json()), "read_at": "2026-11-17T22:00:00Z"}


def test_lines_name_the_failed_first_and_end_with_totals() -> None:
    assert report(a=GOOD, b=BAD, c={**GOOD, "findings": {}}).lines() == [
        "b: FAILED: HTTP 403: no",
        "a: 2 desktops, 1 user; desktops_of_disabled_users 1, desktops_without_tags 1, users_without_desktop 1; not checked: desktops_idle",
        "c: 2 desktops, 1 user; no findings in the completed checks; not checked: desktops_idle",
        "Total: 3 projects, at least 4 desktops, at least 2 users, at least 3 findings; 1 failed; findings were not checked in 2 projects.",
    ]
    assert report(a=WHOLE).lines()[-1] == "Total: 1 project, 2 desktops, 1 user, 0 findings; 0 failed."
    assert report(b=BAD).lines()[-1] == "Total: 1 project; 1 failed."


def test_json_holds_every_result(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report(a=GOOD, b=BAD).write(str(path))
    found = valid(path.read_text(encoding="utf-8"))
    assert found["read_at"].endswith("Z")
    assert found["projects"] == {"b": BAD, "a": GOOD}
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "report_version": 2}, SCHEMA)


def rows_of(path: Path, whole: Report) -> list[dict[str, str]]:
    whole.write(str(path))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet would not know that it is UTF-8"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_a_row_for_each_record(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "report.csv", report(a=GOOD, b=BAD))
    place = {"project": "a", "project_id": "p1", "region": "cn-north-4", "read_at": "2026-11-24T22:00:00Z"}
    first = ["project", "project_id", "finding", "id", "name", "details"]
    assert list(rows[0]) == [*first, "user_id", "user_name", "region", "read_at"]
    nothing = dict.fromkeys(("id", "name", "user_id", "user_name"), "")
    told = {"project": "b", "project_id": "p2", "finding": "failed", "details": "HTTP 403: no", "region": ""}
    assert rows[0] | {"read_at": ""} == {**nothing, **told, "read_at": ""}
    assert rows[0]["read_at"]
    assert rows[1:] == [
        {**place, **nothing, "finding": "desktops_idle", "details": "not checked: HTTP 403"},
        {
            **place,
            "finding": "desktops_of_disabled_users",
            "id": "d1",
            "name": "desk-1",
            "user_id": "u1",
            "user_name": "alice",
            "details": "disabled: true",
        },
        {
            **place,
            **nothing,
            "finding": "desktops_without_tags",
            "id": "d2",
            "name": "desk-2",
            "details": "missing_tags: owner cost, last used 2026-11-14, 10.02 days ago, by bob",
        },
        {
            **place,
            "finding": "users_without_desktop",
            "id": "u2",
            "name": "'=cmd()",
            "user_id": "u2",
            "user_name": "'=cmd()",
            "details": "total_desktops: 0",
        },
    ]


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    signs = ["=", "+", "-", "@", "\t=", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20", " =", "\n="]
    users = [{"user_id": str(number), "user_name": f"{sign}1\n2"} for number, sign in enumerate(signs)]
    rows = rows_of(tmp_path / "report.csv", report(c={**WHOLE, "findings": {"x": users}}))
    assert len(rows) == len(signs)
    for row in rows:
        assert row["name"].startswith("'")
        assert "\n" not in row["name"]


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
        if self.elements[-1:] != [("style", {})]:
            self.text += data

    def has_in_order(self, *words: str) -> None:
        position = 0
        for word in words:
            found = self.text.find(word, position)
            assert found >= position, (word, self.text[position:])
            position = found


def page(previous: dict[str, Any] | None = None, **answers: Any) -> Page:
    return Page(report(previous, **answers).as_html())


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    html = page(a=GOOD, b=BAD)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & {tag for tag, _attributes in html.elements}
    attributes = {name for _tag, attrs in html.elements for name in attrs}
    assert not {"src", "href", "style", "onclick", "onload", "onerror"} & attributes
    source = report(a={**GOOD, "endpoint": None}).as_html()
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

    previous = earlier(a={**GOOD, "not_checked": {}})
    plain = page(previous, a=GOOD, b=BAD)
    html = page(previous, **{NASTY: {**nasty(GOOD), "project_id": "p1"}, f"{NASTY}2": nasty(BAD)})
    assert {tag for tag, _attributes in html.elements} == {tag for tag, _attributes in plain.elements}
    assert {name for _tag, attrs in html.elements for name in attrs} == {
        name for _tag, attrs in plain.elements for name in attrs
    }
    assert html.text.count(NASTY) >= 10


def test_the_page_answers_what_a_decider_asks_in_order() -> None:
    """Is it complete, what is new, what is urgent; then what it means, the names, the warnings and the rules."""
    previous = earlier(a={**GOOD, "findings": {**GOOD["findings"], "desktops_of_disabled_users": []}})
    html = page(previous, a=GOOD, b=BAD)
    html.has_in_order(
        "Not complete",
        "1 of 2 projects could not be read.",
        "1 kind of findings could not be checked in 1 of 2 projects.",
        "Since 2026-11-17T22:00:00Z: 1 new, 0 resolved",
        "Could not be read",
        "HTTP 403: no",
        "The service throttled requests.",
        "Could not be checked",
        "Desktops idle",
        "! Desktops of disabled users",
        MEANINGS["desktops_of_disabled_users"].means,
        MEANINGS["desktops_of_disabled_users"].advice,
        "Desktops without tags",
        "Could not be compared with the previous audit",
        "Read on 2026-11-24T22:00:00Z as access key AK1",
        "2 desktops are odd.",
        "! Desktops of disabled users",
        "Change",
        "Desktop",
        "User",
        "new",
        "desk-1",
        "alice",
        "d1",
        "Rules",
        "Idle after 60 days, required tags owner, cost, members of groups are not resolved",
    )
    assert "access key AK1; access key AK2" in html.text


def test_a_complete_page_says_so_and_shows_no_number_that_is_not_known() -> None:
    html = page(a=WHOLE)
    html.has_in_order("Complete", "No findings.")
    assert "Not complete" not in html.text
    html = page(a={**GOOD, "findings": {"pools_full": []}})
    html.has_in_order(
        "Not complete", "≥ 0", "findings", "–", "pools (not read)", "No findings in the completed checks."
    )


def test_the_parts_of_a_bar_fill_it() -> None:
    parts = bar_of({"ACTIVE": 1, "ERROR": 0, "new": 2})
    assert [part["count"] for part in parts] == [1, 0, 2]
    assert sum(part["width"] for part in parts) == pytest.approx(100, abs=0.01)
    assert parts[2]["start"] == pytest.approx(33.333, abs=0.001)
    assert len({part["style"] for part in parts}) == 3


def test_every_finding_has_a_meaning_and_the_guide_has_the_same_sentences() -> None:
    assert MEANINGS.keys() == FINDINGS.keys()
    guide = Path(__file__).resolve().parents[5] / "docs" / "docsite" / "rst" / "guide_audit.rst"
    text = " ".join(guide.read_text(encoding="utf-8").split())
    for finding, meaning in MEANINGS.items():
        assert f"``{finding}`` {meaning.means} {meaning.advice}" in text, finding
        assert re.fullmatch(r"[A-Z][^.]*\.", meaning.means)
        assert re.fullmatch(r"[A-Z][^.]*\.", meaning.advice)


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


def test_a_file_of_another_user_in_a_sticky_folder_is_said_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "audit.html"
    path.touch()
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    assert checked_path(str(path)) == str(path)
    tmp_path.chmod(0o1777)
    with pytest.raises(ReportError, match=r"audit\.html belongs to another user and cannot be replaced"):
        checked_path(str(path))
    assert checked_path(str(tmp_path / "other.html"))
    monkeypatch.undo()
    assert checked_path(str(path)) == str(path)


def test_a_report_that_cannot_be_written_after_all_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_paths: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ReportError, match=r"audit\.html cannot be written: No space left on device"):
        report(a=GOOD).write(str(tmp_path / "audit.html"))
    assert not list(tmp_path.iterdir())


# The check before maintenance

DESKTOP = {
    "desktop_id": "d1",
    "desktop_name": "desk-1",
    "connect_status": "CONNECTED",
    "attach_users": [{"id": "u1", "name": "alice"}, {"id": None, "name": "bob"}],
}
FREE = {"free": True, "msg": "None of 2 desktops is in use.", "in_use": [], "desktop_count": 2, "project_id": "p1"}
BUSY = {
    **FREE,
    "free": False,
    "failed": True,
    "reason": "in_use",
    "status_code": None,
    "in_use": [DESKTOP],
    "connect_status_counts": {"CONNECTED": 1, "REGISTERED": 1},
    "msg": "1 of 2 desktops is in use:\ndesk-1: CONNECTED, alice, bob",
    "checks": [{"at": "2026-11-24T22:00:00Z", "in_use_count": 1, "connect_status_counts": None}],
}
LOST = {**BAD, "free": False, "reason": "refused", "in_use": None, "desktop_count": None}
#: Who was in use is known from an earlier check, but not whether they still are.
STALE = {**BUSY, "reason": "not_read", "msg": "HTTP 503: down"}


def check(**answers: Any) -> Report:
    return Report.of("pre_maintenance_check", answers)


def test_a_check_tells_not_free_from_not_known() -> None:
    whole = check(a=FREE, b=BUSY, c=LOST, d=STALE)
    assert whole.lines() == [
        "NOT FREE: 2 projects not known, 1 project not free, 1 project free.",
        "c: FAILED: HTTP 403: no",
        "d: FAILED: HTTP 503: down",
        "b: FAILED: 1 of 2 desktops is in use:\ndesk-1: CONNECTED, alice, bob",
        "a: None of 2 desktops is in use.",
        "Total: 4 projects, at least 6 desktops, at least 1 in use; 3 failed.",
    ]
    valid(whole.as_json())


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"a": FREE}, "FREE"),
        ({"a": FREE, "b": LOST}, "NOT KNOWN"),
        ({"a": FREE, "b": BUSY}, "NOT FREE"),
        ({"b": BUSY, "c": LOST}, "NOT FREE"),
        ({}, "NOT KNOWN"),
    ],
)
def test_the_headline_of_a_check_is_its_verdict(answers: dict[str, Any], verdict: str) -> None:
    whole = check(**answers)
    assert whole.lines()[0].startswith(f"{verdict}: ")
    html = Page(whole.as_html())
    html.has_in_order("Workspace check before maintenance", verdict)
    for word in ("finding", "Finding", "urgent", "worst", "audit", "not read"):
        assert word not in html.text.replace("in use (not read)", "").replace("desktops (not read)", ""), word


def test_the_page_of_a_check_shows_what_is_not_known_first() -> None:
    Page(check(a=FREE, b=BUSY, c=LOST).as_html()).has_in_order(
        *("Not known", "c", "NOT KNOWN", "HTTP 403: no", "In use", "b", "NOT FREE", "1 of 2 desktops is in use"),
        *("Last checked on 2026-11-24T22:00:00Z", "In use: 1", "Desktop", "User", "desk-1", "alice, bob", "d1"),
        *("Free", "None of 2 desktops is in use."),
    )


def test_the_table_of_a_check_has_a_row_for_each_verdict_and_each_desktop(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "check.csv", check(a=FREE, b=BUSY, c=LOST))
    keys = ("project", "finding", "id", "name", "user_id", "user_name")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("c", "not_known", "", "", "", ""),
        ("b", "not_free", "", "", "", ""),
        ("b", "in_use", "d1", "desk-1", "u1", "alice, bob"),
        ("a", "free", "", "", "", ""),
    ]
    assert rows[-1]["details"] == FREE["msg"]
