# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets that move while they are read: desktops that come, go, and change their status."""

from __future__ import annotations

import random
import time
from typing import Any

from simulator.behaviour import Churn, Drain
from simulator.tenant import STATUSES, Account, Desktop, Project, TenantError, check_status, uuid_id


class Mover:
    """Moves the desktops of one account; what it picks follows from the account's seed."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._rng = random.Random(f"{account.seed}/churn")
        self._pages = 0
        self._turns = 0
        self._drain: Drain | None = None
        self._drain_start: float | None = None
        self._draining: list[tuple[float, Desktop]] = []

    def start(self, drain: Drain | None) -> None:
        """Forget what was under way; with ``drain``, begin anew."""
        self._pages = self._turns = 0
        self._drain = drain
        self._drain_start = None
        self._draining = []
        if drain is not None and drain.start == "now":
            self._begin_drain()

    def _begin_drain(self) -> None:
        if self._drain is None:
            return
        self._drain_start = time.monotonic()
        for project in self.account.projects:
            connected = [desktop for desktop in project.fleet.all() if desktop.connect_status == "CONNECTED"]
            for place, desktop in enumerate(connected, 1):
                self._draining.append((self._drain.seconds * place / len(connected), desktop))
        self._draining.sort(key=lambda entry: entry[0], reverse=True)

    def before_request(self) -> None:
        if self._drain is not None and self._drain_start is None:
            self._begin_drain()
        self.catch_up()

    def catch_up(self) -> None:
        """Apply what has fallen due since."""
        if self._drain_start is None:
            return
        passed = time.monotonic() - self._drain_start
        while self._draining and self._draining[-1][0] <= passed:
            desktop = self._draining.pop()[1]
            if desktop.connect_status == "CONNECTED":
                desktop.connect_status = "DISCONNECTED"

    def after_page(self, project: Project, churn: Churn | None) -> None:
        """To be called after every answered page of desktops."""
        if churn is None:
            return
        self._pages += 1
        if self._pages % churn.every or (churn.times is not None and self._turns >= churn.times):
            return
        self._turns += 1
        self.churn(project, churn)

    def churn(self, project: Project, churn: Churn) -> None:
        """One turn: remove, add, flip."""
        fleet = project.fleet
        for _turn in range(min(churn.remove, len(fleet))):
            fleet.remove(fleet.all()[self._place(churn.where, len(fleet) - 1)])
        for _turn in range(churn.add):
            desktop = Desktop(uuid_id(self._rng), f"new-{len(fleet.churn.added):05d}", self._rng.choice(STATUSES))
            users = list(project.users.values())
            if users:
                desktop.attach_users.append(self._rng.choice(users).as_attached())
            fleet.add(desktop, self._place(churn.where, len(fleet)))
        if churn.flip:
            for desktop in self._rng.sample(fleet.all(), min(churn.flip, len(fleet))):
                others = [status for status in STATUSES if status != desktop.connect_status]
                desktop.set_status(self._rng.choice(others))
                fleet.churn.flipped.append(desktop.desktop_id)

    def _place(self, where: str, last: int) -> int:
        if where == "front":
            return 0
        return last if where == "end" else self._rng.randint(0, last)


PATCH_KEYS = ("status", "ids", "names", "users", "from", "project_id", "all")


def set_status(account: Account, given: dict[str, Any]) -> int:
    """Give desktops another status; returns how many are in it now because of that.

    {"status": ..., and "ids", "names" (of desktops), "users" (names) or "all": true; "from": only those in
    this status; "project_id": only there}
    """
    unknown = [name for name in given if name not in PATCH_KEYS]
    if unknown:
        raise TenantError("{}: unknown; there are {}".format(unknown[0], ", ".join(PATCH_KEYS)))
    if "status" not in given:
        raise TenantError("status: needed")
    status = given["status"]
    if status is not None:
        check_status(str(status))
    lists = {name: given.get(name) for name in ("ids", "names", "users")}
    for name, value in lists.items():
        if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise TenantError(f"{name}: a list of texts is needed")
    if given.get("all") is not True and all(value is None for value in lists.values()):
        raise TenantError("ids, names, users or all: which desktops?")
    wanted = {name: set(value or ()) for name, value in lists.items()}
    changed = 0
    for project in account.projects:
        if given.get("project_id") not in (None, project.id):
            continue
        for desktop in project.fleet.all():
            named = (
                given.get("all") is True
                or desktop.desktop_id in wanted["ids"]
                or desktop.desktop_name in wanted["names"]
                or any(entry.name in wanted["users"] for entry in desktop.attach_users)
            )
            if named and ("from" not in given or desktop.connect_status == given["from"]):
                desktop.set_status(status)
                changed += 1
    return changed
