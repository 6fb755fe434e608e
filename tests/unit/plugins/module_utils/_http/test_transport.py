# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One exchange with servers that misbehave on a real socket: limits of time and size, and the reason in words."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import requests
import urllib3
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http import transport
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import NoResponse
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.transport import Transport

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextlib.contextmanager
def server(*behaviours: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats each connection in its own way; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def run() -> None:
        with contextlib.suppress(OSError):
            for behave in behaviours:
                connection, _address = listener.accept()
                with connection:
                    connection.recv(65536)
                    behave(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    finally:
        # Closing it would not wake a thread that waits for a connection.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def sends(data: bytes) -> Callable[[socket.socket], None]:
    """Send this and hang up."""
    return lambda connection: connection.sendall(data)


def resets(connection: socket.socket) -> None:
    """End the connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def exchange_with(one: Transport, url: str, seconds: float = 30) -> transport.RawResponse:
    """One exchange with this transport."""
    return one.exchange(requests.Request("GET", url).prepare(), seconds)


def exchange(url: str, seconds: float = 5, **settings: Any) -> transport.RawResponse:
    """One exchange."""
    settings = {"verify": None, "proxy": None, **settings}
    request = requests.Request("GET", url, headers={"Accept-Encoding": "gzip"}).prepare()
    with contextlib.closing(Transport(**settings)) as transport:
        return transport.exchange(request, seconds)


def broken(url: str, seconds: float = 5, **settings: Any) -> NoResponse:
    """An exchange that must fail."""
    with pytest.raises(NoResponse) as caught:
        exchange(url, seconds, **settings)
    return caught.value


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (sends(b""), "without response"),
        (resets, "reset by peer"),
        (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"), "ncomplete"),
        (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"), "IncompleteRead"),
        (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), ""),
        (sends(b"not http at all\r\n\r\n"), ""),
        (sends(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip"), "failed to decode"),
    ],
)
def test_a_broken_response_is_retryable(behave: Any, told: str) -> None:
    with server(behave) as url:
        failure = broken(url)
    assert told in failure.reason
    assert failure.retryable
    assert "0x" not in failure.reason


@pytest.mark.parametrize(
    ("head", "then"),
    [
        (b"", b""),
        (b"HTTP/1.1 2", b"0"),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["nothing", "status", "headers", "body", "chunks"],
)
def test_a_slow_response_ends_at_the_timeout_and_its_connection_is_closed(head: bytes, then: bytes) -> None:
    closed = threading.Event()

    def drips(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.settimeout(0.05)
        with contextlib.suppress(ConnectionError):
            for _number in range(100):
                with contextlib.suppress(socket.timeout):
                    if not connection.recv(1):
                        break
                connection.sendall(then)
            else:
                return
        closed.set()

    with server(drips) as url:
        started = time.monotonic()
        failure = broken(url, 0.4)
        assert time.monotonic() - started < 2.5
        assert closed.wait(2)
    assert failure.retryable
    assert "timed out after 0.4 s" in failure.reason


def test_a_missing_handshake_ends_at_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "timed out" in broken(f"https://127.0.0.1:{silent.getsockname()[1]}/", 0.3).reason


def test_a_slow_name_look_up_ends_at_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_arguments: Any, **_more: Any) -> Any:
        time.sleep(1.5)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(urllib3.util.connection.socket, "getaddrinfo", slow)
    started = time.monotonic()
    assert "timed out" in broken("http://slow.example.com/", 0.2).reason
    assert time.monotonic() - started < 1.2


def test_a_connection_is_closed_after_an_interim_response() -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        if connection.recv(65536):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    with server(behave, sends(GOOD)) as url, contextlib.closing(Transport(verify=None, proxy=None)) as one:
        assert exchange_with(one, url).status == 103
        assert exchange_with(one, url).body == b"{}"


@pytest.mark.parametrize(
    ("host", "without", "is_direct"),
    [
        ("127.0.0.1:8443", "127.0.0.1:8443", True),
        ("127.0.0.1:8443", "127.0.0.0/8", True),
        ("127.0.0.1", "127.0.0.1:443", True),
        ("127.0.0.1:8443", "127.0.0.1:9 *.example.org", False),
        ("[::1]:8443", "::1", True),
        ("[::1]:8443", "[::1]", True),
        ("[::1]:8443", "[::1]:8443", True),
        ("[::1]:8443", "[::1]:9,::2,fd00::/8,127.0.0.0/8", False),
        ("[fd00::5]", "fd00::/8", True),
        ("a.example.com", "EXAMPLE.com", True),
        ("a.example.com", ".example.com", True),
        ("a.example.com", "*.example.com", True),
        ("a.example.com", "b.example.org, example.com:443", True),
        ("a.example.com", "b.example.org,*", True),
        ("an-example.com", "example.com", False),
    ],
)
def test_hosts_of_no_proxy_are_reached_directly(
    host: str, without: str, is_direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", without)
    assert (Transport(verify=None, proxy=None).proxy_for(f"https://{host}/x") is None) is is_direct


def test_exceptions_in_the_settings_of_the_system_are_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "a.example.com")
    proxies = [Transport(verify=None, proxy=None).proxy_for(f"https://{name}.example.com/") for name in "ab"]
    assert proxies == [None, "http://proxy.example.com:3128"]


def test_plain_http_passes_no_proxy_on_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "")
    with server(sends(GOOD)) as url:
        assert exchange(url).body == b"{}"
    with server(sends(GOOD)) as url:
        monkeypatch.setenv("HTTP_PROXY", url.rpartition("/")[0])
        assert exchange("http://127.0.0.1:9/x").body == b"{}"


def test_a_refused_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    assert broken(url).reason == "Connection refused: check the endpoint (or region) and proxy"


def test_a_server_of_plain_http_does_not_use_tls() -> None:
    with server(sends(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        failure = broken(url.replace("http:", "https:"))
    assert failure.reason.startswith("the server does not use TLS on this port (")
    assert not failure.retryable


OTHER_HOST = "check proxy or HTTPS_PROXY, or add the host to NO_PROXY"


@pytest.mark.parametrize(
    ("status", "offered", "advice", "retryable"),
    [
        ("403 Forbidden", "", OTHER_HOST, False),
        ("502 Bad Gateway", "", OTHER_HOST, True),
        ("407 Required", "NTLM, Negotiate", "it only offers NTLM or Negotiate", False),
        ("407 Required", 'Basic realm="x", NTLM', "set its user name", False),
        ("407 Required", "", "set its user name", False),
    ],
)
def test_a_proxy_rejects_the_request(status: str, offered: str, advice: str, retryable: bool) -> None:
    rejects = sends(f"HTTP/1.1 {status}\r\nProxy-Authenticate: {offered}\r\nContent-Length: 0\r\n\r\n".encode())
    with server(rejects, rejects) as url:
        failure = broken("https://127.0.0.1:9/x", proxy=url.rpartition("/")[0])
    assert failure.reason.startswith(f"the proxy rejected the request ({status}): {advice}")
    assert failure.retryable is retryable


@pytest.mark.parametrize("path", ["proxy.pac", "wpad.dat?x"])
def test_a_pac_file_as_proxy_is_named(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:9/{path}")
    assert "the environment sets a PAC file as proxy" in broken("https://127.0.0.1:9/x").reason


def test_an_invalid_request_is_not_retried() -> None:
    failure = broken("http://user:secret@127.0.0.1:9/", proxy="http://[")
    assert not failure.retryable
    assert "cannot be sent" in failure.reason


@pytest.mark.parametrize(("number", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
def test_a_host_name_that_cannot_be_resolved_is_named(
    number: int, retryable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_arguments: Any, **_more: Any) -> Any:
        raise socket.gaierror(number, "Not known")

    monkeypatch.setattr(urllib3.util.connection.socket, "getaddrinfo", unknown)
    failure = broken("http://region.example.com/")
    assert failure.retryable == retryable
    assert failure.reason.startswith(
        "the host name region.example.com cannot be resolved (Not known): check the endpoint (or region)"
    )
    failure = broken("https://region.example.com/", proxy="http://proxy.example.com:3128")
    assert failure.reason == (
        "the host name of the proxy cannot be resolved (Not known): check proxy or HTTPS_PROXY, and DNS of this machine"
    )


TLS_PROXY = pytest.param(
    "handshake with a proxy",
    marks=pytest.mark.skipif(urllib3.__version__.startswith("1.25."), reason="urllib3 does not support https proxies"),
)


@pytest.mark.parametrize("phase", ["response", "handshake", "CONNECT", TLS_PROXY])
def test_a_cancelled_exchange_leaves_no_connection_and_no_thread(phase: str) -> None:
    has_data, has_ended = threading.Event(), threading.Event()

    def reads(connection: socket.socket) -> None:
        has_data.set()
        while connection.recv(65536):
            pass
        has_ended.set()

    with server(reads, sends(GOOD)) as http_url:
        url = http_url if phase == "response" else http_url.replace("http:", "https:")
        address = http_url.rpartition("/")[0].rpartition("/")[2]
        scheme = {"CONNECT": "http", "handshake with a proxy": "https"}.get(phase)
        before = set(threading.enumerate())
        with contextlib.closing(Transport(verify=None, proxy=scheme and f"{scheme}://{address}")) as one:
            errors: list[str] = []

            def wait() -> None:
                try:
                    exchange_with(one, url)
                except NoResponse as error:
                    errors.append(error.reason)

            waiting = threading.Thread(target=wait)
            waiting.start()
            assert has_data.wait(10)
            began = time.monotonic()
            one.cut()
            waiting.join(10)
            assert errors == ["the request was cancelled"]
            assert has_ended.wait(10)
            while set(threading.enumerate()) - before:
                assert time.monotonic() - began < 2
                time.sleep(0.01)
            if phase == "response":
                assert exchange_with(one, url).body == b"{}"


def test_a_direct_exchange_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for proxy in (None, "http://127.0.0.1:9"):
        with server(sends(GOOD)) as url, contextlib.closing(Transport(verify=None, proxy=proxy)) as one:
            assert one.exchange(requests.Request("GET", url).prepare(), 5, direct=True).body == b"{}"


def test_a_body_is_read_in_each_requested_encoding() -> None:
    text = b"x" * 200_000
    two = gzip.compress(text[:70_000]) + gzip.compress(text[70_000:])
    for encoding, body in (("gzip", gzip.compress(text)), ("gzip", two), ("identity", text)):
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
        with server(sends(head.encode() + body)) as url:
            assert exchange(url).body == text


def test_a_body_that_is_compressed_twice_is_rejected() -> None:
    with server(sends(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(b"{}"))) as url:
        assert "'gzip, gzip', which was not requested" in broken(url).reason


@pytest.mark.parametrize("body", [b"x" * 1001, gzip.compress(b"x" * 1001)], ids=["plain", "gzip"])
def test_a_body_over_the_maximum_size_is_rejected(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_BODY", 1000)
    encoding = b"gzip" if body[:1] == b"\x1f" else b"identity"
    with server(sends(b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding + b"\r\n\r\n" + body)) as url:
        assert "larger" in broken(url).reason
