# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The region, the project and the endpoints that requests go to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._http.errors import WorkspaceError
from .endpoints import (
    checked_endpoint,
    checked_project_id,
    checked_region,
    default_endpoint,
    workspace_endpoint_variable,
)
from .options import ENVIRONMENT, PROJECT_NAME_VARIABLES, TASK, Found, Lookup, not_supported
from .roles import names_role

#: Variables with the domain of another cloud, which would be part of every default endpoint.
_CLOUD_VARIABLES = ("HW_CLOUD", "ANSIBLE_HWC_CLOUD")

#: The name of a project is that of its region, or begins with it. Not all regions end in a number, for example eu-de.
_REGION_OF_PROJECT = re.compile(
    r"((?:[a-z]+(?:-[a-z]+)+-[0-9]+)|(?:af|ap|cn|eu|la|me|na|sa|tr)-[a-z0-9-]+)(_.*)?", re.ASCII
)


# Comparison and representation are not used, and creating them takes a millisecond of each task.
@dataclass(frozen=True, eq=False, repr=False)
class Places:
    """The endpoints, and the project.

    @param endpoint: of Workspace, `scheme://host[:port]`; empty for a whole account that needs none.
    @param iam_endpoint: of IAM, likewise; empty if it is not needed.
    @param sts_endpoint: of STS, likewise.
    @param region: None if it is not known.
    @param project_id: None if it has to be looked up in IAM.
    @param project_id_source: the source of the ID.
    @param project_name: the name to look up in IAM; empty if no look-up is needed.
    @param project_name_source: the option or variable with the name, such as `region`.
    """

    endpoint: str
    iam_endpoint: str
    sts_endpoint: str
    region: str | None
    project_id: str | None
    project_id_source: str | None
    project_name: str
    project_name_source: str


def first_look(lookup: Lookup, known: dict[str, str], *, account: bool) -> tuple[Found | None, Found | None]:
    """Look up region, project and endpoint, and add the valid ones to `known`, for the facts of a failure.

    @param account: whether the whole account is queried instead of a project.
    @returns: the project ID, and the name of a project from the environment.
    @raises WorkspaceError: one of them is invalid.
    """
    region = lookup.find("region")
    if region:
        known["region"] = checked_region(region.value, region.name)
    project = None
    if not account:
        # A project ID next to the credentials belongs to their account, not to that of the agency.
        project = lookup.in_task("project_id") if names_role(lookup) else lookup.find("project_id")
    if project:
        known["project_id"] = checked_project_id(project.value, project.name)
    endpoint = lookup.find("endpoint", [workspace_endpoint_variable(region.value)] if region else [])
    if endpoint:
        # The SDK accepts a list of endpoints in the variable and prefers the first.
        first = endpoint.value if endpoint.place == TASK else endpoint.value.split(",")[0].strip()
        known["endpoint"] = checked_endpoint(first, endpoint.name)
    elif region:
        known["endpoint"] = _default("endpoint", "workspace", region.value, lookup)
    name = lookup.in_environment("project_id", PROJECT_NAME_VARIABLES)
    if name and region and not region.place.startswith(ENVIRONMENT):
        # If the task sets another region, the project of the environment is not meant.
        named = _REGION_OF_PROJECT.fullmatch(name.value)
        if named and named[1] != region.value:
            name = None
    return project, name


def _default(option: str, service: str, region: str, lookup: Lookup) -> str:
    """The public endpoint, unless the environment names another cloud."""
    address = default_endpoint(service, region)
    cloud = lookup.in_environment(option, _CLOUD_VARIABLES)
    if cloud and not address.endswith(f".{cloud.value}"):
        raise not_supported(cloud.name.split()[0], option)
    return address


def _service(lookup: Lookup, service: str, region: str | None, path: str, wanted: str) -> str:
    """The endpoint of IAM or STS.

    @param path: may be at the end of the option.
    @param wanted: what is requested from the service, for the message.
    """
    option = f"{service}_endpoint"
    found = lookup.find(option)
    if found:
        return checked_endpoint(found.value, found.name, path)
    if not region:
        raise WorkspaceError(f"{option} or region is missing: one of them is needed to request {wanted}.")
    return _default(option, service, region, lookup)


def find_places(
    lookup: Lookup, known: dict[str, str], *, account: bool, asks_iam: bool = False, asks_sts: bool = False
) -> Places:
    """The endpoints and the project.

    @param known: receives what is found, for the facts of a failure.
    @param account: whether only IAM is queried, for the whole account.
    @param asks_iam: whether a token or keys are requested from IAM.
    @param asks_sts: whether keys are requested from STS.
    @raises WorkspaceError: something is missing or invalid.
    """
    project, name = first_look(lookup, known, account=account)
    region, project_id, endpoint = (known.get(fact) for fact in ("region", "project_id", "endpoint"))
    if account:
        endpoint = endpoint or ""
    elif endpoint is None:
        raise WorkspaceError("region is missing: set region (or HW_REGION_NAME), or endpoint and project_id.")
    project_name = "" if project_id or account else name.value if name else region or ""
    if not (project_id or project_name or account):
        raise WorkspaceError(
            "region is missing: set project_id, or region (or HW_REGION_NAME) to look up the project of that name."
        )
    iam_endpoint = sts_endpoint = ""
    if asks_sts:
        sts_endpoint = _service(lookup, "sts", region, "", "the keys of the agency from STS")
    if project_id is None or asks_iam:
        wanted = "the projects" if account else "a token or keys" if asks_iam else "the project"
        iam_endpoint = _service(lookup, "iam", region, "/v3", f"{wanted} from IAM")
    return Places(
        endpoint=endpoint,
        iam_endpoint=iam_endpoint,
        sts_endpoint=sts_endpoint,
        region=region,
        project_id=project_id,
        project_id_source=project.place if project else None,
        project_name=project_name,
        project_name_source=name.name.split()[0] if name and project_name else "region",
    )
