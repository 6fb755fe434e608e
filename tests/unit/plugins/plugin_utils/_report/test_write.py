# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a report as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report, ReportError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.write import checked_path, write

from .reports import BAD, GOOD, valid

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
    assert path.read_bytes().startswith(start)
    assert path.stat().st_mode & 0o777 == mode
    assert list(tmp_path.iterdir()) == [path]


def test_json_contains_every_result(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write(REPORT, str(path))
    assert valid(json.loads(path.read_text(encoding="utf-8"))) == valid(REPORT.as_dict())


def test_metrics_name_no_person(tmp_path: Path) -> None:
    path = tmp_path / "report.prom"
    write(REPORT, str(path))
    assert not [name for name in ("alice", "bob", "desk-", "AK1") if name in path.read_text(encoding="utf-8")]


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
