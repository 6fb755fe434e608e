# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-builder finds what the collection needs, and the guide's definitions and credential type hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.doc_fragments.workspace import ModuleDocFragment

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"


def yaml_blocks() -> list[Any]:
    """Return the YAML blocks of the guides that have definitions, in order."""
    text = "".join(
        (GUIDES / f"guide_{name}.rst").read_text(encoding="utf-8") for name in ("automation_platform", "events")
    )
    blocks = re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    return [yaml.safe_load(textwrap.dedent(block)) for block in blocks]


def definitions() -> list[dict[str, Any]]:
    """The definitions of the guides. The second one is given as what replaces parts of the first one."""
    blocks = [block for block in yaml_blocks() if isinstance(block, dict) and "dependencies" in block]
    assert len(blocks) == 3
    blocks[1] = {**blocks[0], **blocks[1], "dependencies": {**blocks[0]["dependencies"], **blocks[1]["dependencies"]}}
    return blocks


def test_introspection_finds_requests_and_nothing_else(installed: Path) -> None:
    shown = subprocess.run(
        ["ansible-builder", "introspect", str(installed)], check=True, capture_output=True, text=True
    )
    found = yaml.safe_load(shown.stdout)
    (requirement,) = found["python"]
    assert re.fullmatch(r"requests>=[\d.,!=]+ +# from collection huaweicloud\.workspace", requirement)
    assert not found["system"]


@pytest.mark.parametrize("number", range(3), ids=["from Galaxy", "from a file", "for decisions"])
def test_the_definitions_of_the_guide_are_taken(number: int, artifact: Path, tmp_path: Path) -> None:
    definition = definitions()[number]
    shutil.copy(artifact, tmp_path)
    (tmp_path / "execution-environment.yml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    subprocess.run(["ansible-builder", "create"], cwd=tmp_path, check=True, capture_output=True)

    build = tmp_path / "context" / "_build"
    (collection,) = yaml.safe_load((build / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    if collection.get("type") == "file":
        assert (build / collection["name"]).is_file(), "the file's name has to be the one of this version"
    else:
        assert collection["name"] == "huaweicloud.workspace"
    assert "requirements.yml" in (tmp_path / "context" / "Dockerfile").read_text(encoding="utf-8")


def test_the_credential_type_injects_names_that_the_modules_read() -> None:
    (injected,) = [block["env"] for block in yaml_blocks() if isinstance(block, dict) and "env" in block]
    (inputs,) = [block for block in yaml_blocks() if isinstance(block, dict) and "fields" in block]
    documented = set(re.findall(r"E\((\w+)\)", ModuleDocFragment.DOCUMENTATION))
    assert set(injected) <= documented
    # A controller refuses these, because they could change how Ansible itself works.
    assert not any(name.startswith("ANSIBLE_") for name in injected)
    fields = {field["id"] for field in inputs["fields"]}
    assert {f"{{{{ {field} }}}}" for field in fields} == set(injected.values())
    assert set(inputs["required"]) <= fields
