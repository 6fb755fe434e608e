# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's SDK and the collection read the same records from the same simulator."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    WORKSPACE_REGIONS,
    default_endpoint,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import (
    connect_desktops,
    desktops,
    login_records,
    pools,
    scheduled_tasks,
    user_pools,
    users,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.operations import OPERATIONS
from huaweicloudsdkworkspace.v2.region.workspace_region import WorkspaceRegion
from simulator.client import Simulator
from support.projects import open_project
from support.sdk import SDK_WARNINGS, desktops_of, read, sdk, without_null

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


def test_lists_have_the_records_that_the_sdk_reads(cloud: Simulator) -> None:
    client = sdk(cloud)
    theirs = {path: read(client, path, limit=limit) for path, limit in (("desktops/detail", 500), ("users", 500))}
    found = ours(cloud, desktops)["desktops"]
    # Always returned, and empty if the API does not return it.
    expected = [{**record, "security_groups": []} for record in theirs["desktops/detail"]["desktops"]]
    assert without_null(found) == without_null(
        sorted(expected, key=lambda one: (one["computer_name"], one["desktop_id"]))
    )
    found = ours(cloud, users, contact_details=True)["users"]
    assert found == sorted(theirs["users"]["users"], key=lambda one: (one["user_name"], one["id"]))
    theirs["records"] = read(client, "connections/desktops", limit=1000)
    options = {"within": 1e9, "contact_details": True}
    assert len(ours(cloud, login_records, **options)["records"]) == len(theirs["records"]["records"]) > 150


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


def test_pools_of_users_are_those_that_the_sdk_reads(cloud: Simulator) -> None:
    ids = [user["user_id"] for user in cloud.project()["users"]]
    client, theirs = sdk(cloud), {}
    for start in range(0, len(ids), 10):
        page = read(client, "desktop-pools/statistics/by-users", user_ids=ids[start : start + 10])["users"]
        theirs.update({user["user_id"]: {**user, "user_name": None} for user in page})
    found = ours(cloud, user_pools, user_ids=ids)
    assert found["users"] == [theirs[user_id] for user_id in ids]
    assert found["unmatched_user_ids"] == []
    assert sum(user["desktop_pool_count"] for user in found["users"]) > 0
    assert {user["user_id"]: user for user in ours(cloud, user_pools)["users"]} == theirs


def test_pools_have_the_desktops_and_users_that_the_sdk_reads(cloud: Simulator) -> None:
    found = {pool["id"]: pool for pool in ours(cloud, pools, authorized=True, desktops=True)["pools"]}
    client = sdk(cloud)
    of_pools = [(one.get("pool_id"), one["desktop_id"]) for one in read(client, "desktops", limit=1000)["desktops"]]
    for theirs in read(client, "desktop-pools", limit=100)["desktop_pools"]:
        pool = found.pop(theirs["id"])
        assert pool == {**pool, **theirs}
        assert pool["desktops_free"] == theirs["desktop_count"] - theirs["desktop_used"]
        objects = read(client, "desktop-pools/{pool_id}/users", pool_id=theirs["id"], limit=100)["objects"]
        assert {one["object_id"] for one in pool["authorized_objects"]} == {one["object_id"] for one in objects}
        assert sorted((pool["id"], one["desktop_id"]) for one in pool["desktops"]) == sorted(
            pair for pair in of_pools if pair[0] == pool["id"]
        )
    assert not found


@pytest.mark.parametrize("total_meaning", ["matched", "project"])
def test_tasks_have_the_details_that_the_sdk_reads(cloud: Simulator, total_meaning: str) -> None:
    cloud.behave(total_meaning=total_meaning, clamp=3)
    client, theirs = sdk(cloud), {}
    for query in ({}, {"offset": 3}, {"scheduled_type": "LIFE_CYCLE"}):
        for task in read(client, "scheduled-tasks", **query)["scheduled_tasks"]:
            detail = read(client, "scheduled-tasks/{task_id}", task_id=task["id"])
            theirs[task["id"]] = {**detail, **task, "enabled": task["enable"]}
    for task in read(client, "upgrade-tasks")["tasks"]:
        if task["task_type"] == 0:
            detail = read(client, "upgrade-task/{task_id}", task_id=task["id"])
            objects = read(client, "upgrade-task/{task_id}/apply-objects", task_id=task["id"])["apply_objects"]
            theirs[task["id"]] = {
                **task,
                "task_type": "UPGRADE_AGENT",
                "enabled": bool(task["is_enable"]),
                "next_execution_time": task["next_execute_time"],
                "time_zone": task["timezone"],
                "last_status": task["last_execute_status"],
                "force_execute": bool(detail["is_force_execute"]),
                "apply_objects": objects,
            }
    found = ours(cloud, scheduled_tasks)["tasks"]
    times = ("2025-12-31T17:00:00Z", "2099-11-26T14:30:00Z", "2099-11-26T19:00:00Z", "2099-11-27T17:00:00Z")
    assert [task.pop("next_execution_at") for task in found] == [*times, None, None, None]
    for task in found:
        expected = theirs.pop(task["id"])
        assert task == {key: expected.get(key) for key in task}
    assert not theirs
