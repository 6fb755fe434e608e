# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the tenant, the size of pages, and what moves or breaks while it is read: the result is true, or the call fails.

The service is played in this process, by the rules of the vendor's pages with smaller numbers, so that the limits are
met often: pages and offsets of at most 8 instead of 2,000, and 3 names a query instead of 100. The last tests ask the
real simulator with the real numbers.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import typing as t
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unittest import mock

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops, user_pools
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.connect_desktops import STATUSES
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation, Project
from contract.opening import open_project
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from simulator.client import Simulator

Pairs = Sequence[tuple[str, str]]

#: What stands for the API's 2,000 (offset and limit), 100 (names) and 10 (users on a page).
LARGEST = 8
MOST_NAMES = 3
USERS_ON_PAGE = 3

#: No reading of these small tenants needs as many; a loop without end would.
TOO_MANY = 3000

DETERMINISTIC = settings(
    derandomize=True, deadline=None, max_examples=250, database=None, suppress_health_check=[HealthCheck.too_slow]
)


@dataclass
class Desktop:
    number: int
    status: str | None
    users: tuple[str, ...] = ()

    @property
    def as_api(self) -> dict[str, t.Any]:
        return {
            "desktop_id": f"id-{self.number}",
            "desktop_name": f"desktop-{self.number}",
            "connect_status": self.status,
            "attach_users": [{"id": None, "name": name, "user_group": "users", "type": "USER"} for name in self.users],
        }


@dataclass
class Move:
    """What happens after an answer.

    @param kind: C(add), C(remove) or C(flip).
    @param place: where in the fleet; wraps around.
    """

    kind: str
    place: int
    status: str | None = None
    users: tuple[str, ...] = ()


@dataclass
class Service:
    """How the service behaves.

    @param clamp: no page is longer.
    @param width: this many requests are under way at once, and answered in an order that C(order) decides.
    @param moves: one is made after each answer, C(None) for none, until they are used up.
    @param fail_at: the number of the request that is refused.
    """

    clamp: int | None = None
    ignore_offset: bool = False
    ignore_limit: bool = False
    shuffle: bool = False
    total: Callable[[int], int] = lambda true: true
    width: int = 1
    order: int = 0
    moves: tuple[Move | None, ...] = ()
    fail_at: int | None = None


