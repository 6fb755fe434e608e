# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation as HTML, as the Ansible documentation site shows it, and fail on warnings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import project

PLACE = project.CACHE / "docs"

# References to other documentation need its inventory from the network. Without it they stay plain text, and these
# warnings are ignored; a reference to a label of our own never is.
_UNREACHED = re.compile(r"WARNING: failed to reach any of the inventories|intersphinx inventory '")
_FOREIGN_LABEL = re.compile(
    r"undefined label: '("
    r"ansible_collections\.(?!huaweicloud\.)"  # other collections' plugins, in our examples and seealso
    r"|common_return_values'|ansible_configuration_settings'|action_plugins'"  # written by antsibull-docs itself
    r")"
    r"|'envvar' reference target not found: ANSIBLE_(?!HWC_)"  # settings of ansible-core
)


def prepare() -> bool:
    """Create a Sphinx project with the pages of the collection."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    # antsibull-docs finds the collection through Ansible's own search path.
    env = project.environment(ANSIBLE_COLLECTIONS_PATH=str(project.linked_collections()))
    tool = str(project.BIN / "antsibull-docs")
    common = ["--use-current", "--squash-hierarchy", "--dest-dir"]
    title = ["--project", "huaweicloud.workspace", "--title", "huaweicloud.workspace"]
    return project.succeeds(
        tool, "sphinx-init", *common, PLACE, *title, "huaweicloud.workspace", env=env
    ) and project.succeeds(
        tool,
        "--config-file",
        "antsibull-docs.cfg",
        "collection",
        *common,
        "rst",
        "huaweicloud.workspace",
        cwd=PLACE,
        env=env,
    )


def own_warnings(text: str) -> tuple[list[str], list[str]]:
    """Split the warnings of Sphinx into our own and those caused by a missing network."""
    lines = [line for line in text.splitlines() if line.strip()]
    offline = any(_UNREACHED.match(line) for line in lines)
    ours: list[str] = []
    excused: list[str] = []
    for line in lines:
        foreign = offline and (_UNREACHED.match(line) or _FOREIGN_LABEL.search(line))
        (excused if foreign else ours).append(line)
    return ours, excused


def main() -> int:
    """Build and check the warnings."""
    if not prepare():
        print("docs FAILED: antsibull-docs could not write the pages")
        return 1
    warnings = PLACE / "warnings.txt"
    built = subprocess.run(
        [project.BIN / "sphinx-build", "-M", "html", "rst", "build", "-c", ".", "-w", warnings, "--keep-going", "-q"],
        cwd=PLACE,
        env=project.environment(NO_COLOR="1"),
        stderr=subprocess.DEVNULL,
        check=False,
    )
    ours, excused = own_warnings(warnings.read_text(encoding="utf-8"))
    if excused:
        print(f"Ansible's documentation cannot be reached, so links to it were left as text ({len(excused)} warnings)")
    for line in ours:
        print(line)
    page = PLACE / "build" / "html" / "index.html"
    ok = built.returncode == 0 and not ours and page.is_file()
    print(f"docs built: {page}" if ok else f"docs FAILED with {len(ours)} warnings")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
