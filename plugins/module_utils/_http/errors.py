# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""Every answer that is no answer becomes one exception that carries the facts."""

from __future__ import annotations

import json
import re
import typing as t

#: The facts that a failure always reports, C(None) where unknown: what was answered, then where and as whom it was asked.
FACTS = (
    "status_code",
    "error_code",
    "error_msg",
    "error_detail",
    "encoded_authorization_message",
    "request_id",
    "attempts",
    "project_id",
    "region",
    "endpoint",
    "credentials_source",
)

#: Server texts are shown up to this many characters in a message; the facts hold up to C(_LONGEST_FACT).
_LONGEST_EXCERPT = 400
_LONGEST_FACT = 8000
#: No more of a text is looked at. Secrets are masked before it is cut to the above, so none is cut in two.
_LONGEST_TEXT = 2**20

# Where the body shapes seen keep each fact. Sources: the Workspace API pages (error_code ...), the API gateway
# (request_id as well), IAM v3 (code, message), other services of the cloud (errorCode, errorMsg).
_SPELLINGS = {
    "error_code": ("error_code", "errorCode", "code"),
    "error_msg": ("error_msg", "errorMsg", "message"),
    "error_detail": ("error_detail", "errorDetail"),
    "encoded_authorization_message": ("encoded_authorization_message",),
    "request_id": ("request_id", "requestId"),
}


class WorkspaceError(Exception):
    """Why there is no result: one sentence for people, facts for playbooks.

    @param message: what was asked, what came back, and what to do, in one line.
    @param facts: any of C(FACTS); the others are C(None). C(status_code) and C(attempts) are int, the rest str.
    """

    def __init__(self, message: str, **facts: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts: dict[str, t.Any] = {name: facts.get(name) for name in FACTS}


def one_line(text: str, longest: int = _LONGEST_EXCERPT) -> str:
    """The text without line breaks and control characters (a server's text may hold terminal escapes), cut to size."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _text(value: t.Any) -> str | None:
    """A JSON value as the text of a fact; nothing for what says nothing."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _find(document: dict[str, t.Any], spellings: tuple[str, ...]) -> str | None:
    """The first of these keys, at the top or in an object below it (IAM nests its error one level down)."""
    places = [document] + [value for value in document.values() if isinstance(value, dict)]
    for place in places:
        for spelling in spellings:
            if not isinstance(place.get(spelling), dict) and _text(place.get(spelling)) is not None:
                return _text(place[spelling])
    return None


def error_facts(
    body: bytes, headers: t.Mapping[str, str], redact: t.Callable[[str], str] = lambda text: text
) -> dict[str, str | None]:
    """Read an error body of any known shape: JSON flat or nested, HTML, plain text, nothing at all.

    @param body: the body as received, decompressed.
    @param headers: the response headers, looked up without regard to letter case.
    @param redact: masks secrets; before anything is cut or folded, or a part of a secret would be left.
    @returns: the facts of C(FACTS) that a body can hold.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        facts = {name: _find(document, spellings) for name, spellings in _SPELLINGS.items()}
        if facts["error_msg"] is None and facts["error_code"] is None:
            facts["error_msg"] = _text(document) if document else None
        facts = {name: value and redact(value[:_LONGEST_TEXT])[:_LONGEST_FACT] for name, value in facts.items()}
    else:
        facts = dict.fromkeys(_SPELLINGS)
        text = redact(body[:_LONGEST_TEXT].decode("utf-8", "replace"))[: _LONGEST_FACT * 2]
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)", " ", text)
        facts["error_msg"] = one_line(re.sub(r"<[^>]*>", " ", text)) or None
    request_id = headers.get("X-Request-Id") or headers.get("X-IAM-Trace-Id")
    if request_id:
        facts["request_id"] = one_line(redact(request_id))
    return facts


def hint(status: int, error_code: str | None, permission: str | None) -> str:
    """What to do about a refusal, or an empty string.

    @param permission: the IAM action that the request needs, if it is known.
    """
    code = error_code or ""
    if code == "WKS.00010099":
        return "Workspace is not enabled in this project: check project_id and region, or enable the service."
    if re.fullmatch(r"API(GW|G|C)\.0101", code):
        return "The gateway does not know this address: check endpoint and region."
    if status == 401:
        return (
            "Check the credentials; if they are right, this machine's clock may be more than 15 minutes off, or the"
            " key may be locked for 5 minutes after several refused requests."
        )
    if status == 403 and permission:
        return f"The user needs the IAM action {permission} in this project."
    if status == 403:
        return "The user lacks a permission in IAM."
    if status == 429:
        return "The service is throttling: lower concurrency, or raise max_retries and retry_max_delay."
    if 300 <= status < 400:
        return "Redirects are not followed, so that credentials go to no other place: check endpoint."
    return ""


def refusal(
    request: str,
    status: int,
    body: bytes,
    headers: t.Mapping[str, str],
    *,
    attempts: int,
    permission: str | None = None,
    redact: t.Callable[[str], str],
    remark: str = "",
) -> WorkspaceError:
    """The error for an answer that is a refusal.

    @param request: what was asked, e.g. C(GET https://host/path).
    @param permission: the IAM action the request needs, for the hint of a 403.
    @param redact: masks secrets in what the server said.
    @param remark: a sentence to add, e.g. why it was not tried again.
    """
    facts = error_facts(body, headers, redact)
    said = f"HTTP {status}"
    if facts["error_code"]:
        said += f" {one_line(facts['error_code'])}"
    if facts["error_msg"]:
        said += f": {one_line(facts['error_msg'])}"
    if facts["request_id"]:
        said += f" (request id {one_line(facts['request_id'])})"
    advice = hint(status, facts["error_code"], permission)
    sentences = [f"{request} failed with {said}".rstrip("."), remark.rstrip("."), advice.rstrip(".")]
    return WorkspaceError(
        ". ".join(sentence for sentence in sentences if sentence) + ".",
        status_code=status,
        attempts=attempts,
        **facts,
    )
