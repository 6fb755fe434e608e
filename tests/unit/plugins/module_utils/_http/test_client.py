# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from ansible_collections.huaweicloud.workspace.plugins.modules.workspace_connect_desktops_info import main

from ....conftest import DESKTOPS, IAM, PROJECT, Call

WHOLE = [("limit", "2000"), ("offset", "0")]
PAGE = [("limit", "5")]
GOOD = {"desktops": [], "total_count": 0}
USER = {"iam_user_name": "audit", "iam_password": "pass word/1", "iam_domain_name": "acme"}
BY_USER: dict[str, Any] = {"access_key": None, "secret_key": None, **USER}


def desktops(body: Any = None, status: int = 200, **headers: str) -> Call:
    """The call for the first page."""
    return Call(DESKTOPS, WHOLE, GOOD if body is None else body, status, headers)


def login(body: Any, token: str = "tok-1", status: int = 201) -> Call:
    """The call for a token."""
    headers = {"X-Subject-Token": token} if token else {}
    return Call(f"{IAM}/v3/auth/tokens", [("nocatalog", "true")], body, status, headers, "POST")


def projects(body: Any, status: int = 200, name: str | None = "cn-north-4") -> Call:
    """The call that looks the project up."""
    return Call(f"{IAM}/v3/projects", [("name", name)] if name else [], body, status)


def test_an_unreadable_error_page_does_not_hide_the_status(run_module: Any) -> None:
    outcome = run_module(main, [desktops(b"\x1f\x8b broken", 403, **{"Content-Encoding": "gzip"})], max_retries=3)
    headers = outcome.requests[0].headers
    assert (headers["Accept-Encoding"], headers["X-Project-Id"]) == ("gzip", PROJECT)
    assert outcome["status_code"] == 403
    assert outcome["msg"].startswith(f"The project_id {PROJECT} from the task may belong to another account")
    assert "workspace:desktops:listWithConnectStatus" in outcome["msg"]


def test_a_login_gives_token_and_project(run_module: Any) -> None:
    granted = login({"token": {"project": {"id": PROJECT}}})
    outcome = run_module(main, [granted, desktops()], project_id=None, **BY_USER)
    sent = json.loads(outcome.requests[0].body)["auth"]
    user = {"name": "audit", "password": "pass word/1", "domain": {"name": "acme"}}
    assert sent["identity"]["password"]["user"] == user
    assert sent["scope"]["project"] == {"name": "cn-north-4", "domain": {"name": "acme"}}
    assert "tok-1" not in json.dumps(outcome.result)
    outcome = run_module(main, [granted, desktops()], **BY_USER)
    assert json.loads(outcome.requests[0].body)["auth"]["scope"]["project"] == {"id": PROJECT}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (login({}, ""), "X-Subject-Token"),
        (login({"token": {"project": {"id": None}}}), "set project_id"),
        (login({"token": 1}), "set project_id"),
        (login({"error": {"code": 401, "message": "wrong"}}, status=401), "HTTP 401: wrong"),
        (login({}, status=200), "HTTP 200"),
    ],
    ids=["no token", "no project", "no object", "refused", "wrong status"],
)
def test_a_failed_login_is_reported(run_module: Any, call: Call, words: str) -> None:
    outcome = run_module(main, [call], project_id=None, max_retries=4, **BY_USER)
    assert words in outcome["msg"]
    assert "pass word" not in json.dumps(outcome.result)


X, Y = {"id": "x", "name": "cn-south-1"}, {"id": "y", "name": "cn-north-4"}


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([projects({"projects": [{**X, "name": "cn-north-4"}, Y]})], "2 projects are named cn-north-4"),
        ([projects({"projects": [{**Y, "id": 5}]})], "5 (cn-north-4)"),
        ([projects({"projects": [{**Y, "id": "../x?"}]})], "the project id that https"),
        ([projects({})], "lacks the list of projects"),
        ([projects({"projects": [1]})], "lacks the list of projects"),
        ([projects({"error": {"message": "no", "code": 403}}, 403)], "iam:projects:listProjects"),
        (
            [projects({"projects": []}), projects({"projects": []}, name=None)],
            "no project is named cn-north-4 at https",
        ),
        ([projects({"projects": [X]}), projects({}, name=None)], "(found: none). Check region, or set project_id."),
        (
            [
                projects({"projects": []}),
                projects({"projects": [X, {**Y, "name": "cn-nort-4"}, {"id": "z"}]}, name=None),
            ],
            "(found: x (cn-south-1), y (cn-nort-4), z (None)). Did you mean cn-nort-4? Check region",
        ),
    ],
)
def test_a_failed_project_lookup_is_reported(run_module: Any, calls: list[Call], words: str) -> None:
    outcome = run_module(main, calls, project_id=None)
    assert words in outcome["msg"]


@pytest.mark.parametrize("encode", [str, quote, lambda text: base64.b64encode(text.encode()).decode(), json.dumps])
def test_what_the_server_repeats_of_secrets_is_masked(run_module: Any, encode: Any) -> None:
    secret = "s3cr/t+key_&_more!"
    body = {"error_msg": f"bad {encode(secret)}", "error_code": "APIGW.0301", "error_detail": encode(secret)}
    outcome = run_module(main, [desktops(body, 401, **{"X-Request-Id": f"id-{secret}"})], secret_key=secret)
    shown = encode(secret).strip('"')
    assert shown not in json.dumps(outcome.result)
    assert "********" in outcome["msg"]
    good = {"desktops": [{"desktop_id": encode(secret)}], "total_count": 1}
    outcome = run_module(main, [Call(DESKTOPS, PAGE, good)], secret_key=secret, limit=5)
    assert shown not in outcome.shown
    assert shown in outcome.registered


@pytest.mark.parametrize(("status", "more"), [(302, {}), (200, {"error_code": "WKS.1"})])
def test_a_redirect_and_an_error_code_are_failures_with_any_body(run_module: Any, status: int, more: Any) -> None:
    outcome = run_module(main, [desktops({"desktops": [], "total_count": 0, **more}, status)])
    assert f"failed with HTTP {status}" in outcome["msg"]


@pytest.mark.parametrize("depth", [60, 900, 100000])
def test_a_deeply_nested_response_is_a_failure(run_module: Any, depth: int) -> None:
    outcome = run_module(main, [desktops(f'{{"desktops": [{"[" * depth}{"]" * depth}], "total_count": 1}}')])
    assert "or nested too deep" in outcome["msg"]


def test_a_response_that_is_not_valid_unicode_is_a_failure(run_module: Any) -> None:
    outcome = run_module(main, [desktops('{"desktops": [{"desktop_id": "\\uD800"}], "total_count": 1}')])
    assert "not a JSON object" in outcome["msg"]
    face = '{"desktops": [{"desktop_id": "\\ud83d\\ude00"}], "total_count": 1}'
    assert run_module(main, [Call(DESKTOPS, PAGE, face)], limit=5)["desktops"][0]["desktop_id"] == "😀"


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
    monkeypatch.setattr(_module, "REQUESTS_IMPORT_ERROR", f"Traceback\n  somewhere\n{error}\n")
    outcome = run_module(main, [])
    assert f"required Python library ({library})" in outcome["msg"]
    assert error in outcome["msg"]
    assert "Traceback" not in json.dumps(outcome.result)
