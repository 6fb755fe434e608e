# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no document of the vendor settles: one function a question, each with what the collection assumes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from live.service import BY_USERS, CONNECT, DETAIL, USERS, Listing, Page, Service, UndecidedError, name_to_vary

#: For a parameter that must not match anything.
NOBODY = "nobody-has-this-name"

MATCHING_OR_ALL = "the records that match, or all of the project"
COMPARED = "nothing: the collection compares names itself"


@dataclass(frozen=True)
class Answer:
    """An answer, and whether the collection assumes it; None where any answer is fine."""

    text: str
    as_assumed: bool | None = None
    decided: bool = True


@dataclass(frozen=True)
class Question:
    """A question, what the collection assumes, and how to ask."""

    text: str
    assumed: str
    ask: Callable[[Service], Answer]


QUESTIONS: list[Question] = []


def question(text: str, *, assumed: str = "nothing") -> Callable[[Callable[[Service], Answer]], None]:
    """Add a question to the list, in the order of this file."""

    def add(ask: Callable[[Service], Answer]) -> None:
        QUESTIONS.append(Question(text, assumed, ask))

    return add


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


def both(first: Page, second: Page, one: str, other: str) -> Answer:
    """Which of two outcomes there is."""
    if first.refused or second.refused:
        return Answer(str(first) if first.refused else str(second))
    same = first.ids == second.ids
    return Answer(one if same else other, same)


def add_questions_about_pages(listing: Listing) -> None:
    """The same questions about the pages of each list operation."""
    path, largest = listing.path, listing.largest_limit

    @question(f"{path}: limit {largest}, the largest that the collection asks for", assumed="accepted, may be clamped")
    def limit_largest_the_largest_that_the_collection(service: Service) -> Answer:
        page = service.get(listing, ("limit", largest))
        return Answer(f"{page} of {page.total}" if page.total is not None else str(page), not page.refused)

    for more in (largest + 1, 10 * largest):

        @question(f"{path}: limit {more}")
        def limit_more(service: Service, more: int = more) -> Answer:
            return Answer(str(service.get(listing, ("limit", more))))

    @question(f"{path}: limit 0")
    def limit_0(service: Service) -> Answer:
        return Answer(str(service.get(listing, ("limit", 0))))

    @question(f"{path}: no limit")
    def no_limit(service: Service) -> Answer:
        return Answer(str(service.get(listing)))

    @question(f"{path}: is offset the number of a record?", assumed="yes")
    def is_offset_the_number_of_a_record(service: Service) -> Answer:
        whole = service.get(listing, ("offset", 0), ("limit", 4))
        if not whole.refused and len(whole.rows) < 4:
            raise UndecidedError("there are fewer than four records")
        second = service.get(listing, ("offset", 2), ("limit", 2))
        expected = Page(listing, whole.rows[2:], None, whole.refused)
        return both(expected, second, "yes", "no: offset 2 does not continue after two records")

    @question(f"{path}: do two requests return the same order?", assumed="nothing: no order is needed")
    def do_two_requests_return_the_same_order(service: Service) -> Answer:
        first, second = (service.get(listing, ("limit", listing.largest_limit)) for _attempt in range(2))
        answer = both(first, second, "yes", "no")
        return Answer(answer.text, None)

    @question(f"{path}: is the page behind the last record empty?", assumed="yes: it shows the end of the list")
    def is_the_page_behind_the_last_record_empty(service: Service) -> Answer:
        count = 0
        while True:
            page = service.get(listing, ("offset", count), ("limit", largest))
            if page.refused or not page.rows:
                return Answer(page.refused or "yes", not page.refused)
            count += len(page.rows)
            if listing is CONNECT and count > largest:
                raise UndecidedError("no offset lies behind the last record")
            if page.total is not None and count > 2 * page.total + largest:
                return Answer("no", False)

    for offset in (2001, 4001):

        @question(
            f"{path}: offset {offset}",
            assumed="accepted" if listing is not CONNECT else "nothing: never sent",
        )
        def offset_offset(service: Service, offset: int = offset) -> Answer:
            page = service.get(listing, ("offset", offset), ("limit", 1))
            return Answer(str(page), None if listing is CONNECT else not page.refused)


