# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first sentence of the message about an error response: the likely cause, and where the wrong value comes from."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import (
    WorkspaceError,
    clock_difference,
    rejected,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.hints import hint
from requests.structures import CaseInsensitiveDict

from ....arguments import settings_of

ID = "0bec5db98280d2d02fd6c00c2de791ce"
KEYS = {"HUAWEICLOUD_SDK_AK": "AK1", "HUAWEICLOUD_SDK_SK": "sk"}
TEMPORARY = {**KEYS, "HUAWEICLOUD_SDK_SECURITY_TOKEN": "st"}
USER = {"HW_USER_NAME": "audit", "HW_USER_PASSWORD": "pw", "HW_DOMAIN_NAME": "acme"}
TOKEN = {"HW_AUTH_TOKEN": "t"}
AGENCY = {"HW_ASSUME_ROLE_AGENCY_NAME": "audit", "HW_ASSUME_ROLE_DOMAIN_NAME": "sales"}


def settings(environ: dict[str, str], **options: Any) -> Settings:
    return settings_of(environ, region="cn-north-4", **options)


def refused(of: Settings, status: int, said: str, ahead: float | None = 0) -> str:
    """The message for a response with this text.

    @param ahead: seconds by which our clock is ahead of that of the response, if it tells its time.
    """
    date = {} if ahead is None else {"date": email.utils.formatdate(time.time() - ahead, usegmt=True)}
    headers = CaseInsensitiveDict(date)
    body = json.dumps({"error_code": "APIGW.0301", "error_msg": f"Incorrect IAM authentication information: {said}"})
    error = rejected("GET u", status, body.encode(), headers, attempts=1, redact=str)
    error.message = f"{hint(error, of, clock_difference(headers), 'workspace:x:y')} {error.message}".strip()
    of.explain(error)
    return error.message


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "APIGW.0301", "Check the credentials from the environment (HUAWEICLOUD_SDK_AK)"),
        (403, None, "The user needs the IAM action workspace:x:y."),
        (403, "WKS.00010099", "not enabled"),
        (404, "APIGW.0101", "endpoint"),
        (404, "APIG.0101", "region"),
        (429, None, "throttling"),
        (302, None, "Redirects"),
        (400, None, ""),
        (503, None, "max_retries"),
    ],
)
def test_each_status_has_its_hint(status: int, code: str | None, words: str) -> None:
    advice = hint(WorkspaceError("", status_code=status, error_code=code), settings(KEYS), 0, "workspace:x:y")
    assert words in advice
    assert bool(words) == bool(advice)


SECRET = "The secret key in HUAWEICLOUD_SDK_SK does not belong to access key AK1: set keys that were created together"
UNKNOWN = "The access key AK1 in HUAWEICLOUD_SDK_AK does not exist or is disabled: check it in IAM. GET u"
OTHER_TOKEN = (
    "The temporary keys have expired, or the security token in HUAWEICLOUD_SDK_SECURITY_TOKEN does not belong to"
)
SOURCE = "the environment (HUAWEICLOUD_SDK_AK)"
WRONG_USER = "IAM rejected user audit of account acme: check HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME. GET u"
NO_PROJECT = (
    "The account has no project cn-north-4_x (from HW_PROJECT_NAME): check it, and the account of the credentials."
)


@pytest.mark.parametrize(
    ("said", "environ", "words"),
    # What the gateway (its FAQ, issues of its users) or IAM says to credentials of each kind.
    [
        ("AK access failed to reach the limit, forbidden: true", KEYS, "The access key AK1 is locked after several"),
        ("The account is locked.", USER, "The IAM user audit is locked after several"),
        ("locked", {**USER, **AGENCY}, "The IAM user audit is locked after several"),
        ("verify aksk signature fail, canonicalRequest:GET|/v2/|names=password&x=token|", KEYS, f"{SECRET}. GET u"),
        ("verify aksk signature fail", TEMPORARY, f"{SECRET}, with their security token."),
        ("AK not exist", KEYS, UNKNOWN),
        ("Get secretKey failed", KEYS, UNKNOWN),
        ("verify security token fail", TEMPORARY, OTHER_TOKEN),
        ("The securityToken is required", KEYS, f"The keys from {SOURCE} are temporary and lack their token: set"),
        (
            "The securityToken is expired",
            {**KEYS, **AGENCY},
            "The temporary keys of agency audit of account sales, assum",
        ),
        ("signature expired", TEMPORARY, f"Probably the keys from {SOURCE} are temporary and have expired: get new"),
        ("token expires", TOKEN, "The token in HW_AUTH_TOKEN has expired or is not valid: get a new one, or use acc"),
        ("decrypt token fail", TOKEN, "The token in HW_AUTH_TOKEN has expired or is not valid"),
        ("The username or password is wrong.", USER, WRONG_USER),
        ("The project in the scope does not exist", {**USER, "HW_PROJECT_NAME": "cn-north-4_x"}, NO_PROJECT),
        (
            "something else, canonicalRequest:GET|/v2/|names=project|",
            KEYS,
            f"Check the credentials from {SOURCE}. If they are correct, the key may be locked",
        ),
    ],
)
def test_a_401_begins_with_the_value_that_is_wrong_and_its_place(
    said: str, environ: dict[str, str], words: str
) -> None:
    message = refused(settings(environ), 401, said)
    assert words in message.partition("GET u failed")[0] + "GET u"
    assert "GET u failed with HTTP 401 APIGW.0301: Incorrect IAM authentication information: " in message
    assert "clock" not in message


