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


def test_ids_ten_at_a_time_in_the_order_asked_for(run_module: Any) -> None:
    asked = [f"u{number:02}" for number in range(47)][::-1]
    calls = [
        of_ids(asked[start : start + 10], [user(u, "pool") for u in sorted(asked[start : start + 10])])
        for start in range(0, 47, 10)
    ]
    outcome = run_module(main, calls, user_ids=asked + asked[:3])
    assert ids(outcome) == asked
    assert outcome["unmatched_user_ids"] == []
    assert outcome.warnings == []


def test_every_key_is_there_and_new_ones_pass(run_module: Any) -> None:
    sparse = {"user_id": "a", "new": 1, "desktop_pools": [{"desktop_pool_name": "p", "size": 3}]}
    outcome = run_module(main, [of_ids(["a", "b"], [sparse, {"user_id": "b"}])], user_ids=["a", "b"])
    pool = {"desktop_pool_id": None, "desktop_pool_name": "p", "is_attached": None, "size": 3}
    assert outcome["users"] == [
        {"user_id": "a", "desktop_pool_count": 1, "desktop_pools": [pool], "new": 1},
        {"user_id": "b", "desktop_pool_count": 0, "desktop_pools": []},
    ]


def test_a_count_that_differs_from_the_list_is_passed_on_with_a_warning(run_module: Any) -> None:
    record = {**user("a", "p"), "desktop_pool_count": 3}
    outcome = run_module(main, [of_ids(["a"], [record])], user_ids=["a"])
    assert outcome["users"][0]["desktop_pool_count"] == 3
    assert "has 3 desktop pools, but lists 1" in outcome.warnings[0]


def test_unknown_ids_are_asked_for_once_more(run_module: Any) -> None:
    calls = [of_ids(["a", "x", "y"], [user("a")]), of_ids(["x", "y"], [])]
    outcome = run_module(main, calls, user_ids=["x", "a", "y"])
    assert ids(outcome) == ["a"]
    assert outcome["unmatched_user_ids"] == ["x", "y"]


def test_nobody_known_is_no_second_question(run_module: Any) -> None:
    outcome = run_module(main, [of_ids(["x"], [])], user_ids=["x"])
    assert outcome["users"] == []
    assert outcome["unmatched_user_ids"] == ["x"]
    assert outcome.warnings == []


def test_a_server_that_clamps_pages_loses_nobody(run_module: Any) -> None:
    asked = [f"u{number}" for number in range(10)]
    calls = [of_ids(asked[n:], [user(u) for u in asked[n : n + 4]]) for n in (0, 4, 8)]
    assert ids(run_module(main, calls, user_ids=asked)) == asked


def test_a_full_batch_shows_that_pages_are_not_clamped(run_module: Any) -> None:
    """So the shorter batch behind it is complete, and what is missing there needs no second question."""
    asked = [f"u{number:02}" for number in range(13)]
    calls = [of_ids(asked[:10], [user(u) for u in asked[:10]]), of_ids(asked[10:], [user("u10")])]
    assert run_module(main, calls, user_ids=asked)["unmatched_user_ids"] == ["u11", "u12"]


def test_users_who_were_not_asked_for_are_a_failure(run_module: Any) -> None:
    outcome = run_module(main, [of_ids(["a"], [user("b")])], user_ids=["a"])
    assert "ignores user_ids" in outcome["msg"]


def test_nothing_without_ids_is_a_warning(run_module: Any) -> None:
    outcome = run_module(main, [at(0, [])])
    assert outcome["users"] == []
    assert "pass user_ids" in outcome.warnings[0]
    page = Call(POOLS, [("limit", "10")], {"users": []})
    assert "pass user_ids" in run_module(main, [page], limit=10).warnings[0]


@pytest.mark.parametrize(("count", "offsets"), [(10, (0, 9)), (19, (0, 9, 18)), (20, (0, 9, 18)), (23, (0, 9, 18))])
def test_everybody_until_a_page_is_short(run_module: Any, count: int, offsets: tuple[int, ...]) -> None:
    """Each page begins with the last user of the one before, so that a shift between them would show."""
    everybody = [user(f"u{number:02}") for number in range(count)]
    outcome = run_module(main, [at(offset, everybody[offset : offset + 10]) for offset in offsets])
    assert ids(outcome) == [u["user_id"] for u in everybody]
    assert outcome["unmatched_user_ids"] == []
    assert outcome.warnings == []


