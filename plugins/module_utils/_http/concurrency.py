# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""Run the same work for many things side by side, and stop at the first failure."""

from __future__ import annotations

import queue
import threading
import typing as t

Item = t.TypeVar("Item")
Result = t.TypeVar("Result")


def side_by_side(
    work: t.Callable[[Item], Result],
    items: t.Iterable[Item],
    *,
    width: int,
    is_last: t.Callable[[Result], bool] = lambda result: False,
) -> list[Result]:
    """The results of the work for each item, in the order of the items.

    Threads are daemons, unlike those of C(concurrent.futures): after a failure the process does not wait for a
    request that hangs.

    @param items: may be endless if C(is_last) ends it; taken one by one, when a thread is free for it.
    @param width: how many at a time, at least 1.
    @param is_last: after such a result no further item is taken; up to C(width) - 1 taken before may come after it.
    @raises Exception: the first that the work raised; nothing is started after it.
    """
    waiting = iter(items)
    taking = threading.Lock()
    stopped = threading.Event()
    finished: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    taken = 0

    def take() -> tuple[int, Item] | None:
        nonlocal taken
        with taking:
            if stopped.is_set():
                return None
            for item in waiting:
                taken += 1
                return taken - 1, item
            return None

    def run() -> None:
        job = take()
        while job is not None:
            number, item = job
            try:
                result = work(item)
                if is_last(result):
                    stopped.set()
            except BaseException as error:
                stopped.set()
                finished.put((number, None, error))
                return
            finished.put((number, result, None))
            job = take()
        finished.put((-1, None, None))

    threads = [threading.Thread(target=run, daemon=True) for _number in range(width)]
    for thread in threads:
        thread.start()
    results: dict[int, Result] = {}
    running = width
    while running:
        number, result, error = finished.get()
        if error is not None:
            raise error
        if number < 0:
            running -= 1
        else:
            results[number] = t.cast(Result, result)
    return [results[number] for number in range(taken)]
