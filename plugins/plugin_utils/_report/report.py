# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a playbook: lines for the terminal, and a JSON, CSV or HTML file."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import tempfile
import typing as t

from ...module_utils._reading.timestamps import utc_timestamp
from .changes import REPORT_VERSION, Answer, Change, Changes, ReportError, compare, identity
from .rows import Record, Row, findings_of, row_of

_SUFFIXES = (".json", ".csv", ".html")

_COUNTED = ("desktop", "user", "pool")

#: The verdicts of the check before maintenance, in the order of the report.
NOT_KNOWN, NOT_FREE, FREE = "NOT KNOWN", "NOT FREE", "FREE"
VERDICTS = (NOT_KNOWN, NOT_FREE, FREE)

#: Characters that start a formula in spreadsheets, including their full-width forms.
_FORMULAS = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def checked_path(path: t.Any) -> str:
    """The absolute path of the report file, after a check that it can be written.

    @raises ReportError: the suffix is wrong, the folder does not exist, or the permission is missing.
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
    if os.path.lexists(file) and os.stat(folder).st_mode & stat.S_ISVTX:
        # In a sticky folder such as /tmp, only the owner of the file or the folder can replace the file.
        owners = {os.lstat(file).st_uid, os.stat(folder).st_uid, 0}
        if os.geteuid() not in owners:
            raise ReportError(f"{name}: {file} belongs to another user and cannot be replaced: choose another name.")
    return file


def verdict_of(answer: Answer) -> str:
    """The verdict of the check before maintenance for a project."""
    if answer.get("free") and not answer.get("failed"):
        return FREE
    reason = answer.get("reason") or ("in_use" if answer.get("in_use") else None)
    return NOT_FREE if reason == "in_use" else NOT_KNOWN


class Report(t.NamedTuple):
    """The results of all projects.

    @param playbook: `audit` or `pre_maintenance_check`.
    @param read_at: UTC, `2026-11-24T22:00:00Z`.
    @param projects: name -> result; in an audit the failed projects come first, in a check they are sorted by verdict.
    @param changes: the changes since an earlier audit.
    """

    playbook: str
    read_at: str
    projects: dict[str, Answer]
    changes: Changes | None = None

    @classmethod
    def of(cls, playbook: str, answers: t.Mapping[str, Answer], previous: dict[str, t.Any] | None = None) -> Report:
        """Create the report of a playbook.

        @param previous: the report of an earlier audit from `read_previous`.
        """
        now = utc_timestamp()

        def order(item: tuple[str, Answer]) -> tuple[t.Any, ...]:
            name, answer = item
            first = VERDICTS.index(verdict_of(answer)) if playbook != "audit" else not answer.get("failed")
            return (first, name.casefold())

        ordered = dict(sorted(answers.items(), key=order))
        return cls(playbook, now, ordered, None if previous is None else compare(previous, ordered))

    @property
    def is_check(self) -> bool:
        """Whether this is a check before maintenance, in which a failed project may have been read."""
        return self.playbook != "audit"

    @property
    def failed(self) -> dict[str, Answer]:
        """The projects that could not be read or are not free."""
        return {name: answer for name, answer in self.projects.items() if answer.get("failed")}

    def total(self, key: str) -> tuple[int, bool] | None:
        """The sum over all projects, and whether all projects have the number; `None` if none has."""
        known = [answer[key] for answer in self.projects.values() if answer.get(key) is not None]
        return (sum(known), len(known) == len(self.projects)) if known else None

    def verdicts(self, verdict: str) -> dict[str, Answer]:
        """The projects with this verdict."""
        return {name: answer for name, answer in self.projects.items() if verdict_of(answer) == verdict}

    @property
    def verdict(self) -> str:
        """The verdict for all projects: `NOT FREE` if one of them is in use."""
        found = {verdict_of(answer) for answer in self.projects.values()} or {NOT_KNOWN}
        return NOT_FREE if NOT_FREE in found else NOT_KNOWN if NOT_KNOWN in found else FREE

    def in_use(self) -> tuple[int, bool] | None:
        """The number of desktops in use that are not allowed to be, in the form of `total`."""
        known = [
            len(answer["in_use"])
            for answer in self.projects.values()
            if answer.get("in_use") is not None and verdict_of(answer) != NOT_KNOWN
        ]
        return (sum(known), len(known) == len(self.projects)) if known else None

    def found(self) -> tuple[int, bool] | None:
        """The number of records of all findings, in the form of `total`."""
        known = [answer for answer in self.projects.values() if answer.get("findings") is not None]
        complete = len(known) == len(self.projects) and not self.unchecked()
        count = sum(len(records) for answer in known for records in answer["findings"].values())
        return (count, complete) if known else None

    def unchecked(self) -> dict[str, list[str]]:
        """Project -> the findings that could not be checked."""
        return {
            name: list(answer["not_checked"]) for name, answer in self.projects.items() if answer.get("not_checked")
        }

    def marked(self, project: str, finding: str, records: list[Record]) -> list[tuple[str, Record]]:
        """The records of a finding, marked `new`, `same` or `resolved` and in this order; unmarked if not compared."""
        change = self.changes.of(project, finding) if self.changes else None
        if change is None:
            return [("", record) for record in records]
        new = {identity(record) for record in change.new}
        same = [record for record in records if identity(record) not in new]
        parts = {"new": change.new, "same": same, "resolved": change.resolved}
        return [(mark, record) for mark, part in parts.items() for record in part]

    # For the terminal

    def lines(self) -> list[str]:
        """The lines for the terminal: the verdict or the changes, a line for each project, and the totals."""
        first = [self.summary()] if self.is_check else changed_lines(self)
        return first + [_line(self, name, answer) for name, answer in self.projects.items()] + [self._totals()]

    def summary(self) -> str:
        """The verdict of a check for all projects, as one line."""
        counts = [(len(self.verdicts(verdict)), verdict) for verdict in VERDICTS]
        text = ", ".join(f"{_number(count, 'project')} {verdict.lower()}" for count, verdict in counts if count)
        return f"{self.verdict}: {text or 'no project was queried'}."

    def _totals(self) -> str:
        totals = [_number(len(self.projects), "project")]
        for key in _COUNTED[:1] if self.is_check else _COUNTED:
            totals += at_least(self.total(f"{key}_count"), key)
        if self.is_check:
            return f"Total: {', '.join(totals + at_least(self.in_use(), 'in use'))}; {len(self.failed)} failed."
        totals += at_least(self.found(), "finding")
        skipped = self.unchecked()
        more = f"; findings were not checked in {_number(len(skipped), 'project')}" if skipped else ""
        return f"Total: {', '.join(totals)}; {len(self.failed)} failed{more}."

    # As a file

    def write(self, path: str) -> None:
        """Write the file. Only its owner can read it, because it names people. An existing file is replaced atomically.

        @raises ReportError: it cannot be written, for example because the disk is full.
        """
        suffix = os.path.splitext(path)[1]
        content = {".json": self.as_json, ".csv": self.as_csv, ".html": self.as_html}[suffix]()
        try:
            handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".workspace-report-")
            try:
                # Spreadsheets detect UTF-8 by the byte-order mark.
                with open(handle, "w", encoding="utf-8-sig" if suffix == ".csv" else "utf-8", newline="") as file:
                    file.write(content)
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError as error:
            raise ReportError(f"workspace_report_file: {path} cannot be written: {error.strerror}.") from None

    def as_json(self) -> str:
        """The report as JSON, see `docs/report.schema.json`."""
        whole: dict[str, t.Any] = {
            "report_version": REPORT_VERSION,
            "playbook": self.playbook,
            "read_at": self.read_at,
            "projects": self.projects,
        }
        if self.changes is not None:
            whole.update(self.changes.as_json())
        return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"

    def as_csv(self) -> str:
        """The report as CSV: a row for each record, verdict, failed project and finding that was not checked."""
        text = io.StringIO()
        table = csv.writer(text)
        with_change = self.changes is not None
        columns = ("project", "project_id", "finding", "id", "name", "details")
        table.writerow([*columns, *["change"] * with_change, "user_id", "user_name", "region", "read_at"])
        for project, answer in self.projects.items():
            read_at = answer.get("read_at") or self.read_at

            rows: list[tuple[str, str, Row]] = []
            if self.is_check or answer.get("failed"):
                what = verdict_of(answer).lower().replace(" ", "_") if self.is_check else "failed"
                rows.append((what, "", Row(details=str(answer.get("msg")))))
            for finding, reason in (answer.get("not_checked") or {}).items():
                rows.append((finding, "", Row(details=f"not checked: {reason}")))
            for finding, records in findings_of(answer).items():
                rows += [(finding, mark, row_of(record)) for mark, record in self.marked(project, finding, records)]
            for finding, mark, row in rows:
                cells = [project, answer.get("project_id"), finding, row.id, row.name, row.details]
                cells += [*[mark] * with_change, row.user_id, row.user_name, answer.get("region"), read_at]
                table.writerow(map(_cell, cells))
        return text.getvalue()

    def as_html(self) -> str:
        """The report as a single HTML page without external resources."""
        # Jinja2 is imported only if it is used.
        from .html import page

        return page(self)


def changed_lines(report: Report) -> list[str]:
    """The changes since the earlier audit as one line; none without an earlier audit."""
    changes = report.changes
    if changes is None:
        return []
    skipped = len({entry.project for entry in changes.not_compared})
    more = f"; {_number(skipped, 'project')} could not be fully compared" if skipped else ""
    return [f"Since {changes.since}: {changes.count('new'):,} new, {changes.count('resolved'):,} resolved{more}."]


def at_least(total: tuple[int, bool] | None, what: str) -> list[str]:
    """A total as text; empty if it is not known."""
    if total is None:
        return []
    count, complete = total
    counted = f"{count:,} in use" if what == "in use" else _number(count, what)
    return [counted if complete else f"at least {counted}"]


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count:,} {what}s"


def counts_of(answer: Answer) -> list[str]:
    """The counts of a project as text, without those that are not known."""
    return [_number(answer[f"{key}_count"], key) for key in _COUNTED if answer.get(f"{key}_count") is not None]


def _cell(value: t.Any) -> str:
    """The text of a cell, escaped so that no spreadsheet evaluates it as a formula."""
    text = "" if value is None else " ".join(str(value).splitlines())
    return f"'{text}" if text.startswith(_FORMULAS) or text.lstrip().startswith(_FORMULAS) else text


def _line(report: Report, name: str, answer: Answer) -> str:
    if answer.get("failed"):
        return f"{name}: FAILED: {answer.get('msg')}"
    if report.is_check:
        return f"{name}: {answer['msg']}"
    entries = []
    for finding, records in findings_of(answer).items():
        change = (report.changes.of(name, finding) if report.changes else None) or Change([], [])
        marks = [f"{len(part)} {what}" for what, part in change._asdict().items() if part]
        if records or marks:
            entries.append((not change.new, f"{finding} {len(records)}" + (f" ({', '.join(marks)})" if marks else "")))
    found = [text for _first, text in sorted(entries, key=lambda item: item[0])]
    skipped = [f"not checked: {', '.join(answer['not_checked'])}"] if answer.get("not_checked") else []
    nothing = "no findings in the completed checks" if skipped else "no findings"
    return f"{name}: " + "; ".join(
        [", ".join(counts_of(answer)) or "no counts available", ", ".join(found) or nothing, *skipped]
    )
