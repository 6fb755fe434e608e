# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each source of credentials, each way to temporary keys, and what is refused, from the task to the server's answer.

What is wrong before anything is sent is told by the unit tests. Options, variables and files are templates here, of
what the simulator says of itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from huaweicloudsdkcore.auth.provider import ProfileCredentialProvider
from simulator.client import Simulator
from support.modules import run_module
from support.runs import DESKTOPS, POOLS, assert_failed

# Nobody listens there, as where there is no metadata service: on a machine that is no ECS.
NOBODY = "http://127.0.0.1:9"

LOGIN, IAM = "/v3/auth/tokens", "/v3.0/OS-CREDENTIAL/securitytokens"

THERE: dict[str, Any] = {
    **dict.fromkeys(("endpoint", "iam_endpoint", "sts_endpoint"), "{url}"),
    "region": "{region}",
    "project_id": "{project_id}",
    "max_retries": 0,
}
NOWHERE = dict.fromkeys(THERE)
LOOKED_UP = {"project_id": None}

KEYS = {"access_key": "{access_key}", "secret_key": "{secret_key}"}
WRONG = {**KEYS, "secret_key": "wrong"}
TEMPORARY = {name: f"{{temporary[{name}]}}" for name in (*KEYS, "security_token")}
TOKEN = {"auth_token": "{token}"}
USER = {name: f"{{{name}}}" for name in ("iam_user_name", "iam_password", "iam_domain_name")}
OIDC = {"idp_id": "{idp_id}", "id_token_file": "{folder}/id-token"}
ECS = {"ecs_metadata": True, "metadata_endpoint": "{url}"}
AGENCY = {"assume_role_agency_name": "{agencies[0][name]}", **LOOKED_UP}
BY_NAME = {**AGENCY, "assume_role_domain_name": "{agencies[0][domain_name]}"}
BY_ID = {**AGENCY, "assume_role_domain_id": "{agencies[0][domain_id]}"}

SDK = "HUAWEICLOUD_SDK_AK HUAWEICLOUD_SDK_SK HUAWEICLOUD_SDK_SECURITY_TOKEN"
HW = "HW_ACCESS_KEY HW_SECRET_KEY HW_SECURITY_TOKEN"
OLD_USER = "ANSIBLE_HWC_USER ANSIBLE_HWC_PASSWORD ANSIBLE_HWC_DOMAIN"


def variables(names: str, values: Mapping[str, str]) -> dict[str, str]:
    """These values under these names."""
    return dict(zip(names.split(), values.values()))


FILES = {
    "profiles": "\ufeff[basic]\nak = {access_key}\nsk = wrong\n[ops]\nak = {temporary[access_key]}\n"
    "sk = {temporary[secret_key]}\nsecurity_token = {temporary[security_token]}\nproject_id = {project_id}\n"
    "region = {region}\niam_endpoint = {url}\n",
    "id-token": "{id_token}\n",
}
FILE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
#: As for Terraform. The project belongs to the account that asks.
TERRAFORM = {
    **variables("HW_ASSUME_ROLE_IDP_ID HW_ASSUME_ROLE_ID_TOKEN_FILE", OIDC),
    **dict.fromkeys(("HW_ACCESS_KEY", "HW_SECRET_KEY"), ""),
    **dict.fromkeys(("HW_REGION_NAME", "HW_PROJECT_NAME"), "{region}"),
    "HW_AUTH_URL": "{url}/v3",
    "HUAWEICLOUD_SDK_STS_ENDPOINT": "{url}",
    "HW_PROJECT_ID": "{project_id}",
    "HW_ASSUME_ROLE_AGENCY_NAME": "{agencies[0][name]}",
    "HW_ASSUME_ROLE_DOMAIN_ID": "{agencies[0][domain_id]}",
    "HW_ASSUME_ROLE_DURATION": "900",
}
#: For keys that are taken instead of those of the environment.
WRONG_SDK = {**variables(SDK, WRONG), "HUAWEICLOUD_SDK_PROJECT_ID": "{project_id}"}
ENDPOINT = {**NOWHERE, "endpoint": "{url}"}

