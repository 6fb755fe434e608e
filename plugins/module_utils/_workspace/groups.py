# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list user groups and their members.

Sources: ListUserGroups and ListUsersOfGroup of the Workspace API. Whether the latter lists the members of nested groups
is not documented.
"""

from __future__ import annotations

import typing as t

from .._http.concurrency import side_by_side
from .._reading.listing import Listing, read_all
from .._reading.records import Record, complete, text
from . import operations

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._reading.project import Project


def group(answer: Response, row: Record) -> Record:
    """Check the fields of the record that are used, and add missing ones in place."""
    return complete(answer, row, texts=("id", "name", "domain"))


def member(answer: Response, row: Record) -> Record:
    """The ID and the name of a user. The other fields are personal data and are not used."""
    return {key: text(answer, row, key) for key in ("id", "user_name")}


LISTING = Listing(
    operation=operations.USER_GROUPS,
    identity="id",
    complete=group,
    largest_limit=100,
)

MEMBERS = Listing(
    operation=operations.GROUP_MEMBERS,
    identity="id",
    complete=member,
    # A user can leave a group and return, so that as few pages as possible are read.
    largest_limit=10000,
)


def read_groups(project: Project) -> list[Record]:
    """All user groups, sorted by name, then ID.

    @raises WorkspaceError: the list cannot be read completely.
    """
    return sorted(read_all(project, LISTING, "The user groups"), key=LISTING.order)


def read_members(project: Project, group_ids: t.Sequence[str]) -> dict[str, list[Record]]:
    """The users of each of these groups.

    @returns: group ID -> `id` and `user_name` of each user.
    @raises WorkspaceError: a list cannot be read completely.
    """
    found = side_by_side(
        lambda group_id: read_all(project, MEMBERS.of(group_id), "The users of a group"),
        group_ids,
        width=project.concurrency,
    )
    return dict(zip(group_ids, found))
