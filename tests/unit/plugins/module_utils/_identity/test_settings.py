# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import (
    Keys,
    Metadata,
    User,
)

from ....arguments import settings_of

SDK = {"HUAWEICLOUD_SDK_AK": "sdk-ak", "HUAWEICLOUD_SDK_SK": "sdk-sk"}
TERRAFORM = {"HW_ACCESS_KEY": "hw-ak", "HW_SECRET_KEY": "hw-sk"}
TASK = {"access_key": "ak", "secret_key": "sk"}
NO_KEYS = dict.fromkeys(TASK)
AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_name": "sales"}
STS_AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_id": "d"}
ENDPOINT = {"endpoint": "https://w.example", "project_id": "p", "region": None}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, without a credentials file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def credentials_file(home: Path, text: str, name: str = ".huaweicloud/credentials") -> str:
    path = home / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(environ: dict[str, str] | None = None, **options: Any) -> str:
    """The message of a refusal."""
    with pytest.raises(WorkspaceError) as caught:
        settings_of(environ, **{"region": "cn-north-4", **options})
    assert "\n" not in caught.value.message
    assert "S3CRET" not in caught.value.message
    assert (caught.value.facts["status_code"], caught.value.facts["attempts"]) == (None, None)
    return caught.value.message


def who(environ: dict[str, str] | None = None, **options: Any) -> Any:
    """The credentials for these options and this environment."""
    return settings_of(environ, region="cn-north-4", **options).credentials


WAYS = ("access_key", "auth_token", "iam_user_name", "ecs_metadata", "idp_id", "profile", "credentials_file")


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        (
            {"HUAWEICLOUD_SDK_SK": "x"},
            {"access_key": "a"},
            ("secret_key is missing", "HUAWEICLOUD_SDK_SK", "not mixed"),
        ),
        ({"HUAWEICLOUD_SDK_AK": "x", "HW_SECRET_KEY": "y"}, {}, ("HUAWEICLOUD_SDK_SK (secret_key)", "HW_SECRET_KEY")),
        ({"HW_SECURITY_TOKEN": "x"}, {}, ("HW_ACCESS_KEY (access_key) is missing",)),
        ({}, {"iam_user_name": "x", "iam_password": "y"}, ("iam_domain_name is missing",)),
        ({}, {"iam_domain_name": "x"}, ("iam_domain_name",)),
        ({}, {"profile": "p", "iam_domain_name": "d"}, ("iam_domain_name",)),
        ({}, {"iam_domain_name": "d", "ecs_metadata": True}, ("iam_domain_name",)),
        ({"ANSIBLE_HWC_USER": "x"}, {}, ("HW_USER_PASSWORD (iam_password) is missing",)),
        ({}, {"auth_token": "t", "iam_user_name": "u"}, ("more than one kind", "iam_user_name")),
        ({**TERRAFORM, "HW_AUTH_TOKEN": "t"}, {}, ("more than one kind", "HW_ACCESS_KEY", "HW_AUTH_TOKEN")),
        ({}, {**TASK, "ecs_metadata": True}, ("more than one kind", "access_key", "ecs_metadata")),
        ({**SDK, "HUAWEICLOUD_SDK_IDP_ID": "i"}, {}, ("more than one kind", "HUAWEICLOUD_SDK_IDP_ID")),
        ({}, {**TASK, "profile": "p"}, ("profile", "access_key", "one source")),
        ({}, {"credentials_file": "f", "ecs_metadata": True}, ("ecs_metadata and credentials_file", "one source")),
        ({}, {}, WAYS),
        ({"HUAWEICLOUD_SDK_IDP_ID": "i"}, {}, ("HUAWEICLOUD_SDK_ID_TOKEN_FILE (id_token_file) is missing",)),
        ({"HW_ASSUME_ROLE_ID_TOKEN_FILE": "i"}, {}, ("HW_ASSUME_ROLE_IDP_ID (idp_id) is missing",)),
        ({}, {"auth_token": "t", **STS_AGENCY}, ("assume_role_domain_id", "auth_token")),
        ({}, {**ENDPOINT, **TASK, **STS_AGENCY}, ("sts_endpoint or region is missing",)),
        ({}, {**ENDPOINT, **TASK, **AGENCY}, ("iam_endpoint or region is missing",)),
        ({}, {**ENDPOINT, **TASK, "project_id": None}, ("region is missing",)),
        ({}, {**TASK, "project_id": "p", "region": None}, ("region is missing",)),
        ({}, {**TASK, "sts_endpoint": "http://169.254.169.254"}, ("sts_endpoint", "plain http")),
        ({}, {"metadata_endpoint": "http://169.254.169.253"}, ("metadata_endpoint", "plain http", "169.254.169.254")),
        ({}, {"idp_id": "i\nx", "id_token_file": "f"}, ("idp_id of the task", "line break")),
        ({}, {"access_key": "a", "secret_key": "S3CRET "}, ("secret_key of the task",)),
        ({}, {"auth_token": "tök"}, ("auth_token of the task",)),
        # Wrong values.
        ({}, {"timeout": 0.0}, ("timeout",)),
        ({}, {"timeout": float("nan")}, ("timeout",)),
        ({}, {"total_timeout": float("inf")}, ("total_timeout",)),
        ({}, {"retry_max_delay": -0.1}, ("retry_max_delay",)),
        ({}, {"max_retries": 11}, ("max_retries",)),
        ({}, {"concurrency": 17}, ("concurrency is 17, but must be 1 to 16.",)),
        ({}, {"assume_role_duration": 899}, ("assume_role_duration is 899, but must be 900 to 86400 seconds.",)),
        ({}, {"secret_key": " "}, ("secret_key is empty or blank", "omit")),
        ({}, {**TASK, "region": "A"}, ("region",)),
        ({}, {**TASK, "project_id": "../x"}, ("project_id",)),
        ({}, {"endpoint": "https://h/p"}, ("endpoint",)),
        ({}, {**TASK, "iam_endpoint": "https://h/v2"}, ("iam_endpoint",)),
        ({}, {"ca_path": "/nowhere/ca.pem"}, ("ca_path",)),
        ({}, {"ca_path": "/x\0y"}, ("ca_path contains a NUL",)),
        ({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, {}, ("REQUESTS_CA_BUNDLE (ca_path)",)),
        ({}, {"proxy": "socks5://h"}, ("proxy",)),
        ({}, {**TASK, "proxy": "http://h:1", "endpoint": "http://127.0.0.1"}, ("proxy",)),
        ({"HW_PROJECT_ID": "a/b"}, TASK, ("HW_PROJECT_ID (project_id)",)),
        ({"HW_AUTH_URL": "http://h"}, TASK, ("HW_AUTH_URL (iam_endpoint)",)),
        ({"HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4": "h/p"}, TASK, ("CN_NORTH_4 (endpoint)",)),
    ],
)
def test_wrong_input_is_an_error_that_names_it(environ: Any, options: Any, words: tuple[str, ...]) -> None:
    message = refused(environ, **options)
    assert [part for part in words if part not in message] == [], message


