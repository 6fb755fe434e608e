#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_pool_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_pool_info
short_description: Desktop pools of Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Lists the desktop pools of a Workspace project with the number of their free desktops, and optionally with their desktops
    and authorized users.
  - For the pools of users, see M(huaweicloud.workspace.workspace_desktop_pool_info).
  - The module returns the complete list or fails.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  pool_names:
    description:
      - Only these pools. Names match exactly except for letter case. A similar name of a pool causes a warning.
      - With several options, only pools that match all of them are returned.
      - An empty list is an error, not a filter that matches all or none. Use C(omit) to list all pools.
    type: list
    elements: str
  pool_ids:
    description: Only the pools with these IDs.
    type: list
    elements: str
  pool_type:
    description: Only dynamic or only static pools.
    type: str
    choices: [DYNAMIC, STATIC]
  in_maintenance_mode:
    description: Only pools in maintenance mode, or only pools that are not.
    type: bool
  enterprise_project_id:
    description:
      - Only pools of this enterprise project, V(0) for the default one, or a UUID. If there are none, it causes a warning.
      - It is an error if the service does not return the field that a filter compares, unless another filter excludes the pool.
    type: str
  authorized:
    description:
      - Whether to return RV(pools[].authorized_objects), the users and user groups that may use each pool.
      - In a pool with more than 100 of them, which is the largest page, one may be missing if others are removed and added
        again while they are read.
      - Members of groups are not listed. Requires the IAM action C(workspace:desktopPools:listUsers).
    type: bool
    default: false
  desktops:
    description:
      - Whether to return RV(pools[].desktops), the desktops of each pool.
      - It is an error if the service does not return all desktops of a pool.
      - Requires the IAM actions C(workspace:desktops:listDetail) and C(workspace:desktops:list).
    type: bool
    default: false
seealso:
  - module: huaweicloud.workspace.workspace_desktop_info
  - module: huaweicloud.workspace.workspace_desktop_pool_info
  - name: Querying Desktop Pools
    description: The API operation that this module calls.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListDesktopPools.html
"""

EXAMPLES = r"""
- name: List all desktop pools (credentials come from the environment)
  huaweicloud.workspace.workspace_pool_info:
    region: cn-north-4
  register: found

- name: Show the pools without a free desktop
  ansible.builtin.debug:
    msg: "{{ found.pools | selectattr('desktops_free', 'equalto', 0) | map(attribute='name') | list }}"

- name: List a pool with its desktops and authorized users
  huaweicloud.workspace.workspace_pool_info:
    region: cn-north-4
    pool_names: [design-studio]
    authorized: true
    desktops: true
  register: studio

- name: Show the users and groups without a desktop of the pool
  ansible.builtin.debug:
    msg: >-
      {{ item.authorized_objects | map(attribute='object_name')
         | difference(item.desktops | map(attribute='attach_user_infos') | flatten | map(attribute='user_name')) }}
  loop: "{{ studio.pools }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
