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

from .._http.concurrency import side_by_side
from .._http.errors import WorkspaceError
from .._http.timestamps import has_time_zones, time_in_utc, utc_timestamp
from .._reading.filters import filter_values, some_of
from .._reading.listing import Listing, read_list
from .._reading.records import Record, boolean, integer, objects, text
from .._reading.statuses import count_statuses
from . import operations

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._http.query import Pairs
    from .._reading.project import Operation, Project

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


def _record(answer: Response, row: Record, **fields: t.Any) -> Record:
    found = {key: text(answer, row, key) for key in ("id", "task_name", "scheduled_type", "description")}
    found.update(dict.fromkeys(("life_cycle_type", "force_execute", "apply_objects")))
    found.update(fields)
    moment = time_in_utc(found["next_execution_time"], found["time_zone"])
    found["next_execution_at"] = utc_timestamp(moment) if moment else None
    return found


def scheduled_task(answer: Response, row: Record) -> Record:
    """The documented keys of a task, except those of its details."""
    same = ("task_type", "life_cycle_type", "last_status", "next_execution_time", "time_zone")
    fields = {key: text(answer, row, key) for key in same}
    return _record(answer, row, **fields, enabled=boolean(answer, row, "enable"))


def upgrade_task(answer: Response, row: Record) -> Record:
    """The same keys for an upgrade task. `task_type` is `None` for application servers and images."""
    enabled = integer(answer, row, "is_enable")
    return _record(
        answer,
        row,
        task_type=None if integer(answer, row, "task_type") in _NOT_OF_DESKTOPS else UPGRADE_AGENT,
        enabled=None if enabled is None else bool(enabled),
        next_execution_time=text(answer, row, "next_execute_time"),
        time_zone=text(answer, row, "timezone"),
        last_status=text(answer, row, "last_execute_status"),
    )


LISTING = Listing(
    operation=operations.SCHEDULED_TASKS,
    identity="id",
    complete=scheduled_task,
    largest_limit=50,
    # Not documented whether the total includes triggered tasks, which the same query does not return.
    total=None,
)

UPGRADE_LISTING = Listing(
    operation=operations.UPGRADE_TASKS,
    identity="id",
    complete=upgrade_task,
    largest_limit=100,
    total="total",
)


def is_triggered(task: Record) -> bool:
    """Whether an event triggers the task, so that it has no time."""
    return task["scheduled_type"] == _LIFE_CYCLE or bool(not task["scheduled_type"] and task["life_cycle_type"])


def _names(tasks: t.Iterable[Record]) -> str:
    return some_of([task["task_name"] or task["id"] for task in tasks])


def _read_list(project: Project, triggered: bool) -> list[Record]:
    found = read_list(project, LISTING, "The scheduled tasks")
    if triggered:
        filters: Pairs = [("scheduled_type", _LIFE_CYCLE)]
        found.update(read_list(project, LISTING, "The triggered tasks", filters))
        # Read before and after, because a task may change from one list to the other in between.
        found.update(read_list(project, LISTING, "The scheduled tasks"))
    return list(found.values())


def _read_upgrades(project: Project) -> list[Record]:
    found = read_list(project, UPGRADE_LISTING, "The upgrade tasks")
    return [task for task in found.values() if task["task_type"]]


def _object(response: Response, row: Record) -> Record:
    return {key: text(response, row, key) for key in ("object_type", "object_id", "object_name")}


def _details_of(project: Project, operation: Operation, task: Record) -> Response:
    response = project.get(operation.of(task["id"]), ())
    if text(response, response.document, "id") != task["id"]:
        raise response.unusable("it does not have the id of the requested task")
    return response


def _scheduled_details(project: Project, task: Record) -> Record:
    response = _details_of(project, operations.SCHEDULED_TASK, task)
    row = response.document
    rows = None if row.get("apply_objects") is None else objects(response, row, "apply_objects")
    return {
        "force_execute": boolean(response, row, "force_execute"),
        "apply_objects": None if rows is None else [_object(response, entry) for entry in rows],
    }


def _upgrade_details(project: Project, task: Record) -> Record:
    response = _details_of(project, operations.UPGRADE_TASK, task)
    forced = integer(response, response.document, "is_force_execute")
    return {"force_execute": None if forced is None else bool(forced)}


