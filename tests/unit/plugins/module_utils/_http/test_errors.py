# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shape of an error body, and what the message says about it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import (
    FACTS,
    WorkspaceError,
    error_facts,
    hint,
    one_line,
    refusal,
)
from requests.structures import CaseInsensitiveDict


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
        ("<script>never closed", None, None),
        ("plain text", None, "plain text"),
        ("", None, None),
        ("\x1b[31mred\x07", None, "[31mred"),
    ],
    ids=str,
)
def test_shapes(body: Any, code: str | None, message: str | None) -> None:
    raw = body if isinstance(body, str) else json.dumps(body)
    facts = error_facts(raw.encode(), CaseInsensitiveDict())
    assert (facts["error_code"], facts["error_msg"]) == (code, message)


def test_every_fact_is_read_and_the_header_names_the_request() -> None:
    body = {"error_code": "c", "error_msg": "m", "error_detail": "d", "encoded_authorization_message": "e"}
    facts = error_facts(json.dumps(body).encode(), CaseInsensitiveDict({"x-request-id": "r"}))
    assert facts == {**body, "request_id": "r"}
    assert error_facts(b'{"request_id": "b"}', CaseInsensitiveDict())["request_id"] == "b"
    assert error_facts(b"", CaseInsensitiveDict({"X-IAM-Trace-Id": "t"}))["request_id"] == "t"


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"[" * 100_000, b'{"a": ' * 50_000, b"9" * 10_000])
def test_odd_bodies_do_no_harm(body: bytes) -> None:
    assert set(error_facts(body, CaseInsensitiveDict())) < set(FACTS)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (401, "APIGW.0301", "15 minutes"),
        (403, None, "workspace:x:y"),
        (403, "WKS.00010099", "not enabled"),
        (404, "APIGW.0101", "endpoint"),
        (404, "APIG.0101", "region"),
        (429, None, "throttling"),
        (302, None, "Redirects"),
        (400, None, ""),
        (500, None, ""),
    ],
)
def test_hints(status: int, code: str | None, told: str) -> None:
    advice = hint(status, code, "workspace:x:y")
    assert told in advice
    assert bool(told) == bool(advice)


def test_a_403_of_an_unknown_permission() -> None:
    assert "permission" in hint(403, None, None)


def test_a_refusal_is_one_line_with_all_facts_and_no_secret() -> None:
    body = {"error_code": "APIGW.0301", "error_msg": "bad\nkey s3cret", "request_id": "r-1", "error_detail": "s3cret"}
    error = refusal(
        "GET https://host/path",
        401,
        json.dumps(body).encode(),
        CaseInsensitiveDict(),
        attempts=1,
        redact=lambda text: text.replace("s3cret", "***"),
    )
    assert error.message.startswith(
        "GET https://host/path failed with HTTP 401 APIGW.0301: bad key *** (request id r-1). "
    )
    assert "s3cret" not in str(error.facts) + error.message
    assert error.facts["status_code"] == 401
    assert error.facts["attempts"] == 1
    assert set(error.facts) == set(FACTS)
    assert str(error) == error.message


def test_long_texts_are_cut() -> None:
    assert len(one_line("x" * 10_000)) == 400
    assert one_line("a\n\tb\r c") == "a b c"
    assert WorkspaceError("m").facts == dict.fromkeys(FACTS)