pools:
  description:
    - The pools, sorted by name, then ID.
    - Other fields of the API are also returned. Fields without a value are V(none) or empty.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the pool.
      type: str
      sample: 9d1f6f43-6c2c-4f4d-8a0a-3f1c2b7f5e10
    name:
      description: The name of the pool.
      type: str
      sample: design-studio
    type:
      description: V(DYNAMIC) if desktops are assigned when users connect, V(STATIC) if each user keeps a desktop.
      type: str
      sample: DYNAMIC
    status:
      description: V(STEADY), V(TEMPORARY), V(EXIST_FROZEN), V(UNKNOWN), or a new status of the API.
      type: str
      sample: STEADY
    description:
      description: The description of the pool.
      type: str
      sample: Desktops of the design department
    created_time:
      description: The time when the pool was created.
      type: str
      sample: "2026-01-11T11:45:42.000Z"
    in_maintenance_mode:
      description: Whether the pool is in maintenance mode.
      type: bool
      sample: false
    desktop_count:
      description: The number of desktops in the pool.
      type: int
      sample: 50
    desktop_used:
      description: The number of desktops that are assigned to a user.
      type: int
      sample: 38
    desktops_free:
      description: RV(pools[].desktop_count) minus RV(pools[].desktop_used). V(none) if one of them is missing.
      type: int
      sample: 12
    disconnected_retention_period:
      description: Minutes after the end of a connection until the desktop of a dynamic pool is released.
      type: int
      sample: 15
    enable_autoscale:
      description: Whether the service creates and deletes desktops automatically.
      type: bool
      sample: false
    autoscale_policy:
      description: The autoscaling policy, as the API returns it.
      type: dict
      sample: {}
    user_reset_policy:
      description: The policy for resets of desktops by users, as the API returns it.
      type: dict
      sample: {}
    isolation_num:
      description: The number of isolated desktops.
      type: int
      sample: 0
    charging_mode:
      description: The billing mode, V(0) for yearly or monthly, V(1) for pay-per-use.
      type: str
      sample: "1"
    availability_zone:
      description: The availability zone.
      type: str
      sample: cn-north-4a
    vpc_id:
      description: The ID of the VPC.
      type: str
      sample: 5f0c2f8e-2d5b-4b64-8b57-52a1f1d8e0c4
    subnet_id:
      description: The ID of a subnet. The API has replaced it with RV(pools[].subnet_ids).
      type: str
      sample: 6c3f9c0e-6f0a-4b1e-9a58-0f6f5b3c2d11
    subnet_ids:
      description: The IDs of the subnets.
      type: list
      elements: str
      sample: [6c3f9c0e-6f0a-4b1e-9a58-0f6f5b3c2d11]
    security_groups:
      description: The security groups, as the API returns them.
      type: list
      elements: dict
      sample: []
    product:
      description: The flavor of the desktops, as the API returns it.
      type: dict
      sample: {}
    root_volume:
      description: The system disk of the desktops, as the API returns it.
      type: dict
      sample: {}
    data_volumes:
      description: The data disks of the desktops, as the API returns them.
      type: list
      elements: dict
      sample: []
    image_id:
      description: The ID of the image.
      type: str
      sample: 0c8f8a0d-43b4-4d0c-9d9e-6b2f0f4c7a11
    image_name:
      description: The name of the image.
      type: str
      sample: win10-office
    image_os_type:
      description: The operating system of the image.
      type: str
      sample: Windows
    image_os_version:
      description: The version of the operating system.
      type: str
      sample: Windows 10
    image_os_platform:
      description: The platform of the operating system.
      type: str
      sample: Windows
    image_product_code:
      description: The product code of an image of the marketplace.
      type: str
      sample: OFFI000001
    image_cloud_service_type:
      description: The cloud service of the image.
      type: str
      sample: hws.service.type.vdi
    image_resource_type:
      description: The resource type of the image.
      type: str
      sample: hws.resource.type.workspace.desktop
    desktop_name_policy_id:
      description: The ID of the naming policy for desktops.
      type: str
      sample: 2b0d6f8c-7d0a-4b61-a9d4-0e7ad1a1c001
    domain:
      description: The domain of the desktops.
      type: str
      sample: corp.local
    ou_name:
      description: The organizational unit of the desktops.
      type: str
      sample: Desktops
    enterprise_project_id:
      description: The ID of the enterprise project.
      type: str
      sample: "0"
    tags:
      description: The tags of the pool.
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
    authorized_objects:
      description: The users and user groups that may use the pool, sorted by name.
      returned: O(authorized=true)
      type: list
      elements: dict
      contains:
        object_type:
          description: V(USER) or V(USER_GROUP).
          type: str
          sample: USER
        object_id:
          description: The ID of the user or user group.
          type: str
          sample: 8a2c3f9579d240820179d51e6caf0001
        object_name:
          description: The name of the user or user group.
          type: str
          sample: alice
        domain:
          description: The domain of the user or user group.
          type: str
          sample: corp.local
        user_group:
          description: The group in the operating system of the desktop, such as V(users) or V(administrators).
          type: str
          sample: users
    desktops:
      description: The desktops of the pool, sorted by name.
      returned: O(desktops=true)
      type: list
      elements: dict
      contains:
        desktop_id:
          description: The ID of the desktop.
          type: str
          sample: 3fa80a6b-6ba5-4d5f-8d34-3f33c0f1a7bd
        computer_name:
          description: The name of the desktop.
          type: str
          sample: design-017
        status:
          description: The status of the desktop, such as V(ACTIVE) or V(SHUTOFF).
          type: str
          sample: ACTIVE
        login_status:
          description: The connection status, such as V(REGISTERED) or V(CONNECTED).
          type: str
          sample: REGISTERED
        attach_user_infos:
          description: The users and groups that the desktop is assigned to, as in M(huaweicloud.workspace.workspace_desktop_info).
          type: list
          elements: dict
          sample: []
total_count:
  description: The number of RV(pools).
  returned: success
  type: int
  sample: 1
desktop_count:
  description: The number of desktops in RV(pools), without pools for which it is not known. V(none) if it is not known for any pool.
  returned: success
  type: int
  sample: 50
desktops_free:
  description: The number of free desktops in RV(pools), without pools for which it is not known. V(none) if it is not known for any pool.
  returned: success
  type: int
  sample: 12
unmatched_pool_names:
  description: The O(pool_names) that are not among RV(pools).
  returned: success
  type: list
  elements: str
  sample: [desing-studio]
unmatched_pool_ids:
  description: The O(pool_ids) that are not among RV(pools).
  returned: success
  type: list
  elements: str
  sample: []
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import pools


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(pools.ARGUMENTS).run(pools.prepare)


if __name__ == "__main__":
    main()
