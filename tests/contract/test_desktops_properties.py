# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the tenant, and whatever the service does: a list of desktops is true and complete, or the call fails."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.connect_desktops import LISTING, STATUSES
from contract.services import LARGEST, MOST_NAMES, SMALLEST, Desktop, Fleet, Move, Service
from hypothesis import example, given
from hypothesis import strategies as st

#: The unit tests cover what these meet a thousand times over, and counting the lines takes half of the time.
pytestmark = pytest.mark.no_cover

NAMES = ("ann", "bob", "eve", "joe", "kim", "liu", "mia", "张三")

KINDS = ("add", "remove", "replace", "flip", "assign", "front")

#: What no source says of total_count: does it count what matches, the whole project, or the page?
MEANINGS: dict[str, Callable[[int, int, int], int]] = {
    "matches": lambda matches, everything, page: matches,
    "project": lambda matches, everything, page: everything,
    "page": lambda matches, everything, page: page,
    "nothing": lambda matches, everything, page: 0,
    "one too many": lambda matches, everything, page: matches + 1,
    "one too few": lambda matches, everything, page: max(0, matches - 1),
}


known_statuses: st.SearchStrategy[str | None] = st.sampled_from(STATUSES)
any_statuses: st.SearchStrategy[str | None] = st.sampled_from((*STATUSES, None, "SUSPENDED"))
somebody = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True).map(tuple)
users = st.one_of(st.just(()), somebody)
clamps = st.one_of(st.none(), st.integers(SMALLEST, LARGEST + 1))


def some(values: Sequence[str], counts: Sequence[int]) -> st.SearchStrategy[list[str]]:
    """So many of the values. (Left to itself, a list is hardly ever empty, and hardly ever long.)"""
    return st.tuples(st.sampled_from(counts), st.permutations(values)).map(lambda made: list(made[1][: made[0]]))


filters = some(NAMES, (0, 0, 1, 2, MOST_NAMES, MOST_NAMES + 2, len(NAMES)))
some_statuses = some(STATUSES, (0, 0, 1, 2, 4))


def numbered(made: Iterable[tuple[str | None, tuple[str, ...]]]) -> list[Desktop]:
    return [Desktop(number, status, names) for number, (status, names) in enumerate(made)]


def desktops(
    statuses: st.SearchStrategy[str | None], most: int = 40, owners: t.Any = users, *, least: int = 0
) -> st.SearchStrategy[list[Desktop]]:
    return st.integers(least, most).flatmap(
        lambda count: st.lists(st.tuples(statuses, owners), min_size=count, max_size=count).map(numbered)
    )


def moves(
    kinds: Sequence[str],
    statuses: st.SearchStrategy[str | None],
    owners: t.Any = users,
    *,
    most: int = 8,
) -> st.SearchStrategy[tuple[Move | None, ...]]:
    """At least one, each some answers after the one before: reading has to go on long enough to meet them."""
    move = st.builds(Move, st.sampled_from(kinds), st.integers(0, 60), st.integers(0, 60), statuses, owners)
    made = st.lists(st.tuples(st.integers(0, 12), move), min_size=1, max_size=most)
    return made.map(lambda gaps: tuple(one for gap, move in gaps for one in (*[None] * gap, move)))


def services(**behaviour: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Service]:
    return st.builds(
        Service, **{"clamp": clamps, "width": st.integers(1, 4), "order": st.integers(0, 1000), **behaviour}
    )


def attempt(read: Callable[[], dict[str, t.Any]]) -> dict[str, t.Any] | None:
    try:
        return read()
    except WorkspaceError:
        return None


def ids_of(found: Iterable[dict[str, t.Any]]) -> set[str]:
    return {desktop["desktop_id"] for desktop in found}


def in_result_order(found: Iterable[Desktop]) -> list[dict[str, t.Any]]:
    return sorted((desktop.as_api for desktop in found), key=lambda one: (one["desktop_name"], one["desktop_id"]))


def with_total(meaning: str, fleet: list[Desktop], names: list[str], service: Service) -> Fleet:
    """The project with totals of this meaning, without what nobody could find out then."""
    service.total = MEANINGS[meaning]
    if meaning not in ("matches", "project"):
        # Who shows the same page for every offset, and counts just that page, is like one who has no more. And nobody
        # can tell what an order that changes with each page has never shown.
        service.ignore_offset = service.shuffle = False
    if meaning == "project" and any(service.short):
        # Two short pages that end at the same record are the only sign of an end where no offset lies behind it.
        del fleet[LARGEST:]
    if meaning == "one too few":
        # It is found out by asking for what comes behind, once a call, where the API can be asked, and not while a page
        # that is cut short shows as many as that.
        service.short, service.clamp = (0,), None
        del fleet[LARGEST:], names[MOST_NAMES:]
    return Fleet(fleet, service)


