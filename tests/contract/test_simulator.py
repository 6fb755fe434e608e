# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator, checked by the vendor's own client: what the other tests stand on."""

from __future__ import annotations

import base64
import calendar
import gzip
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests
import trustme
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkworkspace.v2 import (
    ListDesktopPoolsByUsersRequest,
    ListDesktopsConnectStatusRequest,
    WorkspaceClient,
)
from simulator.client import HERE, Simulator, SimulatorError
from simulator.seed import ODD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")
LIST = "/connect-desktops"
POOLS = "/desktop-pools/statistics/by-users"


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with Simulator(desktops=330, users=57, pools=5, projects=3, seed=11) as found:
        yield found


@pytest.fixture
def sim(shared: Simulator) -> Simulator:
    """The shared simulator, as it was right after its start."""
    shared.reset()
    return shared


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
    sign_host: bool = True,
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
    signer = Signer(credentials)
    if not sign_host:
        signer._process_header_host = lambda request: None
    signer.sign(request)
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


# What the vendor's client reads


def test_sdk_reads_the_whole_fleet(sim: Simulator) -> None:
    held = sim.project()["desktops"]
    found, total = desktops_by_sdk(sdk(sim))
    assert found == held
    assert total == len(held) == 330


def test_sdk_reads_every_project_with_its_own_fleet(sim: Simulator) -> None:
    fleets = []
    for project in sim.info["projects"]:
        found, _total = desktops_by_sdk(sdk(sim, project_id=project["id"]))
        assert found == sim.project(project["id"])["desktops"]
        fleets.append({desktop["desktop_id"] for desktop in found})
    assert len(fleets) == 3
    assert not fleets[0] & fleets[1]
    assert sim.info["regions"] == ["cn-north-4", "cn-east-3", "cn-south-1"]


@pytest.mark.parametrize("status", STATUSES)
def test_sdk_filters_by_status(sim: Simulator, status: str) -> None:
    expected = [desktop for desktop in sim.project()["desktops"] if desktop["connect_status"] == status]
    found, total = desktops_by_sdk(sdk(sim), connect_status=status)
    assert found == expected
    assert total == len(expected) > 0


@pytest.mark.parametrize("name", ODD_NAMES)
def test_sdk_filters_by_odd_name(sim: Simulator, name: str) -> None:
    expected = [
        desktop
        for desktop in sim.project()["desktops"]
        if any(entry["name"] == name for entry in desktop["attach_users"])
    ]
    found, total = desktops_by_sdk(sdk(sim), user_names=[name])
    assert found == expected
    assert total == len(expected) > 0


def test_sdk_filters_by_many_names_and_a_status_at_once(sim: Simulator) -> None:
    names = [*[user["user_name"] for user in sim.project()["users"]][:40], "nobody", "alice,bob", "ALICE"]
    expected = [
        desktop
        for desktop in sim.project()["desktops"]
        if desktop["connect_status"] == "CONNECTED" and any(entry["name"] in names for entry in desktop["attach_users"])
    ]
    found, total = desktops_by_sdk(sdk(sim), limit=7, user_names=names, connect_status="CONNECTED")
    assert found == expected
    assert total == len(expected) > 7


def test_names_are_compared_exactly_unless_told_otherwise(sim: Simulator) -> None:
    assert get(sim, LIST, params={"user_names": "ALICE"}).json() == {"desktops": [], "total_count": 0}
    sim.behave(ignore_case=True)
    assert (
        get(sim, LIST, params={"user_names": "ALICE"}).json() == get(sim, LIST, params={"user_names": "alice"}).json()
    )


def test_sdk_reads_the_pools_of_all_users(sim: Simulator) -> None:
    held = sim.project()["users"]
    client = sdk(sim)
    found: list[dict[str, Any]] = []
    while True:
        request = ListDesktopPoolsByUsersRequest(offset=len(found), limit=10)
        answer = client.list_desktop_pools_by_users(request).to_json_object()
        assert set(answer) == {"users"}
        found.extend(answer["users"])
        if len(answer["users"]) < 10:
            break
    expected = [{key: user[key] for key in ("user_id", "desktop_pool_count", "desktop_pools")} for user in held]
    assert found == expected
    assert len(found) == 57


def test_sdk_reads_the_pools_of_some_users(sim: Simulator) -> None:
    held = sim.project()["users"]
    wanted = [held[20]["user_id"], held[3]["user_id"], "no-such-user", held[3]["user_id"], held[9]["user_id"]]
    answer = sdk(sim).list_desktop_pools_by_users(ListDesktopPoolsByUsersRequest(user_ids=wanted)).to_json_object()
    assert [user["user_id"] for user in answer["users"]] == [held[place]["user_id"] for place in (3, 9, 20)]
    assert answer["users"][0]["desktop_pools"] == held[3]["desktop_pools"] == []


def test_a_page_is_ten_users_or_a_hundred_desktops_when_nobody_says(sim: Simulator) -> None:
    assert len(get(sim, POOLS).json()["users"]) == 10
    assert len(get(sim, LIST).json()["desktops"]) == 100


def test_a_limit_of_zero_gives_an_empty_page(sim: Simulator) -> None:
    assert get(sim, LIST + "?limit=0").json() == {"desktops": [], "total_count": 330}
    assert get(sim, POOLS + "?limit=0").json() == {"users": []}


