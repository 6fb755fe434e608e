# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection and run Galaxy's importer on it (the session `build-import-check`), and fail on any finding.

The session passes whatever the linters of the importer find, so its log is checked here.
"""

from __future__ import annotations

import re
import sys

import project

# Galaxy's importer selects them although pycodestyle has them off by default: they contradict PEP 8, and the layout of
# `ruff format` cannot avoid them.
_CONTRADICTIONS = ("W503", "E203")


def main() -> int:
    """Run the session and read its output."""
    result = project.answer(project.BIN / "nox", "--session", "build-import-check")
    print(result.output)
    warned = [line for line in result.output.splitlines() if re.match(r"\s*(WARNING|ERROR|CRITICAL)", line)]
    findings = [line for line in warned if not any(f": {code} " in line for code in _CONTRADICTIONS)]
    done = "Importer processing completed successfully" in result.output
    good = result.good and done and not findings
    print("galaxy-importer", "passed" if good else f"FAILED with {len(findings)} findings")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