class FakeProject(Project):
    """The API's rules over a list, without HTTP."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.concurrency = service.width
        self._random = random.Random(service.order)
        self._moves = iter(service.moves)
        self.requests = 0

    def get(self, operation: Operation, query: Pairs) -> Answer:
        self.requests += 1
        assert self.requests < TOO_MANY, "the reading does not end"
        if self.requests == self.service.fail_at:
            raise WorkspaceError("refused", status_code=403)
        answer = Answer("GET fake", self.answer(query), {}, 200, 1, float(self.requests), str)
        self.move(next(self._moves, None))
        return answer

    def get_all(
        self,
        operation: Operation,
        queries: Iterable[Pairs],
        is_last: Callable[[Answer], bool] = lambda answer: False,
    ) -> list[Answer]:
        waiting = enumerate(queries)
        under_way = list(itertools.islice(waiting, self.service.width))
        answers: dict[int, Answer] = {}
        over = False
        while under_way:
            number, query = under_way.pop(self._random.randrange(len(under_way)))
            answers[number] = self.get(operation, query)
            over = is_last(answers[number]) or over
            if not over:
                under_way.extend(itertools.islice(waiting, 1))
        return [answers[number] for number in sorted(answers)]

    def answer(self, query: Pairs) -> dict[str, t.Any]:
        raise NotImplementedError

    def move(self, move: Move | None) -> None:
        raise NotImplementedError

    def _page(self, found: list[t.Any], values: dict[str, list[str]]) -> list[t.Any]:
        service = self.service
        if service.shuffle:
            self._random.shuffle(found)
        offset = 0 if service.ignore_offset else int(values.get("offset", ["0"])[0])
        limit = len(found) if service.ignore_limit else int(values["limit"][0])
        if service.clamp is not None:
            limit = min(limit, service.clamp)
        return found[offset : offset + limit]


def values_of(query: Pairs) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for key, value in query:
        values.setdefault(key, []).append(value)
    return values


class Fleet(FakeProject):
    """C(GET connect-desktops)."""

    def __init__(self, desktops: Iterable[Desktop], service: Service) -> None:
        super().__init__(service)
        self.desktops = [Desktop(one.number, one.status, one.users) for one in desktops]
        self._next = len(self.desktops)
        #: Everything that ever was, in each status that it ever had.
        self.ever: dict[str, list[dict[str, t.Any]]] = {}
        self._remember()

    def _remember(self) -> None:
        for desktop in self.desktops:
            known = self.ever.setdefault(f"id-{desktop.number}", [])
            if desktop.as_api not in known:
                known.append(desktop.as_api)

    def select(self, names: Sequence[str], status: Sequence[str]) -> list[Desktop]:
        return [
            desktop
            for desktop in self.desktops
            if (not names or set(names) & set(desktop.users)) and (not status or desktop.status in status)
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
        page = self._page(list(found), values)
        return {"desktops": [desktop.as_api for desktop in page], "total_count": self.service.total(len(found))}

    def move(self, move: Move | None) -> None:
        if move is None:
            return
        place = move.place % (len(self.desktops) + 1)
        if move.kind == "add":
            self.desktops.insert(place, Desktop(self._next, move.status, move.users))
            self._next += 1
        elif self.desktops:
            place %= len(self.desktops)
            if move.kind == "remove":
                del self.desktops[place]
            else:
                self.desktops[place].status = move.status
        self._remember()

    def read(self, names: Sequence[str] = (), statuses: Sequence[str] = ()) -> dict[str, t.Any]:
        options = {"user_names": list(names) or None, "connect_status": list(statuses) or None}
        with mock.patch.multiple(
            connect_desktops, _LARGEST_OFFSET=LARGEST, _LARGEST_LIMIT=LARGEST, _MOST_NAMES=MOST_NAMES
        ):
            result = connect_desktops.prepare({**options, "offset": None, "limit": None})(self)
        check_desktops(result, names)
        return result


def check_desktops(result: dict[str, t.Any], names: Sequence[str]) -> None:
    """What is true of every result: its order, its counts, no duplicate, who has no desktop in it."""
    desktops = result["desktops"]
    keys = [(desktop["desktop_name"], desktop["desktop_id"]) for desktop in desktops]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert result["total_count"] == len(desktops)
    counted = [desktop["connect_status"] or "UNKNOWN" for desktop in desktops]
    assert {name: counted.count(name) for name in {*counted, *STATUSES}} == result["connect_status_counts"]
    spoken_of = {user["name"] for desktop in desktops for user in desktop["attach_users"]}
    assert result["unmatched_user_names"] == [name for name in names if name not in spoken_of]


NAMES = ("ann", "bob", "eve", "joe", "kim", "liu", "mia", "张三")


def desktops(statuses: st.SearchStrategy[str | None], most: int = 40) -> st.SearchStrategy[list[Desktop]]:
    one = st.tuples(statuses, st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple))
    return st.lists(one, max_size=most).map(
        lambda made: [Desktop(number, status, users) for number, (status, users) in enumerate(made)]
    )


known_statuses: st.SearchStrategy[str | None] = st.sampled_from(STATUSES)
any_statuses: st.SearchStrategy[str | None] = st.sampled_from((*STATUSES, None, "SUSPENDED"))
filters = st.lists(st.sampled_from(NAMES), max_size=len(NAMES), unique=True)
some_statuses = st.lists(st.sampled_from(STATUSES), max_size=4, unique=True)
widths = st.integers(1, 4)
orders = st.integers(0, 1000)


def moves(kinds: Sequence[str], statuses: st.SearchStrategy[str | None]) -> st.SearchStrategy[tuple[Move | None, ...]]:
    user = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)
    move = st.builds(Move, st.sampled_from(kinds), st.integers(0, 60), statuses, user)
    return st.lists(st.one_of(st.none(), move), max_size=25).map(tuple)


def can_be_shown(fleet: Fleet, names: Sequence[str], statuses: Sequence[str]) -> bool:
    """Whether the API can show all of a tenant that stands still, by the splits that are documented."""

    def shown(names: Sequence[str], status: str | None) -> bool:
        found = len(fleet.select(names, [status] if status else []))
        page = LARGEST if fleet.service.clamp is None else min(LARGEST, fleet.service.clamp)
        if found <= LARGEST + page:
            return True
        if status is None:
            parts = [len(fleet.select(names, [one])) for one in STATUSES]
            return sum(parts) == found and all(shown(names, one) for one in STATUSES)
        half = len(names) // 2
        return len(names) > 1 and shown(names[:half], status) and shown(names[half:], status)

    groups = [names[at : at + MOST_NAMES] for at in range(0, len(names), MOST_NAMES)] or [()]
    asked: Sequence[str | None] = statuses or [None]
    return all(shown(group, status) for group in groups for status in asked)


def attempt(read: Callable[[], dict[str, t.Any]]) -> dict[str, t.Any] | None:
    try:
        return read()
    except WorkspaceError:
        return None


def ids_of(found: Iterable[dict[str, t.Any]]) -> set[str]:
    return {desktop["desktop_id"] for desktop in found}


def in_result_order(found: Iterable[Desktop]) -> list[dict[str, t.Any]]:
    return sorted((desktop.as_api for desktop in found), key=lambda one: (one["desktop_name"], one["desktop_id"]))


@DETERMINISTIC
@given(desktops(any_statuses), filters, some_statuses, st.one_of(st.none(), st.integers(1, 9)), widths, orders)
def test_a_fleet_that_stands_still_is_read_whole_whenever_it_can_be_shown(
    fleet: list[Desktop], names: list[str], statuses: list[str], clamp: int | None, width: int, order: int
) -> None:
    service = Service(clamp=clamp, width=width, order=order)
    project = Fleet(fleet, service)
    possible = can_be_shown(project, names, statuses)
    result = attempt(lambda: project.read(names, statuses))
    assert (result is not None) == possible
    if result is not None:
        assert result["desktops"] == in_result_order(project.select(names, statuses))


@DETERMINISTIC
@given(
    desktops(any_statuses),
    filters,
    some_statuses,
    st.builds(
        Service,
        clamp=st.one_of(st.none(), st.integers(1, 9)),
        ignore_offset=st.booleans(),
        ignore_limit=st.booleans(),
        shuffle=st.booleans(),
        total=st.sampled_from([lambda true: true, lambda true: 0, lambda true: true + 1, lambda true: true * 2]),
        width=widths,
        order=orders,
    ),
)
def test_a_service_that_does_not_do_what_it_should_is_found_out(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    # Without a total that means anything, nobody can tell which desktops of an order that changes were never shown, nor
    # whether a single desktop that comes again for the next offset is the only one.
    assume(service.total(1) or not (service.shuffle or (service.ignore_offset and service.clamp == 1)))
    project = Fleet(fleet, service)
    result = attempt(lambda: project.read(names, statuses))
    if result is not None:
        assert result["desktops"] == in_result_order(project.select(names, statuses))


@DETERMINISTIC
@given(desktops(known_statuses, 16), filters, some_statuses, widths, orders, st.integers(1, 12))
def test_a_refusal_anywhere_fails_the_call(
    fleet: list[Desktop], names: list[str], statuses: list[str], width: int, order: int, fail_at: int
) -> None:
    calm = Fleet(fleet, Service(clamp=3, width=width, order=order))
    expected = attempt(lambda: calm.read(names, statuses))
    project = Fleet(fleet, Service(clamp=3, width=width, order=order, fail_at=fail_at))
    result = attempt(lambda: project.read(names, statuses))
    assert result == (None if fail_at <= calm.requests else expected)


def everything_true(project: Fleet, result: dict[str, t.Any]) -> None:
    """Every desktop in the result was there, just like that, at some moment of the reading."""
    for desktop in result["desktops"]:
        assert desktop in project.ever[desktop["desktop_id"]]


@DETERMINISTIC
@given(
    desktops(known_statuses), st.one_of(st.none(), st.integers(1, 9)), moves(["flip"], known_statuses), widths, orders
)
def test_desktops_that_change_their_status_are_all_there(
    fleet: list[Desktop], clamp: int | None, made: tuple[Move | None, ...], width: int, order: int
) -> None:
    project = Fleet(fleet, Service(clamp=clamp, moves=made, width=width, order=order))
    result = attempt(project.read)
    if result is not None:
        everything_true(project, result)
        assert ids_of(result["desktops"]) == set(project.ever)


@DETERMINISTIC
@given(
    desktops(known_statuses, 30),
    st.one_of(st.none(), st.integers(1, 9)),
    moves(["add"], known_statuses),
    widths,
    orders,
)
def test_a_fleet_that_grows_lacks_nothing_that_was_there_before(
    fleet: list[Desktop], clamp: int | None, made: tuple[Move | None, ...], width: int, order: int
) -> None:
    project = Fleet(fleet, Service(clamp=clamp, moves=made, width=width, order=order))
    result = attempt(project.read)
    if result is not None:
        everything_true(project, result)
        assert ids_of(result["desktops"]) >= {f"id-{desktop.number}" for desktop in fleet}


@DETERMINISTIC
@given(
    desktops(known_statuses, 30),
    st.one_of(st.none(), st.integers(1, 9)),
    moves(["remove", "flip"], known_statuses),
    widths,
    orders,
)
def test_a_fleet_that_shrinks_lacks_nothing_that_is_still_there(
    fleet: list[Desktop], clamp: int | None, made: tuple[Move | None, ...], width: int, order: int
) -> None:
    project = Fleet(fleet, Service(clamp=clamp, moves=made, width=width, order=order))
    result = attempt(project.read)
    if result is not None:
        everything_true(project, result)
        assert ids_of(result["desktops"]) >= {f"id-{desktop.number}" for desktop in project.desktops}


@DETERMINISTIC
@given(
    desktops(known_statuses, 30),
    # Pages of one record have nothing that they could share with others.
    st.one_of(st.none(), st.integers(2, 9)),
    moves(["add", "remove", "flip"], known_statuses),
    widths,
    orders,
)
def test_whoever_comes_and_goes_desktops_that_stay_are_all_there(
    fleet: list[Desktop], clamp: int | None, made: tuple[Move | None, ...], width: int, order: int
) -> None:
    project = Fleet(fleet, Service(clamp=clamp, moves=made, width=width, order=order))
    result = attempt(project.read)
    if result is not None:
        everything_true(project, result)
        still_there = {one.number for one in project.desktops}
        assert ids_of(result["desktops"]) >= {f"id-{one.number}" for one in fleet if one.number in still_there}


@DETERMINISTIC
@given(
    desktops(any_statuses, 30),
    filters,
    some_statuses,
    st.one_of(st.none(), st.integers(1, 9)),
    moves(["add", "remove", "flip"], any_statuses),
    widths,
    orders,
)
def test_whatever_moves_only_what_was_there_is_told_and_the_reading_ends(
    fleet: list[Desktop],
    names: list[str],
    statuses: list[str],
    clamp: int | None,
    made: tuple[Move | None, ...],
    width: int,
    order: int,
) -> None:
    project = Fleet(fleet, Service(clamp=clamp, moves=made, width=width, order=order))
    result = attempt(lambda: project.read(names, statuses))
    if result is not None:
        everything_true(project, result)
        for desktop in result["desktops"]:
            assert not statuses or desktop["connect_status"] in statuses
            assert not names or {user["name"] for user in desktop["attach_users"]} & set(names)


@DETERMINISTIC
@given(
    desktops(known_statuses, 30),
    filters,
    some_statuses,
    st.one_of(st.none(), st.integers(1, 9)),
    moves(["add", "remove", "flip"], known_statuses),
    widths,
    orders,
)
def test_a_fleet_that_comes_to_rest_early_is_read_as_it_rests(
    fleet: list[Desktop],
    names: list[str],
    statuses: list[str],
    clamp: int | None,
    made: tuple[Move | None, ...],
    width: int,
    order: int,
) -> None:
    """Whatever was told before: once nothing moves any more, a new call tells what is."""
    project = Fleet(fleet, Service(clamp=clamp, moves=made, width=width, order=order))
    attempt(lambda: project.read(names, statuses))
    while any(move is not None for move in project._moves):
        pass
    possible = can_be_shown(project, names, statuses)
    result = attempt(lambda: project.read(names, statuses))
    assert (result is not None) == possible
    if result is not None:
        assert result["desktops"] == in_result_order(project.select(names, statuses))


class Pools(FakeProject):
    """C(GET desktop-pools/statistics/by-users)."""

    def __init__(self, users: Iterable[str], service: Service) -> None:
        super().__init__(service)
        self.users = list(users)
        self.ever = set(self.users)

    def answer(self, query: Pairs) -> dict[str, t.Any]:
        values = values_of(query)
        assert 0 <= int(values["limit"][0]) <= USERS_ON_PAGE
        wanted = values.get("user_ids", [])
        assert len(wanted) <= USERS_ON_PAGE
        page = self._page([one for one in self.users if not wanted or one in wanted], values)
        return {"users": [{"user_id": one, "desktop_pool_count": 0, "desktop_pools": []} for one in page]}

    def move(self, move: Move | None) -> None:
        if move is None:
            return
        place = move.place % (len(self.users) + 1)
        if move.kind == "add":
            self.users.insert(place, f"new-{len(self.ever)}")
            self.ever |= set(self.users)
        elif self.users:
            del self.users[place % len(self.users)]

    def read(self, ids: Sequence[str] = ()) -> tuple[list[str], list[str]]:
        with mock.patch.object(user_pools, "_LARGEST_LIMIT", USERS_ON_PAGE):
            result = user_pools.prepare({"user_ids": list(ids) or None, "offset": None, "limit": None})(self)
        return [user["user_id"] for user in result["users"]], result["unmatched_user_ids"]


users = st.lists(st.integers(0, 40).map("user-{}".format), max_size=25, unique=True)
pages = st.one_of(st.none(), st.integers(1, 3))


@DETERMINISTIC
@given(users, users.filter(bool), pages, st.booleans(), widths, orders)
def test_users_asked_for_are_found_or_named_as_unmatched(
    known: list[str], asked: list[str], clamp: int | None, shuffle: bool, width: int, order: int
) -> None:
    found, unmatched = Pools(known, Service(clamp=clamp, shuffle=shuffle, width=width, order=order)).read(asked)
    assert found == [one for one in asked if one in known]
    assert unmatched == [one for one in asked if one not in known]


@DETERMINISTIC
@given(users, users.filter(bool), pages, moves(["add", "remove"], st.none()), widths, orders)
def test_users_that_stay_are_found_whoever_comes_and_goes(
    known: list[str], asked: list[str], clamp: int | None, made: tuple[Move | None, ...], width: int, order: int
) -> None:
    project = Pools(known, Service(clamp=clamp, moves=made, width=width, order=order))
    found, unmatched = project.read(asked)
    assert set(found) <= project.ever
    assert sorted(found + unmatched) == sorted(asked)
    assert {one for one in asked if one in project.users} <= set(found)


@DETERMINISTIC
@given(users, pages, widths, orders)
def test_all_users_are_read_in_the_order_of_the_service(
    known: list[str], clamp: int | None, width: int, order: int
) -> None:
    project = Pools(known, Service(clamp=clamp, width=width, order=order))
    assert project.read() == (known, [])
    # Pages overlap by one user; at most the width is asked for too much, and one page to be sure of the size of pages.
    new_a_page = {None: 2, 1: 1, 2: 2, 3: 2}[clamp]
    assert project.requests <= len(known) // new_a_page + 2 + width


# Pages of one or two users do not overlap, so whoever comes in between can hide somebody there.
overlapping_pages = st.one_of(st.none(), st.integers(3, USERS_ON_PAGE))


@DETERMINISTIC
@given(users, overlapping_pages, moves(["add"], st.none()), widths, orders)
def test_no_user_is_lost_because_others_come(
    known: list[str], clamp: int | None, made: tuple[Move | None, ...], width: int, order: int
) -> None:
    project = Pools(known, Service(clamp=clamp, moves=made, width=width, order=order))
    try:
        found, _unmatched = project.read()
    except WorkspaceError:
        return
    assert set(known) <= set(found) <= project.ever


@DETERMINISTIC
@given(users, widths, orders)
def test_a_service_that_ignores_the_offset_is_found_out(known: list[str], width: int, order: int) -> None:
    project = Pools(known, Service(ignore_offset=True, width=width, order=order))
    try:
        found, _unmatched = project.read()
    except WorkspaceError:
        assert len(known) >= USERS_ON_PAGE
        return
    assert found == known


@pytest.fixture(scope="module")
def sim() -> t.Iterator[Simulator]:
    """The real numbers: 9,000 desktops are more than one query of the API reaches."""
    with Simulator(desktops=9000, users=240, status=dict.fromkeys(STATUSES, 0.25)) as found:
        yield found


def read_real(sim: Simulator, names: Sequence[str] | None = None) -> dict[str, t.Any]:
    options = {"user_names": names, "connect_status": None, "offset": None, "limit": None}
    with contextlib.closing(open_project(sim, 8)) as project:
        return connect_desktops.prepare(options)(project)


def real_ids(sim: Simulator) -> set[str]:
    return ids_of(sim.project()["desktops"])


def test_9000_desktops_of_the_simulator_are_all_there(sim: Simulator) -> None:
    sim.reset()
    held = sim.project()["desktops"]
    result = read_real(sim)
    assert result["desktops"] == sorted(held, key=lambda one: (one["desktop_name"], one["desktop_id"]))
    check_desktops(result, [])


def test_desktops_of_240_users_of_the_simulator_are_all_there(sim: Simulator) -> None:
    sim.reset()
    held = [one for one in sim.project()["desktops"] if any(user["type"] == "USER" for user in one["attach_users"])]
    names = sorted({user["name"] for one in held for user in one["attach_users"] if user["type"] == "USER"})
    sim.behave(clamp=1000)
    result = read_real(sim, names)
    assert result["desktops"] == sorted(held, key=lambda one: (one["desktop_name"], one["desktop_id"]))
    assert result["unmatched_user_names"] == []


@pytest.mark.parametrize(
    "churn",
    [
        {"flip": 40, "times": 12},
        {"add": 3, "where": "front", "times": 12},
        {"remove": 2, "where": "front", "times": 12},
        {"add": 2, "flip": 10, "where": "random", "every": 2, "times": 8},
    ],
    ids=lambda churn: "-".join(str(key) for key in churn if key not in ("times", "where", "every")),
)
def test_a_fleet_of_the_simulator_that_moves_is_told_truly_or_not_at_all(
    sim: Simulator, churn: dict[str, t.Any]
) -> None:
    sim.reset()
    before = real_ids(sim)
    sim.behave(churn=churn)
    result = attempt(lambda: read_real(sim))
    after = real_ids(sim)
    if result is not None:
        # What was there all the time is in it, and nothing that never was.
        assert before & after <= ids_of(result["desktops"]) <= before | after
        check_desktops(result, [])
