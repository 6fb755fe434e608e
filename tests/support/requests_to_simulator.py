# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to ask the simulator: with the vendor's client, plainly, or signed by hand."""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkworkspace.v2 import (
    ListDesktopsConnectStatusRequest,
    WorkspaceClient,
)
from simulator.client import Simulator

SDK_WARNINGS = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")
LIST = "/connect-desktops"
POOLS = "/desktop-pools/statistics/by-users"


def sdk(sim: Simulator, **changes: Any) -> WorkspaceClient:
    """The vendor's client; ``changes`` replace ak, sk, project_id or add a security_token."""
    token = changes.pop("security_token", None)
    info = sim.info
    known = {"ak": info["access_key"], "sk": info["secret_key"], "project_id": info["project_id"], **changes}
    credentials = BasicCredentials(**known)
    if token is not None:
        credentials = credentials.with_security_token(token)
    return WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(sim.url).build()


def desktops_by_sdk(client: WorkspaceClient, limit: int = 100, **filters: Any) -> tuple[list[dict[str, Any]], int]:
    """All pages through the SDK, and the total that the last of them reported."""
    found: list[dict[str, Any]] = []
    while True:
        request = ListDesktopsConnectStatusRequest(offset=len(found), limit=limit, **filters)
        answer = client.list_desktops_connect_status(request).to_json_object()
        found.extend(answer["desktops"])
        if len(answer["desktops"]) < limit:
            return found, answer["total_count"]


def get(sim: Simulator, path: str, token: str | None = "", **options: Any) -> requests.Response:
    """A GET with a token, by default the ready one; ``path`` is below the first project unless it begins with /v."""
    if not path.startswith("/v"):
        path = "/v2/{}{}".format(sim.info["project_id"], path)
    headers = dict(options.pop("headers", {}))
    if token is not None:
        headers["X-Auth-Token"] = token or sim.info["token"]
    return requests.get(sim.url + path, headers=headers, timeout=20, allow_redirects=False, **options)


def send_signed(
    sim: Simulator,
    path: str,
    query: tuple[tuple[str, str], ...] = (),
    *,
    access_key: str = "",
    secret_key: str = "",
    age: float = 0.0,
    headers: dict[str, str] | None = None,
    unsigned: dict[str, str] | None = None,
    sent_query: str | None = None,
) -> requests.Response:
    """A GET signed with the SDK's signer, ``age`` seconds ago, and possibly sent another way than it was signed."""
    host = urlsplit(sim.url).netloc
    if not path.startswith("/v"):
        path = "/v2/{}{}".format(sim.info["project_id"], path)
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - age))
    request = SdkRequest(
        method="GET",
        schema="http",
        host=host,
        resource_path=path,
        query_params=list(query),
        header_params={"X-Sdk-Date": date, **(headers or {})},
        body=b"",
    )
    credentials = BasicCredentials(access_key or sim.info["access_key"], secret_key or sim.info["secret_key"])
    Signer(credentials).sign(request)
    sent = {**request.header_params, **(unsigned or {})}
    uri = request.uri if sent_query is None else path + sent_query
    return requests.get(sim.url + uri, headers=sent, timeout=20)


def gateway_text(answer: requests.Response) -> str:
    """The text of the gateway's refusal, after checking that it is one in every respect."""
    content = answer.json()
    assert answer.status_code == 401
    assert content["error_code"] == "APIGW.0301"
    assert content["request_id"] == answer.headers["X-Request-Id"]
    assert set(content) == {"error_code", "error_msg", "request_id"}
    return str(content["error_msg"])


def login(sim: Simulator, scope: Any, *, query: str = "", **user: Any) -> requests.Response:
    info = sim.info
    told = {
        "name": info["iam_user_name"],
        "password": info["iam_password"],
        "domain": {"name": info["iam_domain_name"]},
        **user,
    }
    identity = {"methods": ["password"], "password": {"user": told}}
    auth = {"identity": identity} if scope is None else {"identity": identity, "scope": scope}
    return requests.post(sim.url + "/v3/auth/tokens" + query, json={"auth": auth}, timeout=20)


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def raw(sim: Simulator, path: str = LIST) -> tuple[bytes, type[OSError] | None]:
    """Every byte that comes until the end, and the error that ended it, if one did."""
    parts = urlsplit(sim.url)
    head = "GET /v2/{}{} HTTP/1.1\r\nHost: {}\r\nX-Auth-Token: {}\r\n\r\n".format(
        sim.info["project_id"], path, parts.netloc, sim.info["token"]
    )
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=20) as connection:
        connection.sendall(head.encode())
        found = b""
        while True:
            try:
                part = connection.recv(65536)
            except OSError as problem:
                return found, type(problem)
            if not part:
                return found, None
            found += part
