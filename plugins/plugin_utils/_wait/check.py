# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check whether desktops are free for maintenance: its rules, its result, and the lines for messages."""

from __future__ import annotations

import math
import typing as t

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._reading.filters import filter_values
from .selection import UNMATCHED

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record

#: The maximum number of desktops in a progress line and in the final message. The result contains all of them.
_NAMES_IN_A_LINE = 5
_NAMES_IN_THE_MESSAGE = 20


class Rules(t.NamedTuple):
    """The conditions under which desktops are free, and how long to wait.

    @param allowed_desktops: names or IDs of desktops that may be in use.
    @param free_statuses: statuses of desktops that are not in use.
    @param wait: seconds to wait for desktops in use; 0 for a single check.
    @param interval: seconds from one check to the next.
    @param consecutive_checks: the number of consecutive checks that must find no desktop in use.
    @param expect_desktops: whether it is a failure if there are no desktops, or if an option matches none.
    """

    allowed_desktops: frozenset[str]
    free_statuses: frozenset[str]
    wait: float
    interval: float
    consecutive_checks: int
    expect_desktops: bool


def rules(options: t.Mapping[str, t.Any], *, once: bool = False) -> Rules:
    """Check the options.

    @param options: option -> value, with the right types.
    @param once: check once, regardless of the options.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    wait, interval, consecutive_checks = options["wait"], options["interval"], options["consecutive_checks"]
    if not 0 <= wait < math.inf:
        raise WorkspaceError(f"wait is {wait:g}, but must be a number of seconds, 0 or more.")
    if not 0 < interval < math.inf:
        raise WorkspaceError(f"interval is {interval:g}, but must be a number of seconds greater than 0.")
    if consecutive_checks < 1:
        raise WorkspaceError(f"consecutive_checks is {consecutive_checks}, but must be 1 or more.")
    most_checks = 1 + math.ceil(wait / interval)
    if consecutive_checks > most_checks:
        raise WorkspaceError(
            f"consecutive_checks is {consecutive_checks}, but wait ({wait:g} s) and interval ({interval:g} s) only allow"
            f" {most_checks} {'check' if most_checks == 1 else 'checks'}: raise wait."
        )
    if not options["free_statuses"]:
        raise WorkspaceError("free_statuses is an empty list: no desktop could be free. Omit it to use the default.")
    # An empty list is allowed: no desktop may be in use.
    allowed = filter_values(options["allowed_desktops"] or None, "allowed_desktops")
    return Rules(
        frozenset(allowed),
        frozenset(options["free_statuses"]),
        0 if once else wait,
        interval,
        1 if once else consecutive_checks,
        options["expect_desktops"],
    )


def _people(desktop: Record) -> str:
    return ", ".join(user["name"] for user in desktop["attach_users"] if user["name"])


def _short(desktop: Record) -> str:
    """The desktop with its users, for a progress line."""
    people = _people(desktop)
    return one_line(f"{desktop['desktop_name']} ({people})" if people else f"{desktop['desktop_name']}", 100)


def _line(desktop: Record) -> str:
    """The desktop with its status and users, for the message."""
    status = desktop["connect_status"] or "no status"
    return one_line(f"{desktop['desktop_name']}: {status}, {_people(desktop) or 'no user'}", 200)


def count_in_use(count: int, all_of_them: int, verb: tuple[str, str] = ("is", "are")) -> str:
    """The number of desktops in use, as text."""
    plural = "desktop" if all_of_them == 1 else "desktops"
    return f"{count or 'none'} of {all_of_them} {plural} {verb[count > 1]} in use"


def listed(values: t.Sequence[t.Any]) -> str:
    """The first values, and the number of the others."""
    names = [one_line(str(value), 100) for value in values[:_NAMES_IN_THE_MESSAGE]]
    more = len(values) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


class Check:
    """A successful check.

    @param at: the time in UTC.
    @param result: the result of `Selection.joined`.
    @param selection: the options that select desktops.
    """

    def __init__(self, at: str, result: t.Mapping[str, t.Any], rules: Rules, selection: t.Collection[str] = ()) -> None:
        self.at = at
        self.desktop_count: int = result["total_count"]
        self.connect_status_counts: dict[str, int] = result["connect_status_counts"]
        self.unmatched: dict[str, list[str]] = {name: result[name] for name in UNMATCHED}
        self.in_use: list[Record] = []
        self.in_use_but_allowed: list[Record] = []
        for desktop in result["desktops"]:
            if desktop["connect_status"] not in rules.free_statuses:
                allowed = not rules.allowed_desktops.isdisjoint((desktop["desktop_name"], desktop["desktop_id"]))
                (self.in_use_but_allowed if allowed else self.in_use).append(desktop)
        known = result["known_desktops"]
        self.unknown_allowed = [] if known is None else sorted(rules.allowed_desktops - known)
        self._selection = selection
        #: Set if missing desktops are a failure, because the wrong project or name would also appear free.
        self.missing_reason: str | None = None
        if rules.expect_desktops and any(self.unmatched.values()):
            self.missing_reason = "unmatched"
        elif rules.expect_desktops and not self.desktop_count:
            self.missing_reason = "unmatched" if selection else "no_desktops"

    @property
    def ids(self) -> set[str]:
        """The IDs of the desktops in use, without allowed ones."""
        return {desktop["desktop_id"] for desktop in self.in_use}

    def progress(self, before: Check | None) -> str:
        """A progress line: desktops in use, sessions stopped and started since the previous check, the first names."""
        text = count_in_use(len(self.in_use), self.desktop_count)
        if before:
            text += f" ({len(before.ids - self.ids)} stopped, {len(self.ids - before.ids)} started)"
        if self.in_use:
            names = [_short(desktop) for desktop in self.in_use[:_NAMES_IN_A_LINE]]
            text += ": " + ", ".join(names) + (", ..." if len(self.in_use) > len(names) else "")
        return text

    def names(self) -> list[str]:
        """Lines for the first desktops in use, and the number of the others."""
        lines = [_line(desktop) for desktop in self.in_use[:_NAMES_IN_THE_MESSAGE]]
        more = len(self.in_use) - len(lines)
        return [*lines, f"and {more} more"] if more else lines

    def missing(self) -> list[str]:
        """Lines about desktops that were not found, if that is a failure."""
        if not self.missing_reason:
            return []
        lines = [f"No desktop was found of {listed(names)}." for names in self.unmatched.values() if names]
        none = "The project has no desktops."
        if self._selection:
            together = " together" if len(self._selection) > 1 else ""
            none = f"No desktop matches {' and '.join(self._selection)}{together}."
        return [
            *(lines or [none]),
            "The wrong project or name would also appear free. If this is intended, set expect_desktops to false.",
        ]
