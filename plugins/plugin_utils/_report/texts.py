# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of all formats of a report: numbers with their nouns, times, and records as rows of a table."""

from __future__ import annotations

import contextlib
import os
import re
import typing as t

from ...module_utils._http.timestamps import named_zone, time_in_utc
from ...module_utils._workspace.usage import LAST_USE

#: Control characters other than tabs and line breaks, and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

#: Result keys with records outside of `findings`.
_RECORD_LISTS = ("in_use", "in_use_but_allowed")

#: Pairs of fields with the ID and the name of the subject of a record; the first pair in the record is used.
_SUBJECTS = (("desktop_id", "computer_name"), ("desktop_id", "desktop_name"), ("pool_id", "pool_name"))
_USER = ("user_id", "user_name")

#: Fields with a column or words of their own.
_ELSEWHERE = (*_USER, "attach_users", "users", "connected_since", "reasons", *LAST_USE)

#: The reasons of `desktops_in_error` as words; the others are names of fields.
_REASONS = {"frozen": "frozen", "isolated": "isolated", "out of domain": "left its domain"}

#: Fields that `reasons` explains.
_EXPLAINED = ("status", "attach_state", "is_freeze", "isolated", "domain_status")

Record = dict[str, t.Any]


class Row(t.NamedTuple):
    """A row of a table.

    @param user_name: the names of the users that the record is about or is assigned to.
    @param details: the other fields of the record.
    """

    name: str = ""
    id: str = ""
    user_name: str = ""
    user_id: str = ""
    details: str = ""


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


def findings_of(answer: t.Mapping[str, t.Any]) -> dict[str, list[Record]]:
    """The lists of records in a result, by finding."""
    found = dict(answer.get("findings") or {})
    return found | {name: answer[name] for name in _RECORD_LISTS if answer.get(name)}


def message_of(answer: t.Mapping[str, t.Any]) -> str:
    """The message of a project without the lines about desktops in use, which the report lists separately."""
    names = (*(f"{desktop['desktop_name']}: " for desktop in answer.get("in_use") or ()), "and ")
    lines = [line for line in str(answer.get("msg")).splitlines() if not line.startswith(names)]
    return "\n".join(lines).replace(":\n", ".\n")


def not_known_of(answer: t.Mapping[str, t.Any]) -> dict[str, dict[str, list[str]]]:
    """Finding -> reason -> IDs of the records for which the finding is not known; without empty entries."""
    found = (answer.get("not_known") or {}).items()
    return {finding: reasons for finding, reasons in found if any(reasons.values())}


def row_of(record: Record) -> Row:
    """Convert a record to a row."""
    id_key, name_key = subject = next((keys for keys in _SUBJECTS if set(keys) <= record.keys()), _USER)
    user_id, user_name = (text_of(record.get(key)) for key in _USER)
    attached = record.get("attach_users") or []
    ids, names = ([text_of(user.get(key)) for user in attached if user.get(key)] for key in ("id", "name"))
    assigned = list(map(text_of, record.get("users") or []))
    others = []
    if user_id or user_name:
        # The finding is about this user; the desktop may be assigned to others as well.
        others = [name for name in assigned if name != user_name]
    else:
        user_id, user_name = ", ".join(ids), ", ".join(names or assigned)
    reasons = record.get("reasons") or []
    details = [_REASONS.get(reason) or f"{reason}: {text_of(record.get(reason))}" for reason in reasons]
    hidden = {*subject, *_ELSEWHERE, *(_EXPLAINED if reasons else ())}
    details += [f"{key}: {text}" for key, value in record.items() if key not in hidden and (text := text_of(value))]
    details += [f"connected since {record['connected_since']}"] if record.get("connected_since") else []
    details += [f"also assigned to {', '.join(others)}"] if others else []
    details += _last_use(record)
    return Row(text_of(record.get(name_key)), text_of(record.get(id_key)), user_name, user_id, ", ".join(details))


def _last_use(record: Record) -> list[str]:
    user, at, days = (record.get(key) for key in LAST_USE)
    if user is None and at is None:
        return []
    ago = f", {counted(int(days), 'day')} ago" if days is not None and days >= 1 else ""
    on = f" {at[:10]}{ago}" if at is not None else ""
    by = f"{',' if ago else ''} by {user}" if user is not None else ""
    return [f"last used{on}{by}"]


def text_of(value: t.Any) -> str:
    """A value as readable text; empty for `None`, an empty list, and the like."""
    if isinstance(value, list):
        return " ".join(map(text_of, value))
    if isinstance(value, dict):
        return str(value.get("name", value or ""))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
