# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""One HTTP exchange: bounded in time and size, with CA and proxy settled, nothing followed, nothing read from C(.netrc).

It works below C(requests.Session), which would follow what the environment says and read the body of a redirect.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import os
import socket
import ssl
import threading
import typing as t
import zlib
from concurrent.futures import Future, wait
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.libraries import (
    HTTPAdapter,
    HTTPConnection,
    HTTPConnectionPool,
    HTTPSConnection,
    HTTPSConnectionPool,
    requests,
    urllib3,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.retry import Clock, Deadline

if t.TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.structures import CaseInsensitiveDict

#: No body may be larger than this once decompressed: a page of 2,000 desktops is about 1 MiB.
LARGEST_BODY = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_GZIP = zlib.MAX_WBITS | 16


def is_loopback(host: str) -> bool:
    """Whether plain http to this host stays on the machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class NoAnswer(Exception):
    """The exchange broke off.

    @param reason: what happened, in words for people.
    @param retryable: whether trying again makes sense.
    """

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


class RawAnswer(t.NamedTuple):
    """Status, headers (letter case ignored) and the whole body, decompressed."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes


# The connections of urllib3 learn the deadline of the exchange they serve through the thread that runs it.
_exchange = threading.local()


def _remaining() -> float:
    """Seconds left for the exchange of this thread.

    @raises TimeoutError: none.
    """
    seconds: float = _exchange.deadline.remaining()
    if seconds <= 0:
        raise socket.timeout("timed out")
    return seconds


def _with_deadline(connect: t.Callable[[], socket.socket], seconds: float) -> socket.socket:
    """Connect in a thread of its own and leave it behind when the time is up.

    A name look-up has no timeout, and of several addresses each would get all the time.
    """
    future: Future[socket.socket] = Future()

    def run() -> None:
        try:
            future.set_result(connect())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if not wait([future], timeout=seconds).done:
        future.add_done_callback(lambda late: None if late.exception() else late.result().close())
        raise socket.timeout("timed out")
    return future.result()


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket and gives each read only the time that is left for the whole exchange.

    A socket's own timeout begins anew with every byte, so an answer that drips would never end.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        seconds = self._deadline.remaining()
        if seconds <= 0:
            raise socket.timeout("timed out")
        self._sock.settimeout(seconds)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    """Status line, headers and body all within the deadline."""

    def __init__(self, sock: socket.socket, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_DeadlineReader(raw, sock, _exchange.deadline))


class _BoundedHTTPConnection(HTTPConnection):
    response_class = _BoundedResponse

    def _new_conn(self) -> socket.socket:
        sock = _with_deadline(super()._new_conn, _remaining())
        # What follows (a proxy's answer, the TLS handshake, the request) gets what is left.
        sock.settimeout(_remaining())
        return sock


class _BoundedHTTPSConnection(_BoundedHTTPConnection, HTTPSConnection):
    """The same over TLS."""


class _BoundedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection


_POOLS = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}


