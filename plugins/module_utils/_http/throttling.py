# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When a request may be sent: within the concurrency, and at the pace of a service that throttles (HTTP 429).

At most `width` requests are under way. A refusal halves the width and makes all requests wait; then one is sent, and
the others follow once it is answered. The width grows by one for each window without a refusal. How long to wait is what
`Retry-After` says. Without it, the limit that the refusal names (`limit:200,time:1 minute`) tells when the service no
longer counts the oldest of our own requests. Where these are fewer than the limit allows, others share it: then a request
is tried earlier, at growing intervals.
"""

from __future__ import annotations

import collections
import math
import re
import threading
import typing as t

from .retry import CHANCE, Clock, asked_wait

#: No single wait is longer, in seconds: the windows of the service are a minute.
_LONGEST_WAIT = 60.0

#: The first wait where nothing tells how long, in seconds.
_FIRST_WAIT = 1.0

# "policy user over ratelimit,limit:200,time:1 minute", as the vendor's FAQs show it.
_NAMED_LIMIT = re.compile(r"limit:\s*(\d+)\s*,\s*time:\s*(\d+)\s*(second|minute|hour|day)", re.IGNORECASE)
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Limit(t.NamedTuple):
    """So many requests in so many seconds."""

    requests: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.requests} requests in {self.seconds:g} s"


def named_limit(text: str) -> Limit | None:
    """The limit that the text of a refusal names."""
    found = _NAMED_LIMIT.search(text)
    if not found or not int(found[1]) or not int(found[2]):
        return None
    return Limit(int(found[1]), float(int(found[2]) * _UNITS[found[3].lower()]))


class Throttling:
    """Permits requests; safe to use from several threads.

    @param concurrency: requests under way at once, at most.
    """

    def __init__(self, concurrency: int, clock: Clock) -> None:
        self._concurrency = concurrency
        self._clock = clock
        #: Notified of each change; held while anything here is read or written.
        self.changed = threading.Condition()
        self._began = clock.now()
        self._under_way = 0
        self._width = concurrency
        self._widened = self._began
        # When requests were answered otherwise than by a refusal, as far back as the limit counts them.
        self._answered: collections.deque[float] = collections.deque()
        self._answers = 0
        # How many refusals made all requests wait: those that were sent before the last one say nothing about it.
        self._epoch = 0
        # Refusals since the last answer, the moment of the first of them, and when the next request may be sent.
        self._in_a_row = 0
        self._closed_at = 0.0
        self._opens = self._began
        self._asked_until = 0.0
        self._last_closure = 0.0
        # What the service allows, and how much of it was ours at the last refusal.
        self._limit: Limit | None = None
        self._share = 0
        self._held_since: float | None = None
        self._waited = 0.0

    def enter(self, seconds: float, is_over: t.Callable[[], bool]) -> int | None:
        """Wait for the permission to send one request.

        @param seconds: to wait at most.
        @param is_over: whether to give up; checked after each change.
        @returns: what `leave` needs, or `None` after that time.
        """
        with self.changed:
            end = self._clock.now() + seconds
            while not is_over():
                now = self._clock.now()
                wait = self._wait(now)
                if wait <= 0:
                    if self._held_since is not None:
                        self._waited += now - self._held_since
                        self._held_since = None
                    self._under_way += 1
                    return self._epoch
                if now >= end:
                    break
                if self._held_since is None and self._epoch and self._under_way < self._concurrency:
                    self._held_since = now
                self._clock.wait(self.changed, min(wait, end - now))
        return None

    def _wait(self, now: float) -> float:
        """Seconds until a request may be sent; infinite if that depends on an answer."""
        if self._under_way >= (1 if self._in_a_row else self._width):
            return math.inf
        return self._opens - now

    def _counted(self, now: float) -> collections.deque[float]:
        """When those answers came that the limit still counts."""
        while self._limit and self._answered and self._answered[0] <= now - self._limit.seconds:
            self._answered.popleft()
        return self._answered

    def leave(self, epoch: int, status: int | None, retry_after: str | None = None, text: str = "") -> None:
        """A request is over.

        @param epoch: what `enter` returned for it.
        @param status: of the answer; `None` if there was none.
        @param retry_after: the header of a refusal.
        @param text: what the refusal said.
        """
        with self.changed:
            now = self._clock.now()
            self._under_way -= 1
            # Requests that were under way with the first refused one add no information.
            is_current = epoch == self._epoch
            if status == 429 and is_current:
                self._close(now, asked_wait(retry_after), text)
            elif status not in (None, 429):
                self._answered.append(now)
                self._answers += 1
                if self._in_a_row and is_current:
                    self._in_a_row = 0
                    self._last_closure = now - self._closed_at
                    self._widened = now
                window = self._limit.seconds if self._limit else self._last_closure
                if now - self._widened >= window:
                    self._width = min(self._concurrency, self._width + 1)
                    self._widened = now
            self.changed.notify_all()

    def _close(self, now: float, asked: float | None, text: str) -> None:
        if not self._in_a_row:
            self._closed_at = now
            self._width = max(1, self._width // 2)
        self._epoch += 1
        self._in_a_row += 1
        self._limit = named_limit(text) or self._limit
        # It takes about as long as the last time, or growing intervals find out. Of a minute, the vendor advises to send
        # again after 2 to 5 seconds.
        first = self._limit.seconds / 12 if self._limit else max(_FIRST_WAIT, self._last_closure / 2)
        wait = first * 2 ** min(self._in_a_row - 1, 10) * CHANCE.uniform(0.8, 1.2)
        if self._limit:
            early = min(wait, self._limit.seconds / 3)
            counted = self._counted(now)
            self._share = min(len(counted), self._limit.requests)
            ours = counted[-self._share] + self._limit.seconds - now if self._share else math.inf
            wait = max(ours if self._share == self._limit.requests else min(ours, early), early / 20)
        if asked is not None:
            wait = asked if self._in_a_row == 1 else max(asked, min(wait, _FIRST_WAIT))
        # A wait of hours that the service asks for is kept, so that it is known to be too long.
        self._asked_until = now + (asked or 0)
        self._opens = now + min(wait, _LONGEST_WAIT)

    def shortfall(self, left: int, total_timeout: float, remaining: float) -> str | None:
        """After a refusal: why what is left cannot be read in time, or `None` if it may.

        @param left: requests that are still to be answered.
        @param total_timeout: seconds for all of them.
        @param remaining: what is left of that.
        """
        with self.changed:
            if not self._in_a_row:
                return None
            now = self._clock.now()
            wait = max(self._opens, self._asked_until) - now
            elapsed = total_timeout - remaining
            if self._limit:
                fastest = wait + (math.ceil(left / self._limit.requests) - 1) * self._limit.seconds
                share = self._share or self._limit.requests
                needed = max(wait, self._limit.seconds) + (math.ceil(left / share) - 1) * self._limit.seconds
                pace = f"the service allows {self._limit}"
                if share < self._limit.requests:
                    pace += f", of which this call got {share}"
            else:
                rate = max(1, self._answers) / (now - self._began + wait)
                # The first refusal shows our own speed, not that of the service.
                fastest = wait + (left * (now - self._began) / self._answers if self._last_closure else 0)
                needed = wait + left / rate
                pace = f"the service has answered {self._answers} requests in {now - self._began:.3g} s"
            if fastest < remaining:
                return None
            # A tenth more, as the answers take time as well.
            enough = math.ceil((elapsed + needed) * 1.1)
            return (
                f"{left} more requests are to be answered, and {pace}: that would exceed total_timeout"
                f" ({total_timeout:.6g} s). Raise total_timeout to {enough} s or more, or narrow the query"
            )

    def warning(self) -> str | None:
        """What to tell the user, if the service throttled."""
        with self.changed:
            if not self._epoch:
                return None
            allowed = f", which allows {self._limit}," if self._limit else ""
            return f"The service{allowed} throttled the requests (HTTP 429): they waited {self._waited:.3g} s for it."
