# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both modules have in common: failures without tracebacks, check mode, arguments as documented."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.doc_fragments.workspace import ModuleDocFragment
from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import FACTS
from ansible_collections.huaweicloud.workspace.plugins.modules import (
    workspace_connect_desktops_info,
    workspace_desktop_pool_info,
)

from ...conftest import DESKTOPS, Call

MODULES = [workspace_connect_desktops_info, workspace_desktop_pool_info]


def test_a_bug_is_one_sentence_with_its_place_and_no_secret(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_more: Any) -> None:
        raise KeyError("the-secret-key")

    monkeypatch.setattr(_module, "resolve_settings", broken)
    outcome = run_module(workspace_connect_desktops_info.main, [])
    assert "has a bug: KeyError in test_module.py line" in outcome["msg"]
    assert "the-secret-key" not in json.dumps(outcome.result)
    assert {outcome[name] for name in FACTS} == {None}


def test_secrets_of_the_environment_are_registered(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HW_ACCESS_KEY", "AK")
    monkeypatch.setenv("HW_SECRET_KEY", "the-secret-of-the-environment")
    call = Call(DESKTOPS, [("limit", "2000"), ("offset", "0")], {"desktops": [], "total_count": 0})
    outcome = run_module(workspace_connect_desktops_info.main, [call], access_key=None, secret_key=None)
    assert "the-secret-of-the-environment" in outcome.registered


def test_check_mode_returns_the_same(run_module: Any) -> None:
    call = Call(DESKTOPS, [("limit", "2000"), ("offset", "0")], {"desktops": [], "total_count": 0})
    outcome = run_module(workspace_connect_desktops_info.main, [call], _ansible_check_mode=True)
    assert outcome["total_count"] == 0


def test_the_shared_options_are_those_of_the_documentation() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    for name, argument in _module._common_arguments(_module._LeftOut()).items():
        assert documented[name]["type"] == argument["type"]
        assert documented[name].get("default") == argument.get("default")


@pytest.mark.parametrize("module", MODULES)
def test_every_returned_key_is_documented_with_a_sample(module: Any) -> None:
    def check(keys: dict[str, Any]) -> None:
        for name, about in keys.items():
            assert about["description"], name
            assert "contains" in about or "sample" in about, name
            check(about.get("contains", {}))

    check(yaml.safe_load(module.RETURN))
