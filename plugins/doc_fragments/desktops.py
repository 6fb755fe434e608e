# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `workspace_desktop_info` and `workspace_desktops` that select desktops."""

from __future__ import annotations


class ModuleDocFragment:
    """`extends_documentation_fragment: huaweicloud.workspace.desktops`."""

    DOCUMENTATION = r"""
options:
  desktop_ids:
    description:
      - Only desktops with these IDs. There is no limit.
      - An empty list is an error, here and in the other filters, so that a failed template does not turn into all desktops
        or none. Use C(omit) to list all desktops. It is also an error if the service does not return the field that a filter
        compares, unless another filter excludes the desktop.
    type: list
    elements: str
  computer_names:
    description:
      - Only desktops with these names. There is no limit.
      - Names match exactly except for letter case. A similar name of a desktop causes a warning.
      - To ignore letter case, the collection compares values in lower case, as the service does. V(straße) and V(strasse)
        are therefore different.
    type: list
    elements: str
  user_names:
    description:
      - Only desktops that are assigned to these users. There is no limit.
      - Names match exactly except for letter case. A similar name of a user causes a warning.
    type: list
    elements: str
  status:
    description: Only desktops in these states. A desktop without a state matches none of them. This also applies to
      O(login_status).
    type: list
    elements: str
    choices: [ACTIVE, SHUTOFF, ERROR, HIBERNATED]
  login_status:
    description: Only desktops with these connection statuses, see
      O(huaweicloud.workspace.workspace_connect_desktops_info#module:connect_status).
    type: list
    elements: str
    choices: [UNREGISTER, REGISTERED, CONNECTED, DISCONNECTED]
  tags:
    description:
      - Only desktops that have all of these tags, with these values.
      - Keys and values must be strings. Put values such as V(0042), V(22:30) or V(1.10) in quotes, because YAML reads them as
        numbers.
    type: dict
  in_maintenance_mode:
    description: Only desktops that are in maintenance mode, or only desktops that are not.
    type: bool
  user_attached:
    description: Only desktops that are assigned to a user, or only desktops that are not.
    type: bool
  enterprise_project_id:
    description: Only desktops of this enterprise project, V(0) for the default one, or a UUID. If there are none, it
      causes a warning.
    type: str
  pools:
    description:
      - Whether to add the desktop pool to each desktop. This requires more requests, and the IAM actions
        C(workspace:desktops:list) and C(workspace:desktopPools:list).
      - It is an error if the service does not return to which pool the desktops belong.
    type: bool
    default: false
  pool_names:
    description:
      - Only desktops of these desktop pools, each given by name or ID.
      - Names and IDs match exactly except for letter case. If several pools have the same name, it selects all of them.
      - This adds the desktop pool to each desktop, as O(pools) does, and requires the same IAM actions.
    type: list
    elements: str
  usage:
    description:
      - Whether to add the last user and the time of the last use to each desktop. This requires more requests, and the
        IAM action C(workspace:statistics:listDesktopMetrics).
      - The service aggregates usage once a day and keeps it for 180 days.
    type: bool
    default: false
"""
