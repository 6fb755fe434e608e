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


def all_of(desktops: list[dict[str, Any]], *filters: tuple[str, str], size: int = 2000) -> list[Call]:
    """The calls that read a list, by pages of this size: each repeats four of the one before; the last shows the end."""
    total, calls, offset = len(desktops), [], 0
    while not calls or offset < total - 4:
        calls.append(whole(page(desktops[offset : offset + size], total), offset, *filters))
        offset += size - 4
    if len(calls) == 1 and total >= 10:
        # Ten records may be a page that was cut, and the total may count the page: not if it is the same beside less.
        start = total - min(4, total // 2)
        calls.append(whole(page(desktops[start:], total), start, *filters))
    return calls


def ids(outcome: Any) -> list[str]:
    """The ids returned."""
    return [record["desktop_id"] for record in outcome["desktops"]]


def test_sorted_counted_and_whole(run_module: Any) -> None:
    desktops = [desktop(3, "CONNECTED", "alice"), desktop(1), desktop(2, "UNREGISTER")]
    desktops[1]["desktop_name"] = desktops[2]["desktop_name"] = "same"
    outcome = run_module(main, all_of(desktops))
    assert ids(outcome) == ["d00003", "d00001", "d00002"]
    assert outcome["total_count"] == 3
    assert outcome["connect_status_counts"] == {"UNREGISTER": 1, "REGISTERED": 1, "CONNECTED": 1, "DISCONNECTED": 0}
    assert outcome["unmatched_user_names"] == []
    assert outcome["changed"] is False


def test_empty_project_is_one_request(run_module: Any) -> None:
    outcome = run_module(main, [whole(page([]))])
    assert outcome["desktops"] == []
    assert outcome["total_count"] == 0
    assert set(outcome["connect_status_counts"].values()) == {0}


def test_every_key_is_there_and_new_ones_pass(run_module: Any) -> None:
    sparse = {"desktop_id": "d1", "attach_users": [{"name": "x", "new_in_user": 1}], "new_field": {"a": [1]}}
    outcome = run_module(main, all_of([sparse, {"desktop_id": "d2", "connect_status": "SLEEPING"}]))
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
    """The vendor's example has a total of zero beside a desktop: the pages have to show the end, twice the same."""
    one_reading = [whole(page([desktop(1)], 0)), whole(page([], 0), 1)]
    assert run_module(main, one_reading * 2)["total_count"] == 1
    fleet = [desktop(number) for number in range(20)]
    calls = [whole(page(fleet[offset : offset + 8], 0), offset) for offset in (0, 4, 8, 12, 16)]
    assert run_module(main, [*calls, whole(page([], 0), 20)])["total_count"] == 20


def test_a_total_that_counts_the_page_is_no_end(run_module: Any) -> None:
    fleet = [desktop(number) for number in range(2500)]
    calls = [whole(page(fleet[offset : offset + 2000]), offset) for offset in (0, 1996, 2000)]
    # No offset lies behind the last page, so nothing shows that it is the last one.
    assert "found 2500 of 2000" in run_module(main, calls * 3)["msg"]
    fleet = fleet[:150]
    calls = [whole(page(fleet[offset : offset + 100]), offset) for offset in (0, 96, 146, 150)]
    assert len(ids(run_module(main, calls))) == 150


def test_a_total_that_counts_the_project_is_no_failure(run_module: Any) -> None:
    """The total of the filter and of the whole are the same, and so are those of two statuses that exclude each other."""
    connected = [desktop(number, "CONNECTED") for number in range(10)]
    status = ("connect_status", "CONNECTED")
    calls = [
        whole(page(connected, 300), 0, status),
        whole(page(connected[6:], 300), 6, status),
        whole(page([], 300), 10, status),
        *(
            Call(DESKTOPS, sorted([("limit", "1"), ("offset", "0"), *only]), page([desktop(0)], 300))
            for only in ([], [status], [("connect_status", "UNREGISTER")])
        ),
    ]
    assert len(ids(run_module(main, calls, connect_status=["CONNECTED"]))) == 10


def test_names_and_one_status_go_into_one_query(run_module: Any) -> None:
    filters = [("connect_status", "CONNECTED"), ("user_names", "BOB"), ("user_names", "a b"), ("user_names", "张三")]
    outcome = run_module(
        main,
        all_of([desktop(1, "CONNECTED", "bob")], *filters),
        user_names=["BOB", "张三", "a b", "BOB"],
        connect_status=["CONNECTED"],
    )
    assert outcome["unmatched_user_names"] == ["张三", "a b"]


def test_names_go_in_batches_of_a_hundred_and_the_whole_list_shows_who_was_missed(run_module: Any) -> None:
    """A desktop that is handed from a user of one batch to one of another meanwhile is in neither."""
    names = [f"user{number:03}" for number in range(205)]
    groups = [names[start : start + 100] for start in range(0, 205, 100)]
    theirs = [desktop(number, "REGISTERED", group[0]) for number, group in enumerate(groups)]
    everything = all_of([*theirs, desktop(3, "REGISTERED", "somebody")])
    reading = [whole(page([one]), 0, *(("user_names", name) for name in group)) for one, group in zip(theirs, groups)]
    missing = [reading[0], whole(page([]), 0, *(("user_names", name) for name in groups[1])), reading[2]]
    for before in ([], [*missing, *everything]):
        outcome = run_module(main, [*before, *reading, *everything], user_names=names)
        assert ids(outcome) == ["d00000", "d00001", "d00002"]
        assert len(outcome["unmatched_user_names"]) == 202
    outcome = run_module(main, [*missing, *everything] * 3, user_names=names)
    assert "could not be read consistently in 3 attempts" in outcome["msg"]


def test_long_names_keep_the_request_line_short(run_module: Any) -> None:
    names = ["汉" * 44 + chr(0x4E00 + number) for number in range(20)]
    calls = [whole(page([]), 0, *(("user_names", n) for n in group)) for group in (names[:14], names[14:])]
    outcome = run_module(main, [*calls, *all_of([])], user_names=names)
    assert max(len(request.path_url) for request in outcome.requests) < 8000
    assert outcome["unmatched_user_names"] == names


def test_a_service_that_ignores_the_status_does_not_change_the_answer(run_module: Any) -> None:
    fleet = [desktop(1, "CONNECTED"), desktop(2, "REGISTERED"), desktop(3, None), desktop(4, "connected")]
    outcome = run_module(main, all_of(fleet, ("connect_status", "CONNECTED")), connect_status=["CONNECTED"])
    assert ids(outcome) == ["d00001", "d00003", "d00004"]
    assert outcome["total_count"] == 3


def test_several_statuses_are_one_query_so_that_nobody_slips_between_them(run_module: Any) -> None:
    fleet = [desktop(1, "CONNECTED"), desktop(2, "DISCONNECTED"), desktop(3), desktop(4, None)]
    outcome = run_module(main, all_of(fleet), connect_status=["CONNECTED", "DISCONNECTED"])
    assert ids(outcome) == ["d00001", "d00002"]


@pytest.mark.parametrize(("total", "size"), [(2100, 2000), (4000, 2000), (2200, 1000)])
def test_pages_share_four_records(run_module: Any, total: int, size: int) -> None:
    fleet = [desktop(number) for number in range(total)]
    calls = all_of(fleet, size=size)
    if total == 4000:
        calls = [*calls[:2], whole(page(fleet[2000:], 4000), 2000)]
    assert len(ids(run_module(main, calls))) == total


def test_a_short_page_in_the_middle_is_no_end(run_module: Any) -> None:
    fleet = [desktop(number) for number in range(350)]
    reads = [(0, 100), (96, 196), (192, 230), (288, 350), (226, 326)]
    calls = [whole(page(fleet[start:end], 350), start) for start, end in reads]
    assert len(ids(run_module(main, calls))) == 350


def by_status(fleet: list[dict[str, Any]], total: int) -> list[Call]:
    """The calls that read a fleet that one query cannot show, in parts."""
    return [
        whole(page(fleet[:2000], total)),
        *(
            whole(page([d for d in fleet if d["connect_status"] == status]), 0, ("connect_status", status))
            for status in STATUSES
        ),
    ]


def test_what_one_query_cannot_show_is_read_by_status_and_proven_by_a_second_reading(run_module: Any) -> None:
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(5000)]
    assert len(ids(run_module(main, by_status(fleet, 5000) * 2))) == 5000


