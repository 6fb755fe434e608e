# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the tenant, and whatever the service does: a list of desktops is true and complete, or the call fails."""

from __future__ import annotations

import random
import typing as t
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.statuses import CONNECT_STATUSES
from support.services import GROUPS, LARGEST, MOST_NAMES, ORDERS, Desktop, Fleet, Move, Service, draws

#: The unit tests cover what these meet a thousand times over, and counting the lines takes half of the time.
pytestmark = pytest.mark.no_cover

NAMES = ("ann", "bob", "eve", "joe", "kim", "liu", "mia", "张三")
STATUSES = (*CONNECT_STATUSES, None, "SUSPENDED")
KINDS = ("add", "remove", "flip", "assign", "front")

#: What no source says of total_count: does it count what matches, the whole project, or the page?
MEANINGS: dict[str, Callable[[int, int, int], int]] = {
    "matches": lambda matches, everything, page: matches,
    "project": lambda matches, everything, page: everything,
    "page": lambda matches, everything, page: page,
    "nothing": lambda matches, everything, page: 0,
    "one too many": lambda matches, everything, page: matches + 1,
}


class Case(t.NamedTuple):
    """A project, and what is asked of it. The seed makes the same one again."""

    seed: int
    draw: random.Random
    fleet: list[Desktop]
    names: list[str]
    statuses: list[str]
    service: Service

    def attempt(self, project: Fleet) -> dict[str, t.Any] | None:
        try:
            return project.read(self.names, self.statuses)
        except WorkspaceError:
            return None

    def run(self) -> tuple[Fleet, dict[str, t.Any] | None]:
        project = Fleet(self.fleet, self.service)
        return project, self.attempt(project)

    def expected(self, project: Fleet) -> list[dict[str, t.Any]]:
        """The desktops of a project that does not change."""
        return in_result_order(project.select(self.names, self.statuses))


def users(draw: random.Random) -> tuple[str, ...]:
    return tuple(draw.sample(NAMES, draw.choice((0, 0, 1, 2))))


def cases(*, most: int = 40, orders: Sequence[str] = ORDERS, meanings: Iterable[str] = ("matches",)) -> Iterator[Case]:
    """Projects, queries and services, small ones and large ones alike."""
    for seed, draw in draws():
        fleet = [
            Desktop(number, draw.choice(STATUSES), users(draw), draw.choice((None, None, None, *GROUPS)))
            for number in range(draw.randint(0, most))
        ]
        names = draw.sample(NAMES, draw.choice((0, 0, 1, 2, MOST_NAMES, MOST_NAMES + 2, len(NAMES))))
        statuses = draw.sample(CONNECT_STATUSES, draw.choice((0, 0, 1, 2, 4)))
        clamp = draw.choice((None, draw.randint(1, LARGEST + 1)))
        service = Service(clamp=clamp, width=draw.randint(1, 4), seed=seed, order=draw.choice(orders))
        service.total = MEANINGS[draw.choice([*meanings])]
        yield Case(seed, draw, fleet, names, statuses, service)


def moves(draw: random.Random, kinds: Sequence[str]) -> tuple[tuple[Move, ...], ...]:
    """Several changes at once, each some answers after those before: reading has to go on long enough to meet them."""
    made: list[tuple[Move, ...]] = []
    for _number in range(draw.randint(1, 8)):
        made += [()] * draw.choice((0, 0, draw.randint(0, 8)))
        made.append(
            tuple(
                Move(draw.choice(kinds), draw.randrange(60), draw.randrange(60), draw.choice(STATUSES), users(draw))
                for _at_once in range(draw.randint(1, 3))
            )
        )
    return tuple(made)


def in_result_order(found: Iterable[Desktop]) -> list[dict[str, t.Any]]:
    return sorted((desktop.as_api for desktop in found), key=lambda one: (one["desktop_name"], one["desktop_id"]))


def check(case: Case, project: Fleet, result: dict[str, t.Any] | None) -> None:
    """Unless the call fails: nobody who matched all the time is missing, nothing comes twice or is made up."""
    if result is None:
        return
    found = result["desktops"]
    keys = [(desktop["desktop_name"], desktop["desktop_id"]) for desktop in found]
    assert keys == sorted(set(keys)), case
    assert project.always <= {desktop["desktop_id"] for desktop in found}, case
    forms = [form.as_api for form in project.current_until]
    assert all(desktop in forms for desktop in found), case
    assert result["total_count"] == len(found), case
    counted = [desktop["connect_status"] or "UNKNOWN" for desktop in found]
    assert result["connect_status_counts"] == {name: counted.count(name) for name in {*counted, *CONNECT_STATUSES}}
    assigned = {user["name"] for desktop in found for user in desktop["attach_users"]}
    assert result["unmatched_user_names"] == [name for name in case.names if name not in assigned], case


