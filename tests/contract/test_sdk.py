# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's SDK and the collection read the same records from the same simulator."""

from __future__ import annotations

import contextlib
import importlib
import re
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    WORKSPACE_REGIONS,
    default_endpoint,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import (
    connect_desktops,
    scheduled_tasks,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.operations import OPERATIONS
from huaweicloudsdkworkspace.v2.region.workspace_region import WorkspaceRegion
from simulator.client import Simulator
from support.modules import MODULES
from support.projects import open_project
from support.sdk import SDK_WARNINGS, desktops_of, fields, read, sdk, without_null

pytestmark = SDK_WARNINGS
FLEET = {"desktops": 220, "users": 70, "pools": 5}
YEAR = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-12-31T00:00:00Z"}


def ours(cloud: Simulator, operation: Any, **options: Any) -> dict[str, Any]:
    """The result of the collection."""
    given = {name: option.get("default") for name, option in operation.ARGUMENTS.items()}
    # The project is looked up by the name of the region.
    with contextlib.closing(open_project(cloud, 4, project_id=None)) as project:
        result: dict[str, Any] = operation.prepare({**given, **options})(project)
        return result


def test_the_regions_and_endpoints_are_those_of_the_sdk() -> None:
    of_the_sdk = {name: region.endpoints for name, region in WorkspaceRegion.static_fields.items()}
    # The SDK does not have this region, but the endpoint page of the international site does.
    assert WORKSPACE_REGIONS - set(of_the_sdk) == {"na-mexico-1"}
    for region, endpoints in of_the_sdk.items():
        assert region in WORKSPACE_REGIONS
        assert endpoints == [default_endpoint("workspace", region)]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_the_sdk_decodes_the_response_of_each_operation_without_loss(cloud: Simulator, operation: Operation) -> None:
    client, asked = sdk(cloud), operation
    query: dict[str, str] = dict(YEAR) if operation.needs_times else {}
    parameters: dict[str, str] = {}
    if operation.parent and operation.parent.key:
        parent = read(client, operation.parent.path)[operation.parent.key][0]["id"]
        parameters[operation.path.partition("{")[2].partition("}")[0]] = parent
        asked = operation.of(parent)
    if operation.query:
        query.update(limit="10", offset="0" if operation.parent else "1")
    with contextlib.closing(open_project(cloud, 1)) as project:
        response = project.get(asked, list(query.items())).document
    assert without_null(read(client, operation.path, **query, **parameters)) == without_null(response)
    assert not operation.key or response[operation.key]


def test_each_user_name_finds_the_desktops_that_the_sdk_finds(cloud: Simulator) -> None:
    """Each name in a query of its own, so that one that is encoded wrongly finds no desktop."""
    client, count = sdk(cloud), 0

    def by_name(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(found, key=lambda desktop: (desktop["desktop_name"], desktop["desktop_id"]))

    everything = by_name(desktops_of(client))
    assert ours(cloud, connect_desktops)["desktops"] == everything
    for user in cloud.project()["users"]:
        result = ours(cloud, connect_desktops, user_names=[user["user_name"]])
        assert result["desktops"] == by_name(desktops_of(client, user_names=[user["user_name"]]))
        assert bool(result["desktops"]) != (result["unmatched_user_names"] == [user["user_name"]])
        count += len(result["desktops"])
    assert count >= len(everything) - sum(not desktop["attach_users"] for desktop in everything)


def test_a_total_that_counts_other_tasks_hides_none(cloud: Simulator) -> None:
    cloud.behave(total_meaning="project", clamp=3)
    assert len(ours(cloud, scheduled_tasks)["tasks"]) == 7


#: Module -> the path and the key of its records in the API.
RECORDS = {
    "workspace_connect_desktops_info": ("connect-desktops", "desktops"),
    "workspace_desktop_info": ("desktops/detail", "desktops"),
    "workspace_desktop_pool_info": ("desktop-pools/statistics/by-users", "users"),
    "workspace_login_record_info": ("connections/desktops", "records"),
    "workspace_pool_info": ("desktop-pools", "desktop_pools"),
    "workspace_scheduled_task_info": ("scheduled-tasks", "scheduled_tasks"),
    "workspace_user_info": ("users", "users"),
}
#: Documented fields that the collection adds, renames or takes from other operations.
ADDED = {"authorized_objects", "connected_at", "desktops", "desktops_free", "duration", "enabled", "ended_at", "groups"}
ADDED |= {"failure_reason", "idle_days", "last_used_at", "last_user_name", "next_execution_at", "pool_id", "pool_name"}
ADDED |= {"apply_objects", "force_execute", "user"}
#: The fields of other records that are used.
USED = {
    ("desktop-pools/{}/users", "objects"): {"object_type", "object_id", "object_name", "domain", "user_group"},
    ("desktops", "desktops"): {"desktop_id", "pool_id"},
    ("groups", "user_groups"): {"id", "name", "domain"},
    ("groups/{}/users", "users"): {"id", "user_name"},
    ("scheduled-tasks/{}",): {"id", "force_execute", "apply_objects"},
    ("statistics/metrics/desktops", "items"): {"resource_id", "latest_connect_username", "metric"},
    ("upgrade-task/{}",): {"id", "is_force_execute"},
    ("upgrade-task/{}/apply-objects", "apply_objects"): {"object_type", "object_id", "object_name"},
    ("upgrade-tasks", "tasks"): {"is_enable", "last_execute_status", "next_execute_time", "task_type", "timezone"},
}


def check_types(documented: dict[str, Any], path: str, *lists: str) -> None:
    """Each documented field, at any depth, has the name and the type of the SDK's model."""
    model = fields(path, *lists)
    for name, about in documented.items():
        if name not in ADDED and (path, name) != ("desktop-pools/statistics/by-users", "user_name"):
            kind = re.sub(r"[\[(].*", "", model[name])
            assert about["type"] in (kind if kind in ("str", "int", "bool", "list") else "dict", "raw"), name
            if "contains" in about:
                check_types(about["contains"], path, *lists, name)


@pytest.mark.parametrize("module", RECORDS)
def test_documented_fields_are_those_of_the_sdk(module: str) -> None:
    returned = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").RETURN)
    check_types(next(about["contains"] for about in returned.values() if "contains" in about), *RECORDS[module])


def test_the_fields_of_other_records_are_those_of_the_sdk() -> None:
    assert {path: used - fields(*path).keys() for path, used in USED.items() if used - fields(*path).keys()} == {}
