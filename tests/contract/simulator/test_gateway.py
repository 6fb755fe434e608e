# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures, clocks, tokens and IAM, as the gateway sees them."""

from __future__ import annotations

import calendar
import email.utils
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkworkspace.v2 import (
    WorkspaceClient,
)
from simulator.client import Simulator

if TYPE_CHECKING:
    pass
from contract.simulator.asking import LIST, desktops_by_sdk, gateway_text, get, login, sdk, send_signed

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Signatures


def test_a_wrong_secret_is_refused_by_the_gateway(sim: Simulator) -> None:
    with pytest.raises(ClientRequestException) as caught:
        desktops_by_sdk(sdk(sim, sk="wrong" * 8))
    assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")
    assert "verify aksk signature fail" in caught.value.error_msg


def test_a_wrong_signature_is_answered_with_the_servers_canonical_request(sim: Simulator) -> None:
    text = gateway_text(send_signed(sim, LIST, (("limit", "1"),), secret_key="wrong", headers={"X-Security-Token": ""}))
    canonical = text.partition("canonicalRequest:")[2].split("|")
    assert canonical[:3] == ["GET", "/v2/{}{}/".format(sim.info["project_id"], LIST), "limit=1"]
    assert "host:" + urlsplit(sim.url).netloc in canonical
    assert canonical[-2] == "host;x-sdk-date;x-security-token"


def test_the_value_of_a_signed_header_leaks_into_the_answer(sim: Simulator) -> None:
    temporary = sim.info["temporary"]
    answer = send_signed(
        sim,
        LIST,
        access_key=temporary["access_key"],
        secret_key="wrong",
        headers={"X-Security-Token": temporary["security_token"]},
    )
    assert "|x-security-token:" + temporary["security_token"] in gateway_text(answer)


def test_a_signature_over_the_date_alone_is_enough(sim: Simulator) -> None:
    assert send_signed(sim, LIST, sign_host=False).status_code == 200
    assert sim.requests()[-1]["signed_headers"] == "x-sdk-date"


def test_unsigned_headers_do_no_harm(sim: Simulator) -> None:
    unsigned = {"Content-Type": "text/plain", "X-Project-Id": sim.info["project_id"], "Accept": "x"}
    assert send_signed(sim, LIST, unsigned=unsigned).status_code == 200


@pytest.mark.parametrize("age", [1200, -1200, 905, -905])
def test_a_wrong_clock_is_refused(sim: Simulator, age: int) -> None:
    assert "signature expired" in gateway_text(send_signed(sim, LIST, age=age))


@pytest.mark.parametrize("age", [890, -890])
def test_a_clock_that_is_less_than_15_minutes_off_is_accepted(sim: Simulator, age: int) -> None:
    assert send_signed(sim, LIST, age=age).status_code == 200


def test_the_gateways_clock_can_be_set(sim: Simulator) -> None:
    sim.behave(clock_offset=1200)
    answer = send_signed(sim, LIST)
    assert "signature expired" in gateway_text(answer)
    ahead = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
    assert 1190 < ahead < 1210
    assert send_signed(sim, LIST, age=-1200).status_code == 200


@pytest.mark.parametrize(
    "sent",
    ["?limit=2&user_names=a", "?limit=1", "?limit=1&user_names=b", "?limit=1&user_names=a&user_names=a", ""],
)
def test_a_changed_query_is_refused(sim: Simulator, sent: str) -> None:
    query = (("limit", "1"), ("user_names", "a"))
    assert send_signed(sim, LIST, query).status_code == 200
    assert "verify aksk signature fail" in gateway_text(send_signed(sim, LIST, query, sent_query=sent))


def test_the_order_of_the_query_does_not_matter(sim: Simulator) -> None:
    query = (("limit", "1"), ("user_names", "b"), ("user_names", "a"))
    assert send_signed(sim, LIST, query, sent_query="?user_names=b&limit=1&user_names=a").status_code == 200


def test_an_unsigned_date_is_refused(sim: Simulator) -> None:
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    ak = sim.info["access_key"]
    authorization = f"SDK-HMAC-SHA256 Access={ak}, SignedHeaders=host, Signature={'0' * 64}"
    answer = get(sim, LIST, None, headers={"Authorization": authorization, "X-Sdk-Date": date})
    assert "x-sdk-date" in gateway_text(answer)


def test_an_unknown_access_key_is_named(sim: Simulator) -> None:
    text = gateway_text(send_signed(sim, LIST, access_key="NOBODYSKEY"))
    assert "Get secretKey failed,ak:NOBODYSKEY,err:ak not exist" in text


