# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists the users in the directory of a project.

Source: ListUsers of the Workspace API. Whether it matches parts of names is not documented, so they are compared again.
"""

from __future__ import annotations

import typing as t
from functools import partial

from .._http import errors
from .._reading import filters, listing, records
from .._reading.records import text
from . import groups, operations

if t.TYPE_CHECKING:
    from .._reading.project import Project

#: The options of `workspace_user_info`.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "user_names": {"type": "list", "elements": "str"},
    "group_name": {"type": "str"},
    "disabled": {"type": "bool"},
    "locked": {"type": "bool"},
    "groups": {"type": "bool", "default": False},
    "contact_details": {"type": "bool", "default": False},
}

#: The number of names in a query. No maximum is documented; it is 100 for other operations.
MOST_NAMES = 100

_CONTACT_DETAILS = ("user_email", "user_phone")


LISTING = listing.Listing(
    operation=operations.USERS,
    noun="user",
    identity="id",
    name="user_name",
    complete=partial(
        records.complete,
        fields={
            text: ("id", "user_name", *_CONTACT_DETAILS, "active_type", "domain", "description"),
            records.boolean: ("disabled", "locked", "account_expired"),
            records.integer: ("total_desktops",),
            records.texts: ("group_names",),
            # Another operation returns a number.
            records.anything: ("account_expires",),
        },
    ),
    # No maximum is documented. Terraform's provider uses 100.
    largest_limit=100,
    nothing=[("user_names", "no-user-has-this-name-d41d8cd98f00")],
)


def read_users(project: Project, names: t.Sequence[str] = (), *, contact_details: bool = False) -> list[records.Record]:
    """The users in the directory, sorted by name, then ID.

    @param names: only the users that the service returns for these names; empty for all.
    @param contact_details: whether to keep email addresses and telephone numbers.
    @raises WorkspaceError: the list cannot be read completely.
    """
    batches = filters.batches(names, "user_names", MOST_NAMES) or [()]
    found = listing.read_all(project, LISTING, [[("user_names", name) for name in batch] for batch in batches])
    for record in found:
        if not contact_details:
            record.update(dict.fromkeys(_CONTACT_DETAILS))
    return found


def find_users(
    project: Project, names: t.Sequence[str], *, contact_details: bool = False
) -> tuple[list[records.Record], list[str]]:
    """The users with these names, ignoring letter case, or all users without names; and warnings.

    All users are read if the service does not find a name in this spelling, because it may respect the letter case.

    @raises WorkspaceError: the list cannot be read completely, or a user has no name.
    """
    found, warnings = read_users(project, names, contact_details=contact_details), []
    if not set(names) <= {record["user_name"] for record in found}:
        found = read_users(project, contact_details=contact_details)
        known = [record["user_name"] for record in found]
        warnings = filters.suggestions(names, known, "user_names", "user")
    is_named = filters.has_name(names, filters.value_of("user_name"))
    return filters.choose(found, {"user_names": ("user_name", is_named)} if names else {}, "user", "id"), warnings


def _add_groups(project: Project, users: list[records.Record]) -> None:
    """Add `groups` to each user: `group_id` and `group_name` of all groups that contain the user."""
    found = listing.read_all(project, groups.LISTING) if users else []
    members = listing.read_each(project, groups.MEMBERS, [group["id"] for group in found])
    ids = {group_id: {member["id"] for member in of_group} for group_id, of_group in members.items()}
    for record in users:
        record["groups"] = [
            {"group_id": group["id"], "group_name": group["name"]}
            for group in found
            if record["id"] in ids[group["id"]]
        ]


def _in_group(project: Project, name: str, users: t.Iterable[records.Record]) -> filters.Condition:
    """The filter for members of a group.

    They are chosen from the groups of each user, because a user can leave a group and return while a filtered list is
    read. The filter of the service is only used for users whose groups it does not return.

    @raises WorkspaceError: it returns users for a group that does not exist.
    """
    is_named = filters.matcher([name])
    returned: t.Collection[str] = ()
    if any(record["group_names"] is None for record in users):
        query = LISTING.query([("group_name", "no-group-has-this-name-d41d8cd98f00")], 0, 1)
        if LISTING.records_of(project.get(LISTING.operation, query)):
            text = "group_name cannot be used: the service ignores it, and does not return the groups of users."
            raise errors.WorkspaceError(text, attempts=1)
        returned = listing.read_list(project, LISTING, [("group_name", name)])
    return lambda record: record["id"] in returned if record["group_names"] is None else is_named(record["group_names"])


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the users of a project. See `Prepare` in `_module`."""
    names = filters.filter_values(options["user_names"], "user_names")
    group_name = options["group_name"]
    filters.filter_values(None if group_name is None else [group_name], "group_name")
    flags = filters.compared(options, {"disabled": "disabled", "locked": "locked"})

    def read(project: Project) -> dict[str, t.Any]:
        found, warnings = find_users(project, names, contact_details=options["contact_details"])
        conditions = dict(flags)
        if group_name is not None:
            conditions["group_name"] = ("group_names", _in_group(project, group_name, found))
        users = filters.choose(found, conditions, "user", "id")
        records.fill_lists(users, "id", "group_names")
        if options["groups"]:
            _add_groups(project, users)
        return {
            "users": users,
            "total_count": len(users),
            "unmatched_user_names": filters.unmatched(names, (record["user_name"] for record in users)),
            "warnings": warnings,
        }

    return read
