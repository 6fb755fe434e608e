# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check the filters of a query, and split them into batches that fit into one request."""

from __future__ import annotations

import re
import typing as t

from .._http import errors, query

if t.TYPE_CHECKING:
    from .listing import Listing
    from .records import Record

    #: Whether a record matches a filter; `None` if the service does not return what the filter compares.
    Condition = t.Callable[[Record], t.Optional[bool]]
    #: Option -> the field that it compares, and its filter.
    Conditions = dict[str, tuple[str, Condition]]

#: The maximum number of bytes of a filter in a query. With the path and other keys, a request line then has less than
#: 8,000 bytes, which common gateways accept.
LONGEST_FILTER = 6000

#: The ID of an enterprise project, apart from `0`, the default one.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: The maximum number of names that a message lists.
_MOST_SHOWN = 5


def filter_values(values: t.Sequence[str] | None, option: str) -> tuple[str, ...]:
    """The values of a filter in their order and without duplicates; empty if the option is not set.

    These errors usually come from a wrong template.

    @raises WorkspaceError: the list is empty, or a value is empty, too long, begins or ends with a space, contains a
        line break, or is a list that was converted to a string.
    """
    if values is None:
        return ()
    if not values:
        raise errors.WorkspaceError(f"{option} is an empty list: use omit to leave it out and query everything.")
    for value in values:
        if not value.isascii() and any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise errors.WorkspaceError(
                f"{option} contains a value that is not valid Unicode: check where it comes from."
            )
        if not value.strip():
            raise errors.WorkspaceError(
                f"{option} contains an empty or blank value: remove it, or use omit to leave out {option}."
            )
        if len(query.canonical_query([(option, value)])) > LONGEST_FILTER:
            raise errors.WorkspaceError(
                f"{option} contains a value of {len(value)} characters, which is too long: shorten it."
            )
        # Ansible splits strings at commas, so a value may be the beginning or the end of a list.
        if value.startswith(("['", '["')) or value.endswith(("']", '"]')) or value == "[]":
            raise errors.WorkspaceError(
                f"{option} contains {value!r}, which looks like a list that was converted to a string: pass the list"
                " itself, without other text in the template."
            )
        if value != value.strip():
            raise errors.WorkspaceError(
                f"{option} contains {value!r}, which begins or ends with a space: remove the space, and pass a list"
                " instead of a string with commas."
            )
        if len(value.splitlines()) > 1:
            raise errors.WorkspaceError(
                f"{option} contains {value!r}, which has a line break in it: pass a list with one value per item."
            )
    return tuple(dict.fromkeys(values))


def tag_values(tags: t.Mapping[t.Any, t.Any] | None) -> set[tuple[str, str]]:
    """The keys and values of the option `tags`; empty if the option is not set.

    @raises WorkspaceError: there are none, or one is not a string. YAML reads `0042` as the number 34, and `22:30` as
        1350, which would match other tags.
    """
    if tags is None:
        return set()
    if not tags:
        raise errors.WorkspaceError("tags is an empty dictionary: use omit to leave it out and query everything.")
    for key, value in tags.items():
        for text, what in ((key, "the key"), (value, f"the value of {key}")):
            if not isinstance(text, str):
                raise errors.WorkspaceError(
                    f"tags: {what} must be a string, but is {text!r}: put it in quotes, because YAML reads values such as"
                    " 0042, 22:30, 1.10 and yes as something else."
                )
    filter_values(list(tags), "tags")
    return set(tags.items())


def check_enterprise_project(value: str | None) -> None:
    """Check the option `enterprise_project_id`.

    @raises WorkspaceError: it is neither `0` nor a UUID, in any letter case.
    """
    if value is not None and value != "0" and not _UUID.fullmatch(value.lower()):
        raise errors.WorkspaceError(
            f"enterprise_project_id is {value!r}, but must be the ID of an enterprise project: 0 for the default one, or"
            " a UUID such as 5a43f2ce-5bd4-4f4c-8c22-d0cf4e8d8e15."
        )


def unknown_enterprise_project(wanted: str | None, records: t.Collection[Record], noun: str) -> list[str]:
    """A warning if records were read, but none of them is in the wanted enterprise project."""
    if wanted is None or not records or unmatched([wanted], (one["enterprise_project_id"] for one in records)) == []:
        return []
    return [f"enterprise_project_id: no {noun} is in the enterprise project {wanted}."]


def batches(values: t.Sequence[str], option: str, most: int) -> list[tuple[str, ...]]:
    """The values in groups of at most `most` and at most `LONGEST_FILTER` bytes of query.

    @param option: the key that is repeated for each value.
    """
    groups: list[tuple[str, ...]] = []
    group: list[str] = []
    size = 0
    for value in values:
        length = len(query.canonical_query([(option, value)])) + 1
        if group and (len(group) == most or size + length > LONGEST_FILTER):
            groups.append(tuple(group))
            group, size = [], 0
        group.append(value)
        size += length
    if group:
        groups.append(tuple(group))
    return groups


