# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list desktops: in detail, and with their pools.

Sources: ListDesktopsDetail, whose offset is not limited, and ListDesktops of the Workspace API.
"""

from __future__ import annotations

import typing as t

from .._reading.listing import Listing
from .._reading.records import Record, complete, objects, text, texts
from . import operations

if t.TYPE_CHECKING:
    from .._http.client import Response

_TEXTS = (
    *("desktop_id", "computer_name", "os_host_name", "ipv4", "ipv6", "status", "task_status", "login_status"),
    *("desktop_type", "attach_state", "availability_zone", "subnet_id", "enterprise_project_id", "os_version"),
    *("agent_version", "created"),
)
_FLAGS = ("in_maintenance_mode", "is_freeze", "isolated")
#: Lists of objects, and the fields of these.
_PARTS = {
    "attach_user_infos": ("user_id", "user_name", "domain", "user_group", "type"),
    "tags": ("key", "value"),
}


def desktop(answer: Response, row: Record) -> Record:
    """Check the record and add missing documented keys in place. Additional keys of the API are kept."""
    complete(
        answer, row, texts=_TEXTS, flags=_FLAGS, numbers=["domain_status"], lists=_PARTS, maps=("metadata", "product")
    )
    for key, parts in _PARTS.items():
        for entry in row[key] or ():
            complete(answer, entry, texts=parts)
    row["security_groups"] = objects(answer, row, "security_groups")
    row["ip_addresses"] = texts(answer, row, "ip_addresses")
    return row


LISTING = Listing(
    operation=operations.DESKTOPS_DETAIL,
    identity="desktop_id",
    name="computer_name",
    complete=desktop,
    # 500 in the documentation, 1000 in the schema of the API Explorer.
    largest_limit=500,
    nothing=[("desktop_id", "00000000-0000-0000-0000-000000000000")],
)


def _simple(answer: Response, row: Record) -> Record:
    return {key: text(answer, row, key) for key in ("desktop_id", "pool_id")}


#: GET desktops, which returns the pool of each desktop. `desktops/detail` does not.
SIMPLE_LISTING = Listing(
    operation=operations.DESKTOPS,
    identity="desktop_id",
    complete=_simple,
    largest_limit=1000,
    nothing=[("desktop_id", "00000000-0000-0000-0000-000000000000")],
)


def as_connect_desktop(record: Record) -> Record:
    """Convert a desktop of `desktops/detail` to the format of `connect-desktops`."""
    users = record["attach_user_infos"]
    return {
        "desktop_id": record["desktop_id"],
        "desktop_name": record["computer_name"],
        "connect_status": record["login_status"],
        "attach_users": users
        and [
            {"id": user["user_id"], "name": user["user_name"], "user_group": user["user_group"], "type": user["type"]}
            for user in users
        ],
    }
