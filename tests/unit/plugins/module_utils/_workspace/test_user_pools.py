# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of users who are asked for by name."""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.user_pools import prepare

from ..fake import FakeProject, Pairs

NOTHING: dict[str, Any] = dict.fromkeys(("user_ids", "user_names", "offset", "limit"))


def by_ids(path: str, records: list[dict[str, Any]], query: Pairs) -> list[dict[str, Any]]:
    """Whom by-users returns; the directory finds everybody, whatever the name."""
    return records if path == "users" else [one for one in records if ("user_ids", one["user_id"]) in query]


def test_three_hundred_names_return_three_hundred_users() -> None:
    names = [f"user-{number:03}" for number in range(300)][::-1]
    pools = [{"desktop_pool_id": "p", "desktop_pool_name": "dev", "is_attached": True}]
    project = FakeProject(
        {
            "users": [{"id": f"id-{name}", "user_name": name.upper()} for name in [*names, "user-0000"]],
            # The service leaves out users without a pool.
            "desktop-pools/statistics/by-users": [
                {"user_id": f"id-{name}", "desktop_pools": pools} for name in names[::2]
            ],
        },
        by_ids,
    )
    answer = prepare({**NOTHING, "user_names": [*names, "nobody"]})(project)
    assert [user["user_name"] for user in answer["users"]] == [name.upper() for name in names]
    assert [user["desktop_pool_count"] for user in answer["users"]] == [1, 0] * 150
    assert answer["unmatched_user_names"] == ["nobody"]
    assert answer["unmatched_user_ids"] == answer["warnings"] == []


def test_unknown_names_cause_no_query_for_pools() -> None:
    project = FakeProject(
        {"users": [{"id": "1", "user_name": "bobby"}], "desktop-pools/statistics/by-users": []}, by_ids
    )
    answer = prepare({**NOTHING, "user_names": ["bob"]})(project)
    assert (answer["users"], answer["unmatched_user_names"]) == ([], ["bob"])
    assert {path for path, _query in project.queries} == {"users"}
