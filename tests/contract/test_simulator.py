# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the other tests take for granted of the simulator and what they do not show: its checks, its files, its process."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.auth.internal import MetadataAccessor
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkworkspace.v2 import WorkspaceClient
from simulator.client import HERE, Simulator, SimulatorError
from simulator.tenant_file import load_account
from support.sdk import SDK_WARNINGS, desktops_of, sdk

pytestmark = SDK_WARNINGS
FLEET = {"desktops": 110, "users": 57, "projects": 2, "accounts": 1, "seed": 11}
LIST, IAM, STS = "/connect-desktops", "/v3.0/OS-CREDENTIAL/securitytokens", "/v5/agencies/assume"


@pytest.fixture(autouse=True)
def _no_bug(shared: Simulator) -> Iterator[None]:
    yield
    assert shared.errors() == ""


def path_of(sim: Simulator, path: str) -> str:
    """A path below the first project, unless it begins with its version."""
    return path if path.startswith("/v") else f"/v2/{sim.info['project_id']}{path}"


def get(sim: Simulator, path: str, token: str | None = "", **options: Any) -> requests.Response:
    """Send a GET request with a token, by default that of the first project."""
    headers = dict(options.pop("headers", {}))
    if token is not None:
        headers["X-Auth-Token"] = token or sim.info["token"]
    return requests.get(sim.url + path_of(sim, path), headers=headers, timeout=20, **options)


def send_signed(
    sim: Simulator,
    path: str = LIST,
    query: tuple[tuple[str, str], ...] = (),
    *,
    content: Any = None,
    access_key: str = "",
    secret_key: str = "",
    security_token: str = "",
    age: float = 0.0,
    unsigned: dict[str, str] | None = None,
    sent_query: str | None = None,
    sent_body: bytes | None = None,
) -> requests.Response:
    """Send a request that the signer of the SDK signs, and possibly send other data than were signed.

    @param content: of a POST request, which is sent as JSON.
    @param age: seconds since it was signed.
    """
    path, body = path_of(sim, path), b"" if content is None else json.dumps(content).encode()
    headers = {"X-Sdk-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - age))}
    if security_token:
        headers["X-Security-Token"] = security_token
    method = "GET" if content is None else "POST"
    request = SdkRequest(
        method=method,
        schema="http",
        host=urlsplit(sim.url).netloc,
        resource_path=path,
        query_params=list(query),
        header_params=headers,
        body=body,
    )
    Signer(BasicCredentials(access_key or sim.info["access_key"], secret_key or sim.info["secret_key"])).sign(request)
    uri = request.uri if sent_query is None else path + sent_query
    sent = {**request.header_params, **(unsigned or {})}
    return requests.request(method, sim.url + uri, headers=sent, data=sent_body or body, timeout=20)


def reason(response: requests.Response) -> str:
    """The text of a 401 of the gateway."""
    content = response.json()
    assert (response.status_code, content["error_code"]) == (401, "APIGW.0301")
    assert content["request_id"] == response.headers["X-Request-Id"]
    return str(content["error_msg"])


# Callers

QUERY = (("limit", "1"), ("user_names", "a"))
WRONG = "verify aksk signature fail"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"unsigned": {"Content-Type": "text/plain", "Accept": "x"}}, None),
        *(({"age": age}, None) for age in (890, -890)),
        *(({"age": age}, "signature expired") for age in (905, -905)),
        ({"query": QUERY, "sent_query": "?user_names=a&limit=1"}, None),
        ({"query": QUERY, "sent_query": "?limit=2&user_names=a"}, WRONG),
        ({"query": QUERY, "sent_query": "?limit=1&user_names=a&user_names=a"}, WRONG),
        ({"query": QUERY, "sent_query": ""}, WRONG),
        ({"secret_key": "wrong"}, WRONG),
        ({"access_key": "NOBODYSKEY"}, "Get secretKey failed,ak:NOBODYSKEY,err:ak not exist"),
        ({"unsigned": {"X-Security-Token": "t"}}, "security token"),
    ],
)
def test_the_gateway_checks_signatures(cloud: Simulator, options: dict[str, Any], expected: str | None) -> None:
    response = send_signed(cloud, **options)
    if expected is None:
        assert response.status_code == 200
    else:
        assert expected in reason(response)


