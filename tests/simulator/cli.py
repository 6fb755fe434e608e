# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import signal
import ssl
import sys
from pathlib import Path
from typing import Any, Callable, TextIO

from simulator import MistakeError
from simulator.behaviour import Behaviour
from simulator.cloud import Cloud
from simulator.record import Record
from simulator.seed import make_account
from simulator.server import SimulatorServer
from simulator.tenant import Account
from simulator.tenant_file import load_account

PARENT_SECONDS = 0.25
"""Between two looks at whether the parent still runs."""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="simulator",
        description="A simulated Huawei Cloud Workspace account on loopback, for tests and demonstrations.",
    )
    add = found.add_argument
    add("--port", type=int, default=0, help="0, the default, takes a free one")
    add("--ready-file", type=Path, metavar="PATH", help="gets the base URL once it listens")
    add("--env", action="store_true", help="print the lines that export what a user needs, not the URL")
    add("--tls-cert", type=Path, metavar="PEM", help="serve https with this private key and certificate chain")
    add("--parent", type=int, metavar="PID", help="end when it does (default: who started it; 0: no end)")
    add("--log", type=Path, metavar="FILE", help="one line a request (default: standard error)")
    add("--seed", type=int, default=1, help="other numbers make other tenants (default: 1)")
    add("--tenant", type=Path, metavar="YAML", help="a tenant written by hand, see README.md")
    add("--fleet", type=json.loads, metavar="JSON", help="how big a tenant to make up, see README.md")
    add("--behaviour", type=json.loads, default={}, metavar="JSON", help="standing behaviours and faults")
    return found


def maker_of(options: argparse.Namespace) -> Callable[[float], Account]:
    """A function that makes the account, given the time it is."""
    if options.tenant is None:
        return lambda now: make_account(seed=options.seed, now=now, **(options.fleet or {}))
    if options.fleet:
        raise MistakeError("--tenant says what there is; --fleet does not go with it")
    return lambda now: load_account(options.tenant, seed=options.seed, now=now)


def write_ready_file(path: Path, url: str) -> None:
    """At once and whole, so that whoever waits for it never reads half a URL."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(url + "\n", encoding="ascii")
    draft.replace(path)


def exports(info: dict[str, Any]) -> str:
    """Lines for a shell, after which the collection, the SDK and Terraform ask the simulator.

    There is no project ID among them: it would select the same project for every region.
    """
    values = {
        "HW_REGION_NAME": info["region"],
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
    }
    for region in info["regions"]:
        values["HUAWEICLOUD_SDK_REGION_WORKSPACE_" + region.upper().replace("-", "_")] = info["url"]
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items() if value)


async def watch(parent: int, ended: Callable[[], None]) -> None:
    """Call ``ended`` once that process is not this one's parent any more, so that none is left behind."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)
    ended()


async def serve(options: argparse.Namespace, parent: int, cloud: Cloud, log: TextIO) -> None:
    context = None
    if options.tls_cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls_cert)
    server = SimulatorServer(cloud, Record(log))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    watcher = asyncio.ensure_future(watch(parent, server.stop)) if parent else None
    url = await server.start(options.port, context)
    if options.ready_file is not None:
        write_ready_file(options.ready_file, url)
    if options.env:
        print(exports(cloud.info(url)), flush=True)
    elif options.ready_file is None:
        print(url, flush=True)
    await server.run()
    if watcher is not None:
        watcher.cancel()


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator; returns the exit code, 2 for what is wrong with the options or the tenant."""
    # Asked for first: the parent may be gone by the time a big tenant is ready.
    started_by = os.getppid()
    options = parser().parse_args(arguments)
    try:
        cloud = Cloud(maker_of(options), Behaviour().changed(options.behaviour))
    except (MistakeError, TypeError) as problem:
        # Of a fleet's unknown keys, Python complains itself.
        print(f"simulator: error: {problem}", file=sys.stderr)
        return 2
    parent = started_by if options.parent is None else options.parent
    log = sys.stderr if options.log is None else options.log.open("a", encoding="utf-8")
    try:
        asyncio.run(serve(options, parent, cloud, log))
    except OSError as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 1
    finally:
        if log is not sys.stderr:
            log.close()
    return 0
