# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""More desktops than connect-desktops can show, with the real numbers, against the simulator."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator, Sequence

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops
from contract.opening import open_project
from contract.services import LARGEST, Desktop, Fleet, Service
from simulator.client import Simulator


@pytest.fixture(scope="module")
def uniform() -> Iterator[Simulator]:
    """Every desktop is in the same status, so nothing can be split."""
    with Simulator(desktops=4300, users=240, status={"REGISTERED": 1.0}) as found:
        yield found


@pytest.fixture(scope="module")
def mixed() -> Iterator[Simulator]:
    """Each status can be shown, all together cannot."""
    with Simulator(desktops=4300, users=240, status=dict.fromkeys(connect_desktops.STATUSES, 0.25)) as found:
        yield found


def read(sim: Simulator, statuses: Sequence[str] | None = None, names: Sequence[str] | None = None) -> dict[str, t.Any]:
    options = {"user_names": names, "connect_status": statuses, "offset": None, "limit": None}
    with contextlib.closing(open_project(sim, 8)) as project:
        return connect_desktops.prepare(options)(project)


def ids(desktops: list[dict[str, t.Any]]) -> set[str]:
    return {one["desktop_id"] for one in desktops}


def test_desktops_in_one_status_are_read_through_detail(uniform: Simulator) -> None:
    uniform.reset()
    held = uniform.project()["desktops"]
    assert read(uniform)["desktops"] == sorted(held, key=lambda one: (one["desktop_name"], one["desktop_id"]))


def test_batches_of_names_are_read_twice_where_no_query_shows_all_desktops(mixed: Simulator) -> None:
    mixed.reset()
    names = [user["user_name"] for user in mixed.project()["users"]]
    assigned = {
        one["desktop_id"] for one in mixed.project()["desktops"] if {u["name"] for u in one["attach_users"]} & {*names}
    }
    mixed.clear()
    assert ids(read(mixed, names=names)["desktops"]) == assigned
    begun = [entry["query"] for entry in mixed.requests() if ["offset", "0"] in entry["query"]]
    asked = [[value for key, value in query if key == "user_names"] for query in begun]
    assert sorted(name for group in asked for name in group) == sorted(names * 2)
    assert [len(group) for group in asked].count(0) == 1


def test_without_the_permission_the_failure_says_how_many_and_what_to_do(uniform: Simulator) -> None:
    uniform.reset()
    uniform.behave(faults=[{"kind": "status", "status": 403, "match": "desktops/detail", "count": None}])
    with pytest.raises(
        WorkspaceError, match=r"4300 REGISTERED desktops.*workspace:desktops:listDetail.*user_names"
    ) as caught:
        read(uniform, ["REGISTERED"])
    assert caught.value.facts["status_code"] == 403


def test_where_the_total_counts_the_project_the_failure_does_not_call_it_that_of_the_users() -> None:
    fleet = [Desktop(number, "CONNECTED", ("ann",)) for number in range(2 * LARGEST - 1)]
    project = Fleet([*fleet, Desktop(99, "CONNECTED")], Service(total=lambda matches, everything, page: everything))
    with pytest.raises(
        WorkspaceError, match=rf"returns {2 * LARGEST} CONNECTED desktops of ann at most, and cannot show"
    ):
        project.read(["ann"], ["CONNECTED"])


def test_two_operations_that_do_not_agree_are_a_failure(uniform: Simulator) -> None:
    uniform.reset()
    uniform.behave(
        faults=[{"kind": "edit", "set": {"desktops": [], "total_count": 0}, "match": "desktops/detail", "count": None}]
    )
    with pytest.raises(WorkspaceError, match="did not agree in 3 attempts"):
        read(uniform)


@pytest.mark.no_cover  # The tests above meet the same lines.
@pytest.mark.parametrize("name", ["uniform", "mixed"])
@pytest.mark.parametrize(
    "churn",
    [
        {"flip": 40, "times": 12},
        {"add": 3, "where": "front", "times": 12},
        {"remove": 2, "add": 2, "where": "random", "times": 20},
        {"add": 2, "flip": 10, "where": "random", "every": 2, "times": 8},
    ],
    ids=lambda churn: "-".join(key for key in churn if key not in ("times", "where", "every")),
)
def test_a_fleet_that_moves_is_told_truly_or_not_at_all(
    name: str, churn: dict[str, t.Any], request: pytest.FixtureRequest
) -> None:
    sim: Simulator = request.getfixturevalue(name)
    sim.reset()
    before = ids(sim.project()["desktops"])
    sim.behave(churn=churn)
    try:
        found = ids(read(sim)["desktops"])
    except WorkspaceError:
        return
    after = ids(sim.project()["desktops"])
    # What was there all the time is in it, and nothing that never was.
    assert before & after <= found <= before | after