# Case -> the project that is read (0 to 2: of the account itself; 3, 4: of the others), options, environment.
READS: dict[str, tuple[int, Mapping[str, Any], Mapping[str, str]]] = {
    "task keys": (0, KEYS, {}),
    "task temporary": (0, TEMPORARY, {}),
    "task token": (0, TOKEN, {}),
    "task user": (0, USER, {}),
    "sdk temporary": (0, {}, variables(SDK, TEMPORARY)),
    "hw temporary": (0, {}, variables(HW, TEMPORARY)),
    "old user": (0, LOOKED_UP, variables(OLD_USER, USER)),
    "profile": (
        0,
        {**ENDPOINT, "profile": "ops"},
        {FILE: "{folder}/profiles", "HW_PROJECT_ID": "{projects[1][id]}", "HW_REGION_NAME": "cn-east-3"},
    ),
    "project looked up": (0, {**KEYS, **LOOKED_UP}, {}),
    "project of the region of a login": (1, {**USER, **LOOKED_UP, "region": "{regions[1]}"}, {}),
    "agency by name": (3, {**KEYS, **BY_NAME}, {}),
    "agency by id": (3, {**KEYS, **BY_ID}, {}),
    "agency of temporary keys": (3, {**TEMPORARY, **BY_ID}, {}),
    "agency of a token": (3, {**TOKEN, **BY_NAME}, {}),
    "agency of a user": (3, {**USER, **BY_NAME}, {}),
    "agency of an ecs": (3, {**ECS, **BY_NAME}, {}),
    "agency of an ecs by id": (3, {**ECS, **BY_ID}, {}),
    "agency of an id token": (3, {**OIDC, **BY_NAME}, {}),
    "agency of an id token by id": (3, {**OIDC, **BY_ID}, {}),
    "project of the task": (3, {**KEYS, **BY_NAME, "project_id": "{projects[3][id]}"}, {}),
    "terraform": (3, ENDPOINT, TERRAFORM),
    "ecs": (0, {**ECS, **LOOKED_UP}, WRONG_SDK),
    "id token": (0, {**OIDC, **LOOKED_UP}, WRONG_SDK),
}

ASSUMED = "agency audit of account account-1, assumed with the task"
# Case -> options, words of the message, and facts.
REFUSED: dict[str, tuple[Mapping[str, Any], tuple[str, ...], Mapping[str, Any]]] = {
    "token": (
        {"auth_token": "unknown"},
        ("The token in auth_token of the task has expired or is not valid", "decrypt token fail"),
        {},
    ),
    "password": ({**USER, "iam_password": "wrong"}, (LOGIN,), {"status_code": 401}),
    "no project": ({**KEYS, **LOOKED_UP, "region": "cn-nowhere-1"}, ("project_id", "cn-nowhere-1", "cn-north-4"), {}),
    "projects": ({**KEYS, **LOOKED_UP, "region": "cn-twice-1"}, ("project_id", "first-id", "second-id", "region"), {}),
    "name of a project as id": (
        {**KEYS, "project_id": "{region}"},
        ("The project_id cn-north-4 from the task is probably the name of a project",),
        {"status_code": 403},
    ),
    "project of another": ({**KEYS, **BY_NAME, "project_id": "{project_id}"}, ("project_id",), {"status_code": 403}),
    "agency by id": (
        {**KEYS, **BY_ID, "assume_role_agency_name": "nobody"},
        ("agency nobody of account", "assume_role_agency_name", "assume_role_domain_id", "sts:agencies:assume"),
        {"status_code": 404},
    ),
    "secret for an agency": (
        {**WRONG, **BY_NAME},
        ("was not assumed. The secret key in secret_key of the task does not belong to access key",),
        {"status_code": 401, "credentials_source": ASSUMED},
    ),
    "no ecs": (
        {**ECS, "metadata_endpoint": NOBODY, "max_retries": 4},
        ("ecs_metadata", NOBODY, "on an ECS only", "other credentials"),
        {"status_code": None, "attempts": 1},
    ),
}


FLEET = {"desktops": 4, "users": 200, "projects": 3, "accounts": 2}


