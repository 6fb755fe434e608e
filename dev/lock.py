# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pin the newest versions of all development tools in dev/requirements/lock.txt.

Public CI installs these versions (UV_CONSTRAINT), so that a new release of a tool cannot break a pull request; its daily
run installs the newest ones. A checkout is free of it: only the lower bounds apply.
"""

from __future__ import annotations

import re
import sys

import project

REQUIREMENTS = project.ROOT / "dev" / "requirements"
#: galaxy-importer and nox ask for versions of attrs that exclude each other. They never share an environment.
APART, SHARED = "galaxy-importer", "attrs"


def session_tools() -> set[str]:
    """Return what the nox sessions install."""
    texts = [(project.ROOT / name).read_text(encoding="utf-8") for name in ("noxfile.py", "antsibull-nox.toml")]
    return {tool for text in texts for tool in re.findall(r'"([a-z][\w.\[\]-]*>=[\d.]+)"', text)}


def compiled(*arguments: str, stdin: str) -> str:
    """Resolve requirements for every Python that the tools run on."""
    uv = [str(project.BIN / "uv"), "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.10"]
    resolved = project.answer(*uv, "--no-annotate", "--no-header", *arguments, "-", stdin=stdin)
    if not resolved.good:
        raise SystemExit(resolved.output)
    return resolved.output


def main() -> int:
    """Write the file."""
    tools = session_tools()
    apart = {tool for tool in tools if tool.startswith(APART)}
    lists = [str(REQUIREMENTS / f"{name}.txt") for name in ("bench", "demo", "lint", "test", "typing")]
    pins = compiled("--no-emit-package", SHARED, *lists, stdin="\n".join(tools - apart))
    pins += compiled("--no-deps", stdin="\n".join(apart))
    header = "# Written by `make lock`: the versions that public CI installs.\n"
    (REQUIREMENTS / "lock.txt").write_text(header + "".join(sorted(pins.splitlines(keepends=True))), encoding="utf-8")
    print("dev/requirements/lock.txt is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
