# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The CA certificates that a server is verified with."""

from __future__ import annotations

import os
import ssl

from . import errors
from .libraries import requests, urllib3


def system_ca() -> str:
    """The system's trust store: a bundle or a folder of certificates; without one, the bundle of requests."""
    paths = ssl.get_default_verify_paths()
    has_folder = paths.capath and os.listdir(paths.capath)
    bundle: str = requests.utils.DEFAULT_CA_BUNDLE_PATH
    return paths.cafile or (has_folder and paths.capath) or bundle


def tls_context(place: str) -> ssl.SSLContext:
    """A TLS context that trusts these CAs.

    @param place: a file or folder; empty to trust any server.
    @raises NoResponse: it is a file without a certificate.
    """
    context: ssl.SSLContext = urllib3.util.ssl_.create_urllib3_context()
    if not place:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        context.load_verify_locations(**{"capath" if os.path.isdir(place) else "cafile": place})
    except OSError:
        raise errors.NoResponse(
            f"the file {place} contains no CA certificate: check ca_path, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE",
            retryable=False,
        ) from None
    return context
