# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no document of the vendor settles, each with what the collection assumes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from live.service import BY_USERS, CONNECT, DETAIL, USERS, Listing, Page, Service, UndecidedError, name_to_vary


class Answer(NamedTuple):
    """An answer, and whether the collection assumes it; None where any answer is fine."""

    text: str
    as_assumed: bool | None = None


class Question(NamedTuple):
    """A question, what the collection assumes, and how to ask."""

    text: str
    assumed: str
    ask: Callable[[Service], Answer]


def shown(
    text: str,
    listing: Listing,
    *pairs: tuple[str, Any],
    ids: int = 0,
    assumed: str = "nothing",
    accepted: bool | None = None,
) -> Question:
    """A question about one request, whose answer is what it returns.

    @param ids: the number of user IDs that are sent as well.
    @param accepted: whether the collection assumes that the request is accepted.
    """

    def ask(service: Service) -> Answer:
        page = service.get(listing, *some_ids(service, ids), *pairs)
        return Answer(str(page), accepted and not page.refused)

    return Question(text, assumed, ask)


def some_ids(service: Service, count: int) -> list[tuple[str, Any]]:
    if len(service.user_ids) < count:
        raise UndecidedError(f"fewer than {count} users have a desktop")
    return [("user_ids", user_id) for user_id in service.user_ids[:count]]


def meaning_of_total(service: Service, listing: Listing, filters: Iterable[tuple[str, str | None]]) -> Answer:
    """Compare the total of a filtered page of one record with everything that it could count.

    @param filters: the first that matches several records, but not all, is used.
    """
    whole = len(service.all_of(listing))
    for key, value in dict.fromkeys(filters):
        matching = len(service.everything(listing, (key, value))) if value else 0
        if 1 < matching < whole:
            total = service.get(listing, (key, value), ("limit", 1)).total
            usual = {matching: "the records that match", whole: "all records of the project"}
            other = {None: "it is missing", 1: "the records on the page"}.get(total, "something else")
            return Answer(usual.get(total, other), total in usual)
    raise UndecidedError("no filter matches several records, but not all")


def match(service: Service, listing: Listing, key: str, name: str) -> Answer:
    """Ask for a part of a name, and for the name in another letter case."""
    part, other_case = service.get(listing, (key, name[:-1])), service.get(listing, (key, name.swapcase()))
    if part.refused or other_case.refused:
        return Answer(str(part) if part.refused else str(other_case), False)
    texts = ["a part of a name matches" if part.rows else "only whole names match"]
    texts.append(f"letter case {'does not matter' if other_case.rows else 'matters'}")
    return Answer(", ".join(texts))


def same(first: Page, second: Page, otherwise: str) -> Answer:
    """Whether two pages have the same records in the same order."""
    for page in (first, second):
        if page.refused:
            return Answer(str(page))
    return Answer("yes" if first.ids == second.ids else otherwise, first.ids == second.ids)


def continues(service: Service, listing: Listing) -> Answer:
    """Whether an offset is the number of a record."""
    whole = service.get(listing, ("offset", 0), ("limit", 4))
    if not whole.refused and len(whole.rows) < 4:
        raise UndecidedError("there are fewer than four records")
    second = service.get(listing, ("offset", 2), ("limit", 2))
    expected = Page(listing, whole.rows[2:], None, whole.refused)
    return same(expected, second, "no: offset 2 does not continue after two records")


def ends(service: Service, listing: Listing) -> Answer:
    """Whether the page behind the last record is empty."""
    count, largest = 0, listing.largest_limit
    while True:
        page = service.get(listing, ("offset", count), ("limit", largest))
        if page.refused or not page.rows:
            return Answer(page.refused or "yes", not page.refused)
        count += len(page.rows)
        if listing is CONNECT and count > largest:
            raise UndecidedError("no offset lies behind the last record")
        if page.total is not None and count > 2 * page.total + largest:
            return Answer("no", False)


