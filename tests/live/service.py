# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service, queried with exactly the parameters that a question needs, and what is known of the project."""

from __future__ import annotations

import collections
from collections.abc import Collection
from typing import Any, NamedTuple

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation, Project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import operations


class GiveUpError(Exception):
    """Going on makes no sense: the credentials were refused, or the service cannot be reached."""


class UndecidedError(Exception):
    """The project does not hold what it takes to answer a question; the text says what."""


class Listing(NamedTuple):
    """A list operation: where it is, the key of its list, and the key of a record's ID."""

    operation: Operation
    rows: str
    id: str
    largest_limit: int

    @property
    def path(self) -> str:
        return self.operation.path


CONNECT = Listing(operations.CONNECT_DESKTOPS, "desktops", "desktop_id", 2000)
DETAIL = Listing(operations.DESKTOPS_DETAIL, "desktops", "desktop_id", 500)
USERS = Listing(operations.USERS, "users", "id", 100)
BY_USERS = Listing(operations.POOLS_BY_USERS, "users", "user_id", 10)


class Page(NamedTuple):
    """What one request returned: records and total, or why it was refused."""

    listing: Listing
    rows: list[dict[str, Any]]
    total: Any
    refused: str

    @property
    def ids(self) -> list[str]:
        return [row[self.listing.id] for row in self.rows]

    def __str__(self) -> str:
        """The answer for the table: never a name or an ID."""
        if self.refused:
            return f"refused ({self.refused})"
        return f"{len(self.rows)} record{'' if len(self.rows) == 1 else 's'}"


class Service:
    """Sends read-only requests to one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._all: dict[Listing, list[dict[str, Any]]] = {}

    def get(self, listing: Listing, *pairs: tuple[str, Any]) -> Page:
        """Send one request with exactly these query parameters."""
        try:
            document = self.project.get(listing.operation, [(name, str(value)) for name, value in pairs]).document
        except WorkspaceError as error:
            status, code = error.facts.get("status_code"), error.facts.get("error_code")
            if status in (None, 401, 429):
                raise GiveUpError(error.message) from None
            reason = f"HTTP {status}{f' {code}' if code else ''}"
            if status in (403, 404):
                raise UndecidedError(f"{listing.path} cannot be read ({reason})") from None
            return Page(listing, [], None, reason)
        return Page(listing, document.get(listing.rows) or [], document.get("total_count"), "")

    def everything(self, listing: Listing, *pairs: tuple[str, Any]) -> list[dict[str, Any]]:
        """Read page after page until one brings nothing new or is refused, without any proof of completeness."""
        found: dict[str, dict[str, Any]] = {}
        while True:
            page = self.get(listing, *pairs, ("offset", len(found)), ("limit", listing.largest_limit))
            before = len(found)
            found.update((row[listing.id], row) for row in page.rows)
            if len(found) == before:
                return list(found.values())

    def all_of(self, listing: Listing) -> list[dict[str, Any]]:
        """Everything, read once."""
        if listing not in self._all:
            self._all[listing] = self.everything(listing)
        return self._all[listing]

    @property
    def desktops(self) -> list[dict[str, Any]]:
        """All desktops as connect-desktops shows them."""
        return self.all_of(CONNECT)

    @property
    def statuses(self) -> collections.Counter[str]:
        """Connect status -> number of desktops."""
        return collections.Counter(desktop["connect_status"] for desktop in self.desktops)

    @property
    def owners(self) -> collections.Counter[str]:
        """User name -> number of desktops."""
        return collections.Counter(
            user["name"] for desktop in self.desktops for user in desktop.get("attach_users") or () if user.get("name")
        )

    @property
    def user_ids(self) -> list[str]:
        """IDs of users who have a desktop."""
        users = (user for desktop in self.desktops for user in desktop.get("attach_users") or ())
        return list(dict.fromkeys(user["id"] for user in users if user.get("id") and user.get("type") != "GROUP"))


def name_to_vary(names: Collection[str]) -> str:
    """Return a name in which letter case can be changed, and which is no other name without its last letter."""
    known = {name.lower() for name in names}
    for name in names:
        if len(name) > 3 and name.swapcase() != name and name[:-1].lower() not in known:
            return name
    raise UndecidedError("no name fits")
