# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""workspace_connect_desktops_info, with every HTTP call it is to make."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_connect_desktops_info import main

from ...conftest import DESKTOPS, Call

STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")
WHOLE = [("limit", "2000"), ("offset", "0")]
LOOK = [("limit", "1"), ("offset", "0")]


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


def look(total: int, *filters: tuple[str, str]) -> Call:
    """The call that looks again how many there are."""
    return Call(DESKTOPS, sorted([*LOOK, *filters]), page([desktop(0)], total))


def ids(outcome: Any) -> list[str]:
    """The ids returned."""
    return [record["desktop_id"] for record in outcome["desktops"]]


def test_sorted_counted_and_whole(run_module: Any) -> None:
    desktops = [desktop(3, "CONNECTED", "alice"), desktop(1), desktop(2, "UNREGISTER")]
    desktops[1]["desktop_name"] = desktops[2]["desktop_name"] = "same"
    outcome = run_module(main, [whole(page(desktops))])
    assert ids(outcome) == ["d00003", "d00001", "d00002"]
    assert outcome["total_count"] == 3
    assert outcome["connect_status_counts"] == {"UNREGISTER": 1, "REGISTERED": 1, "CONNECTED": 1, "DISCONNECTED": 0}
    assert outcome["unmatched_user_names"] == []
    assert outcome["changed"] is False


def test_empty_project(run_module: Any) -> None:
    outcome = run_module(main, [whole(page([]))])
    assert outcome["desktops"] == []
    assert outcome["total_count"] == 0
    assert set(outcome["connect_status_counts"].values()) == {0}


def test_every_key_is_there_and_new_ones_pass(run_module: Any) -> None:
    sparse = {"desktop_id": "d1", "attach_users": [{"name": "x", "new_in_user": 1}], "new_field": {"a": [1]}}
    outcome = run_module(main, [whole(page([sparse, {"desktop_id": "d2", "connect_status": "SLEEPING"}]))])
    assert outcome["desktops"] == [
        {
            "desktop_id": "d1",
            "desktop_name": None,
            "connect_status": None,
            "attach_users": [{"id": None, "name": "x", "user_group": None, "type": None, "new_in_user": 1}],
            "new_field": {"a": [1]},
        },
        {"desktop_id": "d2", "desktop_name": None, "connect_status": "SLEEPING", "attach_users": []},
    ]
    assert outcome["connect_status_counts"]["SLEEPING"] == 1
    assert outcome["connect_status_counts"]["UNKNOWN"] == 1
    assert sum(outcome["connect_status_counts"].values()) == 2


def test_a_total_that_is_less_than_what_is_shown_is_no_end(run_module: Any) -> None:
    """The vendor's example has a total of zero beside a desktop."""
    assert run_module(main, [whole(page([desktop(1)], 0)), whole(page([], 0), 1)])["total_count"] == 1
    same = page([desktop(1)], 0)
    assert run_module(main, [whole(same), whole(same, 1)])["total_count"] == 1
    fleet = [desktop(number) for number in range(7)]
    calls = [whole(page(fleet[offset : offset + 3], 0), offset) for offset in (0, 2, 4, 6)]
    assert run_module(main, calls)["total_count"] == 7


def test_names_and_one_status_go_into_one_query(run_module: Any) -> None:
    call = Call(
        DESKTOPS,
        [("connect_status", "CONNECTED"), *WHOLE, ("user_names", "BOB"), ("user_names", "a b"), ("user_names", "张三")],
        page([desktop(1, "CONNECTED", "bob")]),
    )
    outcome = run_module(main, [call], user_names=["BOB", "张三", "a b", "BOB"], connect_status=["CONNECTED"])
    assert outcome["unmatched_user_names"] == ["张三", "a b"]


def test_names_go_in_batches_of_a_hundred(run_module: Any) -> None:
    names = [f"user{number:03}" for number in range(205)]
    calls = [
        whole(page([desktop(number, "REGISTERED", names[start])]), 0, *(("user_names", n) for n in group))
        for number, (start, group) in enumerate((s, names[s : s + 100]) for s in range(0, 205, 100))
    ]
    outcome = run_module(main, calls, user_names=names)
    assert outcome["total_count"] == 3
    assert len(outcome["unmatched_user_names"]) == 202


def test_long_names_keep_the_request_line_short(run_module: Any) -> None:
    names = ["汉" * 44 + chr(0x4E00 + number) for number in range(20)]
    calls = [whole(page([]), 0, *(("user_names", n) for n in group)) for group in (names[:14], names[14:])]
    outcome = run_module(main, calls, user_names=names)
    assert max(len(request.path_url) for request in outcome.requests) < 8000
    assert outcome["unmatched_user_names"] == names


