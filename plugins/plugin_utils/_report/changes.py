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
from .texts import Record, text_of

Answer = dict[str, t.Any]

#: Records with `new`, `same` or `resolved`, in this order, or with an empty mark.
Marked = list[tuple[str, Record]]

#: The first part of the name of a finding -> the ID of what it is about.
_SUBJECT_IDS = {"desktops": "desktop_id", "users": "user_id", "pools": "pool_id"}


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

    @param since: the time of the earlier audit, in UTC; `None` if there is none.
    @param projects: project -> finding -> its marked records, for findings that can be compared.
    """

    since: str | None
    projects: dict[str, dict[str, Marked]]
    not_compared: list[NotCompared]

    def marked(self, project: str, finding: str, records: list[Record]) -> Marked:
        """The records of a finding, and those that are resolved; unmarked if the finding is not compared."""
        unmarked = [("", record) for record in records]
        return self.projects.get(project, {}).get(finding, unmarked)

    def count(self, what: t.Literal["new", "resolved"]) -> int:
        """The number of new or resolved records in all projects."""
        return sum(
            mark == what for found in self.projects.values() for marked in found.values() for mark, _record in marked
        )

    def as_json(self) -> dict[str, t.Any]:
        """The keys of a report about changes; empty without an earlier audit."""
        changes = {
            project: {
                finding: {what: [record for mark, record in marked if mark == what] for what in ("new", "resolved")}
                for finding, marked in found.items()
            }
            for project, found in self.projects.items()
        }
        not_compared = [entry._asdict() for entry in self.not_compared]
        whole = {"previous_read_at": self.since, "changes": changes, "not_compared": not_compared}
        return {} if self.since is None else whole


#: There is no earlier audit.
NOT_COMPARED = Changes(None, {}, [])


def _identity(record: Record) -> tuple[t.Any, ...]:
    """The IDs by which records of a finding are matched."""
    return tuple(map(record.get, _SUBJECT_IDS.values()))


def compare(previous: dict[str, t.Any], answers: t.Mapping[str, Answer]) -> Changes:
    """Compare the results of an audit with an earlier one.

    @param previous: the report from `read_previous`.
    """
    changes = Changes(previous["read_at"], {}, [])
    left = dict(previous["projects"])
    for name, answer in answers.items():
        earlier = _take_earlier(name, answer.get("project_id"), left)
        reason = _why_not_project(earlier, answer)
        if earlier is None or reason:
            changes.not_compared.append(NotCompared(name, None, reason or ""))
        else:
            changes.projects[name] = _compare_project(name, earlier, answer, changes.not_compared)
    changes.not_compared.extend(NotCompared(name, None, "It is not in this audit.") for name in left)
    return changes


def _take_earlier(name: str, project_id: str | None, left: dict[str, Answer]) -> Answer | None:
    """Remove a project from the previous audit. It is matched by ID, or by name if one of the IDs is not known."""
    same = [other for other, earlier in left.items() if project_id and earlier.get("project_id") == project_id]
    if name in left and None in (project_id, left[name].get("project_id")):
        same.append(name)
    return left.pop(same[0]) if same else None


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


def _compare_project(name: str, earlier: Answer, answer: Answer, skipped: list[NotCompared]) -> dict[str, Marked]:
    """The marked records of the findings that can be compared.

    @param skipped: what cannot be compared is added to it: findings with the same reason together, then records.
    """
    found: dict[str, Marked] = {}
    reasons: dict[str, list[str]] = {}
    for finding in {**earlier["findings"], **earlier["not_checked"], **answer["findings"], **answer["not_checked"]}:
        reason = _why_not(finding, earlier, answer)
        if reason:
            reasons.setdefault(reason, []).append(finding)
        else:
            found[finding] = _marked(finding, earlier, answer)
    skipped += [NotCompared(name, findings, reason) for reason, findings in reasons.items()]
    for finding in found:
        for which, one, other in (("the previous", earlier, _unknown(finding, answer)), ("this", answer, set())):
            for why, ids in one["not_known"].get(finding, {}).items():
                left = [one_id for one_id in ids if one_id not in other]
                skipped += [NotCompared(name, [finding], f"Not known in {which} audit: {why}", left)] if left else []
    return found


def _marked(finding: str, earlier: Answer, answer: Answer) -> Marked:
    """The records of a finding that both audits checked."""
    subject_id = _SUBJECT_IDS.get(finding.partition("_")[0], "")
    then, now = (set(map(_identity, one["findings"][finding])) for one in (earlier, answer))
    unknown_then, unknown_now = (_unknown(finding, one) for one in (earlier, answer))
    new: Marked = []
    others: Marked = []
    for record in answer["findings"][finding]:
        if _identity(record) in then:
            others.append(("same", record))
        elif record.get(subject_id) in unknown_then:
            others.append(("", record))
        else:
            new.append(("new", record))
    gone = [record for record in earlier["findings"][finding] if _identity(record) not in now]
    return [*new, *others, *(("resolved", record) for record in gone if record.get(subject_id) not in unknown_now)]


def _unknown(finding: str, answer: Answer) -> set[str]:
    """The IDs for which the finding is not known."""
    return {one for ids in answer["not_known"].get(finding, {}).values() for one in ids}


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
            return f"{option} was {text_of(then)} in the previous audit and is {text_of(now)} now."
    fields_then, fields_now = (set(result["judged_by"].get(finding) or ()) for result in (earlier, answer))
    for which, missing in (("this", fields_then - fields_now), ("the previous", fields_now - fields_then)):
        if missing:
            return f"Judged without {', '.join(sorted(map(str, missing)))} in {which} audit."
    return None


def _rule(option: str, value: t.Any) -> t.Any:
    """The value of an option, equal for values with the same meaning."""
    if option == "oldest_agent_version" and isinstance(value, str):
        return version_numbers(value)
    return set(value) if isinstance(value, list) else value
