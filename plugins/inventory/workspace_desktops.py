# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin `huaweicloud.workspace.workspace_desktops`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workspace_desktops
short_description: Desktops of Huawei Cloud Workspace as hosts
version_added: 0.1.0
description:
  - Creates a host in the group C(workspace_desktops) for each desktop of one or several Workspace projects.
  - The name of the file must end in C(workspace_desktops.yml) or C(workspace_desktops.yaml).
  - Each field that M(huaweicloud.workspace.workspace_desktop_info) returns for a desktop becomes a variable of the host, with
    the prefix O(hostvars_prefix). C(region), C(project_id) and C(project_name) are added in the same way. The last is the
    C(name) of the entry in O(projects), or the ID of the project.
  - All desktops are read before the first host is added. The inventory is complete, or the plugin fails.
  - Values from the service are never evaluated as templates.
author:
  - huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment:
  - huaweicloud.workspace.workspace.inventory
  - huaweicloud.workspace.desktops
  - constructed
  - inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices:
      - huaweicloud.workspace.workspace_desktops
  projects:
    description:
      - Several projects to read, instead of the project selected by the other options.
      - Each entry can have O(region), O(project_id), O(profile), O(endpoint) and all other options for the connection and
        the credentials, and a C(name) for V(project_name) and messages.
      - Options missing from an entry come from the options of the file. An entry with its own credentials does not use those
        of the file. An entry with only O(profile) keeps the O(credentials_file) of the file.
    type: list
    elements: dict
  hostnames:
    description:
      - Jinja2 expressions without braces for the name of the host. The first non-empty result is used.
      - They can use the fields of the desktop with and without O(hostvars_prefix).
      - C(_) and the first eight characters of the desktop ID are appended to a name that is not unique, with a warning. A
        name is not unique if several desktops have it, if it is also the name of a group (of this file or of an inventory
        that is loaded before it), or if it is a name of the control node, such as C(localhost).
    type: list
    elements: str
    default:
      - computer_name
      - desktop_id
  connect_with:
    description:
      - The field with the address for connections, which becomes C(ansible_host). A desktop without it gets no
        C(ansible_host).
      - V(ipv4) and V(ipv6) are the addresses of the desktop's operating system, not of its management network.
      - V(none) sets no C(ansible_host).
    type: str
    default: ipv4
    choices:
      - ipv4
      - ipv6
      - computer_name
      - none
  hostvars_prefix:
    description:
      - The prefix of the variables.
      - Without a prefix, C(tags) and other fields would conflict with reserved names of Ansible.
    type: str
    default: workspace_
  filters:
    description:
      - Select the desktops that become hosts. Each entry is a dictionary with one key, C(include) or C(exclude), whose
        value is a Jinja2 expression without braces. The first entry whose expression is true decides. If none is true, the
        desktop is included.
      - They can use the fields of the desktop with and without O(hostvars_prefix).
      - They are applied after reading, also to cached desktops. Use the other options to read fewer desktops.
    type: list
    elements: dict
    default: []
  skip_refused:
    description:
      - Whether to leave out projects that the credentials may not read (HTTP status 403), with a warning.
      - By default the plugin fails. It also fails if none of the projects can be read.
    type: bool
    default: false
  strict:
    description:
      - Whether a failure of an expression in O(compose), O(groups) or O(keyed_groups), such as an undefined variable, is an
        error. If V(false), it is ignored.
      - A failure of an expression in O(hostnames) or O(filters) is always an error.
    default: true
notes:
  - The cache contains the data that the service returned, for each project and set of options that select desktops. An
    entry is only used with the credentials that it was read with. A run that finds everything in the cache needs no network
    access, except to the metadata service with O(ecs_metadata=true).
seealso:
  - module: huaweicloud.workspace.workspace_desktop_info
  - plugin: huaweicloud.workspace.workspace_projects
    plugin_type: inventory
"""

EXAMPLES = r"""
# workspace_desktops.yml: all desktops of a project, grouped by power state and by connection state
plugin: huaweicloud.workspace.workspace_desktops
region: cn-north-4
keyed_groups:
  - key: workspace_status | lower
    prefix: status
  - key: workspace_login_status | lower
    prefix: login
