# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each finding of an audit means, and what to do about it. The report and the guide use the same sentences."""

from __future__ import annotations

import typing as t


class Meaning(t.NamedTuple):
    """What a finding means.

    @param means: one sentence.
    @param advice: what to do, one sentence.
    @param urgent: whether it concerns who may get in, or desktops that people cannot use.
    """

    means: str
    advice: str
    urgent: bool = False


#: In the order of urgency.
MEANINGS: dict[str, Meaning] = {
    "desktops_of_disabled_users": Meaning(
        "The desktop is assigned to a user whose account is disabled.",
        "Unassign the desktop, or delete it after its data has been saved.",
        urgent=True,
    ),
    "desktops_of_unknown_users": Meaning(
        "The desktop is assigned to a user who is not in the user directory of the project, for example because the"
        " account was deleted.",
        "Unassign the desktop, or delete it after its data has been saved.",
        urgent=True,
    ),
    "desktops_of_expired_users": Meaning(
        "The desktop is assigned to a user whose account has expired.",
        "Extend the account, or unassign the desktop.",
        urgent=True,
    ),
    "desktops_of_locked_users": Meaning(
        "The desktop is assigned to a user whose account is locked, usually after several wrong passwords.",
        "Unlock the account, or unassign the desktop if the user has left.",
        urgent=True,
    ),
    "desktops_in_error": Meaning(
        "The desktop is in status ERROR, could not be assigned or unassigned, is frozen, is isolated, or has left its"
        " domain.",
        "Look at the details, then repeat the assignment, pay an open bill, let the desktop rejoin the domain, or"
        " rebuild it.",
        urgent=True,
    ),
    "desktops_running_unregistered": Meaning(
        "The desktop is running and no task is under way, but its agent is not registered with the service.",
        "Restart the desktop, then check its network and its agent.",
        urgent=True,
    ),
    "pools_full": Meaning(
        "Each desktop of the pool is used, so the next user gets none.",
        "Add desktops to the pool, or turn on autoscaling.",
        urgent=True,
    ),
    "desktops_in_maintenance": Meaning(
        "The desktop is in maintenance mode.", "Turn off maintenance mode if the maintenance is over."
    ),
    "pools_in_maintenance": Meaning(
        "The pool is in maintenance mode.", "Turn off maintenance mode if the maintenance is over."
    ),
    "desktops_with_old_agent": Meaning("The agent of the desktop is older than required.", "Update the agent."),
    "desktops_without_user": Meaning(
        "The dedicated desktop is assigned to nobody.",
        "Assign the desktop, or delete it after its data has been saved.",
    ),
    "desktops_never_used": Meaning(
        "The service has no record that the desktop was used, in the 180 days for which it keeps records.",
        "Ask the user, then delete the desktop.",
    ),
    "desktops_idle": Meaning(
        "The desktop was used last before the time that the audit allows.",
        "Ask the last user, then delete or hibernate the desktop.",
    ),
    "desktops_shut_off": Meaning(
        "The desktop is shut off or hibernated, and its disks are still billed.",
        "Delete the desktop if it is no longer needed.",
    ),
    "pools_unused": Meaning("The pool has desktops, but none of them is used.", "Reduce the pool, or delete it."),
    "pools_never_attached": Meaning(
        "No user of the directory has a desktop of the pool.", "Reduce the pool, or delete it."
    ),
    "users_with_several_desktops": Meaning(
        "More than one desktop is assigned to the user.", "Check whether the user needs all of them."
    ),
    "desktops_without_tags": Meaning("The desktop lacks a required tag.", "Add the missing tags."),
    "users_without_desktop": Meaning(
        "No desktop is assigned to the user.", "Assign a desktop, or remove the account if it is no longer needed."
    ),
    "users_without_pool": Meaning(
        "The user is not authorized for a desktop pool.",
        "Authorize the user for a pool, unless a dedicated desktop is enough.",
    ),
    "users_never_attached": Meaning(
        "The user is authorized for desktop pools, but has a desktop in none of them.",
        "Withdraw the authorization if it is no longer needed.",
    ),
}

_PLACES = {finding: place for place, finding in enumerate(MEANINGS)}


def is_urgent(finding: str) -> bool:
    """Whether a finding concerns who may get in, or desktops that people cannot use."""
    return finding in MEANINGS and MEANINGS[finding].urgent


def urgency(finding: str) -> int:
    """The place of a finding among all of them; the most urgent is 0."""
    return _PLACES.get(finding, len(_PLACES))


def title_of(finding: str) -> str:
    """The name of a finding for people."""
    return finding.replace("_", " ").capitalize()
