# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection's artifact."""

from __future__ import annotations

import sys

import project


def main() -> int:
    """Build into dist/; an artifact of the same version is replaced."""
    galaxy = project.BIN / "ansible-galaxy"
    target = project.artifact().parent
    built = project.succeeds(galaxy, "collection", "build", "--force", "--output-path", target, project.ROOT)
    return 0 if built else 1


if __name__ == "__main__":
    sys.exit(main())
