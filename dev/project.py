# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of this checkout, and the environment for programs that the scripts start."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
BIN = ROOT / ".venv" / "bin"


def environment(**changes: str) -> dict[str, str]:
    """Return the environment with changes, with .venv first in PATH and without settings of Ansible."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    for name in ("ANSIBLE_HOME", "ANSIBLE_REMOTE_TEMP", "PYTHONDONTWRITEBYTECODE"):
        if name in os.environ:
            kept[name] = os.environ[name]
    kept["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return kept | changes