@pytest.mark.parametrize("authorization", [None, "SDK-HMAC-SHA256 Access=a", ""])
def test_the_gateway_rejects_requests_without_credentials(cloud: Simulator, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization, "X-Sdk-Date": "now"}
    assert reason(get(cloud, LIST, None, headers=headers))


def test_temporary_keys_need_their_security_token(cloud: Simulator) -> None:
    temporary = cloud.info["temporary"]
    keys = {"ak": temporary["access_key"], "sk": temporary["secret_key"]}
    assert len(desktops_of(sdk(cloud, security_token=temporary["security_token"], **keys))) == 110
    for wrong in ("other", None):
        with pytest.raises(ClientRequestException, match="security token"):
            desktops_of(sdk(cloud, security_token=wrong, **keys))
    # A wrong signature is answered with the signed headers, so a security token that is signed is repeated.
    told = reason(send_signed(cloud, LIST, (("limit", "1"),), **{**temporary, "secret_key": "wrong"}))
    lines = told.partition("canonicalRequest:")[2].split("|")
    assert lines[:3] == ["GET", path_of(cloud, LIST) + "/", "limit=1"]
    assert "x-security-token:" + temporary["security_token"] in lines
    assert lines[-2] == "host;x-sdk-date;x-security-token"


def test_a_project_of_another_scope_is_forbidden(cloud: Simulator) -> None:
    other = cloud.info["projects"][1]
    for response in (
        get(cloud, LIST, other["token"]),
        get(cloud, LIST, headers={"X-Project-Id": other["id"]}),
        send_signed(cloud, f"/v2/{'f' * 32}{LIST}"),
    ):
        assert (response.status_code, response.json()["error_code"]) == (403, "APIGW.0302")


def test_the_sdk_looks_up_the_project_of_a_region(cloud: Simulator) -> None:
    credentials = BasicCredentials(cloud.info["access_key"], cloud.info["secret_key"]).with_iam_endpoint(cloud.url)
    region = Region("cn-east-3", cloud.url)
    client = WorkspaceClient.new_builder().with_credentials(credentials).with_region(region).build()
    assert desktops_of(client) == cloud.project(1)["desktops"]
    assert cloud.requests()[0]["path"] == "/v3/projects"


# Temporary keys. Of the others, the collection uses all.


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        (IAM, {"agency_name": "other"}, 403),
        (IAM, {"domain_name": "nobody"}, 403),
        (IAM, {"duration_seconds": 899}, 400),
        (IAM, {"duration_seconds": 86401}, 400),
        (STS, {"agency_urn": "iam::0123456789abcdef0123456789abcdef:agency:audit"}, 404),
        (STS, {"agency_session_name": "x"}, 400),
        (STS, {"duration_seconds": 43201}, 400),
        (STS, {"duration_seconds": 43200}, 200),
    ],
)
def test_requests_for_keys_are_checked(cloud: Simulator, path: str, changes: dict[str, Any], status: int) -> None:
    agency = cloud.info["agencies"][0]
    if path == IAM:
        role = {"agency_name": agency["name"], "domain_name": agency["domain_name"], **changes}
        content: Any = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}
    else:
        urn = f"iam::{agency['domain_id']}:agency:{agency['name']}"
        content = {"agency_urn": urn, "agency_session_name": "ansible", **changes}
    assert send_signed(cloud, path, content=content).status_code == status
    if status == 200:
        # With temporary keys, for an hour at most; with a token, not at all; and the body is signed.
        assert send_signed(cloud, path, content=content, **cloud.info["temporary"]).status_code == 400
        headers = {"X-Auth-Token": cloud.info["token"]}
        assert requests.post(cloud.url + STS, json=content, headers=headers, timeout=20).status_code == 401
        assert WRONG in reason(send_signed(cloud, path, content=content, sent_body=b"{}"))


def test_the_sdk_gets_keys_with_openid_connect(cloud: Simulator, tmp_path: Path) -> None:
    info, file = cloud.info, tmp_path / "token"
    for idp_id, token in ((info["idp_id"], info["id_token"]), ("another", info["id_token"]), (info["idp_id"], "wrong")):
        file.write_text(token, encoding="ascii")
        who = BasicCredentials(project_id=info["projects"][1]["id"]).with_iam_endpoint(info["url"])
        who.with_idp_id(idp_id).with_id_token_file(str(file))
        client = WorkspaceClient.new_builder().with_credentials(who).with_endpoint(cloud.url)
        if (idp_id, token) == (info["idp_id"], info["id_token"]):
            assert desktops_of(client.build()) == cloud.project(1)["desktops"]
        else:
            with pytest.raises(ClientRequestException):
                desktops_of(client.build())


