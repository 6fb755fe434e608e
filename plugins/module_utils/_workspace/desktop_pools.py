# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list desktop pools and their authorized users.

Sources: ListDesktopPools and ListDesktopPoolAuthorizedObjects of the Workspace API.
"""

from __future__ import annotations

import typing as t
from functools import partial

from .._reading import listing, records
from . import operations

if t.TYPE_CHECKING:
    from .._http import client

_FIELDS: records.Fields = {
    records.text: (
        *("id", "name", "type", "description", "created_time", "charging_mode", "availability_zone", "subnet_id"),
        *("vpc_id", "image_id", "image_name", "image_os_type", "image_os_version", "image_os_platform"),
        *("image_product_code", "image_cloud_service_type", "image_resource_type", "status", "enterprise_project_id"),
        *("desktop_name_policy_id", "ou_name", "domain"),
    ),
    records.integer: ("desktop_count", "desktop_used", "disconnected_retention_period", "isolation_num"),
    records.boolean: ("enable_autoscale", "in_maintenance_mode"),
    records.or_empty(records.anything, dict): ("product", "root_volume", "autoscale_policy", "user_reset_policy"),
    records.or_empty(records.objects): ("data_volumes", "security_groups"),
    records.or_empty(records.objects_with({records.text: ("key", "value")})): ("tags",),
    records.or_empty(records.texts): ("subnet_ids",),
}


def _pool(answer: client.Response, row: records.Record) -> records.Record:
    records.complete(answer, row, _FIELDS)
    count, used = row["desktop_count"], row["desktop_used"]
    row["desktops_free"] = None if count is None or used is None else count - used
    return row


LISTING = listing.Listing(
    operation=operations.DESKTOP_POOLS,
    noun="desktop pool",
    identity="id",
    complete=_pool,
    largest_limit=1000,
)

AUTHORIZED_OBJECTS = listing.Listing(
    operation=operations.AUTHORIZED_OBJECTS,
    noun="authorized user",
    identity="object_id",
    name="object_name",
    complete=partial(
        records.only, fields={records.text: ("object_type", "object_id", "object_name", "domain", "user_group")}
    ),
    largest_limit=100,
)
