# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a message says of an exchange that failed. Most reasons are tested where they happen, see `test_transport`."""

from __future__ import annotations

import ssl

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.no_response import explained


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (10, "check the clock"),
        (62, "check the endpoint"),
        (85, "RFC 5280"),
        (20, "/ca.pem (reason): set ca_path"),
        (18, "set ca_path"),
    ],
)
def test_the_message_about_a_certificate_says_what_to_do(code: int, advice: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "reason"
    assert advice in explained(error, 1, ca="/ca.pem").reason
