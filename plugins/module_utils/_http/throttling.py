# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When a request may be sent: within the concurrency, and as fast as a service allows that throttles (HTTP 429).

At most `width` requests are in progress. A 429 halves the width and makes all requests wait; then one is sent, and the
others follow when it has succeeded. The width grows by one for each window without a 429. `Retry-After` tells how long to
wait. Without it, the limit that the response names (`limit:200,time:1 minute`) tells when the service no longer counts the
oldest of our own requests. If these are fewer than the limit allows, other clients share it: then requests are retried
earlier, at growing intervals.
"""

from __future__ import annotations

import collections
import math
import re
import threading
import typing as t

from .retry import CHANCE, Clock, Deadline

#: The longest wait that the service did not ask for, in seconds. The windows of the service are a minute.
_WINDOW = 60.0

#: The first wait if nothing tells how long, in seconds.
_FIRST_WAIT = 1.0

# "policy user over ratelimit,limit:200,time:1 minute"
_NAMED_LIMIT = re.compile(r"limit:\s*(\d+)\s*,\s*time:\s*(\d+)\s*(second|minute|hour|day)", re.IGNORECASE)
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Limit(t.NamedTuple):
    """A rate limit."""

    requests: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.requests} requests in {self.seconds:g} s"


def named_limit(text: str) -> Limit | None:
    """The limit in the text of a 429."""
    found = _NAMED_LIMIT.search(text)
    if not found or not int(found[1]) or not int(found[2]):
        return None
    return Limit(int(found[1]), float(int(found[2]) * _UNITS[found[3].lower()]))


class Throttling:
    """Permits the requests of a call. It is thread-safe.

    @param concurrency: the maximum number of simultaneous requests.
    @param deadline: of the call.
    """

    def __init__(self, concurrency: int, deadline: Deadline, clock: Clock) -> None:
        self._concurrency = concurrency
        self._deadline = deadline
        self._clock = clock
        #: Notified of each change; held while anything here is read or written.
        self.changed = threading.Condition()
        self._began = clock.now()
        self._in_progress = 0
        self._width = concurrency
        self._widened = self._began
        # The times of responses other than 429, as far back as the limit counts them.
        self._succeeded: collections.deque[float] = collections.deque()
        self._successes = 0
        # The number of closures. A 429 to a request that was sent before the last one does not cause another one.
        self._epoch = 0
        # The number of 429 since the last other response, the time of the first of them, and when the next request may
        # be sent.
        self._in_a_row = 0
        self._closed_at = 0.0
        self._opens = self._began
        self._last_closure = 0.0
        self._first_closed_at = 0.0
        # The limit of the service, and our share of it at the last 429.
        self._limit: Limit | None = None
        self._share = 0
        self._held_since: float | None = None
        self._waited = 0.0

    def enter(self, seconds: float, is_over: t.Callable[[], bool]) -> int | None:
        """Wait for the permission to send one request.

        @param seconds: the longest wait.
        @param is_over: whether to give up; checked after each change.
        @returns: the argument for `leave`, or `None` after that time.
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
                    self._in_progress += 1
                    return self._epoch
                if now >= end:
                    break
                if self._held_since is None and self._epoch and self._in_progress < self._concurrency:
                    self._held_since = now
                self._clock.wait(self.changed, min(wait, end - now))
        return None

    def _wait(self, now: float) -> float:
        """Seconds until a request may be sent; infinite if that depends on a response."""
        if self._in_progress >= (1 if self._in_a_row else self._width):
            return math.inf
        return self._opens - now

    def _counted(self, now: float) -> collections.deque[float]:
        """The times of our requests that the limit still counts."""
        while self._limit and self._succeeded and self._succeeded[0] <= now - self._limit.seconds:
            self._succeeded.popleft()
        return self._succeeded

    def leave(self, epoch: int, status: int | None, asked: float | None = None, text: str = "") -> None:
        """Call this after a request.

        @param epoch: the result of `enter` for it.
        @param status: of the response; `None` if there was none.
        @param asked: the seconds that a 429 asks to wait.
        @param text: what a 429 says.
        """
        with self.changed:
            now = self._clock.now()
            self._in_progress -= 1
            is_current = epoch == self._epoch
            if status == 429 and is_current:
                self._close(now, asked, text)
            elif status == 429 and self._in_a_row:
                # It was in progress together with the one that caused the closure.
                self._opens = max(self._opens, now + (asked or 0))
            elif status not in (None, 429):
                self._succeeded.append(now)
                self._successes += 1
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
        self._first_closed_at = self._first_closed_at or now
        self._epoch += 1
        self._in_a_row += 1
        self._limit = named_limit(text) or self._limit
        wait = self._own_wait(now)
        if asked is not None:
            wait = asked if self._in_a_row == 1 else max(asked, min(wait, _FIRST_WAIT))
        self._opens = now + wait

    def _own_wait(self, now: float) -> float:
        """How long to wait if the service does not tell."""
        # About as long as the last time, with growing intervals. Of a minute, the vendor advises to retry after 2 to 5 s.
        first = self._limit.seconds / 12 if self._limit else max(_FIRST_WAIT, self._last_closure / 2)
        wait: float = first * 2 ** min(self._in_a_row - 1, 10) * CHANCE.uniform(0.8, 1.2)
        # It must not take all the remaining time without being known to be necessary.
        wait = min(wait, max(_FIRST_WAIT, self._deadline.remaining() / 2))
        if self._limit:
            early = min(wait, self._limit.seconds / 3)
            counted = self._counted(now)
            self._share = min(len(counted), self._limit.requests)
            ours = counted[-self._share] + self._limit.seconds - now if self._share else math.inf
            wait = max(ours if self._share == self._limit.requests else min(ours, early), early / 20)
        return min(wait, _WINDOW)

    def shortfall(self, left: int) -> str | None:
        """After a 429 or the deadline: why the remaining requests exceed it, or `None` if they may not.

        @param left: the number of remaining requests.
        """
        with self.changed:
            remaining = self._deadline.remaining()
            if not self._epoch or (not self._in_a_row and remaining > 0):
                return None
            now = self._clock.now()
            wait = fastest = max(0.0, self._opens - now)
            if self._limit:
                fastest += (math.ceil(left / self._limit.requests) - 1) * self._limit.seconds
                share = self._share or self._limit.requests
                needed = max(wait, self._limit.seconds) + (math.ceil(left / share) - 1) * self._limit.seconds
                rate = f"the service allows {self._limit}"
                if share < self._limit.requests:
                    rate += f", of which this call got {share}"
            else:
                seen = now - self._began
                needed = wait + left * (seen + wait) / max(1, self._successes)
                # A burst of 429 says nothing of the minutes that follow.
                if self._last_closure and now - self._first_closed_at >= _WINDOW:
                    fastest += left * seen / self._successes
                rate = f"the service processed {self._successes} requests in {seen:.3g} s"
            if fastest < remaining:
                return None
            # A tenth more, because the responses take time as well.
            total = self._deadline.seconds
            enough = math.ceil((total - remaining + needed) * 1.1)
            return (
                f"{left} requests remain, and {rate}: they would exceed total_timeout ({total:.6g} s). Raise total_timeout"
                f" to {enough} s or more, or narrow the query"
            )

    def warning(self) -> str | None:
        """A warning for users if the service throttled."""
        with self.changed:
            if not self._epoch:
                return None
            allowed = f", which allows {self._limit}," if self._limit else ""
            return f"The service{allowed} throttled requests (HTTP 429); waited {self._waited:.3g} s."
