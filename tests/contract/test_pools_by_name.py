# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of users by name, where the list of pools may not be read."""

from __future__ import annotations

from simulator.client import Simulator
from support.modules import run_module
from support.runs import POOLS, assert_failed, keys_of

DETAIL = "workspace_desktop_info"
FLEET = {"desktops": 120, "users": 60, "pools": 5}


def test_users_are_found_by_name_and_a_missing_permission_fails_what_needs_it(cloud: Simulator) -> None:
    """However users are listed; and nothing else fails."""
    users = cloud.project()["users"]
    keys = keys_of(cloud.info)
    cloud.behave(omit_users_without_pools=True, fuzzy=True, refuse=["desktop-pools"])
    wanted = [*(user["user_name"] for user in users), "nobody"]
    answer = run_module(POOLS, {**keys, "user_names": wanted})
    assert run_module(DETAIL, keys)["total_count"] == 120
    assert_failed(run_module(DETAIL, {**keys, "pools": True}), "workspace:desktopPools:list", status_code=403)
    held = [(user["user_name"], user["user_id"], user["desktop_pool_count"]) for user in users]
    assert [(user["user_name"], user["user_id"], user["desktop_pool_count"]) for user in answer["users"]] == held
    assert answer["unmatched_user_names"] == ["nobody"]
