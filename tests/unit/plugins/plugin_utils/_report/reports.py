# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of projects, as the reports of the tests have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report

ROOT = Path(__file__).resolve().parents[5]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))

RULES = {"idle_days": 60, "required_tags": ["owner", "cost"], "oldest_agent_version": None, "resolve_groups": False}

FOUND = {
    "desktops_of_disabled_users": ["desktops.attach_user_infos", "users.disabled"],
    "desktops_without_tags": ["desktops.tags"],
    "users_without_desktop": ["users.total_desktops"],
    "desktops_shut_off": ["desktops.status"],
    "pools_full": ["pools.desktop_count", "pools.desktop_used"],
}
ALICE = {"user_id": "u1", "user_name": "alice", "disabled": True, "users": ["alice", "[staff]"]}
LAST_USE = {"last_user_name": "bob", "last_used_at": "2026-11-14T21:30:00Z", "idle_days": 10.02}
GOOD: dict[str, Any] = {
    "findings": {
        **{finding: [] for finding in FOUND},
        "desktops_of_disabled_users": [{"desktop_id": "d1", "computer_name": "desk-1", **ALICE}],
        "desktops_without_tags": [
            {
                "desktop_id": "d2",
                "computer_name": "desk-2",
                "missing_tags": ["owner", "cost"],
                "users": ["bob"],
                **LAST_USE,
            }
        ],
        "users_without_desktop": [{"user_id": "u2", "user_name": "=cmd()", "total_desktops": 0}],
    },
    "finding_counts": dict(zip(FOUND, (1, 1, 1, 0, 0))),
    "not_known": {"desktops_shut_off": {"no status": ["d3", "d4"]}},
    "not_known_counts": {"desktops_shut_off": 2},
    "not_checked": {"desktops_idle": "HTTP 403"},
    "judged_by": FOUND,
    "rules": RULES,
    "desktop_count": 4,
    "user_count": 1,
    "pool_count": None,
    "status_counts": {"ACTIVE": 1, "SHUTOFF": 1},
    "login_status_counts": None,
    "project_id": "p1",
    "region": "cn-north-4",
    "endpoint": "https://workspace.example.com",
    "read_at": "2026-11-24T22:00:00Z",
    "read_as": "access key AK1 (the task)",
    "warnings": ["2 desktops are odd."],
}
BAD: dict[str, Any] = {
    "failed": True,
    "msg": "HTTP 403: no",
    "status_code": 403,
    "read_as": "access key AK2 (the task)",
    "project_id": "p2",
    "warnings": ["The service throttled requests."],
}
NOTHING = {"not_checked": {}, "not_known": {}, "not_known_counts": {}, "findings": {"pools_full": []}}
WHOLE = {**GOOD, **NOTHING, "project_id": "p3", "warnings": []}

# The check before maintenance

DESKTOP = {
    "desktop_id": "d1",
    "desktop_name": "desk-1",
    "connect_status": "CONNECTED",
    "attach_users": [{"id": "u1", "name": "alice"}, {"id": None, "name": "bob"}],
    "connected_since": "2026-11-24T17:32:10Z",
}
FREE = {"free": True, "msg": "None of 2 desktops is in use.", "in_use": [], "desktop_count": 2, "project_id": "p1"}
BUSY = {
    **FREE,
    "free": False,
    "failed": True,
    "reason": "in_use",
    "status_code": None,
    "in_use": [DESKTOP],
    "connect_status_counts": {"CONNECTED": 1, "REGISTERED": 1},
    "msg": "1 of 2 desktops is in use:\ndesk-1: CONNECTED, alice, bob\nand 1,000 more\nChecked all desktops.",
    "checks": [{"at": "2026-11-24T22:00:00Z", "in_use_count": 1, "connect_status_counts": None}],
}
LOST = {**BAD, "free": False, "reason": "refused", "in_use": None, "desktop_count": None}
#: Who was in use is known from an earlier check, but not whether they still are.
STALE = {**BUSY, "reason": "not_read", "msg": "HTTP 503: down"}
MISSED = {**BUSY, "reason": "unmatched", "in_use": [], "msg": "No pool is named x."}


def check(**answers: Any) -> Report:
    """The report of a check before maintenance."""
    return Report.of("pre_maintenance_check", answers)


def of(*names: str, **more: Any) -> list[dict[str, Any]]:
    """Records of a finding about desktops."""
    return [{"desktop_id": name, "computer_name": name, **more} for name in names]


def valid(document: Any) -> dict[str, Any]:
    """The content of a JSON report, checked against its schema."""
    found: dict[str, Any] = json.loads(json.dumps(document))
    jsonschema.validate(found, SCHEMA)
    return found


def earlier(**answers: Any) -> dict[str, Any]:
    """The JSON report of an earlier audit."""
    return {**valid(Report.of("audit", answers).as_dict()), "read_at": "2026-11-17T22:00:00Z"}
