# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project that answers from lists, whatever the filters say: the service at its worst."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Response
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation, Project

#: The names of the field with the total in different operations.
TOTALS = ("total_count", "count", "total")

Pairs = Sequence[tuple[str, str]]


class FakeProject(Project):
    """`FakeProject({"users": [...]})`

    @param lists: path -> its records, or the document of a path that is no list, or the error that is raised.
    @param ahead: seconds by which the clock of this host is ahead of the service's.
    @param select: from path, records and query to the records that match; by default all do.
    """

    def __init__(
        self,
        lists: Mapping[str, Any],
        select: Callable[[str, list[dict[str, Any]], Pairs], list[dict[str, Any]]] = lambda path, records, query: (
            records
        ),
        ahead: float = 0.0,
    ) -> None:
        self.concurrency = 4
        self.ahead: float | None = ahead
        self._lists = lists
        self._select = select
        self.queries: list[tuple[str, Pairs]] = []

    def clock_offset(self) -> float | None:
        return self.ahead

    def get(self, operation: Operation, query: Pairs) -> Response:
        self.queries.append((operation.path, query))
        held = self._lists[operation.path]
        if isinstance(held, Exception):
            raise held
        if isinstance(held, dict):
            return self._answer(operation, held)
        pairs_of = dict(query)
        found = self._select(operation.path, held, query)
        offset = int(pairs_of.get("offset", "0"))
        page = [dict(record) for record in found[offset : offset + int(pairs_of["limit"])]]
        return self._answer(operation, {str(operation.key): page, **dict.fromkeys(TOTALS, len(found))})

    def _answer(self, operation: Operation, document: dict[str, Any]) -> Response:
        return Response("GET " + operation.path, document, {}, 200, 1, time.monotonic(), lambda text: text)

    def get_all(self, operation: Operation, queries: Iterable[Pairs], *_more: Any) -> list[Response]:
        return [self.get(operation, query) for query in queries]

    def filters(self, path: str) -> list[list[tuple[str, str]]]:
        """The filters of each query of an operation, each once, without its page."""
        found: list[list[tuple[str, str]]] = []
        for asked, query in self.queries:
            pairs = [pair for pair in query if pair[0] not in ("limit", "offset")]
            if asked == path and pairs not in found:
                found.append(pairs)
        return found
