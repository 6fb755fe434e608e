# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""workspace_desktop_info and workspace_user_info through ansible-playbook, with the examples of their documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.modules import workspace_desktop_info, workspace_user_info
from integration.runs import Call, assert_failed, keys_of, run_calls, run_playbook
from simulator.client import Simulator

DETAIL, USERS = "workspace_desktop_info", "workspace_user_info"
MODULES = {DETAIL: workspace_desktop_info, USERS: workspace_user_info}


def always_there(documented: dict[str, Any]) -> set[str]:
    """The keys that the documentation promises with every success."""
    return {name for name, facts in documented.items() if facts["returned"] in ("success", "always")}


def keys_of_records(module: str, key: str) -> set[str]:
    return always_there(yaml.safe_load(MODULES[module].RETURN)[key]["contains"])


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_the_documentation_run(simulator: Simulator, module: str, tmp_path: Path) -> None:
    playbook = tmp_path / "playbook.yml"
    tasks = yaml.safe_load(MODULES[module].EXAMPLES)
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    info = simulator.info
    env = {
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
        "HUAWEICLOUD_SDK_PROJECT_ID": info["project_id"],
        "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4": info["url"],
    }
    done = run_playbook(playbook, env=env)
    assert done.returncode == 0, done.output
    assert "skipped=0" in done.stdout, done.output


def test_answers_and_refusals(simulator: Simulator) -> None:
    records = simulator.records()
    reach = keys_of(simulator.info)
    names = [user["user_name"] for user in records["users"]]
    ids = [desktop["desktop_id"] for desktop in records["desktops/detail"]]
    found = run_calls(
        {
            "all desktops": Call(reach, DETAIL),
            "their pools": Call({**reach, "desktop_ids": ids, "pools": True, "status": ["ACTIVE", "SHUTOFF"]}, DETAIL),
            "of users": Call({**reach, "user_names": [*names, "nobody"], "concurrency": 2}, DETAIL),
            "all users": Call(reach, USERS),
            "some users": Call({**reach, "user_names": ["alice", "nobody"], "contact_details": True}, USERS),
            "unknown status": Call({**reach, "login_status": ["ACTIVE"]}, DETAIL),
            "empty list": Call({**reach, "computer_names": []}, DETAIL),
            "blank": Call({**reach, "user_names": ["alice", " "]}, USERS),
        }
    )
    for name in ("all desktops", "their pools", "of users"):
        answer = found[name]
        assert keys_of_records(DETAIL, "desktops") <= set(answer["desktops"][0])
        assert always_there(yaml.safe_load(workspace_desktop_info.RETURN)) <= set(answer)
        assert answer["changed"] is False
    assert found["all desktops"]["total_count"] == len(ids)
    assert found["of users"]["unmatched_user_names"] == [
        name for name in (*names, "nobody") if not desktops_of(records["desktops/detail"], name)
    ]
    in_pools = {one["desktop_id"] for one in records["desktops"] if one["pool_id"]}
    for desktop in found["their pools"]["desktops"]:
        assert bool(desktop["pool_name"]) == (desktop["desktop_id"] in in_pools)
    for name in ("all users", "some users"):
        assert keys_of_records(USERS, "users") <= set(found[name]["users"][0])
        assert always_there(yaml.safe_load(workspace_user_info.RETURN)) <= set(found[name])
    assert found["all users"]["total_count"] == len(names)
    assert found["some users"]["users"][0]["user_email"].endswith("@example.com")
    assert found["some users"]["unmatched_user_names"] == ["nobody"]
    assert_failed(found["unknown status"], "login_status")
    assert_failed(found["empty list"], "computer_names", "omit")
    assert_failed(found["blank"], "user_names")


def desktops_of(desktops: list[dict[str, Any]], name: str) -> list[str]:
    return [
        desktop["desktop_id"]
        for desktop in desktops
        if name in [entry["user_name"] for entry in desktop["attach_user_infos"]]
    ]


def test_a_missing_permission_is_named(simulator: Simulator) -> None:
    simulator.behave(refuse=["users", "desktop-pools"])
    reach = keys_of(simulator.info)
    found = run_calls(
        {
            "users": Call(reach, USERS),
            "desktops": Call(reach, DETAIL),
            "pools": Call({**reach, "pools": True}, DETAIL),
        }
    )
    assert_failed(found["users"], "workspace:users:list", status_code=403)
    assert_failed(found["pools"], "workspace:desktopPools:list", status_code=403)
    assert found["desktops"]["total_count"] == 120


def test_pools_of_users_by_name(simulator: Simulator) -> None:
    simulator.behave(omit_users_without_pools=True, fuzzy=True)
    users = simulator.project()["users"]
    options = {**keys_of(simulator.info), "user_names": [*(user["user_name"] for user in users), "nobody"]}
    answer = run_calls({"named": Call(options, "workspace_desktop_pool_info")})["named"]
    held = [(user["user_name"], user["user_id"], user["desktop_pool_count"]) for user in users]
    assert [(user["user_name"], user["user_id"], user["desktop_pool_count"]) for user in answer["users"]] == held
    assert answer["unmatched_user_names"] == ["nobody"]
