# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences between two audits: new and resolved records, and what cannot be compared.

A record is resolved if it was found and is not found now, and new if it is found and was not found then. Both need an
answer from the other audit: what one of them did not read or does not know is listed in `not_compared` instead.
"""

from __future__ import annotations

import typing as t

from ...module_utils._audit.findings import FINDINGS, version_numbers

Answer = dict[str, t.Any]
Record = dict[str, t.Any]

#: The first part of the name of a finding -> the ID of what it is about.
SUBJECT_IDS = {"desktops": "desktop_id", "users": "user_id", "pools": "pool_id"}

#: The IDs by which the records of a finding are matched.
IDENTITY = tuple(SUBJECT_IDS.values())


class Change(t.NamedTuple):
    """The changes of a finding in a project.

    @param new: records that are not in the previous audit.
    @param resolved: records of the previous audit that are not in this one.
    @param unknown_before: the IDs for which the finding was not known in the previous audit.
    """

    new: list[Record]
    resolved: list[Record]
    unknown_before: t.Collection[str] = ()


class NotCompared(t.NamedTuple):
    """A project, some of its findings, or some records of a finding that cannot be compared.

    @param findings: the findings; `None` for all of them.
    @param ids: the IDs of the records of the finding; `None` for all of them.
    """

    project: str
    findings: list[str] | None
    reason: str
    ids: list[str] | None = None


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
                project: {
                    finding: {"new": change.new, "resolved": change.resolved} for finding, change in found.items()
                }
                for project, found in self.projects.items()
            },
            "not_compared": [entry._asdict() for entry in self.not_compared],
        }


def identity(record: Record) -> tuple[t.Any, ...]:
    """The IDs by which records of a finding are matched."""
    return tuple(map(record.get, IDENTITY))


def subject_of(finding: str, record: Record) -> t.Any:
    """The ID of what a finding is about."""
    return record.get(SUBJECT_IDS.get(finding.partition("_")[0], ""))


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
        reason = _why_not_project(earlier, answer)
        if earlier is None or reason is not None:
            changes.not_compared.append(NotCompared(name, None, reason or ""))
        else:
            _compare_project(changes, name, earlier, answer)
    changes.not_compared.extend(NotCompared(name, None, "It is not in this audit.") for name in left)
    return changes


def _earlier_name(name: str, project_id: str | None, projects: dict[str, Answer]) -> str | None:
    """The name of a project in the previous audit. It is matched by ID, or by name if one of the IDs is not known."""
    for other, earlier in projects.items():
        if project_id is not None and earlier.get("project_id") == project_id:
            return other
    earlier_id = projects.get(name, {}).get("project_id")
    return name if name in projects and None in (project_id, earlier_id) else None


def _why_not_project(earlier: Answer | None, answer: Answer) -> str | None:
    """Why a project cannot be compared at all; `None` if it can."""
    if answer.get("failed"):
        return "It could not be read in this audit."
    if earlier is None:
        return "It is not in the previous audit."
    if earlier.get("failed"):
        return "It could not be read in the previous audit."
    # Other credentials may see other records. Only the place that they come from, in brackets, makes no difference.
    then, now = (str(result.get("read_as") or "").partition(" (")[0] for result in (earlier, answer))
    if not then or not now:
        return "It is not known whether both audits used the same credentials."
    return None if then == now else f"It was read as {then} in the previous audit and as {now} in this one."


def _compare_project(changes: Changes, name: str, earlier: Answer, answer: Answer) -> None:
    found = changes.projects[name] = {}
    reasons: dict[str, list[str]] = {}
    single: list[NotCompared] = []
    for finding in {**earlier["findings"], **earlier["not_checked"], **answer["findings"], **answer["not_checked"]}:
        reason = _why_not(finding, earlier, answer)
        if reason is not None:
            reasons.setdefault(reason, []).append(finding)
            continue
        then, now = ({identity(record): record for record in one["findings"][finding]} for one in (earlier, answer))
        unknown_then, unknown_now = (_unknown(finding, one) for one in (earlier, answer))
        found[finding] = Change(
            [one for key, one in now.items() if key not in then and subject_of(finding, one) not in unknown_then],
            [one for key, one in then.items() if key not in now and subject_of(finding, one) not in unknown_now],
            unknown_then.keys(),
        )
        ids: dict[str, list[str]] = {}
        for which, unknown in (("the previous", unknown_then), ("this", unknown_now)):
            for one, why in unknown.items():
                if which == "this" or one not in unknown_now:
                    ids.setdefault(f"Not known in {which} audit: {why}", []).append(one)
        single += [NotCompared(name, [finding], why, ids[why]) for why in ids]
    changes.not_compared.extend(NotCompared(name, findings, reason) for reason, findings in reasons.items())
    changes.not_compared.extend(single)


def _unknown(finding: str, answer: Answer) -> dict[str, str]:
    """ID -> why the finding is not known."""
    return {one: reason for reason, ids in answer["not_known"].get(finding, {}).items() for one in ids}


def _why_not(finding: str, earlier: Answer, answer: Answer) -> str | None:
    """Why a finding of a project that both audits read cannot be compared; `None` if it can."""
    for which, result in (("this", answer), ("the previous", earlier)):
        if finding in result["not_checked"]:
            return f"Not checked in {which} audit: {result['not_checked'][finding]}"
        if finding not in result["findings"]:
            return f"Not one of the findings of {which} audit."
    for option in FINDINGS[finding].rules if finding in FINDINGS else ():
        then, now = earlier["rules"].get(option), answer["rules"].get(option)
        if _rule(option, then) != _rule(option, now):
            return f"{option} was {_shown(then)} in the previous audit and is {_shown(now)} now."
    fields_then, fields_now = (set(result["judged_by"].get(finding) or ()) for result in (earlier, answer))
    for which, missing in (("this", fields_then - fields_now), ("the previous", fields_now - fields_then)):
        if missing:
            return f"Judged without {', '.join(sorted(missing))} in {which} audit."
    return None


def _rule(option: str, value: t.Any) -> t.Any:
    """The value of an option, equal for values with the same meaning."""
    if option == "oldest_agent_version" and isinstance(value, str):
        return version_numbers(value)
    return set(value) if isinstance(value, list) else value


def _shown(value: t.Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