@pytest.mark.parametrize("variant", ["plain", "optional", "required", "no_agency"])
def test_the_sdk_gets_keys_from_the_metadata_service(
    cloud: Simulator, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.behave(metadata=variant)
    service = MetadataAccessor()
    monkeypatch.setattr(service, "_METADATA_ENDPOINT", cloud.url)
    without_token = requests.get(cloud.url + "/openstack/latest/securitykey", timeout=20)
    assert without_token.status_code == (401 if variant in ("required", "no_agency") else 200)
    if variant == "no_agency":
        with pytest.raises(ClientRequestException):
            service.get_credential()
    else:
        found = service.get_credential()
        assert desktops_of(sdk(cloud, ak=found.access, sk=found.secret, security_token=found.security_token))


# Requests

MANY = "&".join(f"user_names=u{number}" for number in range(101))


@pytest.mark.parametrize(
    "path",
    [
        *(f"/connect-desktops?{query}" for query in ("offset=2001", "limit=2001", "limit=5&limit=6", MANY)),
        "/connect-desktops?connect_status=CONNECTED&connect_status=REGISTERED",
        "/desktop-pools/statistics/by-users?limit=11",
        "/desktops/detail?limit=501",
        "/desktops?limit=1001",
        "/desktop-pools?offset=20001",
        "/statistics/metrics/desktops?end_time=2026-01-01T00:00:00Z",
        "/scheduled-tasks?limit=51",
        "/upgrade-tasks?limit=101",
        "/connections/desktops?limit=1001",
        "/connections/desktops?start_time=2026-01-01T00:00Z",
    ],
)
def test_requests_that_the_api_reference_does_not_allow_fail(cloud: Simulator, path: str) -> None:
    response = get(cloud, path)
    assert (response.status_code, response.json()["error_code"]) == (400, "WKS.0001")


def test_long_and_unknown_paths_are_errors_of_the_gateway(cloud: Simulator) -> None:
    for path, status in ((LIST + "?user_names=" + "n" * 8000, 414), ("/desktops-pools/statistics/by-users", 404)):
        response = get(cloud, path)
        assert (response.status_code, response.json()["error_code"][:5]) == (status, "APIGW")


@pytest.mark.parametrize(
    ("behaviour", "path", "total"),
    [
        ({}, "/users?user_names=alice&user_names=carol&limit=1", 2),
        ({}, "/users?user_names=ALICE", 0),
        ({}, "/users?user_name=ALI", 5),
        ({"fuzzy": True}, "/users?user_names=ALICE", 5),
        ({"total_meaning": "project"}, "/users?user_names=alice", 57),
    ],
)
def test_filters_and_totals_are_as_configured(
    cloud: Simulator, behaviour: dict[str, Any], path: str, total: int
) -> None:
    cloud.behave(**behaviour)
    assert get(cloud, path).json()["total_count"] == total


def test_desktops_users_and_pools_agree_in_all_lists(cloud: Simulator) -> None:
    records = cloud.records()
    shown = {desktop["desktop_id"]: desktop for desktop in records["connect-desktops"]}
    simple = {desktop["desktop_id"]: desktop for desktop in records["desktops"]}
    for desktop in records["desktops/detail"]:
        other = shown[desktop["desktop_id"]]
        assert (desktop["computer_name"], desktop["login_status"]) == (other["desktop_name"], other["connect_status"])
        people = [(entry["user_id"], entry["user_name"]) for entry in desktop["attach_user_infos"]]
        assert people == [(entry["id"], entry["name"]) for entry in other["attach_users"]]
        assert (desktop["desktop_type"] == "POOLED") == bool(simple[desktop["desktop_id"]]["pool_id"])
    for pool in records["desktop-pools"]:
        members = [desktop["attach_user_infos"] for desktop in simple.values() if desktop["pool_id"] == pool["id"]]
        assert (pool["desktop_count"], pool["desktop_used"]) == (len(members), sum(map(bool, members))) > (0, 0)


# Faults


def test_a_fault_applies_to_the_requests_that_it_is_for(cloud: Simulator) -> None:
    of_users = {"kind": "status", "status": 500, "match": "/users", "after": 1, "count": 2}
    cloud.behave(faults=[of_users, {"kind": "status", "status": 502, "count": None, "method": "POST"}])
    statuses = [get(cloud, path).status_code for path in (LIST, "/users", LIST, "/users", "/users", "/users")]
    assert statuses == [200, 200, 200, 500, 500, 200]
    assert [requests.post(cloud.url + path, timeout=20).status_code for path in (STS, IAM)] == [502, 502]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"latancy": 1}, "unexpected keyword argument 'latancy'"),
        ({"faults": [{"kind": "explode"}]}, "fault 'explode': there are status, "),
        ({"faults": [{"kind": "status", "statsu": 1}]}, "unexpected keyword argument 'statsu'"),
    ],
)
def test_a_misspelled_behaviour_is_an_error(cloud: Simulator, behaviour: dict[str, Any], words: str) -> None:
    with pytest.raises(SimulatorError, match=words):
        cloud.behave(**behaviour)


