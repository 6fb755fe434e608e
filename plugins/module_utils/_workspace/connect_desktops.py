# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists desktops with their connection status.

Source: "Querying Desktop Connection Statuses" of the Workspace API reference.
"""

from __future__ import annotations

import contextlib
import typing as t
from functools import partial

from .._http import errors
from .._reading import filters, listing, records, statuses
from . import operations

if t.TYPE_CHECKING:
    from .._http.query import Pairs
    from .._reading.project import Project

#: The options of `workspace_connect_desktops_info`.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "user_names": {"type": "list", "elements": "str"},
    "connect_status": {"type": "list", "elements": "str", "choices": list(statuses.CONNECT_STATUSES)},
    "offset": {"type": "int"},
    "limit": {"type": "int"},
}

#: The maximum number of names in a query.
MOST_NAMES = 100


LISTING = listing.Listing(
    operation=operations.CONNECT_DESKTOPS,
    noun="desktop",
    identity="desktop_id",
    name="desktop_name",
    complete=partial(
        records.complete,
        fields={
            records.text: ("desktop_id", "desktop_name", "connect_status"),
            records.objects_with({records.text: ("id", "name", "user_group", "type")}): ("attach_users",),
        },
    ),
    largest_limit=2000,
    largest_offset=2000,
    nothing=[("user_names", "no-user-has-this-name-d41d8cd98f00")],
)


def read_connect_desktops(project: Project, query: Pairs = ()) -> listing.Records:
    """All desktops that match the query. `attach_users` is null if the service does not return it.

    @raises WorkspaceError: the list cannot be read completely.
    """
    try:
        return listing.read_list(project, LISTING, query)
    except listing.OutOfReachError as reason:
        # Imported here, because modules are compiled for each task and most projects have fewer desktops.
        from . import more_desktops

        return more_desktops.read_through_detail(project, LISTING, reason, query)


def _names(desktops: t.Iterable[records.Record]) -> list[str | None]:
    return [user["name"] for record in desktops for user in record["attach_users"] or ()]


def _of_users(
    names: t.Sequence[str], returned: t.Container[str], desktops: t.Iterable[records.Record]
) -> list[records.Record]:
    """The desktops of these users. The members of groups are not returned, but desktops of their groups.

    @param returned: the IDs of the desktops that the service returns for the names.
    """
    is_named = filters.matcher(names)

    def holds(record: records.Record) -> bool | None:
        users = record["attach_users"]
        if users is None:
            return None
        if is_named(user["name"] for user in users if not records.is_group(user)):
            return True
        if record["desktop_id"] in returned and any(records.is_group(user) is not False for user in users):
            return True
        return None if any(not user["name"] and not records.is_group(user) for user in users) else False

    return filters.choose(desktops, {"user_names": ("attach_users.name", holds)}, "desktop", "desktop_id")


def _read_of_users(project: Project, names: t.Sequence[str]) -> tuple[list[records.Record], list[str]]:
    """The desktops of these users, and warnings.

    If the names fit into one query and the service finds them all in this spelling, its result is compared again,
    because it may match parts of names. Otherwise, all desktops are read and compared, because a desktop may be
    reassigned between queries and the service may respect the letter case.
    """
    groups = [[("user_names", name) for name in group] for group in filters.batches(names, "user_names", MOST_NAMES)]
    returned: listing.Records | None = None
    if len(groups) == 1:
        with contextlib.suppress(listing.OutOfReachError):
            returned = listing.read_list(project, LISTING, groups[0])
    if returned is not None:
        desktops = _of_users(names, returned, returned.values())
        if set(names) <= set(_names(desktops)):
            return desktops, []
    found = read_connect_desktops(project)
    if returned is None:
        returned = {}
        if any(
            records.is_group(user) is not False for record in found.values() for user in record["attach_users"] or ()
        ):
            for query in groups:
                returned.update(read_connect_desktops(project, query))
    desktops = _of_users(names, returned, found.values())
    known = _names(found.values())
    return desktops, filters.suggestions(names, known, "user_names", "user of a desktop")


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the desktops of a project. See `Prepare` in `_module`."""
    names = filters.filter_values(options["user_names"], "user_names")
    wanted = filters.filter_values(options["connect_status"], "connect_status")
    page = filters.page_query(options, LISTING, "user_names", names, MOST_NAMES)
    if page and len(wanted) > 1:
        raise errors.WorkspaceError("offset or limit selects one page, which supports only one connect_status.")

    def read_all(project: Project) -> dict[str, t.Any]:
        if names:
            found, warnings = _read_of_users(project, names)
        else:
            found, warnings = list(read_connect_desktops(project).values()), []
        desktops = statuses.in_statuses(found, "connect_status", "connect_status", wanted)
        desktops.sort(key=LISTING.order)
        return _result(desktops, len(desktops), filters.unmatched(names, _names(desktops)), warnings)

    if not page:
        return read_all
    return lambda project: _read_page(project, [*page, *(("connect_status", status) for status in wanted)])


def _read_page(project: Project, query: Pairs) -> dict[str, t.Any]:
    answer = project.get(LISTING.operation, query)
    desktops, total = LISTING.records_of(answer), LISTING.total_of(answer)
    if total is None:
        raise answer.unusable(f"it lacks {LISTING.total}")
    return _result(desktops, total, [], [])


def _result(desktops: list[records.Record], total: int, missing: list[str], warnings: list[str]) -> dict[str, t.Any]:
    return {
        "desktops": desktops,
        "missing_fields": records.fill_lists(desktops, "desktop_id", "attach_users"),
        "total_count": total,
        "connect_status_counts": statuses.count_statuses(desktops, "connect_status", statuses.CONNECT_STATUSES),
        "unmatched_user_names": missing,
        "warnings": warnings,
    }