def test_the_tenant_holds_every_kind_of_desktop_user_and_pool(sim: Simulator) -> None:
    project = sim.project()
    attached = [desktop["attach_users"] for desktop in project["desktops"]]
    names = [desktop["desktop_name"] for desktop in project["desktops"]]
    memberships = [pool for user in project["users"] for pool in user["desktop_pools"]]
    attached_pools = {pool["desktop_pool_id"] for pool in memberships if pool["is_attached"]}
    known_pools = {pool["desktop_pool_id"] for pool in memberships}
    assert [] in attached
    assert any(len(entries) > 1 for entries in attached)
    assert {entry["type"] for entries in attached for entry in entries} == {"USER", "GROUP"}
    assert len(set(names)) < len(names)
    assert {desktop["connect_status"] for desktop in project["desktops"]} == set(STATUSES)
    assert any(not user["desktop_pools"] for user in project["users"])
    assert attached_pools
    assert known_pools - attached_pools
    assert set(ODD_NAMES) <= {user["user_name"] for user in project["users"]}


# What is refused


@pytest.mark.parametrize(
    "path",
    [
        LIST + "?offset=2001",
        LIST + "?offset=-1",
        LIST + "?limit=2001",
        LIST + "?limit=ten",
        LIST + "?limit=",
        LIST + "?limit=5&limit=6",
        LIST + "?connect_status=connected",
        LIST + "?connect_status=",
        LIST + "?connect_status=CONNECTED&connect_status=REGISTERED",
        LIST + "?" + "&".join(f"user_names=u{number}" for number in range(101)),
        POOLS + "?limit=11",
        POOLS + "?offset=-1",
    ],
)
def test_what_the_page_does_not_allow_is_a_bad_request(sim: Simulator, path: str) -> None:
    answer = get(sim, path)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error_code", "error_msg", "error_detail", "encoded_authorization_message"}
    assert answer.json()["error_code"].startswith("WKS.")


def test_the_bounds_themselves_are_allowed(sim: Simulator) -> None:
    names = "&".join(f"user_names=u{number}" for number in range(100))
    for path in (LIST + "?offset=2000&limit=2000", LIST + "?" + names, POOLS + "?offset=99999&limit=10"):
        assert get(sim, path).status_code == 200


def test_a_request_line_over_8000_bytes_is_too_long(sim: Simulator) -> None:
    def line(length: int) -> str:
        path = "/v2/{}{}?user_names=".format(sim.info["project_id"], LIST)
        return path + "n" * (length - len("GET  HTTP/1.1") - len(path))

    assert get(sim, line(8000)).status_code == 200
    answer = get(sim, line(8001))
    assert (answer.status_code, answer.json()["error_code"]) == (414, "APIGW.0201")


@pytest.mark.parametrize("path", ["/v2/p/desktops-pools/statistics/by-users", "/v2/p/desktops", "/v9", "/v3/users"])
def test_an_unknown_path_is_not_published(sim: Simulator, path: str) -> None:
    answer = get(sim, path)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "APIGW.0101")
    assert requests.post(sim.url + path, timeout=20).status_code == 404


def test_a_foreign_project_is_forbidden(sim: Simulator) -> None:
    with pytest.raises(ClientRequestException) as caught:
        desktops_by_sdk(sdk(sim, project_id="f" * 32))
    assert (caught.value.status_code, caught.value.error_code) == (403, "APIGW.0302")


def test_a_project_header_that_is_not_the_path_s_is_forbidden(sim: Simulator) -> None:
    answer = get(sim, LIST, headers={"X-Project-Id": sim.info["projects"][1]["id"]})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "APIGW.0302")


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
    assert "signature expired" in gateway_text(send_signed(sim, LIST))
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


# Tenants written by hand


def tenant_file(folder: Path, text: str) -> Path:
    path = folder / "fleet.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_five_lines_make_a_tenant(tmp_path: Path) -> None:
    path = tenant_file(
        tmp_path,
        "desktops:\n  - name: office-1\n    status: CONNECTED\n    users: [alice, 张三]\n  - spare\n",
    )
    with Simulator(tenant=path) as sim:
        found, total = desktops_by_sdk(sdk(sim))
        assert total == 2
        assert [(desktop["desktop_name"], desktop["connect_status"]) for desktop in found] == [
            ("office-1", "CONNECTED"),
            ("spare", "REGISTERED"),
        ]
        assert [entry["name"] for entry in found[0]["attach_users"]] == ["alice", "张三"]
        assert found[1]["attach_users"] == []
        assert desktops_by_sdk(sdk(sim), user_names=["张三"])[0] == found[:1]
        assert sim.info["region"] == "cn-north-4"


FULL = """
account: example-corp
account_id: "0123456789abcdef0123456789abcdef"
iam_users:
  - {name: auditor, password: "s3cret"}
credentials:
  - {access_key: AKALL, secret_key: skall}
  - {access_key: AKONE, secret_key: skone, projects: [cn-east-3]}
  - {access_key: AKTMP, secret_key: sktmp, security_token: token/+=}
  - {access_key: AKOLD, secret_key: skold, security_token: t, expired: true}
projects:
  - name: cn-north-4
    id: "11111111111111111111111111111111"
    pools: [dev, {name: qa, id: pool-qa}]
    groups: [{name: night, id: group-night}]
    users:
      - {name: alice, id: user-alice, user_group: sudo, pools: {dev: true, qa: false}}
      - {name: bob, id: user-bob, pools: [qa]}
      - {name: carol, id: user-carol}
    desktops:
      - {name: d1, id: desktop-1, status: UNREGISTER, users: [alice], groups: [night], extra: {login_count: 3}}
      - {name: d2, id: desktop-2, status: null}
      - {name: d3, id: desktop-3, status: HIBERNATED}
  - name: cn-east-3
    generate: {desktops: 40, users: 12, pools: 3, status: {CONNECTED: 0.25}}
    desktops: [extra-one]
  - {name: cn-south-1, workspace: false}
"""


