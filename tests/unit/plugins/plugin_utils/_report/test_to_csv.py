# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.to_csv import to_csv

from .reports import BAD, BUSY, FREE, GOOD, LOST, WHOLE, check, earlier, of

COLUMNS = "project,project_id,finding,id,name,details,user_id,user_name,region,read_at,change"


def rows_of(report: Report) -> list[dict[str, str]]:
    text = to_csv(report)
    assert text.splitlines()[0] == COLUMNS
    return list(csv.DictReader(io.StringIO(text)))


def test_every_record_has_a_row() -> None:
    rows = rows_of(Report.of("audit", {"a": GOOD, "b": BAD}))
    place = {"project": "a", "project_id": "p1", "region": "cn-north-4", "read_at": "2026-11-24T22:00:00Z"}
    nothing = dict.fromkeys(("id", "name", "user_id", "user_name", "change"), "")
    words = {"project": "b", "project_id": "p2", "finding": "failed", "details": "HTTP 403: no", "region": ""}
    assert rows[0] | {"read_at": ""} == {**nothing, **words, "read_at": ""}
    assert rows[0]["read_at"]
    disabled = {"id": "d1", "name": "desk-1", "user_id": "u1", "user_name": "alice"}
    tags = {"id": "d2", "name": "desk-2", "user_name": "bob"}
    user = {"id": "u2", "name": "'=cmd()", "user_id": "u2", "user_name": "'=cmd()"}
    of_alice = "disabled: true, also assigned to [staff]"
    last = "missing_tags: owner cost, last used 2026-11-14, 10 days ago, by bob"
    assert rows[1:] == [
        {**place, **nothing, **more}
        for more in (
            {"finding": "desktops_idle", "details": "not checked: HTTP 403"},
            {"finding": "desktops_of_disabled_users", **disabled, "details": of_alice},
            {"finding": "desktops_without_tags", **tags, "details": last},
            {"finding": "users_without_desktop", **user, "details": "total_desktops: 0"},
            {"finding": "desktops_shut_off", "id": "d3", "details": "not known: no status"},
            {"finding": "desktops_shut_off", "id": "d4", "details": "not known: no status"},
        )
    ]


def test_changes_are_in_the_last_column() -> None:
    """What could not be compared is unmarked."""
    tags, disabled = "desktops_without_tags", "desktops_of_disabled_users"
    then = {**GOOD, "findings": {**GOOD["findings"], disabled: of("gone"), tags: of("d2", "mended")}}
    rows = rows_of(Report.of("audit", {"a": GOOD, "b": BAD}, earlier(a=then)))
    marks = {"new": ["d1"], "resolved": ["gone", "mended"], "same": ["d2", "u2"], "": ["", "", "d3", "d4"]}
    assert {mark: [row["id"] for row in rows if row["change"] == mark] for mark in marks} == marks


def test_a_check_has_a_row_for_each_verdict_and_each_desktop() -> None:
    rows = rows_of(check(a=FREE, b=BUSY, c=LOST))
    keys = ("project", "finding", "id", "name", "user_id", "user_name")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("c", "not_known", "", "", "", ""),
        ("b", "not_free", "", "", "", ""),
        ("b", "in_use", "d1", "desk-1", "u1", "alice, bob"),
        ("a", "free", "", "", "", ""),
    ]
    assert rows[1]["details"] == "1 of 2 desktops is in use. Checked all desktops."
    assert rows[2]["details"] == "connect_status: CONNECTED, connected since 2026-11-24T17:32:10Z"
    assert rows[-1]["details"] == FREE["msg"]


SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
def test_no_spreadsheet_evaluates_a_cell(delimiter: str, quoting: Any) -> None:
    """Whichever character it splits at, and whether or not it knows quotes."""
    before = ["", " ", "\n", "\t", "a;", "a,", "a\t", 'a;"', 'a;""', 'a";', "a; ", "a,\n", ';"x";', "a;'"]
    names = [f"{text}{sign}1" for text in before for sign in SIGNS]
    users = [{"user_id": str(number), "user_name": name} for number, name in enumerate(names)]
    text = to_csv(Report.of("audit", {name: {**WHOLE, "findings": {"x": users}} for name in names[:20]}))
    for row in csv.reader(io.StringIO(text), delimiter=delimiter, quoting=quoting):
        for cell in row:
            assert not cell.strip(" \t\"'").startswith(SIGNS) or cell.startswith("'"), (cell, row)


USED = {"last_user_name": "bob", "last_used_at": "2026-11-24T20:00:00Z", "idle_days": 1.9}


@pytest.mark.parametrize(
    ("record", "users", "details"),
    [
        ({"status": "ERROR", "is_freeze": True, "reasons": ["status", "frozen"]}, "", "status: ERROR, frozen"),
        (
            {"domain_status": 2, "isolated": True, "reasons": ["isolated", "out of domain"], "users": ["a", "[b]"]},
            "a, [b]",
            "isolated, left its domain",
        ),
        ({"status": "ACTIVE", "task_status": "", "tags": [], "login_status": None}, "", "status: ACTIVE"),
        ({"last_used_at": "2026-11-24T20:00:00Z", "idle_days": 0.0}, "", "last used 2026-11-24"),
        (USED, "", "last used 2026-11-24, 1 day ago, by bob"),
        ({**USED, "last_used_at": None, "idle_days": None}, "", "last used by bob"),
    ],
)
def test_details_are_text_and_users_have_a_column(record: dict[str, Any], users: str, details: str) -> None:
    answer = {**WHOLE, "findings": {"desktops_in_error": of("a", **record)}}
    (row,) = rows_of(Report.of("audit", {"a": answer}))
    assert (row["user_name"], row["details"]) == (users, details)
