# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that lack all fields, or have fields of another type, compared with the documentation of each module."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import (
    connect_desktops,
    desktops,
    login_records,
    pools,
    scheduled_tasks,
    user_pools,
    users,
)

from ..fake import FakeProject

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
    options = {name: argument.get("default") for name, argument in operation.ARGUMENTS.items()}
    lists = {path: [{**least, **fields}], "upgrade-tasks": [], "scheduled-tasks/a": {"id": "a"}}
    (record,) = operation.prepare(options)(FakeProject(lists))[key]
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
        assert read(module, new={"a": [1]})["new"] == {"a": [1]}
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
