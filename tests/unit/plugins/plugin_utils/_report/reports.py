# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of projects, as the reports of the tests have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = json.loads((Path(__file__).resolve().parents[5] / "docs" / "report.schema.json").read_text(encoding="utf-8"))

RULES = {"idle_days": 60, "required_tags": ["owner", "cost"], "oldest_agent_version": None, "resolve_groups": False}

GOOD: dict[str, Any] = {
    "findings": {
        "desktops_of_disabled_users": [
            {"desktop_id": "d1", "computer_name": "desk-1", "user_id": "u1", "user_name": "alice", "disabled": True}
        ],
        "desktops_without_tags": [
            {
                "desktop_id": "d2",
                "computer_name": "desk-2",
                "missing_tags": ["owner", "cost"],
                "last_user_name": "bob",
                "last_used_at": "2026-11-14T21:30:00Z",
                "idle_days": 10.02,
            }
        ],
        "users_without_desktop": [{"user_id": "u2", "user_name": "=cmd()", "total_desktops": 0}],
        "pools_full": [],
    },
    "finding_counts": {"desktops_of_disabled_users": 1, "desktops_without_tags": 1, "users_without_desktop": 1},
    "not_checked": {"desktops_idle": "HTTP 403"},
    "rules": RULES,
    "desktop_count": 2,
    "user_count": 1,
    "pool_count": None,
    "status_counts": {"ACTIVE": 1, "SHUTOFF": 1},
    "login_status_counts": None,
    "project_id": "p1",
    "region": "cn-north-4",
    "endpoint": "https://workspace.example.com",
    "read_at": "2026-11-24T22:00:00Z",
    "read_as": "access key AK1",
    "warnings": ["2 desktops are odd."],
}
BAD: dict[str, Any] = {
    "failed": True,
    "msg": "HTTP 403: no",
    "status_code": 403,
    "read_as": "access key AK2",
    "project_id": "p2",
    "warnings": ["The service throttled requests."],
}
WHOLE = {**GOOD, "project_id": "p3", "not_checked": {}, "findings": {"pools_full": []}, "warnings": []}


def valid(text: str) -> dict[str, Any]:
    """A JSON report, held against its schema."""
    found: dict[str, Any] = json.loads(text)
    jsonschema.validate(found, SCHEMA)
    return found
