# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check the URLs of endpoints and proxies.

Credentials are sent only to the configured host, and never to a path from user input.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import typing as t
from urllib.parse import unquote

from .._http import errors, transport

if t.TYPE_CHECKING:
    from .._http.secrets import Secrets

_URL = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<user>[^\s/?#]*@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\.?(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^\s?#]*)?",
    re.ASCII | re.IGNORECASE,
)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def _parsed(url: str) -> re.Match[str] | None:
    match = _URL.fullmatch(url)
    try:
        if match and match["host"].startswith("["):
            ipaddress.IPv6Address(match["host"][1:-1])
    except ValueError:
        return None
    return match if match and 0 < int(match["port"] or 1) < 65536 else None


def checked_endpoint(endpoint: str, origin: str, allowed_path: str = "", plain_host: str = "") -> str:
    """The endpoint as `scheme://host[:port]`, without a trailing slash.

    @param endpoint: a URL, or a host, which means https.
    @param origin: the option or environment variable, for the message.
    @param allowed_path: a path that is allowed and removed, such as `/v3`.
    @param plain_host: the only host besides loopback that plain http is allowed to.
    @raises WorkspaceError: it is not a URL, contains more than scheme, host and port, or is plain http to another host.
    """
    parts = _parsed(endpoint)
    if not parts or parts["user"] or (parts["path"] or "").removesuffix("/") not in ("", allowed_path):
        raise errors.WorkspaceError(
            f"{origin} must look like https://host or https://host:port, without user name, password, path and query."
        )
    scheme, host = (parts["scheme"] or "https").lower(), parts["host"].lower()
    if scheme == "http" and not transport.is_loopback(host.strip("[]")) and host != plain_host:
        allowed = f"{plain_host} and loopback addresses" if plain_host else "a loopback address"
        raise errors.WorkspaceError(f"{origin}: plain http is allowed to {allowed} only, use https.")
    port = int(parts["port"] or 0)
    return f"{scheme}://{host}" if port in (0, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def remember_proxy(proxy: str, secrets: Secrets) -> None:
    """Register the password in the URL of a proxy as a secret, in all forms in which it is sent."""
    user_info, at_sign, _host = proxy.rpartition("://")[2].rpartition("@")
    user, _colon, password = user_info.partition(":")
    if at_sign:
        pair = f"{unquote(user)}:{unquote(password)}"
        secrets.add(
            proxy, password, unquote(password), base64.b64encode(pair.encode("utf-8", "surrogatepass")).decode()
        )


def checked_proxy(proxy: str, origin: str) -> str:
    """The proxy as a URL; a host without scheme means http.

    @raises WorkspaceError: it is not the URL of a proxy. The message does not contain it, as it may hold a password.
    """
    if transport.is_pac(proxy):
        raise errors.WorkspaceError(
            f"{origin} is the address of a PAC file, which is not supported: set the proxy that the file selects, for example"
            " http://host:3128."
        )
    parts = _parsed(proxy)
    if not parts or parts["path"] not in (None, "/"):
        raise errors.WorkspaceError(f"{origin} is not the URL of a proxy: it must look like http://host:3128.")
    return proxy if parts["scheme"] else f"http://{proxy}"
