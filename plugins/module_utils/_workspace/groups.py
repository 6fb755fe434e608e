# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations that list user groups and their members.

Sources: ListUserGroups and ListUsersOfGroup of the Workspace API. Whether the latter lists the members of nested groups
is not documented.
"""

from __future__ import annotations

from functools import partial

from .._reading import listing, records
from . import operations

LISTING = listing.Listing(
    operation=operations.USER_GROUPS,
    noun="user group",
    identity="id",
    complete=partial(records.complete, fields={records.text: ("id", "name", "domain")}),
    largest_limit=100,
)

MEMBERS = listing.Listing(
    operation=operations.GROUP_MEMBERS,
    noun="group member",
    identity="id",
    name="user_name",
    # The other fields are personal data and are not used.
    complete=partial(records.only, fields={records.text: ("id", "user_name")}),
    # A user can leave a group and return, so that as few pages as possible are read.
    largest_limit=10000,
)
