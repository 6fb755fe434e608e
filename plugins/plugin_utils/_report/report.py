# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a playbook: its data, and the lines for the terminal."""

from __future__ import annotations

import typing as t

from ...module_utils._http.timestamps import utc_timestamp
from ...module_utils._reading.filters import some_of
from .changes import NOT_COMPARED, Answer, Changes, compare
from .texts import cleaned, counted, findings_of, shown_time

#: The version of the reports that this release writes and reads.
REPORT_VERSION = 1

COUNTED = ("desktop", "user", "pool")

#: The verdicts of the check before maintenance, in the order of the report.
NOT_KNOWN, NOT_FREE, FREE = "NOT KNOWN", "NOT FREE", "FREE"
VERDICTS = (NOT_KNOWN, NOT_FREE, FREE)

#: Reasons of a failed check that read all desktops, but found none of those that it was asked for.
_NO_MATCH = ("unmatched", "no_desktops")

#: The maximum number of projects in the verdict.
_MOST_NAMES = 20

#: A sum over all projects, and whether all projects have the number; `None` if none has.
Total = t.Optional[tuple[int, bool]]


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
    """

    playbook: str
    read_at: str
    projects: dict[str, Answer]
    changes: Changes = NOT_COMPARED

    @classmethod
    def of(cls, playbook: str, answers: t.Mapping[str, Answer], previous: dict[str, t.Any] | None = None) -> Report:
        """Create the report of a playbook."""

        def order(item: tuple[str, Answer]) -> tuple[t.Any, ...]:
            name, answer = item
            first = VERDICTS.index(verdict_of(answer)) if playbook != "audit" else not answer.get("failed")
            return (first, name.casefold())

        ordered = dict(sorted(answers.items(), key=order))
        changes = NOT_COMPARED if previous is None else compare(previous, ordered)
        return cls(playbook, utc_timestamp(), ordered, changes)

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

    def verdicts(self, verdict: str) -> list[str]:
        """The projects with this verdict."""
        return [name for name, answer in self.projects.items() if verdict_of(answer) == verdict]

    @property
    def verdict(self) -> str:
        """The verdict for all projects: `NOT FREE` if one of them is in use."""
        return next((one for one in (NOT_FREE, NOT_KNOWN, FREE) if self.verdicts(one)), NOT_KNOWN)

    def _total(self, counts: t.Iterable[int | None]) -> Total:
        known = [count for count in counts if count is not None]
        return (sum(known), len(known) == len(self.projects)) if known else None

    def total(self, noun: str) -> Total:
        """The number of desktops, users or pools."""
        return self._total(answer.get(f"{noun}_count") for answer in self.projects.values())

    def in_use(self) -> Total:
        """The number of desktops in use that are not allowed to be."""
        known = ([] if verdict_of(answer) == NOT_KNOWN else [answer] for answer in self.projects.values())
        return self._total(len(answer[0]["in_use"]) if answer else None for answer in known)

    def found(self) -> Total:
        """The number of records of all findings."""
        findings = (answer.get("findings") for answer in self.projects.values())
        total = self._total(None if found is None else sum(map(len, found.values())) for found in findings)
        return total and (total[0], total[1] and not self.unchecked())

    def not_known(self) -> int:
        """For how many records of all findings it is not known whether they belong to the finding."""
        return sum(sum((answer.get("not_known_counts") or {}).values()) for answer in self.projects.values())

    def unchecked(self) -> dict[str, dict[str, str]]:
        """Project -> the findings that could not be checked, with the reasons."""
        return {name: answer["not_checked"] for name, answer in self.projects.items() if answer.get("not_checked")}

    def as_dict(self) -> dict[str, t.Any]:
        """The content of the JSON report, see `docs/report.schema.json`."""
        return {
            "report_version": REPORT_VERSION,
            "playbook": self.playbook,
            "read_at": self.read_at,
            "projects": self.projects,
            **self.changes.as_json(),
        }

    # For the terminal

    def lines(self) -> list[str]:
        """The lines for the terminal: a line for each project, then the totals and, in a check, the verdict."""
        if self.is_check:
            projects = [f"{name}: {verdict_of(answer)}: {answer['msg']}" for name, answer in self.projects.items()]
            lines = [*projects, self._totals_of_check(), self.summary()]
        else:
            projects = [f"{name}: {self._line(name, answer)}" for name, answer in self.projects.items()]
            lines = [*self.changed(), *projects, self._totals_of_audit()]
        return list(map(cleaned, lines))

    def summary(self) -> str:
        """The verdict of a check for all projects, with their names, as one line."""
        if not self.projects:
            return f"{NOT_KNOWN}: no project was queried."
        not_known = self.verdicts(NOT_KNOWN)
        no_match = [name for name in not_known if self.projects[name].get("reason") in _NO_MATCH]
        not_read = [name for name in not_known if name not in no_match]
        parts = [] if self.verdict == NOT_KNOWN else [some_of(self.verdicts(self.verdict), _MOST_NAMES)]
        if not_read or self.verdict == NOT_FREE:
            parts.append(f"Not read: {some_of(not_read, _MOST_NAMES) or 'none'}")
        if no_match:
            parts.append(f"No matching desktops: {some_of(no_match, _MOST_NAMES)}")
        return f"{self.verdict}: {'. '.join(parts)}."

    def changed(self) -> list[str]:
        """The changes since the earlier audit as one line; none without an earlier audit."""
        if self.changes.since is None:
            return []
        skipped = len({entry.project for entry in self.changes.not_compared})
        more = f"; {counted(skipped, 'project')} could not be fully compared" if skipped else ""
        numbers = f"{self.changes.count('new'):,} new, {self.changes.count('resolved'):,} resolved{more}"
        return [f"Since {shown_time(self.changes.since)}: {numbers}."]

    def _totals_of_check(self) -> str:
        verdicts = ((len(self.verdicts(verdict)), verdict.lower()) for verdict in reversed(VERDICTS))
        counts = [counted(len(self.projects), "project"), *(f"{count:,} {what}" for count, what in verdicts if count)]
        desktops = [*_at_least(self.total("desktop"), "desktop"), *_at_least(self.in_use(), "in use")]
        return f"Total: {', '.join(counts)}{'; ' if desktops else ''}{', '.join(desktops)}."

    def _totals_of_audit(self) -> str:
        counts = [counted(len(self.projects), "project")]
        for noun in COUNTED:
            counts += _at_least(self.total(noun), noun)
        counts += _at_least(self.found(), "finding")
        counts += [f"{self.not_known():,} not known"] if self.not_known() else []
        skipped = self.unchecked()
        more = f"; findings were not checked in {counted(len(skipped), 'project')}" if skipped else ""
        return f"Total: {', '.join(counts)}; {len(self.failed):,} failed{more}."

    def _line(self, name: str, answer: Answer) -> str:
        """The result of a project of an audit."""
        if answer.get("failed"):
            return f"FAILED: {answer.get('msg')}"
        new: list[str] = []
        others: list[str] = []
        for finding, records in findings_of(answer).items():
            marks = [mark for mark, _record in self.changes.marked(name, finding, records)]
            changed = [f"{marks.count(mark):,} {mark}" for mark in ("new", "resolved") if mark in marks]
            if marks:
                text = f"{finding} {len(records):,}" + (f" ({', '.join(changed)})" if changed else "")
                (new if "new" in marks else others).append(text)
        unknown = [f"{finding} {count:,}" for finding, count in (answer.get("not_known_counts") or {}).items() if count]
        skipped = list(answer.get("not_checked") or ())
        parts_of_line = [
            ", ".join(counts_of(answer)) or "no counts available",
            ", ".join(new + others) or ("no findings in the completed checks" if skipped else "no findings"),
            *([f"not known: {', '.join(unknown)}"] if unknown else []),
            *([f"not checked: {', '.join(skipped)}"] if skipped else []),
        ]
        return "; ".join(parts_of_line)


def _at_least(total: Total, what: str) -> list[str]:
    """A total as text; empty if it is not known."""
    if total is None:
        return []
    count, complete = total
    text = f"{count:,} in use" if what == "in use" else counted(count, what)
    return [text if complete else f"at least {text}"]


def counts_of(answer: Answer) -> list[str]:
    """The counts of a project as text, without those that are not known."""
    return [counted(answer[f"{noun}_count"], noun) for noun in COUNTED if answer.get(f"{noun}_count") is not None]
