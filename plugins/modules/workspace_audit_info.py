#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_audit_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_audit_info
short_description: Audit a Huawei Cloud Workspace project
version_added: 0.1.0
description:
  - Reads the desktops, users and desktop pools of a project and returns what is out of order, such as desktops of users
    who have left, desktops whose agent is dead, and pools without a free desktop.
  - Only findings and counts are returned, so a large project costs Ansible no more than a small one.
  - Only what the findings asked for need is read. Everything read is complete, or the module fails and says why.
author:
  - huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment:
  - huaweicloud.workspace.workspace
  - huaweicloud.workspace.attributes
options:
  findings:
    description:
      - The findings to look for. If left out, these are all of them, except those that need an option that is not given.
      - A record that other data of the project contradict is not listed, such as an idle desktop that is connected now.
        The module warns of how many there are, with the first five.
      - A finding that needs a field that the service returns for no record is in RV(not_checked), with the name of the
        field. V(desktops_in_error) is checked by those of its fields that there are, with a warning about the others.
      - V(desktops_without_user) are dedicated desktops that are assigned to nobody. A free desktop of a pool has nobody
        by design. A desktop that is assigned to a group has somebody.
      - V(desktops_of_disabled_users), V(desktops_of_locked_users) and V(desktops_of_expired_users) are assigned to a user
        whose account is in that state.
      - V(desktops_of_unknown_users) are assigned to a user ID that is not in the user directory of the project, also
        when the directory is queried for the name of this user once more.
      - V(desktops_running_unregistered) are running without a task under way, but are not registered, so the agent is
        dead.
      - V(desktops_in_error) are in status C(ERROR), could not be attached or detached, are frozen, are isolated or have
        left their domain.
      - V(desktops_in_maintenance) are in maintenance mode.
      - V(desktops_shut_off) are in status C(SHUTOFF) or C(HIBERNATED).
      - V(desktops_idle) have not been used for O(idle_days) days.
      - V(desktops_never_used) have no record of use, and were created more than O(idle_days) days ago.
      - V(desktops_without_tags) lack at least one of O(required_tags).
      - V(desktops_with_old_agent) have an agent older than O(oldest_agent_version).
      - V(users_without_desktop) and V(users_with_several_desktops) go by the number of desktops that the service reports
        for each user. With O(resolve_groups=true), desktops of their groups count as well.
      - V(users_without_pool) are authorized for no desktop pool.
      - V(users_never_attached) are authorized for desktop pools, but have a desktop in none.
      - V(pools_never_attached) are pools in which no user of the directory has a desktop.
      - V(pools_full) have desktops, and none of them is free.
      - V(pools_unused) have desktops, and none of them is used.
      - V(pools_in_maintenance) are in maintenance mode.
    type: list
    elements: str
    choices:
      - desktops_without_user
      - desktops_of_disabled_users
      - desktops_of_locked_users
      - desktops_of_expired_users
      - desktops_of_unknown_users
      - desktops_running_unregistered
      - desktops_in_error
      - desktops_in_maintenance
      - desktops_shut_off
      - desktops_idle
      - desktops_never_used
      - desktops_without_tags
      - desktops_with_old_agent
      - users_without_desktop
      - users_with_several_desktops
      - users_without_pool
      - users_never_attached
      - pools_never_attached
      - pools_full
      - pools_unused
      - pools_in_maintenance
  idle_days:
    description:
      - Enables the findings V(desktops_idle) and V(desktops_never_used), and says after how many days without use they
        list a desktop, V(1) to V(180).
      - The service aggregates usage once a day, and keeps it for 180 days.
      - A desktop without a usage record is not idle. The module warns of how many there are. One that does not say when
        it was created is not listed as never used either.
      - With this option, all records about desktops have C(last_user_name), C(last_used_at) and C(idle_days), which are
        V(none) without a record of use.
    type: int
  required_tags:
    description:
      - Enables the finding V(desktops_without_tags), and names the keys of tags that each desktop must have.
    type: list
    elements: str
  oldest_agent_version:
    description:
      - Enables the finding V(desktops_with_old_agent), and is the oldest version that is not reported, for example
        V(25.4.10001).
      - Versions are compared number by number. A desktop that reports no version is not listed.
    type: str
  resolve_groups:
    description:
      - Whether the desktops of a user group count as those of its members in all findings about users.
      - The members are looked up in the service (IAM actions C(workspace:userGroups:list) and
        C(workspace:userGroups:listUsers)). Without this option, the module warns of how many desktops are assigned to
        groups.
    type: bool
    default: false
  skip_refused:
    description:
      - Whether to go on without what the credentials may not read (HTTP status 403).
      - The findings that need it are in RV(not_checked), and neither in RV(findings) nor in RV(finding_counts).
      - If nothing can be read at all, the module fails.
    type: bool
    default: false
  expect_desktops:
    description:
      - Whether a project without any desktop and user is a failure. A wrong project looks just like an empty one.
    type: bool
    default: true
