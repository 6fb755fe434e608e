# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login and project look-up against OpenStack Keystone, whose identity API the one of Huawei Cloud follows.

It is a check of the common ground by a server that this project did not write, not a proof about Huawei Cloud.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.runs import DESKTOPS, POOLS, Call, assert_failed, run_calls, run_playbook
from keystone.cloud import Keystone, Workspace, keystone, serve_workspace

PROGRAMS = Path(os.environ.get("KEYSTONE_BIN", "nowhere"))
PASSWORD = "pässwörd & 'quotes' {\"json\": 1}/+="
USERS = [f"user-{number}" for number in range(95)]

pytestmark = [
    pytest.mark.skipif(
        not (PROGRAMS / "keystone-manage").exists(), reason="Keystone is not installed: use make keystone"
    ),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@dataclass
class Cloud:
    """What is there, by its id.

    @param auditor: may see all projects; C(ops) is a member of some.
    """

    keystone: Keystone
    workspace: Workspace
    endpoint: str
    projects: dict[str, str]
    auditor_token: str

    def options(self, **more: Any) -> dict[str, Any]:
        """Options of a login as C(ops), a user of the account C(acme-cloud); C(None) takes one away."""
        options = {
            "endpoint": self.endpoint,
            "iam_endpoint": self.keystone.url,
            "region": "cn-north-4",
            "iam_user_name": "ops",
            "iam_password": PASSWORD,
            "iam_domain_name": "acme-cloud",
            "max_retries": 0,
            **more,
        }
        return {name: value for name, value in options.items() if value is not None}

    def token_options(self, **more: Any) -> dict[str, Any]:
        """Options with the auditor's ready token."""
        token = {"auth_token": self.auditor_token, "iam_user_name": None, "iam_password": None, "iam_domain_name": None}
        return self.options(**{**token, **more})


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with keystone(PROGRAMS, tmp_path_factory.mktemp("keystone")) as identity:
        acme, other = (identity.create("domain", name=name) for name in ("acme-cloud", "other-cloud"))
        projects = {
            name: identity.create("project", name=name, domain_id=acme)
            for name in ("cn-north-4", "cn-east-3", "cn-north-4_sales", "cn-south-1")
        }
        # The same name in another account, as every account has a project for each region.
        projects["other"] = identity.create("project", name="cn-east-3", domain_id=other)
        projects["disabled"] = identity.create("project", name="cn-north-9", domain_id=acme, enabled=False)
        user = {"domain_id": acme, "password": PASSWORD}
        ops = identity.create("user", name="ops", **user)
        twin = identity.create("user", name="ops", domain_id=other, password="other")
        gone = identity.create("user", name="gone", enabled=False, **user)
        auditor = identity.create("user", name="auditor", **user)
        for name in ("cn-north-4", "cn-east-3", "cn-north-4_sales"):
            identity.grant(ops, projects[name])
        identity.grant(twin, projects["other"])
        identity.grant(gone, projects["cn-north-4"])
        identity.grant(auditor, projects["cn-north-4"], "admin")
        token = identity.token("auditor", PASSWORD, "acme-cloud", {"id": projects["cn-north-4"]})
        workspace = Workspace(identity)
        with serve_workspace(workspace) as endpoint:
            yield Cloud(identity, workspace, endpoint, projects, token)


@pytest.fixture(scope="module")
def results(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """Many calls, in few runs of Ansible, one after the other in each."""
    projects = cloud.projects
    calls = {
        "by region": Call(cloud.options()),
        "by region, /v3": Call(cloud.options(iam_endpoint=f"{cloud.keystone.url}/v3/")),
        "by region with namesakes": Call(cloud.options(region="cn-east-3")),
        "another account": Call(cloud.options(region="cn-east-3", iam_domain_name="other-cloud", iam_password="other")),
        "by id": Call(cloud.options(project_id=projects["cn-north-4_sales"])),
        "by id without region": Call(cloud.options(project_id=projects["cn-east-3"], region=None)),
        "environment": Call(
            {"endpoint": cloud.endpoint, "region": "cn-north-4"},
            environment={
                "HW_USER_NAME": "ops",
                "HW_USER_PASSWORD": PASSWORD,
                "HW_DOMAIN_NAME": "acme-cloud",
                "HW_AUTH_URL": f"{cloud.keystone.url}/v3",
            },
        ),
        "wrong password": Call(cloud.options(iam_password="wr0ng-password")),
        "unknown user": Call(cloud.options(iam_user_name="nobody")),
        "unknown account": Call(cloud.options(iam_domain_name="no-cloud")),
        "disabled user": Call(cloud.options(iam_user_name="gone")),
        "unknown region": Call(cloud.options(region="cn-nowhere-1")),
        "disabled project": Call(cloud.options(region="cn-north-9")),
        "no role": Call(cloud.options(region="cn-south-1")),
        "no role, by id": Call(cloud.options(project_id=projects["cn-south-1"])),
        "unknown project id": Call(cloud.options(project_id="0" * 32)),
        "token": Call(cloud.token_options(project_id=projects["cn-north-4"])),
        "token, look-up": Call(cloud.token_options()),
        "token, none": Call(cloud.token_options(region="cn-nowhere-1")),
        "token, several": Call(cloud.token_options(region="cn-east-3")),
        "token, not theirs": Call(cloud.token_options(project_id=projects["cn-south-1"])),
        "bad token": Call(cloud.token_options(auth_token="gAAAA-no-such-token")),
    }
    return run_calls(calls, at_once=2)


def assert_project(cloud: Cloud, result: dict[str, Any], project: str) -> None:
    """The answer is that of this project."""
    assert not result.get("failed"), result
    assert [desktop["desktop_id"] for desktop in result["desktops"]] == [f"desktop-of-{cloud.projects[project]}"]


@pytest.mark.parametrize(
    ("call", "project"),
    [
        ("by region", "cn-north-4"),
        ("by region, /v3", "cn-north-4"),
        ("by region with namesakes", "cn-east-3"),
        ("another account", "other"),
        ("by id", "cn-north-4_sales"),
        ("by id without region", "cn-east-3"),
        ("environment", "cn-north-4"),
        ("token", "cn-north-4"),
        ("token, look-up", "cn-north-4"),
    ],
)
def test_logged_in_to_the_right_project(
    cloud: Cloud, results: dict[str, dict[str, Any]], call: str, project: str
) -> None:
    assert_project(cloud, results[call], project)


@pytest.mark.parametrize(
    "call",
    [
        "wrong password",
        "unknown user",
        "unknown account",
        "disabled user",
        "unknown region",
        "disabled project",
        "no role",
        "no role, by id",
        "unknown project id",
    ],
)
def test_a_refused_login_says_what_keystone_says(results: dict[str, dict[str, Any]], call: str) -> None:
    message = "The request you have made requires authentication."
    assert_failed(results[call], "/v3/auth/tokens", "401", message, status_code=401, error_msg=message, attempts=1)


def test_a_region_without_a_project_is_named_with_those_there_are(results: dict[str, dict[str, Any]]) -> None:
    assert_failed(results["token, none"], "project_id", "cn-nowhere-1", status_code=None)


def test_a_region_with_several_projects_lists_them(cloud: Cloud, results: dict[str, dict[str, Any]]) -> None:
    several = results["token, several"]
    assert_failed(several, "2 projects", "cn-east-3", cloud.projects["cn-east-3"], cloud.projects["other"])


def test_a_token_for_another_project_is_refused_by_the_service(results: dict[str, dict[str, Any]]) -> None:
    assert_failed(results["token, not theirs"], "403", status_code=403, error_code="APIGW.0302")


def test_a_bad_token_is_refused_by_the_look_up(results: dict[str, dict[str, Any]]) -> None:
    assert_failed(results["bad token"], "/v3/projects", "401", status_code=401, attempts=1)


@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_revoked_token_is_renewed_once_while_95_users_are_read(cloud: Cloud, concurrency: int) -> None:
    workspace = cloud.workspace
    workspace.requests, workspace.tokens, workspace.revoke_at = 0, [], 5
    options = cloud.options(user_ids=USERS, concurrency=concurrency)
    try:
        result = run_calls({"read": Call(options, module=POOLS)})["read"]
    finally:
        workspace.revoke_at = 0
    assert [user["user_id"] for user in result["users"]] == USERS
    assert result["unmatched_user_ids"] == []
    assert len(set(workspace.tokens)) == 2
    assert 11 <= workspace.requests <= 10 + concurrency


def test_no_secret_is_shown_at_any_verbosity(cloud: Cloud, tmp_path: Path) -> None:
    playbook = tmp_path / "playbook.yml"
    environment = {"HW_USER_PASSWORD": PASSWORD, "HW_USER_NAME": "ops", "HW_DOMAIN_NAME": "acme-cloud"}
    playbook.write_text(
        "- hosts: localhost\n"
        "  gather_facts: false\n"
        "  tasks:\n"
        f"    - huaweicloud.workspace.{DESKTOPS}:\n"
        f"        {{endpoint: '{cloud.endpoint}', iam_endpoint: '{cloud.keystone.url}', region: cn-north-4}}\n"
        f"    - huaweicloud.workspace.{DESKTOPS}:\n"
        f"        {{endpoint: '{cloud.endpoint}', iam_endpoint: '{cloud.keystone.url}', region: cn-nowhere-1}}\n"
        "      ignore_errors: true\n",
        encoding="utf-8",
    )
    cloud.workspace.tokens = []
    done = run_playbook(playbook, "-vvvv", env=environment)
    assert done.returncode == 0, done.output
    assert "desktop-of-" in done.output
    for secret in (PASSWORD, "pässwörd", *cloud.workspace.tokens):
        assert secret not in done.output
