# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a usage record says of the last use."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.usage import (
    LAST_USE,
    last_use,
    read_usage,
)

from ..fake import FakeProject

DAY = 86400


def record(user: Any, idle: Any = None, used: Any = None) -> dict[str, Any]:
    metric = [{"metric_name": "desktop_idle_duration", "metric_value": idle}]
    metric += [{"metric_name": "desktop_usage", "metric_value": used}]
    return {"resource_id": "d1", "latest_connect_username": user, "metric": metric}


@pytest.mark.parametrize(
    ("given", "user", "days"),
    [
        (record("alice", 2 * DAY, 60), "alice", 2.0),
        (record("alice", 10 * DAY - 0.1, 60), "alice", 9.99),
        (record("alice", 0, 0), "alice", 0.0),
        (record("alice"), "alice", None),
        (record("", 5 * DAY, 60), None, 5.0),
        (record(None, 5 * DAY), None, 5.0),
    ],
)
def test_the_last_use(given: dict[str, Any], user: str | None, days: float | None) -> None:
    project = FakeProject({"statistics/metrics/desktops": [given]})
    (found,) = read_usage(project).values()
    last = last_use(found, datetime.datetime.now(datetime.timezone.utc))
    # Usage is requested for the time that it is kept.
    asked = dict(project.queries[0][1])
    assert asked["limit"] == "100"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", asked[name]) for name in ("start_time", "end_time"))
    assert (last["last_user_name"], last["idle_days"]) == (user, days)
    if days is None:
        assert last["last_used_at"] is None
    else:
        at = datetime.datetime.strptime(last["last_used_at"] + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")
        ago = datetime.datetime.now(datetime.timezone.utc) - at
        assert abs(ago.total_seconds() - days * DAY) <= DAY / 100 + 5


@pytest.mark.parametrize("given", [record("", 180 * DAY, 0), record(None), record("", True), {"resource_id": "d1"}])
def test_a_record_without_any_use_is_none(given: dict[str, Any]) -> None:
    (found,) = read_usage(FakeProject({"statistics/metrics/desktops": [given]})).values()
    assert last_use(found, datetime.datetime.now(datetime.timezone.utc)) == dict.fromkeys(LAST_USE)