def check(project: Fleet, result: dict[str, t.Any], names: Sequence[str]) -> None:
    """Nobody who was there and matched all the time is missing, nothing comes twice, nothing is made up."""
    found = result["desktops"]
    keys = [(desktop["desktop_name"], desktop["desktop_id"]) for desktop in found]
    assert keys == sorted(set(keys))
    assert project.always <= ids_of(found)
    for desktop in found:
        assert desktop in project.ever[desktop["desktop_id"]]
    assert result["total_count"] == len(found)
    counted = [desktop["connect_status"] or "UNKNOWN" for desktop in found]
    assert result["connect_status_counts"] == {name: counted.count(name) for name in {*counted, *STATUSES}}
    assigned = {user["name"] for desktop in found for user in desktop["attach_users"]}
    assert result["unmatched_user_names"] == [name for name in names if name not in assigned]


def can_be_shown(fleet: Fleet, names: Sequence[str], statuses: Sequence[str]) -> bool:
    """Whether one query can show what is asked for, batch by batch."""
    page = LARGEST if fleet.service.clamp is None else min(LARGEST, fleet.service.clamp)
    groups = [names[at : at + MOST_NAMES] for at in range(0, len(names), MOST_NAMES)] or [()]
    asked = statuses if len(statuses) == 1 else ()
    # Where no total counts the matches, two pages have to show where they end.
    unproven = LISTING.overlap if (names or asked) and fleet.service.total is MEANINGS["project"] else 0
    return all(len(fleet.select(group, asked)) <= LARGEST + page - unproven for group in groups)


def can_be_split(fleet: Fleet, names: Sequence[str], statuses: Sequence[str]) -> bool:
    """Whether it can be shown at least in parts, by status and then by names, if totals count what matches."""
    page = LARGEST if fleet.service.clamp is None else min(LARGEST, fleet.service.clamp)

    def shown(names: Sequence[str], asked: Sequence[str]) -> bool:
        if len(fleet.select(names, asked if len(asked) == 1 else ())) <= LARGEST + page:
            return True
        if len(asked) != 1:
            parts = [len(fleet.select(names, [one])) for one in STATUSES]
            whole = bool(asked) or sum(parts) == len(fleet.select(names, ()))
            return whole and all(shown(names, [one]) for one in asked or STATUSES)
        half = len(names) // 2
        return len(names) > 1 and shown(names[:half], asked) and shown(names[half:], asked)

    groups = [names[at : at + MOST_NAMES] for at in range(0, len(names), MOST_NAMES)] or [()]
    return all(shown(group, statuses) for group in groups)


