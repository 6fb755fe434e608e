# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The query of a request as it is sent and signed, and how a request shows who sends it."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from .libraries import AuthBase

if t.TYPE_CHECKING:
    from requests import PreparedRequest

Pairs = t.Sequence[tuple[str, str]]


def encode(text: str) -> str:
    """Percent-encode all but letters, digits and `-_.~`, in upper-case hex of UTF-8."""
    return quote(text, safe="~")


def canonical_query(pairs: Pairs) -> str:
    """The query in the form that is sent as well as signed.

    @param pairs: keys and values as they are, unencoded; a key may come many times.
    @returns: `key=value` sorted by raw key, then raw value, joined with `&`.
    """
    return "&".join(f"{encode(key)}={encode(value)}" for key, value in sorted(pairs))


class Auth(AuthBase):
    """How a request shows who is asking; without more, it does not.

    Calling it and `renew` may send requests by the same client, for keys or a token that end: nothing that those
    requests need, such as a place among the requests under way, may be held meanwhile.
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def renew(self, refused: PreparedRequest) -> bool:
        """After a 401: whether there is something newer to try the request with.

        @param refused: the request as it was sent.
        """
        del refused  # Keys and ready tokens are as they are.
        return False
