# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator can be told to do all the time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from simulator.client import Simulator

if TYPE_CHECKING:
    pass
from contract.simulator.asking import LIST, POOLS, desktops_by_sdk, get, sdk, send_signed

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Standing behaviours


def test_pages_can_be_clamped(sim: Simulator) -> None:
    sim.behave(clamp=30)
    answer = get(sim, LIST + "?limit=100&offset=10").json()
    assert [desktop["desktop_id"] for desktop in answer["desktops"]] == [
        desktop["desktop_id"] for desktop in sim.project()["desktops"][10:40]
    ]
    assert answer["total_count"] == 330


def test_offset_and_limit_can_be_ignored(sim: Simulator) -> None:
    first = get(sim, POOLS + "?limit=10").json()
    sim.behave(ignore_offset=True)
    assert get(sim, POOLS + "?offset=10&limit=10").json() == first
    sim.behave(ignore_limit=True)
    assert len(get(sim, POOLS + "?offset=10&limit=10").json()["users"]) == 47


def test_by_users_can_leave_things_out(sim: Simulator) -> None:
    sim.behave(empty_without_ids=True)
    user_id = sim.project()["users"][3]["user_id"]
    assert get(sim, POOLS).json() == {"users": []}
    assert len(get(sim, POOLS + "?user_ids=" + user_id).json()["users"]) == 1
    sim.behave(omit_users_without_pools=True, omit_desktop_pool_count=True)
    assert get(sim, POOLS + "?user_ids=" + user_id).json() == {"users": []}
    assert set(get(sim, POOLS).json()["users"][0]) == {"user_id", "desktop_pools"}


def test_the_total_can_be_wrong(sim: Simulator) -> None:
    sim.behave(total_count=7)
    assert get(sim, LIST).json()["total_count"] == 7


def test_every_page_can_come_from_another_order(sim: Simulator) -> None:
    sim.behave(shuffle=True)
    pages = [get(sim, LIST + "?limit=2000").json()["desktops"] for _number in range(2)]
    assert pages[0] != pages[1]
    assert {desktop["desktop_id"] for desktop in pages[0]} == {desktop["desktop_id"] for desktop in pages[1]}


def test_answers_can_be_late_side_by_side(sim: Simulator) -> None:
    sim.behave(latency=0.5)
    begin = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: get(sim, f"{LIST}?offset={number}"), range(6)))
    took = time.monotonic() - begin
    assert all(answer.status_code == 200 for answer in answers)
    assert 0.5 <= took < 2.5
    assert sim.counters()["max_in_flight"] == 6
    assert sim.counters()["in_flight"] == 0


@pytest.mark.parametrize(("window", "later"), [("sliding", 1), ("fixed", 2)])
def test_requests_above_the_rate_are_throttled(sim: Simulator, window: str, later: int) -> None:
    sim.behave(rate_limit=2, rate_limit_seconds=2, rate_limit_window=window, rate_limit_retry_after=1)
    assert get(sim, LIST).status_code == 200
    time.sleep(1)
    answers = [get(sim, LIST) for _number in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["error_code"] == "APIGW.0308"
    assert answers[1].json()["error_msg"].endswith("policy user over ratelimit,limit:2,time:2 second")
    assert answers[1].headers["Retry-After"] == "1"
    # Another API, and another user.
    assert get(sim, POOLS).status_code == 200
    assert send_signed(sim, LIST).status_code == 200
    time.sleep(1.1)
    # The first one is forgotten, or both are.
    assert [get(sim, LIST).status_code for _number in range(3)].count(200) == later


def test_answers_are_compressed_for_those_who_want_it(sim: Simulator) -> None:
    big, small = get(sim, LIST), get(sim, LIST + "?limit=1")
    plain = get(sim, LIST, headers={"Accept-Encoding": "identity"})
    assert big.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in small.headers
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == big.json()
    sim.behave(gzip=False)
    assert "Content-Encoding" not in get(sim, LIST).headers


def test_connected_desktops_drain_from_the_first_request_on(sim: Simulator) -> None:
    def connected() -> int:
        return int(get(sim, LIST + "?connect_status=CONNECTED&limit=0").json()["total_count"])

    sim.behave(drain=1.5)
    time.sleep(0.3)
    everybody = sum(desktop["connect_status"] == "CONNECTED" for desktop in sim.project()["desktops"])
    begin = time.monotonic()
    counts = [connected()]
    assert counts[0] == everybody > 20, "nothing happens before the first request"
    while counts[-1] and time.monotonic() < begin + 10:
        time.sleep(0.05)
        counts.append(connected())
    assert time.monotonic() - begin >= 1.5
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 4, "one after another"
    assert counts[-1] == 0


def test_a_fleet_can_move_between_pages(sim: Simulator) -> None:
    before = sim.project()["desktops"]
    sim.behave(churn={"add": 2, "remove": 1, "flip": 3, "every": 2, "where": "front"})
    get(sim, LIST + "?limit=10")
    get(sim, POOLS)
    assert sim.project()["desktops"] == before, "not yet: every second page of desktops"
    page = get(sim, LIST + "?limit=10").json()
    assert page["desktops"] == before[:10], "after the page, not before it"
    project = sim.project()
    churn = project["churn"]
    ids = [desktop["desktop_id"] for desktop in project["desktops"]]
    assert churn["removed"] == [before[0]["desktop_id"]]
    assert ids[:2] == churn["added"][::-1]
    assert ids[2:] == [desktop["desktop_id"] for desktop in before[1:]]
    statuses = {desktop["desktop_id"]: desktop["connect_status"] for desktop in before}
    now = {desktop["desktop_id"]: desktop["connect_status"] for desktop in project["desktops"]}
    changed = {key for key in statuses if key in now and now[key] != statuses[key]}
    assert changed == set(churn["flipped"]) - set(churn["added"])
    assert len(churn["flipped"]) == 3


def test_a_moving_fleet_comes_to_rest(sim: Simulator) -> None:
    sim.behave(churn={"add": 1, "times": 2})
    for _number in range(4):
        get(sim, LIST)
    assert len(sim.project()["desktops"]) == 332
    sim.behave(faults=[{"kind": "churn", "remove": 5, "where": "end", "after": 1}])
    for _number in range(3):
        get(sim, LIST)
    assert len(sim.project()["desktops"]) == 327


def test_statuses_can_be_set(sim: Simulator) -> None:
    held = sim.project()["desktops"]
    assert sim.set_status("UNREGISTER", ids=[held[0]["desktop_id"]], project_id=sim.info["project_id"]) == 1
    assert sim.project()["desktops"][0]["connect_status"] == "UNREGISTER"
    assert sim.set_status("CONNECTED", users=["张三"], project_id=sim.info["project_id"]) > 0
    assert {desktop["connect_status"] for desktop in desktops_by_sdk(sdk(sim), user_names=["张三"])[0]} == {"CONNECTED"}
    assert sim.set_status("DISCONNECTED", from_status="CONNECTED") > 3
    assert desktops_by_sdk(sdk(sim), connect_status="CONNECTED")[1] == 0
    assert sim.set_status("REGISTERED") == 990
    assert desktops_by_sdk(sdk(sim), connect_status="REGISTERED")[1] == 330


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
