# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is probably wrong, and what to do, after an error response of the service, the API gateway or IAM."""

from __future__ import annotations

import re
import typing as t

from .._identity import credentials, options

if t.TYPE_CHECKING:
    from .._http import errors
    from .._identity.settings import Settings

#: The error codes of a project without Workspace, and of a region without it.
NOT_ENABLED, NOT_PUBLISHED = re.compile(r"WKS\.00010099"), re.compile(r"API(GW|G|C)\.0101")

#: The gateway rejects signatures whose time differs from its own by more than this number of seconds.
_LARGEST_CLOCK_DIFFERENCE = 15 * 60

_USUAL_PROJECT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII | re.IGNORECASE)

_REPLACE_KEYS = "get new ones, and replace access_key, secret_key and security_token together."


def hint(
    error: errors.WorkspaceError, settings: Settings, clock_difference: float | None, permission: str | None
) -> str:
    """The likely cause of an error response and what to do, or an empty string.

    @param settings: tell where the rejected values come from.
    @param clock_difference: seconds by which the clock of this host is ahead of the server's, if known.
    @param permission: the permission that the request needs, if known.
    """
    status, code = error.status or 0, error.facts["error_code"] or ""
    if status in (401, 403, 404) and settings.project_id and not _USUAL_PROJECT_ID.fullmatch(settings.project_id):
        likely = f"{_given_project(settings)} is probably the name of a project: an ID is 32 hexadecimal digits."
        return f"{_authentication_hint(error.said, settings, clock_difference)} {likely}" if status == 401 else likely
    if NOT_ENABLED.fullmatch(code):
        return "Workspace is not enabled in this project: check project_id and region, or enable the service."
    if NOT_PUBLISHED.fullmatch(code):
        return "The gateway does not offer this API: check endpoint and region."
    if status == 401:
        return _authentication_hint(error.said, settings, clock_difference)
    if status == 403:
        return _permission_hint(permission, settings)
    if status == 429:
        return "The service is throttling: requests of the same user share its limit."
    if status in (500, 502, 503, 504):
        return "The service failed: try again later, or raise max_retries."
    if 300 <= status < 400:
        return "Redirects are not followed, so that no other host gets the credentials: check endpoint and proxy."
    return ""


def _given_project(settings: Settings) -> str:
    return f"The project_id {settings.project_id} from {settings.project_id_source}"


def _permission_hint(permission: str | None, settings: Settings) -> str:
    """The hint for a 403. A project ID may be wrong, one that was looked up exists in the account and the region."""
    needed = f"the IAM action {permission}" if permission else "a permission in IAM"
    if settings.project_id:
        return f"{_given_project(settings)} may belong to another account or region. If not, the user needs {needed} in it."
    if settings.project_name_source in options.PROJECT_NAME_VARIABLES:
        return f"The user needs {needed}, for the project {settings.project_name} ({settings.project_name_source})."
    return f"The user needs {needed}."


def _authentication_hint(said: str, settings: Settings, ahead: float | None) -> str:
    """The hint for a 401. A wrong clock comes first, because signed requests fail until it is corrected."""
    likely = _rejected(said, settings)
    signs = settings.role or not isinstance(settings.credentials, (credentials.Token, credentials.User))
    if signs and ahead is not None and abs(ahead) > _LARGEST_CLOCK_DIFFERENCE:
        minutes = f"{abs(ahead) / 60:.0f} minutes {'ahead of' if ahead > 0 else 'behind'}"
        clock = f"This machine's clock is {minutes} the clock of the service: correct it, for example with NTP."
        return f"{clock} {likely}".strip()
    if likely:
        return likely
    source = settings.credentials_source
    clock = "the clock of this machine is more than 15 minutes off, or " if signs and ahead is None else ""
    if "signature expired" in said.lower():
        return f"Probably {clock}the keys from {source} are temporary and have expired: {_REPLACE_KEYS}"
    return (
        f"Check the credentials from {source}. If they are correct, {clock}the key may be locked for 5 minutes after"
        " several failed attempts."
    )


def _rejected(said: str, settings: Settings) -> str:
    """Which of the credentials was rejected, by the text of a 401; empty if the text does not tell.

    Sources: the API gateway's table of errors for APIGW.0301, published responses of the gateway, and IAM.
    """
    who, origins, said = settings.credentials, settings.origins, said.lower()
    if re.search(r"failed to reach the limit|\blocked\b", said):
        name = (
            who.access_key
            if isinstance(who, credentials.Keys)
            else who.name
            if isinstance(who, credentials.User)
            else ""
        )
        locked = f"The {'IAM user' if isinstance(who, credentials.User) else 'access key'} {name}".rstrip()
        return (
            f"{locked} is locked after several failed attempts: wait 5 minutes, and check the credentials from"
            f" {settings.credentials_source} before the next attempt."
        )
    likely = _rejected_keys(said, who, settings) if isinstance(who, credentials.Keys) else ""
    if likely:
        return likely
    if re.search("security.?token", said):
        return f"The temporary keys of {settings.credentials_source} have expired or were revoked."
    if re.search(r"\bproject\b", said):
        project = f"project_id {settings.project_id}" if settings.project_id else f"project {settings.project_name}"
        source = settings.project_id_source or settings.project_name_source
        return f"The account has no {project} (from {source}): check it, and the account of the credentials."
    if isinstance(who, credentials.User) and "password" in said:
        return (
            f"IAM rejected user {who.name} of account {who.domain_name}: check {origins['iam_user_name']},"
            f" {origins['iam_password']} and {origins['iam_domain_name']}."
        )
    if isinstance(who, credentials.Token) and "token" in said:
        return f"The token in {origins['auth_token']} has expired or is not valid: get a new one, or use access keys."
    return ""


def _rejected_keys(said: str, keys: credentials.Keys, settings: Settings) -> str:
    origins = settings.origins
    if re.search("ak not exist|get secretkey fail", said):
        return f"The access key {keys.access_key} in {origins['access_key']} does not exist or is disabled: check it in IAM."
    if "signature fail" in said:
        return (
            f"The secret key in {origins['secret_key']} does not belong to access key {keys.access_key}: set keys"
            f" that were created together{', with their security token' if keys.security_token else ''}."
        )
    if re.search("security.?token", said) and keys.security_token:
        return (
            f"The temporary keys have expired, or the security token in {origins['security_token']} does not belong to"
            f" them: {_REPLACE_KEYS}"
        )
    if re.search("security.?token", said) and not settings.role:
        return f"The keys from {settings.credentials_source} are temporary and lack their token: set security_token."
    return ""