class _BoundedAdapter(HTTPAdapter):
    """The adapter of requests, with connections that keep to the deadline and share what they trust.

    @param trust: C(None) for plain http. Left to itself requests loads the CA bundle anew for each connection.
    """

    def __init__(self, trust: ssl.SSLContext | None, connections: int) -> None:
        self._trust = trust
        super().__init__(pool_connections=4, pool_maxsize=connections)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
        """Leave it to the context, which knows the CAs."""
        del url, cert
        conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        if proxy.lower().startswith("socks"):
            raise NoAnswer(
                "the environment sets a SOCKS proxy, which is not supported; set proxy to an http proxy",
                retryable=False,
            )
        manager = super().proxy_manager_for(proxy, ssl_context=self._trust, proxy_ssl_context=self._trust, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """The error and everything it was made from, outermost first."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if any(current is earlier for earlier in seen):
            continue
        seen.append(current)
        yield current
        inner = (getattr(current, "reason", None), *current.args, current.__cause__, current.__context__)
        waiting.extend(candidate for candidate in inner if isinstance(candidate, BaseException))


def _explained(error: BaseException, seconds: float) -> NoAnswer:
    """The reason of a broken exchange, in words."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = getattr(cause, "verify_message", "") or "certificate verify failed"
            # It may be trusted and be that of another host.
            advice = "check endpoint" if "mismatch" in reason else "set ca_path if a private CA issued it"
            return NoAnswer(f"the certificate of the server is not trusted: {reason}; {advice}", retryable=False)
        if isinstance(cause, OSError) and "Tunnel connection failed" in str(cause):
            # A proxy that says 4xx means it.
            said = str(cause).rpartition("Tunnel connection failed: ")[2]
            advice = (
                "set its user name and password in proxy or HTTPS_PROXY"
                if said.startswith("407")
                else "check proxy or HTTPS_PROXY, or add the host to NO_PROXY"
            )
            return NoAnswer(f"the proxy answered {said}; {advice}", retryable=not said.startswith("4"))
    by_proxy = any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes)
    advice = "check proxy or HTTPS_PROXY" if by_proxy else "check endpoint or iam_endpoint, and proxy"
    if any(isinstance(cause, (socket.timeout, requests.exceptions.Timeout)) for cause in causes):
        return NoAnswer(f"timed out after {seconds:.3g} s; {advice}, or raise timeout", retryable=True)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            # A name that does not exist is mostly a wrong region. A resolver that is out of order says EAI_AGAIN.
            where = "of the proxy" if by_proxy else "of the server"
            advice = advice if by_proxy else "check region, or the endpoint if one is set"
            return NoAnswer(
                f"the host name {where} cannot be resolved ({cause.strerror}); {advice}",
                retryable=cause.errno == socket.EAI_AGAIN,
            )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, ValueError)):
        return NoAnswer(f"the request cannot be sent: {type(error).__name__}; {advice}", retryable=False)
    if any(isinstance(cause, (http.client.IncompleteRead, EOFError)) for cause in causes):
        return NoAnswer("the response is incomplete", retryable=True)
    via = "cannot connect to the proxy: " if by_proxy else ""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return NoAnswer(f"{via}{cause.strerror}; {advice}", retryable=True)
    # Others of the chain may be about the inner life of urllib3.
    last = [cause for cause in causes if isinstance(cause, (OSError, http.client.HTTPException))][-1:] or causes[-1:]
    return NoAnswer(f"{via}{str(last[0]) or type(last[0]).__name__}; {advice}", retryable=True)


def read_body(raw: t.Any, largest: int = LARGEST_BODY) -> bytes:
    """The whole body, decompressed piece by piece so that no more than C(largest) bytes are ever held.

    @param raw: urllib3's response, of which nothing has been read.
    @raises NoAnswer: too large, broken, cut off, or encoded in a way that was not asked for.
    """
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise NoAnswer(
            f"the response is encoded as {encoding!r}, which was not requested; check proxy", retryable=False
        )
    unzip = zlib.decompressobj(_GZIP) if encoding.endswith("gzip") else None
    body, received = bytearray(), 0
    while True:
        chunk = raw.read(_CHUNK, decode_content=False)
        if not chunk:
            break
        received += len(chunk)
        while chunk:
            if unzip is None:
                body += chunk
                break
            if unzip.eof:
                # A gzip stream may consist of several members.
                unzip = zlib.decompressobj(_GZIP)
            try:
                body += unzip.decompress(chunk, largest + 1 - len(body))
            except zlib.error:
                raise NoAnswer("the compressed response is damaged", retryable=True) from None
            if len(body) > largest:
                break
            chunk = unzip.unused_data
        if max(len(body), received) > largest:
            raise NoAnswer(f"the response is larger than {largest // 2**20} MiB once decompressed", retryable=False)
    # Older urllib3 does not compare these on its own.
    announced = raw.headers.get("Content-Length", "")
    cut_off = announced.isdigit() and received < int(announced)
    if cut_off or (unzip and received and not unzip.eof):
        raise NoAnswer("the response is incomplete", retryable=True)
    return bytes(body)


