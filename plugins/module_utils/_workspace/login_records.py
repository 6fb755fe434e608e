# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists login records: who connected to which desktop, from when to when, and what failed.

Source: ListLoginRecordsNew of the Workspace API. How it compares names and how long records are kept is not documented.
"""

from __future__ import annotations

import datetime
import typing as t

from .._http import errors, timestamps
from .._reading import filters
from .._reading.listing import Listing, read_list
from .._reading.records import Fields, Record, boolean, complete, integer, text
from . import operations

if t.TYPE_CHECKING:
    from .._http import client
    from .._reading.project import Project

#: The options of `workspace_login_record_info`, and the rules for them.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "within": {"type": "float", "default": 86400.0},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "user_names": {"type": "list", "elements": "str"},
    "computer_names": {"type": "list", "elements": "str"},
    "failed": {"type": "bool"},
    "contact_details": {"type": "bool", "default": False},
}
RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("within", "since"), ("within", "until")],
    "required_together": [("since", "until")],
}

#: The maximum page size, and one that is used if the service rejects it.
_LIMITS = (1000, 100)

#: Addresses and names of the user's own device.
_PERSONAL = ("public_ip", "source_ip", "terminal_ip", "terminal_mac", "terminal_name")
_FIELDS: Fields = {
    text: (
        *("sid", "transaction_id", "computer_name", "desktop_id", "desktop_ip", "enterprise_project_id"),
        *("connection_start_time", "connection_setup_time", "connection_end_time", "connection_failure_reason"),
        *("client_version", "agent_version", "terminal_type", *_PERSONAL, "user_name"),
    ),
    integer: ("network_rtt", "e2e_rtt"),
    boolean: ("is_reconnect",),
}
#: Fields that are only used here.
_INTERNAL = ("id", "failed")
#: The fields that tell a record apart. They do not change when the connection ends.
_IDENTITY = ("desktop_id", "computer_name", "user", "connection_start_time", "is_reconnect", "transaction_id")


def _login_record(response: client.Response, row: Record) -> Record:
    says_failure = "connection_failure_reason" in row
    complete(response, row, _FIELDS).pop("tenantId", None)
    # The service appends the domain.
    row["user"] = user = row["user_name"]
    row["user_name"] = user and (user.rpartition("@")[0] or user)
    began, ended = timestamps.utc_time(row["connection_start_time"]), timestamps.utc_time(row["connection_end_time"])
    if began is None or (ended and ended < began):
        ended = None
    row["connected_at"] = timestamps.utc_timestamp(began) if began else None
    row["ended_at"] = timestamps.utc_timestamp(ended) if ended else None
    row["duration"] = (ended - began).total_seconds() if began and ended else None
    row["failure_reason"] = row["connection_failure_reason"] or None
    # Without the reason, only a connection that was set up is known not to have failed.
    known = says_failure or row["connection_setup_time"]
    row["failed"] = bool(row["failure_reason"]) if known else None
    row["id"] = repr([row[key] for key in _IDENTITY])
    return row


LISTING = Listing(
    operation=operations.LOGIN_RECORDS,
    noun="login record",
    identity="id",
    complete=_login_record,
    largest_limit=_LIMITS[0],
    nothing=[("user_name", "no-user-has-this-name-d41d8cd98f00")],
)


class _Window(t.NamedTuple):
    """A time range, including both ends."""

    start: datetime.datetime
    end: datetime.datetime

    def query(self) -> list[tuple[str, str]]:
        """The filters for the service: in minutes, with at least one more on both sides."""
        minute = datetime.timedelta(minutes=1)
        times = {"start_time": self.start - minute, "end_time": self.end + 2 * minute}
        return [(name, f"{timestamps.utc_timestamp(moment)[:16]}Z") for name, moment in times.items()]


def _last(project: Project, seconds: float) -> _Window:
    """The time range up to now, by the clock of the service."""
    if project.clock_offset() is None:
        project.get(LISTING.operation, LISTING.operation.query)
    now = project.now()
    # Limited, because larger values exceed the range of dates.
    return _Window(now - datetime.timedelta(seconds=min(seconds, 10**9)), now)


def _between(since: str, until: str) -> _Window:
    """The time range of the options.

    @raises WorkspaceError: a time is wrong, or both are in the wrong order.
    """
    times = []
    for option, value in (("since", since), ("until", until)):
        moment = timestamps.utc_time(value)
        if moment is None:
            raise errors.WorkspaceError(
                f"{option} is {value!r}, but must be a time in UTC such as 2026-11-24T21:05:00Z."
            )
        times.append(moment)
    if times[0] > times[1]:
        raise errors.WorkspaceError(f"since ({since}) is later than until ({until}): exchange them.")
    return _Window(*times)


def _read(project: Project, window: _Window) -> list[Record]:
    """The records of a time range.

    @raises WorkspaceError: the list cannot be read completely.
    """

    def read(limit: int) -> list[Record]:
        listing = LISTING._replace(largest_limit=limit)
        return list(read_list(project, listing, window.query()).values())

    largest, smaller = _LIMITS
    try:
        found = read(largest)
    except errors.WorkspaceError as error:
        if error.status != 400:
            raise
        found = read(smaller)
    start, end = map(timestamps.utc_timestamp, window)
    # A connection that began at an unknown time is one of those that the service selected.
    return [record for record in found if record["connected_at"] is None or start <= record["connected_at"] <= end]


def _has_name(names: t.Sequence[str], *fields: str) -> filters.Condition:
    """The filter for records with one of the names in any of the fields, of which all or none are known."""
    matches = filters.matcher(names)
    return lambda record: None if record[fields[0]] is None else matches(record[field] for field in fields)


def _shown(record: Record, contact_details: bool) -> Record:
    hidden: t.Collection[str] = () if contact_details else _PERSONAL
    return {key: None if key in hidden else value for key, value in record.items() if key not in _INTERNAL}


def _last_logins(records: t.Iterable[Record]) -> dict[str, str]:
    """User name -> the time of the last connection that did not fail, from records of which the newest is first."""
    found: dict[str, str] = {}
    for record in records:
        if record["user_name"] and record["connected_at"] and record["failed"] is False:
            found.setdefault(record["user_name"], record["connected_at"])
    return found


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the login records of a project. See `Prepare` in `_module`."""
    users = filters.filter_values(options["user_names"], "user_names")
    computers = filters.filter_values(options["computer_names"], "computer_names")
    within, failed = options["within"], options["failed"]
    # `not >` instead of `<=`, so that NaN is rejected as well.
    if not within > 0:
        raise errors.WorkspaceError(f"within is {within:g}, but must be a number of seconds above 0.")
    between = _between(options["since"], options["until"]) if options["since"] is not None else None
    conditions: filters.Conditions = {}
    if users:
        conditions["user_names"] = ("user_name", _has_name(users, "user", "user_name"))
    if computers:
        conditions["computer_names"] = ("computer_name", _has_name(computers, "computer_name"))
    with_failure = (
        {} if failed is None else {"failed": ("connection_failure_reason", filters.has_value("failed", failed))}
    )

    def read(project: Project) -> dict[str, t.Any]:
        found = _read(project, between or _last(project, within))
        # Newest first. Records without a time come last.
        found.sort(key=lambda record: (record["connected_at"] or "", record["id"]), reverse=True)
        chosen = filters.choose(found, conditions, "a login record of", "computer_name")
        records = [
            _shown(record, options["contact_details"])
            for record in filters.choose(chosen, with_failure, "a login record of", "computer_name")
        ]
        return {
            "records": records,
            "total_count": len(records),
            "last_login": _last_logins(chosen),
            "oldest_record_at": min(
                (record["connected_at"] for record in found if record["connected_at"]), default=None
            ),
            "unmatched_user_names": filters.unmatched(
                users, (name for record in found for name in (record["user_name"], record["user"]))
            ),
            "unmatched_computer_names": filters.unmatched(computers, (record["computer_name"] for record in found)),
        }

    return read
