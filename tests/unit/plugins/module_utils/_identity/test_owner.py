# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import responses
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.owner import owner_of
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._inventory.plugin import whose_credentials

from ....arguments import options_of, settings_of

METADATA = "http://127.0.0.1:9"


def owner_text(**credentials: Any) -> str:
    return owner_of(settings_of(region="cn-north-4", **credentials).credentials)


def test_a_name_is_told_and_a_secret_is_not() -> None:
    assert owner_text(access_key="AK", secret_key="the-secret") == "access key AK"
    user = {"iam_user_name": "audit", "iam_password": "the-secret", "iam_domain_name": "company"}
    assert owner_text(**user) == "IAM user audit of company"
    assert owner_text(ecs_metadata=True) == "agency of this ECS"
    token, other = owner_text(auth_token="the-secret"), owner_text(auth_token="the-secret-2")
    assert token.startswith("token ")
    assert token != other
    assert "the-secret" not in token


def test_an_id_token_is_known_by_its_subject_as_long_as_it_has_one(tmp_path: Path) -> None:
    def owner(token: str) -> str:
        (tmp_path / "id-token").write_text(token, encoding="utf-8")
        return owner_text(idp_id="ci", id_token_file=str(tmp_path / "id-token"))

    def jwt(**claims: Any) -> str:
        """A token of these claims, with a signature that differs each time it is issued."""
        encoded = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"eyJhbGciOiJSUzI1NiJ9.{encoded}.signature-{claims.get('exp')}"

    ci = {"iss": "https://ci.example.com", "sub": "repo:desktops"}
    first = owner(jwt(**ci, exp=1))
    assert first.startswith("identity provider ci, subject ")
    assert "repo:desktops" not in first
    assert owner(jwt(**ci, exp=2)) == first
    for other in ({"sub": "repo:other"}, {"iss": "https://other.example.com"}):
        assert owner(jwt(**{**ci, **other})) != first
    others = [owner(text) for text in ("no-jwt", "a.b.c", jwt(exp=1), "a.W10.c")]
    assert len(set(others)) == 4
    assert {text.split(", ")[1].split()[0] for text in others} == {"token"}


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"uuid": "e", "project_id": "p", "meta": {"agency_name": "audit"}}, "agency audit of an ECS in project p"),
        ({"uuid": "e", "project_id": "p", "meta": {}}, "ECS e"),
        (["no", "object"], None),
    ],
)
def test_the_agency_of_an_ecs_is_asked_of_its_metadata(about: Any, expected: str | None) -> None:
    asked = {"region": "cn-north-4", "ecs_metadata": True, "metadata_endpoint": METADATA}
    with responses.RequestsMock() as service:
        service.add("PUT", f"{METADATA}/meta-data/latest/api/token", status=404)
        service.add("GET", f"{METADATA}/openstack/latest/meta_data.json", json=about)
        if expected:
            assert whose_credentials(settings_of(**asked), options_of(**asked), Secrets()) == expected
        else:
            with pytest.raises(WorkspaceError, match="returned no metadata: check metadata_endpoint"):
                whose_credentials(settings_of(**asked), options_of(**asked), Secrets())
