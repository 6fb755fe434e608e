# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read fields of API records. A field may be missing or null, but must not have another type."""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError

if t.TYPE_CHECKING:
    from .._http.client import Response

Record = dict[str, t.Any]


def _wrong_type(answer: Response, key: str, value: t.Any, wanted: str) -> WorkspaceError:
    return answer.unusable(f"the field {key} is of type {type(value).__name__}, not {wanted}")


def text(answer: Response, record: Record, key: str) -> str | None:
    """A string or null.

    @raises WorkspaceError: the field has another type, as in all functions of this file.
    """
    value = record.get(key)
    if value is None or isinstance(value, str):
        return value
    raise _wrong_type(answer, key, value, "a string")


def boolean(answer: Response, record: Record, key: str) -> bool | None:
    """True, false or null."""
    value = record.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise _wrong_type(answer, key, value, "true or false")


def integer(answer: Response, record: Record, key: str) -> int | None:
    """An integer or null. In Python a bool is also an int, but not in JSON."""
    value = record.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise _wrong_type(answer, key, value, "an integer")


def objects(answer: Response, record: Record, key: str) -> list[Record]:
    """A list of objects; empty for null."""
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong_type(answer, key, value, "a list")
    for item in value:
        if not isinstance(item, dict):
            raise answer.unusable(f"the list {key} contains an item of type {type(item).__name__}, not an object")
    return value


def objects_or_null(answer: Response, record: Record, key: str) -> list[Record] | None:
    """A list of objects, or null. An empty list states that there are none; null states nothing."""
    return None if record.get(key) is None else objects(answer, record, key)


def complete(
    answer: Response,
    row: Record,
    *,
    texts: t.Iterable[str] = (),
    flags: t.Iterable[str] = (),
    numbers: t.Iterable[str] = (),
    lists: t.Iterable[str] = (),
    maps: t.Iterable[str] = (),
) -> Record:
    """Check the fields of a record and add missing ones as null in place. Additional keys of the API are kept.

    @param lists: lists of objects, or null.
    @param maps: fields that are empty objects instead of null, and are not checked.
    """
    for read, keys in ((text, texts), (boolean, flags), (integer, numbers), (objects_or_null, lists)):
        for key in keys:
            row[key] = read(answer, row, key)
    for key in maps:
        if row.get(key) is None:
            row[key] = {}
    return row


def fill_lists(records: t.Iterable[Record], *keys: str) -> None:
    """Replace null by an empty list in these fields, in the result of a module."""
    for record in records:
        for key in keys:
            record[key] = record[key] or []


def without_lists(records: t.Sequence[Record], *keys: str) -> dict[str, list[str]]:
    """Field -> the IDs of the desktops without it. Call this before `fill_lists`, which makes these lists empty."""
    missing = {key: [record["desktop_id"] for record in records if record[key] is None] for key in keys}
    return {key: ids for key, ids in missing.items() if ids}


def rows(answer: Response, key: str) -> list[Record]:
    """The list of records in the response.

    @raises WorkspaceError: the list is missing.
    """
    if answer.document.get(key) is None:
        raise answer.unusable(f"it lacks {key}: a proxy or another service may have answered, check endpoint")
    return objects(answer, answer.document, key)


def texts(answer: Response, record: Record, key: str) -> list[str]:
    """A list of strings; empty for null."""
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong_type(answer, key, value, "a list of strings")
    return value


def is_group(entry: Record) -> bool | None:
    """Whether an entry of `attach_users` or `attach_user_infos` is a user group; `None` if it has no type."""
    return "GROUP" in entry["type"] if entry.get("type") else None
