# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run examples in this process, with Ansible's templates alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._inventory.hosts import HostsPlugin
from support.modules import run_module, run_wait

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "huaweicloud.workspace."
WAIT = "workspace_wait_for_free_desktops"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))


def run_tasks(
    text: str, options: Mapping[str, Any], environment: Mapping[str, str] | None = None, **known: Any
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Run the tasks of a text one by one, whatever fails; yield the name and result of each that may fail.

    @param options: of each task, besides its own.
    @param known: the variables.
    """
    loader = DataLoader()

    def templated(value: Any, **more: Any) -> Any:
        return Templar(loader=loader, variables={**known, **more}).template(value)

    for item in loader.load(HostsPlugin.trusted(text)):
        for task in item.get("tasks", item.get("block", [item])):
            [(action, given)] = [(name, task[name]) for name in task if "." in name]
            name = action.removeprefix(PREFIX)
            if name in MODULES:
                asked = {**options, **(templated(given) or {})}
                result = run_wait(asked, [int, int])[0] if name == WAIT else run_module(name, asked, environment)
                known[task.get("register", "_")] = result
                yield task["name"], result
            for one in templated(task.get("loop", [None])):
                templated(given, item=one)
            for expression in (given[key] for key in ("that", "var") if key in (given or ())):
                value = templated(HostsPlugin.trusted(f"{{{{ {expression} }}}}"))
                if "that" in given:
                    yield task["name"], {"failed": not value}
