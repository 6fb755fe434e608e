# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read all pages of a list, and prove that no record is missing.

The API has neither snapshots nor cursors: a page is a range of positions in a list that can change while it is read.
`read_list` describes the rule that decides when such a list is complete.
"""

from __future__ import annotations

import itertools
import typing as t

from .._http import errors
from . import records

if t.TYPE_CHECKING:
    from .._http import client, query
    from .project import Operation, Project

#: How often a list is read before the call fails.
READINGS = 4

#: ID -> record.
Records = dict[str, "records.Record"]


class Listing(t.NamedTuple):
    """The properties of an operation that lists records.

    @param operation: the operation, with the key of the list in the response.
    @param noun: what a record is, such as `desktop`.
    @param identity: the field with the ID of a record.
    @param complete: checks a record and adds missing documented keys in place.
    @param largest_limit: the maximum page size, which is requested.
    @param largest_offset: the maximum offset of the API; `None` for no limit.
    @param total: the field with the number of records; `None` if there is none.
    @param always: query parameters of all requests.
    @param nothing: a filter that matches no record, to check whether totals count the matches or all records.
    """

    operation: Operation
    noun: str
    identity: str
    complete: t.Callable[[client.Response, records.Record], records.Record]
    largest_limit: int
    largest_offset: int | None = None
    name: str = "name"
    total: str | None = "total_count"
    always: query.Pairs = ()
    nothing: query.Pairs = ()

    def order(self, record: records.Record) -> tuple[str, str]:
        """The key to sort records by name, then ID."""
        return record.get(self.name) or "", record[self.identity]

    def of(self, record_id: str) -> Listing:
        """The list below the record with this ID."""
        return self._replace(operation=self.operation.of(record_id))

    def query(self, filters: query.Pairs, offset: int, limit: int) -> list[tuple[str, str]]:
        """The query for a page."""
        return [*self.always, *filters, ("limit", str(limit)), ("offset", str(offset))]

    def total_of(self, answer: client.Response) -> int | None:
        """The number of records that the service reports; `None` if it does not.

        @raises WorkspaceError: the number has a wrong type or is negative.
        """
        total = None if self.total is None else records.integer(answer, answer.document, self.total)
        if total is not None and total < 0:
            raise answer.unusable(f"the field {self.total} is negative")
        return total

    def records_of(self, answer: client.Response) -> list[records.Record]:
        """The completed records of a response."""
        return [self.complete(answer, row) for row in records.rows(answer, self.operation.key or "")]

    def by_id(self, answer: client.Response) -> Records:
        """The completed records of a response by their IDs.

        @raises WorkspaceError: a record has no ID.
        """
        found: Records = {}
        for record in self.records_of(answer):
            if not record.get(self.identity):
                raise answer.unusable(f"a record has no {self.identity}, so duplicates could not be recognized")
            found[record[self.identity]] = record
        return found


class OutOfReachError(errors.WorkspaceError):
    """More records match than the operation can return.

    @param shown: the records that it returned.
    @param total: the number of records that it reports.
    """

    def __init__(self, message: str, shown: Records, total: int) -> None:
        super().__init__(message, attempts=1)
        self.shown = shown
        self.total = total


class _End(t.NamedTuple):
    """The end of a list at the time of a request that was sent after all records had been returned.

    @param most: the maximum number of records that existed.
    @param page_size: the number of records on the largest page.
    @param total: the reported total.
    """

    most: int
    page_size: int
    total: int | None


class _Reading:
    """One reading of a list, with the newest version of each record."""

    def __init__(self, project: Project, listing: Listing, filters: query.Pairs) -> None:
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
        """Request pages by offset and limit in parallel, and return the number of records of each."""
        queries = [self._listing.query(self._filters, offset, limit) for offset, limit in pages]
        answers = self._project.get_all(self._listing.operation, queries)
        counts = [0] * len(pages)
        for index in sorted(range(len(pages)), key=lambda index: answers[index].arrived):
            page = self._listing.by_id(answers[index])
            self.records.update(page)
            self._positions.update(zip(page, itertools.count(pages[index][0])))
            counts[index] = len(page)
            self._last_total = self._listing.total_of(answers[index])
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
        """Request the pages at these offsets, and then the gaps between them, as pages may be shorter than requested.

        @param end: the position up to which to read; `None` for the end of the last page.
        @returns: the number of records of each page.
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
        """Read the positions up to the end of an earlier reading in parallel."""
        if end.most:
            self._read(range(0, end.most, end.page_size), end.most)

    def find_end(self) -> _End | None:
        """Continue to read until the end of the list.

        @returns: `None` if records are repeated, because the list changes or the service ignores the offset.
        @raises OutOfReachError: the API cannot return all records.
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
        """The number of pages to request in parallel, limited by the concurrency because a total may be too large."""
        if self._last_total is None:
            return self._project.concurrency
        missing = self._last_total - len(self.records)
        return max(1, min(self._project.concurrency, -(-missing // self._largest_page)))

    def _end_by_total(self, largest: int) -> _End:
        """The end according to the reported total, because no allowed offset is behind the last record."""
        answer = self._project.get(self._listing.operation, self._listing.query(self._filters, 0, 1))
        total = self._listing.total_of(answer) or 0
        self._largest_page = max(self._largest_page, len(self._listing.records_of(answer)))
        reach = largest + self._largest_page
        path = self._listing.operation.path
        if total > reach:
            raise OutOfReachError(
                f"There are {total} records, but {path} returns at most {reach}.", self.records, total
            )
        if total <= self._largest_page or self._filters:
            # The total may be the number of records of the page, or of the project.
            message = f"{path} returns at most {reach} records and does not show whether there are more."
            raise OutOfReachError(message, self.records, total)
        return _End(total, self._largest_page, total)


def _hides_records(reading: _Reading, end: _End, project: Project, listing: Listing, filters: query.Pairs) -> bool:
    """Whether the service reports more matches than it returns. The total of a filtered query may count all records."""
    if (end.total or 0) <= end.most and min(reading.totals, default=0) <= len(reading.records):
        return False
    if not filters or not listing.nothing:
        return True
    return count(project, listing, listing.nothing) == 0


def count(project: Project, listing: Listing, filters: query.Pairs = ()) -> int | None:
    """The number of records that the service reports now; `None` if it does not."""
    return listing.total_of(project.get(listing.operation, listing.query(filters, 0, 1)))


def read_list(project: Project, listing: Listing, filters: query.Pairs = ()) -> Records:
    """All records of a list by their IDs.

    The rule: if at most n records exist at some moment, and n records were each returned both before and after that
    moment, the list is complete. An empty page at position n proves that at most n records exist. Therefore, the list
    is read, its end is confirmed, and it is read again. The records of the second reading are returned. The rule does
    not depend on the order of the records, the size of the pages or the meaning of totals: a total only determines how
    many pages are requested in parallel. If the second reading does not return a record again, it may have been deleted
    at a moment that hid another record, so the list is read once more.

    @raises OutOfReachError: the API cannot return all records.
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
    reason = "the service returns the same records for another offset"
    if end is not None:
        reason = f"found {len(reading.records)} of {max(end.most, end.total or 0, *reading.totals)}"
    raise errors.WorkspaceError(
        f"The {listing.noun}s could not be read completely in {READINGS} attempts (last attempt: {reason}). The service"
        " does not return all of them, or they change faster than they can be read: try again, or select fewer with a"
        " filter.",
        attempts=1,
    )


def read_all(project: Project, listing: Listing, batches: t.Sequence[query.Pairs] = ((),)) -> list[records.Record]:
    """All records that match any of several filters, without duplicates, sorted by name, then ID.

    @param batches: the filters of each query. A record must not move from one to another while they are read.
    @raises WorkspaceError: see `read_list`.
    """
    if len(batches) == 1:
        return sorted(read_list(project, listing, batches[0]).values(), key=listing.order)
    # Imported here, because modules are compiled for each task and most lists need one query.
    from .._http import concurrency

    found: Records = {}
    for part in concurrency.side_by_side(
        lambda filters: read_list(project, listing, filters), batches, width=project.concurrency
    ):
        found.update(part)
    return sorted(found.values(), key=listing.order)


def read_each(project: Project, listing: Listing, record_ids: t.Sequence[str]) -> dict[str, list[records.Record]]:
    """The list below each of these records, sorted by name, then ID.

    @raises WorkspaceError: see `read_list`.
    """
    from .._http import concurrency

    found = concurrency.side_by_side(
        lambda one: read_all(project, listing.of(one)), record_ids, width=project.concurrency
    )
    return dict(zip(record_ids, found))
