# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an address may look like: nothing that a user types changes the host or the path."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    checked_project_id,
    checked_region,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.urls import (
    checked_endpoint,
    checked_proxy,
    remember_proxy,
)


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ("workspace.example.com", "https://workspace.example.com"),
        ("HTTPS://Workspace.Example.com:443/", "https://workspace.example.com"),
        ("https://workspace.example.com.:8443", "https://workspace.example.com:8443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.9.9.9:8080/", "http://127.9.9.9:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("iam.example.com:443/v3/", "https://iam.example.com"),
    ],
)
def test_valid_endpoints_are_accepted(given: str, settled: str) -> None:
    assert checked_endpoint(given, "iam_endpoint", "/v3") == settled


NO_URLS = (
    "https://",
    "https:///v2",
    "ftp://host",
    "https://h:99999",
    "https://h:0",
    "https://h:x",
    "://host",
    "[::1",
    "[1:2]",
)
WITH_MORE = ("https://h/v3", "https://h//", "https://h?x=1", "https://h/?", "https://h#x", "https://user:pass@h")
STRANGE = (
    "https://h ost",
    "https://h\n",
    "https://höst",
    "https://h\\@other",
    "http://127.0.0.1@other",
    "https://-host",
)
PLAIN = ("http://example.com", "http://127.1", "http://localhost.example.com", "http://10.0.0.1", "http://0.0.0.0")


@pytest.mark.parametrize("given", [*NO_URLS, *WITH_MORE, *STRANGE, *PLAIN])
def test_invalid_endpoints_are_errors_that_name_the_option(given: str) -> None:
    with pytest.raises(WorkspaceError, match=r"^endpoint") as caught:
        checked_endpoint(given, "endpoint")
    assert "pass" not in caught.value.message.replace("password", "")


@pytest.mark.parametrize(
    ("check", "valid", "invalid"),
    [
        (checked_region, ("cn-north-4", "eu-nl", "x"), ("A", "a.b", "a/b", "a_b", "-a", "a--b", "a\n", "ä", "x" * 64)),
        (checked_project_id, ("0bec5db98280d2d0", "a_b-C"), ("a/b", "..", "a?b", "%2e", "a\n", "x" * 65)),
    ],
)
def test_regions_and_project_ids_are_checked(check: Any, valid: tuple[str, ...], invalid: tuple[str, ...]) -> None:
    assert [check(text, "option") for text in valid] == list(valid)
    for text in invalid:
        with pytest.raises(WorkspaceError, match=r"^option: a (region|project ID) consists of"):
            check(text, "option")


def test_urls_of_proxies_are_checked() -> None:
    assert checked_proxy("proxy.example.com:3128", "proxy") == "http://proxy.example.com:3128"
    assert checked_proxy("http://squid_proxy:3128", "proxy") == "http://squid_proxy:3128"
    assert checked_proxy("https://user:pa%20ss@proxy/", "proxy") == "https://user:pa%20ss@proxy/"
    for wrong in ("socks5://host", "http://", "http://host:x", "http://host/path", "http://h ost", "ftp://host"):
        with pytest.raises(WorkspaceError, match=r"^proxy is not the URL of a proxy"):
            checked_proxy(wrong, "proxy")
    for pac in ("http://user:pass@host/proxy.PAC", "host:80/wpad.dat?x=1"):
        with pytest.raises(
            WorkspaceError, match=r"^proxy is the address of a PAC file, which is not supported: .*:3128\.$"
        ):
            checked_proxy(pac, "proxy")


def test_the_password_of_a_proxy_is_a_secret() -> None:
    secrets = Secrets()
    remember_proxy("http://proxy:3128", secrets)
    remember_proxy("", secrets)
    assert not list(secrets)
    remember_proxy("http://user:pa%20ss@proxy:3128", secrets)
    for form in ("http://user:pa%20ss@proxy:3128", "pa%20ss", "pa ss", "dXNlcjpwYSBzcw=="):
        assert form in set(secrets)
