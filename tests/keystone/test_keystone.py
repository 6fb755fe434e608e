# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login and project look-up against OpenStack Keystone, whose identity API the one of Huawei Cloud follows.

This checks the common ground with a server that this project did not write; it proves nothing about Huawei Cloud.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.inventory.workspace_projects import read_projects
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading import project
from keystone.cloud import Keystone, keystone
from support.projects import options_and_settings

#: Set by `make keystone`, which installs Keystone and runs these tests if that is possible.
PROGRAMS = Path(os.environ["KEYSTONE_BIN"])
PASSWORD = "pässwörd & 'quotes' {\"json\": 1}/+="

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keystone]:
    """A Keystone with two accounts that both have a project cn-east-3, and a user ops in each."""
    with keystone(PROGRAMS, tmp_path_factory.mktemp("keystone")) as found:
        acme, other = (found.create("domain", name=name) for name in ("acme-cloud", "other-cloud"))
        ops = found.create("user", name="ops", domain_id=acme, password=PASSWORD)
        found.grant(ops, acme, on="domains")  # what every user of Huawei Cloud has: a token for the account
        twin = found.create("user", name="ops", domain_id=other, password="other")
        found.create("user", name="gone", domain_id=acme, password=PASSWORD, enabled=False)
        for name in ("cn-north-4", "cn-east-3", "cn-north-4_sales"):
            found.projects[name] = found.create("project", name=name, domain_id=acme)
            found.grant(ops, found.projects[name])
        found.projects["no role"] = found.create("project", name="cn-south-1", domain_id=acme)
        found.projects["other"] = found.create("project", name="cn-east-3", domain_id=other)
        found.grant(twin, found.projects["other"])
        auditor = found.create("user", name="auditor", domain_id=acme, password=PASSWORD)
        found.grant(auditor, found.projects["cn-north-4"], "admin")
        yield found


def prepared(identity: Keystone, **changes: Any) -> tuple[dict[str, Any], Settings]:
    """The options and settings of ops, with these changes."""
    login = {"iam_user_name": "ops", "iam_password": PASSWORD, "iam_domain_name": "acme-cloud"}
    usual = {"region": "cn-north-4", "endpoint": identity.url, "iam_endpoint": identity.url, "max_retries": 0}
    return options_and_settings(**{**usual, **login, **changes})


def opened(identity: Keystone, **changes: Any) -> str:
    """The ID of the project that a module would read."""
    options, settings = prepared(identity, **changes)
    with contextlib.closing(project.open_project(settings, options, Secrets())) as found:
        return found.project_id


def token(identity: Keystone) -> dict[str, Any]:
    """The options of somebody who has a ready token and may list all projects."""
    scope = {"id": identity.projects["cn-north-4"]}
    ready = identity.token("auditor", PASSWORD, "acme-cloud", scope)
    return {"auth_token": ready, "iam_user_name": None, "iam_password": None, "iam_domain_name": None}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "cn-north-4"),
        ({"region": "cn-east-3"}, "cn-east-3"),
        ({"region": "cn-east-3", "iam_domain_name": "other-cloud", "iam_password": "other"}, "other"),
    ],
)
def test_a_login_finds_the_project_of_the_region(identity: Keystone, changes: dict[str, Any], expected: str) -> None:
    assert opened(identity, **changes) == identity.projects[expected]
    assert opened(identity, **changes, iam_endpoint=f"{identity.url}/v3/") == identity.projects[expected]


def test_the_projects_of_a_user(identity: Keystone) -> None:
    options, settings = prepared(identity)
    found = {record["name"]: record["id"] for record in read_projects(settings, options, Secrets())}
    assert found == {name: identity.projects[name] for name in ("cn-north-4", "cn-east-3", "cn-north-4_sales")}


@pytest.mark.parametrize(
    "changes",
    [
        {"iam_password": "wr0ng-password"},
        {"iam_user_name": "nobody"},
        {"iam_user_name": "gone"},
        {"iam_domain_name": "no-cloud"},
        {"region": "cn-nowhere-1"},
        {"region": "cn-south-1"},
    ],
    ids=["password", "user", "disabled user", "account", "region", "no role"],
)
def test_a_refused_login_shows_what_keystone_says(identity: Keystone, changes: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match="The request you have made requires authentication") as refused:
        opened(identity, **changes)
    assert refused.value.facts["status_code"] == 401
    assert refused.value.facts["attempts"] == 1


def test_a_token_finds_the_project_of_the_region(identity: Keystone) -> None:
    assert opened(identity, **token(identity)) == identity.projects["cn-north-4"]


def test_a_region_without_a_project_is_named(identity: Keystone) -> None:
    with pytest.raises(WorkspaceError, match=r"no project is named cn-north-5 .* Did you mean cn-north-4"):
        opened(identity, **token(identity), region="cn-north-5")


def test_a_region_with_two_projects_lists_them(identity: Keystone) -> None:
    with pytest.raises(WorkspaceError, match="2 projects are named cn-east-3") as several:
        opened(identity, **token(identity), region="cn-east-3")
    for name in ("cn-east-3", "other"):
        assert identity.projects[name] in several.value.message


def test_a_token_that_is_none_is_refused_by_the_look_up(identity: Keystone) -> None:
    with pytest.raises(WorkspaceError, match="/v3/projects") as refused:
        opened(identity, **{**token(identity), "auth_token": "gAAAA-no-such-token"})
    assert refused.value.facts["status_code"] == 401
