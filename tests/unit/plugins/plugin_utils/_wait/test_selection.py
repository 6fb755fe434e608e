# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which desktops a check is about, what is not found or not known, and the status according to both lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import (
    SELECTION,
    Selected,
    Selection,
)

CONNECT, DETAIL, USERS = "workspace_connect_desktops_info", "workspace_desktop_info", "workspace_user_info"
FREE = ("REGISTERED", "UNREGISTER")

#: Name -> pool, users and groups.
FLEET: dict[str, tuple[str | None, Sequence[str], Sequence[str]]] = {
    "a": ("Dev", ["alice"], []),
    "b": ("Dev", ["bob"], []),
    "c": (None, ["Alice", "bob"], []),
    "d": (None, [], ["night"]),
}
#: Desktop -> its tags. `c` was created without, `d` has one without a value.
TAGS = {"b": {"owner": "cad"}, "c": {"owner": "cad", "floor": "2"}, "d": {"owner": None}}


def shown(name: str, **more: Any) -> dict[str, Any]:
    """As connect-desktops returns it."""
    _pool, users, groups = FLEET[name]
    attached = [(user, "USER") for user in users] + [(group, "GROUP") for group in groups]
    entries = [{"id": f"id-{one}", "name": one, "user_group": "g", "type": kind} for one, kind in attached]
    record = {"desktop_id": f"id-{name}", "desktop_name": name, "connect_status": "REGISTERED", "attach_users": entries}
    return {**record, **more}


def detailed(name: str, **more: Any) -> dict[str, Any]:
    """As desktops/detail returns it, with its pool."""
    infos = [
        {"user_id": user["id"], "user_name": user["name"], "user_group": "g", "type": user["type"], "domain": None}
        for user in shown(name)["attach_users"]
    ]
    pool = FLEET[name][0]
    tags = [{"key": key, "value": value} for key, value in TAGS.get(name, {}).items()]
    ids = {"desktop_id": f"id-{name}", "computer_name": name, "pool_id": pool and f"id-{pool}", "pool_name": pool}
    state = {"login_status": "REGISTERED", "status": "ACTIVE"}
    return {**ids, **state, "attach_user_infos": infos, "tags": tags, **more}


def selection(**options: Any) -> Selection:
    return Selection({**dict.fromkeys(SELECTION), "resolve_groups": False, **options})


def decided(
    connect: str | list[dict[str, Any]], detail: str | list[dict[str, Any]], users: Sequence[Any] = (), **options: Any
) -> Selected:
    """The selection if the lists have these desktops, by name or as records."""
    lists = (
        [make(one) if isinstance(one, str) else one for one in given]
        for make, given in ((shown, connect), (detailed, detail))
    )
    results: list[dict[str, Any]] = [{"desktops": records, "missing_fields": {}} for records in lists]
    return selection(**options).selected([*results, {"users": users}], FREE)


def names(selected: Selected) -> str:
    return "".join(desktop["desktop_name"] for desktop in selected.desktops)


def missing(selected: Selected) -> dict[str, list[str]]:
    return {option: values for option, values in selected.unmatched.items() if values}


def directory(**groups: list[str]) -> list[dict[str, Any]]:
    """The users of the directory with their groups."""
    return [
        {"user_name": user, "groups": [{"group_id": f"id-{one}", "group_name": one} for one in of_user]}
        for user, of_user in groups.items()
    ]


