# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of a report and its lines for the terminal."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report

from .reports import BAD, BUSY, FREE, GOOD, LOST, MISSED, SCHEMA, STALE, WHOLE, check, earlier, of, valid


def audit(previous: dict[str, Any] | None = None, **answers: Any) -> Report:
    return Report.of("audit", answers, previous)


def test_lines_name_the_failed_first_and_end_with_totals() -> None:
    findings = "desktops_of_disabled_users 1, desktops_without_tags 1, users_without_desktop 1"
    rest = "not known: desktops_shut_off 2; not checked: desktops_idle"
    totals = "3 projects, at least 8 desktops, at least 2 users, at least 3 findings, 2 not known; 1 failed"
    assert audit(a=GOOD, b=BAD, c={**GOOD, "findings": {}, "not_known": {}, "not_known_counts": {}}).lines() == [
        "b: FAILED: HTTP 403: no",
        f"a: 4 desktops, 1 user; {findings}; {rest}",
        "c: 4 desktops, 1 user; no findings in the completed checks; not checked: desktops_idle",
        f"Total: {totals}; findings were not checked in 2 projects.",
    ]
    assert audit(a=WHOLE).lines()[-1] == "Total: 1 project, 4 desktops, 1 user, 0 findings; 0 failed."
    assert audit(b=BAD).lines()[-1] == "Total: 1 project; 1 failed."


def test_lines_contain_no_control_characters_and_failures_are_one_line() -> None:
    whole = audit(b={**BAD, "msg": "a\x1b[2Jb\nc\ud800"}, a=GOOD)
    assert whole.lines()[0] == "b: FAILED: a\ufffd[2Jb\nc\ufffd"
    assert whole.failures() == {"b": "a\x1b[2Jb"}


def test_the_schema_describes_the_data() -> None:
    found = valid(audit(earlier(a=GOOD), a=GOOD, b=BAD).as_dict())
    assert found["projects"] == {"b": BAD, "a": GOOD}
    assert {tuple(entry) for entry in found["not_compared"]} == {("project", "findings", "reason", "ids")}
    for key in ("not_known", "not_known_counts", "judged_by"):
        wrong = {name: value for name, value in GOOD.items() if name != key}
        with pytest.raises(jsonschema.ValidationError):
            valid({**found, "projects": {"a": wrong}})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "report_version": 2}, SCHEMA)


def test_the_last_line_of_a_check_is_the_verdict_with_the_names_of_projects() -> None:
    whole = check(a=FREE, b=BUSY, c=LOST, d=STALE, e=MISSED)
    assert whole.lines() == [
        "c: NOT KNOWN: HTTP 403: no",
        "d: NOT KNOWN: HTTP 503: down",
        "e: NOT KNOWN: No pool is named x.",
        f"b: NOT FREE: {BUSY['msg']}",
        "a: FREE: None of 2 desktops is in use.",
        "Total: 5 projects, 1 free, 1 not free, 3 not known; at least 8 desktops, at least 1 in use.",
        "NOT FREE: b. Not read: c, d. No matching desktops: e.",
    ]
    valid(whole.as_dict())
    assert whole.failures()["b"] == "NOT FREE: 1 of 2 desktops is in use"


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"a": FREE, "b": FREE}, "FREE: a, b."),
        ({"a": FREE, "b": LOST}, "NOT KNOWN: Not read: b."),
        ({"a": FREE, "b": MISSED}, "NOT KNOWN: No matching desktops: b."),
        ({"a": FREE, "b": {**MISSED, "in_use": BUSY["in_use"]}}, "NOT FREE: b. Not read: none."),
        ({"a": FREE, "b": BUSY}, "NOT FREE: b. Not read: none."),
        ({f"p{number:02}": FREE for number in range(22)}, "p18, p19 and 2 more."),
        ({}, "NOT KNOWN: no project was queried."),
    ],
)
def test_the_verdict_of_all_projects(answers: dict[str, Any], verdict: str) -> None:
    assert check(**answers).lines()[-1].endswith(verdict)


def test_times_are_also_in_the_time_zone_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    previous = earlier(a=WHOLE)
    there = " (2026-11-18 06:00 Asia/Shanghai)"
    known = {"Asia/Shanghai": there, ":Asia/Shanghai": there}
    for zone, shown in {**known, "Nowhere/Land": "", "/etc/passwd": "", "": ""}.items():
        monkeypatch.setenv("TZ", zone)
        assert audit(previous, a=WHOLE).lines()[0] == f"Since 2026-11-17T22:00:00Z{shown}: 0 new, 0 resolved."


def test_a_line_counts_new_and_resolved_records() -> None:
    pools = {"pools_full": [{"pool_id": "p"}]}
    then = {**WHOLE, "findings": {"desktops_shut_off": of("a", "b"), **pools}}
    now = {**WHOLE, "findings": {**pools, "desktops_shut_off": of("b", "d", "e")}}
    lines = audit(earlier(a=then), a=now).lines()
    assert lines[0].endswith(": 2 new, 1 resolved.")
    assert "; desktops_shut_off 3 (2 new, 1 resolved), pools_full 1" in lines[1]
