# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings of a check about due tasks of the service. This file sends no requests and does not use Ansible."""

from __future__ import annotations

import math
import typing as t

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._reading.filters import some_of
from ...module_utils._workspace.scheduled_tasks import is_triggered

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record
    from .selection import Selected

MODULE = "workspace_scheduled_task_info"

#: The types of the objects of a task, in words. `ALL_DESKTOPS` has neither a name nor an ID.
_KINDS = {"DESKTOP": "desktop", "DESKTOP_POOL": "pool", "DESKTOP_TAG": "tag", "ALL_DESKTOPS": "all desktops"}

_FORCED = {
    True: "forced, so also on desktops in use",
    False: "not forced, so not on desktops in use",
    None: "and it is not known whether it is forced",
}


def question(scheduled_within: float) -> tuple[str, dict[str, t.Any]] | None:
    """The module to run and its options; `None` if tasks are not checked.

    @param scheduled_within: seconds.
    @raises WorkspaceError: the value is negative or not finite.
    """
    if not 0 <= scheduled_within < math.inf:
        raise WorkspaceError(f"scheduled_within is {scheduled_within:g}, but must be a number of seconds, 0 or more.")
    return (MODULE, {"due_within": scheduled_within, "skip_refused": True}) if scheduled_within else None


def _applies(task: Record, selected: Selected) -> bool | None:
    """Whether the task applies to a selected desktop; `None` if it is not known, for example because of tags."""
    desktops = {value for record in selected.desktops for value in (record["desktop_id"], record["desktop_name"])}
    known = {"DESKTOP": desktops, "DESKTOP_POOL": selected.pools}
    answers = []
    for entry in task["apply_objects"] or [{}]:
        objects = known.get(entry.get("object_type"))
        names = [name for name in (entry.get("object_id"), entry.get("object_name")) if name]
        answers.append(not objects.isdisjoint(names) if names and objects is not None else None)
    return True if True in answers else None if None in answers else False


def _warning(task: Record, selected: Selected | None) -> str:
    """A warning with the type and the time of a task, whether it is forced, and what it applies to.

    @param selected: the checked desktops, if they are not all desktops of the project.
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
    if selected and _applies(task, selected) is False:
        text += " It does not apply to the checked desktops."
    return one_line(text, 500)


def added(result: t.Mapping[str, t.Any], answer: t.Mapping[str, t.Any], selected: Selected | None) -> dict[str, t.Any]:
    """Add the due tasks to the result of a check, with a warning for each. They do not change the verdict.

    @param answer: the result of the module, successful or failed.
    @param selected: the checked desktops, if they are not all desktops of the project.
    """
    warnings = [*result.get("warnings", ()), *(answer.get("warnings") or ())]
    if answer.get("failed") or answer.get("unreachable"):
        text = f"The scheduled tasks of the service are not known: {one_line(str(answer.get('msg')), 1000)}"
        return {**result, "warnings": [*warnings, text]}
    tasks = answer["tasks"]
    return {
        **result,
        "scheduled_tasks": tasks,
        "warnings": [*warnings, *(_warning(task, selected) for task in tasks)],
    }
