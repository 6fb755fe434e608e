# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders of module_utils and plugin_utils build on each other: no import goes back up or in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .conftest import ROOT

PLUGINS = ROOT / "plugins"
UTILS = ("module_utils", "plugin_utils")

#: The folders of module_utils from the lowest to the highest. Each may import itself and those before it.
WINGS = ("_http", "_identity", "_reading", "_workspace", "_audit")

#: Files of module_utils outside of these folders, which connect them with Ansible.
DOORS = ("_module", "_options")

#: The folders and files of plugin_utils. They may import all of module_utils, and of each other only what is named here.
CONTROLLER: dict[str, tuple[str, ...]] = {
    "_events": ("_files", "_wait"),
    "_files": (),
    "_inventory": ("_playbooks",),
    "_playbooks": (),
    "_report": ("_files",),
    "_wait": (),
}

#: Words of the vendor, which `_http` does not know.
VENDOR = ("WKS.", "iam_", "project_id")


def files() -> list[Path]:
    return sorted(path for folder in UTILS for path in (PLUGINS / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """The file as `module_utils._http.client`."""
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    """The files of both folders that a file imports, also for annotations only."""
    package = list(path.relative_to(PLUGINS).parts[:-1])
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        folder = package[: len(package) + 1 - node.level]
        target = [*folder, *(node.module or "").split(".")] if node.module else folder
        # Without a file after the dots, the names are files.
        is_file = (PLUGINS / "/".join(target)).with_suffix(".py").is_file()
        names.update([".".join(target)] if is_file else [".".join([*target, alias.name]) for alias in node.names])
    return names


def allowed(path: Path) -> set[str]:
    """The folders and files that a file may import, as `module_utils._http`."""
    top, part = path.relative_to(PLUGINS).with_suffix("").parts[:2]
    if top == "plugin_utils":
        others = {part, *CONTROLLER[part]}
        return {f"{top}.{other}" for other in others} | {f"module_utils.{wing}" for wing in (*WINGS, *DOORS)}
    lower = WINGS[: WINGS.index(part) + 1] if part in WINGS else (*WINGS, *DOORS)
    return {f"{top}.{wing}" for wing in lower}


def test_every_file_is_in_a_known_place() -> None:
    found = {path.relative_to(PLUGINS).with_suffix("").parts[:2] for path in files()}
    known = {("module_utils", part) for part in (*WINGS, *DOORS)}
    assert found == known | {("plugin_utils", part) for part in CONTROLLER}


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_a_file_imports_only_what_is_below_it(path: Path) -> None:
    assert "ansible_collections" not in path.read_text(encoding="utf-8"), "use relative imports"
    assert {name for name in imports(path) if ".".join(name.split(".")[:2]) not in allowed(path)} == set()


def test_no_import_goes_round_in_a_circle() -> None:
    graph = {name_of(path): imports(path) for path in files()}
    while graph:
        free = {name for name, needed in graph.items() if not needed & graph.keys()}
        assert free, f"these import each other: {sorted(graph)}"
        graph = {name: needed for name, needed in graph.items() if name not in free}


def test_http_knows_neither_the_vendor_nor_ansible() -> None:
    for path in (PLUGINS / "module_utils" / "_http").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert [word for word in (*VENDOR, "from ansible.", "import ansible") if word in text] == [], path.name
