# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shlex
import signal
import ssl
import sys
from pathlib import Path
from typing import Any, TextIO

import requests

from simulator import MistakeError
from simulator.behaviour import Behaviour
from simulator.cloud import Cloud
from simulator.record import Record
from simulator.seed import make_account
from simulator.server import SimulatorServer
from simulator.tenant import Account
from simulator.tenant_file import load_account

PARENT_SECONDS = 0.25
"""Seconds between checks whether the parent process still runs."""


GUIDE = """\
The simulator runs at {url}. Ctrl-C ends it. In another terminal:

    eval "$({python} {here} --env {url})"
    ansible localhost -m huaweicloud.workspace.workspace_connect_desktops_info

If the collection is not installed, run `make build` and `ansible-galaxy collection install dist/*.tar.gz` first.
"""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="simulator",
        description="A simulated Huawei Cloud Workspace account on loopback, for tests and demonstrations.",
    )
    add = found.add_argument
    add("--port", type=int, default=0, help="the port (default: 0, a free port)")
    add("--ready-file", type=Path, metavar="PATH", help="write the base URL to this file when it listens")
    add("--guide", action="store_true", help="print how to use it from another terminal instead of the URL")
    add("--env", metavar="URL", help="print export commands for the simulator that runs there, and end")
    add("--tls-cert", type=Path, metavar="PEM", help="serve https with this private key and certificate chain")
    add("--parent", type=int, metavar="PID", help="end with this process (default: the parent process; 0: none)")
    add("--log", type=Path, metavar="FILE", help="write a line for each request (default: standard error)")
    add("--seed", type=int, default=1, help="the seed of the generated tenant (default: 1)")
    add("--tenant", type=Path, metavar="YAML", help="a file with the tenant, see README.md")
    add("--fleet", type=json.loads, default={}, metavar="JSON", help="the size of the generated tenant, see README.md")
    add("--behaviour", type=json.loads, default={}, metavar="JSON", help="behaviours and faults")
    return found


def make(options: argparse.Namespace) -> Account:
    """Create the account."""
    if options.tenant is None:
        return make_account(seed=options.seed, **options.fleet)
    if options.fleet:
        raise MistakeError("--tenant says what there is; --fleet does not go with it")
    return load_account(options.tenant, seed=options.seed)


def variables(info: dict[str, Any]) -> dict[str, str]:
    """The environment variables that configure the collection, the SDK and Terraform for the simulator.

    They do not set a project ID, which would select the same project for all regions.
    """
    values = {
        f"HUAWEICLOUD_SDK_REGION_WORKSPACE_{region.upper().replace('-', '_')}": info["url"]
        for region in info["regions"]
    }
    return values | {
        "HW_REGION_NAME": info["region"],
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
    }


def print_exports(url: str) -> int:
    """Print shell commands that set `variables` of a running simulator, and return the exit code."""
    session = requests.Session()
    session.trust_env = False  # no proxy of the machine
    try:
        info = session.get(f"{url.rstrip('/')}/_simulator/", timeout=10).json()
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables(info).items()))
    except (requests.RequestException, KeyError, TypeError) as problem:
        print(f"simulator: no simulator runs at {url}: {problem}", file=sys.stderr)
        return 1
    return 0


async def watch(parent: int, server: SimulatorServer) -> None:
    """Stop the server when the parent process has ended."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)
    server.stop()


async def serve(options: argparse.Namespace, parent: int, cloud: Cloud, log: TextIO) -> None:
    context = None
    if options.tls_cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls_cert)
    server = SimulatorServer(cloud, Record(log))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    watcher = loop.create_task(watch(parent, server)) if parent else None
    url = await server.start(options.port, context)
    if options.ready_file is not None:
        # Atomically, so that no process reads an incomplete URL.
        draft = options.ready_file.with_name(f"{options.ready_file.name}.{os.getpid()}")
        draft.write_text(url + "\n", encoding="ascii")
        draft.replace(options.ready_file)
    if options.guide:
        print(GUIDE.format(url=url, python=sys.executable, here=Path(__file__).parent), flush=True)
    elif options.ready_file is None:
        print(url, flush=True)
    await server.run()
    if watcher is not None:
        watcher.cancel()


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator and return the exit code, 2 for wrong options or a wrong tenant."""
    # Read first, because the parent may end while a large tenant is generated.
    started_by = os.getppid()
    options = parser().parse_args(arguments)
    if options.env:
        return print_exports(options.env)
    try:
        cloud = Cloud(lambda: make(options), Behaviour().changed(options.behaviour))
    except (MistakeError, TypeError) as problem:
        # Python raises a TypeError for unknown keys of a fleet.
        print(f"simulator: error: {problem}", file=sys.stderr)
        return 2
    parent = started_by if options.parent is None else options.parent
    try:
        with contextlib.ExitStack() as opened:
            log = opened.enter_context(options.log.open("a", encoding="utf-8")) if options.log else sys.stderr
            asyncio.run(serve(options, parent, cloud, log))
    except OSError as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 1
    return 0
