# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""The operation that lists how much desktops are used.

Source: ListDesktopUsageMetric of the Workspace API. Usage is added up once a day, for the day before, and kept for 180
days. A desktop of which there is no record is not listed at all.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import read_all
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.reading import Listing
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
        always=[(name, f"{time:%Y-%m-%dT%H:%M:%SZ}") for name, time in (("start_time", start), ("end_time", now))],
    )


def read_usage(project: Project) -> list[Record]:
    """The usage of every desktop of which there is a record, sorted by name, then ID.

    All are read, not only the idle ones: of a desktop that is missing it is then certain that there is no record.

    @raises WorkspaceError: rather than return less than everything.
    """
    found = read_all(project, _listing(), "usage records")
    return sorted(found, key=lambda record: (record["resource_name"] or "", record["resource_id"]))
