# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shape of an error body, and the summary in the message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import (
    FACTS,
    WorkspaceError,
    error_facts,
    one_line,
    rejected,
)
from requests.structures import CaseInsensitiveDict


def _refused(status: int, body: str, headers: dict[str, str] | None = None) -> WorkspaceError:
    """The error for an answer."""
    return rejected("GET u", status, body.encode(), CaseInsensitiveDict(headers), attempts=1, redact=str)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error_code": "WKS.1", "error_msg": "no", "error_detail": "d"}, "WKS.1", "no"),
        ({"error_msg": "no", "error_code": "APIGW.0301", "request_id": "r"}, "APIGW.0301", "no"),
        ({"error": {"message": "no", "code": 401, "title": "Unauthorized"}}, "401", "no"),
        ({"error": {"error_code": "X", "error_msg": "no"}}, "X", "no"),
        ({"errorCode": "X", "errorMsg": "no"}, "X", "no"),
        ({"code": "X", "message": "no"}, "X", "no"),
        ({"error_code": None, "error_msg": ""}, None, '{"error_code": null, "error_msg": ""}'),
        ({"something": "else"}, None, '{"something": "else"}'),
        ({"error_msg": {"nested": 1}, "error_code": "X"}, "X", None),
        ({}, None, None),
        (["a"], None, '["a"]'),
        ("<html><head><style>x{}</style><title>502 Bad\n Gateway</title></head></html>", None, "502 Bad Gateway"),
        ("<title>503 Busy</title><h1>503 Busy</h1><hr>nginx", None, "503 Busy nginx"),
        ("<script>never closed", None, None),
        ("plain text", None, "plain text"),
        ("", None, None),
        ("\x1b[31mred\x07", None, "[31mred"),
    ],
    ids=str,
)
def test_code_and_message_are_read_from_each_shape_of_an_error_body(
    body: Any, code: str | None, message: str | None
) -> None:
    raw = body if isinstance(body, str) else json.dumps(body)
    facts = error_facts(raw.encode(), CaseInsensitiveDict(), str)
    assert (facts["error_code"], facts["error_msg"]) == (code, message)


def test_every_fact_is_read_and_the_header_names_the_request() -> None:
    body = {"error_code": "c", "error_msg": "m", "error_detail": "d", "encoded_authorization_message": "e"}
    facts = error_facts(json.dumps(body).encode(), CaseInsensitiveDict({"x-request-id": "r"}), str)
    assert facts == {**body, "request_id": "r"}
    assert error_facts(b'{"request_id": "b"}', CaseInsensitiveDict(), str)["request_id"] == "b"
    assert error_facts(b"", CaseInsensitiveDict({"X-IAM-Trace-Id": "t"}), str)["request_id"] == "t"


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"[" * 100_000, b'{"error_msg": "\\ud800"}', b"9" * 10_000])
def test_an_unusual_error_body_is_no_crash(body: bytes) -> None:
    assert set(error_facts(body, CaseInsensitiveDict(), str)) < set(FACTS)


@pytest.mark.parametrize(
    ("status", "body", "summary"),
    [
        (403, '{"error": {"code": 403, "message": "no"}}', "failed with HTTP 403: no."),
        (403, '{"error": {"code": 403}}', "failed with HTTP 403."),
        (503, "<title>503 Busy</title><h1>503 Busy</h1>", "failed with HTTP 503: Busy."),
        (503, "503", "failed with HTTP 503."),
        (401, '{"error_msg": "fail, canonicalRequest:GET|/"}', "failed with HTTP 401: fail."),
    ],
)
def test_a_message_repeats_nothing_and_leaves_out_the_canonical_request(status: int, body: str, summary: str) -> None:
    assert _refused(status, body).message.endswith(summary)


def test_long_texts_are_cut() -> None:
    assert len(one_line("x" * 10_000)) == 400
    assert one_line("a\n\tb\r c") == "a b c"
    assert WorkspaceError("m").facts == dict.fromkeys(FACTS)
