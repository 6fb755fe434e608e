# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hint in the message about an error response."""

from __future__ import annotations

import email.utils
import json
import time

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import (
    Rejection,
    WorkspaceError,
    rejected,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.hints import hint
from requests.structures import CaseInsensitiveDict


def _refused(status: int, body: str, headers: dict[str, str] | None = None) -> WorkspaceError:
    """The error for a response."""
    return rejected("GET u", status, body.encode(), CaseInsensitiveDict(headers), attempts=1, redact=str, hint=hint)


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
    advice = hint(Rejection(status, code, "", 0, "workspace:x:y"))
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


def test_a_403_of_an_unknown_permission() -> None:
    assert "permission" in hint(Rejection(403, None, "", 0, None))
