# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant written by hand in YAML; README.md shows the format.

Whatever is left out is made up from the seed, so that a file needs to say only what matters to it. Keys are checked,
so that a slip of the pen is no silent nothing; values are not.
"""

from __future__ import annotations

import random
import uuid
from pathlib import Path
from typing import Any

import yaml

from simulator.seed import FleetPlan, access_keys, fill, project_name
from simulator.tenant import (
    Account,
    AttachedTo,
    Desktop,
    Fleet,
    IamUser,
    Key,
    Membership,
    Pool,
    Project,
    TenantError,
    User,
    check_status,
    finish_account,
    hex_id,
)

NAMESPACE = uuid.UUID("6f0a2a0e-4b7f-5c3a-9d55-1f2f3a4b5c6d")

FLEET_KEYS = ("users", "groups", "pools", "desktops", "generate")
PROJECT_KEYS = ("name", "id", "region", "parent_id", "workspace", "enabled", *FLEET_KEYS)
ACCOUNT_KEYS = ("account", "account_id", "credentials", "iam_users", "projects", *PROJECT_KEYS)
DESKTOP_KEYS = ("name", "id", "status", "users", "groups", "former_users", "pool", "idle_days", "detail", "extra")

Mapping = dict[str, Any]


def _mapping(value: Any, where: str, *keys: str) -> Mapping:
    """A mapping with only these keys; a text is one with just a name."""
    found = {"name": value} if isinstance(value, str) and "name" in keys else value or {}
    if not isinstance(found, dict):
        raise TenantError(f"{where}: a mapping is needed, not {value!r}")
    for key in found:
        if key not in keys:
            raise TenantError(f"{where}.{key}: unknown key; there are {', '.join(keys)}".lstrip("."))
    return found


def _entries(fields: Mapping, key: str, *keys: str) -> list[tuple[str, Mapping]]:
    """The entries of a list, each a mapping with a name in it or just the name, and where each is."""
    found = []
    for number, value in enumerate(fields.get(key) or ()):
        where = f"{key}[{number}]"
        entry = _mapping(value, where, "name", *keys)
        if not isinstance(entry.get("name"), str):
            raise TenantError(f"{where}: has no name that is text")
        found.append((where, entry))
    return found


class FleetReader:
    """Reads one project's users, pools and desktops; what is only mentioned somewhere is made up."""

    def __init__(self, project: Project, seed: str) -> None:
        self._project = project
        self._seed = seed
        self._users: dict[str, User] = {user.name: user for user in project.users.values()}
        self._pools: dict[str, Pool] = {pool.name: pool for pool in project.pools}
        self._groups: dict[str, AttachedTo] = {}
        self._desktops: list[Desktop] = project.fleet.all()

    def _id(self, kind: str, name: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self._seed}/{self._project.name}/{kind}/{name}"))

    def read(self, fields: Mapping) -> None:
        for _where, pool in _entries(fields, "pools", "id", "fields"):
            name = pool["name"]
            self._pools[name] = Pool(pool.get("id", self._id("pool", name)), name, pool.get("fields", {}))
        for _where, group in _entries(fields, "groups", "id", "user_group"):
            self._group(group["name"], group)
        for where, user in _entries(fields, "users", "id", "user_group", "pools", "fields"):
            if user["name"] in self._users:
                raise TenantError(f"{where}: there is a user {user['name']!r} already")
            self._read_user(user)
        for where, desktop in _entries(fields, "desktops", *DESKTOP_KEYS):
            self._read_desktop(desktop, where)
        self._project.users = {user.id: user for user in self._users.values()}
        self._project.pools = list(self._pools.values())
        self._project.fleet = Fleet(self._desktops)

    def _user(self, name: str) -> User:
        return self._users.setdefault(name, User(self._id("user", name), name))

    def _pool(self, name: str) -> Pool:
        return self._pools.setdefault(name, Pool(self._id("pool", name), name))

    def _group(self, name: str, fields: Mapping | None = None) -> AttachedTo:
        told = fields or {}
        group_id, user_group = told.get("id", self._id("group", name)), told.get("user_group", "default")
        return self._groups.setdefault(name, AttachedTo(group_id, name, user_group, "GROUP"))

    def _read_user(self, told: Mapping) -> None:
        name, pools = told["name"], told.get("pools", ())
        user = User(told.get("id", self._id("user", name)), name, told.get("user_group", "users"))
        user.fields = told.get("fields", {})
        self._users[name] = user
        chosen = pools if isinstance(pools, dict) else dict.fromkeys(pools, True)
        user.pools = [Membership(self._pool(pool), attached) for pool, attached in chosen.items()]

    def _read_desktop(self, fields: Mapping, where: str) -> None:
        name, status = fields["name"], fields.get("status", "REGISTERED")
        if status is not None:
            check_status(str(status), where)
        # Two desktops may have one name, so the place in the list is part of what the id is made from.
        desktop_id = fields.get("id", self._id("desktop", f"{len(self._desktops)}/{name}"))
        desktop = Desktop(desktop_id, name, status)
        desktop.extra, desktop.detail = fields.get("extra", {}), fields.get("detail", {})
        desktop.idle_days = fields.get("idle_days", 0)
        owners = [self._user(user) for user in fields.get("users", ())]
        desktop.attach_users += [user.as_attached() for user in owners]
        for former in fields.get("former_users", ()):
            desktop.attach_users.append(AttachedTo(self._id("user", former), former, "users", "USER"))
        desktop.attach_users += [self._group(group) for group in fields.get("groups", ())]
        if "pool" in fields:
            desktop.pool = self._pool(fields["pool"])
            for user in owners:
                held = [entry for entry in user.pools if entry.pool is desktop.pool]
                user.pools += [] if held else [Membership(desktop.pool, True)]
                for entry in held:
                    entry.attached = True
        self._desktops.append(desktop)


