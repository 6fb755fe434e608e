# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check the filters of a query, and split them into batches that fit into one request."""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .._http.query import canonical_query

#: The maximum number of bytes of a filter in a query. With the path and other keys, a request line then has less than
#: 8,000 bytes, which common gateways accept.
LONGEST_FILTER = 6000


def filter_values(values: t.Sequence[str] | None, option: str) -> tuple[str, ...]:
    """The values of a filter in their order and without duplicates; empty if the option is not set.

    These errors usually come from a wrong template.

    @raises WorkspaceError: the list is empty, or a value is empty, too long, begins or ends with a space, or is a list
        that was converted to a string.
    """
    if values is None:
        return ()
    if not values:
        raise WorkspaceError(f"{option} is an empty list: use omit to leave it out and query everything.")
    for value in values:
        if not value.isascii() and any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise WorkspaceError(f"{option} contains a value that is not valid Unicode: check where it comes from.")
        if not value.strip():
            raise WorkspaceError(
                f"{option} contains an empty or blank value: remove it, or use omit to leave out {option}."
            )
        if len(canonical_query([(option, value)])) > LONGEST_FILTER:
            raise WorkspaceError(
                f"{option} contains a value of {len(value)} characters, which is too long: shorten it."
            )
        # Ansible splits strings at commas, so a value may be the beginning or the end of a list.
        if value.startswith(("['", '["')) or value.endswith(("']", '"]')) or value == "[]":
            raise WorkspaceError(
                f"{option} contains {value!r}, which looks like a list that was converted to a string: pass the list"
                " itself, without other text in the template."
            )
        if value != value.strip():
            raise WorkspaceError(
                f"{option} contains {value!r}, which begins or ends with a space: remove the space, and pass a list"
                " instead of a string with commas."
            )
    return tuple(dict.fromkeys(values))


def batches(values: t.Sequence[str], option: str, most: int) -> list[tuple[str, ...]]:
    """The values in groups of at most `most` and at most `LONGEST_FILTER` bytes of query.

    @param option: the key that is repeated for each value.
    """
    groups: list[tuple[str, ...]] = []
    group: list[str] = []
    size = 0
    for value in values:
        length = len(canonical_query([(option, value)])) + 1
        if group and (len(group) == most or size + length > LONGEST_FILTER):
            groups.append(tuple(group))
            group, size = [], 0
        group.append(value)
        size += length
    if group:
        groups.append(tuple(group))
    return groups


def page_values(offset: int | None, limit: int | None, offset_max: int | None, limit_max: int) -> list[tuple[str, str]]:
    """The query pairs of the requested page; empty if neither option is set.

    @raises WorkspaceError: a value is out of range.
    """
    pairs = []
    for name, value, largest in (("offset", offset, offset_max), ("limit", limit, limit_max)):
        if value is None:
            continue
        if isinstance(value, bool) or value < 0 or (largest is not None and value > largest):
            span = f"0 to {largest}" if largest is not None else "0 or more"
            raise WorkspaceError(f"{name} is {value}, but must be {span}.")
        pairs.append((name, str(value)))
    return pairs


def matcher(wanted: t.Iterable[str]) -> t.Callable[[t.Iterable[str | None]], bool]:
    """A function that returns whether any of its values matches, ignoring letter case. Without wanted names, all match.

    The service compares names in lower case. `str.casefold` would match `ß` with `ss`.
    """
    names = {name.lower() for name in wanted}
    return lambda found: not names or any((name or "").lower() in names for name in found)


def unmatched(wanted: t.Iterable[str], found: t.Iterable[str | None]) -> list[str]:
    """The wanted values that were not found, ignoring letter case."""
    known = {(name or "").lower() for name in found}
    return [name for name in wanted if name.lower() not in known]
