# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of the modules, and those of the guides that wait, with Ansible's templates alone."""

from __future__ import annotations

import runpy
from collections.abc import Iterator

import pytest
from simulator.client import Simulator
from support import runs
from support.busy_tenant import TENANT
from support.examples import examples
from support.tasks import MODULES, ROOT, WAIT, run_tasks

FLEET = {"tenant": TENANT}
WAITING = {WAIT, runs.DESKTOPS}
EXAMPLES = {name: runpy.run_path(str(ROOT / "plugins" / "modules" / f"{name}.py"))["EXAMPLES"] for name in MODULES}


@pytest.fixture(scope="module")
def usual() -> Iterator[Simulator]:
    with Simulator(desktops=120, users=60, pools=5) as found:
        yield found


@pytest.mark.parametrize("module", sorted(set(MODULES) - WAITING))
def test_the_examples_of_the_documentation_run(usual: Simulator, module: str) -> None:
    for name, result in run_tasks(EXAMPLES[module], runs.keys_of(usual.info)):
        assert not result.get("failed"), (name, result)


@pytest.mark.parametrize(
    "text",
    [*map(EXAMPLES.get, sorted(WAITING)), *(example.code for example in examples() if example.waits)],
    ids=[*sorted(WAITING), *(str(example) for example in examples() if example.waits)],
)
def test_no_example_passes_while_a_desktop_is_in_use(cloud: Simulator, text: str) -> None:
    """With a disconnected session, a user in another letter case and a status that nobody knows."""
    cloud.set_status("REGISTERED", names=["desk-10"])  # so that nobody is CONNECTED
    (batch,) = [one["desktop_id"] for one in cloud.project()["desktops"] if one["desktop_name"] == "desk-11"]
    play = {
        "ansible_play_batch": ["one"],
        "hostvars": {"one": {"workspace_desktop_id": batch}},
        "inventory_hostname": "one",
    }
    results = [result for _name, result in run_tasks(text, runs.keys_of(cloud.info), **play) if "free" in result]
    assert results
    for result in results:
        assert result["failed"] is True, result
        assert result.get("reason", "in_use") in ("in_use", "unmatched"), result
