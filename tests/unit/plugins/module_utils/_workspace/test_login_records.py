# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login records: their times, what failed, and which of them are returned."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.login_records import ARGUMENTS, prepare

from ..fake import FakeProject, Pairs

NOTHING = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
#: The week of all records.
WEEK = {"since": "2026-11-16T00:00:00Z", "until": "2026-11-23T00:00:00Z"}


def login(user: str | None = "alice@corp.local", start: str = "2026-11-20T08:00:00Z", **more: Any) -> dict[str, Any]:
    usual = {"user_name": user, "computer_name": "desk-1", "desktop_id": "d-1", "connection_start_time": start}
    return {**usual, "connection_end_time": "", "connection_failure_reason": "", "is_reconnect": False, **more}


def read(*records: dict[str, Any], project: FakeProject | None = None, **options: Any) -> dict[str, Any]:
    given = project or FakeProject({"connections/desktops": list(records)})
    return prepare({**NOTHING, **WEEK, **options})(given)


def users(found: dict[str, Any]) -> list[str]:
    return [record["user_name"] for record in found["records"]]


def test_a_record_has_times_in_utc_and_the_user_without_the_domain() -> None:
    (record,) = read(login(connection_end_time="2026-11-20T08:10:30Z", tenantId="t", network_rtt=5, new=1))["records"]
    assert record["user_name"] == "alice"
    assert record["user"] == "alice@corp.local"
    assert record["connected_at"] == "2026-11-20T08:00:00Z"
    assert (record["ended_at"], record["duration"]) == ("2026-11-20T08:10:30Z", 630.0)
    assert (record["failure_reason"], record["network_rtt"], record["new"]) == (None, 5, 1)
    assert not {"tenantId", "id", "failed"} & set(record)


@pytest.mark.parametrize("end", ["", None, "0001-01-01 00:00:00", "soon"])
def test_a_connection_that_lasts_has_no_end(end: str | None) -> None:
    (record,) = read(login(connection_end_time=end))["records"]
    assert (record["ended_at"], record["duration"]) == (None, None)


def test_personal_data_is_returned_on_request_only() -> None:
    personal = dict.fromkeys(("public_ip", "source_ip", "terminal_ip", "terminal_mac", "terminal_name"), "secret")
    for options, expected in (({}, {None}), ({"contact_details": True}, {"secret"})):
        (record,) = read(login(**personal), **options)["records"]
        assert {record[name] for name in personal} == expected
    assert set(read(login(), contact_details=True)["records"][0]) >= set(personal)


def test_the_newest_record_comes_first_and_one_without_a_time_last() -> None:
    found = read(*(login("old", "2026-11-17T00:00:00Z"), login("untold", "soon"), login("new", "2026-11-22T00:00:00Z")))
    assert users(found) == ["new", "old", "untold"]
    assert found["oldest_record_at"] == "2026-11-17T00:00:00Z"
    assert found["total_count"] == 3
    assert read()["oldest_record_at"] is None


def test_the_time_range_is_sent_in_minutes_and_compared_in_seconds() -> None:
    times = {"first": "08:00:30", "before": "08:00:29", "last": "09:00:30", "after": "09:00:31"}
    records = [login(name, f"2026-11-20T{time}Z") for name, time in times.items()]
    project = FakeProject({"connections/desktops": records})
    found = read(project=project, since="2026-11-20 08:00:30", until="2026-11-20T17:00:30+08:00")
    assert users(found) == ["last", "first"]
    assert project.filters("connections/desktops") == [
        [("start_time", "2026-11-20T07:59Z"), ("end_time", "2026-11-20T09:02Z")]
    ]


@pytest.mark.parametrize("ahead", [-600.0, 0.0, 600.0])
def test_within_counts_back_from_the_time_of_the_service(ahead: float) -> None:
    there = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ahead)
    records = [
        login(name, f"{there - datetime.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}")
        for name, seconds in (("recent", 90), ("older", 110))
    ]
    project = FakeProject({"connections/desktops": records}, ahead=ahead)
    assert users(read(project=project, since=None, until=None, within=100.0)) == ["recent"]


def test_the_clock_of_the_service_is_requested_if_it_is_not_known() -> None:
    project = FakeProject({"connections/desktops": []})
    project.ahead = None
    read(project=project, since=None, until=None)
    assert project.queries[0] == ("connections/desktops", (("limit", "1"), ("offset", "0")))


def test_records_are_selected_by_user_and_computer() -> None:
    records = [login("alice@corp.local"), login("alicia@corp.local", computer_name="desk-2"), login("Bob")]
    assert users(read(*records, user_names=["ALICE", "bob"])) == ["alice", "Bob"]
    assert users(read(*records, user_names=["alice@Corp.local"])) == ["alice"]
    assert users(read(*records, computer_names=["DESK-2"])) == ["alicia"]
    found = read(*records, user_names=["alice", "nobody"], computer_names=["desk-2", "none"])
    assert users(found) == []
    assert found["unmatched_user_names"] == ["nobody"]
    assert found["unmatched_computer_names"] == ["none"]


def test_a_record_without_a_user_may_be_of_any_user() -> None:
    with pytest.raises(WorkspaceError, match="user_names cannot be used"):
        read(login(None), user_names=["alice"])


def test_failed_connections() -> None:
    records = [login("alice", connection_failure_reason="VM_CONNECT_FAILED"), login("bob", transaction_id="t")]
    assert users(read(*records)) == ["bob", "alice"]
    failed = read(*records, failed=True)
    assert [record["failure_reason"] for record in failed["records"]] == ["VM_CONNECT_FAILED"]
    assert users(read(*records, failed=False)) == ["bob"]
    assert failed["last_login"] == {"bob": "2026-11-20T08:00:00Z"}


def test_whether_a_connection_failed_may_not_be_known() -> None:
    untold = login()
    del untold["connection_failure_reason"]
    with pytest.raises(WorkspaceError, match="failed cannot be used"):
        read(untold, failed=True)
    assert read(untold)["last_login"] == {}
    set_up = {**untold, "connection_setup_time": "2026-11-20T08:00:01Z"}
    assert users(read(set_up, failed=False)) == ["alice"]
    assert list(read(set_up)["last_login"]) == ["alice"]


def test_the_last_login_is_the_newest() -> None:
    records = [login("alice", "2026-11-17T00:00:00Z"), login("alice@other", "2026-11-19T00:00:00Z", computer_name="x")]
    assert read(*records)["last_login"] == {"alice": "2026-11-19T00:00:00Z"}


def test_connections_at_the_same_time_are_different_records() -> None:
    records = [login(), login(transaction_id="2"), login(is_reconnect=True), login(computer_name="desk-2")]
    assert read(*records)["total_count"] == 4


def test_a_connection_that_ends_while_the_list_is_read_is_one_record() -> None:
    def ending(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
        return [{**record, "connection_end_time": f"2026-11-20T08:0{len(project.queries)}:00Z"} for record in records]

    project = FakeProject({"connections/desktops": [login()]}, ending)
    assert read(project=project)["total_count"] == 1
    assert len(project.queries) == 3


def test_a_service_with_smaller_pages_is_asked_for_them() -> None:
    def small(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
        if int(dict(query)["limit"]) > 100:
            raise WorkspaceError("limit", status_code=400)
        return records

    records = [login(transaction_id=str(number)) for number in range(150)]
    assert read(project=FakeProject({"connections/desktops": records}, small))["total_count"] == 150
    with pytest.raises(WorkspaceError, match="Broken"):
        read(project=FakeProject({"connections/desktops": WorkspaceError("Broken.", status_code=500)}))
