# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desktop pools: records, filters, sums, and their desktops and users only when asked for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.pools import ARGUMENTS, prepare

from ..fake import FakeProject

PROJECT = "5a43f2ce-5bd4-4f4c-8c22-d0cf4e8d8e15"
NOTHING = {name: argument.get("default") for name, argument in ARGUMENTS.items()}


def pool(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"id-{name}", "name": name, **more}


def read(pools: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """The answer of a service that ignores all filters."""
    return prepare({**NOTHING, **options})(FakeProject({"desktop-pools": pools}))


def names(answer: dict[str, Any]) -> list[str]:
    return [record["name"] for record in answer["pools"]]


def test_pools_are_sorted_and_their_desktops_summed_as_far_as_known() -> None:
    pools = [
        *(pool("c", desktop_count=5, desktop_used=2), pool("b", desktop_count=4), pool("a", desktop_used=1)),
        pool("d", desktop_count=1, desktop_used=0),
    ]
    answer = read(pools)
    assert names(answer) == ["a", "b", "c", "d"]
    assert [record["desktops_free"] for record in answer["pools"]] == [None, None, 3, 1]
    assert (answer["total_count"], answer["desktop_count"], answer["desktops_free"]) == (4, 10, 4)
    unknown = read(pools, pool_names=["a"])
    assert (unknown["desktop_count"], unknown["desktops_free"]) == (None, None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"pool_names": ["DESIGN", "lab", "des"]}, ["design", "lab"]),
        ({"pool_ids": ["id-lab", "id"]}, ["lab"]),
        ({"pool_names": ["design"], "pool_ids": ["id-lab"]}, []),
        ({"pool_type": "STATIC"}, ["lab"]),
        ({"in_maintenance_mode": True}, ["lab"]),
        ({"in_maintenance_mode": False}, ["design", "old"]),
        ({"enterprise_project_id": PROJECT.upper()}, ["old"]),
    ],
)
def test_filters_are_applied_here(options: dict[str, Any], expected: list[str]) -> None:
    pools = [
        pool("design", type="DYNAMIC", in_maintenance_mode=False, enterprise_project_id="0"),
        pool("lab", type="STATIC", in_maintenance_mode=True, enterprise_project_id="0"),
        pool("old", type="DYNAMIC", in_maintenance_mode=False, enterprise_project_id=PROJECT),
    ]
    answer = read(pools, **options)
    assert names(answer) == expected
    for kind, key in (("names", "name"), ("ids", "id")):
        asked = options.get(f"pool_{kind}", [])
        known = [record[key] for record in answer["pools"]]
        assert answer[f"unmatched_pool_{kind}"] == [value for value in asked if value.lower() not in known]


@pytest.mark.parametrize(
    "options", [{"in_maintenance_mode": False}, {"pool_type": "STATIC"}, {"enterprise_project_id": "0"}]
)
def test_a_pool_of_which_it_is_not_known_whether_it_matches_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match=f"^{next(iter(options))} cannot be used: .* desktop pool id-a without"):
        read([pool("a")], **options)
    assert names(read([], **options)) == []


def test_a_similar_name_is_suggested_in_a_warning() -> None:
    pools = [pool("design", enterprise_project_id="0")]
    answer = read(pools, pool_names=["desing"])
    assert answer["warnings"] == ["pool_names: no desktop pool is named desing (did you mean design?)."]
    answer = read(pools, enterprise_project_id=PROJECT)
    assert answer["warnings"] == [f"enterprise_project_id: no desktop pool is in the enterprise project {PROJECT}."]


def test_desktops_and_those_who_may_use_a_pool() -> None:
    """Of the selected pools only, and each desktop in the pool that GET desktops says."""
    person = {"object_type": "USER", "object_id": "u", "object_name": "bob", "domain": "corp", "user_group": "users"}
    group = {**person, "object_type": "USER_GROUP", "object_id": "v", "object_name": "artists"}
    project = FakeProject(
        {
            "desktop-pools": [pool("design"), pool("lab"), pool("empty"), pool("id-lab", id="other")],
            "desktop-pools/id-lab/users": [{**person, "created_at": "2026"}, group],
            "desktop-pools/id-empty/users": [],
            "desktops": [
                {"desktop_id": f"d{number}", "pool_id": pool_id}
                for number, pool_id in enumerate(("id-lab", "id-design", None, "id-lab", "other"))
            ],
            "desktops/detail": [
                {"desktop_id": f"d{number}", "computer_name": f"pc-{9 - number}"} for number in range(5)
            ],
        }
    )
    options = {**NOTHING, "pool_names": ["lab", "empty"], "authorized": True, "desktops": True}
    empty, lab = prepare(options)(project)["pools"]
    assert (empty["authorized_objects"], empty["desktops"]) == ([], [])
    assert lab["authorized_objects"] == [group, person]
    silent = {"status": None, "login_status": None, "attach_user_infos": []}
    assert lab["desktops"] == [
        {"desktop_id": "d3", "computer_name": "pc-6", **silent},
        {"desktop_id": "d0", "computer_name": "pc-9", **silent},
    ]
    project.queries.clear()
    assert prepare({**options, "pool_names": ["nobody"]})(project)["pools"] == []
    assert {path for path, _query in project.queries} == {"desktop-pools"}
