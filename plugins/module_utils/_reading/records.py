# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read fields of API records. A field may be missing or null, but must not have another type."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .._http import client

    Kind = t.TypeVar("Kind")

Record = dict[str, t.Any]
#: Reads a field; raises `WorkspaceError` if it has another type.
Reader = t.Callable[["client.Response", Record, str], t.Any]
#: A function that reads fields -> their keys.
Fields = t.Mapping[Reader, t.Sequence[str]]


def _reader(kind: type[Kind], wanted: str) -> t.Callable[[client.Response, Record, str], Kind | None]:
    """A function that reads a field of this type, or null."""

    def read(answer: client.Response, record: Record, key: str) -> Kind | None:
        value = record.get(key)
        # A bool is an int in Python, but not in JSON.
        if value is None or (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)):
            return value
        raise answer.unusable(f"the field {key} is of type {type(value).__name__}, not {wanted}")

    return read


text = _reader(str, "a string")
boolean = _reader(bool, "true or false")
integer = _reader(int, "an integer")
_list = _reader(list, "a list")


def _list_of(kind: type[Kind], wanted: str) -> t.Callable[[client.Response, Record, str], list[Kind] | None]:
    """The same for a list. An empty list states that there is nothing; null states nothing."""

    def read(answer: client.Response, record: Record, key: str) -> list[Kind] | None:
        value = _list(answer, record, key)
        for item in value or ():
            if not isinstance(item, kind):
                raise answer.unusable(f"the list {key} contains an item of type {type(item).__name__}, not {wanted}")
        return value

    return read


texts = _list_of(str, "a string")
objects = _list_of(dict, "an object")


def objects_with(fields: Fields) -> Reader:
    """A function that reads a list of objects with these fields, or null."""

    def read(answer: client.Response, record: Record, key: str) -> list[Record] | None:
        value = objects(answer, record, key)
        for item in value or ():
            complete(answer, item, fields)
        return value

    return read


def or_empty(read: Reader, empty: type = list) -> Reader:
    """A function that reads the same field, and returns an empty list, or another type, instead of null."""

    def read_or_empty(answer: client.Response, record: Record, key: str) -> t.Any:
        value = read(answer, record, key)
        return empty() if value is None else value

    return read_or_empty


def anything(_answer: client.Response, record: Record, key: str) -> t.Any:
    """A field that may have any type."""
    return record.get(key)


def complete(answer: client.Response, record: Record, fields: Fields) -> Record:
    """Check the fields of a record and add missing ones as null in place. Additional keys of the API are kept."""
    for read, keys in fields.items():
        for key in keys:
            record[key] = read(answer, record, key)
    return record


def only(answer: client.Response, record: Record, fields: Fields) -> Record:
    """A record with these fields only."""
    return {key: read(answer, record, key) for read, keys in fields.items() for key in keys}


def fill_lists(records: t.Iterable[Record], identity: str, *keys: str) -> dict[str, list[str]]:
    """Replace null by an empty list in these fields, in the result of a module.

    @returns: field -> the IDs of the records without it.
    """
    missing: dict[str, list[str]] = {}
    for record in records:
        for key in keys:
            if record[key] is None:
                record[key] = []
                missing.setdefault(key, []).append(record[identity])
    return missing


def rows(answer: client.Response, key: str) -> list[Record]:
    """The list of records in the response.

    @raises WorkspaceError: the list is missing.
    """
    found = objects(answer, answer.document, key)
    if found is None:
        raise answer.unusable(f"it lacks {key}: a proxy or another service may have answered, check endpoint")
    return found


def is_group(entry: Record) -> bool | None:
    """Whether an entry of `attach_users` or `attach_user_infos` is a user group; `None` if it has no type."""
    return "GROUP" in entry["type"] if entry.get("type") else None