def test_a_file_can_say_everything(tmp_path: Path) -> None:
    with Simulator(tenant=tenant_file(tmp_path, FULL)) as sim:
        info = sim.info
        assert (info["iam_user_name"], info["iam_domain_name"]) == ("auditor", "example-corp")
        assert info["project_id"] == "1" * 32
        assert info["temporary"]["security_token"] == "token/+="
        found, _total = desktops_by_sdk(sdk(sim))
        assert found[0] == {
            "desktop_id": "desktop-1",
            "desktop_name": "d1",
            "connect_status": "UNREGISTER",
            "attach_users": [
                {"id": "user-alice", "name": "alice", "user_group": "sudo", "type": "USER"},
                {"id": "group-night", "name": "night", "user_group": "default", "type": "GROUP"},
            ],
            "login_count": 3,
        }
        assert [desktop.get("connect_status") for desktop in found[1:]] == [None, "HIBERNATED"]
        users = {user["user_id"]: user["desktop_pools"] for user in get(sim, POOLS).json()["users"]}
        assert [(pool["desktop_pool_name"], pool["is_attached"]) for pool in users["user-alice"]] == [
            ("dev", True),
            ("qa", False),
        ]
        assert users["user-bob"] == [{"desktop_pool_id": "pool-qa", "desktop_pool_name": "qa", "is_attached": True}]
        assert users["user-carol"] == []
        east = sim.project(1)
        assert len(east["desktops"]) == 41
        assert sum(desktop["connect_status"] == "CONNECTED" for desktop in east["desktops"]) == 10
        south = "/v2/{}{}".format(info["projects"][2]["id"], LIST)
        refused = get(sim, south, info["projects"][2]["token"])
        assert (refused.status_code, refused.json()["error_code"]) == (403, "WKS.00010099")
        one: dict[str, Any] = {"access_key": "AKONE", "secret_key": "skone"}
        assert send_signed(sim, LIST, **one).status_code == 403
        assert send_signed(sim, "/v2/{}{}".format(info["projects"][1]["id"], LIST), **one).status_code == 200
        old: dict[str, Any] = {"access_key": "AKOLD", "secret_key": "skold", "unsigned": {"X-Security-Token": "t"}}
        assert "signature expired" in gateway_text(send_signed(sim, LIST, **old))