def page_query(
    options: t.Mapping[str, t.Any], listing: Listing, key: str, values: t.Sequence[str], most: int
) -> list[tuple[str, str]]:
    """The query of the page that the options `offset` and `limit` select; empty if neither is set.

    @param key: the filter, of which one query has at most `most` values.
    @raises WorkspaceError: an option is out of range, or the values do not fit into one query.
    """
    page = []
    for name, largest in (("offset", listing.largest_offset), ("limit", listing.largest_limit)):
        value = options[name]
        if value is None:
            continue
        if isinstance(value, bool) or value < 0 or (largest is not None and value > largest):
            span = f"0 to {largest}" if largest is not None else "0 or more"
            raise errors.WorkspaceError(f"{name} is {value}, but must be {span}.")
        page.append((name, str(value)))
    groups = batches(values, key, most)
    if page and len(groups) > 1:
        given = " and ".join(name for name, _value in page)
        raise errors.WorkspaceError(
            f"{given} selects one page, but the {len(values)} {key} need {len(groups)} requests: remove {given}."
        )
    return [*((key, value) for value in values), *page] if page else []


def matcher(wanted: t.Iterable[str]) -> t.Callable[[t.Iterable[str | None]], bool]:
    """A function that returns whether any of its values matches, ignoring letter case. Without wanted names, all match.

    The service compares names in lower case. `str.casefold` would match `ß` with `ss`.
    """
    names = {name.lower() for name in wanted}
    return lambda found: not names or any((name or "").lower() in names for name in found)


def has_name(wanted: t.Iterable[str], names: t.Callable[[Record], t.Collection[str | None] | None]) -> Condition:
    """The filter for records with at least one of the wanted names, ignoring letter case.

    @param names: the names of a record, `None` for one that is not known; or `None` if none of them is known.
    """
    matches = matcher(wanted)

    def holds(record: Record) -> bool | None:
        found = names(record)
        if found is None:
            return None
        return matches(found) or (False if all(found) else None)

    return holds


def value_of(field: str) -> t.Callable[[Record], list[str | None]]:
    """A function that returns the value of a field as the only name of a record, for `has_name`."""
    return lambda record: [record[field]]


def has_value(field: str, wanted: str | bool) -> Condition:
    """The filter for records with this value of a field, ignoring letter case."""

    def lower(value: t.Any) -> t.Any:
        return value.lower() if isinstance(value, str) else value

    return lambda record: None if record[field] is None else lower(record[field]) == lower(wanted)


def compared(options: t.Mapping[str, t.Any], fields: t.Mapping[str, str]) -> Conditions:
    """The filters that are set, each of which compares one field.

    @param fields: option -> field.
    @raises WorkspaceError: a list is empty or has a wrong value.
    """
    found: Conditions = {}
    for option, field in fields.items():
        wanted = options[option]
        if isinstance(wanted, list):
            found[option] = (field, has_name(filter_values(wanted, option), value_of(field)))
        elif wanted is not None:
            found[option] = (field, has_value(field, wanted))
    return found


def choose(records: t.Iterable[Record], conditions: Conditions, noun: str, identity: str) -> list[Record]:
    """The records that match all filters.

    @param noun: what a record is, for the message.
    @param identity: the field with the ID of a record.
    @raises WorkspaceError: whether a record matches is not known, because the service does not return the field.
    """
    chosen = []
    for record in records:
        missing = None
        for option, (field, holds) in conditions.items():
            matches = holds(record)
            if matches is None:
                missing = missing or (option, field)
            elif not matches:
                break
        else:
            if missing:
                raise errors.WorkspaceError(
                    f"{missing[0]} cannot be used: the service returns {noun} {record[identity]} without the field"
                    f" {missing[1]}, so it is not known whether it matches.",
                    attempts=1,
                )
            chosen.append(record)
    return chosen


def unmatched(wanted: t.Iterable[str], found: t.Iterable[str | None]) -> list[str]:
    """The wanted values that were not found, ignoring letter case."""
    known = {(name or "").lower() for name in found}
    return [name for name in wanted if name.lower() not in known]


def some_of(values: t.Sequence[str], most: int = _MOST_SHOWN) -> str:
    """The first values and the number of the others, for a message."""
    more = len(values) - most
    return ", ".join(values[:most]) + (f" and {more:,} more" if more > 0 else "")


def nearest(name: str, known: t.Iterable[str | None]) -> str | None:
    """The known name that `name` was probably meant to be, ignoring letter case; `None` if none is similar."""
    # Imported here, because it is only needed for a name that does not exist.
    import difflib

    names = {found.lower(): found for found in known if found}
    similar = difflib.get_close_matches(name.lower(), names, 1, 0.75)
    return names[similar[0]] if similar else None


def suggestions(wanted: t.Iterable[str], known: t.Sequence[str | None], option: str, noun: str) -> list[str]:
    """A warning about names that do not exist, and similar names that do.

    @param noun: what the names are names of, such as `user`.
    """
    pairs = [(name, nearest(name, known)) for name in unmatched(wanted, known)[:_MOST_SHOWN]]
    told = [f"{name} (did you mean {similar}?)" for name, similar in pairs if similar]
    return [f"{option}: no {noun} is named {', '.join(told)}."] if told else []
