# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The hosts that are accessed without the proxy of the environment, and what proxies require."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import os
import re
from urllib.parse import urlsplit

#: A host with a port. An IPv6 address with a port is in brackets.
_WITH_PORT = re.compile(r"(\[.*\]|[^:]*):(\d+)")


def is_passed_over(host: str, port: int) -> bool:
    """Whether NO_PROXY contains a host: by its name, its domain, its address or a range of addresses, or `*`.

    Unlike requests, this supports ports of IP addresses, brackets, IPv6 ranges and leading asterisks, as curl does.
    """
    value = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    for entry in value.lower().replace(",", " ").split():
        with_port = _WITH_PORT.fullmatch(entry)
        if with_port and int(with_port[2]) != port:
            continue
        name = (with_port[1] if with_port else entry).removeprefix("[").removesuffix("]")
        if name == "*":
            return True
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False):
                return True
        if f".{host}".endswith("." + name.removeprefix("*").removeprefix(".")):
            return True
    return False


def other_authentication(proxy: str, host: str) -> str:
    """What a plain http proxy that requires authentication offers instead of Basic, or an empty string.

    The error of a rejected CONNECT does not contain the headers, so it is sent once more.
    """
    address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    offered = ""
    if address.scheme == "http":
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=1.5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("CONNECT", f"{host}:443")
            offered = " ".join(connection.getresponse().headers.get_all("Proxy-Authenticate", [])).lower()
    others = [name for name in ("NTLM", "Negotiate", "Kerberos", "Digest") if name.lower() in offered]
    return "" if "basic" in offered else " or ".join(others)
