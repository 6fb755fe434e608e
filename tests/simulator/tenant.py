# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated account: credentials, and projects with their desktops, users and pools.

Field names are those of the vendor's pages "Querying Desktop Connection Statuses" and "Listing
Associated Desktop Pools". All times are seconds since the epoch.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Callable

from simulator import MistakeError

STATUSES = ("UNREGISTER", "REGISTERED", "CONNECTED", "DISCONNECTED")
"""The four values of connect_status (vendor page of connect-desktops)."""

TOKEN_LIFETIME = 24 * 3600.0
"""Seconds; 24 hours according to "Obtaining a User Token Through Password Authentication"."""


TOKEN_SIZE = 1024
"""The number of characters of a token."""


def check_status(status: str | None) -> None:
    """Check the format of a status. Unknown statuses are allowed, because the API may add new ones."""
    if status is not None and not re.match(r"^[A-Z][A-Z0-9_]*\Z", status):
        raise MistakeError(f"{status!r} is no status: capital letters, as in " + ", ".join(STATUSES))


def hex_id(rng: random.Random) -> str:
    """32 hexadecimal digits, the format of project and account IDs."""
    return f"{rng.getrandbits(128):032x}"


def uuid_id(rng: random.Random) -> str:
    """An ID in the format of a UUID, for desktops, pools and groups."""
    text = hex_id(rng)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@dataclass
class AttachedTo:
    """An entry of attach_users: a user or user group that a desktop is assigned to."""

    id: str | None
    name: str | None
    user_group: str | None
    type: str | None

    def as_api(self) -> dict[str, Any]:
        return {**vars(self)}


@dataclass(eq=False)
class Desktop:
    """A desktop; connect_status may be null or an undocumented status.

    ``detail``: fields of desktops/detail that override those of shapes.py. ``idle_days``: days since the last use; None
    without a usage record. ``number``: its index in the order of creation.
    """

    desktop_id: str
    desktop_name: str
    connect_status: str | None
    attach_users: list[AttachedTo] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    pool: Pool | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    idle_days: int | None = 0
    number: int = 0

    def __post_init__(self) -> None:
        check_status(self.connect_status)

    def set_status(self, status: str | None) -> None:
        """Set connect_status. Except for UNREGISTER, the desktop is then also running."""
        check_status(status)
        self.connect_status = status
        if status in STATUSES[1:]:
            self.detail.pop("status", None)

    def as_api(self) -> dict[str, Any]:
        """The shape of ConnectDesktopsInfo, with additional fields of the tenant file."""
        answer: dict[str, Any] = {
            "desktop_id": self.desktop_id,
            "desktop_name": self.desktop_name,
            "connect_status": self.connect_status,
            "attach_users": [entry.as_api() for entry in self.attach_users],
        }
        answer.update(self.extra)
        return answer


@dataclass
class Pool:
    """A desktop pool; ``fields`` are fields of desktop-pools that override those of shapes.py."""

    id: str
    name: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class Membership:
    """A pool that a user may use; ``attached``: whether a desktop of the pool is assigned to the user."""

    pool: Pool
    attached: bool

    def as_api(self) -> dict[str, Any]:
        return {
            "desktop_pool_id": self.pool.id,
            "desktop_pool_name": self.pool.name,
            "is_attached": self.attached,
        }


@dataclass
class User:
    """A desktop user; ``fields`` are fields of the directory that override those of shapes.py."""

    id: str
    name: str
    user_group: str = "users"
    pools: list[Membership] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)

    def as_api(self) -> dict[str, Any]:
        """The shape of ShowDesktopPoolListByUsersInfo."""
        pools = [entry.as_api() for entry in self.pools]
        return {"user_id": self.id, "desktop_pool_count": len(pools), "desktop_pools": pools}

    def as_attached(self) -> AttachedTo:
        return AttachedTo(self.id, self.name, self.user_group, "USER")


