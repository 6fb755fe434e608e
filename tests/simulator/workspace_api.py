# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Workspace operations according to the vendor's pages and the SDK's request models (3.1.219).

Undocumented details depend on the behaviours, whose defaults match the assumptions of Terraform's provider.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple
from urllib.parse import unquote

from simulator import shapes
from simulator.answers import Answer, Incoming, RefusedError, gateway_error, json_answer, workspace_error
from simulator.behaviour import Behaviour
from simulator.gateway import Caller, Gateway
from simulator.tenant import STATUSES, Account, Desktop, Project, Task

PATH = re.compile(r"^/v2/(?P<project>[^/]+)/(?P<operation>.+?)/?\Z")

RUN_STATUSES = ("ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED")
MOST_VALUES = 100

Record = dict[str, Any]


class Request(NamedTuple):
    """The data for the response of an operation."""

    project: Project
    incoming: Incoming
    behaviour: Behaviour

    def values(self, name: str) -> list[str]:
        """The values of a filter, at most a hundred; empty if the filter has no effect."""
        values = self.incoming.values(name)
        if len(values) > MOST_VALUES:
            raise bad_request(f"at most {MOST_VALUES} {name}", f"{len(values)} given")
        return [] if name in self.behaviour.ignore_filters else values

    def one_of(self, name: str, choices: Sequence[str]) -> str | None:
        """The value of a filter with a fixed set of values."""
        values = self.values(name)
        if values and (len(values) > 1 or values[0] not in choices):
            raise bad_request(f"{name} must be one of " + ", ".join(choices), ",".join(values))
        return values[0] if values else None

    def number(self, name: str, usual: int | None, most: int | None, least: int = 0) -> int | None:
        values = self.incoming.values(name)
        if not values:
            return usual
        text = values[0]
        if len(values) > 1 or not re.match(r"^-?[0-9]{1,18}\Z", text):
            raise bad_request(f"{name} must be one whole number", text)
        number = int(text)
        if number < least or (most is not None and number > most):
            upper = "" if most is None else f" to {most}"
            raise bad_request(f"{name} must be from {least}{upper}", text)
        return number

    def page(self, items: Sequence[Any], usual: int | None, most: int | None, most_offset: int | None) -> list[Any]:
        offset = self.number("offset", 0, most_offset)
        limit = self.number("limit", usual, most)
        limit = len(items) if limit is None else limit
        if self.behaviour.clamp is not None:
            limit = min(limit, self.behaviour.clamp)
        return list(items[offset or 0 :][:limit])

    def same(self, wanted: str, found: str | None, fuzzy: bool = False) -> bool:
        """Whether a name matches, according to the behaviours."""
        found = found or ""
        if self.behaviour.fuzzy or fuzzy:
            return wanted.lower() in found.lower()
        if self.behaviour.ignore_case:
            return wanted.lower() == found.lower()
        return wanted == found

    def of_users(self, name: str) -> list[Desktop]:
        """The desktops of the users in the filter; all desktops without it."""
        names = self.values(name)
        if not names:
            return self.project.fleet.all()
        exact = not (self.behaviour.fuzzy or self.behaviour.ignore_case)
        return self.project.fleet.of_users(names, None if exact else self.same)


def bad_request(message: str, detail: str) -> RefusedError:
    return RefusedError(workspace_error(400, "WKS.0001", "Invalid request: " + message, detail))


Filter = Callable[[Request, Record, str], bool]


def _equal(key: str) -> Filter:
    return lambda request, record, wanted: record[key] == wanted


def _named(key: str, fuzzy: bool = False) -> Filter:
    return lambda request, record, wanted: request.same(wanted, record[key], fuzzy)


def _flag(key: str) -> Filter:
    def matches(request: Request, record: Record, wanted: str) -> bool:
        if wanted not in ("true", "false"):
            raise bad_request(f"{key} must be true or false", wanted)
        return bool(record[key]) == (wanted == "true")

    return matches


def _of_user(request: Request, record: Record, wanted: str) -> bool:
    return any(request.same(wanted, entry["user_name"]) for entry in record["attach_user_infos"])


