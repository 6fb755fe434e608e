#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_user_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_user_info
short_description: Users of Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Lists the users in the directory of a Workspace project, including those without a desktop.
  - The module returns the complete list or fails.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  user_names:
    description:
      - Only these users. There is no limit.
      - Names match exactly except for letter case. A similar name of a user causes a warning.
      - An empty list is an error, not a filter that matches all or none. Use C(omit) to list all users.
    type: list
    elements: str
  group_name:
    description:
      - Only members of this user group.
      - If the service does not return the groups of users, the list of members is read in pages of 100 users. A user who
        leaves the group and joins it again in that time, or another user in its place, may be missing.
    type: str
  disabled:
    description:
      - Only users that are disabled, or only users that are not.
      - It is an error if the service does not return this field for a user. This also applies to O(locked).
    type: bool
  locked:
    description: Only users that are locked, or only users that are not.
    type: bool
  groups:
    description:
      - Whether to add the user groups to each user. This reads the members of each group of the project, and requires the
        IAM actions C(workspace:userGroups:list) and C(workspace:userGroups:getUsers).
      - In a group of more than 10,000 users, which is the largest page, a member may be missing if users leave the group and join
        it again in that time.
    type: bool
    default: false
  contact_details:
    description: Whether to return email addresses and telephone numbers, which are personal data.
    type: bool
    default: false
seealso:
  - module: huaweicloud.workspace.workspace_desktop_info
  - module: huaweicloud.workspace.workspace_desktop_pool_info
  - name: Querying the User List
    description: The API operation that this module calls.
    link: https://support.huaweicloud.com/intl/en-us/api-workspace/ListUsers.html
"""

EXAMPLES = r"""
- name: List all users (credentials come from the environment)
  huaweicloud.workspace.workspace_user_info:
    region: cn-north-4
  register: directory

- name: Show the users without a desktop
  ansible.builtin.debug:
    msg: "{{ directory.users | selectattr('total_desktops', 'equalto', 0) | map(attribute='user_name') | list }}"

- name: List the disabled ones of these users
  huaweicloud.workspace.workspace_user_info:
    region: cn-north-4
    user_names: [alice, bob]
    disabled: true
  register: disabled

- name: Show the disabled users who still have a desktop
  ansible.builtin.debug:
    msg: "{{ disabled.users | selectattr('total_desktops') | map(attribute='user_name') | list }}"

- name: List the groups of a user
  huaweicloud.workspace.workspace_user_info:
    region: cn-north-4
    user_names: [alice]
    groups: true
  register: with_groups

- name: Show the groups of the user
  ansible.builtin.debug:
    msg: "{{ with_groups.users[0].groups | map(attribute='group_name') | list }}"

- name: List the members of a group with their email addresses
  huaweicloud.workspace.workspace_user_info:
    region: cn-north-4
    group_name: cad
    contact_details: true
"""

RETURN = r"""
users:
  description:
    - The users, sorted by name, then ID.
    - Other fields of the API are also returned. Fields without a value are V(none).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the user.
      type: str
      sample: 8a2c3f9579d240820179d51e6caf0001
    user_name:
      description: The name of the user.
      type: str
      sample: alice
    user_email:
      description: The email address. V(none) unless O(contact_details=true).
      type: str
      sample: alice@example.com
    user_phone:
      description: The telephone number. V(none) unless O(contact_details=true).
      type: str
      sample: "+8613800000000"
    total_desktops:
      description: The number of desktops of the user as reported by the API.
      type: int
      sample: 1
    active_type:
      description: Who activates the user, V(USER_ACTIVATE) or V(ADMIN_ACTIVATE).
      type: str
      sample: USER_ACTIVATE
    disabled:
      description: Whether the user is disabled.
      type: bool
      sample: false
    locked:
      description: Whether the user is locked.
      type: bool
      sample: false
    account_expired:
      description: Whether the account has expired.
      type: bool
      sample: false
    account_expires:
      description: The time when the account expires. V(0) means never.
      type: str
      sample: "0"
    group_names:
      description: The user groups that the user is a member of.
      type: list
      elements: str
      sample: [cad]
    domain:
      description: The domain of the user.
      type: str
      sample: corp.local
    description:
      description: The description of the user.
      type: str
      sample: CAD team
    groups:
      description: The user groups that list the user as a member.
      returned: when O(groups=true)
      type: list
      elements: dict
      contains:
        group_id:
          description: The ID of the group.
          type: str
          sample: 5a43f2ce-5bd4-4f4c-8c22-d0cf4e8d8e15
        group_name:
          description: The name of the group.
          type: str
          sample: cad
total_count:
  description: The number of RV(users).
  returned: success
  type: int
  sample: 1
unmatched_user_names:
  description: The O(user_names) that are not among RV(users).
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import users


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(users.ARGUMENTS).run(users.prepare)


if __name__ == "__main__":
    main()
