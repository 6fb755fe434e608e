# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How requests authenticate: by signature, token, login, or temporary keys."""

from __future__ import annotations

import typing as t

from . import credentials, signing

if t.TYPE_CHECKING:
    from .._http import query
    from .._http.client import Client
    from .._http.secrets import Secrets
    from .settings import Settings


def authenticate(client: Client, settings: Settings, secrets: Secrets) -> tuple[query.Auth, str | None]:
    """How requests authenticate, and the project ID if it is known or a login returns it.

    A module is compiled for each task, so code that most tasks do not need is imported where it is used.

    @param client: sends the requests for a token or keys, now and to renew them.
    @param secrets: receives every token and key that is issued.
    @raises WorkspaceError: the login was rejected, or no keys were issued.
    """
    role = settings.role
    if not role:
        return _with_credentials(client, settings, secrets, settings.project_id, settings.project_name)
    from . import exchange, temporary_keys

    # The keys of the agency are requested for the account; the project is one of the other account.
    asking, _none = _with_credentials(client, settings, secrets, None, "")
    endpoint = settings.sts_endpoint or settings.iam_endpoint
    return temporary_keys.RenewingAuth(
        lambda: exchange.keys_of_agency(client, endpoint, role, asking, secrets)
    ), settings.project_id


def _with_credentials(
    client: Client, settings: Settings, secrets: Secrets, project_id: str | None, project_name: str
) -> tuple[query.Auth, str | None]:
    """The same without an agency, for this project, or for the account if none is given."""
    who = settings.credentials
    if isinstance(who, credentials.Keys):
        return signing.SignatureAuth(*who), project_id
    if isinstance(who, credentials.Token):
        return signing.TokenAuth(who.token), project_id
    from . import temporary_keys

    if isinstance(who, credentials.Metadata):
        from . import metadata

        return temporary_keys.RenewingAuth(metadata.MetadataService(client, who.endpoint, secrets).keys), project_id
    if isinstance(who, credentials.Oidc):
        from . import exchange

        oidc = who
        return temporary_keys.RenewingAuth(
            lambda: exchange.keys_of_id_token(client, settings.iam_endpoint, oidc, secrets)
        ), project_id
    from . import iam

    user = who

    def new_token() -> temporary_keys.Issued:
        nonlocal project_id
        token, project_id = iam.log_in(client, settings.iam_endpoint, user, project_id, project_name)
        secrets.add(token)
        return temporary_keys.Issued(credentials.Token(token))

    auth = temporary_keys.RenewingAuth(new_token)
    return auth, project_id
