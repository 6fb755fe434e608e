# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures, clocks, tokens and IAM, as the gateway sees them."""

from __future__ import annotations

import calendar
import email.utils
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkworkspace.v2 import WorkspaceClient
from simulator.client import Simulator
from support.requests_to_simulator import (
    LIST,
    SDK_WARNINGS,
    desktops_by_sdk,
    gateway_text,
    get,
    login,
    sdk,
    send_signed,
)

pytestmark = SDK_WARNINGS

QUERY = (("limit", "1"), ("user_names", "a"))
WRONG = "verify aksk signature fail"
FAKE = {"Authorization": "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=" + "0" * 64, "X-Sdk-Date": "now"}


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({}, None),
        ({"unsigned": {"Content-Type": "text/plain", "Accept": "x"}}, None),
        *(({"age": age}, None) for age in (890, -890)),
        *(({"age": age}, "signature expired") for age in (1200, -1200, 905, -905)),
        ({"query": QUERY}, None),
        ({"query": QUERY, "sent_query": "?user_names=a&limit=1"}, None),
        ({"query": QUERY, "sent_query": "?limit=2&user_names=a"}, WRONG),
        ({"query": QUERY, "sent_query": "?limit=1"}, WRONG),
        ({"query": QUERY, "sent_query": "?limit=1&user_names=b"}, WRONG),
        ({"query": QUERY, "sent_query": "?limit=1&user_names=a&user_names=a"}, WRONG),
        ({"query": QUERY, "sent_query": ""}, WRONG),
        ({"secret_key": "wrong"}, WRONG),
        ({"access_key": "NOBODYSKEY"}, "Get secretKey failed,ak:NOBODYSKEY,err:ak not exist"),
        ({"unsigned": {"X-Security-Token": "t"}}, "security token"),
    ],
)
def test_a_signature_is_checked(sim: Simulator, options: dict[str, Any], refusal: str | None) -> None:
    answer = send_signed(sim, LIST, **options)
    if refusal is None:
        assert answer.status_code == 200
    else:
        assert refusal in gateway_text(answer)


def test_a_wrong_signature_is_answered_with_the_servers_canonical_request(sim: Simulator) -> None:
    """So the value of a signed header leaks into the answer."""
    temporary = sim.info["temporary"]
    options = {"access_key": temporary["access_key"], "headers": {"X-Security-Token": temporary["security_token"]}}
    answer = send_signed(sim, LIST, (("limit", "1"),), secret_key="wrong", **options)
    lines = gateway_text(answer).partition("canonicalRequest:")[2].split("|")
    assert lines[:3] == ["GET", "/v2/{}{}/".format(sim.info["project_id"], LIST), "limit=1"]
    assert "host:" + urlsplit(sim.url).netloc in lines
    assert "x-security-token:" + temporary["security_token"] in lines
    assert lines[-2] == "host;x-sdk-date;x-security-token"


def test_the_gateways_clock_can_be_set(sim: Simulator) -> None:
    sim.behave(clock_offset=1200)
    answer = send_signed(sim, LIST)
    assert "signature expired" in gateway_text(answer)
    ahead = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
    assert 1190 < ahead < 1210
    assert send_signed(sim, LIST, age=-1200).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, FAKE, *({"Authorization": one} for one in ("Basic b3BzOm9wcw==", "SDK-HMAC-SHA256 Access=a", ""))]
)
def test_no_credentials_are_refused(sim: Simulator, headers: dict[str, str]) -> None:
    assert gateway_text(get(sim, LIST, None, headers=headers))


def test_a_temporary_key_needs_its_security_token(sim: Simulator) -> None:
    temporary = sim.info["temporary"]
    keys = {"ak": temporary["access_key"], "sk": temporary["secret_key"]}
    found, _total = desktops_by_sdk(sdk(sim, security_token=temporary["security_token"], **keys))
    assert found == sim.project()["desktops"]
    for wrong in ("other", None):
        with pytest.raises(ClientRequestException) as caught:
            desktops_by_sdk(sdk(sim, security_token=wrong, **keys))
        assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")
        assert "security token" in caught.value.error_msg
    pair = {name: temporary[name] for name in ("access_key", "secret_key")}
    unsigned = {"X-Security-Token": temporary["security_token"]}
    assert send_signed(sim, LIST, unsigned=unsigned, **pair).status_code == 200


def test_six_failures_in_a_row_lock_a_key(sim: Simulator) -> None:
    for _number in range(5):
        assert WRONG in gateway_text(send_signed(sim, LIST, secret_key="wrong"))
    assert send_signed(sim, LIST).status_code == 200, "five are forgiven"
    for _number in range(6):
        assert WRONG in gateway_text(send_signed(sim, LIST, secret_key="wrong"))
    assert "AK access failed to reach the limit" in gateway_text(send_signed(sim, LIST))
    assert get(sim, LIST).status_code == 200, "a token is not a key"
    sim.behave(lock=False)
    assert send_signed(sim, LIST).status_code == 200


