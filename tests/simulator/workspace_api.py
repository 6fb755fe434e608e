# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Workspace operations according to the vendor's pages and the SDK's request models (3.1.219).

Undocumented details depend on the behaviours, whose defaults match the assumptions of Terraform's provider.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import unquote

from simulator import shapes
from simulator.answers import Answer, Incoming, RefusedError, gateway_error, json_answer, unpublished, workspace_error
from simulator.behaviour import Behaviour
from simulator.gateway import Caller, Gateway
from simulator.tenant import STATUSES, Account, Desktop, Pool, Project, Record, Task, User

MOST_VALUES = 100

#: The filters with a fixed set of values.
CHOICES: dict[str, Sequence[str]] = {
    "connect_status": STATUSES,
    "status": ("ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED"),
    "disabled": ("true", "false"),
}


def bad_request(message: str, detail: str) -> RefusedError:
    return RefusedError(workspace_error(400, "WKS.0001", "Invalid request: " + message, detail))


class Request(NamedTuple):
    """The data for the response of an operation; ``parent``: the ID in the path, if any."""

    project: Project
    incoming: Incoming
    behaviour: Behaviour
    parent: str = ""

    def values(self, name: str) -> list[str]:
        """The values of a filter."""
        values = self.incoming.values(name)
        choices = CHOICES.get(name)
        if choices and values and (len(values) > 1 or values[0] not in choices):
            raise bad_request(f"{name} must be one of {', '.join(choices)}", ",".join(values))
        if len(values) > MOST_VALUES:
            raise bad_request(f"at most {MOST_VALUES} {name}", f"{len(values)} given")
        return values

    def number(self, name: str, usual: int, most: int | None) -> int:
        text = ",".join(self.incoming.values(name)) or str(usual)
        if not re.fullmatch("[0-9]{1,18}", text) or (most is not None and int(text) > most):
            raise bad_request(f"{name} must be one whole number{'' if most is None else f' to {most}'}", text)
        return int(text)

    def same(self, wanted: Set[str], found: str, fuzzy: bool = False) -> bool:
        """Whether a name matches one of the wanted ones, according to the behaviours."""
        if self.behaviour.fuzzy or fuzzy:
            return any(name.lower() in found.lower() for name in wanted)
        return found in wanted


Filter = Callable[[Request, Any, Set[str]], bool]


def _of_user(request: Request, desktop: Desktop, wanted: Set[str]) -> bool:
    return any(request.same(wanted, entry["name"]) for entry in desktop.attach_users)


#: The filters that the collection or `tests/live` uses. Other filters are ignored, as in the real service.
CONNECT_FILTERS: dict[str, Filter] = {
    "connect_status": lambda request, desktop, wanted: desktop.connect_status in wanted,
    "user_names": _of_user,
}
DETAIL_FILTERS: dict[str, Filter] = {
    "desktop_id": lambda request, desktop, wanted: desktop.desktop_id in wanted,
    "user_names": _of_user,
    "computer_names": lambda request, desktop, wanted: request.same(wanted, desktop.desktop_name),
    "status": lambda request, desktop, wanted: desktop.detail.get("status", "ACTIVE") in wanted,
}
USER_FILTERS: dict[str, Filter] = {
    "user_name": lambda request, user, wanted: request.same(wanted, user.name, fuzzy=True),
    "user_names": lambda request, user, wanted: request.same(wanted, user.name),
    "active_type": lambda request, user, wanted: "USER_ACTIVATE" in wanted,
    "disabled": lambda request, user, wanted: str(user.fields.get("disabled", False)).lower() in wanted,
}
# Tasks that an event triggers are only returned if they are requested.
TASK_FILTERS: dict[str, Filter] = {
    "scheduled_type": lambda request, task, wanted: (
        (task.fields.get("scheduled_type") == "LIFE_CYCLE") == ("LIFE_CYCLE" in wanted)
    )
}
LOGIN_FILTERS: dict[str, Filter] = {
    "user_name": lambda request, record, wanted: request.same(wanted, record["user_name"], fuzzy=True)
}


# The items of the operations


def the_project(request: Request) -> list[Project]:
    return [request.project]


def desktops(request: Request) -> list[Desktop]:
    return request.project.desktops


def users(request: Request) -> list[User]:
    return list(request.project.users.values())


def pools(request: Request) -> list[Pool]:
    return request.project.pools


def users_with_pools(request: Request) -> list[User]:
    """Users are returned in the order of the tenant. Unknown IDs are left out."""
    wanted = set(request.values("user_ids"))
    everybody = not wanted and not request.behaviour.empty_without_ids
    return [user for user in users(request) if everybody or user.id in wanted]


