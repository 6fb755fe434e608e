# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations as the vendor's client reads them, all of the same tenant, and the rules of the API."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from huaweicloudsdkworkspace import v2
from simulator.client import Simulator
from simulator.seed import ODD_NAMES
from support.requests_to_simulator import LIST, POOLS, SDK_WARNINGS, STATUSES, desktops_by_sdk, get, sdk

pytestmark = SDK_WARNINGS

CONNECT, DETAIL, DESKTOPS, USERS = "connect-desktops", "desktops/detail", "desktops", "users"
GROUPS, DESKTOP_POOLS, USAGE, BY_USERS = (
    "groups",
    "desktop-pools",
    "statistics/metrics/desktops",
    "desktop-pools/statistics/by-users",
)
TASKS, UPGRADES, LOGINS = "scheduled-tasks", "upgrade-tasks", "connections/desktops"
YEAR = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-12-31T00:00:00Z"}

#: Path -> request, method of the client, key of the list, key of the total, what must be asked for.
CALLS: dict[str, tuple[Any, str, str, str, dict[str, Any]]] = {
    CONNECT: (v2.ListDesktopsConnectStatusRequest, "list_desktops_connect_status", "desktops", "total_count", {}),
    BY_USERS: (v2.ListDesktopPoolsByUsersRequest, "list_desktop_pools_by_users", "users", "", {}),
    DETAIL: (v2.ListDesktopsDetailRequest, "list_desktops_detail", "desktops", "total_count", {}),
    DESKTOPS: (v2.ListDesktopsRequest, "list_desktops", "desktops", "total_count", {}),
    USERS: (v2.ListUsersRequest, "list_users", "users", "total_count", {}),
    DESKTOP_POOLS: (v2.ListDesktopPoolsRequest, "list_desktop_pools", "desktop_pools", "total_count", {}),
    USAGE: (v2.ListDesktopUsageMetricRequest, "list_desktop_usage_metric", "items", "count", YEAR),
    TASKS: (v2.ListScheduledTasksRequest, "list_scheduled_tasks", "scheduled_tasks", "total_count", {}),
    UPGRADES: (v2.ListUpgradeTasksRequest, "list_upgrade_tasks", "tasks", "total", {}),
    LOGINS: (v2.ListLoginRecordsNewRequest, "list_login_records_new", "records", "total_count", {}),
    GROUPS: (v2.ListUserGroupsRequest, "list_user_groups", "user_groups", "total_count", {}),
}


def held(sim: Simulator, path: str) -> list[dict[str, Any]]:
    """Everything that an operation may show."""
    project = sim.project()
    if path == BY_USERS:
        return [{key: value for key, value in user.items() if key != "user_name"} for user in project["users"]]
    records: list[dict[str, Any]] = project["desktops"] if path == CONNECT else sim.records()[path]
    return records


def read(sim: Simulator, path: str, page: int = 10, **filters: Any) -> tuple[list[dict[str, Any]], int]:
    """All pages of a call through the SDK, and the total that the last one reported, if it does."""
    kind, method, key, total, needed = CALLS[path]
    found: list[dict[str, Any]] = []
    client = sdk(sim)
    while True:
        place: dict[str, Any] = {"offset": len(found), "limit": page}
        if path in (USERS, GROUPS):
            place = {name: str(value) for name, value in place.items()}
        answer = getattr(client, method)(kind(**place, **needed, **filters)).to_json_object()
        found.extend(answer[key])
        if len(answer[key]) < page:
            return found, answer[total] if total else len(found)