#: The filters that the collection or `tests/live` uses. Other filters are ignored, as in the real service.
DESKTOP_FILTERS: dict[str, Filter] = {
    "computer_names": _named("computer_name"),
    "user_attached": _flag("attach_user_infos"),
    "enterprise_project_id": _equal("enterprise_project_id"),
    "in_maintenance_mode": _flag("in_maintenance_mode"),
}
USER_FILTERS: dict[str, Filter] = {
    "user_name": _named("user_name", fuzzy=True),
    "user_names": _named("user_name"),
    "active_type": _equal("active_type"),
    "group_name": lambda request, record, wanted: wanted in record["group_names"],
    "enterprise_project_id": _equal("enterprise_project_id"),
    "disabled": _flag("disabled"),
}
POOL_FILTERS: dict[str, Filter] = {"type": _equal("type")}


def answer_page(
    request: Request,
    key: str,
    items: Sequence[Any],
    render: Callable[[Any], Record],
    everything: int,
    filters: dict[str, Filter] | None = None,
    *,
    usual: int | None,
    most: int | None,
    most_offset: int | None = None,
    total: str = "total_count",
) -> Answer:
    """A page of the items that match the filters, with the total according to the behaviour.

    @param items: the candidates in order. They are only rendered if a filter or the page needs it.
    @param everything: the number of items in the project.
    """
    used = [(check, values) for name, check in (filters or {}).items() if (values := request.values(name))]
    if used:
        records = [render(item) for item in items]
        items = [
            record
            for record in records
            if all(any(check(request, record, value) for value in values) for check, values in used)
        ]
    page = request.page(items, usual, most, most_offset)
    counted = {"matched": len(items), "project": everything, "page": len(page)}[request.behaviour.total_meaning]
    return json_answer(200, {key: page if used else [render(item) for item in page], total: counted})


def connect_desktops(request: Request) -> Answer:
    """GET connect-desktops."""
    status = request.one_of("connect_status", STATUSES)
    found = request.of_users("user_names")
    if status is not None:
        found = [desktop for desktop in found if desktop.connect_status == status]
    return answer_page(
        request,
        "desktops",
        found,
        Desktop.as_api,
        len(request.project.fleet),
        usual=100,
        most=2000,
        most_offset=2000,
    )


def pools_by_users(request: Request) -> Answer:
    """GET desktop-pools/statistics/by-users: {"users": [...]}, without a total.

    Users are returned in the order of the tenant. Unknown IDs are left out.
    """
    users, behaviour = request.project.users, request.behaviour
    wanted = list(dict.fromkeys(request.incoming.values("user_ids")))
    if wanted:
        places = {user_id: place for place, user_id in enumerate(users)} if len(wanted) > 1 else {}
        known = [user_id for user_id in wanted if user_id in users]
        found = [users[user_id] for user_id in sorted(known, key=lambda user_id: places.get(user_id, 0))]
    else:
        found = [] if behaviour.empty_without_ids else list(users.values())
    if behaviour.omit_users_without_pools:
        found = [user for user in found if user.pools]
    page = request.page(found, 10, 10, None)
    return json_answer(200, {"users": [user.as_api() for user in page]})


def _desktops(
    request: Request, found: list[Desktop], render: Callable[[Desktop], Record], filters: dict[str, Filter], most: int
) -> Answer:
    """The shared part of desktops/detail and desktops."""
    request.one_of("status", RUN_STATUSES)
    filters = {"status": _equal("status"), **filters}
    return answer_page(request, "desktops", found, render, len(request.project.fleet), filters, usual=most, most=most)


def desktops_detail(request: Request) -> Answer:
    """GET desktops/detail; the maximum limit is 500 on its page and 1000 in its schema."""
    project, as_list, filters = request.project, request.behaviour.addresses_as_list, dict(DESKTOP_FILTERS)
    ids = request.values("desktop_id")
    if ids:
        found = project.fleet.with_ids(ids)
        filters["user_names"] = _of_user
    else:
        found = request.of_users("user_names")
    return _desktops(request, found, lambda desktop: shapes.desktop_detail(desktop, project, as_list), filters, 500)


