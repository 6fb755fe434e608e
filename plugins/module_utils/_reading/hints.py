# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is probably wrong, and what to do, after an error response of the service, the API gateway or IAM."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from .._http.errors import Rejection

# Texts of 401 responses, the most specific first. Sources: the API gateway's table of errors for APIGW.0301, published
# responses of the gateway, and IAM.
_AUTHENTICATION_HINTS = {
    r"failed to reach the limit|locked": (
        "The access key or user is locked after several failed attempts: wait 5 minutes, and check the credentials"
        " before the next attempt."
    ),
    r"security.?token": (
        "The temporary keys have expired, or security_token does not belong to them: get new ones, and replace"
        " access_key, secret_key and security_token together."
    ),
    r"ak not exist|get secretkey fail": "The access key does not exist or is disabled: check access_key.",
    r"signature fail": (
        "The secret key does not belong to the access key: check secret_key, and security_token if the keys are"
        " temporary."
    ),
    r"\bproject\b": "The account has no such project: check region, project_id and iam_domain_name.",
    r"password": "Check iam_user_name, iam_password and iam_domain_name.",
    r"token": "The token has expired or is not valid: get a new one for auth_token, or use keys or an IAM user.",
}

#: The gateway rejects signatures whose time differs from its own by more than this number of seconds.
_LARGEST_CLOCK_DIFFERENCE = 15 * 60


def _authentication_hint(said: str, ahead: float | None) -> str:
    """The hint for a 401.

    @param said: the text of the server.
    @param ahead: see `Rejection.clock_difference`.
    """
    for pattern, advice in _AUTHENTICATION_HINTS.items():
        if re.search(pattern, said, re.IGNORECASE):
            return advice
    expired = "signature expired" in said.lower()
    renew = "get new ones for access_key, secret_key and security_token"
    if ahead is None and expired:
        return f"This machine's clock is more than 15 minutes off, or the keys are temporary and have expired: {renew}."
    if ahead is not None and abs(ahead) > _LARGEST_CLOCK_DIFFERENCE:
        minutes = f"{abs(ahead) / 60:.0f} minutes {'ahead of' if ahead > 0 else 'behind'}"
        return f"This machine's clock is {minutes} the clock of the service: correct it, for example with NTP."
    if expired:
        return f"The clock agrees with the date of the response, so the keys are probably temporary and have expired: {renew}."
    clock = "this machine's clock may be more than 15 minutes off, or " if ahead is None else ""
    return (
        f"Check the credentials. If they are correct, {clock}the key may be locked for 5 minutes after several failed"
        " attempts."
    )


def hint(rejection: Rejection) -> str:
    """The hint for an error response, or an empty string."""
    status, code = rejection.status, rejection.error_code or ""
    if code == "WKS.00010099":
        return "Workspace is not enabled in this project: check project_id and region, or enable the service."
    if re.fullmatch(r"API(GW|G|C)\.0101", code):
        return "The gateway does not offer this API: check endpoint and region."
    if status == 401:
        return _authentication_hint(rejection.text, rejection.clock_difference)
    if status == 403 and rejection.permission:
        return f"The user needs the IAM action {rejection.permission} in this project."
    if status == 403:
        return "The user lacks a permission in IAM."
    if status == 429:
        return "The service is throttling: requests of the same user share its limit."
    if status in (500, 502, 503, 504):
        return "Try again later, or raise max_retries."
    if 300 <= status < 400:
        return "Redirects are not followed, so that no other host gets the credentials: check endpoint and proxy."
    return ""
