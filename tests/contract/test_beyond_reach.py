# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""More desktops than connect-desktops can show, with the real numbers, against the simulator."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator, Sequence

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.statuses import CONNECT_STATUSES
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops
from simulator.client import Simulator
from support.projects import open_project

#: The unit tests cover the same lines, and counting them takes half of the time.
pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def large() -> Iterator[Simulator]:
    """More desktops than connect-desktops returns."""
    with Simulator(desktops=4300, users=240, status=dict.fromkeys(CONNECT_STATUSES, 0.25)) as found:
        yield found


def read(sim: Simulator, statuses: Sequence[str] | None = None, names: Sequence[str] | None = None) -> dict[str, t.Any]:
    options = {"user_names": names, "connect_status": statuses, "offset": None, "limit": None}
    with contextlib.closing(open_project(sim, 8)) as project:
        return connect_desktops.prepare(options)(project)


def ids(desktops: list[dict[str, t.Any]]) -> set[str]:
    return {one["desktop_id"] for one in desktops}


def test_more_desktops_than_connect_desktops_returns_are_read_from_details(large: Simulator) -> None:
    large.reset()
    large.clear()
    held = large.project()["desktops"]
    assert read(large)["desktops"] == sorted(held, key=lambda one: (one["desktop_name"], one["desktop_id"]))
    paths = [entry["path"].rpartition("/")[2] for entry in large.requests()]
    assert (paths.count("connect-desktops"), paths.count("detail")) == (4, 2 * 9 + 1)


def test_names_and_statuses_select_from_all_desktops(large: Simulator) -> None:
    large.reset()
    names = [user["user_name"] for user in large.project()["users"]]
    expected = {
        one["desktop_id"]
        for one in large.project()["desktops"]
        if {u["name"] for u in one["attach_users"]} & {*names} and one["connect_status"] == "REGISTERED"
    }
    assert ids(read(large, ["REGISTERED"], names)["desktops"]) == expected


def test_without_the_permission_for_details_the_message_has_number_and_advice(large: Simulator) -> None:
    large.reset()
    large.behave(faults=[{"kind": "status", "status": 403, "match": "desktops/detail", "count": None}])
    with pytest.raises(WorkspaceError, match=r"4300 records.*workspace:desktops:listDetail.*user_names") as caught:
        read(large, ["REGISTERED"])
    assert caught.value.facts["status_code"] == 403


def test_a_changing_list_is_read_once_it_stops_changing(large: Simulator) -> None:
    large.reset()
    before = ids(large.project()["desktops"])
    large.behave(churn={"add": 2, "remove": 2, "flip": 10, "where": "random", "every": 2, "times": 8})
    found = ids(read(large)["desktops"])
    after = ids(large.project()["desktops"])
    # What was there all the time is in it, and nothing that never was.
    assert before & after <= found <= before | after