CLOUD = {"HW_CLOUD": "cloud.example"}


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        (CLOUD, TASK, "HW_CLOUD is not supported: set endpoint instead"),
        ({"ANSIBLE_HWC_CLOUD": "x.example"}, {**TASK, "endpoint": "h"}, "ANSIBLE_HWC_CLOUD is not supported: set iam_"),
        (CLOUD, {**TASK, **STS_AGENCY, "endpoint": "h", "iam_endpoint": "i"}, "HW_CLOUD is not supported: set sts"),
        ({"HUAWEICLOUD_SDK_REGIONS_FILE": "f"}, TASK, "HUAWEICLOUD_SDK_REGIONS_FILE is not supported: set endpoint"),
        ({"ANSIBLE_HWC_PROJECT_ID": "p"}, TASK, "ANSIBLE_HWC_PROJECT_ID is not supported: set project_id or HW_PROJ"),
        ({"HW_SHARED_CONFIG_FILE": "f", "HW_PROFILE": "p"}, {}, "HW_SHARED_CONFIG_FILE is not supported: set cred"),
        ({"ANSIBLE_HWC_ACCESS_KEY": "S3CRET", "ANSIBLE_HWC_SECRET_KEY": "S3CRET"}, {}, "ANSIBLE_HWC_ACCESS_KEY is not"),
        ({"HW_ACCESS_KEY": "a", "ANSIBLE_HWC_SECRET_KEY": "S3CRET"}, {}, "ANSIBLE_HWC_SECRET_KEY is not supported"),
        ({"HW_USER_ID": "u", "HW_USER_PASSWORD": "S3CRET", "HW_DOMAIN_NAME": "d"}, {}, "HW_USER_ID is not supported"),
        ({"HW_USER_NAME": "u", "HW_USER_PASSWORD": "S3CRET", "HW_DOMAIN_ID": "d"}, {}, "HW_DOMAIN_ID is not supported"),
        ({"HW_ASSUME_ROLE_ID_TOKEN": "S3CRET", "HW_ASSUME_ROLE_IDP_ID": "i"}, {}, "HW_ASSUME_ROLE_ID_TOKEN is not"),
        ({"HW_CLOUD": "myhuaweicloud.eu"}, TASK, "HW_CLOUD is not supported: set endpoint instead"),
    ],
)
def test_a_variable_of_other_tools_that_would_count_is_named(
    home: Path, environ: dict[str, str], options: Any, words: str
) -> None:
    # Whoever it means is not who the file means.
    credentials_file(home, "[basic]\nak = 1\nsk = 1\n")
    assert refused(environ, **options).startswith(words)


