# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both inventories as users have them: with ansible-inventory, in playbooks, and from the cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration import runs
from simulator.client import Simulator

#: Would be 42 if it were taken for a template.
TEMPLATE = "{{ 6 * 7 }}"
TENANT = {
    "credentials": [
        {"access_key": "AKALL", "secret_key": "the-secret-of-all"},
        {"access_key": "AKONE", "secret_key": "the-secret-of-one", "projects": ["cn-north-4", "cn-north-4_design"]},
    ],
    "projects": [
        {
            "name": "cn-north-4",
            "desktops": [
                {"name": "desk-1", "status": "CONNECTED", "users": ["alice"]},
                {"name": "desk-2", "detail": {"status": "SHUTOFF", "tags": [{"key": "owner", "value": "cad"}]}},
                {
                    "name": TEMPLATE,
                    "detail": {"tags": [{"key": "note", "value": TEMPLATE}], "metadata": {"x": TEMPLATE}},
                },
            ],
        },
        {"name": "cn-north-4_design", "desktops": ["desk-1"]},
        {"name": "cn-east-3", "desktops": ["east-1"]},
        {"name": "cn-south-1", "workspace": False},
        {"name": "ap-southeast-1", "enabled": False},
        {"name": "xx-nowhere-1"},
    ],
}


@pytest.fixture(scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    tenant = tmp_path_factory.mktemp("tenant") / "tenant.yml"
    tenant.write_text(yaml.safe_dump(TENANT), encoding="utf-8")
    with Simulator(tenant=tenant) as simulator:
        yield simulator


@pytest.fixture
def cloud(_cloud: Simulator) -> Simulator:
    """A simulator of this file's projects, as new."""
    _cloud.reset()
    return _cloud


@pytest.fixture
def write(cloud: Simulator, tmp_path: Path) -> Callable[..., Path]:
    """C(write(plugin, option=...)): an inventory file that leads to the simulator."""

    def write(plugin: str, **options: Any) -> Path:
        place = {"endpoint": cloud.url, "iam_endpoint": cloud.url, "max_retries": 0}
        path = tmp_path / f"test.{plugin}.yml"
        content = {"plugin": f"huaweicloud.workspace.{plugin}", **place, **options}
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return path

    return write


def keys(name: str = "all") -> dict[str, str]:
    return {"HUAWEICLOUD_SDK_AK": f"AK{name.upper()}", "HUAWEICLOUD_SDK_SK": f"the-secret-of-{name}"}


def graph(path: Path, env: dict[str, str], *arguments: str) -> runs.Run:
    strict = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **env}
    return runs.run(["ansible-inventory", "-i", path, "--graph", *arguments], env=strict)


def plain(value: Any) -> Any:
    """The value itself; some releases of ansible-inventory mark those that are no templates."""
    return value["__ansible_unsafe"] if isinstance(value, dict) and "__ansible_unsafe" in value else value


def hosts(path: Path, env: dict[str, str]) -> dict[str, Any]:
    done = runs.run(["ansible-inventory", "-i", path, "--list"], env=env)
    assert done.returncode == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)["_meta"]["hostvars"]
    return found


def test_a_short_file_gives_every_desktop_in_groups(write: Callable[..., Path]) -> None:
    keyed = [{"key": "workspace_login_status | lower", "prefix": "login"}]
    path = write("workspace_desktops", region="cn-north-4", keyed_groups=keyed)
    done = graph(path, keys())
    assert done.returncode == 0, done.output
    assert done.stderr == ""
    lines = [line.strip(" |-") for line in done.stdout.splitlines()]
    assert lines.count("desk-1") == 2
    assert {"@workspace_desktops:", "@login_connected:", "@login_registered:", TEMPLATE} <= set(lines)
    assert plain(hosts(path, keys())["desk-1"]["ansible_host"]).startswith("10.0.0.")


