# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check whether desktops are free for maintenance: its rules, its result, and the lines for messages."""

from __future__ import annotations

import math
import typing as t

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._reading.filters import filter_values, nearest, some_of
from ...module_utils._reading.statuses import CONNECT_STATUSES, count_statuses
from .selection import LISTS

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record
    from .selection import Selected

#: The result keys that a check sets.
KEYS = (
    *("in_use", "in_use_but_allowed", "desktop_count", "connect_status_counts"),
    *(f"unmatched_{option}" for option in LISTS),
)

#: The maximum number of desktops in a progress line and in the final message. The result contains all of them.
_NAMES_IN_A_LINE = 5
_NAMES_IN_THE_MESSAGE = 20

#: The largest number of seconds to wait. Larger ones exceed the range of some systems.
_LONGEST_WAIT = 10**9

#: Option -> the beginning of a sentence about a value without a desktop, with a similar name and without.
_NOTHING = {
    "user_names": ("No user of a desktop is named", "No user of a desktop is named"),
    "computer_names": ("No desktop is named", "No desktop is named"),
    "desktop_ids": ("No desktop has the ID", "No desktop has the ID"),
    "pool_names": ("No pool is named", "No pool with a desktop is named"),
}


class Rules(t.NamedTuple):
    """The options of the wait: the conditions under which desktops are free, and how long to wait, in seconds.

    @param wait: 0 for a single check.
    """

    allowed_desktops: frozenset[str]
    free_statuses: frozenset[str]
    wait: float
    interval: float
    consecutive_checks: int
    expect_desktops: bool


def check_interval_and_statuses(options: t.Mapping[str, t.Any]) -> None:
    """Check the options `interval` and `free_statuses`.

    @raises WorkspaceError: one of them is wrong.
    """
    if not 0 < options["interval"] < math.inf:
        raise WorkspaceError(f"interval is {options['interval']:g}, but must be a number of seconds greater than 0.")
    if not options["free_statuses"]:
        raise WorkspaceError("free_statuses is an empty list: no desktop could be free. Omit it to use the default.")


