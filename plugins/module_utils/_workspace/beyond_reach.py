# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""Desktops that C(connect-desktops) cannot show are read through C(desktops/detail), and both have to agree.

One stream of pages proves more than many parts, and C(desktops/detail) has no cap on the offset. It calls the same facts
by other names (source: the models ConnectDesktopsInfo and DesktopDetailInfo of the vendor's SDK), so it is compared with
what C(connect-desktops) does show.
"""

from __future__ import annotations

import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import desktops
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.filters import matcher
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import READINGS, read_all

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record

_FORBIDDEN = 403


def _as_connected(record: Record) -> Record:
    """A desktop of C(desktops/detail) in the form of C(connect-desktops)."""
    return {
        "desktop_id": record["desktop_id"],
        "desktop_name": record["computer_name"],
        "connect_status": record["login_status"],
        "attach_users": [
            {"id": user["user_id"], "name": user["user_name"], "user_group": user["user_group"], "type": user["type"]}
            for user in record["attach_user_infos"]
        ],
    }


def _read_detail(project: Project, names: t.Sequence[str], reason: str) -> dict[str, Record]:
    filters = [("user_names", name) for name in names]
    try:
        found = read_all(project, desktops.LISTING, "desktops in detail", [filters])
    except WorkspaceError as error:
        if error.facts["status_code"] != _FORBIDDEN:
            raise
        advice = "" if names else ", or select desktops with user_names"
        raise WorkspaceError(
            f"{reason} Reading more takes the IAM action {desktops.LISTING.operation.permission}, which is denied"
            f" here: grant it{advice}. ({error.message})",
            **error.facts,
        ) from None
    named = matcher(names)
    return {
        record["desktop_id"]: _as_connected(record)
        for record in found
        if named(user["user_name"] for user in record["attach_user_infos"])
    }


def _difference(
    detail: t.Mapping[str, Record],
    shown: t.Iterable[Record],
    counts: t.Sequence[t.Mapping[str, int]],
) -> str | None:
    """What the two operations do not agree on, or C(None)."""
    for record in shown:
        known = detail.get(record["desktop_id"])
        if known is None:
            return f"connect-desktops lists desktop {record['desktop_id']}, desktops/detail does not"
        if known["desktop_name"] != record["desktop_name"]:
            return f"they give different names of desktop {record['desktop_id']}"
    for status in counts[0]:
        found = sum(record["connect_status"] == status for record in detail.values())
        reported = [count[status] for count in counts]
        # People come and go meanwhile, so it may be any number between the one before and the one after.
        if not min(reported) <= found <= max(reported):
            return f"connect-desktops reports {reported[-1]} {status} desktops, desktops/detail lists {found}"
    return None


def read_through_detail(
    project: Project,
    names: t.Sequence[str],
    reason: str,
    *,
    show: t.Callable[[], t.Iterable[Record]],
    count: t.Callable[[], t.Mapping[str, int]],
) -> list[Record]:
    """All desktops of these users, or of everybody, in the form of C(connect-desktops).

    @param reason: why they are read this way: how many there are, and how many C(connect-desktops) returns.
    @param show: reads what C(connect-desktops) can show of them.
    @param count: how many it reports in each status.
    @raises WorkspaceError: a request failed, C(desktops/detail) is denied, or the two do not agree in three attempts.
    """
    difference: str | None = None
    for _attempt in range(READINGS):
        before, shown = count(), list(show())
        detail = _read_detail(project, names, reason)
        difference = _difference(detail, shown, (before, count()))
        if difference is None:
            return list(detail.values())
    raise WorkspaceError(
        f"connect-desktops and desktops/detail did not agree in {READINGS} attempts: {difference}. The desktops may change"
        " faster than they can be read: try again, or select fewer with user_names."
    )
