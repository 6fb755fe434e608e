# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two Workspace operations, after the vendor's pages.

"Querying Desktop Connection Statuses": GET /v2/{project_id}/connect-desktops. "Listing Associated
Desktop Pools": GET /v2/{project_id}/desktop-pools/statistics/by-users. Where the pages are silent,
the standing behaviour decides and its default is the reading that Terraform's provider relies on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from simulator.answers import Answer, Incoming, RefusedError, gateway_error, json_answer, workspace_error
from simulator.behaviour import Behaviour
from simulator.gateway import Caller, Gateway
from simulator.tenant import STATUSES, Account, Project

PATH = re.compile(r"^/v2/(?P<project>[^/]+)/(?P<operation>connect-desktops|desktop-pools/statistics/by-users)/?\Z")

MOST_OFFSET = 2000
MOST_DESKTOPS = 2000
USUAL_DESKTOPS = 100
MOST_USERS = 10
MOST_NAMES = 100

Item = TypeVar("Item")


def _number(incoming: Incoming, name: str, usual: int, most: int | None) -> int:
    values = incoming.values(name)
    if not values:
        return usual
    text = values[0]
    if len(values) > 1 or not re.match(r"^-?[0-9]{1,18}\Z", text):
        raise _bad_request(f"{name} must be one whole number", text)
    number = int(text)
    if number < 0 or (most is not None and number > most):
        upper = "" if most is None else f" to {most}"
        raise _bad_request(f"{name} must be from 0{upper}", text)
    return number


def _bad_request(message: str, detail: str) -> RefusedError:
    return RefusedError(workspace_error(400, "WKS.0001", "Invalid request: " + message, detail))


def _page(items: Sequence[Item], offset: int, limit: int, behaviour: Behaviour) -> list[Item]:
    if behaviour.ignore_offset:
        offset = 0
    if behaviour.ignore_limit:
        limit = len(items)
    if behaviour.clamp is not None:
        limit = min(limit, behaviour.clamp)
    return list(items[offset : offset + limit])


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def connect_desktops(project: Project, incoming: Incoming, behaviour: Behaviour, rng: random.Random) -> Answer:
    """GET /v2/{project_id}/connect-desktops: {"desktops": [...], "total_count": n}."""
    statuses = incoming.values("connect_status")
    if statuses and (len(statuses) > 1 or statuses[0] not in STATUSES):
        raise _bad_request("connect_status must be one of " + ", ".join(STATUSES), ",".join(statuses))
    names = incoming.values("user_names")
    if len(names) > MOST_NAMES:
        raise _bad_request(f"at most {MOST_NAMES} user_names", f"{len(names)} given")
    offset = _number(incoming, "offset", 0, MOST_OFFSET)
    limit = _number(incoming, "limit", USUAL_DESKTOPS, MOST_DESKTOPS)
    found = project.fleet.select(names or None, statuses[0] if statuses else None, behaviour.ignore_case)
    if behaviour.shuffle:
        rng.shuffle(found)
    total = len(found) if behaviour.total_count is None else behaviour.total_count
    page = _page(found, offset, limit, behaviour)
    return json_answer(200, {"desktops": [desktop.as_api() for desktop in page], "total_count": total})


def pools_by_users(project: Project, incoming: Incoming, behaviour: Behaviour) -> Answer:
    """GET /v2/{project_id}/desktop-pools/statistics/by-users: {"users": [...]}, without a total.

    Users come in the tenant's order, whatever the order asked for; unknown ids are left out.
    """
    offset = _number(incoming, "offset", 0, None)
    limit = _number(incoming, "limit", MOST_USERS, MOST_USERS)
    wanted = _unique(incoming.values("user_ids"))
    if wanted:
        places = {user_id: place for place, user_id in enumerate(project.users)} if len(wanted) > 1 else {}
        known = [user_id for user_id in wanted if user_id in project.users]
        found = [project.users[user_id] for user_id in sorted(known, key=lambda user_id: places.get(user_id, 0))]
    elif behaviour.empty_without_ids:
        found = []
    else:
        found = list(project.users.values())
    if behaviour.omit_users_without_pools:
        found = [user for user in found if user.pools]
    page = _page(found, offset, limit, behaviour)
    with_count = not behaviour.omit_desktop_pool_count
    return json_answer(200, {"users": [user.as_api(with_count) for user in page]})


class WorkspaceApi:
    """Finds the project and the operation, after the gateway has let the caller in."""

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self.account = account
        self.gateway = gateway
        self._rng = random.Random(f"{account.seed}/shuffle")

    def answer(self, incoming: Incoming, behaviour: Behaviour) -> tuple[Answer, Project | None]:
        """The answer, and the project whose desktops were listed, if any were."""
        match = PATH.match(incoming.path)
        if match is None or incoming.method != "GET":
            text = "The API does not exist or has not been published in the environment"
            raise RefusedError(gateway_error(404, "APIGW.0101", text, incoming.request_id))
        caller = self.gateway.authenticate(incoming)
        project = self._project(incoming, caller, match.group("project"))
        if match.group("operation") == "connect-desktops":
            return connect_desktops(project, incoming, behaviour, self._rng), project
        return pools_by_users(project, incoming, behaviour), None

    def _project(self, incoming: Incoming, caller: Caller, project_id: str) -> Project:
        project = self.account.project(project_id)
        # That another X-Project-Id than the path's is refused is an inference: keys are scoped by it.
        named = incoming.headers.get("x-project-id", project_id)
        if project is None or named != project_id or not caller.may_use(project_id):
            text = "Incorrect app authentication information: the project is not authorized for this account"
            raise RefusedError(gateway_error(403, "APIGW.0302", text, incoming.request_id))
        if not project.workspace_enabled:
            raise RefusedError(
                workspace_error(403, "WKS.00010099", "The Workspace service is not enabled in this project.")
            )
        return project


def describe(project: Project) -> dict[str, Any]:
    """The few facts about a project that a client needs to ask for it."""
    return {
        "id": project.id,
        "name": project.name,
        "region": project.region,
        "workspace_enabled": project.workspace_enabled,
        "enabled": project.enabled,
        "domain_id": project.domain_id,
    }
