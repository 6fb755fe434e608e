# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Desktops that `connect-desktops` cannot return are read through `desktops/detail`, and both have to agree.

`desktops/detail` has no cap on the offset. It calls the same facts by other names (source: the models
ConnectDesktopsInfo and DesktopDetailInfo of the vendor's SDK).
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from . import desktops
from .listing import READINGS, OutOfReachError, Records, read_list

if t.TYPE_CHECKING:
    from .project import Project
    from .records import Record

_FORBIDDEN = 403


def _as_connected(record: Record) -> Record:
    """A desktop of `desktops/detail` in the form of `connect-desktops`."""
    return {
        "desktop_id": record["desktop_id"],
        "desktop_name": record["computer_name"],
        "connect_status": record["login_status"],
        "attach_users": [
            {"id": user["user_id"], "name": user["user_name"], "user_group": user["user_group"], "type": user["type"]}
            for user in record["attach_user_infos"]
        ],
    }


def _read_detail(project: Project, reason: OutOfReachError) -> Records:
    try:
        found = read_list(project, desktops.LISTING, "The desktops in detail")
    except WorkspaceError as error:
        if error.facts["status_code"] != _FORBIDDEN:
            raise
        raise WorkspaceError(
            f"{reason.message} Reading more needs the IAM action {desktops.LISTING.operation.permission}, which is denied"
            f" here: grant it, or select desktops with user_names. ({error.message})",
            **error.facts,
        ) from None
    return {desktop_id: _as_connected(record) for desktop_id, record in found.items()}


def _difference(detail: Records, shown: Records) -> str | None:
    """What the two operations do not agree on, or `None`."""
    for desktop_id, record in shown.items():
        known = detail.get(desktop_id)
        if known is None:
            return f"connect-desktops returns desktop {desktop_id}, desktops/detail does not"
        if known["desktop_name"] != record["desktop_name"]:
            return f"they return different names of desktop {desktop_id}"
    return None


def read_through_detail(project: Project, reason: OutOfReachError, read_again: t.Callable[[], Records]) -> Records:
    """All desktops, in the form of `connect-desktops`.

    A desktop that `connect-desktops` returned has the same ID and name in `desktops/detail`. If not, it may have been
    deleted or renamed between the two, so both are read again.

    @param reason: why they are read this way, with the desktops that `connect-desktops` returned.
    @param read_again: reads them once more, and raises `OutOfReachError` if there still are too many.
    @raises WorkspaceError: a request failed, `desktops/detail` is denied, or the two do not agree.
    """
    for attempt in range(READINGS):
        if attempt:
            try:
                return read_again()
            except OutOfReachError as still:
                reason = still
        detail = _read_detail(project, reason)
        difference = _difference(detail, reason.shown)
        if difference is None:
            return detail
    raise WorkspaceError(
        f"connect-desktops and desktops/detail did not agree in {READINGS} attempts: {difference}. The desktops may change"
        " faster than they can be read: try again, or select fewer with user_names.",
        attempts=1,
    )
