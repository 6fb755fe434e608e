# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Requests to IAM: log in for a token, look up a project by name, list the projects of the caller.

Sources: "Obtaining a User Token Through Password Authentication", "Querying Project Information" and "Querying the
List of Projects Accessible to Users" of the IAM API reference; Keystone's identity API v3, which it follows.
"""

from __future__ import annotations

import contextlib
import typing as t

from .._http import errors
from .._http.query import Auth
from . import endpoints

if t.TYPE_CHECKING:
    from .._http.client import Client, Response
    from .._http.query import Pairs
    from . import credentials


def token_in(response: Response) -> str:
    """The token that IAM returns in a header.

    @raises WorkspaceError: there is none.
    """
    token = response.headers.get("X-Subject-Token")
    if not token:
        raise response.unusable("the header X-Subject-Token, which holds the token, is missing: check iam_endpoint")
    return token


def log_in(
    client: Client, endpoint: str, user: credentials.User, project_id: str | None, project_name: str
) -> tuple[str, str | None]:
    """Request a token for a project, or for the account if no project is given.

    @param endpoint: of IAM, `scheme://host[:port]`.
    @param project_id: the project if its ID is known, otherwise `project_name` is used.
    @returns: the token, and the ID of its project.
    @raises WorkspaceError: rejected, or a response without token or project.
    """
    account = {"name": user.domain_name}
    # Keystone requires the account of a project name, and Terraform's provider sends it to Huawei Cloud as well.
    project_scope = {"id": project_id} if project_id else {"name": project_name, "domain": account}
    scope = {"project": project_scope} if project_id or project_name else {"domain": account}
    password = {"user": {"name": user.name, "password": user.password, "domain": account}}
    response = client.request(
        "POST",
        f"{endpoint}/v3/auth/tokens",
        [("nocatalog", "true")],
        auth=Auth(),
        json_body={"auth": {"identity": {"methods": ["password"], "password": password}, "scope": scope}},
        expected=201,
    )
    token = token_in(response)
    if project_id or "project" not in scope:
        return token, project_id
    try:
        granted_id = response.document["token"]["project"]["id"]
    except (KeyError, TypeError):
        granted_id = None
    if not isinstance(granted_id, str):
        raise response.unusable("the token is for no project: check region, or set project_id")
    return token, endpoints.checked_project_id(granted_id, f"the project id that {endpoint} returned")


def _projects(response: Response) -> list[dict[str, t.Any]]:
    projects = response.document.get("projects")
    if not isinstance(projects, list) or not all(isinstance(project, dict) for project in projects):
        raise response.unusable("it lacks the list of projects: check iam_endpoint")
    return projects


def list_projects(client: Client, endpoint: str, auth: Auth) -> list[dict[str, t.Any]]:
    """Every project that the caller can access, including those without a region. IAM does not page this list.

    @returns: records with at least `id`, valid in a path, and `name`.
    @raises WorkspaceError: rejected, or a response without a list of projects.
    """
    response = client.request("GET", f"{endpoint}/v3/auth/projects", auth=auth)
    projects = _projects(response)
    for project in projects:
        if not isinstance(project.get("id"), str) or not isinstance(project.get("name"), str):
            raise response.unusable("a project lacks its id or its name: check iam_endpoint")
        endpoints.checked_project_id(project["id"], f"a project id that {endpoint} returned")
    return projects


def find_project(client: Client, endpoint: str, auth: Auth, name: str, name_source: str) -> str:
    """The ID of the project of this name. The default project of a region has the name of the region.

    @param name_source: the option or variable with the name, for the message.
    @raises WorkspaceError: rejected, or not exactly one match; the message lists the matches, or the projects there are.
    """

    def ask(query: Pairs) -> list[dict[str, t.Any]]:
        permission = "iam:projects:listProjects"
        return _projects(client.request("GET", f"{endpoint}/v3/projects", query, auth=auth, permission=permission))

    matches = [project for project in ask([("name", name)]) if project.get("name") == name]
    if len(matches) == 1 and isinstance(matches[0].get("id"), str):
        return endpoints.checked_project_id(matches[0]["id"], f"the project id that {endpoint} returned")
    suggestion, listed = "", matches
    if not matches:
        # A request without the name finds the project that was meant. Its failure does not matter: it only helps.
        with contextlib.suppress(errors.WorkspaceError):
            listed = ask(())
        import difflib  # Not at the top, because few calls need it.

        names = [str(project.get("name")) for project in listed]
        suggestion = "".join(f" Did you mean {near}?" for near in difflib.get_close_matches(name, names, 1))
    shown = errors.one_line(", ".join(f"{project.get('id')} ({project.get('name')})" for project in listed)) or "none"
    count = f"{len(matches)} projects are" if matches else "no project is"
    raise errors.WorkspaceError(
        f"project_id is not set, and {count} named {name} at {endpoint} (found: {shown}).{suggestion} Check"
        f" {name_source}, or set project_id."
    )
