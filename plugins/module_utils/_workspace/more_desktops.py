# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read more desktops than `connect-desktops` can return through `desktops/detail`, and compare both.

The offset of `desktops/detail` is not limited. It returns the same data in other fields (source: the models
ConnectDesktopsInfo and DesktopDetailInfo of the vendor's SDK).
"""

from __future__ import annotations

import typing as t

from .._http import errors
from .._reading.listing import READINGS, Listing, OutOfReachError, Records, count, read_list
from . import desktops_detail

if t.TYPE_CHECKING:
    from .._http import query
    from .._reading.project import Project


def _read_detail(project: Project, reason: OutOfReachError, filters: query.Pairs) -> Records:
    try:
        found = read_list(project, desktops_detail.LISTING, filters)
    except errors.WorkspaceError as error:
        if error.status != 403:
            raise
        raise errors.WorkspaceError(
            f"{reason.message} Reading more needs the IAM action {desktops_detail.LISTING.operation.permission}, which is"
            f" denied: grant it, or select desktops with user_names. ({error.message})",
            **error.facts,
        ) from None
    return {desktop_id: desktops_detail.as_connect_desktop(record) for desktop_id, record in found.items()}


def _difference(detail: Records, shown: Records, total: int) -> str | None:
    """A difference between the two operations, or `None`."""
    for desktop_id, record in shown.items():
        known = detail.get(desktop_id)
        if known is None:
            return f"connect-desktops returns desktop {desktop_id}, desktops/detail does not"
        if known["desktop_name"] != record["desktop_name"]:
            return f"they return different names of desktop {desktop_id}"
    if len(detail) < total:
        return f"connect-desktops reports {total} desktops, desktops/detail returns {len(detail)}"
    return None


def read_through_detail(project: Project, listing: Listing, reason: OutOfReachError, filters: query.Pairs) -> Records:
    """All desktops that match the filters, in the format of `connect-desktops`.

    All desktops of `connect-desktops` must be in `desktops/detail` with the same ID and name, and no fewer than
    `connect-desktops` reports before and after. Otherwise a desktop may have been created, deleted or renamed in
    between, and both are read again.

    @param listing: that of `connect-desktops`.
    @param reason: the error of `connect-desktops`, with the desktops that it returned.
    @raises WorkspaceError: a request failed, `desktops/detail` is denied, or the two differ.
    """
    for attempt in range(READINGS):
        if attempt:
            try:
                return read_list(project, listing, filters)
            except OutOfReachError as still:
                reason = still
        detail = _read_detail(project, reason, filters)
        # The total of a filtered list may be that of all desktops.
        total = 0 if filters else min(reason.total, count(project, listing) or 0)
        difference = _difference(detail, reason.shown, total)
        if difference is None:
            return detail
    raise errors.WorkspaceError(
        f"connect-desktops and desktops/detail did not agree in {READINGS} attempts: {difference}. The desktops may"
        " change faster than they can be read: try again, or select fewer with user_names.",
        attempts=1,
    )
