# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source that runs for long does not grow: thousands of checks in this process, whose answers come from a function."""

from __future__ import annotations

import asyncio
import gc
import json
import runpy
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.transport import RawResponse, Transport
from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "desktop_connections.py"

DESKTOPS, CHANGING, CHECKS = 500, 50, 2000
#: By then everything that is kept has been there once.
WARM = 200


def _page(status: str, count: int = DESKTOPS) -> bytes:
    """A list of desktops, of which a few have another status each time."""
    desktops = [
        {
            "desktop_id": f"5ff4a3f4-5b0c-4a3c-8f5e-{number:012}",
            "desktop_name": f"desk-{number:05}",
            "connect_status": status if number % CHANGING == 0 else "REGISTERED",
            "attach_users": [{"id": f"u{number}", "name": f"user{number}", "user_group": "users", "type": "USER"}],
        }
        for number in range(count)
    ]
    return json.dumps({"desktops": desktops, "total_count": DESKTOPS}).encode()


def test_memory_and_connections_of_a_long_run_do_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pages, empty = [_page(status) for status in ("CONNECTED", "REGISTERED")], _page("", 0)
    sizes: list[int] = []
    checks = taken = 0

    def exchange(_self: Transport, request: PreparedRequest, _seconds: float, **_more: Any) -> RawResponse:
        beyond = parse_qs(urlsplit(str(request.url)).query).get("offset", ["0"]) != ["0"]
        return RawResponse(200, CaseInsensitiveDict(), empty if beyond else pages[checks % len(pages)])

    monkeypatch.setattr(Transport, "exchange", exchange)
    place = {"endpoint": "https://workspace.example.com", "project_id": "0123456789abcdef0123456789abcdef"}
    args = {**place, "access_key": "AK", "secret_key": "SK", "interval": 1e-6}

    async def steps() -> None:
        nonlocal checks, taken
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        main = runpy.run_path(str(FILE))["main"]
        task = asyncio.create_task(main(queue, {**args, "events": ["snapshot", "connected", "released"]}))
        while checks < CHECKS:
            taken += 1
            if (await queue.get())["desktop_connections"]["type"] == "snapshot":
                checks += 1
                if checks in (WARM, CHECKS):
                    gc.collect()
                    sizes.append(sys.getallocatedblocks())
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(steps())
    assert taken > CHECKS * (DESKTOPS / CHANGING)
    # One object for every other check would be more.
    assert sizes[1] < sizes[0] + CHECKS / 2