def system_ca() -> str | bool:
    """The system's trust store: a bundle, a folder of certificates, or C(True) for the one that requests brings."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return paths.cafile
    if paths.capath and os.listdir(paths.capath):
        return paths.capath
    return True


def _trusting(verify: str | bool) -> ssl.SSLContext:
    """A context that trusts these CAs.

    @raises NoAnswer: there is no certificate in the bundle.
    """
    context: ssl.SSLContext = urllib3.util.ssl_.create_urllib3_context()
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    place = requests.utils.DEFAULT_CA_BUNDLE_PATH if verify is True else verify
    try:
        context.load_verify_locations(**{"capath" if os.path.isdir(place) else "cafile": place})
    except OSError:
        raise NoAnswer(
            f"{place} contains no CA certificate: check ca_path or REQUESTS_CA_BUNDLE", retryable=False
        ) from None
    return context


class Transport:
    """Connections to the servers of one call, kept alive and shared by its threads.

    @param verify: C(False), a CA bundle or folder, or C(True) for the bundle that requests brings.
    @param proxy: a proxy for every request; C(None) for what the environment says of each address.
    @param connections: how many to one host are kept; no more threads than this may send at a time.
    """

    def __init__(self, *, verify: str | bool, proxy: str | None, connections: int) -> None:
        self._verify = verify
        self._proxy = proxy
        self._connections = connections
        self._lock = threading.Lock()
        self._adapters: dict[str, _BoundedAdapter] = {}
        self._environment: dict[str, dict[str, str]] = {}
        if verify is False:
            # Said once, in the documentation of validate_certs; not once a request on a stream nobody reads.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        """Close the connections that were kept alive."""
        for adapter in self._adapters.values():
            adapter.close()

    def _adapter(self, scheme: str) -> _BoundedAdapter:
        with self._lock:
            if scheme not in self._adapters:
                trust = _trusting(self._verify) if scheme == "https" else None
                self._adapters[scheme] = _BoundedAdapter(trust, self._connections)
            return self._adapters[scheme]

    def _proxies(self, scheme: str, host: str) -> dict[str, str]:
        """The proxies for a host; what the environment says of it is looked up once."""
        if self._proxy is not None:
            return {"http": self._proxy, "https": self._proxy}
        address = f"{scheme}://{host}"
        if address not in self._environment:
            proxies = requests.utils.get_environ_proxies(address)
            if scheme == "http":
                # Plain http is for this machine only, and so is a proxy that it may pass.
                proxies = {
                    name: proxy for name, proxy in proxies.items() if is_loopback(urlsplit(proxy).hostname or "")
                }
            self._environment[address] = proxies
        return self._environment[address]

    def proxy_for(self, url: str) -> str | None:
        """The proxy that a request to this address passes, C(None) for none."""
        address = urlsplit(url)
        proxy: str | None = requests.utils.select_proxy(url, self._proxies(address.scheme, address.netloc))
        return proxy

    def exchange(self, request: PreparedRequest, seconds: float, *, direct: bool = False) -> RawAnswer:
        """Send the request and receive the whole answer.

        @param request: complete and signed.
        @param seconds: for all of it: name look-up, connection, TLS, headers, body.
        @param direct: without any proxy.
        @raises NoAnswer: there is no whole answer.
        """
        _exchange.deadline = Deadline(seconds, Clock())
        try:
            address = urlsplit(request.url or "")
            response = self._adapter(address.scheme).send(
                request,
                stream=True,
                timeout=seconds,
                verify=self._verify is not False,
                proxies={} if direct else self._proxies(address.scheme, address.netloc),
            )
            with response:
                try:
                    body = read_body(response.raw)
                except (NoAnswer, OSError, urllib3.exceptions.HTTPError, http.client.HTTPException):
                    # What the status says counts, even if the page that explains it is broken.
                    if response.status_code in (200, 201):
                        raise
                    body = b""
        except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, ValueError) as error:
            raise _explained(error, seconds) from None
        return RawAnswer(response.status_code, response.headers, body)
