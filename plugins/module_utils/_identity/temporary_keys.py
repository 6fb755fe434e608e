# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keys and tokens with a limited lifetime: read from a response, added to requests, and renewed."""

from __future__ import annotations

import threading
import time
import typing as t

from .._http import errors, query, retry, timestamps
from . import credentials, signing

if t.TYPE_CHECKING:
    from requests import PreparedRequest

    from .._http.secrets import Secrets

#: Keys are renewed when less than this is left of their lifetime, in seconds or as a fraction of it.
_LEAST_LEFT, _LEAST_PART = 300.0, 0.25
#: A failed renewal is retried after this fraction of the time that is left, and at least so many seconds later: at most
#: five times in the last five minutes, because six rejections in a row lock an access key.
_WAIT_PART, _LEAST_WAIT = 0.75, 5.0

_SPELLINGS = (
    ("access", "accessKeyId", "access_key_id"),
    ("secret", "secretAccessKey", "secret_access_key"),
    ("securitytoken", "securityToken", "security_token"),
)
_END_SPELLINGS = ("expires_at", "expiration")


class Issued(t.NamedTuple):
    """Keys or a token from a server.

    @param life: lifetime in seconds from `since`, which is `time.monotonic`; None if it is not known.
    """

    credentials: credentials.Keys | credentials.Token
    life: float | None = None
    since: float = 0.0

    def left(self) -> float:
        """Seconds until they expire; infinite if that is not known."""
        return float("inf") if self.life is None else self.since + self.life - time.monotonic()

    def about_to_end(self) -> bool:
        """Whether they have to be renewed."""
        return self.life is not None and self.left() < min(_LEAST_LEFT, self.life * _LEAST_PART)

    def are_on(self, request: PreparedRequest) -> bool:
        """Whether the request was sent with these credentials."""
        if isinstance(self.credentials, credentials.Token):
            return request.headers.get("X-Auth-Token") == self.credentials.token
        return request.headers.get("X-Security-Token") == self.credentials.security_token


class RenewingAuth(query.Auth):
    """Add keys or a token to requests. Renew them for all threads before they expire, or once they are rejected.

    Only those that were accepted before are renewed after a rejection: new ones that are rejected have not expired.

    @param source: requests keys or a token; first called here.
    """

    def __init__(self, source: t.Callable[[], Issued]) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._failure: errors.WorkspaceError | None = None
        self._were_accepted = False
        self._not_before = 0.0
        self._issued = source()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        with self._lock:
            if self._issued.about_to_end() and time.monotonic() >= self._not_before:
                self._renew_in_time()
            shown = self._issued.credentials
        auth = signing.TokenAuth(shown.token) if isinstance(shown, credentials.Token) else signing.SignatureAuth(*shown)
        return auth(request)

    def accepted(self, request: PreparedRequest) -> None:
        with self._lock:
            self._were_accepted |= self._issued.are_on(request)

    def renew(self, rejected: PreparedRequest) -> bool:
        with self._lock:
            if not self._issued.are_on(rejected):
                return True  # Another thread has renewed them in the meantime.
            if not self._were_accepted:
                return False
            self._renew()
            return True

    def _renew_in_time(self) -> None:
        left = self._issued.left()
        try:
            self._renew()
        except errors.WorkspaceError:
            if left <= 0:
                raise
            # The current ones may last until everything is read.
            self._failure = None
            self._not_before = time.monotonic() + min(left, max(left * _WAIT_PART, _LEAST_WAIT))

    def _renew(self) -> None:
        # A failure is final for all threads: several rejections in a row lock an access key.
        if self._failure is None:
            try:
                self._issued, self._were_accepted = self._source(), False
            except errors.WorkspaceError as error:
                self._failure = error
        if self._failure is not None:
            raise self._failure


def _seconds_until(end: t.Any, date: str | None) -> float | None:
    """Seconds until a time in ISO 8601, by the clock of the server that returned it with this header `Date`.

    @returns: None if the time cannot be parsed or has passed: then only a rejection shows that the keys have expired.
    """
    moment = timestamps.utc_time(end) if isinstance(end, str) else None
    now = retry.http_date(date)
    seconds = moment.timestamp() - (time.time() if now is None else now) if moment else 0
    return seconds if seconds > 0 else None


def read_keys(document: t.Any, date: str | None, secrets: Secrets) -> Issued | None:
    """The keys in a response of IAM, STS or the metadata service, in any spelling that the SDK knows.

    @param date: the header `Date` of the response.
    @param secrets: receives them.
    @returns: None if a key is missing or cannot be sent in a header.
    """
    found = document if isinstance(document, dict) else {}
    found = found.get("credential") or found.get("credentials") or found
    if not isinstance(found, dict):
        return None
    texts = (next((found[name] for name in names if found.get(name)), None) for names in _SPELLINGS)
    keys = [text if isinstance(text, str) and credentials.fits_in_header(text) else None for text in texts]
    secrets.add(*keys[1:])
    if None in keys:
        return None
    end = next((found[name] for name in _END_SPELLINGS if found.get(name)), None)
    return Issued(credentials.Keys(*map(str, keys)), _seconds_until(end, date), time.monotonic())
