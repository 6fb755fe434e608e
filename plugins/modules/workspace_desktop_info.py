#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_desktop_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_desktop_info
short_description: Details of Huawei Cloud Workspace desktops
version_added: 0.1.0
description:
  - Lists the desktops of a Workspace project with addresses, status, users, tags, image, agent and maintenance mode.
  - The module returns the complete list or fails.
  - If only the connection status is needed, M(huaweicloud.workspace.workspace_connect_desktops_info) is faster.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment:
  - huaweicloud.workspace.workspace
  - huaweicloud.workspace.attributes
  - huaweicloud.workspace.desktops
seealso:
  - module: huaweicloud.workspace.workspace_connect_desktops_info
  - module: huaweicloud.workspace.workspace_user_info
  - name: Querying the Desktop Details List
    description: The API operation that this module calls.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListDesktopsDetail.html
"""

EXAMPLES = r"""
- name: List running desktops without a working agent (credentials come from the environment)
  huaweicloud.workspace.workspace_desktop_info:
    region: cn-north-4
    status: [ACTIVE]
    login_status: [UNREGISTER]
  register: unregistered

- name: Show the names of desktops without a task in progress
  ansible.builtin.debug:
    msg: "{{ unregistered.desktops | rejectattr('task_status') | map(attribute='computer_name') | list }}"

- name: List the disabled users
  huaweicloud.workspace.workspace_user_info:
    region: cn-north-4
    disabled: true
  register: disabled

- name: List the desktops of disabled users
  huaweicloud.workspace.workspace_desktop_info:
    region: cn-north-4
    user_names: "{{ disabled.users | map(attribute='user_name') | list }}"
  register: desktops_of_disabled
  when: disabled.total_count > 0

- name: List the desktops of a pool with the time of their last use
  huaweicloud.workspace.workspace_desktop_info:
    region: cn-north-4
    pool_names: [design-studio]
    usage: true
  register: studio

- name: Show the desktops that have not been used for a month
  ansible.builtin.debug:
    msg: >-
      {{ studio.desktops | rejectattr('idle_days', 'none') | selectattr('idle_days', '>=', 30)
         | items2dict(key_name='computer_name', value_name='last_user_name') }}

- name: List the desktops of a department that are in maintenance mode
  huaweicloud.workspace.workspace_desktop_info:
    region: cn-north-4
    tags:
      department: cad
    in_maintenance_mode: true
