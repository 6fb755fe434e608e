# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences between two audits: new and resolved records.

A finding is only compared if both audits checked it in the same project and with the same rules, so that a record that
was not checked is not reported as resolved.
"""

from __future__ import annotations

import json
import os
import typing as t

from ...module_utils._audit.findings import FINDINGS

#: The version of the reports that this release writes, and the newest that it reads.
REPORT_VERSION = 1

_NAME = "workspace_previous_report"

Answer = dict[str, t.Any]
Record = dict[str, t.Any]


class ReportError(Exception):
    """A report cannot be written or read; the message says why and what to do."""


class Change(t.NamedTuple):
    """The changes of a finding in a project.

    @param new: records that are not in the previous audit.
    @param resolved: records of the previous audit that are not in this one.
    """

    new: list[Record]
    resolved: list[Record]


class NotCompared(t.NamedTuple):
    """A project whose findings, or some of them, cannot be compared.

    @param findings: the findings; `None` for all of them.
    """

    project: str
    findings: list[str] | None
    reason: str


class Changes(t.NamedTuple):
    """The changes since an earlier audit.

    @param since: the time of the earlier audit, in UTC.
    @param projects: project -> finding -> change, for findings that can be compared.
    """

    since: str
    projects: dict[str, dict[str, Change]]
    not_compared: list[NotCompared]

    def of(self, project: str, finding: str) -> Change | None:
        """The change of a finding; `None` if it is not compared."""
        return self.projects.get(project, {}).get(finding)

    def count(self, what: t.Literal["new", "resolved"]) -> int:
        """The number of new or resolved records in all projects."""
        return sum(len(getattr(change, what)) for found in self.projects.values() for change in found.values())

    def as_json(self) -> dict[str, t.Any]:
        """The keys of a report about changes."""
        return {
            "previous_read_at": self.since,
            "changes": {
                project: {finding: change._asdict() for finding, change in found.items()}
                for project, found in self.projects.items()
            },
            "not_compared": [entry._asdict() for entry in self.not_compared],
        }


def identity(record: Record) -> tuple[t.Any, ...]:
    """The IDs by which records of a finding are matched."""
    return tuple(record.get(key) for key in ("desktop_id", "user_id", "pool_id"))


def read_previous(path: t.Any) -> dict[str, t.Any]:
    """The report of an earlier audit.

    @raises ReportError: it cannot be read, is not the JSON report of an audit, or has a newer version.
    """
    if not isinstance(path, str):
        raise ReportError(f"{_NAME} is {path}, but must be the path of the .json report of an earlier audit.")
    file = os.path.abspath(os.path.expanduser(path))
    try:
        with open(file, encoding="utf-8-sig") as stream:
            report = json.load(stream)
    except OSError as error:
        raise ReportError(f"{_NAME}: {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ReportError(f"{_NAME}: {file} is not JSON. It must be the .json report of an earlier audit.") from None
    version = report.get("report_version") if isinstance(report, dict) else None
    if isinstance(version, int) and version > REPORT_VERSION:
        raise ReportError(
            f"{_NAME}: {file} has report_version {version}, but this release of the collection reads up to"
            f" {REPORT_VERSION}: update the collection."
        )
    if version is True or version != REPORT_VERSION or report.get("playbook") != "audit" or not _is_sound(report):
        raise ReportError(f"{_NAME}: {file} is not a report of the audit playbook. Set the .json report of an audit.")
    found: dict[str, t.Any] = report
    return found


def _is_sound(report: dict[str, t.Any]) -> bool:
    """Whether all values that are compared have the expected types."""
    projects = report.get("projects")
    if not isinstance(report.get("read_at"), str) or not isinstance(projects, dict):
        return False
    for answer in projects.values():
        if not isinstance(answer, dict):
            return False
        if answer.get("failed"):
            continue
        parts = [answer.get(key) for key in ("findings", "not_checked", "rules")]
        if not all(isinstance(part, dict) for part in parts) or not isinstance(answer.get("project_id"), str):
            return False
        for records in answer["findings"].values():
            if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
                return False
    return True


def compare(previous: dict[str, t.Any], answers: t.Mapping[str, Answer]) -> Changes:
    """Compare the results of an audit with an earlier one.

    @param previous: the report from `read_previous`.
    @param answers: project -> result of the audit.
    """
    changes = Changes(previous["read_at"], {}, [])
    left = dict(previous["projects"])
    for name, answer in answers.items():
        earlier_name = _earlier_name(name, answer.get("project_id"), left)
        earlier = left.pop(earlier_name) if earlier_name is not None else None
        if answer.get("failed"):
            changes.not_compared.append(NotCompared(name, None, "It could not be read in this audit."))
        elif earlier is None:
            changes.not_compared.append(NotCompared(name, None, "It is not in the previous audit."))
        elif earlier.get("failed"):
            changes.not_compared.append(NotCompared(name, None, "It could not be read in the previous audit."))
        else:
            _compare_project(changes, name, earlier, answer)
    for name in left:
        changes.not_compared.append(NotCompared(name, None, "It is not in this audit."))
    return changes


def _earlier_name(name: str, project_id: str | None, projects: dict[str, Answer]) -> str | None:
    """The name of a project in the previous audit. It is matched by ID, or by name if one of the IDs is not known."""
    for other, earlier in projects.items():
        if project_id is not None and earlier.get("project_id") == project_id:
            return other
    earlier_id = projects.get(name, {}).get("project_id")
    return name if name in projects and None in (project_id, earlier_id) else None


def _compare_project(changes: Changes, name: str, earlier: Answer, answer: Answer) -> None:
    found = changes.projects[name] = {}
    reasons: dict[str, list[str]] = {}
    for finding in {**earlier["findings"], **earlier["not_checked"], **answer["findings"], **answer["not_checked"]}:
        reason = _why_not(finding, earlier, answer)
        if reason is not None:
            reasons.setdefault(reason, []).append(finding)
            continue
        then = {identity(record): record for record in earlier["findings"][finding]}
        now = {identity(record): record for record in answer["findings"][finding]}
        found[finding] = Change(
            [record for key, record in now.items() if key not in then],
            [record for key, record in then.items() if key not in now],
        )
    changes.not_compared.extend(NotCompared(name, findings, reason) for reason, findings in reasons.items())


def _why_not(finding: str, earlier: Answer, answer: Answer) -> str | None:
    """Why a finding of a project that both audits read cannot be compared; `None` if it can."""
    for which, result in (("this", answer), ("the previous", earlier)):
        if finding in result["not_checked"]:
            return f"Not checked in {which} audit: {result['not_checked'][finding]}"
        if finding not in result["findings"]:
            return f"Not one of the findings of {which} audit."
    kind = FINDINGS.get(finding)
    for option in (kind.option, "resolve_groups" if kind.of_users else None) if kind else ():
        then, now = earlier["rules"].get(option), answer["rules"].get(option)
        if option and then != now:
            return f"{option} was {_shown(then)} in the previous audit and is {_shown(now)} now."
    return None


def _shown(value: t.Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
