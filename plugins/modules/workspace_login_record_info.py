#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `huaweicloud.workspace.workspace_login_record_info`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_login_record_info
short_description: Login records of Huawei Cloud Workspace
version_added: 0.1.0
description:
  - Lists which users connected to which desktops, from when to when, and which connections failed.
  - The module returns the complete list or fails.
author: huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment: [huaweicloud.workspace.workspace, huaweicloud.workspace.attributes]
options:
  within:
    description:
      - Only connections that began within this number of seconds until now, by the clock of the service.
      - Mutually exclusive with O(since) and O(until).
    type: float
    default: 86400
  since:
    description:
      - Only connections that began at or after this time, for example V(2026-11-24T21:05:00Z). The time is in UTC unless it
        has an offset.
      - Required together with O(until).
    type: str
  until:
    description: Only connections that began at or before this time, in the same format as O(since).
    type: str
  user_names:
    description:
      - Only connections of these users. There is no limit for the number of names.
      - Names match exactly except for letter case. The domain that the service appends may be omitted.
    type: list
    elements: str
  computer_names:
    description: Only connections to these desktops. Names match exactly except for letter case.
    type: list
    elements: str
  failed:
    description:
      - V(true) returns only connections that failed, V(false) only the others.
      - It is an error if the service does not return whether a connection failed.
    type: bool
  contact_details:
    description: Whether to return the addresses and names of the users' own devices, which are personal data.
    type: bool
    default: false
notes:
  - How long the service keeps login records is not documented, see RV(oldest_record_at).
  - Requires the IAM action C(workspace:connections:securityList).
seealso:
  - module: huaweicloud.workspace.workspace_user_info
  - module: huaweicloud.workspace.workspace_connect_desktops_info
"""

EXAMPLES = r"""
- name: List the connections of the last day (credentials come from the environment)
  huaweicloud.workspace.workspace_login_record_info:
    region: cn-north-4
  register: logins

- name: Show the users who are still connected
  ansible.builtin.debug:
    msg: "{{ item.user_name }} on {{ item.computer_name }} since {{ item.connected_at }}"
  loop: "{{ logins.records | rejectattr('ended_at') | rejectattr('failure_reason') }}"
  loop_control:
    label: "{{ item.computer_name }}"

- name: List the failed connections of one week
  huaweicloud.workspace.workspace_login_record_info:
    region: cn-north-4
    since: "2026-11-16T00:00:00Z"
    until: "2026-11-23T00:00:00Z"
    failed: true
  register: failures

- name: Show the reasons
  ansible.builtin.debug:
    msg: "{{ failures.records | map(attribute='failure_reason') | unique }}"

- name: Show the last login of two users
  huaweicloud.workspace.workspace_login_record_info:
    region: cn-north-4
    within: 2592000
    user_names: [alice, bob]
  register: month

- name: Show the result
  ansible.builtin.debug:
    var: month.last_login
"""

RETURN = r"""
records:
  description: The login records, newest first. Fields that the API adds are returned as well.
  returned: success
  type: list
  elements: dict
  contains:
    user_name:
      description: The name of the user without the domain.
      type: str
      sample: alice
    user:
      description: The name of the user as the service returns it.
      type: str
      sample: alice@corp.local
    computer_name:
      description: The name of the desktop.
      type: str
      sample: desk-00042
    desktop_id:
      description: The ID of the desktop. V(none) if the service does not return it.
      type: str
      sample: 3b7d9b1c-5c29-4b9c-8f0e-2a1f6c5e7d10
    connected_at:
      description: The time when the connection began, in UTC. V(none) if it is not known.
      type: str
      sample: "2026-11-24T08:01:12Z"
    ended_at:
      description: The time when the connection ended, in UTC. V(none) if it still lasts or if the time is not known.
      type: str
      sample: "2026-11-24T16:45:00Z"
    duration:
      description: The duration of the connection in seconds. V(none) under the same conditions as RV(records[].ended_at).
      type: float
      sample: 31428.0
    failure_reason:
      description: Why the connection failed. V(none) if it did not.
      type: str
      sample:
    is_reconnect:
      description: Whether the user reconnected to a session.
      type: bool
      sample: false
    network_rtt:
      description: The network latency in milliseconds.
      type: int
      sample: 12
    e2e_rtt:
      description: The end-to-end latency in milliseconds.
      type: int
      sample: 30
    connection_start_time:
      description: The time when the connection began, as the service returns it.
      type: str
      sample: "2026-11-24T08:01:12Z"
    connection_setup_time:
      description: The time when the connection was set up, as the service returns it.
      type: str
      sample: "2026-11-24T08:01:14Z"
    connection_end_time:
      description: The time when the connection ended, as the service returns it.
      type: str
      sample: "2026-11-24T16:45:00Z"
    connection_failure_reason:
      description: Why the connection failed, as the service returns it.
      type: str
      sample: ""
    transaction_id:
      description: The ID of the transaction.
      type: str
      sample: 5f0c2f0e8d1b4c5d
    sid:
      description: The SID of the desktop.
      type: str
      sample: sid-42
    desktop_ip:
      description: The address of the desktop.
      type: str
      sample: 10.0.0.42
    client_version:
      description: The version of the client.
      type: str
      sample: 24.10.2
    agent_version:
      description: The version of the agent on the desktop.
      type: str
      sample: 25.4.10001
    terminal_type:
      description: The type of the user's device.
      type: str
      sample: WI
    enterprise_project_id:
      description: The ID of the enterprise project.
      type: str
      sample: "0"
    public_ip:
      description: The public address of the user's device. V(none) unless O(contact_details=true).
      type: str
      sample:
    source_ip:
      description: The source address of the user's device. V(none) unless O(contact_details=true).
      type: str
      sample:
    terminal_ip:
      description: The address of the user's device. V(none) unless O(contact_details=true).
      type: str
      sample:
    terminal_mac:
      description: The MAC address of the user's device. V(none) unless O(contact_details=true).
      type: str
      sample:
    terminal_name:
      description: The name of the user's device. V(none) unless O(contact_details=true).
      type: str
      sample:
total_count:
  description: The number of RV(records).
  returned: success
  type: int
  sample: 1
last_login:
  description:
    - The names of users without domain, with the beginning in UTC of their last connection that did not fail.
    - It does not depend on O(failed).
  returned: success
  type: dict
  sample: {alice: "2026-11-24T08:01:12Z"}
oldest_record_at:
  description:
    - The beginning of the oldest connection of all users in the time range, in UTC. V(none) if there is none.
    - If it is much later than the beginning of the time range, the service has probably deleted older records.
  returned: success
  type: str
  sample: "2026-11-23T21:10:44Z"
unmatched_user_names:
  description: Names in O(user_names) for which the time range has no record.
  returned: success
  type: list
  elements: str
  sample: []
unmatched_computer_names:
  description: Names in O(computer_names) for which the time range has no record.
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
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import login_records


def main() -> None:
    """Run the module."""
    _module.WorkspaceModule(login_records.ARGUMENTS, **login_records.RULES).run(login_records.prepare)


if __name__ == "__main__":
    main()
