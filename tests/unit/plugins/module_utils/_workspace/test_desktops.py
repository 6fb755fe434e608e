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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktops import ARGUMENTS, prepare

from ..fake import FakeProject

NOTHING = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
PROJECT = "5a43f2ce-5bd4-4f4c-8c22-d0cf4e8d8e15"


def desktop(number: int, *users: str, **more: Any) -> dict[str, Any]:
    infos = [{"user_id": f"id-{name}", "user_name": name, "type": "USER"} for name in users]
    return {"desktop_id": f"id-{number}", "computer_name": f"pc-{number}", "attach_user_infos": infos, **more}


def read(records: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """The answer of a service that ignores all filters."""
    return prepare({**NOTHING, **options})(FakeProject({"desktops/detail": records}))


def ids(answer: dict[str, Any]) -> list[str]:
    return [record["desktop_id"] for record in answer["desktops"]]


def test_partial_matches_of_names_are_left_out() -> None:
    fleet = [desktop(1, "alice"), desktop(2, "alice2"), desktop(3, "ALICE", "bob"), desktop(10), desktop(11, "malice")]
    answer = read(fleet, user_names=["alice", "al", "Bob"])
    assert ids(answer) == ["id-1", "id-3"]
    assert answer["unmatched_user_names"] == ["al"]
    answer = read(fleet, computer_names=["PC-1"], desktop_ids=["ID-1", "id-2"])
    assert ids(answer) == ["id-1"]
    assert answer["unmatched_desktop_ids"] == ["id-2"]
    assert answer["unmatched_computer_names"] == []


def test_filters_that_the_service_ignores_are_applied() -> None:
    cad, it = {"key": "department", "value": "cad"}, {"key": "owner", "value": "7"}
    ours, theirs = {"enterprise_project_id": PROJECT.upper()}, {"enterprise_project_id": "0"}
    free, busy = {"in_maintenance_mode": False}, {"in_maintenance_mode": True}
    fleet = [
        desktop(1, "alice", status="ACTIVE", login_status="CONNECTED", tags=[cad, it], **free, **theirs),
        desktop(2, status="SHUTOFF", login_status="UNREGISTER", tags=[cad], **busy, **theirs),
        desktop(3, status="ERROR", login_status="NEW", attach_state="ATTACHED", tags=[], **free, **ours),
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
        ({"enterprise_project_id": "0"}, [1, 2]),
        ({"enterprise_project_id": PROJECT}, [3]),
    ):
        assert ids(read(fleet, **options)) == [f"id-{number}" for number in expected], options
    project = FakeProject({"desktops/detail": fleet})
    assert prepare({**NOTHING, "enterprise_project_id": PROJECT})(project)["warnings"] == []
    assert project.filters("desktops/detail") == [[]]  # A desktop can leave a project and return while it is read.
    (warning,) = read(fleet[:2], enterprise_project_id=PROJECT)["warnings"]
    assert warning == f"enterprise_project_id: no desktop is in the enterprise project {PROJECT}."


def test_names_that_the_service_does_not_find_are_searched_in_all_desktops() -> None:
    """A service that respects the letter case does not return `pc-1` for `PC-1`."""
    fleet = [desktop(1, "alice"), desktop(2, "Bob")]
    names = {
        "computer_names": lambda one: [one["computer_name"]],
        "user_names": lambda one: [user["user_name"] for user in one["attach_user_infos"]],
    }

    def select(_path: str, records: list[dict[str, Any]], query: Any) -> list[dict[str, Any]]:
        for key, values in names.items():
            wanted = {value for name, value in query if name == key}
            records = [one for one in records if not wanted or wanted & set(values(one))]
        return records

    for options, expected, missing, asked in (
        ({"computer_names": ["PC-1"]}, ["id-1"], [], 2),
        ({"computer_names": ["pc-1"]}, ["id-1"], [], 1),
        ({"user_names": ["BOB", "alcie"]}, ["id-2"], ["alcie"], 2),
    ):
        project = FakeProject({"desktops/detail": fleet}, select)
        answer = prepare({**NOTHING, **options})(project)
        (option,) = options
        assert (ids(answer), answer[f"unmatched_{option}"]) == (expected, missing), options
        assert len(project.filters("desktops/detail")) == asked
        assert project.filters("desktops/detail")[0] == [(option, name) for name in options[option]]
    assert answer["warnings"] == ["user_names: no user of a desktop is named alcie (did you mean alice?)."]


def test_unknown_statuses_are_counted_under_their_own_name() -> None:
    answer = read([desktop(1, status="MOVING", login_status="NEW"), desktop(2, status="ACTIVE")])
    assert answer["status_counts"] == {**dict.fromkeys(DESKTOP_STATUSES, 0), "ACTIVE": 1, "MOVING": 1}
    assert answer["login_status_counts"] == {**dict.fromkeys(CONNECT_STATUSES, 0), "NEW": 1, "UNKNOWN": 1}
    assert answer["total_count"] == 2
    assert answer["missing_fields"] == {"tags": ["id-1", "id-2"]}


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


def with_pools(*pool_ids: str | None, counted: int | None = None, **more: Any) -> dict[str, Any]:
    """The lists of a project with the pool `design`, and a desktop for each of these pool IDs."""
    return {
        "desktops/detail": [desktop(number) for number in range(len(pool_ids))],
        "desktops": [{"desktop_id": f"id-{number}", "pool_id": pool_id} for number, pool_id in enumerate(pool_ids)],
        "desktop-pools": [{"id": "p", "name": "design", "desktop_count": counted}],
        **more,
    }


def test_pools_come_from_two_other_operations() -> None:
    project = FakeProject(with_pools("p", "", None))
    found = prepare({**NOTHING, "pools": True})(project)["desktops"]
    assert [(one["pool_id"], one["pool_name"]) for one in found] == [("p", "design"), (None, None), (None, None)]
    assert project.filters("desktops") == [[]]


@pytest.mark.parametrize(
    ("options", "pool_ids", "counted", "words"),
    [
        ({"pools": True}, (None, None), 2, "2 desktops, but the service returns 0"),
        ({"pools": True}, (None, None), None, "an unknown number of desktops, but the service returns 0"),
        ({"pool_names": ["design"]}, (None, None), None, "an unknown number of desktops, but the service returns 0"),
        ({"pool_names": ["design"]}, ("p", None, None), 3, "3 desktops, but the service returns 1"),
    ],
)
def test_a_service_that_does_not_return_the_pools_of_desktops_is_a_failure(
    options: Any, pool_ids: Any, counted: int | None, words: str
) -> None:
    """Unless there are no desktops, or the pools are known to have none."""
    with pytest.raises(WorkspaceError, match=f"^The desktops of pool design are not known: the pool has {words} with"):
        prepare({**NOTHING, **options})(FakeProject(with_pools(*pool_ids, counted=counted)))
    for lists in (with_pools(None, counted=0), with_pools("", counted=None), with_pools(counted=None)):
        assert all(not one["pool_id"] for one in prepare({**NOTHING, **options})(FakeProject(lists))["desktops"])


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"pool_names": ["design"]}, "desktops/detail"),
        ({"pool_names": ["design"]}, "desktops"),
        ({"pools": True}, "desktops"),
        ({"pools": True, "computer_names": ["pc-1", "pc-2"]}, "desktops"),
    ],
)
@pytest.mark.parametrize(("size", "counted"), [(3, None), (3, 3), (130, None)])
def test_desktops_that_one_operation_does_not_return_are_read_again_then_a_failure(
    options: Any, path: str, size: int, counted: int | None
) -> None:
    def project(lost_until: int) -> FakeProject:
        def select(asked: str, records: list[dict[str, Any]], query: Any) -> list[dict[str, Any]]:
            readings = sum(one == "desktop-pools" for one, _query in reader.queries) // 3
            wanted = {value for key, value in query if key == "desktop_id"}
            return [
                one
                for one in records
                if (not wanted or one["desktop_id"] in wanted)
                and not (asked == path and one["desktop_id"] == "id-1" and readings < lost_until)
            ]

        reader = FakeProject(with_pools(*["p"] * size, counted=counted), select)
        return reader

    with pytest.raises(WorkspaceError, match=r"id-1, in 4 attempts|but the service returns 2 with") as caught:
        prepare({**NOTHING, **options})(project(100))
    assert caught.value.facts["attempts"] == 1
    assert "id-1" in ids(prepare({**NOTHING, **options})(project(2)))


