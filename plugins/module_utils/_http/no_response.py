# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The reason why an exchange failed: one exception for those of requests, urllib3, TLS and sockets."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import typing as t

from . import errors
from .libraries import requests

#: What is wrong with a certificate and what to do, by OpenSSL's codes: X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED;
#: _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH; X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA to _CA_CERT_MISSING_KEY_USAGE.
_CERTIFICATES: tuple[tuple[t.Container[int], str, str], ...] = (
    ((9, 10), "is not valid now", "renew it, or check the clock of this machine"),
    ((62, 64), "is for another host", "check the endpoint"),
    (
        range(79, 95),
        "or its CA lacks what RFC 5280 requires and Python checks from 3.13 on",
        "have it issued again, or run the task with an older Python",
    ),
)
#: OpenSSL's reasons if a server sends something else than TLS, in its different versions.
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "UNKNOWN_PROTOCOL",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)
_PROXY = "the proxy"
_TUNNEL = "Tunnel connection failed: "


def _causes(error: BaseException) -> list[BaseException]:
    """The error and its causes, outermost first."""
    causes = [error]
    for cause in causes:
        inner = (getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__)
        # Compared by identity, because exceptions may define equality.
        seen = set(map(id, causes))
        causes += [one for one in inner if isinstance(one, BaseException) and id(one) not in seen]
    return causes


def _untrusted(cause: BaseException, whose: str, ca: str) -> str:
    """Why a certificate was rejected, and what to do."""
    code = getattr(cause, "verify_code", 62)
    detail = getattr(cause, "verify_message", "") or str(cause)
    advice = "set ca_path to a file with its CA"
    if os.path.isdir(ca):
        # OpenSSL reads only files with the hash of their subject as name.
        advice = f"add its CA and run openssl rehash on the folder, or {advice}"
    unknown = (f"is not from a CA in {ca}", advice)
    wrong, advice = next(((wrong, advice) for codes, wrong, advice in _CERTIFICATES if code in codes), unknown)
    return f"the certificate of {whose} {wrong} ({detail}): {advice}"


def _known(cause: BaseException, whose: str, advice: str, host: str, ca: str, proxy: str) -> errors.NoResponse | None:
    """The reason for one of the causes that users can do something about."""
    # urllib3 before 2 raises an exception of its own for the certificate of another host.
    if isinstance(cause, ssl.SSLCertVerificationError) or type(cause).__name__ == "CertificateError":
        return errors.NoResponse(_untrusted(cause, whose, ca), retryable=False)
    if isinstance(cause, ssl.SSLError) and cause.reason in _NOT_TLS:
        # Also if the server sent an error page of plain HTTP.
        place = "proxy or HTTPS_PROXY" if whose == _PROXY else "the endpoint"
        reason = f"{whose} does not use TLS on this port ({cause.reason}): check the scheme and port of {place}"
        return errors.NoResponse(reason, retryable=False)
    if isinstance(cause, socket.gaierror):
        # EAI_AGAIN is a failure of the resolver; other errors are permanent.
        name = "of the proxy" if whose == _PROXY else host
        reason = f"the host name {name} cannot be resolved ({cause.strerror}): {advice}, and DNS of this machine"
        return errors.NoResponse(reason, retryable=cause.errno == socket.EAI_AGAIN)
    if isinstance(cause, OSError) and _TUNNEL in str(cause):
        said = str(cause).rpartition(_TUNNEL)[2]
        advice = f"{advice}, or add the host to NO_PROXY"
        if said.startswith("407"):
            from . import proxies

            other = proxies.other_authentication(proxy, host)
            advice = "set its user name and password in proxy or HTTPS_PROXY"
            if other:
                advice = (
                    f"it only offers {other} authentication, which is not supported: use a proxy with Basic or none"
                )
        # A 4xx of a proxy is permanent.
        return errors.NoResponse(
            f"the proxy rejected the request ({said}): {advice}", retryable=not said.startswith("4")
        )
    return None


def explained(
    error: BaseException, seconds: float, *, host: str = "", ca: str = "", proxy: str = ""
) -> errors.NoResponse:
    """Turn an exception of requests, urllib3 or a socket into a reason: the likely cause, and what to do.

    @param seconds: the timeout of the exchange.
    @param host: the server.
    @param ca: the file or folder of CAs.
    @param proxy: its URL, if there is one.
    """
    causes = _causes(error)
    whose, via, advice = "the server", "", "check the endpoint (or region) and proxy"
    if any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes):
        whose, via, advice = _PROXY, "cannot connect to the proxy, ", "check proxy or HTTPS_PROXY"
    # Innermost first, because the outer ones repeat its text.
    known = next(filter(None, (_known(cause, whose, advice, host, ca, proxy) for cause in reversed(causes))), None)
    if known:
        return known
    if any(isinstance(cause, (socket.timeout, requests.exceptions.Timeout)) for cause in causes):
        return errors.NoResponse(f"timed out after {seconds:.3g} s: {advice}, or raise timeout", retryable=True)
    if isinstance(error, ValueError):
        return errors.NoResponse(f"the request cannot be sent ({type(error).__name__}): {advice}", retryable=False)
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return errors.NoResponse(f"{via}{cause.strerror}: {advice}", retryable=True)
    # Other causes may be internal to urllib3.
    last = [cause for cause in causes if isinstance(cause, (OSError, http.client.HTTPException))][-1:] or causes[-1:]
    return errors.NoResponse(f"{via}{str(last[0]) or type(last[0]).__name__}: {advice}", retryable=True)
