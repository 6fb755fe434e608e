# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for the tests of a file, as new for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from simulator.client import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with Simulator(desktops=330, users=57, pools=5, projects=3, accounts=2, seed=11) as found:
        yield found
        assert found.errors() == "", "it made a mistake of its own"


@pytest.fixture
def sim(shared: Simulator) -> Simulator:
    """The shared simulator, as it was right after its start."""
    shared.reset()
    return shared
