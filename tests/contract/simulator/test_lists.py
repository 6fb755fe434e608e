# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desktops in detail, desktops, pools, users and usage: as the vendor's client reads them, and of the same tenant."""

from __future__ import annotations

from typing import Any

import pytest
from contract.simulator.asking import LIST, STATUSES, get, sdk
from huaweicloudsdkworkspace.v2 import (
    ListDesktopPoolsRequest,
    ListDesktopsDetailRequest,
    ListDesktopsRequest,
    ListDesktopUsageMetricRequest,
    ListUsersRequest,
)
from simulator.client import Simulator

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DETAIL, DESKTOPS, USERS, POOLS = "desktops/detail", "desktops", "users", "desktop-pools"
USAGE = "statistics/metrics/desktops"
POOLED_IN_ERROR = {"desktop_type": "POOLED", "status": "ERROR"}
YEAR = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-12-31T00:00:00Z"}

#: Path -> request, method of the client, key of the list, key of the total, what must be asked for.
CALLS: dict[str, tuple[Any, str, str, str, dict[str, Any]]] = {
    DETAIL: (ListDesktopsDetailRequest, "list_desktops_detail", "desktops", "total_count", {}),
    DESKTOPS: (ListDesktopsRequest, "list_desktops", "desktops", "total_count", {}),
    USERS: (ListUsersRequest, "list_users", "users", "total_count", {}),
    POOLS: (ListDesktopPoolsRequest, "list_desktop_pools", "desktop_pools", "total_count", {}),
    USAGE: (ListDesktopUsageMetricRequest, "list_desktop_usage_metric", "items", "count", YEAR),
}


def read(sim: Simulator, path: str, page: int = 100, **filters: Any) -> tuple[list[dict[str, Any]], int]:
    """All pages of a call through the SDK, and the total that the last one reported."""
    kind, method, key, total, needed = CALLS[path]
    found: list[dict[str, Any]] = []
    client = sdk(sim)
    while True:
        place: dict[str, Any] = {"offset": len(found), "limit": page}
        if path == USERS:
            place = {name: str(value) for name, value in place.items()}
        answer = getattr(client, method)(kind(**place, **needed, **filters)).to_json_object()
        found.extend(answer[key])
        if len(answer[key]) < page:
            return found, answer[total]


