# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""The operation that lists desktops with their connection status: complete and true, or an error.

Source: "Querying Desktop Connection Statuses" of the Workspace API reference. One query shows the records 0 to 3999
at most, reports how many there are, and pages without a snapshot, while people come and go. Hence:

* what is too large for one query is split by status, then by halving the names;
* pages overlap by one record, which shows whether the records have shifted between two of them;
* the desktops found must be as many as the service says there are; what does not add up is read again.
"""

from __future__ import annotations

import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import (
    batches,
    filter_values,
    missing_offsets,
    page_values,
    seamless,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import (
    Record,
    integer,
    objects,
    rows,
    text,
)

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project

OPERATION = Operation("connect-desktops", "workspace:desktops:listWithConnectStatus")

STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")

#: What C(connect_status_counts) calls a desktop of which the API says no status.
NO_STATUS = "UNKNOWN"

_MOST_NAMES = 100
_LARGEST_OFFSET = _LARGEST_LIMIT = 2000
_READINGS = 3


class Query(t.NamedTuple):
    """Which desktops are asked for.

    @param user_names: of these users; empty for all.
    @param statuses: in these statuses; empty for any. The API takes one at a time.
    """

    user_names: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    @property
    def askable(self) -> bool:
        """Whether one API query can ask for it."""
        return len(self.statuses) <= 1

    def pairs(self, page: t.Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The API's query for a page of it."""
        filters = [("user_names", name) for name in self.user_names]
        return filters + [("connect_status", status) for status in self.statuses] + list(page)

    def split(self) -> list[Query]:
        """Smaller queries that together ask for the same; none if it cannot be split."""
        if len(self.statuses) != 1:
            return [Query(self.user_names, (status,)) for status in self.statuses or STATUSES]
        if len(self.user_names) > 1:
            half = len(self.user_names) // 2
            return [Query(names, self.statuses) for names in (self.user_names[:half], self.user_names[half:])]
        return []

    def __str__(self) -> str:
        users = f" of {self.user_names[0]}" if len(self.user_names) == 1 else f" of {len(self.user_names)} users"
        return f"{' or '.join(self.statuses) or 'all'} desktops{users if self.user_names else ''}"


class Sighting(t.NamedTuple):
    """A desktop as it was seen, and when the answer that shows it arrived."""

    arrived: float
    desktop: Record


Sightings = dict[str, Sighting]


def join(sightings: Sightings, more: Sightings) -> None:
    """Add to C(sightings); of two of the same desktop the newer one stays."""
    for desktop_id, sighting in more.items():
        known = sightings.get(desktop_id)
        if known is None or sighting.arrived >= known.arrived:
            sightings[desktop_id] = sighting