def used_desktops(request: Request) -> list[Desktop]:
    """Desktops that were never used have no record."""
    for name in ("start_time", "end_time"):
        time = ",".join(request.incoming.values(name))
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time):
            raise bad_request(f"{name} must be a time as 1970-01-01T00:00:00Z", time)
    return [desktop for desktop in request.project.desktops if desktop.idle_days is not None]


def authorized_objects(request: Request) -> list[Record]:
    for pool in request.project.pools:
        if pool.id == request.parent:
            return shapes.authorized_objects(pool, request.project)
    raise RefusedError(workspace_error(404, "WKS.00170101", "The desktop pool does not exist."))


def tasks(upgrade: bool) -> Callable[[Request], list[Task]]:
    """The tasks of a kind, or the one of the ID in the path."""

    def items(request: Request) -> list[Task]:
        found = [task for task in request.project.tasks if task.upgrade == upgrade]
        if request.parent:
            found = [task for task in found if task.id == request.parent]
            if not found:
                raise RefusedError(workspace_error(404, "WKS.00170301", "The task does not exist."))
        return found

    return items


def upgrade_objects(request: Request) -> list[Record]:
    return shapes.upgrade_objects(tasks(upgrade=True)(request)[0])


def groups(request: Request) -> list[tuple[str, str]]:
    """The IDs and names of the groups that desktops are assigned to, and of the groups of users."""
    project = request.project
    entries = (entry for desktop in project.desktops for entry in desktop.attach_users if entry["type"] == "GROUP")
    names = {entry["name"]: entry["id"] for entry in entries}
    for user in project.users.values():
        for name in user.fields.get("group_names") or ():
            names.setdefault(name, str(uuid.uuid5(uuid.NAMESPACE_OID, f"{project.id}/{name}")))
    return [(group_id, name) for name, group_id in names.items()]


def members(request: Request) -> list[User]:
    name = dict(groups(request)).get(request.parent)
    if name is None:
        raise RefusedError(workspace_error(404, "WKS.00170208", "The user group does not exist."))
    return shapes.members_of(name, request.project)


def login_records(request: Request) -> list[Record]:
    """The newest records first; both or none of the times are required."""
    records = shapes.login_records(request.project)
    times = [",".join(request.incoming.values(name)) for name in ("start_time", "end_time")]
    if not any(times):
        return records
    if not all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", time) for time in times):
        raise bad_request("start_time and end_time must be times as 2016-08-20T21:11Z", str(times))
    return [record for record in records if times[0] <= record["connection_start_time"][:16] + "Z" <= times[1]]


@dataclass(frozen=True)
class Operation:
    """An operation.

    @param action: its IAM action.
    @param items: makes the items of the response, before filters and pages.
    @param render: makes the record of an item, which is a record itself by default.
    @param key: of the list in the response; if empty, the response is the only record.
    @param usual: the limit if the query has none.
    @param total: the key of the total; empty if there is none.
    """

    action: str
    items: Callable[[Request], Sequence[Any]]
    render: Callable[[Any, Project], Record] = lambda record, _project: record
    key: str = ""
    usual: int = 10
    most: int | None = 100
    filters: dict[str, Filter] = field(default_factory=dict)
    most_offset: int | None = None
    total: str = "total_count"

    def select(self, request: Request) -> Sequence[Any]:
        """The items that match the filters."""
        selected = self.items(request)
        for name, check in self.filters.items():
            wanted = set(request.values(name))
            if wanted or name == "scheduled_type":
                selected = [item for item in selected if check(request, item, wanted)]
        return selected

    def answer(self, request: Request) -> Answer:
        """The record, or a page of the list with the total according to the behaviour."""
        project, behaviour, selected = request.project, request.behaviour, self.select(request)
        if not self.key:
            return json_answer(200, self.render(selected[0], project))
        offset, limit = request.number("offset", 0, self.most_offset), request.number("limit", self.usual, self.most)
        if behaviour.clamp is not None:
            limit = min(limit, behaviour.clamp)
        content: Record = {self.key: [self.render(item, project) for item in selected[offset : offset + limit]]}
        if self.total:
            counted = self.items(request) if behaviour.total_meaning == "project" else selected
            content[self.total] = len(counted)
        return json_answer(200, content)


EVERYTHING = 1 << 40

