# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services played in this process, for tests of properties: the rules of the vendor's pages with smaller numbers.

Limits are met often that way: pages and offsets of at most 8 instead of 2,000, and 3 names a query instead of 100.
"""

from __future__ import annotations

import itertools
import random
import typing as t
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unittest import mock

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops, user_pools
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.connect_desktops import STATUSES
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation, Project

Pairs = Sequence[tuple[str, str]]

#: What stands for the API's 2,000 (offset and limit), for the 10 desktops that no server cuts a page to less than, for
#: 100 (names) and 10 (users on a page).
LARGEST = 8
SMALLEST = 2
MOST_NAMES = 3
USERS_ON_PAGE = 6

#: No reading of these small tenants needs as many; a loop without end would.
TOO_MANY = 3000


@dataclass
class Desktop:
    number: int
    status: str | None
    users: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"id-{self.number}"

    @property
    def as_api(self) -> dict[str, t.Any]:
        return {
            "desktop_id": self.id,
            "desktop_name": f"desktop-{self.number}",
            "connect_status": self.status,
            "attach_users": [{"id": None, "name": name, "user_group": "users", "type": "USER"} for name in self.users],
        }


@dataclass
class Move:
    """What happens after an answer.

    @param kind: C(add), C(remove), C(replace), C(flip) (another status), C(assign) (other users) or C(front).
    @param place: where in the list; wraps around.
    @param to: where to, for what is put elsewhere.
    """

    kind: str
    place: int
    to: int = 0
    status: str | None = None
    users: tuple[str, ...] = ()


@dataclass
class Service:
    """How the service behaves.

    @param clamp: no page is longer.
    @param total: what it reports, of the number of matches, of all records and of records on the page.
    @param width: this many requests are under way at once, and answered in an order that C(order) decides.
    @param moves: one is made after each answer, C(None) for none, until they are used up.
    @param fail_at: the number of the request that is refused.
    @param hidden: the numbers of desktops that no page shows, although they are counted.
    @param short: how many records fewer than it could each page shows, in turn.
    """

    clamp: int | None = None
    ignore_offset: bool = False
    ignore_limit: bool = False
    shuffle: bool = False
    total: Callable[[int, int, int], int] = lambda matches, everything, page: matches
    width: int = 1
    order: int = 0
    moves: tuple[Move | None, ...] = ()
    fail_at: int | None = None
    hidden: frozenset[int] = frozenset()
    short: tuple[int, ...] = (0,)


class FakeProject(Project):
    """The API's rules over a list, without HTTP."""

    #: No page is cut to less. At least one: an empty page is the end.
    smallest = 1

    def __init__(self, service: Service) -> None:
        self.service = service
        self.concurrency = service.width
        self._random = random.Random(service.order)
        self._moves = iter(service.moves)
        self._short = itertools.cycle(service.short)
        self.requests = 0

    def get(self, operation: Operation, query: Pairs) -> Answer:
        self.requests += 1
        if operation.path == "desktops/detail":
            raise WorkspaceError("denied", status_code=403)
        assert self.requests < TOO_MANY, "the reading does not end"
        if self.requests == self.service.fail_at:
            raise WorkspaceError("refused", status_code=403)
        answer = Answer("GET fake", self.answer(query), {}, 200, 1, float(self.requests), str)
        self.move(next(self._moves, None))
        return answer

    def get_all(self, operation: Operation, queries: Iterable[Pairs], *_others: t.Any) -> list[Answer]:
        waiting = enumerate(queries)
        under_way = list(itertools.islice(waiting, self.service.width))
        answers: dict[int, Answer] = {}
        while under_way:
            number, query = under_way.pop(self._random.randrange(len(under_way)))
            answers[number] = self.get(operation, query)
            under_way.extend(itertools.islice(waiting, 1))
        return [answers[number] for number in sorted(answers)]

    def answer(self, query: Pairs) -> dict[str, t.Any]:
        raise NotImplementedError

    def move(self, move: Move | None) -> None:
        raise NotImplementedError

    def rest(self) -> None:
        """Nothing moves any more."""
        self._moves = iter(())

    def page(self, found: list[t.Any], values: dict[str, list[str]]) -> list[t.Any]:
        service = self.service
        if service.shuffle:
            self._random.shuffle(found)
        offset = 0 if service.ignore_offset else int(values.get("offset", ["0"])[0])
        limit = len(found) if service.ignore_limit else int(values["limit"][0])
        if service.clamp is not None:
            limit = min(limit, service.clamp)
        page = found[offset : offset + limit]
        return page[: max(self.smallest, len(page) - next(self._short))]


def values_of(query: Pairs) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for key, value in query:
        values.setdefault(key, []).append(value)
    return values


