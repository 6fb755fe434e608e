# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

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
from pathlib import Path

import jinja2

_SUFFIXES = (".json", ".csv", ".html")
_CSV_COLUMNS = ("project", "project_id", "finding", "id", "name", "details")

#: Results that hold records as a key of their own, not below C(findings).
_RECORD_LISTS = ("in_use", "in_use_but_allowed")

_COUNTED = ("desktop", "user", "pool")

#: They concern who may get in, or desktops that do not work, and come first.
_URGENT = (
    "in_use",
    "desktops_in_error",
    "desktops_running_unregistered",
    "desktops_of_disabled_users",
    "desktops_of_expired_users",
    "desktops_of_locked_users",
    "desktops_of_unknown_users",
    "pools_full",
)

#: The counts that are drawn as bars, the first of them also where the details of a project are closed.
_BARS = ("status_counts", "login_status_counts", "connect_status_counts")

#: How a status is drawn; an unknown one gets the last.
_STYLES = {
    "ACTIVE": "c0",
    "SHUTOFF": "c1",
    "ERROR": "c2",
    "HIBERNATED": "c3",
    "REGISTERED": "c0",
    "UNREGISTER": "c1",
    "CONNECTED": "c3",
    "DISCONNECTED": "c4",
}
_OTHER_STYLE = "c5"

_TEMPLATES = Path(__file__).resolve().parents[2] / "playbooks" / "templates"

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

    @param title: the heading of the HTML page.
    @param read_at: UTC, C(2026-11-24T22:00:00Z).
    @param projects: name -> result.
    """

    title: str
    read_at: str
    projects: dict[str, Answer]

    @classmethod
    def of(cls, title: str, answers: t.Mapping[str, Answer]) -> Report:
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        ordered = sorted(answers.items(), key=lambda item: (not item[1].get("failed"), item[0].casefold()))
        return cls(title, now, dict(ordered))

    @property
    def failed(self) -> dict[str, Answer]:
        """The projects that could not be read."""
        return {name: answer for name, answer in self.projects.items() if answer.get("failed")}

    def total(self, key: str) -> int:
        """A number of all projects together; what was not read counts as none."""
        return sum(answer.get(key) or 0 for answer in self.projects.values())

    @property
    def is_check(self) -> bool:
        """Whether these are verdicts of the check before maintenance, where a failure may be a project that was read."""
        return any("free" in answer for answer in self.projects.values())

    def in_use(self) -> int:
        """How many desktops are in use that may not be."""
        return sum(len(answer.get("in_use") or ()) for answer in self.projects.values())

    def found(self) -> int:
        """How many records all findings have together."""
        return sum(len(records) for answer in self.projects.values() for records in findings_of(answer).values())

    def lines(self) -> list[str]:
        """For a terminal or a mail: a line a project, the failed ones first, then the totals."""
        return [_line(name, answer) for name, answer in self.projects.items()] + [self._totals()]

    def _totals(self) -> str:
        if self.is_check:
            told = f"{_number(len(self.projects), 'project')}, {_number(self.total('desktop_count'), 'desktop')}"
            return f"Total: {told}, {self.in_use()} in use; {len(self.failed)} failed."
        totals: Answer = {f"{key}_count": self.total(f"{key}_count") for key in _COUNTED}
        told = ", ".join([_number(len(self.projects), "project"), *_counts(totals), _number(self.found(), "finding")])
        return f"Total: {told}; {len(self.failed)} failed."

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
        """One page without anything from outside; every value is escaped."""
        pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        pages.filters["thousands"] = "{:,}".format
        totals = [(f"{key}s", self.total(f"{key}_count")) for key in _COUNTED] + [("findings", self.found())]
        if self.is_check:
            totals = [totals[0], ("in use", self.in_use())]
        return pages.get_template("report.html.j2").render(
            title=self.title,
            read_at=self.read_at,
            read_as=sorted({answer["read_as"] for answer in self.projects.values() if answer.get("read_as")}),
            projects=self.projects,
            is_check=self.is_check,
            totals=totals,
            failed=[_failure(name, answer) for name, answer in self.failed.items()],
            not_checked=[entry for name, answer in self.projects.items() for entry in _not_checked(name, answer)],
            worst=self._worst(),
            read=sorted(
                (_project(name, answer) for name, answer in self.projects.items() if _was_read(answer)),
                key=lambda project: -project["count"],
            ),
        )

    def _worst(self) -> list[dict[str, t.Any]]:
        """Each finding with its number in all projects: the urgent ones first, then by number."""
        counts: dict[str, int] = {}
        projects: dict[str, int] = {}
        for answer in self.projects.values():
            for finding, records in findings_of(answer).items():
                if records:
                    counts[finding] = counts.get(finding, 0) + len(records)
                    projects[finding] = projects.get(finding, 0) + 1
        most = max(counts.values(), default=1)
        return [
            {
                "title": title_of(finding),
                "urgent": finding in _URGENT,
                "count": count,
                "projects": projects[finding],
                "width": round(100 * count / most, 2),
            }
            for finding, count in sorted(counts.items(), key=lambda item: (item[0] not in _URGENT, -item[1]))
        ]


def _was_read(answer: Answer) -> bool:
    return not answer.get("failed") or answer.get("connect_status_counts") is not None


def title_of(finding: str) -> str:
    """The name of a finding for people."""
    return finding.replace("_", " ").capitalize()


def _failure(name: str, answer: Answer) -> dict[str, t.Any]:
    source = answer.get("credentials_source")
    who = answer.get("read_as")
    told = f"Asked as {who}" if who else ""
    return {
        "name": name,
        "status_code": answer.get("status_code"),
        "reason": answer.get("msg"),
        "source": told + (f", credentials from {source}" if told and source else ""),
    }


def _not_checked(name: str, answer: Answer) -> list[dict[str, t.Any]]:
    """The findings that could not be checked, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for finding, reason in (answer.get("not_checked") or {}).items():
        reasons.setdefault(reason, []).append(title_of(finding))
    return [{"project": name, "findings": found, "reason": reason} for reason, found in reasons.items()]