add_questions_about_pages(CONNECT)


@question("connect-desktops: total_count with connect_status", assumed=MATCHING_OR_ALL)
def connect_desktops_total_count_with_connect_status(service: Service) -> Answer:
    return meaning_of_total(service, CONNECT, (("connect_status", status) for status in service.statuses))


@question("connect-desktops: total_count with user_names", assumed=MATCHING_OR_ALL)
def connect_desktops_total_count_with_user_names(service: Service) -> Answer:
    return meaning_of_total(service, CONNECT, (("user_names", name) for name, _count in service.owners.most_common(3)))


@question("connect-desktops: how user_names matches", assumed=COMPARED)
def connect_desktops_how_user_names_matches(service: Service) -> Answer:
    return match(service, CONNECT, "user_names", name_to_vary(service.owners))


@question("connect-desktops: two user_names, repeated", assumed="desktops of both")
def connect_desktops_two_user_names_repeated(service: Service) -> Answer:
    if len(service.owners) < 2:
        raise UndecidedError("fewer than two users have a desktop")
    names = list(service.owners)[:2]
    each = [set(service.get(CONNECT, ("user_names", name)).ids) for name in names]
    page = service.get(CONNECT, *(("user_names", name) for name in names))
    found = set(page.ids)
    if page.refused:
        return Answer(str(page), False)
    text = {True: "desktops of both"}.get(found == each[0] | each[1])
    text = text or ("of the first" if found == each[0] else "of the last" if found == each[1] else "something else")
    return Answer(text, text == "desktops of both")


@question("connect-desktops: 100 user_names", assumed="accepted")
def connect_desktops_100_user_names(service: Service) -> Answer:
    page = service.get(CONNECT, *(("user_names", f"{NOBODY}-{number}") for number in range(100)))
    return Answer(str(page), not page.refused)


@question("connect-desktops: 101 user_names")
def connect_desktops_101_user_names(service: Service) -> Answer:
    return Answer(str(service.get(CONNECT, *(("user_names", f"{NOBODY}-{number}") for number in range(101)))))


@question("connect-desktops: two connect_status in one request")
def connect_desktops_two_connect_status_in_one(service: Service) -> Answer:
    counts = {status: count for status, count in service.statuses.items() if status}
    if len(counts) < 2:
        raise UndecidedError("all desktops are in one status")
    pair = sorted(counts)[:2]
    page = service.get(CONNECT, *(("connect_status", status) for status in pair), ("limit", CONNECT.largest_limit))
    shown = {row["connect_status"] for row in page.rows}
    return Answer(str(page) if page.refused else f"desktops in {len(shown & set(pair))} of the two")


@question("connect-desktops: an unknown connect_status")
def connect_desktops_an_unknown_connect_status(service: Service) -> Answer:
    return Answer(str(service.get(CONNECT, ("connect_status", "UNHEARD_OF"))))


@question("by-users: no user_ids", assumed="nothing: an empty answer carries a warning")
def by_users_no_user_ids(service: Service) -> Answer:
    return Answer(str(service.get(BY_USERS)))


def some_ids(service: Service, count: int) -> list[tuple[str, Any]]:
    if len(service.user_ids) < count:
        raise UndecidedError(f"fewer than {count} users have a desktop")
    return [("user_ids", user_id) for user_id in service.user_ids[:count]]


@question("by-users: ten user_ids in one request", assumed="accepted; who is missing is requested again")
def by_users_ten_user_ids_in_one_request(service: Service) -> Answer:
    page = service.get(BY_USERS, *some_ids(service, 10))
    return Answer(str(page), not page.refused)


@question("by-users: eleven user_ids in one request")
def by_users_eleven_user_ids_in_one_request(service: Service) -> Answer:
    return Answer(str(service.get(BY_USERS, *some_ids(service, 11))))


@question("by-users: limit 1 for two user_ids counts users or pools")
def by_users_limit_1_for_two_user_ids_counts_users(service: Service) -> Answer:
    ids = some_ids(service, 2)
    two, one = service.get(BY_USERS, *ids), service.get(BY_USERS, *ids, ("limit", 1))
    if one.refused or two.refused:
        return Answer(str(one if one.refused else two))
    pools = sum(len(row.get("desktop_pools") or ()) for row in one.rows)
    return Answer(f"users: {len(one.rows)}, their pools: {pools} (without limit, users: {len(two.rows)})")


