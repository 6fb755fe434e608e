# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of each module is compared with its code, and each module has what a module needs."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.action import workspace_wait_for_free_desktops as wait
from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.audit import ARGUMENTS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.findings import FINDINGS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import SELECTION
from support.modules import documented_options

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
TARGETS = ROOT / "tests" / "integration" / "targets"

#: Of an option, what the documentation and the code both say.
COMPARED = ("type", "elements", "choices", "default", "required")


class Built(Exception):
    """A module has been created with these arguments."""


def arguments_of(name: str) -> dict[str, Any]:
    """The options that a module has in addition to the common ones, as argument specs."""
    module = importlib.import_module(f"ansible_collections.huaweicloud.workspace.plugins.modules.{name}")
    if not hasattr(module, "main"):
        # An action plugin does the work, and its module file is only the documentation.
        return {**SELECTION, **wait.OWN}

    def build(_module: Any, arguments: dict[str, Any], **_rules: Any) -> None:
        raise Built(arguments)

    with mock.patch.object(_module.WorkspaceModule, "__init__", build), pytest.raises(Built) as built:
        module.main()
    arguments: dict[str, Any] = built.value.args[0]
    return arguments


@pytest.mark.parametrize("name", MODULES)
def test_the_documented_options_are_those_of_the_code(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.huaweicloud.workspace.plugins.modules.{name}")

    def compared(options: dict[str, Any]) -> dict[str, Any]:
        return {
            option: {key: about[key] for key in COMPARED if about.get(key) not in (None, False, [])}
            for option, about in options.items()
        }

    assert compared(documented_options(module)) == compared(arguments_of(name))


def without_sample(keys: dict[str, Any]) -> Iterator[str]:
    for key, about in keys.items():
        if "contains" in about:
            yield from without_sample(about["contains"])
        elif "sample" not in about:
            yield key


@pytest.mark.parametrize("name", MODULES)
def test_each_return_key_has_a_sample(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.huaweicloud.workspace.plugins.modules.{name}")
    assert list(without_sample(yaml.safe_load(module.RETURN))) == []


@pytest.mark.parametrize("name", MODULES)
def test_each_module_has_an_integration_target_that_ansible_test_runs(name: str) -> None:
    assert (TARGETS / name / "tasks" / "main.yml").is_file()
    # Without this file, ansible-test ignores a target.
    assert (TARGETS / name / "aliases").is_file()
    assert f"huaweicloud.workspace.{name}:" in (TARGETS / name / "tasks" / "main.yml").read_text(encoding="utf-8")


def test_each_option_that_findings_depend_on_is_in_the_guide_the_playbook_and_the_schema() -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    rules = {option for finding in FINDINGS.values() for option in finding.rules}
    assert rules == schema["$defs"]["audited"]["properties"]["rules"]["properties"].keys()
    for path in ("docs/docsite/rst/guide_audit.rst", "playbooks/audit.yml"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert [option for option in ARGUMENTS if f"workspace_{option}" not in text] == []
