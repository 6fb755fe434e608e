# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in more than one place is the same everywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http import version

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
PLUGINS = sorted(path for folder in ("plugins", "extensions") for path in (ROOT / folder).rglob("*.py"))
VERSIONED = sorted(path for kind in ("modules", "inventory") for path in (ROOT / "plugins" / kind).glob("*.py"))


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_name_and_version_of_the_collection_are_the_same_in_the_user_agent_and_the_changelog() -> None:
    galaxy = load("galaxy.yml")
    assert (f"{galaxy['namespace']}.{galaxy['name']}", galaxy["version"]) == (version.COLLECTION, version.VERSION)
    assert galaxy["version"] in load("changelogs/changelog.yaml")["releases"]


@pytest.mark.parametrize("path", VERSIONED, ids=lambda path: path.stem)
def test_the_changelog_describes_the_plugins_of_each_release(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    about = dict(re.findall("^(short_description|version_added): (.+)$", text, re.MULTILINE))
    release = load("changelogs/changelog.yaml")["releases"].get(about["version_added"])
    if release is not None:
        new = release.get("modules", []) + release.get("plugins", {}).get("inventory", [])
        assert [entry["description"] for entry in new if entry["name"] == path.stem] == [about["short_description"]]


def test_the_action_group_holds_every_module() -> None:
    assert sorted(load("meta/runtime.yml")["action_groups"]["workspace"]) == MODULES


def test_no_sanity_finding_is_ignored() -> None:
    assert list((ROOT / "tests" / "sanity").glob("ignore*")) == []


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.name)
def test_the_header_names_the_owner_once_and_the_licence_of_its_folder(path: Path) -> None:
    licence = "BSD-2-Clause" if "module_utils" in path.parts else "GPL-3.0-or-later"
    text = path.read_text(encoding="utf-8")
    # Not written in one piece: `reuse` would take it for this file's own licence.
    assert re.findall("^# SPDX-License" + "-Identifier: (.+)$", text, re.MULTILINE) == [licence]
    assert len(re.findall("^# .*copyright", text, re.MULTILINE | re.IGNORECASE)) == 1


def test_every_guide_is_in_the_table_of_contents() -> None:
    sections = load("docs/docsite/extra-docs.yml")["sections"]
    listed = [page for section in sections for page in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst"))


def test_the_first_page_and_the_readme_name_everything_there_is() -> None:
    names = set(MODULES) | {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    names |= {path.stem for path in (ROOT / "extensions").rglob("event_source/*.py")}
    for page in ("README.md", "docs/docsite/rst/guide_start.rst"):
        text = (ROOT / page).read_text(encoding="utf-8")
        missing = {name for name in names if not re.search(rf"huaweicloud\.workspace\.{name}[`#]", text)}
        assert missing == set(), page


def test_ansible_doc_shows_samples_unchanged() -> None:
    """It deletes what looks like a directive of reStructuredText, such as part of an IPv6 address."""
    for path in PLUGINS:
        assert re.findall(r".. \w+?::", path.read_text(encoding="utf-8")) == [], path
