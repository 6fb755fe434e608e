# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Times in the format of the results."""

from __future__ import annotations

import datetime


def utc_now() -> datetime.datetime:
    """The current time in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def utc_timestamp(moment: datetime.datetime | None = None) -> str:
    """A time in UTC, such as `2026-11-24T21:05:00Z`.

    @param moment: a time with a time zone; the default is now.
    """
    return (moment or utc_now()).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
