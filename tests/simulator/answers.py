# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests and responses as plain data, and the error bodies of the gateway, Workspace and IAM."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json"


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
    body: bytes
    request_id: str

    def values(self, name: str) -> list[str]:
        """All values of a query key."""
        return [value for key, value in self.query if key == name]


def split_target(target: str) -> tuple[str, list[tuple[str, str]]]:
    """The raw path and the decoded query of a request target, which is a full URL if a proxy is used."""
    if not target.startswith("/"):
        parts = urlsplit(target)
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    path, _mark, query = target.partition("?")
    return path, parse_qsl(query, keep_blank_values=True)


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
    return Answer(status, text.encode("utf-8", "backslashreplace"), {"Content-Type": JSON, **(headers or {})})


def gateway_error(status: int, code: str, message: str, request_id: str) -> Answer:
    """An error of the gateway (API Request Signing Guide, "Error Codes")."""
    return json_answer(status, {"error_msg": message, "error_code": code, "request_id": request_id})


def workspace_error(status: int, code: str, message: str, detail: str = "") -> Answer:
    """An error of the Workspace service (tables 6 to 11 of the vendor's pages)."""
    content = {
        "error_code": code,
        "error_msg": message,
        "error_detail": detail or None,
        "encoded_authorization_message": None,
    }
    return json_answer(status, content)


IAM_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


def iam_error(status: int, message: str) -> Answer:
    """An error of IAM v3, in which ``code`` is a number."""
    title = IAM_TITLES.get(status, "Error")
    return json_answer(status, {"error": {"message": message, "code": status, "title": title}})


def html_answer(status: int, title: str) -> Answer:
    """A page of a proxy or a web application firewall."""
    page = "<html>\r\n<head><title>%s</title></head>\r\n<body><center><h1>%s</h1></center></body>\r\n</html>\r\n"
    return Answer(status, (page % (title, title)).encode(), {"Content-Type": "text/html; charset=utf-8"})