#: Path below the project -> operation. The maximum limit of desktops/detail is 500 on its page and 1000 in its schema.
OPERATIONS = {
    "connect-desktops": Operation(
        *("workspace:desktops:listWithConnectStatus", desktops, shapes.connect_desktop, "desktops", 100, 2000),
        filters=CONNECT_FILTERS,
        most_offset=2000,
    ),
    "desktop-pools/statistics/by-users": Operation(
        "workspace:desktopPools:listByUsers", users_with_pools, shapes.user_pools, "users", 10, 10, total=""
    ),
    "desktops/detail": Operation(
        "workspace:desktops:listDetail", desktops, shapes.desktop_detail, "desktops", 500, 500, DETAIL_FILTERS
    ),
    "desktops": Operation("workspace:desktops:list", desktops, shapes.simple_desktop, "desktops", 1000, 1000),
    "users": Operation("workspace:users:list", users, shapes.directory_user, "users", EVERYTHING, None, USER_FILTERS),
    "desktop-pools": Operation(
        "workspace:desktopPools:list", pools, shapes.desktop_pool, "desktop_pools", 1000, 1000, most_offset=20000
    ),
    "statistics/metrics/desktops": Operation(
        "workspace:statistics:listDesktopMetrics", used_desktops, shapes.usage, "items", total="count"
    ),
    "groups": Operation("workspace:userGroups:list", groups, shapes.user_group, "user_groups", 100),
    "groups/{group_id}/users": Operation("workspace:userGroups:getUsers", members, shapes.member, "users", 2000, 10000),
    "desktop-pools/{pool_id}/users": Operation("workspace:desktopPools:listUsers", authorized_objects, key="objects"),
    "scheduled-tasks": Operation(
        "workspace:scheduledTasks:list",
        tasks(upgrade=False),
        shapes.listed_task,
        "scheduled_tasks",
        10,
        50,
        TASK_FILTERS,
    ),
    "scheduled-tasks/{task_id}": Operation("workspace:scheduledTasks:get", tasks(upgrade=False), shapes.detailed_task),
    "upgrade-tasks": Operation(
        "workspace:upgradeTask:list", tasks(upgrade=True), shapes.listed_task, "tasks", total="total"
    ),
    "upgrade-task/{task_id}": Operation("workspace:upgradeTask:get", tasks(upgrade=True), shapes.detailed_task),
    "upgrade-task/{task_id}/apply-objects": Operation(
        "workspace:upgradeTask:listApplyObjects", upgrade_objects, key="apply_objects"
    ),
    "connections/desktops": Operation(
        "workspace:connections:securityList", login_records, key="records", usual=20, most=1000, filters=LOGIN_FILTERS
    ),
    "workspaces/lock-status": Operation("workspace:tenants:getLockStatus", the_project, shapes.lock_status),
    "workspaces": Operation("workspace:tenants:get", the_project, shapes.workspace),
}

_PATTERNS = {name: re.compile(re.sub(r"\{\w+\}", "([^/]+)", name)) for name in OPERATIONS}


def find_operation(path: str) -> tuple[str, str]:
    """The key in `OPERATIONS` for a path, and the ID in the path, if any."""
    for name, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path)
        if match:
            return name, unquote("".join(match.groups()))
    return "", ""


class WorkspaceApi:
    """Finds the project and the operation, after the gateway has authenticated the caller."""

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self.account = account
        self.gateway = gateway

    def answer(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        _empty, version, project_id, *rest = [*incoming.path.split("/", 3), "", ""][:4]
        name, parent = find_operation("".join(rest).rstrip("/"))
        if version != "v2" or not name or incoming.method != "GET":
            raise RefusedError(unpublished(incoming))
        caller = self.gateway.authenticate(incoming)
        project = self._project(incoming, caller, project_id)
        operation = OPERATIONS[name]
        if name in behaviour.refuse or not caller.may_perform(operation.action):
            text = f"User is not authorized to perform {operation.action}: no identity-based policy allows the action"
            raise RefusedError(workspace_error(403, "PAP5.0011", text))
        return operation.answer(Request(project, incoming, behaviour, parent))

    def _project(self, incoming: Incoming, caller: Caller, project_id: str) -> Project:
        project = self.account.project(project_id)
        # Not documented, but keys are limited to the project in X-Project-Id, so it must match the path.
        named = incoming.headers.get("x-project-id", project_id)
        if project is None or named != project_id or project_id not in caller.project_ids:
            text = "Incorrect app authentication information: the project is not authorized for this account"
            raise RefusedError(gateway_error(403, "APIGW.0302", text, incoming.request_id))
        if not project.workspace_enabled:
            text = "The Workspace service is not enabled in this project."
            raise RefusedError(workspace_error(403, "WKS.00010099", text))
        return project


def records(project: Project, incoming: Incoming) -> dict[str, list[Record]]:
    """The records of the lists of a project, without pages and filters."""
    times = [("start_time", "1970-01-01T00:00:00Z"), ("end_time", "1970-01-01T00:00:00Z")]
    found = {}
    for name, operation in OPERATIONS.items():
        if operation.key and "{" not in name:
            query = times if name.startswith("statistics") else []
            request = Request(project, replace(incoming, query=query), Behaviour())
            found[name] = [operation.render(item, project) for item in operation.select(request)]
    return found
