# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Identify credentials without showing a secret, to keep cache entries of different credentials apart."""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t

from .._http import secrets
from . import exchange, metadata
from .credentials import Keys, Oidc, Token, User

if t.TYPE_CHECKING:
    from .._http.client import Client
    from .credentials import Credentials


def owner_of(credentials: Credentials, client: Client | None = None) -> str:
    """The owner of the credentials, without a secret.

    Keys that are issued for each call are identified by their issuer and subject.

    @param client: requests the agency of the ECS from the metadata service; without it, `agency of this ECS`.
    @raises WorkspaceError: the file with the ID token cannot be read, or the metadata service does not answer.
    """
    who, not_shown = credentials, secrets.Secrets()
    if isinstance(who, Keys):
        return f"access key {who.access_key}"
    if isinstance(who, User):
        return f"IAM user {who.name} of {who.domain_name}"
    if isinstance(who, Token):
        return f"token {_digest(who.token)}"
    if isinstance(who, Oidc):
        return f"identity provider {who.idp_id}, {_subject(exchange.id_token(who.id_token_file, not_shown))}"
    return metadata.MetadataService(client, who.endpoint, not_shown).agency() if client else "agency of this ECS"


def _subject(token: str) -> str:
    """A digest of the subject of an ID token, which stays the same when the token is refreshed, or of the token."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return f"subject {_digest(json.dumps([claims['iss'], claims['sub']]))}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return f"token {_digest(token)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
