# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module workspace_audit_info, against tenants whose truth is known otherwise."""

from __future__ import annotations

import re
from typing import Any

from simulator.client import Simulator
from support.audited_tenant import TENANT, TRUTH, found
from support.modules import run_module
from support.runs import keys_of

FLEET = {"tenant": TENANT}
RULES = {"idle_days": 30, "required_tags": ["owner"], "oldest_agent_version": "25.4"}


def audit(cloud: Simulator, **options: Any) -> dict[str, Any]:
    return run_module("workspace_audit_info", keys_of(cloud.info, **options))


def test_each_finding_has_the_expected_records(cloud: Simulator) -> None:
    everything = audit(cloud, **RULES)
    names = {desktop["name"] for desktop in TENANT["projects"][0]["desktops"]}
    truth = {
        **TRUTH,
        "desktops_idle": ["asleep", "tagged"],
        "desktops_never_used": ["free-of-pool"],
        "desktops_without_tags": sorted(names - {"tagged"}),
        "desktops_with_old_agent": ["old"],
    }
    assert found(everything) == truth
    assert everything["finding_counts"] == {finding: len(records) for finding, records in truth.items()}
    assert (everything["desktop_count"], everything["user_count"], everything["pool_count"]) == (22, 9, 5)
    assert everything["status_counts"] == {"ACTIVE": 19, "SHUTOFF": 1, "ERROR": 1, "HIBERNATED": 1}
    statuses = {"UNREGISTER": 3, "REGISTERED": 19, "CONNECTED": 0, "DISCONNECTED": 0}
    assert everything["login_status_counts"] == statuses
    assert everything["not_checked"] == {}
    counts = {finding: count for finding, count in everything["not_known_counts"].items() if count}
    assert counts == {"desktops_idle": 1, "users_without_desktop": 1}
    assert everything["project_id"] == cloud.info["project_id"]
    assert everything["changed"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", everything["read_at"])
    locked = everything["findings"]["desktops_of_locked_users"][0]
    assert locked["user_name"] == "locked"
    assert locked["locked"] is True
    for words in (
        "desktops_idle is not known for 1 desktop (no usage record): free-of-pool.",
        "users_without_desktop is not known for 1 user (a desktop is assigned to the user): contradicted.",
        "2 of 22 desktops are assigned to user groups, but resolve_groups is not set",
    ):
        assert any(words in text for text in everything["warnings"]), words


def test_findings_that_are_only_checked_if_asked_for(cloud: Simulator) -> None:
    names = ["desktops_unencrypted", "desktops_with_public_address", "desktops_with_local_administrators"]
    result = audit(cloud, findings=names)
    everything = {desktop["name"] for desktop in TENANT["projects"][0]["desktops"]}
    assert found(result) == {
        "desktops_unencrypted": sorted(everything - {"tagged"}),
        "desktops_with_public_address": ["tagged"],
        "desktops_with_local_administrators": ["of-locked"],
    }
    assert not any(result["not_known_counts"].values())


def test_findings_that_need_a_forbidden_list_are_not_checked(cloud: Simulator) -> None:
    """With skip_refused the rest goes on; that it fails without, the unit tests say."""
    cloud.behave(refuse=["users"])
    skip = audit(cloud, skip_refused=True)
    need = {finding for finding in TRUTH if "_users" in finding or finding.startswith("users")}
    need = (need | {"pools_never_attached"}) - {"desktops_without_user"}
    assert found(skip) == {finding: names for finding, names in TRUTH.items() if finding not in need}
    assert set(skip["not_checked"]) == need
    assert all("workspace:users:list" in reason for reason in skip["not_checked"].values())
    assert skip["user_count"] is None
    assert not need & set(skip["finding_counts"])
