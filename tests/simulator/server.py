# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server, which also applies faults."""

from __future__ import annotations

import asyncio
import email.utils
import random
import re
import ssl
import time
import uuid
import zlib

from aiohttp import web

from simulator.answers import Answer, Incoming, split_target
from simulator.behaviour import ON_TOP, Fault
from simulator.cloud import Cloud
from simulator.control import Control
from simulator.faults import DELIVERIES, WITHOUT_ANSWER, change, deliver, replace
from simulator.record import SHOWN_HEADERS, Entry, Record

SIGNED_HEADERS = re.compile(r"SignedHeaders=([^,\s]*)")

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
        self._rng = random.Random(f"{cloud.account.seed}/jitter")
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
        request_id = uuid.uuid4().hex
        target = request.raw_path
        path, query = split_target(target)
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            lower = name.lower()
            headers[lower] = headers[lower] + "," + value if lower in headers else value
        if self._control.serves(path):
            body = await request.read()
            incoming = Incoming(request.method, target, path, query, headers, body, request_id)
            answer = self._control.answer(incoming)
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        entry = self._entry(request, target, path, query, headers, request_id)
        self._record.begin(entry)
        try:
            body = await request.read()
            incoming = Incoming(request.method, target, path, query, headers, body, request_id)
            return await self._respond(request, incoming, entry)
        finally:
            self._record.finish(entry)

    def _entry(
        self,
        request: web.BaseRequest,
        target: str,
        path: str,
        query: list[tuple[str, str]],
        headers: dict[str, str],
        request_id: str,
    ) -> Entry:
        authorization = headers.get("authorization", "")
        signed = SIGNED_HEADERS.search(authorization)
        auth = None
        if "x-auth-token" in headers:
            auth = "token"
        elif authorization:
            auth = authorization.split(" ", 1)[0]
        return Entry(
            method=request.method,
            target=target,
            path=path,
            query=query,
            header_names=[name for name, _value in request.headers.items()],
            headers={name: headers[name] for name in SHOWN_HEADERS if name in headers},
            user_agent=headers.get("user-agent"),
            signed_headers=signed.group(1) if signed else None,
            x_sdk_date=headers.get("x-sdk-date"),
            auth=auth,
            connection=self._record.connection(request.transport),
            request_id=request_id,
            start=time.time(),
        )

    async def _respond(self, request: web.BaseRequest, incoming: Incoming, entry: Entry) -> web.StreamResponse:
        behaviour = self._cloud.behaviour
        if behaviour.latency or behaviour.jitter:
            await asyncio.sleep(behaviour.latency + self._rng.uniform(0, behaviour.jitter))
        faults = self._cloud.take_faults(incoming.method, incoming.target)
        entry.fault = "+".join(fault.kind for fault in faults) or None
        acting = [fault for fault in faults if fault.kind not in ON_TOP]
        fault = acting[0] if acting else None
        answer = self._answer(incoming, fault)
        always = self._always(incoming)
        if fault is not None and fault.kind in DELIVERIES:
            if fault.kind not in WITHOUT_ANSWER:
                entry.status = answer.status
                self._compress(incoming, answer)
            return await deliver(fault, request, answer, always)
        entry.status = answer.status
        self._compress(incoming, answer)
        return web.Response(status=answer.status, headers={**always, **answer.headers}, body=answer.body)

    def _answer(self, incoming: Incoming, fault: Fault | None) -> Answer:
        if fault is not None:
            if fault.kind in WITHOUT_ANSWER:
                return Answer(200, b"")
            replaced = replace(fault, incoming)
            if replaced is not None:
                return replaced
        throttled = self._cloud.throttle(incoming)
        if throttled is not None:
            return throttled
        answer = self._cloud.answer(incoming)
        return answer if fault is None else change(fault, answer)

    def _always(self, incoming: Incoming) -> dict[str, str]:
        now = email.utils.formatdate(self._cloud.gateway.now(), usegmt=True)
        headers = {"Server": "api-gateway", "X-Request-Id": incoming.request_id, "Date": now}
        if incoming.path.startswith(("/v3/", "/v3.0/")):
            region = self._cloud.account.projects[0].region
            headers["X-IAM-Trace-Id"] = f"token_{region}_null_{incoming.request_id}"
        return headers

    def _compress(self, incoming: Incoming, answer: Answer) -> None:
        behaviour = self._cloud.behaviour
        accepted = [item.split(";")[0].strip() for item in incoming.headers.get("accept-encoding", "").split(",")]
        if (
            "gzip" in accepted
            and len(answer.body) >= behaviour.gzip_min_bytes
            and "Content-Encoding" not in answer.headers
        ):
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            answer.body = packer.compress(answer.body) + packer.flush()
            answer.headers["Content-Encoding"] = "gzip"