def plain(value: Any) -> Any:
    """Without nulls, which the SDK leaves out."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    return [plain(item) for item in value] if isinstance(value, list) else value


def names_of(desktop: dict[str, Any]) -> set[str]:
    attached = desktop["attach_users"] if "attach_users" in desktop else desktop["attach_user_infos"]
    return {entry.get("name", entry.get("user_name")) for entry in attached}


# What the vendor's client reads


@pytest.mark.parametrize("path", CALLS)
def test_sdk_reads_everything(sim: Simulator, path: str) -> None:
    expected = held(sim, path)
    found, total = read(sim, path)
    assert plain(found) == plain(expected)
    assert total == len(expected) > 0


def test_sdk_reads_the_members_of_each_group(sim: Simulator) -> None:
    for group in sim.records()[GROUPS]:
        found = sdk(sim).list_users_of_group(v2.ListUsersOfGroupRequest(group_id=group["id"])).to_json_object()
        members = [user for user in sim.records()[USERS] if group["name"] in user["group_names"]]
        assert [user["id"] for user in found["users"]] == [user["id"] for user in members]
        assert group["user_quantity"] == found["total_count"] == len(members) > 0


def test_sdk_reads_every_project_with_its_own_fleet(sim: Simulator) -> None:
    fleets = []
    for project in sim.info["projects"][:3]:
        found, _total = desktops_by_sdk(sdk(sim, project_id=project["id"]))
        assert found == sim.project(project["id"])["desktops"]
        fleets.append({desktop["desktop_id"] for desktop in found})
    assert len(set.union(*fleets)) == 990
    assert sim.info["regions"][:3] == ["cn-north-4", "cn-east-3", "cn-south-1"]


MANY_NAMES = [*ODD_NAMES[:19], *(f"alice{number}" for number in range(12, 36)), "nobody", "alice,bob", "ALICE"]
ALICE_AND_ZHANG = ["alice", "张三", "nobody"]


@pytest.mark.parametrize(
    ("path", "filters", "matches"),
    [
        *((CONNECT, {"connect_status": one}, lambda row, one=one: row["connect_status"] == one) for one in STATUSES),
        *((CONNECT, {"user_names": [name]}, lambda row, name=name: name in names_of(row)) for name in ODD_NAMES),
        (
            CONNECT,
            {"user_names": MANY_NAMES, "connect_status": "CONNECTED"},
            lambda row: row["connect_status"] == "CONNECTED" and names_of(row) & set(MANY_NAMES),
        ),
        (DETAIL, {"status": "SHUTOFF"}, lambda row: row["status"] == "SHUTOFF"),
        (DETAIL, {"user_names": ALICE_AND_ZHANG}, lambda row: set(ALICE_AND_ZHANG) & names_of(row)),
        (DETAIL, {"computer_names": ["desk-00000"]}, lambda row: row["computer_name"] == "desk-00000"),
        (DETAIL, {"in_maintenance_mode": True}, lambda row: row["in_maintenance_mode"]),
        (DETAIL, {"user_attached": False}, lambda row: not row["attach_user_infos"]),
        (DESKTOPS, {"status": "SHUTOFF"}, lambda row: row["status"] == "SHUTOFF"),
        (DESKTOP_POOLS, {"type": "STATIC"}, lambda row: row["type"] == "STATIC"),
        (USERS, {"user_name": "ALI"}, lambda row: "ali" in row["user_name"]),
        (USERS, {"user_names": ALICE_AND_ZHANG}, lambda row: row["user_name"] in ALICE_AND_ZHANG),
        (USERS, {"disabled": True}, lambda row: row["disabled"]),
        (USERS, {"group_name": "grp-研发"}, lambda row: "grp-研发" in row["group_names"]),
    ],
)
def test_sdk_filters(sim: Simulator, path: str, filters: dict[str, Any], matches: Any) -> None:
    expected = [record for record in held(sim, path) if matches(record)]
    found, total = read(sim, path, page=70, **filters)
    assert plain(found) == plain(expected)
    assert total == len(expected) > 0


def test_what_is_asked_for_by_id_comes_in_the_tenants_order(sim: Simulator) -> None:
    users = [user["user_id"] for user in held(sim, BY_USERS)]
    wanted = [users[20], users[3], "no-such-user", users[3], users[9]]
    assert [user["user_id"] for user in read(sim, BY_USERS, user_ids=wanted)[0]] == [users[3], users[9], users[20]]
    ids = [desktop["desktop_id"] for desktop in held(sim, DETAIL)][10:110]
    assert [one["desktop_id"] for one in read(sim, DETAIL, desktop_id=[*ids[:0:-1], "none"])[0]] == ids[1:]


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        (LIST, 100),
        (POOLS, 10),
        ("/users", 57),
        ("/desktops/detail", 330),
        (LIST + "?limit=0", 0),
        (POOLS + "?limit=0", 0),
        (LIST + "?offset=2000&limit=2000", 0),
        (LIST + "?" + "&".join(f"user_names=u{number}" for number in range(100)), 0),
        (POOLS + "?offset=99999&limit=10", 0),
        (LIST + "?user_names=ALICE", 0),
    ],
)
def test_how_much_is_on_a_page(sim: Simulator, path: str, counts: int) -> None:
    answer = get(sim, path)
    assert answer.status_code == 200
    assert len(next(iter(answer.json().values()))) == counts


# What there is to be found


def test_every_answer_is_of_the_same_people_and_machines(sim: Simulator) -> None:
    records, project = sim.records(), sim.project()
    seen = {desktop["desktop_id"]: desktop for desktop in project["desktops"]}
    users = {user["user_id"]: user for user in project["users"]}
    pools = {pool["id"]: pool for pool in records[DESKTOP_POOLS]}
    simple = {desktop["desktop_id"]: desktop for desktop in records[DESKTOPS]}
    assert [user["id"] for user in records[USERS]] == list(users)
    for desktop in records[DETAIL]:
        shown, listed = seen.pop(desktop["desktop_id"]), simple[desktop["desktop_id"]]
        assert desktop["computer_name"] == listed["computer_name"] == shown["desktop_name"]
        assert desktop["login_status"] == listed["connect_status"] == shown["connect_status"]
        assert desktop["ipv4"] == listed["ip_address"] == desktop["ip_addresses"][1] != desktop["ip_addresses"][0]
        people = [(entry["user_id"], entry["user_name"]) for entry in desktop["attach_user_infos"]]
        assert people == [(entry["id"], entry["name"]) for entry in shown["attach_users"]]
        assert (desktop["desktop_type"] == "POOLED") == (listed["pool_id"] in pools)
        for user_id, _name in people[:1]:
            if user_id in users and listed["pool_id"]:
                given = [pool for pool in users[user_id]["desktop_pools"] if pool["is_attached"]]
                assert listed["pool_id"] in [pool["desktop_pool_id"] for pool in given]
    assert not seen
    for pool_id, pool in pools.items():
        own = [desktop for desktop in simple.values() if desktop["pool_id"] == pool_id]
        assert pool["desktop_count"] == len(own)
        assert pool["desktop_used"] == sum(bool(desktop["attach_user_infos"]) for desktop in own)
    for user in records[USERS]:
        own = [one for one in simple.values() if user["id"] in [who["user_id"] for who in one["attach_user_infos"]]]
        assert user["total_desktops"] == len(own)


# What is refused


@pytest.mark.parametrize(
    "path",
    [
        LIST + "?offset=2001",
        LIST + "?offset=-1",
        LIST + "?limit=2001",
        LIST + "?limit=ten",
        LIST + "?limit=",
        LIST + "?limit=5&limit=6",
        LIST + "?connect_status=connected",
        LIST + "?connect_status=",
        LIST + "?connect_status=CONNECTED&connect_status=REGISTERED",
        LIST + "?" + "&".join(f"user_names=u{number}" for number in range(101)),
        POOLS + "?limit=11",
        POOLS + "?offset=-1",
        "/desktops/detail?limit=501",
        "/desktops/detail?status=active",
        "/desktops/detail?" + "&".join(f"user_names=u{number}" for number in range(101)),
        "/desktops?limit=1001",
        "/desktop-pools?offset=20001",
        "/users?disabled=yes",
        "/statistics/metrics/desktops?end_time=2026-01-01T00:00:00Z",
        "/scheduled-tasks?limit=51",
        "/upgrade-tasks?limit=101",
        "/connections/desktops?limit=1001",
        "/connections/desktops?start_time=2026-01-01T00:00Z",
        "/connections/desktops?start_time=2026-01-01T00:00:00Z&end_time=2026-02-01T00:00:00Z",
    ],
)
def test_what_the_page_does_not_allow_is_a_bad_request(sim: Simulator, path: str) -> None:
    answer = get(sim, path)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "WKS.0001")
    assert set(answer.json()) == {"error_code", "error_msg", "error_detail", "encoded_authorization_message"}


def test_a_request_line_over_8000_bytes_is_too_long(sim: Simulator) -> None:
    def line(length: int) -> str:
        path = "/v2/{}{}?user_names=".format(sim.info["project_id"], LIST)
        return path + "n" * (length - len("GET  HTTP/1.1") - len(path))

    assert get(sim, line(8000)).status_code == 200
    answer = get(sim, line(8001))
    assert (answer.status_code, answer.json()["error_code"]) == (414, "APIGW.0201")


@pytest.mark.parametrize("path", ["/v2/p/desktops-pools/statistics/by-users", "/v2/p/desktops/x", "/v9", "/v3/users"])
def test_an_unknown_path_is_not_published(sim: Simulator, path: str) -> None:
    answer = get(sim, path)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "APIGW.0101")
    assert requests.post(sim.url + path, timeout=20).status_code == 404
