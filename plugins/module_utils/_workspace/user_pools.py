# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""The operation that lists the desktop pools of users.

Source: "Listing Associated Desktop Pools" of the Workspace API reference. It reports no total, so what shows that
everything was read is the ids that came back, or a page with nothing new on it.
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import (
    batches,
    filter_values,
    page_values,
    seamless,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import (
    Record,
    boolean,
    integer,
    objects,
    rows,
    text,
)

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project

# The example of the vendor's page says desktops-pools, which is a misprint: its own URI table and the SDK say this.
OPERATION = Operation("desktop-pools/statistics/by-users", "workspace:desktopPools:listByUsers")

#: The largest page of the API, and so the number of ids that are asked for at a time.
_LARGEST_LIMIT = 10

_READINGS = 3

_NOBODY = (
    "The service returned no user. It has been seen to do so whenever user_ids is left out, so this does not show that"
    " there are none: pass user_ids."
)
_SAME_AGAIN = (
    "The service returned the same users for the next offset, so whether there are more is not certain: pass user_ids."
)


def user(answer: Answer, row: Record) -> Record:
    """The record, completed in place: every documented key is there, and whatever the API added since stays."""
    if text(answer, row, "user_id") is None:
        raise answer.unusable("a user has no user_id")
    pools = row["desktop_pools"] = objects(answer, row, "desktop_pools")
    for pool in pools:
        pool["desktop_pool_id"] = text(answer, pool, "desktop_pool_id")
        pool["desktop_pool_name"] = text(answer, pool, "desktop_pool_name")
        pool["is_attached"] = boolean(answer, pool, "is_attached")
    if integer(answer, row, "desktop_pool_count") is None:
        # The page's own example leaves it out.
        row["desktop_pool_count"] = len(pools)
    return row


def _users(answer: Answer) -> dict[str, Record]:
    return {record["user_id"]: record for record in (user(answer, row) for row in rows(answer, "users"))}


def _ids_query(ids: t.Iterable[str]) -> list[tuple[str, str]]:
    return [("user_ids", user_id) for user_id in ids] + [("limit", str(_LARGEST_LIMIT))]


def _read_ids(project: Project, ids: t.Sequence[str]) -> dict[str, Record]:
    """The users with these ids, as far as the API knows them.

    A server may clamp pages to fewer than ten. Then a batch comes back short without being at its end, so the rest of
    every batch that is as long as the longest is asked for again, until nothing new comes.
    """
    found: dict[str, Record] = {}
    waiting = list(ids)
    while waiting:
        groups = batches(waiting, "user_ids", _LARGEST_LIMIT)
        answers = project.get_all(OPERATION, [_ids_query(group) for group in groups])
        pages = [_users(answer) for answer in answers]
        longest = max(len(page) for page in pages)
        waiting = []
        for group, page, answer in zip(groups, pages, answers):
            for user_id in page:
                if user_id not in group:
                    raise answer.unusable("it speaks of a user that was not asked for: the service ignores user_ids")
            found.update(page)
            if page and len(page) == longest:
                waiting += [user_id for user_id in group if user_id not in page]
    return found


def _page_query(offset: int) -> list[tuple[str, str]]:
    return [("limit", str(_LARGEST_LIMIT)), ("offset", str(offset))]


def _read_pages(project: Project) -> tuple[dict[int, dict[str, Record]], list[str]]:
    """One pass over the pages of all users, until one is shorter than the pages of this server are.

    @returns: offset -> the users on the page, and warnings about what could not be made sure.
    @raises WorkspaceError: a full page showed nobody new.
    """
    first = _users(project.get(OPERATION, _page_query(0)))
    pages, size = {0: first}, len(first)
    if not size:
        return pages, [_NOBODY]
    # As with desktops, pages overlap by one record, which shows whether the records have shifted in between. Pages of
    # two would consist of what they share with others, and look like a repetition when read out of turn.
    step = size - 1 if size > 2 else size
    offsets = itertools.count(0, step)
    next(offsets)
    if size < _LARGEST_LIMIT:
        # The end, or a server that clamps its pages: the next page tells.
        offset = next(offsets)
        second = _users(project.get(OPERATION, _page_query(offset)))
        if second.keys() <= first.keys():
            # More than the one shared record is the first page again.
            return pages, [_SAME_AGAIN] if len(second) > size - step else []
        pages[offset] = second
    seen = {user_id for page in pages.values() for user_id in page}

    def is_last(answer: Answer) -> bool:
        page = _users(answer).keys()
        nothing_new = page <= seen
        seen.update(page)
        return len(page) < size or nothing_new

    known = set(seen)
    wanted, asked = itertools.tee(offsets)
    for offset, answer in zip(asked, project.get_all(OPERATION, map(_page_query, wanted), is_last)):
        pages[offset] = _users(answer)
        if len(pages[offset]) >= size and pages[offset].keys() <= known:
            raise answer.unusable(
                "a full page brought no new user: the service ignores the offset, so the list cannot be completed."
                " Pass user_ids"
            )
        known.update(pages[offset])
    return pages, []


def _read_everybody(project: Project) -> tuple[dict[str, Record], list[str]]:
    """All users, and warnings.

    @raises WorkspaceError: they change faster than they can be read.
    """
    for _reading in range(_READINGS):
        pages, warnings = _read_pages(project)
        if seamless({offset: list(page) for offset, page in pages.items()}):
            return {user_id: record for page in pages.values() for user_id, record in page.items()}, warnings
    raise WorkspaceError(
        f"the users were read {_READINGS} times, and each time they changed from one page to the next. Try again, or"
        " pass user_ids."
    )


def _contradictions(users: t.Iterable[Record]) -> list[str]:
    """Warnings about users of whom the service says one number and lists another."""
    warnings = []
    for record in users:
        listed = len(record["desktop_pools"])
        if record["desktop_pool_count"] != listed:
            warnings.append(
                f"The service says that user {record['user_id']} has {record['desktop_pool_count']} desktop pools, but"
                f" lists {listed}."
            )
    return warnings


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return what will read and answer them.

    @param options: C(user_ids), C(offset), C(limit) as the module documents them.
    @returns: a function from a project to C(users), C(unmatched_user_ids) and C(warnings) for the user.
    @raises WorkspaceError: an option is wrong, named in the message.
    """
    ids = filter_values(options["user_ids"], "user_ids")
    page = page_values(options["offset"], options["limit"], None, _LARGEST_LIMIT)
    groups = batches(ids, "user_ids", _LARGEST_LIMIT)
    if page and len(groups) > 1:
        given = " and ".join(name for name, _value in page)
        raise WorkspaceError(
            f"{given} asks for one page, but the {len(ids)} user_ids need {len(groups)} requests: leave {given} out."
        )

    def read_page(project: Project) -> dict[str, t.Any]:
        answer = project.get(OPERATION, [("user_ids", user_id) for user_id in ids] + page)
        users = [user(answer, row) for row in rows(answer, "users")]
        warnings = _contradictions(users) if users or ids else [_NOBODY]
        return {"users": users, "unmatched_user_ids": [], "warnings": warnings}

    def read_all(project: Project) -> dict[str, t.Any]:
        found, warnings = (_read_ids(project, ids), []) if ids else _read_everybody(project)
        users = [found[user_id] for user_id in ids or found if user_id in found]
        unmatched = [user_id for user_id in ids if user_id not in found]
        return {"users": users, "unmatched_user_ids": unmatched, "warnings": warnings + _contradictions(users)}

    return read_page if page else read_all
