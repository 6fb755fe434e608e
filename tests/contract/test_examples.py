# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of the modules, and those of the guides that wait, with Ansible's templates alone."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._hosts import HostsPlugin
from contract.in_use import TENANT
from contract.modules import run_module, run_wait
from integration import runs, texts
from simulator.client import Simulator

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "huaweicloud.workspace."
WAIT = "workspace_wait_for_free_desktops"
FLEET = {"tenant": TENANT}
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
WAITING = {WAIT, runs.DESKTOPS}
EXAMPLES = {name: runpy.run_path(str(ROOT / "plugins" / "modules" / f"{name}.py"))["EXAMPLES"] for name in MODULES}


def run(text: str, info: dict[str, Any], **known: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Run the tasks of a text one by one, whatever fails; yield the name and result of each that may fail."""
    loader = DataLoader()

    def templated(value: Any, **more: Any) -> Any:
        return Templar(loader=loader, variables={**known, **more}).template(value)

    for item in loader.load(HostsPlugin.trusted(text)):
        for task in item.get("tasks", item.get("block", [item])):
            action, options = next((name, task[name]) for name in task if "." in name)
            name = action.removeprefix(PREFIX)
            if name in MODULES:
                given = {**runs.keys_of(info), **templated(options)}
                result = run_wait(given, [int, int])[0] if name == WAIT else run_module(name, given)
                known[task.get("register", "_")] = result
                yield task["name"], result
            for one in templated(task.get("loop", [None])):
                templated(options, item=one)
            for expression in (options[key] for key in ("that", "var") if key in options):
                value = templated(HostsPlugin.trusted(f"{{{{ {expression} }}}}"))
                if "that" in options:
                    yield task["name"], {"failed": not value}


@pytest.fixture(scope="module")
def usual() -> Iterator[Simulator]:
    with Simulator(desktops=120, users=60, pools=5) as found:
        yield found


@pytest.mark.parametrize("module", sorted(set(MODULES) - WAITING))
def test_the_examples_of_the_documentation_run(usual: Simulator, module: str) -> None:
    for name, result in run(EXAMPLES[module], usual.info):
        assert not result.get("failed"), (name, result)


@pytest.mark.parametrize(
    "text",
    [*map(EXAMPLES.get, sorted(WAITING)), *(example.code for example in texts.examples() if example.waits)],
    ids=[*sorted(WAITING), *(str(example) for example in texts.examples() if example.waits)],
)
def test_no_example_gives_a_false_all_clear(cloud: Simulator, text: str) -> None:
    """With a disconnected session, a user in another letter case and a status that nobody knows."""
    cloud.set_status("REGISTERED", names=["desk-10"])  # so that nobody is CONNECTED
    (batch,) = [one["desktop_id"] for one in cloud.project()["desktops"] if one["desktop_name"] == "desk-11"]
    play = {
        "ansible_play_batch": ["one"],
        "hostvars": {"one": {"workspace_desktop_id": batch}},
        "inventory_hostname": "one",
    }
    results = [result for _name, result in run(text, cloud.info, **play) if "desktops" not in result]
    assert results
    for result in results:
        assert result["failed"] is True, result
        assert result.get("reason", "in_use") in ("in_use", "unmatched"), result
