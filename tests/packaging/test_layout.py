# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wings of module_utils stand one on the other: no import runs back up, and none goes round in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .conftest import ROOT

UTILS = ROOT / "plugins" / "module_utils"
PACKAGE = ["plugins", "module_utils"]

#: Each wing, and what it may import; the doors to Ansible, in no wing, may import all of them.
MAY_IMPORT = {
    "_http": {"_http"},
    "_identity": {"_http", "_identity"},
    "_workspace": {"_http", "_identity", "_workspace"},
}


def imports(path: Path) -> set[str]:
    """The files of module_utils that a file of it imports, as `wing.file` or `door`; also for annotations only."""
    package = [*PACKAGE, *path.relative_to(UTILS).parts[:-1]]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        folder = package[: len(package) + 1 - node.level]
        assert folder[: len(PACKAGE)] == PACKAGE, f"{path.name} imports from outside module_utils: line {node.lineno}"
        # Without a name after the dots, it is files that are imported.
        files = [node.module] if node.module else [alias.name for alias in node.names]
        names.update(".".join([*folder[len(PACKAGE) :], file]) for file in files)
    return names


def test_files_of_module_utils_import_each_other_by_relative_imports() -> None:
    for path in UTILS.rglob("*.py"):
        assert "ansible_collections" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("path", sorted(UTILS.glob("_*/*.py")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_wing_imports_nothing_above_it(path: Path) -> None:
    above = {name for name in imports(path) if name.split(".")[0] not in MAY_IMPORT[path.parent.name]}
    assert above == set()


def test_every_file_is_in_a_wing_or_is_a_door() -> None:
    assert {path.parent.name for path in UTILS.glob("*/*.py")} == set(MAY_IMPORT)
    assert {path.name for path in UTILS.glob("*.py")} == {"_module.py", "_options.py"}


def test_no_import_goes_round_in_a_circle() -> None:
    graph = {".".join(path.relative_to(UTILS).with_suffix("").parts): imports(path) for path in UTILS.rglob("*.py")}
    while graph:
        free = {name for name, needed in graph.items() if not needed & graph.keys()}
        assert free, f"these import each other: {sorted(graph)}"
        graph = {name: needed for name, needed in graph.items() if name not in free}


def test_the_transport_knows_neither_the_vendor_nor_ansible() -> None:
    for path in (UTILS / "_http").glob("*.py"):
        assert "from ansible." not in path.read_text(encoding="utf-8"), path.name
