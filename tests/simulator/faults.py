# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: wrong, incomplete and endless responses."""

from __future__ import annotations

import asyncio
import html
import http
import json
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any, Callable

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from simulator.answers import Answer, Incoming, gateway_error, html_answer, iam_error, json_answer, workspace_error
from simulator.behaviour import Fault

# Shape, code and text of errors for which only the status is given. 308 and 0202 are gateway codes from the
# API Request Signing Guide.
USUAL_ERRORS = {
    429: ("gateway", "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit"),
    502: ("html", "APIGW.0202", "502 Bad Gateway"),
    503: ("html", "APIGW.0202", "503 Service Unavailable"),
    504: ("html", "APIGW.0203", "504 Gateway Timeout"),
}


class Silence(web.StreamResponse):
    """Tells aiohttp that the response has already been written to the transport."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def error_answer(
    status: int, request_id: str, shape: str | None = None, code: str | None = None, message: str | None = None
) -> Answer:
    """An error in one of the shapes gateway, workspace, iam, html and empty."""
    usual = USUAL_ERRORS.get(status, ("workspace", f"WKS.{status:04d}", f"Simulated error {status}"))
    shape = shape or usual[0]
    code = code or usual[1]
    message = usual[2] if message is None else message
    if shape == "gateway":
        return gateway_error(status, code, message, request_id)
    if shape == "iam":
        return iam_error(status, message)
    if shape == "html":
        return html_answer(status, html.escape(message))
    if shape == "empty":
        return Answer(status, b"")
    return workspace_error(status, code, message)


def _status(options: dict[str, Any], request_id: str) -> Answer:
    status = int(options.get("status", 500))
    if "json" in options:
        answer = json_answer(status, options["json"])
    elif "body" in options:
        answer = Answer(status, options["body"].encode(), {"Content-Type": "text/plain; charset=utf-8"})
    else:
        given = (options.get(name) for name in ("shape", "error_code", "error_msg"))
        answer = error_answer(status, request_id, *given)
    if "retry_after" in options:
        answer.headers["Retry-After"] = str(options["retry_after"])
    if "retry_after_date" in options:
        answer.headers["Retry-After"] = formatdate(time.time() + options["retry_after_date"], usegmt=True)
    return answer


def replace(fault: Fault, incoming: Incoming) -> Answer | None:
    """The response instead of the regular one; None for kinds that need the regular one."""
    options = fault.options
    if fault.kind == "status":
        return _status(options, incoming.request_id)
    if fault.kind == "html":
        return html_answer(200, "Please log in")
    if fault.kind == "json":
        return json_answer(200, options["json"])
    if fault.kind == "redirect":
        return Answer(int(options.get("status", 302)), b"", {"Location": options["to"]})
    return None


def change(fault: Fault, answer: Answer) -> Answer:
    """The regular response with the changes of the fault, if any."""
    if fault.kind == "edit":
        answer = json_answer(answer.status, {**json.loads(answer.body), **fault.options["set"]}, answer.headers)
    elif fault.kind == "bad_gzip":
        answer.headers["Content-Encoding"] = "gzip"
    return answer


DELIVERIES = ("truncate", "reset", "close", "hang", "drip", "bomb")
"""Kinds that change how the response is sent."""

WITHOUT_ANSWER = ("reset", "close", "hang", "bomb")
"""Kinds of `DELIVERIES` that do not send the regular response."""


def _cut(transport: asyncio.Transport) -> None:
    # With a linger time of zero, the kernel sends a reset.
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _head(answer: Answer, *, chunked: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}"]
    headers = dict(answer.headers)
    headers["Connection"] = "close"
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
    else:
        headers["Content-Length"] = str(len(answer.body))
    lines.extend("{}: {}".format(*item) for item in headers.items())
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


async def _drip(transport: asyncio.Transport, content: bytes, options: dict[str, Any]) -> None:
    for position in range(len(content)):
        if transport.is_closing():
            return
        transport.write(content[position : position + 1])
        await asyncio.sleep(float(options.get("delay", 0.1)))


def bomb_content(options: dict[str, Any]) -> Iterator[bytes]:
    """A small object with many spaces, in compressed pieces of 1 MiB."""
    compress: Callable[[bytes], bytes] = bytes
    flush: Callable[[], bytes] = bytes
    if options.get("encoding", "gzip") == "gzip":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        compress, flush = packer.compress, packer.flush
    yield compress(b"{")
    blanks = b" " * (1 << 20)
    for _mib in range(int(options.get("mib", 1024))):
        yield compress(blanks)
    yield compress(b'"desktops": [], "total_count": 0}')
    yield flush()


async def _bomb(request: web.BaseRequest, options: dict[str, Any], headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=200, headers={**headers, "Content-Type": "application/json"})
    encoding = options.get("encoding", "gzip")
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    response.enable_chunked_encoding()
    try:
        await response.prepare(request)
        for piece in bomb_content(options):
            if piece:
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
    transport = request.transport
    options = fault.options
    if fault.kind == "bomb":
        return await _bomb(request, options, headers)
    if transport is None:
        return Silence()
    answer.headers = {**headers, **answer.headers}
    if fault.kind == "reset":
        _cut(transport)
    elif fault.kind == "close":
        transport.close()
    elif fault.kind == "hang":
        await asyncio.sleep(float(options.get("seconds", 3600)))
        transport.close()
    elif fault.kind == "truncate":
        part = answer.body[: int(options.get("bytes", len(answer.body) // 2))]
        chunked = bool(options.get("chunked", False))
        transport.write(_head(answer, chunked=chunked))
        if chunked:
            # The size of the chunk is correct, but the last chunk of size 0 is missing.
            transport.write(b"%x\r\n%s\r\n" % (len(part), part) if part else b"")
        else:
            transport.write(part)
        if options.get("reset", False):
            # A reset discards data that the client has not read yet.
            await asyncio.sleep(0.05)
            _cut(transport)
        else:
            transport.close()
    elif fault.kind == "drip":
        transport.write(_head(answer, chunked=False))
        await _drip(transport, answer.body, options)
        transport.close()
    return Silence()
