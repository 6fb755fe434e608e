# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The reason why an exchange failed: one exception for those of requests, urllib3, TLS and sockets."""

from __future__ import annotations

import http.client
import socket
import ssl
import typing as t

from .libraries import CertificateError, requests

#: OpenSSL's codes: X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH.
_OUT_OF_DATE, _OTHER_HOST, _OTHER_ADDRESS = (9, 10), 62, 64
#: OpenSSL's codes for its strict checks, which Python enables from 3.13 on: X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA to
#: X509_V_ERR_CA_CERT_MISSING_KEY_USAGE.
_STRICT = range(79, 95)


class NoResponse(Exception):
    """There is no complete response.

    @param reason: what happened, as part of a message.
    @param retryable: whether a retry makes sense.
    """

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


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


def _certificate_advice(code: int) -> str:
    """What to do about a certificate that was refused with this code of OpenSSL."""
    if code in _OUT_OF_DATE:
        return "renew it, or check the clock of this host"
    if code in (_OTHER_HOST, _OTHER_ADDRESS):
        return "check endpoint"
    if code in _STRICT:
        return (
            "the certificate or its CA lacks what RFC 5280 requires and Python checks from 3.13 on: have it issued again,"
            " or run the task with an older Python"
        )
    return "set ca_path if a private CA issued it"


def explained(error: BaseException, seconds: float) -> NoResponse:
    """Turn an exception of requests, urllib3 or a socket into a reason.

    @param seconds: the timeout of the exchange.
    """
    causes = list(_causes(error))
    # Innermost first, because the outer ones repeat its text.
    for cause in reversed(causes):
        # urllib3 before 2 raises the second one for the certificate of another host.
        if isinstance(cause, (ssl.SSLCertVerificationError, CertificateError)):
            reason = getattr(cause, "verify_message", "") or str(cause)
            advice = _certificate_advice(getattr(cause, "verify_code", _OTHER_HOST))
            return NoResponse(f"the certificate of the server is not trusted: {reason}; {advice}", retryable=False)
        if isinstance(cause, OSError) and "Tunnel connection failed" in str(cause):
            # A 4xx of a proxy is permanent.
            said = str(cause).rpartition("Tunnel connection failed: ")[2]
            advice = (
                "set its user name and password in proxy or HTTPS_PROXY"
                if said.startswith("407")
                else "check proxy or HTTPS_PROXY, or add the host to NO_PROXY"
            )
            return NoResponse(f"the proxy answered {said}; {advice}", retryable=not said.startswith("4"))
    by_proxy = any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes)
    advice = "check proxy or HTTPS_PROXY" if by_proxy else "check the endpoint and proxy"
    if any(isinstance(cause, (socket.timeout, requests.exceptions.Timeout)) for cause in causes):
        return NoResponse(f"timed out after {seconds:.3g} s; {advice}, or raise timeout", retryable=True)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            # A name that does not exist is usually a wrong region. EAI_AGAIN is a failure of the resolver.
            where = "of the proxy" if by_proxy else "of the server"
            advice = advice if by_proxy else "check region, or the endpoint if one is set"
            return NoResponse(
                f"the host name {where} cannot be resolved ({cause.strerror}); {advice}",
                retryable=cause.errno == socket.EAI_AGAIN,
            )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, ValueError)):
        return NoResponse(f"the request cannot be sent: {type(error).__name__}; {advice}", retryable=False)
    if any(isinstance(cause, (http.client.IncompleteRead, EOFError)) for cause in causes):
        return NoResponse("the response is incomplete", retryable=True)
    via = "cannot connect to the proxy: " if by_proxy else ""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return NoResponse(f"{via}{cause.strerror}; {advice}", retryable=True)
    # Other causes may be internal to urllib3.
    last = [cause for cause in causes if isinstance(cause, (OSError, http.client.HTTPException))][-1:] or causes[-1:]
    return NoResponse(f"{via}{str(last[0]) or type(last[0]).__name__}; {advice}", retryable=True)
