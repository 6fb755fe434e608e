# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gives temporary keys, what is sent to them, and until when the keys are good."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import Keys
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.temporary_keys import Issued, read_keys
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_connect_desktops_info import main

from ....conftest import DESKTOPS, IAM, PROJECT, Call

SECURITY_TOKENS = f"{IAM}/v3.0/OS-CREDENTIAL/securitytokens"
ID_TOKENS = f"{IAM}/v3.0/OS-AUTH/id-token/tokens"
ASSUME = "https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume"
METADATA = "http://127.0.0.1:9"
METADATA_TOKEN = f"{METADATA}/meta-data/latest/api/token"
SECURITY_KEY = f"{METADATA}/openstack/latest/securitykey"
PROJECTS = Call(f"{IAM}/v3/projects", [("name", "cn-north-4")], {"projects": [{"id": PROJECT, "name": "cn-north-4"}]})
READ = Call(DESKTOPS, [("limit", "2000"), ("offset", "0")], {"desktops": [], "total_count": 0})
GATEWAY_401 = {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: signature expired"}
NO_KEYS: dict[str, Any] = {"access_key": None, "secret_key": None}
AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_name": "sales"}
ECS = {**NO_KEYS, "ecs_metadata": True, "metadata_endpoint": METADATA}


def in_seconds(seconds: float, form: str = "%Y-%m-%dT%H:%M:%S.123456Z") -> str:
    return time.strftime(form, time.gmtime(time.time() + seconds))


def v3(number: int = 1, seconds: float = 3600) -> dict[str, Any]:
    """An answer of IAM, and of the metadata service."""
    return {
        "credential": {
            "access": f"AK{number}",
            "secret": f"secret/{number}",
            "securitytoken": f"security+token/{number}==",
            "expires_at": in_seconds(seconds),
        }
    }


def v5(number: int = 1) -> dict[str, Any]:
    return {
        "source_identity": "",
        "assumed_agency": {"urn": "sts::d:assumed-agency:audit/ansible", "id": "d:ansible"},
        "credentials": {
            "access_key_id": f"AK{number}",
            "secret_access_key": f"secret/{number}",
            "security_token": f"security+token/{number}==",
            "expiration": in_seconds(3600, "%Y-%m-%dT%H:%M:%SZ"),
        },
    }


def assume(number: int = 1) -> Call:
    """The call for an agency's keys."""
    return Call(SECURITY_TOKENS, [], v3(number), 201, method="POST")


def key_of(request: Any) -> str:
    return str(request.headers["Authorization"].partition("Access=")[2].partition(",")[0])


def signed_by(outcome: Any) -> list[str]:
    """Whose key signed each request."""
    return [key_of(request) if "Authorization" in request.headers else "" for request in outcome.requests]


def body_of(request: Any) -> Any:
    return json.loads(request.body)


# An agency


def test_an_agency_by_the_name_of_its_account(run_module: Any) -> None:
    outcome = run_module(main, [assume(), READ], **AGENCY)
    asked, read = outcome.requests
    role = {"agency_name": "audit", "domain_name": "sales", "duration_seconds": 3600}
    assert body_of(asked) == {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}
    assert signed_by(outcome) == ["AK", "AK1"]
    assert "SignedHeaders=host;x-sdk-date," in asked.headers["Authorization"]
    assert "X-Security-Token" not in asked.headers
    assert read.headers["X-Security-Token"] == "security+token/1=="
    assert {"secret/1", "security+token/1=="} <= set(outcome.registered)


def test_an_agency_by_the_id_of_its_account(run_module: Any) -> None:
    call = Call(ASSUME, [], v5(), method="POST")
    outcome = run_module(
        main, [call, READ], assume_role_agency_name="audit", assume_role_domain_id="d1", assume_role_duration=900
    )
    asked = {"agency_urn": "iam::d1:agency:audit", "agency_session_name": "ansible", "duration_seconds": 900}
    assert body_of(outcome.requests[0]) == asked
    assert signed_by(outcome) == ["AK", "AK1"]
    assert {"secret/1", "security+token/1=="} <= set(outcome.registered)


def test_an_iam_user_asks_for_an_agency_with_a_token_of_its_account(run_module: Any) -> None:
    login = Call(f"{IAM}/v3/auth/tokens", [("nocatalog", "true")], {}, 201, {"X-Subject-Token": "tok"}, "POST")
    user = {"iam_user_name": "u", "iam_password": "p-word-long", "iam_domain_name": "acme"}
    outcome = run_module(main, [login, assume(), PROJECTS, READ], **NO_KEYS, **user, **AGENCY, project_id=None)
    assert body_of(outcome.requests[0])["auth"]["scope"] == {"domain": {"name": "acme"}}
    assert outcome.requests[1].headers["X-Auth-Token"] == "tok"
    assert signed_by(outcome) == ["", "", "AK1", "AK1"]


@pytest.mark.parametrize(("given", "sent"), [("1800", 1800), (" ", 3600), ("long", None)])
def test_the_duration_of_the_environment(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, given: str, sent: int | None
) -> None:
    monkeypatch.setenv("HW_ASSUME_ROLE_DURATION", given)
    outcome = run_module(main, [assume(), READ] if sent else [], **AGENCY)
    if sent:
        assert body_of(outcome.requests[0])["auth"]["identity"]["assume_role"]["duration_seconds"] == sent
    else:
        assert "assume_role_duration" in outcome["msg"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_rejected_agency_is_reported(run_module: Any, status: int) -> None:
    call = Call(SECURITY_TOKENS, [], {"error": {"message": "no", "code": status}}, status, method="POST")
    outcome = run_module(main, [call], **AGENCY)
    assert outcome["msg"].startswith(
        "The agency audit of account sales was not assumed. Check assume_role_agency_name "
    )
    for word in ("assume_role_agency_name", "assume_role_domain_name", "Agent Operator"):
        assert word in outcome["msg"]
    assert "project_id" not in outcome["msg"]
    assert outcome["status_code"] == status
    assert outcome["credentials_source"] == "agency audit of account sales, assumed with the task"


@pytest.mark.parametrize("body", [{}, {"credential": {}}, {"credential": "x"}, {"credential": {"access": "AK"}}])
def test_a_response_without_keys_is_an_error(run_module: Any, body: Any) -> None:
    outcome = run_module(main, [Call(SECURITY_TOKENS, [], body, 201, method="POST")], **AGENCY)
    assert "lacks the temporary keys: check iam_endpoint" in outcome["msg"]


# The metadata service


def token(status: int = 200, body: Any = "meta-token") -> Call:
    """The call for a token of the metadata service."""
    return Call(METADATA_TOKEN, [], body, status, method="PUT")


def test_the_metadata_service_with_a_token(run_module: Any) -> None:
    outcome = run_module(main, [token(), Call(SECURITY_KEY, [], v3()), READ], **ECS)
    asked, got, _read = outcome.requests
    assert asked.headers["X-Metadata-Token-Ttl-Seconds"] == "300"
    assert got.headers["X-Metadata-Token"] == "meta-token"
    assert signed_by(outcome) == ["", "", "AK1"]
    assert {"meta-token", "secret/1", "security+token/1=="} <= set(outcome.registered)


@pytest.mark.parametrize("status", [404, 405, 503])
def test_the_metadata_service_without_tokens(run_module: Any, status: int) -> None:
    outcome = run_module(main, [token(status, "no"), Call(SECURITY_KEY, [], v3()), READ], **ECS)
    assert "X-Metadata-Token" not in outcome.requests[1].headers


def test_a_token_that_is_refused_is_replaced_once(run_module: Any) -> None:
    refused = Call(SECURITY_KEY, [], "401 Unauthorized", 401)
    outcome = run_module(main, [token(), refused, token(body="another"), Call(SECURITY_KEY, [], v3()), READ], **ECS)
    assert outcome.requests[3].headers["X-Metadata-Token"] == "another"


ANSWER = "do-not-repeat-this"


@pytest.mark.parametrize(
    ("calls", "words", "status"),
    [
        ([token(body=requests.exceptions.ConnectionError(ANSWER))], "on an ECS only", None),
        ([token(body=requests.exceptions.ConnectTimeout(ANSWER))], "did not respond within 3 s", None),
        ([token(403, ANSWER)], "rejected the request for a token (HTTP 403)", 403),
        ([token(302, ANSWER)], "rejected the request for a token (HTTP 302)", 302),
        ([token(200, f"{ANSWER} {ANSWER}")], "returned an invalid token", 200),
        ([token(), Call(SECURITY_KEY, [], requests.exceptions.ConnectionError(ANSWER))], "on an ECS only", None),
        (
            [token(), Call(SECURITY_KEY, [], "Please configure Cloud Service Agency first", 401)],
            "this ECS has no agency",
            401,
        ),
        ([token(), Call(SECURITY_KEY, [], ANSWER, 401)] * 2, "HTTP 401", 401),
        ([token(), Call(SECURITY_KEY, [], ANSWER, 302)], "HTTP 302", 302),
        ([token(), Call(SECURITY_KEY, [], {"error_code": ANSWER, "error_msg": ANSWER}, 500)], "HTTP 500", 500),
        ([token(), Call(SECURITY_KEY, [], ANSWER)], "returned no temporary keys", 200),
        ([token(), Call(SECURITY_KEY, [], {"credential": {"access": ANSWER}})], "returned no temporary keys", 200),
    ],
)
def test_a_metadata_service_without_keys_is_an_error(
    run_module: Any, calls: list[Call], words: str, status: int | None
) -> None:
    outcome = run_module(main, calls, **ECS, max_retries=4)
    assert outcome["msg"].startswith(f"ecs_metadata: the metadata service at {METADATA} ")
    assert words in outcome["msg"]
    assert (outcome["status_code"], outcome["attempts"]) == (status, 1)
    assert outcome["credentials_source"] == "the ECS metadata service (ecs_metadata)"
    assert ANSWER not in json.dumps(outcome.result)


# OpenID Connect


@pytest.fixture
def id_token_file(tmp_path: Path) -> Path:
    path = tmp_path / "id-token"
    path.write_text("the-id-token-1\n", encoding="ascii")
    return path


def exchange(number: int = 1) -> list[Call]:
    """The calls for the keys of an ID token."""
    first = Call(ID_TOKENS, [], {"token": {}}, 201, {"X-Subject-Token": f"unscoped-{number}"}, "POST")
    return [first, Call(SECURITY_TOKENS, [], v3(number), 201, method="POST")]


def test_an_id_token_is_exchanged_for_keys(run_module: Any, id_token_file: Path) -> None:
    outcome = run_module(
        main, [*exchange(), PROJECTS, READ], **NO_KEYS, idp_id="idp", id_token_file=str(id_token_file), project_id=None
    )
    first, second = outcome.requests[:2]
    assert first.headers["X-Idp-Id"] == "idp"
    assert body_of(first) == {"auth": {"id_token": {"id": "the-id-token-1"}}}
    given = {"id": "unscoped-1", "duration_seconds": 3600}
    assert body_of(second) == {"auth": {"identity": {"methods": ["token"], "token": given}}}
    assert signed_by(outcome) == ["", "", "AK1", "AK1"]
    assert {"the-id-token-1", "unscoped-1", "secret/1", "security+token/1=="} <= set(outcome.registered)


def test_the_file_with_the_id_token_is_read_again_when_the_keys_are_renewed(
    run_module: Any, id_token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HW_ASSUME_ROLE_IDP_ID", "idp")
    monkeypatch.setenv("HW_ASSUME_ROLE_ID_TOKEN_FILE", str(id_token_file))
    found = {"desktop_id": "a", "desktop_name": "a", "connect_status": "CONNECTED", "attach_users": []}
    page = replace(READ, body={"desktops": [found], "total_count": 1})
    end = Call(DESKTOPS, [("limit", "2000"), ("offset", "1")], {"desktops": [], "total_count": 1})
    rejected = replace(end, body=GATEWAY_401, status=401)
    rejected.meanwhile = partial(id_token_file.write_text, "the-id-token-2", encoding="ascii")
    outcome = run_module(main, [*exchange(1), page, rejected, *exchange(2), end, page], **NO_KEYS)
    assert body_of(outcome.requests[4])["auth"]["id_token"]["id"] == "the-id-token-2"
    assert signed_by(outcome) == ["", "", "AK1", "AK1", "", "", "AK2", "AK2"]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_rejected_id_token_is_reported(run_module: Any, id_token_file: Path, status: int) -> None:
    call = Call(ID_TOKENS, [], {"error": {"message": "the-id-token-1 has expired"}}, status, method="POST")
    outcome = run_module(main, [call], **NO_KEYS, idp_id="idp", id_token_file=str(id_token_file))
    assert outcome["msg"].startswith("The ID token was not exchanged for keys. Check idp_id, ")
    assert "idp_id" in outcome["msg"]
    assert "auth_token" not in outcome["msg"]
    assert "the-id-token-1" not in outcome.shown


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"\n", "ID token"),
        (b"not-a token", "ID token"),
        (b"\xff\xfe", "ID token"),
    ],
)
def test_a_file_without_an_id_token_is_an_error(
    run_module: Any, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    outcome = run_module(main, [], **NO_KEYS, idp_id="idp", id_token_file=str(path))
    assert outcome["msg"].startswith(f"id_token_file {path} ")
    assert words in outcome["msg"]
    assert "not-a token" not in outcome["msg"]


# The end of keys


@pytest.mark.parametrize(
    ("life", "left", "expected"),
    [
        (3600.0, 301.0, False),
        (3600.0, 299.0, True),
        (400.0, 101.0, False),
        (400.0, 99.0, True),
        (4.0, 1.1, False),
        (4.0, 0.9, True),
        (4.0, -5.0, True),
        (None, -5.0, False),
    ],
)
def test_less_than_five_minutes_and_less_than_a_quarter(life: float | None, left: float, expected: bool) -> None:
    since = time.monotonic() - ((life or 0) - left)
    assert Issued(Keys("a", "s", "t"), life, since).about_to_end() is expected


DATE = "Wed, 08 Jan 2020 01:00:00 GMT"


@pytest.mark.parametrize(
    ("end", "date", "life"),
    [
        ("2020-01-08T02:00:00.587000Z", DATE, 3600),
        ("2020-01-08T02:00:00Z", DATE, 3600),
        ("2020-01-08T02:00:00", DATE, 3600),
        ("2020-01-08T10:00:00+08:00", DATE, 3600),
        ("2020-01-08T02:00:00.123456789Z", DATE, 3600),
        ("2020-01-08T00:59:59Z", DATE, None),
        ("2020-13-08T02:00:00Z", DATE, None),
        ("soon", DATE, None),
        (1578448800, DATE, None),
        (None, DATE, None),
    ],
)
def test_the_lifetime_of_keys_is_read_from_the_response(end: Any, date: str, life: float | None) -> None:
    content = {"credential": {"access": "a", "secret": "s", "securitytoken": "t", "expires_at": end}}
    keys = read_keys(content, date, Secrets())
    assert keys is not None
    assert keys.life == life


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_without_a_date_of_the_server_our_clock_counts(date: str | None) -> None:
    keys = read_keys(v3(seconds=100), date, Secrets())
    assert keys is not None
    assert 90 < (keys.life or 0) <= 100


def test_the_lifetime_of_keys_is_measured_by_the_clock_of_the_server() -> None:
    keys = read_keys(v3(seconds=7200), formatdate(time.time() + 3600, usegmt=True), Secrets())
    assert keys is not None
    assert abs((keys.life or 0) - 3600) < 3


@pytest.mark.parametrize("around", ["credential", "credentials", None])
@pytest.mark.parametrize(
    "names",
    [
        ("access", "secret", "securitytoken", "expires_at"),
        ("accessKeyId", "secretAccessKey", "securityToken", "expiration"),
        ("access_key_id", "secret_access_key", "security_token", "expires_at"),
    ],
)
def test_every_spelling_that_the_sdk_knows(around: str | None, names: tuple[str, ...]) -> None:
    content: Any = dict(zip(names, ("AK", "sk", "st", "2020-01-08T02:00:00Z")))
    secrets = Secrets()
    keys = read_keys({around: content} if around else content, DATE, secrets)
    assert keys is not None
    assert (keys.credentials, keys.life) == (Keys("AK", "sk", "st"), 3600)
    assert {"sk", "st"} <= set(secrets)


@pytest.mark.parametrize("wrong", ["a b", "a\nb", "é", "", 5, None])
@pytest.mark.parametrize("name", ["access", "secret", "securitytoken"])
def test_keys_with_invalid_characters_are_rejected(name: str, wrong: Any) -> None:
    content = {"credential": {"access": "a", "secret": "s", "securitytoken": "t", name: wrong}}
    assert read_keys(content, None, Secrets()) is None
