# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the Python interpreters of this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import project

_NAME = re.compile(r"python3\.\d+")
_ASK = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.base_prefix)"


def _folders() -> Iterator[Path]:
    """Yield the folders that may contain interpreters: those on PATH, and those of pyenv, which shows only one on PATH."""
    yield from (Path(folder) for folder in os.get_exec_path() if folder)
    if pyenv := shutil.which("pyenv"):
        env = os.environ | {"HOME": str(project.USER_HOME)}
        root = subprocess.run([pyenv, "root"], env=env, capture_output=True, text=True, check=False).stdout.strip()
        yield from sorted(Path(root).glob("versions/*/bin"), reverse=True)


def find() -> dict[str, Path]:
    """Return the interpreters found, version ("3.12") to executable, oldest version first.

    Each is run to get its version: a shim of pyenv may fail to start, and an interpreter in a virtual environment
    reports the one that it was created with.
    """
    found: dict[str, Path] = {}
    for folder in _folders():
        for name in sorted(path.name for path in folder.glob("python3.*") if _NAME.fullmatch(path.name)):
            wanted = name.removeprefix("python")
            if wanted in found:
                continue
            answer = subprocess.run([folder / name, "-c", _ASK], capture_output=True, text=True, check=False)
            lines = answer.stdout.split("\n")
            if answer.returncode == 0 and lines[0] == wanted:
                found[wanted] = Path(lines[1]) / "bin" / name
    return dict(sorted(found.items(), key=lambda item: sort_key(item[0])))


def sort_key(version: str) -> tuple[int, ...]:
    """Return a sort key that puts 3.9 before 3.10."""
    return tuple(int(part) for part in version.split("."))


def _holds_a_broken_one(folder: Path, pythons: dict[str, Path]) -> bool:
    """Return whether a folder contains an interpreter that does not start, which ansible-test would try to use."""
    names = (path.name for path in folder.glob("python3.*"))
    return any(_NAME.fullmatch(name) and name.removeprefix("python") not in pythons for name in names)


def search_path(first: Path, pythons: dict[str, Path]) -> str:
    """Return a PATH with one folder first, then those of the interpreters, then the rest that works."""
    there = [Path(folder) for folder in os.get_exec_path() if folder]
    kept = [folder for folder in there if not _holds_a_broken_one(folder, pythons)]
    return os.pathsep.join(dict.fromkeys(map(str, [first, *(python.parent for python in pythons.values()), *kept])))
