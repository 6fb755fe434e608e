# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the process that started the simulator still runs, so that none is left behind."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Callable

EVERY = 0.25
"""Seconds between two looks."""


def is_alive(pid: int) -> bool:
    """Whether that process runs; one that has ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        # No /proc on this system: a zombie then counts as alive until it is waited for.
        return True
    # The second field is the program's name in parentheses, and may hold anything.
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


async def watch(pid: int, ended: Callable[[], None]) -> None:
    """Call ``ended`` once the process is gone."""
    ours = os.getppid() == pid
    while is_alive(pid) and (not ours or os.getppid() == pid):
        await asyncio.sleep(EVERY)
    ended()