@pytest.mark.parametrize("replaced", [False, True], ids=["in-an-unknown-status", "replaced-in-every-reading"])
def test_parts_that_never_show_the_whole_are_read_in_detail(run_module: Any, replaced: bool) -> None:
    """A desktop that is gone afterwards does not stand in for one that was never shown, although the number is right."""
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(4099)]
    total, calls = 4100, []
    for gone in (0, 1, 2):
        calls += by_status([*fleet, desktop(9000 + gone)] if replaced else fleet, total)
    count = [("limit", "1"), ("offset", "0")]
    for status in STATUSES:
        calls.append(Call(DESKTOPS, [("connect_status", status), *count], page([], 1)))
    calls += by_status(fleet, total)[1:]
    detail = DESKTOPS.replace("connect-desktops", "desktops/detail")
    refused = Call(detail, [("limit", "500"), ("offset", "0")], {"error_code": "X", "error_msg": "no"}, 403)
    outcome = run_module(main, [*calls, refused])
    assert "workspace:desktops:listDetail" in outcome["msg"]
    assert "of 4100" in outcome["msg"]


def test_who_was_missed_once_is_found_between_two_other_readings(run_module: Any) -> None:
    fleet = [desktop(number, STATUSES[number % 4]) for number in range(4500)]
    calls = by_status(fleet, 4500) + by_status(fleet[:-1], 4500) + by_status(fleet, 4500)
    assert len(ids(run_module(main, calls))) == 4500


