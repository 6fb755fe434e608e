# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services in this process for the property tests: the rules of the vendor's pages with smaller numbers.

Limits are met often that way: pages and offsets of at most 8 instead of 2,000, and 3 names in a query instead of 100.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import typing as t
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from unittest import mock

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Response
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation, Project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops, desktops_detail

Pairs = Sequence[tuple[str, str]]

#: Stand for the API's 2,000 (offset and limit), 100 (names) and 500 (a page of details).
LARGEST, MOST_NAMES, DETAILS_ON_PAGE = 8, 3, 5

#: The users who are members of each group. Names of groups and of users are different.
GROUPS = {"staff": ("ann", "bob"), "hr": ("eve", "张三")}

#: No reading of these small tenants needs as many; an endless loop would.
TOO_MANY = 3000

#: How many services each property is tried on. `WORKSPACE_TEST_CASES=20000` is a thorough run.
CASES = int(os.environ.get("WORKSPACE_TEST_CASES", "150"))


def draws() -> Iterator[tuple[int, random.Random]]:
    """As many sources of random choices, each the same in every run."""
    return ((seed, random.Random(seed)) for seed in range(CASES))


@dataclass(frozen=True)
class Desktop:
    number: int
    status: str | None
    users: tuple[str, ...] = ()
    group: str | None = None

    @property
    def id(self) -> str:
        return f"id-{self.number}"

    @property
    def reaches(self) -> set[str]:
        """The users who may use it, themselves or as members of its group."""
        return {*self.users, *GROUPS.get(self.group or "", ())}

    def _entries(self, name: str) -> list[dict[str, t.Any]]:
        entries = [{name: user, "user_group": "users", "type": "USER"} for user in self.users]
        return entries + ([{name: self.group, "user_group": None, "type": "GROUP"}] if self.group else [])

    @property
    def as_api(self) -> dict[str, t.Any]:
        return {
            "desktop_id": self.id,
            "desktop_name": f"desktop-{self.number}",
            "connect_status": self.status,
            "attach_users": [{"id": None, **entry} for entry in self._entries("name")],
        }

    @property
    def as_detail(self) -> dict[str, t.Any]:
        return {
            "desktop_id": self.id,
            "computer_name": f"desktop-{self.number}",
            "login_status": self.status,
            "attach_user_infos": self._entries("user_name"),
        }


@dataclass(frozen=True)
class Move:
    """A change between two answers.

    @param kind: `add`, `remove`, `flip` (another status), `assign` (other users) or `front` (another place).
    @param place: where in the list; wraps around.
    @param to: the new place.
    """

    kind: str
    place: int
    to: int = 0
    status: str | None = None
    users: tuple[str, ...] = ()


#: How the service sorts a list: by a place of its own, by status, by time of change, or anew for each answer.
ORDERS = ("place", "status", "changed", "shuffle")


@dataclass
class Service:
    """How the service behaves.

    @param clamp: the largest page.
    @param total: from the number of matches, of all records and of records on the page, the total that it reports.
    @param width: the number of requests under way at once; they are answered in an order that `seed` decides.
    @param moves: the changes after each answer, until they are used up.
    @param fail_at: the number of the request that is refused.
    @param hidden: the numbers of desktops that no page returns, although they are counted.
    @param short: how many records fewer than possible each page has, in turn; at least one remains.
    @param detail: whether `desktops/detail` is allowed.
    @param ignore_case: whether the service ignores the letter case of names.
    @param left_out: path, number of a desktop -> what the records of this path lack: a field, a field of the entries (such
        as `attach_users.type`), or `record` for the whole record, which is not counted either.
    """

    clamp: int | None = None
    ignore_offset: bool = False
    ignore_limit: bool = False
    order: str = "place"
    total: Callable[[int, int, int], int] = lambda matches, everything, page: matches
    width: int = 1
    seed: int = 0
    moves: tuple[tuple[Move, ...], ...] = ()
    fail_at: int | None = None
    hidden: frozenset[int] = frozenset()
    short: tuple[int, ...] = (0,)
    detail: bool = True
    ignore_case: bool = False
    left_out: dict[tuple[str, int], str] = field(default_factory=dict)

    def lacking(self, path: str, number: int, record: dict[str, t.Any]) -> dict[str, t.Any]:
        """The record without what the service leaves out: the key or its value, in turn."""
        what, _dot, entry_field = self.left_out.get((path, number), "").partition(".")
        if what in record and not entry_field:
            return {key: value for key, value in record.items() if key != what} | ({what: None} if number % 2 else {})
        for entry in (record.get(what) or ())[:1]:
            del entry[entry_field]
        return record