class Fleet(FakeProject):
    """C(GET connect-desktops).

    C(always) holds the ids that existed from the first answer on; C(ever) every form that a desktop ever had.
    """

    smallest = SMALLEST

    def __init__(self, desktops: Iterable[Desktop], service: Service) -> None:
        super().__init__(service)
        self.desktops = [Desktop(one.number, one.status, one.users) for one in desktops]
        self._next = len(self.desktops)
        self.watch((), ())

    def watch(self, names: Sequence[str], statuses: Sequence[str]) -> None:
        """Begin to note what exists and matches all the time."""
        self._watched = (names, statuses)
        self.ever: dict[str, list[dict[str, t.Any]]] = {}
        self.always = {desktop.id for desktop in self.desktops}
        self._remember()

    def _remember(self) -> None:
        for desktop in self.desktops:
            known = self.ever.setdefault(desktop.id, [])
            if desktop.as_api not in known:
                known.append(desktop.as_api)
        self.always &= {desktop.id for desktop in self.select(*self._watched)}

    def select(self, names: Sequence[str], statuses: Sequence[str]) -> list[Desktop]:
        return [
            desktop
            for desktop in self.desktops
            if (not names or set(names) & set(desktop.users)) and (not statuses or desktop.status in statuses)
        ]

    def answer(self, query: Pairs) -> dict[str, t.Any]:
        values = values_of(query)
        names, status = values.get("user_names", []), values.get("connect_status", [])
        assert len(names) <= MOST_NAMES
        assert len(status) <= 1
        assert set(status) <= set(STATUSES)
        assert 0 <= int(values["offset"][0]) <= LARGEST
        assert 0 <= int(values["limit"][0]) <= LARGEST
        found = self.select(names, status)
        page = self.page([one for one in found if one.number not in self.service.hidden], values)
        total = self.service.total(len(found), len(self.desktops), len(page))
        return {"desktops": [desktop.as_api for desktop in page], "total_count": total}

    def move(self, move: Move | None) -> None:
        if move is None:
            return
        if move.kind in ("remove", "replace") and self.desktops:
            del self.desktops[move.place % len(self.desktops)]
        if move.kind in ("add", "replace"):
            self.desktops.insert(move.to % (len(self.desktops) + 1), Desktop(self._next, move.status, move.users))
            self._next += 1
        if move.kind in ("flip", "assign", "front") and self.desktops:
            desktop = self.desktops[move.place % len(self.desktops)]
            if move.kind == "flip":
                desktop.status = move.status
            elif move.kind == "assign":
                desktop.users = move.users
            else:
                self.desktops.remove(desktop)
                self.desktops.insert(move.to % (len(self.desktops) + 1), desktop)
        self._remember()

    def read(self, names: Sequence[str] = (), statuses: Sequence[str] = ()) -> dict[str, t.Any]:
        options = {"user_names": list(names) or None, "connect_status": list(statuses) or None}
        smaller = connect_desktops.LISTING._replace(
            largest_limit=LARGEST, largest_offset=LARGEST, smallest_page=SMALLEST
        )
        self.watch(names, statuses)
        with mock.patch.multiple(connect_desktops, LISTING=smaller, MOST_NAMES=MOST_NAMES):
            return connect_desktops.prepare({**options, "offset": None, "limit": None})(self)


class Pools(FakeProject):
    """C(GET desktop-pools/statistics/by-users).

    @param pools: how many pools a user has; a page holds users with at most as many as the limit says, if it counts pools.
    """

    def __init__(self, users: Iterable[str], service: Service, pools: dict[str, int] | None = None) -> None:
        super().__init__(service)
        self.users = list(users)
        self.ever = set(self.users)
        self.always = set(self.users)
        self._pools = pools

    def answer(self, query: Pairs) -> dict[str, t.Any]:
        values = values_of(query)
        assert 0 <= int(values["limit"][0]) <= USERS_ON_PAGE
        wanted = values.get("user_ids", [])
        assert len(wanted) <= USERS_ON_PAGE
        page = self.page([one for one in self.users if not wanted or one in wanted], values)
        if self._pools is not None:
            counted = list(itertools.accumulate(self._pools.get(one, 1) for one in page))
            page = page[: max(1, sum(number <= USERS_ON_PAGE for number in counted))]
        return {"users": [{"user_id": one, "desktop_pools": []} for one in page]}

    def move(self, move: Move | None) -> None:
        if move is None:
            return
        if move.kind in ("remove", "replace") and self.users:
            del self.users[move.place % len(self.users)]
        if move.kind in ("add", "replace"):
            self.users.insert(move.to % (len(self.users) + 1), f"new-{len(self.ever)}")
            self.ever |= set(self.users)
        self.always &= set(self.users)

    def read(self, ids: Sequence[str] = ()) -> tuple[list[str], list[str]]:
        smaller = user_pools.LISTING._replace(largest_limit=USERS_ON_PAGE)
        options = {"user_ids": list(ids) or None, "user_names": None, "offset": None, "limit": None}
        with mock.patch.object(user_pools, "LISTING", smaller):
            result = user_pools.prepare(options)(self)
        return [user["user_id"] for user in result["users"]], result["unmatched_user_ids"]
