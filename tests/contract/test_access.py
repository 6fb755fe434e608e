# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access check against the simulator, and the policies that it returns: each one is enough, and not too much."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import connect_desktops
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.access import USES
from simulator import workspace_api
from simulator.client import Simulator
from support import runs
from support.modules import flags, run_module, run_wait

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "desktop_connections.py"
MODULE = "workspace_access_info"
TENANT: dict[str, Any] = {
    "name": "cn-north-4",
    "generate": {"desktops": 12, "users": 12, "pools": 3, "status": {"REGISTERED": 1}},
    "desktops": [{"name": "busy", "status": "CONNECTED", "users": ["alice"], "pool": "pool-dev"}],
    "tasks": [{"name": "agents of tonight", "upgrade": True, "fields": {"due_in": 600}}],
}

Options = dict[str, Any]


@pytest.fixture(scope="module")
def policies() -> dict[str, list[str]]:
    """The actions of the policy that the module returns for each name of `uses`."""
    with Simulator(tenant=TENANT) as sim:
        found = {use: run_module(MODULE, runs.keys_of(sim.info, uses=[use]))["policy"] for use in USES}
    return {use: policy["Statement"][0]["Action"] for use, policy in found.items()}


@pytest.fixture(scope="module")
def limited(policies: dict[str, list[str]]) -> Iterator[Simulator]:
    """A key for each name of `uses`, whose owner may perform exactly the actions of its policy."""
    keys = [{"access_key": "ALL", "secret_key": "all"}] + [
        {"access_key": use, "secret_key": f"secret-of-{use}", "actions": actions} for use, actions in policies.items()
    ]
    with Simulator(tenant={**TENANT, "credentials": keys}) as found:
        yield found


def module(name: str, **options: Any) -> Callable[[Simulator, Options, Path], Any]:
    def run(sim: Simulator, keys: Options, folder: Path) -> Any:
        return run_module(name, {**keys, **options})

    return run


#: The options of a check that uses all operations.
CHECK: Options = {"user_names": ["alice"], "resolve_groups": True, "scheduled_within": 3600}
CHECK |= {"pool_names": ["pool-dev"], "allowed_desktops": ["busy"]}
AUDIT: Options = {"idle_days": 30, "resolve_groups": True}


def check(sim: Simulator, keys: Options, folder: Path) -> Any:
    found, _lines = run_wait({**keys, **CHECK})
    # Tasks that cannot be read only cause a warning.
    return {**found, "failed": found.get("failed") or "scheduled_tasks" not in found}


def inventory(name: str, **options: Any) -> Callable[[Simulator, Options, Path], Any]:
    def run(sim: Simulator, keys: Options, folder: Path) -> Any:
        path = folder / f"{name}.yml"
        plugin = {"plugin": f"huaweicloud.workspace.{name}", **keys, "iam_endpoint": sim.url, **options}
        path.write_text(json.dumps({key: value for key, value in plugin.items() if value is not None}), "utf-8")
        done = runs.run(
            ["ansible-inventory", "-i", path, "--list"], env={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
        )
        return {"failed": done.returncode != 0, "output": done.output}

    return run


def event_source(sim: Simulator, keys: Options, folder: Path) -> Any:
    async def first_event() -> Any:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        source = asyncio.create_task(
            runpy.run_path(str(SOURCE))["main"](queue, {**keys, "events": ["snapshot"], **SELECTED})
        )
        event = asyncio.ensure_future(queue.get())
        await asyncio.wait({event, source}, timeout=20, return_when="FIRST_COMPLETED")
        source.cancel()
        return {"failed": not event.done()}

    return asyncio.run(first_event())


#: The options of a source that uses all operations.
SELECTED: Options = {"pool_names": ["pool-dev"]}

#: A name of `uses` -> a function that uses all operations of it. Modules that are not named get all their flags.
EVERYTHING: dict[str, Callable[[Simulator, Options, Path], Any]] = {
    "desktop_connections": event_source,
    "workspace_access_info": module(MODULE, uses=[MODULE]),
    "workspace_audit_info": module("workspace_audit_info", **AUDIT),
    "workspace_desktop_pool_info": module("workspace_desktop_pool_info", user_names=["alice"]),
    "workspace_desktops": inventory("workspace_desktops", pools=True, usage=True),
    "workspace_projects": inventory("workspace_projects", region=None, project_id=None, endpoint=None),
    "workspace_wait_for_free_desktops": check,
}


#: Playbooks only run a task of a module.
PLAYBOOKS = {"audit": "workspace_audit_info", "pre_maintenance_check": "workspace_wait_for_free_desktops"}


def test_policies_of_playbooks_are_those_of_their_modules(policies: dict[str, list[str]]) -> None:
    for playbook, name in PLAYBOOKS.items():
        assert policies[playbook] == policies[name]


@pytest.mark.parametrize("use", sorted(set(USES) - PLAYBOOKS.keys()))
def test_each_policy_allows_exactly_what_it_is_for(
    use: str, limited: Simulator, policies: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # More desktops than connect-desktops returns.
    few = connect_desktops.LISTING._replace(largest_limit=2, largest_offset=2)
    monkeypatch.setattr(connect_desktops, "LISTING", few)
    for name, value in runs.addresses(limited.info).items():
        monkeypatch.setenv(name, value)
    limited.clear()
    keys = runs.keys_of(limited.info, access_key=use, secret_key=f"secret-of-{use}", max_retries=0)
    use_everything = EVERYTHING.get(use) or module(use, **flags(use))
    found = use_everything(limited, keys, tmp_path)
    assert not found.get("failed"), found
    assert "denied" not in str(found.get("warnings", "")).lower()
    prefix = f"/v2/{limited.info['project_id']}/"
    names = {
        workspace_api.find_operation(entry["path"].removeprefix(prefix))[0]
        for entry in limited.requests()
        if entry["path"].startswith(prefix)
    }
    used = {workspace_api.OPERATIONS[name].action for name in names}
    needed = {action for action in policies[use] if action in ACTIONS}
    assert used == needed


#: The actions of the operations, without those that they depend on.
ACTIONS = {operation.action for operation in workspace_api.OPERATIONS.values()}
