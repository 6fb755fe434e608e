# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One HTTP exchange with limits for time and size. Redirects are not followed, and `.netrc` is not read.

It uses the adapters of requests without a session, which would apply settings of the environment and read the body of
a redirect.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import ipaddress
import socket
import ssl
import threading
import typing as t
import urllib.request
from concurrent.futures import Future, InvalidStateError, wait
from urllib.parse import SplitResult, urlsplit

from . import certificates, errors
from .libraries import HTTPAdapter, requests, urllib3

if t.TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.structures import CaseInsensitiveDict

#: No body may be larger than this once decompressed: a page of 2,000 desktops is about 1 MiB.
LARGEST_BODY = 64 * 1024 * 1024
#: The compressed bytes that are read at once. They can be the thousandth part of the decompressed ones.
_CHUNK = 16 * 1024


def is_loopback(host: str) -> bool:
    """Whether requests to this host stay on the machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_pac(address: str) -> bool:
    """Whether an address is that of a file for automatic proxy configuration, instead of a proxy."""
    return urlsplit(address).path.lower().endswith((".pac", "wpad.dat"))


class RawResponse(t.NamedTuple):
    """Status, headers (letter case ignored) and the complete, decompressed body."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes


#: The lane of the exchange that runs in a thread.
_here = threading.local()


class _TlsSocket(ssl.SSLSocket):
    """A TLS socket that its lane can shut down during the handshake."""

    def do_handshake(self, block: bool = False) -> None:
        _here.lane.remember(self)
        super().do_handshake(block)


def _remembering(pool_class: t.Any, remember: t.Callable[[socket.socket], None]) -> t.Any:
    """A pool class whose connections report their sockets.

    A cancelled exchange has to end at once, also while it waits for a proxy or for the response. Only a shutdown of the
    socket does this: a timeout takes effect with the next operation of the socket, and urllib3 gives no access to a
    socket before the response.
    """

    def set_socket(connection: t.Any, sock: socket.socket | None) -> None:
        vars(connection)["sock"] = sock
        if sock is not None:
            remember(sock)

    plain = pool_class.ConnectionCls
    known = {"sock": property(lambda connection: vars(connection).get("sock"), set_socket)}
    return type(pool_class.__name__, (pool_class,), {"ConnectionCls": type(plain.__name__, (plain,), known)})