@pytest.mark.parametrize("authorization", [None, "Basic b3BzOm9wcw==", "SDK-HMAC-SHA256 Access=a", ""])
def test_no_credentials_are_refused(sim: Simulator, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    session = requests.Session()
    session.trust_env = False
    with session:
        answer = session.get("{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST), headers=headers, timeout=20)
    assert gateway_text(answer)


def test_a_temporary_key_needs_its_security_token(sim: Simulator) -> None:
    temporary = sim.info["temporary"]
    keys = {"ak": temporary["access_key"], "sk": temporary["secret_key"]}
    found, _total = desktops_by_sdk(sdk(sim, security_token=temporary["security_token"], **keys))
    assert found == sim.project()["desktops"]
    for wrong in ("other", None):
        with pytest.raises(ClientRequestException) as caught:
            desktops_by_sdk(sdk(sim, security_token=wrong, **keys))
        assert caught.value.status_code == 401
        assert "security token" in caught.value.error_msg


def test_an_unsigned_security_token_is_accepted(sim: Simulator) -> None:
    temporary = sim.info["temporary"]
    answer = send_signed(
        sim,
        LIST,
        access_key=temporary["access_key"],
        secret_key=temporary["secret_key"],
        unsigned={"X-Security-Token": temporary["security_token"]},
    )
    assert answer.status_code == 200


def test_a_permanent_key_takes_no_security_token(sim: Simulator) -> None:
    assert "security token" in gateway_text(send_signed(sim, LIST, unsigned={"X-Security-Token": "t"}))


def test_six_failures_in_a_row_lock_a_key(sim: Simulator) -> None:
    for _number in range(5):
        assert "verify aksk" in gateway_text(send_signed(sim, LIST, secret_key="wrong"))
    assert send_signed(sim, LIST).status_code == 200, "five are forgiven"
    for _number in range(6):
        assert "verify aksk" in gateway_text(send_signed(sim, LIST, secret_key="wrong"))
    assert "AK access failed to reach the limit" in gateway_text(send_signed(sim, LIST))
    assert get(sim, LIST).status_code == 200, "a token is not a key"
    sim.calm_down()
    assert send_signed(sim, LIST).status_code == 200


def test_the_lock_can_be_switched_off(sim: Simulator) -> None:
    sim.behave(lock=False)
    for _number in range(8):
        gateway_text(send_signed(sim, LIST, secret_key="wrong"))
    assert send_signed(sim, LIST).status_code == 200


def test_a_target_with_scheme_and_host_is_understood(sim: Simulator) -> None:
    proxies = {"http": sim.url}
    path = "http://workspace.test/v2/{}{}?limit=2".format(sim.info["project_id"], LIST)
    answer = requests.get(path, headers={"X-Auth-Token": sim.info["token"]}, proxies=proxies, timeout=20)
    assert len(answer.json()["desktops"]) == 2
    assert sim.requests()[-1]["target"] == path


# Tokens and IAM


def test_a_token_is_good_for_its_own_project_only(sim: Simulator) -> None:
    answer = get(sim, LIST, sim.info["projects"][1]["token"])
    assert (answer.status_code, answer.json()["error_code"]) == (403, "APIGW.0302")
    assert "decrypt token fail" in gateway_text(get(sim, LIST, "made-up"))


def test_a_login_gives_a_token_for_the_project(sim: Simulator) -> None:
    project = sim.info["projects"][1]
    domain = {"name": sim.info["iam_domain_name"]}
    scopes = ({"name": project["name"]}, {"id": project["id"]}, {"name": project["name"], "domain": domain})
    for scope in scopes:
        answer = login(sim, {"project": scope}, query="?nocatalog=true")
        assert answer.status_code == 201
        token = answer.json()["token"]
        assert (token["project"]["id"], token["project"]["name"]) == (project["id"], project["name"])
        assert "catalog" not in token
        expires = calendar.timegm(time.strptime(token["expires_at"][:19], "%Y-%m-%dT%H:%M:%S"))
        assert expires - time.time() == pytest.approx(86400, abs=60)
        path = "/v2/{}{}?limit=5".format(project["id"], LIST)
        assert len(get(sim, path, answer.headers["X-Subject-Token"]).json()["desktops"]) == 5
        assert answer.headers["X-IAM-Trace-Id"]
        assert answer.headers["X-Request-Id"]
    assert login(sim, {"project": {"name": project["name"]}}).json()["token"]["catalog"]


def test_a_token_without_a_project_is_good_for_iam_only(sim: Simulator) -> None:
    token = login(sim, {"domain": {"name": sim.info["iam_domain_name"]}}).headers["X-Subject-Token"]
    assert get(sim, LIST, token).status_code == 403
    assert len(get(sim, "/v3/projects", token).json()["projects"]) == 3


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
    answer = send_signed(sim, "/v3/projects", (("name", "cn-east-3"),))
    expected = sim.info["projects"][1]
    found = answer.json()["projects"]
    assert [(project["id"], project["name"]) for project in found] == [(expected["id"], "cn-east-3")]
    assert (found[0]["domain_id"], found[0]["enabled"]) == (sim.info["domain_id"], True)
    assert {"parent_id", "id", "name"} <= set(found[0])
    assert send_signed(sim, "/v3/projects", (("name", "cn-east"),)).json()["projects"] == []
    assert len(send_signed(sim, "/v3/projects").json()["projects"]) == 3
    assert gateway_text(send_signed(sim, "/v3/projects", secret_key="wrong"))


def test_sdk_looks_up_the_project_by_the_region(sim: Simulator) -> None:
    credentials = BasicCredentials(sim.info["access_key"], sim.info["secret_key"]).with_iam_endpoint(sim.url)
    region = Region("cn-south-1", sim.url)
    client = WorkspaceClient.new_builder().with_credentials(credentials).with_region(region).build()
    found, _total = desktops_by_sdk(client)
    assert found == sim.project(sim.info["projects"][2]["id"])["desktops"]
    assert next(request["path"] for request in sim.requests()) == "/v3/projects"


def test_tokens_can_expire(sim: Simulator) -> None:
    sim.fault("expire_tokens", after=1)
    assert [get(sim, LIST).status_code for _number in range(3)] == [200, 401, 401]
    answer = login(sim, {"project": {"name": "cn-north-4"}})
    assert get(sim, LIST, answer.headers["X-Subject-Token"]).status_code == 200


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
