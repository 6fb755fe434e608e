# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every source of credentials, which wins, what is missing or doubled; the project and the endpoints."""

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
    temporary_sdk = {
        "HUAWEICLOUD_SDK_AK": temporary["access_key"],
        "HUAWEICLOUD_SDK_SK": temporary["secret_key"],
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": temporary["security_token"],
    }
    temporary_hw = {
        "HW_ACCESS_KEY": temporary["access_key"],
        "HW_SECRET_KEY": temporary["secret_key"],
        "HW_SECURITY_TOKEN": temporary["security_token"],
    }
    good = told.file("good", _section("basic", keys, project_id=info["project_id"]))
    short_form = told.file("short", _section("basiccredentials", keys, project_id=info["project_id"]))
    profiles = told.file(
        "profiles",
        "\ufeff"
        + _section("basic", {"access_key": ak, "secret_key": "wrong"})
        + _section("ops", temporary, project_id=info["project_id"], region=info["region"], iam_endpoint=url),
    )
    wrong_file = told.file("wrong", _section("basic", {"access_key": ak, "secret_key": "wrong"}))
    malformed = told.file("malformed", f"[basic]\nak = {ak}\n{CONTENT}\n")
    headless = told.file("headless", f"sk = {CONTENT}\n")
    doubled = told.file("doubled", f"[basic]\nak = a\nsk = {CONTENT}\nsk = {CONTENT}\n")
    binary = told.file("binary", b"\xff\xfe\x00")
    no_sk = told.file("no-sk", f"[basic]\nak = {ak}\n")
    no_keys = told.file("no-keys", "[basic]\nproject_id = x\n")
    bad_region = told.file("bad-region", _section("basic", keys, region=f"evil.com/{CONTENT}"))
    (told.folder / "home" / ".huaweicloud").mkdir(parents=True)
    told.file("home/.huaweicloud/credentials", _section("basic", keys, project_id=info["project_id"]))
    loop = told.folder / "loop"
    loop.symlink_to(loop)
    home = {"HOME": str(told.folder / "home")}
    empty_home = {"HOME": str(told.folder)}

    def sdk_file(path: str) -> dict[str, str]:
        return {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": path}

    some = {"access_key": "some-key", "secret_key": "some-secret"}
    dead = {"proxy": NOBODY, "max_retries": 0}
    region_variable = "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"
    calls = {
        # One source each.
        "task keys": Call({**there, "access_key": ak, "secret_key": sk}),
        "task temporary": Call({**there, **temporary}),
        "task token": Call({**there, "auth_token": info["token"]}),
        "task user": Call({**both, **user}),
        "sdk keys": Call(there, environment=sdk),
        "sdk temporary": Call(there, environment=temporary_sdk),
        "hw keys": Call(there, environment={"HW_ACCESS_KEY": ak, "HW_SECRET_KEY": sk}),
        "hw temporary": Call(there, environment=temporary_hw),
        "hw token": Call(there, environment={"HW_AUTH_TOKEN": info["token"]}),
        "hw user": Call(both, environment=hw_user),
        "old user": Call(both, environment=old_user),
        "default file": Call(no_project, environment=home),
        "file in task": Call({**no_project, "credentials_file": good}),
        "file variable": Call(no_project, environment=sdk_file(good)),
        "short section": Call({**no_project, "credentials_file": short_form}),
        "profile in task": Call({"endpoint": url, "profile": "ops"}, environment=sdk_file(profiles)),
        "profile variable": Call({"endpoint": url}, environment={**sdk_file(profiles), "HW_PROFILE": "ops"}),
        # Which wins: the losers are wrong.
        "task before all": Call(
            {**there, "access_key": ak, "secret_key": sk}, environment={**wrong_sdk, **wrong_hw, **sdk_file(wrong_file)}
        ),
        "token before keys elsewhere": Call({**there, "auth_token": info["token"]}, environment=wrong_sdk),
        "sdk before hw": Call(there, environment={**sdk, **wrong_hw, **sdk_file(wrong_file)}),
        "hw before file": Call(
            there, environment={**hw_user, "HUAWEICLOUD_SDK_IAM_ENDPOINT": url, **sdk_file(wrong_file)}
        ),
        "file in task before environment": Call(
            {**no_project, "credentials_file": good}, environment={**wrong_sdk, **wrong_hw}
        ),
        "profile in task before environment": Call(
            {"endpoint": url, "profile": "ops"}, environment={**wrong_sdk, **sdk_file(profiles)}
        ),
        "domain beside keys": Call(there, environment={**sdk, "HW_DOMAIN_NAME": "acme"}),
        # Never mixed, never doubled, never half.
        "mixed": Call({**there, "access_key": ak}, environment=sdk),
        "mixed families": Call(there, environment={"HUAWEICLOUD_SDK_AK": ak, "HW_SECRET_KEY": sk}),
        "two kinds": Call({**there, "access_key": ak, "secret_key": sk, "auth_token": "some-token"}),
        "two kinds in hw": Call(
            there, environment={"HW_AUTH_TOKEN": "some-token", "HW_ACCESS_KEY": ak, "HW_SECRET_KEY": sk}
        ),
        "keys and file": Call({**there, "access_key": ak, "secret_key": sk, "credentials_file": good}),
        "no password": Call({**both, "iam_user_name": "ops", "iam_domain_name": "acme"}),
        "no domain": Call({**both, "iam_user_name": "ops", "iam_password": "x"}),
        "token alone": Call({**there, "security_token": "some-token"}),
        "nothing": Call(there, environment=empty_home),
        # The file.
        "malformed": Call({**there, "credentials_file": malformed}),
        "headless": Call({**there, "credentials_file": headless}),
        "doubled": Call({**there, "credentials_file": doubled}),
        "binary": Call({**there, "credentials_file": binary}),
        "missing": Call({**there, "credentials_file": str(told.folder / "nowhere")}),
        "missing variable": Call(there, environment=sdk_file(str(told.folder / "nowhere"))),
        "folder": Call({**there, "credentials_file": str(told.folder)}),
        "loop": Call({**there, "credentials_file": str(loop)}),
        "unknown profile": Call({**there, "credentials_file": good, "profile": "nobody"}),
        "no sk": Call({**there, "credentials_file": no_sk}),
        "no keys": Call({**there, "credentials_file": no_keys}),
        "bad region": Call({"endpoint": url, "credentials_file": bad_region}),
        # The project.
        "project looked up": Call({**both, "access_key": ak, "secret_key": sk}),
        "project none": Call({**both, "access_key": ak, "secret_key": sk, "region": "cn-nowhere-1"}),
        "project several": Call({**both, "access_key": ak, "secret_key": sk, "region": "cn-twice-1"}),
        "project strange": Call({**both, "access_key": ak, "secret_key": sk, "region": "cn-strange-1"}),
        "project of variable": Call(
            no_project,
            environment={**sdk, "HUAWEICLOUD_SDK_PROJECT_ID": info["project_id"], "HW_PROJECT_ID": "wrong"},
        ),
        "project of second variable": Call(no_project, environment={**sdk, "HW_PROJECT_ID": info["project_id"]}),
        "project of another region": Call({**both, **user, "region": info["regions"][1]}),
        "no region": Call({"access_key": ak, "secret_key": sk}),
        "no region for the project": Call({"endpoint": url, "access_key": ak, "secret_key": sk}),
        # The endpoints.
        "endpoint variable": Call(
            {"access_key": ak, "secret_key": sk, "project_id": info["project_id"]},
            environment={"HW_REGION_NAME": "cn-north-4", region_variable: f"{url},{NOBODY}"},
        ),
        "endpoint before variable": Call(
            {**there, "access_key": ak, "secret_key": sk}, environment={region_variable: NOBODY}
        ),
        "region of old variable": Call(
            {"access_key": ak, "secret_key": sk, "project_id": info["project_id"]},
            environment={"ANSIBLE_HWC_REGION": "cn-north-4", region_variable: url},
        ),
        "iam endpoint v3": Call({**no_project, **user, "iam_endpoint": f"{url}/v3"}),
        "iam endpoint v3 slash": Call({**no_project, **user, "iam_endpoint": f"{url}/v3/"}),
        "iam endpoint sdk variable": Call(
            {**no_project, **user}, environment={"HUAWEICLOUD_SDK_IAM_ENDPOINT": url, "HW_AUTH_URL": NOBODY}
        ),
        "iam endpoint hw variable": Call({**no_project, **user}, environment={"HW_AUTH_URL": f"{url}/v3"}),
        "default endpoint": Call({"region": "cn-north-4", "project_id": "p", **some, **dead}),
        "default iam": Call({"region": "cn-north-4", **some, **dead}),
        "european iam": Call({"region": "eu-west-101", **some, **dead}),
        "european workspace": Call({"region": "eu-west-101", "project_id": "p", **some, **dead}),
        "host without scheme": Call(
            {**there, "access_key": ak, "secret_key": sk, "endpoint": "workspace.example", **dead}
        ),
        # Logins that fail.
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
    "sdk temporary",
    "hw keys",
    "hw temporary",
    "hw token",
    "hw user",
    "old user",
    "default file",
    "file in task",
    "file variable",
    "short section",
    "profile in task",
    "profile variable",
    "task before all",
    "token before keys elsewhere",
    "sdk before hw",
    "hw before file",
    "file in task before environment",
    "profile in task before environment",
    "domain beside keys",
    "project looked up",
    "project of variable",
    "project of second variable",
    "endpoint variable",
    "endpoint before variable",
    "region of old variable",
    "iam endpoint v3",
    "iam endpoint v3 slash",
    "iam endpoint sdk variable",
    "iam endpoint hw variable",
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
    users: tuple[str, ...] = (
        "task user",
        "hw user",
        "old user",
        "hw before file",
        "project of another region",
        "wrong password",
        "unknown user",
    )
    users += ("iam endpoint v3", "iam endpoint v3 slash", "iam endpoint sdk variable", "iam endpoint hw variable")
    logins = [entry for entry in story.requests if entry["method"] == "POST"]
    assert len(logins) == len(users)
    assert {entry["path"] for entry in logins} == {"/v3/auth/tokens"}


BAD = {
    "mixed": ("secret_key", "HUAWEICLOUD_SDK_SK", "not mixed"),
    "mixed families": ("secret_key", "HW_SECRET_KEY", "not mixed"),
    "two kinds": ("more than one kind", "secret_key", "auth_token"),
    "two kinds in hw": ("more than one kind", "HW_SECRET_KEY", "HW_AUTH_TOKEN"),
    "keys and file": ("access_key", "credentials_file"),
    "no password": ("iam_password",),
    "no domain": ("iam_domain_name",),
    "token alone": ("access_key", "security_token"),
    "nothing": ("access_key", "auth_token", "iam_user_name", "profile", "credentials_file"),
    "malformed": ("credentials_file", "malformed", "line 3"),
    "headless": ("credentials_file", "headless", "line 1"),
    "doubled": ("credentials_file", "doubled", "line 4"),
    "binary": ("credentials_file", "UTF-8"),
    "missing": ("credentials_file", "nowhere", "No such file"),
    "missing variable": ("credentials_file", "nowhere", "No such file"),
    "folder": ("credentials_file", "directory"),
    "loop": ("credentials_file", "loop", "cannot be read"),
    "unknown profile": ("profile", "nobody", "credentials_file"),
    "no sk": ("sk", "secret_key"),
    "no keys": ("credentials_file", "ak", "sk"),
    "bad region": ("region", "profile"),
    "project none": ("project_id", "cn-nowhere-1", "region"),
    "project several": ("project_id", "first-id", "second-id", "region"),
    "no region": ("region", "endpoint", "project_id"),
    "no region for the project": ("region", "project_id"),
    "unknown user": ("HTTP 401", "/v3/auth/tokens"),
    "wrong password": ("HTTP 401", "/v3/auth/tokens"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_missing_or_doubled_is_said(story: Story, case: str) -> None:
    assert_failed(story.results[case], *BAD[case])
    assert CONTENT not in str(story.results[case])


def test_a_project_id_of_iam_cannot_change_the_path(story: Story) -> None:
    assert story.results["project strange"]["failed"]
    assert not [entry for entry in story.requests if "evil" in entry["target"]]


@pytest.mark.parametrize(
    ("case", "asked"),
    [
        ("default endpoint", "GET https://workspace.cn-north-4.myhuaweicloud.com/v2/p/connect-desktops"),
        ("default iam", "GET https://iam.cn-north-4.myhuaweicloud.com/v3/projects"),
        ("european iam", "GET https://iam.eu-west-101.myhuaweicloud.eu/v3/projects"),
        ("european workspace", "GET https://workspace.eu-west-101.myhuaweicloud.com/v2/p/connect-desktops"),
        ("host without scheme", "GET https://workspace.example/v2/"),
    ],
)
def test_endpoints_follow_from_the_region(story: Story, case: str, asked: str) -> None:
    assert_failed(story.results[case], asked, attempts=1)


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
    (request,) = cloud.requests()
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