def test_in_a_play_nothing_of_the_service_is_evaluated(write: Callable[..., Path], tmp_path: Path) -> None:
    compose = {"owners": "workspace_tags | map(attribute='value') | list", "named": "'at ' ~ workspace_computer_name"}
    keyed = [{"key": "workspace_computer_name", "prefix": "named"}]
    inventory = write(
        "workspace_desktops",
        region="cn-north-4",
        compose=compose,
        keyed_groups=keyed,
        connect_with="computer_name",
        filters=[{"include": "tags"}, {"exclude": True}],
    )
    playbook, results = tmp_path / "playbook.yml", tmp_path / "results"
    results.mkdir()
    seen = {
        "name": "{{ inventory_hostname }}",
        "address": "{{ ansible_host }}",
        "tags": "{{ workspace_tags }}",
        "metadata": "{{ workspace_metadata }}",
        "owners": "{{ owners }}",
        "named": "{{ named }}",
        "groups": "{{ group_names }}",
        "others": "{{ groups.workspace_desktops | map('extract', hostvars, 'workspace_computer_name') | list | sort }}",
        "evaluated": "{{ 6 * 7 }}",
    }
    write_it = {"content": "{{ seen | to_json }}", "dest": str(results) + "/{{ workspace_desktop_id }}", "mode": "0600"}
    tasks = [{"ansible.builtin.copy": write_it, "delegate_to": "localhost"}]
    play = {"hosts": "workspace_desktops", "gather_facts": False, "vars": {"seen": seen}, "tasks": tasks}
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    done = runs.run_playbook(playbook, "-i", inventory, env=keys())
    assert done.returncode == 0, done.output
    found = {told["name"]: told for told in (json.loads(path.read_text("utf-8")) for path in results.iterdir())}
    assert sorted(found) == ["desk-2", TEMPLATE]
    odd = found[TEMPLATE]
    assert str(odd["evaluated"]) == "42"
    assert (odd["address"], odd["named"], odd["owners"]) == (TEMPLATE, f"at {TEMPLATE}", [TEMPLATE])
    assert odd["tags"] == [{"key": "note", "value": TEMPLATE}]
    assert odd["metadata"] == {"x": TEMPLATE}
    assert odd["others"] == ["desk-2", TEMPLATE]
    assert not any("42" in name for name in odd["groups"])


def test_a_second_run_needs_neither_keys_nor_network(
    write: Callable[..., Path], cloud: Simulator, tmp_path: Path
) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    projects = [{"name": "north", "region": "cn-north-4"}, {"name": "east", "region": "cn-east-3"}]
    path = write("workspace_desktops", projects=projects, **cache)
    first = graph(path, keys())
    assert first.returncode == 0, first.output
    assert "east-1" in first.stdout
    asked = cloud.counters()["requests"]
    for env in (keys(), {}):
        again = graph(path, env)
        assert (again.returncode, again.stdout) == (0, first.stdout), again.output
    assert cloud.counters()["requests"] == asked
    # Other keys see nothing of it: they ask, and are refused one of the projects.
    other = graph(path, keys("one"))
    assert other.returncode != 0
    assert "east-1" not in other.stdout
    assert cloud.counters()["requests"] > asked
    asked = cloud.counters()["requests"]
    assert graph(path, keys(), "--flush-cache").returncode == 0
    assert cloud.counters()["requests"] > asked


def test_a_refused_project(write: Callable[..., Path]) -> None:
    projects = [{"name": "north", "region": "cn-north-4"}, {"name": "east", "region": "cn-east-3"}]
    path = write("workspace_desktops", projects=projects)
    done = graph(path, keys("one"), "-vvvv")
    assert done.returncode != 0
    message = " ".join(done.stderr.split())
    assert str(path) in message
    assert "project east: " in message
    assert "desk-1" not in done.stdout
    assert "the-secret-of-one" not in done.output
    done = graph(write("workspace_desktops", projects=projects, skip_refused=True), keys("one"))
    assert done.returncode == 0, done.output
    assert "a project is left out: project east: " in " ".join(done.stderr.split())
    assert "desk-1" in done.stdout
    assert "east-1" not in done.stdout


def test_a_play_for_every_project(write: Callable[..., Path], cloud: Simulator, tmp_path: Path) -> None:
    place = {"endpoint": cloud.url, "iam_endpoint": cloud.url}
    inventory = write("workspace_projects", options=place, exclude=["cn-east-3"])
    playbook, results = tmp_path / "playbook.yml", tmp_path / "results"
    results.mkdir()
    ask = {"huaweicloud.workspace.workspace_connect_desktops_info": {}, "register": "answer"}
    content = "{{ answer.desktops | map(attribute='desktop_name') | list | to_json }}"
    keep = {
        "ansible.builtin.copy": {"content": content, "dest": f"{results}/{{{{ inventory_hostname }}}}", "mode": "0600"}
    }
    play = {
        "hosts": "workspace_projects",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {"group/huaweicloud.workspace.workspace": "{{ workspace_options }}"},
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [ask, keep],
    }
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    done = runs.run_playbook(playbook, "-v", "-i", inventory, env=keys())
    assert done.returncode == 0, done.output
    found = {path.name: json.loads(path.read_text("utf-8")) for path in results.iterdir()}
    assert found == {"cn-north-4": ["desk-1", "desk-2", TEMPLATE], "cn-north-4_design": ["desk-1"]}
    told = " ".join(done.output.split())
    for why in ("is excluded", "is disabled", "is not enabled in it", "region xx-nowhere-1", "object storage"):
        assert why in told, why