def about_pages(listing: Listing) -> list[Question]:
    """The same questions about the pages of each list operation."""
    path, most = listing.path, listing.largest_limit
    offset: dict[str, Any] = {"assumed": "nothing: never sent"}
    if listing is not CONNECT:
        offset = {"assumed": "accepted", "accepted": True}

    def largest(service: Service) -> Answer:
        page = service.get(listing, ("limit", most))
        return Answer(f"{page} of {page.total}" if page.total is not None else str(page), not page.refused)

    def ordered(service: Service) -> Answer:
        first, second = (service.get(listing, ("limit", most)) for _attempt in range(2))
        return Answer(same(first, second, "no").text)

    return [
        Question(
            f"{path}: limit {most}, the largest that the collection asks for", "accepted, may be clamped", largest
        ),
        *(shown(f"{path}: limit {limit}", listing, ("limit", limit)) for limit in (most + 1, 10 * most, 0)),
        shown(f"{path}: no limit", listing),
        Question(f"{path}: is offset the number of a record?", "yes", lambda service: continues(service, listing)),
        Question(f"{path}: do two requests return the same order?", "nothing: no order is needed", ordered),
        Question(
            f"{path}: is the page behind the last record empty?",
            "yes: it shows the end of the list",
            lambda service: ends(service, listing),
        ),
        *(
            shown(f"{path}: offset {number}", listing, ("offset", number), ("limit", 1), **offset)
            for number in (2001, 4001)
        ),
    ]


def two_names(service: Service) -> Answer:
    if len(service.owners) < 2:
        raise UndecidedError("fewer than two users have a desktop")
    names = list(service.owners)[:2]
    each = [set(service.get(CONNECT, ("user_names", name)).ids) for name in names]
    page = service.get(CONNECT, *(("user_names", name) for name in names))
    found = set(page.ids)
    if page.refused:
        return Answer(str(page), False)
    if found == each[0] | each[1]:
        return Answer("desktops of both", True)
    return Answer(
        "of the first" if found == each[0] else "of the last" if found == each[1] else "something else", False
    )


def two_statuses(service: Service) -> Answer:
    pair = sorted(status for status in service.statuses if status)[:2]
    if len(pair) < 2:
        raise UndecidedError("all desktops are in one status")
    page = service.get(CONNECT, *(("connect_status", status) for status in pair), ("limit", CONNECT.largest_limit))
    shown_statuses = {row["connect_status"] for row in page.rows}
    return Answer(str(page) if page.refused else f"desktops in {len(shown_statuses & set(pair))} of the two")


def users_or_pools(service: Service) -> Answer:
    ids = some_ids(service, 2)
    two, one = service.get(BY_USERS, *ids), service.get(BY_USERS, *ids, ("limit", 1))
    if one.refused or two.refused:
        return Answer(str(one if one.refused else two))
    pools = sum(len(row.get("desktop_pools") or ()) for row in one.rows)
    return Answer(f"users: {len(one.rows)}, their pools: {pools} (without limit, users: {len(two.rows)})")


def without_pools(service: Service) -> Answer:
    rows: list[dict[str, Any]] = []
    ids = service.user_ids[:100]
    for start in range(0, len(ids), 10):
        rows += service.get(BY_USERS, *(("user_ids", user_id) for user_id in ids[start : start + 10])).rows
    without = sum(not row.get("desktop_pools") for row in rows)
    return Answer(f"{len(rows)} of {len(ids)} users returned, {without} of them with an empty list")


def pool_count(service: Service) -> Answer:
    rows = service.get(BY_USERS, *some_ids(service, 1)).rows
    if not rows:
        raise UndecidedError("the user is not returned")
    counts = [row.get("desktop_pool_count") for row in rows]
    right = counts == [len(row.get("desktop_pools") or ()) for row in rows]
    return Answer("missing" if counts == [None] else "yes" if right else "another number", right or counts == [None])


def unknown_user(service: Service) -> Answer:
    page = service.get(BY_USERS, ("user_ids", "0" * 32))
    return Answer(str(page), not page.refused and not page.rows)


