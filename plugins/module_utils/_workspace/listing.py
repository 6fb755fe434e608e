# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""Read every page of a list and prove that nothing is missing, whatever happens to the list meanwhile.

The API has neither snapshots nor cursors: a page is a range of positions in a list that changes while it is read, and
no source says what C(total_count) counts. A reading is accepted for one of these reasons only:

I(Counted.) At the moment of one answer, the service reported as many records as are known to have existed at that
moment: those on the page itself, and those seen both before and after it. (A number alone proves nothing: one record
that was deleted would stand in for one that was never shown.)

I(Chained.) Each page repeats the last records of the page before, in the same order. A record that was there all the
time keeps its place relative to those, so it is on one page or the other. No record comes twice, the last page shows
nothing beyond what it repeats, and every answer reports the same total, which is what was found (or is shown below not
to count matches).

I(Repeated.) Where pages are too small to share enough records, or no total counts them: two readings in a row show
the same records in the same order.

What a total counts is found out where it matters: asked for one record, the service still reports more, so it does not
count the page. Asked without a filter, and with two filters that exclude each other, it always reports the same number,
so it counts the whole project.
"""

from __future__ import annotations

import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.reading import (
    Observations,
    Reading,
    TotalMeaning,
    merge_newest,
)

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Pairs
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.reading import Listing
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record

#: How often a list is read before it counts as changing faster than it can be read.
READINGS = 3

#: Words of the message below, of a list that changed too much to be read: a later call may succeed.
INCONSISTENT = "be read consistently"


def _counted(readings: t.Sequence[Reading], number: int, meaning: TotalMeaning) -> set[str] | None:
    """The ids that existed at the moment when a reading began, if they are as many as the service said there were."""
    reading = readings[number]
    if reading.first.total is None or not meaning.counts_matches(reading.filters):
        return None
    first = set(reading.first.ids)
    before = {identity for earlier in readings[:number] for identity in earlier.observations}
    after = {identity for offset, page in reading.pages.items() if offset for identity in page.ids}
    after.update(identity for later in readings[number + 1 :] for identity in later.observations)
    existed = first | (before & after)
    return existed if len(existed) == reading.first.total else None


def proven(readings: t.Sequence[Reading], meaning: TotalMeaning | None = None) -> Observations | None:
    """The records of a query, if its readings prove that they are complete.

    @param readings: of the same query, the oldest first, each begun after the one before had ended.
    @param meaning: of the totals; may be left out where there are none.
    """
    meaning = meaning or TotalMeaning()
    last = readings[-1]
    if last.chained or last.stands_still or (len(readings) > 1 and last.repeated(readings[-2])):
        return last.observations
    for number in reversed(range(len(readings))):
        existed = _counted(readings, number, meaning)
        if existed is not None:
            newest: Observations = {}
            for reading in readings:
                merge_newest(newest, reading.observations)
            return {identity: newest[identity] for identity in newest if identity in existed}
    return None


Asking = t.Generator[list[list[tuple[str, str]]], list["Answer"], Reading]


def _read_pages(listing: Listing, filters: Pairs, meaning: TotalMeaning, width: int) -> Asking:
    """One reading: yields the queries that it wants answered next."""
    reading = Reading(listing, filters, meaning, width)
    offsets = [0]
    asking = False
    while offsets:
        answers = yield [listing.query(filters, offset) for offset in offsets]
        if asking:
            meaning.being_asked = asking = False
        for offset, answer in zip(offsets, answers):
            reading.add(offset, answer)
        offsets = reading.wanted()
        while offsets and reading.may_be_whole and meaning.being_asked:
            # What another reading is finding out about the totals may show that this one is at its end.
            yield []
            offsets = reading.wanted()
        if offsets and reading.may_be_whole:
            meaning.being_asked = asking = True
    if reading.needs_single:
        (answer,) = yield [listing.query(filters, 0, 1)]
        reading.add(0, answer, single=True)
    return reading


def _read_side_by_side(
    project: Project, listing: Listing, all_filters: t.Iterable[Pairs], meaning: TotalMeaning
) -> list[Reading]:
    """One reading of each query; what they want next is asked for together."""
    asking = [_read_pages(listing, filters, meaning, project.concurrency) for filters in all_filters]
    readings: list[Reading | None] = [None] * len(asking)
    wanted = {number: next(generator) for number, generator in enumerate(asking)}
    while wanted:
        answers = iter(project.get_all(listing.operation, [query for queries in wanted.values() for query in queries]))
        for number, queries in list(wanted.items()):
            received = [next(answers) for _query in queries]
            try:
                wanted[number] = asking[number].send(received)
            except StopIteration as ended:
                readings[number] = ended.value
                del wanted[number]
    return t.cast("list[Reading]", readings)


def read_once(project: Project, listing: Listing) -> Reading:
    """One reading of everything that an operation without totals lists."""
    return _read_side_by_side(project, listing, [()], TotalMeaning())[0]


def count(project: Project, listing: Listing, filters: Pairs = ()) -> int:
    """How many records the service reports for a query, by a request for one record."""
    return t.cast(int, listing.total_of(project.get(listing.operation, listing.query(filters, 0, 1))))


def _find_meaning(project: Project, listing: Listing, readings: t.Iterable[Reading], meaning: TotalMeaning) -> None:
    """Find out whether totals count the whole project, if that would explain why too few records match a filter."""
    if meaning.counts_project is not None or listing.exclusive is None:
        return
    short = [
        reading.total
        for reading in readings
        if reading.filters and not reading.cut_off and (reading.total or 0) > len(reading.observations)
    ]
    if not short:
        return
    everything = count(project, listing)
    if everything in short:
        counts = [count(project, listing, filters) for filters in listing.exclusive]
        if max(counts) == min(counts) == everything:
            meaning.counts_project = True
        elif min(counts) < everything:
            meaning.counts_project = False


class TooLarge(t.NamedTuple):
    """A query that matches more than the API can show.

    @param total: how many the service reported when the reading began.
    @param reach: how many it can show.
    @param reading: what it did show.
    """

    total: int
    reach: int
    reading: Reading


class Query(t.NamedTuple):
    """A query, and what to call it in a message, e.g. C(REGISTERED desktops)."""

    filters: Pairs
    name: str


def read_queries(
    project: Project, listing: Listing, queries: t.Sequence[Query], meaning: TotalMeaning | None = None
) -> list[Observations | TooLarge]:
    """Everything that each query matches, side by side, in the order of the queries.

    @param meaning: what is known already of the totals of this service.
    @returns: the records of each query by id, each proven complete; or that the API cannot show them all.
    @raises WorkspaceError: a request failed, or a list changes faster than it can be read.
    """
    meaning = meaning or TotalMeaning()
    histories: list[list[Reading]] = [[] for _query in queries]
    results: dict[int, Observations | TooLarge] = {}
    waiting = list(range(len(queries)))
    for _attempt in range(READINGS):
        current = _read_side_by_side(project, listing, [queries[number].filters for number in waiting], meaning)
        _find_meaning(project, listing, current, meaning)
        meaning.undercounts = meaning.undercounts or any(reading.undercounted for reading in current)
        for number, reading in zip(waiting, current):
            histories[number].append(reading)
            found = proven(histories[number], meaning)
            if found is not None:
                results[number] = found
            elif reading.cut_off and reading.reach is not None:
                results[number] = TooLarge(reading.first.total or 0, reading.reach, reading)
        waiting = [number for number in waiting if number not in results]
        if not waiting:
            return [results[number] for number in range(len(queries))]
    reading = histories[waiting[0]][-1]
    raise WorkspaceError(inconsistent(queries[waiting[0]].name, len(reading.observations), reading.total))


def inconsistent(name: str, found: int, total: int | None) -> str:
    """The message for a list that could not be read."""
    numbers = f"found {found}" if total is None else f"found {found} of {total}"
    return (
        f"{name} could not be read consistently in {READINGS} attempts (last attempt: {numbers}). The service does not"
        " return all of them, or they change faster than they can be read: try again, or select fewer with a filter."
    )


def read_all(
    project: Project, listing: Listing, name: str, batches: t.Sequence[Pairs] = ((),), *, may_move: bool = False
) -> list[Record]:
    """Every record of a list that the API can show whole, proven complete, in no particular order.

    @param name: what to call the records in a message.
    @param batches: the filters of each query; what matches several is returned once.
    @param may_move: whether a record may change from one batch to another while they are read. Then it may be missing
        from both, so several batches are read until two readings in a row show the same records in the same batches.
    @raises WorkspaceError: a request failed, or the list changes faster than it can be read.
    """
    queries = [Query(filters, name) for filters in batches]
    meaning = TotalMeaning()
    before: list[set[str]] | None = None
    for _attempt in range(READINGS):
        parts = []
        for part in read_queries(project, listing, queries, meaning):
            if isinstance(part, TooLarge):
                raise WorkspaceError(
                    f"there are {part.total} {name}, but the API returns {part.reach} of them at most."
                )
            parts.append(part)
        shown = [set(part) for part in parts]
        if not may_move or len(queries) == 1 or shown == before:
            found: Observations = {}
            for part in parts:
                merge_newest(found, part)
            return [observation.record for observation in found.values()]
        before = shown
    raise WorkspaceError(inconsistent(name, len(set().union(*shown)), None))
