# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's SDK and the collection ask the same simulator: the same data must come to the same answer."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    WORKSPACE_REGIONS,
    default_endpoint,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.statuses import CONNECT_STATUSES
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import (
    connect_desktops,
    login_records,
    pools,
    scheduled_tasks,
    user_pools,
)
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkworkspace.v2 import (
    ListDesktopPoolAuthorizedObjectsRequest,
    ListDesktopPoolsByUsersRequest,
    ListDesktopPoolsRequest,
    ListDesktopsConnectStatusRequest,
    ListDesktopsRequest,
    ListLoginRecordsNewRequest,
    ListScheduledTasksRequest,
    ListTaskApplyObjectsRequest,
    ListUpgradeTasksRequest,
    ShowScheduledTasksRequest,
    ShowUpgradeTaskDetailRequest,
    WorkspaceClient,
)
from huaweicloudsdkworkspace.v2.region.workspace_region import WorkspaceRegion
from simulator.client import Simulator
from support.projects import open_project

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _as_documented(sim: Simulator) -> None:
    """Undo the behaviours of the previous test."""
    sim.behave()


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    """Three hundred desktops of a hundred users, among them every odd name the simulator knows."""
    with Simulator(desktops=300, users=100, pools=7) as found:
        yield found


@pytest.fixture
def sim(shared: Simulator) -> Simulator:
    """The same without what another test made it do."""
    shared.behave()
    return shared


@pytest.fixture(scope="module")
def sdk(shared: Simulator) -> Any:
    """The vendor's client, which looks the project up by itself as ours does."""
    keys = BasicCredentials(shared.info["access_key"], shared.info["secret_key"], shared.info["project_id"])
    return WorkspaceClient.new_builder().with_credentials(keys).with_endpoint(shared.url).build()


def test_the_regions_and_endpoints_are_those_of_the_sdk() -> None:
    of_the_sdk = {name: region.endpoints for name, region in WorkspaceRegion.static_fields.items()}
    # The SDK does not have this region, but the endpoint page of the international site does.
    assert WORKSPACE_REGIONS - set(of_the_sdk) == {"na-mexico-1"}
    for region, endpoints in of_the_sdk.items():
        assert region in WORKSPACE_REGIONS
        assert endpoints == [default_endpoint("workspace", region)]


def ours(sim: Simulator, operation: Any, **options: Any) -> dict[str, Any]:
    """The collection's answer."""
    read = operation.prepare({"offset": None, "limit": None, **options})
    with contextlib.closing(open_project(sim, 4, project_id=None)) as project:
        answer: dict[str, Any] = read(project)
        return answer


def theirs(sdk: Any, **filters: Any) -> list[dict[str, Any]]:
    """The SDK's desktops, page after page."""
    found: list[dict[str, Any]] = []
    for offset in itertools.count(0, 50):
        request = ListDesktopsConnectStatusRequest(limit=50, offset=offset, **filters)
        page = sdk.list_desktops_connect_status(request).to_json_object()["desktops"]
        found += page
        if len(page) < 50:
            return sorted(found, key=lambda desktop: (desktop["desktop_name"], desktop["desktop_id"]))
    raise AssertionError("unreachable")


def test_all_desktops(sim: Simulator, sdk: Any) -> None:
    answer = ours(sim, connect_desktops, user_names=None, connect_status=None)
    assert answer["desktops"] == theirs(sdk)
    assert answer["total_count"] == 300


@pytest.mark.parametrize("status", CONNECT_STATUSES)
def test_desktops_in_a_status(sim: Simulator, sdk: Any, status: str) -> None:
    answer = ours(sim, connect_desktops, user_names=None, connect_status=[status])
    assert answer["desktops"] == theirs(sdk, connect_status=status)
    assert answer["connect_status_counts"][status] == len(answer["desktops"]) > 0


def test_desktops_of_every_user_one_by_one(sim: Simulator, sdk: Any) -> None:
    """Each name by itself, so that an odd one that is encoded wrongly finds nothing."""
    found = 0
    for user in sim.project()["users"]:
        answer = ours(sim, connect_desktops, user_names=[user["user_name"]], connect_status=None)
        assert answer["desktops"] == theirs(sdk, user_names=[user["user_name"]])
        assert bool(answer["desktops"]) != (answer["unmatched_user_names"] == [user["user_name"]])
        found += len(answer["desktops"])
    assert found >= 300 - sum(not desktop["attach_users"] for desktop in theirs(sdk))


def test_pools_of_all_users(sim: Simulator, sdk: Any) -> None:
    ids = [user["user_id"] for user in sim.project()["users"]]
    found: dict[str, Any] = {}
    for start in range(0, len(ids), 10):
        request = ListDesktopPoolsByUsersRequest(user_ids=ids[start : start + 10])
        for user in sdk.list_desktop_pools_by_users(request).to_json_object()["users"]:
            found[user["user_id"]] = {**user, "user_name": None}
    answer = ours(sim, user_pools, user_ids=ids)
    assert answer["users"] == [found[user_id] for user_id in ids]
    assert answer["unmatched_user_ids"] == []
    assert sum(user["desktop_pool_count"] for user in answer["users"]) > 0
    everybody = ours(sim, user_pools, user_ids=None)["users"]
    assert {user["user_id"]: user for user in everybody} == found


