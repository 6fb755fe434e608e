# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""From settings to what shows the services who is asking: a signature, a token, a login, or temporary keys."""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.iam import log_in
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.signing import (
    LoginAuth,
    SignatureAuth,
    TokenAuth,
)

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Client
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Auth
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings


def authenticate(client: Client, settings: Settings, secrets: Secrets, region: str | None) -> tuple[Auth, str | None]:
    """How requests show who is asking, and the project ID if it is known or a login has told it.

    @param client: what asks IAM, STS or the metadata service for a token or keys: now for a login, else with the first
        request.
    @param secrets: gets to know every token and key that is given.
    @param region: whose project a login is for, where the project is not known; C(None) for the account.
    @raises WorkspaceError: the login was refused.
    """
    who, project_id = settings.credentials, settings.project_id
    if settings.role or who.ecs_metadata or who.idp_id:
        return _with_temporary_keys(client, settings, secrets), project_id
    if who.access_key and who.secret_key:
        return SignatureAuth(who.access_key, who.secret_key, who.security_token), project_id
    if who.auth_token:
        return TokenAuth(who.auth_token), project_id

    def new_token() -> str:
        nonlocal project_id
        token, project_id = log_in(
            client,
            t.cast(str, settings.iam_endpoint),
            user_name=t.cast(str, who.iam_user_name),
            password=t.cast(str, who.iam_password),
            domain_name=t.cast(str, who.iam_domain_name),
            project_id=project_id,
            region=region,
        )
        secrets.add(token)
        return token

    auth = LoginAuth(new_token)
    return auth, project_id


def _with_temporary_keys(client: Client, settings: Settings, secrets: Secrets) -> Auth:
    # A module is compiled anew for each task, and most tasks need no temporary keys.
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.temporary_keys import (
        TemporaryKeysAuth,
        keys_of_agency,
        keys_of_id_token,
    )

    who, iam_endpoint = settings.credentials, t.cast(str, settings.iam_endpoint)
    if settings.role:
        # Whoever asks does so for the account, whatever project is to be read in the other one.
        asking, _none = authenticate(client, settings._replace(role=None, project_id=None), secrets, None)
        role, endpoint = settings.role, settings.sts_endpoint or iam_endpoint
        return TemporaryKeysAuth(lambda: keys_of_agency(client, role, endpoint, asking=asking, secrets=secrets))
    if who.ecs_metadata:
        from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.metadata import MetadataService

        return TemporaryKeysAuth(MetadataService(client, settings.metadata_endpoint, secrets).keys)
    idp_id, file = t.cast(str, who.idp_id), t.cast(str, who.id_token_file)
    return TemporaryKeysAuth(
        lambda: keys_of_id_token(client, iam_endpoint, idp_id=idp_id, id_token_file=file, secrets=secrets)
    )


def whose(settings: Settings, client: Client | None = None) -> str:
    """Whose the credentials are, for people and to tell credentials apart. It holds no secret.

    Keys that are issued anew each time are known by who issues them, and to whom.

    @param client: what asks the metadata service for the agency of the ECS; without one it is `agency of this ECS`.
    @raises WorkspaceError: the file with the ID token cannot be read, or the metadata service does not answer.
    """
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets as NotShown

    who = settings.credentials
    if who.access_key:
        return f"access key {who.access_key}"
    if who.iam_user_name:
        return f"IAM user {who.iam_user_name} of {who.iam_domain_name}"
    if who.auth_token:
        return f"token {digest(who.auth_token)}"
    if who.idp_id:
        from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.temporary_keys import id_token

        token = id_token(t.cast(str, who.id_token_file), NotShown())
        return f"identity provider {who.idp_id}, {_subject(token)}"
    if client is None:
        return "agency of this ECS"
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.metadata import MetadataService

    return MetadataService(client, settings.metadata_endpoint, NotShown()).agency()


def _subject(token: str) -> str:
    """Whom an ID token speaks of, which stays when the token is replaced; else the token itself; digests of both."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return f"subject {digest(json.dumps([claims['iss'], claims['sub']]))}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return f"token {digest(token)}"


def digest(text: str) -> str:
    """What tells a text from others, and nobody what it is."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
