# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agency is assumed, and who may ask for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import (
    Credentials,
    Keys,
    Metadata,
    Oidc,
    Token,
    User,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.options import Lookup
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.roles import Role, check_asking, find_role

AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_name": "sales"}
SALES = {"HW_ASSUME_ROLE_AGENCY_NAME": "audit", "HW_ASSUME_ROLE_DOMAIN_NAME": "sales"}


def lookup(options: dict[str, Any], environ: dict[str, str]) -> Lookup:
    return Lookup({"assume_role_duration": 3600, **options}, environ, "the task", file_in_task=False)


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [
        ({}, {}, None),
        ({"HW_ASSUME_ROLE_DURATION": "900"}, {}, None),
        ({}, AGENCY, Role("audit", "sales", None, 3600)),
        (SALES, {}, Role("audit", "sales", None, 3600)),
        (SALES, {"assume_role_agency_name": "other"}, Role("other", "sales", None, 3600)),
        (SALES, {"assume_role_domain_name": "design"}, Role("audit", "design", None, 3600)),
        (SALES, {"assume_role_domain_id": "d1"}, Role("audit", None, "d1", 3600)),
        ({**SALES, "HW_ASSUME_ROLE_DOMAIN_ID": "d1"}, {"assume_role_domain_name": "x"}, Role("audit", "x", None, 3600)),
        ({}, {**AGENCY, "assume_role_duration": 86400}, Role("audit", "sales", None, 86400)),
    ],
)
def test_an_agency_in_the_task_takes_precedence(
    environ: dict[str, str], options: dict[str, Any], expected: Role | None
) -> None:
    assert find_role(lookup(options, environ)) == expected


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        ({}, {"assume_role_agency_name": "a"}, ("assume_role_domain_name", "assume_role_domain_id", "missing")),
        ({"HW_ASSUME_ROLE_AGENCY_NAME": "a"}, {}, ("assume_role_domain_name", "missing")),
        ({}, {"assume_role_domain_name": "a"}, ("assume_role_agency_name", "missing", "assume_role_domain_name")),
        ({"HW_ASSUME_ROLE_DOMAIN_ID": "a"}, {}, ("assume_role_agency_name", "HW_ASSUME_ROLE_DOMAIN_ID")),
        ({}, {**AGENCY, "assume_role_domain_id": "d"}, ("assume_role_domain_name and assume_role_domain_id", "both")),
        ({**SALES, "HW_ASSUME_ROLE_DOMAIN_ID": "d"}, {}, ("HW_ASSUME_ROLE_DOMAIN_NAME", "HW_ASSUME_ROLE_DOMAIN_ID")),
        ({}, {"assume_role_agency_name": "a", "assume_role_domain_id": "d:x"}, ("assume_role_domain_id", "letters")),
        (
            {},
            {"assume_role_agency_name": "a", "assume_role_domain_id": "d", "assume_role_duration": 43201},
            ("assume_role_duration is 43201", "43200", "assume_role_domain_id"),
        ),
    ],
)
def test_wrong_agency_options_are_errors(
    environ: dict[str, str], options: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(WorkspaceError) as caught:
        find_role(lookup(options, environ))
    for word in words:
        assert word in caught.value.message


@pytest.mark.parametrize(
    ("credentials", "duration", "words"),
    [
        (Token("t"), 3600, "auth_token"),
        (User("u", "p", "d"), 3600, "iam_user_name"),
        (Keys("ak", "sk", "st"), 3601, "assume_role_duration"),
        (Metadata("http://127.0.0.1"), 3601, "assume_role_duration"),
        (Oidc("i", "f"), 3601, "assume_role_duration"),
        (Keys("ak", "sk", "st"), 3600, None),
        (Keys("ak", "sk"), 43200, None),
    ],
)
def test_only_keys_can_request_an_agency_from_sts(credentials: Credentials, duration: int, words: str | None) -> None:
    check_asking(Role("audit", "sales", None, duration), credentials)
    role = Role("audit", None, "d", duration)
    if words is None:
        check_asking(role, credentials)
        return
    with pytest.raises(WorkspaceError) as caught:
        check_asking(role, credentials)
    assert words in caught.value.message
    assert "assume_role_domain_id" in caught.value.message
