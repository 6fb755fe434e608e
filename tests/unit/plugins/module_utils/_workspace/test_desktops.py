# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desktops in detail: records, filters, batches, counts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.statuses import (
    CONNECT_STATUSES,
    DESKTOP_STATUSES,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktops import (
    FILTERS,
    prepare,
    read_desktops,
)

from ..fake import FakeProject

NOTHING: dict[str, Any] = {
    **dict.fromkeys((*FILTERS, "status", "login_status", "tags")),
    **dict.fromkeys(("in_maintenance_mode", "user_attached", "enterprise_project_id", "pool_names")),
    "pools": False,
    "usage": False,
}


def desktop(number: int, *users: str, **more: Any) -> dict[str, Any]:
    infos = [{"user_id": f"id-{name}", "user_name": name, "type": "USER"} for name in users]
    return {"desktop_id": f"id-{number}", "computer_name": f"pc-{number}", "attach_user_infos": infos, **more}


def read(records: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """The answer of a service that ignores all filters."""
    return prepare({**NOTHING, **options})(FakeProject({"desktops/detail": records}))


def ids(answer: dict[str, Any]) -> list[str]:
    return [record["desktop_id"] for record in answer["desktops"]]


def test_every_documented_key_is_there_and_others_pass() -> None:
    sparse = {"desktop_id": "a", "addresses": [{"addr": "10.0.0.1"}], "new": 1, "tags": [{"key": "k"}]}
    (record,) = read([sparse])["desktops"]
    assert record == {
        **dict.fromkeys(("computer_name", "os_host_name", "ipv4", "ipv6", "status", "task_status", "login_status")),
        **dict.fromkeys(("desktop_type", "attach_state", "in_maintenance_mode", "availability_zone", "subnet_id")),
        **dict.fromkeys(("enterprise_project_id", "os_version", "agent_version", "created", "is_freeze", "isolated")),
        "domain_status": None,
        "desktop_id": "a",
        "ip_addresses": [],
        "attach_user_infos": [],
        "tags": [{"key": "k", "value": None}],
        "metadata": {},
        "product": {},
        "security_groups": [],
        "addresses": [{"addr": "10.0.0.1"}],
        "new": 1,
    }


@pytest.mark.parametrize(
    "wrong", [{"status": 1}, {"in_maintenance_mode": "no"}, {"attach_user_infos": {}}, {"tags": ["a"]}]
)
def test_a_field_of_another_type_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match=f"{next(iter(wrong))}"):
        read([desktop(1, **wrong)])


def test_a_name_is_not_another_one_plus_a_letter() -> None:
    fleet = [desktop(1, "alice"), desktop(2, "alice2"), desktop(3, "ALICE", "bob"), desktop(10), desktop(11, "malice")]
    answer = read(fleet, user_names=["alice", "al", "Bob"])
    assert ids(answer) == ["id-1", "id-3"]
    assert answer["unmatched_user_names"] == ["al"]
    answer = read(fleet, computer_names=["PC-1"], desktop_ids=["ID-1", "id-2"])
    assert ids(answer) == ["id-1"]
    assert answer["unmatched_desktop_ids"] == ["id-2"]
    assert answer["unmatched_computer_names"] == []


def test_what_the_service_does_not_filter_is_filtered_here() -> None:
    cad, it = {"key": "department", "value": "cad"}, {"key": "owner", "value": "7"}
    fleet = [
        desktop(1, "alice", status="ACTIVE", login_status="CONNECTED", tags=[cad, it], enterprise_project_id="0"),
        desktop(2, status="SHUTOFF", login_status="UNREGISTER", tags=[cad], in_maintenance_mode=True),
        desktop(3, status="ERROR", login_status="NEW", attach_state="ATTACHED", enterprise_project_id="1"),
    ]
    for options, expected in (
        ({"status": ["ACTIVE"]}, [1]),
        ({"status": ["ACTIVE", "SHUTOFF"]}, [1, 2]),
        ({"login_status": ["CONNECTED", "UNREGISTER"]}, [1, 2]),
        ({"tags": {"department": "cad"}}, [1, 2]),
        ({"tags": {"department": "cad", "owner": "7"}}, [1]),
        ({"in_maintenance_mode": False}, [1, 3]),
        ({"user_attached": True}, [1, 3]),
        ({"user_attached": False}, [2]),
        # Where the service does not say, its own filter has to do.
        ({"enterprise_project_id": "0"}, [1, 2]),
    ):
        assert ids(read(fleet, **options)) == [f"id-{number}" for number in expected], options


