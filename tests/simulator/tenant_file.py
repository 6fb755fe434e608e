# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant from a YAML file; README.md describes the format.

Missing values are generated from the seed. The keys of an entry are the arguments of the function that reads it, so
Python raises an error for unknown keys. Values are not checked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Callable

import yaml

from simulator import MistakeError
from simulator.seed import FleetPlan, fill, made_up_account, project_name
from simulator.tenant import (
    Account,
    AttachedTo,
    Desktop,
    Fleet,
    IamUser,
    Key,
    Login,
    Membership,
    Pool,
    Project,
    Task,
    User,
    finish_account,
)

NAMESPACE = uuid.UUID("6f0a2a0e-4b7f-5c3a-9d55-1f2f3a4b5c6d")
MISTAKES = (MistakeError, AttributeError, KeyError, TypeError, ValueError)


def each(where: str, entries: Iterable[Any] | None, read: Callable[..., Any]) -> list[Any]:
    """Call ``read`` for each entry of a list. A string is an entry with only a name."""

    def one(number: int, entry: Any) -> Any:
        try:
            return read(**({"name": entry} if isinstance(entry, str) else entry))
        except MISTAKES as problem:
            raise MistakeError(f"{where}[{number}]: {problem}") from None

    return [one(number, entry) for number, entry in enumerate(entries or ())]


class FleetReader:
    """Reads the users, pools and desktops of a project. Undeclared users, groups and pools are created."""

    def __init__(self, project: Project, seed: int) -> None:
        self._project = project
        self._seed = seed
        self._users: dict[str, User] = {user.name: user for user in project.users.values()}
        self._pools: dict[str, Pool] = {pool.name: pool for pool in project.pools}
        self._groups: dict[str, AttachedTo] = {}
        self._desktops: list[Desktop] = project.fleet.all()

    def read(
        self, users: Any = (), groups: Any = (), pools: Any = (), desktops: Any = (), tasks: Any = (), logins: Any = ()
    ) -> Project:
        each("pools", pools, self._pool)
        each("groups", groups, self._group)
        each("users", users, self._read_user)
        each("desktops", desktops, self._read_desktop)
        self._project.tasks += each("tasks", tasks, self._task)
        self._project.logins += each("logins", logins, Login)
        self._project.users = {user.id: user for user in self._users.values()}
        self._project.pools = list(self._pools.values())
        self._project.fleet = Fleet(self._desktops)
        return self._project

    def _id(self, kind: str, name: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self._seed}/{self._project.name}/{kind}/{name}"))

    def _pool(self, name: str, **given: Any) -> Pool:
        return self._pools.setdefault(name, Pool(**{"id": self._id("pool", name), "name": name, **given}))

    def _task(self, name: str, **given: Any) -> Task:
        return Task(**{"id": self._id("task", name), "name": name, **given})

    def _group(self, name: str, **given: Any) -> AttachedTo:
        usual = {"id": self._id("group", name), "name": name, "user_group": "default", "type": "GROUP"}
        return self._groups.setdefault(name, AttachedTo(**{**usual, **given}))

    def _user(self, name: str, **given: Any) -> User:
        return self._users.setdefault(name, User(**{"id": self._id("user", name), "name": name, **given}))

    def _read_user(self, name: str, pools: Any = (), **given: Any) -> None:
        if name in self._users:
            raise MistakeError(f"there is a user {name!r} already")
        chosen = pools if isinstance(pools, dict) else dict.fromkeys(pools, True)
        held = [Membership(self._pool(pool), attached) for pool, attached in chosen.items()]
        self._user(name, pools=held, **given)

    def _read_desktop(
        self,
        name: str,
        status: str | None = "REGISTERED",
        users: Iterable[str] = (),
        groups: Iterable[str] = (),
        former_users: Iterable[str] = (),
        pool: str | None = None,
        **given: Any,
    ) -> None:
        # The ID also depends on the index, because desktops may have the same name.
        made_up = self._id("desktop", f"{len(self._desktops)}/{name}")
        desktop = Desktop(given.pop("id", made_up), name, status, **given)
        owners = [self._user(user) for user in users]
        desktop.attach_users += [user.as_attached() for user in owners]
        desktop.attach_users += [AttachedTo(self._id("user", one), one, "users", "USER") for one in former_users]
        desktop.attach_users += [self._group(group) for group in groups]
        if pool is not None:
            desktop.pool = self._pool(pool)
            for user in owners:
                others = [entry for entry in user.pools if entry.pool is not desktop.pool]
                user.pools = [*others, Membership(desktop.pool, True)]
        self._desktops.append(desktop)


class AccountReader:
    """Reads the account of the file into a generated one."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def read(
        self, account: str | None = None, iam_users: Any = (), credentials: Any = (), projects: Any = None, **one: Any
    ) -> Account:
        """``one``: the keys of the only project if there is no list of projects."""
        if projects is not None and one:
            raise MistakeError(f"{next(iter(one))}: belongs into one of the projects, as there is a list of them")
        made = self._account
        if projects is None:
            self._project(**one)
        else:
            each("projects", projects, self._project)
        if len({project.id for project in made.projects}) < max(1, len(made.projects)):
            raise MistakeError("projects: there must be one, and no two with the same id")
        made.domain_name = account or made.domain_name
        made.iam_users = each("iam_users", iam_users, self._iam_user) or made.iam_users
        made.keys = each("credentials", credentials, self._key) or made.keys
        return made

    def _project(
        self,
        name: str | None = None,
        region: str | None = None,
        workspace: bool = True,
        generate: dict[str, Any] | None = None,
        **given: Any,
    ) -> None:
        number, others, seed = len(self._account.projects), self._account.projects, self._account.seed
        name = name or region or project_name(number)
        # A sub-project is named <region>_<something>, and its parent is the main project of the region.
        region = region or name.partition("_")[0]
        parents = [other.id for other in others if other.name == region != name]
        made_up = uuid.uuid5(NAMESPACE, f"{seed}/project/{number}").hex
        usual: dict[str, Any] = {"id": made_up, "name": name, "region": region, "workspace_enabled": workspace}
        usual.update({key: given.pop(key) for key in ("id", "enabled", "locked") if key in given})
        project = Project(**usual)
        project.parent_id = parents[0] if parents else self._account.domain_id
        if generate is not None:
            fill(
                project,
                FleetPlan(**{**dict.fromkeys(("desktops", "users", "pools"), 0), **generate}),
                f"{seed}/fleet/{number}",
            )
        others.append(FleetReader(project, seed).read(**given))

    def _iam_user(self, name: str, password: str, **given: Any) -> IamUser:
        return IamUser(**{"id": uuid.uuid5(NAMESPACE, f"iam/{name}").hex, "name": name, "password": password, **given})

    def _key(self, projects: Iterable[str] | None = None, **given: Any) -> Key:
        key = Key(**given)
        if projects is not None:
            named = {name: project.id for project in self._account.projects for name in (project.id, project.name)}
            key.project_ids = {named[name] for name in projects}
        return key


def load_account(path: Path, *, seed: int, now: float) -> Account:
    """Load the account of a file; ``now`` is the time when its tokens are issued."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe ones
        return finish_account(AccountReader(made_up_account(seed)).read(**(content or {})), now)
    except (*MISTAKES, OSError, yaml.YAMLError) as problem:
        raise MistakeError(f"{path}: {problem}") from None