def test_a_target_with_scheme_and_host_is_understood(sim: Simulator) -> None:
    proxies = {"http": sim.url}
    path = "http://workspace.test/v2/{}{}?limit=2".format(sim.info["project_id"], LIST)
    answer = requests.get(path, headers={"X-Auth-Token": sim.info["token"]}, proxies=proxies, timeout=20)
    assert len(answer.json()["desktops"]) == 2
    assert sim.requests()[-1]["target"] == path


# Projects, tokens and IAM


@pytest.mark.parametrize("way", ["another project's token", "another project's header", "a foreign project"])
def test_a_project_that_is_not_the_callers_is_forbidden(sim: Simulator, way: str) -> None:
    other = sim.info["projects"][1]
    answer = {
        "another project's token": lambda: get(sim, LIST, other["token"]),
        "another project's header": lambda: get(sim, LIST, headers={"X-Project-Id": other["id"]}),
        "a foreign project": lambda: send_signed(sim, "/v2/{}{}".format("f" * 32, LIST)),
    }[way]()
    assert (answer.status_code, answer.json()["error_code"]) == (403, "APIGW.0302")


def test_a_login_gives_a_token_for_the_project(sim: Simulator) -> None:
    project = sim.info["projects"][1]
    domain = {"name": sim.info["iam_domain_name"]}
    scopes = ({"name": project["name"]}, {"id": project["id"]}, {"name": project["name"], "domain": domain})
    for scope in scopes:
        answer = login(sim, {"project": scope}, query="?nocatalog=true")
        assert answer.status_code == 201
        token = answer.json()["token"]
        assert (token["project"]["id"], token["project"]["name"]) == (project["id"], project["name"])
        expires = calendar.timegm(time.strptime(token["expires_at"][:19], "%Y-%m-%dT%H:%M:%S"))
        assert expires - time.time() == pytest.approx(86400, abs=60)
        path = "/v2/{}{}?limit=5".format(project["id"], LIST)
        assert len(get(sim, path, answer.headers["X-Subject-Token"]).json()["desktops"]) == 5
        assert answer.headers["X-IAM-Trace-Id"]
        assert answer.headers["X-Request-Id"]


def test_a_token_without_a_project_is_good_for_iam_only(sim: Simulator) -> None:
    token = login(sim, {"domain": {"name": sim.info["iam_domain_name"]}}).headers["X-Subject-Token"]
    assert get(sim, LIST, token).status_code == 403
    assert len(get(sim, "/v3/projects", token).json()["projects"]) == 3
    assert "decrypt token fail" in gateway_text(get(sim, "/v3/projects", "made-up"))


@pytest.mark.parametrize(
    ("scope", "user", "status"),
    [
        ({"name": "cn-north-4"}, {"password": "wrong"}, 401),
        ({"name": "cn-north-4"}, {"name": "nobody"}, 401),
        ({"name": "cn-north-4"}, {"domain": {"name": "another"}}, 401),
        ({"name": "xx-nowhere-1"}, {}, 401),
        ({"id": "f" * 32}, {}, 401),
        ({}, {}, 400),
        ({"name": "cn-north-4"}, {"password": None}, 400),
        ({"name": "cn-north-4"}, {"domain": None}, 400),
    ],
)
def test_a_bad_login_is_refused_in_iams_own_shape(
    sim: Simulator, scope: dict[str, str], user: dict[str, Any], status: int
) -> None:
    answer = login(sim, {"project": scope}, **user)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"message", "code", "title"}
    assert error["code"] == status
    assert "X-Subject-Token" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"auth": {"identity": {"methods": ["token"]}}}', b"\xff"])
def test_a_malformed_login_is_a_bad_request(sim: Simulator, body: bytes) -> None:
    answer = requests.post(sim.url + "/v3/auth/tokens", data=body, timeout=20)
    assert answer.status_code == 400
    assert answer.json()["error"]["title"] == "Bad Request"


def test_projects_are_found_by_their_exact_name(sim: Simulator) -> None:
    found = send_signed(sim, "/v3/projects", (("name", "cn-east-3"),)).json()["projects"]
    assert [(project["id"], project["name"]) for project in found] == [(sim.info["projects"][1]["id"], "cn-east-3")]
    assert (found[0]["domain_id"], found[0]["enabled"]) == (sim.info["domain_id"], True)
    assert send_signed(sim, "/v3/projects", (("name", "cn-east"),)).json()["projects"] == []
    assert gateway_text(send_signed(sim, "/v3/projects", secret_key="wrong"))


def test_sdk_looks_up_the_project_by_the_region(sim: Simulator) -> None:
    credentials = BasicCredentials(sim.info["access_key"], sim.info["secret_key"]).with_iam_endpoint(sim.url)
    region = Region("cn-south-1", sim.url)
    client = WorkspaceClient.new_builder().with_credentials(credentials).with_region(region).build()
    assert desktops_by_sdk(client)[0] == sim.project(2)["desktops"]
    assert sim.requests()[0]["path"] == "/v3/projects"
