# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator can be told to do all the time."""

from __future__ import annotations

import time
from typing import Any

import pytest
from simulator.client import Simulator
from support.requests_to_simulator import LIST, POOLS, get, send_signed

DETAIL, USERS = "/desktops/detail", "/users"
ALICES = USERS + "?user_names=alice&user_names=carol&limit=1"


def rows(sim: Simulator, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(iter(get(sim, path).json().values()))
    return found


@pytest.mark.parametrize(
    ("behaviour", "path", "expected"),
    [
        ({"clamp": 30}, LIST + "?limit=100&offset=10", 30),
        ({"empty_without_ids": True}, POOLS, 0),
        ({}, USERS + "?user_names=ALICE", 0),
        ({"ignore_case": True}, USERS + "?user_names=ALICE", 1),
        ({"fuzzy": True}, USERS + "?user_names=ALICE", 5),
        ({"ignore_filters": ["disabled"]}, USERS + "?disabled=true", 57),
        ({"ignore_filters": ["connect_status"]}, LIST + "?connect_status=CONNECTED&limit=2000", 330),
    ],
)
def test_pages_and_filters(sim: Simulator, behaviour: dict[str, Any], path: str, expected: int) -> None:
    sim.behave(**behaviour)
    assert len(rows(sim, path)) == expected


@pytest.mark.parametrize("fuzzy", [False, True])
def test_every_filter_by_names_matches_alike(sim: Simulator, fuzzy: bool) -> None:
    sim.behave(fuzzy=fuzzy, ignore_case=True)
    found = rows(sim, DETAIL + "?user_names=ALICE")
    assert len(rows(sim, LIST + "?user_names=ALICE")) == len(found) > 0
    names = {name for desktop in found for name in desktop["user_list"] if "alice" in name}
    assert len(names) == (5 if fuzzy else 1)
    assert len(rows(sim, DETAIL + "?computer_names=DESK")) == (198 if fuzzy else 0)


def test_users_without_pools_can_be_left_out(sim: Simulator) -> None:
    user_id = sim.project()["users"][3]["user_id"]
    assert len(rows(sim, POOLS + "?user_ids=" + user_id)) == 1
    sim.behave(omit_users_without_pools=True)
    assert rows(sim, POOLS + "?user_ids=" + user_id) == []


@pytest.mark.parametrize(("meaning", "total"), [("matched", 2), ("project", 57), ("page", 1)])
def test_a_total_can_mean_one_thing_or_another(sim: Simulator, meaning: str, total: int) -> None:
    sim.behave(total_meaning=meaning)
    assert get(sim, ALICES).json()["total_count"] == total


@pytest.mark.parametrize("path", ["connect-desktops", "desktops/detail", "desktops", "users", "desktop-pools"])
def test_an_operation_can_be_refused(sim: Simulator, path: str) -> None:
    sim.behave(refuse=[path])
    answer = get(sim, "/" + path)
    assert answer.status_code == 403
    assert "workspace:" in answer.json()["error_msg"]
    assert get(sim, POOLS).status_code == 200


def test_addresses_can_be_a_list(sim: Simulator) -> None:
    assert isinstance(rows(sim, DETAIL + "?limit=1")[0]["addresses"], dict)
    sim.behave(addresses_as_list=True)
    assert [card["addr"][:7] for card in rows(sim, DETAIL + "?limit=1")[0]["addresses"]] == ["172.16.", "10.0.0."]


@pytest.mark.parametrize(("window", "later"), [("sliding", 1), ("fixed", 2)])
def test_requests_above_the_rate_are_throttled(sim: Simulator, window: str, later: int) -> None:
    sim.behave(rate_limit=2, rate_limit_seconds=1, rate_limit_window=window)
    assert get(sim, LIST).status_code == 200
    time.sleep(0.5)
    answers = [get(sim, LIST) for _number in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["error_code"] == "APIGW.0308"
    assert answers[1].json()["error_msg"].endswith("policy user over ratelimit,limit:2,time:1 second")
    # Another API, and another user.
    assert get(sim, POOLS).status_code == 200
    assert send_signed(sim, LIST).status_code == 200
    time.sleep(0.6)
    # The first one is forgotten, or both are.
    assert [get(sim, LIST).status_code for _number in range(3)].count(200) == later


def test_answers_are_compressed_for_those_who_want_it(sim: Simulator) -> None:
    big, small = get(sim, LIST), get(sim, LIST + "?limit=1")
    plain = get(sim, LIST, headers={"Accept-Encoding": "identity"})
    assert big.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in small.headers
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == big.json()
    sim.behave(gzip_min_bytes=10)
    assert get(sim, LIST + "?limit=1").headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("where", ["front", "end", "random"])
def test_a_fleet_can_move_between_pages_and_comes_to_rest(sim: Simulator, where: str) -> None:
    before = sim.project()["desktops"]
    sim.behave(churn={"add": 2, "remove": 1, "flip": 3, "every": 2, "where": where, "times": 1})
    get(sim, LIST + "?limit=10")
    get(sim, POOLS)
    assert sim.project()["desktops"] == before, "not yet: every second page of desktops"
    assert rows(sim, LIST + "?limit=10") == before[:10], "after the page, not before it"
    project = sim.project()
    churn = project["churn"]
    ids = [desktop["desktop_id"] for desktop in project["desktops"]]
    statuses = {desktop["desktop_id"]: desktop["connect_status"] for desktop in before}
    now = {desktop["desktop_id"]: desktop["connect_status"] for desktop in project["desktops"]}
    assert statuses.keys() - now.keys() == set(churn["removed"])
    assert now.keys() - statuses.keys() == set(churn["added"])
    if where == "front":
        assert ids == [*churn["added"][::-1], *list(statuses)[1:]]
    if where == "end":
        assert ids == [*list(statuses)[:-1], *churn["added"]]
    changed = {key for key in statuses if key in now and now[key] != statuses[key]}
    assert changed == set(churn["flipped"]) - set(churn["added"])
    assert len(churn["flipped"]) == 3
    for _page in range(4):
        get(sim, LIST)
    assert sim.project() == project
