# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an address may look like: nothing that a user types changes the host or the path."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    checked_project_id,
    checked_region,
    default_endpoint,
    workspace_endpoint_variable,
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
        ("https://workspace.example.com/", "https://workspace.example.com"),
        ("HTTPS://Workspace.Example.com:443", "https://workspace.example.com"),
        ("workspace.example.com:8443", "https://workspace.example.com:8443"),
        ("https://workspace.example.com.:8443", "https://workspace.example.com:8443"),
        ("https://10.1.2.3", "https://10.1.2.3"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.9.9.9:8080/", "http://127.9.9.9:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_valid_endpoints_are_accepted(given: str, settled: str) -> None:
    assert checked_endpoint(given, "endpoint") == settled


@pytest.mark.parametrize(
    "given",
    [
        "https://",
        "https:///v2",
        "ftp://host",
        "file:///etc/passwd",
        "https://host/path",
        "https://host//",
        "https://host/v3",
        "https://host?x=1",
        "https://host/?",
        "https://host#x",
        "https://user@host",
        "https://user:pass@host",
        "https://host:99999",
        "https://host:0",
        "https://host:port",
        "https://host name",
        "https://host\\@other",
        "http://127.0.0.1\\@other.example.com",
        "http://127.0.0.1@other.example.com",
        "https://höst",
        "https://host\n",
        "https://-host",
        "https://[::1",
        "https://127.0.0.1:80:90",
        "http://example.com",
        "http://127.1",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "://host",
    ],
)
def test_invalid_endpoints_are_errors_that_name_the_option(given: str) -> None:
    with pytest.raises(WorkspaceError, match=r"^endpoint") as caught:
        checked_endpoint(given, "endpoint")
    assert "pass" not in caught.value.message.replace("password", "")


def test_iam_may_end_in_v3() -> None:
    assert checked_endpoint("https://iam.example.com/v3", "iam_endpoint", "/v3") == "https://iam.example.com"
    assert checked_endpoint("iam.example.com:443/v3/", "iam_endpoint", "/v3") == "https://iam.example.com"
    with pytest.raises(WorkspaceError):
        checked_endpoint("https://iam.example.com/v3/auth", "iam_endpoint", "/v3")


@pytest.mark.parametrize("region", ["cn-north-4", "eu-west-101", "eu-nl", "x"])
def test_valid_regions_are_accepted(region: str) -> None:
    assert checked_region(region, "region") == region


@pytest.mark.parametrize(
    "region", ["CN-NORTH-4", "a.b", "a/b", "a_b", "-a", "a-", "a--b", "a b", "a\n", "ä", "x" * 64, "a@b", "a:b"]
)
def test_invalid_regions_are_errors(region: str) -> None:
    with pytest.raises(WorkspaceError, match=r"^region"):
        checked_region(region, "region")


def test_project_ids_are_checked() -> None:
    assert checked_project_id("0bec5db98280d2d02fd6c00c2de791ce", "project_id")
    for wrong in ("a/b", "..", "a?b", "a#b", "a b", "%2e", "a\n", "x" * 65):
        with pytest.raises(WorkspaceError, match=r"^project_id"):
            checked_project_id(wrong, "project_id")


def test_default_endpoints_of_regions() -> None:
    assert default_endpoint("workspace", "cn-north-4") == "https://workspace.cn-north-4.myhuaweicloud.com"
    assert default_endpoint("workspace", "eu-west-101") == "https://workspace.eu-west-101.myhuaweicloud.com"
    assert default_endpoint("iam", "cn-north-4") == "https://iam.cn-north-4.myhuaweicloud.com"
    assert default_endpoint("iam", "eu-west-101") == "https://iam.eu-west-101.myhuaweicloud.eu"
    assert workspace_endpoint_variable("cn-north-4") == "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"


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
