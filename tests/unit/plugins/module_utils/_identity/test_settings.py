# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks and where: sources of credentials, their order, and everything that is wrong before a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import Keys, Metadata
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings, resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import common_arguments

SDK = {"HUAWEICLOUD_SDK_AK": "sdk-ak", "HUAWEICLOUD_SDK_SK": "sdk-sk"}
TERRAFORM = {"HW_ACCESS_KEY": "hw-ak", "HW_SECRET_KEY": "hw-sk"}
USER = {"HW_USER_NAME": "u", "HW_USER_PASSWORD": " p ", "HW_DOMAIN_NAME": "d"}
TASK = {"access_key": "ak", "secret_key": "sk"}
AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_name": "sales"}
STS_AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_id": "d"}
ID = "0bec5db98280d2d02fd6c00c2de791ce"
DEFAULTS = {name: option.get("default") for name, option in common_arguments(lambda *_names: None).items()}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, without a credentials file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def credentials_file(home: Path, text: str, name: str = ".huaweicloud/credentials") -> str:
    """Write a credentials file."""
    path = home / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def settled(environ: dict[str, str] | None = None, **options: Any) -> Settings:
    """The settings for these options and this environment."""
    given = {**DEFAULTS, **options}
    return resolve_settings(given, environ or {}, file_in_task="credentials_file" in options, secrets=Secrets())


def refused(environ: dict[str, str] | None = None, **options: Any) -> str:
    """The message of a refusal."""
    with pytest.raises(WorkspaceError) as caught:
        settled(environ, **{"region": "cn-north-4", **options})
    assert "\n" not in caught.value.message
    assert (caught.value.facts["status_code"], caught.value.facts["attempts"]) == (None, None)
    return caught.value.message