def desktops(request: Request) -> Answer:
    """GET desktops."""
    project, pools = request.project, request.values("pool_id")
    found = project.fleet.all()
    if pools:
        found = [desktop for desktop in found if desktop.pool and desktop.pool.id in pools[0].split(",")]
    return _desktops(request, found, lambda desktop: shapes.simple_desktop(desktop, project), {}, 1000)


def users(request: Request) -> Answer:
    """GET users; without a limit, all users are returned."""
    project = request.project
    found = list(project.users.values())
    return answer_page(
        request,
        "users",
        found,
        lambda user: shapes.directory_user(user, project),
        len(found),
        USER_FILTERS,
        usual=None,
        most=None,
    )


def desktop_pools(request: Request) -> Answer:
    """GET desktop-pools."""
    project = request.project
    return answer_page(
        request,
        "desktop_pools",
        project.pools,
        lambda pool: shapes.desktop_pool(pool, project),
        len(project.pools),
        POOL_FILTERS,
        usual=1000,
        most=1000,
        most_offset=20000,
    )


def usage_metrics(request: Request) -> Answer:
    """GET statistics/metrics/desktops; desktops that were never used have no record."""
    for name in ("start_time", "end_time"):
        if not re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", ",".join(request.incoming.values(name))):
            raise bad_request(f"{name} must be a time as 1970-01-01T00:00:00Z", ",".join(request.incoming.values(name)))
    project = request.project
    found = [desktop for desktop in project.fleet.all() if desktop.idle_days is not None]
    return answer_page(
        request,
        "items",
        found,
        lambda desktop: shapes.usage(desktop, project),
        len(found),
        usual=10,
        most=100,
        total="count",
    )


def authorized_objects(request: Request) -> Answer:
    """GET desktop-pools/{pool_id}/users."""
    pool_id = unquote(request.incoming.path.split("/")[-2])
    pool = next((pool for pool in request.project.pools if pool.id == pool_id), None)
    if pool is None:
        raise RefusedError(workspace_error(404, "WKS.00170101", "The desktop pool does not exist."))
    found = shapes.authorized_objects(pool, request.project)
    return answer_page(request, "objects", found, dict, len(found), usual=10, most=100)


def _tasks(project: Project, upgrade: bool) -> list[Task]:
    return [task for task in project.tasks if task.upgrade == upgrade]


def scheduled_tasks(request: Request) -> Answer:
    """GET scheduled-tasks; tasks that an event triggers are only returned if they are requested."""
    found = _tasks(request.project, upgrade=False)
    triggered = request.incoming.values("scheduled_type") == ["LIFE_CYCLE"]
    return answer_page(
        request,
        "scheduled_tasks",
        [task for task in found if (task.fields.get("scheduled_type") == "LIFE_CYCLE") == triggered],
        shapes.scheduled_task,
        len(found),
        {"task_name": _named("task_name", fuzzy=True)},
        usual=10,
        most=50,
    )


def scheduled_task(request: Request) -> Answer:
    """GET scheduled-tasks/{task_id}."""
    task_id = unquote(request.incoming.path.rpartition("/")[2])
    for task in _tasks(request.project, upgrade=False):
        if task.id == task_id:
            return json_answer(200, shapes.scheduled_task_detail(task))
    raise RefusedError(workspace_error(404, "WKS.00170301", "The task does not exist."))


def upgrade_tasks(request: Request) -> Answer:
    """GET upgrade-tasks."""
    found = _tasks(request.project, upgrade=True)
    return answer_page(request, "tasks", found, shapes.upgrade_task, len(found), usual=10, most=100, total="total")


def _upgrade_task(request: Request, task_id: str) -> Task:
    for task in _tasks(request.project, upgrade=True):
        if task.id == unquote(task_id):
            return task
    raise RefusedError(workspace_error(404, "WKS.00170301", "The task does not exist."))


