# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Galaxy's importer on the built artifact, with every check on that Galaxy or a private hub may have on.

The importer exits with 0 whatever its linters find and says what they found in its log, so the log is judged here.
"""

from __future__ import annotations

import re
import sys

import project

# ansible-test sanity, the one check left off, is `make sanity`: the importer would run it without the stand-in of
# dev/ansible_test.py.
_SETTINGS = """\
[galaxy-importer]
RUN_ANSIBLE_DOC = True
RUN_ANSIBLE_LINT = True
OFFLINE_ANSIBLE_LINT = True
RUN_ANSIBLE_TEST = False
RUN_FLAKE8 = True
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
CHECK_RUNTIME_FILE = True
LOG_LEVEL_MAIN = INFO
"""


def main() -> int:
    """Import the artifact and fail on any error or warning."""
    place = project.CACHE / "importer"
    place.mkdir(parents=True, exist_ok=True)
    settings = place / "galaxy-importer.cfg"
    settings.write_text(_SETTINGS, encoding="utf-8")
    env = project.environment(GALAXY_IMPORTER_CONFIG=str(settings))
    result = project.answer(sys.executable, "-m", "galaxy_importer.main", project.artifact(), cwd=place, env=env)
    print(result.output)
    findings = [line for line in result.output.splitlines() if re.match(r"(WARNING|ERROR|CRITICAL)", line)]
    done = "Importer processing completed successfully" in result.output
    print("galaxy-importer", "passed" if done and not findings else f"FAILED with {len(findings)} findings")
    return 0 if result.good and done and not findings else 1


if __name__ == "__main__":
    sys.exit(main())
