# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary keys in every way: who gives them, for which project, and what happens when they end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.runs import POOLS, Call, assert_failed, run, run_calls
from integration.texts import examples
from simulator.client import Simulator

# Nobody listens there, as where there is no metadata service: on a machine that is no ECS.
NOBODY = "http://127.0.0.1:9"

IAM, STS = "/v3.0/OS-CREDENTIAL/securitytokens", "/v5/agencies/assume"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    with Simulator(desktops=12, users=8, projects=2, accounts=2) as simulator:
        yield simulator


class Story:
    """The result of each call."""

    def __init__(self) -> None:
        self.results: dict[str, dict[str, Any]] = {}


def _places(info: dict[str, Any]) -> dict[str, Any]:
    """Where everything is; not whose project is read."""
    url = info["url"]
    return {
        "endpoint": url,
        "iam_endpoint": url,
        "sts_endpoint": url,
        "region": info["region"],
        "max_retries": 0,
    }


def _role(info: dict[str, Any], number: int, *names: str) -> dict[str, str]:
    agency = info["agencies"][number]
    told = {
        "assume_role_agency_name": agency["name"],
        "assume_role_domain_name": agency["domain_name"],
        "assume_role_domain_id": agency["domain_id"],
    }
    return {name: told[name] for name in ("assume_role_agency_name", *names)}