def upgrade_task(request: Request) -> Answer:
    """GET upgrade-task/{task_id}."""
    return json_answer(200, shapes.upgrade_task_detail(_upgrade_task(request, request.incoming.path.split("/")[-1])))


def upgrade_objects(request: Request) -> Answer:
    """GET upgrade-task/{task_id}/apply-objects."""
    found = shapes.upgrade_objects(_upgrade_task(request, request.incoming.path.split("/")[-2]))
    return answer_page(request, "apply_objects", found, dict, len(found), usual=10, most=100)


def _groups(project: Project) -> dict[str, Record]:
    """The groups that desktops are assigned to, and the groups of users, by ID."""
    names = {
        entry.name: entry.id
        for desktop in project.fleet.all()
        for entry in desktop.attach_users
        if entry.type == "GROUP"
    }
    for user in project.users.values():
        for name in user.fields.get("group_names") or ():
            names.setdefault(name, str(uuid.uuid5(uuid.NAMESPACE_OID, f"{project.id}/{name}")))
    return {str(group_id): shapes.user_group(str(group_id), str(name), project) for name, group_id in names.items()}


def user_groups(request: Request) -> Answer:
    """GET groups."""
    found = list(_groups(request.project).values())
    return answer_page(request, "user_groups", found, dict, len(found), usual=100, most=100)


def members(request: Request) -> Answer:
    """GET groups/{group_id}/users: the users with the group in `group_names`."""
    project = request.project
    group = _groups(project).get(unquote(request.incoming.path.split("/")[-2]))
    if group is None:
        raise RefusedError(workspace_error(404, "WKS.00170208", "The user group does not exist."))
    found = shapes.members_of(group["name"], project)
    return answer_page(
        request,
        "users",
        found,
        lambda user: shapes.member(user, project),
        len(found),
        {"user_names": _named("user_name")},
        usual=2000,
        most=10000,
    )


