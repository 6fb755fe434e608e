# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The reason why an exchange failed: one exception for those of requests, urllib3, TLS and sockets."""

from __future__ import annotations

import http.client
import socket
import ssl
import typing as t

from .errors import NoResponse
from .libraries import requests

#: OpenSSL's codes: X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH.
_OUT_OF_DATE, _OTHER_HOST, _OTHER_ADDRESS = (9, 10), 62, 64
#: OpenSSL's codes for its strict checks, which Python enables from 3.13 on: X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA to
#: X509_V_ERR_CA_CERT_MISSING_KEY_USAGE.
_STRICT = range(79, 95)
#: OpenSSL's reasons if a server sends something else than TLS, in its different versions.
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "UNKNOWN_PROTOCOL",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)

_PROXY = "the proxy"


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """The error and its causes, outermost first."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if any(current is earlier for earlier in seen):
            continue
        seen.append(current)
        yield current
        inner = (getattr(current, "reason", None), *current.args, current.__cause__, current.__context__)
        waiting.extend(candidate for candidate in inner if isinstance(candidate, BaseException))


def _untrusted(cause: BaseException, whose: str, ca: str) -> str:
    """Why a certificate was rejected, and what to do."""
    code = getattr(cause, "verify_code", _OTHER_HOST)
    detail = getattr(cause, "verify_message", "") or str(cause)
    if code in _OUT_OF_DATE:
        return f"the certificate of {whose} is not valid now ({detail}): renew it, or check the clock of this machine"
    if code in (_OTHER_HOST, _OTHER_ADDRESS):
        return f"the certificate of {whose} is for another host ({detail}): check the endpoint"
    if code in _STRICT:
        return (
            f"the certificate of {whose} or its CA lacks what RFC 5280 requires and Python checks from 3.13 on ({detail}):"
            " have it issued again, or run the task with an older Python"
        )
    return f"the certificate of {whose} is not from a CA in {ca} ({detail}): set ca_path to a file with its CA"


def _rejected_tunnel(said: str) -> NoResponse:
    """The reason after a proxy rejected a CONNECT. A 4xx of a proxy is permanent."""
    advice = "check proxy or HTTPS_PROXY, or add the host to NO_PROXY"
    if said.startswith("407"):
        advice = "set its user name and password in proxy or HTTPS_PROXY"
    return NoResponse(f"the proxy rejected the request ({said}): {advice}", retryable=not said.startswith("4"))


def _of_tls_or_tunnel(cause: BaseException, whose: str, ca: str) -> NoResponse | None:
    """The reason if TLS failed, or if a proxy rejected a CONNECT."""
    # urllib3 before 2 raises an exception of its own for the certificate of another host.
    if isinstance(cause, ssl.SSLCertVerificationError) or type(cause).__name__ == "CertificateError":
        return NoResponse(_untrusted(cause, whose, ca), retryable=False)
    if isinstance(cause, ssl.SSLError) and cause.reason in _NOT_TLS:
        # Also if the server sent an error page of plain HTTP.
        by_proxy = whose == _PROXY
        where = "its port, or write http:// in proxy" if by_proxy else "the scheme and port of the endpoint"
        return NoResponse(f"{whose} does not use TLS on this port ({cause.reason}): check {where}", retryable=False)
    if isinstance(cause, OSError) and "Tunnel connection failed" in str(cause):
        return _rejected_tunnel(str(cause).rpartition("Tunnel connection failed: ")[2])
    return None


def explained(error: BaseException, seconds: float, *, host: str = "", ca: str = "") -> NoResponse:
    """Turn an exception of requests, urllib3 or a socket into a reason: the likely cause, and what to do.

    @param seconds: the timeout of the exchange.
    @param host: the server.
    @param ca: the file or folder of CAs.
    """
    causes = list(_causes(error))
    by_proxy = any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes)
    whose = _PROXY if by_proxy else "the server"
    advice = "check proxy or HTTPS_PROXY" if by_proxy else "check the endpoint and proxy"
    # Innermost first, because the outer ones repeat its text.
    permanent = (_of_tls_or_tunnel(cause, whose, ca) for cause in reversed(causes))
    reason = next(filter(None, permanent), None)
    if reason:
        return reason
    if any(isinstance(cause, (socket.timeout, requests.exceptions.Timeout)) for cause in causes):
        return NoResponse(f"timed out after {seconds:.3g} s: {advice}, or raise timeout", retryable=True)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            # EAI_AGAIN is a failure of the resolver; other errors are permanent.
            name = "of the proxy" if by_proxy else host
            advice = f"{advice}, and DNS" if by_proxy else "check the region or endpoint, and DNS and the proxy"
            return NoResponse(
                f"the host name {name} cannot be resolved ({cause.strerror}): {advice} of this machine",
                retryable=cause.errno == socket.EAI_AGAIN,
            )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, ValueError)):
        return NoResponse(f"the request cannot be sent ({type(error).__name__}): {advice}", retryable=False)
    if any(isinstance(cause, (http.client.IncompleteRead, EOFError)) for cause in causes):
        return NoResponse("the response is incomplete", retryable=True)
    via = "cannot connect to the proxy, " if by_proxy else ""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return NoResponse(f"{via}{cause.strerror}: {advice}", retryable=True)
    # Other causes may be internal to urllib3.
    last = [cause for cause in causes if isinstance(cause, (OSError, http.client.HTTPException))][-1:] or causes[-1:]
    return NoResponse(f"{via}{str(last[0]) or type(last[0]).__name__}: {advice}", retryable=True)
