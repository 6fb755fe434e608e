# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users download holds what belongs in it, no more, and works."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Every file of the artifact is one of these; what is new has to be let in here on purpose.
WANTED = (
    "MANIFEST.json",
    "FILES.json",
    "README.md",
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSES/*.txt",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs/changelog.yaml",
    "changelogs/config.yaml",
    "changelogs/fragments/*.yml",
    "docs/*.md",
    "docs/docsite/*.yml",
    "docs/docsite/rst/*",
    "docs/report.schema.json",
    "extensions/eda/plugins/event_source/*.py",
    "meta/*",
    "playbooks/*",
    "plugins/action/*.py",
    "plugins/doc_fragments/*.py",
    "plugins/filter/*",
    "plugins/inventory/*.py",
    "plugins/module_utils/*.py",  # and of the wings below: the pattern crosses folders
    "plugins/modules/*.py",
    "plugins/plugin_utils/*.py",
    "tests/config.yml",
)


def files(artifact: Path) -> list[str]:
    with tarfile.open(artifact) as archive:
        return sorted(member.name for member in archive if member.isfile())


def test_it_holds_nothing_else(artifact: Path) -> None:
    strangers = [name for name in files(artifact) if not any(fnmatch.fnmatch(name, pattern) for pattern in WANTED)]
    assert strangers == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CHANGELOG.rst",
        "LICENSE",
        "LICENSES/BSD-2-Clause.txt",
        "changelogs/changelog.yaml",
        "extensions/eda/plugins/event_source/desktop_connections.py",
        "meta/extensions.yml",
        "meta/execution-environment.yml",
        "meta/ee-requirements.txt",
        "meta/runtime.yml",
        "plugins/module_utils/_http/version.py",
        # ansible-test looks for it in the artifact too, as Galaxy and certification run it there.
        "tests/config.yml",
    ],
)
def test_it_holds(artifact: Path, name: str) -> None:
    assert name in files(artifact)


def test_nothing_in_it_names_this_machine(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        for member in archive:
            handle = archive.extractfile(member)
            assert handle is None or str(ROOT).encode() not in handle.read(), member.name


def test_it_needs_no_other_collection(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest is not None
        assert json.load(manifest)["collection_info"]["dependencies"] == {}


def test_installed_all_modules_are_documented(installed: Path) -> None:
    names = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    shown = subprocess.run(
        ["ansible-doc", "--json", *(f"huaweicloud.workspace.{name}" for name in names)],
        env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(shown.stdout)
    assert sorted(found) == [f"huaweicloud.workspace.{name}" for name in names]
    for page in found.values():
        assert page["examples"]
        assert page["return"]
        # The shared options arrive with the fragment, so that it is in the artifact as well.
        assert {"region", "access_key", "concurrency"} <= set(page["doc"]["options"])


def test_installed_it_is_whole(installed: Path) -> None:
    subprocess.run(
        ["ansible-galaxy", "collection", "verify", "--offline", "-p", str(installed), "huaweicloud.workspace"],
        env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(installed)},
        check=True,
        capture_output=True,
    )