def _project(name: str, answer: Answer) -> dict[str, t.Any]:
    found = findings_of(answer)
    ordered = sorted(found, key=lambda finding: (finding not in _URGENT, -len(found[finding])))
    return {
        "name": name,
        "place": " ".join(str(answer[key]) for key in ("region", "project_id") if answer.get(key)),
        "count": sum(map(len, found.values())),
        "counts": ", ".join(_counts(answer)) or "Nothing was read",
        "read_at": answer.get("read_at"),
        "read_as": answer.get("read_as"),
        "bars": [bar_of(answer[key]) for key in _BARS if any((answer.get(key) or {}).values())],
        "findings": [
            {"title": title_of(finding), "records": [described(record) for record in found[finding]]}
            for finding in ordered
            if found[finding]
        ],
    }


def bar_of(counts: t.Mapping[str, int]) -> list[dict[str, t.Any]]:
    """The parts of a bar, whose width together is 100.

    @param counts: not all of them zero.
    """
    total = sum(counts.values())
    parts = []
    start = 0.0
    for name, count in counts.items():
        width = 100 * count / total
        style = _STYLES.get(name, _OTHER_STYLE)
        parts.append({"name": name, "count": count, "style": style, "start": round(start, 3), "width": round(width, 3)})
        start += width
    return parts


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


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count:,} {what}s"


def _counts(answer: Answer) -> list[str]:
    """What was counted; not what was not read."""
    return [_number(answer[f"{key}_count"], key) for key in _COUNTED if answer.get(f"{key}_count") is not None]


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
    if "free" in answer:
        return f"{name}: {answer['msg']}"
    found = [f"{finding} {len(records)}" for finding, records in findings_of(answer).items() if records]
    skipped = [f"not checked: {', '.join(answer['not_checked'])}"] if answer.get("not_checked") else []
    return f"{name}: " + "; ".join(
        [", ".join(_counts(answer)) or "nothing was counted", ", ".join(found) or "no findings", *skipped]
    )
