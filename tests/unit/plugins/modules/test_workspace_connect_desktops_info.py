# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""workspace_connect_desktops_info, with every HTTP call it is to make."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_connect_desktops_info import main

from ...conftest import DESKTOPS, Call

DETAIL = DESKTOPS.replace("connect-desktops", "desktops/detail")
WHOLE = [("limit", "2000"), ("offset", "0")]


def desktop(number: int, status: str | None = "REGISTERED", *users: str) -> dict[str, Any]:
    """A desktop as the API shows it."""
    attached = [{"id": f"id-{name}", "name": name, "user_group": "users", "type": "USER"} for name in users]
    return {
        "desktop_id": f"d{number:05}",
        "desktop_name": f"desk-{number:05}",
        "connect_status": status,
        "attach_users": attached,
    }


def page(desktops: list[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
    """An answer with these desktops."""
    return {"desktops": desktops, "total_count": len(desktops) if total is None else total}


def whole(body: Any, offset: int = 0, *filters: tuple[str, str]) -> Call:
    """The call for a page of everything, at an offset."""
    return Call(DESKTOPS, sorted([("limit", "2000"), ("offset", str(offset)), *filters]), body)


def single(total: int) -> Call:
    """The call for one record, which shows the total."""
    return Call(DESKTOPS, [("limit", "1"), ("offset", "0")], page([desktop(0)], total))


def reading(desktops: list[dict[str, Any]], *filters: tuple[str, str], size: int = 2000, total: int = -1) -> list[Call]:
    """The calls that read all pages of a list once."""
    total = len(desktops) if total < 0 else total
    return [
        whole(page(desktops[offset : offset + size], total), offset, *filters)
        for offset in range(0, len(desktops), size)
    ]


def all_of(desktops: list[dict[str, Any]], *filters: tuple[str, str], size: int = 2000, total: int = -1) -> list[Call]:
    """The calls that prove a list: all pages, an empty one at the end, all pages again."""
    total = len(desktops) if total < 0 else total
    once = reading(desktops, *filters, size=size, total=total)
    end = single(total) if len(desktops) > 2000 else whole(page([], total), len(desktops), *filters)
    return [*once, end, *once]


def ids(outcome: Any) -> list[str]:
    """The ids returned."""
    return [record["desktop_id"] for record in outcome["desktops"]]


def test_desktops_are_sorted_and_counted(run_module: Any) -> None:
    desktops = [desktop(3, "CONNECTED", "alice"), desktop(1), desktop(2, "UNREGISTER")]
    desktops[1]["desktop_name"] = desktops[2]["desktop_name"] = "same"
    outcome = run_module(main, all_of(desktops))
    assert ids(outcome) == ["d00003", "d00001", "d00002"]
    assert outcome["total_count"] == 3
    assert outcome["connect_status_counts"] == {"UNREGISTER": 1, "REGISTERED": 1, "CONNECTED": 1, "DISCONNECTED": 0}
    assert outcome["unmatched_user_names"] == []
    assert outcome["changed"] is False


@pytest.mark.parametrize(
    ("total", "size", "requests"),
    [(0, 2000, 1), (1, 2000, 3), (2000, 2000, 3), (4000, 2000, 5), (350, 100, 9)],
)
def test_a_list_takes_two_readings_and_one_request_for_its_end(
    run_module: Any, total: int, size: int, requests: int
) -> None:
    outcome = run_module(main, all_of([desktop(number) for number in range(total)], size=size))
    assert len(ids(outcome)) == total
    assert len(outcome.requests) == requests


@pytest.mark.parametrize("total", [0, 5, 150, 10**9], ids=["nothing", "the-page", "too-many", "absurd"])
def test_it_makes_no_difference_what_a_total_counts(run_module: Any, total: int) -> None:
    """The vendor's example has a total of zero beside a desktop. For a filter, it may count the whole project."""
    fleet = [desktop(number, "REGISTERED", "alice") for number in range(5)]
    alice = ("user_names", "alice")
    nobody = Call(
        DESKTOPS,
        [("limit", "1"), ("offset", "0"), ("user_names", "no-user-has-this-name-d41d8cd98f00")],
        page([], total),
    )
    calls = [*all_of(fleet, alice, total=total), *([nobody] if total > 5 else [])]
    assert len(ids(run_module(main, calls, user_names=["alice"]))) == 5


def test_desktops_that_are_counted_and_not_returned_are_a_failure(run_module: Any) -> None:
    fleet = [desktop(number, "REGISTERED", "alice") for number in range(5)]
    again = reading(fleet, total=7)
    end = whole(page([], 7), 5)
    outcome = run_module(main, [*again, end, *again, end, *again, end, *again, end])
    assert "could not be read completely in 4 attempts (last attempt: found 5 of 7)" in outcome["msg"]
    assert "found 0 of 7" in run_module(main, [whole(page([], 7))] * 4)["msg"]


@pytest.mark.parametrize("size", [1, 100, 2000])
def test_desktops_of_a_server_that_ignores_the_offset_are_a_failure(run_module: Any, size: int) -> None:
    same = page([desktop(number) for number in range(size)], size)
    outcome = run_module(main, [whole(same), whole(same, size)] * 4)
    assert "the service returns the same records for another offset" in outcome["msg"]


@pytest.mark.parametrize(
    ("total", "words"),
    [(10**9, "There are 1000000000 records, but connect-desktops returns at most 4000."), (1, "does not show whether")],
)
def test_a_total_that_proves_no_end_needs_the_details(run_module: Any, total: int, words: str) -> None:
    """However large it is, no more pages are requested than run side by side."""
    first, second = page([desktop(number) for number in range(2000)], total), page([desktop(2000)], total)
    refused = Call(DETAIL, [("limit", "500"), ("offset", "0")], {"error_code": "X", "error_msg": "no"}, 403)
    outcome = run_module(main, [whole(first), whole(second, 2000), single(total), refused])
    assert words in outcome["msg"]
    assert "workspace:desktops:listDetail" in outcome["msg"]


def test_names_that_the_service_does_not_find_are_searched_in_all_desktops(run_module: Any) -> None:
    """A service that respects the letter case does not return the desktops of `Alice` for `ALICE`."""
    fleet = [desktop(1, "CONNECTED", "Alice"), desktop(2, "CONNECTED", "bob", "Alice")]
    expected = ["d00001", "d00002"]
    # That a desktop of another user is also assigned to her does not show that the service found her.
    for names, found in ((["ALICE", "bobb"], []), (["ALICE", "bob"], fleet[1:])):
        filters = [("user_names", name) for name in names]
        outcome = run_module(main, [*all_of(found, *filters), *all_of(fleet)], user_names=names)
        assert ids(outcome) == expected
        assert outcome["unmatched_user_names"] == [name for name in names if name == "bobb"]
        words = "user_names: no user of a desktop is named bobb (did you mean bob?)."
        assert outcome.warnings == ([] if found else [words])


def test_partial_matches_of_the_service_are_left_out(run_module: Any) -> None:
    fleet = [desktop(1, "CONNECTED", "bobby"), desktop(2, "CONNECTED", "bob"), desktop(3, "CONNECTED", "staff")]
    fleet[2]["attach_users"][0]["type"] = "GROUP"
    outcome = run_module(main, all_of(fleet, ("user_names", "bob")), user_names=["bob"])
    assert ids(outcome) == ["d00002", "d00003"]


@pytest.mark.parametrize("group_type", ["GROUP", "USER_GROUP", None])
@pytest.mark.parametrize("number", [1, 101])
def test_desktops_of_groups_do_not_depend_on_the_number_of_names(
    run_module: Any, number: int, group_type: str | None
) -> None:
    """The service returns the desktop of a group for the name of a member. An entry without a type may be a group."""
    names = ["alice", *(f"user{other:03}" for other in range(1, number))]
    own, of_group, of_others = desktop(1, "CONNECTED", *names), desktop(2, "CONNECTED", "staff"), desktop(3, None, "hr")
    for record in (of_group, of_others):
        record["attach_users"][0]["type"] = group_type
    queries = [[("user_names", name) for name in group] for group in (names[:100], names[100:]) if group]
    by_name = [all_of([own, of_group], *query) if query == queries[0] else all_of([], *query) for query in queries]
    calls = [*all_of([own, of_group, of_others]), *(call for calls in by_name for call in calls)]
    outcome = run_module(main, by_name[0] if number == 1 else calls, user_names=names)
    assert ids(outcome) == ["d00001", "d00002"]
    assert outcome["unmatched_user_names"] == []
    assert outcome.warnings == []


def test_a_group_with_the_name_of_a_user_is_not_the_user(run_module: Any) -> None:
    names = [f"user{number:03}" for number in range(101)]
    fleet = [desktop(1, "CONNECTED", *names[1:]), desktop(2, "CONNECTED", "user000")]
    fleet[1]["attach_users"][0]["type"] = "GROUP"
    by_name = [
        *all_of(fleet[:1], *(("user_names", name) for name in names[:100])),
        *all_of([], ("user_names", names[100])),
    ]
    outcome = run_module(main, [*all_of(fleet), *by_name], user_names=names)
    assert ids(outcome) == ["d00001"]
    assert outcome["unmatched_user_names"] == ["user000"]


@pytest.mark.parametrize(
    "change",
    [
        {"attach_users": None},
        {"attach_users": [{"name": None, "type": "USER"}]},
        {"attach_users": [{"type": "USER"}, {"name": "bob", "type": "USER"}]},
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [1, 101])
def test_a_desktop_without_the_names_of_its_users_is_a_failure(run_module: Any, number: int, change: Any) -> None:
    names = ["alice", *(f"user{other:03}" for other in range(1, number))]
    fleet = [desktop(1, "CONNECTED", *names), {**desktop(2, "CONNECTED"), **change}]
    by_name = all_of(fleet, ("user_names", "alice"))
    outcome = run_module(main, by_name if number == 1 else all_of(fleet), user_names=names)
    assert (
        "user_names cannot be used: the service returns desktop d00002 without the field attach_users" in outcome["msg"]
    )
    assert outcome["attempts"] == 1


def test_long_names_count_for_more_than_one_query(run_module: Any) -> None:
    names = ["汉" * 44 + chr(0x4E00 + number) for number in range(20)]
    assert run_module(main, all_of([]), user_names=names)["unmatched_user_names"] == names


def test_statuses_are_chosen_from_all_desktops(run_module: Any) -> None:
    """A desktop can leave a status and return to it while a list of that status is read."""
    fleet = [desktop(1, "CONNECTED"), desktop(2, "DISCONNECTED"), desktop(3), desktop(4, None)]
    assert ids(run_module(main, all_of(fleet), connect_status=["CONNECTED", "DISCONNECTED"])) == ["d00001", "d00002"]
    assert ids(run_module(main, all_of(fleet), connect_status=["CONNECTED"])) == ["d00001"]


def test_a_filter_by_what_no_desktop_has_is_a_failure(run_module: Any) -> None:
    fleet = [desktop(1, None), desktop(2, None)]
    assert "connect_status cannot be used" in run_module(main, all_of(fleet), connect_status=["CONNECTED"])["msg"]


@pytest.mark.parametrize("given", [{"offset": 0}, {"limit": 0}, {"offset": 2000, "limit": 2000}])
def test_one_page_is_one_request_with_the_given_values(run_module: Any, given: dict[str, Any]) -> None:
    query = sorted([("connect_status", "REGISTERED"), *((name, str(value)) for name, value in given.items())])
    query += [("user_names", "a"), ("user_names", "b")]
    given = {**given, "user_names": ["b", "a"], "connect_status": ["REGISTERED"]}
    backwards = [desktop(2), desktop(1), desktop(1)]
    outcome = run_module(main, [Call(DESKTOPS, query, page(backwards, 99))], **given)
    assert ids(outcome) == ["d00002", "d00001", "d00001"]
    assert (outcome["total_count"], outcome["unmatched_user_names"]) == (99, [])
    assert outcome["connect_status_counts"]["REGISTERED"] == 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"user_names": []}, "user_names"),
        ({"connect_status": ["connected"]}, "connect_status"),
        ({"limit": "x"}, "limit"),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_option(run_module: Any, arguments: Any, named: str) -> None:
    outcome = run_module(main, [], **arguments)
    assert named in outcome["msg"]
    assert "\n" not in outcome["msg"]
    assert (outcome["status_code"], outcome["attempts"]) == (None, None)


def test_one_page_needs_its_total(run_module: Any) -> None:
    outcome = run_module(main, [Call(DESKTOPS, [("limit", "5")], {"desktops": []})], limit=5)
    assert "lacks total_count" in outcome["msg"]


def test_desktops_without_an_id_cannot_be_told_from_duplicates(run_module: Any) -> None:
    assert "no desktop_id" in run_module(main, [whole({"desktops": [{}, {}], "total_count": 2})])["msg"]
    assert "no desktop_id" in run_module(main, [whole({"desktops": [{"desktop_id": ""}], "total_count": 1})])["msg"]
    page_of_two = Call(DESKTOPS, [("limit", "5")], {"desktops": [{}, {}], "total_count": 2})
    assert len(run_module(main, [page_of_two], limit=5)["desktops"]) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "lacks desktops"),
        ({"desktops": None, "total_count": 0}, "lacks desktops"),
        ({"desktops": [], "total_count": -1}, "total_count is negative"),
        ({"desktops": [], "total_count": True}, "total_count"),
        ({"desktops": [], "total_count": "0"}, "total_count"),
        ({"desktops": {}, "total_count": 0}, "desktops"),
        ({"desktops": ["x"], "total_count": 1}, "desktops"),
        ([], "not a JSON object"),
        ("", "not a JSON object"),
        ({"error_code": "WKS.00010109", "error_msg": "no", "desktops": [], "total_count": 0}, "WKS.00010109"),
    ],
    ids=str,
)
@pytest.mark.parametrize("arguments", [{}, {"limit": 5}], ids=["all", "page"])
def test_an_unusable_response_with_status_200_is_a_failure(
    run_module: Any, arguments: Any, body: Any, words: str
) -> None:
    query = [("limit", "5")] if arguments else WHOLE
    outcome = run_module(main, [Call(DESKTOPS, query, body, headers={"X-Request-Id": "req-1"})], **arguments)
    assert words in outcome["msg"]
    assert outcome["status_code"] == 200
    assert outcome["request_id"] == "req-1"
    assert outcome["attempts"] == 1