def test_a_desktop_of_two_batches_comes_once_and_as_seen_last(run_module: Any) -> None:
    names = [f"user{number:03}" for number in range(101)]
    calls = [
        whole(page([desktop(1, "CONNECTED", "user000", "user100")]), 0, *(("user_names", n) for n in names[:100])),
        whole(page([desktop(1, "DISCONNECTED", "user000", "user100")]), 0, ("user_names", names[100])),
    ]
    outcome = run_module(main, calls, user_names=names)
    assert [record["connect_status"] for record in outcome["desktops"]] == ["DISCONNECTED"]


def test_a_service_that_ignores_the_status_does_not_change_the_answer(run_module: Any) -> None:
    fleet = [desktop(1, "CONNECTED"), desktop(2, "REGISTERED"), desktop(3, None), desktop(4, "connected")]
    call = whole(page(fleet), 0, ("connect_status", "CONNECTED"))
    outcome = run_module(main, [call], connect_status=["CONNECTED"])
    assert ids(outcome) == ["d00001", "d00003", "d00004"]
    assert outcome["total_count"] == 3


def test_several_statuses_are_several_queries_and_a_second_look(run_module: Any) -> None:
    connected, disconnected = ("connect_status", "CONNECTED"), ("connect_status", "DISCONNECTED")
    calls = [
        whole(page([desktop(1, "CONNECTED")]), 0, connected),
        whole(page([desktop(2, "DISCONNECTED")]), 0, disconnected),
        look(1, connected),
        look(1, disconnected),
    ]
    assert ids(run_module(main, calls, connect_status=["CONNECTED", "DISCONNECTED"])) == ["d00001", "d00002"]


def test_a_desktop_that_slips_between_two_statuses_is_found(run_module: Any) -> None:
    """It is CONNECTED while DISCONNECTED is read, and the other way round: without the second look nobody is there."""
    connected, disconnected = ("connect_status", "CONNECTED"), ("connect_status", "DISCONNECTED")
    calls = [
        whole(page([]), 0, connected),
        whole(page([]), 0, disconnected),
        look(1, connected),
        look(0, disconnected),
        whole(page([desktop(1, "CONNECTED")]), 0, connected),
        whole(page([]), 0, disconnected),
        look(1, connected),
        look(0, disconnected),
    ]
    assert ids(run_module(main, calls, connect_status=["CONNECTED", "DISCONNECTED"])) == ["d00001"]


@pytest.mark.parametrize("clamp", [1000, 300])
def test_clamped_pages_are_read_to_the_end(run_module: Any, clamp: int) -> None:
    """Each page begins with the last record of the one before, so that a shift between them would show."""
    fleet = [desktop(number) for number in range(2200)]
    offsets = [0, *range(clamp - 1, 2001, clamp - 1)]
    calls = [whole(page(fleet[offset : offset + clamp], 2200), offset) for offset in offsets]
    assert calls[-1].query[1] == ("offset", str({1000: 1998, 300: 1794}[clamp]))
    if clamp == 300:
        calls.append(whole(page(fleet[2000:2200], 2200), 2000))
    outcome = run_module(main, calls)
    assert ids(outcome) == [record["desktop_id"] for record in fleet]


def test_a_short_page_in_the_middle_is_no_end(run_module: Any) -> None:
    fleet = [desktop(number) for number in range(250)]
    calls = [
        whole(page(fleet[:100], 250)),
        whole(page(fleet[99:140], 250), 99),
        whole(page(fleet[198:250], 250), 198),
        whole(page(fleet[139:239], 250), 139),
    ]
    assert len(ids(run_module(main, calls))) == 250


def test_a_full_page_is_no_end_if_the_total_is_less_than_it_holds(run_module: Any) -> None:
    fleet = [desktop(number) for number in range(2010)]
    calls = [whole(page(fleet[:2000], 0)), whole(page(fleet[1999:], 0), 1999), whole(page(fleet[2000:], 0), 2000)]
    assert len(ids(run_module(main, calls))) == 2010


def by_status(fleet: list[dict[str, Any]], *filters: tuple[str, str]) -> list[Call]:
    """The calls that read a fleet of up to 2,000 in each status, in parts."""
    return [
        whole(page([d for d in fleet if d["connect_status"] == status]), 0, ("connect_status", status), *filters)
        for status in STATUSES
    ]


def test_more_than_one_query_shows_is_split_by_status(run_module: Any) -> None:
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(5000)]
    calls = [whole(page(fleet[:2000], 5000)), *by_status(fleet), look(5000)]
    assert len(ids(run_module(main, calls))) == 5000