@pytest.fixture(scope="module")
def story(cloud: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("keys")
    info = cloud.info
    there = _places(info)
    keys = {name: info[name] for name in ("access_key", "secret_key")}
    user = {name: info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")}
    by_name, by_id = _role(info, 0, "assume_role_domain_name"), _role(info, 0, "assume_role_domain_id")
    id_token = folder / "id-token"
    id_token.write_text(info["id_token"] + "\n", encoding="ascii")
    wrong_token = folder / "wrong-token"
    wrong_token.write_text("do-not-repeat-this", encoding="ascii")
    oidc = {"idp_id": info["idp_id"], "id_token_file": str(id_token)}
    profile = folder / "credentials"
    profile.write_text(
        f"[basic]\nidp_id = {info['idp_id']}\nid_token_file = {id_token}\nproject_id = {info['project_id']}\n",
        encoding="utf-8",
    )
    ecs = {"ecs_metadata": True, "metadata_endpoint": info["url"]}
    sdk = {"HUAWEICLOUD_SDK_AK": info["access_key"], "HUAWEICLOUD_SDK_SK": info["secret_key"]}
    wrong_sdk = {**sdk, "HUAWEICLOUD_SDK_SK": "wrong", "HUAWEICLOUD_SDK_PROJECT_ID": info["project_id"]}
    terraform = {
        "HW_ACCESS_KEY": info["access_key"],
        "HW_SECRET_KEY": info["secret_key"],
        "HW_REGION_NAME": info["region"],
        "HW_DOMAIN_NAME": info["iam_domain_name"],
        # It belongs to the account that asks.
        "HW_PROJECT_ID": info["project_id"],
        "HW_AUTH_URL": f"{info['url']}/v3",
        "HUAWEICLOUD_SDK_STS_ENDPOINT": info["url"],
        "HW_ASSUME_ROLE_AGENCY_NAME": info["agencies"][0]["name"],
    }
    by_name_there = {"HW_ASSUME_ROLE_DOMAIN_NAME": info["agencies"][0]["domain_name"]}
    by_id_there = {"HW_ASSUME_ROLE_DOMAIN_ID": info["agencies"][0]["domain_id"], "HW_ASSUME_ROLE_DURATION": "900"}
    oidc_there = {"HW_ASSUME_ROLE_IDP_ID": info["idp_id"], "HW_ASSUME_ROLE_ID_TOKEN_FILE": str(id_token)}
    no_keys = {name: value for name, value in terraform.items() if name not in ("HW_ACCESS_KEY", "HW_SECRET_KEY")}
    only_endpoint = {"endpoint": info["url"]}
    calls = {
        # Read the first other account.
        "agency by name": Call({**there, **keys, **by_name}),
        "agency by id": Call({**there, **keys, **by_id}),
        "agency of temporary keys": Call({**there, **info["temporary"], **by_id}),
        "agency of a token": Call({**there, "auth_token": info["token"], **by_name}),
        "agency of a user": Call({**there, **user, **by_name}),
        "agency of the environment's keys": Call({**there, **by_name}, environment=sdk),
        "agency of an ecs": Call({**there, **ecs, **by_name}),
        "agency of an ecs by id": Call({**there, **ecs, **by_id}),
        "agency of an id token": Call({**there, **oidc, **by_name}),
        "agency of an id token by id": Call({**there, **oidc, **by_id}),
        "project of the task": Call({**there, **keys, **by_name, "project_id": info["projects"][2]["id"]}),
        "terraform by name": Call(only_endpoint, environment={**terraform, **by_name_there}),
        "terraform by id": Call(only_endpoint, environment={**terraform, **by_id_there}),
        "terraform with an id token": Call(only_endpoint, environment={**no_keys, **by_id_there, **oidc_there}),
        "task before environment": Call(
            {**there, **keys, **by_id}, environment={**terraform, "HW_ASSUME_ROLE_DOMAIN_NAME": "nobody"}
        ),
        # Read the second one.
        "second account": Call({**there, **keys, **_role(info, 1, "assume_role_domain_name")}),
        "second account beside the environment": Call(
            {**there, "assume_role_domain_name": info["agencies"][1]["domain_name"]},
            environment={**terraform, **by_name_there},
        ),
        # Read the account itself.
        "ecs": Call({**there, **ecs}, environment=wrong_sdk),
        "id token": Call({**there, **oidc}, environment=wrong_sdk),
        "id token of the sdk": Call(
            there,
            environment={"HUAWEICLOUD_SDK_IDP_ID": info["idp_id"], "HUAWEICLOUD_SDK_ID_TOKEN_FILE": str(id_token)},
        ),
        "id token of a profile": Call({**there, "credentials_file": str(profile)}),
        # Fail.
        "unknown agency": Call({**there, **keys, **by_name, "assume_role_agency_name": "nobody"}),
        "unknown agency by id": Call({**there, **keys, **by_id, "assume_role_agency_name": "nobody"}),
        "project of the account that asks": Call({**there, **keys, **by_name, "project_id": info["project_id"]}),
        "wrong secret": Call({**there, **keys, **by_name, "secret_key": "wrong"}),
        "wrong id token": Call({**there, **oidc, "id_token_file": str(wrong_token)}),
        "no ecs": Call({**there, **ecs, "metadata_endpoint": NOBODY, "max_retries": 4}),
        "no ecs for an agency": Call({**there, **ecs, **by_name, "metadata_endpoint": NOBODY}),
        "keys beside ecs": Call({**there, **ecs, **keys}),
        "too long for sts": Call({**there, **ecs, **by_id, "assume_role_duration": 3601}),
        "token for sts": Call({**there, "auth_token": info["token"], **by_id}),
        "both names": Call({**there, **keys, **by_name, **by_id}),
        "no number": Call({**there, **keys, **by_name}, environment={"HW_ASSUME_ROLE_DURATION": "long"}),
    }
    told = Story()
    told.results = run_calls(calls)
    return told


def _ids(simulator: Simulator, project: int) -> list[str]:
    return sorted(desktop["desktop_id"] for desktop in simulator.project(project)["desktops"])


READS = {
    "agency by name": 2,
    "agency by id": 2,
    "agency of temporary keys": 2,
    "agency of a token": 2,
    "agency of a user": 2,
    "agency of the environment's keys": 2,
    "agency of an ecs": 2,
    "agency of an ecs by id": 2,
    "agency of an id token": 2,
    "agency of an id token by id": 2,
    "project of the task": 2,
    "terraform by name": 2,
    "terraform by id": 2,
    "terraform with an id token": 2,
    "task before environment": 2,
    "second account": 3,
    "second account beside the environment": 3,
    "ecs": 0,
    "id token": 0,
    "id token of the sdk": 0,
    "id token of a profile": 0,
}


@pytest.mark.parametrize("case", READS)
def test_keys_read_the_project_that_they_are_for(story: Story, cloud: Simulator, case: str) -> None:
    result = story.results[case]
    assert not result.get("failed"), result
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == _ids(cloud, READS[case])
    assert result["project_id"] == cloud.info["projects"][READS[case]]["id"]


ASSUMED = "agency audit of account account-1, assumed with the task"
BAD: dict[str, tuple[str, ...]] = {
    "unknown agency": ("agency nobody of account account-1 was not assumed", "HTTP 403", "assume_role_agency_name"),
    "unknown agency by id": ("agency nobody of account", "HTTP 404", "assume_role_domain_id"),
    "project of the account that asks": ("HTTP 403", "project_id"),
    "wrong secret": ("was not assumed", "HTTP 401", ASSUMED),
    "wrong id token": ("ID token was not exchanged", "HTTP 401", "idp_id", "id_token_file"),
    "no ecs": ("ecs_metadata", NOBODY, "on an ECS only", "other credentials"),
    "no ecs for an agency": ("ecs_metadata", "on an ECS only"),
    "keys beside ecs": ("more than one kind", "access_key", "ecs_metadata"),
    "too long for sts": ("assume_role_duration is 3601", "3600"),
    "token for sts": ("assume_role_domain_id", "auth_token"),
    "both names": ("assume_role_domain_name and assume_role_domain_id",),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said(story: Story, case: str) -> None:
    assert_failed(story.results[case], *BAD[case])
    assert "do-not-repeat-this" not in str(story.results[case])


def test_a_duration_in_the_environment_is_a_number(story: Story) -> None:
    result = story.results["no number"]
    assert result["failed"]
    assert "assume_role_duration" in result["msg"]


@pytest.mark.parametrize("variant", ["plain", "required", "no_agency"])
def test_every_variant_of_the_metadata_service_without_a_proxy(cloud: Simulator, variant: str) -> None:
    cloud.behave(metadata=variant)
    cloud.clear()
    options = {**_places(cloud.info), "ecs_metadata": True, "metadata_endpoint": cloud.info["url"]}
    # What else is on loopback is asked through the proxy, which is not there.
    result = run_calls({"ecs": Call(options, environment={"HTTP_PROXY": NOBODY, "http_proxy": NOBODY})})["ecs"]
    seen = [(entry["method"], entry["path"], entry["status"]) for entry in cloud.requests()]
    token, key = "/meta-data/latest/api/token", "/openstack/latest/securitykey"
    if variant == "no_agency":
        assert_failed(result, "ecs_metadata", "this ECS has no agency", status_code=401)
        assert seen == [("PUT", token, 200), ("GET", key, 401)]
    else:
        assert_failed(result, "GET ", "proxy")
        assert seen == [("PUT", token, 404 if variant == "plain" else 200), ("GET", key, 200)]
    assert {entry["auth"] for entry in cloud.requests()} == {None}


def test_off_an_ecs_the_failure_comes_in_seconds() -> None:
    started = time.monotonic()
    options = {"region": "cn-north-4", "ecs_metadata": True, "metadata_endpoint": NOBODY}
    assert_failed(run_calls({"ecs": Call(options)})["ecs"], "ecs_metadata", "on an ECS only", status_code=None)
    # With the start of Ansible, on a busy machine.
    assert time.monotonic() - started < 30


def test_one_identity_reads_the_accounts_of_an_inventory(tmp_path: Path) -> None:
    (text,) = [
        example.code
        for example in examples()
        if example.path.name == "guide_authentication.rst" and "workspace_projects:" in example.code
    ]
    inventory, report = tmp_path / "accounts.yml", tmp_path / "report.json"
    inventory.write_text(text.replace("sales-account", "account-1").replace("design-account", "account-2"), "utf-8")
    with Simulator(desktops=4, accounts=2, status={"REGISTERED": 1}) as cloud:
        info = cloud.info
        environment = {
            "HUAWEICLOUD_SDK_AK": info["access_key"],
            "HUAWEICLOUD_SDK_SK": info["secret_key"],
            # It belongs to the account that asks, which none of the hosts is about.
            "HUAWEICLOUD_SDK_PROJECT_ID": info["project_id"],
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
            "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4": info["url"],
        }
        playbook = "huaweicloud.workspace.pre_maintenance_check"
        written = ("-e", f"workspace_report_file={report}")
        done = run(["ansible-playbook", playbook, "-i", inventory, *written], env=environment)
    assert done.returncode == 0, done.output
    found = json.loads(report.read_text(encoding="utf-8"))["projects"]
    read = {host: (result["project_id"], result["desktop_count"]) for host, result in found.items()}
    assert read == {"sales": (info["projects"][1]["id"], 4), "design": (info["projects"][2]["id"], 4)}


def test_an_agency_lists_the_projects_of_its_account(cloud: Simulator, tmp_path: Path) -> None:
    cloud.reset()
    info = cloud.info
    places = dict.fromkeys(("endpoint", "iam_endpoint"), info["url"])
    options = {
        "plugin": "huaweicloud.workspace.workspace_projects",
        **places,
        **_role(info, 0, "assume_role_domain_name"),
    }
    file = tmp_path / "workspace_projects.yml"
    file.write_text(json.dumps(options), encoding="utf-8")
    environment = {"HUAWEICLOUD_SDK_AK": info["access_key"], "HUAWEICLOUD_SDK_SK": info["secret_key"]}
    done = run(["ansible-inventory", "-i", file, "--list"], env=environment)
    assert done.returncode == 0, done.output
    assert [project["id"] in done.stdout for project in info["projects"]] == [False, False, True, False]


# Keys that end while 2,000 users are read


@pytest.fixture(scope="module")
def many() -> Iterator[Simulator]:
    with Simulator(desktops=0, users=2000, accounts=1, lock=False) as simulator:
        yield simulator


def _read_all(many: Simulator, concurrency: int) -> list[dict[str, Any]]:
    """The requests of a call that reads the pools of all users with the keys of the agency."""
    many.clear()
    users = many.project(1)["users"]
    info = many.info
    options = {
        **_places(info),
        **{name: info[name] for name in ("access_key", "secret_key")},
        **_role(info, 0, "assume_role_domain_name"),
        "user_ids": [user["user_id"] for user in users],
        "concurrency": concurrency,
    }
    result = run_calls({"all": Call(options, POOLS)})["all"]
    assert not result.get("failed"), result
    assert [user["user_id"] for user in result["users"]] == options["user_ids"]
    assert result["unmatched_user_ids"] == []
    return many.requests()


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_keys_that_are_revoked_while_reading_are_renewed_once(many: Simulator, concurrency: int) -> None:
    many.behave(latency=0.005, faults=[{"kind": "expire_keys", "match": "by-users", "after": 60, "count": 1}])
    requests = _read_all(many, concurrency)
    assert len([entry for entry in requests if entry["path"] == IAM]) == 2
    refused = [entry for entry in requests if entry["status"] == 401]
    assert 1 <= len(refused) <= concurrency
    assert len({entry["target"] for entry in refused}) == len(refused)


def test_keys_that_end_while_reading_are_renewed_before(many: Simulator) -> None:
    many.behave(latency=0.1, key_life=4)
    requests = _read_all(many, 4)
    took = requests[-1]["end"] - requests[0]["start"]
    # Five seconds of reading at least, and three quarters of a life for each set of keys.
    assert 2 <= len([entry for entry in requests if entry["path"] == IAM]) <= 1 + took / 2
    assert not [entry for entry in requests if entry["status"] == 401]


def test_new_keys_that_are_refused_as_well_end_the_call(many: Simulator) -> None:
    many.behave(faults=[{"kind": "expire_keys", "match": "by-users", "count": None}])
    many.clear()
    info = many.info
    options = {
        **_places(info),
        **{name: info[name] for name in ("access_key", "secret_key")},
        **_role(info, 0, "assume_role_domain_name"),
        "user_ids": [user["user_id"] for user in many.project(1)["users"][:50]],
    }
    assert_failed(run_calls({"refused": Call(options, POOLS)})["refused"], "HTTP 401", ASSUMED, status_code=401)
    requests = many.requests()
    assert len([entry for entry in requests if entry["path"] == IAM]) == 2
    assert len([entry for entry in requests if entry["status"] == 401]) == 2
