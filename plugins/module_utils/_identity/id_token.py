# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""OpenID Connect: exchange an ID token for temporary keys.

Sources: "Obtaining a Temporary Access Key and Security Token Through a Token" of the IAM API reference; the SDK and
Terraform's provider for the exchange itself.
"""

from __future__ import annotations

import os
import typing as t

from .._http.errors import WorkspaceError
from .._http.query import Auth
from .iam import token_in
from .options import OPTIONS
from .temporary_keys import keys_in, not_issued, word

if t.TYPE_CHECKING:
    from .._http.client import Client
    from .._http.secrets import Secrets
    from .credentials import Oidc
    from .temporary_keys import Issued

#: An ID token may have up to 20,000 characters.
_LONGEST_TOKEN_FILE = 65536


def id_token(path: str, secrets: Secrets) -> str:
    """Read the token from the file, which may be refreshed while a module runs.

    @raises WorkspaceError: unreadable, empty, or not a token. The message does not contain the content.
    """
    path = os.path.expanduser(path)
    try:
        with open(path, "rb") as file:
            content = file.read(_LONGEST_TOKEN_FILE + 1)
    except OSError as error:
        raise WorkspaceError(f"id_token_file {path} cannot be read: {error.strerror or 'unknown error'}.") from None
    token = content.decode("utf-8", "replace").strip()
    if not token:
        raise WorkspaceError(f"id_token_file {path} is empty: it must contain an ID token.")
    if len(content) > _LONGEST_TOKEN_FILE or not word(token):
        raise WorkspaceError(
            f"id_token_file {path} does not contain an ID token: it must be one word of ASCII characters."
        )
    secrets.add(token)
    return token


def keys_of_id_token(client: Client, endpoint: str, who: Oidc, secrets: Secrets) -> Issued:
    """Exchange the ID token for an unscoped token, and that for temporary keys.

    @param endpoint: of IAM.
    @param secrets: receives the tokens and the keys.
    @raises WorkspaceError: rejected, a response without token or keys, or no ID token in the file.
    """
    presented = id_token(who.id_token_file, secrets)
    try:
        response = client.request(
            "POST",
            f"{endpoint}/v3.0/OS-AUTH/id-token/tokens",
            auth=Auth(),
            headers={"X-Idp-Id": who.idp_id},
            json_body={"auth": {"id_token": {"id": presented}}},
            expected=201,
        )
        token = token_in(response)
        secrets.add(token)
        given = {"id": token, "duration_seconds": OPTIONS["assume_role_duration"].default}
        response = client.request(
            "POST",
            f"{endpoint}/v3.0/OS-CREDENTIAL/securitytokens",
            auth=Auth(),
            json_body={"auth": {"identity": {"methods": ["token"], "token": given}}},
            expected=201,
        )
        return keys_in(response, secrets, "iam_endpoint")
    except WorkspaceError as error:
        rejected = error.status in (400, 401, 403, 404)
        advice = (
            f"Check idp_id, and whether the token in id_token_file {who.id_token_file} has expired." if rejected else ""
        )
        raise not_issued("The ID token was not exchanged for keys", error, advice) from None
