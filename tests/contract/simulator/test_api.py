# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations as the vendor's client reads them, and the rules of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkworkspace.v2 import (
    ListDesktopPoolsByUsersRequest,
)
from simulator.client import Simulator
from simulator.seed import ODD_NAMES

if TYPE_CHECKING:
    pass
from contract.simulator.asking import LIST, POOLS, STATUSES, desktops_by_sdk, get, sdk

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# What the vendor's client reads


def test_sdk_reads_the_whole_fleet(sim: Simulator) -> None:
    held = sim.project()["desktops"]
    found, total = desktops_by_sdk(sdk(sim))
    assert found == held
    assert total == len(held) == 330


def test_sdk_reads_every_project_with_its_own_fleet(sim: Simulator) -> None:
    fleets = []
    for project in sim.info["projects"]:
        found, _total = desktops_by_sdk(sdk(sim, project_id=project["id"]))
        assert found == sim.project(project["id"])["desktops"]
        fleets.append({desktop["desktop_id"] for desktop in found})
    assert len(fleets) == 3
    assert not fleets[0] & fleets[1]
    assert sim.info["regions"] == ["cn-north-4", "cn-east-3", "cn-south-1"]


@pytest.mark.parametrize("status", STATUSES)
def test_sdk_filters_by_status(sim: Simulator, status: str) -> None:
    expected = [desktop for desktop in sim.project()["desktops"] if desktop["connect_status"] == status]
    found, total = desktops_by_sdk(sdk(sim), connect_status=status)
    assert found == expected
    assert total == len(expected) > 0


@pytest.mark.parametrize("name", ODD_NAMES)
def test_sdk_filters_by_odd_name(sim: Simulator, name: str) -> None:
    expected = [
        desktop
        for desktop in sim.project()["desktops"]
        if any(entry["name"] == name for entry in desktop["attach_users"])
    ]
    found, total = desktops_by_sdk(sdk(sim), user_names=[name])
    assert found == expected
    assert total == len(expected) > 0


def test_sdk_filters_by_many_names_and_a_status_at_once(sim: Simulator) -> None:
    names = [*[user["user_name"] for user in sim.project()["users"]][:40], "nobody", "alice,bob", "ALICE"]
    expected = [
        desktop
        for desktop in sim.project()["desktops"]
        if desktop["connect_status"] == "CONNECTED" and any(entry["name"] in names for entry in desktop["attach_users"])
    ]
    found, total = desktops_by_sdk(sdk(sim), limit=7, user_names=names, connect_status="CONNECTED")
    assert found == expected
    assert total == len(expected) > 7


def test_names_are_compared_exactly_unless_told_otherwise(sim: Simulator) -> None:
    assert get(sim, LIST, params={"user_names": "ALICE"}).json() == {"desktops": [], "total_count": 0}
    sim.behave(ignore_case=True)
    assert (
        get(sim, LIST, params={"user_names": "ALICE"}).json() == get(sim, LIST, params={"user_names": "alice"}).json()
    )


def test_sdk_reads_the_pools_of_all_users(sim: Simulator) -> None:
    held = sim.project()["users"]
    client = sdk(sim)
    found: list[dict[str, Any]] = []
    while True:
        request = ListDesktopPoolsByUsersRequest(offset=len(found), limit=10)
        answer = client.list_desktop_pools_by_users(request).to_json_object()
        assert set(answer) == {"users"}
        found.extend(answer["users"])
        if len(answer["users"]) < 10:
            break
    expected = [{key: user[key] for key in ("user_id", "desktop_pool_count", "desktop_pools")} for user in held]
    assert found == expected
    assert len(found) == 57


def test_sdk_reads_the_pools_of_some_users(sim: Simulator) -> None:
    held = sim.project()["users"]
    wanted = [held[20]["user_id"], held[3]["user_id"], "no-such-user", held[3]["user_id"], held[9]["user_id"]]
    answer = sdk(sim).list_desktop_pools_by_users(ListDesktopPoolsByUsersRequest(user_ids=wanted)).to_json_object()
    assert [user["user_id"] for user in answer["users"]] == [held[place]["user_id"] for place in (3, 9, 20)]
    assert answer["users"][0]["desktop_pools"] == held[3]["desktop_pools"] == []


def test_a_page_is_ten_users_or_a_hundred_desktops_when_nobody_says(sim: Simulator) -> None:
    assert len(get(sim, POOLS).json()["users"]) == 10
    assert len(get(sim, LIST).json()["desktops"]) == 100


def test_a_limit_of_zero_gives_an_empty_page(sim: Simulator) -> None:
    assert get(sim, LIST + "?limit=0").json() == {"desktops": [], "total_count": 330}
    assert get(sim, POOLS + "?limit=0").json() == {"users": []}


def test_the_tenant_holds_every_kind_of_desktop_user_and_pool(sim: Simulator) -> None:
    project = sim.project()
    attached = [desktop["attach_users"] for desktop in project["desktops"]]
    names = [desktop["desktop_name"] for desktop in project["desktops"]]
    memberships = [pool for user in project["users"] for pool in user["desktop_pools"]]
    attached_pools = {pool["desktop_pool_id"] for pool in memberships if pool["is_attached"]}
    known_pools = {pool["desktop_pool_id"] for pool in memberships}
    assert [] in attached
    assert any(len(entries) > 1 for entries in attached)
    assert {entry["type"] for entries in attached for entry in entries} == {"USER", "GROUP"}
    assert len(set(names)) < len(names)
    assert {desktop["connect_status"] for desktop in project["desktops"]} == set(STATUSES)
    assert any(not user["desktop_pools"] for user in project["users"])
    assert attached_pools
    assert known_pools - attached_pools
    assert set(ODD_NAMES) <= {user["user_name"] for user in project["users"]}


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
    ],
)
def test_what_the_page_does_not_allow_is_a_bad_request(sim: Simulator, path: str) -> None:
    answer = get(sim, path)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error_code", "error_msg", "error_detail", "encoded_authorization_message"}
    assert answer.json()["error_code"].startswith("WKS.")


def test_the_bounds_themselves_are_allowed(sim: Simulator) -> None:
    names = "&".join(f"user_names=u{number}" for number in range(100))
    for path in (LIST + "?offset=2000&limit=2000", LIST + "?" + names, POOLS + "?offset=99999&limit=10"):
        assert get(sim, path).status_code == 200


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


def test_a_foreign_project_is_forbidden(sim: Simulator) -> None:
    with pytest.raises(ClientRequestException) as caught:
        desktops_by_sdk(sdk(sim, project_id="f" * 32))
    assert (caught.value.status_code, caught.value.error_code) == (403, "APIGW.0302")


def test_a_project_header_that_is_not_the_path_s_is_forbidden(sim: Simulator) -> None:
    answer = get(sim, LIST, headers={"X-Project-Id": sim.info["projects"][1]["id"]})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "APIGW.0302")


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
