# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare a release in the tree: the version where it is kept, and the changelog. Committing and tagging stay manual."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import project
import yaml

VERSION_FILE = project.ROOT / "plugins" / "module_utils" / "_http" / "version.py"
CHANGELOG = project.ROOT / "changelogs" / "changelog.yaml"

# Galaxy takes semantic versions only.
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


def replace_line(path: Path, pattern: str, line: str) -> None:
    """Replace the one line of a file that matches."""
    text, count = re.subn(pattern, line, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"{path.relative_to(project.ROOT)}: expected one line like {pattern}, found {count}")
    path.write_text(text, encoding="utf-8")


def main() -> int:
    """Write the version and turn the fragments into a changelog entry."""
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    if not _VERSION.fullmatch(version):
        print(f"make release VERSION=...: {version!r} is not a semantic version such as 1.2.3")
        return 1
    replace_line(project.GALAXY, r"^version: .*$", f"version: {version}")
    replace_line(VERSION_FILE, r"^VERSION = .*$", f'VERSION = "{version}"')

    known = yaml.safe_load(CHANGELOG.read_text(encoding="utf-8"))["releases"] if CHANGELOG.exists() else {}
    # The entry of a version that is not published yet is updated.
    again = ["--update-existing"] if version in known else []
    if not project.succeeds(
        project.BIN / "antsibull-changelog", "release", "--reload-plugins", "--version", version, *again
    ):
        return 1
    print(f"{version} is prepared. Read CHANGELOG.md, run .ci/run, commit, tag the commit {version}, push the tag.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
