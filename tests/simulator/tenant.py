# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated account: credentials, and projects with their desktops, users and pools.

Field names are those of the vendor's pages. All times are seconds since the epoch.
"""

from __future__ import annotations

import functools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")
"""The four values of connect_status (vendor page of connect-desktops)."""

TOKEN_LIFETIME = 24 * 3600.0
"""Seconds; 24 hours according to "Obtaining a User Token Through Password Authentication"."""

Record = dict[str, Any]


def hex_id(rng: random.Random) -> str:
    """32 hexadecimal digits, the format of project and account IDs."""
    return f"{rng.getrandbits(128):032x}"


def uuid_id(rng: random.Random) -> str:
    """An ID in the format of a UUID, for desktops, pools and groups."""
    text = hex_id(rng)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def attached(identity: str, name: str, user_group: str = "users", kind: str = "USER") -> Record:
    """An entry of attach_users: a user or user group that a desktop is assigned to."""
    return {"id": identity, "name": name, "user_group": user_group, "type": kind}


@dataclass(eq=False)
class Pool:
    """A desktop pool; ``fields`` are fields of desktop-pools that override those of shapes.py."""

    id: str
    name: str
    fields: Record = field(default_factory=dict)


@dataclass(eq=False)
class Desktop:
    """A desktop; connect_status may be null or an undocumented status.

    ``extra``: more fields of connect-desktops. ``detail``: fields of desktops/detail that override those of shapes.py.
    ``idle_days``: days since the last use; None without a usage record. ``number``: its index in the order of creation.
    """

    desktop_id: str
    desktop_name: str
    connect_status: str | None
    attach_users: list[Record] = field(default_factory=list)
    extra: Record = field(default_factory=dict)
    pool: Pool | None = None
    detail: Record = field(default_factory=dict)
    idle_days: int | None = 0
    number: int = 0

    def set_status(self, status: str | None) -> None:
        """Set connect_status. Except for UNREGISTER, the desktop is then also running."""
        self.connect_status = status
        if status in STATUSES[1:]:
            self.detail.pop("status", None)

    def names(self, kind: str) -> list[str]:
        """The names of the users (USER) or groups (GROUP) that it is assigned to."""
        return [entry["name"] for entry in self.attach_users if entry["type"] == kind]


@dataclass
class User:
    """A desktop user; ``fields`` are fields of the directory that override those of shapes.py.

    ``pools``: the pools that the user may use, and whether a desktop of the pool is assigned to the user.
    """

    id: str
    name: str
    user_group: str = "users"
    pools: dict[Pool, bool] = field(default_factory=dict)
    fields: Record = field(default_factory=dict)

    def as_attached(self) -> Record:
        return attached(self.id, self.name, self.user_group)


@dataclass
class Task:
    """A task of the service; ``fields`` are fields, including those of the details, that override those of shapes.py.

    ``upgrade``: whether it is an upgrade task, which has other fields.
    """

    id: str
    name: str
    upgrade: bool = False
    fields: Record = field(default_factory=dict)


@dataclass
class Login:
    """A connection of a user to a desktop.

    ``ago``: seconds from its beginning to the start of the simulator. ``lasted``: its duration in seconds; None if it
    lasts. ``failure``: why it failed, or empty.
    """

    user: str
    computer: str
    ago: float = 3600.0
    lasted: float | None = None
    failure: str = ""


@dataclass
class Project:
    """A project of the account. Its name is the region, or region_something for a sub-project.

    ``domain_id`` is empty for the account itself, and otherwise the ID of another account. ``locked``: whether Workspace
    is locked, for example because of arrears. ``token``: a token for it. ``desktops`` are in the order in which the API
    lists them.
    """

    id: str
    name: str
    region: str
    workspace_enabled: bool = True
    locked: bool = False
    enabled: bool = True
    parent_id: str = ""
    domain_id: str = ""
    token: str | None = None
    desktops: list[Desktop] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    pools: list[Pool] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)

    def add(self, desktop: Desktop) -> None:
        self.desktops.append(desktop)
        desktop.number = len(self.desktops)

    @functools.cached_property
    def owned(self) -> Counter[str]:
        """The ID of a user or group -> the number of its desktops, at the start."""
        return Counter(entry["id"] for desktop in self.desktops for entry in desktop.attach_users)


@dataclass
class Key:
    """An access key. With a security token it is temporary, and both must be sent together.

    ``domain_id``: empty for the account itself, as in a project. ``actions``: the IAM actions that the owner may perform;
    None for all.
    """

    access_key: str
    secret_key: str
    security_token: str | None = None
    expires_at: float | None = None
    project_ids: set[str] | None = None
    domain_id: str = ""
    actions: list[str] | None = None

    def as_control(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in ("access_key", "secret_key", "security_token")}


@dataclass
class Agency:
    """An agency of another account that the simulated account can assume."""

    name: str
    domain_name: str
    domain_id: str


@dataclass
class IamUser:
    """An IAM user who can log in with a password."""

    id: str
    name: str
    password: str


@dataclass
class Token:
    """An X-Auth-Token. Without a project it is only valid for the account (IAM, not Workspace)."""

    value: str
    expires_at: float
    project_id: str | None
    user: IamUser


class Account:
    """The whole tenant (IAM calls it a domain). The seed determines its random values.

    ``idp_id``, ``id_token``: an OpenID Connect provider that the account trusts, and its only ID token.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"{seed}/account")
        self.domain_id = hex_id(self.rng)
        self.domain_name = "acme-cloud"
        self.iam_users = [IamUser(hex_id(self.rng), "ops", f"Pa+ss/{hex_id(self.rng)[:12]}=")]
        self.keys = [self._new_key(), self._new_key(temporary=True)]
        self.idp_id = f"provider-{hex_id(self.rng)[:8]}"
        self.id_token = "eyJ" + ".".join(self._text(length) for length in (64, 384, 160))
        self.projects: list[Project] = []
        self.agencies: list[Agency] = []
        self.tokens: dict[str, Token] = {}
        self.issued_keys: list[Key] = []

    def _text(self, length: int) -> str:
        return f"{self.rng.getrandbits(4 * length):0{length}x}"

    def _new_key(self, *, temporary: bool = False) -> Key:
        # Real security tokens contain "+", "/" and "=", which are changed by URL encoding.
        token = f"gQpj+{self._text(120)}/{self._text(80)}==" if temporary else None
        return Key(self._text(20).upper(), self._text(40), token)

    def project(self, project_id: str) -> Project | None:
        return next((project for project in self.projects if project.id == project_id), None)

    def key(self, access_key: str) -> Key | None:
        return next((key for key in self.keys if key.access_key == access_key), None)

    def issue_token(self, user: IamUser, project_id: str | None) -> Token:
        value = f"MII{self._text(1022)}"
        token = self.tokens[value] = Token(value, time.time() + TOKEN_LIFETIME, project_id, user)
        return token

    def issue_ready_tokens(self) -> Account:
        """Create a token for each project of the account itself."""
        for project in self.projects:
            if not project.domain_id:
                project.token = self.issue_token(self.iam_users[0], project.id).value
        return self

    def issue_keys(self, domain_id: str, expires_at: float) -> Key:
        """Create temporary keys for the projects of an account."""
        key = self._new_key(temporary=True)
        key.domain_id, key.expires_at = domain_id, expires_at
        self.keys.append(key)
        self.issued_keys.append(key)
        return key