def test_the_files_in_the_readme_are_good_ones(tmp_path: Path) -> None:
    blocks = (HERE / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    sizes = []
    for block in blocks:
        with Simulator(tenant=tenant_file(tmp_path, block.partition("```")[0])) as sim:
            sizes.append([len(project["desktops"]) for project in sim.tenant()["projects"]])
    assert sizes == [[3], [1, 500]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("desktops:\n  - {name: d, status: connected}\n", "desktops[0].status: "),
        ("desktops:\n  - {nome: d}\n", "desktops[0].nome: unknown key"),
        ("desktops:\n  - {status: CONNECTED}\n", "desktops[0]: has no name"),
        ("desktops:\n  - {name: 7}\n", "desktops[0].name: text is needed, not 7"),
        ("desktops:\n  - {name: d, users: alice}\n", "desktops[0].users: a list is needed"),
        ("desktops: [{name: a, id: x}, {name: b, id: x}]\n", "desktops[1]: another desktop has the id x"),
        ("users: [alice, alice]\n", "users[1]: there is a user 'alice' already"),
        ("users: [{name: a, pools: {dev: 1}}]\n", "users[0].pools.dev: true or false"),
        ("projects: []\n", "projects: an account has at least one project"),
        ("projects: [{name: cn-north-4}]\ndesktops: []\n", "desktops: belongs into one of the projects"),
        ("projects: [{id: a}, {id: a}]\n", "projects[1].id: another project has the same id"),
        ("credentials: [{projects: [nowhere]}]\n", "credentials[0].projects[0]: there is no project nowhere"),
        ("generate: {desktops: 5, status: {CONNECTED: 2}}\n", "generate: the share of CONNECTED is 2"),
        ("generate: {desktops: -5}\n", "generate.desktops: a whole number from 0"),
        ("iam_users: [{name: a}]\n", "iam_users[0]: needs a name and a password"),
        ("- a list\n", "a mapping is needed"),
        ("a: [\n", "is not YAML: "),
        (None, "No such file"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_file_and_key(tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / "fleet.yml" if text is None else tenant_file(tmp_path, text)
    with pytest.raises(SimulatorError) as caught:
        Simulator(tenant=path).start()
    assert f"{path}: {complaint}" in str(caught.value)


# Made-up tenants


def test_the_same_seed_makes_the_same_tenant(sim: Simulator) -> None:
    options: dict[str, Any] = {"desktops": 330, "users": 57, "pools": 5, "projects": 3}
    with Simulator(seed=11, **options) as same, Simulator(seed=12, **options) as other:
        assert same.tenant() == sim.tenant()
        assert {**same.info, "url": ""} == {**sim.info, "url": ""}
        assert other.tenant() != sim.tenant()
        assert other.info["secret_key"] != sim.info["secret_key"]


def test_shares_of_statuses_are_kept_exactly() -> None:
    with Simulator(desktops=1000, users=0, pools=0, status={"CONNECTED": 0.1, "MAINTENANCE": 0.02}) as sim:
        statuses = [desktop["connect_status"] for desktop in sim.project()["desktops"]]
    assert statuses.count("CONNECTED") == 100
    assert statuses.count("MAINTENANCE") == 20
    assert all(statuses.count(status) > 0 for status in STATUSES)
    assert len(statuses) == 1000


def test_thirty_projects_have_thirty_regions() -> None:
    with Simulator(desktops=5, projects=30) as sim:
        assert len(set(sim.info["regions"])) == 30
        last = sim.info["projects"][29]
        path = "/v2/{}{}".format(last["id"], LIST)
        assert get(sim, path, last["token"]).json()["total_count"] == 5


# Standing behaviours


def test_pages_can_be_clamped(sim: Simulator) -> None:
    sim.behave(clamp=30)
    answer = get(sim, LIST + "?limit=100&offset=10").json()
    assert [desktop["desktop_id"] for desktop in answer["desktops"]] == [
        desktop["desktop_id"] for desktop in sim.project()["desktops"][10:40]
    ]
    assert answer["total_count"] == 330


def test_offset_and_limit_can_be_ignored(sim: Simulator) -> None:
    first = get(sim, POOLS + "?limit=10").json()
    sim.behave(ignore_offset=True)
    assert get(sim, POOLS + "?offset=10&limit=10").json() == first
    sim.behave(ignore_limit=True)
    assert len(get(sim, POOLS + "?offset=10&limit=10").json()["users"]) == 47


def test_by_users_can_leave_things_out(sim: Simulator) -> None:
    sim.behave(empty_without_ids=True)
    user_id = sim.project()["users"][3]["user_id"]
    assert get(sim, POOLS).json() == {"users": []}
    assert len(get(sim, POOLS + "?user_ids=" + user_id).json()["users"]) == 1
    sim.behave(omit_users_without_pools=True, omit_desktop_pool_count=True)
    assert get(sim, POOLS + "?user_ids=" + user_id).json() == {"users": []}
    assert set(get(sim, POOLS).json()["users"][0]) == {"user_id", "desktop_pools"}


def test_the_total_can_be_wrong(sim: Simulator) -> None:
    sim.behave(total_count=7)
    assert get(sim, LIST).json()["total_count"] == 7


def test_every_page_can_come_from_another_order(sim: Simulator) -> None:
    sim.behave(shuffle=True)
    pages = [get(sim, LIST + "?limit=2000").json()["desktops"] for _number in range(2)]
    assert pages[0] != pages[1]
    assert {desktop["desktop_id"] for desktop in pages[0]} == {desktop["desktop_id"] for desktop in pages[1]}


def test_answers_can_be_late_side_by_side(sim: Simulator) -> None:
    sim.behave(latency=0.5)
    begin = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: get(sim, f"{LIST}?offset={number}"), range(6)))
    took = time.monotonic() - begin
    assert all(answer.status_code == 200 for answer in answers)
    assert 0.5 <= took < 2.5
    assert sim.counters()["max_in_flight"] == 6
    assert sim.counters()["in_flight"] == 0


def test_requests_above_the_rate_are_throttled(sim: Simulator) -> None:
    sim.behave(rate_limit=1, rate_limit_retry_after=1)
    answers = [get(sim, LIST + "?limit=1") for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert answers[1].json()["error_code"] == "APIGW.0308"
    assert answers[1].headers["Retry-After"] == "1"
    time.sleep(1.1)
    assert get(sim, LIST + "?limit=1").status_code == 200


def test_answers_are_compressed_for_those_who_want_it(sim: Simulator) -> None:
    big, small = get(sim, LIST), get(sim, LIST + "?limit=1")
    plain = get(sim, LIST, headers={"Accept-Encoding": "identity"})
    assert big.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in small.headers
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == big.json()
    sim.behave(gzip=False)
    assert "Content-Encoding" not in get(sim, LIST).headers


def test_connected_desktops_drain_from_the_first_request_on(sim: Simulator) -> None:
    def connected() -> int:
        return int(get(sim, LIST + "?connect_status=CONNECTED&limit=0").json()["total_count"])

    sim.behave(drain=1.5)
    time.sleep(0.3)
    everybody = sum(desktop["connect_status"] == "CONNECTED" for desktop in sim.project()["desktops"])
    begin = time.monotonic()
    counts = [connected()]
    assert counts[0] == everybody > 20, "nothing happens before the first request"
    while counts[-1] and time.monotonic() < begin + 10:
        time.sleep(0.05)
        counts.append(connected())
    assert time.monotonic() - begin >= 1.5
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 4, "one after another"
    assert counts[-1] == 0


def test_a_fleet_can_move_between_pages(sim: Simulator) -> None:
    before = sim.project()["desktops"]
    sim.behave(churn={"add": 2, "remove": 1, "flip": 3, "every": 2, "where": "front"})
    get(sim, LIST + "?limit=10")
    get(sim, POOLS)
    assert sim.project()["desktops"] == before, "not yet: every second page of desktops"
    page = get(sim, LIST + "?limit=10").json()
    assert page["desktops"] == before[:10], "after the page, not before it"
    project = sim.project()
    churn = project["churn"]
    ids = [desktop["desktop_id"] for desktop in project["desktops"]]
    assert churn["removed"] == [before[0]["desktop_id"]]
    assert ids[:2] == churn["added"][::-1]
    assert ids[2:] == [desktop["desktop_id"] for desktop in before[1:]]
    statuses = {desktop["desktop_id"]: desktop["connect_status"] for desktop in before}
    now = {desktop["desktop_id"]: desktop["connect_status"] for desktop in project["desktops"]}
    changed = {key for key in statuses if key in now and now[key] != statuses[key]}
    assert changed == set(churn["flipped"]) - set(churn["added"])
    assert len(churn["flipped"]) == 3


def test_a_moving_fleet_comes_to_rest(sim: Simulator) -> None:
    sim.behave(churn={"add": 1, "times": 2})
    for _number in range(4):
        get(sim, LIST)
    assert len(sim.project()["desktops"]) == 332
    sim.behave(faults=[{"kind": "churn", "remove": 5, "where": "end", "after": 1}])
    for _number in range(3):
        get(sim, LIST)
    assert len(sim.project()["desktops"]) == 327


def test_statuses_can_be_set(sim: Simulator) -> None:
    held = sim.project()["desktops"]
    assert sim.set_status("UNREGISTER", ids=[held[0]["desktop_id"]], project_id=sim.info["project_id"]) == 1
    assert sim.project()["desktops"][0]["connect_status"] == "UNREGISTER"
    assert sim.set_status("CONNECTED", users=["张三"], project_id=sim.info["project_id"]) > 0
    assert {desktop["connect_status"] for desktop in desktops_by_sdk(sdk(sim), user_names=["张三"])[0]} == {"CONNECTED"}
    assert sim.set_status("DISCONNECTED", from_status="CONNECTED") > 3
    assert desktops_by_sdk(sdk(sim), connect_status="CONNECTED")[1] == 0
    assert sim.set_status("REGISTERED") == 990
    assert desktops_by_sdk(sdk(sim), connect_status="REGISTERED")[1] == 330


# Faults


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


def test_an_error_of_any_status_and_shape(sim: Simulator) -> None:
    sim.behave(
        faults=[
            {"kind": "status", "status": 429, "retry_after": 2},
            {"kind": "status", "status": 429, "retry_after_date": 30},
            {"kind": "status", "status": 503},
            {"kind": "status", "status": 400, "error_code": "WKS.0042", "error_msg": "no"},
            {"kind": "status", "status": 403, "shape": "iam"},
            {"kind": "status", "status": 500, "shape": "empty"},
            {"kind": "status", "status": 418, "body": "teapot", "headers": {"X-Tea": "yes"}},
            {"kind": "status", "status": 409, "json": {"code": "C", "message": "m"}},
            {"kind": "status", "status": 200, "body_base64": base64.b64encode(b"\xff\xfe{").decode()},
        ]
    )
    answers = [get(sim, LIST) for _number in range(10)]
    assert [answer.status_code for answer in answers] == [429, 429, 503, 400, 403, 500, 418, 409, 200, 200]
    assert answers[0].headers["Retry-After"] == "2"
    assert answers[0].json()["request_id"] == answers[0].headers["X-Request-Id"]
    assert answers[1].headers["Retry-After"].endswith("GMT")
    assert answers[2].headers["Content-Type"].startswith("text/html")
    assert "<h1>503" in answers[2].text
    assert answers[3].json()["error_code"] == "WKS.0042"
    assert answers[4].json()["error"]["code"] == 403
    assert answers[5].content == b""
    assert (answers[6].text, answers[6].headers["X-Tea"]) == ("teapot", "yes")
    assert answers[7].json() == {"code": "C", "message": "m"}
    assert answers[8].content == b"\xff\xfe{"
    assert answers[9].json()["total_count"] == 330
    assert [request["fault"] for request in sim.requests()] == ["status"] * 9 + [None]


def test_a_fault_strikes_what_it_is_meant_for(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "status", "status": 500, "match": "by-users", "after": 1, "count": 2}])
    assert [get(sim, path).status_code for path in (LIST, POOLS, LIST, POOLS, POOLS, POOLS, LIST)] == [
        200, 200, 200, 500, 500, 200, 200,
    ]  # fmt: skip
    sim.fault("status", status=502, count=None, method="POST")
    assert get(sim, LIST).status_code == 200
    assert login(sim, None).status_code == login(sim, None).status_code == 502


def test_an_answer_that_is_a_web_page(sim: Simulator) -> None:
    sim.fault("html")
    answer = get(sim, LIST)
    assert answer.status_code == 200
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize("content", [[], None, {"desktops": None}, {"error_code": "WKS.00010109"}, "text", 7])
def test_an_answer_of_any_json(sim: Simulator, content: Any) -> None:
    sim.fault("json", json=content)
    answer = get(sim, LIST)
    assert (answer.status_code, answer.json()) == (200, content)


def test_an_answer_with_changed_keys(sim: Simulator) -> None:
    sim.fault("edit", drop=["total_count"], set={"more": 1})
    answer = get(sim, LIST + "?limit=2").json()
    assert set(answer) == {"desktops", "more"}
    assert len(answer["desktops"]) == 2


def test_an_answer_with_more_headers(sim: Simulator) -> None:
    sim.fault("headers", headers={"X-More": "x" * 5000})
    answer = get(sim, LIST)
    assert len(answer.headers["X-More"]) == 5000
    assert answer.json()["total_count"] == 330


def test_an_answer_that_is_late_once(sim: Simulator) -> None:
    sim.fault("delay", seconds=1)
    times = []
    for _number in range(2):
        begin = time.monotonic()
        assert get(sim, LIST + "?limit=1").status_code == 200
        times.append(time.monotonic() - begin)
    assert times[0] >= 1 > times[1]


def test_a_body_that_is_shorter_than_announced(sim: Simulator) -> None:
    whole = len(get(sim, LIST, headers={"Accept-Encoding": "identity"}).content)
    sim.fault("truncate", bytes=100)
    head, _blank, body = raw(sim)[0].partition(b"\r\n\r\n")
    assert f"Content-Length: {whole}".encode() in head
    assert len(body) == 100
    sim.fault("truncate")
    assert len(raw(sim)[0].partition(b"\r\n\r\n")[2]) == whole // 2
    sim.fault("truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        get(sim, LIST)


def test_a_chunked_body_without_an_end(sim: Simulator) -> None:
    sim.fault("truncate", bytes=50, chunked=True)
    head, _blank, body = raw(sim)[0].partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert body.startswith(b"32\r\n")
    assert len(body) == 4 + 50 + 2
    sim.fault("truncate", chunked=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sim, LIST)


def test_a_body_that_ends_in_a_reset(sim: Simulator) -> None:
    sim.fault("truncate", bytes=50, reset=True)
    found, problem = raw(sim)
    assert len(found.partition(b"\r\n\r\n")[2]) == 50
    assert problem is ConnectionResetError


def test_a_connection_that_is_reset_or_closed_before_any_answer(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "reset"}, {"kind": "close"}, {"kind": "reset"}])
    assert raw(sim) == (b"", ConnectionResetError)
    assert raw(sim) == (b"", None)
    with pytest.raises(requests.exceptions.ConnectionError):
        get(sim, LIST)
    assert get(sim, LIST).status_code == 200
    assert [request["status"] for request in sim.requests()] == [None, None, None, 200]