@dataclass
class Task:
    """A task of the service; ``fields`` are fields, including those of the details, that override those of shapes.py.

    ``upgrade``: whether it is an upgrade task, which has other fields.
    """

    id: str
    name: str
    upgrade: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


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
    reconnect: bool = False


@dataclass
class Churn:
    """The changes of a fleet while it was read: IDs in the order of the changes."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    flipped: list[str] = field(default_factory=list)


class Fleet:
    """The desktops of one project, in the order in which the API lists them."""

    def __init__(self, desktops: Iterable[Desktop] = ()) -> None:
        self._desktops: list[Desktop] = list(desktops)
        self._by_id: dict[str, Desktop] = {}
        self._by_name: dict[str, list[Desktop]] = {}
        self._positions: dict[str, int] | None = None
        self._created = 0
        self.churn = Churn()
        for desktop in self._desktops:
            if desktop.desktop_id in self._by_id:
                raise MistakeError(f"two desktops have the id {desktop.desktop_id}")
            self._index(desktop)

    def _index(self, desktop: Desktop) -> None:
        self._created += 1
        desktop.number = self._created
        self._by_id[desktop.desktop_id] = desktop
        for name in {entry.name for entry in desktop.attach_users if entry.name is not None}:
            self._by_name.setdefault(name, []).append(desktop)

    def __len__(self) -> int:
        return len(self._desktops)

    def all(self) -> list[Desktop]:
        return list(self._desktops)

    def _in_order(self, desktops: Iterable[Desktop]) -> list[Desktop]:
        if self._positions is None:
            self._positions = {desktop.desktop_id: place for place, desktop in enumerate(self._desktops)}
        positions = self._positions
        return sorted(desktops, key=lambda desktop: positions[desktop.desktop_id])

    def with_ids(self, ids: Iterable[str]) -> list[Desktop]:
        """The existing desktops with these IDs, in order."""
        return self._in_order(self._by_id[one] for one in dict.fromkeys(ids) if one in self._by_id)

    def of_users(self, names: Iterable[str], same: Callable[[str, str], bool] | None = None) -> list[Desktop]:
        """The desktops of these users, in order; ``same``: a function to compare names (default: exactly)."""
        wanted: set[str] = set(names)
        if same is not None:
            wanted = {known for known in self._by_name if any(same(name, known) for name in wanted)}
        ids = {desktop.desktop_id for name in wanted for desktop in self._by_name.get(name, ())}
        return self._in_order(self._by_id[desktop_id] for desktop_id in ids)

    def add(self, desktop: Desktop, position: int) -> None:
        self._desktops.insert(position, desktop)
        self._index(desktop)
        self._positions = None
        self.churn.added.append(desktop.desktop_id)

    def remove(self, desktop: Desktop) -> None:
        self._desktops.remove(desktop)
        del self._by_id[desktop.desktop_id]
        for name in {entry.name for entry in desktop.attach_users if entry.name is not None}:
            self._by_name[name].remove(desktop)
        self._positions = None
        self.churn.removed.append(desktop.desktop_id)


@dataclass
class Project:
    """A project of the account. Its name is the region, or region_something for a sub-project.

    ``domain_id`` is empty for the account itself, and otherwise the ID of another account. ``locked``: whether Workspace
    is locked, for example because of arrears.
    """

    id: str
    name: str
    region: str
    workspace_enabled: bool = True
    locked: bool = False
    enabled: bool = True
    parent_id: str = ""
    domain_id: str = ""
    fleet: Fleet = field(default_factory=Fleet)
    users: dict[str, User] = field(default_factory=dict)
    pools: list[Pool] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)

    def as_iam(self, domain_id: str) -> dict[str, Any]:
        """The shape of an entry of IAM's GET /v3/projects."""
        return {
            "id": self.id,
            "name": self.name,
            "domain_id": self.domain_id or domain_id,
            "parent_id": self.parent_id or self.domain_id or domain_id,
            "enabled": self.enabled,
            "is_domain": False,
            "description": "",
        }

    def as_control(self) -> dict[str, Any]:
        """The whole project in the shapes of the API, with names in addition to IDs."""
        return {
            "id": self.id,
            "name": self.name,
            "region": self.region,
            "desktops": [desktop.as_api() for desktop in self.fleet.all()],
            "users": [{**user.as_api(), "user_name": user.name} for user in self.users.values()],
            "pools": [{"id": pool.id, "name": pool.name} for pool in self.pools],
            "churn": asdict(self.fleet.churn),
        }


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


