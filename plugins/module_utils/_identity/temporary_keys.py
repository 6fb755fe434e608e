# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""Temporary keys: who gives them, until when, and new ones before they end.

Sources: "Obtaining a Temporary Access Key and Security Token Through an Agency" (or "a Token") of the IAM API reference,
"AssumeAgency" of the STS API reference; the SDK and Terraform's provider for OpenID Connect.
"""

from __future__ import annotations

import os
import re
import threading
import time
import typing as t
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Auth
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import NoKeysError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.roles import DEFAULT_DURATION
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.signing import SignatureAuth

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Answer, Client
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.roles import Role
    from requests import PreparedRequest

#: Who uses the keys, in the records of the other account.
_SESSION_NAME = "ansible"

#: Keys are renewed when less than this is left of them, in seconds and as a part of their life.
_LEAST_LEFT, _LEAST_PART = 300.0, 0.25

#: An ID token may have up to 20,000 characters.
_LONGEST_TOKEN_FILE = 65536

_SPELLINGS = (
    ("access", "accessKeyId", "access_key_id"),
    ("secret", "secretAccessKey", "secret_access_key"),
    ("securitytoken", "securityToken", "security_token"),
)
_END_SPELLINGS = ("expires_at", "expiration")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-]\d\d):?(\d\d))?", re.ASCII)


class Keys(t.NamedTuple):
    """Temporary keys.

    @param life: seconds from C(since), which is C(time.monotonic); C(None) if it is not known.
    """

    access_key: str
    secret_key: str
    security_token: str
    life: float | None
    since: float

    def left(self) -> float:
        """Seconds until they end; endless if that is not known."""
        return float("inf") if self.life is None else self.since + self.life - time.monotonic()

    def about_to_end(self) -> bool:
        """Whether it is time for new ones."""
        return self.life is not None and self.left() < min(_LEAST_LEFT, self.life * _LEAST_PART)


def _seconds_until(end: t.Any, date: str | None) -> float | None:
    """Seconds until a time of ISO 8601, by the clock of the server that said it.

    @param date: the header C(Date) of its answer.
    @returns: C(None) if the time cannot be read or has passed: then only a refusal tells that the keys have ended.
    """
    match = _TIME.fullmatch(end) if isinstance(end, str) else None
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}{match[2] or '+00'}:{match[3] or '00'}")
    except ValueError:
        return None
    try:
        now = parsedate_to_datetime(date or "").astimezone(timezone.utc)
    except (TypeError, ValueError, IndexError):
        now = datetime.now(timezone.utc)
    seconds = (moment - now).total_seconds()
    return seconds if seconds > 0 else None


def word(text: t.Any) -> str | None:
    """The text, if it can travel in a header, as keys and tokens do."""
    fits = isinstance(text, str) and text.isascii() and text.isprintable() and text != "" and " " not in text
    return t.cast(str, text) if fits else None


def read_keys(document: t.Any, date: str | None, secrets: Secrets) -> Keys | None:
    """The keys in an answer of IAM, STS or the metadata service, in any spelling that the SDK knows.

    @param date: the header C(Date) of the answer.
    @param secrets: gets to know them.
    @returns: C(None) if a key is missing or could not travel in a header.
    """
    found = document if isinstance(document, dict) else {}
    found = found.get("credential") or found.get("credentials") or found
    if not isinstance(found, dict):
        return None
    access_key, secret_key, security_token = (
        word(next((found[name] for name in names if found.get(name)), None)) for names in _SPELLINGS
    )
    secrets.add(secret_key, security_token)
    if access_key is None or secret_key is None or security_token is None:
        return None
    end = next((found[name] for name in _END_SPELLINGS if found.get(name)), None)
    return Keys(access_key, secret_key, security_token, _seconds_until(end, date), time.monotonic())


class TemporaryKeysAuth(Auth):
    """Signs with temporary keys, and gets new ones when they are about to end or are refused, by one thread for all.

    @param fetch: asks for keys; called once now.
    """

    def __init__(self, fetch: t.Callable[[], Keys]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._failure: WorkspaceError | None = None
        self._were_refused = False
        self._renew()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        with self._lock:
            if self._keys.about_to_end():
                try:
                    self._renew()
                    self._were_refused = False
                except WorkspaceError:
                    # What is left to be read may need no more than the time that is left of these.
                    if self._keys.left() <= 0:
                        raise
            keys = self._keys
        return SignatureAuth(keys.access_key, keys.secret_key, keys.security_token)(request)

    def renew(self, refused: PreparedRequest) -> bool:
        with self._lock:
            if refused.headers.get("X-Security-Token") != self._keys.security_token:
                return True  # Another thread was refused as well, and has renewed them meanwhile.
            if self._were_refused:
                return False  # New keys are refused as well, so it is not their age.
            self._renew()
            self._were_refused = True
            return True

    def _renew(self) -> None:
        # What fails once is not asked for again by every thread: several refusals in a row lock a key.
        if self._failure is None:
            try:
                self._keys = self._fetch()
            except WorkspaceError as error:
                self._failure = error
        if self._failure is not None:
            raise self._failure


def _no_keys(why: str, error: WorkspaceError, advice: str = "") -> NoKeysError:
    facts = {name: value for name, value in error.facts.items() if value is not None}
    return NoKeysError(f"{why}: {error.without_hint} {advice}" if advice else f"{why}: {error.message}", **facts)


def _keys_in(answer: Answer, secrets: Secrets, option: str) -> Keys:
    keys = read_keys(answer.document, answer.headers.get("Date"), secrets)
    if keys is None:
        raise answer.unusable(f"it lacks the temporary keys: check {option}")
    return keys


def keys_of_agency(client: Client, role: Role, endpoint: str, *, asking: Auth, secrets: Secrets) -> Keys:
    """The keys of an agency of another account.

    @param endpoint: of IAM if the role names its account, of STS if it has the account's id.
    @param asking: who asks for them.
    @param secrets: gets to know the keys.
    @raises NoKeysError: refused, or an answer without keys.
    """
    try:
        if role.domain_id:
            answer = client.request(
                "POST",
                f"{endpoint}/v5/agencies/assume",
                auth=asking,
                json_body={
                    "agency_urn": f"iam::{role.domain_id}:agency:{role.agency_name}",
                    "agency_session_name": _SESSION_NAME,
                    "duration_seconds": role.duration,
                },
            )
            return _keys_in(answer, secrets, "sts_endpoint")
        assume_role = {
            "agency_name": role.agency_name,
            "domain_name": role.domain_name,
            "duration_seconds": role.duration,
        }
        answer = client.request(
            "POST",
            f"{endpoint}/v3.0/OS-CREDENTIAL/securitytokens",
            auth=asking,
            json_body={"auth": {"identity": {"methods": ["assume_role"], "assume_role": assume_role}}},
            expected=201,
        )
        return _keys_in(answer, secrets, "iam_endpoint")
    except NoKeysError:
        raise  # The keys that ask are temporary as well, and it is those that were not given.
    except WorkspaceError as error:
        account, needed = ("assume_role_domain_name", "the role Agent Operator")
        if role.domain_id:
            account, needed = ("assume_role_domain_id", "the action sts:agencies:assume")
        advice = (
            f"Check assume_role_agency_name and {account}, that the agency trusts the requesting account, and that"
            f" the caller has {needed}."
        )
        refused = error.facts["status_code"] in (403, 404)
        raise _no_keys(f"The {role} was not assumed", error, advice if refused else "") from None


def id_token(path: str, secrets: Secrets) -> str:
    """The token in the file as it is now; whoever refreshes it may do so while a module runs.

    @raises WorkspaceError: unreadable, empty or no token. The message does not repeat what stands there.
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


