# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait until desktops are free for maintenance: when to check, when to stop, and the result.

This file sends no requests and does not import Ansible. It calls a function for each check.
"""

from __future__ import annotations

import time
import typing as t

from ...module_utils._http.errors import one_line
from ...module_utils._http.timestamps import utc_timestamp
from ...module_utils._identity.settings import FACTS
from .check import KEYS, Check, Rules, count_in_use, listed, not_concluded

if t.TYPE_CHECKING:
    from .selection import Selected

#: The keys of the project in every result.
PLACE = ("project_id", "region", "endpoint")

#: The statuses of a refusal. Others may pass, such as the 404 of a group that was deleted in the meantime.
_REFUSALS = (400, 401, 403)


class FailedCheck(Exception):
    """A list of a check could not be read."""

    def __init__(self, result: t.Mapping[str, t.Any]) -> None:
        super().__init__(result.get("msg"))
        self.result = result


def is_refusal(result: t.Mapping[str, t.Any], succeeded_before: bool) -> bool:
    """Whether a failed check would fail again in the same way, so that another check is useless or locks a key.

    @param succeeded_before: whether an earlier check succeeded, so that the options are correct.
    """
    if result.get("status_code") is not None:
        return result["status_code"] in _REFUSALS
    if result.get("reason"):
        return bool(result["reason"] == "refused")  # another project with the same credentials was refused
    # No request was sent: an option is wrong, or the module cannot run.
    return not succeeded_before and result.get("attempts") is None


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


class SystemClock:
    """Tells the time and waits; tests replace it by a clock that does not wait."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)
    #: The time in UTC, such as `2026-11-24T21:05:00Z`.
    now = staticmethod(utc_timestamp)


