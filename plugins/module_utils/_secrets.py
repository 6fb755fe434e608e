# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""What must never be shown: every secret of a call, in each form a server might send it back in."""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"


def _forms(secret: str) -> t.Iterator[str]:
    """The secret itself and its usual encodings (URL, JSON, HTML, base64)."""
    yield secret
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        # Some servers write percent escapes in lower-case hex.
        yield re.sub("%[0-9A-F]{2}", lambda escape: escape.group().lower(), encoded)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    for encoded_bytes in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded_bytes.decode("ascii")
        yield encoded_bytes.decode("ascii").rstrip("=")


class Secrets:
    """A growing set of secrets: keys, tokens, passwords, wherever they came from."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def add(self, *secrets: str | None) -> None:
        """Remember these; C(None) and empty strings are passed over."""
        self._known |= {form for secret in secrets if secret for form in _forms(secret)}

    def __iter__(self) -> t.Iterator[str]:
        """Every form of every secret, for C(AnsibleModule.no_log_values)."""
        return iter(self._known)

    def redact(self, text: str) -> str:
        """The text with every form of every secret masked, the longest first (a short one may lie inside it)."""
        for form in sorted(self._known, key=len, reverse=True):
            text = text.replace(form, MASK)
        return text
