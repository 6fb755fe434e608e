# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""The operation that lists desktop pools."""

from __future__ import annotations

import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import Listing, read_all
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import (
    Fields,
    Record,
    boolean,
    integer,
    text,
)

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project


def pool(answer: Answer, row: Record) -> Record:
    """The record, with what a check or an audit reads of it completed in place."""
    for key in ("id", "name", "type", "status"):
        row[key] = text(answer, row, key)
    for key in ("desktop_count", "desktop_used"):
        row[key] = integer(answer, row, key)
    row["in_maintenance_mode"] = boolean(answer, row, "in_maintenance_mode")
    return row


LISTING = Listing(
    operation=Operation("desktop-pools", "workspace:desktopPools:list"),
    key="desktop_pools",
    identity="id",
    complete=pool,
    largest_limit=1000,
    largest_offset=20000,
)


def read_pools(project: Project, fields: Fields | None = None) -> list[Record]:
    """Every desktop pool, sorted by name, then ID.

    @param fields: notes which of its fields no pool has.
    @raises WorkspaceError: rather than return less than everything.
    """
    listing = LISTING if fields is None else LISTING._replace(complete=fields.noted(LISTING.complete))
    pools = read_all(project, listing, "The desktop pools")
    return sorted(pools, key=lambda record: (record["name"] or "", record["id"]))
