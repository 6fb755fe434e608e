# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Evaluation of NO_PROXY: the hosts that are accessed without the proxy of the environment."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from urllib.parse import urlsplit

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
