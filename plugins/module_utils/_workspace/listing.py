# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import integer, rows

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Pairs
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation, Project
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record

#: How often a list is read before it counts as changing faster than it can be read.
READINGS = 3

#: Words of the message below, of a list that changed too much to be read: a later call may succeed.
INCONSISTENT = "be read consistently"


class Listing(t.NamedTuple):
    """How an operation lists its records.

    @param key: the list in the answer.
    @param identity: the field of a record that no other record has.
    @param complete: checks and completes a record in place: every documented key is there afterwards.
    @param largest_limit: the largest page, which is what is asked for.
    @param largest_offset: the largest offset that the API takes, C(None) for no limit.
    @param total: the field that says how many there are, C(None) if there is none.
    @param exclusive: two filters that no record matches both of; they show what the total counts.
    @param overlap: how many records two pages share, where pages are large enough.
    @param smallest_page: what a server would not cut its pages to less than. The smallest page that is documented for any
        list of this API holds ten records (source: the vendor's SDK, limits and defaults of the Workspace calls).
    @param always: what every query has to hold.
    """

    operation: Operation
    key: str
    identity: str
    complete: t.Callable[[Answer, Record], Record]
    largest_limit: int
    largest_offset: int | None = None
    total: str | None = "total_count"
    exclusive: tuple[Pairs, Pairs] | None = None
    overlap: int = 4
    smallest_page: int = 10
    always: Pairs = ()

    def query(self, filters: Pairs, offset: int, limit: int | None = None) -> list[tuple[str, str]]:
        """The query for a page."""
        return [*self.always, *filters, ("limit", str(limit or self.largest_limit)), ("offset", str(offset))]

    def total_of(self, answer: Answer) -> int | None:
        """How many records the service says there are.

        @raises WorkspaceError: it should say so, and does not.
        """
        if self.total is None:
            return None
        total = integer(answer, answer.document, self.total)
        if total is None or total < 0:
            raise answer.unusable(f"it lacks {self.total}, so completeness cannot be verified")
        return total

    def records_of(self, answer: Answer) -> list[Record]:
        """The records of an answer, completed."""
        return [self.complete(answer, row) for row in rows(answer, self.key)]


class Observation(t.NamedTuple):
    """A record as an answer showed it, and when that answer arrived."""

    arrived: float
    record: Record


Observations = dict[str, Observation]


def merge_newest(observations: Observations, more: Observations) -> None:
    """Add to C(observations); of two of the same record the newer one stays."""
    for identity, observation in more.items():
        known = observations.get(identity)
        if known is None or observation.arrived >= known.arrived:
            observations[identity] = observation


class Page(t.NamedTuple):
    """The ids on a page, in order, and the total reported beside them."""

    ids: list[str]
    total: int | None


class TotalMeaning:
    """What the totals of a service count, as far as this call has found out.

    @param counts_page: whether a total is no more than the number of records on its page; C(None) while unknown.
    @param counts_project: whether it is the number of all records, whatever the filter; C(None) while unknown.
    """

    def __init__(self) -> None:
        self.counts_page: bool | None = None
        self.counts_project: bool | None = None
        #: Whether it was less than what was shown.
        self.undercounts = False
        #: Whether a reading is asking for it right now, so that others need not.
        self.being_asked = False

    def counts_matches(self, filters: Pairs) -> bool:
        """Whether the total of a query with these filters is known to be the number of its matches."""
        return self.counts_page is False and not self.undercounts and not (filters and self.counts_project)


