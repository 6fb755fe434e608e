# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the agency to assume in the task or the environment."""

from __future__ import annotations

import re
import typing as t

from .._http import errors
from . import options
from .credentials import Keys, Token, User

if t.TYPE_CHECKING:
    from .credentials import Credentials

_DOMAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ACCOUNT = options.ROLE_OPTIONS[1:]
_LONGEST_STS, _LONGEST_CHAINED = 43200, 3600


class Role(t.NamedTuple):
    """An agency of another account, whose keys are used: with the account's name from IAM, with its ID from STS.

    @param duration: lifetime of the keys in seconds.
    """

    agency_name: str
    domain_name: str | None
    domain_id: str | None
    duration: int

    def __str__(self) -> str:
        return f"agency {self.agency_name} of account {self.domain_name or self.domain_id}"


def find_role(lookup: options.Lookup) -> Role | None:
    """The agency to assume, from the task or else the environment.

    @raises WorkspaceError: an agency without an account or the reverse, or both name and ID of the account.
    """
    agency = lookup.find("assume_role_agency_name")
    # An account in the task, by name or by ID, replaces both variables.
    look = lookup.in_task if any(map(lookup.in_task, _ACCOUNT)) else lookup.in_environment
    account = {option: found for option in _ACCOUNT if (found := look(option))}
    if not agency and not account:
        return None
    if len(account) > 1:
        raise errors.WorkspaceError(
            f"{' and '.join(found.name for found in account.values())} are both set: keep one, the name of the account for"
            " IAM v3 or its ID for STS v5."
        )
    if not (agency and account):
        missing, found = "assume_role_domain_name or assume_role_domain_id", agency
        if not found:
            missing, found = options.ROLE_OPTIONS[0], next(iter(account.values()))
        raise errors.WorkspaceError(
            f"{missing} is missing: {found.name} is set, but an agency needs both its name and the account that owns it."
        )
    by_name, by_id = map(account.get, _ACCOUNT)
    if by_id and not _DOMAIN_ID.fullmatch(by_id.value):
        raise errors.WorkspaceError(
            f"{by_id.name}: an account ID consists of letters, digits, hyphens and underscores."
        )
    duration = lookup.options["assume_role_duration"]
    return Role(agency.value, by_name and by_name.value, by_id and by_id.value, duration)


def check_asking(role: Role, credentials: Credentials) -> None:
    """Check that the role can be assumed with these credentials.

    @raises WorkspaceError: it cannot. STS accepts signed requests only, and for temporary keys at most an hour.
    """
    if not role.domain_id:
        return
    if isinstance(credentials, (Token, User)):
        kind = "auth_token" if isinstance(credentials, Token) else "iam_user_name and iam_password"
        raise errors.WorkspaceError(
            f"assume_role_domain_id requires access keys, but the credentials are {kind}: set"
            " assume_role_domain_name instead, or access keys."
        )
    longest, why = _LONGEST_STS, ""
    if not isinstance(credentials, Keys) or credentials.security_token:
        longest, why = _LONGEST_CHAINED, ", because the keys that request them are temporary"
    if role.duration > longest:
        raise errors.WorkspaceError(
            f"assume_role_duration is {role.duration}, but must be at most {longest} seconds with assume_role_domain_id{why}."
        )