def test_a_connection_on_which_nothing_ever_comes(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "hang", "seconds": 0.5}, {"kind": "hang"}])
    begin = time.monotonic()
    assert raw(sim) == (b"", None)
    assert time.monotonic() - begin >= 0.5
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(
            "{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST), timeout=0.3, headers={"X-Auth-Token": "x"}
        )
    wait_until(lambda: sim.counters()["in_flight"] == 0)


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_body_that_comes_byte_by_byte(sim: Simulator) -> None:
    expected = get(sim, LIST + "?limit=1").json()
    sim.behave(faults=[{"kind": "drip", "delay": 0.002, "chunk": 1}, {"kind": "drip_headers", "delay": 0.002}])
    for _number in range(2):
        begin = time.monotonic()
        answer = get(sim, LIST + "?limit=1")
        assert answer.json() == expected
        assert time.monotonic() - begin > 0.2


def test_a_redirect(sim: Simulator) -> None:
    sim.behave(
        faults=[{"kind": "redirect", "to": "http://127.0.0.1:1/x"}, {"kind": "redirect", "to": "/", "status": 307}]
    )
    answer = get(sim, LIST)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/x")
    assert get(sim, LIST).status_code == 307


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_a_small_answer_that_grows(sim: Simulator, encoding: str) -> None:
    sim.fault("bomb", mib=5, encoding=encoding)
    with get(sim, LIST, stream=True) as answer:
        content = answer.content
    assert json.loads(content) == {"desktops": [], "total_count": 0}
    assert 5 << 20 < len(content) < (5 << 20) + 100
    sim.fault("bomb", mib=5, encoding=encoding, key="users")
    received = len(raw_until_end(sim))
    assert received > 5 << 20 if encoding == "identity" else received < 50000


