# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn what was measured into tables for the terminal and the guide, and into a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.cases import LATENCY, LIMIT, Imports, Single, Size, Throttled, Users
from bench.scale import Compared

_BEGIN = ".. What follows is written by make bench.\n"
_END = ".. That was written by make bench.\n"


@dataclass(frozen=True)
class Table:
    """A table with a heading row."""

    title: str
    rows: tuple[tuple[str, ...], ...]

    def plain(self) -> str:
        widths = [max(len(row[column]) for row in self.rows) for column in range(len(self.rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in self.rows]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.title, "", *lines, ""])

    def rst(self) -> str:
        lines = [f".. list-table:: {self.title}", "   :header-rows: 1", ""]
        for row in self.rows:
            lines += [f"   {'*' if at == 0 else ' '} - {cell}".rstrip() for at, cell in enumerate(row)]
        return "\n".join([*lines, ""])


def single_table(found: Sequence[Single]) -> Table:
    rows = [
        (
            "A single call",
            "Seconds",
            "ping",
            "Against ping (medians)",
            "Against ping (pairs)",
            "Processor time against ping",
        )
    ]
    rows += [
        (
            one.module.rpartition(".")[2],
            f"{one.seconds:.2f}",
            f"{one.ping:.2f}",
            f"{one.of_medians:.2f}",
            f"{one.of_pairs:.2f}",
            f"{one.of_cpu:.2f}",
        )
        for one in found
    ]
    return Table("A single call against ansible.builtin.ping", tuple(rows))


def users_table(found: Sequence[Users], users: int, requests: int) -> Table:
    fast = next(one for one in found if one.way == "module" and one.at_once == 4)
    rows = [
        (
            "Client",
            "Concurrency",
            "Seconds",
            "Ideal",
            "(Time - ping) / ideal",
            "Time / (ideal + ping)",
            "Ratio to the module with 4",
            "The same without ping",
        )
    ]
    for one in found:
        note = "" if one.measured == requests else f" (from {one.measured} requests)"
        rows.append(
            (
                one.way + note,
                str(one.at_once),
                f"{one.seconds:.1f}",
                f"{one.ideal:.2f}",
                f"{one.over_ping:.2f}",
                f"{one.whole:.2f}",
                f"{one.seconds / fast.seconds:.1f}",
                f"{(one.seconds - one.ping) / (fast.seconds - fast.ping):.1f}",
            )
        )
    return Table(f"{users} users, ten per request, {LATENCY * 1000:.0f} ms per request", tuple(rows))


def throttled_table(found: Sequence[Throttled]) -> Table:
    rows = [("Projects side by side", "Requests", "Seconds", "ping", "Least", "(Time - ping) / least", "Refused")]
    rows += [
        (
            str(one.projects),
            str(one.requests),
            f"{one.seconds:.1f}",
            f"{one.ping:.1f}",
            f"{one.least:.0f}",
            f"{one.over_least:.2f}",
            str(one.refused),
        )
        for one in found
    ]
    return Table(f"At a limit of {LIMIT[0]} requests in {LIMIT[1]} s, which all projects share", tuple(rows))


def sizes_table(found: Sequence[Size]) -> Table:
    rows = [
        (
            "Records",
            "Seconds",
            "Empty module",
            "Share of Ansible",
            "Module MiB",
            "Empty module MiB",
            "ansible-playbook MiB",
        )
    ]
    rows += [
        (
            f"{one.records:,}",
            f"{one.seconds:.2f}",
            f"{one.empty:.2f}",
            # Close to a ping it would be a ratio of two small differences.
            f"{one.share:.0%}" if one.seconds - one.ping > 0.5 else "",
            f"{one.memory.module:.0f}",
            f"{one.empty_memory.module:.0f}",
            f"{one.memory.ansible:.0f}",
        )
        for one in found
    ]
    return Table("Results of many records, without latency", tuple(rows))


def scale_table(found: Sequence[Compared]) -> Table:
    rows = [("Task", "Seconds", "Requests", "Compared with", "Seconds", "Ratio")]
    rows += [
        (
            one.what,
            f"{one.seconds:.1f}",
            str(one.requests),
            one.beside,
            f"{one.beside_seconds:.1f}",
            f"{one.ratio:.2f}",
        )
        for one in found
    ]
    return Table("Many desktops and many projects, without latency", tuple(rows))


def imports_table(found: Imports) -> Table:
    rows = [("Imported by the module", "Milliseconds", "Files")]
    rows += [(name, f"{spent:.0f}", str(count)) for name, spent, count in found.rows]
    rows.append(("total", f"{found.total:.0f}", str(sum(count for _name, _spent, count in found.rows))))
    return Table("Imports", tuple(rows))


def write_guide(guide: Path, machine: str, tables: Sequence[Table]) -> None:
    """Replace what the run before wrote between two comments of the guide."""
    text = guide.read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    numbers = "\n".join(table.rst() for table in tables)
    guide.write_text(f"{before}{_BEGIN}\nMeasured with {machine}.\n\n{numbers}\n{_END}{after}", encoding="utf-8")


def write_plot(path: Path, users: Sequence[Users], sizes: Sequence[Size]) -> None:
    """Two bar charts: the ways to read the users, and the time of large results."""
    # So that a repeated run changes numbers only, and no fonts are drawn as paths.
    mpl.rcParams.update({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9})
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)

    bars = [(f"module, concurrency {one.at_once}" if one.way == "module" else one.way, one) for one in users][::-1]
    left.barh([name for name, _one in bars], [one.seconds for _name, one in bars], color="#4878a8", label="measured")
    left.barh(
        [name for name, _one in bars], [one.ideal for _name, one in bars], color="#c9d8e6", height=0.4, label="ideal"
    )
    for at, (_name, one) in enumerate(bars):
        left.text(one.seconds, at, f" {one.seconds:.1f} s", va="center")
    left.set_xscale("log")
    left.set_xlim(right=max(one.seconds for one in users) * 3)
    left.set_xlabel("seconds (logarithmic)")
    left.set_title("All users at 50 ms a request")
    left.legend(loc="upper right", frameon=False)

    places = range(len(sizes))
    right.bar(
        [at - 0.2 for at in places], [one.seconds for one in sizes], 0.4, color="#4878a8", label="connect_desktops_info"
    )
    right.bar([at + 0.2 for at in places], [one.empty for one in sizes], 0.4, color="#c9d8e6", label="empty module")
    right.set_xticks(list(places), [f"{one.records:,}" for one in sizes])
    right.set_xlabel("records")
    right.set_ylabel("seconds")
    right.set_title("Large results")
    right.legend(loc="upper left", frameon=False)
    figure.savefig(path, metadata={"Date": None})
    path.write_text(
        "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()) + "\n", encoding="utf-8"
    )
