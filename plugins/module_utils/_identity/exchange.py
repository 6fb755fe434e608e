# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange credentials for temporary keys: those of an agency of another account, or an ID token of OpenID Connect.

Sources: "Obtaining a Temporary Access Key and Security Token Through an Agency" and "Through a Token" of the IAM API
reference, "AssumeAgency" of the STS API reference; the SDK and Terraform's provider for ID tokens.
"""

from __future__ import annotations

import os
import typing as t

from .._http import errors, query
from . import credentials, iam, options, temporary_keys

if t.TYPE_CHECKING:
    from .._http.client import Client
    from .._http.secrets import Secrets
    from . import roles

#: Who uses the keys, in the records of the other account.
_SESSION_NAME = "ansible"
#: Where IAM issues keys.
_KEYS = "/v3.0/OS-CREDENTIAL/securitytokens"
#: An ID token may have up to 20,000 characters.
_LONGEST_TOKEN_FILE = 65536


def _request_keys(
    client: Client, url: str, auth: query.Auth, body: dict[str, t.Any], secrets: Secrets, expected: int = 201
) -> temporary_keys.Issued:
    response = client.request("POST", url, auth=auth, json_body=body, expected=expected)
    keys = temporary_keys.read_keys(response.document, response.headers.get("Date"), secrets)
    if keys is None:
        raise response.unusable("it lacks the temporary keys: check iam_endpoint or sts_endpoint")
    return keys


def _not_issued(why: str, error: errors.WorkspaceError, advice: str) -> errors.WorkspaceError:
    """The error for keys that were not issued. The advice, if any, replaces the hint of the error of the request."""
    return errors.WorkspaceError(
        f"{why}. {f'{advice} {error.without_hint}' if advice else error.message}", **error.facts
    )


def keys_of_agency(
    client: Client, endpoint: str, role: roles.Role, asking: query.Auth, secrets: Secrets
) -> temporary_keys.Issued:
    """The keys of an agency of another account.

    @param endpoint: of IAM if the role names its account, of STS if it has the account's ID.
    @param asking: authenticates the request for them.
    @param secrets: receives the keys.
    @raises WorkspaceError: rejected, or a response without keys.
    """
    assume_role = {"agency_name": role.agency_name, "domain_name": role.domain_name, "duration_seconds": role.duration}
    by_name = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": assume_role}}}
    by_id = {
        "agency_urn": f"iam::{role.domain_id}:agency:{role.agency_name}",
        "agency_session_name": _SESSION_NAME,
        "duration_seconds": role.duration,
    }
    account, needed = "assume_role_domain_name", "the role Agent Operator"
    try:
        if not role.domain_id:
            return _request_keys(client, f"{endpoint}{_KEYS}", asking, by_name, secrets)
        account, needed = "assume_role_domain_id", "the action sts:agencies:assume"
        return _request_keys(client, f"{endpoint}/v5/agencies/assume", asking, by_id, secrets, expected=200)
    except errors.WorkspaceError as error:
        advice = (
            f"Check assume_role_agency_name and {account}, that the agency trusts the requesting account, and that the"
            f" caller has {needed}."
        )
        why = f"The {role} was not assumed"
        raise _not_issued(why, error, advice if error.status in (403, 404) else "") from None


def id_token(path: str, secrets: Secrets) -> str:
    """Read the token from the file, which may be refreshed while a module runs.

    @raises WorkspaceError: unreadable, empty, or not a token. The message does not contain the content.
    """
    path = os.path.expanduser(path)
    try:
        with open(path, "rb") as file:
            content = file.read(_LONGEST_TOKEN_FILE + 1)
    except OSError as error:
        raise errors.WorkspaceError(
            f"id_token_file {path} cannot be read: {error.strerror or 'unknown error'}."
        ) from None
    token = content.decode("utf-8", "replace").strip()
    if len(content) > _LONGEST_TOKEN_FILE or not token or not credentials.fits_in_header(token):
        raise errors.WorkspaceError(
            f"id_token_file {path} does not contain an ID token: it must be one word of ASCII characters."
        )
    secrets.add(token)
    return token


def keys_of_id_token(client: Client, endpoint: str, who: credentials.Oidc, secrets: Secrets) -> temporary_keys.Issued:
    """Exchange the ID token for an unscoped token, and that for temporary keys.

    @param endpoint: of IAM.
    @param secrets: receives the tokens and the keys.
    @raises WorkspaceError: rejected, a response without token or keys, or no ID token in the file.
    """
    presented = {"auth": {"id_token": {"id": id_token(who.id_token_file, secrets)}}}
    try:
        url, headers = f"{endpoint}/v3.0/OS-AUTH/id-token/tokens", {"X-Idp-Id": who.idp_id}
        response = client.request("POST", url, auth=query.Auth(), headers=headers, json_body=presented, expected=201)
        token = iam.token_in(response)
        secrets.add(token)
        given = {"id": token, "duration_seconds": options.OPTIONS["assume_role_duration"].default}
        body = {"auth": {"identity": {"methods": ["token"], "token": given}}}
        return _request_keys(client, f"{endpoint}{_KEYS}", query.Auth(), body, secrets)
    except errors.WorkspaceError as error:
        advice = f"Check idp_id, and whether the token in id_token_file {who.id_token_file} has expired."
        rejected = error.status in (400, 401, 403, 404)
        raise _not_issued("The ID token was not exchanged for keys", error, advice if rejected else "") from None
