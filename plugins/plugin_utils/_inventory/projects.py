# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Select the projects from IAM that may have desktops."""

from __future__ import annotations

import contextlib
import typing as t

from ...module_utils._identity.authentication import authenticate
from ...module_utils._identity.iam import list_projects
from ...module_utils._reading.hints import NOT_ENABLED, NOT_PUBLISHED
from ...module_utils._reading.project import open_client

if t.TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from ...module_utils._http.errors import WorkspaceError
    from ...module_utils._http.secrets import Secrets
    from ...module_utils._identity.settings import Settings

#: The project of the object storage service, which exists in every account and has no region.
_NO_REGION = "MOS"


def read_projects(settings: Settings, options: Mapping[str, t.Any], secrets: Secrets) -> list[dict[str, t.Any]]:
    """All projects that the credentials can access, as IAM lists them.

    @param settings: the settings of the account, with `iam_endpoint`.
    @raises WorkspaceError: the request to IAM failed.
    """
    with contextlib.closing(open_client(settings, options, secrets)) as client:
        auth, _none = authenticate(client, settings, secrets)
        return list_projects(client, settings.iam_endpoint, auth)


class Candidate(t.NamedTuple):
    """A project that may have desktops."""

    id: str
    name: str
    region: str


def candidates(
    projects: list[dict[str, t.Any]], *, offered: Callable[[str], bool], exclude: Container[str]
) -> tuple[list[Candidate], list[str], list[str]]:
    """Select the projects that may have desktops.

    The main project of a region has the name of the region. Other projects are named `<region>_<suffix>`, and their
    parent is the main project.

    @param projects: the list of IAM.
    @param offered: whether a region has Workspace.
    @param exclude: names or IDs.
    @returns: the selected projects, sorted by name and ID; a line with the reason for each of the others; and the
        regions without Workspace.
    """
    names = {project["id"]: project["name"] for project in projects}
    chosen, left_out, not_offered = [], [], set()
    for project in sorted(projects, key=lambda project: (project["name"], project["id"])):
        name = project["name"]
        region = names.get(project.get("parent_id"), name).partition("_")[0]
        if name in exclude or project["id"] in exclude:
            why = "it is excluded"
        elif region == _NO_REGION:
            why = "it belongs to the object storage service"
        elif project.get("enabled") is False:
            why = "it is disabled"
        elif not offered(region):
            why = f"the region {region} is not in the option regions, or not known to have Workspace"
            not_offered.add(region)
        else:
            chosen.append(Candidate(project["id"], name, region))
            continue
        left_out.append(f"project {name} ({project['id']}) is left out: {why}")
    return chosen, left_out, sorted(not_offered)


def absence(error: WorkspaceError) -> str | None:
    """Why a project has no Workspace, according to the error of a request to it; `None` if it may have it."""
    code = error.facts["error_code"] or ""
    if NOT_ENABLED.fullmatch(code):
        return "Workspace is not enabled in it"
    if NOT_PUBLISHED.fullmatch(code):
        return "Workspace is not published in its region"
    return None
