# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the service does with the pages of by-users: users are found or named as unmatched, or the call fails."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from contract.services import USERS_ON_PAGE, Move, Pools, Service
from hypothesis import given, settings
from hypothesis import strategies as st

#: The unit tests cover what these meet a thousand times over, and counting the lines takes half of the time.
pytestmark = pytest.mark.no_cover

users = st.lists(st.integers(0, 60).map("user-{}".format), max_size=40, unique=True)
#: How many pools each user has, if pages count pools instead of users.
pool_counts = st.one_of(
    st.none(), st.dictionaries(st.integers(0, 60).map("user-{}".format), st.integers(0, USERS_ON_PAGE + 2), max_size=40)
)
short = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple)
moves = st.lists(
    st.one_of(
        st.none(),
        st.builds(Move, st.sampled_from(("add", "remove", "replace")), st.integers(0, 60), st.integers(0, 60)),
    ),
    max_size=25,
).map(tuple)


def services(**behaviour: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Service]:
    calm = {
        "clamp": st.one_of(st.none(), st.integers(1, USERS_ON_PAGE)),
        "width": st.sampled_from((1, 2, 4, 16)),
        "order": st.integers(0, 1000),
    }
    return st.builds(Service, **{**calm, **behaviour})


@given(users, users.filter(bool), services(shuffle=st.booleans(), short=short), pool_counts)
def test_users_asked_for_are_found_or_named_as_unmatched(
    known: list[str], asked: list[str], service: Service, counts: dict[str, int] | None
) -> None:
    found, unmatched = Pools(known, service, counts).read(asked)
    assert found == [one for one in asked if one in known]
    assert unmatched == [one for one in asked if one not in known]


@given(users, users.filter(bool), services(moves=moves), pool_counts)
def test_users_asked_for_that_stay_are_found_whoever_comes_and_goes(
    known: list[str], asked: list[str], service: Service, counts: dict[str, int] | None
) -> None:
    project = Pools(known, service, counts)
    found, unmatched = project.read(asked)
    assert set(found) <= project.ever
    assert sorted(found + unmatched) == sorted(asked)
    assert project.always & set(asked) <= set(found)


@given(users, services(short=short), pool_counts)
def test_all_users_are_read_in_the_order_of_the_service_at_any_concurrency(
    known: list[str], service: Service, counts: dict[str, int] | None
) -> None:
    assert Pools(known, service, counts).read() == (known, [])


@settings(max_examples=4 * settings.default.max_examples)  # Few of them have pages too small to share users.
@given(users, services(moves=moves))
def test_no_user_who_stays_is_lost_whoever_comes_and_goes(known: list[str], service: Service) -> None:
    project = Pools(known, service)
    try:
        found, _unmatched = project.read()
    except WorkspaceError:
        return
    assert project.always <= set(found) <= project.ever


@given(users, services(ignore_offset=st.just(True), clamp=st.none()))
def test_a_service_that_ignores_the_offset_is_found_out(known: list[str], service: Service) -> None:
    try:
        found, _unmatched = Pools(known, service).read()
    except WorkspaceError:
        return
    assert found == known


def test_reading_all_users_takes_little_more_than_their_pages() -> None:
    known = [f"user-{number}" for number in range(400)]
    project = Pools(known, Service(width=4))
    assert project.read() == (known, [])
    # Pages share two users; then the end is confirmed, and fewer pages are asked for too much than run at once.
    assert project.requests <= 400 // (USERS_ON_PAGE - 2) + 2 + 4
