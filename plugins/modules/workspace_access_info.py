#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_access_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_access_info
short_description: Access rights in Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Checks which operations of the Workspace API the credentials may use, and returns the IAM policy that is needed.
  - Each operation that this collection uses is requested once, for a single record.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  uses:
    description:
      - Only the operations that these modules, playbooks (V(audit), V(pre_maintenance_check)), inventory plugins
        (V(workspace_desktops), V(workspace_projects)) and event sources (V(desktop_connections)) use. The default is all
        operations.
      - This includes operations that only some options need.
    type: list
    elements: str
    choices:
      [
        audit, desktop_connections, pre_maintenance_check, workspace_access_info, workspace_audit_info,
        workspace_connect_desktops_info, workspace_desktop_info, workspace_desktop_pool_info, workspace_desktops,
        workspace_login_record_info, workspace_pool_info, workspace_projects, workspace_scheduled_task_info,
        workspace_user_info, workspace_wait_for_free_desktops,
      ]
notes:
  - A denied operation (HTTP status 403) is a result. If the credentials are rejected (HTTP status 401), the module fails
    after one request. It also fails if no operation could be checked.
  - The lookup of a project by its name needs the IAM action C(iam:projects:listProjects), which is not checked.
seealso:
  - ref: ansible_collections.huaweicloud.workspace.docsite.guide_authentication.permissions
    description: The permissions of all modules and plugins.
"""

EXAMPLES = r"""
- name: Check the access for the check of tonight (credentials come from the environment)
  huaweicloud.workspace.workspace_access_info:
    region: cn-north-4
    uses: [pre_maintenance_check]
  register: access

- name: Show the policy to create in IAM
  ansible.builtin.debug:
    msg: "{{ access.policy | to_nice_json }}"

- name: Fail if an action is denied
  ansible.builtin.assert:
    that: access.denied == []
    fail_msg: "Denied: {{ access.denied | join(', ') }}"

- name: Check all operations
  huaweicloud.workspace.workspace_access_info:
    region: cn-north-4
  register: everything

- name: Show why operations are not allowed
  ansible.builtin.debug:
    msg: "{{ item.reason }}"
  loop: "{{ everything.operations | rejectattr('allowed') }}"
  loop_control:
    label: "{{ item.action }}"
"""

RETURN = r"""
operations:
  description: The operations, sorted by RV(operations[].action).
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description:
        - The IAM action of the operation.
        - C(workspace:desktopPools:listByUsers) is only needed by older policies. Identity policies do not need it.
      type: str
      sample: workspace:users:list
    operation:
      description: The method and the path of the operation.
      type: str
      sample: GET /v2/{project_id}/users
    allowed:
      description:
        - Whether the credentials may use the operation. V(false) also if Workspace is not enabled in the project.
        - V(none) if this is not known, for example if the operation lists the members of a user group, and there is none.
      type: bool
      sample: true
    status_code:
      description: The HTTP status of the response. V(none) if there was none.
      type: int
      sample: 200
    error_code:
      description: The error code of the service. V(none) if there is none.
      type: str
      sample:
    reason:
      description: Why RV(operations[].allowed) is not V(true). Otherwise V(none).
      type: str
      sample:
    used_by:
      description: The modules, plugins and playbooks that use the operation.
      type: list
      elements: str
      sample: [audit, workspace_audit_info, workspace_user_info]
denied:
  description: The actions of the operations with RV(operations[].allowed=false).
  returned: success
  type: list
  elements: str
  sample: []
policy:
  description:
    - An IAM identity policy that allows the operations, whatever is allowed now.
    - It also contains actions of other services that the vendor lists as dependencies.
  returned: success
  type: dict
  sample: {Version: "5.0", Statement: [{Effect: Allow, Action: ["workspace:users:list"]}]}
clock_offset:
  description: Seconds by which the clock of this host is ahead of the clock of the service. V(none) if it is not known.
  returned: success
  type: float
  sample: 0.4
is_locked:
  description: Whether the Workspace service is locked. V(none) if this is denied or not known.
  returned: success
  type: bool
  sample: false
service_status:
  description: The status of the Workspace service, such as V(SUBSCRIBED). V(none) if it is denied or not known.
  returned: success
  type: str
  sample: SUBSCRIBED
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import access


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(access.ARGUMENTS).run(access.prepare)


if __name__ == "__main__":
    main()