class Reading:
    """One pass over the pages of a query.

    @param width: how many pages to ask for ahead where nothing says how many there are.
    """

    def __init__(self, listing: Listing, filters: Pairs, meaning: TotalMeaning, width: int) -> None:
        self.filters = filters
        self.observations: Observations = {}
        self.pages: dict[int, Page] = {}
        self._listing = listing
        self._meaning = meaning
        self._width = width
        #: The answer to a request for one record only, if that was sent.
        self._single: Page | None = None

    def add(self, offset: int, answer: Answer, *, single: bool = False) -> None:
        """Take in a page."""
        identity = self._listing.identity
        records = self._listing.records_of(answer)
        for record in records:
            if not record.get(identity):
                raise answer.unusable(f"a record has no {identity}, so duplicates could not be recognized")
        page = Page([record[identity] for record in records], self._listing.total_of(answer))
        if page.total is not None and page.total > len(page.ids):
            self._meaning.counts_page = False
        if single:
            self._single = page
        else:
            self.pages[offset] = page
        if self._meaning.counts_page is None and page.total == len(page.ids) and page.total != self.first.total:
            self._meaning.counts_page = self.first.total == len(self.first.ids)
        if single:
            return
        merge_newest(self.observations, {record[identity]: Observation(answer.arrived, record) for record in records})

    @property
    def first(self) -> Page:
        """The page at offset 0."""
        return self.pages[0]

    @property
    def total(self) -> int | None:
        """The largest total that was reported."""
        return max((page.total for page in self.pages.values() if page.total is not None), default=None)

    @property
    def reach(self) -> int | None:
        """How many records the API can show, given the size of the pages that the server sends."""
        largest = self._listing.largest_offset
        return None if largest is None else largest + self._size

    @property
    def _size(self) -> int:
        """The size of this server's pages."""
        return max(len(page.ids) for page in self.pages.values())

    def _shared(self, size: int) -> int:
        """How many records to share between a page of this size and the next one."""
        return min(self._listing.overlap, size // 2 if size == self._size else size - 1)

    def chain(self) -> list[tuple[int, Page]]:
        """The pages that follow on one another, from the first one to the first gap or the end."""
        chain, reached, new = [(0, self.first)], len(self.first.ids), True
        while chain[-1][1].ids:
            offset, page = chain[-1]
            end = offset + len(page.ids)
            # A page that shows nothing new may have been cut short: only what comes behind it can tell.
            share = min(1, self._shared(len(page.ids)))
            behind = reached if self._listing.largest_offset is None else min(reached, self._listing.largest_offset)
            touching = [
                start for start in self.pages if start > offset and (start <= end - share if new else start == behind)
            ]
            if not touching:
                break
            best = max((start for start in touching if end - start >= self._listing.overlap), default=min(touching))
            chain.append((best, self.pages[best]))
            new = best + len(self.pages[best].ids) > reached
            reached = max(reached, best + len(self.pages[best].ids))
        return chain

    @staticmethod
    def _ends(chain: list[tuple[int, Page]]) -> bool:
        """Whether the last page shows that nothing comes behind it: it is empty."""
        return not chain[-1][1].ids

    def _ends_at_cap(self, chain: list[tuple[int, Page]]) -> bool:
        """Whether, where no offset lies that far out, two pages that are not full end at the same record."""
        offset, page = chain[-1]
        return offset == self._listing.largest_offset and len(page.ids) < self._size and not self._shows_new(chain)

    @staticmethod
    def _shows_new(chain: list[tuple[int, Page]]) -> bool:
        """Whether the last page shows records that no page before it does."""
        offset, page = chain[-1]
        return offset + len(page.ids) > max((start + len(other.ids) for start, other in chain[:-1]), default=0)

    @property
    def _too_few_for_a_page(self) -> bool:
        """Whether all that the service says there is came at once, and is less than any server would cut a page to."""
        count = len(self.first.ids)
        few = count == len(self.observations) < self._listing.smallest_page
        return few and len(self.pages) == 1 and self.first.total == count and not self._meaning.undercounts

    @property
    def may_be_whole(self) -> bool:
        """Whether one page is there and as much as the total says, while it is not known whether totals count pages."""
        return (
            len(self.pages) == 1 and self._meaning.counts_page is None and self.first.total == len(self.first.ids) > 1
        )

    @property
    def needs_single(self) -> bool:
        """Whether a request for one record has to tell if totals count pages: the server seems to ignore the offset."""
        count = len(self.first.ids)
        return (
            self._single is None
            and self._meaning.counts_page is None
            and 2 <= count < self._listing.largest_limit
            and self.first.total == count
            and self._seams(self.chain()) is False
        )

    def wanted(self) -> list[int]:
        """The offsets to ask for next; empty if the reading is at its end, or cannot go on."""
        chain = self.chain()
        last = chain[-1][1]
        reached = max(start + len(page.ids) for start, page in chain)
        full = len(last.ids) == self._size
        if self._ends(chain) or self._ends_at_cap(chain):
            return []
        if self._seams(chain) is False or reached > len(self.observations):
            return []
        total = self.total
        counted = total == reached == len(self.observations) and self._meaning.counts_matches(self.filters)
        if self._too_few_for_a_page:
            return []
        # A full page is never taken for the end.
        if counted and (not full or (len(self.pages) == 1 and reached < self._listing.largest_limit)):
            return []
        largest = self._listing.largest_offset
        if not self.filters and largest is not None and full and (total or 0) > largest + self._listing.largest_limit:
            return []
        # Behind a page that showed nothing new, there is nothing to share.
        following = reached - (self._shared(len(last.ids)) if self._shows_new(chain) else 0)
        step = max(1, self._size - self._shared(self._size))
        ahead = 1
        if full and (len(chain) > 1 or (len(last.ids) == self._listing.largest_limit and not self.filters)):
            # Before a second full page, a total may be that of the whole project, and far too large.
            ahead = self._width if total is None else max(1, -(-(total - reached) // step))
        offsets = list(range(following, following + ahead * step, step))
        if largest is not None:
            offsets = sorted({min(start, largest) for start in offsets if start - step < largest})
        return [start for start in offsets if start not in self.pages]

    @property
    def cut_off(self) -> bool:
        """Whether there are more records than the API can show."""
        chain, largest = self.chain(), self._listing.largest_offset
        if largest is None or self._ends(chain) or self._ends_at_cap(chain) or self._seams(chain) is False:
            return False
        total = self.total or 0
        return total > largest + self._size or (chain[-1][0] >= largest and total > len(self.observations))

    @property
    def stands_still(self) -> bool:
        """Whether the service shows the same few records whatever page is asked for, and says that these are all."""
        count = len(self.first.ids)
        others = [page for page in (*self.pages.values(), self._single) if page is not None and page is not self.first]
        asked = len(self.pages) > 1 and (self._single is not None or count == 1)
        return (
            asked
            and 0 < count < self._listing.largest_limit
            and all(page == self.first and page.total == count for page in others)
        )

    @property
    def undercounted(self) -> bool:
        """Whether more records were shown than the service says there are, and not because some came and went."""
        totals = {page.total for page in self.pages.values() if page.total is not None}
        seen = len(self.observations)
        chain = self.chain()
        in_order = self._seams(chain) is not False and max(start + len(page.ids) for start, page in chain) == seen
        return len(totals) == 1 and totals.pop() < seen and in_order

    @property
    def repeats(self) -> bool:
        """Whether a full page that begins elsewhere shows nothing but the records of the first one: offset is ignored."""
        first = self.first.ids
        return any(
            offset and len(page.ids) == self._size > self._shared(self._size) and set(page.ids) <= set(first)
            for offset, page in self.pages.items()
        )

    @property
    def ids(self) -> list[str]:
        """The records in the order of the service, by the pages that follow on one another."""
        return list(dict.fromkeys(identity for _offset, page in self.chain() for identity in page.ids))

    def _seams(self, chain: list[tuple[int, Page]]) -> bool | None:
        """Whether pages repeat what they share with those before; C(None) if they share too little to tell."""
        enough = True
        order: dict[int, str] = dict(enumerate(self.first.ids))
        new = True
        for start, page in chain[1:]:
            shared = [order[place] for place in range(start, start + len(page.ids)) if place in order]
            if page.ids[: len(shared)] != shared:
                return False
            # An empty page behind one that has shared enough, and showed nothing new, is the end.
            enough = enough and (len(shared) >= self._listing.overlap or (not page.ids and not new))
            new = len(shared) < len(page.ids)
            order.update(enumerate(page.ids, start))
        return True if enough else None

    def _consistent(self, chain: list[tuple[int, Page]]) -> bool:
        """Whether nothing in this reading shows that the list has changed, or that something is missing."""
        reached = max(start + len(page.ids) for start, page in chain)
        if reached != len(self.observations) or self._seams(chain) is False:
            return False
        totals = [(page.total, len(page.ids)) for page in self.pages.values() if page.total is not None]
        if not totals:
            return self._ends(chain)
        if len({total for total, _count in totals}) > 1:
            # Every total is the size of its page: it says nothing, so only the end of the chain counts.
            return self._ends(chain) and all(total == count for total, count in totals)
        total, found = totals[0][0], len(self.observations)
        if total == found:
            return self._meaning.counts_matches(()) or self._ends(chain) or self._too_few_for_a_page
        if total > found:
            ends = self._ends(chain) or self._ends_at_cap(chain)
            return bool(self.filters and self._meaning.counts_project) and ends
        # Less than what is shown, as in the vendor's own example.
        return self._ends(chain)

    @property
    def chained(self) -> bool:
        """Whether this reading alone proves that it is complete."""
        chain = self.chain()
        return self._consistent(chain) and self._seams(chain) is True

    def repeated(self, before: Reading) -> bool:
        """Whether this reading and the one before prove it together, where no total counts."""
        chain, total = self.chain(), self.total
        counted = total is not None and self._meaning.counts_matches(self.filters) and total >= len(self.observations)
        return not counted and self._consistent(chain) and before._consistent(before.chain()) and self.ids == before.ids


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
