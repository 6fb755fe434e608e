# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is added to the verdict: since when desktops are connected, and which tasks of the service are due.

This file sends no requests and does not use Ansible. Each question is a module to run and its options, and a failure of the
module does not change the verdict.
"""

from __future__ import annotations

import math
import typing as t

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._reading.filters import some_of
from ...module_utils._workspace.scheduled_tasks import is_triggered

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record
    from .selection import Question, Result, Selected

LOGIN_RECORDS = "workspace_login_record_info"
SCHEDULED_TASKS = "workspace_scheduled_task_info"

_IN_USE = ("in_use", "in_use_but_allowed")

#: The types of the objects of a task, in words. `ALL_DESKTOPS` has neither a name nor an ID.
_KINDS = {"DESKTOP": "desktop", "DESKTOP_POOL": "pool", "DESKTOP_TAG": "tag", "ALL_DESKTOPS": "all desktops"}

_FORCED = {
    True: "forced, so also on desktops in use",
    False: "not forced, so not on desktops in use",
    None: "and it is not known whether it is forced",
}


def login_records(result: Result) -> Question | None:
    """The question about the desktops in use; `None` if there are none."""
    names = {desktop["desktop_name"] for name in _IN_USE for desktop in result[name] or () if desktop["desktop_name"]}
    return (LOGIN_RECORDS, {"computer_names": sorted(names), "max_retries": 0}) if names else None


def with_login_records(result: Result, answer: Result) -> dict[str, t.Any]:
    """Add `connected_since` to the desktops in use.

    @param answer: the result of the module; empty if it was not run.
    """
    records = answer.get("records") or ()
    lists = {
        name: result[name] and [{**desktop, "connected_since": _since(desktop, records)} for desktop in result[name]]
        for name in _IN_USE
    }
    return {**result, **lists}


def _since(desktop: Record, records: t.Iterable[Record]) -> str | None:
    """The beginning of the last connection to the desktop; `None` if it has ended or if there is no record.

    @param records: login records, the newest first.
    """
    for record in records:
        # Older editions of the service do not return the ID.
        key, of_desktop = ("desktop_id", "desktop_id") if record["desktop_id"] else ("computer_name", "desktop_name")
        if record[key] == desktop[of_desktop] and not record["failure_reason"]:
            return None if record["ended_at"] else record["connected_at"]
    return None


def scheduled_tasks(within: float) -> Question | None:
    """The question about due tasks; `None` if they are not checked.

    @raises WorkspaceError: the value is negative or not finite.
    """
    if not 0 <= within < math.inf:
        raise WorkspaceError(f"scheduled_within is {within:g}, but must be a number of seconds, 0 or more.")
    return (SCHEDULED_TASKS, {"due_within": within, "skip_refused": True}) if within else None


def with_scheduled_tasks(result: Result, answer: Result, selected: Selected) -> dict[str, t.Any]:
    """Add the due tasks, with a warning for each."""
    warnings = [*result.get("warnings", ()), *(answer.get("warnings") or ())]
    if answer.get("failed") or answer.get("unreachable"):
        text = f"The scheduled tasks of the service are not known: {one_line(str(answer.get('msg')), 1000)}"
        return {**result, "warnings": [*warnings, text]}
    names = (record[key] for record in selected.desktops for key in ("desktop_id", "desktop_name"))
    checked = {"DESKTOP": {name.lower() for name in names if name}, "DESKTOP_POOL": selected.pools}
    warnings += [_warning(task, checked) for task in answer["tasks"]]
    return {**result, "scheduled_tasks": answer["tasks"], "warnings": warnings}


def _is_other(entry: Record, checked: t.Mapping[str, t.Collection[str]]) -> bool:
    """Whether a task applies to a desktop or pool that is not checked."""
    known = checked.get(entry["object_type"], ())
    names = {name.lower() for name in (entry["object_id"], entry["object_name"]) if name}
    return bool(known and names) and names.isdisjoint(known)


def _warning(task: Record, checked: t.Mapping[str, t.Collection[str]]) -> str:
    """A warning with the type and the time of a task, whether it is forced, and what it applies to.

    @param checked: the type of an object -> the names and IDs of the checked ones in lower case; empty if not known.
    """
    kind = f" ({task['task_type']})" if task["task_type"] else ""
    when = f"at {task['next_execution_at']}" if task["next_execution_at"] else "at a time that is not known"
    if is_triggered(task):
        event = f" ({task['life_cycle_type']})" if task["life_cycle_type"] else ""
        when = f"when an event triggers it{event}"
    names = [
        " ".join(filter(None, (_KINDS.get(entry["object_type"], ""), entry["object_name"] or entry["object_id"])))
        for entry in task["apply_objects"] or ()
    ]
    on = f"on {some_of(names)}" if any(names) else "on desktops that are not known"
    text = (
        f"The service will execute the scheduled task {task['task_name'] or task['id']}{kind} {when}, {on},"
        f" {_FORCED[task['force_execute']]}."
    )
    if task["apply_objects"] and all(_is_other(entry, checked) for entry in task["apply_objects"]):
        text += " It does not apply to the checked desktops."
    return one_line(text, 500)
