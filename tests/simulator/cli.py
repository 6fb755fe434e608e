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

from simulator.behaviour import Behaviour, BehaviourError
from simulator.cloud import Cloud
from simulator.parent import watch
from simulator.record import Record
from simulator.seed import FleetPlan, make_account
from simulator.server import LoopbackError, SimulatorServer, check_loopback
from simulator.tenant import Account, TenantError
from simulator.tenant_file import load_account


def share(text: str) -> tuple[str, float]:
    """STATUS=SHARE, e.g. CONNECTED=0.1."""
    status, equals, number = text.partition("=")
    try:
        if equals:
            return status, float(number)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not STATUS=SHARE, as in CONNECTED=0.1")


def json_value(text: str) -> Any:
    """JSON, or @FILE with JSON in it."""
    try:
        return json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except (OSError, ValueError) as problem:
        raise argparse.ArgumentTypeError(f"{text}: {problem}") from None


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="simulator",
        description="A simulated Huawei Cloud Workspace account on loopback, for tests and demonstrations.",
    )
    listen = found.add_argument_group("where to listen")
    listen.add_argument("--host", default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    listen.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    listen.add_argument("--ready-file", type=Path, metavar="PATH", help="gets the base URL once it listens")
    listen.add_argument("--env", action="store_true", help="print the lines that export what a user needs, not the URL")
    listen.add_argument("--tls-cert", type=Path, metavar="PEM", help="serve https with this certificate chain")
    listen.add_argument("--tls-key", type=Path, metavar="PEM", help="its private key, if not in the same file")
    life = found.add_argument_group("life")
    life.add_argument(
        "--parent",
        type=int,
        metavar="PID",
        help="end when this process ends (default: the one that started it; 0: none)",
    )
    life.add_argument("--log", type=Path, metavar="FILE", help="one line a request (default: standard error)")
    fleet = found.add_argument_group("tenant")
    fleet.add_argument("--tenant", type=Path, metavar="YAML", help="a tenant written by hand, see README.md")
    fleet.add_argument("--seed", type=int, default=1, help="other numbers make other tenants (default: 1)")
    fleet.add_argument("--desktops", type=int, metavar="N", help="per project (default: 30)")
    fleet.add_argument("--users", type=int, metavar="N", help="per project (default: 24)")
    fleet.add_argument("--pools", type=int, metavar="N", help="per project (default: 4)")
    fleet.add_argument(
        "--status",
        type=share,
        action="append",
        default=[],
        metavar="STATUS=SHARE",
        help="e.g. CONNECTED=0.1; repeatable",
    )
    fleet.add_argument("--projects", type=int, metavar="N", help="each in a region of its own (default: 1)")
    fleet.add_argument("--human-names", action="store_true", help="names of people only, none that breaks things")
    fleet.add_argument(
        "--accounts", type=int, default=0, metavar="N", help="others, each with a project and the agency audit"
    )
    fleet.add_argument(
        "--token-size", type=int, default=1024, metavar="N", help="characters of a token (default: 1024)"
    )
    manners = found.add_argument_group("behaviour")
    manners.add_argument(
        "--behaviour", type=json_value, default={}, metavar="JSON", help="standing behaviours and faults, or @FILE"
    )
    return found


def maker_of(options: argparse.Namespace) -> Callable[[float], Account]:
    """A function that makes the account, given the time it is."""
    plan = FleetPlan(shares=dict(options.status), human_names=options.human_names)
    sizes = {name: getattr(options, name) for name in ("desktops", "users", "pools")}
    for name, size in sizes.items():
        if size is not None:
            setattr(plan, name, size)
    path: Path | None = options.tenant
    if path is None:
        return lambda now: make_account(
            seed=options.seed,
            projects=1 if options.projects is None else options.projects,
            plan=plan,
            now=now,
            token_size=options.token_size,
            accounts=options.accounts,
        )
    if options.status or options.projects is not None or any(size is not None for size in sizes.values()):
        raise TenantError(
            "--tenant says what there is; --desktops, --users, --pools, --status and --projects do not go with it"
        )
    return lambda now: load_account(path, seed=options.seed, now=now, token_size=options.token_size)


def write_ready_file(path: Path, url: str) -> None:
    """At once and whole, so that whoever waits for it never reads half a URL."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(url + "\n", encoding="ascii")
    draft.replace(path)


def exports(info: dict[str, Any]) -> str:
    """Lines for a shell, after which the collection, the SDK and Terraform ask the simulator."""
    values = {
        "HW_REGION_NAME": info["region"],
        "HUAWEICLOUD_SDK_PROJECT_ID": info["project_id"],
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
        "HUAWEICLOUD_SDK_REGION_WORKSPACE_" + info["region"].upper().replace("-", "_"): info["url"],
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items() if value)


async def serve(options: argparse.Namespace, parent: int, cloud: Cloud, log: TextIO) -> None:
    context = None
    if options.tls_cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls_cert, options.tls_key)
    server = SimulatorServer(cloud, Record(log))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    watcher = asyncio.ensure_future(watch(parent, server.stop)) if parent else None
    url = await server.start(options.host, options.port, context)
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
        check_loopback(options.host)
        if options.tls_key is not None and options.tls_cert is None:
            raise TenantError("--tls-key needs --tls-cert")
        cloud = Cloud(maker_of(options), Behaviour().changed(options.behaviour))
    except (BehaviourError, LoopbackError, TenantError) as problem:
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
