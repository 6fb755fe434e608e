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

ROOT = Path(__file__).resolve().parents[2]

# Every file of the artifact is one of these, and each pattern finds one; what is new has to be let in here on purpose.
WANTED = (
    *("MANIFEST.json", "FILES.json", "README.md", "CHANGELOG.md", "CHANGELOG.rst", "CODE_OF_CONDUCT.md"),
    *("CONTRIBUTING.md", "LICENSE", "LICENSES/BSD-2-Clause.txt", "LICENSES/GPL*.txt", "REUSE.toml", "SECURITY.md"),
    "changelogs/*",  # patterns cross folders
    *("docs/*.md", "docs/docsite/*.yml", "docs/docsite/rst/*", "docs/report.schema.json"),
    "extensions/eda/plugins/event_source/*.py",
    *("meta/runtime.yml", "meta/extensions.yml", "meta/execution-environment.yml", "meta/ee-requirements.txt"),
    "playbooks/*",
    *(f"plugins/{kind}/*.py" for kind in ("action", "doc_fragments", "inventory", "modules", "plugin_utils")),
    "plugins/module_utils/*.py",
    # ansible-test looks for it in the artifact too, as Galaxy and certification run it there.
    "tests/config.yml",
)


def test_it_holds_what_belongs_in_it_and_no_path_of_this_machine(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        named = [name for name, handle in files.items() if handle and str(ROOT).encode() in handle.read()]
    assert [name for name in files if not any(fnmatch.fnmatch(name, pattern) for pattern in WANTED)] == []
    assert [pattern for pattern in WANTED if not fnmatch.filter(files, pattern)] == []
    assert named == []


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