@given(desktops(any_statuses), filters, some_statuses, services())
def test_a_fleet_that_stands_still_is_read_whole_whenever_it_can_be_shown(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    project = Fleet(fleet, service)
    result = attempt(lambda: project.read(names, statuses))
    assert (result is not None) == can_be_split(project, names, statuses)
    if result is not None:
        check(project, result, names)
        assert result["desktops"] == in_result_order(project.select(names, statuses))


@given(desktops(any_statuses), filters, some_statuses, services(total=st.just(MEANINGS["project"])))
def test_a_total_that_counts_the_project_is_no_failure(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    project = Fleet(fleet, service)
    result = attempt(lambda: project.read(names, statuses))
    assert result is not None or not can_be_shown(project, names, statuses)
    if result is not None:
        assert result["desktops"] == in_result_order(project.select(names, statuses))


@pytest.mark.parametrize("meaning", MEANINGS)
@given(
    desktops(any_statuses),
    filters,
    some_statuses,
    services(
        ignore_offset=st.booleans(),
        ignore_limit=st.booleans(),
        shuffle=st.booleans(),
        short=st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple),
    ),
)
def test_a_service_that_does_not_do_what_it_should_is_found_out(
    meaning: str, fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    project = with_total(meaning, fleet, names, service)
    result = attempt(lambda: project.read(names, statuses))
    if result is not None:
        assert result["desktops"] == in_result_order(project.select(names, statuses))


@given(
    desktops(known_statuses),
    filters,
    some_statuses,
    services(hidden=st.frozensets(st.integers(0, 39), min_size=1, max_size=4)),
)
@example(  # The total is that of the project as well.
    fleet=[Desktop(number, "CONNECTED", ("ann",)) for number in range(6)],
    names=["ann"],
    statuses=[],
    service=Service(hidden=frozenset({3})),
)
def test_desktops_that_are_counted_and_not_shown_are_a_failure(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    project = Fleet(fleet, service)
    result = attempt(lambda: project.read(names, statuses))
    if result is not None:
        check(project, result, names)


@given(desktops(known_statuses, 16), filters, some_statuses, services(), st.integers(1, 12))
def test_a_refusal_anywhere_fails_the_call(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service, fail_at: int
) -> None:
    calm = Fleet(fleet, service)
    expected = attempt(lambda: calm.read(names, statuses))
    service.fail_at = fail_at
    project = Fleet(fleet, service)
    assert attempt(lambda: project.read(names, statuses)) == (None if fail_at <= calm.requests else expected)


def moving(kinds: Sequence[str], statuses: st.SearchStrategy[str | None], **more: t.Any) -> t.Any:
    return given(desktops(statuses), filters, some_statuses, services(moves=moves(kinds, statuses), **more))


def check_moving(fleet: list[Desktop], names: Sequence[str], statuses: Sequence[str], service: Service) -> None:
    project = Fleet(fleet, service)
    result = attempt(lambda: project.read(names, statuses))
    if result is not None:
        check(project, result, names)
    project.rest()
    result = attempt(lambda: project.read(names, statuses))
    # Whatever was told before: once nothing moves any more, a new call tells what is.
    assert (result is not None) == can_be_split(project, names, statuses)
    if result is not None:
        assert result["desktops"] == in_result_order(project.select(names, statuses))


@moving(KINDS, any_statuses)
def test_whatever_moves_nobody_who_stays_is_missing(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    check_moving(fleet, names, statuses, service)


@moving(["replace"], any_statuses)
def test_desktops_that_are_replaced_hide_no_other(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    check_moving(fleet, names, statuses, service)


@pytest.mark.parametrize("meaning", ["matches", "page", "nothing"])
@given(
    desktops(any_statuses, 2 * LARGEST),
    services(clamp=st.integers(SMALLEST, 3), width=st.just(1), moves=moves(["replace", "front"], any_statuses)),
)
def test_desktops_that_move_between_small_pages_hide_no_other(
    meaning: str, fleet: list[Desktop], service: Service
) -> None:
    project = with_total(meaning, fleet, [], service)
    result = attempt(project.read)
    if result is not None:
        check(project, result, [])


@given(
    desktops(known_statuses, least=2 * LARGEST + 1),
    st.integers(0, 2 * LARGEST),
    services(clamp=st.none(), moves=moves(["replace"], known_statuses, most=1)),
)
def test_a_desktop_that_is_replaced_hides_none_whose_status_cannot_be_asked_for(
    fleet: list[Desktop], place: int, service: Service
) -> None:
    fleet[place].status = None
    check_moving(fleet, [], [], service)


@moving(["flip"], known_statuses)
def test_desktops_that_change_their_status_are_all_there(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    check_moving(fleet, names, statuses, service)


@given(
    desktops(st.sampled_from(STATUSES[:2]), 3 * LARGEST, least=2 * LARGEST + 1),
    services(moves=moves(["flip"], st.sampled_from(STATUSES[:2]), most=1)),
)
@example(
    fleet=[Desktop(number, STATUSES[0 if number < 3 else 1]) for number in range(2 * LARGEST + 1)],
    service=Service(moves=(*[None] * 6, Move("flip", 3, status=STATUSES[0]))),
)
def test_a_desktop_that_changes_between_two_statuses_that_are_asked_for_is_there(
    fleet: list[Desktop], service: Service
) -> None:
    check_moving(fleet, [], STATUSES[:2], service)


@moving(["assign", "front"], known_statuses)
def test_desktops_that_change_their_users_or_place_are_all_there(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    check_moving(fleet, names, statuses, service)


@given(
    desktops(known_statuses, 2 * LARGEST, somebody),
    services(clamp=st.none(), moves=moves(["assign"], known_statuses, somebody)),
)
def test_desktops_that_pass_between_users_of_several_batches_are_all_there(
    fleet: list[Desktop], service: Service
) -> None:
    check_moving(fleet, NAMES, [], service)


@pytest.mark.parametrize("meaning", MEANINGS)
@moving(KINDS, any_statuses, shuffle=st.booleans())
def test_whatever_moves_and_whatever_the_numbers_mean_nobody_who_stays_is_missing(
    meaning: str, fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    project = with_total(meaning, fleet, names, service)
    result = attempt(lambda: project.read(names, statuses))
    if result is not None:
        check(project, result, names)


@given(desktops(any_statuses), filters, some_statuses, services(width=st.just(1)))
def test_the_answer_does_not_depend_on_concurrency(
    fleet: list[Desktop], names: list[str], statuses: list[str], service: Service
) -> None:
    answers = []
    for service.width in (1, 2, 4, 16):
        answers.append(attempt(partial(Fleet(fleet, service).read, names, statuses)))
    assert answers[1:] == answers[:-1]
