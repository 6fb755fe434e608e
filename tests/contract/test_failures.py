# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The failures that are retried, those that end the call at once, and responses that are not from the API."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from simulator.client import Simulator
from support.modules import run_module
from support.runs import DESKTOPS, POOLS, assert_failed, keys_of

USER = "张三"

ALL_FACTS = {"error_code": "WKS.0042", "error_msg": "No such\nthing", "error_detail": "the detail"}
ALL_FACTS["encoded_authorization_message"] = "ZW5jb2RlZA"

FLEET = {"desktops": 60, "users": 60, "gzip_min_bytes": 100}


def read(
    cloud: Simulator, fault: dict[str, Any] | None = None, module: str = DESKTOPS, **options: Any
) -> dict[str, Any]:
    """The result of a call of one request, which meets this fault."""
    if fault:
        cloud.behave(faults=[{"count": None, **fault}])
    usual = {"user_names": ["nobody", USER]} if module == DESKTOPS else {}
    return run_module(module, keys_of(cloud.info, **{**usual, **options}))


def assert_retried(cloud: Simulator, result: dict[str, Any], failures: int) -> None:
    """The answer is the right one, after so many failures of the same request."""
    assert not result.get("failed"), result
    expected = [
        desktop["desktop_id"]
        for desktop in cloud.project()["desktops"]
        if any(user["name"] == USER for user in desktop["attach_users"])
    ]
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == sorted(expected)
    assert expected
    assert result["unmatched_user_names"] == ["nobody"]
    requests = cloud.requests()
    # The list of all is read as well, for the name that is not found.
    assert len(requests) == failures + 6
    assert len({entry["target"] for entry in requests[: failures + 1]}) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500, "count": 1},
        {"kind": "status", "status": 503, "shape": "empty", "count": 1},
        {"kind": "status", "status": 503, "headers": {"Retry-After": "86400"}, "count": 2},
        {"kind": "status", "status": 200, "body": '{"desktops": [{"desktop_id": "x', "count": 2},
        {"kind": "reset", "count": 2},
        {"kind": "close", "count": 1},
        {"kind": "truncate", "count": 2},
        {"kind": "truncate", "chunked": True, "count": 1},
        {"kind": "edit", "headers": {"Content-Encoding": "gzip"}, "count": 1},
    ],
    ids=str,
)
def test_a_transient_failure_is_retried(cloud: Simulator, fault: dict[str, Any]) -> None:
    assert_retried(cloud, read(cloud, fault), fault["count"])


def test_a_missing_response_is_retried_with_a_new_signature(cloud: Simulator) -> None:
    assert_retried(cloud, read(cloud, {"kind": "hang", "count": 1}, timeout=1), 1)
    first, second, *_others = cloud.requests()
    assert first["x_sdk_date"] < second["x_sdk_date"]
    assert first["signed_headers"] == second["signed_headers"] == "host;x-sdk-date"


def test_throttling_is_no_retry_and_causes_a_warning(cloud: Simulator) -> None:
    fault = {"kind": "status", "status": 429, "count": 2, "headers": {"Retry-After": "0"}}
    result = read(cloud, fault, max_retries=0)
    assert_retried(cloud, result, 2)
    (warning,) = result["warnings"]
    assert "throttled" in warning


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 418, 501, 505, 206])
def test_a_permanent_error_fails_after_one_request_with_all_facts(cloud: Simulator, status: int) -> None:
    result = read(cloud, {"kind": "status", "status": status, "json": ALL_FACTS}, max_retries=10)
    (request,) = cloud.requests()
    words = f"/connect-desktops failed with HTTP {status} WKS.0042: No such thing (request id {request['request_id']})"
    facts = {"status_code": status, "attempts": 1, "request_id": request["request_id"], **ALL_FACTS}
    assert_failed(result, "GET http://", words, **facts)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(cloud: Simulator, status: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        to = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/v2/x/connect-desktops"
        result = read(cloud, {"kind": "status", "status": status, "headers": {"Location": to}})
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert_failed(result, "endpoint", status_code=status, attempts=1)
    assert len(cloud.requests()) == 1


@pytest.mark.parametrize(
    ("fault", "retries", "facts"),
    [
        ({"kind": "status", "status": 503}, 2, {"status_code": 503}),
        ({"kind": "status", "status": 503}, 0, {"status_code": 503}),
        ({"kind": "reset"}, 2, {"status_code": None, "error_code": None, "request_id": None}),
    ],
)
def test_a_failure_that_lasts_fails_after_max_retries(
    cloud: Simulator, fault: dict[str, Any], retries: int, facts: dict[str, Any]
) -> None:
    result = read(cloud, fault, max_retries=retries)
    requests = cloud.requests()
    words = f"request id {requests[-1]['request_id']}" if fault["kind"] == "status" else "Connection reset by peer"
    assert_failed(result, words, attempts=retries + 1, **facts)
    assert len(requests) == retries + 1


def test_total_timeout_ends_a_request_that_hangs(cloud: Simulator) -> None:
    began = time.monotonic()
    result = read(cloud, {"kind": "hang"}, timeout=30, total_timeout=1)
    assert_failed(result, "total_timeout", attempts=1, status_code=None)
    assert time.monotonic() - began < 10
    assert len(cloud.requests()) == 1


def test_a_wrong_secret_key_is_sent_once(cloud: Simulator) -> None:
    options = {"user_ids": [f"user-{number:04}" for number in range(300)]}
    result = read(cloud, None, POOLS, secret_key="wrong", concurrency=16, **options)
    assert_failed(result, "HTTP 401", "APIGW.0301", status_code=401, attempts=1)
    assert cloud.counters()["requests"] == 1


def test_the_cause_of_a_failure_is_reported_with_lists_read_side_by_side(cloud: Simulator) -> None:
    for after in range(1, 13):
        expired = {"kind": "status", "status": 401, "error_msg": "token expires", "after": after}
        cloud.behave(latency=0.005, jitter=0.005)
        result = read(cloud, expired, "workspace_audit_info", concurrency=8)
        assert_failed(result, "failed with HTTP 401", status_code=401, attempts=1)
