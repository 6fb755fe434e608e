# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant written by hand in YAML; README.md shows the format.

Whatever is left out is made up from the seed, so that a file needs to say only what matters to it.
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
KEY_KEYS = ("access_key", "secret_key", "security_token", "expired", "projects")
IAM_USER_KEYS = ("name", "password", "id")
USER_KEYS = ("name", "id", "user_group", "pools")
GROUP_KEYS = ("name", "id", "user_group")
POOL_KEYS = ("name", "id")
DESKTOP_KEYS = ("name", "id", "status", "users", "groups", "extra")
GENERATE_KEYS = ("desktops", "users", "pools", "status")


class Place:
    """A value of the file and the way to it, so that every complaint can say where."""

    def __init__(self, value: Any, file: Path, where: str = "") -> None:
        self.value = value
        self.file = file
        self.where = where

    def complain(self, text: str) -> TenantError:
        return TenantError(": ".join(filter(None, (str(self.file), self.where, text))))

    def mapping(self, *keys: str) -> dict[str, Place]:
        """The places below, by key; null is an empty mapping."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.complain(f"a mapping is needed, not {self.value!r}")
        found: dict[str, Place] = {}
        for key, value in self.value.items():
            place = Place(value, self.file, f"{self.where}.{key}" if self.where else str(key))
            if keys and key not in keys:
                raise place.complain("unknown key; there are {}".format(", ".join(keys)))
            if not isinstance(key, str):
                raise place.complain("a key must be text (put it in quotes)")
            found[key] = place
        return found

    def items(self) -> list[Place]:
        """The places below, in order; null is an empty list."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.complain(f"a list is needed, not {self.value!r}")
        return [Place(value, self.file, f"{self.where}[{number}]") for number, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.complain(
                "text is needed, not {!r}{}".format(self.value, " (put it in quotes)" if self.value else "")
            )
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.complain(f"true or false is needed, not {self.value!r}")
        return self.value

    def number(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.complain(f"a whole number from 0 is needed, not {self.value!r}")
        return self.value

    def named(self, *keys: str) -> dict[str, Place]:
        """An entry that is either a mapping with a name in it, or just the name."""
        if isinstance(self.value, str):
            return {"name": self}
        found = self.mapping(*keys)
        if "name" not in found:
            raise self.complain("has no name")
        return found


def _text(fields: dict[str, Place], key: str, default: str) -> str:
    return fields[key].text() if key in fields else default


def _flag(fields: dict[str, Place], key: str, default: bool) -> bool:
    return fields[key].flag() if key in fields else default


def _items(fields: dict[str, Place], key: str) -> list[Place]:
    return fields[key].items() if key in fields else []


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

    def read(self, fields: dict[str, Place]) -> None:
        for item in _items(fields, "pools"):
            pool = item.named(*POOL_KEYS)
            name = pool["name"].text()
            self._pools[name] = Pool(_text(pool, "id", self._id("pool", name)), name)
        for item in _items(fields, "groups"):
            group = item.named(*GROUP_KEYS)
            name = group["name"].text()
            group_id = _text(group, "id", self._id("group", name))
            self._groups[name] = AttachedTo(group_id, name, _text(group, "user_group", "default"), "GROUP")
        for item in _items(fields, "users"):
            self._read_user(item)
        ids = {desktop.desktop_id for desktop in self._desktops}
        for item in _items(fields, "desktops"):
            desktop = self._read_desktop(item)
            if desktop.desktop_id in ids:
                raise item.complain(f"another desktop has the id {desktop.desktop_id}")
            ids.add(desktop.desktop_id)
            self._desktops.append(desktop)
        self._project.users = {user.id: user for user in self._users.values()}
        if len(self._project.users) != len(self._users):
            raise fields["users"].complain("two users have the same id")
        self._project.pools = list(self._pools.values())
        self._project.fleet = Fleet(self._desktops)

    def _user(self, name: str) -> User:
        if name not in self._users:
            self._users[name] = User(self._id("user", name), name)
        return self._users[name]

    def _read_user(self, item: Place) -> None:
        fields = item.named(*USER_KEYS)
        name = fields["name"].text()
        if name in self._users:
            raise item.complain(f"there is a user {name!r} already")
        user_id = _text(fields, "id", self._id("user", name))
        user = self._users[name] = User(user_id, name, _text(fields, "user_group", "users"))
        pools = fields.get("pools")
        if pools is None:
            return
        if isinstance(pools.value, dict):
            chosen = [(key, place.flag()) for key, place in pools.mapping().items()]
        else:
            chosen = [(place.text(), True) for place in pools.items()]
        for pool_name, attached in chosen:
            if pool_name not in self._pools:
                self._pools[pool_name] = Pool(self._id("pool", pool_name), pool_name)
            user.pools.append(Membership(self._pools[pool_name], attached))

    def _read_desktop(self, item: Place) -> Desktop:
        fields = item.named(*DESKTOP_KEYS)
        name = fields["name"].text()
        status: str | None = "REGISTERED"
        if "status" in fields:
            status = None
            if fields["status"].value is not None:
                try:
                    status = check_status(fields["status"].text())
                except TenantError as problem:
                    raise fields["status"].complain(str(problem)) from None
        # Two desktops may have one name, so the place in the list is part of what the id is made from.
        desktop_id = _text(fields, "id", self._id("desktop", f"{len(self._desktops)}/{name}"))
        desktop = Desktop(desktop_id, name, status)
        for place in _items(fields, "users"):
            desktop.attach_users.append(self._user(place.text()).as_attached())
        for place in _items(fields, "groups"):
            group = place.text()
            if group not in self._groups:
                self._groups[group] = AttachedTo(self._id("group", group), group, "default", "GROUP")
            desktop.attach_users.append(self._groups[group])
        if "extra" in fields:
            desktop.extra = {key: place.value for key, place in fields["extra"].mapping().items()}
        return desktop


def _plan(place: Place) -> FleetPlan:
    fields = place.mapping(*GENERATE_KEYS)
    plan = FleetPlan(
        desktops=fields["desktops"].number() if "desktops" in fields else 0,
        users=fields["users"].number() if "users" in fields else 0,
        pools=fields["pools"].number() if "pools" in fields else 0,
    )
    if "status" in fields:
        for status, share in fields["status"].mapping().items():
            if not isinstance(share.value, (int, float)) or isinstance(share.value, bool):
                raise share.complain(f"a share from 0 to 1 is needed, not {share.value!r}")
            plan.shares[status] = float(share.value)
    return plan


def _read_project(
    fields: dict[str, Place], number: int, seed: int, domain_id: str, others: list[Project], rng: random.Random
) -> Project:
    name = _text(fields, "name", _text(fields, "region", project_name(number)))
    made_up_id = hex_id(rng)
    # A sub-project is called <region>_<something>, and its parent is the region's project.
    region = _text(fields, "region", name.partition("_")[0])
    parents = [other.id for other in others if other.name == region and name != region]
    project = Project(
        id=_text(fields, "id", made_up_id),
        name=name,
        region=region,
        workspace_enabled=_flag(fields, "workspace", True),
        enabled=_flag(fields, "enabled", True),
        parent_id=_text(fields, "parent_id", parents[0] if parents else domain_id),
    )
    if "generate" in fields:
        plan = _plan(fields["generate"])
        try:
            fill(project, plan, f"{seed}/fleet/{number}")
        except TenantError as problem:
            raise fields["generate"].complain(str(problem)) from None
    FleetReader(project, str(seed)).read(fields)
    return project


def _read_keys(places: list[Place], projects: list[Project], rng: random.Random) -> list[Key]:
    usual = access_keys(rng)
    if not places:
        return usual
    found: list[Key] = []
    for number, place in enumerate(places):
        fields = place.mapping(*KEY_KEYS)
        made_up = usual[0] if number == 0 else access_keys(rng)[0]
        key = Key(
            _text(fields, "access_key", made_up.access_key),
            _text(fields, "secret_key", made_up.secret_key),
            _text(fields, "security_token", "") or None,
            0.0 if _flag(fields, "expired", False) else None,
        )
        if "projects" in fields:
            allowed: set[str] = set()
            for item in fields["projects"].items():
                matching = [project.id for project in projects if item.text() in (project.id, project.name)]
                if not matching:
                    raise item.complain(f"there is no project {item.value}")
                allowed.update(matching)
            key.project_ids = allowed
        if any(other.access_key == key.access_key for other in found):
            raise place.complain("access_key: another has the same")
        found.append(key)
    return found


def _load(path: Path) -> Place:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe ones
    except OSError as problem:
        raise TenantError(f"{path}: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise TenantError(f"{path}: is not UTF-8") from None
    except yaml.YAMLError as problem:
        raise TenantError("{}: is not YAML: {}".format(path, " ".join(str(problem).split()))) from None
    return Place(content, path)


def load_account(path: Path, *, seed: int, now: float, token_size: int = 1024) -> Account:
    """The account of the file; ``now`` is when its tokens begin to age."""
    fields = _load(path).mapping(*ACCOUNT_KEYS)
    rng = random.Random(f"{seed}/account")
    made_up_domain, made_up_user = hex_id(rng), hex_id(rng)
    domain_id = _text(fields, "account_id", made_up_domain)
    keys_rng, projects_rng = random.Random(f"{seed}/keys"), random.Random(f"{seed}/projects")
    inline = [name for name in PROJECT_KEYS if name in fields]
    if "projects" in fields and inline:
        raise fields[inline[0]].complain("belongs into one of the projects, as there is a list of them")
    entries: list[tuple[int, dict[str, Place]]] = [(0, fields)]
    if "projects" in fields:
        entries = [
            (number, place.named(*PROJECT_KEYS) if isinstance(place.value, str) else place.mapping(*PROJECT_KEYS))
            for number, place in enumerate(fields["projects"].items())
        ]
        if not entries:
            raise fields["projects"].complain("an account has at least one project")
    projects: list[Project] = []
    for number, entry in entries:
        project = _read_project(entry, number, seed, domain_id, projects, projects_rng)
        if any(other.id == project.id for other in projects):
            raise entry["id"].complain("another project has the same id")
        projects.append(project)
    users = []
    for place in _items(fields, "iam_users"):
        user = place.mapping(*IAM_USER_KEYS)
        if "name" not in user or "password" not in user:
            raise place.complain("needs a name and a password")
        name = user["name"].text()
        user_id = _text(user, "id", uuid.uuid5(NAMESPACE, "iam/" + name).hex)
        users.append(IamUser(user_id, name, user["password"].text()))
    account = Account(
        domain_id=domain_id,
        domain_name=_text(fields, "account", "acme-cloud"),
        projects=projects,
        keys=_read_keys(_items(fields, "credentials"), projects, keys_rng),
        iam_users=users or [IamUser(made_up_user, "ops", f"Pa+ss/{made_up_user[:12]}=")],
        seed=seed,
        token_size=token_size,
    )
    return finish_account(account, now)