notes:
  - The IAM actions needed are C(workspace:desktops:listDetail) for desktops, C(workspace:users:list) for users,
    C(workspace:desktopPools:listByUsers) for the pools of users, C(workspace:desktopPools:list) for pools, and
    C(workspace:statistics:listDesktopMetrics) for usage.
  - The pools of users are read ten users at a time. The service allows 200 such requests a minute, so a project with
    more than 2,000 users takes more than a minute.
seealso:
  - module: huaweicloud.workspace.workspace_connect_desktops_info
  - module: huaweicloud.workspace.workspace_desktop_pool_info
"""

EXAMPLES = r"""
- name: Audit a project (credentials come from the environment)
  huaweicloud.workspace.workspace_audit_info:
    region: cn-north-4
  register: audit

- name: Show how much was found
  ansible.builtin.debug:
    var: audit.finding_counts

- name: Name the desktops of users who may not log in any more
  ansible.builtin.debug:
    msg: "{{ item.computer_name }} is assigned to {{ item.user_name }}"
  loop: "{{ audit.findings.desktops_of_disabled_users }}"
  loop_control:
    label: "{{ item.desktop_id }}"

- name: Look for waste only
  huaweicloud.workspace.workspace_audit_info:
    region: cn-north-4
    findings:
      - desktops_without_user
      - desktops_idle
      - pools_unused
    idle_days: 60
  register: waste

- name: Audit with the rules of the company, as far as the credentials allow
  huaweicloud.workspace.workspace_audit_info:
    region: cn-north-4
    required_tags:
      - owner
      - cost-center
    oldest_agent_version: 25.4.10001
    skip_refused: true
  register: audit

- name: Fail if a finding could not be checked
  ansible.builtin.assert:
    that: audit.not_checked | length == 0
    fail_msg: "Not checked: {{ audit.not_checked | join(', ') }}"
"""

RETURN = r"""
findings:
  description:
    - For each finding that was checked, what is out of order. An empty list if nothing is.
    - A record about a desktop has C(desktop_id) and C(computer_name), one about a user C(user_id) and C(user_name), one
      about a pool C(pool_id) and C(pool_name). A record about a desktop and its user has both.
    - The other keys are the fields that show the finding, such as C(status) or C(missing_tags).
  returned: success
  type: dict
  sample:
    desktops_of_disabled_users:
      - computer_name: CAD-0001
        desktop_id: 21616aa6-061d-4b2f-bd83-b230d7a9a14c
        disabled: true
        user_id: 8a2c3f9579d240820179d51e6caf0001
        user_name: alice
    pools_full: []
finding_counts:
  description: For each finding that was checked, how many records RV(findings) has.
  returned: success
  type: dict
  sample:
    desktops_of_disabled_users: 1
    pools_full: 0
not_checked:
  description:
    - For each finding that could not be checked, the reason.
    - Either the credentials may not read what it needs and O(skip_refused=true), or the service does not return a field
      that it needs.
  returned: success
  type: dict
  sample: {}
rules:
  description:
    - The options that the findings depend on, O(idle_days), O(required_tags), O(oldest_agent_version) and
      O(resolve_groups). V(none) for those that are left out.
  returned: success
  type: dict
  sample:
    idle_days: 60
    oldest_agent_version: 25.4.10001
    required_tags:
      - owner
    resolve_groups: false
desktop_count:
  description: How many desktops the project has. V(none) if desktops were not read.
  returned: success
  type: int
  sample: 320
user_count:
  description: How many users the project has. V(none) if users were not read.
  returned: success
  type: int
  sample: 260
pool_count:
  description: How many desktop pools the project has. V(none) if pools were not read.
  returned: success
  type: int
  sample: 12
status_counts:
  description: How many desktops are in which status, C(UNKNOWN) if none is reported. V(none) if desktops were not read.
  returned: success
  type: dict
  sample:
    ACTIVE: 300
    ERROR: 1
    HIBERNATED: 0
    SHUTOFF: 19
login_status_counts:
  description:
    - How many desktops are in which login status, C(UNKNOWN) if none is reported. V(none) if desktops were not read.
  returned: success
  type: dict
  sample:
    CONNECTED: 5
    DISCONNECTED: 2
    REGISTERED: 224
    UNREGISTER: 89
read_at:
  description: When reading began, in UTC.
  returned: success
  type: str
  sample: "2026-11-24T22:00:00Z"
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

from ansible_collections.huaweicloud.workspace.plugins.module_utils._module import WorkspaceModule
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.audit import prepare
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.findings import FINDINGS

ARGUMENTS = {
    "findings": {"type": "list", "elements": "str", "choices": list(FINDINGS)},
    "idle_days": {"type": "int"},
    "required_tags": {"type": "list", "elements": "str"},
    "oldest_agent_version": {"type": "str"},
    "resolve_groups": {"type": "bool", "default": False},
    "skip_refused": {"type": "bool", "default": False},
    "expect_desktops": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    WorkspaceModule(ARGUMENTS).run(prepare)


if __name__ == "__main__":
    main()
