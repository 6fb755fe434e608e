# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call for each source of credentials and each order of them; what else is wrong is told by the unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from huaweicloudsdkcore.auth.provider import ProfileCredentialProvider
from integration.runs import POOLS, Call, assert_failed, keys_of, run, run_calls
from simulator.client import Simulator

MODULE = "huaweicloud.workspace.workspace_connect_desktops_info"

# Nobody listens there: a call that gets as far as sending something says whom it wanted to ask.
NOBODY = "http://127.0.0.1:9"

CONTENT = "do-not-repeat-this"


class Story:
    """The results of all calls against one simulator, and what it saw of them together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    with Simulator(desktops=20, users=100, projects=3) as simulator:
        yield simulator


def _section(name: str, keys: Mapping[str, str], **more: str) -> str:
    pairs = {"ak": keys["access_key"], "sk": keys["secret_key"], **more}
    if "security_token" in keys:
        pairs["security_token"] = keys["security_token"]
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in pairs.items())


@pytest.fixture(scope="module")
def story(cloud: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Story:
    info = cloud.info
    told = Story(tmp_path_factory.mktemp("credentials"))
    url, keys, temporary = info["url"], keys_of(info), info["temporary"]
    # Where to, without who.
    there = {name: keys[name] for name in ("endpoint", "region", "project_id", "retry_max_delay")}
    no_project = {name: keys[name] for name in ("endpoint", "region", "retry_max_delay")}
    both = {**no_project, "iam_endpoint": url}
    ak, sk = info["access_key"], info["secret_key"]
    user = {name: info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")}
    sdk = {"HUAWEICLOUD_SDK_AK": ak, "HUAWEICLOUD_SDK_SK": sk}
    wrong_sdk = {"HUAWEICLOUD_SDK_AK": ak, "HUAWEICLOUD_SDK_SK": "wrong"}
    wrong_hw = {"HW_ACCESS_KEY": ak, "HW_SECRET_KEY": "wrong"}
    hw_user = {
        "HW_USER_NAME": user["iam_user_name"],
        "HW_USER_PASSWORD": user["iam_password"],
        "HW_DOMAIN_NAME": user["iam_domain_name"],
    }
    old_user = {
        "ANSIBLE_HWC_USER": user["iam_user_name"],
        "ANSIBLE_HWC_PASSWORD": user["iam_password"],
        "ANSIBLE_HWC_DOMAIN": user["iam_domain_name"],
    }
    temporary_hw = {
        "HW_ACCESS_KEY": temporary["access_key"],
        "HW_SECRET_KEY": temporary["secret_key"],
        "HW_SECURITY_TOKEN": temporary["security_token"],
    }
    good = told.file("good", _section("basic", keys, project_id=info["project_id"]))
    profiles = told.file(
        "profiles",
        "\ufeff"
        + _section("basic", {"access_key": ak, "secret_key": "wrong"})
        + _section("ops", temporary, project_id=info["project_id"], region=info["region"], iam_endpoint=url),
    )
    wrong_file = told.file("wrong", _section("basic", {"access_key": ak, "secret_key": "wrong"}))
    malformed = told.file("malformed", f"[basic]\nak = {ak}\n{CONTENT}\n")
    (told.folder / "home" / ".huaweicloud").mkdir(parents=True)
    told.file("home/.huaweicloud/credentials", _section("basic", keys, project_id=info["project_id"]))
    home = {"HOME": str(told.folder / "home")}
    empty_home = {"HOME": str(told.folder)}

    def sdk_file(path: str) -> dict[str, str]:
        return {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": path}

    region_variable = "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"
    calls = {
        # One source each.
        "task keys": Call({**there, "access_key": ak, "secret_key": sk}),
        "task temporary": Call({**there, **temporary}),
        "task token": Call({**there, "auth_token": info["token"]}),
        "task user": Call({**both, **user}),
        "sdk keys": Call(there, environment=sdk),
        "hw temporary": Call(there, environment=temporary_hw),
        "hw token": Call(there, environment={"HW_AUTH_TOKEN": info["token"]}),
        "old user": Call(both, environment=old_user),
        "default file": Call(no_project, environment=home),
        "file variable": Call(no_project, environment=sdk_file(good)),
        "profile in task": Call({"endpoint": url, "profile": "ops"}, environment=sdk_file(profiles)),
        # Which wins: the losers are wrong.
        "task before all": Call(
            {**there, "access_key": ak, "secret_key": sk}, environment={**wrong_sdk, **wrong_hw, **sdk_file(wrong_file)}
        ),
        "sdk before hw": Call(there, environment={**sdk, **wrong_hw, **sdk_file(wrong_file)}),
        "hw before file": Call(
            there, environment={**hw_user, "HUAWEICLOUD_SDK_IAM_ENDPOINT": url, **sdk_file(wrong_file)}
        ),
        "file in task before environment": Call(
            {**no_project, "credentials_file": good}, environment={**wrong_sdk, **wrong_hw}
        ),
        # Never mixed, never doubled, never half.
        "mixed": Call({**there, "access_key": ak}, environment=sdk),
        "keys and file": Call({**there, "access_key": ak, "secret_key": sk, "credentials_file": good}),
        "nothing": Call(there, environment=empty_home),
        # The file.
        "malformed": Call({**there, "credentials_file": malformed}),
        "exchanged": Call({**there, "access_key": sk, "secret_key": ak}),
        # The project.
        "project looked up": Call({**both, "access_key": ak, "secret_key": sk}),
        "project none": Call({**both, "access_key": ak, "secret_key": sk, "region": "cn-nowhere-1"}),
        "project several": Call({**both, "access_key": ak, "secret_key": sk, "region": "cn-twice-1"}),
        "project strange": Call({**both, "access_key": ak, "secret_key": sk, "region": "cn-strange-1"}),
        "project of another region": Call({**both, **user, "region": info["regions"][1]}),
        # The endpoints.
        "endpoint variable": Call(
            {"access_key": ak, "secret_key": sk, "project_id": info["project_id"]},
            environment={"HW_REGION_NAME": "cn-north-4", region_variable: f"{url},{NOBODY}"},
        ),
        "iam endpoint v3": Call({**no_project, **user, "iam_endpoint": f"{url}/v3"}),
        # Refused.
        "wrong secret": Call(there, environment=wrong_sdk),
        "unknown token": Call({**there, "auth_token": "unknown-token"}),
        "wrong password": Call({**both, **user, "iam_password": "wrong"}),
        "unknown user": Call({**both, **user, "iam_user_name": "nobody"}),
    }
    twice = [{"id": "first-id", "name": "cn-twice-1"}, {"id": "second-id", "name": "cn-twice-1"}]
    strange = [{"id": "../../v3/evil?x=", "name": "cn-strange-1"}]
    cloud.behave(
        faults=[
            {"kind": "json", "match": "name=cn-twice-1", "count": None, "json": {"projects": twice}},
            {"kind": "json", "match": "name=cn-strange-1", "count": None, "json": {"projects": strange}},
        ]
    )
    cloud.clear()
    told.results = run_calls(calls)
    told.requests = cloud.requests()
    return told


def _ids(simulator: Simulator, project: int = 0) -> list[str]:
    return sorted(desktop["desktop_id"] for desktop in simulator.project(project)["desktops"])


GOOD = (
    "task keys",
    "task temporary",
    "task token",
    "task user",
    "sdk keys",
    "hw temporary",
    "hw token",
    "old user",
    "default file",
    "file variable",
    "profile in task",
    "task before all",
    "sdk before hw",
    "hw before file",
    "file in task before environment",
    "project looked up",
    "endpoint variable",
    "iam endpoint v3",
)


@pytest.mark.parametrize("case", GOOD)
def test_credentials_are_found(story: Story, cloud: Simulator, case: str) -> None:
    result = story.results[case]
    assert not result.get("failed"), result
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == _ids(cloud)


def test_the_project_of_a_login_is_that_of_the_region(story: Story, cloud: Simulator) -> None:
    result = story.results["project of another region"]
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == _ids(cloud, 1) != _ids(cloud)


def test_one_login_a_call(story: Story) -> None:
    users = (
        "task user",
        "old user",
        "hw before file",
        "iam endpoint v3",
        "project of another region",
        "wrong password",
        "unknown user",
    )
    logins = [entry for entry in story.requests if entry["method"] == "POST"]
    assert len(logins) == len(users)
    assert {entry["path"] for entry in logins} == {"/v3/auth/tokens"}


BAD = {
    "mixed": ("secret_key", "HUAWEICLOUD_SDK_SK", "not mixed"),
    "keys and file": ("access_key", "credentials_file"),
    "nothing": ("access_key", "auth_token", "iam_user_name", "profile", "credentials_file"),
    "malformed": ("credentials_file", "malformed", "line 3"),
    "exchanged": ("access_key and secret_key", "look exchanged"),
    "wrong secret": ("verify aksk signature fail", "check secret_key", "the environment (HUAWEICLOUD_SDK_AK)"),
    "unknown token": ("decrypt token fail", "auth_token", "credentials come from the task"),
    "project none": ("project_id", "cn-nowhere-1", "region", "cn-north-4"),
    "project several": ("project_id", "first-id", "second-id", "region"),
    "unknown user": ("HTTP 401", "/v3/auth/tokens"),
    "wrong password": ("HTTP 401", "/v3/auth/tokens"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_missing_or_doubled_is_said(story: Story, case: str) -> None:
    assert_failed(story.results[case], *BAD[case])
    assert CONTENT not in str(story.results[case])


def test_a_wrong_clock_is_told_in_minutes(simulator: Simulator) -> None:
    simulator.behave(clock_offset=3600)
    result = run_calls({"wrong clock": Call(keys_of(simulator.info))})["wrong clock"]
    assert_failed(result, "signature expired", "60 minutes behind the clock of the service", status_code=401)


def test_exchanged_keys_are_not_shown(story: Story, cloud: Simulator) -> None:
    shown = str(story.results["exchanged"])
    assert cloud.info["access_key"] not in shown
    assert cloud.info["secret_key"] not in shown


def test_what_the_gateway_signed_is_in_the_facts_only(story: Story) -> None:
    refused = story.results["wrong secret"]
    assert "canonicalRequest" not in refused["msg"]
    assert "canonicalRequest" in refused["error_msg"]
    assert "clock" not in refused["msg"]


def test_a_project_id_of_iam_cannot_change_the_path(story: Story) -> None:
    assert story.results["project strange"]["failed"]
    assert not [entry for entry in story.requests if "evil" in entry["target"]]


def test_the_official_sdk_reads_the_same_file_alike(
    cloud: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = cloud.info
    file = tmp_path / "credentials"
    content = _section("basic", info["temporary"], project_id=info["project_id"], iam_endpoint=info["url"])
    file.write_text(f"# ours and theirs\n{content}", encoding="utf-8")
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(file))
    theirs = ProfileCredentialProvider.get_basic_credential_profile_provider().get_credentials()
    temporary = info["temporary"]
    read = (theirs.ak, theirs.sk, theirs.security_token, theirs.project_id, theirs.iam_endpoint)
    expected = (temporary["access_key"], temporary["secret_key"], temporary["security_token"])
    assert read == (*expected, info["project_id"], info["url"])
    cloud.clear()
    done = run(["ansible", "localhost", "-m", MODULE, "-a", f"endpoint={info['url']}"])
    assert done.returncode == 0, done.output
    for request in cloud.requests():
        assert request["headers"]["x-project-id"] == info["project_id"]
        assert "X-Security-Token" in request["header_names"]


@pytest.mark.parametrize("concurrency", [4])
def test_a_token_killed_while_reading_is_renewed_once(cloud: Simulator, concurrency: int) -> None:
    users = cloud.project()["users"][:95]
    info = cloud.info
    cloud.behave(latency=0.05, faults=[{"kind": "expire_tokens", "match": "by-users", "after": 4, "count": 1}])
    cloud.clear()
    options = {
        **keys_of(info, access_key=None, secret_key=None, project_id=None),
        **{name: info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")},
        "iam_endpoint": info["url"],
        "user_ids": [user["user_id"] for user in users],
        "concurrency": concurrency,
    }
    result = run_calls({"renewed": Call(options, POOLS)})["renewed"]
    assert not result.get("failed"), result
    assert [user["user_id"] for user in result["users"]] == options["user_ids"]
    assert result["unmatched_user_ids"] == []
    requests = cloud.requests()
    assert len([entry for entry in requests if entry["method"] == "POST"]) == 2
    refused = [entry for entry in requests if entry["status"] == 401]
    assert 1 <= len(refused) <= concurrency
    assert len({entry["target"] for entry in refused}) == len(refused)


def test_a_new_token_that_is_refused_as_well_ends_the_call(cloud: Simulator) -> None:
    info = cloud.info
    cloud.behave(faults=[{"kind": "status", "status": 401, "match": "connect-desktops", "count": None}])
    cloud.clear()
    options = {
        **keys_of(info, access_key=None, secret_key=None, project_id=None),
        **{name: info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")},
        "iam_endpoint": info["url"],
    }
    result = run_calls({"refused": Call(options)})["refused"]
    assert_failed(result, "HTTP 401", status_code=401, attempts=2)
    requests = cloud.requests()
    assert len([entry for entry in requests if entry["method"] == "POST"]) == 2
    assert len(requests) == 4