def test_unknown_statuses_are_counted_under_their_own_name() -> None:
    answer = read([desktop(1, status="MOVING", login_status="NEW"), desktop(2, status="ACTIVE")])
    assert answer["status_counts"] == {**dict.fromkeys(DESKTOP_STATUSES, 0), "ACTIVE": 1, "MOVING": 1}
    assert answer["login_status_counts"] == {**dict.fromkeys(CONNECT_STATUSES, 0), "NEW": 1, "UNKNOWN": 1}
    assert answer["total_count"] == 2


def test_only_one_kind_is_sent_in_batches_of_a_hundred() -> None:
    asked = [f"id-{number}" for number in range(250)]
    project = FakeProject(
        {"desktops/detail": [desktop(number, "alice", status="ERROR") for number in range(300)]},
        lambda path, records, query: [one for one in records if ("desktop_id", one["desktop_id"]) in query],
    )
    options = {"desktop_ids": asked, "user_names": ["alice"], "status": ["ACTIVE"], "user_attached": True}
    assert prepare({**NOTHING, **options, "status": None})(project)["total_count"] == 250
    filters = project.filters("desktops/detail")
    assert [len(pairs) for pairs in filters] == [100, 100, 50]
    assert {key for pairs in filters for key, _value in pairs} == {"desktop_id"}
    assert prepare({**NOTHING, **options})(project)["total_count"] == 0


def test_more_names_than_one_query_takes_are_chosen_from_all_desktops() -> None:
    """A desktop may pass from a user of one query to a user of another meanwhile."""
    names = [f"user-{number:03}" for number in range(150)]
    project = FakeProject({"desktops/detail": [desktop(number, f"user-{number:03}") for number in range(0, 300, 100)]})
    answer = prepare({**NOTHING, "user_names": names})(project)
    assert answer["total_count"] == 2
    assert len(answer["unmatched_user_names"]) == 148
    assert project.filters("desktops/detail") == [[]]


def test_pools_come_from_two_other_operations() -> None:
    lists = {
        "desktops/detail": [desktop(1), desktop(2), desktop(3)],
        "desktops": [{"desktop_id": "id-1", "pool_id": "p"}, {"desktop_id": "id-2", "pool_id": ""}],
        "desktop-pools": [{"id": "p", "name": "design"}],
    }
    project = FakeProject(lists)
    found = prepare({**NOTHING, "pools": True})(project)["desktops"]
    assert [(one["pool_id"], one["pool_name"]) for one in found] == [("p", "design"), (None, None), (None, None)]
    assert project.filters("desktops") == [[("desktop_id", f"id-{number}") for number in (1, 2, 3)]]


def of_pools(count: int, pool_names: list[str], **options: Any) -> tuple[dict[str, Any], FakeProject]:
    """The answer of a project with so many desktops, all but the first in the pool `design`."""
    lists = {
        "desktops/detail": [desktop(number, tags=[]) for number in range(count)],
        "desktops": [{"desktop_id": f"id-{number}", "pool_id": "p1" if number else None} for number in range(count)],
        "desktop-pools": [
            *({"id": "p1", "name": "design", "desktop_count": count - 1}, {"id": "p2", "name": "empty"}),
            {"id": "p3", "name": "Design"},
        ],
    }
    project = FakeProject(lists)
    return prepare({**NOTHING, "pool_names": pool_names, **options})(project), project


def test_desktops_of_pools_by_name_or_id() -> None:
    """Letter case is ignored, and a pool without desktops exists."""
    for names, expected, missing in (
        (["DESIGN", "nowhere"], ["id-1", "id-2"], ["nowhere"]),
        (["P1", "empty"], ["id-1", "id-2"], []),
        (["empty"], [], []),
        (["desig"], [], ["desig"]),
    ):
        answer, project = of_pools(3, names)
        assert (ids(answer), answer["unmatched_pool_names"]) == (expected, missing), names
        assert {(one["pool_id"], one["pool_name"]) for one in answer["desktops"]} <= {("p1", "design")}
        assert project.filters("desktops/detail") == [[("desktop_id", one) for one in expected]]
    answer, _project = of_pools(3, ["design"], desktop_ids=["id-0", "id-2"])
    assert (ids(answer), answer["unmatched_desktop_ids"]) == (["id-2"], ["id-0"])
    answer, project = of_pools(130, ["design"])
    assert answer["total_count"] == 129
    assert project.filters("desktops/detail") == [[]]