def test_ten_desktops_may_be_a_page_that_was_cut(run_module: Any) -> None:
    fleet = [desktop(number) for number in range(10)]
    assert len(ids(run_module(main, [whole(page(fleet)), whole(page(fleet[6:], 10), 6)]))) == 10
    assert len(ids(run_module(main, [whole(page(fleet[:9]))]))) == 9


def test_a_service_that_shows_the_same_page_for_every_offset_is_believed_if_its_total_counts(run_module: Any) -> None:
    same = page([desktop(number) for number in range(12)])
    single = [("limit", "1"), ("offset", "0")]
    calls = [whole(same), whole(same, 8), Call(DESKTOPS, single, page([desktop(0)], 12))]
    assert len(ids(run_module(main, calls))) == 12
    assert len(ids(run_module(main, [*calls[:2], Call(DESKTOPS, single, same)]))) == 12
    counts_page = Call(DESKTOPS, single, page([desktop(0)], 1))
    outcome = run_module(main, [*calls[:2], counts_page, *calls[:2], *calls[:2]])
    assert "could not be read consistently" in outcome["msg"]


def test_a_server_that_ignores_the_offset_cannot_fool(run_module: Any) -> None:
    same = page([desktop(number) for number in range(100)], 250)
    assert "found 100 of 250" in run_module(main, [whole(same), whole(same, 96)] * 3)["msg"]


def test_an_empty_page_that_claims_more_fails(run_module: Any) -> None:
    assert "found 0 of 7" in run_module(main, [whole(page([], 7))] * 3)["msg"]


def test_duplicates_do_not_make_up_for_what_is_missing(run_module: Any) -> None:
    twice = page([desktop(1), desktop(1), desktop(2)], 3)
    assert "found 2 of 3" in run_module(main, [whole(twice)] * 3)["msg"]


def test_who_slips_through_between_two_pages_is_caught(run_module: Any) -> None:
    """One leaves the first page and one joins at the end: the sum is right, and yet somebody was never seen."""
    fleet = [desktop(number) for number in range(21)]
    before, after = fleet[:20], fleet[1:]
    calls = [whole(page(before[:14], 20)), whole(page(after[10:], 20), 10), *all_of(after, size=14)]
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
