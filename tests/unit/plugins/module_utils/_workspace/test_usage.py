# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a usage record says of the last use."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.timestamps import utc_now, utc_timestamp
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
    project, now = FakeProject({"statistics/metrics/desktops": [given]}), utc_now()
    (found,) = read_usage(project).values()
    last = last_use(found, now)
    used_at = None if days is None else utc_timestamp(now - datetime.timedelta(seconds=found["desktop_idle_duration"]))
    assert last == {"last_user_name": user, "idle_days": days, "last_used_at": used_at}
    # Usage is requested for the time that it is kept.
    asked = dict(project.queries[0][1])
    start, end = (datetime.datetime.strptime(asked[name], "%Y-%m-%dT%H:%M:%SZ") for name in ("start_time", "end_time"))
    assert (asked["limit"], (end - start).days) == ("100", 180)


@pytest.mark.parametrize("given", [record("", 180 * DAY, 0), record(None), record("", True), {"resource_id": "d1"}])
def test_a_record_without_any_use_is_none(given: dict[str, Any]) -> None:
    (found,) = read_usage(FakeProject({"statistics/metrics/desktops": [given]})).values()
    assert last_use(found, utc_now()) == dict.fromkeys(LAST_USE)
