#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the action `huaweicloud.workspace.workspace_wait_for_free_desktops`, which is in plugins/action."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_wait_for_free_desktops
short_description: Wait for free desktops in Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Succeeds if no desktop is in use. Otherwise it waits if O(wait) is set, and then fails with a message that names the
    first 20 desktops, their statuses and users. It is read-only, does not log users off and does not prevent logins.
  - A desktop whose status is not known counts as in use. So does a disconnected session, which may contain unsaved work.
  - While it waits, it prints a line for each check to standard error, unless C(no_log) is set. The task ends if standard
    error is closed.
  - The action runs on the controller, and queries the service with M(huaweicloud.workspace.workspace_connect_desktops_info)
    on the host of the task. If an option other than O(user_names) selects desktops, each check also runs
    M(huaweicloud.workspace.workspace_desktop_info). A desktop is then only free if both return it with a free status, a
    hibernated desktop counts as in use, and the check fails if the second does not return a desktop that may be selected.
  - HTTP 400, 401, 403 or a wrong option ends the task immediately, so that no access key is locked. If several hosts share
    credentials, HTTP 401 ends all of them. After any other failure, the task checks again at the next interval. If the last
    check fails, or the C(timeout) of the task ends it, the message names the first 20 desktops that were in use at the last successful check.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
attributes:
  check_mode:
    details: In check mode it checks once and does not wait.
