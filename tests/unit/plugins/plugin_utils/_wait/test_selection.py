# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which desktops a check is about, what is not found, and the status by both sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import (
    ARGUMENTS,
    UNMATCHED,
    Selection,
    status_of,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.service_tasks import added, question

CONNECT, DETAIL, USERS = "workspace_connect_desktops_info", "workspace_desktop_info", "workspace_user_info"
FREE = ("REGISTERED", "UNREGISTER")

#: Name -> pool, users and groups.
FLEET: dict[str, tuple[str | None, Sequence[str], Sequence[str]]] = {
    "a": ("dev", ["alice"], []),
    "b": ("dev", ["bob"], []),
    "c": (None, ["Alice", "bob"], []),
    "d": (None, [], ["night"]),
}


def shown(name: str, status: str = "REGISTERED") -> dict[str, Any]:
    """As connect-desktops has it."""
    _pool, users, groups = FLEET[name]
    attached = [(user, "USER") for user in users] + [(group, "GROUP") for group in groups]
    entries = [{"id": f"id-{one}", "name": one, "user_group": "g", "type": kind} for one, kind in attached]
    return {"desktop_id": f"id-{name}", "desktop_name": name, "connect_status": status, "attach_users": entries}


def detailed(name: str, login_status: str | None = "REGISTERED", status: str = "ACTIVE") -> dict[str, Any]:
    """As desktops/detail has it, with its pool."""
    infos = [
        {"user_id": user["id"], "user_name": user["name"], "user_group": "g", "type": user["type"], "domain": None}
        for user in shown(name)["attach_users"]
    ]
    pool = FLEET[name][0]
    ids = {"desktop_id": f"id-{name}", "computer_name": name, "pool_id": pool and f"id-{pool}", "pool_name": pool}
    return {**ids, "login_status": login_status, "status": status, "attach_user_infos": infos}


def selection(**options: Any) -> Selection:
    return Selection({**dict.fromkeys(ARGUMENTS), "resolve_groups": False, **options})


def connect(names: str = "abcd", **more: Any) -> dict[str, Any]:
    return {
        "desktops": [shown(name) for name in names],
        "total_count": len(names),
        "connect_status_counts": {"REGISTERED": len(names)},
        "unmatched_user_names": [],
        **more,
    }


def detail(names: str, **missing: list[str]) -> dict[str, Any]:
    none = {f"unmatched_{name}": [] for name in ("desktop_ids", "computer_names", "user_names", "pool_names")}
    return {
        "desktops": [detailed(name) for name in names],
        **none,
        **{f"unmatched_{one}": missing[one] for one in missing},
    }


def names(result: dict[str, Any]) -> str:
    assert result["total_count"] == len(result["desktops"]) == sum(result["connect_status_counts"].values())
    return "".join(desktop["desktop_name"] for desktop in result["desktops"])


def missing(result: dict[str, Any]) -> dict[str, list[str]]:
    return {name[10:]: result[name] for name in UNMATCHED if result[name]}


def test_users_alone_and_everything_are_asked_of_one_module() -> None:
    assert selection().questions() == [(CONNECT, {})]
    assert selection(user_names=["alice"]).questions() == [(CONNECT, {"user_names": ["alice"]})]
    result = selection().joined([connect(warnings=["w"])], FREE)
    assert (names(result), result["warnings"], missing(result)) == ("abcd", ["w"], {})
    assert {"a", "id-a"} < result["known_desktops"]
    result = selection(user_names=["alice", "x"]).joined([connect("a", unmatched_user_names=["x"])], FREE)
    # What else the project has is not known.
    assert (names(result), missing(result), result["known_desktops"]) == ("a", {"user_names": ["x"]}, None)


@pytest.mark.parametrize(
    ("options", "answers", "expected", "unmatched"),
    [
        ({"pool_names": ["DEV"]}, [detail("ab")], "ab", {}),
        # A pool that does not exist, and one without desktops.
        (
            {"pool_names": ["id-dev", "x", "empty"]},
            [detail("ab", pool_names=["x"])],
            "ab",
            {"pool_names": ["x", "empty"]},
        ),
        ({"tags": {"owner": "cad"}}, [detail("bc")], "bc", {}),
        ({"tags": {"owner": "cad"}}, [detail("")], "", {}),
        # Each option is held against the project, and not against what the others select.
        (
            {"computer_names": ["a", "d", "x"], "pool_names": ["dev"]},
            [detail("ad", computer_names=["x"]), detail("ab")],
            "a",
            {"computer_names": ["x"]},
        ),
        ({"desktop_ids": ["id-d"], "pool_names": ["dev"]}, [detail("d"), detail("ab")], "", {}),
        ({"user_names": ["alice"], "pool_names": ["dev"]}, [detail("ab")], "a", {}),
        ({"user_names": ["x", "bob"], "pool_names": ["dev"]}, [detail("ab")], "b", {"user_names": ["x"]}),
        ({"user_names": ["alic"], "pool_names": ["dev"]}, [detail("ab")], "", {"user_names": ["alic"]}),
    ],
)
def test_what_all_options_select(
    options: dict[str, Any], answers: list[dict[str, Any]], expected: str, unmatched: dict[str, list[str]]
) -> None:
    chosen = selection(**options)
    asked = [(DETAIL, {name: value}) for name, value in options.items() if name != "user_names"]
    assert chosen.questions() == [(CONNECT, {}), *sorted(asked, key=lambda one: list(ARGUMENTS).index(*one[1]))]
    result = chosen.joined([connect(), *answers], FREE)
    assert (names(result), missing(result)) == (expected, unmatched)
    assert {"d", "id-d"} < result["known_desktops"]


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
    ],
)
def test_groups_of_users(wanted: str, groups: dict[str, list[str]], expected: str, unmatched: list[str]) -> None:
    chosen = selection(user_names=[wanted], resolve_groups=True)
    assert chosen.questions() == [(CONNECT, {}), (DETAIL, {}), (USERS, {"groups": True})]
    users = [
        {"user_name": user, "groups": [{"group_id": f"id-{one}", "group_name": one} for one in of_user]}
        for user, of_user in groups.items()
    ]
    result = chosen.joined([connect(), detail("abcd"), {"users": users}], FREE)
    assert (names(result), result["unmatched_user_names"]) == (expected, unmatched)


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
def test_a_desktop_is_free_only_if_both_sources_say_so(
    connect_status: str | None, login_status: str | None, status: str, expected: str | None
) -> None:
    """A source that does not show the desktop, or no status, does not say so."""
    by_detail = detailed("a", login_status, status)
    assert status_of({**shown("a"), "connect_status": connect_status}, by_detail, FREE) == expected
    if connect_status is None:
        assert status_of(None, by_detail, FREE) == expected
    if login_status is None:
        assert status_of(shown("a"), None, FREE) == expected


