# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a report as a file, and read that of an earlier audit, which is checked before a project is read."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.files import (
    ReportError,
    checked_path,
    read_previous,
    write,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.to_csv import to_csv

from .reports import BAD, GOOD, of, valid

REPORT = Report.of("audit", {"a": GOOD, "b": {**BAD, "msg": "half \ud800 of a pair"}})


@pytest.mark.parametrize(
    ("suffix", "mode", "start"),
    [
        (".json", 0o600, b"{"),
        # A spreadsheet would not know that it is UTF-8.
        (".csv", 0o600, b"\xef\xbb\xbfproject,"),
        (".html", 0o600, b"<!DOCTYPE html>"),
        # Another user reads it, and it names nobody.
        (".prom", 0o644, b"# HELP workspace_read_success "),
    ],
)
def test_the_suffix_selects_the_format(suffix: str, mode: int, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    path.write_text("old")
    write(REPORT, str(path))
    content = path.read_bytes()
    assert content.startswith(start)
    assert path.stat().st_mode & 0o777 == mode
    assert list(tmp_path.iterdir()) == [path]
    if suffix == ".json":
        assert valid(json.loads(content)) == valid(REPORT.as_dict())
    assert any(name in content for name in (b"alice", b"bob", b"desk-", b"AK1")) is (suffix != ".prom")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("report.txt", "must be the path of a file that ends in .json, .csv, .prom, .html"),
        (["a.json"], "must be the path of a file"),
        ("nowhere/report.json", "does not exist"),
        ("folder.json", "is a folder, not a file"),
    ],
)
def test_a_wrong_path_is_rejected(path: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(ReportError, match=words):
        checked_path(path)
    assert checked_path("audit.html") == str(tmp_path / "audit.html")


def test_a_file_of_another_user_in_a_sticky_folder_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_file_that_cannot_be_replaced_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_paths: Any) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "audit.html"
    path.write_text("old")
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ReportError, match=r"audit\.html cannot be written: No space left on device"):
        write(REPORT, str(path))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("audit.html", "old")]


SOUND = valid(Report.of("audit", {"a": GOOD, "b": BAD}).as_dict())
NO_REPORT = "is not a report of the audit playbook"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist. For the first audit, set only workspace_report_file to this path; from the second"),
        (b"[", "is not JSON"),
        (b"[" * 100000, "is not JSON"),
        (b"\xff", "is not JSON"),
        ([], NO_REPORT),
        ({**SOUND, "playbook": "pre_maintenance_check"}, NO_REPORT),
        (
            {**SOUND, "report_version": 2},
            "has report_version 2, but this release of the collection reads 1: write a new",
        ),
        ({**SOUND, "read_at": None}, "was altered or is incomplete"),
        ({**SOUND, "projects": []}, "was altered or is incomplete"),
    ],
)
def test_a_file_that_is_no_report_of_an_audit_is_rejected(content: Any, words: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(ReportError, match=rf"workspace_previous_report: .*audit\.json {words}"):
        read_previous(str(path))
    for wrong, why in ((3, "is 3, but must be the path"), (str(tmp_path), "cannot be read: Is a directory")):
        with pytest.raises(ReportError, match=why):
            read_previous(wrong)


def altered(value: Any) -> Iterator[Any]:
    """The value with each value in it replaced by one of another type, or removed."""
    for other in (None, [], {}, [1], {"x": 1}, 1, -1, float("inf"), True, "x", [[]], [None]):
        yield copy.deepcopy(other)
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        changed = [{**value, key: other} if isinstance(value, dict) else [other] for other in altered(value[key])]
        yield from changed
        if isinstance(value, dict):
            yield {name: other for name, other in value.items() if name != key}


def test_no_altered_report_breaks_an_audit_after_it_was_read(tmp_path: Path) -> None:
    """Either it is rejected at the beginning, or the report can be made at the end."""
    about = {"users": ["x"], "user_id": "u", "reasons": ["status"], "status": "ERROR"}
    record = of("d", **about, last_used_at="2026-11-14T21:30:00Z", idle_days=3)
    sound = {**SOUND, "projects": {"a": {**GOOD, "findings": {"desktops_in_error": record}}, "b": BAD}}
    now = {"a": {**GOOD, "findings": {"desktops_in_error": []}}, "b": BAD}
    path = tmp_path / "audit.json"
    read = rejected = 0
    for document in altered(sound):
        path.write_text(json.dumps(document))
        try:
            previous = read_previous(str(path))
        except ReportError:
            rejected += 1
            continue
        read += 1
        whole = Report.of("audit", now, previous)
        assert whole.lines()
        assert to_csv(whole)
        assert json.dumps(whole.as_dict())
    assert read > 100 < rejected