def who(environ: dict[str, str] | None = None, **options: Any) -> Any:
    """The credentials for these options and this environment."""
    return settled(environ, region="cn-north-4", **options).credentials


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        (
            {"HUAWEICLOUD_SDK_SK": "x"},
            {"access_key": "a"},
            ("secret_key is missing", "HUAWEICLOUD_SDK_SK", "not mixed"),
        ),
        ({"HW_ACCESS_KEY": "x"}, {"secret_key": "a"}, ("access_key is missing", "HW_ACCESS_KEY", "not mixed")),
        (
            {"HUAWEICLOUD_SDK_AK": "x", "HW_SECRET_KEY": "y"},
            {},
            ("HUAWEICLOUD_SDK_SK (secret_key) is missing", "HW_SECRET_KEY"),
        ),
        ({"HW_SECURITY_TOKEN": "x"}, {}, ("HW_ACCESS_KEY (access_key) is missing",)),
        ({}, {"security_token": "x"}, ("access_key is missing",)),
        ({}, {"iam_user_name": "x"}, ("iam_password is missing",)),
        ({}, {"iam_user_name": "x", "iam_password": "y"}, ("iam_domain_name is missing",)),
        ({}, {"iam_domain_name": "x"}, ("iam_domain_name",)),
        ({"ANSIBLE_HWC_USER": "x"}, {}, ("HW_USER_PASSWORD (iam_password) is missing",)),
        ({}, {**TASK, "auth_token": "t"}, ("more than one kind", "access_key", "auth_token")),
        ({}, {"auth_token": "t", "iam_user_name": "u"}, ("more than one kind", "iam_user_name")),
        ({**TERRAFORM, "HW_AUTH_TOKEN": "t"}, {}, ("more than one kind", "HW_ACCESS_KEY", "HW_AUTH_TOKEN")),
        ({}, {**TASK, "profile": "p"}, ("profile", "access_key", "one source")),
        ({}, {**TASK, "credentials_file": "f"}, ("credentials_file", "one source")),
        ({}, {"profile": "p", "iam_domain_name": "d"}, ("iam_domain_name",)),
        (
            {},
            {},
            ("access_key", "auth_token", "iam_user_name", "ecs_metadata", "idp_id", "profile", "credentials_file"),
        ),
        ({}, {"idp_id": "i"}, ("id_token_file is missing", "idp_id")),
        ({"HUAWEICLOUD_SDK_IDP_ID": "i"}, {}, ("HUAWEICLOUD_SDK_ID_TOKEN_FILE (id_token_file) is missing",)),
        ({"HW_ASSUME_ROLE_ID_TOKEN_FILE": "i"}, {}, ("HW_ASSUME_ROLE_IDP_ID (idp_id) is missing",)),
        ({}, {"idp_id": "i\nx", "id_token_file": "f"}, ("idp_id of the task", "line break")),
        ({}, {**TASK, "ecs_metadata": True}, ("more than one kind", "access_key", "ecs_metadata")),
        ({}, {"profile": "p", "ecs_metadata": True}, ("ecs_metadata and profile", "one source")),
        ({}, {"credentials_file": "f", "ecs_metadata": True}, ("ecs_metadata and credentials_file",)),
        ({}, {"idp_id": "i", "id_token_file": "f", "ecs_metadata": True}, ("more than one kind", "ecs_metadata")),
        ({}, {"iam_domain_name": "d", "ecs_metadata": True}, ("iam_domain_name",)),
        ({}, {**TASK, "idp_id": "i"}, ("more than one kind", "idp_id")),
        ({**SDK, "HUAWEICLOUD_SDK_IDP_ID": "i"}, {}, ("more than one kind", "HUAWEICLOUD_SDK_IDP_ID")),
        ({}, {"auth_token": "t", **STS_AGENCY}, ("assume_role_domain_id", "auth_token")),
        (
            {},
            {"endpoint": "https://w.example", "project_id": "p", "region": None, **TASK, **STS_AGENCY},
            ("sts_endpoint or region is missing",),
        ),
        (
            {},
            {"endpoint": "https://w.example", "project_id": "p", "region": None, **TASK, **AGENCY},
            ("iam_endpoint or region is missing",),
        ),
        ({}, {**TASK, "sts_endpoint": "http://sts.example"}, ("sts_endpoint", "plain http")),
        ({}, {**TASK, "sts_endpoint": "http://169.254.169.254"}, ("sts_endpoint", "plain http")),
        ({}, {"endpoint": "http://169.254.169.254"}, ("endpoint", "plain http")),
        ({}, {"metadata_endpoint": "http://169.254.169.253"}, ("metadata_endpoint", "plain http", "169.254.169.254")),
        ({}, {"metadata_endpoint": "http://metadata.example"}, ("metadata_endpoint", "plain http")),
        ({}, {"metadata_endpoint": "http://127.0.0.1/x"}, ("metadata_endpoint", "path")),
        ({}, {"access_key": "a\nb", "secret_key": "s"}, ("access_key of the task", "line break")),
        ({}, {"access_key": "a", "secret_key": "s "}, ("secret_key of the task",)),
        ({}, {"auth_token": "tök"}, ("auth_token of the task",)),
    ],
)
def test_what_is_missing_or_doubled_is_said(environ: Any, options: Any, words: tuple[str, ...]) -> None:
    message = refused(environ, **options)
    for part in words:
        assert part in message


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        ({"HW_CLOUD": "cloud.example"}, TASK, "HW_CLOUD is not supported: set endpoint instead"),
        (
            {"ANSIBLE_HWC_CLOUD": "cloud.example"},
            {**TASK, "endpoint": "h"},
            "ANSIBLE_HWC_CLOUD is not supported: set iam_",
        ),
        (
            {"HW_CLOUD": "cloud.example"},
            {**TASK, **STS_AGENCY, "endpoint": "h", "iam_endpoint": "i"},
            "HW_CLOUD is not supported: set sts_endpoint or HUAWEICLOUD_SDK_STS_ENDPOINT instead",
        ),
        ({"HUAWEICLOUD_SDK_REGIONS_FILE": "f"}, TASK, "HUAWEICLOUD_SDK_REGIONS_FILE is not supported: set endpoint"),
        (
            {"ANSIBLE_HWC_PROJECT_ID": "p"},
            TASK,
            "ANSIBLE_HWC_PROJECT_ID is not supported: set project_id or HW_PROJECT_ID",
        ),
        (
            {"HW_SHARED_CONFIG_FILE": "f"},
            {},
            "HW_SHARED_CONFIG_FILE is not supported: set credentials_file or HUAWEICLOUD_",
        ),
        ({"HW_SHARED_CONFIG_FILE": "f", "HW_PROFILE": "p"}, {}, "HW_SHARED_CONFIG_FILE is not supported"),
    ],
)
def test_a_variable_of_other_tools_that_would_count_is_named(
    home: Path, environ: dict[str, str], options: Any, words: str
) -> None:
    # Whoever it means is not who the file means.
    credentials_file(home, "[basic]\nak = 1\nsk = 1\n")
    assert refused(environ, **options).startswith(words)