@dataclass
class FakeProject(Project):
    """The API's rules over a list, without HTTP."""

    service: Service
    requests: int = 0
    #: The last request whose answer showed the end of a list.
    end_shown: int = 0
    _random: random.Random = field(init=False)
    _last_path: str = ""

    def __post_init__(self) -> None:
        self.concurrency = self.service.width
        self._random = random.Random(self.service.seed)
        self._moves = iter(self.service.moves)
        self._short = itertools.cycle(self.service.short)

    def get(self, operation: Operation, query: Pairs) -> Response:
        self.requests += 1
        assert self.requests < TOO_MANY, "the reading does not end"
        if self.requests == self.service.fail_at:
            raise WorkspaceError("refused", status_code=403)
        values: dict[str, list[str]] = {}
        for key, value in query:
            values.setdefault(key, []).append(value)
        document = self.answer(operation.path, values)
        page = next(iter(document.values()))
        # A single record shows the end of a list, unless it compares the total with that of `desktops/detail`.
        single = values["limit"] == ["1"] and document.get("total_count", 0) > LARGEST
        if not page or (single and self._last_path == operation.path):
            self.end_shown = self.requests
        self._last_path = operation.path
        for move in next(self._moves, ()):
            self.move(move)
        return Response("GET fake", document, {}, 200, 1, float(self.requests), str)

    def get_all(self, operation: Operation, queries: Sequence[Pairs]) -> list[Response]:
        waiting = enumerate(queries)
        under_way = list(itertools.islice(waiting, self.service.width))
        answers: dict[int, Response] = {}
        while under_way:
            number, query = under_way.pop(self._random.randrange(len(under_way)))
            answers[number] = self.get(operation, query)
            under_way.extend(itertools.islice(waiting, 1))
        return [answers[number] for number in sorted(answers)]

    def answer(self, path: str, values: dict[str, list[str]]) -> dict[str, t.Any]:
        raise NotImplementedError

    def move(self, move: Move) -> None:
        raise NotImplementedError

    def rest(self) -> None:
        """Nothing changes any more."""
        self._moves = iter(())

    def page(self, found: list[t.Any], values: dict[str, list[str]]) -> list[t.Any]:
        service = self.service
        if service.order == "shuffle":
            found = self._random.sample(found, len(found))
        offset = 0 if service.ignore_offset else int(values.get("offset", ["0"])[0])
        limit = len(found) if service.ignore_limit else int(values["limit"][0])
        page = found[offset : offset + min(limit, service.clamp or limit)]
        return page[: max(1, len(page) - next(self._short))]


