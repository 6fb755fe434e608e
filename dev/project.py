# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are in this checkout, and the copies and links of it that Ansible's tools want."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
BIN = ROOT / ".venv" / "bin"
GALAXY = ROOT / "galaxy.yml"

#: The user's own home; `make` gives its tools another one.
USER_HOME = Path(os.environ.get("USER_HOME") or Path.home())

#: Not copied with the tree: everything that tools create.
_NOT_COPIED = (".git", ".venv", ".cache", ".nox", ".ansible", "__pycache__", "dist", "tests/output")


class Answer(NamedTuple):
    """The outcome of a command and its output."""

    good: bool
    output: str


def version() -> str:
    """Return the version of the collection."""
    return str(yaml.safe_load(GALAXY.read_text(encoding="utf-8"))["version"])


def artifact() -> Path:
    """Return where `make build` puts the artifact."""
    return ROOT / "dist" / f"huaweicloud-workspace-{version()}.tar.gz"


def linked_collections() -> Path:
    """Return a collections path under which this checkout is found by its name.

    A link is enough for tools that import or document the collection.
    """
    collections = CACHE / "linked"
    link = collections / "ansible_collections" / "huaweicloud" / "workspace"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT, target_is_directory=True)
    return collections


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Tell shutil.copytree what to leave out of a folder."""
    inside = Path(folder).relative_to(ROOT)
    return {name for name in names if name in _NOT_COPIED or (inside / name).as_posix() in _NOT_COPIED}


@contextlib.contextmanager
def copied_collection() -> Iterator[Path]:
    """Make a copy of the tree in a temporary place and yield the collection's folder there.

    ansible-test resolves links and then does not find the ansible_collections folder, so it needs a copy. In a git
    checkout it asks git for the files, so the copy must be outside of this one.
    """
    with tempfile.TemporaryDirectory(prefix="collections-") as place:
        target = Path(place) / "ansible_collections" / "huaweicloud" / "workspace"
        shutil.copytree(ROOT, target, ignore=_left_out, symlinks=True)
        yield target


def environment(**changes: str) -> dict[str, str]:
    """Return the environment with some changes, .venv first on PATH, and no settings of Ansible."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    for name in ("ANSIBLE_HOME", "ANSIBLE_REMOTE_TEMP", "PYTHONDONTWRITEBYTECODE"):
        if name in os.environ:
            kept[name] = os.environ[name]
    kept["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return kept | changes


def succeeds(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> bool:
    """Run a command, show its output and return whether it succeeded."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env or environment(), check=False)
    return done.returncode == 0


def answer(*command: str | Path, stdin: str = "", cwd: Path = ROOT, env: dict[str, str] | None = None) -> Answer:
    """Run a command and return its outcome and its output."""
    done = subprocess.run(
        [str(word) for word in command],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env=env or environment(),
        check=False,
    )
    return Answer(done.returncode == 0, done.stdout)
