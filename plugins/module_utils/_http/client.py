# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Send a request with retries, and return a JSON object or raise a `WorkspaceError`."""

from __future__ import annotations

import functools
import json
import time
import typing as t

from .errors import NoResponse, Rejection, WorkspaceError, clock_difference, one_line, parsed, rejected
from .libraries import requests
from .query import Auth, Pairs, canonical_query
from .retry import RETRYABLE_STATUSES, Clock, Deadline, asked_wait, wait_before
from .throttling import Throttling
from .version import COLLECTION, VERSION

if t.TYPE_CHECKING:
    from .secrets import Secrets
    from .transport import RawResponse, Transport

#: Seconds for which a signed request may wait for its turn before it is signed again.
_OLDEST_SIGNATURE = 60.0


class Response(t.NamedTuple):
    """A JSON object from the service, with the data for error messages about it.

    @param request: the request, e.g. `GET https://host/path`.
    @param document: the object.
    @param headers: the response headers, case-insensitive.
    @param attempts: the number of attempts.
    @param arrived: the time when the response was complete, from `time.monotonic`; it shows which of two is newer.
    @param redact: masks secrets in texts of the server.
    """

    request: str
    document: dict[str, t.Any]
    headers: t.Mapping[str, str]
    status: int
    attempts: int
    arrived: float
    redact: t.Callable[[str], str]

    def unusable(self, why: str) -> WorkspaceError:
        """The error for a response with a success status and unusable content."""
        given = self.headers.get("X-Request-Id")
        request_id = one_line(self.redact(given)) if given else None
        suffix = f" (request id {request_id})" if request_id else ""
        return WorkspaceError(
            f"{self.request} returned HTTP {self.status}, but {why}{suffix}.",
            status_code=self.status,
            request_id=request_id,
            attempts=self.attempts,
        )


class _Failure(t.NamedTuple):
    """A failed attempt.

    @param retryable: whether a retry can succeed.
    @param asked: the seconds to wait in its `Retry-After` header.
    """

    error: WorkspaceError
    retryable: bool
    asked: float | None = None


def _for_throttling(outcome: Response | _Failure | None) -> tuple[int | None, float | None, str]:
    """The status, the wait that was asked for, and the text of an error, for `Throttling.leave`."""
    if isinstance(outcome, _Failure):
        facts = outcome.error.facts
        return outcome.error.status, outcome.asked, f"{facts['error_msg']} {facts['error_detail']}"
    return (outcome.status if outcome else None), None, ""


class _Call:
    """The state of a call: its deadline, its throttling, and why it was cancelled.

    @param seconds: for all its requests.
    """

    def __init__(self, seconds: float, concurrency: int, clock: Clock) -> None:
        self.deadline = Deadline(seconds, clock)
        self.throttling = Throttling(concurrency, self.deadline, clock)
        self.planned = 0
        self.cause: BaseException | None = None

    def is_cancelled(self) -> bool:
        return self.cause is not None

    def cancel(self, cause: BaseException) -> bool:
        """Wake all waits, and return whether the call was not cancelled before."""
        with self.throttling.changed:
            is_first = self.cause is None
            if is_first:
                self.cause = cause
                self.throttling.changed.notify_all()
        return is_first

    def check(self) -> None:
        """Raise the cause if the call was cancelled."""
        if self.cause is not None:
            raise self.cause

    def shortfall(self) -> str | None:
        """See `Throttling.shortfall`."""
        return self.throttling.shortfall(max(1, self.planned))

    def check_throttling(self, error: WorkspaceError) -> None:
        """Raise an error after a 429 if the planned requests exceed the deadline."""
        shortfall = self.shortfall()
        if shortfall:
            raise WorkspaceError(f"{shortfall}. {error.without_hint}", **error.facts)

    def time_left(self, shown: str, attempts: int) -> float:
        """The remaining seconds.

        @raises WorkspaceError: no time is left.
        """
        self.check()
        left = self.deadline.remaining()
        if left <= 0:
            why = self.shortfall() or (
                f"total_timeout ({self.deadline.seconds:.6g} s) is exceeded: raise it, or narrow the query"
            )
            raise WorkspaceError(f"{why}. {shown} was not sent.", attempts=attempts or None)
        return left


class _Request(t.NamedTuple):
    """A request of a call.

    @param shown: the request, e.g. `GET https://host/path`.
    @param prepare: completes and signs it with the current time.
    @param expected: the status of success.
    @param permission: the permission that it needs, if known.
    """

    call: _Call
    shown: str
    auth: Auth
    prepare: t.Callable[[], requests.PreparedRequest]
    expected: int
    permission: str | None


