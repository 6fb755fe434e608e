# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access check: what a response says about each operation."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.access import prepare
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.operations import OPERATIONS

from ..fake import FakeProject

FORBIDDEN = WorkspaceError("Denied.", status_code=403, error_code="PAP5.0011")
BROKEN = WorkspaceError("Broken.", status_code=500)
STATE = {"workspaces/lock-status": {"is_lock": 0}, "workspaces": {"status": "SUBSCRIBED"}}
RECORD = [{"id": "x"}]


def path_of(operation: Operation) -> str:
    return operation.of("x").path if operation.parent else operation.path


def service(**lists: Any) -> FakeProject:
    """A project with one record in each list, except those that are given, with `_` in place of `-` and `/`."""
    usual = {path_of(operation): RECORD if operation.key else {"id": "x"} for operation in OPERATIONS} | STATE
    given = {path: lists[name] for path in usual if (name := path.replace("-", "_").replace("/", "_")) in lists}
    return FakeProject({**usual, **given})


def access(project: FakeProject, *uses: str) -> dict[str, Any]:
    return prepare({"uses": list(uses) or None})(project)


def by_action(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {record["action"]: record for record in found["operations"]}


def test_every_operation_is_requested_once_for_one_record() -> None:
    project = service()
    project.ahead = 300.04
    found = access(project)
    assert found["clock_offset"] == 300
    paths = [path for path, _query in project.queries]
    assert sorted(paths) == sorted(map(path_of, OPERATIONS))
    for path, query in project.queries:
        names = dict(query)
        assert names.get("limit", "1") == "1"
        assert ("start_time" in names) == (path == "statistics/metrics/desktops")
    assert [record["reason"] for record in found["operations"] if not record["allowed"]] == []
    assert {record["status_code"] for record in found["operations"]} == {200}
    assert [record["action"] for record in found["operations"]] == sorted(by_action(found))
    assert (
        by_action(found)["workspace:userGroups:getUsers"]["operation"] == "GET /v2/{project_id}/groups/{group_id}/users"
    )
    assert (found["denied"], found["is_locked"], found["service_status"]) == ([], False, "SUBSCRIBED")


def test_only_the_operations_that_are_needed_are_checked() -> None:
    project = service()
    project.ahead = None
    found = access(project, "workspace_user_info")
    assert found["clock_offset"] is None
    actions = ["workspace:userGroups:getUsers", "workspace:userGroups:list", "workspace:users:list"]
    assert list(by_action(found)) == actions
    assert found["policy"] == {"Version": "5.0", "Statement": [{"Effect": "Allow", "Action": actions}]}
    paths = {path for path, _query in project.queries}
    assert paths == {"users", "groups", "groups/x/users", "workspaces", "workspaces/lock-status"}
    assert found["service_status"] == "SUBSCRIBED"


def test_a_denied_operation_is_a_result() -> None:
    found = access(service(groups=FORBIDDEN, workspaces=FORBIDDEN), "workspace_user_info")
    denied = by_action(found)["workspace:userGroups:list"]
    assert (denied["allowed"], denied["status_code"], denied["error_code"]) == (False, 403, "PAP5.0011")
    assert denied["reason"] == "Denied."
    assert found["denied"] == ["workspace:userGroups:list"]
    members = by_action(found)["workspace:userGroups:getUsers"]
    assert members["allowed"] is None
    assert members["reason"] == "Not checked: groups, which returns the ID in the path, failed."
    # The policy does not depend on it.
    assert "workspace:userGroups:list" in found["policy"]["Statement"][0]["Action"]


def test_the_policy_contains_actions_of_other_services() -> None:
    (statement,) = access(service(), "workspace_pool_info")["policy"]["Statement"]
    assert {"ims:images:list", "workspace:sites:get"} < set(statement["Action"])


@pytest.mark.parametrize("users", [BROKEN, {"status": "ok"}])
def test_an_operation_that_fails_otherwise_is_not_known(users: Any) -> None:
    record = by_action(access(service(users=users)))["workspace:users:list"]
    assert record["allowed"] is None
    assert record["reason"]
    assert record["used_by"] == sorted(record["used_by"])


def test_without_a_group_its_members_are_not_known() -> None:
    record = by_action(access(service(groups=[])))["workspace:userGroups:getUsers"]
    assert (record["allowed"], record["status_code"]) == (None, None)
    assert "returned no record" in record["reason"]


def test_rejected_credentials_are_a_failure() -> None:
    with pytest.raises(WorkspaceError, match="Rejected"):
        access(service(users=WorkspaceError("Rejected.", status_code=401)))


def test_it_fails_if_nothing_is_known() -> None:
    nothing = FakeProject(dict.fromkeys(("users", "groups", "workspaces", "workspaces/lock-status"), BROKEN))
    with pytest.raises(WorkspaceError, match="Broken"):
        access(nothing, "workspace_user_info")


def test_users_of_an_operation_also_use_the_operation_that_returns_its_id() -> None:
    for operation in OPERATIONS:
        assert not operation.parent or set(operation.used_by) <= set(operation.parent.used_by)


@pytest.mark.parametrize(("document", "locked"), [({"is_lock": 1}, True), ({"is_lock": 0}, False), ({}, None)])
def test_whether_the_service_is_locked(document: dict[str, int], locked: bool | None) -> None:
    found = access(service(workspaces=FORBIDDEN, workspaces_lock_status=document), "workspace_desktop_pool_info")
    assert (found["is_locked"], found["service_status"]) == (locked, None)
