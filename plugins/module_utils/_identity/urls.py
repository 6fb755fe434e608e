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
from urllib.parse import unquote, urlsplit

from .._http.errors import WorkspaceError
from .._http.transport import is_loopback

if t.TYPE_CHECKING:
    from .._http.secrets import Secrets

_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*", re.ASCII
)
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*", re.ASCII)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # The C library parses a name that ends in a number as an address.
        return bool(_HOST_NAME.fullmatch(host)) and not _NUMBER.fullmatch(host.rpartition(".")[2])
    return True


def checked_endpoint(endpoint: str, origin: str, allowed_path: str = "", plain_host: str = "") -> str:
    """The endpoint as `scheme://host[:port]`, without a trailing slash.

    @param endpoint: a URL, or a host, which means https.
    @param origin: the option or environment variable, for the message.
    @param allowed_path: a path that is allowed and removed, such as `/v3`.
    @param plain_host: the only host besides loopback that plain http is allowed to.
    @raises WorkspaceError: it is not a URL, contains more than scheme, host and port, or is plain http to another host.
    """
    address = endpoint if "://" in endpoint else f"https://{endpoint}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise WorkspaceError(f"{origin} is not a URL: it must look like https://host or https://host:port.") from None
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint or "\\" in endpoint:
        raise WorkspaceError(
            f"{origin} contains a character that is not allowed in a URL; write an international name as xn--."
        )
    if "@" in parts.netloc:
        raise WorkspaceError(f"{origin} must not contain a user name or password.")
    if parts.query or parts.fragment or "?" in endpoint or "#" in endpoint:
        raise WorkspaceError(f"{origin} must not contain a query or fragment: set scheme, host and port only.")
    if parts.path not in ("", "/", allowed_path, f"{allowed_path}/"):
        raise WorkspaceError(f"{origin} must not contain a path: set scheme, host and port only.")
    if parts.scheme not in _DEFAULT_PORTS or not _is_host(host.removesuffix(".")) or port == 0:
        raise WorkspaceError(f"{origin} is not a URL: it must look like https://host or https://host:port.")
    if parts.scheme == "http" and not is_loopback(host) and host != plain_host:
        allowed = f"{plain_host} and loopback addresses" if plain_host else "a loopback address"
        raise WorkspaceError(f"{origin}: plain http is allowed to {allowed} only, use https.")
    host = host.removesuffix(".")
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{shown_host}{shown_port}"


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
    # Imported here, because modules are compiled for each task and few set a proxy.
    from .._http.proxies import is_pac

    address = proxy if "://" in proxy else f"http://{proxy}"
    wrong = WorkspaceError(f"{origin} is not the URL of a proxy: it must look like http://host:3128.")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if is_pac(address):
        raise WorkspaceError(
            f"{origin} is the address of a PAC file, which is not supported: set the proxy that the file selects, for"
            " example http://host:3128."
        )
    bare = not parts.path.strip("/") and not parts.query
    if not (
        proxy.isascii() and parts.scheme in _DEFAULT_PORTS and _is_host(host.replace("_", "-")) and port != 0 and bare
    ):
        raise wrong
    return address