@question("by-users: a limit of 11")
def by_users_a_limit_of_11(service: Service) -> Answer:
    return Answer(str(service.get(BY_USERS, *some_ids(service, 1), ("limit", 11))))


@question("by-users: is a user without pools returned?")
def by_users_is_a_user_without_pools_returned(service: Service) -> Answer:
    rows: list[dict[str, Any]] = []
    ids = service.user_ids[:100]
    for start in range(0, len(ids), 10):
        rows += service.get(BY_USERS, *(("user_ids", user_id) for user_id in ids[start : start + 10])).rows
    without = sum(not row.get("desktop_pools") for row in rows)
    return Answer(f"{len(rows)} of {len(ids)} users returned, {without} of them with an empty list")


@question("by-users: is desktop_pool_count there, and the length of the list?", assumed="yes, or a warning")
def by_users_is_desktop_pool_count_there_and_the(service: Service) -> Answer:
    rows = service.get(BY_USERS, *some_ids(service, 1)).rows
    if not rows:
        raise UndecidedError("the user is not returned")
    counts = [row.get("desktop_pool_count") for row in rows]
    right = counts == [len(row.get("desktop_pools") or ()) for row in rows]
    return Answer("missing" if counts == [None] else "yes" if right else "another number", right or counts == [None])


@question("by-users: an unknown user_id", assumed="left out")
def by_users_an_unknown_user_id(service: Service) -> Answer:
    page = service.get(BY_USERS, ("user_ids", "0" * 32))
    return Answer(str(page), not page.refused and not page.rows)


add_questions_about_pages(DETAIL)


@question("desktops/detail: the same IDs as connect-desktops", assumed="yes")
def desktops_detail_the_same_ids_as_connect_desktops(service: Service) -> Answer:
    detail = {row["desktop_id"] for row in service.all_of(DETAIL)}
    connect = {row["desktop_id"] for row in service.desktops}
    same = detail == connect
    return Answer("yes" if same else f"{len(detail - connect)} only there, {len(connect - detail)} missing there", same)


@question("connect-desktops: the status of a hibernated desktop")
def connect_desktops_the_status_of_a_hibernated_desktop(service: Service) -> Answer:
    asleep = {row["desktop_id"] for row in service.all_of(DETAIL) if row.get("status") == "HIBERNATED"}
    found = sorted({str(row["connect_status"]) for row in service.desktops if row["desktop_id"] in asleep})
    if not asleep:
        raise UndecidedError("no desktop hibernates")
    return Answer(", ".join(found) or "it is not listed")


@question("desktops/detail: total_count with status", assumed=MATCHING_OR_ALL)
def desktops_detail_total_count_with_status(service: Service) -> Answer:
    return meaning_of_total(service, DETAIL, (("status", row.get("status")) for row in service.all_of(DETAIL)))


@question("desktops/detail: how user_names matches", assumed=COMPARED)
def desktops_detail_how_user_names_matches(service: Service) -> Answer:
    return match(service, DETAIL, "user_names", name_to_vary(service.owners))


@question("desktops/detail: how computer_names matches", assumed=COMPARED)
def desktops_detail_how_computer_names_matches(service: Service) -> Answer:
    return match(service, DETAIL, "computer_names", name_to_vary([row["desktop_name"] for row in service.desktops]))


add_questions_about_pages(USERS)


@question("users: total_count with a filter", assumed=MATCHING_OR_ALL)
def users_total_count_with_a_filter(service: Service) -> Answer:
    types = [("active_type", row.get("active_type")) for row in service.all_of(USERS)]
    return meaning_of_total(service, USERS, [*types, ("disabled", "true"), ("disabled", "false")])


@question("users: how user_name matches", assumed=COMPARED)
def users_how_user_name_matches(service: Service) -> Answer:
    return match(service, USERS, "user_name", name_to_vary(service.owners))


@question("users: how user_names matches", assumed=COMPARED)
def users_how_user_names_matches(service: Service) -> Answer:
    return match(service, USERS, "user_names", name_to_vary(service.owners))
