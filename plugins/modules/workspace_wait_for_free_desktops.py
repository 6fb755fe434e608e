#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the action `huaweicloud.workspace.workspace_wait_for_free_desktops`, which is in plugins/action."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_wait_for_free_desktops
short_description: Wait until Huawei Cloud Workspace desktops are free
version_added: 0.1.0
description:
  - Succeeds when no desktop is in use. Otherwise it waits if O(wait) is set, and then fails with a message that names
    the desktops, their statuses and users.
  - When in doubt, a desktop counts as in use. This includes disconnected sessions, which may hold unsaved work, and
    statuses that this collection does not know.
  - While it waits it prints one line for each look. The line says how many desktops are in use, how many sessions have
    stopped and started since the previous look, and the first names. A task with C(no_log) prints none. If another
    callback than one of ansible-core prints the output, such as one that writes JSON, the lines go to standard error.
  - The action runs on the controller and queries the service with
    M(huaweicloud.workspace.workspace_connect_desktops_info) on the host of the task. It is read-only. It neither logs
    anybody off nor keeps anybody from logging in.
  - A refusal (HTTP 400, 401, 403 and any other permanent 4xx error, or a wrong option) ends the task immediately, so
    that no access key is locked. Of several hosts that share credentials, one looks ahead of the others each time, and
    a refusal of its credentials with HTTP 401 ends all of them. After any other failure, which the module has already retried, the task looks again at
    the next interval. If the last look fails, or the C(timeout) of the task ends it, the task fails, and says who was in use when the
    service last answered.
author:
  - huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment:
  - huaweicloud.workspace.workspace
  - huaweicloud.workspace.attributes
attributes:
  check_mode:
    details:
      - In check mode it looks once and does not wait.
options:
  user_names:
    description:
      - Only desktops of these users. Names are matched exactly.
      - Desktops that a user reaches through a group are not found by the name of the user.
      - An empty list is an error. Use C(omit) to query all desktops.
    type: list
    elements: str
  allowed_desktops:
    description:
      - Names or IDs of desktops that may be in use. Both are matched exactly.
      - If several desktops have the same name, the name allows all of them. Use the ID for one of them.
      - An entry that is no desktop of the project is a warning, unless O(user_names) selects desktops.
    type: list
    elements: str
    default: []
  free_statuses:
    description:
      - Statuses of desktops that are not in use. A desktop with any other status, or with none, is in use.
      - Add V(DISCONNECTED) only if the sessions of disconnected users may be ended.
    type: list
    elements: str
    choices:
      - UNREGISTER
      - REGISTERED
      - CONNECTED
      - DISCONNECTED
    default:
      - REGISTERED
      - UNREGISTER
  wait:
    description:
      - Seconds to wait until the desktops are free. The last look takes place at the end of this time.
      - With V(0) it looks once.
      - A look takes the time of its requests, at most O(total_timeout). A look that is still running at the end of
        this time is completed.
    type: float
    default: 0
  interval:
    description:
      - Seconds from one look to the next.
    type: float
    default: 60
  quiet_looks:
    description:
      - Number of looks in a row that must find no desktop in use. A failed look starts the count again.
      - A value that cannot be reached within O(wait) is an error.
    type: int
    default: 1
  expect_desktops:
    description:
      - Whether it is a failure if there is no desktop at all, or if no desktop is assigned to one of the O(user_names).
        The wrong project or user name would also appear free.
      - The task then fails without waiting.
    type: bool
    default: true
seealso:
  - module: huaweicloud.workspace.workspace_connect_desktops_info
  - name: Querying Desktop Connection Statuses
    description: The API operation that is called.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListDesktopsConnectStatus.html
"""

EXAMPLES = r"""
- name: Fail if a desktop is in use
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4

- name: Wait up to an hour for two users, and make sure that they stay away for three looks
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    user_names:
      - alice
      - bob
    wait: 3600
    quiet_looks: 3

- name: Let a kiosk stay in use and end disconnected sessions
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    allowed_desktops:
      - kiosk-lobby
    free_statuses:
      - REGISTERED
      - UNREGISTER
      - DISCONNECTED

