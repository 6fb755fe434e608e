# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The statuses of desktops, in the order of the results, and their counts."""

from __future__ import annotations

import typing as t

from .._http import errors

if t.TYPE_CHECKING:
    from . import records

#: Of the connection. Source: "Querying Desktop Connection Statuses" of the Workspace API reference.
CONNECT_STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")

#: Of the desktop itself. Source: ListDesktopsDetail of the Workspace API.
DESKTOP_STATUSES = ("ACTIVE", "SHUTOFF", "ERROR", "HIBERNATED")

#: What counts call a desktop without a status.
UNKNOWN = "UNKNOWN"


def count_statuses(desktops: t.Iterable[records.Record], field: str, known: t.Sequence[str]) -> dict[str, int]:
    """The number of desktops in each status.

    @param known: statuses that are always in the result. Others get their own key.
    """
    counts = dict.fromkeys(known, 0)
    for record in desktops:
        status = record.get(field) or UNKNOWN
        counts[status] = counts.get(status, 0) + 1
    return counts


def in_statuses(
    desktops: list[records.Record], option: str, field: str, wanted: t.Collection[str]
) -> list[records.Record]:
    """The desktops in these statuses; all desktops if none is wanted. A desktop without a status matches none of them.

    All statuses are read, because a status can change while a list that is filtered by it is read.

    @raises WorkspaceError: no desktop has a status.
    """
    if wanted and desktops and all(record[field] is None for record in desktops):
        text = f"{option} cannot be used: the service returns no desktop with the field {field}."
        raise errors.WorkspaceError(text, attempts=1)
    return [record for record in desktops if not wanted or record[field] in wanted]