class Fleet(FakeProject):
    """`GET connect-desktops` and `GET desktops/detail`."""

    def __init__(self, fleet: Iterable[Desktop], service: Service) -> None:
        super().__init__(service)
        self.desktops = list(fleet)
        self._next = len(self.desktops)
        self._changed: dict[str, int] = {}
        self._watch((), ())

    def _watch(self, names: Sequence[str], statuses: Sequence[str]) -> None:
        """Begin to note what exists and matches all the time, and until when each form of a desktop was current."""
        self._watched = (names, statuses)
        self._left: set[str] = set()
        self.always = {desktop.id for desktop in self.select(names, statuses)}
        self.current_until: dict[Desktop, float] = {}
        self._note(math.inf)

    def _note(self, until: float) -> None:
        self.current_until.update(dict.fromkeys(self.desktops, until))
        self.always &= {desktop.id for desktop in self.select(*self._watched)}

    def select(self, names: Sequence[str], statuses: Sequence[str]) -> list[Desktop]:
        return [
            desktop
            for desktop in self.desktops
            if (not names or {name.lower() for name in names} & desktop.reaches)
            and (not statuses or desktop.status in statuses)
        ]

    def _sorted(self, found: list[Desktop]) -> list[Desktop]:
        if self.service.order == "status":
            return sorted(found, key=lambda one: (one.status or "", one.number))
        if self.service.order == "changed":
            return sorted(found, key=lambda one: -self._changed.get(one.id, 0))
        return found

    def answer(self, path: str, values: dict[str, list[str]]) -> dict[str, t.Any]:
        names = values.get("user_names", [])
        detail = path == "desktops/detail"
        if detail and not self.service.detail:
            raise WorkspaceError("denied", status_code=403)
        assert len(names) <= MOST_NAMES
        assert not values.get("connect_status"), "a desktop can leave a status and return to it unseen"
        assert 0 <= int(values["limit"][0]) <= LARGEST
        assert 0 <= int(values["offset"][0]) <= (TOO_MANY if detail else LARGEST)
        service = self.service
        known = [name for name in names if service.ignore_case or name.islower() or not name.isascii()]
        found = self._sorted([] if names and not known else self.select(known, ()))
        found = [one for one in found if service.left_out.get((path, one.number)) != "record"]
        page = self.page([one for one in found if one.number not in service.hidden], values)
        total = service.total(len(found), len(self.desktops), len(page))
        records = [service.lacking(path, one.number, one.as_detail if detail else one.as_api) for one in page]
        return {"desktops": records, "total_count": total}

    def move(self, move: Move) -> None:
        self._note(self.requests)
        place = move.place % len(self.desktops) if self.desktops else None
        if move.kind == "add":
            self.desktops.insert(move.to % (len(self.desktops) + 1), Desktop(self._next, move.status, move.users))
            self._next += 1
        elif place is None:
            pass
        elif move.kind == "remove":
            del self.desktops[place]
        elif move.kind == "front":
            self.desktops.insert(move.to % len(self.desktops), self.desktops.pop(place))
        else:
            self._change(place, move)
        self._note(math.inf)

    def _change(self, place: int, move: Move) -> None:
        desktop = self.desktops[place]
        names = set(self._watched[0])
        if move.kind == "assign" and not names.isdisjoint(desktop.users) and names.isdisjoint(move.users):
            self._left.add(desktop.id)
        elif move.kind == "assign" and desktop.id in self._left and not names.isdisjoint(move.users):
            return  # What was taken from a user is not given back within the same call.
        self._changed[desktop.id] = self.requests
        changed = {"status": move.status} if move.kind == "flip" else {"users": move.users}
        self.desktops[place] = replace(desktop, **t.cast("dict[str, t.Any]", changed))

    def read(self, names: Sequence[str] = (), statuses: Sequence[str] = ()) -> dict[str, t.Any]:
        options = {"user_names": list(names) or None, "connect_status": list(statuses) or None}
        smaller = connect_desktops.LISTING._replace(largest_limit=LARGEST, largest_offset=LARGEST)
        details = desktops_detail.LISTING._replace(largest_limit=DETAILS_ON_PAGE)
        self._watch(names, statuses)
        with (
            mock.patch.multiple(connect_desktops, LISTING=smaller, MOST_NAMES=MOST_NAMES),
            mock.patch.object(desktops_detail, "LISTING", details),
        ):
            return connect_desktops.prepare({**options, "offset": None, "limit": None})(self)
