# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read every page of a list, and prove that no record is missing.

The API has neither snapshots nor cursors: a page is a range of positions in a list that changes while it is read. One
rule decides when such a list is complete; it is in `read_list`.
"""

from __future__ import annotations

import itertools
import typing as t

from .._http.concurrency import side_by_side
from .._http.errors import WorkspaceError
from .records import integer, rows

if t.TYPE_CHECKING:
    from .._http.client import Answer
    from .._http.query import Pairs
    from .project import Operation, Project
    from .records import Record

#: How often a list is read before the call fails.
READINGS = 4

#: ID -> record.
Records = dict[str, "Record"]


class Listing(t.NamedTuple):
    """How an operation lists its records.

    @param key: the list in the answer.
    @param identity: the field with the ID of a record.
    @param complete: checks and completes a record in place: every documented key is there afterwards.
    @param largest_limit: the largest page, which is what is requested.
    @param largest_offset: the largest offset that the API takes, `None` for no limit.
    @param total: the field with the number of records, `None` if there is none.
    @param always: query parameters of every request.
    @param nothing: a filter that matches no record. It shows whether totals count matches or the whole project.
    """

    operation: Operation
    key: str
    identity: str
    complete: t.Callable[[Answer, Record], Record]
    largest_limit: int
    largest_offset: int | None = None
    total: str | None = "total_count"
    always: Pairs = ()
    nothing: Pairs = ()

    def query(self, filters: Pairs, offset: int, limit: int) -> list[tuple[str, str]]:
        """The query for a page."""
        return [*self.always, *filters, ("limit", str(limit)), ("offset", str(offset))]

    def total_of(self, answer: Answer) -> int | None:
        """The number of records that the service reports, `None` if it does not.

        @raises WorkspaceError: it is of a wrong type or negative.
        """
        total = None if self.total is None else integer(answer, answer.document, self.total)
        if total is not None and total < 0:
            raise answer.unusable(f"the field {self.total} is negative")
        return total

    def records_of(self, answer: Answer) -> list[Record]:
        """The records of an answer, completed."""
        return [self.complete(answer, row) for row in rows(answer, self.key)]

    def by_id(self, answer: Answer) -> Records:
        """The same by their IDs.

        @raises WorkspaceError: a record has none.
        """
        found: Records = {}
        for record in self.records_of(answer):
            if not record.get(self.identity):
                raise answer.unusable(f"a record has no {self.identity}, so duplicates could not be recognized")
            found[record[self.identity]] = record
        return found


class OutOfReachError(WorkspaceError):
    """More records match than the operation can return.

    @param shown: those that it returned.
    """

    def __init__(self, message: str, shown: Records) -> None:
        super().__init__(message, attempts=1)
        self.shown = shown


class _End(t.NamedTuple):
    """What a request showed at one moment, sent when all records read until then had been returned.

    @param most: no more records than this existed.
    @param page_size: the records of the largest page.
    @param total: the total that was reported at this moment.
    """

    most: int
    page_size: int
    total: int | None


class _Reading:
    """One reading of a list: the records that its pages returned, the newest of each."""

    def __init__(self, project: Project, listing: Listing, filters: Pairs) -> None:
        self.records: Records = {}
        self._positions: dict[str, int] = {}
        #: The totals of all pages with records.
        self.totals: list[int] = []
        self._project = project
        self._listing = listing
        self._filters = filters
        self._largest_page = 0
        self._last_total: int | None = None
        self._reached_largest_offset = False

    def _ask(self, pages: t.Sequence[tuple[int, int]]) -> list[int]:
        """Request pages, each by offset and limit, side by side; returns how many records each has."""
        queries = [self._listing.query(self._filters, offset, limit) for offset, limit in pages]
        answers = self._project.get_all(self._listing.operation, queries)
        counts = [0] * len(pages)
        for place in sorted(range(len(pages)), key=lambda place: answers[place].arrived):
            page = self._listing.by_id(answers[place])
            self.records.update(page)
            self._positions.update(zip(page, itertools.count(pages[place][0])))
            counts[place] = len(page)
            self._last_total = self._listing.total_of(answers[place])
            if page and self._last_total is not None:
                self.totals.append(self._last_total)
        self._largest_page = max([self._largest_page, *counts])
        largest = self._listing.largest_offset
        self._reached_largest_offset |= any(offset == largest for offset, _limit in pages)
        return counts

    def in_order(self) -> Records:
        """The records in the order of the service."""
        return {identity: self.records[identity] for identity in sorted(self.records, key=self._positions.__getitem__)}

    def _read(self, offsets: t.Sequence[int], end: int | None = None) -> list[int]:
        """Request the pages at these offsets, then what is missing between them, as a page may be shorter than requested.

        @param end: the end of the last page; `None` for where it ends.
        @returns: how many records each page has.
        """
        largest = self._listing.largest_offset
        if largest is not None:
            offsets = sorted({min(offset, largest) for offset in offsets})
        first = counts = self._ask([(offset, self._listing.largest_limit) for offset in offsets])
        if end is None:
            end = max(offset + count for offset, count in zip(offsets, counts) if count or offset == offsets[0])
        stops = [min(stop, end) for stop in (*offsets[1:], end)]
        while True:
            gaps = [
                (offset + count, stop)
                for offset, count, stop in zip(offsets, counts, stops)
                if count and offset + count < stop and (largest is None or offset + count <= largest)
            ]
            if not gaps:
                return first
            offsets, stops = [offset for offset, _stop in gaps], [stop for _offset, stop in gaps]
            counts = self._ask([(offset, min(stop - offset, self._listing.largest_limit)) for offset, stop in gaps])

    def read_to(self, end: _End) -> None:
        """Read the positions up to the end of an earlier reading, side by side."""
        if end.most:
            self._read(range(0, end.most, end.page_size), end.most)

    def find_end(self) -> _End | None:
        """Read on until the service shows the end.

        @returns: `None` if it does not: it repeats records, because the list changes or because it ignores the offset.
        @raises OutOfReachError: the API cannot return so many.
        """
        largest = self._listing.largest_offset
        pages_ahead = 1
        while largest is None or len(self.records) <= largest:
            known, size = len(self.records), self._largest_page
            counts = self._read([known + page * size for page in range(pages_ahead)])
            if len(self.records) == known:
                return None if any(counts) else _End(known, size, self._last_total)
            full = counts[-1] >= (size or self._listing.largest_limit)
            pages_ahead = self._pages_ahead() if full else 1
        if not self._reached_largest_offset:
            self._read([largest])
        return self._end_by_total(largest)

    def _pages_ahead(self) -> int:
        """How many pages to request at once: never more than run side by side, as a total may be far too large."""
        if self._last_total is None:
            return self._project.concurrency
        missing = self._last_total - len(self.records)
        return max(1, min(self._project.concurrency, -(-missing // self._largest_page)))

    def _end_by_total(self, largest: int) -> _End:
        """The end by the total of a request for one record, as no offset lies behind the last record."""
        answer = self._project.get(self._listing.operation, self._listing.query(self._filters, 0, 1))
        total = self._listing.total_of(answer) or 0
        self._largest_page = max(self._largest_page, len(self._listing.records_of(answer)))
        reach = largest + self._largest_page
        path = self._listing.operation.path
        if total > reach:
            raise OutOfReachError(f"There are {total} records, but {path} returns at most {reach}.", self.records)
        if total <= self._largest_page or self._filters:
            # It may count the records of a page, or the project.
            raise OutOfReachError(
                f"{path} returns at most {reach} records and does not show whether there are more.", self.records
            )
        return _End(total, self._largest_page, total)


def _hides_records(reading: _Reading, end: _End, project: Project, listing: Listing, filters: Pairs) -> bool:
    """Whether the service reports more matches than it returns. The total of a filtered query may be the project's."""
    if (end.total or 0) <= end.most and min(reading.totals, default=0) <= len(reading.records):
        return False
    if not filters or not listing.nothing:
        return True
    return listing.total_of(project.get(listing.operation, listing.query(listing.nothing, 0, 1))) == 0


