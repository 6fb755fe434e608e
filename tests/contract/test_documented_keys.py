# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module returns what its documentation says, key by key: no more, no less, when it succeeds and when it fails.

The keys of a failure are documented once, in the troubleshooting guide.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from simulator.client import Simulator
from support.modules import MODULES, flags, run_module
from support.runs import keys_of

#: What Ansible itself adds.
ANSIBLES = {"changed", "failed", "msg", "invocation", "warnings"}

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"

PLUGINS = Path(__file__).resolve().parents[2] / "plugins" / "modules"

FLEET = {"desktops": 40, "users": 30, "pools": 3}


def documented(module: str) -> dict[str, Any]:
    keys: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").RETURN)
    return keys


def documented_failure() -> set[str]:
    """The first column of the table in the guide."""
    table = GUIDE.read_text(encoding="utf-8").partition("Key ")[2].partition("\n\n")[0]
    return {key for row in table.splitlines() for key in re.findall("``(\\w+)``", row[:33])}


@pytest.mark.parametrize("module", sorted(path.stem for path in PLUGINS.glob("*_info.py")))
def test_a_result_has_the_documented_keys(cloud: Simulator, module: str) -> None:
    about, options = documented(module), flags(module)
    found = run_module(module, keys_of(cloud.info, **options))
    assert set(found) - ANSIBLES == set(about)
    for name, key in about.items():
        for record in found[name] if "contains" in key else ():
            assert record.keys() >= key["contains"].keys()
    refused = run_module(module, {**keys_of(cloud.info, **options), "secret_key": "wrong"})
    assert refused["status_code"] == 401
    assert set(refused) - ANSIBLES == documented_failure()
