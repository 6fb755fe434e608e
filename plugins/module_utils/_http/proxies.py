# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The hosts that are accessed without the proxy of the environment, and the kinds of proxies that are not supported."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import os
import re
from urllib.parse import urlsplit

from .errors import NoResponse
from .libraries import urllib3

#: The timeout of a question to a proxy.
_SECONDS = 1.5
_PORTS = {"http": 80, "https": 443}
#: A host with a port. An IPv6 address with a port is in brackets.
_WITH_PORT = re.compile(r"(\[.*\]|[^:]*):(\d+)")


def _spelled(entry: str, host: str, port: int) -> str | None:
    """An entry of NO_PROXY in a form that requests supports; `None` if it is for another port."""
    with_port = _WITH_PORT.fullmatch(entry)
    if with_port and int(with_port[2]) != port:
        return None
    name = (with_port[1] if with_port else entry).removeprefix("[").removesuffix("]")
    if name == "*":
        return host
    with contextlib.suppress(ValueError):
        if ":" in name and ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False):
            return host
    return name.removeprefix("*.")


def no_proxy_for(address: str) -> str | None:
    """NO_PROXY for an address, in a form that requests supports; `None` if it is not set.

    Unlike curl, requests does not support ports of IP addresses, brackets, IPv6 ranges and leading asterisks.

    @param address: `scheme://host[:port]`.
    """
    value = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    if not value:
        return None
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    entries = (_spelled(entry, host, port) for entry in value.replace(",", " ").split())
    return ",".join(filter(None, entries))


def is_pac(address: str) -> bool:
    """Whether an address is that of a file for automatic proxy configuration, instead of a proxy."""
    return urlsplit(address).path.lower().endswith((".pac", "wpad.dat"))


def check_supported(proxy: str) -> None:
    """Check the URL of a proxy.

    @raises NoResponse: this kind of proxy is not supported.
    """
    kind = "a SOCKS proxy" if proxy.lower().startswith("socks") else "a PAC file" if is_pac(proxy) else ""
    if kind:
        raise NoResponse(
            f"the environment sets {kind} as proxy, which is not supported: set proxy to an http proxy", retryable=False
        )
    version: str = urllib3.__version__  # type: ignore[attr-defined]  # documented, but not in its list of exports
    if proxy.lower().startswith("https:") and version.startswith("1.25."):
        raise NoResponse(
            "https proxies require urllib3 1.26 or newer: install it, or use an http proxy", retryable=False
        )


def check_schemes(proxy: str, url: str) -> None:
    """Ask a proxy that requires authentication for the schemes that it accepts.

    The error of a rejected CONNECT does not contain the response headers.

    @raises NoResponse: the proxy does not accept a user name and password.
    """
    address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if address.scheme != "http":
        return
    offered: list[str] = []
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=_SECONDS)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("CONNECT", f"{urlsplit(url).hostname}:443")
        offered = connection.getresponse().headers.get_all("Proxy-Authenticate", [])
    schemes = [value.split()[0] for value in offered if value.strip()]
    if schemes and not any(scheme.lower() == "basic" for scheme in schemes):
        raise NoResponse(
            f"the proxy only offers authentication with {' or '.join(schemes)}, which is not supported: use a proxy that"
            " accepts a user name and password (Basic), or one without authentication, such as a local one that"
            " authenticates for you",
            retryable=False,
        )
