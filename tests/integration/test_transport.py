# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS with certificates of private CAs, a real forward proxy, and what goes over the wire beside the question."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from integration.runs import Call, assert_failed, keys_of, run_calls
from simulator.client import Simulator

GALAXY = Path(__file__).resolve().parents[2] / "galaxy.yml"

PROXY_USER, PROXY_PASSWORD = "proxy-user", "p@ss/word"
PROXY_PASSWORD_IN_URL = "p%40ss%2Fword"


class Trap:
    """A port that takes connections, says nothing, and keeps what it is told."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._kept: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._server.accept()
            except OSError:
                return
            self.connections += 1
            self._kept.append(connection)

    def close(self) -> None:
        # Closing alone would leave the thread in accept().
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._kept:
            connection.close()


class Proxy:
    """A running proxy.py."""

    def __init__(self, port: str, log: Path) -> None:
        self.address = f"127.0.0.1:{port}"
        self._log = log

    def tunnels(self, expected: int) -> int:
        """How many CONNECTs it has served; it writes the last lines a moment later."""
        deadline = time.monotonic() + 15
        while True:
            count = sum(1 for line in self._log.read_text(encoding="utf-8").splitlines() if " - CONNECT " in line)
            if count >= expected or time.monotonic() > deadline:
                return count
            time.sleep(0.1)


@contextmanager
def _proxy(folder: Path, *options: str) -> Iterator[Proxy]:
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


class Story:
    """The results of all calls, and those who may or must not have heard of them."""

    def __init__(self) -> None:
        self.results: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.plain_requests: list[dict[str, Any]] = []
        self.mismatched_requests = -1
        self.tunnels = -1
        self.guarded_tunnels = -1
        self.trapped = -1
        self.desktops: list[str] = []
        self.not_running: dict[str, Any] = {}


def _certificate(folder: Path, name: str, authority: trustme.CA, *hosts: str) -> Path:
    """Certificate, key and CA in one file, so that the simulator's own client trusts it as well."""
    path = folder / f"{name}.pem"
    issued = authority.issue_cert(*hosts)
    path.write_bytes(issued.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes())
    return path


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    told = Story()
    folder = tmp_path_factory.mktemp("transport")
    for name in ("open-proxy", "guarded-proxy", "home"):
        (folder / name).mkdir()
    ours, theirs = trustme.CA(organization_name="ours"), trustme.CA(organization_name="theirs")
    right, wrong = folder / "right-ca.pem", folder / "wrong-ca.pem"
    ours.cert_pem.write_to_path(right)
    theirs.cert_pem.write_to_path(wrong)
    no_pem = folder / "no-ca.pem"
    no_pem.write_text("no certificate\n", encoding="utf-8")
    (folder / "home" / ".netrc").write_text("machine 127.0.0.1\nlogin nobody\npassword nothing\n", encoding="utf-8")
    (folder / "home" / ".netrc").chmod(0o600)
    served = _certificate(folder, "served", ours, "127.0.0.1")
    mismatched = _certificate(folder, "mismatched", ours, "workspace.example")
    trap = Trap()
    guard = ("--basic-auth", f"{PROXY_USER}:{PROXY_PASSWORD}")
    with (
        Simulator(desktops=7, tls_cert=served) as cloud,
        Simulator(desktops=7, tls_cert=mismatched) as stranger,
        Simulator(desktops=7) as plain,
        _proxy(folder / "open-proxy") as proxy,
        _proxy(folder / "guarded-proxy", *guard) as guarded,
    ):
        keys = keys_of(cloud.info, max_retries=1)
        trusting = {**keys, "ca_path": str(right)}
        who = f"{PROXY_USER}:{PROXY_PASSWORD_IN_URL}"
        open_url, guarded_url, trap_url = (f"http://{where.address}" for where in (proxy, guarded, trap))
        calls = {
            # Certificates.
            "ca_path": Call(trusting),
            "bundle": Call(keys, environment={"REQUESTS_CA_BUNDLE": str(right)}),
            "system": Call(keys, environment={"SSL_CERT_FILE": str(right)}),
            "bundle before system": Call(
                keys, environment={"REQUESTS_CA_BUNDLE": str(right), "SSL_CERT_FILE": str(wrong)}
            ),
            "ca_path before bundle": Call(trusting, environment={"REQUESTS_CA_BUNDLE": str(wrong)}),
            "unverified": Call({**keys, "validate_certs": False}),
            "unverified under a wrong bundle": Call(
                {**keys, "validate_certs": False}, environment={"REQUESTS_CA_BUNDLE": str(wrong)}
            ),
            "unverified under a missing bundle": Call(
                {**keys, "validate_certs": False}, environment={"REQUESTS_CA_BUNDLE": str(folder / "nowhere")}
            ),
            "wrong ca_path": Call({**keys, "ca_path": str(wrong)}),
            "wrong ca_path under a right bundle": Call(
                {**keys, "ca_path": str(wrong)}, environment={"REQUESTS_CA_BUNDLE": str(right)}
            ),
            "no ca": Call(keys),
            "mismatched": Call({**trusting, "endpoint": stranger.url}),
            "mismatched login": Call(
                {
                    **{name: keys[name] for name in ("endpoint", "region", "max_retries")},
                    **{name: cloud.info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")},
                    "iam_endpoint": stranger.url,
                    "ca_path": str(right),
                }
            ),
            "missing ca_path": Call({**keys, "ca_path": str(folder / "nowhere")}),
            "missing bundle": Call(keys, environment={"REQUESTS_CA_BUNDLE": str(folder / "nowhere")}),
            "ca_path without certificate": Call({**keys, "ca_path": str(no_pem)}),
            "silent tls": Call({**trusting, "endpoint": f"https://{trap.address}", "timeout": 1, "max_retries": 0}),
            "no tls there": Call({**trusting, "endpoint": plain.url.replace("http:", "https:"), "max_retries": 0}),
            # Proxies.
            "proxy": Call({**trusting, "proxy": open_url}),
            "proxy without scheme": Call({**trusting, "proxy": proxy.address}),
            "proxy of environment": Call(trusting, environment={"HTTPS_PROXY": open_url}),
            "proxy in small letters": Call(trusting, environment={"https_proxy": open_url}),
            "proxy of all": Call(trusting, environment={"ALL_PROXY": open_url}),
            "proxy before environment": Call(
                {**trusting, "proxy": open_url}, environment={"HTTPS_PROXY": trap_url, "NO_PROXY": "*"}
            ),
            "proxy does not change trust": Call({**keys, "proxy": open_url}),
            "no proxy": Call(trusting, environment={"HTTPS_PROXY": trap_url, "NO_PROXY": "example.com,127.0.0.1"}),
            "no proxy network": Call(trusting, environment={"https_proxy": trap_url, "no_proxy": "127.0.0.0/8"}),
            "guarded": Call({**trusting, "proxy": f"http://{who}@{guarded.address}"}),
            "guarded of environment": Call(trusting, environment={"HTTPS_PROXY": f"http://{who}@{guarded.address}"}),
            "guarded without password": Call({**trusting, "proxy": guarded_url}),
            "guarded with wrong password": Call(
                {**trusting, "proxy": f"http://{PROXY_USER}:wrong-one@{guarded.address}"}
            ),
            "dead proxy": Call({**trusting, "proxy": "http://127.0.0.1:9"}),
            "socks": Call(trusting, environment={"HTTPS_PROXY": f"socks5://{trap.address}"}),
            "silent proxy": Call({**trusting, "proxy": trap_url, "timeout": 1, "max_retries": 0}),
            # The rest.
            "netrc": Call(keys_of(plain.info), environment={"HOME": str(folder / "home")}),
            "netrc with token": Call(
                keys_of(plain.info, access_key=None, secret_key=None, auth_token=plain.info["token"]),
                environment={"NETRC": str(folder / "home" / ".netrc")},
            ),
        }
        told.results = run_calls(calls)
        told.requests, told.plain_requests = cloud.requests(), plain.requests()
        told.tunnels, told.guarded_tunnels = proxy.tunnels(len(TUNNELLED) + 1), guarded.tunnels(2)
        told.desktops = sorted(desktop["desktop_id"] for desktop in cloud.project()["desktops"])
        told.mismatched_requests = stranger.log().count("\n")
    told.trapped = trap.connections
    trap.close()
    return told


TUNNELLED = (
    "proxy",
    "proxy without scheme",
    "proxy of environment",
    "proxy in small letters",
    "proxy of all",
    "proxy before environment",
)
GOOD = (
    "ca_path",
    "bundle",
    "system",
    "bundle before system",
    "ca_path before bundle",
    "unverified",
    "unverified under a wrong bundle",
    "unverified under a missing bundle",
    *TUNNELLED,
    "no proxy",
    "no proxy network",
    "guarded",
    "guarded of environment",
)


@pytest.mark.parametrize("case", GOOD)
def test_the_server_is_reached(story: Story, case: str) -> None:
    result = story.results[case]
    assert not result.get("failed"), result
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == story.desktops


BAD: dict[str, tuple[tuple[str, ...], int | None]] = {
    "wrong ca_path": (("certificate", "ca_path"), 1),
    "wrong ca_path under a right bundle": (("certificate", "ca_path"), 1),
    "no ca": (("certificate", "ca_path"), 1),
    "mismatched": (("certificate", "127.0.0.1"), 1),
    "mismatched login": (("certificate", "/v3/auth/tokens"), 1),
    "missing ca_path": (("ca_path", "nowhere"), None),
    "missing bundle": (("REQUESTS_CA_BUNDLE", "ca_path", "nowhere"), None),
    "ca_path without certificate": (("ca_path", "certificate"), 1),
    "silent tls": (("timed out",), 1),
    "no tls there": (("https",), 1),
    "proxy does not change trust": (("certificate", "ca_path"), 1),
    "guarded without password": (("proxy", "407"), 1),
    "guarded with wrong password": (("proxy", "407"), 1),
    "dead proxy": (("proxy",), 2),
    "socks": (("proxy", "SOCKS"), 1),
    "silent proxy": (("timed out",), 1),
}


@pytest.mark.parametrize("case", BAD)
def test_the_server_is_not_trusted_or_not_reached(story: Story, case: str) -> None:
    words, attempts = BAD[case]
    assert_failed(story.results[case], *words, status_code=None, attempts=attempts)


def test_only_what_should_went_through_the_proxies(story: Story) -> None:
    # One call more fails behind its tunnel, at the certificate.
    assert story.tunnels == len(TUNNELLED) + 1
    assert story.guarded_tunnels >= 2
    # The silent server, and the silent proxy.
    assert story.trapped == 2


def test_nothing_was_asked_of_servers_that_are_not_trusted(story: Story) -> None:
    assert story.mismatched_requests == 0
    assert len(story.requests) == len(GOOD)


def test_the_servers_do_not_see_what_is_for_the_proxy(story: Story) -> None:
    for request in story.requests:
        assert not [name for name in request["header_names"] if name.lower().startswith("proxy-")]


def test_a_netrc_is_not_read(story: Story) -> None:
    for case in ("netrc", "netrc with token"):
        assert not story.results[case].get("failed"), story.results[case]
    assert sorted(request["auth"] for request in story.plain_requests) == ["SDK-HMAC-SHA256", "token"]
    (with_token,) = [request for request in story.plain_requests if request["auth"] == "token"]
    assert "Authorization" not in with_token["header_names"]


def test_the_user_agent_tells_collection_and_version(story: Story) -> None:
    version = yaml.safe_load(GALAXY.read_text(encoding="utf-8"))["version"]
    for request in story.requests:
        assert request["user_agent"].split()[0] == f"huaweicloud.workspace/{version}"


def test_only_what_must_be_signed_is_signed(story: Story) -> None:
    assert {request["signed_headers"] for request in story.requests} == {"host;x-sdk-date"}


def test_connections_are_kept_and_never_more_than_asked_for(simulator: Simulator) -> None:
    simulator.behave(latency=0.02)
    names = [f"user-{number:04}" for number in range(1500)]
    options = keys_of(simulator.info, user_names=names, concurrency=3)
    result = run_calls({"many": Call(options)})["many"]
    assert not result.get("failed"), result
    counters = simulator.counters()
    assert counters["requests"] >= 15
    assert counters["max_in_flight"] <= 3
    assert counters["connections"] <= 3
