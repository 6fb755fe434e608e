# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gateway: checks of the signature, the clock, the token and the project.

Signatures are checked with the official SDK's signer: the received request is rebuilt and signed again. Texts and codes
come from the vendor's "Common Errors Related to IAM Authentication Information".
"""

from __future__ import annotations

import calendar
import hmac
import re
import time
from dataclasses import dataclass
from typing import Any

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from simulator.answers import Incoming, RefusedError, gateway_error
from simulator.tenant import Account, Key

CLOCK_TOLERANCE = 15 * 60.0
"""The maximum difference of X-Sdk-Date in seconds."""

AUTHORIZATION = re.compile(r"SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]+)\Z")
INCORRECT = "Incorrect IAM authentication information: "


@dataclass(frozen=True)
class Caller:
    """An authenticated caller and its projects.

    ``domain_id`` is empty for the simulated account, and otherwise the ID of another account. ``temporary``: whether
    the keys are temporary. ``actions``: see `Key`.
    """

    kind: str
    project_ids: set[str]
    domain_id: str = ""
    temporary: bool = False
    actions: list[str] | None = None

    def may_perform(self, action: str) -> bool:
        return self.actions is None or action in self.actions


def sign(incoming: Incoming, headers: dict[str, str], access_key: str, secret_key: str) -> tuple[str, str]:
    """The signature of the SDK's signer for this request, and the canonical request.

    ``headers`` are the signed headers, with lower-case names.
    """

    def fresh() -> Any:
        return SdkRequest(
            method=incoming.method,
            schema="http",
            host=headers.get("host", ""),
            resource_path=incoming.path,
            query_params=list(incoming.query),
            header_params=dict(headers),
            body=incoming.body,
        )

    signer: Any = Signer(BasicCredentials(access_key, secret_key))
    # The signer of a client adds these headers. They must not be added here if the client has not signed them.
    signer._process_header_host = lambda request: None
    signer._process_content_header = lambda request: None
    request = fresh()
    signer.sign(request)
    signature = request.header_params["Authorization"].rsplit("Signature=", 1)[1]
    return signature, signer._process_canonical_request(fresh(), sorted(headers))


class Gateway:
    """The checks."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def authenticate(self, incoming: Incoming) -> Caller:
        """Authenticate the caller, or raise a RefusedError. A token takes precedence over a signature."""
        token = incoming.headers.get("x-auth-token")
        if token is not None:
            return self._by_token(incoming, token)
        authorization = incoming.headers.get("authorization")
        if authorization is None:
            raise self._refusal(incoming, "x-auth-token not found")
        match = AUTHORIZATION.match(authorization)
        if match is None:
            raise self._refusal(incoming, "Authorization header is malformed")
        access_key, names, signature = match.groups()
        key = self._by_signature(incoming, access_key, names.split(";"), signature)
        allowed = {
            project.id
            for project in self.account.projects
            if project.domain_id == key.domain_id and (key.project_ids is None or project.id in key.project_ids)
        }
        return Caller("keys", allowed, key.domain_id, temporary=key.security_token is not None, actions=key.actions)

    def user(self, incoming: Incoming) -> str:
        """The identity for the rate limit: the user of a token, or the access key."""
        token = self.account.tokens.get(incoming.headers.get("x-auth-token", ""))
        match = AUTHORIZATION.match(incoming.headers.get("authorization", ""))
        return token.user.id if token else match[1] if match else ""

    def _by_token(self, incoming: Incoming, value: str) -> Caller:
        token = self.account.tokens.get(value)
        if token is None:
            raise self._refusal(incoming, "decrypt token fail")
        if token.expires_at <= time.time():
            raise self._refusal(incoming, "token expires")
        return Caller("token", {token.project_id} if token.project_id else set())

    def _by_signature(self, incoming: Incoming, access_key: str, names: list[str], signature: str) -> Key:
        headers = incoming.headers
        signed = {name: headers.get(name, "") for name in names}
        try:
            date = calendar.timegm(time.strptime(signed.get("x-sdk-date", ""), "%Y%m%dT%H%M%SZ"))
        except ValueError:
            raise self._refusal(incoming, "x-sdk-date format error") from None
        if abs(date - time.time()) > CLOCK_TOLERANCE:
            text = f"signature expired, signTime:{date}, gateway time differs by more than 15 minutes"
            raise self._refusal(incoming, text)
        key = self.account.key(access_key)
        if key is None:
            raise self._refusal(incoming, f"Get secretKey failed,ak:{access_key},err:ak not exist")
        if key.expires_at is not None and key.expires_at <= time.time():
            raise self._refusal(incoming, "signature expired")
        if (key.security_token or "") != headers.get("x-security-token", ""):
            raise self._refusal(incoming, "verify security token fail")
        right, canonical = sign(incoming, signed, access_key, key.secret_key)
        if not hmac.compare_digest(right, signature):
            text = "verify aksk signature fail, canonicalRequest:" + canonical.replace("\n", "|")
            raise self._refusal(incoming, text)
        return key

    def _refusal(self, incoming: Incoming, text: str) -> RefusedError:
        return RefusedError(gateway_error(401, "APIGW.0301", INCORRECT + text, incoming.request_id))
