#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_audit_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_audit_info
short_description: Audit findings in a Huawei Cloud Workspace project
version_added: 0.1.0
description:
  - Reads the desktops, users and desktop pools of a project and returns problems, such as desktops of users who have left,
    desktops whose agent does not run, and pools without a free desktop.
  - Only findings and counts are returned, so the result of a large project is not larger than that of a small one.
  - Only the lists that the selected findings need are read. They are complete, or the module fails.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  findings:
    description:
      - The findings to check. The default is all of them, except those that need an option that is not set, and
        V(desktops_unencrypted), V(desktops_with_public_address) and V(desktops_with_local_administrators).
      - Of each desktop, user or pool, the answer is yes (RV(findings)), not known (RV(not_known)) or no (neither). It is not
        known if the service does not return a field that decides for this record, has no usage record of it, or returns
        other data that contradict a yes, such as an idle desktop that is connected now.
      - A field that the service does not return for any record is not used, and a warning names it. A finding that cannot
        be checked without it, or that is not known of any record, is in RV(not_checked).
      - V(desktops_without_user) are dedicated desktops that are not assigned to a user or group. Free desktops of pools
        are not listed.
      - V(desktops_of_disabled_users), V(desktops_of_locked_users) and V(desktops_of_expired_users) are assigned to a user
        whose account is in that state.
      - V(desktops_of_unknown_users) are assigned to a user ID that is not in the user directory of the project. Before a
        user is reported, the directory is queried for the name again. An ID without a type may be a group, so it is not
        known.
      - V(desktops_running_unregistered) are running and have no task in progress, but their agent is not registered.
      - V(desktops_in_error) are in status C(ERROR), could not be attached or detached, are frozen, are isolated or have
        left their domain. One of these is enough; if a field is missing, the others must all be known to be no.
      - V(desktops_in_maintenance) are in maintenance mode.
      - V(desktops_shut_off) are in status C(SHUTOFF) or C(HIBERNATED).
      - V(desktops_idle) have a usage record, and have not been used for O(idle_days) days.
      - V(desktops_never_used) have no usage record or one without any use, and were created more than O(idle_days) days ago.
        The service keeps usage for 180 days, so they may have been used before.
      - V(desktops_without_tags) lack at least one of O(required_tags).
      - V(desktops_with_old_agent) have an agent older than O(oldest_agent_version).
      - V(desktops_unencrypted) have a volume without an encryption key.
      - V(desktops_with_public_address) are reachable from the internet through an elastic IP address.
      - V(desktops_with_local_administrators) have a user or group that is a local administrator.
      - V(users_without_desktop) and V(users_with_several_desktops) use the number of desktops that the service reports
        for each user. With O(resolve_groups=true), desktops of their groups count as well.
      - V(users_without_pool) are not authorized for any desktop pool.
      - V(users_never_attached) are authorized for desktop pools, but have no desktop in any of them.
      - V(pools_never_attached) are pools in which no user of the directory has a desktop.
      - V(pools_full) have desktops, and none of them is free.
      - V(pools_unused) have desktops, and none of them is used.
      - V(pools_in_maintenance) are in maintenance mode.
    type: list
    elements: str
    choices:
      [
        desktops_without_user, desktops_of_disabled_users, desktops_of_locked_users, desktops_of_expired_users,
        desktops_of_unknown_users, desktops_running_unregistered, desktops_in_error, desktops_in_maintenance,
        desktops_shut_off, desktops_idle, desktops_never_used, desktops_without_tags, desktops_with_old_agent,
        desktops_unencrypted, desktops_with_public_address, desktops_with_local_administrators, users_without_desktop,
        users_with_several_desktops, users_without_pool, users_never_attached, pools_never_attached, pools_full,
        pools_unused, pools_in_maintenance,
      ]
  idle_days:
    description:
      - Enables the findings V(desktops_idle) and V(desktops_never_used), and sets the number of days without use after
        which a desktop is listed, V(1) to V(180).
      - The service aggregates usage once a day.
      - With this option, all records about desktops have C(last_user_name), C(last_used_at) and C(idle_days), which are
        V(none) without a usage record.
    type: int
  required_tags:
    description: Enables the finding V(desktops_without_tags), and names the keys of tags that each desktop must have.
    type: list
    elements: str
  oldest_agent_version:
    description:
      - Enables the finding V(desktops_with_old_agent), and sets the oldest version that is not listed, for example
        V(25.4.10001).
      - Versions are compared number by number. A desktop that reports an empty version is not listed.
    type: str
  resolve_groups:
    description:
      - Whether the desktops of a user group count as those of its members in all findings about users. If a desktop is
        assigned to a group that the service does not list, it is not known which users have it.
      - This needs the IAM actions C(workspace:userGroups:list) and C(workspace:userGroups:getUsers). Without this
        option, a warning gives the number of desktops that are assigned to groups.
    type: bool
    default: false
  skip_refused:
    description:
      - Whether to continue without the lists that the credentials may not read (HTTP status 403).
      - The findings that need them are in RV(not_checked), but not in RV(findings) and RV(finding_counts).
      - If no list can be read, the module fails.
    type: bool
    default: false
  expect_desktops:
    description: Whether a project without any desktops and users is a failure. The wrong project would also appear
      empty.
    type: bool
    default: true
