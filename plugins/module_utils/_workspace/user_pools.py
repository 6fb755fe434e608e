# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists the desktop pools of users.

Source: "Listing Associated Desktop Pools" of the Workspace API reference. It reports no total.
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .filters import batches, filter_values, page_values, unmatched
from .listing import Listing, read_list
from .project import Operation
from .records import Record, boolean, integer, objects, text
from .users import read_users

if t.TYPE_CHECKING:
    from .._http.client import Answer
    from .project import Project

_NOBODY = (
    "The service returned no user. It is known to do so whenever user_ids is omitted, so this does not mean that there"
    " are none: set user_ids or user_names."
)
_NONE_OF_THEM = (
    "The service knows none of the {} user_ids. Check that they are IDs, not names: user_names looks up users by name."
)


def user(answer: Answer, row: Record) -> Record:
    """The record, completed in place: every documented key is there, and whatever the API added since stays."""
    if text(answer, row, "user_id") is None:
        raise answer.unusable("a user has no user_id")
    row.setdefault("user_name", None)
    pools = row["desktop_pools"] = objects(answer, row, "desktop_pools")
    for pool in pools:
        pool["desktop_pool_id"] = text(answer, pool, "desktop_pool_id")
        pool["desktop_pool_name"] = text(answer, pool, "desktop_pool_name")
        pool["is_attached"] = boolean(answer, pool, "is_attached")
    if integer(answer, row, "desktop_pool_count") is None:
        # The page's own example leaves it out.
        row["desktop_pool_count"] = len(pools)
    return row


LISTING = Listing(
    # The example of the vendor's page says desktops-pools, which is a misprint: its URI table and the SDK say this.
    operation=Operation("desktop-pools/statistics/by-users", "workspace:desktopPools:listByUsers"),
    key="users",
    identity="user_id",
    complete=user,
    # Also the number of ids that are asked for at a time, so that nothing depends on how the server pages.
    largest_limit=10,
    total=None,
)


def read_user_pools(project: Project, ids: t.Sequence[str]) -> dict[str, Record]:
    """The users with these ids, as far as the service knows them.

    What `limit` counts is not certain, and a server may send fewer users than it could. So the ids that did not come
    back are asked for again, until a round brings nothing new: then each of them was asked for in a request that
    returned no user at all, or none that was missing.

    @param ids: any number, each once.
    @returns: user id -> record.
    @raises WorkspaceError: a request failed, or the service ignores the filter.
    """
    found: dict[str, Record] = {}
    waiting = list(ids)
    while waiting:
        groups = batches(waiting, "user_ids", LISTING.largest_limit)
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


def contradictions(users: t.Iterable[Record]) -> list[str]:
    """A warning about users of whom the service says one number of pools and lists another."""
    wrong = [record["user_id"] for record in users if record["desktop_pool_count"] != len(record["desktop_pools"])]
    if not wrong:
        return []
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return [
        f"desktop_pool_count is not the number of desktop_pools of {len(wrong)} users: {', '.join(wrong[:5])}{more}."
    ]


def _read_named(project: Project, names: t.Sequence[str]) -> list[Record]:
    """The users with these names, in the order of the names; one that the service does not return has no pool."""
    directory = read_users(project, names)
    found = read_user_pools(project, [user["id"] for user in directory]) if directory else {}
    places = {name.lower(): place for place, name in reversed(list(enumerate(names)))}
    users = []
    for entry in sorted(directory, key=lambda entry: places[entry["user_name"].lower()]):
        record = found.get(entry["id"]) or {"user_id": entry["id"], "desktop_pool_count": 0, "desktop_pools": []}
        record["user_name"] = entry["user_name"]
        users.append(record)
    return users


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return what will read and answer them.

    @param options: `user_ids`, `user_names`, `offset`, `limit` as the module documents them.
    @returns: a function from a project to `users`, what was asked for and not found, and `warnings` for the user.
    @raises WorkspaceError: an option is wrong, named in the message.
    """
    ids = filter_values(options["user_ids"], "user_ids")
    names = filter_values(options.get("user_names"), "user_names")
    others = [name for name in ("user_ids", "offset", "limit") if options.get(name) is not None]
    if names and others:
        raise WorkspaceError(f"user_names and {' and '.join(others)} exclude each other: remove one of them.")
    page = page_values(options["offset"], options["limit"], None, LISTING.largest_limit)
    groups = batches(ids, "user_ids", LISTING.largest_limit)
    if page and len(groups) > 1:
        given = " and ".join(name for name, _value in page)
        raise WorkspaceError(
            f"{given} selects one page, but the {len(ids)} user_ids need {len(groups)} requests: remove {given}."
        )

    def read_page(project: Project) -> dict[str, t.Any]:
        answer = project.get(LISTING.operation, [*(("user_ids", user_id) for user_id in ids), *page])
        users = LISTING.records_of(answer)
        return _result(users, [], contradictions(users) if users or ids else [_NOBODY])

    def read_all(project: Project) -> dict[str, t.Any]:
        if ids:
            found = read_user_pools(project, ids)
            users = [found[user_id] for user_id in ids if user_id in found]
            warnings = [] if users else [_NONE_OF_THEM.format(len(ids))]
        else:
            users = list(read_list(project, LISTING, "The users without user_ids").values())
            warnings = [] if users else [_NOBODY]
        known = {record["user_id"] for record in users}
        missing = [user_id for user_id in ids if user_id not in known]
        return _result(users, missing, warnings + contradictions(users))

    def read_named(project: Project) -> dict[str, t.Any]:
        users = _read_named(project, names)
        missing = unmatched(names, (record["user_name"] for record in users))
        return {**_result(users, [], contradictions(users)), "unmatched_user_names": missing}

    if names:
        return read_named
    return read_page if page else read_all


def _result(users: list[Record], missing: list[str], warnings: list[str]) -> dict[str, t.Any]:
    return {"users": users, "unmatched_user_ids": missing, "unmatched_user_names": [], "warnings": warnings}
