# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a server repeats are masked, or the text that contains them is not shown."""

from __future__ import annotations

import base64
import html
import json
import re
from textwrap import wrap
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import rejected
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import MASK, NOT_SHOWN, Secrets
from requests.structures import CaseInsensitiveDict

TOKEN = "MIIZq7/x+W9vKpTm4u5RsB3nLd8cYhGfJ2kXo1tQ=="
PASSWORD = "Zq7<x+W9&vK'p\"Tm=4ö%s u"


def redact(text: str, *secrets: str) -> str:
    known = Secrets()
    known.add(*(secrets or (TOKEN, PASSWORD)), None, "")
    return known.redact(text)


@pytest.mark.parametrize("secret", [TOKEN, PASSWORD])
def test_a_secret_in_a_usual_encoding_is_masked_and_the_rest_is_shown(secret: str) -> None:
    for encoded in (
        secret,
        quote(secret),
        re.sub("%..", lambda escape: escape.group().lower(), quote(secret, safe="")),
        json.dumps(secret)[1:-1],
        html.escape(secret),
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    ):
        assert redact(f"before {encoded} after") == f"before {MASK} after"


def encodings_that_hide(secret: str) -> dict[str, str]:
    lines = wrap(secret, 5, drop_whitespace=False)
    header_lines = {
        f"{name} in base64": base64.b64encode(f"{name}: {secret}\r\n".encode()).decode()
        for name in ("X-Auth-Token", "token")
    }
    return {
        "wrapped over lines": "\n".join(lines),
        "folded like a header": "\r\n ".join(lines),
        "wrapped in JSON": json.dumps("\n".join(lines)),
        "wrapped in JSON in JSON": json.dumps(json.dumps("\n".join(lines))),
        "with wbr": "<wbr>".join(lines),
        "with br, escaped for HTML": "<br />".join(map(html.escape, lines)),
        "with zero-width spaces": "\u200b".join(lines),
        "with zero-width joiners as entities": "&zwj;".join(map(html.escape, lines)),
        "with escaped word joiners": "\\u2060".join(lines),
        "as a list": json.dumps(lines),
        "as a list of characters": json.dumps(list(secret)),
        "percent-encoded twice": quote(quote(secret, safe=""), safe=""),
        "percent-encoded in part": secret.replace("+", "%2B"),
        "all percent-encoded": "".join(f"%{byte:02x}" for byte in secret.encode()),
        "escaped for HTML twice": html.escape(html.escape("\t".join(lines))),
        "as numeric entities": "".join(f"&#{ord(character)};" for character in secret),
        "with an escaped character": secret.replace("W", "\\u0057"),
        **header_lines,
        "wrapped base64": "\n".join(wrap(header_lines["X-Auth-Token in base64"], 20)),
    }


HIDDEN = {
    f"{kind} {name}": text
    for kind, secret in (("token", TOKEN), ("password", PASSWORD))
    for name, text in encodings_that_hide(secret).items()
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_text_that_hides_a_secret_is_not_shown(name: str) -> None:
    assert redact(f"<p>before {HIDDEN[name]} after</p>") == NOT_SHOWN
    secrets = Secrets()
    secrets.add(TOKEN, PASSWORD)
    bodies: list[Any] = [f"<h1>{HIDDEN[name]}</h1>", {"error_msg": HIDDEN[name]}, {"x": [HIDDEN[name]]}]
    for body in bodies:
        sent = (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = CaseInsensitiveDict({"X-Request-Id": HIDDEN[name]})
        error = rejected("GET u", 401, sent, headers, attempts=1, redact=secrets.redact)
        assert error.message == f"GET u failed with HTTP 401: {NOT_SHOWN} (request id {NOT_SHOWN})."
        assert error.facts["error_msg"] == NOT_SHOWN


def test_texts_without_a_secret_are_shown_as_they_are() -> None:
    text = "<b>50 %</b> of \\users &amp; %41 \u200b ['a', 'b'] Zq7 x W"
    assert redact(text) == text


def test_a_short_secret_is_masked_only_as_it_is() -> None:
    assert redact("pass 12-34 1 2 3 4", "12-34") == f"pass {MASK} 1 2 3 4"


def test_a_secret_that_contains_another_is_masked_as_a_whole() -> None:
    assert redact("x abcdefgh-12345678 y", "abcdefgh", "abcdefgh-12345678") == f"x {MASK} y"
