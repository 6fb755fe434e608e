# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server, which also applies faults."""

from __future__ import annotations

import asyncio
import email.utils
import gzip
import random
import re
import ssl
import uuid
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from simulator.answers import Answer, Incoming
from simulator.behaviour import ON_TOP, Fault
from simulator.cloud import Cloud
from simulator.control import Control
from simulator.faults import DELIVERIES, WITHOUT_ANSWER, deliver, edited, replacement
from simulator.record import Record

SIGNED_HEADERS = re.compile(r"SignedHeaders=([^,\s]*)")
SHOWN_HEADERS = ("accept-encoding", "content-type", "host", "x-project-id", "connection", "accept")

# Far above the limit of the simulated gateway, so that the gateway rejects longer lines.
MOST_LINE = 1 << 20

MOST_HEADER = 1 << 18

# Loopback only, because the secrets of the simulator are publicly known.
HOST = "127.0.0.1"


class SimulatorServer:
    """Handles requests on the loopback interface."""

    def __init__(self, cloud: Cloud, record: Record) -> None:
        self._cloud = cloud
        self._record = record
        self._stopped = asyncio.Event()
        self._control = Control(cloud, record, self._stopped.set)
        self._rng = random.Random(1)
        self._runner: web.ServerRunner | None = None

    async def start(self, port: int, context: ssl.SSLContext | None = None) -> str:
        """Start to listen, and return the base URL."""
        server = web.Server(
            self._handle,
            handler_cancellation=True,
            max_line_size=MOST_LINE,
            max_field_size=MOST_HEADER,
            keepalive_timeout=75,
            access_log=None,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port, ssl_context=context, backlog=1024)
        await site.start()
        self._control.url = f"{'https' if context else 'http'}://{HOST}:{self._runner.addresses[0][1]}"
        return self._control.url

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        """Serve until `stop` is called."""
        await self._stopped.wait()
        # Time to send the response of the shutdown request.
        await asyncio.sleep(0.05)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        target = request.raw_path
        path, _mark, query = target.partition("?")
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            lower = name.lower()
            headers[lower] = headers[lower] + "," + value if lower in headers else value
        pairs = parse_qsl(query, keep_blank_values=True)
        incoming = Incoming(request.method, target, path, pairs, headers, uuid.uuid4().hex)
        if self._control.serves(path):
            incoming.body = await request.read()
            answer = self._control.answer(incoming)
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        entry = self._begin(request, incoming)
        try:
            incoming.body = await request.read()
            return await self._respond(request, incoming, entry)
        finally:
            self._record.finish(entry)

    def _begin(self, request: web.BaseRequest, incoming: Incoming) -> dict[str, Any]:
        """Record the request without its secrets, because the record is printed if a test fails."""
        headers = incoming.headers
        authorization = headers.get("authorization", "")
        signed = SIGNED_HEADERS.search(authorization)
        return self._record.begin(
            request.transport,
            method=incoming.method,
            target=incoming.target,
            path=incoming.path,
            query=incoming.query,
            header_names=list(request.headers),
            headers={name: headers[name] for name in SHOWN_HEADERS if name in headers},
            user_agent=headers.get("user-agent"),
            signed_headers=signed[1] if signed else None,
            x_sdk_date=headers.get("x-sdk-date"),
            auth="token" if "x-auth-token" in headers else authorization.partition(" ")[0] or None,
            request_id=incoming.request_id,
        )

    async def _respond(self, request: web.BaseRequest, incoming: Incoming, entry: dict[str, Any]) -> web.StreamResponse:
        behaviour = self._cloud.behaviour
        if behaviour.latency or behaviour.jitter:
            await asyncio.sleep(behaviour.latency + self._rng.uniform(0, behaviour.jitter))
        faults = self._cloud.take_faults(incoming.method, incoming.target)
        entry["fault"] = "+".join(fault.kind for fault in faults) or None
        fault = next((fault for fault in faults if fault.kind not in ON_TOP), None)
        always = self._always(incoming)
        if fault is not None and fault.kind in WITHOUT_ANSWER:
            return await deliver(fault, request, Answer(200, b""), always)
        answer = self._answer(incoming, fault)
        entry["status"] = answer.status
        self._compress(incoming, answer)
        if fault is not None and fault.kind in DELIVERIES:
            return await deliver(fault, request, answer, always)
        return web.Response(status=answer.status, headers={**always, **answer.headers}, body=answer.body)

    def _answer(self, incoming: Incoming, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind == "status":
            return replacement(fault, incoming)
        answer = self._cloud.throttle(incoming) or self._cloud.answer(incoming)
        return edited(fault, answer) if fault is not None and fault.kind == "edit" else answer

    def _always(self, incoming: Incoming) -> dict[str, str]:
        now = email.utils.formatdate(usegmt=True)
        headers = {"Server": "api-gateway", "X-Request-Id": incoming.request_id, "Date": now}
        if incoming.path.startswith(("/v3/", "/v3.0/")):
            region = self._cloud.account.projects[0].region
            headers["X-IAM-Trace-Id"] = f"token_{region}_null_{incoming.request_id}"
        return headers

    def _compress(self, incoming: Incoming, answer: Answer) -> None:
        accepted = "gzip" in incoming.headers.get("accept-encoding", "")
        long = len(answer.body) >= self._cloud.behaviour.gzip_min_bytes
        if accepted and long and "Content-Encoding" not in answer.headers:
            answer.body = gzip.compress(answer.body, 1)
            answer.headers["Content-Encoding"] = "gzip"
