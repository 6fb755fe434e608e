# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which failures are retried, how long to wait before a retry, and when the time is over."""

from __future__ import annotations

import random
import threading
import time

from .libraries import RequestHistory, Retry, urllib3

#: Temporary failures of a gateway or the service. Throttling (429) is not a failure, see `pace`; all others are final.
RETRYABLE_STATUSES = frozenset((500, 502, 503, 504))

#: For jitter. A separate generator, so that retries do not change the random numbers of other code.
CHANCE = random.Random()

#: Seconds before the first retry, doubled for each further one (before jitter).
_FIRST_WAIT = 1.0


class Clock:
    """Tells the time and waits; tests replace it by a clock that does not wait."""

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        """Wait that long, or until something has changed.

        @param changed: held by the caller.
        """
        changed.wait(seconds)


class Deadline:
    """The end of a period.

    @param seconds: its length from now.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock.now() + seconds

    def remaining(self) -> float:
        """The remaining seconds; zero or less after the deadline."""
        return self._end - self._clock.now()


def asked_wait(retry_after: str | None) -> float | None:
    """The seconds in a `Retry-After` header (a number or a date), or `None` if it is absent or invalid."""
    if retry_after is None:
        return None
    try:
        return Retry(0).parse_retry_after(retry_after)
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None


def wait_before(retry: int, retry_after: str | None, longest: float) -> float:
    """Seconds to wait before a retry.

    @param retry: 1 for the first retry.
    @param retry_after: the header of the last response, if any; respected up to `longest`.
    @param longest: the longest single wait, in seconds.
    """
    asked = asked_wait(retry_after)
    if asked is not None:
        return min(longest, asked)
    # urllib3 counts the tries in a history and does not wait after the first one, so one is added.
    history = (RequestHistory(None, None, None, None, None),) * (retry + 1)
    backoff = Retry(0, backoff_factor=_FIRST_WAIT / 2, history=history).get_backoff_time()
    # Half of it is random, so that clients that failed together do not retry together.
    return min(longest, backoff) * CHANCE.uniform(0.5, 1.0)
