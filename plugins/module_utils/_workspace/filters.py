# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""The filters of a query: check them, and cut them into batches that fit into one request."""

from __future__ import annotations

import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import canonical_query

#: Bytes of a filter in a query. With path, host and the other keys a request line stays under 8,000, which
#: common gateways take.
LONGEST_FILTER = 6000


def filter_values(values: t.Sequence[str] | None, option: str) -> tuple[str, ...]:
    """The values of a filter, each once, in the order given; nothing if the option was left out.

    @raises WorkspaceError: an empty list, or an empty, blank or endless value: a template that went wrong.
    """
    if values is None:
        return ()
    if not values:
        raise WorkspaceError(f"{option} is an empty list: leave it out or use the omit variable to ask for all.")
    for value in values:
        if not value.isascii() and any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise WorkspaceError(f"{option} holds a value that is no valid text (UTF-8).")
        if not value.strip():
            raise WorkspaceError(f"{option} holds an empty or blank value: remove it, or leave out {option} with omit.")
        if len(canonical_query([(option, value)])) > LONGEST_FILTER:
            raise WorkspaceError(f"{option} holds a value of {len(value)} characters, which is too long to ask for.")
    return tuple(dict.fromkeys(values))


def batches(values: t.Sequence[str], option: str, most: int) -> list[tuple[str, ...]]:
    """The values in groups of at most C(most) and at most C(LONGEST_FILTER) bytes of query.

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
    """The query pairs of a page that the user asked for; nothing if neither is given.

    @raises WorkspaceError: out of range.
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