def test_a_variable_of_other_tools_that_does_not_count_is_passed_over(home: Path) -> None:
    credentials_file(home, "[basic]\nak = file\nsk = 1\n")
    ids = {
        "HW_DOMAIN_ID": "d",
        "HUAWEICLOUD_SDK_DOMAIN_ID": "d",
        "HW_ENTERPRISE_PROJECT_ID": "0",
        "HW_INSECURE": "true",
    }
    assert who(ids).access_key == "file"
    others = {**ids, "HW_USER_ID": "u", "HW_SHARED_CONFIG_FILE": "f", "ANSIBLE_HWC_ACCESS_KEY": "a"}
    assert who({**others, **TERRAFORM}).access_key == "hw-ak"
    assert who({**others, **SDK}).access_key == "sdk-ak"
    assert who(others, **TASK).access_key == "ak"
    assert who(others, profile="basic").access_key == "file"


LIKE_ACCESS = "ABCDEFGHIJ0123456789"
LIKE_SECRET = "abcdefghijklmnopqrst" + LIKE_ACCESS


@pytest.mark.parametrize("in_place_of_access_key", [LIKE_SECRET, LIKE_SECRET.upper(), "in-lower-case"])
def test_swapped_keys_are_refused_and_not_shown(home: Path, in_place_of_access_key: str) -> None:
    def secrets_of_refusal(words: str, environ: dict[str, str] | None = None, **options: Any) -> set[str]:
        secrets = Secrets()
        given = {**DEFAULTS, "region": "cn-north-4", **options}
        with pytest.raises(WorkspaceError, match="appear to be swapped") as caught:
            resolve_settings(given, environ or {}, file_in_task=False, secrets=secrets)
        assert words in caught.value.message
        assert in_place_of_access_key not in caught.value.message
        assert LIKE_ACCESS not in caught.value.message
        return set(secrets)

    keys = {"access_key": in_place_of_access_key, "secret_key": LIKE_ACCESS}
    assert set(keys.values()) <= secrets_of_refusal("access_key and secret_key of the task", **keys)
    variables = {"HW_ACCESS_KEY": in_place_of_access_key, "HW_SECRET_KEY": LIKE_ACCESS}
    secrets_of_refusal("HW_ACCESS_KEY and HW_SECRET_KEY of the environment", variables)
    credentials_file(home, f"[basic]\nak = {in_place_of_access_key}\nsk = {LIKE_ACCESS}\n")
    secrets_of_refusal("ak and sk of profile basic")


@pytest.mark.parametrize(
    ("access_key", "secret_key"),
    [(LIKE_ACCESS, LIKE_SECRET), ("lower-case", "secret"), (LIKE_ACCESS, LIKE_ACCESS), (LIKE_SECRET, LIKE_SECRET)],
)
def test_keys_of_any_other_form_are_taken(access_key: str, secret_key: str) -> None:
    secrets = Secrets()
    given = {**DEFAULTS, "region": "cn-north-4", "access_key": access_key, "secret_key": secret_key}
    found = resolve_settings(given, {}, file_in_task=False, secrets=secrets)
    assert found.credentials.access_key == access_key
    # What may be a secret key in the place of the access key is kept out of messages.
    assert (access_key in set(secrets)) == (access_key in (LIKE_SECRET, secret_key))