def plain(value: Any) -> Any:
    """Without nulls, which the SDK leaves out."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", CALLS)
def test_sdk_reads_everything(sim: Simulator, path: str) -> None:
    held = sim.records()[path]
    found, total = read(sim, path)
    assert plain(found) == plain(held)
    assert total == len(held) > 0


def test_every_answer_is_of_the_same_people_and_machines(sim: Simulator) -> None:
    records, project = sim.records(), sim.project()
    seen = {desktop["desktop_id"]: desktop for desktop in project["desktops"]}
    users = {user["user_id"]: user for user in project["users"]}
    pools = {pool["id"]: pool for pool in records[POOLS]}
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
                held = [pool for pool in users[user_id]["desktop_pools"] if pool["is_attached"]]
                assert listed["pool_id"] in [pool["desktop_pool_id"] for pool in held]
    assert not seen
    for pool_id, pool in pools.items():
        own = [desktop for desktop in simple.values() if desktop["pool_id"] == pool_id]
        assert pool["desktop_count"] == len(own)
        assert pool["desktop_used"] == sum(bool(desktop["attach_user_infos"]) for desktop in own)
    for user in records[USERS]:
        own = [
            desktop
            for desktop in simple.values()
            if user["id"] in [entry["user_id"] for entry in desktop["attach_user_infos"]]
        ]
        assert user["total_desktops"] == len(own)


def test_the_tenant_has_something_of_every_kind_that_an_audit_looks_for(sim: Simulator) -> None:
    records = sim.records()
    detail, users, pools = records[DETAIL], records[USERS], records[POOLS]
    assert {desktop["status"] for desktop in detail} == {"ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED"}
    dead = [one for one in detail if (one["status"], one["login_status"]) == ("ACTIVE", "UNREGISTER")]
    assert 0 < len(dead) < 20
    for name in ("in_maintenance_mode", "is_freeze", "tags", "agent_version"):
        assert {bool(desktop[name]) for desktop in detail} == {True, False}
    assert {2, 1} == {desktop["domain_status"] for desktop in detail}
    for name in ("disabled", "locked", "account_expired", "group_names", "total_desktops"):
        assert {bool(user[name]) for user in users} == {True, False}
    known = {user["id"] for user in users}
    assert any(
        entry["type"] == "USER" and entry["user_id"] not in known
        for desktop in detail
        for entry in desktop["attach_user_infos"]
    )
    assert {pool["type"] for pool in pools} == {"DYNAMIC", "STATIC"}
    used = [(pool["desktop_count"], pool["desktop_used"]) for pool in pools]
    assert any(0 < count == taken for count, taken in used)
    assert any(count > taken == 0 for count, taken in used)
    assert len(records[USAGE]) < len(detail)


@pytest.mark.parametrize(
    ("path", "filters", "matches"),
    [
        (DETAIL, {"status": "SHUTOFF"}, lambda one: one["status"] == "SHUTOFF"),
        (DETAIL, {"user_names": ["alice", "张三", "nobody"]}, lambda one: {"alice", "张三"} & set(one["user_list"])),
        (DETAIL, {"user_name": "ALI"}, lambda one: any("ali" in name.lower() for name in one["user_list"])),
        (DETAIL, {"computer_names": ["desk-00000"]}, lambda one: one["computer_name"] == "desk-00000"),
        (DETAIL, {"in_maintenance_mode": True}, lambda one: one["in_maintenance_mode"]),
        (DETAIL, {"user_attached": False}, lambda one: not one["attach_user_infos"]),
        (DETAIL, {"tag": "owner=it,department=cad"}, lambda one: len(one["tags"]) == 2 and "cad" in str(one["tags"])),
        (DETAIL, {"without_any_tag": True}, lambda one: not one["tags"]),
        (DETAIL, {"desktop_type": "POOLED", "status": "ERROR"}, lambda one: POOLED_IN_ERROR.items() <= one.items()),
        (DESKTOPS, {"user_name": ["ALI"]}, lambda one: "alice" in str(one["attach_user_infos"])),
        (POOLS, {"type": "STATIC"}, lambda one: one["type"] == "STATIC"),
        (POOLS, {"in_maintenance_mode": True}, lambda one: one["in_maintenance_mode"]),
        (USERS, {"user_name": "ALI"}, lambda one: "ali" in one["user_name"]),
        (USERS, {"user_names": ["alice", "张三"]}, lambda one: one["user_name"] in ("alice", "张三")),
        (USERS, {"disabled": True}, lambda one: one["disabled"]),
        (USERS, {"group_name": "grp-研发"}, lambda one: "grp-研发" in one["group_names"]),
        (USAGE, {"min_idle_days": 90}, lambda one: one["metric"][1]["metric_value"] >= 90 * 86400),
    ],
)
def test_sdk_filters(sim: Simulator, path: str, filters: dict[str, Any], matches: Any) -> None:
    expected = [record for record in sim.records()[path] if matches(record)]
    found, total = read(sim, path, page=7, **filters)
    assert plain(found) == plain(expected)
    assert total == len(expected) > 0


def test_desktops_by_id_and_by_pool(sim: Simulator) -> None:
    held = sim.records()
    ids = [desktop["desktop_id"] for desktop in held[DETAIL]][10:110]
    assert [one["desktop_id"] for one in read(sim, DETAIL, desktop_id=[*ids[1:], "none"])[0]] == ids[1:]
    wanted = [pool["id"] for pool in held[POOLS][:2]]
    expected = [one["desktop_id"] for one in held[DESKTOPS] if one["pool_id"] in wanted]
    assert [one["desktop_id"] for one in read(sim, DETAIL, pool_id=",".join(wanted))[0]] == expected
    newest = [one["desktop_id"] for one in held[DETAIL]][::-1]
    assert [one["desktop_id"] for one in read(sim, DETAIL, sort_field="created", sort_type="DESC")[0]] == newest


def test_users_without_a_limit_are_all(sim: Simulator) -> None:
    assert len(get(sim, "/users").json()["users"]) == 57
    assert {user["total_desktops"] for user in read(sim, USERS, is_query_total_desktops=False)[0]} == {0}


@pytest.mark.parametrize(
    "path",
    [
        "/desktops/detail?limit=501",
        "/desktops/detail?status=active",
        "/desktops/detail?" + "&".join(f"user_names=u{number}" for number in range(101)),
        "/desktops?limit=1001",
        "/desktop-pools?offset=20001",
        "/users?disabled=yes",
        "/statistics/metrics/desktops?end_time=2026-01-01T00:00:00Z",
        "/statistics/metrics/desktops?start_time=2026-01-01T00:00:00Z&end_time=2026-01-02T00:00:00Z&min_idle_days=181",
    ],
)
def test_what_is_not_allowed_is_a_bad_request(sim: Simulator, path: str) -> None:
    answer = get(sim, path)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "WKS.0001")


def test_the_larger_of_the_two_documented_limits(sim: Simulator) -> None:
    sim.behave(detail_limit=1000)
    assert len(get(sim, "/desktops/detail?limit=1000").json()["desktops"]) == 330


def test_names_can_match_loosely_everywhere(sim: Simulator) -> None:
    sim.behave(fuzzy=True)
    names = [user["user_name"] for user in sim.records()[USERS] if "alice" in user["user_name"]]
    assert len(names) > 1
    assert [user["user_name"] for user in read(sim, USERS, user_names=["ALICE"])[0]] == names
    found = read(sim, DETAIL, user_names=["ALICE"])[0]
    assert {name for desktop in found for name in desktop["user_list"]} >= set(names)
    assert get(sim, LIST, params={"user_names": "ALICE"}).json()["total_count"] == len(found)
    assert len(read(sim, DETAIL, computer_names=["DESK"])[0]) > 100


@pytest.mark.parametrize(("meaning", "total"), [("matched", 2), ("project", 57), ("page", 1)])
def test_a_total_can_mean_one_thing_or_another(sim: Simulator, meaning: str, total: int) -> None:
    sim.behave(total_meaning=meaning)
    answer = get(sim, "/users?user_names=alice&user_names=carol&limit=1").json()
    assert answer["total_count"] == total


def test_filters_can_be_ignored(sim: Simulator) -> None:
    sim.behave(ignore_filters=["disabled", "connect_status"])
    assert len(read(sim, USERS, disabled=True)[0]) == 57
    statuses = {
        desktop["connect_status"] for desktop in get(sim, LIST + "?connect_status=CONNECTED").json()["desktops"]
    }
    assert statuses == set(STATUSES)


@pytest.mark.parametrize("path", CALLS)
def test_every_list_can_be_clamped_shuffled_and_refused(sim: Simulator, path: str) -> None:
    key, total, needed = CALLS[path][2:]
    whole = get(sim, "/" + path, params=needed).json()
    sim.behave(clamp=2, shuffle=path not in (POOLS, USAGE))
    page = get(sim, "/" + path, params=needed).json()
    assert len(page[key]) == 2
    assert page[total] == whole[total]
    sim.behave(refuse=[path])
    answer = get(sim, "/" + path, params=needed)
    assert answer.status_code == 403
    assert "workspace:" in answer.json()["error_msg"]
    assert get(sim, LIST).status_code == 200


def test_addresses_can_be_a_list(sim: Simulator) -> None:
    assert isinstance(get(sim, "/desktops/detail?limit=1").json()["desktops"][0]["addresses"], dict)
    sim.behave(addresses_as_list=True)
    cards = get(sim, "/desktops/detail?limit=1").json()["desktops"][0]["addresses"]
    assert [card["addr"][:7] for card in cards] == ["172.16.", "10.0.0."]


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
