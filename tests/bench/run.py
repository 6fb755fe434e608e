# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the ratios of tests/bench/README.md and write them there; `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.client import SimulatorError

from bench.cases import CASES
from bench.workbench import BenchError, Measured, Workbench

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- written by make bench -->\n", "<!-- end -->\n"
_HEADING = "| task | seconds | compared with | seconds | ratio | processor time |\n|---|--:|---|--:|--:|--:|\n"


def row(one: Measured) -> str:
    """A row of the table."""
    cpu = "" if one.cpu_ratio is None else f"{one.cpu_ratio:.2f}"
    numbers = (f"{one.seconds:.2f}", one.comparison.against, f"{one.other_seconds:.2f}", f"**{one.ratio:.2f}**", cpu)
    return f"| {one.comparison.what} | {' | '.join(numbers)} |\n"


def machine() -> str:
    """The machine and the versions."""
    cores = f"{os.cpu_count()} cores (load average {os.getloadavg()[2]:.1f})"
    return f"Measured with {cores}, Python {platform.python_version()}, ansible-core {version('ansible-core')}.\n"


def main() -> int:
    """Measure; a command that fails is a failure, a slow one is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run of each, and the table is not written")
    parser.add_argument("cases", nargs="*", help=f"some of {', '.join(CASES)}; the table is not written")
    options = parser.parse_args()
    began, rows = time.monotonic(), ""
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            bench = Workbench(Path(folder))
            for name in options.cases or CASES:
                for comparison in CASES[name](bench):
                    rows += (line := row(bench.compare(comparison, quick=options.quick)))
                    print(f"[{time.monotonic() - began:4.0f} s] {line}", end="", flush=True)
    except (BenchError, SimulatorError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    if not (options.quick or options.cases):
        before, _begin, rest = README.read_text(encoding="utf-8").partition(_BEGIN)
        table = f"{before}{_BEGIN}\n{machine()}\n{_HEADING}{rows}\n{_END}{rest.partition(_END)[2]}"
        README.write_text(table, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
