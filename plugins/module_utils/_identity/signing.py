# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sign a request (AK/SK, SDK-HMAC-SHA256) or add a token, after it was prepared: what is signed is what is sent.

The rules are those of the vendor's API request signing guide and of the signer in its SDKs.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import typing as t
from urllib.parse import unquote, urlsplit

from .._http.query import Auth, canonical_query, encode

if t.TYPE_CHECKING:
    from requests import PreparedRequest

    from .._http.query import Pairs

ALGORITHM = "SDK-HMAC-SHA256"

#: X-Sdk-Date must be signed, and host binds the signature to the server. Nothing else is signed: the gateway repeats the
#: values of signed headers in the text of a 401, which must not contain a security token.
SIGNED_HEADERS = ("host", "x-sdk-date")


def _canonical_path(path: str) -> str:
    segments = (encode(segment) for segment in unquote(path).split("/"))
    canonical = "/".join(segments)
    return canonical if canonical.endswith("/") else f"{canonical}/"


def _query_pairs(query: str) -> Pairs:
    """The pairs of a query string. A plus sign is literal, blanks are `%20`."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(key), unquote(value)) for key, _equals, value in pairs]


def canonical_request(request: PreparedRequest) -> str:
    """The text that is hashed for the signature: method, path, query, headers, body.

    @param request: complete, with every header of `SIGNED_HEADERS`.
    """
    parts = urlsplit(request.url or "")
    body = request.body or b""
    lines = [
        (request.method or "").upper(),
        _canonical_path(parts.path),
        canonical_query(_query_pairs(parts.query)),
        *(f"{name}:{request.headers[name]}" for name in SIGNED_HEADERS),
        "",
        ";".join(SIGNED_HEADERS),
        hashlib.sha256(body.encode("utf-8") if isinstance(body, str) else body).hexdigest(),
    ]
    return "\n".join(lines)


def signature(secret_key: str, canonical: str, date: str) -> str:
    """The signature of a canonical request at this time (`YYYYMMDDTHHMMSSZ`, UTC)."""
    to_sign = "\n".join((ALGORITHM, date, hashlib.sha256(canonical.encode("utf-8")).hexdigest()))
    return hmac.new(secret_key.encode("utf-8"), to_sign.encode("utf-8"), hashlib.sha256).hexdigest()


class SignatureAuth(Auth):
    """AK/SK: sign the request with the current time.

    @param security_token: of temporary keys.
    """

    def __init__(self, access_key: str, secret_key: str, security_token: str = "") -> None:
        self._access_key = access_key
        self._secret_key = secret_key
        self._security_token = security_token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        # Host is set here, so that http.client does not write one that differs from what is signed.
        request.headers["Host"] = urlsplit(request.url or "").netloc
        request.headers["X-Sdk-Date"] = date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        if self._security_token:
            request.headers["X-Security-Token"] = self._security_token
        signed = signature(self._secret_key, canonical_request(request), date)
        request.headers["Authorization"] = (
            f"{ALGORITHM} Access={self._access_key}, SignedHeaders={';'.join(SIGNED_HEADERS)}, Signature={signed}"
        )
        return request


class TokenAuth(Auth):
    """Add a token, which is never renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Auth-Token"] = self._token
        return request