def read_list(project: Project, listing: Listing, name: str, filters: Pairs = ()) -> Records:
    """Every record of a list, by its ID.

    The rule: when the service shows that at most n records exist at a moment, and n records were each returned before
    as well as after that moment, they are all there is. An empty page at position n shows it. So the list is read, its
    end is confirmed, and it is read again; the records of the second reading are the answer. The order of the records,
    the size of the pages and the meaning of totals make no difference: a total only tells how many pages to request side
    by side. A record that the second reading does not return again may have been deleted in time to hide another one,
    so the list is then read once more.

    @param name: what to call the records in a message.
    @raises OutOfReachError: the API cannot return so many.
    @raises WorkspaceError: a request failed, or the list could not be proven complete in `READINGS` readings.
    """
    returned: set[str] = set()
    end: _End | None = None
    for _number in range(READINGS):
        reading = _Reading(project, listing, filters)
        if end is not None:
            reading.read_to(end)
            complete = len(returned & reading.records.keys()) == end.most
            if complete and not _hides_records(reading, end, project, listing, filters):
                return reading.in_order()
        end = reading.find_end()
        returned.update(reading.records)
    raise WorkspaceError(_inconsistent(name, reading, end), attempts=1)


def _inconsistent(name: str, reading: _Reading, end: _End | None) -> str:
    if end is None:
        reason = "the service returns the same records for another offset"
    else:
        numbers = {end.most, end.total or 0, max(reading.totals, default=0)}
        reason = f"found {len(reading.records)} of {max(numbers)}"
    return (
        f"{name} could not be read completely in {READINGS} attempts (last attempt: {reason}). The service does not"
        " return all of them, or they change faster than they can be read: try again, or select fewer with a filter."
    )


def read_all(project: Project, listing: Listing, name: str, batches: t.Sequence[Pairs] = ((),)) -> list[Record]:
    """Every record that matches any of several filters, each once.

    @param batches: the filters of each query. A record must not move from one to another while they are read.
    @raises WorkspaceError: as `read_list`.
    """
    if len(batches) == 1:
        return list(read_list(project, listing, name, batches[0]).values())
    found: Records = {}
    for part in side_by_side(
        lambda filters: read_list(project, listing, name, filters), batches, width=project.concurrency
    ):
        found.update(part)
    return list(found.values())
