# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collections path under which this checkout is found by its name, for as long as the program runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

# Removed by its finaliser when the program ends.
_FOLDER = tempfile.TemporaryDirectory(prefix="live-")
COLLECTIONS = _FOLDER.name


def _link() -> None:
    namespace = Path(COLLECTIONS, "ansible_collections", "huaweicloud")
    namespace.mkdir(parents=True)
    (namespace / "workspace").symlink_to(Path(__file__).resolve().parents[2], target_is_directory=True)


_link()