class Reading:
    """One pass over what a query asks for.

    @param pages: offset -> the ids on the page.
    @param total: the most desktops that the service said there are, at any look.
    @param exhausted: whether a page behind the first one showed nothing new.
    @param parts: the readings it was split into.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self.pages: dict[int, list[str]] = {}
        self.total = 0
        self.found: Sightings = {}
        self.exhausted = False
        self.parts: list[Reading] = []

    @property
    def reach(self) -> int:
        """How many records the API can show, given the size of pages that the server has shown."""
        return _LARGEST_OFFSET + (len(self.pages.get(0, ())) or _LARGEST_LIMIT)

    @property
    def must_be_split(self) -> bool:
        return not self.query.askable or self.total > self.reach

    @property
    def seen(self) -> int:
        """How many records the pages hold, up to the end of the last one."""
        return max((offset + len(page) for offset, page in self.pages.items()), default=0)

    @property
    def total_is_possible(self) -> bool:
        """Whether there are no more records than the total says.

        The vendor's example has a total of zero beside a desktop. Then only a page with nothing new is an end.
        """
        return self.seen <= self.total

    @property
    def adds_up(self) -> bool:
        """Whether as many were found as there are, and nothing moved meanwhile."""
        if len(self.found) < self.total:
            return False
        if self.parts:
            return all(part.adds_up for part in self.parts)
        return seamless(self.pages) and (self.total_is_possible or self.exhausted)

    def add(self, offset: int, answer: Answer) -> None:
        """Take in a page."""
        page: list[str] = []
        sightings: Sightings = {}
        for row in rows(answer, "desktops"):
            record = desktop(answer, row)
            if not record["desktop_id"]:
                raise answer.unusable("a desktop has no desktop_id, so duplicates could not be told from desktops")
            page.append(record["desktop_id"])
            sightings[record["desktop_id"]] = Sighting(answer.arrived, record)
        self.pages[offset] = page
        self.total = max(self.total, total_of(answer))
        if offset and sightings.keys() <= self.found.keys():
            self.exhausted = True
        join(self.found, sightings)

    def missing_offsets(self) -> list[int]:
        """Pages still to be read."""
        if self.must_be_split or not self.pages[0]:
            return []
        total = self.total if self.total_is_possible or self.exhausted else self.seen + 1
        return missing_offsets(self.pages, min(total, self.reach), _LARGEST_OFFSET)


def total_of(answer: Answer) -> int:
    """The C(total_count) of an answer, which must be there: it is what completeness is measured by."""
    total = integer(answer, answer.document, "total_count")
    if total is None or total < 0:
        raise answer.unusable("it lacks total_count, without which nobody can tell whether the list is complete")
    return total


def desktop(answer: Answer, row: Record) -> Record:
    """The record, completed in place: every documented key is there, and whatever the API added since stays."""
    for key in ("desktop_id", "desktop_name", "connect_status"):
        row[key] = text(answer, row, key)
    row["attach_users"] = objects(answer, row, "attach_users")
    for user in row["attach_users"]:
        for key in ("id", "name", "user_group", "type"):
            user[key] = text(answer, user, key)
    return row


class Reader:
    """Reads queries of a project side by side until they are proven complete."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def _fetch(self, wanted: list[tuple[Query, list[tuple[str, str]]]]) -> list[Answer]:
        return self._project.get_all(OPERATION, [query.pairs(page) for query, page in wanted])

    def _read_once(self, queries: t.Iterable[Query]) -> list[Reading]:
        """One reading of each query, in their order."""
        readings = [Reading(query) for query in queries]
        wanted = [(reading, 0) for reading in readings if reading.query.askable]
        while wanted:
            answers = self._fetch(
                [
                    (reading.query, [("limit", str(_LARGEST_LIMIT)), ("offset", str(offset))])
                    for reading, offset in wanted
                ]
            )
            for (reading, offset), answer in zip(wanted, answers):
                reading.add(offset, answer)
            wanted = [
                (reading, offset)
                for reading in readings
                if reading.query.askable
                for offset in reading.missing_offsets()
            ]
        self._read_parts([reading for reading in readings if reading.must_be_split])
        return readings

    def _read_parts(self, readings: list[Reading]) -> None:
        """Read what is too large for one query in parts, and look once more how many there are."""
        if not readings:
            return
        queries = []
        for reading in readings:
            parts = reading.query.split()
            if not parts:
                raise WorkspaceError(
                    f"there are {reading.total} {reading.query}, but the API shows {reading.reach} of them at most:"
                    f" {'no narrower question can be asked' if reading.query.user_names else 'give user_names'}."
                )
            queries.append(parts)
        parts_read = iter(self._read_once(query for parts in queries for query in parts))
        looks: list[tuple[Reading, Query]] = []
        for reading, parts in zip(readings, queries):
            reading.found.clear()
            for part in [next(parts_read) for _query in parts]:
                reading.parts.append(part)
                join(reading.found, part.found)
            looks += [(reading, query) for query in ([reading.query] if reading.query.askable else parts)]
        # A desktop that changed its status between two parts is in none of them. It still is in the whole.
        answers = self._fetch([(query, [("limit", "1"), ("offset", "0")]) for _reading, query in looks])
        totals: dict[int, int] = {}
        for (reading, _query), answer in zip(looks, answers):
            totals[id(reading)] = totals.get(id(reading), 0) + total_of(answer)
        for reading in readings:
            reading.total = max(reading.total, totals[id(reading)])

    def read(self, queries: list[Query]) -> Sightings:
        """Everything that the queries ask for.

        @raises WorkspaceError: a request failed, or the numbers do not add up after three readings.
        """
        everything: Sightings = {}
        open_queries: dict[Query, Sightings] = {query: {} for query in queries}
        for number in range(_READINGS):
            for reading in self._read_once(list(open_queries)):
                seen = open_queries[reading.query]
                join(seen, reading.found)
                if reading.adds_up:
                    # It is complete by itself: what only earlier readings showed is gone.
                    join(everything, reading.found)
                elif number == _READINGS - 1 and len(seen) == reading.total:
                    # No reading caught all at once, but together they saw as many as there are.
                    join(everything, seen)
                elif number == _READINGS - 1:
                    raise WorkspaceError(
                        f"{reading.query} were read {_READINGS} times and do not add up: {len(seen)} of"
                        f" {reading.total} desktops were found. The service does not show them all, or they change"
                        " faster than they can be read. Try again, or narrow the question with user_names."
                    )
                else:
                    continue
                del open_queries[reading.query]
            if not open_queries:
                break
        return everything


