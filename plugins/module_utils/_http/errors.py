# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The exception for failed requests, and the facts in an error response."""

from __future__ import annotations

import json
import re
import time
import typing as t

from . import retry

#: The facts about a request and its response, `None` if unknown.
FACTS = (
    "status_code",
    "error_code",
    "error_msg",
    "error_detail",
    "encoded_authorization_message",
    "request_id",
    "attempts",
)

#: The maximum number of characters of a server's text, in a message and in a fact.
_LONGEST_EXCERPT = 400
_LONGEST_FACT = 8000
#: The maximum nesting of a JSON document. The API returns six levels; Ansible processes results recursively.
_DEEPEST = 50
#: The maximum number of characters that are searched for secrets. Texts are shortened after secrets have been masked.
_LONGEST_TEXT = 2**20

# The keys of each fact in error bodies, the most common first.
_SPELLINGS = {
    "error_code": ("error_code", "errorCode", "code"),
    "error_msg": ("error_msg", "errorMsg", "message"),
    "error_detail": ("error_detail", "errorDetail"),
    "encoded_authorization_message": ("encoded_authorization_message",),
    "request_id": ("request_id", "requestId"),
}


class WorkspaceError(Exception):
    """An error with a message for people and facts for playbooks.

    @param message: one line: the likely cause and what to do, then the request and its response.
    @param retryable: whether another attempt of the request can succeed.
    @param facts: any of `FACTS`, the others are `None`; and facts of the caller. `status_code` and `attempts` are int,
        the rest str.
    """

    def __init__(self, message: str, retryable: bool = False, **facts: t.Any) -> None:
        super().__init__(message)
        self.message = message
        #: The message without the hint, for callers that have a better one.
        self.without_hint = message
        self.retryable = retryable
        #: The seconds to wait in the `Retry-After` header of the response.
        self.asked: float | None = None
        self.facts: dict[str, t.Any] = {**dict.fromkeys(FACTS), **facts}

    @property
    def status(self) -> int | None:
        """The status of the response; `None` if there was none."""
        return t.cast("int | None", self.facts["status_code"])

    @property
    def said(self) -> str:
        """The text of the server."""
        return " ".join(_without_request(self.facts[name] or "") for name in ("error_msg", "error_detail"))


class NoResponse(Exception):
    """There is no complete response.

    @param reason: what happened, as part of a message.
    @param retryable: whether a retry makes sense.
    """

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


def one_line(text: str, longest: int = _LONGEST_EXCERPT) -> str:
    """The text without line breaks and control characters, such as terminal escapes, and shortened."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _text(value: t.Any) -> str | None:
    """A JSON value as the text of a fact; `None` for an empty value."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _find(document: dict[str, t.Any], spellings: tuple[str, ...]) -> str | None:
    """The value of the first of these keys, at the top level or one level below it."""
    levels = [document] + [value for value in document.values() if isinstance(value, dict)]
    for level in levels:
        for spelling in spellings:
            if not isinstance(level.get(spelling), dict) and _text(level.get(spelling)) is not None:
                return _text(level[spelling])
    return None


def _is_nested(document: t.Any, levels: int) -> bool:
    """Whether a document has more levels of objects and lists."""
    values = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return not levels or any(_is_nested(value, levels - 1) for value in values if isinstance(value, (dict, list)))


def parsed(body: bytes) -> t.Any:
    """Parse a body as JSON; `None` if it is not JSON, is nested too deep, or contains text that is not valid Unicode."""
    try:
        document = json.loads(body)
        if b"\\ud" in body.lower():
            # Ansible could not return half of a surrogate pair, because it cannot be encoded.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return None
    return None if _is_nested(document, _DEEPEST) else document


def error_facts(body: bytes, headers: t.Mapping[str, str], redact: t.Callable[[str], str]) -> dict[str, str | None]:
    """Parse an error body: flat or nested JSON, HTML, plain text, or an empty body.

    @param headers: the response headers, case-insensitive.
    @param redact: masks secrets. It is applied before texts are shortened, so that no part of a secret is left.
    @returns: the facts of `FACTS` that a body can contain.
    """
    document = parsed(body)
    if isinstance(document, dict):
        facts = {name: _find(document, spellings) for name, spellings in _SPELLINGS.items()}
        if facts["error_msg"] is None and facts["error_code"] is None:
            facts["error_msg"] = _text(document) if document else None
        facts = {name: value and redact(value[:_LONGEST_TEXT])[:_LONGEST_FACT] for name, value in facts.items()}
    else:
        facts = dict.fromkeys(_SPELLINGS)
        text = redact(body[:_LONGEST_TEXT].decode("utf-8", "replace"))[: _LONGEST_FACT * 2]
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)", " ", text)
        text = one_line(re.sub(r"<[^>]*>", " ", text))
        # The title and the heading of an error page are usually the same.
        facts["error_msg"] = re.sub(r"^(.{3,}?)( \1)+(?= |$)", r"\1", text) or None
    request_id = headers.get("X-Request-Id") or headers.get("X-IAM-Trace-Id")
    if request_id:
        facts["request_id"] = one_line(redact(request_id))
    return facts


def clock_difference(headers: t.Mapping[str, str]) -> float | None:
    """Seconds by which this machine's clock is ahead of the server's; `None` if the response has no date."""
    there = retry.http_date(headers.get("Date"))
    return None if there is None else time.time() - there


def _without_request(text: str) -> str:
    """The text without the canonical request of hundreds of characters, which the gateway appends to some errors."""
    return re.split(r"[\s,;.]*canonicalRequest\b", text, maxsplit=1)[0]


def rejected(
    request: str,
    status: int,
    body: bytes,
    headers: t.Mapping[str, str],
    *,
    attempts: int,
    redact: t.Callable[[str], str],
) -> WorkspaceError:
    """The error for an error response, without a hint.

    @param request: the request, e.g. `GET https://host/path`.
    @param redact: masks secrets in texts of the server.
    """
    facts = error_facts(body, headers, redact)
    summary = f"{request} failed with HTTP {status}"
    # Some servers repeat the status in code and text.
    if facts["error_code"] not in (None, str(status)):
        summary += f" {one_line(facts['error_code'] or '')}"
    text = re.sub(rf"^{status}\b[\s:.-]*", "", one_line(_without_request(facts["error_msg"] or "")))
    if text:
        summary += f": {text}"
    if facts["request_id"]:
        summary += f" (request id {one_line(facts['request_id'])})"
    retryable = status in retry.RETRYABLE_STATUSES
    error = WorkspaceError(f"{summary.rstrip('.')}.", retryable, status_code=status, attempts=attempts, **facts)
    error.asked = retry.asked_wait(headers)
    return error
