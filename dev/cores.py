# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the releases of ansible-core and the Pythons that each supports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import project

#: The oldest ansible-core that meta/runtime.yml admits is 2.16.
FIRST = 16
#: New enough for every release of ansible-core; only used to resolve versions.
_ANY_PYTHON = "3.14"


@dataclass(frozen=True)
class Core:
    """One release series of ansible-core, at its newest release."""

    series: str
    version: str
    controllers: list[str]
    targets: list[str]


def _newest(series: int) -> str | None:
    """Return the newest release of 2.<series> on the index, else its newest candidate, else None."""
    uv = [str(project.BIN / "uv"), "pip", "compile", "--quiet", "--no-deps", "--no-header", "--no-annotate"]
    for wanted in (f"ansible-core==2.{series}.*", f"ansible-core>=2.{series}.0b1,<2.{series + 1}.0.dev0"):
        resolved = project.answer(*uv, "--python-version", _ANY_PYTHON, "-", stdin=wanted)
        if found := re.search(r"^ansible-core==(\S+)", resolved.output, re.MULTILINE):
            return found.group(1)
        if "No solution found" not in resolved.output:
            raise SystemExit(f"The package index cannot be read: {resolved.output}")
    return None


def _pythons(constants: Path, name: str) -> list[str]:
    """Read one list of Python versions from ansible-test's constants."""
    found = re.search(rf"^{name} = \((.*?)\)", constants.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return re.findall(r"'([\d.]+)'", found.group(1)) if found else []


def newest_of_each() -> Iterator[Core]:
    """Yield every series from the first to the newest on the index."""
    for series in count(FIRST):
        version = _newest(series)
        if version is None:
            return
        # Unpacked to read its constants, which name the interpreters that it supports.
        unpacked = project.CACHE / "cores" / version
        constants = unpacked / "ansible_test" / "_util" / "target" / "common" / "constants.py"
        if not constants.exists():
            uv = [str(project.BIN / "uv"), "pip", "install", "--quiet", "--no-deps", "--target", str(unpacked)]
            if not project.succeeds(*uv, "--python-version", _ANY_PYTHON, f"ansible-core=={version}"):
                raise SystemExit(f"ansible-core {version} cannot be unpacked")
        controllers = _pythons(constants, "CONTROLLER_PYTHON_VERSIONS")
        only_targets = _pythons(constants, "REMOTE_ONLY_PYTHON_VERSIONS")
        yield Core(f"2.{series}", version, controllers, only_targets + controllers)