def test_user_names_alone_need_connect_desktops_only() -> None:
    assert selection().questions() == [(CONNECT, {})]
    everything = {"desktops": [shown(name) for name in "abcd"], "warnings": ["w"]}
    result = selection().selected([everything], FREE)
    assert (names(result), result.warnings, missing(result)) == ("abcd", ["w"], {})
    assert {"a", "id-a"} < (result.known or set())
    asked = selection(user_names=["alice", "alcie"])
    assert asked.questions() == [(CONNECT, {"user_names": ["alice", "alcie"]})]
    result = asked.selected([{"desktops": [shown("a")], "unmatched_user_names": ["alcie"]}], FREE)
    # The other desktops of the project are not known.
    assert (names(result), missing(result), result.known) == ("a", {"user_names": ["alcie"]}, None)


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"pool_names": ["dev"], "computer_names": ["a"], "user_names": ["alice"]}, {"pools": True}),
        ({"computer_names": ["a"], "tags": {"owner": "cad"}, "desktop_ids": ["id-a"]}, {}),
    ],
)
def test_details_are_read_once_whatever_selects_desktops(options: dict[str, Any], detail: dict[str, Any]) -> None:
    assert selection(**options).questions() == [(CONNECT, {}), (DETAIL, detail)]
    groups = {"user_names": ["alice"], "resolve_groups": True}
    assert selection(**{**options, **groups}).questions()[2:] == [(USERS, {"groups": True})]


@pytest.mark.parametrize(
    ("options", "expected", "unmatched"),
    [
        ({"pool_names": ["DEV"]}, "ab", {}),
        ({"pool_names": ["ID-dev", "x"]}, "ab", {"pool_names": ["x"]}),
        ({"computer_names": ["A"], "tags": {"owner": "cad"}}, "", {}),
        ({"tags": {"owner": "cad"}}, "bc", {}),
        ({"tags": {"owner": "cad", "floor": "2"}}, "c", {}),
        ({"tags": {"owner": ""}}, "d", {}),
        # Each option is compared with the project, and not with what the others select.
        ({"computer_names": ["a", "D", "x"], "pool_names": ["dev"]}, "a", {"computer_names": ["x"]}),
        ({"desktop_ids": ["ID-d"], "pool_names": ["dev"]}, "", {}),
        ({"desktop_ids": ["id-d", "id-x"]}, "d", {"desktop_ids": ["id-x"]}),
        ({"user_names": ["ALICE"], "pool_names": ["dev"]}, "a", {}),
        ({"user_names": ["x", "bob"], "pool_names": ["dev"]}, "b", {"user_names": ["x"]}),
        ({"user_names": ["alic"], "pool_names": ["dev"]}, "", {"user_names": ["alic"]}),
    ],
)
def test_a_desktop_must_match_all_options(options: dict[str, Any], expected: str, unmatched: dict[str, Any]) -> None:
    result = decided("abcd", "abcd", **options)
    assert (names(result), missing(result), [*result.undetailed, *result.incomplete]) == (expected, unmatched, [])
    assert {"d", "id-d"} < (result.known or set())
    assert set(result.pools) == ({"dev", "id-dev"} if expected and "pool_names" in options else set())


@pytest.mark.parametrize(
    ("wanted", "groups", "expected", "unmatched"),
    [
        ("carol", {"carol": ["night"]}, "d", []),
        ("ALICE", {"alice": ["night"]}, "acd", []),
        ("carol", {"carol": ["day"]}, "", ["carol"]),
        ("carol", {}, "", ["carol"]),
        # The groups of a user that the directory does not have are not known, whatever desktops the user has.
        ("alice", {}, "ac", ["alice"]),
        # Those of the other users of the directory do not count.
        ("bob", {"bob": [], "carol": ["night"]}, "bc", []),
        # A group that has the name of a user is not the user.
        ("carol", {"carol": ["bob"]}, "", ["carol"]),
    ],
)
def test_desktops_of_groups_are_those_of_their_members(
    wanted: str, groups: dict[str, list[str]], expected: str, unmatched: list[str]
) -> None:
    result = decided("abcd", "abcd", directory(**groups), user_names=[wanted], resolve_groups=True)
    assert (names(result), result.unmatched["user_names"]) == (expected, unmatched)