def keys_of_id_token(client: Client, endpoint: str, *, idp_id: str, id_token_file: str, secrets: Secrets) -> Keys:
    """The keys that IAM gives for an ID token of OpenID Connect, which it exchanges for an unscoped token first.

    @param endpoint: of IAM.
    @param secrets: gets to know the tokens and the keys.
    @raises WorkspaceError: refused, an answer without token or keys, or no ID token in the file.
    """
    presented = id_token(id_token_file, secrets)
    try:
        answer = client.request(
            "POST",
            f"{endpoint}/v3.0/OS-AUTH/id-token/tokens",
            auth=Auth(),
            headers={"X-Idp-Id": idp_id},
            json_body={"auth": {"id_token": {"id": presented}}},
            expected=201,
        )
        token = answer.headers.get("X-Subject-Token")
        if not token:
            raise answer.unusable("the header X-Subject-Token, which holds the token, is missing: check iam_endpoint")
        secrets.add(token)
        given = {"id": token, "duration_seconds": DEFAULT_DURATION}
        answer = client.request(
            "POST",
            f"{endpoint}/v3.0/OS-CREDENTIAL/securitytokens",
            auth=Auth(),
            json_body={"auth": {"identity": {"methods": ["token"], "token": given}}},
            expected=201,
        )
        return _keys_in(answer, secrets, "iam_endpoint")
    except WorkspaceError as error:
        refused = error.facts["status_code"] in (400, 401, 403, 404)
        advice = f"Check idp_id, and whether the token in id_token_file {id_token_file} has expired." if refused else ""
        raise _no_keys("The ID token was not exchanged for keys", error, advice) from None