notes:
  - The IAM actions needed are C(workspace:desktops:listDetail) for desktops, C(workspace:users:list) for users,
    C(workspace:desktopPools:listByUsers) for the pools of users, C(workspace:desktopPools:list) for pools, and
    C(workspace:statistics:listDesktopMetrics) for usage.
  - V(users_without_pool), V(users_never_attached) and V(pools_never_attached) need the pools of users. They are read ten users
    at a time. The service allows 200 such requests a minute, so a project with
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

- name: Show the number of records of each finding
  ansible.builtin.debug:
    var: audit.finding_counts

- name: Show the desktops of disabled users
  ansible.builtin.debug:
    msg: "{{ item.computer_name }} is assigned to {{ item.user_name }}"
  loop: "{{ audit.findings.desktops_of_disabled_users }}"
  loop_control:
    label: "{{ item.desktop_id }}"

- name: Find unused desktops and pools only
  huaweicloud.workspace.workspace_audit_info:
    region: cn-north-4
    findings: [desktops_without_user, desktops_idle, pools_unused]
    idle_days: 60
  register: waste

- name: Audit with company rules, and skip data that the credentials may not read
  huaweicloud.workspace.workspace_audit_info:
    region: cn-north-4
    required_tags: [owner, cost-center]
    oldest_agent_version: 25.4.10001
    skip_refused: true
  register: audit

- name: Fail if a finding could not be checked, or is not known of some records
  ansible.builtin.assert:
    that:
      - audit.not_checked | length == 0
      - audit.not_known_counts.values() | sum == 0
    fail_msg: "Not checked: {{ audit.not_checked | join(', ') }}; not known: {{ audit.not_known }}"
"""

RETURN = r"""
findings:
  description:
    - For each finding that was checked, the list of records. It is empty if there are none.
    - A record about a desktop has C(desktop_id) and C(computer_name), a record about a user C(user_id) and C(user_name),
      and a record about a pool C(pool_id) and C(pool_name). A record about a desktop and its user has both.
    - The other keys are the fields that the finding is based on, such as C(status) or C(missing_tags), and in records about
      desktops C(users), the names of the users that the desktop is assigned to, with those of groups in parentheses. It is
      V(none) if they are not known.
    - C(reasons) of V(desktops_in_error) are any of C(status), C(attach_state), C(frozen), C(isolated) and C(out of domain).
      C(computer_names) of V(users_with_several_desktops) are the desktops of the user.
  returned: success
  type: dict
  sample:
    desktops_of_disabled_users:
      - computer_name: CAD-0001
        desktop_id: 21616aa6-061d-4b2f-bd83-b230d7a9a14c
        disabled: true
        user_id: 8a2c3f9579d240820179d51e6caf0001
        user_name: alice
        users: [alice]
    pools_full: []
finding_counts:
  description: For each finding that was checked, the number of records in RV(findings).
  returned: success
  type: dict
  sample: {desktops_of_disabled_users: 1, pools_full: 0}
not_known:
  description: For each finding that was checked, why it is not known of some records. Each reason has the sorted IDs of
    the desktops, users or pools.
  returned: success
  type: dict
  sample: {desktops_idle: {no usage record: [21616aa6-061d-4b2f-bd83-b230d7a9a14c]}, pools_full: {}}
not_known_counts:
  description: For each finding that was checked, the number of IDs in RV(not_known).
  returned: success
  type: dict
  sample: {desktops_idle: 1, pools_full: 0}
not_checked:
  description:
    - For each finding that could not be checked, the reason. It is not in RV(findings), RV(not_known) and RV(judged_by).
    - Either the credentials may not read the required data and O(skip_refused=true), or the service does not return them.
  returned: success
  type: dict
  sample: {}
judged_by:
  description: For each finding that was checked, the fields that decide, as C(source.field), without those that the
    service does not return for any record.
  returned: success
  type: dict
  sample: {pools_full: [pools.desktop_count, pools.desktop_used]}
rules:
  description: The options that the findings depend on, O(idle_days), O(required_tags), O(oldest_agent_version) and
    O(resolve_groups). V(none) for options that are not set.
  returned: success
  type: dict
  sample: {idle_days: 60, oldest_agent_version: 25.4.10001, required_tags: [owner], resolve_groups: false}
desktop_count:
  description: The number of desktops in the project. V(none) if desktops were not read.
  returned: success
  type: int
  sample: 320
user_count:
  description: The number of users in the project. V(none) if users were not read.
  returned: success
  type: int
  sample: 260
pool_count:
  description: The number of desktop pools in the project. V(none) if pools were not read.
  returned: success
  type: int
  sample: 12
status_counts:
  description: The number of desktops in each status. C(UNKNOWN) counts desktops without a status. V(none) if desktops
    were not read.
  returned: success
  type: dict
  sample: {ACTIVE: 300, ERROR: 1, HIBERNATED: 0, SHUTOFF: 19}
login_status_counts:
  description: The number of desktops in each login status. C(UNKNOWN) counts desktops without one. V(none) if desktops
    were not read.
  returned: success
  type: dict
  sample: {CONNECTED: 5, DISCONNECTED: 2, REGISTERED: 224, UNREGISTER: 89}
read_at:
  description: The time when reading started, in UTC.
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
"""

from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(audit.ARGUMENTS).run(audit.prepare)


if __name__ == "__main__":
    main()