---
# Grouped by tag and by pool: groups such as tag_owner_cad and pool_design
plugin: huaweicloud.workspace.workspace_desktops
region: cn-north-4
pools: true
keyed_groups:
  - key: workspace_tags | items2dict
    prefix: tag
  - key: workspace_pool_name
    prefix: pool
---
# Windows desktops over PSRP, Linux desktops over SSH; only running desktops that are not in maintenance mode
plugin: huaweicloud.workspace.workspace_desktops
region: cn-north-4
status:
  - ACTIVE
filters:
  - exclude: in_maintenance_mode
  - include: metadata.os_type | default('') in ['Windows', 'Linux']
  - exclude: true
groups:
  windows: workspace_metadata.os_type == 'Windows'
  linux: workspace_metadata.os_type == 'Linux'
compose:
  ansible_connection: "'ansible.builtin.psrp' if workspace_metadata.os_type == 'Windows' else 'ansible.builtin.ssh'"
---
# Several projects, with the name of the project in the host name, cached for an hour
plugin: huaweicloud.workspace.workspace_desktops
projects:
  - name: sales
    region: cn-north-4
    profile: sales
  - name: design
    region: cn-east-3
    profile: design
hostnames:
  - project_name ~ '-' ~ computer_name
keyed_groups:
  - key: workspace_project_name
    prefix: project
