# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of the requests, and its counters."""

from __future__ import annotations

import itertools
import time
import weakref
from collections import deque
from typing import Any, TextIO

KEPT = 100_000
"""The maximum number of entries; older ones are removed."""


class Record:
    """The entries since the record was last cleared.

    Times are seconds since the epoch. The status is None if no complete response was sent (yet).
    """

    def __init__(self, log: TextIO) -> None:
        self._log = log
        self._connections: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._numbers = itertools.count(1)
        self._in_flight = 0
        self.clear()

    def clear(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._max_in_flight = self._in_flight

    def begin(self, transport: Any, **entry: Any) -> dict[str, Any]:
        """Add an entry for a request on this connection, which is None if it is already closed."""
        number = 0 if transport is None else self._connections.setdefault(transport, next(self._numbers))
        entry.update(connection=number, start=time.time(), end=None, status=None, fault=None)
        self._entries.append(entry)
        self._in_flight += 1
        self._max_in_flight = max(self._max_in_flight, self._in_flight)
        return entry

    def finish(self, entry: dict[str, Any]) -> None:
        """Call this once for each entry after `begin`."""
        self._in_flight -= 1
        entry["end"] = time.time()
        note = f" [{entry['fault']}]" if entry["fault"] else ""
        took = (entry["end"] - entry["start"]) * 1000
        self._log.write(f"{entry['method']} {entry['target']} {entry['status'] or '-'} {took:.1f} ms{note}\n")
        self._log.flush()

    def as_control(self) -> dict[str, Any]:
        return {
            "requests": len(self._entries),
            "connections": len({entry["connection"] for entry in self._entries}),
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
            "entries": list(self._entries),
        }
