# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant from a YAML file; README.md describes the format.

Missing values are generated from the seed. The keys of an entry are the arguments of the function that reads it, so
Python raises an error for unknown keys. Values are not checked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from simulator import MistakeError
from simulator.seed import FleetPlan, fill, project_name
from simulator.tenant import Account, Desktop, IamUser, Key, Login, Pool, Project, Task, User, attached

NAMESPACE = uuid.UUID("6f0a2a0e-4b7f-5c3a-9d55-1f2f3a4b5c6d")


def named(entries: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The entries of a list. A string is an entry with only a name."""
    return ({"name": entry} if isinstance(entry, str) else entry for entry in entries)


class FleetReader:
    """Reads the users, pools and desktops of a project. Undeclared users, groups and pools are created."""

    def __init__(self, project: Project, seed: int) -> None:
        self._project = project
        self._seed = seed
        self._users = {user.name: user for user in project.users.values()}
        self._pools = {pool.name: pool for pool in project.pools}

    def read(self, users: Any = (), pools: Any = (), desktops: Any = (), tasks: Any = (), logins: Any = ()) -> None:
        project = self._project
        for pool in named(pools):
            self._pool(**pool)
        for user in named(users):
            self._read_user(**user)
        for desktop in named(desktops):
            self._read_desktop(**desktop)
        project.tasks += [Task(**{"id": self._id("task", task["name"]), **task}) for task in named(tasks)]
        project.logins += [Login(**login) for login in logins]
        project.users = {user.id: user for user in self._users.values()}
        project.pools = list(self._pools.values())

    def _id(self, kind: str, name: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self._seed}/{self._project.name}/{kind}/{name}"))

    def _pool(self, name: str, **given: Any) -> Pool:
        return self._pools.setdefault(name, Pool(**{"id": self._id("pool", name), "name": name, **given}))

    def _user(self, name: str, **given: Any) -> User:
        return self._users.setdefault(name, User(**{"id": self._id("user", name), "name": name, **given}))

    def _read_user(self, name: str, pools: Any = (), **given: Any) -> None:
        chosen = pools if isinstance(pools, dict) else dict.fromkeys(pools, True)
        self._user(name, pools={self._pool(pool): held for pool, held in chosen.items()}, **given)

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
        made_up = self._id("desktop", f"{len(self._project.desktops)}/{name}")
        desktop = Desktop(given.pop("id", made_up), name, status, **given)
        owners = [self._user(user) for user in users]
        desktop.attach_users += [user.as_attached() for user in owners]
        desktop.attach_users += [attached(self._id("user", one), one) for one in former_users]
        desktop.attach_users += [attached(self._id("group", one), one, "default", "GROUP") for one in groups]
        if pool is not None:
            desktop.pool = self._pool(pool)
            for user in owners:
                user.pools[desktop.pool] = True
        self._project.add(desktop)


def _read_project(
    account: Account,
    seed: int,
    name: str | None = None,
    region: str | None = None,
    workspace: bool = True,
    generate: dict[str, Any] | None = None,
    **given: Any,
) -> None:
    number = len(account.projects)
    name = name or region or project_name(number)
    # A sub-project is named <region>_<something>, and its parent is the main project of the region.
    region = region or name.partition("_")[0]
    parents = [other.id for other in account.projects if other.name == region != name]
    made_up = uuid.uuid5(NAMESPACE, f"{seed}/project/{number}").hex
    own = {key: given.pop(key) for key in ("enabled", "locked") if key in given}
    project = Project(given.pop("id", made_up), name, region, workspace, **own)
    project.parent_id = parents[0] if parents else account.domain_id
    if generate is not None:
        fill(project, FleetPlan(**{"desktops": 0, "users": 0, "pools": 0, **generate}), f"{seed}/fleet/{number}")
    FleetReader(project, seed).read(**given)
    account.projects.append(project)


def _key(account: Account, projects: Iterable[str] | None = None, **given: Any) -> Key:
    ids = {name: project.id for project in account.projects for name in (project.id, project.name)}
    return Key(**given, project_ids=None if projects is None else {ids[name] for name in projects})


def _read_account(
    made: Account,
    seed: int,
    account: str = "",
    iam_users: Any = (),
    credentials: Any = (),
    projects: Any = None,
    **one: Any,
) -> None:
    """Read the account; ``one``: the keys of the only project if there is no list of projects."""
    if projects is not None and one:
        raise MistakeError(f"{next(iter(one))}: belongs into one of the projects, as there is a list of them")
    for project in [one] if projects is None else named(projects):
        _read_project(made, seed, **project)
    made.domain_name = account or made.domain_name
    made.iam_users = [
        IamUser(**{"id": uuid.uuid5(NAMESPACE, f"iam/{user['name']}").hex, **user}) for user in iam_users
    ] or made.iam_users
    made.keys = [_key(made, **key) for key in credentials] or made.keys


def load_account(path: Path, *, seed: int) -> Account:
    """Load the account of a file."""
    account = Account(seed)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = loader(path.read_text(encoding="utf-8")).get_single_data()
        _read_account(account, seed, **(content or {}))
    except (MistakeError, AttributeError, KeyError, TypeError, ValueError, OSError, yaml.YAMLError) as problem:
        raise MistakeError(f"{path}: {problem}") from None
    return account.issue_ready_tokens()
