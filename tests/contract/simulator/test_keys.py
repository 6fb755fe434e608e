# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gives temporary keys, asked by the SDK where it knows how, and by hand with its signer."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.auth.internal import MetadataAccessor
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkworkspace.v2 import WorkspaceClient
from simulator.client import Simulator
from support.requests_to_simulator import SDK_WARNINGS, desktops_by_sdk, gateway_text, login, sdk, send_signed

pytestmark = SDK_WARNINGS

IAM = "/v3.0/OS-CREDENTIAL/securitytokens"
STS = "/v5/agencies/assume"
HOUR = 3600


def post(sim: Simulator, path: str, content: Any, *, spoil: bool = False, **keys: Any) -> requests.Response:
    """A POST signed with the SDK's signer, by the permanent key unless others are given."""
    keys = keys or {"access_key": sim.info["access_key"], "secret_key": sim.info["secret_key"]}
    body = json.dumps(content)
    headers = {"Content-Type": "application/json", "X-Sdk-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
    if keys.get("security_token"):
        headers["X-Security-Token"] = keys["security_token"]
    request = SdkRequest(
        method="POST",
        schema="http",
        host=urlsplit(sim.url).netloc,
        resource_path=path,
        query_params=[],
        header_params=headers,
        body=body.encode(),
    )
    Signer(BasicCredentials(keys["access_key"], keys["secret_key"])).sign(request)
    return requests.post(sim.url + path, data=body + " " if spoil else body, headers=request.header_params, timeout=20)


def role(sim: Simulator, **changes: Any) -> dict[str, Any]:
    agency = sim.info["agencies"][0]
    asked = {"agency_name": agency["name"], "domain_name": agency["domain_name"], "duration_seconds": HOUR, **changes}
    given = {name: value for name, value in asked.items() if value is not None}
    return {"auth": {"identity": {"methods": ["assume_role"], "assume_role": given}}}


def assume(sim: Simulator, **changes: Any) -> dict[str, Any]:
    agency = sim.info["agencies"][0]
    urn = f"iam::{agency['domain_id']}:agency:{agency['name']}"
    return {"agency_urn": urn, "agency_session_name": "ansible", "duration_seconds": HOUR, **changes}


def keys_of(answer: requests.Response) -> dict[str, str]:
    content = answer.json()
    if "credential" in content:
        found, names = content["credential"], ("access", "secret", "securitytoken")
    else:
        found, names = content["credentials"], ("access_key_id", "secret_access_key", "security_token")
    return dict(zip(("access_key", "secret_key", "security_token"), (found[name] for name in names)))


def by(sim: Simulator, keys: dict[str, str], project: dict[str, Any]) -> Any:
    return sdk(
        sim,
        ak=keys["access_key"],
        sk=keys["secret_key"],
        security_token=keys["security_token"],
        project_id=project["id"],
    )


@pytest.mark.parametrize("way", ["iam by name", "iam by id", "sts"])
def test_keys_of_an_agency_are_for_the_projects_of_its_account(sim: Simulator, way: str) -> None:
    agency = sim.info["agencies"][0]
    if way == "sts":
        answer = post(sim, STS, assume(sim))
        assert answer.status_code == 200
        ends = time.strptime(answer.json()["credentials"]["expiration"], "%Y-%m-%dT%H:%M:%SZ")
        assert answer.json()["assumed_agency"]["id"] == f"{agency['domain_id']}:ansible"
    else:
        changes = {"domain_name": None, "domain_id": agency["domain_id"]} if way == "iam by id" else {}
        answer = post(sim, IAM, role(sim, **changes))
        assert answer.status_code == 201
        ends = time.strptime(answer.json()["credential"]["expires_at"].partition(".")[0], "%Y-%m-%dT%H:%M:%S")
    assert abs(time.mktime(ends) - time.mktime(time.gmtime()) - HOUR) < 60
    own, theirs = sim.info["projects"][0], sim.info["projects"][3]
    assert theirs["domain_id"] == agency["domain_id"] != sim.info["agencies"][1]["domain_id"]
    keys = keys_of(answer)
    found, _total = desktops_by_sdk(by(sim, keys, theirs))
    assert found == sim.project(theirs["id"])["desktops"]
    with pytest.raises(ClientRequestException) as caught:
        desktops_by_sdk(by(sim, keys, own))
    assert caught.value.status_code == 403
    with pytest.raises(ClientRequestException):
        desktops_by_sdk(sdk(sim, project_id=theirs["id"]))
    pair = {name: keys[name] for name in ("access_key", "secret_key")}
    unsigned = {"X-Security-Token": keys["security_token"]}
    listed = send_signed(sim, "/v3/projects", **pair, unsigned=unsigned).json()["projects"]
    assert [(project["id"], project["domain_id"]) for project in listed] == [(theirs["id"], agency["domain_id"])]
    assert post(sim, IAM, role(sim), **keys).status_code == 403, "they assume no other"


def test_a_body_that_was_not_signed_is_refused(sim: Simulator) -> None:
    for path, content in ((IAM, role(sim)), (STS, assume(sim))):
        assert "verify aksk signature fail" in gateway_text(post(sim, path, content, spoil=True))


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        (IAM, {"agency_name": "other"}, 403),
        (IAM, {"domain_name": "nobody"}, 403),
        (IAM, {"duration_seconds": 899}, 400),
        (IAM, {"duration_seconds": 86401}, 400),
        (IAM, {"duration_seconds": 86400}, 201),
        (IAM, {"duration_seconds": None}, 201),
        (STS, {"agency_urn": "iam::0123456789abcdef0123456789abcdef:agency:audit"}, 404),
        (STS, {"agency_urn": "audit"}, 400),
        (STS, {"agency_session_name": "x"}, 400),
        (STS, {"duration_seconds": 43201}, 400),
        (STS, {"duration_seconds": 43200}, 200),
    ],
)
def test_a_role_is_judged(sim: Simulator, path: str, changes: dict[str, Any], status: int) -> None:
    content = role(sim, **changes) if path == IAM else assume(sim, **changes)
    assert post(sim, path, content).status_code == status


