# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Since when desktops in use are connected. This file sends no requests and does not use Ansible."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record

MODULE = "workspace_login_record_info"

_LISTS = ("in_use", "in_use_but_allowed")


def question(result: t.Mapping[str, t.Any]) -> tuple[str, dict[str, t.Any]] | None:
    """The module to run and its options; `None` if no desktop is in use."""
    names = {desktop["desktop_name"] for name in _LISTS for desktop in result[name] or () if desktop["desktop_name"]}
    return (MODULE, {"computer_names": sorted(names), "max_retries": 0}) if names else None


def _since(desktop: Record, records: t.Iterable[Record]) -> str | None:
    """The beginning of the last connection to the desktop; `None` if it has ended or if there is no record.

    @param records: login records, the newest first.
    """
    for record in records:
        # Older editions of the service do not return the ID.
        key, of_desktop = ("desktop_id", "desktop_id") if record["desktop_id"] else ("computer_name", "desktop_name")
        if record[key] == desktop[of_desktop] and not record["failure_reason"]:
            return None if record["ended_at"] else record["connected_at"]
    return None


def added(result: t.Mapping[str, t.Any], answer: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Add `connected_since` to the desktops in use. A failure does not change the verdict.

    @param answer: the result of the module, successful or failed; empty if it was not run.
    """
    records = answer.get("records") or ()
    lists = {
        name: result[name] and [{**desktop, "connected_since": _since(desktop, records)} for desktop in result[name]]
        for name in _LISTS
    }
    return {**result, **lists}
