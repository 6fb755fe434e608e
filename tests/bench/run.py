# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure, print the tables, and write them and a plot into docs/; `make bench`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.client import SimulatorError

from bench import cases, report, scale
from bench.workbench import ROOT, BenchError, workbench

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_performance.rst"
PLOT = ROOT / "docs" / "performance.svg"


def main() -> int:
    """Measure everything; no time is too long, only what does not work is a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little of everything, and docs/ stays as it is")
    quick: bool = parser.parse_args().quick
    effort = cases.QUICK if quick else cases.Effort()
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] measuring {what}", flush=True)

    try:
        with workbench() as bench:
            imports = cases.imports(bench, say)
            single = cases.single_calls(bench, effort, say)
            users = cases.many_users(bench, effort, say)
            throttled = cases.at_a_limit(bench, effort, say)
            sizes = cases.sizes(bench, effort, say)
            scaled = [
                *scale.many_desktops(bench, effort.many_desktops, say),
                *scale.pool_check(bench, effort.checked, effort.rounds, say),
                *scale.audits(bench, effort.audited, say),
                *scale.many_projects(bench, effort.projects, say),
                *scale.inventory(bench, effort.hosts, say),
            ]
    except (BenchError, SimulatorError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    tables = [
        report.single_table(single),
        report.users_table(users, effort.users, effort.users // cases.IDS_A_REQUEST),
        report.throttled_table(throttled),
        report.sizes_table(sizes),
        report.scale_table(scaled),
        report.imports_table(imports),
    ]
    print(f"\n{cases.machine()}; {time.monotonic() - began:.0f} s\n")
    for table in tables:
        print(table.plain())
    if not quick:
        report.write_guide(GUIDE, cases.machine(), tables)
        report.write_plot(PLOT, users, sizes)
        print(f"Written: {GUIDE.relative_to(ROOT)}, {PLOT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
