# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the event source remembers between two checks, and in its state file across restarts."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import time
import typing as t

from ...module_utils._http.errors import WorkspaceError
from .._files import replace_file
from .events import Seen, Service

#: The version of the state file. Increase it if older files can no longer be read.
_VERSION = 2

#: Seconds for which rejected credentials are not used again. Six rejected requests in a row lock an access key.
PAUSE = 600.0


class OtherServiceError(WorkspaceError):
    """The state file was written for another service or selection."""


class Rejected(t.NamedTuple):
    """Credentials that were rejected with HTTP 401.

    @param at: when, in seconds since 1970.
    @param salt: random, so that the digest does not show which credentials were rejected.
    """

    at: float
    salt: str
    digest: str

    @classmethod
    def now(cls, credentials: str) -> Rejected:
        """Credentials that were rejected now.

        @param credentials: a text that contains all of them.
        """
        salt = secrets.token_hex(16)
        return cls(time.time(), salt, _digest(credentials, salt))

    def must_wait(self, credentials: str) -> bool:
        """Whether these are the same credentials, and the pause is not over."""
        return 0 <= time.time() - self.at < PAUSE and self.digest == _digest(credentials, self.salt)


def _digest(credentials: str, salt: str) -> str:
    # Slow, because passwords can be guessed.
    return hashlib.pbkdf2_hmac("sha256", credentials.encode("utf-8", "surrogatepass"), salt.encode(), 100_000).hex()


class StateFile:
    """The state file of a source. It is locked until it is closed.

    @param path: its path; `None` to remember the state in this process only.
    @raises WorkspaceError: another source uses it, it cannot be read, is not a state file, or its folder is not writable.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._lock = -1
        #: The state after the last check whose events have all been taken.
        self.seen = Seen()
        self.service: Service | None = None
        self.rejected: Rejected | None = None
        if path is None:
            return
        # Before the lock, so that no file is created next to one that is not a state file.
        self._read(path)
        try:
            # Another file, because the state file is replaced when it is written.
            self._lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._read(path)
        except BlockingIOError:
            self.close()
            raise WorkspaceError(
                f"state_file {path} is used by another source: set another state_file, or end that source."
            ) from None
        except OSError as error:
            raise WorkspaceError(f"state_file {path}.lock cannot be written: {error.strerror}.") from None

    def _read(self, path: str) -> None:
        try:
            with open(path, encoding="utf-8") as file:
                self._load(file.read())
        except FileNotFoundError:
            if not os.path.isdir(os.path.dirname(path) or "."):
                raise WorkspaceError(f"state_file {path}: its folder does not exist.") from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise WorkspaceError(f"state_file {path} cannot be read: {reason}.") from None

    def _load(self, text: str) -> None:
        try:
            document = json.loads(text)
            version, service, rejected, desktops, failing = (
                document.pop(name) for name in ("version", "service", "rejected", "desktops", "failing")
            )
            if version != _VERSION or document:
                raise ValueError
            known = None if desktops is None else {desktop["desktop_id"]: desktop for desktop in desktops}
            self.seen = Seen(known, bool(failing))
            self.service = None if service is None else Service(**service)
            self.rejected = None if rejected is None else Rejected(**{**rejected, "at": float(rejected["at"])})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise WorkspaceError(
                f"state_file {self._path} is not a state file of this version: set another state_file, or remove the"
                " file."
            ) from None

    def check_service(self, service: Service) -> None:
        """Check that the state belongs to this project and selection.

        @raises OtherServiceError: it does not; the message contains the difference.
        """
        if self.service is None:
            return
        known, now = ({**one._asdict(), **one.selection} for one in (self.service, service))
        for name in ("endpoint", "project_id", *sorted(self.service.selection.keys() | service.selection.keys())):
            if known.get(name) != now.get(name):
                raise OtherServiceError(
                    f"state_file {self._path} belongs to another source: its {name} is {_shown(known.get(name))}, not"
                    f" {_shown(now.get(name))}. Set another state_file, or remove the file."
                )

    def save(self) -> None:
        """Write the file, readable for its owner only, and replace it in one step.

        @raises WorkspaceError: it cannot be written.
        """
        if self._path is None:
            return
        document = {
            "version": _VERSION,
            "service": self.service and self.service._asdict(),
            "rejected": self.rejected and self.rejected._asdict(),
            "failing": self.seen.failing,
            "desktops": None if self.seen.desktops is None else list(self.seen.desktops.values()),
        }
        try:
            replace_file(self._path, json.dumps(document))
        except OSError as error:
            raise WorkspaceError(f"state_file {self._path} cannot be written: {error.strerror}.") from None

    def close(self) -> None:
        """Release the lock."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _shown(value: str | list[str] | None) -> str:
    return value if isinstance(value, str) else ", ".join(value or ()) or "none"
