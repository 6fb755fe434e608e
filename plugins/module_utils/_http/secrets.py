# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The secrets of a call, which are masked in all outputs, in every encoding in which a server might return them."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"

#: The HTML entities of a character, the most common first.
_ENTITIES = {"&": ("amp",), "<": ("lt",), ">": ("gt",), '"': ("quot",), "'": ("#x27", "apos")}


def _base64_forms(secret: str) -> t.Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.decode("ascii")
        yield encoded.decode("ascii").rstrip("=")


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
    yield secret.translate({ord(character): f"&{names[0]};" for character, names in _ENTITIES.items()})
    yield from _base64_forms(secret)


def _character_pattern(character: str) -> str:
    """A pattern for a character, unescaped or escaped for a URL, JSON or HTML."""
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    if character.isascii() and character.isalnum():
        return f"(?:{character}|(?i:{percent}))"
    number = ord(character)
    utf16 = character.encode("utf-16-be", "surrogatepass").hex()
    json_escape = "".join(rf"\\u{utf16[at : at + 4]}" for at in range(0, len(utf16), 4))
    ways = [rf"\\?{re.escape(character)}", f"(?i:{percent}|{json_escape}|&#0*{number};|&#x0*{number:x};)"]
    ways += [f"&{name};" for name in _ENTITIES.get(character, ())]
    if character == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


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
        """Mask all secrets in a text, in any encoding. Longer ones are first, because they may contain shorter ones."""
        for secret in sorted(self._known, key=len, reverse=True):
            for encoded in _base64_forms(secret):
                text = text.replace(encoded, MASK)
            text = re.sub("".join(map(_character_pattern, secret)), MASK, text)
        return text
