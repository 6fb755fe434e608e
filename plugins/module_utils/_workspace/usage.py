# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists the usage of desktops.

Source: ListDesktopUsageMetric of the Workspace API. Usage is aggregated once a day for the previous day, and kept for
180 days. Desktops without usage are not listed.
"""

from __future__ import annotations

import datetime
import typing as t

from .._http import timestamps
from .._reading import listing, records
from . import operations

if t.TYPE_CHECKING:
    from .._http import client
    from .._reading.project import Project

#: The days for which usage is kept, and so the most that a desktop can be seen to be idle.
LONGEST = 180

#: The metrics of a desktop, both in seconds.
_METRICS = ("desktop_idle_duration", "desktop_usage")

#: About 30 years. A longer time, a negative one and NaN are errors of the service.
_LONGEST_SECONDS = 1e9


def _seconds(metrics: t.Iterable[records.Record], name: str) -> float | None:
    for metric in metrics:
        value = metric.get("metric_value")
        if metric.get("metric_name") == name and isinstance(value, (int, float)) and not isinstance(value, bool):
            return value if 0 <= value <= _LONGEST_SECONDS else None
    return None


def _usage(answer: client.Response, row: records.Record) -> records.Record:
    """The fields of the record that are used, with each metric as a field: seconds, or `None` if it is not known."""
    metrics = records.objects(answer, row, "metric") or ()
    used = records.only(answer, row, {records.text: ("resource_id", "latest_connect_username")})
    return {**used, **{name: _seconds(metrics, name) for name in _METRICS}}


def _listing(now: datetime.datetime) -> listing.Listing:
    start = now - datetime.timedelta(days=LONGEST)
    return listing.Listing(
        operation=operations.USAGE,
        noun="usage record",
        identity="resource_id",
        complete=_usage,
        largest_limit=100,
        total="count",
        always=[(name, timestamps.utc_timestamp(time)) for name, time in (("start_time", start), ("end_time", now))],
    )


#: The keys of a last use.
LAST_USE = ("last_user_name", "last_used_at", "idle_days")


def last_use(record: records.Record | None, now: datetime.datetime) -> records.Record:
    """The last user and the time of the last use from a usage record, if there is one.

    A record without a user shows no use if its hours of use are zero, or if it has neither hours nor an idle time.

    @param now: the time when the record was read.
    @returns: `last_user_name`, `last_used_at` (UTC) and `idle_days`, each `None` if it is not known.
    """
    last: records.Record = dict.fromkeys(LAST_USE)
    if record is None:
        return last
    idle, used = (record[name] for name in _METRICS)
    user = record["latest_connect_username"] or None
    if user is None and not used and (used is not None or idle is None):
        return last
    last["last_user_name"] = user
    if idle is not None:
        last["last_used_at"] = timestamps.utc_timestamp(now - datetime.timedelta(seconds=idle))
        # Truncated, not rounded, so that 9.999 days are less than ten.
        last["idle_days"] = int(idle / 864) / 100
    return last


def read_usage(project: Project) -> dict[str, records.Record]:
    """All usage records by the IDs of their desktops.

    All are read, not only those of idle desktops, so that a missing desktop has no usage record.

    @raises WorkspaceError: the list cannot be read completely.
    """
    return {record["resource_id"]: record for record in listing.read_all(project, _listing(timestamps.utc_now()))}
