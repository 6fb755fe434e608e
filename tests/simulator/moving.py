# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes while a list is read: desktops are added, removed, and change their status."""

from __future__ import annotations

import random
from collections.abc import Sequence

from simulator.behaviour import Churn
from simulator.tenant import STATUSES, Account, Desktop, Project, uuid_id


class Mover:
    """Changes the desktops of an account. The choices depend on the seed of the account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._rng = random.Random(f"{account.seed}/churn")
        self.start()

    def start(self) -> None:
        """Reset the counters."""
        self._pages = self._turns = 0

    def after_page(self, project: Project, churn: Churn | None) -> None:
        """Call this after each page of desktops."""
        if churn is None:
            return
        self._pages += 1
        if self._pages % churn.every or (churn.times is not None and self._turns >= churn.times):
            return
        self._turns += 1
        fleet = project.fleet
        for _turn in range(min(churn.remove, len(fleet))):
            fleet.remove(fleet.all()[self._place(churn.where, len(fleet) - 1)])
        for _turn in range(churn.add):
            desktop = Desktop(uuid_id(self._rng), f"new-{len(fleet.churn.added):05d}", self._rng.choice(STATUSES))
            users = list(project.users.values())
            if users:
                desktop.attach_users.append(self._rng.choice(users).as_attached())
            fleet.add(desktop, self._place(churn.where, len(fleet)))
        for desktop in self._rng.sample(fleet.all(), min(churn.flip, len(fleet))):
            others = [status for status in STATUSES if status != desktop.connect_status]
            desktop.set_status(self._rng.choice(others))
            fleet.churn.flipped.append(desktop.desktop_id)

    def _place(self, where: str, last: int) -> int:
        return {"front": 0, "end": last, "random": self._rng.randint(0, last)}[where]


def set_status(
    account: Account,
    status: str | None,
    ids: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    pool: str | None = None,
) -> int:
    """Set the status of the desktops with these IDs or names (default: all), and return the number of desktops.

    ``pool``: the name of a pool of their project to assign them to.
    """
    changed = 0
    for project in account.projects:
        for desktop in project.fleet.all():
            if (ids is names is None) or desktop.desktop_id in (ids or ()) or desktop.desktop_name in (names or ()):
                desktop.set_status(status)
                desktop.pool = next((one for one in project.pools if one.name == pool), desktop.pool)
                changed += 1
    return changed
