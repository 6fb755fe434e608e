# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project with records written by hand, for the tests of the audit."""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError

from ..fake import FakeProject, Pairs

Record = dict[str, Any]


def desktop(name: str, *users: Record, **fields: Any) -> Record:
    """A dedicated desktop with nothing wrong."""
    usual = {"desktop_id": f"id-{name}", "computer_name": name, "desktop_type": "DEDICATED", "attach_state": "ATTACHED"}
    usual |= {"attach_user_infos": list(users), "status": "ACTIVE", "task_status": "", "login_status": "REGISTERED"}
    usual |= {"in_maintenance_mode": False, "is_freeze": False, "isolated": False, "domain_status": 1, "tags": []}
    return {**usual, "agent_version": "25.4.10001", "created": "2026-01-21T06:57:47.459Z", **fields}


def attached(name: str, kind: str | None = "USER", **fields: Any) -> Record:
    return {"user_id": f"id-{name}", "user_name": name, "type": kind, **fields}


def user(name: str, **fields: Any) -> Record:
    usual = {"total_desktops": 1, "disabled": False, "locked": False, "account_expired": False}
    return {"id": f"id-{name}", "user_name": name, **usual, **fields}


def membership(pool: str, is_attached: bool | None) -> Record:
    return {"desktop_pool_id": f"id-{pool}", "desktop_pool_name": pool, "is_attached": is_attached}


def pools_of(name: str, *memberships: Record) -> Record:
    return {"user_id": f"id-{name}", "desktop_pool_count": len(memberships), "desktop_pools": list(memberships)}


def pool(name: str, **fields: Any) -> Record:
    usual = {"desktop_count": 4, "desktop_used": 2, "in_maintenance_mode": False}
    return {"id": f"id-{name}", "name": name, **usual, **fields}


DAY = 86400


def usage(name: str, idle: float | None, who: str | None = "alice", used: float | None = 99999999) -> Record:
    metric = [
        {"metric_name": "desktop_usage", "metric_value": used},
        {"metric_name": "desktop_idle_duration", "metric_value": idle},
    ]
    return {"resource_id": f"id-{name}", "latest_connect_username": who, "metric": metric}


RULES: dict[str, Any] = {"idle_days": 30, "required_tags": ["owner"], "oldest_agent_version": "25.4"}

SOURCES = {
    "desktops": "desktops/detail",
    "users": "users",
    "pools": "desktop-pools",
    "usage": "statistics/metrics/desktops",
    "user_pools": "desktop-pools/statistics/by-users",
}


class Service(FakeProject):
    """A project without anything wrong, but for what a test gives; a source may raise an error instead."""

    def __init__(self, **given: Any) -> None:
        self._given: dict[str, Any] = {
            "desktops": [desktop("one", attached("alice"))],
            "users": [user("alice")],
            "pools": [pool("a")],
            "usage": [usage("one", 0)],
            "user_pools": [pools_of("alice", membership("a", True))],
            **given,
        }
        lists = {path: self._given[source] for source, path in SOURCES.items()}
        groups: dict[str, list[Record]] = given.get("groups", {})
        lists["groups"] = given.get("listed", [{"id": f"id-{name}", "name": name} for name in groups])
        for name, members in groups.items():
            lists |= dict.fromkeys((f"groups/id-{name}/users", f"groups/group-{name}/users"), members)
        super().__init__(lists, self._matching)

    def _matching(self, path: str, records: Any, query: Pairs) -> list[Record]:
        if isinstance(records, Exception):
            raise records
        if path == SOURCES["user_pools"]:
            asked = [value for key, value in query if key == "user_ids"]
            return [one for one in records if one.get("user_id") in (None, *asked)]
        named = [value for key, value in query if key == "user_names"]
        if path == "users" and named:
            return [one for one in [*records, *self._given.get("late", ())] if one.get("user_name") in named]
        found: list[Record] = records
        return found

    @property
    def read(self) -> list[str]:
        """The sources that were asked for."""
        return sorted({source for path, _query in self.queries for source in SOURCES if SOURCES[source] == path})

    def audit(self, **options: Any) -> dict[str, Any]:
        return audit.prepare(options)(self)


def find(finding: str, given: dict[str, Any], **options: Any) -> list[Record]:
    """The records of a finding in a project with these sources."""
    found: list[Record] = Service(**given).audit(findings=[finding], **options)["findings"][finding]
    return found


def ids_of(result: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [next(iter(record.values())) for record in found] for name, found in result["findings"].items()}


def refusal(status: int = 403) -> WorkspaceError:
    return WorkspaceError(f"refused with {status}", status_code=status)
