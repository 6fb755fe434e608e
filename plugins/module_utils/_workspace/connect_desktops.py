# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists desktops with their connection status.

Source: "Querying Desktop Connection Statuses" of the Workspace API reference.
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .._reading.filters import batches, filter_values, matcher, page_values, unmatched
from .._reading.listing import Listing, OutOfReachError, Records, read_list
from .._reading.records import Record, objects, text
from .._reading.statuses import CONNECT_STATUSES, count_statuses
from . import operations

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._reading.project import Project

#: The maximum number of names in a query.
MOST_NAMES = 100


def desktop(answer: Response, row: Record) -> Record:
    """Check the record and add missing documented keys in place. Additional keys of the API are kept."""
    for key in ("desktop_id", "desktop_name", "connect_status"):
        row[key] = text(answer, row, key)
    row["attach_users"] = objects(answer, row, "attach_users")
    for user in row["attach_users"]:
        for key in ("id", "name", "user_group", "type"):
            user[key] = text(answer, user, key)
    return row


LISTING = Listing(
    operation=operations.CONNECT_DESKTOPS,
    key="desktops",
    identity="desktop_id",
    complete=desktop,
    largest_limit=2000,
    largest_offset=2000,
    nothing=[("user_names", "no-user-has-this-name-d41d8cd98f00")],
)


def _read_everything(project: Project) -> Records:
    """All desktops of the project.

    @raises WorkspaceError: the list cannot be read completely.
    """

    def read() -> Records:
        return read_list(project, LISTING, "The desktops")

    try:
        return read()
    except OutOfReachError as reason:
        # Imported here, because modules are compiled for each task and most projects have fewer desktops.
        from .more_desktops import read_through_detail

        return read_through_detail(project, reason, read)


def _is_group(user: Record) -> bool:
    return "GROUP" in (user["type"] or "")


def _users(desktops: t.Iterable[Record]) -> t.Iterator[Record]:
    return (user for record in desktops for user in record["attach_users"])


def _read_of_users(project: Project, names: t.Sequence[str]) -> tuple[list[Record], list[str]]:
    """The desktops of these users, and warnings.

    If the names fit into one query, they are sent to the service. The result is compared again, because the service may
    match parts of names. Desktops of groups are kept, because the members of groups are not returned. If the names need
    several queries, all desktops are read and compared, because a desktop may be reassigned between queries.
    """
    groups = batches(names, "user_names", MOST_NAMES)
    named = matcher(names)
    sent = len(groups) == 1
    found: t.Collection[Record] = ()
    if sent:
        try:
            filters = [("user_names", name) for name in names]
            found = read_list(project, LISTING, "The desktops of these users", filters).values()
        except OutOfReachError:
            sent = False
    if not sent:
        found = _read_everything(project).values()
    if any(_users(found)) and not any(user["name"] for user in _users(found)):
        raise WorkspaceError("user_names cannot be used: the service returns attach_users without names.")
    chosen, of_groups = [], 0
    for record in found:
        of_group = any(map(_is_group, record["attach_users"]))
        if named(user["name"] for user in record["attach_users"]) or (sent and of_group):
            chosen.append(record)
        elif of_group:
            of_groups += 1
    if not of_groups:
        return chosen, []
    warning = (
        f"{of_groups} desktops are assigned to user groups. They are not in this result, because the service does not"
        " return the members of groups: query them by the name of the group."
    )
    return chosen, [warning]


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the desktops of a project.

    @param options: `user_names`, `connect_status`, `offset` and `limit`, see the module.
    @returns: a function from a project to the return values of the module and `warnings`. It raises `WorkspaceError` if
        the desktops cannot be read completely.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    names = filter_values(options["user_names"], "user_names")
    statuses = filter_values(options["connect_status"], "connect_status")
    page = page_values(options["offset"], options["limit"], LISTING.largest_offset, LISTING.largest_limit)
    groups = batches(names, "user_names", MOST_NAMES)
    given = " and ".join(name for name, _value in page)
    if page and len(statuses) > 1:
        raise WorkspaceError(f"{given} selects one page, which supports only one connect_status.")
    if page and len(groups) > 1:
        raise WorkspaceError(
            f"{given} selects one page, but the {len(names)} user_names need {len(groups)} requests: remove {given}."
        )

    def read_page(project: Project) -> dict[str, t.Any]:
        filters = [("user_names", name) for name in names] + [("connect_status", status) for status in statuses]
        answer = project.get(LISTING.operation, [*filters, *page])
        desktops, total = LISTING.records_of(answer), LISTING.total_of(answer)
        if total is None:
            raise answer.unusable(f"it lacks {LISTING.total}")
        return _result(desktops, total, [], [])

    def read_all(project: Project) -> dict[str, t.Any]:
        if names:
            found, warnings = _read_of_users(project, names)
        else:
            found, warnings = list(_read_everything(project).values()), []
        if statuses and found and all(record["connect_status"] is None for record in found):
            raise WorkspaceError("connect_status cannot be used: the service returns desktops without a status.")
        # All statuses are read, because a status can change while a list that is filtered by it is read.
        desktops = [record for record in found if not statuses or record["connect_status"] in statuses]
        desktops.sort(key=lambda record: (record["desktop_name"] or "", record["desktop_id"]))
        missing = unmatched(names, (user["name"] for user in _users(desktops)))
        return _result(desktops, len(desktops), missing, warnings)

    return read_page if page else read_all


def _result(desktops: list[Record], total: int, missing: list[str], warnings: list[str]) -> dict[str, t.Any]:
    return {
        "desktops": desktops,
        "total_count": total,
        "connect_status_counts": count_statuses(desktops, "connect_status", CONNECT_STATUSES),
        "unmatched_user_names": missing,
        "warnings": warnings,
    }