def test_a_401_names_the_task_or_the_profile(tmp_path: Any) -> None:
    task = settings({}, access_key="AK1", secret_key="sk")
    assert "The secret key in secret_key of the task does not" in refused(task, 401, "signature fail")
    file = tmp_path / "file"
    file.write_text("[basic]\nak = AK1\nsk = sk\n", encoding="utf-8")
    profile = settings({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(file)})
    assert f"The secret key in sk of profile basic of {file} does not" in refused(profile, 401, "signature fail")
    assert refused(profile, 401, "no project").endswith(f"The credentials come from profile basic of {file}.")
    assert "The credentials come from" not in refused(profile, 403, "no project")


@pytest.mark.parametrize(
    ("ahead", "said", "environ", "words"),
    [
        (3600, "signature expired, signTime:20260101T000000Z", KEYS, "60 minutes ahead of the clock of the service"),
        (-3600, "signature expired", KEYS, "60 minutes behind the clock of the service: correct it, for example with"),
        (-3600, "AK not exist", KEYS, "for example with NTP. The access key AK1 in HUAWEICLOUD_SDK_AK does not exist"),
        (-3600, "signature expired", {**USER, **AGENCY}, "60 minutes behind"),
        (None, "signature expired", KEYS, "Probably the clock of this machine is more than 15 minutes off, or the k"),
        (None, "something else", KEYS, "clock of this machine is more than 15 minutes off, or the key may be locked"),
        (3600, "token expires", TOKEN, "The token in HW_AUTH_TOKEN"),
        (3600, "password is wrong", USER, "IAM rejected user audit"),
    ],
)
def test_a_wrong_clock_comes_first_if_requests_are_signed(
    ahead: float | None, said: str, environ: dict[str, str], words: str
) -> None:
    message = refused(settings(environ), 401, said, ahead)
    assert words in message
    assert message.startswith("This machine's clock is ") == ("60 minutes" in words or "NTP" in words)


NAME = "The project_id cn-north-4 from the task is probably the name of a project: an ID is 32 hexadecimal digits."


@pytest.mark.parametrize(
    ("status", "environ", "project_id", "words"),
    [
        (403, {}, ID, "another account or region. If not, the user needs the IAM action workspace:x:y in it. GET u"),
        (403, {"HW_PROJECT_ID": ID}, None, f"The project_id {ID} from the environment (HW_PROJECT_ID) may belong"),
        (403, {}, "cn-north-4", f"{NAME} GET u failed"),
        (404, {}, "cn-north-4", f"{NAME} GET u failed"),
        (401, {}, "cn-north-4", f"several failed attempts. {NAME} GET u failed"),
        (404, {}, ID.upper(), ""),
        (403, {"HW_PROJECT_NAME": "x"}, None, "the IAM action workspace:x:y, for the project x (HW_PROJECT_NAME)."),
        (403, {}, None, "The user needs the IAM action workspace:x:y. GET u"),
        (500, {}, "p", "The service failed"),
    ],
)
def test_a_given_project_is_named_with_its_place(
    status: int, environ: dict[str, str], project_id: str | None, words: str
) -> None:
    message = refused(settings({**KEYS, **environ}, project_id=project_id), status, "no")
    assert message.startswith("GET u failed") if not words else words in message


def test_a_403_of_an_unknown_permission() -> None:
    assert "permission" in hint(WorkspaceError("", status_code=403), settings(KEYS), 0, None)