@pytest.fixture(scope="module")
def values(shared: Simulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the templates are filled with."""
    folder = tmp_path_factory.mktemp("who")
    known = {**shared.info, "folder": folder}
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text.format_map(known), encoding="utf-8")
        (folder / name).chmod(0o600)
    return known


def read(
    values: Mapping[str, Any],
    options: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    module: str = DESKTOPS,
) -> dict[str, Any]:
    """The result of a call with these options and variables."""

    def filled(templates: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in templates.items() if value is not None}
        return {name: value.format_map(values) if isinstance(value, str) else value for name, value in given.items()}

    return run_module(module, filled({**THERE, **options}), filled(environment or {}))


def logins(cloud: Simulator, path: str) -> int:
    return len([entry for entry in cloud.requests() if (entry["method"], entry["path"]) == ("POST", path)])


def let_iam_find(cloud: Simulator, name: str, *ids: str) -> None:
    """Let IAM return projects with this name, and forget the requests so far."""
    found = {"projects": [{"id": one, "name": name} for one in ids]}
    cloud.behave(faults=[{"kind": "status", "status": 200, "match": f"name={name}", "count": None, "json": found}])
    cloud.clear()


@pytest.mark.parametrize("case", READS)
def test_each_source_of_credentials_reads_its_project(cloud: Simulator, values: Any, case: str) -> None:
    project, options, environment = READS[case]
    cloud.clear()
    result = read(values, options, environment)
    assert not result.get("failed"), result
    expected = sorted(desktop["desktop_id"] for desktop in cloud.project(project)["desktops"])
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == expected != []
    assert result["project_id"] == values["projects"][project]["id"]
    assert logins(cloud, LOGIN) == ("{iam_password}" in (*options.values(), *environment.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_rejected_credentials_fail_at_once_with_the_reason(cloud: Simulator, values: Any, case: str) -> None:
    options, told, facts = REFUSED[case]
    let_iam_find(cloud, "cn-twice-1", "first-id", "second-id")
    started = time.monotonic()
    result = read(values, options)
    assert time.monotonic() - started < 10
    assert_failed(result, *told, **facts)
    assert len([entry for entry in cloud.requests() if entry["status"] == 401]) <= 1


def test_a_project_name_that_iam_does_not_know_is_named_with_its_variable(cloud: Simulator, values: Any) -> None:
    nowhere = {"HW_PROJECT_NAME": "cn-north-4_nowhere"}
    for options, words in (
        (KEYS, ("no project is named cn-north-4_nowhere", "Check HW_PROJECT_NAME, or set project_id")),
        (USER, ("The account has no project cn-north-4_nowhere (from HW_PROJECT_NAME)", LOGIN)),
    ):
        assert_failed(read(values, {**options, **LOOKED_UP}, nowhere), *words)


def test_a_project_id_of_iam_cannot_change_the_path(cloud: Simulator, values: Any) -> None:
    let_iam_find(cloud, "cn-strange-1", "../../v3/evil?x=")
    assert_failed(read(values, {**KEYS, **LOOKED_UP, "region": "cn-strange-1"}))
    assert [entry["path"] for entry in cloud.requests()] == ["/v3/projects"]


def test_the_sdk_reads_the_same_credentials_file(
    cloud: Simulator, values: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials"
    text = FILES["profiles"].format_map(values).replace("[basic]", "[other]").replace("[ops]", "[basic]")
    # The SDK takes no byte order mark, and no region.
    file.write_text("# ours and theirs\n" + text[1:].replace("region = ", "# "), encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv(FILE, str(file))
    theirs = ProfileCredentialProvider.get_basic_credential_profile_provider().get_credentials()
    expected = (*values["temporary"].values(), values["project_id"], values["url"])
    assert (theirs.ak, theirs.sk, theirs.security_token, theirs.project_id, theirs.iam_endpoint) == expected
    cloud.clear()
    assert not read(values, ENDPOINT).get("failed")
    for request in cloud.requests():
        assert request["headers"]["x-project-id"] == values["project_id"]
        assert "X-Security-Token" in request["header_names"]


@pytest.mark.parametrize("variant", ["plain", "required", "no_agency"])
def test_every_variant_of_the_metadata_service_without_a_proxy(cloud: Simulator, values: Any, variant: str) -> None:
    cloud.behave(metadata=variant)
    cloud.clear()
    # What else is on loopback is asked through the proxy, which is not there.
    result = read(values, {**ECS, **LOOKED_UP}, {"HTTP_PROXY": NOBODY, "http_proxy": NOBODY})
    seen = [(entry["method"], entry["path"], entry["status"]) for entry in cloud.requests()]
    token, key = "/meta-data/latest/api/token", "/openstack/latest/securitykey"
    if variant == "no_agency":
        assert_failed(result, "ecs_metadata", "this ECS has no agency", status_code=401)
        assert seen == [("PUT", token, 200), ("GET", key, 401)]
    else:
        assert_failed(result, "GET ", "proxy")
        assert seen == [("PUT", token, 404 if variant == "plain" else 200), ("GET", key, 200)]
    assert {entry["auth"] for entry in cloud.requests()} == {None}


# What ends while 200 users are read


@pytest.mark.parametrize("concurrency", [1, 16])
@pytest.mark.parametrize(
    ("options", "project", "login", "fault"),
    [({**USER, **LOOKED_UP}, 0, LOGIN, "expire_tokens"), ({**KEYS, **BY_NAME}, 3, IAM, "expire_keys")],
    ids=["tokens", "keys"],
)
def test_credentials_revoked_while_reading_are_renewed_once(
    cloud: Simulator, values: Any, options: Any, project: int, login: str, fault: str, concurrency: int
) -> None:
    cloud.behave(latency=0.005, faults=[{"kind": fault, "match": "by-users", "after": 12, "count": 1}])
    cloud.clear()
    ids = [user["user_id"] for user in cloud.project(project)["users"]]
    result = read(values, {**options, "concurrency": concurrency, "user_ids": ids}, module=POOLS)
    assert not result.get("failed"), result
    assert ([user["user_id"] for user in result["users"]], result["unmatched_user_ids"]) == (ids, [])
    assert logins(cloud, login) == 2
    refused = [entry["target"] for entry in cloud.requests() if entry["status"] == 401]
    assert 1 <= len(refused) == len(set(refused)) <= concurrency
