# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests side by side, over real connections: how many, in which order, and what happens when one of them fails."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops, user_pools
from simulator.client import Simulator
from support.projects import open_project

USERS = 2000
DESKTOPS = 330


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with Simulator(desktops=DESKTOPS, users=USERS, pools=3) as found:
        yield found


@pytest.fixture
def sim(shared: Simulator) -> Simulator:
    """The simulator as it was after its start, once what a failed call has left under way is answered."""
    until = time.monotonic() + 10
    while shared.counters()["in_flight"] and time.monotonic() < until:
        time.sleep(0.05)
    shared.reset()
    return shared


@pytest.fixture
def own() -> Iterator[Simulator]:
    """A simulator for one test, which leaves it with requests that hang."""
    with Simulator(desktops=1, users=400) as found:
        yield found


@pytest.fixture(scope="module")
def few() -> Iterator[Simulator]:
    """A simulator of few users, which answers late and out of order."""
    with Simulator(desktops=1, users=95, pools=2, latency=0.01, jitter=0.02) as found:
        yield found


def user_ids(sim: Simulator, count: int) -> list[str]:
    return [user["user_id"] for user in sim.project()["users"][:count]]


def read_users(project: Project, ids: list[str] | None) -> dict[str, Any]:
    with contextlib.closing(project):
        return user_pools.prepare({"user_ids": ids, "offset": None, "limit": None})(project)


def read_desktops(project: Project, **options: Any) -> dict[str, Any]:
    asked = {"user_names": None, "connect_status": None, "offset": None, "limit": None, **options}
    with contextlib.closing(project):
        return connect_desktops.prepare(asked)(project)


@pytest.mark.parametrize("fault", [{"kind": "hang"}, {"kind": "drip", "delay": 0.2}])
def test_a_timed_out_request_is_not_in_progress_with_its_retry(sim: Simulator, fault: dict[str, Any]) -> None:
    ids = user_ids(sim, 200)
    sim.behave(faults=[{"match": "by-users", "after": 1, "count": 4, **fault}])
    sim.clear()
    found = read_users(open_project(sim, 4, timeout=0.5, retry_max_delay=0.2), ids)
    assert [user["user_id"] for user in found["users"]] == ids
    assert sim.counters()["max_in_flight"] <= 4


def test_pages_of_a_known_number_are_requested_in_parallel(sim: Simulator) -> None:
    sim.behave(clamp=10, latency=0.02)
    sim.clear()
    found = read_desktops(open_project(sim, 4))
    assert found["total_count"] == DESKTOPS
    counters = sim.counters()
    assert counters["requests"] == 2 * math.ceil(DESKTOPS / 10) + 1
    assert 1 < counters["max_in_flight"] <= 4
    assert counters["connections"] <= 4


def test_the_first_failure_ends_the_call_and_nothing_more_is_sent(own: Simulator) -> None:
    ids = user_ids(own, 400)
    own.behave(
        faults=[
            {"kind": "status", "status": 403, "error_code": "PAP5.0019", "match": "by-users", "after": 2, "count": 1},
            {"kind": "hang", "match": "by-users", "after": 1, "count": None, "seconds": 20},
        ]
    )
    own.clear()
    project = open_project(own, 4)
    threads = threading.active_count()
    began = time.monotonic()
    with pytest.raises(WorkspaceError) as failed:
        read_users(project, ids)
    # A process would wait for threads that still wait for an answer.
    while threading.active_count() > threads:
        assert time.monotonic() - began < 5
        time.sleep(0.05)
    assert failed.value.facts["status_code"] == 403
    assert failed.value.facts["attempts"] == 1
    # One went ahead alone, then at most four were under way.
    time.sleep(0.3)
    assert own.counters()["requests"] <= 1 + 4


def test_a_failure_ends_the_waits_for_retries(sim: Simulator) -> None:
    ids = user_ids(sim, 400)
    sim.behave(
        latency=0.05,
        faults=[
            {"kind": "status", "status": 403, "match": "by-users", "after": 6, "count": 1},
            {
                "kind": "status",
                "status": 503,
                "headers": {"Retry-After": "20"},
                "match": "by-users",
                "after": 1,
                "count": 2,
            },
        ],
    )
    sim.clear()
    began = time.monotonic()
    with pytest.raises(WorkspaceError) as failed:
        read_users(open_project(sim, 4, retry_max_delay=20), ids)
    assert failed.value.facts["status_code"] == 403
    assert time.monotonic() - began < 10
    sent = sim.counters()["requests"]
    time.sleep(0.3)
    assert sim.counters()["requests"] - sent <= 2


@pytest.mark.parametrize("window", ["sliding", "fixed"])
def test_clients_that_share_a_limit_all_succeed(sim: Simulator, window: str) -> None:
    ids = user_ids(sim, 40)
    sim.behave(rate_limit=20, rate_limit_seconds=1, rate_limit_window=window, latency=0.01)
    with ThreadPoolExecutor(8) as pool:
        # Each has a pace of its own, as processes have.
        found = list(pool.map(lambda _n: read_users(open_project(sim, 4, max_retries=0), ids), range(8)))
    assert [[user["user_id"] for user in one["users"]] for one in found] == [ids] * 8


@pytest.mark.parametrize("concurrency", [1, 16])
def test_reading_all_users_requests_few_extra_pages(few: Simulator, concurrency: int) -> None:
    few.clear()
    found = read_users(open_project(few, concurrency), None)
    assert [user["user_id"] for user in found["users"]] == user_ids(few, 95)
    # Ten pages, the end, and ten pages again; without a total, some pages behind the end are asked for.
    assert 21 <= few.counters()["requests"] <= 21 + concurrency
    assert few.counters()["max_in_flight"] <= concurrency