def rules(options: t.Mapping[str, t.Any], *, once: bool = False) -> Rules:
    """Check the options.

    @param once: check once, regardless of the options.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    wait, interval, consecutive_checks = options["wait"], options["interval"], options["consecutive_checks"]
    check_interval_and_statuses(options)
    if not 0 <= wait <= _LONGEST_WAIT:
        raise WorkspaceError(f"wait is {wait:g}, but must be a number of seconds from 0 to {_LONGEST_WAIT}.")
    if consecutive_checks < 1:
        raise WorkspaceError(f"consecutive_checks is {consecutive_checks}, but must be 1 or more.")
    # The quotient may be infinite, which cannot be rounded.
    if wait / interval <= consecutive_checks - 2:
        most_checks = 1 + math.ceil(wait / interval)
        raise WorkspaceError(
            f"consecutive_checks is {consecutive_checks}, but wait ({wait:g} s) and interval ({interval:g} s) only allow"
            f" {most_checks} {'check' if most_checks == 1 else 'checks'}: raise wait."
        )
    # An empty list is allowed: no desktop may be in use.
    allowed = frozenset(filter_values(options["allowed_desktops"] or None, "allowed_desktops"))
    agreed = Rules(**{name: options[name] for name in Rules._fields})
    agreed = agreed._replace(allowed_desktops=allowed, free_statuses=frozenset(agreed.free_statuses))
    return agreed._replace(wait=0, consecutive_checks=1) if once else agreed


def _people(desktop: Record) -> str:
    return ", ".join(user["name"] for user in desktop["attach_users"] or () if user["name"])


def count_in_use(count: int, all_of_them: int, verb: tuple[str, str] = ("is", "are")) -> str:
    """The number of desktops in use, as text."""
    plural = "desktop" if all_of_them == 1 else "desktops"
    return f"{count or 'none'} of {all_of_them} {plural} {verb[count > 1]} in use"


def listed(values: t.Sequence[t.Any]) -> str:
    """The first values, and the number of the others."""
    return some_of([one_line(str(value), 100) for value in values], _NAMES_IN_THE_MESSAGE)


def not_concluded(selected: Selected, selection: t.Collection[str]) -> str:
    """The message if the lists do not tell which desktops are selected."""
    sentences = []
    if selected.undetailed:
        sentences.append(
            f"The pool and tags of {listed(selected.undetailed)} are not known: connect-desktops returns the connection"
            " status, but desktops/detail does not return the desktop, also when read again. Select desktops with"
            " user_names alone, which needs no details."
        )
    if selected.incomplete:
        sentences.append(
            f"It is not known whether {listed(selected.incomplete)} is selected: the service does not return all fields"
            f" that {' and '.join(selection)} compare."
        )
    return " ".join(sentences)


class Check:
    """A check of which all lists were read.

    @param at: the time in UTC.
    """

    def __init__(self, at: str, selected: Selected, rules: Rules, selection: t.Collection[str] = ()) -> None:
        self.at = at
        self.desktop_count = len(selected.desktops)
        self.connect_status_counts = count_statuses(selected.desktops, "connect_status", CONNECT_STATUSES)
        self.in_use: list[Record] = []
        self.in_use_but_allowed: list[Record] = []
        for desktop in selected.desktops:
            if desktop["connect_status"] not in rules.free_statuses:
                allowed = not rules.allowed_desktops.isdisjoint((desktop["desktop_name"], desktop["desktop_id"]))
                (self.in_use_but_allowed if allowed else self.in_use).append(desktop)
        self.selected = selected
        self._selection = selection
        self._allowed = rules.allowed_desktops
        #: Why the desktops are not free; `None` if they are. `not_read` if the lists do not tell.
        self.reason: str | None = None
        if rules.expect_desktops and any(selected.unmatched.values()):
            self.reason = "unmatched"
        elif selected.undetailed or selected.incomplete:
            self.reason = "not_read"
        elif rules.expect_desktops and not self.desktop_count:
            self.reason = "unmatched" if selection else "no_desktops"
        elif self.in_use:
            self.reason = "in_use"

    def facts(self) -> dict[str, t.Any]:
        """The values of `KEYS`."""
        unmatched = {f"unmatched_{option}": self.selected.unmatched.get(option, []) for option in LISTS}
        return {key: unmatched[key] if key in unmatched else getattr(self, key) for key in KEYS}

    def progress(self, before: Check | None) -> str:
        """A progress line: desktops in use, sessions stopped and started since the previous check, the first names."""
        text = count_in_use(len(self.in_use), self.desktop_count)
        if before:
            then, now = ({desktop["desktop_id"] for desktop in check.in_use} for check in (before, self))
            text += f" ({len(then - now)} stopped, {len(now - then)} started)"
        names = []
        for desktop in self.in_use[:_NAMES_IN_A_LINE]:
            people = _people(desktop)
            names.append(one_line(f"{desktop['desktop_name']}{f' ({people})' if people else ''}", 100))
        more = ", ..." if len(self.in_use) > len(names) else ""
        return f"{text}: {', '.join(names)}{more}" if names else text

    def names(self) -> list[str]:
        """Lines for the first desktops in use, and the number of the others."""
        lines = []
        for desktop in self.in_use[:_NAMES_IN_THE_MESSAGE]:
            status, people = desktop["connect_status"] or "no status", _people(desktop) or "no user"
            lines.append(one_line(f"{desktop['desktop_name']}: {status}, {people}", 200))
        more = len(self.in_use) - len(lines)
        return [*lines, f"and {more} more"] if more else lines

    def missing(self) -> list[str]:
        """Lines about desktops that were not found, if that is the reason."""
        if self.reason not in ("unmatched", "no_desktops"):
            return []
        lines: list[str] = []
        for option, values in self.selected.unmatched.items():
            lines += _nothing(option, values, self.selected.values.get(option, ()))
        if not lines and self._selection:
            together = " together" if len(self._selection) > 1 else ""
            lines = [f"No desktop matches {' and '.join(self._selection)}{together}."]
        lines = lines or ["The project has no desktops."]
        correct = "Correct the option, or check" if self._selection else "Check"
        lines.append(
            f"{correct} region and project_id: the wrong project would also appear free. Set expect_desktops to false"
            " only if this is intended."
        )
        return lines

    def warnings(self) -> list[str]:
        """A warning about exemptions that are not desktops of the project."""
        known = self.selected.known
        unknown = [] if known is None else sorted(self._allowed - known)
        if not unknown or known is None:
            return []
        similar = nearest(unknown[0], known)
        suggestion = f" Did you mean {similar} instead of {unknown[0]}?" if similar else ""
        return [f"allowed_desktops: no desktop has the name or ID {listed(unknown)}.{suggestion}"]


def _nothing(option: str, values: t.Sequence[str], known: t.Collection[str]) -> list[str]:
    """Sentences about values of an option that no desktop has."""
    with_similar, without = _NOTHING[option]
    # Limited, because the search takes a while in a large project.
    similar = {value: nearest(value, known) for value in values[:_NAMES_IN_A_LINE]}
    lines = [f"{with_similar} {value}: did you mean {name}?" for value, name in similar.items() if name]
    others = [value for value in values if not similar.get(value)]
    return [*map(one_line, lines), *([f"{without} {listed(others)}."] if others else [])]
