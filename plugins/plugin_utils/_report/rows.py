# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of a report as rows of a table."""

from __future__ import annotations

import typing as t

#: Result keys with records outside of `findings`.
_RECORD_LISTS = ("in_use", "in_use_but_allowed")

#: Pairs of fields with the ID and the name of the subject of a record; the first pair in the record is used.
_SUBJECTS = (("desktop_id", "computer_name"), ("desktop_id", "desktop_name"), ("pool_id", "pool_name"))
_USER = ("user_id", "user_name")

_LAST_USE = ("last_user_name", "last_used_at", "idle_days")

Record = dict[str, t.Any]


class Row(t.NamedTuple):
    """A row of a table.

    @param details: the other fields of the record, as `field: value`.
    """

    name: str = ""
    id: str = ""
    user_name: str = ""
    user_id: str = ""
    details: str = ""


def findings_of(answer: t.Mapping[str, t.Any]) -> dict[str, list[Record]]:
    """The lists of records in a result, by finding."""
    found = dict(answer.get("findings") or {})
    return found | {name: answer[name] for name in _RECORD_LISTS if answer.get(name)}


def row_of(record: Record) -> Row:
    """Convert a record to a row."""
    subject = next((keys for keys in _SUBJECTS if set(keys) <= record.keys()), _USER)
    users = record.get("attach_users")
    if users is None:
        users = [{"id": record.get("user_id"), "name": record.get("user_name")}]
    shown = {*subject, *_USER, "attach_users", *_LAST_USE}
    details = [f"{key}: {text_of(value)}" for key, value in record.items() if key not in shown and value is not None]
    details += _last_use(record)
    return Row(
        name=text_of(record.get(subject[1])),
        id=text_of(record.get(subject[0])),
        user_name=", ".join(text_of(user.get("name")) for user in users if user.get("name")),
        user_id=", ".join(text_of(user.get("id")) for user in users if user.get("id")),
        details=", ".join(details),
    )


def _last_use(record: Record) -> list[str]:
    user, at, days = (record.get(key) for key in _LAST_USE)
    if user is None and at is None:
        return []
    on = f" {at[:10]}, {days} days ago," if at is not None else ""
    by = f" by {user}" if user is not None else ""
    return [f"last used{on}{by}".rstrip(",")]


def text_of(value: t.Any) -> str:
    """A value as readable text; empty for `None`."""
    if isinstance(value, list):
        return " ".join(text_of(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("name", value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
