# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of the directory: records, filters, batches, and personal data only when asked for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.users import (
    ARGUMENTS,
    prepare,
    read_users,
)

from ..fake import FakeProject

NOTHING = {name: argument.get("default") for name, argument in ARGUMENTS.items()}


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"id-{name}", "user_name": name, "user_email": f"{name}@example.com", "user_phone": "+86", **more}


def read(records: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """The answer of a service that ignores all filters."""
    return prepare({**NOTHING, **options})(FakeProject({"users": records}))


def names(answer: dict[str, Any]) -> list[str]:
    return [record["user_name"] for record in answer["users"]]


def test_personal_data_is_returned_only_when_asked_for() -> None:
    assert read([user("alice")])["users"][0]["user_email"] is None
    assert read_users(FakeProject({"users": [user("alice")]}))[0]["user_phone"] is None
    found = read([user("alice")], contact_details=True)["users"][0]
    assert (found["user_email"], found["user_phone"]) == ("alice@example.com", "+86")


def test_partial_matches_of_names_are_left_out() -> None:
    answer = read([user("alice2"), user("Alice"), user("malice"), user("bob")], user_names=["alice", "ali", "BOB"])
    assert names(answer) == ["Alice", "bob"]
    assert answer["unmatched_user_names"] == ["ali"]
    assert answer["total_count"] == 2


def test_filters_that_the_service_ignores_are_applied() -> None:
    people = [
        user("a", disabled=True, locked=False, group_names=["cad"]),
        user("b", disabled=False, locked=True, group_names=[]),
        user("c", disabled=False, locked=False),
    ]
    assert names(read(people, disabled=True)) == ["a"]
    assert names(read(people, disabled=False, locked=True)) == ["b"]
    # The service does not return the groups of the last user, so its own filter is used.
    project = FakeProject(
        {"users": people},
        lambda path, records, query: (
            [] if "no-group" in str(query) else records[1:] if ("group_name", "CAD") in query else records
        ),
    )
    assert names(prepare({**NOTHING, "group_name": "CAD"})(project)) == ["a", "c"]
    with pytest.raises(WorkspaceError, match=r"^group_name cannot be used: the service ignores it"):
        read(people, group_name="CAD")


def test_members_of_a_group_are_chosen_from_all_users() -> None:
    """A user can leave a group and return while a list of its members is read."""
    project = FakeProject(
        {"users": [user("a", group_names=["cad"]), user("b", group_names=["Cad"]), user("c", group_names=[])]}
    )
    assert names(prepare({**NOTHING, "group_name": "cad"})(project)) == ["a", "b"]
    assert project.filters("users") == [[]]


def test_names_that_the_service_does_not_find_are_searched_in_all_users() -> None:
    """A service that respects the letter case does not return `alice` for `ALICE`."""
    project = FakeProject(
        {"users": [user("alice"), user("bob")]},
        lambda path, records, query: [
            one for one in records if "user_names" not in dict(query) or ("user_names", one["user_name"]) in query
        ],
    )
    answer = prepare({**NOTHING, "user_names": ["ALICE", "bobb"]})(project)
    assert (names(answer), answer["unmatched_user_names"]) == (["alice"], ["bobb"])
    assert answer["warnings"] == ["user_names: no user is named bobb (did you mean bob?)."]


@pytest.mark.parametrize("flag", ["disabled", "locked"])
def test_a_user_of_whom_a_flag_is_not_known_is_an_error(flag: str) -> None:
    for others in ([], [user("b", **{flag: True})]):
        with pytest.raises(WorkspaceError, match=rf"^{flag} cannot be used: .* user id-a without the field {flag}, "):
            read([user("a"), *others], **{flag: False})
    assert names(read([user("a"), user("b", **{flag: True})], user_names=["b"], **{flag: True})) == ["b"]
    assert names(read([], **{flag: True})) == []


def test_groups_are_those_that_list_the_user() -> None:
    """Whatever the record of the user says of them."""
    lists = {
        "users": [user("alice", group_names=["old"]), user("bob")],
        "groups": [{"id": "g2", "name": "night"}, {"id": "a/b", "name": "day"}, {"id": "g3"}],
        "groups/a%2Fb/users": [user("alice"), user("carol")],
        "groups/g2/users": [user("alice")],
        "groups/g3/users": [],
    }
    project = FakeProject(lists)
    alice, bob = prepare({**NOTHING, "groups": True})(project)["users"]
    assert alice["groups"] == [{"group_id": "a/b", "group_name": "day"}, {"group_id": "g2", "group_name": "night"}]
    assert bob["groups"] == []
    # A user who leaves a group and returns between two pages may hide another.
    assert {dict(query)["limit"] for path, query in project.queries if path.startswith("groups/")} == {"10000"}
    assert "groups" not in read([user("alice")])["users"][0]


def test_any_number_of_names_in_batches() -> None:
    everybody = [f"user-{number}" for number in range(230)]
    project = FakeProject(
        {"users": [user(name, disabled=False, group_names=["cad"]) for name in everybody]},
        lambda path, records, query: [one for one in records if ("user_names", one["user_name"]) in query],
    )
    options = {**NOTHING, "user_names": everybody, "disabled": False, "group_name": "cad"}
    assert prepare(options)(project)["total_count"] == 230
    assert sorted(len(pairs) for pairs in project.filters("users")) == [30, 100, 100]


def test_a_total_that_is_too_large_does_not_cause_more_requests_at_once() -> None:
    page = [user(str(number)) for number in range(100)]
    project = FakeProject({"users": {"users": page, "total_count": 10**6}})
    with pytest.raises(WorkspaceError, match="the same records for another offset"):
        read_users(project)
    # In each of four readings one page, and then as many as the concurrency.
    assert len(project.queries) == 20