def test_the_parts_must_add_up_to_the_whole(run_module: Any) -> None:
    """One desktop is in a status that nobody can ask for: read three times, then a failure with both numbers."""
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(4999)]
    reading = [whole(page(fleet[:2000], 5000)), *by_status(fleet), look(5000)]
    outcome = run_module(main, reading * 3)
    assert "do not add up: 4999 of 5000 desktops were found" in outcome["msg"]
    assert outcome["attempts"] is None


def test_who_moved_between_the_parts_is_caught_by_reading_again(run_module: Any) -> None:
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(4500)]
    first = whole(page(fleet[:2000], 4500))
    calls = [first, *by_status(fleet[:-1]), look(4500), first, *by_status(fleet), look(4500)]
    assert len(ids(run_module(main, calls))) == 4500


def test_readings_are_joined_when_each_misses_another_desktop(run_module: Any) -> None:
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(4100)]
    first = whole(page(fleet[:2000], 4100))
    calls: list[Call] = []
    for missed in (0, 1, 2):
        calls += [first, *by_status(fleet[:missed] + fleet[missed + 1 :]), look(4100)]
    assert len(ids(run_module(main, calls))) == 4100


def test_what_the_last_complete_reading_no_longer_shows_is_left_out(run_module: Any) -> None:
    fleet = [desktop(number) for number in range(11)]
    calls = [
        whole(page(fleet[:6], 11)),
        whole(page(fleet[6:11], 10), 5),
        whole(page([], 10), 9),
        whole(page(fleet[1:], 10)),
    ]
    assert ids(run_module(main, calls)) == [record["desktop_id"] for record in fleet[1:]]


def test_one_status_too_large_without_names_fails_with_numbers(run_module: Any) -> None:
    fleet = [desktop(number, "REGISTERED") for number in range(2000)]
    status = ("connect_status", "REGISTERED")
    outcome = run_module(main, [whole(page(fleet, 4001), 0, status)], connect_status=["REGISTERED"])
    assert (
        "there are 4001 REGISTERED desktops, but the API shows 4000 of them at most: give user_names" in outcome["msg"]
    )


def test_names_are_halved_when_the_status_is_too_large(run_module: Any) -> None:
    fleets = {
        name: [desktop(start + n, "REGISTERED", name) for n in range(2000)] for name, start in (("a", 0), ("b", 5000))
    }
    status, a, b = ("connect_status", "REGISTERED"), ("user_names", "a"), ("user_names", "b")
    everybody = fleets["a"] + fleets["b"]
    calls = [
        whole(page(everybody[:2000], 4001), 0, status, a, b),
        whole(page(fleets["a"]), 0, status, a),
        whole(page([*fleets["b"], desktop(9999, "REGISTERED", "b")][:2000], 2001), 0, status, b),
        whole(page([fleets["b"][-1], desktop(9999, "REGISTERED", "b")], 2001), 1999, status, b),
        look(4001, status, a, b),
    ]
    outcome = run_module(main, calls, user_names=["a", "b"], connect_status=["REGISTERED"])
    assert outcome["total_count"] == 4001


def test_one_user_too_large_in_one_status_fails(run_module: Any) -> None:
    fleet = [desktop(number, "REGISTERED", "a") for number in range(2000)]
    status, a = ("connect_status", "REGISTERED"), ("user_names", "a")
    outcome = run_module(
        main, [whole(page(fleet, 4001), 0, status, a)], connect_status=["REGISTERED"], user_names=["a"]
    )
    assert "4001 REGISTERED desktops of a, but" in outcome["msg"]
    assert "no narrower" in outcome["msg"]


def test_a_server_that_ignores_the_offset_cannot_fool(run_module: Any) -> None:
    same = page([desktop(number) for number in range(100)], 250)
    reading = [whole(same, offset) for offset in (0, 99, 198)]
    assert "100 of 250 desktops were found" in run_module(main, reading * 3)["msg"]


def test_an_empty_page_that_claims_more_fails(run_module: Any) -> None:
    assert "0 of 7 desktops" in run_module(main, [whole(page([], 7))] * 3)["msg"]


def test_duplicates_do_not_make_up_for_what_is_missing(run_module: Any) -> None:
    twice = page([desktop(1), desktop(1), desktop(2)], 3)
    assert "2 of 3 desktops" in run_module(main, [whole(twice)] * 3)["msg"]


def test_who_slips_through_between_two_pages_is_caught(run_module: Any) -> None:
    """One leaves the first page and one joins at the end: the sum is right, and yet somebody was never seen."""
    fleet = [desktop(number) for number in range(11)]
    before, after = fleet[:10], fleet[1:]
    calls = [
        whole(page(before[:6], 10)),
        whole(page(after[5:], 10), 5),
        whole(page(after[:6], 10)),
        whole(page(after[5:], 10), 5),
    ]
    assert ids(run_module(main, calls)) == [record["desktop_id"] for record in after]


