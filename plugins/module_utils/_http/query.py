# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The query of a request, and the base class for authentication."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from .libraries import AuthBase

if t.TYPE_CHECKING:
    from requests import PreparedRequest

Pairs = t.Sequence[tuple[str, str]]


def encode(text: str) -> str:
    """Percent-encode a text as UTF-8 with upper-case hex digits, except letters, digits and `-_.~`."""
    return quote(text, safe="~")


def canonical_query(pairs: Pairs) -> str:
    """The query string for sending and signing.

    @param pairs: unencoded keys and values; keys may be repeated.
    @returns: `key=value` sorted by unencoded key, then unencoded value, joined with `&`.
    """
    return "&".join(f"{encode(key)}={encode(value)}" for key, value in sorted(pairs))


class Auth(AuthBase):
    """The base class for authentication; by itself it adds none.

    Calling an object and `renew` may send requests with the same client to get new keys or a token. Callers must not
    hold resources that these requests need, such as one of the simultaneous requests.
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def accepted(self, request: PreparedRequest) -> None:
        """After a response that shows that the service accepted the credentials of this request."""

    def renew(self, rejected: PreparedRequest) -> bool:
        """After a 401: get newer credentials, and return whether the request can be sent again.

        @param rejected: the request as it was sent.
        """
        del rejected  # Keys and existing tokens cannot be renewed.
        return False
