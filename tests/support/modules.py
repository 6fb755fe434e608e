# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module, or the task that waits, in this process, against servers on real sockets.

In milliseconds, where Ansible takes most of a second.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.huaweicloud.workspace.plugins.action import workspace_wait_for_free_desktops as wait
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils import _playbooks
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.wait import SystemClock
from unit.arguments import module_arguments

MODULES = "ansible_collections.huaweicloud.workspace.plugins.modules"


def documented_options(module: ModuleType) -> dict[str, Any]:
    """The options in the documentation of a module, and in its fragments other than the common one."""
    documentation = yaml.safe_load(module.DOCUMENTATION)
    found: dict[str, Any] = {}
    for name in documentation["extends_documentation_fragment"]:
        fragment = name.split(".")[2]
        if fragment not in ("workspace", "attributes"):
            shared = importlib.import_module(
                f"ansible_collections.huaweicloud.workspace.plugins.doc_fragments.{fragment}"
            )
            found.update(yaml.safe_load(shared.ModuleDocFragment.DOCUMENTATION)["options"])
    return found | (documentation.get("options") or {})


def flags(name: str) -> dict[str, bool]:
    """Each option of a module that is false by default, set to true: the module then sends all requests that it can."""
    options = documented_options(importlib.import_module(f"{MODULES}.{name}"))
    return {option: True for option, about in options.items() if about.get("default") is False}


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


class _Clock:
    """Something happens in each pause, instead of that time passes; when nothing more happens, the wait is over."""

    now = staticmethod(SystemClock.now)

    def __init__(self, meanwhile: Iterable[Callable[[], Any]]) -> None:
        self._meanwhile = list(meanwhile)
        self._skipped = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        if self._meanwhile:
            self._skipped += seconds
            self._meanwhile.pop(0)()
        else:
            self._skipped += 1e6


def run_wait(
    options: Mapping[str, Any], meanwhile: Iterable[Callable[[], Any]] = (), say: Callable[[str], Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The result of a task `workspace_wait_for_free_desktops`, and the lines that it printed.

    @param meanwhile: what happens between its checks, in order.
    @param say: prints a line; by default, lines are returned.
    """

    def execute(module_name: str, module_args: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        return run_module(module_name.rpartition(".")[2], module_args)

    lines: list[str] = []
    clock = _Clock(meanwhile)
    task = mock.Mock(args=dict(options), async_val=0, check_mode=False, environment=[], no_log=False)
    stand_ins = (mock.Mock(transport="local"), mock.Mock(become=False), mock.Mock(), mock.Mock(), None)
    action = wait.ActionModule(task, *stand_ins)
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(_playbooks, "RUN_FOLDER", folder),
        mock.patch.multiple(wait, SystemClock=lambda: clock, say=say or lines.append),
        mock.patch.object(action, "_execute_module", execute),
    ):
        return action.run(task_vars={"inventory_hostname": "localhost"}), lines
