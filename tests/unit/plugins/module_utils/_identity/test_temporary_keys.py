# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
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
METADATA = "http://127.0.0.1:9"
METADATA_TOKEN = f"{METADATA}/meta-data/latest/api/token"
SECURITY_KEY = f"{METADATA}/openstack/latest/securitykey"
PROJECTS = Call(f"{IAM}/v3/projects", [("name", "cn-north-4")], {"projects": [{"id": PROJECT, "name": "cn-north-4"}]})
READ = Call(DESKTOPS, [("limit", "2000"), ("offset", "0")], {"desktops": [], "total_count": 0})
NO_KEYS: dict[str, Any] = {"access_key": None, "secret_key": None}
AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_name": "sales"}
ECS = {**NO_KEYS, "ecs_metadata": True, "metadata_endpoint": METADATA}
ISSUED = {"secret/1", "security+token/1=="}


def v3(number: int = 1, seconds: float = 3600) -> dict[str, Any]:
    """An answer of IAM, and of the metadata service."""
    end = time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime(time.time() + seconds))
    keys = {"access": f"AK{number}", "secret": f"secret/{number}", "securitytoken": f"security+token/{number}=="}
    return {"credential": {**keys, "expires_at": end}}


def assume(number: int = 1) -> Call:
    """The call for an agency's keys."""
    return Call(SECURITY_TOKENS, [], v3(number), 201, method="POST")


def signed_by(outcome: Any) -> list[str]:
    """Whose key signed each request."""
    signatures = (request.headers.get("Authorization", "") for request in outcome.requests)
    return [text.partition("Access=")[2].partition(",")[0] for text in signatures]


def body_of(request: Any) -> Any:
    return json.loads(request.body)


# An agency


def test_an_agency_by_the_name_of_its_account(run_module: Any) -> None:
    outcome = run_module(main, [assume(), READ], **AGENCY)
    asked, read = outcome.requests
    role = {"agency_name": "audit", "domain_name": "sales", "duration_seconds": 3600}
    assert body_of(asked) == {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}
    assert signed_by(outcome) == ["AK", "AK1"]
    assert read.headers["X-Security-Token"] == "security+token/1=="
    assert set(outcome.registered) >= ISSUED


def test_an_agency_by_the_id_of_its_account(run_module: Any) -> None:
    keys = {"access_key_id": "AK1", "secret_access_key": "secret/1", "security_token": "security+token/1=="}
    call = Call("https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume", [], {"credentials": keys}, method="POST")
    given = {"assume_role_agency_name": "audit", "assume_role_domain_id": "d1", "assume_role_duration": 900}
    outcome = run_module(main, [call, READ], **given)
    asked = {"agency_urn": "iam::d1:agency:audit", "agency_session_name": "ansible", "duration_seconds": 900}
    assert body_of(outcome.requests[0]) == asked
    assert signed_by(outcome) == ["AK", "AK1"]


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


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "Check assume_role_agency_name and assume_role_domain_name"), (409, "POST https://iam.")],
)
def test_a_rejected_agency_is_reported(run_module: Any, status: int, words: str) -> None:
    call = Call(SECURITY_TOKENS, [], {"error": {"message": "no", "code": status}}, status, method="POST")
    outcome = run_module(main, [call], **AGENCY)
    assert outcome["msg"].startswith(f"The agency audit of account sales was not assumed. {words}")
    assert outcome["status_code"] == status
    assert outcome["credentials_source"] == "agency audit of account sales, assumed with the task"


@pytest.mark.parametrize("body", [{}, {"credential": "x"}, {"credential": {"access": "AK"}}])
def test_a_response_without_keys_is_an_error(run_module: Any, body: Any) -> None:
    outcome = run_module(main, [Call(SECURITY_TOKENS, [], body, 201, method="POST")], **AGENCY)
    assert "lacks the temporary keys: check iam_endpoint" in outcome["msg"]


# The metadata service


def token(status: int = 200, body: Any = "meta-token") -> Call:
    """The call for a token of the metadata service."""
    return Call(METADATA_TOKEN, [], body, status, method="PUT")


def keys(body: Any, status: int = 200) -> Call:
    return Call(SECURITY_KEY, [], body, status)


@pytest.mark.parametrize("status", [404, 405, 503])
def test_the_metadata_service_without_tokens(run_module: Any, status: int) -> None:
    outcome = run_module(main, [token(status, "no"), keys(v3()), READ], **ECS)
    assert "X-Metadata-Token" not in outcome.requests[1].headers
    assert signed_by(outcome) == ["", "", "AK1"]


def test_a_token_that_is_refused_is_replaced_once(run_module: Any) -> None:
    calls = [token(), keys("401 Unauthorized", 401), token(body="another"), keys(v3()), READ]
    outcome = run_module(main, calls, **ECS)
    assert outcome.requests[0].headers["X-Metadata-Token-Ttl-Seconds"] == "300"
    assert [request.headers.get("X-Metadata-Token") for request in outcome.requests[1:4]] == [
        "meta-token",
        None,
        "another",
    ]
    assert set(outcome.registered) >= {"meta-token", *ISSUED}


ANSWER = "do-not-repeat-this"


