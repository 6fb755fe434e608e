# Copyright (c) 2026, huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""What a playbook found in its projects: as lines for the terminal and as a file, JSON, CSV or HTML."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import tempfile
import typing as t

_SUFFIXES = (".json", ".csv", ".html")
_CSV_COLUMNS = ("project", "project_id", "finding", "id", "name", "details")

#: Results that hold records as a key of their own, not below C(findings).
_RECORD_LISTS = ("in_use", "in_use_but_allowed")

Answer = dict[str, t.Any]


class ReportError(Exception):
    """The report cannot be written; the text says why and what to do."""


def checked_path(path: t.Any) -> str:
    """The report's file with an absolute path, if it can be written.

    @raises ReportError: another suffix, no such folder, or no permission.
    """
    name = "workspace_report_file"
    if not isinstance(path, str) or os.path.splitext(path)[1] not in _SUFFIXES:
        raise ReportError(f"{name} is {path}, but must be the path of a file that ends in {', '.join(_SUFFIXES)}.")
    file = os.path.abspath(os.path.expanduser(path))
    folder = os.path.dirname(file)
    if not os.path.isdir(folder):
        raise ReportError(f"{name}: the folder {folder} does not exist.")
    if os.path.isdir(file):
        raise ReportError(f"{name}: {file} is a folder, not a file.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ReportError(f"{name}: the folder {folder} is not writable for this user.")
    return file


class Report(t.NamedTuple):
    """The results of all projects, those that failed first.

    @param read_at: UTC, C(2026-11-24T22:00:00Z).
    @param projects: name -> result.
    """

    read_at: str
    projects: dict[str, Answer]

    @classmethod
    def of(cls, answers: t.Mapping[str, Answer]) -> Report:
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        ordered = sorted(answers.items(), key=lambda item: (not item[1].get("failed"), item[0].casefold()))
        return cls(now, dict(ordered))

    @property
    def failed(self) -> dict[str, Answer]:
        """The projects that could not be read."""
        return {name: answer for name, answer in self.projects.items() if answer.get("failed")}

    def total(self, key: str) -> int:
        """A number of all projects together; what was not read counts as none."""
        return sum(answer.get(key) or 0 for answer in self.projects.values())

    def lines(self) -> list[str]:
        """For a terminal or a mail: a line a project, the failed ones first, then the totals."""
        return [_line(name, answer) for name, answer in self.projects.items()] + [self._totals()]

    def _totals(self) -> str:
        counts = ", ".join(f"{self.total(key + '_count')} {key}s" for key in ("desktop", "user", "pool"))
        found = sum(len(records) for answer in self.projects.values() for records in findings_of(answer).values())
        return f"Total: {len(self.projects)} projects, {len(self.failed)} of them failed; {counts}; {found} findings."

    def write(self, path: str) -> None:
        """Write the file, readable for its owner only: it names people. What was there stays until it is complete.

        @raises ReportError: the disk is full, or the like.
        """
        suffix = os.path.splitext(path)[1]
        content = {".json": self.as_json, ".csv": self.as_csv, ".html": self.as_html}[suffix]()
        try:
            handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".workspace-report-")
            try:
                with open(handle, "w", encoding="utf-8", newline="") as file:
                    file.write(content)
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError as error:
            raise ReportError(f"workspace_report_file: {path} cannot be written: {error.strerror}.") from None

    def as_json(self) -> str:
        return json.dumps({"read_at": self.read_at, "projects": self.projects}, ensure_ascii=False, indent=2) + "\n"

    def as_csv(self) -> str:
        """One row a finding; a project that failed is one row as well."""
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(_CSV_COLUMNS)
        for project, answer in self.projects.items():
            project_id = answer.get("project_id")
            if answer.get("failed"):
                table.writerow(map(_cell, (project, project_id, "failed", None, None, answer.get("msg"))))
            for finding, reason in (answer.get("not_checked") or {}).items():
                table.writerow(map(_cell, (project, project_id, finding, None, None, f"not checked: {reason}")))
            for finding, records in findings_of(answer).items():
                for record in records:
                    identity, name, details = described(record)
                    table.writerow(map(_cell, (project, project_id, finding, identity, name, details)))
        return text.getvalue()

    def as_html(self) -> str:
        return ""


def findings_of(answer: Answer) -> dict[str, list[dict[str, t.Any]]]:
    """The lists of records in a result, by what they show."""
    found = dict(answer.get("findings") or {})
    return found | {name: answer[name] for name in _RECORD_LISTS if answer.get(name)}


def described(record: t.Mapping[str, t.Any]) -> tuple[str | None, str | None, str]:
    """The id and the name of what a record is about, and its other fields as text."""
    keys = list(record)
    identity = next((key for key in keys if key.endswith("_id")), None)
    name = next((key for key in keys if key.endswith("_name")), None)
    details = ", ".join(f"{key}: {_text(record[key])}" for key in keys if key not in (identity, name))
    return identity and record[identity], name and record[name], details


def _text(value: t.Any) -> str:
    if isinstance(value, list):
        return " ".join(_text(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("name", value))
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _cell(value: t.Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else " ".join(str(value).splitlines())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _line(name: str, answer: Answer) -> str:
    if answer.get("failed"):
        return f"{name}: FAILED: {answer.get('msg')}"
    parts = [f"{answer[key + '_count']} {key}s" for key in ("desktop", "user", "pool") if answer.get(key + "_count")]
    found = [f"{finding} {len(records)}" for finding, records in findings_of(answer).items() if records]
    skipped = [f"not checked: {', '.join(answer['not_checked'])}"] if answer.get("not_checked") else []
    return f"{name}: " + "; ".join([", ".join(parts) or "nothing", ", ".join(found) or "no findings", *skipped])
