# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work for many things side by side."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.concurrency import side_by_side


def test_results_are_in_the_order_of_the_items() -> None:
    def work(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number * 2

    assert side_by_side(work, [], width=4) == []
    assert side_by_side(work, range(30), width=4) == [number * 2 for number in range(30)]


def test_never_more_than_the_width_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(_number: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    side_by_side(work, range(40), width=3)
    assert most == 3


def test_the_first_failure_ends_it_without_waiting_for_the_others() -> None:
    started: list[int] = []
    release = threading.Event()

    def work(number: int) -> None:
        started.append(number)
        if number == 1:
            raise ValueError("one")
        release.wait(10)

    began = time.monotonic()
    with pytest.raises(ValueError, match="one"):
        side_by_side(work, range(100), width=2)
    assert time.monotonic() - began < 5
    release.set()
    time.sleep(0.05)
    assert len(started) <= 3
