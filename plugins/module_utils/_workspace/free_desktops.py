# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The check whether desktops are free for maintenance: its rules, the wait between checks, and the result.

This file sends no requests and does not import Ansible. It calls a function for each check.
"""

from __future__ import annotations

import math
import time
import typing as t

from .._http.errors import FACTS, WorkspaceError, one_line
from .filters import filter_values
from .selection import UNMATCHED
from .timestamps import utc_timestamp

if t.TYPE_CHECKING:
    from .records import Record

#: The keys of the project in every result.
PLACE = ("project_id", "region", "endpoint")

#: The maximum number of desktops in a progress line and in the final message. The result contains all of them.
_NAMES_IN_A_LINE = 5
_NAMES_IN_THE_MESSAGE = 20

#: Transient 4xx statuses; the others are refusals.
_PASSING_STATUSES = (408, 429)


class Rules(t.NamedTuple):
    """The conditions under which desktops are free, and how long to wait.

    @param allowed_desktops: names or IDs of desktops that may be in use.
    @param free_statuses: statuses of desktops that are not in use.
    @param wait: seconds to wait for desktops in use; 0 for a single check.
    @param interval: seconds from one check to the next.
    @param quiet_looks: the number of consecutive checks that must find no desktop in use.
    @param expect_desktops: whether it is a failure if there are no desktops, or if an option matches none.
    """

    allowed_desktops: frozenset[str]
    free_statuses: frozenset[str]
    wait: float
    interval: float
    quiet_looks: int
    expect_desktops: bool


def rules(options: t.Mapping[str, t.Any], *, one_look: bool = False) -> Rules:
    """Check the options.

    @param options: option -> value, with the right types.
    @param one_look: check once, regardless of the options.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    wait, interval, quiet_looks = options["wait"], options["interval"], options["quiet_looks"]
    if not 0 <= wait < math.inf:
        raise WorkspaceError(f"wait is {wait:g}, but must be a number of seconds, 0 or more.")
    if not 0 < interval < math.inf:
        raise WorkspaceError(f"interval is {interval:g}, but must be a number of seconds greater than 0.")
    if quiet_looks < 1:
        raise WorkspaceError(f"quiet_looks is {quiet_looks}, but must be 1 or more.")
    most_looks = 1 + math.ceil(wait / interval)
    if quiet_looks > most_looks:
        raise WorkspaceError(
            f"quiet_looks is {quiet_looks}, but wait ({wait:g} s) and interval ({interval:g} s) only allow"
            f" {most_looks} {'check' if most_looks == 1 else 'checks'}: raise wait."
        )
    if not options["free_statuses"]:
        raise WorkspaceError("free_statuses is an empty list: no desktop could be free. Omit it to use the default.")
    # An empty list is allowed: no desktop may be in use.
    allowed = filter_values(options["allowed_desktops"] or None, "allowed_desktops")
    return Rules(
        frozenset(allowed),
        frozenset(options["free_statuses"]),
        0 if one_look else wait,
        interval,
        1 if one_look else quiet_looks,
        options["expect_desktops"],
    )


def is_refusal(result: t.Mapping[str, t.Any], answered_before: bool) -> bool:
    """Whether a failed check would fail again in the same way, so that another check is useless or locks a key.

    @param answered_before: whether an earlier check succeeded, so that the options are correct.
    """
    status = result.get("status_code")
    if status is not None:
        return 400 <= status < 500 and status not in _PASSING_STATUSES
    if result.get("reason") == "refused":
        return True  # another project with the same credentials was refused
    if answered_before:
        return False
    # No request was sent: an option is wrong, or the module cannot run.
    return result.get("attempts") is None


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


def _of(count: int, all_of_them: int, verb: tuple[str, str] = ("is", "are")) -> str:
    plural = "desktop" if all_of_them == 1 else "desktops"
    return f"{count or 'none'} of {all_of_them} {plural} {verb[count > 1]} in use"


def _listed(values: t.Sequence[t.Any]) -> str:
    """The first values, and the number of the others."""
    names = [one_line(str(value), 100) for value in values[:_NAMES_IN_THE_MESSAGE]]
    more = len(values) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