@dataclass
class Agency:
    """An agency of another account that the simulated account can assume."""

    name: str
    domain_name: str
    domain_id: str


@dataclass
class IdentityProvider:
    """An OpenID Connect provider that the account trusts, and its only ID token."""

    id: str
    id_token: str


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


@dataclass
class Account:
    """The whole tenant (IAM calls it a domain)."""

    domain_id: str
    domain_name: str
    projects: list[Project]
    keys: list[Key]
    iam_users: list[IamUser]
    seed: int
    ready_tokens: list[Token] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    agencies: list[Agency] = field(default_factory=list)
    provider: IdentityProvider = field(default_factory=lambda: IdentityProvider("", ""))
    issued_keys: list[Key] = field(default_factory=list)

    def project(self, project_id: str) -> Project | None:
        return next((project for project in self.projects if project.id == project_id), None)

    def project_named(self, name: str) -> Project | None:
        return next((project for project in self.projects if project.name == name and not project.domain_id), None)

    def key(self, access_key: str) -> Key | None:
        return next((key for key in self.keys if key.access_key == access_key), None)

    def issue_token(self, user: IamUser, project_id: str | None, now: float) -> Token:
        """Create a token with a random value."""
        value = ("MII" + secrets.token_urlsafe(TOKEN_SIZE))[:TOKEN_SIZE]
        token = self.tokens[value] = Token(value, now + TOKEN_LIFETIME, project_id, user)
        return token

    def issue_keys(self, domain_id: str, expires_at: float) -> Key:
        """Create temporary keys for the projects of an account."""
        # Real security tokens contain "+", "/" and "=", which are changed by URL encoding.
        token = f"hQpj+{secrets.token_hex(60)}/{secrets.token_hex(40)}=="
        key = Key(f"HST{secrets.token_hex(9)[:17].upper()}", secrets.token_urlsafe(30), token, expires_at)
        key.domain_id = domain_id
        self.keys.append(key)
        self.issued_keys.append(key)
        return key

    def expire_keys(self) -> None:
        """Invalidate all temporary keys issued so far."""
        for key in self.issued_keys:
            key.expires_at = 0.0

    def expire_tokens(self) -> None:
        """Invalidate all tokens issued so far."""
        for token in self.tokens.values():
            token.expires_at = 0.0

    def ready_token(self, project_id: str) -> Token | None:
        """The token for this project that is created at the start."""
        return next((token for token in self.ready_tokens if token.project_id == project_id), None)

    def as_control(self, project_id: str | None = None) -> dict[str, Any]:
        return {
            "domain_id": self.domain_id,
            "domain_name": self.domain_name,
            "projects": [
                project.as_control() for project in self.projects if project_id is None or project.id == project_id
            ],
        }


def finish_account(account: Account, now: float) -> Account:
    """Create a token for each project. The values depend on the seed, so that they are known in advance."""
    rng = random.Random(f"{account.seed}/tokens")
    for project in account.projects:
        if project.domain_id:
            continue
        value = "MII" + "".join(hex_id(rng) for _index in range(TOKEN_SIZE // 32))
        token = Token(value[:TOKEN_SIZE], now + TOKEN_LIFETIME, project.id, account.iam_users[0])
        account.ready_tokens.append(token)
        account.tokens[token.value] = token
    rng = random.Random(f"{account.seed}/provider")
    parts = ("".join(hex_id(rng) for _part in range(length)) for length in (2, 12, 5))
    account.provider = IdentityProvider(f"provider-{hex_id(rng)[:8]}", "eyJ" + ".".join(parts))
    return account
