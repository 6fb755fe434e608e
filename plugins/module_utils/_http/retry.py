# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which failures are retried, and how long to wait before a retry."""

from __future__ import annotations

import email.utils
import random
import threading
import time
import typing as t

#: Temporary failures of a gateway or the service. Throttling (429) is not a failure, see `call`; all others are permanent.
RETRYABLE_STATUSES = frozenset((500, 502, 503, 504))

#: For jitter. A separate generator, so that retries do not change the random numbers of other code.
CHANCE = random.Random()

#: The longest wait between retries before `retry_max_delay` limits it, in seconds.
_LONGEST_BACKOFF = 120.0

#: The longest wait that a `Retry-After` header may ask for: ten years, in seconds.
_LONGEST_ASKED = 3.2e8


class Clock:
    """Tells the time and waits; tests replace it by a clock that does not wait."""

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        """Wait that long, or until something has changed. The caller holds `changed`."""
        changed.wait(seconds)


def http_date(value: str | None) -> float | None:
    """A date in a header as seconds since 1970, or `None` if it is absent or invalid."""
    try:
        return email.utils.parsedate_to_datetime(value or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def asked_wait(headers: t.Mapping[str, str]) -> float | None:
    """The seconds in a `Retry-After` header, or `None` if it is absent or invalid.

    A date is compared with the `Date` of the response, because the clocks of this machine and the server may differ.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_ASKED)
    until = http_date(value)
    if until is None:
        return None
    now = http_date(headers.get("Date"))
    return max(0.0, until - (time.time() if now is None else now))


def wait_before(retry: int, asked: float | None, longest: float) -> float:
    """Seconds to wait before a retry.

    @param retry: 1 for the first retry.
    @param asked: the seconds that the server asks for, if any; respected up to `longest`.
    """
    if asked is not None:
        return min(longest, asked)
    # Half of it is random, so that clients that failed together do not retry together.
    return min(longest, _LONGEST_BACKOFF, 2.0 ** (retry - 1)) * CHANCE.uniform(0.5, 1.0)
