# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every linter, whatever the others say, and print one line for each."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import project


def _scripts() -> list[str]:
    """Return the shell scripts: whatever starts with a shell's shebang in the places where scripts are."""
    files = [*(project.ROOT / "dev").iterdir(), *(project.ROOT / ".ci").iterdir()]
    return [
        str(file)
        for file in files
        if file.is_file() and file.read_bytes().startswith((b"#!/bin/sh", b"#!/usr/bin/env bash"))
    ]


def _linters(collections: Path) -> list[tuple[str, list[str], dict[str, str]]]:
    """Return name, command and extra environment of each linter."""
    workflows = [str(path) for path in sorted((project.ROOT / ".github" / "workflows").glob("*.yml"))]
    package = "ansible_collections.huaweicloud.workspace.plugins"
    return [
        ("ruff check", ["ruff", "check", "."], {}),
        ("ruff format", ["ruff", "format", "--check", "."], {}),
        ("mypy plugins", ["mypy", "-p", package], {"MYPYPATH": str(collections)}),
        ("mypy dev", ["mypy", "dev"], {"MYPYPATH": "dev:tests"}),
        (
            "mypy tests",
            ["mypy", "-p", "simulator", "-p", "bench", "-p", "integration"],
            {"MYPYPATH": f"tests:{collections}"},
        ),
        ("yamllint", ["yamllint", "--strict", "."], {}),
        (
            "ansible-lint",
            ["ansible-lint", "--offline", "--profile", "production", "--strict"],
            {"ANSIBLE_COLLECTIONS_PATH": str(collections)},
        ),
        (
            "antsibull-docs",
            ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", "."],
            {},
        ),
        ("antsibull-changelog", ["antsibull-changelog", "lint"], {}),
        ("reuse", ["reuse", "lint", "--lines"], {}),
        ("workflow schema", ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows], {}),
        ("zizmor", ["zizmor", "--offline", "--strict-collection", "--quiet", *workflows], {}),
        # Its wheel is built with a download from GitHub, which not every network allows: CI installs it.
        ("actionlint", ["actionlint", *workflows], {}),
        ("shellcheck", ["shellcheck", *_scripts()], {}),
    ]


def main() -> int:
    """Run them one after the other; the output of those that find something is shown."""
    failed, absent = [], []
    for name, command, extra in _linters(project.linked_collections()):
        if name == "actionlint" and not shutil.which(name):
            absent.append(name)
            continue
        started = time.monotonic()
        result = project.answer(*command, env=project.environment(**extra))
        print(
            f"{name:20} {'ok' if result.good else 'FAILED':8} {time.monotonic() - started:5.1f} s",
            flush=True,
        )
        if not result.good:
            failed.append(name)
            print(result.output, flush=True)
    if absent:
        print("Left out, not installed:", ", ".join(absent))
    print("lint FAILED: " + ", ".join(failed) if failed else "lint passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
