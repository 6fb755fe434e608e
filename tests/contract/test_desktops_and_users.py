# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters and options of desktops and users, compared with the records of the simulator."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import desktops, users
from simulator.client import Simulator
from support.projects import open_project

# The unit tests cover the same lines, and counting them takes half of the time.
pytestmark = pytest.mark.no_cover

#: Behaviours of the service that must not change results.
SERVICES: dict[str, dict[str, Any]] = {
    "as documented": {},
    "fuzzy, in small pages": {"fuzzy": True, "clamp": 60},
    "counting the whole project": {"total_meaning": "project"},
    "ignoring most filters": {
        "ignore_filters": ["user_names", "computer_names", "user_attached", "status", "disabled"],
    },
}


FLEET = {"desktops": 260, "users": 230, "pools": 6}


def read(cloud: Simulator, operation: ModuleType, **options: Any) -> dict[str, Any]:
    """The result of the collection."""
    given = {name: about.get("default") for name, about in operation.ARGUMENTS.items()}
    with contextlib.closing(open_project(cloud, 4)) as project:
        result: dict[str, Any] = operation.prepare({**given, **options})(project)
        return result


def detail(cloud: Simulator, **options: Any) -> dict[str, Any]:
    return read(cloud, desktops, **options)


def directory(cloud: Simulator, **options: Any) -> dict[str, Any]:
    return read(cloud, users, **options)


def by_name(records: list[dict[str, Any]], name: str, identity: str) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: (record[name], record[identity]))


def names_of(record: dict[str, Any]) -> set[str]:
    return {user["user_name"] for user in record["attach_user_infos"]}


# Filters, alone and together, whatever the service makes of them


DESKTOP_FILTERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], Any]]] = [
    ({}, lambda one: True),
    ({"user_names": ["alice", "carol", "nobody"]}, lambda one: names_of(one) & {"alice", "carol"}),
    ({"computer_names": ["desk-00000", "desk-00005"]}, lambda one: one["computer_name"][5:] in ("00000", "00005")),
    ({"status": ["SHUTOFF"]}, lambda one: one["status"] == "SHUTOFF"),
    ({"status": ["ERROR", "HIBERNATED"]}, lambda one: one["status"] in ("ERROR", "HIBERNATED")),
    (
        {"status": ["ACTIVE"], "login_status": ["UNREGISTER"]},
        lambda one: (one["status"], one["login_status"]) == ("ACTIVE", "UNREGISTER"),
    ),
    (
        {"tags": {"owner": "it", "department": "cad"}},
        lambda one: [tag["value"] for tag in one["tags"]] == ["cad", "it"],
    ),
    ({"in_maintenance_mode": True}, lambda one: one["in_maintenance_mode"]),
    ({"user_attached": False}, lambda one: not one["attach_user_infos"]),
    (
        {
            "user_names": ["alice", "carol"],
            "login_status": ["REGISTERED", "DISCONNECTED"],
            "enterprise_project_id": "0",
        },
        lambda one: names_of(one) & {"alice", "carol"} and one["login_status"] in ("REGISTERED", "DISCONNECTED"),
    ),
]


@pytest.mark.parametrize("service", SERVICES)
def test_desktops_match_exactly(cloud: Simulator, service: str) -> None:
    held = by_name(cloud.records()["desktops/detail"], "computer_name", "desktop_id")
    cloud.behave(**SERVICES[service])
    for options, matches in DESKTOP_FILTERS:
        expected = [record["desktop_id"] for record in held if matches(record)]
        found = detail(cloud, **options)
        assert [record["desktop_id"] for record in found["desktops"]] == expected
        assert found["total_count"] == len(expected) > 0
        assert sum(found["status_counts"].values()) == sum(found["login_status_counts"].values()) == len(expected)
        assert found["unmatched_user_names"] == [name for name in options.get("user_names") or [] if name == "nobody"]


USER_FILTERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], Any]]] = [
    ({}, lambda one: True),
    ({"user_names": ["alice", "carol", "nobody"]}, lambda one: one["user_name"] in ("alice", "carol")),
    ({"group_name": "grp-研发"}, lambda one: "grp-研发" in one["group_names"]),
    ({"disabled": True}, lambda one: one["disabled"]),
    ({"locked": True}, lambda one: one["locked"]),
    ({"disabled": False, "locked": False}, lambda one: not one["disabled"] and not one["locked"]),
]


@pytest.mark.parametrize("service", SERVICES)
def test_users_match_exactly(cloud: Simulator, service: str) -> None:
    held = by_name(cloud.records()["users"], "user_name", "id")
    cloud.behave(**SERVICES[service])
    for options, matches in USER_FILTERS:
        expected = [record["id"] for record in held if matches(record)]
        found = directory(cloud, **options)
        assert [record["id"] for record in found["users"]] == expected
        assert found["total_count"] == len(expected) > 0
        assert found["unmatched_user_names"] == [name for name in options.get("user_names") or [] if name == "nobody"]
        assert (
            {record["user_email"] for record in found["users"]}
            == {record["user_phone"] for record in found["users"]}
            == {None}
        )


@pytest.mark.parametrize("fuzzy", [False, True])
def test_hundreds_of_names_and_ids_in_batches(cloud: Simulator, fuzzy: bool) -> None:
    records = cloud.records()
    everybody = [user["user_name"] for user in records["users"]]
    ids = [record["desktop_id"] for record in records["desktops/detail"]][:250]
    cloud.behave(fuzzy=fuzzy)
    assert directory(cloud, user_names=[*everybody, "nobody"])["unmatched_user_names"] == ["nobody"]
    assert {one["desktop_id"] for one in detail(cloud, desktop_ids=[*ids, "none"])["desktops"]} == set(ids)
    cloud.clear()
    found = detail(cloud, user_names=everybody, desktop_ids=ids)
    assert {one["desktop_id"] for one in found["desktops"]} == {
        record["desktop_id"]
        for record in records["desktops/detail"]
        if record["desktop_id"] in ids and names_of(record) & set(everybody)
    }
    for request in cloud.requests():
        keys = [key for key, _value in request["query"]]
        assert "user_names" not in keys
        assert keys.count("desktop_id") <= 100


def test_pools_of_desktops(cloud: Simulator) -> None:
    records = cloud.records()
    names = {pool["id"]: pool["name"] for pool in records["desktop-pools"]}
    held = {one["desktop_id"]: (one["pool_id"], names.get(one["pool_id"])) for one in records["desktops"]}
    some = list(held)[:40]
    for options, expected in (({}, held), ({"desktop_ids": some}, {one: held[one] for one in some})):
        found = detail(cloud, pools=True, **options)["desktops"]
        assert {one["desktop_id"]: (one["pool_id"], one["pool_name"]) for one in found} == expected
    assert "pool_id" not in detail(cloud, desktop_ids=some)["desktops"][0]
    of_pools = {name: {one for one, pool in held.items() if pool[1] == name} for name in names.values()}
    for name, expected_ids in of_pools.items():
        found = detail(cloud, pool_names=[name.upper()])["desktops"]
        assert {one["desktop_id"] for one in found} == expected_ids
        assert {one["pool_name"] for one in found} <= {name}


def test_a_changing_list_of_details_is_read_completely(cloud: Simulator) -> None:
    before = {record["desktop_id"] for record in cloud.records()["desktops/detail"]}
    cloud.behave(clamp=100, churn={"add": 1, "remove": 1, "flip": 2, "times": 5})
    found = {record["desktop_id"] for record in detail(cloud)["desktops"]}
    churn = cloud.project()["churn"]
    assert churn["removed"]
    assert found >= before - set(churn["removed"])
