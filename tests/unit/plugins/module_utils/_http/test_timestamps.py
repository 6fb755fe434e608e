# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of the service, in any format that is known, or none."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.timestamps import (
    time_in_utc,
    utc_timestamp,
)


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        ("2026-11-27 22:30:00", "Asia/Shanghai", "2026-11-27T14:30"),
        ("2026-11-27 22:30:00", "GMT+08:00", "2026-11-27T14:30"),
        ("2026-11-27T22:30:00.000", "UTC+8", "2026-11-27T14:30"),
        ("2026-11-27 22:30", "+0530", "2026-11-27T17:00"),
        ("2026-11-27 22:30:00", "GMT-03:00", "2026-11-28T01:30"),
        ("2026-11-27 22:30:00", " UTC ", "2026-11-27T22:30"),
        # With two time zones, the earlier time.
        ("2026-11-27T22:30:00Z", "Asia/Shanghai", "2026-11-27T14:30"),
        ("2026-11-27T22:30:00+00:00", "GMT-03:00", "2026-11-27T22:30"),
        ("2026-11-27T22:30:00+08:00", "Beijing time", "2026-11-27T14:30"),
        ("0999-01-01 00:00:00", "UTC", "0999-01-01T00:00"),
        ("2026-07-27 22:30:00", "Europe/Berlin", "2026-07-27T20:30"),
        # Of an hour that the clock shows twice, the first.
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-11-27 22:30:00", None, None),
        ("2026-11-27 22:30:00", "", None),
        ("2026-11-27 22:30:00", "Beijing time", None),
        ("2026-11-27 22:30:00", "../../etc/passwd", None),
        ("2026-11-27 22:30:00", "Asia", None),
        ("2026-11-27 22:30:00", "GMT+80:00", None),
        ("2026-13-27 22:30:00", "UTC", None),
        ("0001-01-01 00:00:00", "GMT+08:00", None),
        ("2026-11-27", "UTC", None),
        ("soon", "UTC", None),
        (None, "UTC", None),
    ],
)
def test_times_in_utc(time: str | None, zone: str | None, expected: str | None) -> None:
    moment = time_in_utc(time, zone)
    assert (moment and utc_timestamp(moment)[:16]) == expected