def test_temporary_keys_ask_sts_for_an_hour_at_most(sim: Simulator) -> None:
    keys = sim.info["temporary"]
    assert post(sim, STS, assume(sim, duration_seconds=HOUR + 1), **keys).status_code == 400
    assert post(sim, STS, assume(sim, duration_seconds=HOUR), **keys).status_code == 200


def test_a_token_asks_iam_and_not_sts(sim: Simulator) -> None:
    token = login(sim, {"domain": {"name": sim.info["iam_domain_name"]}}).headers["X-Subject-Token"]
    headers = {"X-Auth-Token": token}
    assert requests.post(sim.url + IAM, json=role(sim), headers=headers, timeout=20).status_code == 201
    assert requests.post(sim.url + STS, json=assume(sim), headers=headers, timeout=20).status_code == 401


def test_the_sdk_gets_keys_by_openid_connect(sim: Simulator, tmp_path: Path) -> None:
    info = sim.info
    file = tmp_path / "token"
    file.write_text(info["id_token"] + "\n", encoding="ascii")

    def ask(idp_id: str) -> list[dict[str, Any]]:
        who = BasicCredentials(project_id=info["projects"][1]["id"]).with_iam_endpoint(info["url"])
        who.with_idp_id(idp_id).with_id_token_file(str(file))
        client = WorkspaceClient.new_builder().with_credentials(who).with_endpoint(sim.url).build()
        return desktops_by_sdk(client)[0]

    assert ask(info["idp_id"]) == sim.project(1)["desktops"]
    for idp_id, token in (("another", info["id_token"]), (info["idp_id"], "wrong")):
        file.write_text(token, encoding="ascii")
        with pytest.raises(ClientRequestException):
            ask(idp_id)


class Metadata(MetadataAccessor):
    """The SDK's, told where the service is."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._METADATA_ENDPOINT = url


@pytest.mark.parametrize("variant", ["plain", "optional", "required"])
def test_the_sdk_gets_keys_of_the_metadata_service(sim: Simulator, variant: str) -> None:
    sim.behave(metadata=variant)
    found = Metadata(sim.url).get_credential()
    keys = {"access_key": found.access, "secret_key": found.secret, "security_token": found.security_token}
    desktops_by_sdk(by(sim, keys, sim.info["projects"][0]))
    without_token = requests.get(sim.url + "/openstack/latest/securitykey", timeout=20)
    assert without_token.status_code == (401 if variant == "required" else 200)


@pytest.mark.parametrize(("variant", "agency"), [("optional", "audit"), ("no_agency", None)])
def test_the_metadata_service_names_the_agency(sim: Simulator, variant: str, agency: str | None) -> None:
    sim.behave(metadata=variant, agency="audit")
    about = requests.get(sim.url + "/openstack/latest/meta_data.json", timeout=20).json()
    assert about["project_id"] == sim.info["project_id"]
    assert about["meta"].get("agency_name") == agency


@pytest.mark.parametrize(("variant", "status"), [("no_agency", 401), ("off", 404)])
def test_the_metadata_service_has_no_keys(sim: Simulator, variant: str, status: int) -> None:
    sim.behave(metadata=variant)
    with pytest.raises(ClientRequestException) as caught:
        Metadata(sim.url).get_credential()
    assert caught.value.status_code == status
    if variant == "no_agency":
        assert caught.value.error_msg == "Please configure Cloud Service Agency first"
