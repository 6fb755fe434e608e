# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""How an operation lists its records, and what one pass over its pages shows: where to go on, and what contradicts.

Nothing here sends a request. When a reading proves that a list is complete is told in L(listing).
"""

from __future__ import annotations

import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import integer, rows

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Pairs
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record


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
        if page.total is not None and page.total < len(page.ids):
            self._meaning.undercounts = True
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
