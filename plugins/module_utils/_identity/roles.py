# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""The agency to assume: from the task or the environment."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import Credentials

DEFAULT_DURATION = 3600
DURATION_VARIABLE = "HW_ASSUME_ROLE_DURATION"

_AGENCY_VARIABLE = "HW_ASSUME_ROLE_AGENCY_NAME"
_ACCOUNT_VARIABLES = {
    "assume_role_domain_name": "HW_ASSUME_ROLE_DOMAIN_NAME",
    "assume_role_domain_id": "HW_ASSUME_ROLE_DOMAIN_ID",
}
_DOMAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SHORTEST, _LONGEST, _LONGEST_STS, _LONGEST_CHAINED = 900, 86400, 43200, 3600


class Role(t.NamedTuple):
    """An agency of another account, whose keys are to be used: by the account's name at IAM, by its id at STS.

    @param duration: seconds that its keys are asked for.
    """

    agency_name: str
    domain_name: str | None
    domain_id: str | None
    duration: int

    def __str__(self) -> str:
        return f"agency {self.agency_name} of account {self.domain_name or self.domain_id}"


def _variable(environ: t.Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None


def names_role(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> bool:
    """Whether task or environment say anything of an agency to assume."""
    names = {"assume_role_agency_name": _AGENCY_VARIABLE, **_ACCOUNT_VARIABLES}
    return any(options.get(option) or _variable(environ, variable) for option, variable in names.items())


def find_role(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Role | None:
    """The agency to assume, from the task or else the environment.

    @raises WorkspaceError: an agency without an account or the reverse, an account by name and by id, a duration that is
        out of range.
    """
    duration = options.get("assume_role_duration") or DEFAULT_DURATION
    if not _SHORTEST <= duration <= _LONGEST:
        raise WorkspaceError(f"assume_role_duration is {duration}, but must be {_SHORTEST} to {_LONGEST} seconds.")
    if not names_role(options, environ):
        return None
    agency_name = options.get("assume_role_agency_name") or _variable(environ, _AGENCY_VARIABLE)
    account = {option: options[option] for option in _ACCOUNT_VARIABLES if options.get(option)}
    called = {option: option for option in account}
    if not account:
        called = {option: f"{variable} ({option})" for option, variable in _ACCOUNT_VARIABLES.items()}
        found = {option: _variable(environ, variable) for option, variable in _ACCOUNT_VARIABLES.items()}
        account = {option: value for option, value in found.items() if value}
    if len(account) > 1:
        raise WorkspaceError(
            f"{' and '.join(called[option] for option in account)} are both set: keep one, the name of the account for"
            " IAM v3 or its ID for STS v5."
        )
    if not agency_name:
        raise WorkspaceError(
            f"assume_role_agency_name (or {_AGENCY_VARIABLE}) is missing: {called[next(iter(account))]} is set, but not"
            " the agency to assume in that account."
        )
    if not account:
        raise WorkspaceError(
            "assume_role_domain_name or assume_role_domain_id is missing: the agency to assume is set"
            " (assume_role_agency_name), but not the account that owns it."
        )
    domain_id = account.get("assume_role_domain_id")
    if domain_id and not _DOMAIN_ID.fullmatch(domain_id):
        raise WorkspaceError(
            f"{called['assume_role_domain_id']}: an account ID consists of letters, digits, hyphens and underscores."
        )
    if domain_id and duration > _LONGEST_STS:
        raise WorkspaceError(
            f"assume_role_duration is {duration}, but must be {_SHORTEST} to {_LONGEST_STS} seconds with"
            " assume_role_domain_id."
        )
    return Role(agency_name, account.get("assume_role_domain_name"), domain_id, duration)


def check_asking(role: Role, credentials: Credentials) -> None:
    """Check that these credentials can ask for the role.

    @raises WorkspaceError: STS takes signed requests only, and gives temporary keys no more than an hour.
    """
    if not role.domain_id:
        return
    if credentials.auth_token or credentials.iam_user_name:
        kind = "auth_token" if credentials.auth_token else "iam_user_name and iam_password"
        raise WorkspaceError(
            f"assume_role_domain_id requires access keys, but the credentials are {kind}: set"
            " assume_role_domain_name instead, or access keys."
        )
    temporary = credentials.security_token or credentials.ecs_metadata or credentials.idp_id
    if temporary and role.duration > _LONGEST_CHAINED:
        raise WorkspaceError(
            f"assume_role_duration is {role.duration}, but must be {_SHORTEST} to {_LONGEST_CHAINED} seconds with"
            " assume_role_domain_id, because the keys that request them are temporary."
        )