class Wait:
    """Checks until no desktop is in use, the time is over, or another check would fail in the same way.

    @param ask: makes a check and returns the desktops and the keys of `PLACE`. It raises `FailedCheck`.
    @param selection: the options that select desktops, with their values; empty for all desktops.
    """

    def __init__(
        self,
        rules: Rules,
        ask: t.Callable[[], tuple[Selected, t.Mapping[str, t.Any]]],
        say: t.Callable[[str], None],
        clock: SystemClock,
        selection: t.Mapping[str, list[str]] | None = None,
    ) -> None:
        self._rules = rules
        self._ask = ask
        self._say = say
        self._clock = clock
        self._selection = selection or {}
        self._started = clock.monotonic()
        #: The last check that was concluded.
        self.last: Check | None = None
        self._failure: t.Mapping[str, t.Any] | None = None  # the failure of the last check
        self._refused = False
        self._passed = 0  # the number of consecutive checks without a desktop in use
        self._checks: list[dict[str, t.Any]] = []
        self._place = dict.fromkeys(PLACE)
        self._warnings: list[t.Any] = []

    def run(self) -> dict[str, t.Any]:
        """Check until the wait ends, and return the result of the task. `failed` is set unless no desktop is in use."""
        started = checked = self._started
        while not self._check() and checked - started < self._rules.wait:
            passed = self._clock.monotonic() - started
            # Checks start at multiples of the interval, regardless of their duration, and the last one at the end.
            pause = min(self._rules.interval - passed % self._rules.interval, self._rules.wait - passed)
            if pause > 0:
                self._clock.sleep(pause)
            checked = self._clock.monotonic()
        return self._result(min(checked - started, self._rules.wait))

    def ended_by(self, reason: str) -> dict[str, t.Any]:
        """The result of a wait that was ended from outside."""
        self._failure = {"msg": reason}
        return self._result(self._clock.monotonic() - self._started)

    def _check(self) -> bool:
        """Check once, and return whether the wait is over."""
        at = self._clock.now()
        try:
            selected, place = self._ask()
        except FailedCheck as failure:
            return self._failed_check(at, failure.result)
        before, check = self.last, Check(at, selected, self._rules, self._selection)
        self._note({**place, "warnings": [*selected.warnings, *check.warnings()]})
        if check.reason == "not_read":
            return self._failed_check(at, {"reason": "not_read", "msg": not_concluded(selected, self._selection)})
        self.last, self._failure = check, None
        self._passed = 0 if check.reason else self._passed + 1
        counts = {"in_use_count": len(check.in_use), "connect_status_counts": check.connect_status_counts}
        self._checks.append({"at": at, **counts})
        required = self._rules.consecutive_checks
        passed = f", consecutive check {self._passed} of {required}" if self._passed and required > 1 else ""
        self._report(at, check.progress(before) + passed)
        return check.reason in ("unmatched", "no_desktops") or self._passed >= required

    def _failed_check(self, at: str, result: t.Mapping[str, t.Any]) -> bool:
        self._note(result)
        self._failure = result
        self._refused = is_refusal(result, self.last is not None)
        self._passed = 0
        self._checks.append({"at": at, "in_use_count": None, "connect_status_counts": None})
        self._report(at, f"{'refused' if self._refused else 'this check failed'}: {one_line(str(result.get('msg')))}")
        return self._refused

    def _note(self, result: t.Mapping[str, t.Any]) -> None:
        """Keep the project and the warnings of a result."""
        self._place.update({name: result[name] for name in PLACE if result.get(name) is not None})
        self._warnings += [warning for warning in result.get("warnings") or () if warning not in self._warnings]

    def _report(self, at: str, text: str) -> None:
        if self._rules.wait:
            self._say(f"{at} {text}")

    def _result(self, waited: float) -> dict[str, t.Any]:
        last = self.last
        free = last is not None and not self._failure and self._passed >= self._rules.consecutive_checks
        result: dict[str, t.Any] = {
            "changed": False,
            "free": free,
            "reason": None if free else self._reason(),
            **(last.facts() if last else dict.fromkeys(KEYS)),
            "scheduled_tasks": None,
            "checks": self._checks,
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
        if self._failure or not self.last:
            return "refused" if self._refused else "not_read"
        return self.last.reason or "in_use"  # too few consecutive checks

    def _scope(self, check: Check) -> str:
        """A sentence with the checked desktops, the project and the time."""
        count = "1 desktop" if check.desktop_count == 1 else f"{check.desktop_count} desktops"
        region = f" ({self._place['region']})" if self._place["region"] else ""
        more = sorted(self._rules.free_statuses.difference(("REGISTERED", "UNREGISTER")))
        options = {
            **self._selection,
            "allowed_desktops": sorted(self._rules.allowed_desktops),
            "free_statuses with": more,
        }
        named = [f"; {name}: {listed(values)}" for name, values in options.items() if values]
        checked = count if self._selection else f"all desktops ({check.desktop_count})"
        return f"Checked {checked} at {check.at} in project {self._place['project_id']}{region}{''.join(named)}."

    def _all_clear(self) -> str:
        check = t.cast(Check, self.last)
        allowed = [desktop["desktop_name"] for desktop in check.in_use_but_allowed]
        text = f"No desktops in use except those allowed: {listed(allowed)}" if allowed else "No desktops in use"
        return f"{text}. {self._scope(check)}"

    def _verdict(self, waited: float) -> list[str]:
        """The lines of the message if the desktops are not free."""
        check = self.last
        after = f" after {_seconds(waited)}" if waited else ""
        if self._failure:
            said = one_line(str(self._failure.get("msg")), 2000)
            if len(self._checks) > 1 and self._checks[-1]["in_use_count"] is None:
                said = f"The last check failed: {said}"
            if check is None:
                return [said] if self._refused or not waited else [said, f"No check succeeded{after}."]
            then = f"In the last successful check, at {check.at}, {count_in_use(len(check.in_use), check.desktop_count, ('was', 'were'))}"
            return [said, then + (":" if check.in_use else "."), *check.names(), self._scope(check)]
        check = t.cast(Check, check)
        lines = check.missing()
        if check.in_use:
            lines += [f"{count_in_use(len(check.in_use), check.desktop_count)}{after}:", *check.names()]
        elif not lines:
            passed = f"{self._passed} of {self._rules.consecutive_checks} required consecutive checks passed"
            lines = [f"No desktops in use{after}, but only {passed}."]
        return [*lines, self._scope(check)]


def unknown(message: str) -> dict[str, t.Any]:
    """The result of a task with wrong options: no request was sent, and all values are unknown."""
    values = {"changed": False, "failed": True, "msg": message, "free": False, "reason": "refused"}
    return {**values, **dict.fromkeys((*KEYS, "scheduled_tasks", *FACTS)), "checks": [], "waited": 0.0}
