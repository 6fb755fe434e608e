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
    string_to_sign,
)

VECTORS = [
    vector
    for vector in json.loads(Path(__file__).with_name("signing_vectors.json").read_text(encoding="utf-8"))["vectors"]
    if vector["alg"] == "hmac"
]


def prepared(vector: dict) -> tuple[requests.PreparedRequest, list[str]]:
    """The request of a vector, and the names of the headers that are signed in it."""
    expect = vector["expect"]
    pairs = [(key, str(value).lower() if isinstance(value, bool) else str(value)) for key, value in vector["query"]]
    query = f"?{canonical_query(pairs)}" if pairs else ""
    request = requests.PreparedRequest()
    request.prepare(
        method=vector["method"],
        url=f"https://{vector['host']}/",
        data=vector["body"].encode() or None,
    )
    # Some vectors have paths and hosts that requests would put in order first; the signer must cope with them as is.
    request.url = f"https://{vector['host']}{vector['path']}{query}"
    request.method = vector["method"]
    request.headers.clear()
    request.headers.update({name: value.encode() for name, value in vector["headers"].items()})
    request.headers["X-Sdk-Date"] = vector["date"]
    request.headers["Host"] = vector["host"]
    if "X-Sdk-Content-Sha256" in expect["headers_after_signing"]:
        request.headers["X-Sdk-Content-Sha256"] = expect["headers_after_signing"]["X-Sdk-Content-Sha256"]
    signed = expect["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    return request, signed


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict) -> None:
    request, signed = prepared(vector)
    canonical = canonical_request(request, signed)
    assert canonical == vector["expect"]["canonical_request"]
    assert string_to_sign(canonical, vector["date"]) == vector["expect"]["string_to_sign"]
    auth = SignatureAuth(vector["ak"], vector["sk"], signed_headers=signed)
    assert auth(request).headers["Authorization"] == vector["expect"]["authorization"]


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["path"].isascii()], ids=lambda vector: vector["name"]
)
def test_what_is_sent_is_what_is_signed(vector: dict) -> None:
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


def test_no_auth_adds_nothing() -> None:
    assert not requests.Request("GET", "https://host/", auth=Auth()).prepare().headers
