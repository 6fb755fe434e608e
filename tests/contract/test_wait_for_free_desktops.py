# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task that checks that no desktop is in use, with its modules and a service, but without Ansible."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from ansible_collections.huaweicloud.workspace.plugins.action import workspace_wait_for_free_desktops as wait
from simulator.client import Simulator
from support import modules
from support.busy_tenant import BRACES, REGION, TENANT
from support.modules import run_module, run_wait
from support.runs import assert_failed, keys_of

FLEET = {"tenant": TENANT}
POOLS = "cn-southwest-2"
BROKEN = {"kind": "status", "status": 500, "match": "connections/desktops", "count": None}


def options_for(cloud: Simulator, project: str = REGION, **more: Any) -> dict[str, Any]:
    """The options that lead to a project."""
    place = {"project_id": cloud.project_id(project), "region": project.partition("_")[0]}
    return keys_of(cloud.info, **place, max_retries=0, **more)


def names(desktops: list[dict[str, Any]]) -> list[str]:
    return [desktop["desktop_name"] for desktop in desktops]


def test_the_message_names_desktops_statuses_and_users(cloud: Simulator) -> None:
    result, _lines = run_wait(options_for(cloud))
    assert result["failed"] is True
    assert result["msg"].splitlines() == [
        "3 of 5 desktops are in use:",
        "desk-10: CONNECTED, 张三, O'Brien",
        "desk-11: DISCONNECTED, Alice",
        f"{BRACES}: no status, no user",
        f"Checked all desktops (5) at {result['checks'][0]['at']} in project {cloud.info['project_id']} ({REGION}).",
    ]
    assert names(result["in_use"]) == ["desk-10", "desk-11", BRACES]
    place = {"project_id": cloud.info["project_id"], "region": REGION, "endpoint": cloud.url}
    assert {name: result[name] for name in place} == place
    assert [check["in_use_count"] for check in result["checks"]] == [3]
    paths = [entry["path"].rpartition(cloud.info["project_id"])[2] for entry in cloud.requests()]
    assert paths == ["/connect-desktops"] * 3 + ["/connections/desktops"] * 4


@pytest.mark.parametrize("behaviour", [{}, {"refuse": ["connections/desktops"]}, {"faults": [BROKEN]}])
def test_desktops_in_use_have_the_start_of_the_connection(cloud: Simulator, behaviour: dict[str, Any]) -> None:
    """If a login record says so. Without the records, the verdict is the same."""
    cloud.behave(**behaviour)
    result, _lines = run_wait(options_for(cloud, allowed_desktops=["desk-11"]))
    assert (result["reason"], result["desktop_count"]) == ("in_use", 5)
    assert not result.get("warnings")
    (began,) = (
        record["connection_start_time"]
        for record in cloud.records()["connections/desktops"]
        if record["user_name"].startswith("张三")
    )
    assert [desktop["connected_since"] for desktop in result["in_use"]] == [None if behaviour else began, None]
    assert [desktop["connected_since"] for desktop in result["in_use_but_allowed"]] == [None]


def test_a_timeout_of_the_task_after_the_check_does_not_change_the_verdict(cloud: Simulator) -> None:
    class TaskTimeoutError(BaseException):
        """As in ansible-core."""

    def ends(name: str, *more: Any) -> dict[str, Any]:
        if name == "workspace_login_record_info":
            raise TaskTimeoutError
        return run_module(name, *more)

    with mock.patch.object(modules, "run_module", ends):
        result, _lines = run_wait(options_for(cloud))
    assert result["reason"] == "in_use"
    assert {desktop["connected_since"] for desktop in result["in_use"]} == {None}


@pytest.mark.parametrize(
    ("project", "options", "reason", "expected"),
    [
        (REGION, {"allowed_desktops": ["desk-1", "desk-11"]}, "in_use", {"in_use_but_allowed": ["desk-11"]}),
        (REGION, {"user_names": ["bob", "bbo"], "expect_desktops": "no"}, None, {"unmatched_user_names": ["bbo"]}),
        (
            POOLS,
            {"pool_names": ["DEV", "no-pool"], "allowed_desktops": ["dev-2", "late"], "expect_desktops": False},
            None,
            {"unmatched_pool_names": ["no-pool"], "in_use_but_allowed": ["dev-2"], "scheduled_tasks": None},
        ),
        (POOLS, {"user_names": ["Carol"], "resolve_groups": True}, "in_use", {"in_use": ["shift"]}),
    ],
)
def test_the_selected_desktops_are_checked(
    cloud: Simulator, project: str, options: dict[str, Any], reason: str | None, expected: dict[str, Any]
) -> None:
    """Tables of selections are in the unit tests."""
    result, _lines = run_wait(options_for(cloud, project, **options))
    assert (result["reason"], result["free"]) == (reason, reason is None), result["msg"]
    shown = {key: names(result[key]) if key.startswith("in_use") else result[key] for key in expected}
    assert shown == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"wait": "1h"}, "wait is 1h, but must be seconds"),
        ({"free_statuses": "REGISTERED UNREGISTER"}, "free_statuses"),
        ({"user_names": [], "wait": 60}, "user_names"),
        ({"intervall": 3}, "intervall is not an option of this plugin; did you mean interval?"),
        ({"timeout": 0}, "timeout"),  # which the modules check
    ],
)
def test_a_wrong_option_fails_before_any_request(cloud: Simulator, options: dict[str, Any], words: str) -> None:
    result, _lines = run_wait(options_for(cloud, **options))
    assert_failed(result, words, status_code=None, reason="refused")
    assert (result["free"], result["in_use"], cloud.counters()["requests"]) == (False, None, 0)


