# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Run a function for many items in parallel, and stop at the first failure."""

from __future__ import annotations

import typing as t
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

Item = t.TypeVar("Item")
Result = t.TypeVar("Result")


def side_by_side(work: t.Callable[[Item], Result], items: t.Sequence[Item], *, width: int) -> list[Result]:
    """Run a function for each item in threads, and return the results in the order of the items.

    @param width: the number of threads, at least 1.
    @raises Exception: the first exception of the function. No further item is started, and this function does not wait
        for the others. The interpreter does so when it exits, so the owner has to cancel them (see `Client.close`).
    """
    if not items:
        return []
    failures: list[BaseException] = []

    def run(item: Item) -> Result:
        if failures:
            raise failures[0]
        try:
            return work(item)
        except BaseException as error:
            failures.append(error)
            raise

    pool = ThreadPoolExecutor(width)
    futures = [pool.submit(run, item) for item in items]
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
        if failures:
            raise failures[0]
        return [future.result() for future in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