LIKE_ACCESS = "ABCDEFGHIJ0123456789"
LIKE_SECRET = "abcdefghijklmnopqrst" + LIKE_ACCESS


@pytest.mark.parametrize("in_place_of_access_key", [LIKE_SECRET, LIKE_SECRET.upper(), "in-lower-case"])
def test_swapped_keys_are_refused_and_not_shown(home: Path, in_place_of_access_key: str) -> None:
    values = (in_place_of_access_key, LIKE_ACCESS)
    credentials_file(home, "[basic]\nak = {}\nsk = {}\n".format(*values))
    for words, environ, options in (
        ("access_key and secret_key of the task", {}, dict(zip(TASK, values))),
        ("HW_ACCESS_KEY and HW_SECRET_KEY of the environment", dict(zip(TERRAFORM, values)), {}),
        ("ak and sk of profile basic", {}, {}),
    ):
        secrets = Secrets()
        with pytest.raises(WorkspaceError, match="appear to be swapped") as caught:
            settings_of(environ, secrets, region="cn-north-4", **options)
        assert words in caught.value.message
        assert not [value for value in values if value in caught.value.message]
        assert not options or set(values) <= set(secrets)


@pytest.mark.parametrize(
    ("access_key", "secret_key"),
    [(LIKE_ACCESS, LIKE_SECRET), ("lower-case", "secret"), (LIKE_ACCESS, LIKE_ACCESS), (LIKE_SECRET, LIKE_SECRET)],
)
def test_keys_of_any_other_form_are_taken(access_key: str, secret_key: str) -> None:
    secrets = Secrets()
    found = settings_of({}, secrets, region="cn-north-4", access_key=access_key, secret_key=secret_key)
    assert found.credentials.access_key == access_key
    # What may be a secret key in the place of the access key is kept out of messages.
    assert (access_key in set(secrets)) == (access_key in (LIKE_SECRET, secret_key))


def test_profiles_are_read_from_the_sections_of_the_file(home: Path) -> None:
    path = credentials_file(home, "[basiccredentials]\nak=1\nsk=a%b\n[extra]\nak = 2\nsk = x\nsecurity_token = t\n")
    assert who() == Keys("1", "a%b")
    assert who({"HW_USER_NAME": "u ", "HW_USER_PASSWORD": " p ", "HW_DOMAIN_NAME": "d"}) == User("u", " p ", "d")
    assert who({"HW_PROFILE": "extra"}) == Keys("2", "x", "t")
    # A file or profile in the task goes before the environment; even if it is the default.
    environ = {**SDK, **TERRAFORM, "HW_PROFILE": "extra", "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/nowhere"}
    assert who(environ, credentials_file=path).access_key == "2"
    assert who({**SDK, **TERRAFORM}, profile="extra").access_key == "2"
    credentials_file(home, "[basiccredentials]\nak=1\nsk=1\n[basic]\nak=2\nsk=2\n")
    assert who().access_key == "2"
    other = credentials_file(home, "[basic]\nak = other\nsk = other\n", "other")
    assert who({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": other}).access_key == "other"
    # Variables of other tools that change nothing here.
    assert who({"HW_DOMAIN_ID": "d", "HW_DOMAIN_NAME": "d"}).access_key == "2"
    ids = {"HW_DOMAIN_ID": "d", "HW_USER_ID": "u", "HW_SHARED_CONFIG_FILE": "f", "ANSIBLE_HWC_ACCESS_KEY": "a"}
    assert [who({**ids, **keys}).access_key for keys in (TERRAFORM, SDK)] == ["hw-ak", "sdk-ak"]
    assert [who(ids, **TASK).access_key, who(ids, profile="basic").access_key] == ["ak", "2"]
    ids = {"HW_DOMAIN_ID": "d", "HW_DOMAIN_NAME": "d", "HW_SHARED_CONFIG_FILE": "f"}
    assert [who({**ids, **keys}).access_key for keys in (TERRAFORM, SDK)] == ["hw-ak", "sdk-ak"]


@pytest.mark.parametrize("text", ["[global]\nak = 1\nsk = 1\n", "[basic]\nproject_id = 1\n"])
def test_a_default_file_without_use_is_as_if_absent(home: Path, text: str) -> None:
    credentials_file(home, text)
    assert refused().startswith("No credentials in the task, the environment (HUAWEICLOUD_SDK_AK and _SK) or ~/.huawei")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[basic]\nak = 1\nnot a setting S3CRET\n", "line 3"),
        ("ak = S3CRET\n", "line 1"),
        ("[basic]\nak = S3CRET\nak = S3CRET\n", "line 3"),
        ("[basic]\nsk = S3CRET\n", "ak (access_key) is missing"),
        ("[other]\nak = S3CRET\n", "sections are: other"),
        ("[basic]\nproject_id = 1\n", "contains no credentials"),
        ("[basic]\nak = 1\nsk = 1\nregion = evil.com/S3CRET\n", "region of profile basic (region)"),
    ],
)
def test_a_bad_file_is_named_with_the_line_and_never_its_content(home: Path, text: str, words: str) -> None:
    path = credentials_file(home, text, "named")
    message = refused(credentials_file=path, region=None)
    assert words in message
    assert path in message or "region" in words