def test_a_desktop_whose_users_or_tags_are_not_returned_is_not_known(cloud: Simulator) -> None:
    every = cloud.records(cloud.project_id(POOLS))["desktops/detail"]
    keys = {"desktop_id": "desktop_id", "desktop_name": "computer_name", "connect_status": "login_status"}
    shown = [{key: record[of_detail] for key, of_detail in keys.items()} for record in every]
    details = [{**record, "attach_user_infos": None, "tags": None} for record in every]
    lists = (("connect-desktops?limit=2000", shown), ("detail?limit=500", details))
    edit = {"kind": "edit", "count": None}
    cloud.behave(faults=[{**edit, "match": f"{name}&offset=0", "set": {"desktops": found}} for name, found in lists])
    for options in ({"user_names": ["alice"], "pool_names": ["dev"]}, {"tags": {"owner": "cad"}}):
        result, _lines = run_wait(options_for(cloud, POOLS, expect_desktops=False, **options))
        assert (result["reason"], result["free"]) == ("not_read", False), result["msg"]
        assert result["msg"].startswith("It is not known whether ")
    assert result["msg"].count("cad") == 1


def test_the_modules_of_a_check_share_total_timeout(cloud: Simulator) -> None:
    clock = mock.Mock(monotonic=mock.Mock(return_value=0.0))
    given: list[float] = []

    def takes_four_seconds(name: str, options: dict[str, Any]) -> dict[str, Any]:
        given.append(options["total_timeout"])
        clock.monotonic.return_value += 4
        return run_module(name, options)

    options = options_for(cloud, POOLS, computer_names=["late"], scheduled_within=60)
    with mock.patch.object(modules, "run_module", takes_four_seconds), mock.patch.object(wait, "time", clock):
        result, _lines = run_wait({**options, "total_timeout": 20})
        assert (result["reason"], given) == ("in_use", [20, 16, 12, 8])  # lists, scheduled tasks, login records
        result, _lines = run_wait({**options, "total_timeout": 4})
    assert_failed(result, "The check took longer than total_timeout (4 s): raise it.", reason="not_read")


def test_only_the_first_list_of_each_check_waits_for_other_hosts(cloud: Simulator) -> None:
    """A key that was revoked since the previous check is then rejected once, however many hosts wait."""
    waited: list[bool] = []

    def ahead(_identity: Any, _name: str, ask: Any, *, since: float) -> dict[str, Any]:
        waited.append(since > 0)
        return ask()

    options = options_for(cloud, POOLS, computer_names=["late"], wait=60)
    with mock.patch.object(wait, "one_ahead", ahead):
        result, _lines = run_wait(options, meanwhile=[cloud.requests])
    assert len(result["checks"]) == 2
    assert waited == [True, False] * 2 + [False]  # two lists for each check, then the login records


def test_a_misspelled_user_ends_the_wait_with_a_suggestion(cloud: Simulator) -> None:
    result, _lines = run_wait(options_for(cloud, wait=600, user_names=["bbob"]))
    told = "No user of a desktop is named bbob: did you mean bob?"
    assert (result["reason"], result["msg"].splitlines()[0]) == ("unmatched", told)


def test_a_desktop_that_is_added_to_the_pool_during_the_wait_is_checked(cloud: Simulator) -> None:
    """The tasks of the service are in the result, and a warning; if they cannot be read, that is one."""
    of_pool = options_for(cloud, POOLS, pool_names=["dev"], scheduled_within=7200)
    result, _lines = run_wait(of_pool)
    assert result["msg"].endswith(f" in project {of_pool['project_id']} (cn-southwest-2); pool_names: dev.")
    assert [task["task_name"] for task in result["scheduled_tasks"]] == ["nightly"]
    assert "The service will execute the scheduled task nightly (REBOOT) at 20" in str(result["warnings"])

    def join() -> None:
        cloud.set_status("REGISTERED", names=["dev-1"])
        cloud.set_status("CONNECTED", names=["late"], pool="dev")

    cloud.set_status("CONNECTED", names=["dev-1"])
    cloud.behave(refuse=["scheduled-tasks", "upgrade-tasks"])
    leave = [join, lambda: cloud.set_status("REGISTERED", names=["late"])]
    allowed = ["dev-2", "no-desktop"]
    result, lines = run_wait({**of_pool, "wait": 600, "allowed_desktops": allowed}, leave)
    assert (result["free"], result["desktop_count"]) == (True, 3), result["msg"]
    assert "1 of 2 desktops is in use: dev-1 (alice)" in lines[0]
    assert "1 of 3 desktops is in use (1 stopped, 1 started): late (bob)" in lines[1]
    assert "no desktop has the name or ID no-desktop." in str(result["warnings"])
    assert "The scheduled tasks of the service are not known: The " in str(result["warnings"])
