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
    SIGNED_HEADERS,
    Auth,
    SignatureAuth,
    canonical_query,
    canonical_request,
    signature,
    string_to_sign,
)

VECTORS = [
    vector
    for vector in json.loads(Path(__file__).with_name("signing_vectors.json").read_text(encoding="utf-8"))["vectors"]
    if vector["alg"] == "hmac"
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signatures_match_the_vectors(vector: dict) -> None:
    expect = vector["expect"]
    pairs = [(key, str(value).lower() if isinstance(value, bool) else str(value)) for key, value in vector["query"]]
    query = f"?{canonical_query(pairs)}" if pairs else ""
    request = requests.PreparedRequest()
    request.prepare(method=vector["method"], url=f"https://{vector['host']}/", data=vector["body"].encode() or None)
    # Some vectors have paths and hosts that requests would put in order first; the signer must cope with them as is.
    request.url = f"https://{vector['host']}{vector['path']}{query}"
    request.method = vector["method"]
    request.headers.update({"X-Sdk-Date": vector["date"], "Host": vector["host"]})
    canonical, expected = (text.split("\n") for text in (canonical_request(request), expect["canonical_request"]))
    # Most vectors sign more headers.
    assert canonical[:3] == expected[:3]
    assert [line for line in canonical[3:-2] if line not in expected] == []
    assert canonical[-1] == expected[-1] or expected[-1] == "UNSIGNED-PAYLOAD"
    to_sign = string_to_sign(expect["canonical_request"], vector["date"])
    assert to_sign == expect["string_to_sign"]
    assert expect["authorization"].endswith(f" Signature={signature(vector['sk'], to_sign)}")


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["path"].isascii()], ids=lambda vector: vector["name"]
)
def test_the_signed_request_is_the_sent_request(vector: dict) -> None:
    """The target on the request line is the vector's, whatever order and characters the caller gave."""
    pairs = [(key, str(value).lower() if isinstance(value, bool) else str(value)) for key, value in vector["query"]]
    url = f"https://{vector['host']}{vector['path']}" + (f"?{canonical_query(pairs)}" if pairs else "")
    request = requests.Request("GET", url, auth=SignatureAuth("ak", "sk")).prepare()
    assert request.path_url == vector["expect"]["request_target"]


def test_at_least_every_hmac_vector_is_there() -> None:
    assert len(VECTORS) == 25


def test_only_host_and_date_are_signed() -> None:
    auth = SignatureAuth("AK", "SK", "session-token")
    request = requests.Request(
        "GET", "https://host:8443/v2/p/x?a=1", auth=auth, headers={"X-Project-Id": "p"}
    ).prepare()
    assert f"SignedHeaders={';'.join(SIGNED_HEADERS)}," in request.headers["Authorization"]
    assert request.headers["X-Security-Token"] == "session-token"
    assert request.headers["Host"] == urlsplit(request.url).netloc == "host:8443"
    assert len(request.headers["X-Sdk-Date"]) == len("20261123T061500Z")
    assert auth.renew(request) is False


def test_without_credentials_no_header_is_added() -> None:
    assert not requests.Request("GET", "https://host/", auth=Auth()).prepare().headers
