#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_connect_desktops_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_connect_desktops_info
short_description: Connection status of Huawei Cloud Workspace desktops
version_added: 0.1.0
description:
  - Lists the desktops of a Workspace project with their connection status and assigned users.
  - The module returns the complete list or fails. It reads the list twice and confirms its end in between, because the
    list may change while it is read.
  - The API returns at most 4,000 desktops. More are read through the operation that
    M(huaweicloud.workspace.workspace_desktop_info) uses, which requires the IAM action C(workspace:desktops:listDetail).
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  user_names:
    description:
      - Only desktops of these users. There is no limit. Names match exactly except for letter case.
      - Desktops of user groups are included if the service returns them for one of the names. It does not return the members
        of groups, and whether it accepts the name of a group is not documented. To find out, query the name of a group that
        has a desktop. If it is in RV(unmatched_user_names), names of groups are not accepted.
      - It is an error if the service does not return the users of a desktop that may match.
      - An empty list is an error, not a filter that matches all or none. Use C(omit) to list all desktops.
    type: list
    elements: str
  connect_status:
    description:
      - Only desktops in these statuses. A desktop without a status matches none of them.
      - V(UNREGISTER) means that the desktop is shut down or not registered yet.
      - V(REGISTERED) means that it is ready and no user is logged in.
      - V(CONNECTED) means that it is in use.
      - V(DISCONNECTED) means that a session is open, but its client was closed or has lost the network connection.
    type: list
    elements: str
    choices: [UNREGISTER, REGISTERED, CONNECTED, DISCONNECTED]
  offset:
    description: Return one page that starts at this record, V(0) to V(2000), in exactly one request.
    type: int
  limit:
    description:
      - Return one page of at most this many records, V(0) to V(2000), in exactly one request.
      - With O(offset) or O(limit), the result is that page only.
    type: int
seealso:
  - module: huaweicloud.workspace.workspace_wait_for_free_desktops
  - module: huaweicloud.workspace.workspace_desktop_pool_info
  - name: Querying Desktop Connection Statuses
    description: The API operation that this module calls.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListDesktopsConnectStatus.html
"""

EXAMPLES = r"""
- name: List all desktops (credentials come from the environment)
  huaweicloud.workspace.workspace_connect_desktops_info:
    region: cn-north-4
  register: fleet

- name: Show the number of desktops in each status
  ansible.builtin.debug:
    var: fleet.connect_status_counts

- name: List the desktops of two users
  huaweicloud.workspace.workspace_connect_desktops_info:
    region: cn-north-4
    user_names: [alice, bob]
  register: theirs

- name: Fail if no desktop is assigned to one of the users
  ansible.builtin.assert:
    that: theirs.unmatched_user_names | length == 0
    fail_msg: "No desktop is assigned to {{ theirs.unmatched_user_names | join(', ') }}."

- name: Wait up to an hour until no desktop is in use, including disconnected sessions
  huaweicloud.workspace.workspace_wait_for_free_desktops:
    region: cn-north-4
    wait: 3600
"""

RETURN = r"""
desktops:
  description:
    - The desktops, sorted by name, then ID. With O(offset) or O(limit), one page in the order of the API.
    - New fields of the API are also returned.
  returned: success
  type: list
  elements: dict
  contains:
    desktop_id:
      description: The ID of the desktop.
      type: str
      sample: 3fa80a6b-6ba5-4d5f-8d34-3f33c0f1a7bd
    desktop_name:
      description: The name of the desktop.
      type: str
      sample: sales-017
    connect_status:
      description:
        - V(UNREGISTER), V(REGISTERED), V(CONNECTED), V(DISCONNECTED), or a new status of the API.
        - V(none) if the API returns none.
      type: str
      sample: CONNECTED
    attach_users:
      description: The users and groups that the desktop is assigned to.
      type: list
      elements: dict
      contains:
        id:
          description: The ID of the user or group. V(none) if the API returns none.
          type: str
          sample: 5d2bd8ee5b2b4a8a9a9e9d7bcb6f2c11
        name:
          description: The name of the user or group. V(none) if the API returns none.
          type: str
          sample: alice
        user_group:
          description: The group in the operating system of the desktop, such as V(sudo), V(default), V(administrators) or V(users).
          type: str
          sample: users
        type:
          description: V(USER) or V(GROUP).
          type: str
          sample: USER
total_count:
  description:
    - The number of RV(desktops).
    - With O(offset) or O(limit), the total that the API reports.
  returned: success
  type: int
  sample: 1
connect_status_counts:
  description:
    - The number of RV(desktops) in each status. The four statuses are always present.
    - A new status of the API has its own key. Desktops without a status count as C(UNKNOWN).
  returned: success
  type: dict
  sample: {UNREGISTER: 0, REGISTERED: 0, CONNECTED: 1, DISCONNECTED: 0}
missing_fields:
  description:
    - Field -> IDs of the desktops for which the service did not return it, for C(attach_users).
    - The list is empty for these desktops, but its content is not known.
  returned: success
  type: dict
  sample: {attach_users: [3fa80a6b-6ba5-4d5f-8d34-3f33c0f1a7bd]}
unmatched_user_names:
  description:
    - The O(user_names) that no desktop in RV(desktops) is assigned to by name, ignoring letter case. A similar name causes a
      warning.
    - With O(offset) or O(limit), it is empty.
  returned: success
  type: list
  elements: str
  sample: [bob]
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(connect_desktops.ARGUMENTS).run(connect_desktops.prepare)


if __name__ == "__main__":
    main()
