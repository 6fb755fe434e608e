# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module returns what its documentation says, key by key: no more, no less, when it succeeds and when it fails."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from contract.modules import MODULES, run_module
from simulator.client import Simulator

#: What Ansible itself adds.
ANSIBLES = {"changed", "failed", "msg", "invocation", "warnings"}

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    with Simulator(desktops=40, users=30, pools=3) as simulator:
        yield simulator


def options_of(cloud: Simulator, **more: Any) -> dict[str, Any]:
    names = ("region", "project_id", "access_key", "secret_key")
    return {"endpoint": cloud.url, "max_retries": 0, **{name: cloud.info[name] for name in names}, **more}


def documented(module: str) -> dict[str, Any]:
    keys: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").RETURN)
    return keys


def check_records(value: Any, about: dict[str, Any]) -> None:
    """Each record has every documented field, at any depth; a field that the API adds is passed on."""
    for record in value if isinstance(value, list) else [value]:
        for name, inner in about["contains"].items():
            if inner.get("returned", "success") in ("always", "success"):
                assert name in record, (name, record)
            if record.get(name) and inner.get("contains"):
                check_records(record[name], inner)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("workspace_connect_desktops_info", {}),
        ("workspace_desktop_pool_info", {}),
        ("workspace_desktop_info", {"pools": True}),
        ("workspace_user_info", {}),
        ("workspace_audit_info", {}),
    ],
)
def test_a_result_has_the_documented_keys(cloud: Simulator, module: str, options: dict[str, Any]) -> None:
    about = documented(module)
    found = run_module(module, options_of(cloud, **options))
    assert set(found) - ANSIBLES == {name for name in about if about[name]["returned"] != "failure"}
    for name, key in about.items():
        if name in found and "contains" in key:
            check_records(found[name], key)
    refused = run_module(module, {**options_of(cloud, **options), "secret_key": "wrong"})
    assert refused["status_code"] == 401
    assert set(refused) - ANSIBLES == {name for name in about if about[name]["returned"] != "success"}
