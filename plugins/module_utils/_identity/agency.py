# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The keys of an agency of another account, from IAM v3 or STS v5.

Sources: "Obtaining a Temporary Access Key and Security Token Through an Agency" of the IAM API reference, "AssumeAgency"
of the STS API reference.
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .credentials import NoKeysError
from .temporary_keys import keys_in, not_issued

if t.TYPE_CHECKING:
    from .._http.client import Client
    from .._http.query import Auth
    from .._http.secrets import Secrets
    from .roles import Role
    from .temporary_keys import Issued

#: Who uses the keys, in the records of the other account.
_SESSION_NAME = "ansible"


def keys_of_agency(client: Client, endpoint: str, role: Role, asking: Auth, secrets: Secrets) -> Issued:
    """The keys of an agency of another account.

    @param endpoint: of IAM if the role names its account, of STS if it has the account's ID.
    @param asking: authenticates the request for them.
    @param secrets: receives the keys.
    @raises NoKeysError: rejected, or a response without keys.
    """
    option, path, expected = "iam_endpoint", "/v3.0/OS-CREDENTIAL/securitytokens", 201
    assume_role = {"agency_name": role.agency_name, "domain_name": role.domain_name, "duration_seconds": role.duration}
    body: dict[str, t.Any] = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": assume_role}}}
    if role.domain_id:
        option, path, expected = "sts_endpoint", "/v5/agencies/assume", 200
        body = {
            "agency_urn": f"iam::{role.domain_id}:agency:{role.agency_name}",
            "agency_session_name": _SESSION_NAME,
            "duration_seconds": role.duration,
        }
    try:
        response = client.request("POST", f"{endpoint}{path}", auth=asking, json_body=body, expected=expected)
        return keys_in(response, secrets, option)
    except NoKeysError:
        raise  # About the temporary keys that authenticate this request.
    except WorkspaceError as error:
        raise not_issued(f"The {role} was not assumed", error, _advice(role, error.status)) from None


def _advice(role: Role, status: int | None) -> str:
    """What to do after this status; empty for the usual hint."""
    if status not in (403, 404):
        return ""
    account, needed = ("assume_role_domain_name", "the role Agent Operator")
    if role.domain_id:
        account, needed = ("assume_role_domain_id", "the action sts:agencies:assume")
    return (
        f"Check assume_role_agency_name and {account}, that the agency trusts the requesting account, and that the caller"
        f" has {needed}."
    )
