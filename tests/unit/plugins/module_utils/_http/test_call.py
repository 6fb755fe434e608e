# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits before retries and after throttling: a client with a simulated clock and simulated services."""

from __future__ import annotations

import contextlib
import email.utils
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.call import Call
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Client, Limits
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import NoResponse, WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Auth
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.retry import Clock
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.transport import RawResponse
from requests.structures import CaseInsensitiveDict

URL = "https://workspace.example.com/v2/p/users"
LATENCY = 0.05


class FakeClock(Clock):
    """Waits pass at once."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.seconds

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        del changed
        self.waits.append(seconds)
        self.seconds += seconds


def answer(status: int = 200, text: str = "", **headers: str) -> RawResponse:
    """An answer; `Retry_After` becomes `Retry-After`."""
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    body = f'{{"error_code": "APIGW.1", "error_msg": "{text}"}}' if status != 200 else "{}"
    return RawResponse(status, CaseInsensitiveDict(shown), body.encode())


class Desk:
    """A client with its clock, and the transport and service behind it; each request takes `LATENCY`."""

    def __init__(self, reply: Callable[[float], RawResponse], **settings: Any) -> None:
        self.clock = FakeClock()
        self.reply = reply
        self.statuses: list[int] = []
        transport: Any = self
        limits = Limits(30, 300, 0, 30, concurrency=4)._replace(**settings)
        self.client = Client(transport, limits, Secrets(), clock=self.clock)

    def exchange(self, _request: Any, _seconds: float, **_more: Any) -> RawResponse:
        self.clock.seconds += LATENCY
        found = self.reply(self.clock.seconds)
        self.statuses.append(found.status)
        return found

    def read(self, count: int = 1) -> float:
        """Send so many requests one after the other; the seconds they took."""
        began = self.clock.now()
        self.client.plan(count)
        for _number in range(count):
            self.client.request("GET", URL, auth=Auth())
            self.client.plan(-1)
        return self.clock.now() - began


def in_turn(*answers: RawResponse | Exception) -> Callable[[float], RawResponse]:
    """These answers, one for each request."""
    waiting = iter(answers)

    def reply(_now: float) -> RawResponse:
        found = next(waiting)
        if isinstance(found, Exception):
            raise found
        return found

    return reply


def throttling(
    limit: int, seconds: float, *, fixed: bool = False, others: float = 0, named: bool = True, **headers: str
) -> Callable[[float], RawResponse]:
    """A service with a limit.

    @param fixed: all are forgotten at each full `seconds` of the clock, instead of each after so many.
    @param others: which part of the limit other clients use up at once.
    """
    accepted: list[float] = []

    def reply(now: float) -> RawResponse:
        since = now // seconds * seconds if fixed else now - seconds
        if sum(moment > since for moment in accepted) < limit * (1 - others):
            accepted.append(now)
            return answer()
        text = f"policy user over ratelimit,limit:{limit},time:{seconds / 60:g} minute" if named else "slow down"
        return answer(429, text, **headers)

    return reply


@pytest.mark.parametrize(
    ("status", "retry_after", "least", "most"),
    [
        (503, "7", 7, 7),
        (503, "0", 0, 0),
        (503, "86400", 20, 20),
        (503, "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        (503, "Sat, 07 Dec 2999 00:00:00 GMT", 20, 20),
        (503, "soon", 0.5, 1),
        (503, "-5", 0.5, 1),
        (503, "9" * 400, 0, 20),
        (429, "90", 90, 90),
        (429, "0", 0, 0),
        (429, "soon", 0.8, 1.2),
        (429, "", 0.8, 1.2),
    ],
)
def test_retry_after_is_kept_after_a_failure_up_to_the_longest_delay(
    status: int, retry_after: str, least: float, most: float
) -> None:
    desk = Desk(
        in_turn(answer(status, Retry_After=retry_after), answer()), max_retries=status == 503, retry_max_delay=20
    )
    assert least - 0.01 <= desk.read() - 2 * LATENCY <= most + 0.01
    assert bool(desk.client.warnings()) is (status == 429)


def test_the_waits_between_retries_double() -> None:
    desk = Desk(in_turn(*[answer(502)] * 6, answer()), max_retries=6, retry_max_delay=10)
    desk.read()
    for wait, longest in zip(desk.clock.waits, (1, 2, 4, 8, 10, 10)):
        assert longest / 2 <= wait <= longest


def test_a_wait_that_would_exceed_the_total_time_fails_at_once() -> None:
    desk = Desk(in_turn(answer(503, Retry_After="30")), max_retries=4, total_timeout=20)
    with pytest.raises(WorkspaceError, match=r"wait of 30 s would exceed total_timeout \(20 s\)") as failed:
        desk.read()
    assert failed.value.facts["attempts"] == 1
    assert desk.clock.waits == []


def test_no_request_is_sent_after_total_timeout() -> None:
    desk = Desk(in_turn(answer()), total_timeout=5)
    desk.clock.seconds += 6
    with pytest.raises(WorkspaceError, match=r"total_timeout \(5 s\) is exceeded") as failed:
        desk.read()
    assert failed.value.facts["attempts"] is None


def test_each_retry_after_of_throttling_is_honoured() -> None:
    desk = Desk(in_turn(*(answer(429, Retry_After=seconds) for seconds in ("5", "20", "90")), answer()))
    assert desk.read() - 4 * LATENCY == pytest.approx(115)


@pytest.mark.parametrize("hours", [-10, 10])
@pytest.mark.parametrize(("status", "asked", "waited"), [(429, 90, 90), (503, 90, 60), (503, 20, 20), (503, -5, 0)])
def test_a_date_in_retry_after_is_measured_by_the_clock_of_the_service(
    hours: int, status: int, asked: int, waited: int
) -> None:
    now = time.time() + hours * 3600
    dates = [email.utils.formatdate(moment, usegmt=True) for moment in (now, now + asked)]
    headers = dict(zip(("Date", "Retry_After"), dates))
    desk = Desk(in_turn(answer(status, **headers), answer()), max_retries=1, retry_max_delay=60)
    assert desk.read() - 2 * LATENCY == pytest.approx(waited)


@pytest.mark.parametrize("every", [2, 3])
@pytest.mark.parametrize("seconds", [3, 5])
def test_a_burst_of_throttling_does_not_end_a_call_that_has_time(every: int, seconds: float) -> None:
    count = 0

    def reply(now: float) -> RawResponse:
        nonlocal count
        count += 1
        return answer(429 if now - 1000 < seconds and count % every == 0 else 200)

    assert Desk(reply, total_timeout=60).read(400) < 35


def test_throttling_that_lasts_until_the_deadline_is_tried_until_then_and_reported() -> None:
    desk = Desk(lambda now: answer(200 if now - 1000 < 1 else 429), total_timeout=60)
    with pytest.raises(
        WorkspaceError, match=r"\d+ requests remain, and .* processed \d+ requests in .* Raise total_tim"
    ):
        desk.read(400)
    assert 55 < desk.clock.now() - 1000 < 60


def test_a_429_halves_the_simultaneous_requests_and_each_window_without_one_adds_one() -> None:
    clock = FakeClock()
    call = Call(300, 4, clock)
    refusal = WorkspaceError("", status_code=429, error_msg="limit:100,time:1 minute")

    def answered() -> int:
        """Send as many requests as may be sent now."""
        turns = [turn for turn in [call.enter(0) for _number in range(5)] if turn is not None]
        for turn in turns:
            call.leave(turn, 200, None)
        return len(turns)

    for turn in [call.enter(0) for _number in range(4)]:
        # One refusal, as all were sent before it was known; the last one asks for a longer wait.
        call.leave(turn or 0, 429, refusal)
        refusal.asked = 8
    clock.seconds += 7.9
    assert answered() == 0
    clock.seconds += 0.2
    assert [answered(), answered()] == [1, 2]
    clock.seconds += 61
    assert [answered(), answered()] == [2, 3]


@pytest.mark.parametrize(
    ("service", "most_seconds", "most_refused"),
    [
        (throttling(200, 60), 64, 1),
        (throttling(200, 60, fixed=True), 64, 2),
        (throttling(200, 60, Retry_After="60"), 75, 1),
        (throttling(200, 60, named=False), 90, 8),
        (throttling(200, 60, others=0.5), 130, 20),
        (throttling(200, 60, fixed=True, others=0.5), 140, 20),
    ],
    ids=["sliding", "fixed", "retry after", "unnamed", "shared sliding", "shared fixed"],
)
def test_a_call_takes_little_more_than_the_time_that_the_limit_requires(
    service: Callable[[float], RawResponse], most_seconds: float, most_refused: int
) -> None:
    desk = Desk(service)
    seconds = desk.read(250)
    assert seconds < most_seconds
    assert max(desk.clock.waits) <= 60
    assert desk.statuses.count(429) <= most_refused
    (warning,) = desk.client.warnings()
    words = float(re.findall(r"waited ([\d.]+) s", warning)[0])
    assert words == pytest.approx(sum(desk.clock.waits), rel=0.02)


@pytest.mark.parametrize(("limit", "others"), [((20, 60), 0.5), ((20, 3600), 0)])
@pytest.mark.parametrize("fixed", [False, True])
def test_a_call_that_would_exceed_total_timeout_fails_early_and_names_a_sufficient_one(
    limit: tuple[int, float], fixed: bool, others: float
) -> None:
    desk = Desk(throttling(*limit, fixed=fixed, others=others))
    with pytest.raises(WorkspaceError) as failed:
        desk.read(250)
    assert desk.clock.now() - 1000 < 20
    refused = 250 - limit[0] * (1 - others)
    assert failed.value.facts["status_code"] == 429
    assert f"{refused:g} requests remain" in failed.value.message
    assert f"{limit[0]} requests in {limit[1]} s" in failed.value.message
    (enough,) = re.findall(r"Raise total_timeout to (\d+) s", failed.value.message)
    assert int(enough) > 300
    Desk(throttling(*limit, fixed=fixed, others=others), total_timeout=float(enough)).read(250)


def test_a_call_fails_early_if_the_measured_rate_is_too_low_for_a_window() -> None:
    desk = Desk(throttling(100, 60, named=False))
    with pytest.raises(WorkspaceError, match=r"processed \d+ requests in [\d.]+ s.* Raise total_timeout to \d+ s"):
        desk.read(5000)
    assert desk.clock.now() - 1000 < 200


def test_a_wait_that_the_service_does_not_ask_for_is_at_most_a_minute() -> None:
    desk = Desk(throttling(20, 3600), total_timeout=7200)
    assert desk.read(21) < 3700
    assert max(desk.clock.waits) == 60


def test_a_retry_after_of_a_day_fails_at_once() -> None:
    desk = Desk(in_turn(answer(429, Retry_After="86400")))
    with pytest.raises(WorkspaceError, match=r"total_timeout \(300 s\)"):
        desk.read()
    assert desk.clock.waits == []


def test_other_failures_after_throttling_are_retried() -> None:
    desk = Desk(
        in_turn(answer(429, Retry_After="5"), NoResponse("reset", retryable=True), answer(503), answer()), max_retries=2
    )
    assert desk.read() < 9


@pytest.mark.parametrize(("status", "is_accepted"), [(200, True), (403, True), (401, False), (404, False)])
def test_a_403_shows_as_well_that_the_credentials_are_accepted(status: int, is_accepted: bool) -> None:
    class Recorder(Auth):
        was_accepted = False

        def accepted(self, request: Any) -> None:
            self.was_accepted = True

    auth = Recorder()
    with contextlib.suppress(WorkspaceError):
        Desk(in_turn(answer(status))).client.request("GET", URL, auth=auth)
    assert auth.was_accepted is is_accepted


def test_a_cancelled_call_ends_all_waits() -> None:
    call = Call(300, 1, Clock())
    call.enter(0)
    waiting = [threading.Thread(target=wait, args=(60,), daemon=True) for wait in (call.wait, call.enter)]
    for thread in waiting:
        thread.start()
    time.sleep(0.05)
    call.cancel(WorkspaceError("cancelled"))
    for thread in waiting:
        thread.join(10)
    assert not any(thread.is_alive() for thread in waiting)