def _upgrade_object(response: Response, row: Record) -> Record:
    found = _object(response, row)
    # The API reference does not say whether all objects have an ID.
    return {"object": found, "key": repr(found)}


UPGRADE_OBJECTS = Listing(
    operation=operations.UPGRADE_OBJECTS,
    identity="key",
    complete=_upgrade_object,
    largest_limit=100,
)


def _upgrade_objects(project: Project, task: Record) -> Record:
    found = read_list(project, UPGRADE_OBJECTS.of(task["id"]), "The objects of an upgrade task")
    return {"apply_objects": [row["object"] for row in found.values()]}


#: Whether it is an upgrade task -> the functions that read its details.
_DETAILS: dict[bool, tuple[t.Callable[[Project, Record], Record], ...]] = {
    False: (_scheduled_details,),
    True: (_upgrade_details, _upgrade_objects),
}


def _check_gone(project: Project, tasks: t.Iterable[Record], gone: t.Mapping[str, WorkspaceError]) -> None:
    """Check that tasks whose details were not found have been deleted.

    @raises WorkspaceError: the service still lists one of them.
    """
    kinds = {task["task_type"] == UPGRADE_AGENT for task in tasks if task["id"] in gone}
    for is_upgrade in kinds:
        for task in _read_upgrades(project) if is_upgrade else _read_list(project, triggered=True):
            if task["id"] in gone:
                raise gone[task["id"]]


def _with_details(project: Project, tasks: list[Record], skip_refused: bool, warnings: list[str]) -> list[Record]:
    """The tasks with their details, without tasks that have been deleted in the meantime.

    @raises WorkspaceError: a request failed, or the details of a task that still exists cannot be found.
    """

    def one(job: tuple[t.Callable[[Project, Record], Record], Record]) -> Record | WorkspaceError:
        read, task = job
        try:
            return read(project, task)
        except WorkspaceError as error:
            if error.status not in (403, 404):
                raise
            return error

    jobs = [(read, task) for task in tasks for read in _DETAILS[task["task_type"] == UPGRADE_AGENT]]
    gone: dict[str, WorkspaceError] = {}
    refused: dict[str, WorkspaceError] = {}
    found = side_by_side(one, jobs, width=project.concurrency)
    for (_read, task), details in zip(jobs, found):
        if not isinstance(details, WorkspaceError):
            task.update(details)
        elif details.status == 404:
            gone[task["id"]] = details
        elif skip_refused:
            refused[task["id"]] = details
        else:
            raise details
    _check_gone(project, tasks, gone)
    if refused:
        names = _names(task for task in tasks if task["id"] in refused)
        reason = next(iter(refused.values())).message
        warnings.append(f"The details (force_execute, apply_objects) of tasks are not known: {names}. {reason}")
    return [task for task in tasks if task["id"] not in gone]


class Selection(t.NamedTuple):
    """Filters for tasks.

    @param types: only these types; empty for all.
    @param due_within: only tasks that are not disabled and run within this number of seconds; `None` for all.
    @param triggered: whether to return tasks that an event triggers.
    @param enabled: only enabled or only disabled tasks; `None` for both.
    """

    types: t.Sequence[str] = ()
    due_within: float | None = None
    triggered: bool = True
    enabled: bool | None = None

    def require_fields(self, tasks: t.Sequence[Record]) -> None:
        """Check that the service returns the fields that the filters compare.

        @raises WorkspaceError: no task has the field.
        """
        compared = {"task_types": ("task_type", bool(self.types)), "enabled": ("enabled", self.enabled is not None)}
        for option, (field, in_use) in compared.items():
            if in_use and tasks and all(task[field] is None for task in tasks):
                raise WorkspaceError(f"{option} cannot be used: the service does not return it for any task.")

    def latest(self, now: datetime.datetime) -> datetime.datetime | None:
        """The last time that is due; `None` if all are."""
        # Limited, because larger values exceed the range of dates.
        return None if self.due_within is None else now + datetime.timedelta(seconds=min(self.due_within, 10**9))

    def has(self, task: Record, latest: datetime.datetime | None) -> bool:
        """Whether the task is selected. Tasks with an unknown time or an unknown state are."""
        # A due task of unknown type is returned as well, so that none is missing.
        unknown = task["task_type"] is None and latest is not None
        if self.types and task["task_type"] not in self.types and not unknown:
            return False
        if is_triggered(task) and not self.triggered:
            return False
        enabled = self.enabled if latest is None else True
        if enabled is not None and task["enabled"] not in (None, enabled):
            return False
        moment = time_in_utc(task["next_execution_at"])
        return latest is None or moment is None or moment <= latest


