# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists the users in the directory of a project.

Source: ListUsers of the Workspace API. Whether it matches parts of names is not documented, so they are compared again.
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .._reading.filters import batches, filter_values, matcher, unmatched
from .._reading.listing import Listing, read_all
from .._reading.records import Fields, Record, boolean, integer, text, texts
from . import operations
from .groups import read_groups, read_members

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._http.query import Pairs
    from .._reading.project import Project

#: Filter -> the fields that it compares, because the service may ignore it.
_COMPARED = {"disabled": ("disabled",), "locked": ("locked",)}

#: The number of names in a query. No maximum is documented; it is 100 for other operations.
MOST_NAMES = 100

_CONTACT_DETAILS = ("user_email", "user_phone")


def user(answer: Response, row: Record) -> Record:
    """Check the record and add missing documented keys in place. Additional keys of the API are kept."""
    for key in ("id", "user_name", *_CONTACT_DETAILS, "active_type", "domain", "description"):
        row[key] = text(answer, row, key)
    # Not checked, because another operation returns a number.
    row.setdefault("account_expires", None)
    for key in ("disabled", "locked", "account_expired"):
        row[key] = boolean(answer, row, key)
    row["total_desktops"] = integer(answer, row, "total_desktops")
    row["group_names"] = None if row.get("group_names") is None else texts(answer, row, "group_names")
    return row


LISTING = Listing(
    operation=operations.USERS,
    key="users",
    identity="id",
    complete=user,
    # No maximum is documented. Terraform's provider uses 100.
    largest_limit=100,
    nothing=[("user_names", "no-user-has-this-name-d41d8cd98f00")],
)


def read_users(
    project: Project,
    names: t.Sequence[str] = (),
    filters: Pairs = (),
    *,
    contact_details: bool = False,
    fields: Fields | None = None,
) -> list[Record]:
    """The users in the directory, sorted by name, then ID.

    @param names: only these users, ignoring letter case; empty for all.
    @param filters: filters of the API, which may ignore them.
    @param contact_details: whether to keep email addresses and telephone numbers.
    @param fields: records the fields that no user has.
    @raises WorkspaceError: the list cannot be read completely.
    """
    groups = batches(names, "user_names", MOST_NAMES) or [()]
    queries = [[*(("user_names", name) for name in group), *filters] for group in groups]
    named = matcher(names)
    listing = LISTING if fields is None else LISTING._replace(complete=fields.noted(LISTING.complete))
    found = [record for record in read_all(project, listing, "The users", queries) if named([record["user_name"]])]
    for record in found:
        if not contact_details:
            record.update(dict.fromkeys(_CONTACT_DETAILS))
    return sorted(found, key=lambda record: (record["user_name"] or "", record["id"]))


def _add_groups(project: Project, users: list[Record]) -> None:
    """Add `groups` to each user: `group_id` and `group_name` of all groups that contain the user."""
    groups = read_groups(project) if users else []
    members = read_members(project, [group["id"] for group in groups])
    of_user: dict[str, list[Record]] = {record["id"]: [] for record in users}
    for group in groups:
        for member in members[group["id"]]:
            if member["id"] in of_user:
                of_user[member["id"]].append({"group_id": group["id"], "group_name": group["name"]})
    for record in users:
        record["groups"] = of_user[record["id"]]


def _check_group_filter(project: Project) -> None:
    """Check that the service applies `group_name`, if it does not return the groups of users.

    @raises WorkspaceError: it returns users for a group that does not exist.
    """
    query = LISTING.query([("group_name", "no-group-has-this-name-d41d8cd98f00")], 0, 1)
    if LISTING.records_of(project.get(LISTING.operation, query)):
        raise WorkspaceError(
            "group_name cannot be used: the service ignores it, and does not return the groups of users.", attempts=1
        )


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the users of a project.

    @param options: see the module `workspace_user_info`.
    @returns: a function from a project to `users`, `total_count` and `unmatched_user_names`.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    names = filter_values(options["user_names"], "user_names")
    groups = filter_values(None if options["group_name"] is None else [options["group_name"]], "group_name")
    filters = [("group_name", group) for group in groups]
    in_group = matcher(groups)

    def wanted(record: Record) -> bool:
        # If the API does not return the groups of a user, its own filter is used.
        return (record["group_names"] is None or in_group(record["group_names"])) and all(
            options[flag] in (None, bool(record[flag])) for flag in ("disabled", "locked")
        )

    compared = {option: fields for option, fields in _COMPARED.items() if options[option] is not None}

    def read(project: Project) -> dict[str, t.Any]:
        fields = Fields(compared)
        found = read_users(project, names, filters, contact_details=options["contact_details"], fields=fields)
        if found:
            fields.require(compared, "user")
        if groups and any(record["group_names"] is None for record in found):
            _check_group_filter(project)
        users = [record for record in found if wanted(record)]
        for record in users:
            record["group_names"] = record["group_names"] or []
        if options["groups"]:
            _add_groups(project, users)
        return {
            "users": users,
            "total_count": len(users),
            "unmatched_user_names": unmatched(names, (record["user_name"] for record in users)),
        }

    return read
