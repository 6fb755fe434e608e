# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulator: ``python tests/simulator --port 0 --ready-file FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Python adds this folder to the path, but the package is in its parent folder.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

    try:
        from simulator.cli import main
    except ModuleNotFoundError as missing:
        sys.exit(
            f"The simulator needs {missing.name}: run `make simulator`, or install dev/requirements/demo.txt with pip."
        )

    sys.exit(main())