class _Lane(HTTPAdapter):
    """Connections for one exchange at a time, one to each server.

    @param trust: `None` for plain http. Otherwise requests would load the CA bundle again for each connection.
    """

    def __init__(self, trust: ssl.SSLContext | None) -> None:
        self._trust = trust
        self._sockets: list[t.Any] = []
        self.is_cut = False
        pools = {"http": urllib3.HTTPConnectionPool, "https": urllib3.HTTPSConnectionPool}
        self._pools = {scheme: _remembering(pool_class, self.remember) for scheme, pool_class in pools.items()}
        super().__init__(pool_connections=4, pool_maxsize=1)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        scheme = proxy.partition(":")[0].lower()
        kind = "a SOCKS proxy" if scheme.startswith("socks") else "a PAC file" if is_pac(proxy) else ""
        if kind:
            raise errors.NoResponse(
                f"the environment sets {kind} as proxy, which is not supported: set proxy to an http proxy",
                retryable=False,
            )
        if scheme == "https":
            version: str = urllib3.__version__  # type: ignore[attr-defined]  # documented, but not in its list of exports
            if version.startswith("1.25."):
                raise errors.NoResponse("https proxies require urllib3 1.26 or newer", retryable=False)
            kwargs["proxy_ssl_context"] = self._trust
        manager = super().proxy_manager_for(proxy, ssl_context=self._trust, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
        """Leave it to the TLS context, which has the CAs."""
        del url, cert
        conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"

    def remember(self, sock: t.Any) -> None:
        """Keep a socket for `cut`."""
        # Closed ones are dropped, so that there are never more than the connections.
        self._sockets = [other for other in self._sockets if other.fileno() != -1 and other is not sock] + [sock]
        if self.is_cut:
            self.cut()

    def cut(self) -> None:
        """Shut the sockets down, which ends the exchange on the server and in its thread."""
        self.is_cut = True
        for sock in self._sockets:
            # It may be closed, and TLS inside of TLS has no shutdown: there, that of the outer socket suffices.
            with contextlib.suppress(OSError, AttributeError):
                sock.shutdown(socket.SHUT_RDWR)


def _read_body(response: requests.Response) -> bytes:
    """The whole body, decompressed.

    @raises NoResponse: too large, incomplete, or in an encoding whose chunks may be of any size, such as gzip twice.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise errors.NoResponse(
            f"the response is encoded as {encoding!r}, which was not requested: check proxy", retryable=False
        )
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > LARGEST_BODY:
            raise errors.NoResponse(f"the response is larger than {LARGEST_BODY // 2**20} MiB", retryable=False)
    # Older releases of urllib3 do not compare them.
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and response.raw.tell() < int(announced):
        raise errors.NoResponse("the response is incomplete", retryable=True)
    return bytes(body)


class Transport:
    """Connections to the servers of one call, kept alive and shared by its threads.

    @param verify: a CA bundle or folder, `None` for the system's, or `False`.
    @param proxy: a proxy for every request; `None` for the proxies of the environment.
    """

    def __init__(self, *, verify: str | bool | None, proxy: str | None) -> None:
        self._ca = certificates.system_ca() if verify is None else str(verify or "")
        self._proxy = proxy
        self._lock = threading.Lock()
        self._trust: ssl.SSLContext | None = None
        self._idle: dict[str, list[_Lane]] = {"http": [], "https": []}
        self._in_progress: dict[Future[RawResponse], _Lane] = {}
        self._is_closed = False
        if verify is False:
            # The documentation of validate_certs warns of it; urllib3 would do so for each request, on stderr.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        """End the exchanges in progress and close all connections."""
        self.cut()
        with self._lock:
            self._is_closed = True
            for lanes in self._idle.values():
                while lanes:
                    lanes.pop().close()

    def cut(self) -> None:
        """End the exchanges in progress; their callers get an error."""
        for future, lane in list(self._in_progress.items()):
            lane.is_cut = True
            # It may have ended by now.
            with contextlib.suppress(InvalidStateError):
                future.set_exception(errors.NoResponse("the request was cancelled", retryable=False))
            lane.cut()

    def _lane(self, scheme: str) -> _Lane:
        with self._lock:
            if self._idle[scheme]:
                return self._idle[scheme].pop()
            if scheme == "https" and not self._trust:
                self._trust = certificates.tls_context(self._ca)
                self._trust.sslsocket_class = _TlsSocket
            return _Lane(self._trust if scheme == "https" else None)

    def _proxies(self, address: SplitResult) -> dict[str, str]:
        """The proxies for a host: that of the option or those of the environment."""
        if self._proxy is not None:
            return {"http": self._proxy, "https": self._proxy}
        proxies = urllib.request.getproxies()
        if not proxies:
            return {}
        # Imported here, because modules are compiled for each task and many use no proxy.
        from .proxies import is_passed_over

        is_https = address.scheme == "https"
        host = address.hostname or ""
        # The second function knows the exceptions in the settings of macOS.
        if is_passed_over(host, address.port or (443 if is_https else 80)) or urllib.request.proxy_bypass(host):
            return {}
        # Plain http must not leave this machine, so its proxy has to be on it as well.
        return {name: one for name, one in proxies.items() if is_https or is_loopback(urlsplit(one).hostname or "")}

    def proxy_for(self, url: str) -> str | None:
        """The proxy for requests to this address, or `None`."""
        proxy: str | None = requests.utils.select_proxy(url, self._proxies(urlsplit(url)))
        return proxy

    def exchange(
        self,
        request: PreparedRequest,
        seconds: float,
        *,
        is_cancelled: t.Callable[[], bool] = lambda: False,
        direct: bool = False,
    ) -> RawResponse:
        """Send the request and receive the complete response.

        Runs in a thread, because DNS lookups cannot time out and the timeout of a socket restarts with every byte. When
        the time is up, the caller continues, the connection is closed, and the thread ends by itself or with the process.

        @param request: complete and signed.
        @param seconds: for the whole exchange: name look-up, connection, TLS, headers, body.
        @param is_cancelled: whether `cut` was called for the caller before this exchange started.
        @param direct: without any proxy.
        @raises NoResponse: there is no complete response.
        """
        address = urlsplit(request.url or "")
        proxies = {} if direct else self._proxies(address)
        lane = self._lane(address.scheme)
        future: Future[RawResponse] = Future()
        self._in_progress[future] = lane
        if is_cancelled():
            lane.cut()
        else:
            send = functools.partial(self._send, lane, request, seconds, proxies)
            threading.Thread(target=self._run, args=(future, lane, send), daemon=True).start()
        wait([future], timeout=0 if lane.is_cut else seconds)
        del self._in_progress[future]
        if not future.done():
            lane.cut()
            raise self._explained(socket.timeout("timed out"), seconds, request)
        self._keep(lane, address.scheme, future)
        error = future.exception()
        if isinstance(error, (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, ValueError)):
            raise self._explained(error, seconds, request) from None
        return future.result()

    def _keep(self, lane: _Lane, scheme: str, future: Future[RawResponse]) -> None:
        """Keep the connections of a lane for the next exchange, if they can be used for it."""
        # After an interim response, the final one follows on the connection.
        is_interim = not future.exception() and future.result().status < 200
        with self._lock:
            if lane.is_cut or is_interim or self._is_closed:
                lane.close()
            else:
                self._idle[scheme].append(lane)

    def _run(self, future: Future[RawResponse], lane: _Lane, send: t.Callable[[], RawResponse]) -> None:
        _here.lane = lane
        # The exchange may have been ended from outside.
        with contextlib.suppress(InvalidStateError):
            try:
                future.set_result(send())
            except BaseException as error:
                future.set_exception(error)
        if lane.is_cut:
            # After the timeout, nobody else does. Older releases of urllib3 keep the connection after an incomplete body.
            lane.close()

    def _explained(self, error: BaseException, seconds: float, request: PreparedRequest) -> errors.NoResponse:
        from . import no_response  # Needed after a failure only.

        url = request.url or ""
        return no_response.explained(
            error, seconds, host=urlsplit(url).hostname or "", ca=self._ca, proxy=self.proxy_for(url) or ""
        )

    def _send(self, lane: _Lane, request: PreparedRequest, seconds: float, proxies: dict[str, str]) -> RawResponse:
        with lane.send(request, stream=True, timeout=seconds, verify=bool(self._ca), proxies=proxies) as response:
            try:
                body = _read_body(response)
            except (errors.NoResponse, OSError):
                # An error status counts even if the body is damaged.
                if response.status_code in (200, 201):
                    raise
                body = b""
        return RawResponse(response.status_code, response.headers, body)
