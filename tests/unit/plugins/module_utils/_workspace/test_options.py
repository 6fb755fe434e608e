# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong options of all operations: an error that names the option, before any request."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import (
    access,
    connect_desktops,
    desktops,
    login_records,
    pools,
    scheduled_tasks,
    user_pools,
    users,
)

OPERATIONS = (access, audit, connect_desktops, desktops, login_records, pools, scheduled_tasks, user_pools, users)
LISTS = [
    (operation, option)
    for operation in OPERATIONS
    for option, argument in operation.ARGUMENTS.items()
    if argument["type"] == "list"
]


def prepare(operation: ModuleType, options: dict[str, Any]) -> None:
    operation.prepare({**{name: about.get("default") for name, about in operation.ARGUMENTS.items()}, **options})


@pytest.mark.parametrize(("operation", "option"), LISTS)
@pytest.mark.parametrize("value", [[], [" "]])
def test_an_empty_list_or_value_is_an_error(operation: ModuleType, option: str, value: list[str]) -> None:
    with pytest.raises(WorkspaceError, match=f"^{option} "):
        prepare(operation, {option: value})


WEEK = {"since": "2026-11-16T00:00:00Z", "until": "2026-11-23T00:00:00Z"}


@pytest.mark.parametrize(
    ("operation", "options", "message"),
    [
        (audit, {"findings": ["desktops_idle"]}, "desktops_idle needs the option idle_days"),
        (audit, {"findings": ["desktops_without_tags"]}, "desktops_without_tags needs the option required_tags"),
        (audit, {"idle_days": 0}, "idle_days is 0, but must be 1 to 180"),
        (audit, {"idle_days": 181}, "idle_days is 181"),
        (audit, {"oldest_agent_version": "newest"}, "oldest_agent_version is newest"),
        (audit, {"oldest_agent_version": ""}, "oldest_agent_version is "),
        (connect_desktops, {"offset": -1}, "offset is -1, but must be 0 to 2000"),
        (connect_desktops, {"offset": 2001}, "offset is 2001"),
        (connect_desktops, {"limit": True}, "limit is True, but must be 0 to 2000"),
        (connect_desktops, {"offset": 0, "connect_status": ["CONNECTED", "REGISTERED"]}, "only one connect_status"),
        (
            connect_desktops,
            {"limit": 1, "user_names": [*map(str, range(101))]},
            "101 user_names need 2 requests: .*limit",
        ),
        (desktops, {"tags": {}}, "tags"),
        (desktops, {"tags": {"floor": 1.1}}, "tags.*floor"),
        (desktops, {"enterprise_project_id": "default"}, "enterprise_project_id"),
        (login_records, {**WEEK, "since": "2026-11-16"}, "since is '2026-11-16'.*2026-11-24T21:05:00Z"),
        (login_records, {"since": WEEK["until"], "until": WEEK["since"]}, "later than until"),
        (login_records, {"within": 0.0}, "within is 0"),
        (login_records, {"within": float("nan")}, "within is nan"),
        (pools, {"enterprise_project_id": ""}, "enterprise_project_id"),
        (scheduled_tasks, {"due_within": -1.0}, "due_within is -1"),
        (scheduled_tasks, {"due_within": float("nan")}, "due_within is nan"),
        (scheduled_tasks, {"due_within": 5.0, "enabled": False}, "enabled is false, but due_within"),
        (user_pools, {"offset": -1}, "offset is -1, but must be 0 or more"),
        (user_pools, {"limit": 11}, "limit is 11, but must be 0 to 10"),
        (user_pools, {"limit": 1, "user_ids": [*map(str, range(11))]}, "11 user_ids need 2 requests"),
        (user_pools, {"user_names": ["alice"], "user_ids": ["1"]}, "user_names and user_ids exclude"),
        (user_pools, {"user_names": ["alice"], "offset": 0, "limit": 1}, "user_names and offset and limit exclude"),
        (users, {"group_name": ""}, "group_name"),
    ],
)
def test_a_wrong_option_is_an_error(operation: ModuleType, options: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkspaceError, match=message):
        prepare(operation, options)
