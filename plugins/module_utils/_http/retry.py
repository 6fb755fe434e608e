# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which failure may pass, how long to wait before the next try, when the time is up."""

from __future__ import annotations

import random
import threading
import time

from .libraries import RequestHistory, Retry, urllib3

#: What a gateway or a service under way says. Throttling (429) is no failure, see `pace`; all others are final.
RETRYABLE_STATUSES = frozenset((500, 502, 503, 504))

#: For jitter. A separate generator, so that retries do not change the random numbers of other code.
CHANCE = random.Random()

#: Seconds before the first further try, which double with each one after (before jitter).
_FIRST_WAIT = 1.0


class Clock:
    """The clock and how to wait; tests replace it by one that does not wait."""

    def now(self) -> float:
        """Seconds, from any moment."""
        return time.monotonic()

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        """Wait so long, or until something has changed.

        @param changed: held by the caller.
        """
        changed.wait(seconds)


class Deadline:
    """The end of a span of time.

    @param seconds: from now.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock.now() + seconds

    def remaining(self) -> float:
        """Seconds left; zero or less once it has passed."""
        return self._end - self._clock.now()


def asked_wait(retry_after: str | None) -> float | None:
    """The seconds that a `Retry-After` header asks for (a number or a date), or `None` if it is absent or unreadable."""
    if retry_after is None:
        return None
    try:
        return Retry(0).parse_retry_after(retry_after)
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None


def wait_before(retry: int, retry_after: str | None, longest: float) -> float:
    """Seconds to wait before a further try.

    @param retry: 1 for the first further try.
    @param retry_after: the header of the answer before, if any; it is honoured up to `longest`.
    @param longest: the longest single wait, in seconds.
    """
    asked = asked_wait(retry_after)
    if asked is not None:
        return min(longest, asked)
    # urllib3 counts the tries in a history and does not wait after the first one, hence one more.
    history = (RequestHistory(None, None, None, None, None),) * (retry + 1)
    backoff = Retry(0, backoff_factor=_FIRST_WAIT / 2, history=history).get_backoff_time()
    # Half is fixed, half is chance: clients that failed together do not come back together.
    return min(longest, backoff) * CHANCE.uniform(0.5, 1.0)