def _has_lone_surrogate(body: bytes, document: t.Any) -> bool:
    """Whether a string in the document cannot be encoded as UTF-8, so that Ansible could not return it."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return False
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


class Client:
    """Sends the requests of one module call, or of several consecutive calls. It is thread-safe.

    @param concurrency: the maximum number of simultaneous requests.
    @param timeout: seconds for one attempt, from connecting to receiving the complete body.
    @param total_timeout: seconds for all requests of a call, including waits. The first call starts now.
    @param max_retries: the number of retries after transient failures. Throttling does not count.
    @param retry_max_delay: the longest wait before a retry, in seconds.
    @param secrets: the secrets to mask in error messages.
    @param hint: returns what is probably wrong and what to do after an error response, or an empty string.
    @param clock: the clock, which tests replace.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        concurrency: int,
        timeout: float,
        total_timeout: float,
        max_retries: int,
        retry_max_delay: float,
        secrets: Secrets,
        hint: t.Callable[[Rejection], str] = lambda _rejection: "",
        clock: Clock | None = None,
    ) -> None:
        self._transport = transport
        self._timeout = timeout
        self._total_timeout = total_timeout
        self._concurrency = concurrency
        self._clock = clock or Clock()
        self._max_retries = max_retries
        self._retry_max_delay = retry_max_delay
        self._secrets = secrets
        self._hint = hint
        self._user_agent = f"{COLLECTION}/{VERSION} python-requests/{requests.__version__}"
        #: Seconds by which the clock of this host is ahead of the server's; `None` if it is not known.
        self.clock_offset: float | None = None
        self._call = self._new_call()

    def _new_call(self) -> _Call:
        return _Call(self._total_timeout, self._concurrency, self._clock)

    def begin(self) -> None:
        """Start another call, with a new deadline and without throttling. What is left of the previous one is cancelled."""
        self.cancel(WorkspaceError("The call has ended."))
        self._call = self._new_call()

    def close(self) -> None:
        """Cancel requests in progress, and close the connections."""
        self.cancel(WorkspaceError("The call has ended."))
        self._transport.close()

    def cancel(self, cause: BaseException) -> None:
        """Cancel all waits and requests of the call, and send no more of them.

        @param cause: the error that all of them raise, unless the call was cancelled before.
        """
        if self._call.cancel(cause):
            self._transport.cut()

    def plan(self, requests_more: int) -> None:
        """Add to the number of planned requests; a negative number removes finished ones.

        With it, a call that cannot be completed in time fails early.
        """
        call = self._call
        with call.throttling.changed:
            call.planned += requests_more

    def warnings(self) -> list[str]:
        """Warnings about the requests so far."""
        throttled = self._call.throttling.warning()
        return [throttled] if throttled else []

    def request(
        self,
        method: str,
        url: str,
        query: Pairs = (),
        *,
        auth: Auth,
        headers: t.Mapping[str, str] | None = None,
        json_body: t.Any = None,
        expected: int = 200,
        permission: str | None = None,
    ) -> Response:
        """Send a request, and retry it after transient failures and throttling.

        @param url: the URL without a query.
        @param query: unencoded pairs; they are sorted for sending and signing.
        @param json_body: the body, which is sent as JSON.
        @param expected: the status of success.
        @param permission: the permission that the request needs, for the hint of a 403.
        @raises WorkspaceError: an unexpected status, no JSON object, no response after all attempts, no time left, or the
            cause if the call is cancelled.
        """
        call, attempt, retries = self._call, 0, 0
        prepare = functools.partial(self._prepared, method, url, query, auth, headers, json_body)
        request = _Request(call, f"{method} {url}", auth, prepare, expected, permission)
        while True:
            attempt += 1
            prepared, outcome = self._attempt(request, attempt)
            if isinstance(outcome, Response):
                return outcome
            call.check()
            if outcome.error.status == 429:
                call.check_throttling(outcome.error)
                continue
            if outcome.error.status == 401 and auth.renew(prepared):
                continue
            if not outcome.retryable or retries >= self._max_retries:
                raise outcome.error
            retries += 1
            self._wait_for_next_try(request, outcome, retries, attempt)

    def request_directly(self, method: str, url: str, *, headers: t.Mapping[str, str], timeout: float) -> RawResponse:
        """Send an unsigned request once and without a proxy, and return the response with any status.

        @param timeout: seconds, limited by the timeout of other requests and the remaining total timeout.
        @raises WorkspaceError: no response, or no time left. The message does not contain text of the server.
        """
        call = self._call
        shown = f"{method} {url}"
        prepared = self._prepared(method, url, (), Auth(), headers, None)
        seconds = min(timeout, self._timeout, call.time_left(shown, 0))
        try:
            return self._transport.exchange(prepared, seconds, is_cancelled=call.is_cancelled, direct=True)
        except NoResponse:
            call.check()
            raise WorkspaceError(f"No response to {shown} within {seconds:.3g} s.", attempts=1) from None

    def _attempt(self, request: _Request, attempt: int) -> tuple[requests.PreparedRequest, Response | _Failure]:
        """Wait for the permission to send the request, and send it."""
        call, turn = request.call, None
        while turn is None:
            call.check()
            # Prepared again for each attempt, because the signature contains the time. It is prepared before it waits
            # for its turn, because a login sends requests as well.
            prepared = request.prepare()
            seconds = min(call.time_left(request.shown, attempt - 1), _OLDEST_SIGNATURE)
            turn = call.throttling.enter(seconds, call.is_cancelled)
        outcome: Response | _Failure | None = None
        try:
            outcome = self._try(request, prepared, attempt)
        finally:
            call.throttling.leave(turn, *_for_throttling(outcome))
        if isinstance(outcome, Response) or outcome.error.status == 403:
            request.auth.accepted(prepared)
        return prepared, outcome

    def _try(self, request: _Request, prepared: requests.PreparedRequest, attempt: int) -> Response | _Failure:
        seconds = min(self._timeout, request.call.deadline.remaining())
        try:
            raw = self._transport.exchange(prepared, seconds, is_cancelled=request.call.is_cancelled)
        except NoResponse as no_response:
            reason = one_line(self._secrets.redact(no_response.reason))
            message = f"{reason[:1].upper()}{reason[1:]}. No response to {request.shown}."
            return _Failure(WorkspaceError(message, attempts=attempt), no_response.retryable)
        self.clock_offset = clock_difference(raw.headers)
        return self._checked(request, raw, attempt)

    def _checked(self, request: _Request, raw: RawResponse, attempt: int) -> Response | _Failure:
        """The response, or why it cannot be used."""
        redact, document = self._secrets.redact, parsed(raw.body)
        # The vendor's error table lists codes that are returned with status 200.
        if raw.status != request.expected or (isinstance(document, dict) and document.get("error_code")):
            error = rejected(
                request.shown,
                raw.status,
                raw.body,
                raw.headers,
                attempts=attempt,
                redact=redact,
                hint=self._hint,
                permission=request.permission,
            )
            return _Failure(error, raw.status in RETRYABLE_STATUSES, asked_wait(raw.headers))
        response = Response(request.shown, document, raw.headers, raw.status, attempt, time.monotonic(), redact)
        if not isinstance(document, dict):
            why = (
                "not by the API: another server or a proxy seems to have responded, check the endpoint (the body is not a"
                " JSON object, or nested too deep)"
            )
            # An incomplete object was cut off during transmission.
            return _Failure(response.unusable(why), retryable=document is None and raw.body.lstrip().startswith(b"{"))
        if _has_lone_surrogate(raw.body, document):
            return _Failure(response.unusable("it contains text that is not valid Unicode"), retryable=False)
        return response

    def _prepared(
        self,
        method: str,
        url: str,
        query: Pairs,
        auth: Auth,
        headers: t.Mapping[str, str] | None,
        json_body: t.Any,
    ) -> requests.PreparedRequest:
        sent = {"User-Agent": self._user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        body = None
        if json_body is not None:
            sent["Content-Type"] = "application/json;charset=utf-8"
            body = json.dumps(json_body)
        full_url = f"{url}?{canonical_query(query)}" if query else url
        return requests.Request(method, full_url, headers={**sent, **(headers or {})}, data=body, auth=auth).prepare()

    def _wait_for_next_try(self, request: _Request, failure: _Failure, retry: int, attempts: int) -> None:
        call = request.call
        wait = wait_before(retry, failure.asked, self._retry_max_delay)
        if wait >= call.deadline.remaining():
            raise WorkspaceError(
                f"{failure.error.message} Not retried: the next wait of {wait:.3g} s would exceed total_timeout"
                f" ({call.deadline.seconds:.6g} s).",
                **failure.error.facts,
            )
        end = self._clock.now() + wait
        with call.throttling.changed:
            while not call.is_cancelled() and self._clock.now() < end:
                self._clock.wait(call.throttling.changed, end - self._clock.now())
        call.time_left(request.shown, attempts)
