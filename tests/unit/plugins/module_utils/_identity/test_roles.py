# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.roles import Role

from ....arguments import settings_of

KEYS = {"access_key": "ak", "secret_key": "sk", "region": "cn-north-4"}
AGENCY = {"assume_role_agency_name": "audit", "assume_role_domain_name": "sales"}
BY_ID = {"assume_role_agency_name": "audit", "assume_role_domain_id": "d1"}
SALES = {"HW_ASSUME_ROLE_AGENCY_NAME": "audit", "HW_ASSUME_ROLE_DOMAIN_NAME": "sales"}
DAY, HALF_DAY, OVER_AN_HOUR = ({"assume_role_duration": seconds} for seconds in (86400, 43200, 3601))


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [
        ({"HW_ASSUME_ROLE_DURATION": "900"}, {}, None),
        ({}, {**AGENCY, **DAY}, Role("audit", "sales", None, 86400)),
        (SALES, {}, Role("audit", "sales", None, 3600)),
        (SALES, {"assume_role_agency_name": "other"}, Role("other", "sales", None, 3600)),
        (SALES, {"assume_role_domain_name": "design"}, Role("audit", "design", None, 3600)),
        (SALES, {"assume_role_domain_id": "d1"}, Role("audit", None, "d1", 3600)),
        ({**SALES, "HW_ASSUME_ROLE_DOMAIN_ID": "d1"}, {"assume_role_domain_name": "x"}, Role("audit", "x", None, 3600)),
        ({}, {**BY_ID, **HALF_DAY}, Role("audit", None, "d1", 43200)),
        ({}, {**BY_ID, "security_token": "st"}, Role("audit", None, "d1", 3600)),
    ],
)
def test_an_agency_in_the_task_takes_precedence(
    environ: dict[str, str], options: dict[str, Any], expected: Role | None
) -> None:
    assert settings_of(environ, **KEYS, **options).role == expected


NO_KEYS = dict.fromkeys(("access_key", "secret_key"))
USER = {"iam_user_name": "u", "iam_password": "p", "iam_domain_name": "d"}
OIDC = {"idp_id": "i", "id_token_file": "f"}


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        ({}, {"assume_role_agency_name": "a"}, ("assume_role_domain_name or assume_role_domain_id is missing",)),
        ({"HW_ASSUME_ROLE_AGENCY_NAME": "a"}, {}, ("assume_role_domain_name", "missing")),
        ({}, {"assume_role_domain_name": "a"}, ("assume_role_agency_name", "missing", "assume_role_domain_name")),
        ({"HW_ASSUME_ROLE_DOMAIN_ID": "a"}, {}, ("assume_role_agency_name", "HW_ASSUME_ROLE_DOMAIN_ID")),
        ({}, {**AGENCY, **BY_ID}, ("assume_role_domain_name and assume_role_domain_id are both set",)),
        ({**SALES, "HW_ASSUME_ROLE_DOMAIN_ID": "d"}, {}, ("HW_ASSUME_ROLE_DOMAIN_NAME", "HW_ASSUME_ROLE_DOMAIN_ID")),
        ({}, {**BY_ID, "assume_role_domain_id": "d:x"}, ("assume_role_domain_id: ", "letters")),
        ({}, {**BY_ID, **DAY}, ("assume_role_duration is 86400", "43200", "assume_role_domain_id")),
        # STS takes signed requests only, and of temporary keys for an hour.
        ({}, {**BY_ID, **NO_KEYS, "auth_token": "t"}, ("assume_role_domain_id", "auth_token")),
        ({}, {**BY_ID, **NO_KEYS, **USER}, ("assume_role_domain_id", "iam_user_name")),
        ({}, {**BY_ID, **OVER_AN_HOUR, "security_token": "st"}, ("assume_role_duration", "assume_role_domain_id")),
        ({}, {**BY_ID, **OVER_AN_HOUR, **NO_KEYS, "ecs_metadata": True}, ("assume_role_duration is 3601", "3600")),
        ({}, {**BY_ID, **OVER_AN_HOUR, **NO_KEYS, **OIDC}, ("assume_role_duration is 3601", "3600")),
    ],
)
def test_wrong_agency_options_are_errors(
    environ: dict[str, str], options: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(WorkspaceError) as caught:
        settings_of(environ, **{**KEYS, **options})
    assert [word for word in words if word not in caught.value.message] == []
