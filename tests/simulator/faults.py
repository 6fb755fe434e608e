# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: wrong, incomplete and endless responses."""

from __future__ import annotations

import asyncio
import http
import itertools
import json
import socket
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from simulator.answers import Answer, Incoming, gateway_error, html_answer, json_answer, text_answer, workspace_error
from simulator.behaviour import Fault

# Code and text of the gateway's errors. 308 and 0202 are codes from the API Request Signing Guide.
GATEWAY_ERRORS = {
    429: ("APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit"),
    502: ("APIGW.0202", "502 Bad Gateway"),
    503: ("APIGW.0202", "503 Service Unavailable"),
    504: ("APIGW.0203", "504 Gateway Timeout"),
}


class Silence(web.StreamResponse):
    """Tells aiohttp that the response has already been written to the transport."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def error_answer(
    status: int, request_id: str, code: str | None = None, message: str | None = None, shape: str | None = None
) -> Answer:
    """An error in one of the shapes gateway, workspace, html and empty."""
    usual = GATEWAY_ERRORS.get(status, (f"WKS.{status:04d}", f"Simulated error {status}"))
    code, message = code or usual[0], message or usual[1]
    shape = shape or ("gateway" if status == 429 else "html" if status in GATEWAY_ERRORS else "workspace")
    if shape == "gateway":
        return gateway_error(status, code, message, request_id)
    if shape == "html":
        return html_answer(status, message)
    return workspace_error(status, code, message) if shape == "workspace" else Answer(status, b"")


def replacement(fault: Fault, incoming: Incoming) -> Answer:
    """The response of a fault of the kind `status`."""
    options = fault.options
    status = options.get("status", 500)
    if "json" in options:
        answer = json_answer(status, options["json"])
    elif "body" in options:
        answer = text_answer(status, options["body"])
    else:
        given = (options.get(name) for name in ("error_code", "error_msg", "shape"))
        answer = error_answer(status, incoming.request_id, *given)
    answer.headers.update(options.get("headers", {}))
    return answer


def edited(fault: Fault, answer: Answer) -> Answer:
    """The regular response with the changes of a fault of the kind `edit`."""
    if "set" in fault.options:
        answer = json_answer(answer.status, {**json.loads(answer.body), **fault.options["set"]}, answer.headers)
    answer.headers.update(fault.options.get("headers", {}))
    return answer


DELIVERIES = ("truncate", "reset", "close", "hang", "drip", "bomb")
"""Kinds that change how the response is sent."""

WITHOUT_ANSWER = ("reset", "close", "hang", "bomb")
"""Kinds of `DELIVERIES` that do not send the regular response."""


def _cut(transport: asyncio.Transport) -> None:
    # With a linger time of zero, the kernel sends a reset.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _head(answer: Answer, *, chunked: bool = False) -> bytes:
    length = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(answer.body)))
    headers = [*answer.headers.items(), ("Connection", "close"), length]
    lines = [f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}", *map(": ".join, headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _truncate(transport: asyncio.Transport, answer: Answer, options: dict[str, Any]) -> None:
    part, chunked = answer.body[: options.get("bytes", len(answer.body) // 2)], options.get("chunked", False)
    transport.write(_head(answer, chunked=chunked))
    # The size of the chunk is correct, but the last chunk of size 0 is missing.
    transport.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
    if options.get("reset", False):
        # A reset discards data that the client has not read yet.
        await asyncio.sleep(0.05)
        _cut(transport)


async def _drip(transport: asyncio.Transport, answer: Answer, delay: float) -> None:
    transport.write(_head(answer))
    for byte in answer.body:
        if transport.is_closing():
            return
        transport.write(bytes([byte]))
        await asyncio.sleep(delay)


def bomb_content(mib: int, *, compressed: bool) -> Iterator[bytes]:
    """A small object with many spaces, in pieces of 1 MiB before they are compressed."""
    pieces = (b"{", *itertools.repeat(b" " * (1 << 20), mib), b'"desktops": [], "total_count": 0}')
    if not compressed:
        yield from pieces
        return
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield from map(packer.compress, pieces)
    yield packer.flush()


async def _bomb(request: web.BaseRequest, options: dict[str, Any], headers: dict[str, str]) -> web.StreamResponse:
    compressed = options.get("encoding", "gzip") == "gzip"
    encoding = {"Content-Encoding": "gzip"} if compressed else {}
    response = web.StreamResponse(headers={**headers, **encoding, "Content-Type": "application/json"})
    response.enable_chunked_encoding()
    try:
        await response.prepare(request)
        for piece in bomb_content(options.get("mib", 1024), compressed=compressed):
            await response.write(piece)
            # Compressed spaces are very small, so without this other requests would have to wait.
            await asyncio.sleep(0)
        await response.write_eof()
    except ConnectionError:
        # The client is expected to close the connection.
        return Silence()
    return response


async def deliver(
    fault: Fault, request: web.BaseRequest, answer: Answer, headers: dict[str, str]
) -> web.StreamResponse:
    """Send ``answer`` as the fault requires; ``headers`` are the headers of all responses."""
    transport, options = request.transport, fault.options
    if fault.kind == "bomb":
        return await _bomb(request, options, headers)
    if transport is None:
        return Silence()
    answer.headers = {**headers, **answer.headers}
    if fault.kind == "reset":
        _cut(transport)
    elif fault.kind == "hang":
        await asyncio.sleep(options.get("seconds", 3600))
    elif fault.kind == "truncate":
        await _truncate(transport, answer, options)
    elif fault.kind == "drip":
        await _drip(transport, answer, options.get("delay", 0.1))
    transport.close()
    return Silence()