def test_a_list_that_does_not_change_is_read_completely() -> None:
    for case in cases(orders=ORDERS[:3], meanings=("matches", "project")):
        project, result = case.run()
        if result is None:  # That no desktop has a status is an error of its own.
            assert case.statuses, case
            assert not any(desktop.status for desktop in project.select(case.names, ())), case
            continue
        check(case, project, result)
        assert result["desktops"] == case.expected(project), case


def test_a_service_that_hides_records_is_a_failure() -> None:
    for case in cases(meanings=MEANINGS):
        service, flag = case.service, partial(case.draw.choice, (True, False))
        service.ignore_offset, service.ignore_limit, service.detail = flag(), flag(), flag()
        service.short = tuple(case.draw.choices(range(4), k=case.draw.randint(1, 3)))
        project = Fleet(case.fleet, service)
        result = case.attempt(project)
        if result is not None:
            assert result["desktops"] == case.expected(project), case


def test_desktops_that_are_counted_and_not_returned_are_a_failure() -> None:
    for case in cases():
        case.service.hidden = frozenset(case.draw.choices(range(40), k=case.draw.randint(1, 4)))
        case.service.moves = case.draw.choice(((), moves(case.draw, KINDS)))
        check(case, *case.run())


def test_a_refusal_anywhere_fails_the_call() -> None:
    for case in cases():
        calm = Fleet(case.fleet, case.service)
        expected = case.attempt(calm)
        case.service.fail_at = case.draw.randint(1, 12)
        refused = case.attempt(Fleet(case.fleet, case.service))
        assert refused == (None if case.service.fail_at <= calm.requests else expected), case


def test_desktops_that_exist_throughout_are_returned_whatever_changes() -> None:
    for case in cases(meanings=MEANINGS):
        case.service.moves = moves(case.draw, KINDS)
        check(case, *case.run())


def test_created_and_deleted_desktops_do_not_hide_a_moved_one() -> None:
    for case in cases(most=2 * LARGEST, orders=("place",)):
        case.service.clamp, case.service.moves = case.draw.randint(1, 3), moves(case.draw, ["add", "remove", "front"])
        case.names.clear()
        check(case, *case.run())


def test_a_record_is_as_it_was_after_the_end_was_confirmed() -> None:
    for case in cases():
        case.service.moves = moves(case.draw, ["flip", "front"])
        case.names.clear()
        project, result = case.run()
        if result is not None:
            current = [form.as_api for form, until in project.current_until.items() if until > project.end_shown]
            assert all(desktop in current for desktop in result["desktops"]), case


def test_a_call_after_the_last_change_succeeds() -> None:
    for case in cases(orders=ORDERS[:3]):
        case.service.moves = moves(case.draw, KINDS)
        project = Fleet(case.fleet, case.service)
        case.attempt(project)
        project.rest()
        case.statuses.clear()
        result = case.attempt(project)
        assert result, case
        assert result["desktops"] == in_result_order(project.select(case.names, ())), case


def test_a_missing_field_is_not_known_instead_of_no() -> None:
    """Users, their names and their types, in one call or in all; and whole records of `desktops/detail`."""
    lacks = ("attach_users", "attach_users.name", "attach_users.type", "attach_user_infos", "attach_user_infos.type")
    for case in cases(orders=ORDERS[:3]):
        for number in case.draw.sample(range(40), case.draw.randint(1, 3)):
            case.service.left_out["connect-desktops", number] = case.draw.choice(lacks)
            case.service.left_out["desktops/detail", number] = case.draw.choice((*lacks, "record"))
        project, result = case.run()
        if result is not None:
            expected = case.expected(project)
            found = [desktop["desktop_id"] for desktop in result["desktops"]]
            assert found == [desktop["desktop_id"] for desktop in expected], case


def test_the_letter_case_of_names_makes_no_difference() -> None:
    """A service that respects it does not find names; the members of its groups are not known to anybody else."""
    for case in cases(orders=ORDERS[:3]):
        case.service.ignore_case = case.draw.choice((True, False))
        case.names[:] = [case.draw.choice((name, name.upper())) for name in case.names]
        fleet = case.fleet if case.service.ignore_case else [replace(one, group=None) for one in case.fleet]
        project = Fleet(fleet, case.service)
        result = case.attempt(project)
        if result is not None:
            assert result["desktops"] == case.expected(project), case
        else:
            assert case.statuses, case


def test_the_result_does_not_depend_on_concurrency() -> None:
    for case in cases(orders=ORDERS[:3]):
        answers = []
        for case.service.width in (1, 4, 16):
            answers.append(case.attempt(Fleet(case.fleet, case.service)))
        assert answers[1:] == answers[:-1], case


def test_a_list_that_changes_at_every_25th_response_is_usually_read() -> None:
    tried = failed = 0
    for case in cases(orders=ORDERS[:3]):
        case.statuses.clear()
        case.service.clamp = None
        for _number in range(40):
            at_once = moves(case.draw, KINDS)[-1][:1]
            case.service.moves += (*[()] * (24 if case.service.moves else case.draw.randrange(25)), at_once)
        tried += 1
        failed += case.attempt(Fleet(case.fleet, case.service)) is None
    assert failed <= tried / 10