"""

RETURN = r"""
desktops:
  description:
    - The desktops, sorted by name, then ID.
    - Other fields of the API are also returned. Fields without a value are V(none).
  returned: success
  type: list
  elements: dict
  contains:
    desktop_id:
      description: The ID of the desktop.
      type: str
      sample: 21616aa6-061d-4b2f-bd83-b230d7a9a14c
    computer_name:
      description: The name of the desktop.
      type: str
      sample: CAD-0001
    os_host_name:
      description: The host name in the operating system.
      type: str
      sample: CAD-0001
    ipv4:
      description: The IPv4 address in the business network.
      type: str
      sample: 10.0.9.55
    ipv6:
      description: The IPv6 address.
      type: str
      sample: 2001:db8::55
    ip_addresses:
      description: All addresses. The first one is usually that of the management network, which users cannot reach.
      type: list
      elements: str
      sample: [172.16.253.204, 10.0.9.55]
    addresses:
      description: The network interfaces as the API returns them, either a dictionary by network or a list.
      returned: if the API returns them
      type: raw
      sample: {0ad2ff3a: [{addr: 10.0.9.55, version: "4"}]}
    status:
      description: V(ACTIVE), V(SHUTOFF), V(ERROR), V(HIBERNATED), or a new state of the API.
      type: str
      sample: ACTIVE
    task_status:
      description: The task in progress, such as V(powering-on). Empty if there is none.
      type: str
      sample: powering-on
    login_status:
      description: The connection status, see O(login_status).
      type: str
      sample: REGISTERED
    desktop_type:
      description: V(DEDICATED), V(POOLED) or V(SHARED).
      type: str
      sample: DEDICATED
    attach_state:
      description: Whether the desktop is assigned to a user, such as V(ATTACHED), V(UNATTACH) or V(ATTACHFAIL).
      type: str
      sample: ATTACHED
    attach_user_infos:
      description: The users and user groups that the desktop is assigned to.
      type: list
      elements: dict
      contains:
        user_id:
          description: The ID of the user, or of the group.
          type: str
          sample: 8a2c3f9579d240820179d51e6caf0001
        user_name:
          description: The name of the user, or of the group.
          type: str
          sample: alice
        domain:
          description: The domain of the user.
          type: str
          sample: corp.local
        user_group:
          description: The group in the operating system of the desktop, such as V(users), V(administrators) or V(sudo).
          type: str
          sample: users
        type:
          description: V(USER) or V(GROUP).
          type: str
          sample: USER
    in_maintenance_mode:
      description: Whether the desktop is in maintenance mode.
      type: bool
      sample: false
    tags:
      description: The tags of the desktop.
      type: list
      elements: dict
      contains:
        key:
          description: The key.
          type: str
          sample: department
        value:
          description: The value.
          type: str
          sample: cad
    metadata:
      description: Properties of the image and of billing.
      type: dict
      sample: {image_name: win10-office, os_type: Windows}
    availability_zone:
      description: The availability zone.
      type: str
      sample: cn-north-4a
    subnet_id:
      description: The ID of the subnet.
      type: str
      sample: 6c3f9c0e-6f0a-4b1e-9a58-0f6f5b3c2d11
    enterprise_project_id:
      description: The ID of the enterprise project.
      type: str
      sample: "0"
    os_version:
      description: The version of the operating system.
      type: str
      sample: "10"
    agent_version:
      description: The version of the agent on the desktop.
      type: str
      sample: 25.4.10001
    created:
      description: The time when the desktop was created, in UTC.
      type: str
      sample: "2026-01-21T06:57:47.459Z"
    product:
      description: The package of the desktop. The API returns numbers in it as strings.
      type: dict
      sample: {product_id: workspace.x86.ultimate.large4, cpu: "4", memory: "8192"}
    is_freeze:
      description: Whether the desktop is frozen, for example because of an unpaid bill.
      type: bool
      sample: false
    isolated:
      description: Whether a dynamic pool has isolated the desktop.
      type: bool
      sample: false
    domain_status:
      description: V(1) if the desktop has joined its domain, V(2) if it has left it, V(3) if this is unknown.
      type: int
      sample: 1
    security_groups:
      description: The security groups. The API may return them for single desktops only.
      type: list
      elements: dict
      sample: [{id: 8b6a1a0e-4c8e-4d0b-9f2c-7d4a4f0f5a21, name: WorkspaceUserSecurityGroup}]
    pool_id:
      description: The ID of the desktop pool. V(none) if the desktop is not in a pool.
      returned: when O(pools=true) or with O(pool_names)
      type: str
      sample: 1ad74b36-0de7-45fe-aed3-6cb047d69e99
    pool_name:
      description: The name of the desktop pool. V(none) if the desktop is not in a pool.
      returned: when O(pools=true) or with O(pool_names)
      type: str
      sample: design-studio
    last_user_name:
      description: The last user who connected. V(none) if there is no usage record.
      returned: when O(usage=true)
      type: str
      sample: alice
    last_used_at:
      description: The end of the last use in UTC, which is the time of the query minus the reported idle time. V(none)
        if there is no usage record.
      returned: when O(usage=true)
      type: str
      sample: "2026-11-20T17:30:00Z"
    idle_days:
      description: The number of days since the last use. V(none) if there is no usage record.
      returned: when O(usage=true)
      type: float
      sample: 4.15
total_count:
  description: The number of RV(desktops).
  returned: success
  type: int
  sample: 1
status_counts:
  description: The number of RV(desktops) in each state. The four states are always present. V(UNKNOWN) counts desktops
    without a state.
  returned: success
  type: dict
  sample: {ACTIVE: 1, SHUTOFF: 0, ERROR: 0, HIBERNATED: 0}
login_status_counts:
  description: The number of RV(desktops) in each connection status. The four statuses are always present. V(UNKNOWN)
    counts desktops without a status.
  returned: success
  type: dict
  sample: {UNREGISTER: 0, REGISTERED: 1, CONNECTED: 0, DISCONNECTED: 0}
missing_fields:
  description:
    - Field -> IDs of the desktops for which the service did not return it, for C(attach_user_infos) and C(tags).
    - The list is empty for these desktops, but its content is not known.
  returned: success
  type: dict
  sample: {tags: [3fa80a6b-6ba5-4d5f-8d34-3f33c0f1a7bd]}
unmatched_desktop_ids:
  description: The O(desktop_ids) that are not among RV(desktops).
  returned: success
  type: list
  elements: str
  sample: [5d1c7f6e-2b3a-4c8d-9e0f-1a2b3c4d5e6f]
unmatched_computer_names:
  description: The O(computer_names) that are not among RV(desktops).
  returned: success
  type: list
  elements: str
  sample: [CAD-0099]
unmatched_user_names:
  description: The O(user_names) that none of RV(desktops) is assigned to.
  returned: success
  type: list
  elements: str
  sample: [bob]
unmatched_pool_names:
  description: The O(pool_names) that are not the name or ID of a desktop pool.
  returned: success
  type: list
  elements: str
  sample: [desgin-studio]
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import desktops


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(desktops.ARGUMENTS).run(desktops.prepare)


if __name__ == "__main__":
    main()
