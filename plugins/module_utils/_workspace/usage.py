# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""The operation that lists how much desktops are used.

Source: ListDesktopUsageMetric of the Workspace API. Usage is added up once a day, for the day before, and kept for 180
days. A desktop of which there is no record is not listed at all.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import Listing, count, read_all
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record, objects, text

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project

#: The days for which usage is kept, and so the most that a desktop can be seen to be idle.
LONGEST = 180


def usage(answer: Answer, row: Record) -> Record:
    """The record, with what an audit reads of it completed in place."""
    for key in ("resource_id", "resource_name", "resource_pool_id", "resource_pool_name", "latest_connect_username"):
        row[key] = text(answer, row, key)
    row["metric"] = objects(answer, row, "metric")
    return row


def _listing() -> Listing:
    now = datetime.datetime.now(datetime.timezone.utc)
    start = now - datetime.timedelta(days=LONGEST)
    return Listing(
        operation=Operation("statistics/metrics/desktops", "workspace:statistics:listDesktopMetrics"),
        key="items",
        identity="resource_id",
        complete=usage,
        largest_limit=100,
        total="count",
        exclusive=([("min_idle_days", "2")], [("max_idle_days", "1")]),
        always=[(name, f"{time:%Y-%m-%dT%H:%M:%SZ}") for name, time in (("start_time", start), ("end_time", now))],
    )


def idle_seconds(record: Record) -> float | None:
    """How long the desktop has not been used; C(None) if the record does not say."""
    for metric in record["metric"]:
        value = metric.get("metric_value")
        if metric.get("metric_name") == "desktop_idle_duration" and isinstance(value, (int, float)):
            return value
    return None


def read_idle_desktops(project: Project, idle_days: int) -> list[Record]:
    """The usage of the desktops that have not been used for so many days, sorted by name, then ID.

    @param idle_days: 0 to 180.
    @raises WorkspaceError: rather than return less than everything.
    """
    found = read_all(project, _listing(), "idle desktops", [[("min_idle_days", str(idle_days))]])
    idle = [record for record in found if (idle_seconds(record) or 0) >= idle_days * 86400]
    return sorted(idle, key=lambda record: (record["resource_name"] or "", record["resource_id"]))


def count_desktops(project: Project) -> int:
    """Of how many desktops there is a record at all, by one request."""
    return count(project, _listing())
