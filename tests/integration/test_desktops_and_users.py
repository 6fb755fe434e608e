# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""workspace_desktop_info and workspace_user_info through ansible-playbook, with the examples of their documentation."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from ansible_collections.huaweicloud.workspace.plugins.modules import (
    workspace_audit_info,
    workspace_desktop_info,
    workspace_desktop_pool_info,
    workspace_user_info,
)
from integration.runs import POOLS, Call, assert_failed, keys_of, reach, run_calls, run_playbook
from simulator.client import Simulator

DETAIL, USERS, AUDIT = "workspace_desktop_info", "workspace_user_info", "workspace_audit_info"
MODULES = {
    DETAIL: workspace_desktop_info,
    USERS: workspace_user_info,
    AUDIT: workspace_audit_info,
    POOLS: workspace_desktop_pool_info,
}


def test_the_examples_of_the_documentation_run(simulator: Simulator, tmp_path: Path) -> None:
    """Those of the module connect-desktops and of the wait are run where they could give a false all-clear."""
    playbooks = []
    for name, module in MODULES.items():
        playbooks.append(tmp_path / f"{name}.yml")
        play = {"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(module.EXAMPLES)}
        playbooks[-1].write_text(json.dumps([play]), encoding="utf-8")
    done = run_playbook(*playbooks, env=reach(simulator.info))
    assert done.returncode == 0, done.output
    assert "skipped=0" in done.stdout, done.output


def test_pools_by_name_and_a_missing_permission(simulator: Simulator) -> None:
    """A list that cannot be read fails what needs it, and nothing else; names are found however users are listed."""
    users = simulator.project()["users"]
    keys = keys_of(simulator.info)
    simulator.behave(omit_users_without_pools=True, fuzzy=True, refuse=["desktop-pools"])
    found = run_calls(
        {
            "named": Call({**keys, "user_names": [*(user["user_name"] for user in users), "nobody"]}, POOLS),
            "desktops": Call(keys, DETAIL),
            "pools": Call({**keys, "pools": True}, DETAIL),
        }
    )
    held = [(user["user_name"], user["user_id"], user["desktop_pool_count"]) for user in users]
    answer = found["named"]
    assert [(user["user_name"], user["user_id"], user["desktop_pool_count"]) for user in answer["users"]] == held
    assert answer["unmatched_user_names"] == ["nobody"]
    assert found["desktops"]["total_count"] == 120
    assert_failed(found["pools"], "workspace:desktopPools:list", status_code=403)
