#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_desktop_pool_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_desktop_pool_info
short_description: Desktop pools of users in Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Lists the desktop pools that users are authorized for, and whether a desktop of each pool is assigned to them.
  - Every requested user is in RV(users), RV(unmatched_user_ids) or RV(unmatched_user_names), or the module fails.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  user_ids:
    description:
      - Only these users. There is no limit.
      - Without IDs, the service may return no users. The module then shows a warning.
      - An empty list is an error, not a filter that matches all or none. Use C(omit) to list all users.
    type: list
    elements: str
  user_names:
    description:
      - Only these users, by name, ignoring letter case. There is no limit. A similar name of a user causes a warning.
      - Their IDs are looked up in the directory of the project, which requires the IAM action C(workspace:users:list).
      - Cannot be combined with O(user_ids), O(offset) or O(limit).
    type: list
    elements: str
  offset:
    description: Return one page that starts at this record, V(0) or more, in exactly one request.
    type: int
  limit:
    description:
      - Return one page of at most this many records, V(0) to V(10), in exactly one request.
      - With O(offset) or O(limit), the result is that page only.
    type: int
seealso:
  - module: huaweicloud.workspace.workspace_pool_info
  - module: huaweicloud.workspace.workspace_user_info
  - module: huaweicloud.workspace.workspace_connect_desktops_info
  - name: Listing Associated Desktop Pools
    description: The API operation that this module calls.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListDesktopPoolsByUsers.html
"""

EXAMPLES = r"""
- name: List the desktop pools of two users (credentials come from the environment)
  huaweicloud.workspace.workspace_desktop_pool_info:
    region: cn-north-4
    user_ids: [5d2bd8ee5b2b4a8a9a9e9d7bcb6f2c11, 0c1d34e1b1d14f47a8a6e1a5d4ad83d0]
  register: pools

- name: Show the users without a pool
  ansible.builtin.debug:
    msg: "{{ pools.users | selectattr('desktop_pool_count', 'equalto', 0) | map(attribute='user_id') | list }}"

- name: List the desktop pools of users by name
  huaweicloud.workspace.workspace_desktop_pool_info:
    region: cn-north-4
    user_names: [alice, bob]
  register: named

- name: Show the names without a user
  ansible.builtin.debug:
    var: named.unmatched_user_names
"""

RETURN = r"""
users:
  description:
    - The users with their pools, in the order of O(user_ids). Without it, in the order of the API.
    - New fields of the API are also returned.
  returned: success
  type: list
  elements: dict
  contains:
    user_id:
      description: The ID of the user.
      type: str
      sample: 5d2bd8ee5b2b4a8a9a9e9d7bcb6f2c11
    user_name:
      description: The name of the user. V(none) unless O(user_names) is set.
      type: str
      sample: alice
    desktop_pool_count:
      description: The number of pools as reported by the API. Otherwise, the number of listed pools. V(none) if the API
        returns neither.
      type: int
      sample: 1
    desktop_pools:
      description: The pools that the user is authorized for.
      type: list
      elements: dict
      contains:
        desktop_pool_id:
          description: The ID of the pool. V(none) if the API returns none.
          type: str
          sample: 1ad74b36-0de7-45fe-aed3-6cb047d69e99
        desktop_pool_name:
          description: The name of the pool. V(none) if the API returns none.
          type: str
          sample: design-studio
        is_attached:
          description: Whether a desktop of the pool is assigned to the user. V(none) if the API does not report it.
          type: bool
          sample: true
unmatched_user_ids:
  description:
    - The O(user_ids) for which the API returned no user.
    - With O(offset) or O(limit), it is empty.
  returned: success
  type: list
  elements: str
  sample: [0c1d34e1b1d14f47a8a6e1a5d4ad83d0]
unmatched_user_names:
  description: The O(user_names) without a user. Empty unless O(user_names) is set.
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import user_pools


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(user_pools.ARGUMENTS).run(user_pools.prepare)


if __name__ == "__main__":
    main()
