# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong options of all operations, and records that lack fields or have fields of another type."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import yaml
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

from ..fake import FakeProject

OPERATIONS = (access, audit, connect_desktops, desktops, login_records, pools, scheduled_tasks, user_pools, users)
LISTS = [
    (operation, option)
    for operation in OPERATIONS
    for option, argument in operation.ARGUMENTS.items()
    if argument["type"] == "list"
]


def prepare(operation: ModuleType, **options: Any) -> Any:
    return operation.prepare({**{name: about.get("default") for name, about in operation.ARGUMENTS.items()}, **options})


@pytest.mark.parametrize(("operation", "option"), LISTS)
@pytest.mark.parametrize("value", [[], [" "]])
def test_an_empty_list_or_value_is_an_error(operation: ModuleType, option: str, value: list[str]) -> None:
    with pytest.raises(WorkspaceError, match=f"^{option} "):
        prepare(operation, **{option: value})


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
        prepare(operation, **options)


#: Module -> its operation, the path and the key of the list, and the fields that a record has at least.
MODULES: dict[str, tuple[ModuleType, str, str, dict[str, Any]]] = {
    "workspace_connect_desktops_info": (connect_desktops, "connect-desktops", "desktops", {"desktop_id": "a"}),
    "workspace_desktop_info": (desktops, "desktops/detail", "desktops", {"desktop_id": "a"}),
    "workspace_desktop_pool_info": (user_pools, "desktop-pools/statistics/by-users", "users", {"user_id": "a"}),
    "workspace_login_record_info": (login_records, "connections/desktops", "records", {}),
    "workspace_pool_info": (pools, "desktop-pools", "pools", {"id": "a"}),
    "workspace_scheduled_task_info": (scheduled_tasks, "scheduled-tasks", "tasks", {"id": "a"}),
    "workspace_user_info": (users, "users", "users", {"id": "a"}),
}

#: Fields that the service does not return under this name, or in several types.
NOT_CHECKED = {"account_expires", "connected_at", "desktops_free", "ended_at", "enabled", "failure_reason", "user"}
NOT_CHECKED |= {"apply_objects", "force_execute", "next_execution_at"}
NOT_CHECKED |= {"workspace_desktop_pool_info.user_name"}

#: Type in the documentation -> a value of another type, and one in a list.
WRONG: dict[str, Any] = {"str": 5, "bool": "no", "int": True, "list": {}}


def read(module: str, **fields: Any) -> dict[str, Any]:
    """A record that has these fields, and as few others as possible."""
    operation, path, key, least = MODULES[module]
    lists = {path: [{**least, **fields}], "upgrade-tasks": [], "scheduled-tasks/a": {"id": "a"}}
    (record,) = prepare(operation)(FakeProject(lists))[key]
    return dict(record)


def documented(module: str) -> dict[str, Any]:
    """The fields of a record that do not depend on options."""
    code = importlib.import_module(f"ansible_collections.huaweicloud.workspace.plugins.modules.{module}")
    contains = yaml.safe_load(code.RETURN)[MODULES[module][2]]["contains"]
    return {name: about for name, about in contains.items() if "returned" not in about}


@pytest.mark.parametrize("module", MODULES)
def test_every_documented_field_is_returned_and_others_too(module: str) -> None:
    parts = {name: about["contains"] for name, about in documented(module).items() if "contains" in about}
    record = read(module)
    assert {name for name, value in record.items() if value not in (None, [], {})} == set(MODULES[module][3])
    assert record.keys() == documented(module).keys()
    if module != "workspace_scheduled_task_info":
        for name in ("new", *(name for name, about in documented(module).items() if about["type"] == "dict")):
            assert read(module, **{name: {"a": [1]}})[name] == {"a": [1]}
        for name, fields in parts.items():
            assert read(module, **{name: [{"new": 1}]})[name] == [{**dict.fromkeys(fields), "new": 1}]


def wrong_fields() -> Iterator[tuple[str, str, Any]]:
    for module in MODULES:
        for name, about in documented(module).items():
            if about["type"] in WRONG and not {name, f"{module}.{name}"} & NOT_CHECKED:
                yield module, name, WRONG[about["type"]]
                if about["type"] == "list":
                    yield module, name, [None]
                for inner, part in about.get("contains", {}).items():
                    yield module, f"{name}.{inner}", [{inner: WRONG[part["type"]]}]


@pytest.mark.parametrize(("module", "name", "value"), [*wrong_fields()])
def test_a_field_of_another_type_is_an_error_that_names_it(module: str, name: str, value: Any) -> None:
    field, _dot, inner = name.partition(".")
    with pytest.raises(WorkspaceError, match=rf"the (field|list) {inner or field} (is|contains an item) of type"):
        read(module, **{field: value})
