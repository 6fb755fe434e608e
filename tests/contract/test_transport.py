# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS with certificates of private CAs, a real forward proxy, and what goes over the wire beside the question.

`make nox SESSION=requests-versions` runs it with several versions of requests.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.version import VERSION
from simulator.client import Simulator
from support.modules import run_module
from support.runs import DESKTOPS, assert_failed, keys_of

GUARD = "proxy-user", "p@ss/word"
GUARD_IN_URL = "proxy-user:p%40ss%2Fword"


#: Nobody listens there.
NOBODY = "127.0.0.1:9"


class Proxy:
    """A running proxy.py."""

    def __init__(self, port: str, log: Path) -> None:
        self.address = f"127.0.0.1:{port}"
        self._log = log

    def tunnels(self, expected: int = 0) -> int:
        """How many CONNECTs it has served; it writes the last lines a moment later."""
        deadline = time.monotonic() + 15
        while True:
            count = sum(1 for line in self._log.read_text(encoding="utf-8").splitlines() if " - CONNECT " in line)
            if count >= expected or time.monotonic() > deadline:
                return count
            time.sleep(0.02)


@contextmanager
def running_proxy(folder: Path, *options: str) -> Iterator[Proxy]:
    port, log = folder / "port", folder / "log"
    command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", "0", "--port-file", str(port)]
    command += ["--num-acceptors", "1", "--num-workers", "1", "--data-dir", str(folder / "data"), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not (port.exists() and port.read_text(encoding="ascii").strip()):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "the proxy did not start"
            time.sleep(0.05)
        yield Proxy(port.read_text(encoding="ascii").split()[0], log)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CAs, the certificate that one of them issued, and a .netrc."""
    path = tmp_path_factory.mktemp("transport")
    right = trustme.CA(organization_name="right")
    right.cert_pem.write_to_path(path / "right.pem")
    trustme.CA(organization_name="wrong").cert_pem.write_to_path(path / "wrong.pem")
    (path / "none.pem").write_text("no certificate\n", encoding="utf-8")
    # With its CA in the same file, so that the simulator's own client trusts it as well.
    served = right.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes()
    (path / "served.pem").write_bytes(served + right.cert_pem.bytes())
    netrc = path / ".netrc"
    netrc.write_text("machine 127.0.0.1\nlogin nobody\npassword nothing\n", encoding="utf-8")
    netrc.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[Simulator]:
    with Simulator(desktops=7, tls_cert=folder / "served.pem") as found:
        yield found


@pytest.fixture
def cloud(shared: Simulator, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """A simulator with TLS that nobody has asked yet; files are named as they are in the folder."""
    monkeypatch.chdir(folder)
    shared.clear()
    return shared


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with running_proxy(tmp_path_factory.mktemp("proxy")) as found:
        yield found


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with running_proxy(tmp_path_factory.mktemp("guarded"), "--basic-auth", ":".join(GUARD)) as found:
        yield found


def read(cloud: Simulator, options: dict[str, Any], environment: dict[str, str] | None = None) -> dict[str, Any]:
    return run_module(DESKTOPS, keys_of(cloud.info, **{"max_retries": 1, **options}), environment)


def the_request(cloud: Simulator, options: dict[str, Any], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """What the server saw of the first request of a call that reads everything."""
    result = read(cloud, options, environment)
    assert not result.get("failed"), result
    held = [desktop["desktop_id"] for desktop in cloud.project()["desktops"]]
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == sorted(held)
    request: dict[str, Any]
    request, _end, _again = cloud.requests()
    assert request["user_agent"].split()[0] == f"huaweicloud.workspace/{VERSION}"
    assert not [name for name in request["header_names"] if name.lower().startswith("proxy-")]
    return request


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ({"ca_path": "right.pem"}, {}),
        ({"ca_path": "right.pem"}, {"REQUESTS_CA_BUNDLE": "wrong.pem"}),
        ({}, {"REQUESTS_CA_BUNDLE": "right.pem"}),
        ({}, {"SSL_CERT_FILE": "right.pem"}),
        ({"validate_certs": False}, {}),
        ({"validate_certs": False}, {"REQUESTS_CA_BUNDLE": "wrong.pem"}),
    ],
    ids=str,
)
def test_the_server_is_trusted(cloud: Simulator, options: dict[str, Any], environment: dict[str, str]) -> None:
    # Only what must be signed is.
    assert the_request(cloud, options, environment)["signed_headers"] == "host;x-sdk-date"


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        ({"ca_path": "wrong.pem"}, {}, ("certificate of the server is not from a CA in wrong.pem", "ca_path")),
        ({}, {}, ("certificate", "ca_path")),
        ({"ca_path": "."}, {}, ("not from a CA in .", "openssl rehash", "ca_path")),
        ({"ca_path": "none.pem"}, {}, ("none.pem", "ca_path", "certificate")),
    ],
    ids=str,
)
def test_the_server_is_not_trusted(
    cloud: Simulator, options: dict[str, Any], environment: dict[str, str], words: tuple[str, ...]
) -> None:
    assert_failed(read(cloud, options, environment), *words, status_code=None, attempts=1)
    assert cloud.requests() == []


def test_a_certificate_of_another_host_is_not_trusted(cloud: Simulator) -> None:
    elsewhere = cloud.url.replace("127.0.0.1", "localhost")
    result = read(cloud, {"ca_path": "right.pem", "endpoint": elsewhere})
    assert_failed(result, elsewhere, "for another host", "check the endpoint", status_code=None, attempts=1)
    assert cloud.requests() == []


@pytest.mark.parametrize(
    ("option", "environment"),
    [
        ("http://{}", {}),
        (None, {"HTTPS_PROXY": "http://{}"}),
        (None, {"ALL_PROXY": "http://{}"}),
        ("http://{}", {"HTTPS_PROXY": f"http://{NOBODY}", "NO_PROXY": "*"}),
    ],
)
def test_a_proxy_is_passed(cloud: Simulator, proxy: Proxy, option: str | None, environment: dict[str, str]) -> None:
    before = proxy.tunnels()
    environment = {name: value.format(proxy.address) for name, value in environment.items()}
    the_request(cloud, {"ca_path": "right.pem", "proxy": option and option.format(proxy.address)}, environment)
    assert proxy.tunnels(before + 1) == before + 1


def test_a_proxy_does_not_change_trust(cloud: Simulator, proxy: Proxy) -> None:
    result = read(cloud, {"proxy": f"http://{proxy.address}"})
    assert_failed(result, "certificate", "ca_path", status_code=None, attempts=1)
    assert cloud.requests() == []


def test_a_proxy_is_not_passed(cloud: Simulator) -> None:
    variables = {"https_proxy": f"http://{NOBODY}", "no_proxy": "example.com,127.0.0.0/8"}
    the_request(cloud, {"ca_path": "right.pem"}, variables)


@pytest.mark.parametrize("by_option", [True, False])
def test_a_proxy_gets_its_password(cloud: Simulator, guarded: Proxy, by_option: bool) -> None:
    url = f"http://{GUARD_IN_URL}@{guarded.address}"
    before = guarded.tunnels()
    the_request(cloud, {"ca_path": "right.pem", "proxy": url if by_option else None}, {"HTTPS_PROXY": url})
    assert guarded.tunnels(before + 1) == before + 1


@pytest.mark.parametrize("who", ["", f"{GUARD[0]}:wrong-one@"])
def test_a_proxy_that_requires_a_password_is_named(cloud: Simulator, guarded: Proxy, who: str) -> None:
    result = read(cloud, {"ca_path": "right.pem", "proxy": f"http://{who}{guarded.address}"})
    told = (
        "The proxy rejected the request (407 Proxy Authentication Required): set its user name and password in proxy or"
        " HTTPS_PROXY. No response to GET "
    )
    assert_failed(result, told, status_code=None, attempts=1)
    assert cloud.requests() == []


def test_a_proxy_that_does_not_exist_is_named(cloud: Simulator) -> None:
    result = read(cloud, {"proxy": f"http://{NOBODY}"})
    told = "Cannot connect to the proxy, Connection refused: check proxy or HTTPS_PROXY"
    assert_failed(result, told, status_code=None, attempts=2)


def test_a_socks_proxy_is_refused(cloud: Simulator) -> None:
    result = read(cloud, {}, {"HTTPS_PROXY": f"socks5://{NOBODY}"})
    assert_failed(result, "proxy", "SOCKS", status_code=None, attempts=1)


def test_a_netrc_is_not_read(cloud: Simulator, folder: Path) -> None:
    token = {"access_key": None, "secret_key": None, "auth_token": cloud.info["token"]}
    request = the_request(cloud, {"ca_path": "right.pem", **token}, {"NETRC": str(folder / ".netrc")})
    assert request["auth"] == "token"
    assert "Authorization" not in request["header_names"]