options:
  allowed_desktops:
    description:
      - Names or IDs of desktops that may be in use. Both are matched exactly. A name allows all desktops of this name.
      - An entry that matches no desktop of the project is a warning, unless only O(user_names) selects desktops.
    type: list
    elements: str
    default: []
  free_statuses:
    description:
      - Statuses of desktops that are not in use. A desktop with another status, or without one, is in use.
      - Add V(DISCONNECTED) only if the sessions of disconnected users may be ended.
    type: list
    elements: str
    choices: [UNREGISTER, REGISTERED, CONNECTED, DISCONNECTED]
    default: [REGISTERED, UNREGISTER]
  wait:
    description:
      - Seconds to wait until the desktops are free. The last check starts at the end of this time and is completed.
      - With V(0), there is only one check. A check takes at most O(total_timeout).
    type: float
    default: 0
  interval:
    description: Seconds from the beginning of one check to that of the next.
    type: float
    default: 60
  consecutive_checks:
    description:
      - Number of consecutive checks that must find no desktop in use. A failed check restarts the count.
      - A value that cannot be reached within O(wait) is an error.
    type: int
    default: 1
  expect_desktops:
    description:
      - Whether it is a failure if there is no desktop at all, if an entry of O(user_names), O(computer_names),
        O(desktop_ids) or O(pool_names) has no desktop, or if no desktop matches all options. The wrong project or name
        would also appear free.
      - The task then fails without waiting, also if other desktops are in use.
    type: bool
    default: true
  user_names:
    description:
      - Only desktops of these users, ignoring letter case.
      - Desktops that a user reaches through a group are not found by the name of the user unless O(resolve_groups=true).
        For names of groups, see O(huaweicloud.workspace.workspace_connect_desktops_info#module:user_names).
      - An empty list is an error, here and in the other lists. Use C(omit) to query all desktops.
    type: list
    elements: str
  computer_names:
    description:
      - Only desktops with these names, ignoring letter case.
      - If several options select desktops, only desktops that match all of them are checked. They are selected again at each
        check, so that a desktop that joins a pool during the wait is included.
      - Each option is compared with all desktops of the project. A desktop is therefore not reported as unmatched if it
        exists but is not in the selected pool.
    type: list
    elements: str
  desktop_ids:
    description: Only desktops with these IDs.
    type: list
    elements: str
  pool_names:
    description: Only desktops of these desktop pools, each given by name or ID, ignoring letter case.
    type: list
    elements: str
  tags:
    description: Only desktops that have all of these tags, with these values. Values must be strings.
    type: dict
  resolve_groups:
    description: Whether to also check desktops that are assigned to a user group if one of the O(user_names) is a
      member of it. Requires O(user_names).
    type: bool
    default: false
  scheduled_within:
    description:
      - Warn of tasks that the service itself will execute within this number of seconds after the last check, such as
        restarts. See M(huaweicloud.workspace.workspace_scheduled_task_info).
      - A warning for each task of the project tells when it runs, what it applies to, whether that includes desktops in
        use, and whether it only applies to other desktops than those that were checked. RV(scheduled_tasks) contains the
        tasks. They do not change whether the desktops are free. If they cannot be read, a warning gives the reason.
      - With V(0), tasks are not queried.
    type: float
    default: 0
notes:
  - The IAM actions that are needed depend on the options, see
    R(Permissions,ansible_collections.huaweicloud.workspace.docsite.guide_authentication.permissions).
seealso:
  - module: huaweicloud.workspace.workspace_connect_desktops_info
  - module: huaweicloud.workspace.workspace_desktop_info
  - module: huaweicloud.workspace.workspace_scheduled_task_info
  - name: Querying Desktop Connection Statuses
    description: The API operation that is called.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListDesktopsConnectStatus.html
"""

EXAMPLES = r"""
- name: Fail if a desktop is in use
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4

- name: Wait up to an hour until the desktops of two users are free in three consecutive checks
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    user_names: [alice, bob]
    wait: 3600
    consecutive_checks: 3

- name: Check a pool, and warn of tasks that the service will execute in the next two hours
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    pool_names: [design]
    scheduled_within: 7200

- name: Check the desktops of a user and of the groups of the user
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    user_names: [alice]
    resolve_groups: true

- name: Allow a desktop to be in use, and treat disconnected sessions as free
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    allowed_desktops: [kiosk-lobby]
    free_statuses: [REGISTERED, UNREGISTER, DISCONNECTED]

- name: Handle the verdict, and stop
  block:
    - name: Check the desktops
      huaweicloud.workspace.workspace_wait_for_free_desktops:
        region: cn-north-4
  rescue:
    - name: Show the message line by line
      ansible.builtin.debug:
        msg: "{{ ansible_failed_result.msg.splitlines() }}"

    - name: Stop, because the play would otherwise continue
      ansible.builtin.fail:
        msg: The maintenance is not started.
"""

RETURN = r"""
msg:
  description: The verdict, with the checked desktops, the project and the time. On failure, it has several lines, which
    begin with the RV(reason) and name the first 20 desktops in use.
  returned: always
  type: str
  sample: >-
    No desktops in use except those allowed: kiosk-lobby. Checked all desktops (320) at 2026-11-24T21:05:00Z in project
    0bec5db98280d2d02fd6c00c2de791ce (cn-north-4); allowed_desktops: kiosk-lobby.
free:
  description: Whether the desktops are free. If it is V(true), the task has succeeded.
  returned: always
  type: bool
  sample: true
reason:
  description:
    - Why the desktops are not free. V(none) if they are.
    - V(unmatched) means that the options, or an entry of one of them, match no desktop, also if other desktops are in use.
      V(no_desktops) means that the project has none. See O(expect_desktops).
    - V(refused) and V(not_read) mean that it is not known whether desktops are in use. V(refused) is HTTP 400, 401, 403 or a
      wrong option, V(not_read) any other failure, or a check whose lists do not tell which desktops are selected.
  returned: always
  type: str
  choices: [unmatched, no_desktops, in_use, refused, not_read]
  sample: in_use
in_use:
  description:
    - The desktops in use at the last successful check, without those in O(allowed_desktops). Each has the keys that
      M(huaweicloud.workspace.workspace_connect_desktops_info) returns.
    - If both modules were run, C(connect_status) is the status from the module that reports the desktop as in use. It is
      C(HIBERNATED) for a hibernated desktop, and V(none) if a module does not return the desktop or its status.
    - C(connected_since) is the beginning of the connection in UTC, if a login record of the last day shows one that has not
      ended. Otherwise, or if the records cannot be read, it is V(none). It does not change the verdict.
    - V(none) if no check succeeded. This also applies to the next seven values.
  returned: always
  type: list
  elements: dict
  sample:
    - desktop_id: 3fa80a6b-6ba5-4d5f-8d34-3f33c0f1a7bd
      desktop_name: sales-017
      connect_status: CONNECTED
      attach_users: [{id: 5d2bd8ee5b2b4a8a9a9e9d7bcb6f2c11, name: alice, user_group: users, type: USER}]
      connected_since: "2026-11-24T17:32:10Z"
in_use_but_allowed:
  description: The desktops in use that are in O(allowed_desktops), in the same format.
  returned: always
  type: list
  elements: dict
  sample: []
desktop_count:
  description: The number of desktops that were checked.
  returned: always
  type: int
  sample: 320
connect_status_counts:
  description: The number of desktops in each status. The four known statuses are always present.
  returned: always
  type: dict
  sample: {UNREGISTER: 100, REGISTERED: 219, CONNECTED: 1, DISCONNECTED: 0}
unmatched_user_names:
  description: The O(user_names) that no desktop of the project is assigned to, ignoring letter case.
  returned: always
  type: list
  elements: str
  sample: [bob]
unmatched_computer_names:
  description: The O(computer_names) that no desktop of the project has.
  returned: always
  type: list
  elements: str
  sample: []
unmatched_desktop_ids:
  description: The O(desktop_ids) that no desktop of the project has.
  returned: always
  type: list
  elements: str
  sample: []
unmatched_pool_names:
  description: The O(pool_names) that do not exist or have no desktop.
  returned: always
  type: list
  elements: str
  sample: []
scheduled_tasks:
  description:
    - The tasks that the service itself will execute within O(scheduled_within), in the format of
      RV(huaweicloud.workspace.workspace_scheduled_task_info#module:tasks).
    - V(none) if they were not queried or could not be read.
  returned: always
  type: list
  elements: dict
  sample:
    - id: 6b7f2d3c-3a55-4f0e-9d0c-6f0f0f6d8f11
      task_name: nightly restart
      task_type: REBOOT
      next_execution_at: '2026-11-24T22:30:00Z'
      apply_objects:
        - {object_type: DESKTOP_POOL, object_id: 9a1c2f4e-6a0f-4f8b-8a51-6a3b0f1f0c11, object_name: design}
checks:
  description: All checks, in the order in which they were made.
  returned: always
  type: list
  elements: dict
  contains:
    at:
      description: The time when the check started, in UTC.
      returned: always
      type: str
      sample: "2026-11-24T21:05:00Z"
    in_use_count:
      description: The number of desktops in use, without those in O(allowed_desktops). V(none) if the check failed.
      returned: always
      type: int
      sample: 3
    connect_status_counts:
      description: The number of desktops in each status. V(none) if the check failed.
      returned: always
      type: dict
      sample: {UNREGISTER: 100, REGISTERED: 217, CONNECTED: 3, DISCONNECTED: 0}
waited:
  description: Seconds from the first check to the last one.
  returned: always
  type: float
  sample: 120.0
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
