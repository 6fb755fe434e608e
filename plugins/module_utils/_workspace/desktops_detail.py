# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list desktops: in detail, and with their pools.

Sources: ListDesktopsDetail, whose offset is not limited, and ListDesktops of the Workspace API.
"""

from __future__ import annotations

from functools import partial

from .._reading import listing, records
from . import operations

LISTING = listing.Listing(
    operation=operations.DESKTOPS_DETAIL,
    noun="desktop",
    identity="desktop_id",
    name="computer_name",
    complete=partial(
        records.complete,
        fields={
            records.text: (
                *("desktop_id", "computer_name", "os_host_name", "ipv4", "ipv6", "status", "task_status"),
                *("login_status", "desktop_type", "attach_state", "availability_zone", "subnet_id"),
                *("enterprise_project_id", "os_version", "agent_version", "created"),
            ),
            records.boolean: ("in_maintenance_mode", "is_freeze", "isolated"),
            records.integer: ("domain_status",),
            records.objects_with({records.text: ("user_id", "user_name", "domain", "user_group", "type")}): (
                "attach_user_infos",
            ),
            records.objects_with({records.text: ("key", "value")}): ("tags",),
            records.or_empty(records.objects): ("security_groups",),
            records.or_empty(records.texts): ("ip_addresses",),
            records.or_empty(records.anything, dict): ("metadata", "product"),
        },
    ),
    # 500 in the documentation, 1000 in the schema of the API Explorer.
    largest_limit=500,
    nothing=[("desktop_id", "00000000-0000-0000-0000-000000000000")],
)

#: GET desktops, which returns the pool of each desktop. `desktops/detail` does not.
SIMPLE_LISTING = listing.Listing(
    operation=operations.DESKTOPS,
    noun="desktop",
    identity="desktop_id",
    complete=partial(records.only, fields={records.text: ("desktop_id", "pool_id")}),
    largest_limit=1000,
    nothing=LISTING.nothing,
)


def as_connect_desktop(record: records.Record) -> records.Record:
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
