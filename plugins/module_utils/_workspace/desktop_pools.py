# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list desktop pools and their authorized users.

Sources: ListDesktopPools and ListDesktopPoolAuthorizedObjects of the Workspace API.
"""

from __future__ import annotations

import typing as t

from .._http.concurrency import side_by_side
from .._reading.listing import Listing, read_all
from .._reading.records import Record, complete, objects, text, texts
from . import operations

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._reading.project import Project


_TEXTS = (
    *("id", "name", "type", "description", "created_time", "charging_mode", "availability_zone", "subnet_id", "vpc_id"),
    *("image_id", "image_name", "image_os_type", "image_os_version", "image_os_platform", "image_product_code"),
    *("image_cloud_service_type", "image_resource_type", "status", "enterprise_project_id", "desktop_name_policy_id"),
    *("ou_name", "domain"),
)
_NUMBERS = ("desktop_count", "desktop_used", "disconnected_retention_period", "isolation_num")
_FLAGS = ("enable_autoscale", "in_maintenance_mode")
_MAPS = ("product", "root_volume", "autoscale_policy", "user_reset_policy")


def pool(answer: Response, row: Record) -> Record:
    """Check the record and add missing documented keys in place. Additional keys of the API are kept."""
    complete(answer, row, texts=_TEXTS, flags=_FLAGS, numbers=_NUMBERS, maps=_MAPS)
    for key in ("data_volumes", "security_groups", "tags"):
        row[key] = objects(answer, row, key)
    row["subnet_ids"] = texts(answer, row, "subnet_ids")
    count, used = row["desktop_count"], row["desktop_used"]
    row["desktops_free"] = None if count is None or used is None else count - used
    return row


def authorized_object(answer: Response, row: Record) -> Record:
    """The documented keys of a user or user group that may use a pool."""
    return {key: text(answer, row, key) for key in ("object_type", "object_id", "object_name", "domain", "user_group")}


LISTING = Listing(
    operation=operations.DESKTOP_POOLS,
    identity="id",
    complete=pool,
    largest_limit=1000,
    largest_offset=20000,
)

AUTHORIZED_OBJECTS = Listing(
    operation=operations.AUTHORIZED_OBJECTS,
    identity="object_id",
    name="object_name",
    complete=authorized_object,
    largest_limit=100,
)


def read_pools(project: Project) -> list[Record]:
    """All desktop pools, sorted by name, then ID.

    @raises WorkspaceError: the list cannot be read completely.
    """
    return sorted(read_all(project, LISTING, "The desktop pools"), key=LISTING.order)


def read_authorized_objects(project: Project, pool_ids: t.Sequence[str]) -> dict[str, list[Record]]:
    """The users and user groups that may use each of these pools.

    @returns: pool ID -> records, sorted by name, then ID.
    @raises WorkspaceError: a list cannot be read completely.
    """

    def read(pool_id: str) -> list[Record]:
        found = read_all(project, AUTHORIZED_OBJECTS.of(pool_id), "The authorized users of a pool")
        return sorted(found, key=AUTHORIZED_OBJECTS.order)

    return dict(zip(pool_ids, side_by_side(read, pool_ids, width=project.concurrency)))
