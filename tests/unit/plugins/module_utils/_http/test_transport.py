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
        listener.close()
        thread.join(10)


def sends(data: bytes) -> Callable[[socket.socket], None]:
    """Send this and hang up."""
    return lambda connection: connection.sendall(data)


def drips(data: bytes, then: bytes, seconds: float = 3) -> Callable[[socket.socket], None]:
    """Send the first part at once and the second one byte by byte."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(data)
        end = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            for byte in then * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
                if time.monotonic() > end:
                    return

    return behave


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
        (b"HTTP/1.1 2", b"0"),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["status", "headers", "body", "chunks"],
)
def test_a_slow_response_ends_at_the_timeout(head: bytes, then: bytes) -> None:
    with server(drips(head, then)) as url:
        started = time.monotonic()
        failure = broken(url, 0.4)
        assert time.monotonic() - started < 2.5
    assert failure.retryable
    assert "timed out after 0.4 s" in failure.reason


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_missing_response_ends_at_the_timeout(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "timed out" in broken(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/", 0.3).reason


def test_a_slow_name_look_up_ends_at_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_arguments: Any, **_more: Any) -> Any:
        time.sleep(1.5)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(urllib3.util.connection.socket, "getaddrinfo", slow)
    started = time.monotonic()
    assert "timed out" in broken("http://slow.example.com/", 0.2).reason
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"], ids=["headers", "body"]
)
def test_the_connection_is_closed_after_the_timeout(head: bytes) -> None:
    cut = threading.Event()

    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.settimeout(5)
        if connection.recv(1) == b"":
            cut.set()

    with server(behave) as url:
        broken(url, 0.3)
        assert cut.wait(2)


def test_a_connection_is_closed_after_an_interim_response() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    late = b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n{"a":1'
    with server(sends(early + late), sends(GOOD)) as url, contextlib.closing(Transport(verify=None, proxy=None)) as one:
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
        port = taken.getsockname()[1]
    assert broken(f"http://127.0.0.1:{port}/").reason == (
        "Connection refused: check the endpoint (or region) and proxy"
    )


def test_a_server_of_plain_http_does_not_use_tls() -> None:
    with server(sends(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        failure = broken(url.replace("http:", "https:"))
    assert failure.reason.startswith("the server does not use TLS on this port (")
    assert not failure.retryable


@pytest.mark.parametrize(
    ("status", "advice", "retryable"),
    [
        ("403 Forbidden", "check proxy or HTTPS_PROXY, or add the host to NO_PROXY", False),
        ("502 Bad Gateway", "check proxy or HTTPS_PROXY, or add the host to NO_PROXY", True),
    ],
)
def test_a_proxy_rejects_the_request(status: str, advice: str, retryable: bool) -> None:
    with server(sends(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())) as url:
        failure = broken("https://127.0.0.1:9/x", proxy=url.rpartition("/")[0])
    assert failure.reason == f"the proxy rejected the request ({status}): {advice}"
    assert failure.retryable is retryable


@pytest.mark.parametrize(
    ("offered", "advice"),
    [
        ("NTLM, Negotiate", "it only offers NTLM or Negotiate"),
        ('Basic realm="x", NTLM', "set its user name"),
        ("", "set"),
    ],
)
def test_a_proxy_that_only_offers_other_authentication_is_named(offered: str, advice: str) -> None:
    rejects = sends(f"HTTP/1.1 407 Required\r\nProxy-Authenticate: {offered}\r\nContent-Length: 0\r\n\r\n".encode())
    with server(rejects, rejects) as url:
        failure = broken("https://127.0.0.1:9/x", proxy=url.rpartition("/")[0])
    assert failure.reason.startswith(f"the proxy rejected the request (407 Required): {advice}")
    assert not failure.retryable


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


@contextlib.contextmanager
def silent_server() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """A server that reads and never responds; yields its address, and events for the first data and for the end."""
    has_data, has_ended = threading.Event(), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError):
            connection, _address = listener.accept()
            with connection:
                while connection.recv(65536):
                    has_data.set()
        has_ended.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", has_data, has_ended
    finally:
        listener.close()
        thread.join(10)


TLS_PROXY = pytest.param(
    "handshake with a proxy",
    marks=pytest.mark.skipif(urllib3.__version__.startswith("1.25."), reason="urllib3 does not support https proxies"),
)


@pytest.mark.parametrize("phase", ["response", "handshake", "CONNECT", TLS_PROXY])
def test_a_cancelled_exchange_leaves_no_connection_and_no_thread(phase: str) -> None:
    with silent_server() as (address, has_data, has_ended):
        url = f"{'http' if phase == 'response' else 'https'}://{address}/"
        scheme = {"CONNECT": "http", "handshake with a proxy": "https"}.get(phase)
        before = set(threading.enumerate())
        proxy = scheme and f"{scheme}://{address}"
        with contextlib.closing(Transport(verify=None, proxy=proxy)) as one:
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


def test_a_transport_works_again_after_a_cut() -> None:
    has_request, may_end = threading.Event(), threading.Event()

    def waits(_connection: socket.socket) -> None:
        has_request.set()
        may_end.wait(10)

    with server(waits, sends(GOOD)) as url, contextlib.closing(Transport(verify=None, proxy=None)) as one:

        def cut() -> None:
            has_request.wait(10)
            one.cut()
            may_end.set()

        threading.Thread(target=cut).start()
        with pytest.raises(NoResponse, match="cancelled"):
            exchange_with(one, url)
        assert exchange_with(one, url).body == b"{}"


def test_a_proxy_gets_the_request() -> None:
    with server(sends(GOOD)) as url:
        proxy = url.rpartition("/")[0]
        assert exchange("http://127.0.0.1:9/x", proxy=proxy).body == b"{}"


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
