#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_scheduled_task_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_scheduled_task_info
short_description: Scheduled tasks of Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Lists the tasks that the service executes on the desktops of a project, such as nightly restarts, stops when a user
    disconnects, or agent upgrades.
  - The module returns the complete list or fails.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  task_types:
    description:
      - Only tasks of these types. The default is all types, including new ones of the API.
      - V(UPGRADE_AGENT) selects the upgrade tasks of desktops, which have no type in the API. Upgrade tasks of application
        servers and images are never returned.
      - V(DELETE_BLACK_ECS) deletes desktops.
    type: list
    elements: str
    choices: [START, STOP, REBOOT, HIBERNATE, REBUILD, EXECUTE_SCRIPT, CREATE_SNAPSHOT, DELETE_BLACK_ECS, UPGRADE_AGENT]
  due_within:
    description:
      - Only enabled tasks that will be executed within this number of seconds.
      - Tasks whose time has passed are due. Tasks that an event triggers have no time and are always due, see O(triggered).
      - The clock of the service decides what is due. A task whose next execution cannot be determined counts as due, and a
        warning names it. A task counts as enabled if the service does not return whether it is.
    type: float
  triggered:
    description: Whether to return tasks that an event triggers, such as the end of a connection.
    type: bool
    default: true
  enabled:
    description:
      - V(true) returns only enabled tasks, V(false) only disabled tasks.
      - Tasks for which the service does not return this are always included.
    type: bool
  skip_refused:
    description:
      - Whether to leave out data that the credentials may not read (HTTP status 403), with a warning. If the details of a task
        are denied, RV(tasks[].force_execute) and RV(tasks[].apply_objects) are V(none).
      - If V(false), or if no list can be read, the module fails.
    type: bool
    default: false
notes:
  - Time zones are looked up by name in the time zone database of the host that runs the module, or in the Python package
    C(tzdata). Offsets such as V(GMT+08:00) need neither.
seealso:
  - module: huaweicloud.workspace.workspace_pool_info
  - module: huaweicloud.workspace.workspace_wait_for_free_desktops
"""

EXAMPLES = r"""
- name: List the tasks that are due in the next four hours (credentials come from the environment)
  huaweicloud.workspace.workspace_scheduled_task_info:
    region: cn-north-4
    due_within: 14400
  register: planned

- name: Show the time and the objects of each task
  ansible.builtin.debug:
    msg: >-
      {{ item.task_type }} at {{ item.next_execution_at or item.life_cycle_type or 'an unknown time' }} on
      {{ item.apply_objects | default([{'object_type': 'unknown desktops'}], true) | map(attribute='object_type') | unique | join(', ') }}
  loop: "{{ planned.tasks }}"
  loop_control:
    label: "{{ item.task_name }}"

- name: List enabled tasks that interrupt users
  huaweicloud.workspace.workspace_scheduled_task_info:
    region: cn-north-4
    task_types: [STOP, REBOOT, HIBERNATE, REBUILD, DELETE_BLACK_ECS, UPGRADE_AGENT]
    enabled: true
  register: interrupting

- name: Show the tasks that are also executed on desktops in use
  ansible.builtin.debug:
    msg: "{{ interrupting.tasks | selectattr('force_execute') | map(attribute='task_name') | list }}"
"""

RETURN = r"""
tasks:
  description: The tasks, sorted by RV(tasks[].next_execution_at), then name. Tasks without a time come last.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the task.
      type: str
      sample: 2f6c1c3e-58a7-4f9e-9d0b-7c5b3f1e8a42
    task_name:
      description: The name of the task.
      type: str
      sample: nightly restart
    task_type:
      description: The type of the task, one of the choices of O(task_types) or a new type of the API.
      type: str
      sample: REBOOT
    scheduled_type:
      description: V(FIXED_TIME), V(DAY), V(WEEK), V(MONTH), or V(LIFE_CYCLE) if an event triggers the task.
      type: str
      sample: DAY
    life_cycle_type:
      description: The event that triggers the task, such as V(POST_DESKTOP_DISCONNECTED). V(none) if the task has a
        time.
      type: str
      sample:
    enabled:
      description: Whether the task is enabled. V(none) if the service does not return it.
      type: bool
      sample: true
    next_execution_at:
      description:
        - The time of the next execution in UTC.
        - V(none) if the service returns no time, or if its time zone is not known.
      type: str
      sample: "2026-11-27T19:00:00Z"
    next_execution_time:
      description: The same time as the service returns it, in RV(tasks[].time_zone).
      type: str
      sample: "2026-11-28 03:00:00"
    time_zone:
      description: The time zone of the task as the service returns it.
      type: str
      sample: Asia/Shanghai
    force_execute:
      description:
        - Whether the task is also executed on desktops that are in use.
        - V(none) if the service does not return it, or if the permission is missing with O(skip_refused=true).
      type: bool
      sample: true
    apply_objects:
      description: The objects that the task applies to. V(none) under the same conditions as RV(tasks[].force_execute).
      type: list
      elements: dict
      contains:
        object_type:
          description: V(DESKTOP), V(DESKTOP_POOL), V(DESKTOP_TAG), V(ALL_DESKTOPS), or a type of the API for upgrade tasks.
          type: str
          sample: DESKTOP_POOL
        object_id:
          description: The ID of the object.
          type: str
          sample: 9d1f6f43-6c2c-4f4d-8a0a-3f1c2b7f5e10
        object_name:
          description: The name of the object.
          type: str
          sample: design-studio
    last_status:
      description: The status of the last execution. V(SUCCESS), V(SKIP), or V(FAIL), and for upgrade tasks V(SUCCESS),
        V(FAILED), V(RUNNING), or V(WAITING).
      type: str
      sample: SUCCESS
    description:
      description: The description of the task.
      type: str
      sample: Restarts the pool before the working day.
total_count:
  description: The number of RV(tasks).
  returned: success
  type: int
  sample: 1
task_type_counts:
  description: The number of RV(tasks) of each type. The known types are always present.
  returned: success
  type: dict
  sample:
    {START: 0, STOP: 0, REBOOT: 1, HIBERNATE: 0, REBUILD: 0, EXECUTE_SCRIPT: 0, CREATE_SNAPSHOT: 0, DELETE_BLACK_ECS: 0,
     UPGRADE_AGENT: 0}
project_id:
  description: The ID of the project that was queried. On failure, V(none) if it is not known.
  returned: always
  type: str
  sample: 0bec5db98280d2d02fd6c00c2de791ce
region:
  description: The region that was queried. V(none) if none was needed, or on failure if it is not known.
  returned: always
  type: str
  sample: cn-north-4
endpoint:
  description: The endpoint that was queried. On failure, V(none) if it is not known.
  returned: always
  type: str
  sample: https://workspace.cn-north-4.myhuaweicloud.com
"""

from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import scheduled_tasks


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(scheduled_tasks.ARGUMENTS).run(scheduled_tasks.prepare)


if __name__ == "__main__":
    main()