def raw_until_end(sim: Simulator) -> bytes:
    """The body as it was sent, chunks joined, not decompressed."""
    parts = urlsplit(sim.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        path = "/v2/{}{}".format(sim.info["project_id"], LIST)
        connection.request("GET", path, headers={"X-Auth-Token": sim.info["token"]})
        return connection.getresponse().read()
    finally:
        connection.close()


def test_an_endless_answer_ends_when_the_client_leaves(sim: Simulator) -> None:
    sim.fault("bomb", mib=1 << 20)
    with get(sim, LIST, stream=True) as answer:
        assert answer.raw.read(100, decode_content=False)
        assert get(sim, LIST).status_code == 200, "others are served meanwhile"
    wait_until(lambda: sim.counters()["in_flight"] == 0)


def test_a_body_that_is_not_compressed_as_it_says(sim: Simulator) -> None:
    sim.fault("bad_gzip")
    body = raw_until_end(sim)
    assert body.startswith(b'{"desktops"')
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(body)
    sim.fault("bad_gzip")
    with pytest.raises(requests.exceptions.ContentDecodingError):
        get(sim, LIST)


def test_an_error_that_repeats_secrets(sim: Simulator) -> None:
    sim.fault("echo", secrets=["se/cr+et=="])
    answer = get(sim, LIST)
    text = answer.json()["error_msg"]
    assert answer.status_code == 401
    for form in ("se/cr+et==", quote("se/cr+et==", safe=""), base64.b64encode(b"se/cr+et==").decode()):
        assert form in text
    assert answer.headers["X-Echo"] == "se/cr+et=="
    sim.fault("echo", status=500, shape="html")
    told = get(sim, LIST)
    info = sim.info
    assert told.status_code == 500
    for secret in (info["secret_key"], info["iam_password"], info["token"], info["temporary"]["security_token"]):
        assert secret in told.text


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ({"latancy": 1}, "behaviour.latancy: unknown"),
        ({"latency": -1}, "behaviour.latency: -1 is less than 0"),
        ({"latency": True}, "behaviour.latency: True is not of type"),
        ({"gzip": 1}, "behaviour.gzip: 1 is not of type bool"),
        ({"faults": [{"kind": "explode"}]}, "behaviour.faults[0].kind: 'explode' is none of"),
        ({"faults": [{"kind": "status", "statsu": 1}]}, "behaviour.faults[0].statsu: unknown"),
        ({"faults": [{"kind": "status", "status": 100}]}, "behaviour.faults[0].status: 100 is not a final status"),
        ({"faults": [{"kind": "redirect"}]}, "behaviour.faults[0].to: needed by the kind redirect"),
        ({"faults": [{"kind": "reset", "count": 0}]}, "behaviour.faults[0].count: 0 is less than 1"),
        ({"faults": [{"kind": "status", "body_base64": "?"}]}, "behaviour.faults[0].body_base64: is not base64"),
        ({"faults": [{"kind": "redirect", "to": "a\nb"}]}, "behaviour.faults[0].to: "),
        ({"faults": [{"kind": "headers", "headers": {"X": "a\r\nb"}}]}, "behaviour.faults[0].headers.X: "),
        ({"faults": {}}, "behaviour.faults: {} is not of type list"),
        ({"churn": {"where": "middle"}}, "behaviour.churn.where: 'middle' is none of"),
        ({"drain": {"start": "now"}}, "behaviour.drain.seconds: needed"),
    ],
)
def test_a_slip_of_the_pen_is_no_silent_nothing(sim: Simulator, behaviour: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SimulatorError) as caught:
        sim.behave(**behaviour)
    assert complaint in str(caught.value)
    assert get(sim, LIST).status_code == 200


