# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects in which something is out of order, in every way, and what an audit has to find."""

from __future__ import annotations

from typing import Any

REGION = "cn-north-4"

# The names say what is wrong; "well" stands for what is in no finding.
TENANT: dict[str, Any] = {
    "projects": [
        {
            "region": REGION,
            "pools": [
                {"name": "well-pool", "fields": {"desktop_count": 9, "desktop_used": 8}},
                {"name": "full-pool", "fields": {"desktop_count": 3, "desktop_used": 3}},
                {"name": "unused-pool", "fields": {"desktop_count": 3, "desktop_used": 0}},
                {"name": "empty-pool", "fields": {"desktop_count": 0, "desktop_used": 0}},
                {"name": "kept-pool", "fields": {"desktop_count": 3, "desktop_used": 1, "in_maintenance_mode": True}},
            ],
            "users": [
                {"name": "well", "pools": {"well-pool": True, "full-pool": True}},
                {"name": "disabled", "fields": {"disabled": True}, "pools": {"well-pool": True}},
                {
                    "name": "locked",
                    "fields": {"locked": True, "group_names": ["night-shift"]},
                    "user_group": "sudo",
                    "pools": {"kept-pool": True},
                },
                {"name": "expired", "fields": {"account_expired": True}, "pools": {"well-pool": True}},
                {"name": "waiting", "pools": {"well-pool": False, "unused-pool": False}},
                {"name": "poolless"},
                {"name": "idler", "pools": {"well-pool": False}},
                {"name": "contradicted", "pools": {"well-pool": True}},
                {"name": "<b>&{{ 6 * 7 }}", "pools": {"well-pool": True}},
            ],
            "desktops": [
                {"name": "well-1", "users": ["well"], "idle_days": 0},
                {"name": "well-2", "users": ["well"], "groups": ["night-shift"], "idle_days": 9},
                {"name": "free-of-pool", "pool": "well-pool", "idle_days": None},
                {"name": "group-only", "groups": ["night-shift"]},
                {"name": "spare"},
                {"name": "of-disabled", "users": ["disabled"]},
                {"name": "of-locked", "users": ["locked", "well"]},
                {"name": "of-expired", "users": ["expired"]},
                {"name": "of-former", "former_users": ["ghost"]},
                {"name": "dead", "users": ["waiting"], "status": "UNREGISTER"},
                {
                    "name": "starting",
                    "users": ["poolless"],
                    "status": "UNREGISTER",
                    "detail": {"task_status": "powering-on"},
                },
                {"name": "error", "users": ["<b>&{{ 6 * 7 }}"], "detail": {"status": "ERROR"}},
                {"name": "detaching", "users": ["well"], "detail": {"attach_state": "DEATTACHFAIL"}},
                {"name": "frozen", "users": ["well"], "detail": {"is_freeze": True}},
                {"name": "isolated", "users": ["well"], "detail": {"isolated": True}},
                {"name": "left", "users": ["well"], "detail": {"domain_status": 2}},
                {"name": "kept", "users": ["well"], "detail": {"in_maintenance_mode": True}},
                {"name": "off", "users": ["well"], "status": "UNREGISTER", "detail": {"status": "SHUTOFF"}},
                {"name": "asleep", "users": ["well"], "detail": {"status": "HIBERNATED"}, "idle_days": 40},
                {
                    "name": "tagged",
                    "users": ["well"],
                    "detail": {
                        "tags": [{"key": "owner", "value": ""}],
                        "internet_mode": "EIP",
                        "root_volume": {"kms_id": "k1"},
                    },
                    "idle_days": 30,
                },
                {"name": "old", "users": ["well"], "detail": {"agent_version": "25.3.99999"}},
                {"name": "no-agent", "users": ["well"], "detail": {"agent_version": ""}},
            ],
        },
        {"region": "cn-east-3"},
        {"region": "ap-southeast-1"},
        {"region": "cn-south-1", "workspace": False},
        {"region": "ap-southeast-3", "generate": {"desktops": 60, "users": 45, "pools": 6}},
    ]
}

#: What has to be found in it, as it says so itself.
TRUTH = {
    "desktops_without_user": ["spare"],
    "desktops_of_disabled_users": ["of-disabled"],
    "desktops_of_locked_users": ["of-locked"],
    "desktops_of_expired_users": ["of-expired"],
    "desktops_of_unknown_users": ["of-former"],
    "desktops_running_unregistered": ["dead"],
    "desktops_in_error": ["detaching", "error", "frozen", "isolated", "left"],
    "desktops_in_maintenance": ["kept"],
    "desktops_shut_off": ["asleep", "off"],
    "users_without_desktop": ["idler"],
    "users_with_several_desktops": ["well"],
    "users_without_pool": ["poolless"],
    "users_never_attached": ["idler", "waiting"],
    "pools_never_attached": ["empty-pool", "unused-pool"],
    "pools_full": ["full-pool"],
    "pools_unused": ["unused-pool"],
    "pools_in_maintenance": ["kept-pool"],
}


def found(result: dict[str, Any]) -> dict[str, list[str]]:
    """The findings of a result, by the name of what each is about."""
    kinds = {"desktops": "computer_name", "users": "user_name", "pools": "pool_name"}
    return {
        finding: sorted(record[kinds[finding.partition("_")[0]]] for record in records)
        for finding, records in result["findings"].items()
    }