def test_pools_with_their_desktops_and_users(sim: Simulator, sdk: Any) -> None:
    asked = {**dict.fromkeys(pools.ARGUMENTS), "authorized": True, "desktops": True}
    found = {pool["id"]: pool for pool in ours(sim, pools, **asked)["pools"]}
    desktops = sdk.list_desktops(ListDesktopsRequest(limit=1000)).to_json_object()["desktops"]
    for told in sdk.list_desktop_pools(ListDesktopPoolsRequest(limit=100)).to_json_object()["desktop_pools"]:
        pool = found.pop(told["id"])
        assert pool == {**pool, **told}
        assert pool["desktops_free"] == told["desktop_count"] - told["desktop_used"]
        request = ListDesktopPoolAuthorizedObjectsRequest(pool_id=told["id"], limit=100)
        objects = sdk.list_desktop_pool_authorized_objects(request).to_json_object()["objects"]
        by_id = {one.pop("object_id"): one for one in pool["authorized_objects"]}
        assert by_id == {one.pop("object_id"): {key: one[key] for key in one if key != "created_at"} for one in objects}
        assert len(objects) > 1
        mine = [desktop["desktop_id"] for desktop in desktops if desktop.get("pool_id") == told["id"]]
        assert {desktop["desktop_id"] for desktop in pool["desktops"]} == set(mine)
        assert len(mine) == told["desktop_count"]
    assert not found


@pytest.mark.parametrize("total_meaning", ["matched", "project"])
def test_tasks_with_their_details(sim: Simulator, sdk: Any, total_meaning: str) -> None:
    sim.behave(total_meaning=total_meaning, clamp=3)
    tasks: dict[str, Any] = {}
    for filters in ({}, {"scheduled_type": "LIFE_CYCLE"}):
        for offset in (0, 3):
            request = ListScheduledTasksRequest(limit=50, offset=offset, **filters)
            for task in sdk.list_scheduled_tasks(request).to_json_object()["scheduled_tasks"]:
                detail = sdk.show_scheduled_tasks(ShowScheduledTasksRequest(task["id"])).to_json_object()
                tasks[task["id"]] = {**detail, **task, "enabled": task["enable"]}
    for task in sdk.list_upgrade_tasks(ListUpgradeTasksRequest(limit=50)).to_json_object()["tasks"]:
        if task["task_type"] == 0:
            renamed: dict[str, Any] = {
                "task_type": "UPGRADE_AGENT",
                "enabled": bool(task["is_enable"]),
                "next_execution_time": task["next_execute_time"],
                "time_zone": task["timezone"],
                "last_status": task["last_execute_status"],
            }
            detail = sdk.show_upgrade_task_detail(ShowUpgradeTaskDetailRequest(task["id"])).to_json_object()
            applied = sdk.list_task_apply_objects(ListTaskApplyObjectsRequest(task["id"])).to_json_object()
            renamed["force_execute"] = bool(detail["is_force_execute"])
            tasks[task["id"]] = {**task, **renamed, "apply_objects": applied["apply_objects"]}
    found = ours(
        sim, scheduled_tasks, task_types=None, due_within=None, triggered=True, enabled=None, skip_refused=False
    )
    assert [task["next_execution_at"] for task in found["tasks"]] == [
        *("2025-12-31T17:00:00Z", "2099-11-26T14:30:00Z", "2099-11-26T19:00:00Z", "2099-11-27T17:00:00Z"),
        *(None, None, None),
    ]
    for task in found["tasks"]:
        del task["next_execution_at"]
        told = tasks.pop(task["id"])
        assert task == {key: told.get(key) for key in task}
    assert not tasks


def test_login_records(sim: Simulator, sdk: Any) -> None:
    theirs = [
        record
        for offset in range(0, 1000, 100)
        for record in sdk.list_login_records_new(ListLoginRecordsNewRequest(limit=100, offset=offset)).to_json_object()[
            "records"
        ]
    ]
    options = {name: option.get("default") for name, option in login_records.ARGUMENTS.items()}
    found = ours(sim, login_records, **{**options, "within": 1e9, "contact_details": True})["records"]
    key = ("connection_start_time", "transaction_id")
    assert len(found) == len(theirs) > 250
    for ours_, record in zip(*(sorted(some, key=lambda row: [row[name] for name in key]) for some in (found, theirs))):
        del record["tenantId"]
        assert ours_["user"] == record.pop("user_name")
        assert {name: ours_[name] for name in record} == record
    assert {bool(record["failure_reason"]) for record in found} == {True, False}
    assert {bool(record["ended_at"]) for record in found} == {True, False}
