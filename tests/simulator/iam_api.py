# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations of IAM: login with a password, project look-up, and the list of accessible projects.

Sources: "Obtaining a User Token Through Password Authentication", the SDK's project look-up, and "Listing Projects
Accessible to an IAM User" (KeystoneListAuthProjects).
"""

from __future__ import annotations

import json
import time
from typing import Any

from simulator.answers import Answer, Incoming, RefusedError, gateway_error, iam_error, json_answer
from simulator.gateway import Gateway
from simulator.tenant import Account, IamUser, Project

WRONG_LOGIN = "The username or password is wrong."


def object_at(content: Any, where: str, *keys: str) -> dict[str, Any]:
    """The object at the end of a chain of keys. If it is missing, the error of IAM contains the path."""
    found = content
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
        where += "." + key
    if not isinstance(found, dict):
        raise RefusedError(iam_error(400, "Request body is invalid: {} is missing.".format(where.lstrip("."))))
    return found


def timestamp(moment: float) -> str:
    """A time in the format of IAM: ISO 8601 with microseconds and Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(moment)) + f"{int(moment % 1 * 1000000):06d}Z"


class IamApi:
    """IAM for the simulated account."""

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self.account = account
        self.gateway = gateway

    def serves(self, incoming: Incoming) -> bool:
        return incoming.path.startswith("/v3/")

    def answer(self, incoming: Incoming) -> Answer:
        if incoming.path == "/v3/auth/tokens" and incoming.method == "POST":
            answer = self._log_in(incoming)
        elif incoming.path == "/v3/projects" and incoming.method == "GET":
            answer = self._projects(incoming)
        elif incoming.path == "/v3/auth/projects" and incoming.method == "GET":
            answer = self._auth_projects(incoming)
        else:
            text = "The API does not exist or has not been published in the environment"
            answer = gateway_error(404, "APIGW.0101", text, incoming.request_id)
        return answer

    def _log_in(self, incoming: Incoming) -> Answer:
        try:
            content = json.loads(incoming.body.decode("utf-8"))
        except ValueError:
            raise RefusedError(iam_error(400, "Request body is invalid: no JSON.")) from None
        auth = object_at(content, "", "auth")
        identity = object_at(auth, "auth", "identity")
        if identity.get("methods") != ["password"]:
            raise RefusedError(iam_error(400, "Request body is invalid: only the method password is offered."))
        user = self._user(object_at(identity, "auth.identity", "password", "user"))
        scope = auth.get("scope")
        project = self._scope(scope if isinstance(scope, dict) else {})
        now = time.time()
        token = self.account.issue_token(user, project.id if project else None, now)
        domain = {"id": self.account.domain_id, "name": self.account.domain_name}
        content = {
            "expires_at": timestamp(token.expires_at),
            "issued_at": timestamp(now),
            "methods": ["password"],
            "user": {"id": user.id, "name": user.name, "domain": domain, "password_expires_at": ""},
            "roles": [{"id": "0", "name": "te_agency"}],
        }
        if project is not None:
            content["project"] = {"id": project.id, "name": project.name, "domain": domain}
        else:
            content["domain"] = domain
        return json_answer(201, {"token": content}, {"X-Subject-Token": token.value})

    def _user(self, given: dict[str, Any]) -> IamUser:
        if not isinstance(given.get("password"), str):
            raise RefusedError(
                iam_error(400, "Request body is invalid: auth.identity.password.user.password is missing.")
            )
        if "id" not in given:
            domain = object_at(given, "auth.identity.password.user", "domain")
            if not self._is_ours(domain):
                raise RefusedError(iam_error(401, WRONG_LOGIN))
        for user in self.account.iam_users:
            named = given["id"] == user.id if "id" in given else given.get("name") == user.name
            if named and given["password"] == user.password:
                return user
        raise RefusedError(iam_error(401, WRONG_LOGIN))

    def _is_ours(self, domain: dict[str, Any]) -> bool:
        if "id" in domain:
            return bool(domain["id"] == self.account.domain_id)
        return bool(domain.get("name") == self.account.domain_name)

    def _scope(self, scope: dict[str, Any]) -> Project | None:
        if "project" not in scope:
            if "domain" in scope and not self._is_ours(object_at(scope, "auth.scope", "domain")):
                raise RefusedError(iam_error(401, "The domain in the scope does not exist."))
            return None
        wanted = object_at(scope, "auth.scope", "project")
        domain = wanted.get("domain")
        found: Project | None = None
        if "id" in wanted:
            found = self.account.project(str(wanted["id"]))
        elif isinstance(wanted.get("name"), str):
            found = self.account.project_named(wanted["name"])
        else:
            raise RefusedError(iam_error(400, "Request body is invalid: auth.scope.project has neither id nor name."))
        if found is None or not found.enabled or (isinstance(domain, dict) and not self._is_ours(domain)):
            # IAM is based on Keystone, which returns 401 for an unknown scope.
            raise RefusedError(iam_error(401, "The project in the scope does not exist or is disabled."))
        return found

    def _projects(self, incoming: Incoming) -> Answer:
        caller = self.gateway.authenticate(incoming)
        if not caller.may_perform("iam:projects:listProjects"):
            raise RefusedError(iam_error(403, "You are not authorized to perform the requested action."))
        names = incoming.values("name")
        found = [
            project.as_iam(self.account.domain_id)
            for project in self.account.projects
            if project.domain_id == caller.domain_id and (not names or project.name == names[-1])
        ]
        links = {"next": None, "previous": None, "self": "https://iam.myhuaweicloud.com/v3/projects"}
        return json_answer(200, {"projects": found, "links": links})

    def _auth_projects(self, incoming: Incoming) -> Answer:
        """All projects that the caller can access. For a token, these are the projects of its user, not its scope."""
        caller = self.gateway.authenticate(incoming)
        found = [
            project.as_iam(self.account.domain_id)
            for project in self.account.projects
            if (caller.kind == "token" and not project.domain_id) or caller.may_use(project.id)
        ]
        # Every account has this project of the object storage, which has no region.
        special = Project(self.account.domain_id[::-1], "MOS", "MOS")
        found.append(special.as_iam(self.account.domain_id))
        return json_answer(
            200, {"projects": found, "links": {"self": "https://iam.myhuaweicloud.com/v3/auth/projects"}}
        )
