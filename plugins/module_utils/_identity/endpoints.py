# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the region, the project and the endpoints that requests go to.

Hosts: the endpoint page of the service and the SDK's region tables.
"""

from __future__ import annotations

import re

from .._http import errors
from . import options, urls

_REGIONS = (
    "cn-north-4 cn-north-9 cn-north-11 cn-east-3 cn-east-5 cn-south-1 cn-southwest-2 ap-southeast-1 ap-southeast-2"
    " ap-southeast-3 la-south-2 la-north-2 na-mexico-1 sa-brazil-1 me-east-1 af-south-1 af-north-1 tr-west-1 eu-west-101"
)
#: Where the service is offered: the SDK's table of regions, and the endpoint page of the international site.
WORKSPACE_REGIONS = frozenset(_REGIONS.split())

_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
#: The name of a project is that of its region, or begins with it. Not all regions end in a number, for example eu-de.
_PROJECT_OF_REGION = re.compile(
    r"([a-z]+(?:-[a-z]+)+-[0-9]+|(?:af|ap|cn|eu|la|me|na|sa|tr)-[a-z0-9-]+)(?:_.*)?", re.ASCII
)
_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def checked_region(region: str, origin: str) -> str:
    """The region, checked to be valid in a host name.

    @param origin: the option or environment variable, for the message.
    @raises WorkspaceError: it contains anything but lower-case letters, digits and hyphens.
    """
    if len(region) > 63 or not _REGION.fullmatch(region):
        raise errors.WorkspaceError(
            f"{origin}: a region consists of lower-case letters, digits and hyphens, for example cn-north-4."
        )
    return region


def checked_project_id(project_id: str, origin: str) -> str:
    """The project ID, checked to be valid in a path.

    @raises WorkspaceError: it contains anything but letters, digits, `_` and `-`.
    """
    if not _PROJECT_ID.fullmatch(project_id):
        raise errors.WorkspaceError(f"{origin}: a project ID consists of letters, digits, hyphens and underscores.")
    return project_id


def find_project_name(lookup: options.Lookup, region: options.Found | None) -> options.Found | None:
    """The name of the project in the environment, unless it is one of another region than the task has; else the region."""
    name = lookup.in_environment("project_id", options.PROJECT_NAME_VARIABLES)
    if name and region and not region.place.startswith(options.ENVIRONMENT):
        named = _PROJECT_OF_REGION.fullmatch(name.value)
        if named and named[1] != region.value:
            return region
    return name or region


def workspace_endpoint_variable(region: str) -> str:
    """The SDK's environment variable with the Workspace endpoint of a region."""
    return "HUAWEICLOUD_SDK_REGION_WORKSPACE_" + region.upper().replace("-", "_")


def default_endpoint(service: str, region: str) -> str:
    """The public endpoint of a service (`workspace`, `iam`, `sts`) in a region.

    European regions have `.eu` in the SDK's IAM table and in Terraform's provider. For Workspace, the SDK's table has
    `.com` there as well.
    """
    domain = "eu" if region.startswith("eu-west-1") and service != "workspace" else "com"
    return f"https://{service}.{region}.myhuaweicloud.{domain}"


def _default(option: str, service: str, region: str, lookup: options.Lookup) -> str:
    """The public endpoint, unless the environment names the domain of another cloud."""
    address = default_endpoint(service, region)
    cloud = lookup.in_environment(option, ("HW_CLOUD", "ANSIBLE_HWC_CLOUD"))
    if cloud and not address.endswith(f".{cloud.value}"):
        raise options.not_supported(cloud.name.split()[0], option)
    return address


def find_endpoint(lookup: options.Lookup, region: options.Found | None) -> str:
    """The endpoint of Workspace; empty if neither it nor the region is set.

    @raises WorkspaceError: it is invalid.
    """
    found = lookup.find("endpoint", [workspace_endpoint_variable(region.value)] if region else [])
    if found:
        # The SDK accepts a list of endpoints in the variable and prefers the first.
        first = found.value if found.place == lookup.task else found.value.split(",")[0].strip()
        return urls.checked_endpoint(first, found.name)
    return _default("endpoint", "workspace", region.value, lookup) if region else ""


def find_service(lookup: options.Lookup, service: str, region: str | None, wanted: str, path: str = "") -> str:
    """The endpoint of IAM or STS; empty if nothing is wanted of it. An option of the task is always checked.

    @param wanted: what is requested from the service, for the message.
    @param path: may be at the end of the option.
    @raises WorkspaceError: it is invalid or missing.
    """
    option = f"{service}_endpoint"
    found = lookup.find(option) if wanted else lookup.in_task(option)
    address = urls.checked_endpoint(found.value, found.name, path) if found else ""
    if address or not wanted:
        return address if wanted else ""
    if not region:
        raise errors.WorkspaceError(f"{option} or region is missing: one of them is needed to request {wanted}.")
    return _default(option, service, region, lookup)
