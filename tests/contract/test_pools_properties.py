# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the service does with the pages of by-users: users are found or named as unmatched, or the call fails."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from support.services import USERS_ON_PAGE, Move, Pools, Service, draws

#: The unit tests cover what these meet a thousand times over, and counting the lines takes half of the time.
pytestmark = pytest.mark.no_cover


class Case(t.NamedTuple):
    """A project with users, and users that are asked for. The seed makes the same one again.

    @param pools: how many pools each user has, if pages count pools instead of users.
    """

    seed: int
    known: list[str]
    asked: list[str]
    service: Service
    pools: dict[str, int] | None


def cases(*, moving: bool = False, short: bool = False, orders: tuple[str, ...] = ("place",)) -> Iterator[Case]:
    for seed, draw in draws():
        everybody = [f"user-{number}" for number in range(60)]
        service = Service(
            clamp=draw.choice((None, draw.randint(1, USERS_ON_PAGE))),
            width=draw.choice((1, 2, 4, 16)),
            seed=seed,
            order=draw.choice(orders),
            short=tuple(draw.choices(range(4), k=draw.randint(1, 4))) if short else (0,),
        )
        for _number in range(draw.randint(1, 25) if moving else 0):
            at_once = [
                Move(draw.choice(("add", "remove", "front")), draw.randrange(60), draw.randrange(60))
                for _at_once in range(draw.choice((0, 0, 1, 3)))
            ]
            service.moves += (tuple(at_once),)
        pools = {user: draw.randint(0, USERS_ON_PAGE + 2) for user in everybody} if draw.randrange(2) else None
        known, asked = (draw.sample(everybody, draw.randint(least, 40)) for least in (0, 1))
        yield Case(seed, known, asked, service, pools)


def everybody(project: Pools) -> list[str] | None:
    try:
        return project.read()[0]
    except WorkspaceError:
        return None


def test_users_asked_for_are_found_or_named_as_unmatched() -> None:
    for case in cases(short=True, orders=("place", "shuffle")):
        found, unmatched = Pools(case.known, case.service, case.pools).read(case.asked)
        assert found == [one for one in case.asked if one in case.known], case
        assert unmatched == [one for one in case.asked if one not in case.known], case


def test_requested_users_that_exist_throughout_are_returned() -> None:
    for case in cases(moving=True):
        project = Pools(case.known, case.service, case.pools)
        found, unmatched = project.read(case.asked)
        assert set(found) <= project.ever, case
        assert sorted(found + unmatched) == sorted(case.asked), case
        assert project.always & set(case.asked) <= set(found), case


def test_all_users_are_read_in_the_order_of_the_service_at_any_concurrency() -> None:
    for case in cases(short=True):
        assert everybody(Pools(case.known, case.service, case.pools)) == case.known, case


def test_users_that_exist_throughout_are_returned_whatever_changes() -> None:
    for case in cases(moving=True, orders=("place", "shuffle")):
        project = Pools(case.known, case.service)
        found = everybody(project)
        assert found is None or project.always <= set(found) <= project.ever, case


def test_a_service_that_ignores_the_offset_is_a_failure() -> None:
    for case in cases():
        case.service.ignore_offset = True
        assert everybody(Pools(case.known, case.service)) in (None, []), case


def test_reading_all_users_takes_little_more_than_their_pages() -> None:
    known = [f"user-{number}" for number in range(400)]
    project = Pools(known, Service(width=4))
    assert everybody(project) == known
    # Two readings, an empty page between them, and fewer pages behind the end than run side by side.
    assert project.requests <= 2 * -(-400 // USERS_ON_PAGE) + 1 + 4
