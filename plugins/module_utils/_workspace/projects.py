# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which of the projects that IAM lists may have desktops, and whether one has Workspace at all."""

from __future__ import annotations

import re
import typing as t

from .._http.errors import WorkspaceError
from .connect_desktops import LISTING

if t.TYPE_CHECKING:
    from collections.abc import Callable, Container

    from .project import Project

#: The project that every account has for its object storage: it has no region.
_NO_REGION = "MOS"


class Candidate(t.NamedTuple):
    """A project that may have desktops."""

    id: str
    name: str
    region: str


def candidates(
    projects: list[dict[str, t.Any]], *, offered: Callable[[str], bool], exclude: Container[str]
) -> tuple[list[Candidate], list[str], list[str]]:
    """Choose the projects that may have desktops.

    A region's own project is named like the region; others are named `<region>_<own part>`, and their parent is the
    region's project.

    @param projects: as IAM lists them.
    @param offered: whether there is Workspace in a region.
    @param exclude: names or ids.
    @returns: they, sorted by name and id, for each of the others a line that says why it is none, and the regions that
        are not offered.
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
            why = f"Workspace is not offered or not asked for in the region {region}"
            not_offered.add(region)
        else:
            chosen.append(Candidate(project["id"], name, region))
            continue
        left_out.append(f"project {name} ({project['id']}) is left out: {why}")
    return chosen, left_out, sorted(not_offered)


class Probe(t.NamedTuple):
    """What asking for one desktop has shown.

    @param absent: why the project has no Workspace, or `None`.
    @param error: why it could not be asked, or `None`.
    """

    absent: str | None = None
    error: WorkspaceError | None = None

    @property
    def unauthenticated(self) -> bool:
        """Whether nobody else should be asked with the same credentials, as several refusals lock a key."""
        return self.error is not None and self.error.facts["status_code"] == 401


def probe(open_it: Callable[[], Project]) -> Probe:
    """Ask a project for one desktop."""
    try:
        project = open_it()
        try:
            project.get(LISTING.operation, [("limit", "1"), ("offset", "0")])
        finally:
            project.close()
    except WorkspaceError as error:
        code = error.facts["error_code"] or ""
        if code == "WKS.00010099":
            return Probe(absent="Workspace is not enabled in it")
        if re.fullmatch(r"API(GW|G|C)\.0101", code):
            return Probe(absent="Workspace is not published in its region")
        return Probe(error=error)
    return Probe()
