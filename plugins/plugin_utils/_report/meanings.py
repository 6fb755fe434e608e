# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the findings of an audit mean, and what to do. The report and the guide give the same advice."""

from __future__ import annotations

#: The findings that concern access to desktops, or desktops that cannot be used: one sentence says what the finding
#: means, the next one what to do.
URGENT = {
    "desktops_of_disabled_users": (
        "The desktop is assigned to a user whose account is disabled. Unassign the desktop, or delete it after its"
        " data has been saved."
    ),
    "desktops_of_unknown_users": (
        "The desktop is assigned to a user who is not in the user directory of the project, for example because the"
        " account was deleted. Unassign the desktop, or delete it after its data has been saved."
    ),
    "desktops_of_expired_users": (
        "The desktop is assigned to a user whose account has expired. Extend the account, or unassign the desktop."
    ),
    "desktops_of_locked_users": (
        "The desktop is assigned to a user whose account is locked, usually after several wrong passwords. Unlock the"
        " account, or unassign the desktop if the user has left."
    ),
    "desktops_with_public_address": (
        "The desktop has a public address. Unbind the address, unless the desktop needs it."
    ),
    "desktops_with_local_administrators": (
        "A user or group of the desktop is a local administrator. Check whether this is needed, or change the user"
        " group."
    ),
    "desktops_unencrypted": "A volume of the desktop is not encrypted. Recreate the desktop with encrypted volumes.",
    "desktops_in_error": (
        "The desktop is in status ERROR, could not be assigned or unassigned, is frozen, is isolated, or has left its"
        " domain. Depending on the details, repeat the assignment, pay an open bill, let the desktop rejoin the"
        " domain, or rebuild it."
    ),
    "desktops_running_unregistered": (
        "The desktop is running and has no task in progress, but its agent is not registered with the service. Restart"
        " the desktop, then check its network and its agent."
    ),
    "pools_full": (
        "All desktops of the pool are used, so the next user cannot get one. Add desktops to the pool, or turn on"
        " autoscaling."
    ),
}

#: All findings, in the order of urgency.
MEANINGS = {
    **URGENT,
    "desktops_in_maintenance": (
        "The desktop is in maintenance mode. Turn off maintenance mode if the maintenance is over."
    ),
    "pools_in_maintenance": "The pool is in maintenance mode. Turn off maintenance mode if the maintenance is over.",
    "desktops_with_old_agent": "The agent of the desktop is older than required. Update the agent.",
    "desktops_without_user": (
        "The dedicated desktop is not assigned to a user. Assign the desktop, or delete it after its data has been"
        " saved."
    ),
    "desktops_never_used": (
        "The service has no usage record of the desktop in the 180 days for which it keeps records. Ask the user, then"
        " delete the desktop."
    ),
    "desktops_idle": (
        "The desktop has been idle for longer than allowed. Ask the last user, then delete or hibernate the desktop."
    ),
    "desktops_shut_off": (
        "The desktop is shut off or hibernated, and its disks are still billed. Delete the desktop if it is no longer"
        " needed."
    ),
    "pools_unused": "None of the desktops in the pool is used. Reduce the pool, or delete it.",
    "pools_never_attached": "No user of the directory has a desktop of the pool. Reduce the pool, or delete it.",
    "users_with_several_desktops": (
        "More than one desktop is assigned to the user. Check whether the user needs all of them."
    ),
    "desktops_without_tags": "The desktop lacks a required tag. Add the missing tags.",
    "users_without_desktop": (
        "No desktop is assigned to the user. Assign a desktop, or remove the account if it is no longer needed."
    ),
    "users_without_pool": (
        "The user is not authorized for a desktop pool. Authorize the user for a pool, unless a dedicated desktop is"
        " enough."
    ),
    "users_never_attached": (
        "The user is authorized for desktop pools, but has no desktop in any of them. Revoke the authorization if it"
        " is no longer needed."
    ),
}


def urgency(finding: str) -> int:
    """The position of a finding in the order of urgency; the most urgent is 0."""
    return [*MEANINGS, finding].index(finding)


def title_of(finding: str) -> str:
    """The name of a finding, as reports show it."""
    return finding.replace("_", " ").capitalize()