skip_refused: true
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/workspace
cache_timeout: 3600
"""

import contextlib
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import CREDENTIAL_OPTIONS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import validated
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.filters import some_of
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import open_project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktops import ARGUMENTS, prepare
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._inventory.hosts import Host, never_a_template
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._inventory.plugin import Target, WorkspaceInventory


class InventoryModule(WorkspaceInventory):
    """Desktops as hosts."""

    NAME = "huaweicloud.workspace.workspace_desktops"
    GROUP = "workspace_desktops"

    def read_hosts(self) -> list[Host]:
        """Read the desktops of all projects, then filter and name them."""
        reading = {name: self.file_options[name] for name in ARGUMENTS}
        prepare(reading)  # Fail for wrong options before the first request.
        self._check_filters()
        targets = self._targets()
        refused: list[WorkspaceError] = []
        answers = [
            (name, answer)
            for name, target in targets
            for answer in self._answers(name if len(targets) > 1 else "", target, reading, refused)
        ]
        if refused and not answers:
            raise refused[0]
        for error in refused:
            self.warn(f"a project is left out: {error.message}")
        seen: dict[tuple[str, str], str] = {}
        for name, answer in answers:
            place = (answer["endpoint"], answer["project_id"])
            if place in seen:
                raise WorkspaceError(
                    f"{seen[place]} and {name} of projects select the same project {place[1]}: set project_id in each entry,"
                    " and unset environment variables that set it for all entries."
                )
            seen[place] = name
        for option in answers[0][1]["unmatched"]:
            missing = [answer["unmatched"][option] for _name, answer in answers]
            nowhere = [value for value in missing[0] if all(value in values for values in missing)]
            if nowhere:
                self.warn(f"{option} matches no desktop for {some_of(nowhere)}")
        hosts = [host for name, answer in answers for host in self._hosts(name, answer)]
        unreachable = sum("ansible_host" not in host.variables for host in hosts)
        if unreachable and self.file_options["connect_with"] != "none":
            self.tell(f"{unreachable} desktops have no {self.file_options['connect_with']} to connect to")
        return hosts

    def _check_filters(self) -> None:
        for number, entry in enumerate(self.file_options["filters"]):
            values = list(entry.values())
            if len(entry) != 1 or not set(entry) <= {"include", "exclude"} or not isinstance(values[0], (str, bool)):
                raise WorkspaceError(
                    f"filters[{number}] must be a dictionary with one key, include or exclude, and an expression."
                )
        if not self.file_options["hostnames"]:
            raise WorkspaceError("hostnames is empty: leave it out for the default.")

    def _targets(self) -> list[tuple[str, Target]]:
        """The projects to read, each with its name in messages."""
        entries = self.file_options["projects"]
        if entries is None:
            return [("", self.target())]
        if not entries:
            raise WorkspaceError("projects is empty: leave it out to read the project selected by the other options.")
        arguments = {**self._shared_arguments(), "name": {"type": "str"}}
        targets = []
        for number, entry in enumerate(entries):
            where = f"projects[{number}]"
            checked = validated(entry, arguments, f"{where}: ")
            more = {name: checked[name] for name, value in entry.items() if value is not None}
            name = more.pop("name", None) or where
            own = set(more) & set(CREDENTIAL_OPTIONS)
            if own:
                # A profile alone is one of the credentials file that the inventory file sets.
                kept = {"credentials_file"} if own == {"profile"} else set()
                more = {**dict.fromkeys(set(CREDENTIAL_OPTIONS) - kept), **more}
            try:
                targets.append((name, self.target(more)))
            except WorkspaceError as error:
                error.message = f"project {name}: {error.message}"
                raise
        return targets

    def _answers(
        self, name: str, target: Target, reading: dict[str, t.Any], refused: list[WorkspaceError]
    ) -> list[dict[str, t.Any]]:
        """The data of a project; empty if the project is skipped, and its error is then added to `refused`."""
        try:
            return [self._answer(target, reading)]
        except WorkspaceError as error:
            if name:
                error.message = f"project {name}: {error.message}"
            if error.facts["status_code"] != 403 or not self.file_options["skip_refused"]:
                raise
            refused.append(error)
            return []

    def _answer(self, target: Target, reading: dict[str, t.Any]) -> dict[str, t.Any]:
        """The desktops of a project, with its ID, region and endpoint."""
        settings = target.settings

        def read() -> dict[str, t.Any]:
            with contextlib.closing(open_project(settings, target.options, self._secrets)) as project:
                result = prepare(reading)(project)
            for warning in (*result.get("warnings", ()), *project.warnings()):
                self.warn(warning)
            unmatched = {name[10:]: values for name, values in result.items() if name.startswith("unmatched_")}
            answer = {"project_id": project.project_id, "endpoint": settings.endpoint}
            return {**answer, "desktops": result["desktops"], "unmatched": unmatched}

        asked = {name: getattr(settings, name) for name in ("endpoint", "region", "project_id", "project_name")}
        found = self.cached({**asked, **reading}, target, lambda: self.query(target, read))
        return {"region": settings.region, **found}

    def _hosts(self, name: str, answer: dict[str, t.Any]) -> t.Iterator[Host]:
        """The hosts of the desktops that the filters include."""
        prefix, connect_with = self.file_options["hostvars_prefix"], self.file_options["connect_with"]
        added = {
            "region": answer["region"],
            "project_id": answer["project_id"],
            "project_name": answer["project_id"] if not name or name.startswith("projects[") else name,
        }
        for record in answer["desktops"]:
            fields = never_a_template({**record, **added})
            variables = {f"{prefix}{field}": value for field, value in fields.items()}
            seen = {**fields, **variables}
            if not self._included(seen, record["desktop_id"]):
                continue
            if fields.get(connect_with):
                variables["ansible_host"] = fields[connect_with]
            yield Host(self._host_name(seen, record["desktop_id"]), record["desktop_id"], variables)

    def _included(self, variables: dict[str, t.Any], desktop_id: str) -> bool:
        for entry in self.file_options["filters"]:
            ((kind, decides),) = entry.items()
            if decides and isinstance(decides, str):
                decides = self.evaluate(decides, variables, f"filters for the desktop {desktop_id}")
            if decides:
                return bool(kind == "include")
        return True

    def _host_name(self, variables: dict[str, t.Any], desktop_id: str) -> str:
        for expression in self.file_options["hostnames"]:
            if expression in variables:
                name = variables[expression]
            else:
                name = self.evaluate(expression, variables, f"hostnames for the desktop {desktop_id}")
            if name not in (None, ""):
                if not isinstance(name, (str, int)):
                    kind = type(name).__name__
                    raise WorkspaceError(f"hostnames: {expression} must result in a string, but the type is {kind}.")
                return str(name)
        raise WorkspaceError(f"hostnames: all expressions are empty for the desktop {desktop_id}.")
