# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Desktop pools with their desktops and authorized users, which come from several operations."""

from __future__ import annotations

import typing as t

from .._reading import filters, listing
from . import desktop_pools, desktops

if t.TYPE_CHECKING:
    from .._reading import records
    from .._reading.project import Project

#: The options of `workspace_pool_info`.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "pool_names": {"type": "list", "elements": "str"},
    "pool_ids": {"type": "list", "elements": "str"},
    "pool_type": {"type": "str", "choices": ["DYNAMIC", "STATIC"]},
    "in_maintenance_mode": {"type": "bool"},
    "enterprise_project_id": {"type": "str"},
    "authorized": {"type": "bool", "default": False},
    "desktops": {"type": "bool", "default": False},
}

#: Filter -> the field that it compares. Filters of the service are not used, because their behavior is not documented.
_COMPARED = {
    "pool_names": "name",
    "pool_ids": "id",
    "pool_type": "type",
    "in_maintenance_mode": "in_maintenance_mode",
    "enterprise_project_id": "enterprise_project_id",
}

_OF_DESKTOPS = ("desktop_id", "computer_name", "status", "login_status", "attach_user_infos")


def _add_desktops(project: Project, pools: list[records.Record]) -> None:
    found: dict[str, list[records.Record]] = {pool["id"]: [] for pool in pools}
    if found:
        options = {**dict.fromkeys(desktops.ARGUMENTS), "pool_names": list(found)}
        for record in desktops.prepare(options)(project)["desktops"]:
            # The result also contains desktops of pools whose name is the ID of another pool.
            if record["pool_id"] in found:
                found[record["pool_id"]].append({key: record[key] for key in _OF_DESKTOPS})
    for pool in pools:
        pool["desktops"] = found[pool["id"]]


def _sum(pools: list[records.Record], key: str) -> int | None:
    known = [pool[key] for pool in pools if pool[key] is not None]
    return sum(known) if known else None


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the pools of a project. See `Prepare` in `_module`."""
    conditions = filters.compared(options, _COMPARED)
    filters.check_enterprise_project(options["enterprise_project_id"])
    names, ids = (list(dict.fromkeys(options[option] or ())) for option in ("pool_names", "pool_ids"))

    def read(project: Project) -> dict[str, t.Any]:
        found = listing.read_all(project, desktop_pools.LISTING)
        known = [pool["name"] for pool in found]
        warnings = filters.suggestions(names, known, "pool_names", "desktop pool")
        warnings += filters.unknown_enterprise_project(options["enterprise_project_id"], found, "desktop pool")
        pools = filters.choose(found, conditions, "desktop pool", "id")
        if options["authorized"]:
            authorized = listing.read_each(project, desktop_pools.AUTHORIZED_OBJECTS, [pool["id"] for pool in pools])
            for pool in pools:
                pool["authorized_objects"] = authorized[pool["id"]]
        if options["desktops"]:
            _add_desktops(project, pools)
        return {
            "pools": pools,
            "total_count": len(pools),
            "desktop_count": _sum(pools, "desktop_count"),
            "desktops_free": _sum(pools, "desktops_free"),
            "unmatched_pool_names": filters.unmatched(names, (pool["name"] for pool in pools)),
            "unmatched_pool_ids": filters.unmatched(ids, (pool["id"] for pool in pools)),
            "warnings": warnings,
        }

    return read
