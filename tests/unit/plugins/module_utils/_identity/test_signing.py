# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signature, against vectors that the vendor's SDK computed."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.signing import (
    Auth,
    SignatureAuth,
    canonical_query,
    canonical_request,
    signature,
)

KNOWN = json.loads(Path(__file__).with_name("signing_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", KNOWN["vectors"], ids=lambda vector: vector["name"])
def test_signatures_match_those_of_the_sdk(vector: dict) -> None:
    query = f"?{canonical_query(vector['query'])}" if vector["query"] else ""
    request = requests.PreparedRequest()
    request.prepare(method=vector["method"], url=f"https://{vector['host']}/", data=vector["body"].encode() or None)
    # Some vectors have paths and hosts that requests would put in order first; the signer must cope with them as is.
    request.url = f"https://{vector['host']}{vector['path']}{query}"
    request.method = vector["method"]
    request.headers.update({"X-Sdk-Date": KNOWN["date"], "Host": vector["host"]})
    canonical, expected = (text.split("\n") for text in (canonical_request(request), vector["canonical_request"]))
    # Most vectors sign more headers.
    assert [*canonical[:3], canonical[-1]] == [*expected[:3], expected[-1]]
    assert set(canonical[3:-2]) <= set(expected)
    assert signature(KNOWN["secret_key"], vector["canonical_request"], KNOWN["date"]) == vector["signature"]
    if vector["path"].isascii():
        # The target on the request line, whatever order and characters the caller gave.
        url = f"https://{vector['host']}{vector['path']}{query}"
        sent = requests.Request("GET", url, auth=SignatureAuth("ak", "sk")).prepare()
        assert sent.path_url == vector["request_target"]


def test_only_host_and_date_are_signed() -> None:
    auth = SignatureAuth("AK", "SK", "session-token")
    request = requests.Request(
        "GET", "https://host:8443/v2/p/x?a=1", auth=auth, headers={"X-Project-Id": "p"}
    ).prepare()
    assert "SignedHeaders=host;x-sdk-date," in request.headers["Authorization"]
    assert request.headers["X-Security-Token"] == "session-token"
    assert request.headers["Host"] == urlsplit(request.url).netloc == "host:8443"
    assert len(request.headers["X-Sdk-Date"]) == len("20261123T061500Z")
    assert auth.renew(request) is False


def test_without_credentials_no_header_is_added() -> None:
    assert not requests.Request("GET", "https://host/", auth=Auth()).prepare().headers