# The control API, the record and the log


def test_the_record_tells_what_came(sim: Simulator) -> None:
    desktops_by_sdk(sdk(sim), limit=2000, user_names=["a b", "张三"])
    get(sim, LIST + "?limit=7")
    signed, by_token = sim.requests()
    assert signed["path"] == "/v2/{}{}".format(sim.info["project_id"], LIST)
    assert signed["query"] == [["limit", "2000"], ["offset", "0"], ["user_names", "a b"], ["user_names", "张三"]]
    assert signed["target"] == signed["path"] + "?" + urlencode(
        [tuple(pair) for pair in signed["query"]], quote_via=quote
    )
    assert signed["user_agent"].startswith("huaweicloud-usdk-python")
    assert "x-sdk-date" in signed["signed_headers"].split(";")
    assert len(signed["x_sdk_date"]) == 16
    assert {"Authorization", "X-Project-Id"} <= set(signed["header_names"])
    assert (signed["auth"], by_token["auth"]) == ("SDK-HMAC-SHA256", "token")
    assert signed["status"] == by_token["status"] == 200
    assert 0 <= signed["end"] - signed["start"] < 20
    assert signed["connection"] != by_token["connection"]
    assert sim.counters() == {"requests": 2, "connections": 2, "in_flight": 0, "max_in_flight": 1}
    sim.clear()
    assert sim.requests() == []
    assert sim.counters() == {"requests": 0, "connections": 0, "in_flight": 0, "max_in_flight": 0}


def test_a_kept_connection_is_one_connection(sim: Simulator) -> None:
    with requests.Session() as session:
        session.headers["X-Auth-Token"] = sim.info["token"]
        for _number in range(5):
            session.get("{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST), timeout=20)
    assert sim.counters()["connections"] == 1
    assert len({request["connection"] for request in sim.requests()}) == 1


def test_control_requests_are_neither_recorded_nor_delayed_nor_struck(sim: Simulator) -> None:
    sim.behave(latency=5, faults=[{"kind": "reset", "count": None}])
    begin = time.monotonic()
    assert sim.tenant()["projects"]
    assert time.monotonic() - begin < 5
    assert sim.counters()["requests"] == 0


def test_neither_log_nor_record_hold_a_secret(sim: Simulator) -> None:
    get(sim, LIST)
    login(sim, None)
    temporary = sim.info["temporary"]
    send_signed(
        sim,
        LIST,
        access_key=temporary["access_key"],
        secret_key=temporary["secret_key"],
        headers={"X-Security-Token": temporary["security_token"]},
    )
    told = sim.log() + json.dumps(sim.requests())
    for secret in (sim.info["token"], sim.info["iam_password"], temporary["security_token"], temporary["secret_key"]):
        assert secret not in told
    last = sim.log().splitlines()[-1].split()
    assert last[:3] == ["GET", "/v2/{}{}".format(sim.info["project_id"], LIST), "200"]
    assert last[4] == "ms"


def test_what_the_control_api_does_not_know(sim: Simulator) -> None:
    with pytest.raises(SimulatorError, match=r"the control API knows .*PUT /_simulator/behaviour"):
        sim.control("GET", "nothing")
    with pytest.raises(SimulatorError, match="which desktops"):
        sim.control("PATCH", "desktops", {"status": "CONNECTED"})


def test_a_reset_brings_everything_back(sim: Simulator) -> None:
    before, info = sim.tenant(), sim.info
    sim.behave(latency=0.01, churn={"remove": 5}, faults=[{"kind": "expire_tokens"}])
    get(sim, LIST)
    sim.set_status("UNREGISTER")
    assert sim.tenant() != before
    sim.reset()
    assert (sim.tenant(), sim.info) == (before, info)
    assert sim.requests() == []
    assert get(sim, LIST).status_code == 200


def test_the_command_line_sets_what_the_behaviour_returns_to() -> None:
    options: dict[str, Any] = {"no_lock": True, "clamp": 4, "fault": {"kind": "status", "status": 500}}
    with Simulator(behaviour={"total_count": 3}, **options) as sim:
        assert [get(sim, LIST).status_code for _number in range(2)] == [500, 200]
        sim.behave(latency=0.01)
        answer = get(sim, LIST).json()
        assert (len(answer["desktops"]), answer["total_count"]) == (4, 3)
        sim.behave(clamp=None)
        assert len(get(sim, LIST).json()["desktops"]) == 30
        sim.calm_down()
        assert len(get(sim, LIST).json()["desktops"]) == 4


# The process


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    ready, number = tmp_path / "ready", tmp_path / "pid"
    # The parent starts it without a word about parents, and dies without stopping it.
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1], '--ready-file', sys.argv[2]])\n"
        "pathlib.Path(sys.argv[3]).write_text(str(child.pid))\n"
        "while not pathlib.Path(sys.argv[2]).exists():\n"
        "    time.sleep(0.05)\n"
    )
    command = [sys.executable, "-c", script, str(HERE), str(ready), str(number)]
    subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    pid = int(number.read_text())
    url = ready.read_text().strip()
    wait_until(lambda: refuses(url))
    wait_until(lambda: gone(pid) or ended(pid))