@pytest.mark.parametrize("given", [{"offset": 0}, {"limit": 0}, {"offset": 2000, "limit": 2000}, {"limit": 7}])
def test_one_page_is_one_request_with_just_these_values(run_module: Any, given: dict[str, int]) -> None:
    query = sorted((name, str(value)) for name, value in given.items())
    backwards = [desktop(2), desktop(1), desktop(1)]
    outcome = run_module(main, [Call(DESKTOPS, query, page(backwards, 99))], **given)
    assert ids(outcome) == ["d00002", "d00001", "d00001"]
    assert outcome["total_count"] == 99
    assert outcome["connect_status_counts"]["REGISTERED"] == 3


def test_one_page_with_filters(run_module: Any) -> None:
    query = [("connect_status", "CONNECTED"), ("limit", "5"), ("user_names", "a"), ("user_names", "b")]
    outcome = run_module(
        main, [Call(DESKTOPS, query, page([]))], limit=5, user_names=["b", "a"], connect_status=["CONNECTED"]
    )
    assert outcome["unmatched_user_names"] == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"user_names": []}, "user_names"),
        ({"user_names": ["a", ""]}, "user_names"),
        ({"user_names": ["  "]}, "user_names"),
        ({"user_names": ["x" * 6001]}, "user_names"),
        ({"connect_status": []}, "connect_status"),
        ({"connect_status": ["connected"]}, "connect_status"),
        ({"offset": -1}, "offset"),
        ({"offset": 2001}, "offset"),
        ({"limit": -1}, "limit"),
        ({"limit": 2001}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": True}, "limit"),
        ({"offset": 0, "connect_status": ["CONNECTED", "REGISTERED"]}, "connect_status"),
        ({"limit": 1, "user_names": [str(n) for n in range(101)]}, "limit"),
    ],
    ids=str,
)
def test_bad_input_is_one_sentence_that_names_the_option(run_module: Any, arguments: Any, named: str) -> None:
    outcome = run_module(main, [], **arguments)
    assert named in outcome["msg"]
    assert "\n" not in outcome["msg"]
    assert outcome["status_code"] is None
    assert outcome["attempts"] is None


def test_desktops_without_an_id_cannot_be_told_from_duplicates(run_module: Any) -> None:
    assert "no desktop_id" in run_module(main, [whole({"desktops": [{}, {}], "total_count": 2})])["msg"]
    assert "no desktop_id" in run_module(main, [whole({"desktops": [{"desktop_id": ""}], "total_count": 1})])["msg"]
    page_of_two = Call(DESKTOPS, [("limit", "5")], {"desktops": [{}, {}], "total_count": 2})
    assert len(run_module(main, [page_of_two], limit=5)["desktops"]) == 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "lacks desktops"),
        ({"desktops": None, "total_count": 0}, "lacks desktops"),
        ({"desktops": []}, "lacks total_count"),
        ({"desktops": [], "total_count": -1}, "lacks total_count"),
        ({"desktops": [], "total_count": True}, "total_count"),
        ({"desktops": [], "total_count": "0"}, "total_count"),
        ({"desktops": {}, "total_count": 0}, "desktops"),
        ({"desktops": ["x"], "total_count": 1}, "desktops"),
        ({"desktops": [{"desktop_id": 5}], "total_count": 1}, "desktop_id"),
        ({"desktops": [{"desktop_id": "x", "connect_status": 1}], "total_count": 1}, "connect_status"),
        ({"desktops": [{"desktop_id": "x", "attach_users": "u"}], "total_count": 1}, "attach_users"),
        ({"desktops": [{"desktop_id": "x", "attach_users": [None]}], "total_count": 1}, "attach_users"),
        ({"desktops": [{"desktop_id": "x", "attach_users": [{"name": 1}]}], "total_count": 1}, "name"),
        ([], "not a JSON object"),
        ("<html>hello</html>", "not a JSON object"),
        ("", "not a JSON object"),
        ({"error_code": "WKS.00010109", "error_msg": "no", "desktops": [], "total_count": 0}, "WKS.00010109"),
    ],
    ids=str,
)
@pytest.mark.parametrize("arguments", [{}, {"limit": 5}], ids=["all", "page"])
def test_a_200_that_is_no_answer_is_a_failure(run_module: Any, arguments: Any, body: Any, told: str) -> None:
    query = [("limit", "5")] if arguments else WHOLE
    outcome = run_module(main, [Call(DESKTOPS, query, body, headers={"X-Request-Id": "req-1"})], **arguments)
    assert told in outcome["msg"]
    assert outcome["status_code"] == 200
    assert outcome["request_id"] == "req-1"
    assert outcome["attempts"] == 1
