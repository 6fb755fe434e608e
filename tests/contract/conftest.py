# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulator.client import Simulator


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A simulator of what the file names `FLEET`."""
    with Simulator(**request.module.FLEET) as found:
        yield found


@pytest.fixture
def cloud(shared: Simulator) -> Simulator:
    """The same as it was after its start."""
    shared.reset()
    return shared