@pytest.mark.parametrize(
    ("lost", "counted", "asked"),
    [
        ("", 2, [[("pool_id", "p1")]]),
        # Others are chosen from all desktops.
        ("id-2", 2, [[("pool_id", "p1")], []]),
        ("", None, [[]]),
    ],
)
def test_one_small_pool_is_asked_for_if_its_count_agrees(lost: str, counted: int | None, asked: list[Any]) -> None:
    lists = {
        "desktops/detail": [desktop(number) for number in range(3)],
        "desktops": [{"desktop_id": f"id-{number}", "pool_id": "p1" if number else None} for number in range(3)],
        "desktop-pools": [{"id": "p1", "name": "design", "desktop_count": counted}],
    }

    def select(_path: str, records: list[dict[str, Any]], query: Any) -> list[dict[str, Any]]:
        pooled = [record for record in records if record.get("pool_id") == "p1" and record["desktop_id"] != lost]
        return pooled if ("pool_id", "p1") in query else records

    project = FakeProject(lists, select)
    assert ids(prepare({**NOTHING, "pool_names": ["design"]})(project)) == ["id-1", "id-2"]
    assert project.filters("desktops") == asked


@pytest.mark.parametrize(("told", "counted"), [(0, 1), (1, 3), (2, 101)])
def test_desktops_of_a_pool_that_do_not_say_so_are_a_failure(told: int, counted: int) -> None:
    """Of three desktops, only so many have the ID of the pool. The others would be left out, whoever uses them."""
    simple = [{**desktop(number), "pool_id": "p" if number < told else None} for number in range(3)]
    pools = [{"id": "p", "name": "design", "desktop_count": counted}, {"id": "q", "name": "empty", "desktop_count": 0}]
    with pytest.raises(
        WorkspaceError, match=rf"pool design are not known: the pool has {counted} .* returns {told} with"
    ):
        prepare({**NOTHING, "pool_names": ["p"]})(FakeProject({"desktops": simple, "desktop-pools": pools}))


def test_usage_is_null_without_a_record() -> None:
    lists = {
        "desktops/detail": [desktop(1), desktop(2)],
        "statistics/metrics/desktops": [
            {
                "resource_id": "id-2",
                "latest_connect_username": "bob",
                "metric": [{"metric_name": "desktop_idle_duration", "metric_value": 86400.0}],
            }
        ],
    }
    none, used = prepare({**NOTHING, "usage": True})(FakeProject(lists))["desktops"]
    assert (none["last_user_name"], none["last_used_at"], none["idle_days"]) == (None, None, None)
    assert (used["last_user_name"], used["idle_days"]) == ("bob", 1.0)
    assert used["last_used_at"].endswith("Z")


@pytest.mark.parametrize(
    ("options", "field", "enough"),
    [
        ({"status": ["ERROR"]}, "status", {"status": ""}),
        ({"login_status": ["CONNECTED"]}, "login_status", {"login_status": "NEW"}),
        ({"tags": {"a": "b"}}, "tags", {"tags": []}),
        ({"in_maintenance_mode": False}, "in_maintenance_mode", {"in_maintenance_mode": True}),
        ({"user_attached": False}, "attach_user_infos or attach_state", {"attach_state": "ATTACHED"}),
        ({"user_names": ["a"]}, "attach_user_infos", {"attach_user_infos": []}),
        ({"computer_names": ["a"]}, "computer_name", {"computer_name": "b"}),
        ({"enterprise_project_id": "0"}, "enterprise_project_id", {"enterprise_project_id": "1"}),
    ],
)
def test_a_filter_on_a_field_that_is_not_there_is_an_error(
    options: dict[str, Any], field: str, enough: dict[str, Any]
) -> None:
    """One desktop that has it is enough, and so is a list without desktops."""
    lacking = {"desktop_id": "id-1"}
    (option,) = options
    with pytest.raises(WorkspaceError, match=rf"^{option} cannot be used: .* no desktop with the field {field}\.$"):
        read([lacking], **options)
    assert "id-2" not in ids(read([lacking, {"desktop_id": "id-2", **enough}], **options))
    assert ids(read([], **options)) == []


def test_everything_is_sorted_by_name_then_id() -> None:
    fleet = [{**desktop(number), "computer_name": name} for number, name in ((3, "b"), (2, "a"), (1, "b"))]
    found = read_desktops(FakeProject({"desktops/detail": fleet}))
    assert [one["desktop_id"] for one in found] == ["id-2", "id-1", "id-3"]


@pytest.mark.parametrize("option", [*FILTERS, "status", "login_status", "pool_names"])
@pytest.mark.parametrize("value", [[], [""], ["  "]])
def test_an_empty_filter_is_named(option: str, value: list[str]) -> None:
    with pytest.raises(WorkspaceError, match=option):
        prepare({**NOTHING, option: value})


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"status": ["active"]}, "status"),
        ({"login_status": ["ACTIVE"]}, "login_status"),
        ({"tags": {}}, "tags"),
        ({"tags": {"floor": 1.1}}, "tags.*floor"),
        ({"enterprise_project_id": " "}, "enterprise_project_id"),
    ],
)
def test_bad_input_is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(WorkspaceError, match=named):
        prepare({**NOTHING, **options})