def _attempt(read: t.Callable[[], list[Record]]) -> list[Record] | WorkspaceError:
    """The records, or the error if the permission is missing."""
    try:
        return read()
    except WorkspaceError as error:
        if error.status != 403:
            raise
        return error


def _read_sources(project: Project, selection: Selection, skip_refused: bool, warnings: list[str]) -> list[Record]:
    """The tasks of the lists that can contain the selected types."""
    sources: list[t.Callable[[], list[Record]]] = []
    if not selection.types or set(selection.types) - {UPGRADE_AGENT}:
        sources.append(lambda: _read_list(project, selection.triggered))
    if not selection.types or UPGRADE_AGENT in selection.types:
        sources.append(lambda: _read_upgrades(project))
    attempts = [_attempt(read) for read in sources]
    refusals = [error for error in attempts if isinstance(error, WorkspaceError)]
    if refusals and (not skip_refused or len(refusals) == len(sources)):
        raise refusals[0]
    warnings += [f"Tasks are missing. {error.message}" for error in refusals]
    lists = [tasks for tasks in attempts if not isinstance(tasks, WorkspaceError)]
    for tasks in lists:
        selection.require_fields(tasks)
    return [task for tasks in lists for task in tasks]


def _unknown_times(tasks: t.Sequence[Record]) -> list[str]:
    """A warning about tasks that count as due because their time cannot be determined."""
    unknown = [task for task in tasks if task["next_execution_at"] is None and not is_triggered(task)]
    if not unknown:
        return []
    reason = ""
    if any(task["next_execution_time"] and task["time_zone"] for task in unknown) and not has_time_zones():
        reason = " This host has no time zone database: install the Python package tzdata."
    return [f"Tasks whose next execution cannot be determined count as due: {_names(unknown)}.{reason}"]


def read_tasks(project: Project, selection: Selection, *, skip_refused: bool = False) -> tuple[list[Record], list[str]]:
    """The tasks that the service will execute.

    @param skip_refused: whether to leave out data that the credentials may not read.
    @returns: the tasks, sorted by time (tasks without a time last), then name, and warnings.
    @raises WorkspaceError: a list cannot be read completely; with `skip_refused`, also if no list can be read.
    """
    warnings: list[str] = []
    found = _read_sources(project, selection, skip_refused, warnings)
    # Computed after reading, which can take a while.
    latest = selection.latest(project.now())
    chosen = [task for task in found if selection.has(task, latest)]
    tasks = _with_details(project, chosen, skip_refused, warnings)
    tasks.sort(key=lambda task: (task["next_execution_at"] or "~", task["task_name"] or "", task["id"]))
    if latest is not None:
        warnings += _unknown_times(tasks)
    return tasks, warnings


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the tasks of a project. See `Prepare` in `_module`."""
    types = filter_values(options["task_types"], "task_types")
    due_within, enabled = options["due_within"], options["enabled"]
    # `not >=` instead of `<`, so that NaN is rejected as well.
    if due_within is not None and not due_within >= 0:
        raise WorkspaceError(f"due_within is {due_within:g}, but must be 0 or more.")
    if due_within is not None and enabled is False:
        raise WorkspaceError("enabled is false, but due_within selects enabled tasks only: remove one of them.")
    selection = Selection(types, due_within, options["triggered"], enabled)

    def read(project: Project) -> dict[str, t.Any]:
        tasks, warnings = read_tasks(project, selection, skip_refused=options["skip_refused"])
        return {
            "tasks": tasks,
            "total_count": len(tasks),
            "task_type_counts": count_statuses(tasks, "task_type", TASK_TYPES),
            "warnings": warnings,
        }

    return read
