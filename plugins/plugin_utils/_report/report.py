# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a playbook: its data, and the lines for the terminal."""

from __future__ import annotations

import re
import typing as t

from ...module_utils._reading.timestamps import utc_timestamp
from .changes import Answer, Change, Changes, compare, identity, subject_of
from .rows import Record, findings_of, not_known_of
from .texts import cleaned, counted, first_of, shown_time

#: The version of the reports that this release writes and reads.
REPORT_VERSION = 1

COUNTED = ("desktop", "user", "pool")

#: The verdicts of the check before maintenance, in the order of the report.
NOT_KNOWN, NOT_FREE, FREE = "NOT KNOWN", "NOT FREE", "FREE"
VERDICTS = (NOT_KNOWN, NOT_FREE, FREE)

#: The line of a message after the first desktops.
_MORE = re.compile(r"and [\d,]+ more")

#: Reasons of a failed check that read all desktops, but found none of those that it was asked for.
_NO_MATCH = ("unmatched", "no_desktops")


class ReportError(Exception):
    """A report cannot be written or read; the message says why and what to do."""


def verdict_of(answer: Answer) -> str:
    """The verdict of the check before maintenance for a project."""
    if answer.get("free") and not answer.get("failed"):
        return FREE
    # After a check that failed, `in_use` is from an earlier one.
    in_use = answer.get("in_use") and answer.get("reason") not in ("refused", "not_read")
    return NOT_FREE if in_use or answer.get("reason") == "in_use" else NOT_KNOWN


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

        def order(item: tuple[str, Answer]) -> tuple[t.Any, ...]:
            name, answer = item
            first = VERDICTS.index(verdict_of(answer)) if playbook != "audit" else not answer.get("failed")
            return (first, name.casefold())

        ordered = dict(sorted(answers.items(), key=order))
        return cls(playbook, utc_timestamp(), ordered, None if previous is None else compare(previous, ordered))

    @property
    def is_check(self) -> bool:
        """Whether this is a check before maintenance, in which a failed project may have been read."""
        return self.playbook != "audit"

    @property
    def failed(self) -> dict[str, Answer]:
        """The projects that could not be read or are not free."""
        return {name: answer for name, answer in self.projects.items() if answer.get("failed")}

    def failures(self) -> dict[str, str]:
        """The failed projects, each with one line that says why."""
        found = {}
        for name, answer in self.failed.items():
            why = str(answer["msg"]).partition("\n")[0].rstrip(":")
            found[name] = f"{verdict_of(answer)}: {why}" if self.is_check else why
        return found

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

    def not_known(self) -> int:
        """For how many records of all findings it is not known whether they belong to the finding."""
        return sum(
            len(ids)
            for answer in self.projects.values()
            for reasons in not_known_of(answer).values()
            for ids in reasons.values()
        )

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
        new = set(map(identity, change.new))
        others = [record for record in records if identity(record) not in new]
        marks = ["" if subject_of(finding, record) in change.unknown_before else "same" for record in others]
        parts = {"new": change.new, "resolved": change.resolved}
        first, last = ([(mark, record) for record in part] for mark, part in parts.items())
        return first + list(zip(marks, others)) + last

    def as_dict(self) -> dict[str, t.Any]:
        """The content of the JSON report, see `docs/report.schema.json`."""
        whole = {
            "report_version": REPORT_VERSION,
            "playbook": self.playbook,
            "read_at": self.read_at,
            "projects": self.projects,
        }
        return whole if self.changes is None else {**whole, **self.changes.as_json()}

    # For the terminal

    def lines(self) -> list[str]:
        """The lines for the terminal: a line for each project, then the totals and, in a check, the verdict."""
        first, last = ([], [self.summary()]) if self.is_check else (changed_lines(self), [])
        projects = [self._line(name, answer) for name, answer in self.projects.items()]
        return [cleaned(line) for line in (*first, *projects, self._totals(), *last)]

    def summary(self) -> str:
        """The verdict of a check for all projects, with their names, as one line."""
        if not self.projects:
            return f"{NOT_KNOWN}: no project was queried."
        not_known = self.verdicts(NOT_KNOWN)
        no_match = [name for name, answer in not_known.items() if answer.get("reason") in _NO_MATCH]
        not_read = [name for name in not_known if name not in no_match]
        parts = [f"Not read: {first_of(not_read)}"] if not_read or self.verdict == NOT_FREE else []
        parts += [f"No matching desktops: {first_of(no_match)}"] if no_match else []
        if self.verdict != NOT_KNOWN:
            parts.insert(0, first_of(list(self.verdicts(self.verdict))))
        return f"{self.verdict}: {'. '.join(parts)}."

    def _totals(self) -> str:
        totals = [counted(len(self.projects), "project")]
        if self.is_check:
            verdicts = ((len(self.verdicts(verdict)), verdict.lower()) for verdict in reversed(VERDICTS))
            totals += [f"{count:,} {verdict}" for count, verdict in verdicts if count]
            desktops = [*at_least(self.total("desktop_count"), "desktop"), *at_least(self.in_use(), "in use")]
            return f"Total: {', '.join(totals)}{'; ' if desktops else ''}{', '.join(desktops)}."
        for key in COUNTED:
            totals += at_least(self.total(f"{key}_count"), key)
        totals += at_least(self.found(), "finding")
        totals += [f"{self.not_known():,} not known"] if self.not_known() else []
        skipped = self.unchecked()
        more = f"; findings were not checked in {counted(len(skipped), 'project')}" if skipped else ""
        return f"Total: {', '.join(totals)}; {len(self.failed):,} failed{more}."

    def _line(self, name: str, answer: Answer) -> str:
        if self.is_check:
            return f"{name}: {verdict_of(answer)}: {answer['msg']}"
        if answer.get("failed"):
            return f"{name}: FAILED: {answer.get('msg')}"
        entries = []
        for finding, records in findings_of(answer).items():
            change = (self.changes.of(name, finding) if self.changes else None) or Change([], [])
            parts = {"new": change.new, "resolved": change.resolved}
            marks = ", ".join(f"{len(part):,} {what}" for what, part in parts.items() if part)
            if records or marks:
                entries.append((not change.new, f"{finding} {len(records):,}" + (f" ({marks})" if marks else "")))
        found = [text for _first, text in sorted(entries, key=lambda item: item[0])]
        unknown = [
            f"{finding} {sum(map(len, reasons.values())):,}" for finding, reasons in not_known_of(answer).items()
        ]
        skipped = list(answer.get("not_checked") or ())
        parts_of_line = [
            ", ".join(counts_of(answer)) or "no counts available",
            ", ".join(found) or ("no findings in the completed checks" if skipped else "no findings"),
            *([f"not known: {', '.join(unknown)}"] if unknown else []),
            *([f"not checked: {', '.join(skipped)}"] if skipped else []),
        ]
        return f"{name}: {'; '.join(parts_of_line)}"


