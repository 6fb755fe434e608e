# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list the tasks of the service for desktops: scheduled tasks and upgrades of the agent.

Sources: ListScheduledTasks, ShowScheduledTasks, ListUpgradeTasks, ShowUpgradeTaskDetail and ListTaskApplyObjects of the
Workspace API. Tasks that an event triggers are only listed if they are requested by their type. Times have no time zone;
it is in a separate field.
"""

from __future__ import annotations

import datetime
import typing as t
from functools import partial

from .._http import concurrency, errors, timestamps
from .._reading import filters, listing, records, statuses
from . import operations

if t.TYPE_CHECKING:
    from .._http import client
    from .._reading.project import Operation, Project

    #: Reads records, or details of a task.
    Read = t.Callable[[Project], t.Any]

#: The types of `scheduled-tasks`, and the name of this collection for upgrade tasks of desktops.
UPGRADE_AGENT = "UPGRADE_AGENT"
TASK_TYPES = (
    *("START", "STOP", "REBOOT", "HIBERNATE", "REBUILD", "EXECUTE_SCRIPT", "CREATE_SNAPSHOT", "DELETE_BLACK_ECS"),
    UPGRADE_AGENT,
)

#: The options of `workspace_scheduled_task_info`.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "task_types": {"type": "list", "elements": "str", "choices": list(TASK_TYPES)},
    "due_within": {"type": "float"},
    "triggered": {"type": "bool", "default": True},
    "enabled": {"type": "bool"},
    "skip_refused": {"type": "bool", "default": False},
}

#: The `scheduled_type` of tasks that an event triggers.
_LIFE_CYCLE = "LIFE_CYCLE"

#: The `task_type` of upgrades of application servers and images. It is 0 for desktops.
_NOT_OF_DESKTOPS = (1, 2)


_FIELDS: records.Fields = {
    records.text: (
        *("id", "task_name", "task_type", "scheduled_type", "life_cycle_type", "description", "last_status"),
        *("next_execution_time", "time_zone"),
    ),
    records.boolean: ("enable",),
}
_OBJECT: records.Fields = {records.text: ("object_type", "object_id", "object_name")}


def _scheduled_task(answer: client.Response, row: records.Record) -> records.Record:
    """The documented keys of a task. Those of its details are null."""
    found = records.only(answer, row, _FIELDS)
    enabled = found.pop("enable")
    moment = timestamps.time_in_utc(found["next_execution_time"], found["time_zone"])
    return {
        **found,
        "enabled": enabled,
        "next_execution_at": timestamps.utc_timestamp(moment) if moment else None,
        "force_execute": None,
        "apply_objects": None,
    }


def _upgrade_task(answer: client.Response, row: records.Record) -> records.Record:
    """The same keys for an upgrade task. `task_type` is `None` for application servers and images."""
    enabled = records.integer(answer, row, "is_enable")
    same = {
        "task_type": None if records.integer(answer, row, "task_type") in _NOT_OF_DESKTOPS else UPGRADE_AGENT,
        "enable": None if enabled is None else bool(enabled),
        "next_execution_time": row.get("next_execute_time"),
        "time_zone": row.get("timezone"),
        "last_status": row.get("last_execute_status"),
    }
    return _scheduled_task(answer, {**row, **same})


def _upgrade_object(answer: client.Response, row: records.Record) -> records.Record:
    found = records.only(answer, row, _OBJECT)
    # The API reference does not say whether all objects have an ID.
    return {"object": found, "key": repr(found)}


LISTING = listing.Listing(
    operation=operations.SCHEDULED_TASKS,
    noun="scheduled task",
    identity="id",
    complete=_scheduled_task,
    largest_limit=50,
    # Not documented whether the total includes triggered tasks, which the same query does not return.
    total=None,
)

UPGRADE_LISTING = listing.Listing(
    operation=operations.UPGRADE_TASKS,
    noun="upgrade task",
    identity="id",
    complete=_upgrade_task,
    largest_limit=100,
    total="total",
)

UPGRADE_OBJECTS = listing.Listing(
    operation=operations.UPGRADE_OBJECTS,
    noun="upgrade object",
    identity="key",
    complete=_upgrade_object,
    largest_limit=100,
)


def is_triggered(task: records.Record) -> bool:
    """Whether an event triggers the task, so that it has no time."""
    return task["scheduled_type"] == _LIFE_CYCLE or bool(not task["scheduled_type"] and task["life_cycle_type"])


def _names(tasks: t.Iterable[records.Record]) -> str:
    return filters.some_of([task["task_name"] or task["id"] for task in tasks])


def _attempt(read: Read, project: Project) -> t.Any:
    """What a function reads, or the error if the permission is missing."""
    try:
        return read(project)
    except errors.WorkspaceError as error:
        if error.status != 403:
            raise
        return error


def _read_scheduled(project: Project, triggered: bool) -> list[records.Record]:
    found = listing.read_list(project, LISTING)
    if triggered:
        found.update(listing.read_list(project, LISTING, [("scheduled_type", _LIFE_CYCLE)]))
        # Read before and after, because a task may change from one list to the other in between.
        found.update(listing.read_list(project, LISTING))
    return list(found.values())


def _read_upgrades(project: Project) -> list[records.Record]:
    return [task for task in listing.read_list(project, UPGRADE_LISTING).values() if task["task_type"]]


def _details(project: Project, operation: Operation, task_id: str) -> client.Response:
    response = project.get(operation.of(task_id), ())
    if records.text(response, response.document, "id") != task_id:
        raise response.unusable("it does not have the id of the requested task")
    return response


def _scheduled_details(project: Project, task_id: str) -> records.Record:
    response = _details(project, operations.SCHEDULED_TASK, task_id)
    rows = records.objects(response, response.document, "apply_objects")
    return {
        "force_execute": records.boolean(response, response.document, "force_execute"),
        "apply_objects": None if rows is None else [records.only(response, row, _OBJECT) for row in rows],
    }


def _upgrade_details(project: Project, task_id: str) -> records.Record:
    response = _details(project, operations.UPGRADE_TASK, task_id)
    forced = records.integer(response, response.document, "is_force_execute")
    return {"force_execute": None if forced is None else bool(forced)}


def _upgrade_objects(project: Project, task_id: str) -> records.Record:
    found = listing.read_list(project, UPGRADE_OBJECTS.of(task_id))
    return {"apply_objects": [row["object"] for row in found.values()]}


def _add_details(project: Project, tasks: list[records.Record], skip_refused: bool) -> list[str]:
    """Add the details of each task, and return a warning about those that the credentials may not read.

    @raises WorkspaceError: a request failed.
    """
    jobs: list[tuple[records.Record, Read]] = []
    for task in tasks:
        of_upgrade = task["task_type"] == UPGRADE_AGENT
        reads = (_upgrade_details, _upgrade_objects) if of_upgrade else (_scheduled_details,)
        jobs += [(task, partial(read, task_id=task["id"])) for read in reads]
    found = concurrency.side_by_side(lambda job: _attempt(job[1], project), jobs, width=project.concurrency)
    refused: dict[str, records.Record] = {}
    reason = ""
    for (task, _read), details in zip(jobs, found):
        if not isinstance(details, errors.WorkspaceError):
            task.update(details)
        elif not skip_refused:
            raise details
        else:
            refused[task["id"]], reason = task, details.message
    if not refused:
        return []
    names = _names(refused.values())
    return [f"The details (force_execute, apply_objects) of tasks are not known: {names}. {reason}"]


class Selection(t.NamedTuple):
    """Filters for tasks, see the options of the same names.

    @param types: only these types; empty for all.
    """

    types: t.Sequence[str]
    due_within: float | None
    triggered: bool
    enabled: bool | None

    def require_fields(self, tasks: t.Sequence[records.Record]) -> None:
        """Check that the service returns the fields that the filters compare.

        @raises WorkspaceError: no task has the field.
        """
        compared = {"task_types": ("task_type", bool(self.types)), "enabled": ("enabled", self.enabled is not None)}
        for option, (field, in_use) in compared.items():
            if in_use and tasks and all(task[field] is None for task in tasks):
                raise errors.WorkspaceError(f"{option} cannot be used: the service does not return it for any task.")

    def has(self, task: records.Record, now: datetime.datetime) -> bool:
        """Whether the task is selected. Tasks with an unknown time or an unknown state are."""
        is_due = self.due_within is not None
        # A due task of unknown type is returned as well, so that none is missing.
        if self.types and task["task_type"] not in self.types and not (task["task_type"] is None and is_due):
            return False
        if is_triggered(task) and not self.triggered:
            return False
        enabled = True if is_due else self.enabled
        if enabled is not None and task["enabled"] not in (None, enabled):
            return False
        moment = timestamps.time_in_utc(task["next_execution_at"])
        return self.due_within is None or moment is None or (moment - now).total_seconds() <= self.due_within


def _read_lists(project: Project, selection: Selection, skip_refused: bool) -> tuple[list[records.Record], list[str]]:
    """The tasks of the lists that can contain the selected types, and warnings."""
    reads: list[Read] = []
    if not selection.types or set(selection.types) - {UPGRADE_AGENT}:
        reads.append(partial(_read_scheduled, triggered=selection.triggered))
    if not selection.types or UPGRADE_AGENT in selection.types:
        reads.append(_read_upgrades)
    attempts = [_attempt(read, project) for read in reads]
    refusals = [error for error in attempts if isinstance(error, errors.WorkspaceError)]
    if refusals and (not skip_refused or len(refusals) == len(reads)):
        raise refusals[0]
    lists = [tasks for tasks in attempts if not isinstance(tasks, errors.WorkspaceError)]
    for tasks in lists:
        selection.require_fields(tasks)
    return [task for tasks in lists for task in tasks], [f"Tasks are missing. {error.message}" for error in refusals]


def _unknown_times(tasks: t.Sequence[records.Record]) -> list[str]:
    """A warning about tasks that count as due because their time cannot be determined."""
    unknown = [task for task in tasks if task["next_execution_at"] is None and not is_triggered(task)]
    if not unknown:
        return []
    reason = ""
    if any(task["next_execution_time"] and task["time_zone"] for task in unknown) and not timestamps.has_time_zones():
        reason = " This host has no time zone database: install the Python package tzdata."
    return [f"Tasks whose next execution cannot be determined count as due: {_names(unknown)}.{reason}"]


def _read_tasks(
    project: Project, selection: Selection, skip_refused: bool, attempts: int = listing.READINGS
) -> tuple[list[records.Record], list[str]]:
    """The selected tasks, sorted by time (tasks without a time last), then name, and warnings.

    @raises WorkspaceError: a list cannot be read completely; with `skip_refused`, also if no list can be read.
    """
    found, warnings = _read_lists(project, selection, skip_refused)
    # By the time after reading, which can take a while.
    now = project.now()
    tasks = [task for task in found if selection.has(task, now)]
    try:
        warnings += _add_details(project, tasks, skip_refused)
    except errors.WorkspaceError as error:
        # A task may have been deleted in the meantime.
        if error.status == 404 and attempts > 1:
            return _read_tasks(project, selection, skip_refused, attempts - 1)
        raise
    tasks.sort(key=lambda task: (task["next_execution_at"] or "~", task["task_name"] or "", task["id"]))
    if selection.due_within is not None:
        warnings += _unknown_times(tasks)
    return tasks, warnings


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the tasks of a project. See `Prepare` in `_module`."""
    types = filters.filter_values(options["task_types"], "task_types")
    due_within, enabled = options["due_within"], options["enabled"]
    # `not >=` instead of `<`, so that NaN is rejected as well.
    if due_within is not None and not due_within >= 0:
        raise errors.WorkspaceError(f"due_within is {due_within:g}, but must be 0 or more.")
    if due_within is not None and enabled is False:
        raise errors.WorkspaceError("enabled is false, but due_within selects enabled tasks only: remove one of them.")
    selection = Selection(types, due_within, options["triggered"], enabled)

    def read(project: Project) -> dict[str, t.Any]:
        tasks, warnings = _read_tasks(project, selection, options["skip_refused"])
        return {
            "tasks": tasks,
            "total_count": len(tasks),
            "task_type_counts": statuses.count_statuses(tasks, "task_type", TASK_TYPES),
            "warnings": warnings,
        }

    return read
