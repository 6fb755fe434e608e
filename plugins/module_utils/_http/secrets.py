# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The secrets of a call, which are masked in all outputs, in every encoding in which a server might return them."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from urllib.parse import quote, quote_plus, unquote

MASK = "********"
#: In place of a text that contains a secret in another form than the usual encodings.
NOT_SHOWN = "(text not shown, because it contains a secret)"

#: The fewest letters and digits that are searched for without regard to what is between them.
_FEWEST = 8
#: How often a text may be encoded in itself.
_MOST_ENCODINGS = 5
_BACKSLASHES = re.compile(r"\\+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|[abfnrtv])")
_HTML = frozenset("&<>\"'")
_TAG = re.compile(r"<[^<>]*>")
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


def _forms(secret: str) -> t.Iterator[str]:
    """The secret itself and its usual encodings (URL, JSON, HTML, base64)."""
    yield secret
    for encode, safe in ((quote, ""), (quote, "/"), (quote, "!'()*"), (quote_plus, "")):
        encoded = encode(secret, safe=safe, errors="surrogatepass")
        yield encoded
        # Some servers use lower-case hex digits.
        yield re.sub("%[0-9A-F]{2}", lambda escape: escape.group().lower(), encoded)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    if not _HTML.isdisjoint(secret):
        import html  # Not at the top, because few secrets need it.

        yield html.escape(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    for encoded_bytes in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        encoded = encoded_bytes.decode("ascii")
        yield from (encoded, encoded.rstrip("="))


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2] or "0", 16))


def _readings(text: str) -> t.Iterator[str]:
    """The letters and digits of a text, and of what it is the encoding of: without line breaks, tags, quotes, ..."""
    import html

    for _time in range(_MOST_ENCODINGS):
        yield _NO_LETTER_OR_DIGIT.sub("", _TAG.sub("", text))
        decoded = _ESCAPE.sub(_unescaped, _BACKSLASHES.sub(r"\\", text))
        decoded = unquote(html.unescape(decoded))
        if decoded == text:
            break
        text = decoded


def _hidden_forms(secret: str) -> t.Iterator[str]:
    """What to search for in `_readings`: the secret, and its part of the base64 encoding of a longer text."""
    yield from _readings(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    for before in range(3):  # The encoding depends on where the secret begins.
        encoded = base64.b64encode(b"0" * before + raw).decode("ascii")
        yield from _readings(encoded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6])


class Secrets:
    """The set of secrets of a call: keys, tokens and passwords from all sources."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def add(self, *secrets: str | None) -> None:
        """Add secrets; `None` and empty strings are ignored."""
        self._known |= {secret for secret in secrets if secret}

    def __iter__(self) -> t.Iterator[str]:
        """All secrets in their usual encodings, for `AnsibleModule.no_log_values`."""
        for secret in self._known:
            yield from _forms(secret)

    def redact(self, text: str) -> str:
        """Mask all secrets in a text. A text that contains one in another form than a usual encoding is replaced."""
        # Longer ones are first, because they may contain shorter ones.
        for form in sorted(set(self), key=len, reverse=True):
            text = text.replace(form, MASK)
        hidden = {form for secret in self._known for form in _hidden_forms(secret) if len(form) >= _FEWEST}
        return NOT_SHOWN if any(form in reading for reading in _readings(text) for form in hidden) else text