def test_an_entry_without_a_type_may_be_a_group() -> None:
    connect = shown("d", attach_users=[{"id": "id-night", "name": None, "user_group": None, "type": None}])
    result = decided([connect], "d", directory(Carol=["night"]), user_names=["carol"], resolve_groups=True)
    assert names(result) == "d"
    connect["attach_users"][0]["name"] = "night"
    details = [detailed("d", attach_user_infos=[]), detailed("a")]
    result = decided([connect, shown("a")], details, user_names=["alice"], computer_names=["d", "a"])
    (warning,) = result.warnings
    assert warning.startswith("Not checked, because assigned to user groups or possibly so: d. Set resolve_groups to")


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        ({"desktop_ids": ["id-a", "id-d"]}, True),
        ({"pool_names": ["dev"]}, False),
        ({"desktop_ids": ["id-a", "id-d"], "resolve_groups": True}, False),
    ],
)
def test_selected_desktops_of_unresolved_groups_cause_a_warning(options: dict[str, Any], warned: bool) -> None:
    result = decided("abcd", "abcd", directory(alice=[]), user_names=["alice"], **options)
    assert bool(result.warnings) is warned


# What only one list contains, or a record lacks


@pytest.mark.parametrize(
    ("options", "selected", "not_known"),
    [
        # Its pool and tags are in the details only.
        ({"pool_names": ["dev"]}, "b", ["a"]),
        ({"tags": {"owner": "cad"}}, "bc", ["a"]),
        ({"pool_names": ["dev"], "user_names": ["alice"]}, "", ["a"]),
        # Its name, ID and users are in both lists.
        ({"computer_names": ["a"]}, "a", []),
        ({"desktop_ids": ["id-a"]}, "a", []),
        ({"user_names": ["alice"], "resolve_groups": True}, "ac", []),
        ({"pool_names": ["dev"], "computer_names": ["b"]}, "b", []),
        ({"pool_names": ["dev"], "user_names": ["bob"]}, "b", []),
        # It may be the desktop that would make the name of the pool right.
        ({"pool_names": ["dev", "x"], "computer_names": ["b"]}, "b", ["a"]),
    ],
)
def test_a_desktop_without_details_is_in_use_or_not_known(
    options: dict[str, Any], selected: str, not_known: list[str]
) -> None:
    result = decided("abcd", "bcd", directory(alice=[]), **options)
    assert (names(result), list(result.undetailed), result.incomplete) == (selected, not_known, [])
    assert missing(result) == {}
    assert {one["connect_status"] for one in result.desktops if one["desktop_name"] == "a"} <= {None}


NAMELESS = {"id": None, "name": None, "type": "USER"}
UNTYPED = {"id": "id-x", "name": None, "type": None}


@pytest.mark.parametrize(
    ("connect", "detail", "options"),
    [
        ({"attach_users": None}, {"attach_user_infos": None}, {"user_names": ["bob"]}),
        ({"attach_users": [NAMELESS]}, {"attach_user_infos": None}, {"user_names": ["bob"]}),
        ({"attach_users": [UNTYPED]}, {"attach_user_infos": []}, {"user_names": ["bob"]}),
        ({"desktop_name": None}, {"computer_name": None}, {"computer_names": ["b"]}),
        ({}, {"pool_name": None}, {"pool_names": ["qa"]}),
        ({}, {"tags": None}, {"tags": {"owner": "cad"}}),
    ],
)
def test_a_missing_field_makes_the_selection_not_known(
    connect: dict[str, Any], detail: dict[str, Any], options: dict[str, Any]
) -> None:
    records = ([shown("a", **connect), shown("b")], [detailed("a", **detail), detailed("b")])
    # With another option, so that both lists are read.
    result = decided(*records, desktop_ids=["id-a"], **options)
    assert len(result.incomplete) == 1
    assert (names(result), missing(result)) == ("", {})
    # What another option excludes does not matter.
    excluded = decided(*records, desktop_ids=["id-b"], **options)
    assert excluded.incomplete == (["a"] if "pool_names" in options else [])