@pytest.mark.parametrize(
    ("clamp", "offsets"), [(5, (0, 4, 8, 12, 16)), (2, (0, 2, 4, 6, 8, 10, 12, 14, 16)), (1, (*range(18),))]
)
def test_everybody_from_a_server_that_clamps_pages(run_module: Any, clamp: int, offsets: tuple[int, ...]) -> None:
    everybody = [user(f"u{number:02}") for number in range(17)]
    outcome = run_module(main, [at(offset, everybody[offset : offset + clamp]) for offset in offsets])
    assert len(ids(outcome)) == 17
    assert outcome.warnings == []


@pytest.mark.parametrize("count", [7, 1])
def test_a_short_first_page_and_nothing_behind_it(run_module: Any, count: int) -> None:
    everybody = [user(f"u{number:02}") for number in range(count)]
    second = max(1, count - 1)
    outcome = run_module(main, [at(0, everybody), at(second, everybody[second:])])
    assert (len(ids(outcome)), outcome.warnings) == (count, [])
    # A server that knows one answer only.
    outcome = run_module(main, [at(0, everybody), at(second, everybody)])
    assert len(ids(outcome)) == count
    assert "not certain" in outcome.warnings[0]


def test_who_slips_through_between_two_pages_is_caught(run_module: Any) -> None:
    before = [user(f"u{number:02}") for number in range(14)]
    after = before[1:]
    calls = [at(0, before[:10]), at(9, after[9:]), at(0, after[:10]), at(9, after[9:])]
    assert len(ids(run_module(main, calls))) == 13
    outcome = run_module(main, [at(0, before[:10]), at(9, after[9:])] * 3)
    assert "changed from one page to the next" in outcome["msg"]


@pytest.mark.parametrize("stuck_at", [9, 27])
def test_a_full_page_with_nobody_new_is_an_error(run_module: Any, stuck_at: int) -> None:
    everybody = [user(f"u{number:02}") for number in range(stuck_at + 1)]
    calls = [at(offset, everybody[offset : offset + 10]) for offset in range(0, stuck_at, 9)]
    outcome = run_module(main, [*calls, at(stuck_at, everybody[-10:])])
    assert "ignores the offset" in outcome["msg"]


@pytest.mark.parametrize("given", [{"offset": 0}, {"limit": 0}, {"offset": 12345, "limit": 10}])
def test_one_page_is_one_request_with_just_these_values(run_module: Any, given: dict[str, int]) -> None:
    query = [*sorted((name, str(value)) for name, value in given.items()), ("user_ids", "a"), ("user_ids", "b")]
    outcome = run_module(main, [Call(POOLS, query, {"users": [user("z", "p")]})], user_ids=["b", "a"], **given)
    assert ids(outcome) == ["z"]
    assert outcome["unmatched_user_ids"] == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"user_ids": []}, "user_ids"),
        ({"user_ids": [" "]}, "user_ids"),
        ({"user_ids": ["x" * 7000]}, "user_ids"),
        ({"offset": -1}, "offset"),
        ({"limit": 11}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 1, "user_ids": [str(n) for n in range(11)]}, "user_ids"),
    ],
    ids=str,
)
def test_bad_input_is_one_sentence_that_names_the_option(run_module: Any, arguments: Any, named: str) -> None:
    outcome = run_module(main, [], **arguments)
    assert named in outcome["msg"]
    assert outcome["attempts"] is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "lacks users"),
        ({"users": None}, "lacks users"),
        ({"users": {}}, "users"),
        ({"users": [1]}, "users"),
        ({"users": [{}]}, "user_id"),
        ({"users": [{"user_id": 1}]}, "user_id"),
        ({"users": [{"user_id": "a", "desktop_pool_count": "1"}]}, "desktop_pool_count"),
        ({"users": [{"user_id": "a", "desktop_pools": {}}]}, "desktop_pools"),
        ({"users": [{"user_id": "a", "desktop_pools": [{"is_attached": "no"}]}]}, "is_attached"),
        ({"users": [{"user_id": "a", "desktop_pools": [{"desktop_pool_id": 1}]}]}, "desktop_pool_id"),
        ("null", "not a JSON object"),
    ],
    ids=str,
)
def test_a_200_that_is_no_answer_is_a_failure(run_module: Any, body: Any, told: str) -> None:
    outcome = run_module(main, [Call(POOLS, [("limit", "10"), ("user_ids", "a")], body)], user_ids=["a"])
    assert told in outcome["msg"]
    assert outcome["status_code"] == 200
