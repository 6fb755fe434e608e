# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The CA certificates that a server is verified with."""

from __future__ import annotations

import os
import re
import ssl

from .errors import NoResponse
from .libraries import urllib3

#: OpenSSL reads only files with such names from a folder.
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


def system_ca() -> str | bool:
    """The system's trust store: a bundle, a folder of certificates, or `True` for the bundle of requests."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return paths.cafile
    if paths.capath and os.listdir(paths.capath):
        return paths.capath
    return True


def tls_context(place: str) -> ssl.SSLContext:
    """A TLS context that trusts these CAs.

    @param place: a file or folder; empty to trust any server.
    @raises NoResponse: it contains no certificate.
    """
    context: ssl.SSLContext = urllib3.util.ssl_.create_urllib3_context()
    if not place:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    is_folder = os.path.isdir(place)
    if is_folder and not any(map(_HASHED.fullmatch, os.listdir(place))):
        raise NoResponse(
            f"the folder {place} contains no CA certificate under its hash, which OpenSSL looks for: run openssl rehash on"
            " it, or set ca_path to a file with the certificates",
            retryable=False,
        )
    try:
        context.load_verify_locations(**{"capath" if is_folder else "cafile": place})
    except OSError:
        raise NoResponse(
            f"the file {place} contains no CA certificate: check ca_path, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE",
            retryable=False,
        ) from None
    return context