@pytest.mark.parametrize(
    ("calls", "words", "status"),
    [
        ([token(body=requests.exceptions.ConnectTimeout(ANSWER))], "did not respond within 3 s. It exists on an", None),
        ([token(403, ANSWER)], "rejected the request for a token (HTTP 403)", 403),
        ([token(200, f"{ANSWER} {ANSWER}")], "returned an invalid token", 200),
        ([token(), keys(requests.exceptions.ConnectionError(ANSWER))], "on an ECS only", None),
        ([token(), keys("Please configure Cloud Service Agency first", 401)], "this ECS has no agency", 401),
        ([token(), keys(ANSWER, 401)] * 2, "HTTP 401", 401),
        ([token(), keys(ANSWER, 302)], "HTTP 302", 302),
        ([token(), keys({"error_code": ANSWER, "error_msg": ANSWER}, 500)], "HTTP 500", 500),
        ([token(), keys(ANSWER)], "returned no temporary keys", 200),
        ([token(), keys({"credential": {"access": ANSWER}})], "returned no temporary keys", 200),
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
    return [first, assume(number)]


def test_an_id_token_is_exchanged_for_keys(
    run_module: Any, id_token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again with what the file contains when the keys have been rejected."""
    monkeypatch.setenv("HW_ASSUME_ROLE_IDP_ID", "idp")
    monkeypatch.setenv("HW_ASSUME_ROLE_ID_TOKEN_FILE", str(id_token_file))
    found = {"desktop_id": "a", "desktop_name": "a", "connect_status": "CONNECTED", "attach_users": []}
    page = replace(READ, body={"desktops": [found], "total_count": 1})
    end = Call(DESKTOPS, [("limit", "2000"), ("offset", "1")], {"desktops": [], "total_count": 1})
    rejected = replace(end, body={"error_code": "APIGW.0301", "error_msg": "signature expired"}, status=401)
    rejected.meanwhile = partial(id_token_file.write_text, "the-id-token-2", encoding="ascii")
    outcome = run_module(main, [*exchange(1), page, rejected, *exchange(2), end, page], **NO_KEYS)
    first, second, *_others = outcome.requests
    assert first.headers["X-Idp-Id"] == "idp"
    assert body_of(first) == {"auth": {"id_token": {"id": "the-id-token-1"}}}
    given = {"id": "unscoped-1", "duration_seconds": 3600}
    assert body_of(second) == {"auth": {"identity": {"methods": ["token"], "token": given}}}
    assert body_of(outcome.requests[4])["auth"]["id_token"]["id"] == "the-id-token-2"
    assert signed_by(outcome) == ["", "", "AK1", "AK1", "", "", "AK2", "AK2"]
    assert set(outcome.registered) >= {"the-id-token-1", "unscoped-1", *ISSUED}


@pytest.mark.parametrize(
    ("content", "call", "words"),
    [
        (None, None, "id_token_file {} cannot be read: No such file"),
        (b"\n", None, "id_token_file {} does not contain an ID token"),
        (b"not-a token", None, "id_token_file {} does not contain an ID token"),
        (b"\xff\xfe", None, "id_token_file {} does not contain an ID token"),
        (b"t0ken-of-ci", 403, "The ID token was not exchanged for keys. Check idp_id, and whether the token in id_tok"),
        (b"t0ken-of-ci", 409, "The ID token was not exchanged for keys. POST https://iam."),
    ],
)
def test_an_id_token_without_keys_is_an_error(
    run_module: Any, tmp_path: Path, content: bytes | None, call: int | None, words: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    rejected = Call(ID_TOKENS, [], {"error": {"message": "t0ken-of-ci has expired"}}, call or 0, method="POST")
    outcome = run_module(main, [rejected] if call else [], **NO_KEYS, idp_id="idp", id_token_file=str(path))
    assert outcome["msg"].startswith(words.format(path))
    assert "not-a token" not in outcome["msg"]
    assert "t0ken-of-ci" not in outcome.shown


# The end of keys


@pytest.mark.parametrize(
    ("life", "left", "expected"),
    [
        (3600.0, 301.0, False),
        (3600.0, 299.0, True),
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
    ("end", "life"),
    [
        ("2020-01-08T02:00:00.587000Z", 3600),
        ("2020-01-08T02:00:00", 3600),
        ("2020-01-08T10:00:00+08:00", 3600),
        ("2020-01-08T00:59:59Z", None),
        ("soon", None),
        (1578448800, None),
        (None, None),
    ],
)
def test_the_lifetime_of_keys_is_read_from_the_response(end: Any, life: float | None) -> None:
    content = {"credential": {"access": "a", "secret": "s", "securitytoken": "t", "expires_at": end}}
    found = read_keys(content, DATE, Secrets())
    assert found is not None
    assert found.life == life


@pytest.mark.parametrize(("date", "life"), [(None, 7200), ("yesterday", 7200), (3600, 3600)])
def test_the_lifetime_of_keys_is_measured_by_the_clock_of_the_server(date: Any, life: float) -> None:
    """If its response has no date, by our own."""
    ahead = formatdate(time.time() + date, usegmt=True) if isinstance(date, int) else date
    found = read_keys(v3(seconds=7200), ahead, Secrets())
    assert found is not None
    assert abs((found.life or 0) - life) < 3


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
    found = read_keys({around: content} if around else content, DATE, secrets)
    assert found is not None
    assert (found.credentials, found.life) == (Keys("AK", "sk", "st"), 3600)
    assert {"sk", "st"} <= set(secrets)


@pytest.mark.parametrize("wrong", ["a b", "é", "", 5, None])
@pytest.mark.parametrize("name", ["access", "secret", "securitytoken"])
def test_keys_with_invalid_characters_are_rejected(name: str, wrong: Any) -> None:
    content = {"credential": {"access": "a", "secret": "s", "securitytoken": "t", name: wrong}}
    secrets = Secrets()
    assert read_keys(content, None, secrets) is None
    # Those that are valid are masked.
    assert {"s", "t"} & set(secrets) == {"access": {"s", "t"}, "secret": {"t"}, "securitytoken": {"s"}}[name]