def test_a_desktop_that_connect_desktops_does_not_show_is_there_and_in_use() -> None:
    chosen = selection(pool_names=["dev"])
    result = chosen.joined([connect("bcd"), detail("ab")], FREE)
    assert names(result) == "ab"
    assert result["desktops"][0] == {**shown("a"), "connect_status": None}
    assert "a" in chosen.joined([connect("bcd"), detail("ab")], FREE)["known_desktops"]
    # In the same way, one of a group that `desktops/detail` does not show.
    chosen = selection(user_names=["bob"], resolve_groups=True)
    result = chosen.joined([connect(), detail("ac"), {"users": []}], FREE)
    assert [(one["desktop_name"], one["connect_status"]) for one in result["desktops"]] == [
        ("b", None),
        ("c", "REGISTERED"),
    ]


@pytest.mark.parametrize("option", [name for name in ARGUMENTS if ARGUMENTS[name]["type"] == "list"])
@pytest.mark.parametrize("value", [[], [" "], ["['a', 'b']"]])
def test_bad_input_is_named(option: str, value: list[str]) -> None:
    with pytest.raises(WorkspaceError, match=option):
        selection(**{option: value})


def test_groups_are_those_of_users() -> None:
    with pytest.raises(WorkspaceError, match=r"^resolve_groups needs user_names: "):
        selection(resolve_groups=True, pool_names=["dev"])
    assert selection(user_names=["a"], tags={"owner": "cad"}, resolve_groups=True).shown == {
        "user_names": ["a"],
        "tags": ["owner=cad"],
        "resolve_groups": ["true"],
    }


def test_desktops_of_groups_that_are_not_resolved_are_a_warning() -> None:
    """Only those that the other options select."""
    told = "1 desktop that the other options select is assigned to user groups and not checked. Set resolve_groups"
    for options, answer, warned in (
        ({"desktop_ids": ["id-a", "id-d"]}, detail("ad"), True),
        ({"pool_names": ["dev"]}, detail("ab"), False),
    ):
        result = selection(user_names=["alice"], **options).joined([connect(), answer], FREE)
        assert [told in warning for warning in result["warnings"]] == [True] * warned
        assert "more_warnings" not in result


# What the service will do by itself


def task(name: str, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("task_type", "next_execution_at", "scheduled_type", "life_cycle_type", "apply_objects"))
    return {"id": f"id-{name}", "task_name": name, **nothing, **more}


@pytest.mark.parametrize(
    ("due", "told"),
    [
        (
            task("nightly", task_type="REBOOT", next_execution_at="2026-11-27T22:00:00Z"),
            "The service will execute the scheduled task nightly (REBOOT) at 2026-11-27T22:00:00Z.",
        ),
        (task("odd"), "The service will execute the scheduled task odd at a time that is not known."),
        (
            task("leave", task_type="STOP", life_cycle_type="POST_DESKTOP_LOGOFF"),
            "The service will execute the scheduled task leave (STOP) when an event triggers it (POST_DESKTOP_LOGOFF).",
        ),
        (
            task("many", apply_objects=[{"object_id": f"o{one}", "object_name": None} for one in range(7)]),
            "The service will execute the scheduled task many at a time that is not known, on o0, o1, o2, o3, o4 and 2 more.",
        ),
    ],
)
def test_each_due_task_is_a_warning(due: dict[str, Any], told: str) -> None:
    result = {"free": True, "scheduled_tasks": None, "warnings": ["first"]}
    found = added(result, {"tasks": [due], "warnings": ["second"]})
    assert found == {"free": True, "scheduled_tasks": [due], "warnings": ["first", "second", told]}


def test_tasks_that_cannot_be_read_change_no_verdict() -> None:
    found = added({"free": True, "scheduled_tasks": None}, {"failed": True, "msg": "HTTP 403."})
    assert found == {
        "free": True,
        "scheduled_tasks": None,
        "warnings": ["The scheduled tasks of the service are not known: HTTP 403."],
    }
    assert question(0) is None
    assert question(60) == ("workspace_scheduled_task_info", {"due_within": 60, "skip_refused": True})
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(WorkspaceError, match=r"^scheduled_within is .* 0 or more\.$"):
            question(wrong)
