# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules have in common: failures without tracebacks, check mode, arguments as documented."""

from __future__ import annotations

import importlib
import json
import re
import typing as t
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.doc_fragments.workspace import ModuleDocFragment
from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.options import OPTIONS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import FACTS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import LeftOut, common_arguments
from ansible_collections.huaweicloud.workspace.plugins.modules import workspace_connect_desktops_info

from ...conftest import DESKTOPS, HOST, IAM, PROJECT, Call

MODULES = sorted(path.stem for path in Path(workspace_connect_desktops_info.__file__).parent.glob("workspace_*.py"))
READ = Call(DESKTOPS, [("limit", "2000"), ("offset", "0")], {"desktops": [], "total_count": 0})


def documented_keys(module: str) -> dict[str, Any]:
    """What a module says that it returns."""
    imported = importlib.import_module(f"ansible_collections.huaweicloud.workspace.plugins.modules.{module}")
    keys: dict[str, Any] = yaml.safe_load(imported.RETURN)
    return keys


def test_a_bug_is_one_sentence_with_its_place_and_no_secret(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_more: Any) -> None:
        raise KeyError("the-secret-key")

    monkeypatch.setattr(_module, "resolve_settings", broken)
    outcome = run_module(workspace_connect_desktops_info.main, [])
    assert re.search(r"has a bug: KeyError at _module\.py:\d+ _result, test_module\.py:\d+ broken\. ", outcome["msg"])
    assert "the-secret-key" not in json.dumps(outcome.result)


def test_a_bug_report_holds_the_last_frames_and_where_it_was_asked(run_module: Any) -> None:
    def recursive(depth: int) -> t.NoReturn:
        if depth:
            recursive(depth - 1)
        raise KeyError("the-secret-key")

    def main() -> None:
        _module.WorkspaceModule({}).run(lambda _options: lambda _project: recursive(9))

    outcome = run_module(main, [])
    assert outcome["msg"].count(" recursive") == 5
    assert (outcome["project_id"], outcome["credentials_source"]) == (PROJECT, "the task")
    # The options were right, which a failure without attempts would not say.
    assert outcome["attempts"] == 1


def test_the_option_that_was_probably_meant_comes_first(run_module: Any) -> None:
    outcome = run_module(workspace_connect_desktops_info.main, [], user_name=["alice"])
    assert outcome["msg"].startswith("user_name is not an option of this module: did you mean user_names? Unsupported ")
    assert {outcome[name] for name in FACTS} == {None}


def test_results_and_failures_name_project_region_and_endpoint(run_module: Any) -> None:
    known = {"region": None, "endpoint": HOST, "_ansible_check_mode": True}
    outcome = run_module(workspace_connect_desktops_info.main, [READ], **known)
    assert (outcome["project_id"], outcome["region"], outcome["endpoint"]) == (PROJECT, None, HOST)
    assert "credentials_source" not in outcome.result
    found = Call(f"{IAM}/v3/projects", [("name", "cn-north-4")], {"projects": [{"id": PROJECT, "name": "cn-north-4"}]})
    for calls, options in (([found, replace(READ, status=403)], {"project_id": None}), ([], {"limit": 5000})):
        outcome = run_module(workspace_connect_desktops_info.main, calls, **options)
        assert (outcome["project_id"], outcome["region"], outcome["endpoint"]) == (PROJECT, "cn-north-4", HOST)
        assert outcome["credentials_source"] == "the task"


def test_wrong_options_of_the_module_are_told_before_wrong_shared_ones(run_module: Any) -> None:
    outcome = run_module(workspace_connect_desktops_info.main, [], limit=5000, concurrency=0)
    assert "limit is 5000" in outcome["msg"]
    outcome = run_module(workspace_connect_desktops_info.main, [], concurrency=0)
    assert "concurrency is 0" in outcome["msg"]


@pytest.mark.parametrize("passed_over", [True, False])
def test_the_password_of_a_proxy_is_registered_if_the_proxy_is_used(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, passed_over: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:the-password@proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", ".myhuaweicloud.com" if passed_over else "")
    outcome = run_module(workspace_connect_desktops_info.main, [READ])
    assert ("the-password" in outcome.registered) == (not passed_over)


@pytest.mark.parametrize(("mode", "warned"), [(0o640, True), (0o604, True), (0o600, False)])
def test_a_credentials_file_that_others_can_read_is_warned_of_where_it_is_read(
    run_module: Any, tmp_path: Path, mode: int, warned: bool
) -> None:
    file = tmp_path / ".huaweicloud" / "credentials"
    file.parent.mkdir()
    file.write_text("[basic]\nak = AK\nsk = the-secret-key\n", encoding="utf-8")
    file.chmod(mode)
    outcome = run_module(workspace_connect_desktops_info.main, [READ], access_key=None, secret_key=None)
    text = f"credentials_file {file} is open to other users (mode {mode:04o}): run chmod 600 {file}."
    assert outcome.warnings == ([text] if warned else [])
    assert not run_module(workspace_connect_desktops_info.main, [READ]).warnings


def test_warnings_of_the_result_show_no_secret(run_module: Any) -> None:
    def main() -> None:
        _module.WorkspaceModule({}).run(lambda _options: lambda _project: {"warnings": ["No desktop: the-secret-key."]})

    assert run_module(main, [], secret_key="the-secret-key").warnings == ["No desktop: ********."]


def test_the_shared_options_are_those_of_the_documentation() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert set(documented) == set(OPTIONS)
    for name, argument in common_arguments(LeftOut()).items():
        assert documented[name]["type"] == argument["type"]
        assert documented[name].get("default") == argument.get("default")
        # In the order in which they are looked at.
        lines = [line for line in documented[name]["description"] if line.startswith("Environment variable")]
        words = re.findall(r"E\((\w+)\)", lines[0]) if lines else []
        if name != "endpoint":  # Its variable has the region in its name.
            assert tuple(words) == OPTIONS[name].variables
        assert (f"C({OPTIONS[name].key})" in str(documented["credentials_file"])) is (OPTIONS[name].key is not None)


@pytest.mark.parametrize("module", MODULES)
def test_every_returned_key_is_documented(module: str) -> None:
    def check(keys: dict[str, Any]) -> None:
        for name, about in keys.items():
            assert about["description"], name
            check(about.get("contains", {}))

    check(documented_keys(module))