def changed_lines(report: Report) -> list[str]:
    """The changes since the earlier audit as one line; none without an earlier audit."""
    changes = report.changes
    if changes is None:
        return []
    skipped = len({entry.project for entry in changes.not_compared})
    more = f"; {counted(skipped, 'project')} could not be fully compared" if skipped else ""
    numbers = f"{changes.count('new'):,} new, {changes.count('resolved'):,} resolved{more}"
    return [f"Since {shown_time(changes.since)}: {numbers}."]


def at_least(total: tuple[int, bool] | None, what: str) -> list[str]:
    """A total as text; empty if it is not known."""
    if total is None:
        return []
    count, complete = total
    text = f"{count:,} in use" if what == "in use" else counted(count, what)
    return [text if complete else f"at least {text}"]


def counts_of(answer: Answer) -> list[str]:
    """The counts of a project as text, without those that are not known."""
    return [counted(answer[f"{key}_count"], key) for key in COUNTED if answer.get(f"{key}_count") is not None]


def message_of(answer: Answer) -> str:
    """The message of a check without the lines about desktops, which the report lists separately."""
    names = tuple(f"{desktop['desktop_name']}: " for desktop in answer.get("in_use") or ())
    lines = str(answer.get("msg")).splitlines()
    if names:
        lines = [line for line in lines if not line.startswith(names) and not _MORE.fullmatch(line)]
        lines = [f"{line[:-1]}." if line.endswith(":") else line for line in lines]
    return "\n".join(lines)
