# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The table of all operations of the Workspace API that this collection uses.

Paths and IAM actions are those of the vendor's pages. The modules, the hint of a 403, `workspace_access_info` and the
permissions in the guides use this table.
"""

from __future__ import annotations

from .._reading import project

# Modules, plugins and playbooks that use the same operations, at least with some of their options.
_CHECK = ("workspace_wait_for_free_desktops", "pre_maintenance_check")
_AUDIT = ("workspace_audit_info", "audit")
_DESKTOPS = ("workspace_desktop_info", "workspace_desktops")
_TASKS = ("workspace_scheduled_task_info", *_CHECK)

CONNECT_DESKTOPS = project.Operation(
    "connect-desktops",
    "workspace:desktops:listWithConnectStatus",
    "desktops",
    used_by=("workspace_connect_desktops_info", *_CHECK, "desktop_connections", "workspace_projects"),
)
DESKTOPS_DETAIL = project.Operation(
    "desktops/detail",
    "workspace:desktops:listDetail",
    "desktops",
    used_by=(
        *("workspace_connect_desktops_info", "workspace_pool_info", "desktop_connections"),
        *(*_DESKTOPS, *_CHECK, *_AUDIT),
    ),
)
DESKTOPS = project.Operation(
    "desktops",
    "workspace:desktops:list",
    "desktops",
    used_by=(*_DESKTOPS, *_CHECK, "workspace_pool_info", "desktop_connections"),
)
USERS = project.Operation(
    "users",
    "workspace:users:list",
    "users",
    used_by=("workspace_user_info", "workspace_desktop_pool_info", *_CHECK, *_AUDIT),
)
USER_GROUPS = project.Operation(
    "groups", "workspace:userGroups:list", "user_groups", used_by=("workspace_user_info", *_CHECK, *_AUDIT)
)
GROUP_MEMBERS = project.Operation(
    "groups/{group_id}/users", "workspace:userGroups:getUsers", "users", parent=USER_GROUPS, used_by=USER_GROUPS.used_by
)
DESKTOP_POOLS = project.Operation(
    "desktop-pools",
    "workspace:desktopPools:list",
    "desktop_pools",
    dependencies=("ims:images:list", "workspace:sites:get"),
    used_by=("workspace_pool_info", "desktop_connections", *_DESKTOPS, *_CHECK, *_AUDIT),
)
# Identity policies do not need the action; older policies do. The example of the API reference has desktops-pools, but
# its URI table and the SDK have desktop-pools.
POOLS_BY_USERS = project.Operation(
    "desktop-pools/statistics/by-users",
    "workspace:desktopPools:listByUsers",
    "users",
    used_by=("workspace_desktop_pool_info", *_AUDIT),
)
AUTHORIZED_OBJECTS = project.Operation(
    "desktop-pools/{pool_id}/users",
    "workspace:desktopPools:listUsers",
    "objects",
    parent=DESKTOP_POOLS,
    used_by=("workspace_pool_info",),
)
SCHEDULED_TASKS = project.Operation(
    "scheduled-tasks", "workspace:scheduledTasks:list", "scheduled_tasks", used_by=_TASKS
)
SCHEDULED_TASK = project.Operation(
    "scheduled-tasks/{task_id}", "workspace:scheduledTasks:get", query=(), parent=SCHEDULED_TASKS, used_by=_TASKS
)
UPGRADE_TASKS = project.Operation("upgrade-tasks", "workspace:upgradeTask:list", "tasks", used_by=_TASKS)
UPGRADE_TASK = project.Operation(
    "upgrade-task/{task_id}", "workspace:upgradeTask:get", query=(), parent=UPGRADE_TASKS, used_by=_TASKS
)
UPGRADE_OBJECTS = project.Operation(
    "upgrade-task/{task_id}/apply-objects",
    "workspace:upgradeTask:listApplyObjects",
    "apply_objects",
    parent=UPGRADE_TASKS,
    used_by=_TASKS,
)
USAGE = project.Operation(
    "statistics/metrics/desktops",
    "workspace:statistics:listDesktopMetrics",
    "items",
    needs_times=True,
    used_by=(*_DESKTOPS, *_AUDIT),
)
LOGIN_RECORDS = project.Operation(
    "connections/desktops",
    "workspace:connections:securityList",
    "records",
    used_by=("workspace_login_record_info", *_CHECK),
)
LOCK_STATUS = project.Operation(
    "workspaces/lock-status", "workspace:tenants:getLockStatus", query=(), used_by=("workspace_access_info",)
)
WORKSPACES = project.Operation(
    "workspaces",
    "workspace:tenants:get",
    query=(),
    dependencies=("vpc:securityGroups:get", "vpc:subnets:get", "vpc:vpcs:get"),
    used_by=("workspace_access_info",),
)

OPERATIONS = tuple(value for value in list(vars().values()) if isinstance(value, project.Operation))