@pytest.mark.parametrize(
    ("connect", "detail"),
    [
        ({"attach_users": None}, {}),
        ({}, {"attach_user_infos": None}),
        ({"attach_users": [{"id": "id-alice", "name": None, "type": None}]}, {}),
        ({"attach_users": [{"id": "id-night", "name": None, "type": "GROUP"}]}, {}),
    ],
)
def test_users_may_be_missing_in_one_of_the_lists(connect: dict[str, Any], detail: dict[str, Any]) -> None:
    records = ([shown("a", **connect)], [detailed("a", **detail)])
    assert names(decided(*records, user_names=["alice"], desktop_ids=["id-a"])) == "a"
    result = decided(*records, user_names=["bob"], desktop_ids=["id-a"])
    assert (names(result), result.incomplete, missing(result)) == ("", [], {"user_names": ["bob"]})


@pytest.mark.parametrize(
    ("connect_status", "login_status", "status", "expected"),
    [
        ("REGISTERED", "REGISTERED", "ACTIVE", "REGISTERED"),
        ("UNREGISTER", "REGISTERED", "SHUTOFF", "UNREGISTER"),
        ("CONNECTED", "REGISTERED", "ACTIVE", "CONNECTED"),
        ("REGISTERED", "DISCONNECTED", "ACTIVE", "DISCONNECTED"),
        ("REGISTERED", "NEW", "ACTIVE", "NEW"),
        ("REGISTERED", None, "ACTIVE", None),
        (None, "REGISTERED", "ACTIVE", None),
        (None, "CONNECTED", "ACTIVE", "CONNECTED"),
        ("UNREGISTER", "UNREGISTER", "HIBERNATED", "HIBERNATED"),
    ],
)
def test_a_desktop_is_free_only_if_both_lists_say_so(
    connect_status: str | None, login_status: str | None, status: str, expected: str | None
) -> None:
    """A list that does not contain the desktop, or no status, does not say so."""
    connect, detail = shown("a", connect_status=connect_status), detailed("a", login_status=login_status, status=status)
    lists = [([connect], [detail])]
    lists += [([], [detail])] if connect_status is None else []
    lists += [([connect], [])] if login_status is None else []
    for both in lists:
        (found,) = decided(*both, desktop_ids=["id-a"]).desktops
        assert found == shown("a", connect_status=expected)


LISTS = [name for name in SELECTION if SELECTION[name]["type"] == "list"]


@pytest.mark.parametrize(
    "options",
    [
        *({name: value} for name in LISTS for value in ([], [" "], ["['a', 'b']"])),
        *({"tags": tags} for tags in ({}, {" ": "x"}, {"cc": 34}, {42: "x"})),
        {"resolve_groups": True, "pool_names": ["dev"]},
    ],
)
def test_wrong_options_are_named_before_anything_is_read(options: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match=f"^{next(iter(options))}"):
        selection(**options)


def test_the_selection_is_shown_as_text() -> None:
    found = selection(user_names=["a"], tags={"owner": "cad"}, resolve_groups=True).shown
    assert found == {"user_names": ["a"], "tags": ["owner=cad"], "resolve_groups": ["true"]}


@pytest.mark.parametrize("found_at", [1, 2, 3])
def test_lists_that_contradict_each_other_are_read_once_more(found_at: int) -> None:
    """A desktop without details may have them when the lists are read again."""
    asked: list[str] = []

    def ask(module: str, _options: Any) -> dict[str, Any]:
        asked.append(module)
        detail = [detailed(name) for name in "abcd" if name != "a" or asked.count(DETAIL) >= found_at]
        return {"desktops": [shown(name) for name in "abcd"] if module == CONNECT else detail, "missing_fields": {}}

    selected, _results = selection(pool_names=["dev"]).read(ask, FREE)
    assert asked == [CONNECT, DETAIL] * (1 if found_at == 1 else 2)
    assert (names(selected), selected.undetailed) == (("b", ["a"]) if found_at == 3 else ("ab", []))
