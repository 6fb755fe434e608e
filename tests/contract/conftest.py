# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for the tests of a file, and how many services the tests of properties try."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from simulator.client import Simulator

settings.register_profile(
    "usual",
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=2000)
settings.load_profile("usual")


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A simulator of what the file names C(FLEET)."""
    with Simulator(**request.module.FLEET) as found:
        yield found


@pytest.fixture
def cloud(shared: Simulator) -> Simulator:
    """The same as it was after its start."""
    shared.reset()
    return shared
