# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The state of a call: its deadline, its cancellation, and when its next request may be sent.

At most `width` requests are in progress. After a 429 (throttling) all requests of the call wait; then one is sent, and the
others follow when it has succeeded. A 429 halves the width, and each window without one adds one. `Retry-After` tells how
long to wait. Without it, the limit that the response names (`limit:200,time:1 minute`) tells when the service no longer
counts the oldest of our own requests. If these are fewer than the limit allows, other clients share it: then requests are
retried earlier, at growing intervals.
"""

from __future__ import annotations

import collections
import math
import re
import threading
import typing as t

from . import errors, retry

#: The longest wait that the service did not ask for, in seconds. The windows of the service are a minute.
_WINDOW = 60.0

#: The first wait if nothing tells how long, in seconds.
_FIRST_WAIT = 1.0

# "policy user over ratelimit,limit:200,time:1 minute"
_NAMED_LIMIT = re.compile(r"limit:\s*(\d+)\s*,\s*time:\s*(\d+)\s*(second|minute|hour|day)", re.IGNORECASE)
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class _Limit(t.NamedTuple):
    """A rate limit."""

    requests: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.requests} requests in {self.seconds:g} s"


def _named_limit(text: str) -> _Limit | None:
    """The limit in the text of a 429."""
    found = _NAMED_LIMIT.search(text)
    if not found or not int(found[1]) or not int(found[2]):
        return None
    return _Limit(int(found[1]), float(int(found[2]) * _UNITS[found[3].lower()]))


class Call:
    """A call. It is thread-safe.

    @param seconds: for all its requests, including waits, from now on.
    @param concurrency: the maximum number of simultaneous requests.
    """

    def __init__(self, seconds: float, concurrency: int, clock: retry.Clock) -> None:
        self.seconds = seconds
        self._concurrency = self._width = concurrency
        self._clock = clock
        self._began = self._widened = clock.now()
        # Notified of each change; held while anything here is read or written.
        self._changed = threading.Condition()
        self._cause: BaseException | None = None
        self._planned = 0
        self._in_progress = 0
        # The times of responses other than 429, as far back as the limit counts them, and the number of all of them.
        self._succeeded: collections.deque[float] = collections.deque()
        self._successes = 0
        # The number of closures. A 429 to a request that was sent before the last one does not cause another one.
        self._epoch = 0
        # The number of 429 since the last other response, the time of the first of them, and when the next request may
        # be sent.
        self._in_a_row = 0
        self._closed_at = 0.0
        self._opens = self._began
        # Of the closures that have ended: the length of the last one and of all, and when the first one began.
        self._last_closure = 0.0
        self._waited = 0.0
        self._first_closed_at = 0.0
        # The limit of the service, and our share of it at the last 429.
        self._limit: _Limit | None = None
        self._share = 0

    def remaining(self) -> float:
        """The seconds until the deadline; zero or less after it."""
        return self._began + self.seconds - self._clock.now()

    def is_cancelled(self) -> bool:
        return self._cause is not None

    def cancel(self, cause: BaseException) -> bool:
        """End all waits, and return whether the call was not cancelled before."""
        with self._changed:
            is_first = self._cause is None
            if is_first:
                self._cause = cause
                self._changed.notify_all()
        return is_first

    def plan(self, requests_more: int) -> None:
        """Add to the number of planned requests, with which a call that cannot be completed in time fails early."""
        with self._changed:
            self._planned += requests_more

    def check(self) -> None:
        """Raise the cause if the call was cancelled."""
        if self._cause is not None:
            raise self._cause

    def time_left(self, request: str, attempts: int) -> float:
        """The remaining seconds.

        @raises WorkspaceError: no time is left, or the call was cancelled.
        """
        self.check()
        left = self.remaining()
        if left <= 0:
            why = self._shortfall() or (
                f"total_timeout ({self.seconds:.6g} s) is exceeded: raise it, or narrow the query"
            )
            raise errors.WorkspaceError(f"{why}. {request} was not sent.", attempts=attempts or None)
        return left

    def check_throttling(self, error: errors.WorkspaceError) -> None:
        """Raise an error after a 429 if the planned requests exceed the deadline."""
        shortfall = self._shortfall()
        if shortfall:
            raise errors.WorkspaceError(f"{shortfall}. {error.without_hint}", **error.facts)

    def wait(self, seconds: float) -> None:
        """Wait before a retry, or until the call is cancelled."""
        end = self._clock.now() + seconds
        with self._changed:
            while self._cause is None and self._clock.now() < end:
                self._clock.wait(self._changed, end - self._clock.now())

    def enter(self, seconds: float) -> int | None:
        """Wait for the permission to send one request.

        @returns: the argument for `leave`, or `None` after so many seconds or if the call is cancelled.
        """
        with self._changed:
            end = self._clock.now() + seconds
            while self._cause is None:
                now = self._clock.now()
                is_full = self._in_progress >= (1 if self._in_a_row else self._width)
                wait = math.inf if is_full else self._opens - now
                if wait <= 0:
                    self._in_progress += 1
                    return self._epoch
                if now >= end:
                    break
                self._clock.wait(self._changed, min(wait, end - now))
        return None

    def leave(self, epoch: int, status: int | None, error: errors.WorkspaceError | None) -> None:
        """Call this after a request.

        @param epoch: the result of `enter` for it.
        @param status: of the response; `None` if there was none.
        """
        with self._changed:
            now = self._clock.now()
            self._in_progress -= 1
            is_current = epoch == self._epoch
            if error and status == 429 and is_current:
                self._close(now, error)
            elif error and status == 429 and self._in_a_row:
                # It was in progress together with the one that caused the closure.
                self._opens = max(self._opens, now + (error.asked or 0))
            elif status not in (None, 429):
                self._succeeded.append(now)
                self._successes += 1
                if self._in_a_row and is_current:
                    self._in_a_row = 0
                    self._last_closure = now - self._closed_at
                    self._waited += self._last_closure
                    self._widened = now
                if now - self._widened >= (self._limit.seconds if self._limit else self._last_closure):
                    self._width = min(self._concurrency, self._width + 1)
                    self._widened = now
            self._changed.notify_all()

    def _close(self, now: float, error: errors.WorkspaceError) -> None:
        if not self._in_a_row:
            self._closed_at = now
            self._width = max(1, self._width // 2)
        self._first_closed_at = self._first_closed_at or now
        self._epoch += 1
        self._in_a_row += 1
        self._limit = _named_limit(error.said) or self._limit
        wait = self._own_wait(now)
        if error.asked is not None:
            wait = error.asked if self._in_a_row == 1 else max(error.asked, min(wait, _FIRST_WAIT))
        self._opens = now + wait

    def _own_wait(self, now: float) -> float:
        """How long to wait if the service does not tell."""
        # About as long as the last time, with growing intervals. Of a minute, the vendor advises to retry after 2 to 5 s.
        first = self._limit.seconds / 12 if self._limit else max(_FIRST_WAIT, self._last_closure / 2)
        wait: float = first * 2 ** min(self._in_a_row - 1, 10) * retry.CHANCE.uniform(0.8, 1.2)
        # It must not take all the remaining time without being known to be necessary.
        wait = min(wait, max(_FIRST_WAIT, self.remaining() / 2))
        if self._limit:
            early = min(wait, self._limit.seconds / 3)
            while self._succeeded and self._succeeded[0] <= now - self._limit.seconds:
                self._succeeded.popleft()
            self._share = min(len(self._succeeded), self._limit.requests)
            ours = self._succeeded[-self._share] + self._limit.seconds - now if self._share else math.inf
            wait = max(ours if self._share == self._limit.requests else min(ours, early), early / 20)
        return min(wait, _WINDOW)

    def _shortfall(self) -> str | None:
        """After a 429 or the deadline: why the planned requests exceed it, or `None` if they may not."""
        with self._changed:
            remaining, left = self.remaining(), max(1, self._planned)
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
            enough = math.ceil((self.seconds - remaining + needed) * 1.1)
            return (
                f"{left} requests remain, and {rate}: they would exceed total_timeout ({self.seconds:.6g} s). Raise"
                f" total_timeout to {enough} s or more, or narrow the query"
            )

    def warnings(self) -> list[str]:
        """A warning for users if the service throttled."""
        with self._changed:
            if not self._epoch:
                return []
            allowed = f", which allows {self._limit}," if self._limit else ""
            return [f"The service{allowed} throttled requests (HTTP 429); waited {self._waited:.3g} s."]
