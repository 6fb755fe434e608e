# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""The operation that lists desktops with their connection status: complete and true, or an error.

Source: "Querying Desktop Connection Statuses" of the Workspace API reference. One query shows the records 0 to 3999 at
most. What is larger is split by status, then by halving the names. Desktops change their status, or their user, while
the parts are read one after the other, so a desktop may be in none of them. The parts of a query are therefore read
again until they prove that together they are complete; see L(Joined). Batches of names are followed by the whole list,
which shows whether a desktop has passed between them. What still cannot be shown is read through another operation; see
L(beyond_reach).
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.filters import (
    batches,
    filter_values,
    page_values,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.listing import (
    READINGS,
    Query,
    TooLarge,
    count,
    inconsistent,
    read_queries,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.reading import (
    Listing,
    Observation,
    Observations,
    TotalMeaning,
    merge_newest,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record, objects, text

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project

STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")

#: What C(connect_status_counts) calls a desktop of which the API says no status.
NO_STATUS = "UNKNOWN"

#: The most names that the API takes in one query.
MOST_NAMES = 100


def desktop(answer: Answer, row: Record) -> Record:
    """The record, completed in place: every documented key is there, and whatever the API added since stays."""
    for key in ("desktop_id", "desktop_name", "connect_status"):
        row[key] = text(answer, row, key)
    row["attach_users"] = objects(answer, row, "attach_users")
    for user in row["attach_users"]:
        for key in ("id", "name", "user_group", "type"):
            user[key] = text(answer, user, key)
    return row


LISTING = Listing(
    operation=Operation("connect-desktops", "workspace:desktops:listWithConnectStatus"),
    key="desktops",
    identity="desktop_id",
    complete=desktop,
    largest_limit=2000,
    largest_offset=2000,
    exclusive=([("connect_status", "CONNECTED")], [("connect_status", "UNREGISTER")]),
)


class OutOfReach(WorkspaceError):
    """A query that C(connect-desktops) cannot show and that cannot be split further."""


class Selection(t.NamedTuple):
    """Which desktops to query.

    @param user_names: of these users; empty for all.
    @param statuses: in these statuses; empty for any. The API takes one at a time.
    """

    user_names: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def query(self) -> Query:
        """One API query for it. Of several statuses, all desktops are asked for: see L(Joined)."""
        filters = [("user_names", name) for name in self.user_names]
        if len(self.statuses) == 1:
            filters.append(("connect_status", self.statuses[0]))
        return Query(filters, str(self))

    def split(self) -> list[Selection]:
        """Smaller selections that together are the same; none if it cannot be split further."""
        if len(self.statuses) != 1:
            return [Selection(self.user_names, (status,)) for status in self.statuses or STATUSES]
        if len(self.user_names) > 1:
            half = len(self.user_names) // 2
            return [Selection(names, self.statuses) for names in (self.user_names[:half], self.user_names[half:])]
        return []

    def __str__(self) -> str:
        users = f" of {self.user_names[0]}" if len(self.user_names) == 1 else f" of {len(self.user_names)} users"
        return f"{' or '.join(self.statuses) or 'all'} desktops{users if self.user_names else ''}"


class Parts(t.NamedTuple):
    """One reading of a selection that had to be read in parts.

    @param total: how many desktops the service reported for the whole selection right before.
    """

    total: int
    found: Observations


class Joined:
    """Selections whose desktops cannot be read by one query each, and the readings made of them so far.

    What is read in one query is proven by L(listing) alone. What is joined from several is accepted

    * if the selection has no status, so that one total counts it all: when as many desktops were seen before as well as
      after a moment as the service reported at that moment (a desktop in a status that cannot be asked for, or one that
      changed its status between two parts, is missing from that number);
    * otherwise, and for batches of names where no query shows the whole list, when two readings in a row show the same
      desktops in the same parts. (Only a desktop that changes to another part and back in time with both is missed.)

    Batches of names with a query that shows the whole list are accepted when the list, which is read after them, holds no
    other desktop of these users, and every desktop of the batches.
    """

    def __init__(self) -> None:
        self.readings: list[list[Observations | Parts]] = []

    def proven(self, selections: t.Sequence[Selection]) -> Observations | None:
        """The desktops of all selections, if the readings made so far prove them complete."""
        last = self.readings[-1]
        found: Observations = {}
        together = len(selections) > 1
        for number, selection in enumerate(selections):
            part = last[number]
            if isinstance(part, Parts) and not selection.statuses:
                counted = self._counted(number)
                if counted is None:
                    return None
                merge_newest(found, counted)
            else:
                together = together or isinstance(part, Parts)
                merge_newest(found, part.found if isinstance(part, Parts) else part)
        if not together:
            return found
        if len(self.readings) < 2:
            return None
        before, now = (
            [self._signature(part, selection) for part, selection in zip(reading, selections)]
            for reading in self.readings[-2:]
        )
        return found if before == now else None

    def proven_by(self, everything: Observations, selections: t.Sequence[Selection]) -> Observations | None:
        """The desktops of batches of names, if none of these users has another one.

        @param everything: the desktops of everybody, read after the batches.
        """
        names = {name for selection in selections for name in selection.user_names}
        found = {key for part in self.readings[-1] for key in (part.found if isinstance(part, Parts) else part)}
        # Groups have names of their own.
        theirs = {
            key
            for key, seen in everything.items()
            if any(user["name"] in names and user["type"] != "GROUP" for user in seen.record["attach_users"])
        }
        return {key: everything[key] for key in found} if theirs <= found <= everything.keys() else None

    @staticmethod
    def _signature(part: Observations | Parts, selection: Selection) -> set[tuple[str, str | None]]:
        found = part.found if isinstance(part, Parts) else part
        by_status = len(selection.statuses) > 1
        return {(key, seen.record["connect_status"] if by_status else None) for key, seen in found.items()}

    def _counted(self, number: int) -> Observations | None:
        parts = [reading[number] for reading in self.readings]
        for later in range(1, len(parts)):
            now = parts[later]
            before: Observations = {}
            after: Observations = {}
            for place, part in enumerate(parts):
                merge_newest(before if place < later else after, part.found if isinstance(part, Parts) else part)
            existed = {key: after[key] for key in after if key in before}
            if isinstance(now, Parts) and len(existed) == now.total:
                return existed
        return None


class Reader:
    """Reads selections of a project until they are proven complete."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._meaning = TotalMeaning()
        self._whole_is_shown = True

    def read(self, selections: t.Sequence[Selection]) -> Observations:
        """Every desktop of the selections.

        @raises WorkspaceError: a request failed, the API cannot show them all, or they change faster than they can be
            read.
        """
        joined = Joined()
        for _attempt in range(READINGS):
            joined.readings.append(self._read_once(selections))
            everything = self._read_whole(selections) if len(selections) > 1 else None
            found = joined.proven(selections) if everything is None else joined.proven_by(everything, selections)
            if found is not None:
                return found
        last = joined.readings[-1]
        number = next((place for place, part in enumerate(last) if isinstance(part, Parts)), 0)
        part = last[number]
        seen, total = (part.found, part.total) if isinstance(part, Parts) else (part, None)
        message = inconsistent(str(selections[number]), len(seen), total)
        if len(selections) == 1 and total is not None:
            # The parts may lack desktops in a status that cannot be asked for.
            return self._read_through_detail(selections[0], message)
        raise WorkspaceError(message)

    def _read_whole(self, selections: t.Sequence[Selection]) -> Observations | None:
        """The desktops of everybody in these statuses; C(None) if no query shows them all."""
        if not self._whole_is_shown:
            return None
        whole = Selection((), selections[0].statuses)
        (result,) = read_queries(self._project, LISTING, [whole.query()], self._meaning)
        self._whole_is_shown = not isinstance(result, TooLarge)
        return None if isinstance(result, TooLarge) else result

    def _read_once(self, selections: t.Sequence[Selection]) -> list[Observations | Parts]:
        """One reading of each selection, in their order."""
        results = read_queries(self._project, LISTING, [selection.query() for selection in selections], self._meaning)
        found: list[Observations | Parts] = []
        for selection, result in zip(selections, results):
            if isinstance(result, TooLarge):
                try:
                    found.append(self._read_parts(selection, result))
                except OutOfReach as reason:
                    found.append(self._read_through_detail(selection, reason.message))
            else:
                found.append(result)
        return found

    def _read_parts(self, selection: Selection, whole: TooLarge) -> Parts:
        """What one query cannot show, in parts.

        @raises OutOfReach: a part cannot be shown either, nor be split further.
        """
        parts = selection.split()
        found: Observations = {}
        results = read_queries(self._project, LISTING, [part.query() for part in parts], self._meaning)
        for part, result in zip(parts, results):
            if not isinstance(result, TooLarge):
                merge_newest(found, result)
            elif part.split():
                merge_newest(found, self._read_parts(part, result).found)
            else:
                raise OutOfReach(_out_of_reach(part, result))
        if not parts:
            raise OutOfReach(_out_of_reach(selection, whole))
        return Parts(whole.total, found)

    def _read_through_detail(self, selection: Selection, reason: str) -> Observations:
        # A module is compiled anew for each task, and most tasks stay within reach.
        from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.beyond_reach import (
            read_through_detail,
        )

        statuses = selection.statuses or STATUSES
        queries = {status: Selection(selection.user_names, (status,)).query() for status in statuses}

        def show() -> t.Iterator[Record]:
            for result in read_queries(self._project, LISTING, list(queries.values()), self._meaning):
                seen = result.reading.observations if isinstance(result, TooLarge) else result
                yield from (observation.record for observation in seen.values())

        def counts() -> dict[str, int]:
            if self._meaning.counts_project:
                return {}
            return {status: count(self._project, LISTING, query.filters) for status, query in queries.items()}

        found = read_through_detail(self._project, selection.user_names, reason, show=show, count=counts)
        now = time.monotonic()
        return {
            record["desktop_id"]: Observation(now, record)
            for record in found
            if not selection.statuses or record["connect_status"] in selection.statuses
        }


def _out_of_reach(selection: Selection, whole: TooLarge) -> str:
    name = str(selection).removeprefix("all ")
    if whole.total > whole.reach:
        return f"there are {whole.total} {name}, but connect-desktops returns {whole.reach} of them at most."
    # The total is that of the project, and the list ends so far out that no two pages show the same end.
    return f"connect-desktops returns {whole.reach} {name} at most, and cannot show whether there are more."


def _counts(desktops: t.Iterable[Record]) -> dict[str, int]:
    counts = dict.fromkeys(STATUSES, 0)
    for record in desktops:
        status = record["connect_status"] or NO_STATUS
        counts[status] = counts.get(status, 0) + 1
    return counts


def _unmatched(names: t.Sequence[str], desktops: t.Iterable[Record]) -> list[str]:
    assigned = {(user["name"] or "").casefold() for record in desktops for user in record["attach_users"]}
    return [name for name in names if name.casefold() not in assigned]


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return what will read and answer them.

    @param options: C(user_names), C(connect_status), C(offset), C(limit) as the module documents them.
    @returns: a function from a project to C(desktops), C(total_count), C(connect_status_counts) and
        C(unmatched_user_names); it raises L(WorkspaceError) rather than return less than everything.
    @raises WorkspaceError: an option is wrong, named in the message.
    """
    names = filter_values(options["user_names"], "user_names")
    statuses = filter_values(options["connect_status"], "connect_status")
    page = page_values(options["offset"], options["limit"], LISTING.largest_offset, LISTING.largest_limit)
    groups = batches(names, "user_names", MOST_NAMES) or [()]
    given = " and ".join(name for name, _value in page)
    if page and len(statuses) > 1:
        raise WorkspaceError(f"{given} selects one page, which cannot be of more than one connect_status.")
    if page and len(groups) > 1:
        raise WorkspaceError(
            f"{given} selects one page, but the {len(names)} user_names need {len(groups)} requests: remove {given}."
        )

    def read_page(project: Project) -> dict[str, t.Any]:
        query = Selection(groups[0], statuses).query()
        answer = project.get(LISTING.operation, [*query.filters, *page])
        return _result(LISTING.records_of(answer), t.cast(int, LISTING.total_of(answer)), [])

    def wanted(status: str | None) -> bool:
        if len(statuses) > 1:
            return status in statuses
        # A service that ignores the filter has returned all. A status that is not known may be what was asked for.
        return not statuses or status in statuses or status not in STATUSES

    def read_all(project: Project) -> dict[str, t.Any]:
        found = Reader(project).read([Selection(group, statuses) for group in groups])
        desktops = [seen.record for seen in found.values() if wanted(seen.record["connect_status"])]
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
