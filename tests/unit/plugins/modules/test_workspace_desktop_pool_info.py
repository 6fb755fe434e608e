# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""workspace_desktop_pool_info, with every HTTP call it is to make."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_desktop_pool_info import main

from ...conftest import POOLS, Call


def user(user_id: str, *pools: str) -> dict[str, Any]:
    """A user as the API shows one."""
    return {
        "user_id": user_id,
        "desktop_pool_count": len(pools),
        "desktop_pools": [
            {"desktop_pool_id": f"id-{pool}", "desktop_pool_name": pool, "is_attached": True} for pool in pools
        ],
    }


def of_ids(user_ids: list[str], users: list[dict[str, Any]]) -> Call:
    """The call for a batch of ids."""
    return Call(POOLS, [("limit", "10"), *(("user_ids", u) for u in sorted(user_ids))], {"users": users})


def at(offset: int, users: list[dict[str, Any]]) -> Call:
    """The call for a page of everybody."""
    return Call(POOLS, [("limit", "10"), ("offset", str(offset))], {"users": users})


def ids(outcome: Any) -> list[str]:
    """The ids returned."""
    return [record["user_id"] for record in outcome["users"]]


def test_ids_are_requested_ten_at_a_time_and_returned_in_their_order(run_module: Any) -> None:
    asked = [f"u{number:02}" for number in range(47)][::-1]
    calls = [
        of_ids(asked[start : start + 10], [user(u, "pool") for u in sorted(asked[start : start + 10])])
        for start in range(0, 47, 10)
    ]
    outcome = run_module(main, calls, user_ids=asked + asked[:3])
    assert ids(outcome) == asked
    assert outcome["unmatched_user_ids"] == []
    assert outcome.warnings == []


def test_counts_that_differ_from_the_lists_are_passed_on_with_one_warning(run_module: Any) -> None:
    asked = [f"u{number}" for number in range(8)]
    records = [{**user(name, "p"), "desktop_pool_count": 3} for name in asked]
    outcome = run_module(main, [of_ids(asked, records)], user_ids=asked)
    assert outcome["users"][0]["desktop_pool_count"] == 3
    (warning,) = outcome.warnings
    assert "of 8 users: u0, u1, u2, u3, u4 and 3 more" in warning


def test_unknown_ids_only_are_requested_once_and_cause_a_warning(run_module: Any) -> None:
    outcome = run_module(main, [of_ids(["x"], [])], user_ids=["x"])
    assert outcome["users"] == []
    assert outcome["unmatched_user_ids"] == ["x"]
    assert "IDs, not names" in outcome.warnings[0]


def test_a_complete_batch_does_not_prove_another_one_complete(run_module: Any) -> None:
    """What a page counts is not certain, so whoever is missing is asked for again until nobody new comes."""
    asked = [f"u{number:02}" for number in range(13)]
    calls = [
        of_ids(asked[:10], [user(u) for u in asked[:10]]),
        of_ids(asked[10:], [user("u10")]),
        of_ids(asked[11:], [user("u11")]),
        of_ids(["u12"], []),
    ]
    assert run_module(main, calls, user_ids=asked)["unmatched_user_ids"] == ["u12"]


def test_users_who_were_not_asked_for_are_a_failure(run_module: Any) -> None:
    outcome = run_module(main, [of_ids(["a"], [user("b")])], user_ids=["a"])
    assert "ignores user_ids" in outcome["msg"]


def test_an_empty_response_without_ids_causes_a_warning(run_module: Any) -> None:
    outcome = run_module(main, [at(0, [])])
    assert outcome["users"] == []
    assert "set user_ids" in outcome.warnings[0]
    page = Call(POOLS, [("limit", "10")], {"users": []})
    assert "set user_ids" in run_module(main, [page], limit=10).warnings[0]


def test_a_user_without_an_id_is_a_failure(run_module: Any) -> None:
    page = Call(POOLS, [("limit", "10")], {"users": [{"desktop_pool_count": 1}]})
    assert "a record has no user_id" in run_module(main, [page], limit=10)["msg"]


def test_all_users_are_read_twice_with_an_empty_page_in_between(run_module: Any) -> None:
    everybody = [user(f"u{number:02}") for number in range(7)]
    # The second page shows that the first one was cut; the third one is empty.
    once = [at(0, everybody[:4]), at(4, everybody[4:]), at(7, [])]
    # What a shorter page leaves out is read at last, and returned in the order of the service.
    gap = Call(POOLS, [("limit", "2"), ("offset", "2")], {"users": everybody[2:4]})
    outcome = run_module(main, [*once, at(0, everybody[:2]), at(4, everybody[4:]), gap])
    assert ids(outcome) == [u["user_id"] for u in everybody]
    assert outcome["unmatched_user_ids"] == []
    assert outcome.warnings == []


@pytest.mark.parametrize("count", [1, 7, 10])
def test_the_same_users_for_another_offset_are_an_error(run_module: Any, count: int) -> None:
    everybody = [user(f"u{number:02}") for number in range(count)]
    outcome = run_module(main, [at(0, everybody), at(count, everybody)] * 4)
    assert "the same records for another offset" in outcome["msg"]


@pytest.mark.parametrize("given", [{"offset": 0}, {"limit": 0}, {"offset": 12345, "limit": 10}])
def test_one_page_is_one_request_with_the_given_values(run_module: Any, given: dict[str, int]) -> None:
    query = [*sorted((name, str(value)) for name, value in given.items()), ("user_ids", "a"), ("user_ids", "b")]
    outcome = run_module(main, [Call(POOLS, query, {"users": [user("z", "p")]})], user_ids=["b", "a"], **given)
    assert ids(outcome) == ["z"]
    assert outcome["unmatched_user_ids"] == []