def same_ids(service: Service) -> Answer:
    detail = {row["desktop_id"] for row in service.all_of(DETAIL)}
    connect = {row["desktop_id"] for row in service.desktops}
    equal = detail == connect
    text = f"{len(detail - connect)} only there, {len(connect - detail)} missing there"
    return Answer("yes" if equal else text, equal)


def hibernated(service: Service) -> Answer:
    asleep = {row["desktop_id"] for row in service.all_of(DETAIL) if row.get("status") == "HIBERNATED"}
    if not asleep:
        raise UndecidedError("no desktop hibernates")
    found = sorted({str(row["connect_status"]) for row in service.desktops if row["desktop_id"] in asleep})
    return Answer(", ".join(found) or "it is not listed")


def total(listing: Listing, text: str, filters: Callable[[Service], Iterable[tuple[str, str | None]]]) -> Question:
    """What the total of a filtered page counts."""
    return Question(
        f"{listing.path}: total_count with {text}",
        "the records that match, or all of the project",
        lambda service: meaning_of_total(service, listing, filters(service)),
    )


def names(
    listing: Listing, key: str, known: Callable[[Service], Collection[str]] = lambda service: service.owners
) -> Question:
    """How a filter for names matches."""
    return Question(
        f"{listing.path}: how {key} matches",
        "nothing: the collection compares names itself",
        lambda service: match(service, listing, key, name_to_vary(known(service))),
    )


NOBODIES = [("user_names", f"nobody-has-this-name-{number}") for number in range(101)]

QUESTIONS: list[Question] = [
    *about_pages(CONNECT),
    total(CONNECT, "connect_status", lambda service: (("connect_status", status) for status in service.statuses)),
    total(
        CONNECT, "user_names", lambda service: (("user_names", name) for name, _count in service.owners.most_common(3))
    ),
    names(CONNECT, "user_names"),
    Question("connect-desktops: two user_names, repeated", "desktops of both", two_names),
    shown("connect-desktops: 100 user_names", CONNECT, *NOBODIES[:100], assumed="accepted", accepted=True),
    shown("connect-desktops: 101 user_names", CONNECT, *NOBODIES),
    Question("connect-desktops: two connect_status in one request", "nothing", two_statuses),
    shown("connect-desktops: an unknown connect_status", CONNECT, ("connect_status", "UNHEARD_OF")),
    shown("by-users: no user_ids", BY_USERS, assumed="nothing: an empty answer carries a warning"),
    shown(
        "by-users: ten user_ids in one request",
        BY_USERS,
        ids=10,
        assumed="accepted; who is missing is requested again",
        accepted=True,
    ),
    shown("by-users: eleven user_ids in one request", BY_USERS, ids=11),
    Question("by-users: limit 1 for two user_ids counts users or pools", "nothing", users_or_pools),
    shown("by-users: a limit of 11", BY_USERS, ("limit", 11), ids=1),
    Question("by-users: is a user without pools returned?", "nothing", without_pools),
    Question("by-users: is desktop_pool_count there, and the length of the list?", "yes, or a warning", pool_count),
    Question("by-users: an unknown user_id", "left out", unknown_user),
    *about_pages(DETAIL),
    Question("desktops/detail: the same IDs as connect-desktops", "yes", same_ids),
    Question("connect-desktops: the status of a hibernated desktop", "nothing", hibernated),
    total(DETAIL, "status", lambda service: (("status", row.get("status")) for row in service.all_of(DETAIL))),
    names(DETAIL, "user_names"),
    names(DETAIL, "computer_names", lambda service: [row["desktop_name"] for row in service.desktops]),
    *about_pages(USERS),
    total(
        USERS,
        "a filter",
        lambda service: [
            *(("active_type", row.get("active_type")) for row in service.all_of(USERS)),
            *(("disabled", value) for value in ("true", "false")),
        ],
    ),
    names(USERS, "user_name"),
    names(USERS, "user_names"),
]
