# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of the requests, and its counters."""

from __future__ import annotations

import time
import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any, TextIO

KEPT = 100_000
"""The maximum number of entries; older ones are removed."""

# No headers with secrets, because the record is printed if a test fails.
SHOWN_HEADERS = ("accept-encoding", "content-type", "host", "x-project-id", "connection", "accept")


@dataclass
class Entry:
    """A request. Times are seconds since the epoch. The status is None if no complete response was sent (yet)."""

    method: str
    target: str
    path: str
    query: list[tuple[str, str]]
    header_names: list[str]
    headers: dict[str, str]
    user_agent: str | None
    signed_headers: str | None
    x_sdk_date: str | None
    auth: str | None
    connection: int
    request_id: str
    start: float
    end: float | None = None
    status: int | None = None
    fault: str | None = None


class Record:
    """The entries since the record was last cleared."""

    def __init__(self, log: TextIO | None) -> None:
        self._log = log
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._connections: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._next_connection = 1
        self._in_flight = 0
        self.clear()

    def clear(self) -> None:
        self._entries.clear()
        self._count = 0
        self._max_in_flight = self._in_flight
        self._seen_connections: set[int] = set()

    def connection(self, transport: Any) -> int:
        """A number for a connection; 0 if it is already closed."""
        if transport is None:
            return 0
        if transport not in self._connections:
            self._connections[transport] = self._next_connection
            self._next_connection += 1
        return self._connections[transport]

    def begin(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._count += 1
        self._seen_connections.add(entry.connection)
        self._in_flight += 1
        self._max_in_flight = max(self._max_in_flight, self._in_flight)

    def finish(self, entry: Entry) -> None:
        """Call this once for each entry after `begin`."""
        self._in_flight -= 1
        entry.end = time.time()
        if self._log is not None:
            status = "-" if entry.status is None else str(entry.status)
            note = f" [{entry.fault}]" if entry.fault else ""
            took = (entry.end - entry.start) * 1000
            self._log.write(f"{entry.method} {entry.target} {status} {took:.1f} ms{note}\n")
            self._log.flush()

    def as_control(self) -> dict[str, Any]:
        return {
            "requests": self._count,
            "connections": len(self._seen_connections),
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
            "entries": [vars(entry) for entry in self._entries],
        }