def ended(pid: int) -> bool:
    """Whether a process is only waiting for somebody to take note of its end."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def refuses(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_it_ends_with_the_process_it_was_told_to_watch() -> None:
    watched = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = subprocess.Popen(
        [sys.executable, str(HERE), "--parent", str(watched.pid)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        time.sleep(0.6)
        assert process.poll() is None
        watched.communicate(b"\n", timeout=20)
        assert process.wait(20) == 0
        process.stdout.close()
    finally:
        for one in (watched, process):
            if one.poll() is None:
                one.kill()
                one.wait()


def test_the_ready_file_holds_the_url_and_nothing_else(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [sys.executable, str(HERE), "--ready-file", str(ready), "--desktops", "3"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_until(ready.exists)
        text = ready.read_text()
        url = text.rstrip("\n")
        assert text == url + "\n"
        assert requests.get(url + "/_simulator/", timeout=20).json()["url"] == url
        assert list(tmp_path.iterdir()) == [ready]
        requests.get(url + "/v2/x/y", timeout=20)
        assert requests.post(url + "/_simulator/shutdown", timeout=20).status_code == 200
        _nothing, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert log.startswith(b"GET /v2/x/y 404 ")


def test_sigterm_ends_it_even_while_requests_hang() -> None:
    sim = Simulator(desktops=1).start()
    try:
        sim.fault("hang", count=None)
        thread = threading.Thread(target=raw, args=(sim,), daemon=True)
        thread.start()
        wait_until(lambda: sim.counters()["in_flight"] == 1)
        process = sim._process
        assert process is not None
        process.terminate()
        assert process.wait(20) == 0
        thread.join(10)
        assert not thread.is_alive()
    finally:
        sim.stop()
    assert not sim.running


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])  # noqa: S104 - it must refuse this one
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(SimulatorError, match="not a loopback address"):
        Simulator(host=host).start()


@pytest.mark.parametrize(
    "options",
    [
        {"desktops": -1},
        {"projects": 0},
        {"status": {"CONNECTED": 1.5}},
        {"fault": {"kind": "none"}},
        {"tls_key": "key.pem"},
        {"tenant": "fleet.yml", "desktops": 3},
    ],
)
def test_bad_options_end_it_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(SimulatorError, match="error: "):
        Simulator(**options).start()


def test_a_port_that_is_taken_is_told(sim: Simulator) -> None:
    with pytest.raises(SimulatorError, match="address already in use"):
        Simulator(port=urlsplit(sim.url).port).start()


def test_many_clients_are_served_at_once(sim: Simulator) -> None:
    held = sim.project()["desktops"]
    client = sdk(sim)

    def read(offset: int) -> list[dict[str, Any]]:
        request = ListDesktopsConnectStatusRequest(offset=offset, limit=5)
        page: list[dict[str, Any]] = client.list_desktops_connect_status(request).to_json_object()["desktops"]
        return page

    offsets = range(0, len(held), 5)
    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(read, offsets))
    assert [desktop for page in pages for desktop in page] == held


def test_a_fleet_of_50000_desktops_is_served_fast() -> None:
    with Simulator(desktops=50_000, users=20_000, pools=50) as sim:
        names = [user["user_name"] for user in sim.project()["users"]]
        with requests.Session() as session:
            session.headers["X-Auth-Token"] = sim.info["token"]
            begin = time.monotonic()
            for place in range(0, 2000, 100):
                query: dict[str, Any] = {"user_names": names[place : place + 100], "limit": 2000}
                path = "{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST)
                answer = session.get(path, params=query, timeout=20).json()
                assert answer["total_count"] == len(answer["desktops"]) > 100
            # Two hundred such requests read the whole tenant: that must not take the tests minutes.
            assert time.monotonic() - begin < 10


def test_it_speaks_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem, root = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    authority.cert_pem.write_to_path(root)
    with Simulator(tls_cert=pem, ca=root, desktops=3) as sim:
        assert sim.url.startswith("https://127.0.0.1:")
        assert get(sim, LIST, verify=str(root)).json()["total_count"] == 3
        sim.fault("reset")
        with pytest.raises(requests.exceptions.ConnectionError):
            get(sim, LIST, verify=str(root))
        with pytest.raises(requests.exceptions.SSLError) as caught:
            get(sim, LIST)
        assert isinstance(caught.value.args[0].reason.args[0], ssl.SSLCertVerificationError)


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
