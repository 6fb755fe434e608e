# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests and responses as plain data, and the error bodies of the gateway, Workspace and IAM."""

from __future__ import annotations

import html
import http
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Incoming:
    """A received request.

    ``target`` is the raw request target, ``path`` its raw path, and ``query`` the decoded pairs in the
    order of the request. Header names are in lower case; repeated headers are joined with a comma.
    """

    method: str
    target: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    request_id: str
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        """All values of a query key."""
        return [value for key, value in self.query if key == name]


@dataclass
class Answer:
    """A response; ``body`` is not compressed yet."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """The request is refused, with this response."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    # A malformed request may contain a lone surrogate, which cannot be encoded.
    body = text.encode("utf-8", "backslashreplace")
    return Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


def text_answer(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def html_answer(status: int, title: str) -> Answer:
    """A page of a proxy or a web application firewall."""
    page = "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center></body>\r\n</html>\r\n"
    return Answer(status, page.format(html.escape(title)).encode(), {"Content-Type": "text/html; charset=utf-8"})


def gateway_error(status: int, code: str, message: str, request_id: str) -> Answer:
    """An error of the gateway (API Request Signing Guide, "Error Codes")."""
    return json_answer(status, {"error_msg": message, "error_code": code, "request_id": request_id})


def unpublished(incoming: Incoming) -> Answer:
    text = "The API does not exist or has not been published in the environment"
    return gateway_error(404, "APIGW.0101", text, incoming.request_id)


def workspace_error(status: int, code: str, message: str, detail: str | None = None) -> Answer:
    """An error of the Workspace service (tables 6 to 11 of the vendor's pages)."""
    facts = {"error_detail": detail, "encoded_authorization_message": None}
    return json_answer(status, {"error_code": code, "error_msg": message, **facts})


def iam_error(status: int, message: str) -> Answer:
    """An error of IAM v3, in which ``code`` is a number."""
    title = http.HTTPStatus(status).phrase
    return json_answer(status, {"error": {"message": message, "code": status, "title": title}})
