# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists the desktop pools of users.

Source: "Listing Associated Desktop Pools" of the Workspace API reference. It reports no total.
"""

from __future__ import annotations

import typing as t
from functools import partial

from .._http import errors
from .._reading import filters, listing, records
from . import operations
from .users import find_users

if t.TYPE_CHECKING:
    from .._reading.project import Project

#: The options of `workspace_desktop_pool_info`.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "user_ids": {"type": "list", "elements": "str"},
    "user_names": {"type": "list", "elements": "str"},
    "offset": {"type": "int"},
    "limit": {"type": "int"},
}

_NO_USERS = (
    "The service returned no users. Because this also happens whenever user_ids is omitted, it does not mean that there"
    " are none: set user_ids or user_names."
)
_UNKNOWN_IDS = (
    "The service knows none of the {} user_ids. Check that they are IDs, not names: user_names looks up users by name."
)


LISTING = listing.Listing(
    operation=operations.POOLS_BY_USERS,
    noun="user",
    identity="user_id",
    complete=partial(
        records.complete,
        fields={
            records.text: ("user_id",),
            records.anything: ("user_name",),
            records.integer: ("desktop_pool_count",),
            records.objects_with(
                {records.text: ("desktop_pool_id", "desktop_pool_name"), records.boolean: ("is_attached",)}
            ): ("desktop_pools",),
        },
    ),
    # Also the number of IDs in a query, so that the result does not depend on the pages of the server.
    largest_limit=10,
    total=None,
)


def read_user_pools(project: Project, ids: t.Sequence[str]) -> dict[str, records.Record]:
    """The users with these IDs that the service knows.

    It is not documented what `limit` counts, and a server may return fewer users than requested. Therefore, missing IDs
    are requested again until a round returns no further user.

    @param ids: any number of IDs, without duplicates.
    @returns: user ID -> record.
    @raises WorkspaceError: a request failed, or the service ignores the filter.
    """
    found: dict[str, records.Record] = {}
    waiting = list(ids)
    while waiting:
        groups = filters.batches(waiting, "user_ids", LISTING.largest_limit)
        queries = [
            [*(("user_ids", user_id) for user_id in group), ("limit", str(LISTING.largest_limit))] for group in groups
        ]
        before = len(found)
        for group, answer in zip(groups, project.get_all(LISTING.operation, queries)):
            for record in LISTING.records_of(answer):
                if record["user_id"] not in group:
                    raise answer.unusable("it contains a user that was not requested: the service ignores user_ids")
                found[record["user_id"]] = record
        waiting = [user_id for user_id in waiting if user_id not in found] if len(found) > before else []
    return found


def contradictions(users: t.Iterable[records.Record]) -> list[str]:
    """A warning about users whose reported number of pools differs from the number of listed pools."""
    wrong = [
        record["user_id"]
        for record in users
        if record["desktop_pool_count"] not in (None, len(record["desktop_pools"] or ()))
    ]
    if not wrong:
        return []
    whose = "1 user" if len(wrong) == 1 else f"{len(wrong)} users"
    return [f"desktop_pool_count differs from the number of desktop_pools of {whose}: {filters.some_of(wrong)}."]


def _read_named(project: Project, names: t.Sequence[str]) -> tuple[list[records.Record], list[str]]:
    """The users with these names, in the order of the names, and warnings.

    Users that the service does not return have no pools.
    """
    directory, warnings = find_users(project, names)
    found = read_user_pools(project, [user["id"] for user in directory]) if directory else {}
    positions = {name.lower(): position for position, name in reversed(list(enumerate(names)))}
    users = []
    for entry in sorted(directory, key=lambda entry: positions[entry["user_name"].lower()]):
        record = found.get(entry["id"]) or {"user_id": entry["id"], "desktop_pool_count": 0, "desktop_pools": []}
        record["user_name"] = entry["user_name"]
        users.append(record)
    return users, warnings


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the users of a project. See `Prepare` in `_module`."""
    ids = filters.filter_values(options["user_ids"], "user_ids")
    names = filters.filter_values(options.get("user_names"), "user_names")
    others = [name for name in ("user_ids", "offset", "limit") if options.get(name) is not None]
    if names and others:
        raise errors.WorkspaceError(f"user_names and {' and '.join(others)} exclude each other: remove one of them.")
    page = filters.page_query(options, LISTING, "user_ids", ids, LISTING.largest_limit)

    def read_page(project: Project) -> dict[str, t.Any]:
        users = list(LISTING.by_id(project.get(LISTING.operation, page)).values())
        return _result(users, [], contradictions(users) if users or ids else [_NO_USERS])

    def read_all(project: Project) -> dict[str, t.Any]:
        if ids:
            found = read_user_pools(project, ids)
            users = [found[user_id] for user_id in ids if user_id in found]
            warnings = [] if users else [_UNKNOWN_IDS.format(len(ids))]
        else:
            users = list(listing.read_list(project, LISTING).values())
            warnings = [] if users else [_NO_USERS]
        known = {record["user_id"] for record in users}
        missing = [user_id for user_id in ids if user_id not in known]
        return _result(users, missing, warnings + contradictions(users))

    def read_named(project: Project) -> dict[str, t.Any]:
        users, warnings = _read_named(project, names)
        missing = filters.unmatched(names, (record["user_name"] for record in users))
        return {**_result(users, [], warnings + contradictions(users)), "unmatched_user_names": missing}

    if names:
        return read_named
    return read_page if page else read_all


def _result(users: list[records.Record], missing: list[str], warnings: list[str]) -> dict[str, t.Any]:
    for record in users:
        # The field is missing in the example of the API reference.
        if record["desktop_pool_count"] is None and record["desktop_pools"] is not None:
            record["desktop_pool_count"] = len(record["desktop_pools"])
    records.fill_lists(users, "user_id", "desktop_pools")
    return {"users": users, "unmatched_user_ids": missing, "unmatched_user_names": [], "warnings": warnings}
