# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: a running simulator and a way to run a playbook against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from integration import runs
from simulator.client import Simulator


@pytest.fixture(scope="session")
def run_playbook() -> Callable[..., runs.Run]:
    """Run a playbook: C(run_playbook(path, *arguments, env=...))."""
    return runs.run_playbook


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with Simulator(desktops=120, users=60, pools=5, projects=3) as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """A simulator of 3 projects with 120 desktops and 60 users each, as new for every test."""
    _simulator.reset()
    return _simulator