- name: Do something with the verdict, and still stop
  block:
    - name: Check the desktops
      huaweicloud.workspace.workspace_wait_for_free_desktops:
        region: cn-north-4
  rescue:
    - name: Show the message line by line
      ansible.builtin.debug:
        msg: "{{ ansible_failed_result.msg.splitlines() }}"

    - name: Stop here, or the play would go on as if the desktops were free
      ansible.builtin.fail:
        msg: The maintenance does not begin.
"""

RETURN = r"""
msg:
  description:
    - The verdict, with what was checked, where and when. On failure it has several lines, which name the first 20
      desktops in use.
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
    - V(refused) and V(not_read) mean that it is not known whether they are in use. The first is a refusal or a wrong
      option, the second any other failure.
    - V(unmatched) and V(no_desktops) mean that something asked for does not exist, see O(expect_desktops).
  returned: always
  type: str
  choices:
    - in_use
    - unmatched
    - no_desktops
    - refused
    - not_read
  sample: in_use
in_use:
  description:
    - The desktops in use at the last look that the service answered, without those in O(allowed_desktops). Each has the
      keys that M(huaweicloud.workspace.workspace_connect_desktops_info) returns.
    - V(none) if no look was answered. The same goes for the next four values.
  returned: always
  type: list
  elements: dict
  sample:
    - desktop_id: 3fa80a6b-6ba5-4d5f-8d34-3f33c0f1a7bd
      desktop_name: sales-017
      connect_status: CONNECTED
      attach_users:
        - id: 5d2bd8ee5b2b4a8a9a9e9d7bcb6f2c11
          name: alice
          user_group: users
          type: USER
in_use_but_allowed:
  description: The desktops in use that O(allowed_desktops) names, in the same form.
  returned: always
  type: list
  elements: dict
  sample: []
desktop_count:
  description: Number of desktops that were checked, in use or not.
  returned: always
  type: int
  sample: 320
connect_status_counts:
  description: Number of desktops in each status. The four known statuses are always there.
  returned: always
  type: dict
  sample:
    UNREGISTER: 100
    REGISTERED: 219
    CONNECTED: 1
    DISCONNECTED: 0
unmatched_user_names:
  description: The O(user_names) that no desktop is assigned to, letter case ignored.
  returned: always
  type: list
  elements: str
  sample:
    - bob
looks:
  description: Every look, in order.
  returned: always
  type: list
  elements: dict
  contains:
    at:
      description: The time when the look began, in UTC.
      returned: always
      type: str
      sample: '2026-11-24T21:05:00Z'
    in_use_count:
      description: Number of desktops in use, without those in O(allowed_desktops). V(none) if the look failed.
      returned: always
      type: int
      sample: 3
    connect_status_counts:
      description: Number of desktops in each status. V(none) if the look failed.
      returned: always
      type: dict
      sample:
        UNREGISTER: 100
        REGISTERED: 217
        CONNECTED: 3
        DISCONNECTED: 0
waited:
  description: Seconds from the first look to the last one.
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
credentials_source:
  description: The place that the credentials come from, never a value. V(none) if none were found.
  returned: failure
  type: str
  sample: the environment (HUAWEICLOUD_SDK_AK)
status_code:
  description: The HTTP status of the failed request. V(none) if there was no response.
  returned: failure
  type: int
  sample: 403
error_code:
  description: The error code of the service. V(none) if it gave none.
  returned: failure
  type: str
  sample: WKS.00010099
error_msg:
  description: The error message of the service. V(none) if it gave none.
  returned: failure
  type: str
  sample: The Workspace service is not enabled.
error_detail:
  description: More details from the service. V(none) if it gave none.
  returned: failure
  type: str
  sample: Enable the service first.
encoded_authorization_message:
  description: Encoded details of a missing permission, which the STS service can decode. V(none) if there are none.
  returned: failure
  type: str
  sample: ZW5jb2RlZA
request_id:
  description: The ID of the failed request, for the support of Huawei Cloud. V(none) if the service gave none.
  returned: failure
  type: str
  sample: 2f1d8d6bd1a4a1c6e1f3a0c8f3e4b5a6
attempts:
  description: Number of attempts of the failed request. V(none) if no request was sent.
  returned: failure
  type: int
  sample: 1
"""