def of_pools(count: int, pool_names: list[str], **options: Any) -> tuple[dict[str, Any], FakeProject]:
    """The answer of a project with so many desktops, all but the first in the pool `design`."""
    lists = {
        "desktops/detail": [desktop(number, tags=[]) for number in range(count)],
        "desktops": [{"desktop_id": f"id-{number}", "pool_id": "p1" if number else None} for number in range(count)],
        "desktop-pools": [
            {"id": "p1", "name": "design", "desktop_count": count - 1},
            {"id": "p2", "name": "empty", "desktop_count": 0},
            {"id": "p3", "name": "Design", "desktop_count": 0},
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
        similar = ["pool_names: no desktop pool is named desig (did you mean design?)."]
        assert answer["warnings"] == (similar if "desig" in missing else [])
        assert (ids(answer), answer["unmatched_pool_names"]) == (expected, missing), names
        assert {(one["pool_id"], one["pool_name"]) for one in answer["desktops"]} <= {("p1", "design")}
        assert project.filters("desktops/detail") == [[("desktop_id", one) for one in expected]] * bool(expected)
    answer, _project = of_pools(3, ["design"], desktop_ids=["id-0", "id-2"])
    assert (ids(answer), answer["unmatched_desktop_ids"]) == (["id-2"], ["id-0"])
    answer, project = of_pools(130, ["design"])
    assert answer["total_count"] == 129
    assert project.filters("desktops/detail") == [[]]


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


@pytest.mark.parametrize("option", ["status", "login_status"])
def test_a_status_that_no_desktop_has_is_an_error(option: str) -> None:
    wanted = {"status": "ERROR", "login_status": "CONNECTED"}[option]
    with pytest.raises(WorkspaceError, match=rf"^{option} cannot be used: .* no desktop with the field {option}\.$"):
        read([desktop(1)], **{option: [wanted]})
    assert ids(read([desktop(1), desktop(2, **{option: ""})], **{option: [wanted]})) == []
    assert ids(read([], **{option: [wanted]})) == []


@pytest.mark.parametrize(
    ("options", "field", "other"),
    [
        ({"tags": {"a": "b"}}, "tags", {"tags": []}),
        ({"in_maintenance_mode": False}, "in_maintenance_mode", {"in_maintenance_mode": True}),
        ({"user_attached": False}, "attach_user_infos", {"attach_state": "ATTACHED"}),
        ({"user_names": ["a"]}, "attach_user_infos.user_name", {"attach_user_infos": []}),
        ({"computer_names": ["a"]}, "computer_name", {"computer_name": "b"}),
        ({"enterprise_project_id": "0"}, "enterprise_project_id", {"enterprise_project_id": PROJECT}),
    ],
)
def test_a_desktop_of_which_it_is_not_known_whether_it_matches_is_an_error(
    options: dict[str, Any], field: str, other: dict[str, Any]
) -> None:
    """Unless another filter leaves it out."""
    fleet = [{"desktop_id": "id-1"}, {"desktop_id": "id-2", **other}]
    (option,) = options
    with pytest.raises(WorkspaceError, match=rf"^{option} cannot be used: .* desktop id-1 without the field {field}, "):
        read(fleet, **options)
    assert ids(read(fleet, **options, desktop_ids=["id-2"])) == []
    assert ids(read([], **options)) == []


def test_users_without_a_name_are_not_taken_for_others() -> None:
    """A group without a name is no user, but an entry without a type may be one."""
    unnamed = {"user_id": "u", "user_name": None}
    for entry, known in (({"type": "GROUP"}, True), ({"type": "USER"}, False), ({}, False)):
        fleet = [desktop(1, "alice"), {**desktop(2), "attach_user_infos": [{**unnamed, **entry}]}]
        if known:
            assert ids(read(fleet, user_names=["alice"])) == ["id-1"]
            continue
        with pytest.raises(WorkspaceError, match=r"desktop id-2 without the field attach_user_infos\.user_name"):
            read(fleet, user_names=["alice"])


def test_everything_is_sorted_by_name_then_id() -> None:
    fleet = [{**desktop(number), "computer_name": name} for number, name in ((3, "b"), (2, "a"), (1, "b"))]
    assert ids(read(fleet)) == ["id-2", "id-1", "id-3"]
