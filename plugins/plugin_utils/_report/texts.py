# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of all formats of a report: numbers with their nouns, times, and names without control characters."""

from __future__ import annotations

import contextlib
import os
import re

from ...module_utils._http.timestamps import named_zone, time_in_utc

#: Control characters other than tabs and line breaks, and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def cleaned(text: str) -> str:
    """The text with a replacement character for each control character, which could change a terminal or a page."""
    return _CONTROLS.sub("\ufffd", text)


def counted(count: int, noun: str) -> str:
    """A number and its noun, such as `1 desktop` or `2,000 desktops`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def shown_time(text: str) -> str:
    """A time in UTC and, if the environment variable `TZ` names a known time zone, in that one as well."""
    name = os.environ.get("TZ", "").lstrip(":")
    moment, zone = time_in_utc(text), named_zone(name)
    if moment and zone:
        # `OverflowError`: after the year 9999.
        with contextlib.suppress(OverflowError):
            return f"{text} ({moment.astimezone(zone):%Y-%m-%d %H:%M} {name})"
    return text
