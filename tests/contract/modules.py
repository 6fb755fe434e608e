# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module in this process, against servers on real sockets: in milliseconds, where Ansible takes most of a second."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
from collections.abc import Mapping
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils.basic import AnsibleModule
from unit.arguments import module_arguments

MODULES = "ansible_collections.huaweicloud.workspace.plugins.modules"


def run_module(name: str, options: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The result of a task with these options and environment variables, whether it fails or not.

    The environment and standard output are those of the process, so one module runs at a time.
    """
    main = importlib.import_module(f"{MODULES}.{name}").main
    printed = io.StringIO()
    # Ansible would collect the warnings of all calls.
    warnings: list[str] = []
    with (
        mock.patch.dict(os.environ, environment or {}),
        mock.patch.object(AnsibleModule, "warn", lambda _module, text: warnings.append(text)),
        module_arguments(dict(options)),
        contextlib.redirect_stdout(printed),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    result: dict[str, Any] = json.loads(printed.getvalue())
    assert bool(ended.value.code) == bool(result.get("failed")), result
    return {**result, "warnings": warnings}