# The record, tenant files and the process


def test_neither_log_nor_record_contain_a_secret(cloud: Simulator) -> None:
    get(cloud, LIST)
    temporary = cloud.info["temporary"]
    send_signed(cloud, **temporary)
    recorded = cloud.log() + json.dumps(cloud.requests())
    for secret in (cloud.info["token"], temporary["security_token"], temporary["secret_key"]):
        assert secret not in recorded
    assert cloud.counters() == {"requests": 2, "connections": 2, "in_flight": 0, "max_in_flight": 1}
    assert cloud.log().splitlines()[-1].startswith(f"GET {path_of(cloud, LIST)} 200 ")


def test_the_files_in_the_readme_are_valid(tmp_path: Path) -> None:
    blocks = (HERE / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    for number, block in enumerate(blocks):
        (tmp_path / f"{number}.yml").write_text(block.partition("```")[0], encoding="utf-8")
    short, whole = (load_account(tmp_path / f"{number}.yml", seed=1) for number in range(len(blocks)))
    found = [(desktop.desktop_name, desktop.connect_status) for desktop in short.projects[0].desktops]
    assert found == [("office-1", "CONNECTED"), ("office-2", "DISCONNECTED"), ("spare", "REGISTERED")]
    (desktop,) = whole.projects[0].desktops
    assert [entry["name"] for entry in desktop.attach_users] == ["alice", "bob", "dave", "night-shift"]
    pools = {user.name: len(user.pools) for user in whole.projects[0].users.values()}
    assert (pools, len(whole.projects[1].desktops)) == ({"alice": 2, "bob": 1, "carol": 0}, 500)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"status": {"CONNECTED": 1.5}}, "add up to more than 1"),
        ({"tenant": "fleet.yml", "desktops": 3}, "--tenant says what there is"),
        (
            {"tenant": {"desktops": [{"name": "d", "nome": "d"}]}},
            "tenant.yml: .* got an unexpected keyword argument 'nome'",
        ),
        ({"tenant": {"projects": [], "desktops": []}}, "desktops: belongs into one of the projects"),
    ],
)
def test_wrong_options_end_it_with_the_reason(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SimulatorError, match=words), Simulator(**options):
        pass


def test_it_prints_the_variables_for_a_shell(cloud: Simulator) -> None:
    command = [sys.executable, str(HERE), "--env", cloud.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = dict(line.removeprefix("export ").split("=") for line in done.stdout.splitlines())
    assert (found["HW_REGION_NAME"], found["HUAWEICLOUD_SDK_IAM_ENDPOINT"]) == ("cn-north-4", cloud.url)
    assert "HUAWEICLOUD_SDK_PROJECT_ID" not in found


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    # The parent ends without stopping it.
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1], '--ready-file', sys.argv[2]])\n"
        "while not pathlib.Path(sys.argv[2]).exists():\n"
        "    time.sleep(0.05)\n"
    )
    command = [sys.executable, "-c", script, str(HERE), str(ready)]
    subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    port = urlsplit(ready.read_text().strip()).port or 0
    end = time.monotonic() + 30

    def refuses() -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED

    while not refuses():
        assert time.monotonic() < end
        time.sleep(0.02)