def _read_project(
    fields: Mapping, number: int, seed: int, domain_id: str, others: list[Project], rng: random.Random
) -> Project:
    name: str = fields.get("name") or fields.get("region") or project_name(number)
    made_up_id = hex_id(rng)
    # A sub-project is called <region>_<something>, and its parent is the region's project.
    region = fields.get("region") or name.partition("_")[0]
    parents = [other.id for other in others if other.name == region and name != region]
    project = Project(
        id=fields.get("id", made_up_id),
        name=name,
        region=region,
        workspace_enabled=fields.get("workspace", True),
        enabled=fields.get("enabled", True),
        parent_id=fields.get("parent_id", parents[0] if parents else domain_id),
    )
    if "generate" in fields:
        plan = _mapping(fields["generate"], "generate", "desktops", "users", "pools", "status", "human_names")
        sizes = {name: plan.get(name, 0) for name in ("desktops", "users", "pools")}
        shares, human = plan.get("status", {}), plan.get("human_names", False)
        fill(project, FleetPlan(**sizes, shares=shares, human_names=human), f"{seed}/fleet/{number}")
    FleetReader(project, str(seed)).read(fields)
    return project


def _read_keys(fields: Mapping, projects: list[Project], rng: random.Random) -> list[Key]:
    usual = access_keys(rng)
    found: list[Key] = []
    for number, entry in enumerate(fields.get("credentials") or ()):
        where = f"credentials[{number}]"
        told = _mapping(entry, where, "access_key", "secret_key", "security_token", "expired", "projects")
        made_up = usual[0] if number == 0 else access_keys(rng)[0]
        key = Key(
            told.get("access_key", made_up.access_key),
            told.get("secret_key", made_up.secret_key),
            told.get("security_token"),
            0.0 if told.get("expired") else None,
        )
        if "projects" in told:
            named = {name: project.id for project in projects for name in (project.id, project.name)}
            unknown = [name for name in told["projects"] if name not in named]
            if unknown:
                raise TenantError(f"{where}: there is no project {unknown[0]}")
            key.project_ids = {named[name] for name in told["projects"]}
        found.append(key)
    return found or usual


def _account(content: Any, seed: int, token_size: int) -> Account:
    fields = _mapping(content, "", *ACCOUNT_KEYS)
    rng = random.Random(f"{seed}/account")
    made_up_domain, made_up_user = hex_id(rng), hex_id(rng)
    domain_id = fields.get("account_id", made_up_domain)
    keys_rng, projects_rng = random.Random(f"{seed}/keys"), random.Random(f"{seed}/projects")
    inline = {name: fields[name] for name in PROJECT_KEYS if name in fields}
    if "projects" in fields and inline:
        raise TenantError(f"{next(iter(inline))}: belongs into one of the projects, as there is a list of them")
    projects: list[Project] = []
    for number, value in enumerate(fields.get("projects", [inline])):
        where = f"projects[{number}]"
        entry = _mapping(value, where, *PROJECT_KEYS)
        try:
            projects.append(_read_project(entry, number, seed, domain_id, projects, projects_rng))
        except TenantError as problem:
            raise TenantError(f"{where}.{problem}" if "projects" in fields else str(problem)) from None
    if len({project.id for project in projects}) < max(1, len(projects)):
        raise TenantError("projects: there must be one, and no two with the same id")
    users = []
    for _where, user in _entries(fields, "iam_users", "password", "id"):
        user_id = user.get("id", uuid.uuid5(NAMESPACE, "iam/" + user["name"]).hex)
        users.append(IamUser(user_id, user["name"], user["password"]))
    return Account(
        domain_id=domain_id,
        domain_name=fields.get("account", "acme-cloud"),
        projects=projects,
        keys=_read_keys(fields, projects, keys_rng),
        iam_users=users or [IamUser(made_up_user, "ops", f"Pa+ss/{made_up_user[:12]}=")],
        seed=seed,
        token_size=token_size,
    )


def load_account(path: Path, *, seed: int, now: float, token_size: int = 1024) -> Account:
    """The account of the file; ``now`` is when its tokens begin to age."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe ones
        return finish_account(_account(content, seed, token_size), now)
    except OSError as problem:
        raise TenantError(f"{path}: {problem.strerror}") from None
    except yaml.YAMLError as problem:
        raise TenantError("{}: is not YAML: {}".format(path, " ".join(str(problem).split()))) from None
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise TenantError(f"{path}: {type(problem).__name__}: {problem}") from None
    except TenantError as problem:
        raise TenantError(f"{path}: {problem}") from None
