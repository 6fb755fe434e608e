# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings of a check about due tasks of the service. This file sends no requests and does not use Ansible."""

from __future__ import annotations

import math
import typing as t

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._workspace.scheduled_tasks import is_triggered

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record

MODULE = "workspace_scheduled_task_info"

#: The maximum number of objects of a task in a warning. The result contains all of them.
_MOST_NAMES = 5


def question(scheduled_within: float) -> tuple[str, dict[str, t.Any]] | None:
    """The module to run and its options; `None` if tasks are not checked.

    @param scheduled_within: seconds.
    @raises WorkspaceError: the value is negative or not finite.
    """
    if not 0 <= scheduled_within < math.inf:
        raise WorkspaceError(f"scheduled_within is {scheduled_within:g}, but must be a number of seconds, 0 or more.")
    return (MODULE, {"due_within": scheduled_within, "skip_refused": True}) if scheduled_within else None


def _warning(task: Record) -> str:
    """A warning with the type, time and objects of a task."""
    kind = f" ({task['task_type']})" if task["task_type"] else ""
    when = f"at {task['next_execution_at']}" if task["next_execution_at"] else "at a time that is not known"
    if is_triggered(task):
        event = f" ({task['life_cycle_type']})" if task["life_cycle_type"] else ""
        when = f"when an event triggers it{event}"
    objects = task["apply_objects"]
    names = [str(entry["object_name"] or entry["object_id"]) for entry in objects or ()]
    applies = ", ".join(names[:_MOST_NAMES]) + (
        f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    )
    text = f"The service will execute the scheduled task {task['task_name'] or task['id']}{kind} {when}"
    return one_line(f"{text}, on {applies}." if applies else f"{text}.", 500)


def added(result: t.Mapping[str, t.Any], answer: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Add the due tasks to the result of a check, with a warning for each. They do not change the verdict.

    @param answer: the result of the module, successful or failed.
    """
    warnings = [*result.get("warnings", ()), *(answer.get("warnings") or ())]
    if answer.get("failed") or answer.get("unreachable"):
        text = f"The scheduled tasks of the service are not known: {one_line(str(answer.get('msg')), 1000)}"
        return {**result, "warnings": [*warnings, text]}
    tasks = answer["tasks"]
    return {**result, "scheduled_tasks": tasks, "warnings": [*warnings, *map(_warning, tasks)]}
