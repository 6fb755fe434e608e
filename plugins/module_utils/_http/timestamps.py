# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Times: of the service, converted to UTC, and in the format of the results."""

from __future__ import annotations

import contextlib
import datetime
import re

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?([0-5]\d))?")


def utc_now() -> datetime.datetime:
    """The current time in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def utc_timestamp(moment: datetime.datetime | None = None) -> str:
    """A time in UTC, such as `2026-11-24T21:05:00Z`.

    @param moment: a time with a time zone; the default is now.
    """
    # `strftime` does not write all years with four digits.
    moment = (moment or utc_now()).astimezone(datetime.timezone.utc)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def has_time_zones() -> bool:
    """Whether this host has a time zone database."""
    return named_zone("UTC") is not None


def _zone(name: str) -> datetime.tzinfo | None:
    """The time zone; `None` if it is not known. The format of the field is not documented."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        delta = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0))
        # The largest offset of any time zone.
        most = datetime.timedelta(hours=14)
        return datetime.timezone(-delta if sign == "-" else delta) if delta <= most else None
    if name in ("UTC", "GMT", "Z"):
        return datetime.timezone.utc
    return named_zone(name)


def named_zone(name: str) -> datetime.tzinfo | None:
    """The time zone; `None` if it is not known or this host has no data for it."""
    import zoneinfo  # Not at the top, because most calls need no time zone.

    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


def time_in_utc(time: str | None, time_zone: str | None = None) -> datetime.datetime | None:
    """Convert a time such as `2026-11-27 22:30:00` to UTC; `None` if it cannot be determined.

    @param time_zone: a name such as `Asia/Shanghai`, or an offset such as `GMT+08:00`. If the time has an offset as well,
        the earlier of both times is returned.
    """
    match = _TIME.fullmatch((time or "").strip())
    moments = []
    for name in (match[3], time_zone) if match else ():
        zone = _zone((name or "").strip())
        if match and zone:
            # `OverflowError`: before the year 1 or after the year 9999 in UTC.
            with contextlib.suppress(OverflowError, ValueError):
                moment = datetime.datetime.fromisoformat(f"{match[1]} {match[2]}").replace(tzinfo=zone)
                moments.append(moment.astimezone(datetime.timezone.utc))
    return min(moments, default=None)


def utc_time(time: str | None) -> datetime.datetime | None:
    """The same for a time that is in UTC unless it has an offset."""
    return time_in_utc(time) or time_in_utc(time, "UTC")