def test_profiles_are_read_from_the_sections_of_the_file(home: Path) -> None:
    credentials_file(home, "[basiccredentials]\nak=1\nsk=a%b\n[extra]\nak = 2\nsk = x\nsecurity_token = t\n")
    assert who() == Keys("1", "a%b")
    assert who(profile="extra") == Keys("2", "x", "t")
    assert who({"HW_PROFILE": "extra"}).access_key == "2"
    credentials_file(home, "[basiccredentials]\nak=1\nsk=1\n[basic]\nak=2\nsk=2\n")
    assert who().access_key == "2"
    other = credentials_file(home, "[basic]\nak = other\nsk = other\n", "other")
    assert who(credentials_file=other).access_key == "other"
    assert who({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": other}).access_key == "other"
    assert who({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/nowhere"}, credentials_file=other).access_key == "other"


def test_a_file_in_the_task_beats_the_environment(home: Path) -> None:
    path = credentials_file(home, "[basic]\nak = file\nsk = file\n[p]\nak = p\nsk = p\n")
    environ = {**SDK, **TERRAFORM, "HW_PROFILE": "basic"}
    assert who(environ, profile="p").access_key == "p"
    # Even if the task says the default: it says so.
    assert who(environ, credentials_file=path).access_key == "file"


NOTHING = "No credentials in the task, the environment (HUAWEICLOUD_SDK_AK and _SK) or ~/.huaweicloud/credentials. Set "


def test_a_default_file_without_use_is_as_if_absent(home: Path) -> None:
    credentials_file(home, "[global]\nak = 1\nsk = 1\n")
    assert refused().startswith(NOTHING)
    credentials_file(home, "[basic]\nproject_id = 1\n")
    assert refused().startswith(NOTHING)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[basic]\nak = 1\nnot a setting S3CRET\n", "line 3"),
        ("ak = S3CRET\n", "line 1"),
        ("[basic]\nak = S3CRET\nak = S3CRET\n", "line 3"),
        ("[basic]\n[basic]\n", "line 2"),
        ("[basic]\nsk = S3CRET\n", "ak (access_key) is missing"),
        ("[other]\nak = S3CRET\n", "sections are: other"),
        ("", "sections are: none"),
        ("[basic]\nproject_id = 1\n", "contains no credentials"),
    ],
)
def test_a_bad_file_is_named_with_the_line_and_never_its_content(home: Path, text: str, words: str) -> None:
    path = credentials_file(home, text, "named")
    message = refused(credentials_file=path)
    assert words in message
    assert path in message
    assert "S3CRET" not in message


def test_a_setting_of_a_profile_is_named_and_never_shown(home: Path) -> None:
    credentials_file(home, "[basic]\nak = 1\nsk = 1\nregion = evil.com/S3CRET\n")
    message = refused(region=None)
    assert "region of profile basic (region)" in message
    assert "S3CRET" not in message


def test_a_file_that_cannot_be_read(home: Path) -> None:
    assert "cannot be read: No such file" in refused(credentials_file=str(home / "absent"))
    assert "cannot be read: No such file" in refused({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(home / "absent")})
    file = home / ".huaweicloud" / "credentials"
    unset = "Unset HW_PROFILE if it is for another tool."
    message = refused({"HW_PROFILE": "default"})
    assert message == (
        f"HW_PROFILE is default, but credentials_file {file} cannot be read: No such file or directory. {unset}"
    )
    assert "cannot be read: Is a directory" in refused(credentials_file=str(home))
    (home / "binary").write_bytes(b"[basic]\nak = \xff\xfe\n")
    assert "not UTF-8" in refused(credentials_file=str(home / "binary"))
    path = credentials_file(home, "[basic]\nak = 1\nsk = 1\n")
    message = refused({"HW_PROFILE": "default"})
    assert message.startswith(f"HW_PROFILE is default, but profile default is not in credentials_file {file}; ")
    message = refused(profile="nope")
    assert "profile nope is not in" in message
    assert path in message
    assert "basic" in message


def test_the_place_of_credentials_and_project_is_told(home: Path) -> None:
    def sources(environ: dict[str, str], **options: Any) -> tuple[str, str | None]:
        settings = settled(environ, region="cn-north-4", **options)
        return settings.credentials_source, settings.project_id_source

    assert sources({"HW_PROJECT_ID": "p"}, **TASK) == ("the task", "the environment (HW_PROJECT_ID)")
    assert sources(SDK, project_id="p") == ("the environment (HUAWEICLOUD_SDK_AK)", "the task")
    assert sources({"HW_DOMAIN_NAME": "d", **TERRAFORM}) == ("the environment (HW_ACCESS_KEY)", None)
    assert sources({"HW_AUTH_TOKEN": "t"}) == ("the environment (HW_AUTH_TOKEN)", None)
    assert "HW_ASSUME_ROLE_IDP_ID" in sources({"HW_ASSUME_ROLE_IDP_ID": "i", "HW_ASSUME_ROLE_ID_TOKEN_FILE": "f"})[0]
    assert sources(SDK, ecs_metadata=True) == ("the ECS metadata service (ecs_metadata)", None)
    assumed = "agency audit of account sales, assumed with the environment (HUAWEICLOUD_SDK_AK)"
    assert sources(SDK, **AGENCY) == (assumed, None)
    older = {"ANSIBLE_HWC_USER": "u", "HW_USER_PASSWORD": "p", "HW_DOMAIN_NAME": "d"}
    assert sources(older) == ("the environment (ANSIBLE_HWC_USER)", None)
    credentials_file(home, "[basic]\nak = 1\nsk = 1\n")
    assert sources({}) == ("profile basic of ~/.huaweicloud/credentials", None)
    other = credentials_file(home, "[audit]\nak = 1\nsk = 1\nproject_id = p\n", "other")
    assert sources({}, credentials_file=other, profile="audit") == (f"profile audit of {other}",) * 2


@pytest.mark.parametrize(
    ("environ", "options", "known"),
    [
        ({"HW_REGION_NAME": "r-1", "HW_PROJECT_ID": "p"}, {}, ("p", "r-1", None, None)),
        ({}, {**TASK, "endpoint": "https://ws.example.com"}, (None, None, "https://ws.example.com", "the task")),
        ({}, {**TASK, "region": "r-1", "project_id": "a/b"}, (None, "r-1", None, "the task")),
        ({}, {**TASK, "region": "r-1", "iam_endpoint": "h/p"}, (None, "r-1", None, "the task")),
    ],
)
def test_a_failure_tells_what_is_known_by_then(environ: Any, options: Any, known: tuple[Any, ...]) -> None:
    with pytest.raises(WorkspaceError) as caught:
        settled(environ, **options)
    facts = caught.value.facts
    project, region, endpoint, source = known
    assert tuple(map(facts.get, ("project_id", "region", "credentials_source"))) == (project, region, source)
    assert facts.get("endpoint") in (endpoint, "https://workspace.r-1.myhuaweicloud.com")


def test_a_failure_gets_the_facts_of_the_settings_and_a_401_the_source_of_the_credentials() -> None:
    settings = settled(region="cn-north-4", **TASK)
    for status, words in ((401, "m. The credentials come from the task."), (403, "m."), (None, "m.")):
        error = WorkspaceError("m.", status_code=status)
        settings.explain(error, "found")
        assert error.message == words
        assert error.facts["project_id"] == "found"
        assert error.facts["region"] == "cn-north-4"
        assert error.facts["endpoint"] == "https://workspace.cn-north-4.myhuaweicloud.com"
        assert error.facts["credentials_source"] == "the task"


HOST = "https://{}.cn-north-4.myhuaweicloud.com"
STS, WORKSPACE = "HUAWEICLOUD_SDK_STS_ENDPOINT", "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"
HWC_IAM = {"ANSIBLE_HWC_IDENTITY_ENDPOINT": "https://iam.hwc/v3"}
NAMES = {"HW_PROJECT_NAME": "cn-north-4_dev", "ANSIBLE_HWC_PROJECT": "cn-north-4_hwc"}
SDK_IAM, AUTH_URL = {"HUAWEICLOUD_SDK_IAM_ENDPOINT": "iam.sdk"}, {"HW_AUTH_URL": "https://iam.hw/v3"}
FILE = {"access_key": None, "secret_key": None}
PROJECTS = {"HW_PROJECT_ID": "hw", "HUAWEICLOUD_SDK_PROJECT_ID": "sdk"}
REGIONS = {"HW_REGION_NAME": "hw-1", "ANSIBLE_HWC_REGION": "hwc-1"}
NO_REGION = {"region": None}
EU = {"region": "eu-west-101", **STS_AGENCY}
P = {"project_id": "p"}


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [
        ({}, {}, {"endpoint": HOST.format("workspace"), "iam_endpoint": HOST.format("iam")}),
        ({WORKSPACE: "https://one.example, https://two.example"}, {}, {"endpoint": "https://one.example"}),
        ({WORKSPACE: "one.example"}, {"endpoint": "ws.example"}, {"endpoint": "https://ws.example"}),
        ({**AUTH_URL, **SDK_IAM}, {}, {"iam_endpoint": "https://iam.sdk"}),
        (AUTH_URL, {}, {"iam_endpoint": "https://iam.hw"}),
        (SDK_IAM, {"iam_endpoint": "iam.example/v3/"}, {"iam_endpoint": "https://iam.example"}),
        # The profile's settings come with its keys only.
        ({}, {**FILE, **NO_REGION}, {"region": "file-1", "project_id": "theirs", "iam_endpoint": ""}),
        (SDK, FILE, {"project_id": None, "iam_endpoint": HOST.format("iam")}),
        ({**REGIONS, "HW_PROJECT_ID": "hw"}, NO_REGION, {"region": "hw-1", "project_id": "hw"}),
        ({"ANSIBLE_HWC_REGION": "hwc-1", **PROJECTS}, NO_REGION, {"region": "hwc-1", "project_id": "sdk"}),
        ({**REGIONS, **PROJECTS}, P, {"region": "cn-north-4", "project_id": "p"}),
        ({}, {**FILE, **AGENCY}, {"iam_endpoint": "https://iam.file", "project_id": None}),
        # A profile that the task names comes before the environment.
        (
            {**PROJECTS, **REGIONS, **AUTH_URL},
            {**FILE, **NO_REGION, "profile": "basic"},
            {"project_id": "theirs", "region": "file-1"},
        ),
        (
            {**PROJECTS, **AUTH_URL},
            {**FILE, "credentials_file": "~/.huaweicloud/credentials"},
            {"project_id": "theirs"},
        ),
        (PROJECTS, {**FILE, **P, "profile": "basic"}, {"project_id": "p"}),
        (PROJECTS, {**FILE, "profile": "bare"}, {"project_id": "sdk"}),
        ({**PROJECTS, "HW_PROFILE": "basic"}, FILE, {"project_id": "sdk"}),
        (PROJECTS, {**FILE, **AGENCY, "profile": "basic"}, {"project_id": None, "iam_endpoint": "https://iam.file"}),
        # Where keys are asked for.
        ({}, P, {"iam_endpoint": "", "sts_endpoint": ""}),
        ({}, {**P, **AGENCY}, {"iam_endpoint": HOST.format("iam"), "sts_endpoint": ""}),
        ({}, {**P, **STS_AGENCY}, {"iam_endpoint": "", "sts_endpoint": HOST.format("sts")}),
        ({}, EU, {"sts_endpoint": "https://sts.eu-west-101.myhuaweicloud.eu"}),
        ({STS: "sts.example"}, STS_AGENCY, {"sts_endpoint": "https://sts.example"}),
        ({STS: "x"}, {**STS_AGENCY, "sts_endpoint": "https://127.0.0.1:1"}, {"sts_endpoint": "https://127.0.0.1:1"}),
        ({}, {**P, **FILE, "idp_id": "i", "id_token_file": "f"}, {"iam_endpoint": HOST.format("iam")}),
        *(
            ({}, {**FILE, "ecs_metadata": True, "metadata_endpoint": address}, {"credentials": Metadata(address)})
            for address in ("http://127.0.0.1:8", "https://metadata", "http://169.254.169.254:8080", "http://[::1]:1")
        ),
        (HWC_IAM, {}, {"iam_endpoint": "https://iam.hwc"}),
        ({**HWC_IAM, **AUTH_URL}, {}, {"iam_endpoint": "https://iam.hw"}),
        # A project by its name, which goes after every ID.
        ({}, {}, {"project_id": None, "project_name": "cn-north-4"}),
        (NAMES, {}, {"project_id": None, "project_name": "cn-north-4_dev"}),
        ({"ANSIBLE_HWC_PROJECT": "cn-north-4_hwc"}, {}, {"project_id": None, "project_name": "cn-north-4_hwc"}),
        (NAMES, P, {"project_id": "p", "project_name": "", "iam_endpoint": ""}),
        ({**NAMES, "HW_PROJECT_ID": "hw"}, {}, {"project_id": "hw", "project_name": ""}),
        (NAMES, {**FILE, **NO_REGION}, {"project_id": "theirs", "project_name": ""}),
        (
            NAMES,
            {**NO_REGION, "endpoint": "h", "iam_endpoint": "i"},
            {"region": None, "project_name": "cn-north-4_dev"},
        ),
        ({**NAMES, "HW_PROJECT_ID": "ours"}, AGENCY, {"project_id": None, "project_name": "cn-north-4_dev"}),
        # Variables of other tools that change nothing here.
        ({"HW_CLOUD": "myhuaweicloud.com"}, {}, {"iam_endpoint": HOST.format("iam")}),
        ({"HW_CLOUD": "cloud.example"}, {"endpoint": "h", **P}, {"endpoint": "https://h"}),
        ({"HUAWEICLOUD_SDK_REGIONS_FILE": "f", WORKSPACE: "h"}, {}, {"endpoint": "https://h"}),
        ({"ANSIBLE_HWC_PROJECT_ID": "x", "HW_PROJECT_ID": "hw"}, {}, {"project_id": "hw"}),
        ({"ANSIBLE_HWC_PROJECT_ID": "x"}, P, {"project_id": "p"}),
        # An agency takes the project id of the task only.
        (PROJECTS, {**FILE, **AGENCY}, {"project_id": None}),
        ({**PROJECTS, "HW_ASSUME_ROLE_AGENCY_NAME": "a", "HW_ASSUME_ROLE_DOMAIN_ID": "d"}, {}, {"project_id": None}),
        (PROJECTS, {**AGENCY, "project_id": "ours"}, {"project_id": "ours"}),
    ],
)
def test_region_project_and_endpoints_come_from_the_first_source_that_has_them(
    home: Path, environ: Any, options: Any, expected: dict[str, Any]
) -> None:
    credentials_file(
        home,
        "[basic]\nak = a\nsk = s\nregion = file-1\nproject_id = theirs\niam_endpoint = iam.file\n"
        "[bare]\nak = a\nsk = s\n",
    )
    settings = settled(environ, **{"region": "cn-north-4", **TASK, **options})
    assert {name: getattr(settings, name) for name in expected} == expected


def test_region_is_not_needed_where_all_is_known() -> None:
    known = settled(endpoint="ws.example.com", project_id="p", **TASK)
    assert (known.region, known.iam_endpoint) == (None, "")
    with pytest.raises(WorkspaceError, match="region is missing"):
        settled(endpoint="ws.example.com", **TASK)
    with pytest.raises(WorkspaceError, match="region is missing"):
        settled(project_id="p", **TASK)
    with pytest.raises(WorkspaceError, match="iam_endpoint or region"):
        settled(USER, endpoint="ws.example.com", project_id="p")


@pytest.mark.parametrize(
    ("environ", "options", "named"),
    [
        ({}, {"timeout": 0.0}, "timeout"),
        ({}, {"timeout": float("nan")}, "timeout"),
        ({}, {"total_timeout": float("inf")}, "total_timeout"),
        ({}, {"total_timeout": -1.0}, "total_timeout"),
        ({}, {"retry_max_delay": -0.1}, "retry_max_delay"),
        ({}, {"max_retries": 11}, "max_retries"),
        ({}, {"max_retries": -1}, "max_retries"),
        ({}, {"concurrency": 0}, "concurrency"),
        ({}, {"concurrency": 17}, "concurrency"),
        ({}, {"assume_role_duration": 899}, "assume_role_duration is 899, but must be 900 to 86400 seconds."),
        ({}, {"assume_role_duration": 86401}, "assume_role_duration is 86401"),
        ({}, {"region": " "}, "region"),
        ({}, {"secret_key": ""}, "secret_key"),
        ({}, {"region": "A"}, "region"),
        ({}, {"project_id": "../x"}, "project_id"),
        ({}, {"endpoint": "https://h/p"}, "endpoint"),
        ({}, {"iam_endpoint": "https://h/v2"}, "iam_endpoint"),
        ({}, {"ca_path": "/nowhere/ca.pem"}, "ca_path"),
        ({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, {}, "REQUESTS_CA_BUNDLE (ca_path)"),
        ({}, {"proxy": "socks5://h"}, "proxy"),
        ({}, {"proxy": "http://h:1", "endpoint": "http://127.0.0.1"}, "proxy"),
        ({"HW_PROJECT_ID": "a/b"}, {}, "HW_PROJECT_ID (project_id)"),
        ({"HW_AUTH_URL": "http://h"}, {}, "HW_AUTH_URL (iam_endpoint)"),
        ({"HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4": "h/p"}, {}, "CN_NORTH_4 (endpoint)"),
    ],
)
def test_wrong_input_is_an_error_that_names_the_option(environ: Any, options: Any, named: str) -> None:
    assert named in refused(environ, **{**TASK, **options})


def test_the_ca_bundle_comes_from_the_first_source_that_has_one(tmp_path: Path) -> None:
    bundle, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    bundle.touch()
    other.touch()
    variables = {"REQUESTS_CA_BUNDLE": str(other)}
    known = {"region": "cn-north-4", **TASK}
    assert settled(**known).verify is None
    assert settled(variables, **known).verify == str(other)
    assert settled(variables, ca_path=str(bundle), **known).verify == str(bundle)
    assert settled({"REQUESTS_CA_BUNDLE": "/nowhere"}, validate_certs=False, **known).verify is False
    assert settled(variables, ca_path=str(bundle), validate_certs=False, **known).verify is False
