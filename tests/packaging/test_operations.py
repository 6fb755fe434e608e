# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of operations agrees with the simulator and with the permissions in the guide."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.operations import OPERATIONS
from simulator import workspace_api

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/docsite/rst/guide_authentication.rst").read_text(encoding="utf-8")
PERMISSIONS = GUIDE.partition("\nPermissions\n")[2].partition("\nRegion and project\n")[0]
#: The lookup of a project by name.
OF_IAM = {"iam:projects:listProjects"}
#: Names of this collection's modules, plugins and playbooks.
NAMES = {
    path.stem
    for folder in ("modules", "inventory", "action")
    for path in (ROOT / "plugins" / folder).glob("workspace_*.py")
} | {"audit", "pre_maintenance_check", "desktop_connections"}


def test_the_simulator_requires_the_same_actions() -> None:
    required = {path: operation.action for path, operation in workspace_api.OPERATIONS.items()}
    assert {operation.path: operation.permission for operation in OPERATIONS} == required


def test_the_policy_of_the_guide_allows_all_operations() -> None:
    (policy,) = re.findall(r"code-block:: json\n\n(.*?)\n\n\S", PERMISSIONS, re.DOTALL)
    (statement,) = json.loads(policy)["Statement"]
    actions = {action for operation in OPERATIONS for action in (operation.permission, *operation.dependencies)}
    assert sorted(statement["Action"]) == sorted(actions | OF_IAM)


def test_the_table_of_the_guide_names_all_users_of_each_action() -> None:
    rows: dict[str, set[str]] = {}
    for row in re.split(r"\n   \* - ", PERMISSIONS)[2:]:
        actions, _dash, text = row.partition("\n     - ")
        for action in re.findall(r"``(\S+?)``", actions):
            rows[action] = set(re.findall(r"``(\w+)``", text)) & NAMES
    for operation in OPERATIONS:
        assert rows.pop(operation.permission) == set(operation.used_by), operation.permission
    assert set(rows) == OF_IAM


def test_the_table_names_each_module_plugin_and_playbook() -> None:
    assert {name for operation in OPERATIONS for name in operation.used_by} == NAMES
