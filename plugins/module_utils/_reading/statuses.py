# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The statuses of desktops, in the order of the results, and their counts."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .records import Record

#: Of the connection. Source: "Querying Desktop Connection Statuses" of the Workspace API reference.
CONNECT_STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")

#: Of the desktop itself. Source: ListDesktopsDetail of the Workspace API.
DESKTOP_STATUSES = ("ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED")

#: What counts call a desktop without a status.
UNKNOWN = "UNKNOWN"


def count_statuses(desktops: t.Iterable[Record], field: str, known: t.Sequence[str]) -> dict[str, int]:
    """The number of desktops in each status.

    @param known: statuses that are always in the result. Others get their own key.
    """
    counts = dict.fromkeys(known, 0)
    for record in desktops:
        status = record.get(field) or UNKNOWN
        counts[status] = counts.get(status, 0) + 1
    return counts