def _counts(desktops: t.Iterable[Record]) -> dict[str, int]:
    counts = dict.fromkeys(STATUSES, 0)
    for record in desktops:
        status = record["connect_status"] or NO_STATUS
        counts[status] = counts.get(status, 0) + 1
    return counts


def _unmatched(names: t.Sequence[str], desktops: t.Iterable[Record]) -> list[str]:
    spoken_of = {(user["name"] or "").casefold() for record in desktops for user in record["attach_users"]}
    return [name for name in names if name.casefold() not in spoken_of]


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return what will read and answer them.

    @param options: C(user_names), C(connect_status), C(offset), C(limit) as the module documents them.
    @returns: a function from a project to C(desktops), C(total_count), C(connect_status_counts) and
        C(unmatched_user_names); it raises L(WorkspaceError) rather than return less than everything.
    @raises WorkspaceError: an option is wrong, named in the message.
    """
    names = filter_values(options["user_names"], "user_names")
    statuses = filter_values(options["connect_status"], "connect_status")
    page = page_values(options["offset"], options["limit"], _LARGEST_OFFSET, _LARGEST_LIMIT)
    groups = batches(names, "user_names", _MOST_NAMES) or [()]
    given = " and ".join(name for name, _value in page)
    if page and len(statuses) > 1:
        raise WorkspaceError(f"{given} asks for one page, which cannot be of more than one connect_status.")
    if page and len(groups) > 1:
        raise WorkspaceError(
            f"{given} asks for one page, but the {len(names)} user_names need {len(groups)} requests: leave {given} out."
        )

    def read_page(project: Project) -> dict[str, t.Any]:
        answer = project.get(OPERATION, Query(groups[0], statuses).pairs(page))
        desktops = [desktop(answer, row) for row in rows(answer, "desktops")]
        return _result(desktops, total_of(answer), [])

    def read_all(project: Project) -> dict[str, t.Any]:
        sightings = Reader(project).read([Query(group, statuses) for group in groups])
        # A service that ignores the filter has shown all; a status that we do not know is never taken for another one.
        others = set(STATUSES).difference(statuses or STATUSES)
        desktops = [seen.desktop for seen in sightings.values() if seen.desktop["connect_status"] not in others]
        desktops.sort(key=lambda record: (record["desktop_name"] or "", record["desktop_id"] or ""))
        return _result(desktops, len(desktops), _unmatched(names, desktops))

    return read_page if page else read_all


def _result(desktops: list[Record], total: int, unmatched: list[str]) -> dict[str, t.Any]:
    return {
        "desktops": desktops,
        "total_count": total,
        "connect_status_counts": _counts(desktops),
        "unmatched_user_names": unmatched,
    }
