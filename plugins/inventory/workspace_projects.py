# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin `huaweicloud.workspace.workspace_projects`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workspace_projects
short_description: Projects of Huawei Cloud Workspace as hosts
version_added: 0.1.0
description:
  - Creates a host in the group C(workspace_projects) for each project that the credentials can access and that has
    Workspace.
  - The variable C(workspace_options) of each host contains RV(ignore:region), RV(ignore:project_id) and the options from
    O(options). It can be passed to the modules and playbooks of this collection.
  - The name of the file must end in C(workspace_projects.yml) or C(workspace_projects.yaml).
  - Ansible cannot connect to these hosts. Run plays for them with C(connection=local).
  - The project of the object storage service (V(MOS)), disabled projects and projects in regions without Workspace are
    left out. C(-v) shows them with the reason. Projects in regions that the plugin does not know are left out with a
    warning.
author:
  - huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment:
  - huaweicloud.workspace.workspace.inventory
  - constructed
  - inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices:
      - huaweicloud.workspace.workspace_projects
  region:
    description:
      - The region whose IAM lists the projects. Use O(regions) to limit the projects.
      - Not required if O(iam_endpoint) is set.
      - Environment variables E(HW_REGION_NAME), then E(ANSIBLE_HWC_REGION). Then the key C(region) of the profile.
  project_id:
    description:
      - Not used, because all projects are listed.
  endpoint:
    description:
      - The endpoint of Workspace for all regions.
      - The default is E(HUAWEICLOUD_SDK_REGION_WORKSPACE_<REGION>) for each region, or else
        C(https://workspace.<region>.myhuaweicloud.com).
  regions:
    description:
      - Only projects in these regions.
      - Regions that the plugin does not know, such as those of a private cloud, must be listed here.
      - The default is all regions with Workspace, and those that have an endpoint in the environment. Projects in other
        regions are left out with a warning.
    type: list
    elements: str
  exclude:
    description: Names or IDs of projects to leave out.
    type: list
    elements: str
  probe:
    description:
      - Whether to send a request to each project, and to leave out projects in which Workspace is not enabled or not
        published.
      - A project that cannot be queried for another reason is kept, so that the failure is reported when it is used.
    type: bool
    default: true
  options:
    description:
      - Options for the modules of this collection, added to C(workspace_options) of each host.
      - Templates in them are evaluated when the variable is used.
      - C(ansible-inventory --list) shows them. Select credentials with C(profile), not with keys.
    type: dict
    default: {}
  strict:
    description:
      - Whether a failure of an expression in O(compose), O(groups) or O(keyed_groups), such as an undefined variable, is an
        error. If V(false), it is ignored.
    default: true
seealso:
  - plugin: huaweicloud.workspace.workspace_desktops
    plugin_type: inventory
"""

EXAMPLES = r"""
# workspace_projects.yml: all projects that the keys in the environment can access
plugin: huaweicloud.workspace.workspace_projects
region: cn-north-4
---
# audit.workspace_projects.yml: two regions, with a profile of the credentials file, grouped by region, cached for a day
plugin: huaweicloud.workspace.workspace_projects
region: cn-north-4
profile: audit
regions:
  - cn-north-4
  - cn-east-3
exclude:
  - cn-north-4_test
options:
  profile: audit
keyed_groups:
  - key: workspace_options.region
    prefix: region
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/workspace
cache_timeout: 86400
"""

import contextlib
import os
import time
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.concurrency import side_by_side
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.authentication import authenticate
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    WORKSPACE_REGIONS,
    checked_region,
    workspace_endpoint_variable,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.iam import list_projects
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.hints import NOT_ENABLED, NOT_PUBLISHED
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import open_client, open_project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.operations import CONNECT_DESKTOPS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._inventory.hosts import Host, never_a_template
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._inventory.plugin import Target, WorkspaceInventory

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings

#: The project of the object storage service, which exists in every account and has no region.
_NO_REGION = "MOS"


class Candidate(t.NamedTuple):
    """A project that may have desktops."""

    id: str
    name: str
    region: str


def read_projects(settings: Settings, options: Mapping[str, t.Any], secrets: Secrets) -> list[dict[str, t.Any]]:
    """All projects that the credentials can access, as IAM lists them.

    @param settings: the settings of the account, with `iam_endpoint`.
    @raises WorkspaceError: the request to IAM failed.
    """
    with contextlib.closing(open_client(settings, options, secrets)) as client:
        auth, _none = authenticate(client, settings, secrets)
        return list_projects(client, settings.iam_endpoint, auth)


class InventoryModule(WorkspaceInventory):
    """Projects as hosts."""

    NAME = "huaweicloud.workspace.workspace_projects"
    GROUP = "workspace_projects"

    def read_hosts(self) -> list[Host]:
        """List the projects in IAM, and check which of them have Workspace."""
        options = self.file_options
        for name in ("regions", "exclude"):
            if options[name] is not None and not all(value.strip() for value in options[name] or [""]):
                raise WorkspaceError(f"{name} is empty or has an empty item: leave it out for all projects.")
        for region in options["regions"] or ():
            checked_region(region, "regions")
        strange = sorted({"region", "project_id"} & set(options["options"]))
        strange += sorted(set(options["options"]) - set(self._shared_arguments()))
        if strange:
            raise WorkspaceError(f"options: {', '.join(strange)} cannot be set for all projects.")
        account = self.target({"project_id": None}, account=True)
        asked = {name: options[name] for name in ("endpoint", "regions", "exclude", "probe")}
        asked["iam_endpoint"] = account.settings.iam_endpoint
        answer = self.cached(asked, account, lambda: self._read(account))
        for line in answer["left_out"]:
            self.tell(line)
        if answer["unknown_regions"] and options["regions"] is None:
            self.warn(
                f"projects are left out because the plugin does not know their regions: {', '.join(answer['unknown_regions'])}."
                " Set regions to the regions with Workspace"
            )
        if not answer["projects"]:
            self.warn("no project with Workspace was found; -v shows what was left out, and why")
        hosts = []
        for project_id, name, region in answer["projects"]:
            own = {"region": never_a_template(region), "project_id": project_id}
            # Templates in the options are evaluated when the variable is used, not for the groups of the project.
            view = {"workspace_options": {**never_a_template(options["options"]), **own}}
            hosts.append(Host(name, project_id, {"workspace_options": {**options["options"], **own}}, view))
        return hosts

    def _read(self, account: Target) -> dict[str, t.Any]:
        options = account.options
        listed = self.query(account, lambda: read_projects(account.settings, options, self._secrets))
        chosen, left_out, unknown = self._candidates(listed)
        errors: list[WorkspaceError | None] = [None] * len(chosen)
        if self.file_options["probe"]:
            began = time.monotonic()
            errors = side_by_side(lambda project: self._probe(project, began), chosen, width=options["concurrency"])
        kept = []
        for project, error in zip(chosen, errors):
            what = f"project {project.name} ({project.id})"
            code = (error and error.facts["error_code"]) or ""
            if NOT_ENABLED.fullmatch(code):
                left_out.append(f"{what} is left out: Workspace is not enabled in it")
            elif NOT_PUBLISHED.fullmatch(code):
                left_out.append(f"{what} is left out: Workspace is not published in its region")
            else:
                kept.append(list(project))
                if error:
                    self.tell(f"{what} is kept, but cannot be queried: {error.message}")
                if error and error.facts["status_code"] == 401:
                    self.warn(f"not all projects were checked for Workspace: {error.message}")
        return {"projects": kept, "left_out": left_out, "unknown_regions": unknown}

    def _candidates(self, projects: list[dict[str, t.Any]]) -> tuple[list[Candidate], list[str], list[str]]:
        """Select the projects that may have desktops.

        The main project of a region has the name of the region. Other projects are named `<region>_<suffix>`, and their
        parent is the main project.

        @param projects: the list of IAM.
        @returns: the selected projects, sorted by name and ID; a line with the reason for each of the others; and the
            regions without Workspace.
        """
        names = {project["id"]: project["name"] for project in projects}
        exclude = self.file_options["exclude"] or ()
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
            elif not self._offered(region):
                why = f"the region {region} is not in the option regions, or not known to have Workspace"
                not_offered.add(region)
            else:
                chosen.append(Candidate(project["id"], name, region))
                continue
            left_out.append(f"project {name} ({project['id']}) is left out: {why}")
        return chosen, left_out, sorted(not_offered)

    def _offered(self, region: str) -> bool:
        """Whether a region has Workspace."""
        wanted = self.file_options["regions"]
        if wanted is not None:
            return region in wanted
        return region in WORKSPACE_REGIONS or bool(os.environ.get(workspace_endpoint_variable(region), "").strip())

    def _probe(self, project: Candidate, began: float) -> WorkspaceError | None:
        """Request one desktop. The first project is queried alone, and none after credentials were rejected.

        @param began: when the first one began, see `one_ahead`.
        @returns: the error, `None` if the project could be queried.
        """

        def read() -> None:
            with contextlib.closing(open_project(there.settings, there.options, self._secrets)) as opened:
                opened.get(CONNECT_DESKTOPS, [("limit", "1"), ("offset", "0")])

        try:
            there = self.target({"region": project.region, "project_id": project.id})
            self.query(there, read, since=began)
        except WorkspaceError as error:
            return error
        return None
