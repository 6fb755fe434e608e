# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists how much desktops are used.

Source: ListDesktopUsageMetric of the Workspace API. Usage is added up once a day, for the day before, and kept for 180
days. A desktop of which there is no record is not listed at all.
"""

from __future__ import annotations

import datetime
import typing as t

from .listing import Listing, read_all
from .project import Operation
from .records import Record, objects, text
from .timestamps import utc_now, utc_timestamp

if t.TYPE_CHECKING:
    from .._http.client import Answer
    from .project import Project

#: The days for which usage is kept, and so the most that a desktop can be seen to be idle.
LONGEST = 180


def usage(answer: Answer, row: Record) -> Record:
    """The record, with what an audit reads of it completed in place."""
    for key in ("resource_id", "resource_name", "resource_pool_id", "resource_pool_name", "latest_connect_username"):
        row[key] = text(answer, row, key)
    row["metric"] = objects(answer, row, "metric")
    return row


def _listing(now: datetime.datetime) -> Listing:
    start = now - datetime.timedelta(days=LONGEST)
    return Listing(
        operation=Operation("statistics/metrics/desktops", "workspace:statistics:listDesktopMetrics"),
        key="items",
        identity="resource_id",
        complete=usage,
        largest_limit=100,
        total="count",
        always=[(name, utc_timestamp(time)) for name, time in (("start_time", start), ("end_time", now))],
    )


#: The keys of a last use.
LAST_USE = ("last_user_name", "last_used_at", "idle_days")


def _metric(record: Record, name: str) -> float | None:
    for metric in record["metric"]:
        value = metric.get("metric_value")
        if metric.get("metric_name") == name and isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
    return None


def last_use(record: Record, now: datetime.datetime) -> Record | None:
    """Who used the desktop of a usage record last, and when; `None` if the record shows no use.

    A record that says nothing of a user, and of the hours of use either zero or nothing, shows no use, unless it says
    only for how long the desktop has been idle.

    @param now: when the record was read.
    @returns: `last_user_name`, `last_used_at` (UTC) and `idle_days`, each `None` where the record does not say.
    """
    idle, used = _metric(record, "desktop_idle_duration"), _metric(record, "desktop_usage")
    user = record["latest_connect_username"] or None
    if user is None and not used and (used is not None or idle is None):
        return None
    last: Record = dict.fromkeys(LAST_USE)
    last["last_user_name"] = user
    if idle is not None:
        last["last_used_at"] = utc_timestamp(now - datetime.timedelta(seconds=idle))
        # Cut, not rounded: 9.999 days are not ten.
        last["idle_days"] = int(idle / 864) / 100
    return last


def read_last_uses(project: Project) -> dict[str, Record]:
    """The last use of every desktop that the service knows to have been used.

    All records are read, not only those of idle desktops: of a desktop that is missing it is then certain that there is
    no record.

    @returns: desktop ID -> `last_user_name`, `last_used_at`, `idle_days`.
    @raises WorkspaceError: rather than return less than everything.
    """
    now = utc_now()
    found = {
        record["resource_id"]: last_use(record, now) for record in read_all(project, _listing(now), "The usage records")
    }
    return {desktop_id: last for desktop_id, last in found.items() if last is not None}