def login_records(request: Request) -> Answer:
    """GET connections/desktops, with the newest records first; both or none of the times are required."""
    times = [request.incoming.values(name) for name in ("start_time", "end_time")]
    if any(times) and not all(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\dZ\Z", ",".join(time)) for time in times):
        raise bad_request("start_time and end_time must be times as 2016-08-20T21:11Z", str(times))
    found = shapes.login_records(request.project)
    if any(times):
        (start,), (end,) = times
        found = [record for record in found if start <= record["connection_start_time"][:16] + "Z" <= end]
    filters = {"user_name": _named("user_name", fuzzy=True), "computer_name": _named("computer_name", fuzzy=True)}
    return answer_page(request, "records", found, dict, len(found), filters, usual=20, most=1000)


def lock_status(request: Request) -> Answer:
    """GET workspaces/lock-status."""
    return json_answer(200, shapes.lock_status(request.project))


def workspaces(request: Request) -> Answer:
    """GET workspaces."""
    return json_answer(200, shapes.workspace(request.project))


#: Path below the project -> its handler and IAM action.
OPERATIONS: dict[str, tuple[Callable[[Request], Answer], str]] = {
    "connect-desktops": (connect_desktops, "workspace:desktops:listWithConnectStatus"),
    "desktop-pools/statistics/by-users": (pools_by_users, "workspace:desktopPools:listByUsers"),
    "desktops/detail": (desktops_detail, "workspace:desktops:listDetail"),
    "desktops": (desktops, "workspace:desktops:list"),
    "users": (users, "workspace:users:list"),
    "desktop-pools": (desktop_pools, "workspace:desktopPools:list"),
    "statistics/metrics/desktops": (usage_metrics, "workspace:statistics:listDesktopMetrics"),
    "groups": (user_groups, "workspace:userGroups:list"),
    "groups/users": (members, "workspace:userGroups:getUsers"),
    "desktop-pools/users": (authorized_objects, "workspace:desktopPools:listUsers"),
    "scheduled-tasks": (scheduled_tasks, "workspace:scheduledTasks:list"),
    "scheduled-tasks/task": (scheduled_task, "workspace:scheduledTasks:get"),
    "upgrade-tasks": (upgrade_tasks, "workspace:upgradeTask:list"),
    "upgrade-task/task": (upgrade_task, "workspace:upgradeTask:get"),
    "upgrade-task/task/apply-objects": (upgrade_objects, "workspace:upgradeTask:listApplyObjects"),
    "connections/desktops": (login_records, "workspace:connections:securityList"),
    "workspaces/lock-status": (lock_status, "workspace:tenants:getLockStatus"),
    "workspaces": (workspaces, "workspace:tenants:get"),
}

#: The operations after whose pages `churn` may change the fleet.
OF_DESKTOPS = ("connect-desktops", "desktops/detail", "desktops")


def operation_name(path: str) -> str:
    """The key in `OPERATIONS` for a path, which may contain the ID of a group, a pool or a task."""
    path = re.sub(r"^(groups|desktop-pools)/[^/]+/users$", r"\1/users", path)
    return re.sub(r"^(scheduled-tasks|upgrade-task)/[^/]+", r"\1/task", path)


class WorkspaceApi:
    """Finds the project and the operation, after the gateway has authenticated the caller."""

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self.account = account
        self.gateway = gateway

    def answer(self, incoming: Incoming, behaviour: Behaviour) -> tuple[Answer, Project | None]:
        """The response, and the project if its desktops were listed."""
        match = PATH.match(incoming.path)
        name = operation_name(match.group("operation")) if match else ""
        if match is None or name not in OPERATIONS or incoming.method != "GET":
            text = "The API does not exist or has not been published in the environment"
            raise RefusedError(gateway_error(404, "APIGW.0101", text, incoming.request_id))
        caller = self.gateway.authenticate(incoming)
        project = self._project(incoming, caller, match.group("project"))
        operation, action = OPERATIONS[name]
        if name in behaviour.refuse or not caller.may_perform(action):
            text = f"User is not authorized to perform {action}: no identity-based policy allows the action"
            raise RefusedError(workspace_error(403, "PAP5.0011", text))
        answer = operation(Request(project, incoming, behaviour))
        return answer, project if name in OF_DESKTOPS else None

    def _project(self, incoming: Incoming, caller: Caller, project_id: str) -> Project:
        project = self.account.project(project_id)
        # Not documented, but keys are limited to the project in X-Project-Id, so it must match the path.
        named = incoming.headers.get("x-project-id", project_id)
        if project is None or named != project_id or not caller.may_use(project_id):
            text = "Incorrect app authentication information: the project is not authorized for this account"
            raise RefusedError(gateway_error(403, "APIGW.0302", text, incoming.request_id))
        if not project.workspace_enabled:
            raise RefusedError(
                workspace_error(403, "WKS.00010099", "The Workspace service is not enabled in this project.")
            )
        return project


def records(project: Project) -> dict[str, list[Record]]:
    """The records of all list operations for a project, without pages and filters."""
    fleet = project.fleet.all()
    return {
        "desktops/detail": [shapes.desktop_detail(desktop, project) for desktop in fleet],
        "desktops": [shapes.simple_desktop(desktop, project) for desktop in fleet],
        "users": [shapes.directory_user(user, project) for user in project.users.values()],
        "desktop-pools": [shapes.desktop_pool(pool, project) for pool in project.pools],
        "groups": list(_groups(project).values()),
        "scheduled-tasks": [
            shapes.scheduled_task(task)
            for task in _tasks(project, upgrade=False)
            if task.fields.get("scheduled_type") != "LIFE_CYCLE"
        ],
        "connections/desktops": shapes.login_records(project),
        "upgrade-tasks": [shapes.upgrade_task(task) for task in _tasks(project, upgrade=True)],
        "statistics/metrics/desktops": [
            shapes.usage(desktop, project) for desktop in fleet if desktop.idle_days is not None
        ],
    }


def describe(project: Project) -> dict[str, Any]:
    """The data of a project that a client needs."""
    return {
        "id": project.id,
        "name": project.name,
        "region": project.region,
        "workspace_enabled": project.workspace_enabled,
        "enabled": project.enabled,
        "domain_id": project.domain_id,
    }
