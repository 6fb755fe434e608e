# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Send a request with retries, and return a JSON object or raise a `WorkspaceError`."""

from __future__ import annotations

import functools
import json
import time
import typing as t

from . import errors, version
from .call import Call
from .libraries import requests
from .query import Auth, Pairs, canonical_query
from .retry import Clock, wait_before

if t.TYPE_CHECKING:
    from .secrets import Secrets
    from .transport import RawResponse, Transport

#: Seconds for which a signed request may wait for its turn before it is signed again.
_OLDEST_SIGNATURE = 60.0


class Response(t.NamedTuple):
    """A JSON object from the service, with the data for error messages about it.

    @param request: the request, e.g. `GET https://host/path`.
    @param headers: the response headers, case-insensitive.
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

    def unusable(self, why: str) -> errors.WorkspaceError:
        """The error for a response with a success status and unusable content."""
        given = self.headers.get("X-Request-Id")
        request_id = errors.one_line(self.redact(given)) if given else None
        suffix = f" (request id {request_id})" if request_id else ""
        return errors.WorkspaceError(
            f"{self.request} returned HTTP {self.status}, but {why}{suffix}.",
            status_code=self.status,
            request_id=request_id,
            attempts=self.attempts,
        )


class Limits(t.NamedTuple):
    """The limits of the requests of a client, in seconds and numbers.

    @param timeout: for one attempt, from connecting to receiving the complete body.
    @param total_timeout: for all requests of a call, including waits.
    @param max_retries: after transient failures. Throttling does not count.
    @param retry_max_delay: the longest wait before a retry.
    @param concurrency: the maximum number of simultaneous requests.
    """

    timeout: float
    total_timeout: float
    max_retries: int
    retry_max_delay: float
    concurrency: int


class Client:
    """Sends the requests of one module call, or of several consecutive calls. It is thread-safe. The first call starts now.

    @param secrets: the secrets to mask in error messages.
    @param hint: returns what is probably wrong and what to do after an error response, or an empty string. Its arguments
        are the error, the `clock_difference`, and the permission that the request needs, if known.
    @param clock: the clock, which tests replace.
    """

    def __init__(
        self,
        transport: Transport,
        limits: Limits,
        secrets: Secrets,
        hint: t.Callable[[errors.WorkspaceError, float | None, str | None], str] = lambda *_facts: "",
        clock: Clock | None = None,
    ) -> None:
        self._transport = transport
        self._limits = limits
        self._secrets = secrets
        self._hint = hint
        self._clock = clock or Clock()
        self._user_agent = f"{version.COLLECTION}/{version.VERSION} python-requests/{requests.__version__}"
        #: Seconds by which the clock of this host is ahead of the server's; `None` if it is not known.
        self.clock_offset: float | None = None
        self._call = self._new_call()

    def _new_call(self) -> Call:
        return Call(self._limits.total_timeout, self._limits.concurrency, self._clock)

    def begin(self) -> None:
        """Start another call, with a new deadline and without throttling. What is left of the previous one is cancelled."""
        self.cancel(errors.WorkspaceError("The call has ended."))
        self._call = self._new_call()

    def close(self) -> None:
        """Cancel requests in progress, and close the connections."""
        self.cancel(errors.WorkspaceError("The call has ended."))
        self._transport.close()

    def cancel(self, cause: BaseException) -> None:
        """Cancel all waits and requests of the call, and send no more of them.

        @param cause: the error that all of them raise, unless the call was cancelled before.
        """
        if self._call.cancel(cause):
            self._transport.cut()

    def plan(self, requests_more: int) -> None:
        """See `Call.plan`; a negative number removes finished requests."""
        self._call.plan(requests_more)

    def warnings(self) -> list[str]:
        """Warnings about the requests so far."""
        return self._call.warnings()

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
        call, request, attempt, retries = self._call, f"{method} {url}", 0, 0
        prepare = functools.partial(self._prepared, method, url, query, auth, headers, json_body)
        while True:
            attempt += 1
            prepared, turn = self._turn(call, prepare, request, attempt - 1)
            outcome: Response | errors.WorkspaceError | None = None
            try:
                outcome = self._exchange(call, prepared, request, attempt, expected, permission)
            finally:
                error = outcome if isinstance(outcome, errors.WorkspaceError) else None
                call.leave(turn, outcome.status if outcome else None, error)
            if isinstance(outcome, Response) or outcome.status == 403:
                auth.accepted(prepared)
            if isinstance(outcome, Response):
                return outcome
            call.check()
            if outcome.status == 429:
                call.check_throttling(outcome)
            elif outcome.status == 401 and auth.renew(prepared):
                continue
            elif not outcome.retryable or retries >= self._limits.max_retries:
                raise outcome
            else:
                retries += 1
                self._wait_for_next_try(call, outcome, retries)

    def request_directly(self, method: str, url: str, *, headers: t.Mapping[str, str], timeout: float) -> RawResponse:
        """Send an unsigned request once and without a proxy, and return the response with any status.

        @param timeout: seconds, limited by the timeout of other requests and the remaining total timeout.
        @raises WorkspaceError: no response, or no time left. The message does not contain text of the server.
        """
        call, request = self._call, f"{method} {url}"
        prepared = self._prepared(method, url, (), Auth(), headers, None)
        seconds = min(timeout, self._limits.timeout, call.time_left(request, 0))
        try:
            return self._transport.exchange(prepared, seconds, is_cancelled=call.is_cancelled, direct=True)
        except errors.NoResponse:
            call.check()
            raise errors.WorkspaceError(f"No response to {request} within {seconds:.3g} s.", attempts=1) from None

    def _turn(
        self, call: Call, prepare: t.Callable[[], requests.PreparedRequest], request: str, attempts: int
    ) -> tuple[requests.PreparedRequest, int]:
        """Prepare the request, and wait for the permission to send it."""
        while True:
            call.check()
            # Prepared again for each attempt, because the signature contains the time. It is prepared before it waits
            # for its turn, because a login sends requests as well.
            prepared = prepare()
            turn = call.enter(min(call.time_left(request, attempts), _OLDEST_SIGNATURE))
            if turn is not None:
                return prepared, turn

    def _exchange(
        self,
        call: Call,
        prepared: requests.PreparedRequest,
        request: str,
        attempt: int,
        expected: int,
        permission: str | None,
    ) -> Response | errors.WorkspaceError:
        """The response, or the error if there is none or it cannot be used."""
        redact, seconds = self._secrets.redact, min(self._limits.timeout, call.remaining())
        try:
            raw = self._transport.exchange(prepared, seconds, is_cancelled=call.is_cancelled)
        except errors.NoResponse as failure:
            reason = errors.one_line(redact(failure.reason))
            message = f"{reason[:1].upper()}{reason[1:]}. No response to {request}."
            return errors.WorkspaceError(message, failure.retryable, attempts=attempt)
        self.clock_offset = ahead = errors.clock_difference(raw.headers)
        document = errors.parsed(raw.body)
        # The vendor's error table lists codes that are returned with status 200.
        if raw.status != expected or (isinstance(document, dict) and document.get("error_code")):
            error = errors.rejected(request, raw.status, raw.body, raw.headers, attempts=attempt, redact=redact)
            error.message = f"{self._hint(error, ahead, permission)} {error.message}".strip()
            return error
        response = Response(request, document, raw.headers, raw.status, attempt, time.monotonic(), redact)
        if isinstance(document, dict):
            return response
        error = response.unusable(
            "not by the API: another server or a proxy seems to have responded, check the endpoint (the body is not a JSON"
            " object, or nested too deep)"
        )
        # An incomplete object was cut off during transmission.
        error.retryable = document is None and raw.body.lstrip().startswith(b"{")
        return error

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

    def _wait_for_next_try(self, call: Call, error: errors.WorkspaceError, retry: int) -> None:
        wait = wait_before(retry, error.asked, self._limits.retry_max_delay)
        if wait >= call.remaining():
            raise errors.WorkspaceError(
                f"{error.message} Not retried: the next wait of {wait:.3g} s would exceed total_timeout"
                f" ({call.seconds:.6g} s).",
                **error.facts,
            )
        call.wait(wait)
