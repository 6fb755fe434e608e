# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desktops of user groups, whose members count as their users if groups are resolved."""

from __future__ import annotations

from typing import Any

import pytest

from ..fake import Pairs
from .service import (
    Record,
    Service,
    attached,
    desktop,
    find,
    ids_of,
    refusal,
    user,
)

_OF_USERS = [f"desktops_of_{kind}_users" for kind in ("disabled", "locked", "expired", "unknown")]

NIGHT: dict[str, Any] = {
    "desktops": [
        desktop("four", attached("day", "GROUP")),
        desktop("one", attached("alice"), attached("night", "GROUP")),
        desktop("three", {"user_id": None, "user_name": "Night", "type": "GROUP"}),
        desktop("two", attached("night", "GROUP")),
    ],
    "users": [user("alice", disabled=True), *(user(name, total_desktops=0) for name in ("bob", "carol", "night"))],
    "groups": {"night": [user("alice"), user("bob"), user("ghost")], "day": [], "eve": [user("carol")]},
}


def test_members_of_groups_count_where_they_are_resolved() -> None:
    service = Service(**NIGHT)
    result = service.audit(resolve_groups=True)
    found = {
        finding: [(one.get("computer_name"), one["user_name"], one.get("group_name")) for one in records]
        for finding, records in result["findings"].items()
        if "user_name" in next(iter(records), {})
    }
    assert found["desktops_of_disabled_users"] == [
        ("one", "alice", None),
        ("three", "alice", "Night"),
        ("two", "alice", "night"),
    ]
    assert [name for name, _user, _group in found["desktops_of_unknown_users"]] == ["one", "three", "two"]
    assert found["users_without_desktop"] == [(None, "carol", None), (None, "night", None)]
    several = {one["user_name"]: one for one in result["findings"]["users_with_several_desktops"]}
    assert {name: one["total_desktops"] for name, one in several.items()} == {"alice": 3, "bob": 3}
    assert several["alice"]["computer_names"] == ["one", "three", "two"]
    assert result["findings"]["desktops_of_disabled_users"][0]["users"] == ["alice", "(night)"]
    assert not any("groups" in text for text in result["warnings"])
    assert "groups/id-eve/users" not in [path for path, _query in service.queries]


DOMAINS = {"night": "east", "other": "west"}

NIGHT_BY_NAME = {"user_id": None, "user_name": "night", "domain": "East"}


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        (attached("unlisted", "GROUP"), {}),
        ({"user_id": None, "user_name": None, "type": "GROUP"}, {}),
        # A group of the same name in another domain, or two that may be meant.
        ({**NIGHT_BY_NAME, "type": "GROUP"}, {"id-night": "west"}),
        ({**NIGHT_BY_NAME, "type": "GROUP"}, {"id-night": "east", "id-other": None}),
        # A user can have the name of a group.
        ({**NIGHT_BY_NAME, "type": "USER"}, {"id-night": "east"}),
        ({**NIGHT_BY_NAME, "type": None}, {"id-night": "east"}),
        (None, {}),
    ],
)
def test_groups_whose_members_are_not_known(entry: Record | None, groups: dict[str, str | None]) -> None:
    one = desktop("one", *([entry] if entry else []))
    given: dict[str, Any] = {
        "desktops": [{**one, "attach_user_infos": one["attach_user_infos"] or None}, desktop("two", attached("bob"))],
        "users": [user("alice", disabled=True, total_desktops=0), user("bob")],
        "user_pools": [],
        "groups": {"night": [user("alice")], "other": []},
        "listed": [{"id": one, "name": "Night", "domain": domain} for one, domain in groups.items()],
    }
    result = Service(**given).audit(resolve_groups=True)
    assert list(result["not_known"]["desktops_of_disabled_users"].values()) == [["id-one"]]
    typed = entry is not None and entry["type"] == "USER"
    unknown = {} if typed else {"may be a member of a group whose members are not known": ["id-alice"]}
    assert result["not_known"]["users_without_desktop"] == unknown


def test_a_group_is_known_by_its_name_and_domain() -> None:
    given: dict[str, Any] = {
        "desktops": [desktop("one", {**NIGHT_BY_NAME, "type": "GROUP"})],
        "users": [user(name, disabled=True) for name in ("alice", "bob")],
        "groups": {"night": [user("alice")], "other": [user("bob")]},
        "listed": [{"id": f"id-{name}", "name": "Night", "domain": domain} for name, domain in DOMAINS.items()],
    }
    found = find("desktops_of_disabled_users", given, resolve_groups=True)
    assert [one["user_name"] for one in found] == ["alice"]


def test_an_entry_without_a_type_is_a_group_if_a_group_has_its_id() -> None:
    given = {**NIGHT, "desktops": [desktop("one", attached("night", None)), desktop("two", attached("ghost", None))]}
    given["users"] = [user("alice", disabled=True)]
    result = Service(**given).audit(findings=["desktops_of_disabled_users"], resolve_groups=True)
    assert ids_of(result) == {"desktops_of_disabled_users": ["id-one"]}


def test_groups_that_are_not_resolved_are_a_warning() -> None:
    service = Service(**NIGHT)
    result = service.audit()
    assert [one["computer_name"] for one in result["findings"]["desktops_of_disabled_users"]] == ["one"]
    told = "4 of 4 desktops are assigned to user groups, but resolve_groups is not set"
    assert any(told in text for text in result["warnings"])
    assert not any(path.startswith("groups") for path, _query in service.queries)
    assert not any("groups" in text for text in Service(**NIGHT).audit(findings=["desktops_shut_off"])["warnings"])


def test_groups_that_may_not_be_read_leave_findings_about_users_unchecked() -> None:
    class Refusing(Service):
        def get(self, operation: Any, query: Pairs) -> Any:
            if operation.path == "groups":
                raise refusal()
            return super().get(operation, query)

    result = Refusing(**NIGHT).audit(resolve_groups=True, skip_refused=True)
    about = [*_OF_USERS, "users_without_desktop", "users_with_several_desktops"]
    assert list(result["not_checked"]) == about
    assert result["findings"]["desktops_shut_off"] == []
