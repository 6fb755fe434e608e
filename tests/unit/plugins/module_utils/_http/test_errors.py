# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shape of an error body, and what the message says about it."""

from __future__ import annotations

import email.utils
import json
import time
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


def _refused(status: int, body: str, headers: dict[str, str] | None = None) -> WorkspaceError:
    """The error for an answer."""
    return refusal("GET u", status, body.encode(), CaseInsensitiveDict(headers), attempts=1, redact=lambda text: text)


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
        (401, "APIGW.0301", "Check the credentials"),
        (403, None, "workspace:x:y"),
        (403, "WKS.00010099", "not enabled"),
        (404, "APIGW.0101", "endpoint"),
        (404, "APIG.0101", "region"),
        (429, None, "throttling"),
        (302, None, "Redirects"),
        (400, None, ""),
        (503, None, "max_retries"),
    ],
)
def test_hints(status: int, code: str | None, told: str) -> None:
    advice = hint(status, code, "workspace:x:y")
    assert told in advice
    assert bool(told) == bool(advice)


# What the gateway says (its FAQ, issues of its users) or IAM, and what the message says of it: nothing else.
REFUSED = {
    "AK access failed to reach the limit, forbidden: true": "user is locked",
    "verify aksk signature fail, canonicalRequest:GET|/v2/|user_names=password&x=token|": "check secret_key",
    "AK not exist": "check access_key",
    "Get secretKey failed": "check access_key",
    "verify security token fail": "temporary keys have expired",
    "The securityToken is expired": "temporary keys have expired",
    "token expires": "auth_token",
    "decrypt token fail": "auth_token",
    "The project in the scope does not exist or is disabled.": "check region",
    "The username or password is wrong.": "iam_password",
    "something else": "Check the credentials",
}


@pytest.mark.parametrize("said", REFUSED)
def test_the_hint_of_a_401_fits_what_was_refused(said: str) -> None:
    body = {"error_code": "APIGW.0301", "error_msg": f"Incorrect IAM authentication information: {said}"}
    message = _refused(401, json.dumps(body)).message
    assert [told for told in dict.fromkeys(REFUSED.values()) if told in message] == [REFUSED[said]]
    assert "clock" not in message or said == "something else"


@pytest.mark.parametrize(
    ("ahead", "said", "told"),
    [
        (3600, "signature expired, signTime:20260101T000000Z", "60 minutes ahead of the clock of the service"),
        (-3600, "signature expired", "60 minutes behind the clock of the service"),
        (-3600, "something else", "60 minutes behind the clock of the service"),
        (60, "signature expired", "The clock agrees"),
        (None, "signature expired", "clock is more than 15 minutes off, or the keys are temporary"),
        (None, "something else", "clock may be more than 15 minutes off"),
        (60, "something else", "Check the credentials. If they are correct, the key may be locked"),
        (3600, "token expires", "auth_token"),
    ],
)
def test_a_wrong_clock_is_measured_by_the_date_of_the_answer(ahead: float | None, said: str, told: str) -> None:
    headers = {} if ahead is None else {"date": email.utils.formatdate(time.time() - ahead, usegmt=True)}
    assert told in _refused(401, json.dumps({"error_msg": said}), headers).message


def test_a_date_that_is_none_is_no_measure() -> None:
    assert "may be more than 15 minutes off" in _refused(401, "", {"Date": "yesterday"}).message


@pytest.mark.parametrize(
    ("status", "body", "summary"),
    [
        (403, '{"error": {"code": 403, "message": "no"}}', "failed with HTTP 403: no. "),
        (403, '{"error": {"code": 403}}', "failed with HTTP 403. "),
        (503, "<title>503 Busy</title><h1>503 Busy</h1>", "failed with HTTP 503: Busy. "),
        (503, "503", "failed with HTTP 503. "),
        (401, '{"error_msg": "fail, canonicalRequest:GET|/"}', "failed with HTTP 401: fail. "),
    ],
)
def test_nothing_is_said_twice_or_for_machines(status: int, body: str, summary: str) -> None:
    assert summary in _refused(status, body).message


def test_the_canonical_request_stays_in_the_facts() -> None:
    assert _refused(401, '{"error_msg": "f, canonicalRequest:GET|/"}').facts["error_msg"] == "f, canonicalRequest:GET|/"


def test_a_403_of_an_unknown_permission() -> None:
    assert "permission" in hint(403, None, None)


def test_long_texts_are_cut() -> None:
    assert len(one_line("x" * 10_000)) == 400
    assert one_line("a\n\tb\r c") == "a b c"
    assert WorkspaceError("m").facts == dict.fromkeys(FACTS)