def test_a_file_that_cannot_be_read(home: Path) -> None:
    absent = str(home / "absent")
    assert "cannot be read: No such file" in refused(credentials_file=absent)
    assert "cannot be read: No such file" in refused({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": absent})
    file, unset = home / ".huaweicloud" / "credentials", "Unset HW_PROFILE if it is for another tool."
    message = f"HW_PROFILE is default, but credentials_file {file} cannot be read: No such file or directory. {unset}"
    assert refused({"HW_PROFILE": "default"}) == message
    (home / "binary").write_bytes(b"[basic]\nak = \xff\xfe\n")
    assert "not UTF-8" in refused(credentials_file=str(home / "binary"))
    credentials_file(home, "[basic]\nak = 1\nsk = 1\n")
    assert f"profile nope is not in credentials_file {file}; its sections are: basic" in refused(profile="nope")


def test_the_place_of_credentials_and_project_is_told(home: Path) -> None:
    def sources(environ: dict[str, str], **options: Any) -> tuple[str | None, str | None]:
        settings = settings_of(environ, region="cn-north-4", **options)
        return settings.credentials_source, settings.project_id_source

    assert sources({"HW_PROJECT_ID": "p"}, **TASK) == ("the task", "the environment (HW_PROJECT_ID)")
    assert sources(SDK, project_id="p") == ("the environment (HUAWEICLOUD_SDK_AK)", "the task")
    assert sources({"HW_DOMAIN_NAME": "d", **TERRAFORM}) == ("the environment (HW_ACCESS_KEY)", None)
    assert sources(SDK, ecs_metadata=True) == ("the ECS metadata service (ecs_metadata)", None)
    assumed = "agency audit of account sales, assumed with the environment (HUAWEICLOUD_SDK_AK)"
    assert sources(SDK, **AGENCY) == (assumed, None)
    credentials_file(home, "[basic]\nak = 1\nsk = 1\n")
    assert sources({}) == ("profile basic of ~/.huaweicloud/credentials", None)
    other = credentials_file(home, "[audit]\nak = 1\nsk = 1\nproject_id = p\n", "other")
    assert sources({}, credentials_file=other, profile="audit") == (f"profile audit of {other}",) * 2


R_1 = "https://workspace.r-1.myhuaweicloud.com"


@pytest.mark.parametrize(
    ("environ", "options", "known"),
    [
        ({"HW_REGION_NAME": "r-1", "HW_PROJECT_ID": "p"}, {}, ("p", "r-1", R_1, None)),
        ({}, {**TASK, "endpoint": "https://ws.example.com"}, (None, None, "https://ws.example.com", "the task")),
        ({}, {**TASK, "region": "r-1", "project_id": "a/b"}, (None, "r-1", R_1, "the task")),
    ],
)
def test_a_failure_tells_what_is_known_by_then(environ: Any, options: Any, known: tuple[Any, ...]) -> None:
    with pytest.raises(WorkspaceError) as caught:
        settings_of(environ, **options)
    assert tuple(map(caught.value.facts.get, ("project_id", "region", "endpoint", "credentials_source"))) == known


HOST = "https://{}.cn-north-4.myhuaweicloud.com"
STS, WORKSPACE = "HUAWEICLOUD_SDK_STS_ENDPOINT", "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"
HWC_IAM = {"ANSIBLE_HWC_IDENTITY_ENDPOINT": "https://iam.hwc/v3"}
NAMES = {"HW_PROJECT_NAME": "cn-north-4_dev", "ANSIBLE_HWC_PROJECT": "cn-north-4_hwc"}
SDK_IAM, AUTH_URL = {"HUAWEICLOUD_SDK_IAM_ENDPOINT": "iam.sdk"}, {"HW_AUTH_URL": "https://iam.hw/v3"}
PROJECTS = {"HW_PROJECT_ID": "hw", "HUAWEICLOUD_SDK_PROJECT_ID": "sdk"}
REGIONS = {"HW_REGION_NAME": "hw-1", "ANSIBLE_HWC_REGION": "hwc-1"}
NO_REGION = {"region": None}
P = {"project_id": "p"}
FILE = """
[basic]
ak = a
sk = s
region = file-1
project_id = theirs
iam_endpoint = iam.file
[bare]
ak = a
sk = s
"""


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [
        ({}, {}, {"endpoint": HOST.format("workspace"), "iam_endpoint": HOST.format("iam")}),
        ({}, {}, {"project_id": None, "project_name": "cn-north-4"}),
        ({WORKSPACE: "https://one.example, https://two.example"}, {}, {"endpoint": "https://one.example"}),
        ({WORKSPACE: "one.example"}, {"endpoint": "ws.example"}, {"endpoint": "https://ws.example"}),
        ({**AUTH_URL, **SDK_IAM}, {}, {"iam_endpoint": "https://iam.sdk"}),
        ({**HWC_IAM, **AUTH_URL}, {}, {"iam_endpoint": "https://iam.hw"}),
        (HWC_IAM, {}, {"iam_endpoint": "https://iam.hwc"}),
        (SDK_IAM, {"iam_endpoint": "iam.example/v3/"}, {"iam_endpoint": "https://iam.example"}),
        # The profile's settings come with its keys only.
        ({}, {**NO_KEYS, **NO_REGION}, {"region": "file-1", "project_id": "theirs", "iam_endpoint": ""}),
        (SDK, NO_KEYS, {"project_id": None, "iam_endpoint": HOST.format("iam")}),
        ({**REGIONS, "HW_PROJECT_ID": "hw"}, NO_REGION, {"region": "hw-1", "project_id": "hw"}),
        ({"ANSIBLE_HWC_REGION": "hwc-1", **PROJECTS}, NO_REGION, {"region": "hwc-1", "project_id": "sdk"}),
        ({**REGIONS, **PROJECTS}, P, {"region": "cn-north-4", "project_id": "p"}),
        ({}, {**ENDPOINT, "endpoint": "h"}, {"region": None, "endpoint": "https://h", "iam_endpoint": ""}),
        # A profile that the task names comes before the environment.
        (PROJECTS, {**NO_KEYS, "profile": "basic"}, {"project_id": "theirs"}),
        (REGIONS, {**NO_KEYS, **NO_REGION, "profile": "basic"}, {"region": "file-1"}),
        (PROJECTS, {**NO_KEYS, "credentials_file": "~/.huaweicloud/credentials"}, {"project_id": "theirs"}),
        (PROJECTS, {**NO_KEYS, **P, "profile": "basic"}, {"project_id": "p"}),
        (PROJECTS, {**NO_KEYS, "profile": "bare"}, {"project_id": "sdk"}),
        ({**PROJECTS, "HW_PROFILE": "basic"}, NO_KEYS, {"project_id": "sdk"}),
        # Where keys are asked for.
        ({}, P, {"iam_endpoint": "", "sts_endpoint": ""}),
        ({}, {**P, **AGENCY}, {"iam_endpoint": HOST.format("iam"), "sts_endpoint": ""}),
        ({}, {**P, **STS_AGENCY}, {"iam_endpoint": "", "sts_endpoint": HOST.format("sts")}),
        ({}, {"region": "eu-west-101", **STS_AGENCY}, {"sts_endpoint": "https://sts.eu-west-101.myhuaweicloud.eu"}),
        ({STS: "sts.example"}, STS_AGENCY, {"sts_endpoint": "https://sts.example"}),
        ({STS: "x"}, {**STS_AGENCY, "sts_endpoint": "https://127.0.0.1:1"}, {"sts_endpoint": "https://127.0.0.1:1"}),
        ({}, {**P, **NO_KEYS, "idp_id": "i", "id_token_file": "f"}, {"iam_endpoint": HOST.format("iam")}),
        *(
            ({}, {**NO_KEYS, "ecs_metadata": True, "metadata_endpoint": address}, {"credentials": Metadata(address)})
            for address in ("https://metadata", "http://169.254.169.254:8080", "http://[::1]:1")
        ),
        # A project by its name, which goes after every ID.
        (NAMES, {}, {"project_id": None, "project_name": "cn-north-4_dev"}),
        ({"ANSIBLE_HWC_PROJECT": "cn-north-4_hwc"}, {}, {"project_id": None, "project_name": "cn-north-4_hwc"}),
        (NAMES, P, {"project_id": "p", "project_name": "", "iam_endpoint": ""}),
        ({**NAMES, "HW_PROJECT_ID": "hw"}, {}, {"project_id": "hw", "project_name": ""}),
        (NAMES, {**NO_REGION, "endpoint": "h", "iam_endpoint": "i"}, {"project_name": "cn-north-4_dev"}),
        # Another region in the task than the name has; other clouds name their projects as they like.
        (NAMES, {"region": "cn-east-3"}, {"project_name": "cn-east-3"}),
        ({"HW_PROJECT_NAME": "my-project"}, {}, {"project_name": "my-project"}),
        ({"HW_PROJECT_NAME": "eu-de_sales"}, {"region": "eu-nl"}, {"project_name": "eu-nl"}),
        ({"HW_PROJECT_NAME": "eu-nl_sales"}, {"region": "eu-nl"}, {"project_name": "eu-nl_sales"}),
        ({**NAMES, "HW_REGION_NAME": "cn-east-3"}, NO_REGION, {"project_name": "cn-north-4_dev"}),
        # Variables of other tools that change nothing here.
        ({"HW_CLOUD": "myhuaweicloud.com"}, {}, {"iam_endpoint": HOST.format("iam")}),
        (CLOUD, {"endpoint": "h", **P}, {"endpoint": "https://h"}),
        ({"ANSIBLE_HWC_PROJECT_ID": "x", "HW_PROJECT_ID": "hw"}, {}, {"project_id": "hw"}),
        # An agency takes the project id of the task only.
        ({**NAMES, **PROJECTS}, {**NO_KEYS, **AGENCY}, {"project_id": None, "project_name": "cn-north-4_dev"}),
        ({**PROJECTS, "HW_ASSUME_ROLE_AGENCY_NAME": "a", "HW_ASSUME_ROLE_DOMAIN_ID": "d"}, {}, {"project_id": None}),
        (PROJECTS, {**AGENCY, "project_id": "ours"}, {"project_id": "ours"}),
        ({}, {**NO_KEYS, **AGENCY, "profile": "basic"}, {"project_id": None, "iam_endpoint": "https://iam.file"}),
    ],
)
def test_region_project_and_endpoints_come_from_the_first_source_that_has_them(
    home: Path, environ: Any, options: Any, expected: dict[str, Any]
) -> None:
    credentials_file(home, FILE)
    settings = settings_of(environ, **{"region": "cn-north-4", **TASK, **options})
    assert {name: getattr(settings, name) for name in expected} == expected


def test_the_ca_bundle_comes_from_the_first_source_that_has_one(tmp_path: Path) -> None:
    bundle, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    bundle.touch()
    other.touch()
    variables = {"REQUESTS_CA_BUNDLE": str(other), "CURL_CA_BUNDLE": "/nowhere"}
    known = {"region": "cn-north-4", **TASK}
    assert settings_of(**known).verify is None
    assert settings_of(variables, **known).verify == str(other)
    assert settings_of({"CURL_CA_BUNDLE": str(other)}, **known).verify == str(other)
    assert settings_of(variables, ca_path=str(bundle), **known).verify == str(bundle)
    assert settings_of({"REQUESTS_CA_BUNDLE": "/nowhere"}, validate_certs=False, **known).verify is False