class Look:
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

    def progress(self, before: Look | None) -> str:
        """A progress line: desktops in use, sessions stopped and started since the previous check, the first names."""
        text = _of(len(self.in_use), self.desktop_count)
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
        lines = [f"No desktop was found of {_listed(names)}." for names in self.unmatched.values() if names]
        none = "The project has no desktops."
        if self._selection:
            together = " together" if len(self._selection) > 1 else ""
            none = f"No desktop matches {' and '.join(self._selection)}{together}."
        return [
            *(lines or [none]),
            "The wrong project or name would also appear free. If this is intended, set expect_desktops to false.",
        ]


class Clock(t.Protocol):
    """The clock of a wait."""

    def monotonic(self) -> float:
        """Seconds of a monotonic clock."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def now(self) -> str:
        """The current time in UTC for results."""


class SystemClock:
    """The clock of this machine."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    @staticmethod
    def now() -> str:
        """The current time in UTC, such as `2026-11-24T21:05:00Z`."""
        return utc_timestamp()


class Watch:
    """Checks until no desktop is in use, the time is over, or another check would fail in the same way.

    @param ask: makes a check and returns the result of `Selection.joined`, or the result of a failed module.
    @param say: prints a progress line.
    @param selection: the options that select desktops, with their values; empty for all desktops.
    """

    def __init__(
        self,
        rules: Rules,
        ask: t.Callable[[], t.Mapping[str, t.Any]],
        say: t.Callable[[str], None],
        clock: Clock,
        selection: t.Mapping[str, list[str]] | None = None,
    ) -> None:
        self._rules = rules
        self._ask = ask
        self._say = say
        self._clock = clock
        self._selection = selection or {}
        self._started = clock.monotonic()
        self._last: Look | None = None  # the last successful check
        self._failure: t.Mapping[str, t.Any] | None = None  # the failure of the last check
        self._refused = False
        self._quiet = 0  # the number of consecutive checks without a desktop in use, up to the last one
        self._looks: list[dict[str, t.Any]] = []
        self._place = dict.fromkeys(PLACE)
        self._warnings: list[t.Any] = []

    def run(self) -> dict[str, t.Any]:
        """Check until the wait ends, and return the result of the task. `failed` is set unless no desktop is in use."""
        started = looked = self._started
        while not self._look() and looked - started < self._rules.wait:
            passed = self._clock.monotonic() - started
            # Checks start at multiples of the interval, regardless of their duration, and the last one at the end.
            following = (math.floor(passed / self._rules.interval) + 1) * self._rules.interval
            pause = min(following, self._rules.wait) - passed
            if pause > 0:
                self._clock.sleep(pause)
            looked = self._clock.monotonic()
        return self._result(min(looked - started, self._rules.wait))

    def ended_by(self, reason: str) -> dict[str, t.Any]:
        """The result of a wait that was ended from outside.

        @param reason: a sentence.
        """
        self._failure = {"msg": reason}
        return self._result(self._clock.monotonic() - self._started)

    def _look(self) -> bool:
        """Check once, and return whether the wait is over."""
        at = self._clock.now()
        result = self._ask()
        for warning in result.get("warnings") or ():
            self._warn(warning)
        self._place.update({name: result[name] for name in PLACE if result.get(name) is not None})
        if result.get("failed") or result.get("unreachable"):
            return self._failed_look(at, result)
        before, look = self._last, Look(at, result, self._rules, self._selection)
        self._last, self._failure = look, None
        self._quiet = 0 if look.in_use or look.missing_reason else self._quiet + 1
        if look.unknown_allowed:
            self._warn(f"allowed_desktops: no desktop has the name or ID {_listed(look.unknown_allowed)}.")
        self._looks.append(
            {"at": at, "in_use_count": len(look.in_use), "connect_status_counts": look.connect_status_counts}
        )
        quiet = f", quiet check {self._quiet} of {self._rules.quiet_looks}" if self._rules.quiet_looks > 1 else ""
        self._report(at, look.progress(before) + (quiet if self._quiet else ""))
        return bool(look.missing_reason) or self._quiet >= self._rules.quiet_looks

    def _failed_look(self, at: str, result: t.Mapping[str, t.Any]) -> bool:
        self._failure = result
        self._refused = is_refusal(result, self._last is not None)
        self._quiet = 0
        self._looks.append({"at": at, "in_use_count": None, "connect_status_counts": None})
        self._report(at, f"{'refused' if self._refused else 'this check failed'}: {one_line(str(result.get('msg')))}")
        return self._refused

    def _warn(self, warning: t.Any) -> None:
        if warning not in self._warnings:
            self._warnings.append(warning)

    def _report(self, at: str, text: str) -> None:
        if self._rules.wait:
            self._say(f"{at} {text}")

    def _result(self, waited: float) -> dict[str, t.Any]:
        last = self._last
        free = last is not None and not self._failure and self._quiet >= self._rules.quiet_looks
        result: dict[str, t.Any] = {
            "changed": False,
            "free": free,
            "reason": None if free else self._reason(),
            "in_use": last.in_use if last else None,
            "in_use_but_allowed": last.in_use_but_allowed if last else None,
            "desktop_count": last.desktop_count if last else None,
            "connect_status_counts": last.connect_status_counts if last else None,
            **(last.unmatched if last else dict.fromkeys(UNMATCHED)),
            "scheduled_tasks": None,
            "looks": self._looks,
            "waited": round(waited, 1),
            **self._place,
        }
        if self._warnings:
            result["warnings"] = self._warnings
        if free:
            return {**result, "msg": self._all_clear()}
        failure = self._failure or {}
        facts = {name: failure.get(name) for name in FACTS if name not in PLACE}
        if failure.get("unreachable"):
            facts["unreachable"] = True
        return {**result, **facts, "failed": True, "msg": "\n".join(self._verdict(waited))}

    def _reason(self) -> str:
        """The value of `reason` if the desktops are not free."""
        if self._failure or not self._last:
            return "refused" if self._refused else "not_read"
        return (self._last.missing_reason if not self._last.in_use else None) or "in_use"

    def _scope(self, look: Look) -> str:
        """A sentence with the checked desktops, the project and the time."""
        count = "1 desktop" if look.desktop_count == 1 else f"{look.desktop_count} desktops"
        region = f" ({self._place['region']})" if self._place["region"] else ""
        more = sorted(self._rules.free_statuses.difference(("REGISTERED", "UNREGISTER")))
        options = {
            **self._selection,
            "allowed_desktops": sorted(self._rules.allowed_desktops),
            "free_statuses with": more,
        }
        named = [f"; {name}: {_listed(values)}" for name, values in options.items() if values]
        checked = count if self._selection else f"all desktops ({look.desktop_count})"
        return f"Checked {checked} at {look.at} in project {self._place['project_id']}{region}{''.join(named)}."

    def _all_clear(self) -> str:
        look = t.cast(Look, self._last)
        allowed = [desktop["desktop_name"] for desktop in look.in_use_but_allowed]
        text = f"No desktops in use except those allowed: {_listed(allowed)}" if allowed else "No desktops in use"
        return f"{text}. {self._scope(look)}"

    def _verdict(self, waited: float) -> list[str]:
        """The lines of the message if the desktops are not free."""
        look = self._last
        after = f" after {_seconds(waited)}" if waited else ""
        if self._failure:
            said = one_line(str(self._failure.get("msg")), 2000)
            if len(self._looks) > 1 and self._looks[-1]["in_use_count"] is None:
                said = f"The last check failed: {said}"
            if look is None:
                return [said] if self._refused or not waited else [said, f"No check succeeded{after}."]
            then = f"At {look.at}, when the service last answered, {_of(len(look.in_use), look.desktop_count, ('was', 'were'))}"
            return [said, then + (":" if look.in_use else "."), *look.names(), self._scope(look)]
        look = t.cast(Look, look)
        lines = look.missing()
        if look.in_use:
            lines = [f"{_of(len(look.in_use), look.desktop_count)}{after}:", *look.names(), *lines]
        elif not lines:
            passed = f"{self._quiet} of {self._rules.quiet_looks} required consecutive checks (quiet_looks) passed"
            lines = [f"No desktops in use{after}, but only {passed}."]
        return [*lines, self._scope(look)]


def unknown(message: str) -> dict[str, t.Any]:
    """The result of a task with wrong options: no request was sent, and all values are unknown."""
    keys = ("in_use", "in_use_but_allowed", "desktop_count", "connect_status_counts", *UNMATCHED, "scheduled_tasks")
    return {
        "changed": False,
        "failed": True,
        "msg": message,
        "free": False,
        "reason": "refused",
        **dict.fromkeys(keys),
        "looks": [],
        "waited": 0.0,
        **dict.fromkeys(FACTS),
    }
