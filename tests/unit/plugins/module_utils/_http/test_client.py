# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins, look-ups and errors of a module, with every HTTP call that it is to make."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import FACTS
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_connect_desktops_info import main
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_desktop_pool_info import main as main_pools

from ....conftest import ARGUMENTS, DESKTOPS, IAM, POOLS, PROJECT, Call

WHOLE = [("limit", "2000"), ("offset", "0")]
PAGE = [("limit", "5")]
GOOD = {"desktops": [], "total_count": 0}
TOKENS = f"{IAM}/v3/auth/tokens"
PROJECTS = f"{IAM}/v3/projects"
NAMED = [("name", "cn-north-4")]
BY_USER: dict[str, Any] = {
    "access_key": None,
    "secret_key": None,
    "iam_user_name": "audit",
    "iam_password": "pass word/1",
    "iam_domain_name": "acme",
}


def desktops(body: Any = None, status: int = 200, **headers: str) -> Call:
    """The call for the first page."""
    return Call(DESKTOPS, WHOLE, GOOD if body is None else body, status, headers)


def login(token: str, project: Any = PROJECT, status: int = 201) -> Call:
    """The call for a token."""
    body = {"token": {"project": {"id": project}}}
    return Call(TOKENS, [("nocatalog", "true")], body, status, {"X-Subject-Token": token} if token else {}, "POST")


def test_an_unreadable_error_page_does_not_hide_the_status(run_module: Any) -> None:
    outcome = run_module(main, [desktops(b"\x1f\x8b broken", 403, **{"Content-Encoding": "gzip"})], max_retries=3)
    assert outcome["status_code"] == 403
    assert "workspace:desktops:listWithConnectStatus" in outcome["msg"]


def test_the_permission_of_the_other_operation(run_module: Any) -> None:
    outcome = run_module(main_pools, [Call(POOLS, [("limit", "10"), ("offset", "0")], "", 403)])
    assert "workspace:desktopPools:listByUsers" in outcome["msg"]


def test_every_fact_is_there_without_a_request(run_module: Any) -> None:
    outcome = run_module(main, [], concurrency="many")
    assert {outcome[name] for name in FACTS} == {None}


def test_a_request_has_the_headers_of_the_collection(run_module: Any) -> None:
    request = run_module(main, [desktops()]).requests[0]
    assert request.headers["X-Project-Id"] == PROJECT
    assert request.headers["Accept-Encoding"] == "gzip"
    assert "X-Auth-Token" not in request.headers


def test_a_token_is_sent_as_it_is(run_module: Any) -> None:
    request = run_module(main, [desktops()], access_key=None, secret_key=None, auth_token="tok").requests[0]
    assert request.headers["X-Auth-Token"] == "tok"
    assert "Authorization" not in request.headers


def test_a_login_gives_token_and_project(run_module: Any) -> None:
    outcome = run_module(main, [login("tok-1"), desktops()], project_id=None, **BY_USER)
    sent = json.loads(outcome.requests[0].body)
    assert sent["auth"]["identity"]["password"]["user"] == {
        "name": "audit",
        "password": "pass word/1",
        "domain": {"name": "acme"},
    }
    assert sent["auth"]["scope"]["project"] == {"name": "cn-north-4", "domain": {"name": "acme"}}
    assert "Authorization" not in outcome.requests[0].headers
    assert outcome.requests[1].headers["X-Auth-Token"] == "tok-1"
    assert "tok-1" not in json.dumps(outcome.result)


def test_a_login_for_a_known_project(run_module: Any) -> None:
    outcome = run_module(main, [login("tok-1", "other"), desktops()], **BY_USER)
    assert json.loads(outcome.requests[0].body)["auth"]["scope"]["project"] == {"id": PROJECT}


def test_a_token_that_was_never_accepted_is_not_renewed(run_module: Any) -> None:
    rejected = desktops({"error_msg": "token expires", "error_code": "APIGW.0301"}, 401)
    outcome = run_module(main, [login("tok-1"), rejected], max_retries=4, **BY_USER)
    assert (outcome["status_code"], outcome["attempts"]) == (401, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (login(""), "X-Subject-Token"),
        (login("t", None), "set project_id"),
        (Call(TOKENS, [("nocatalog", "true")], {"token": 1}, 201, {"X-Subject-Token": "t"}, "POST"), "set project_id"),
        (
            Call(TOKENS, [("nocatalog", "true")], {"error": {"code": 401, "message": "wrong"}}, 401, {}, "POST"),
            "HTTP 401: wrong",
        ),
        (Call(TOKENS, [("nocatalog", "true")], {}, 200, {}, "POST"), "HTTP 200"),
    ],
    ids=["no token", "no project", "no object", "refused", "wrong status"],
)
def test_a_failed_login_is_reported(run_module: Any, call: Call, words: str) -> None:
    outcome = run_module(main, [call], project_id=None, max_retries=4, **BY_USER)
    assert words in outcome["msg"]
    assert "pass word" not in json.dumps(outcome.result)


def projects(*found: dict[str, Any]) -> Call:
    """The call that looks the project up."""
    return Call(PROJECTS, NAMED, {"projects": list(found)})


def test_the_project_is_looked_up_by_the_name_of_the_region(run_module: Any) -> None:
    call = projects({"id": "sub", "name": "cn-north-4_sub"}, {"id": PROJECT, "name": "cn-north-4"})
    outcome = run_module(main, [call, desktops()], project_id=None)
    assert "SDK-HMAC-SHA256" in outcome.requests[0].headers["Authorization"]
    assert "X-Project-Id" not in outcome.requests[0].headers


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (projects({"id": "x", "name": "cn-north-4"}, {"id": "y", "name": "cn-north-4"}), "2 projects are named"),
        (projects({"id": 5, "name": "cn-north-4"}), "5 (cn-north-4)"),
        (Call(PROJECTS, NAMED, {}), "lacks the list of projects"),
        (Call(PROJECTS, NAMED, {"projects": [1]}), "lacks the list of projects"),
        (Call(PROJECTS, NAMED, {"error": {"message": "no", "code": 403}}, 403), "iam:projects:listProjects"),
    ],
)
def test_a_failed_project_lookup_is_reported(run_module: Any, call: Call, words: str) -> None:
    outcome = run_module(main, [call], project_id=None)
    assert words in outcome["msg"]


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (
            {"projects": []},
            "no project is named cn-north-4 at https://iam.cn-north-4.myhuaweicloud.com (found: none). C",
        ),
        ({"projects": [{"id": "x", "name": "MOS"}]}, "(found: x (MOS)). Check region, or set project_id."),
        (
            {"projects": [{"id": "x", "name": "cn-south-1"}, {"id": "y", "name": "cn-nort-4"}, {"id": "z"}]},
            "(found: x (cn-south-1), y (cn-nort-4), z (None)). Did you mean cn-nort-4? Check region",
        ),
        ({}, "(found: none)"),
    ],
)
def test_a_project_of_another_name_is_suggested(run_module: Any, listed: dict[str, Any], words: str) -> None:
    outcome = run_module(main, [projects(), Call(PROJECTS, [], listed)], project_id=None)
    assert words in outcome["msg"]
    assert outcome["status_code"] is None


def test_a_project_id_of_iam_cannot_change_the_path(run_module: Any) -> None:
    outcome = run_module(main, [projects({"id": "../x?", "name": "cn-north-4"})], project_id=None)
    assert "project" in outcome["msg"]


@pytest.mark.parametrize("encode", [str, quote, lambda text: base64.b64encode(text.encode()).decode(), json.dumps])
def test_what_the_server_repeats_of_secrets_is_masked(run_module: Any, encode: Any) -> None:
    secret = "s3cr/t+key & more!".replace(" ", "_")
    body = json.dumps(
        {"error_msg": f"bad {encode(secret)}", "error_code": "APIGW.0301", "error_detail": encode(secret)}
    )
    outcome = run_module(main, [desktops(body, 401, **{"X-Request-Id": f"id-{secret}"})], secret_key=secret)
    assert encode(secret).strip('"') not in json.dumps(outcome.result)
    assert "********" in outcome["msg"]
    assert encode(secret).strip('"') in outcome.registered
    good = {"desktops": [{"desktop_id": encode(secret)}], "total_count": 1}
    outcome = run_module(main, [Call(DESKTOPS, PAGE, good)], secret_key=secret, limit=5)
    assert encode(secret).strip('"') not in outcome.shown
    assert encode(secret).strip('"') in outcome.registered


def test_a_response_that_is_not_valid_unicode_is_a_failure(run_module: Any) -> None:
    outcome = run_module(main, [desktops('{"desktops": [{"desktop_id": "\\ud800"}], "total_count": 1}')])
    assert "not valid Unicode" in outcome["msg"]
    face = '{"desktops": [{"desktop_id": "\\ud83d\\ude00"}], "total_count": 1}'
    outcome = run_module(main, [Call(DESKTOPS, PAGE, face)], limit=5)
    assert outcome["desktops"][0]["desktop_id"] == "😀"


@pytest.mark.parametrize(
    ("error", "library"),
    [
        ("ModuleNotFoundError: No module named 'requests'", "requests"),
        ("ImportError: urllib3 v2 only supports OpenSSL 1.1.1+", "urllib3"),
    ],
)
def test_a_missing_library_is_reported(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, error: str, library: str
) -> None:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module

    monkeypatch.setattr(_module, "REQUESTS_IMPORT_ERROR", f"Traceback\n  somewhere\n{error}\n")
    outcome = run_module(main, [])
    assert f"required Python library ({library})" in outcome["msg"]
    assert error in outcome["msg"]
    assert "Traceback" not in json.dumps(outcome.result)
    assert outcome["attempts"] is None


def test_arguments_of_these_tests_have_one_try() -> None:
    assert ARGUMENTS["max_retries"] == 0
