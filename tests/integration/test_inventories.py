# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both inventories as users have them: with ansible-inventory, in playbooks, and from the cache."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from simulator.client import Simulator
from support import runs

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


@pytest.fixture
def write(cloud: Simulator, tmp_path: Path) -> Callable[..., Path]:
    """`write(plugin, option=...)`: an inventory file that leads to the simulator."""

    def write(plugin: str, **options: Any) -> Path:
        place = {"endpoint": cloud.url, "iam_endpoint": cloud.url, "max_retries": 0}
        path = tmp_path / f"test.{plugin}.yml"
        content = {"plugin": f"huaweicloud.workspace.{plugin}", **place, **options}
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return path

    return write


def keys(name: str = "all") -> dict[str, str]:
    return {"HUAWEICLOUD_SDK_AK": f"AK{name.upper()}", "HUAWEICLOUD_SDK_SK": f"the-secret-of-{name}"}


def inventory(env: dict[str, str], *arguments: str | Path) -> runs.Run:
    strict = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **env}
    return runs.run(["ansible-inventory", *arguments], env=strict)


def plain(value: Any) -> Any:
    """The value itself; some releases of ansible-inventory mark texts that are no templates."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {k: plain(v) for k, v in value.items()}
        )
    return [plain(entry) for entry in value] if isinstance(value, list) else value


def of_graph(text: str) -> dict[str, set[str]]:
    """The hosts of each group; that of a tree does not depend on the order of groups, which differs between releases."""
    found: dict[str, set[str]] = {}
    group = ""
    for line in text.splitlines():
        name = line.lstrip(" |-")
        if name.startswith("@"):
            group = name[1:-1]
            found[group] = set()
        else:
            found[group].add(name)
    return {group: hosts for group, hosts in found.items() if hosts}


def test_ansible_inventory_shows_both_plugins_with_and_without_cache(
    write: Callable[..., Path], cloud: Simulator, tmp_path: Path
) -> None:
    """Several projects, a name that looks like a template, and a second run that needs no network."""
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    ids = {project["name"]: project["id"] for project in cloud.info["projects"]}
    projects = [
        {"name": "north", "region": "cn-north-4"},
        {"name": "design", "region": "cn-north-4", "project_id": ids["cn-north-4_design"]},
        {"name": "east", "region": "cn-east-3"},
    ]
    desktops = write(
        "workspace_desktops",
        projects=projects,
        hostnames=["project_name ~ '-' ~ computer_name"],
        compose={"named": "'at ' ~ workspace_computer_name"},
        groups={"off": "workspace_status == 'SHUTOFF'"},
        keyed_groups=[
            {"key": "workspace_login_status | lower", "prefix": "login"},
            {"key": "workspace_computer_name", "prefix": "computer"},
        ],
        **cache,
    )
    keyed = [{"key": "workspace_options.region", "prefix": "region"}]
    accounts = write("workspace_projects", options={"timeout": 20}, keyed_groups=keyed, **cache)
    both: list[str | Path] = ["-i", desktops, "-i", accounts]

    shown = inventory(keys(), *both, "--graph")
    assert shown.returncode == 0, shown.output
    (warning,) = shown.stderr.split("[WARNING]: ")[1:]
    assert "regions:xx-nowhere-1." in "".join(warning.split())  # Ansible breaks lines at hyphens as well.
    groups = of_graph(shown.stdout)
    odd = f"north-{TEMPLATE}"
    (group,) = [name for name, hosts in groups.items() if name.startswith("computer_") and odd in hosts]
    assert "42" not in group
    assert groups == {
        "workspace_desktops": {"north-desk-1", "north-desk-2", odd, "design-desk-1", "east-east-1"},
        "login_connected": {"north-desk-1"},
        "login_registered": {"north-desk-2", odd, "design-desk-1", "east-east-1"},
        "off": {"north-desk-2"},
        "computer_desk_1": {"north-desk-1", "design-desk-1"},
        "computer_desk_2": {"north-desk-2"},
        "computer_east_1": {"east-east-1"},
        group: {odd},
        "workspace_projects": {"cn-north-4", "cn-north-4_design", "cn-east-3"},
        "region_cn_north_4": {"cn-north-4", "cn-north-4_design"},
        "region_cn_east_3": {"cn-east-3"},
    }

    asked = cloud.counters()["requests"]
    listed = inventory(keys(), *both, "--list")
    assert listed.returncode == 0, listed.output
    assert cloud.counters()["requests"] == asked
    known = plain(json.loads(listed.stdout))
    hostvars = known.pop("_meta")["hostvars"]
    assert {name: set(entry["hosts"]) for name, entry in known.items() if entry.get("hosts")} == groups
    assert set(hostvars) == set.union(*groups.values())
    tags = [{"key": "note", "value": TEMPLATE}]
    place = {"region": "cn-north-4", "project_id": ids["cn-north-4"], "project_name": "north"}
    words = {"computer_name": TEMPLATE, "tags": tags, "metadata": {"x": TEMPLATE}, **place}
    assert {name: hostvars[odd][f"workspace_{name}"] for name in words} == words
    assert hostvars[odd]["named"] == f"at {TEMPLATE}"
    assert hostvars[odd]["ansible_host"].startswith("10.0.0.")
    design = {"region": "cn-north-4", "project_id": ids["cn-north-4_design"], "timeout": 20}
    assert hostvars["cn-north-4_design"] == {"workspace_options": design}

    # ansible-inventory itself has --flush-cache from ansible-core 2.19 on only.
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "workspace_desktops", "tasks": []}]), encoding="utf-8")
    anew = runs.run_playbook(playbook, *both, "--flush-cache", "--list-hosts", env=keys())
    assert anew.returncode == 0, anew.output
    assert odd in anew.stdout
    assert cloud.counters()["requests"] > asked


def test_data_of_the_service_is_not_evaluated_in_a_play(write: Callable[..., Path], tmp_path: Path) -> None:
    """With a secret key that is protected by Ansible Vault."""
    compose = {"owners": "workspace_tags | map(attribute='value') | list", "named": "'at ' ~ workspace_computer_name"}
    keyed = [{"key": "workspace_computer_name", "prefix": "named"}]
    path = write(
        "workspace_desktops",
        region="cn-north-4",
        compose=compose,
        hostnames=["'h' ~ computer_name"],
        keyed_groups=keyed,
        connect_with="computer_name",
        filters=[{"include": "tags"}, {"exclude": True}],
    )
    playbook, results = tmp_path / "playbook.yml", tmp_path / "results"
    results.mkdir()
    seen = {
        "name": "{{ inventory_hostname }}",
        "short": "{{ inventory_hostname_short }}",
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
    (tmp_path / "vault").write_text("the-vault-password", encoding="utf-8")
    vault = VaultLib([("default", VaultSecret(b"the-vault-password"))])
    protected = vault.encrypt("the-secret-of-all").decode().splitlines()
    with path.open("a", encoding="utf-8") as file:
        file.write("\n  ".join(["access_key: AKALL\nsecret_key: !vault |", *protected]))
    done = runs.run_playbook(playbook, "-i", path, env={"ANSIBLE_VAULT_PASSWORD_FILE": str(tmp_path / "vault")})
    assert done.returncode == 0, done.output
    found = {words["name"]: words for words in (json.loads(path.read_text("utf-8")) for path in results.iterdir())}
    assert sorted(found) == ["hdesk-2", f"h{TEMPLATE}"]
    odd = found[f"h{TEMPLATE}"]
    assert str(odd["evaluated"]) == "42"
    assert odd["short"] == f"h{TEMPLATE}"
    assert (odd["address"], odd["named"], odd["owners"]) == (TEMPLATE, f"at {TEMPLATE}", [TEMPLATE])
    assert odd["tags"] == [{"key": "note", "value": TEMPLATE}]
    assert odd["metadata"] == {"x": TEMPLATE}
    assert odd["others"] == ["desk-2", TEMPLATE]
    assert not any("42" in name for name in odd["groups"])


def test_a_refused_project_leaves_no_host(write: Callable[..., Path]) -> None:
    projects = [{"name": "north", "region": "cn-north-4"}, {"name": "east", "region": "cn-east-3"}]
    path = write("workspace_desktops", projects=projects)
    done = inventory(keys("one"), "-i", path, "--graph", "-vvvv")
    assert done.returncode != 0
    message = " ".join(done.stderr.split())
    assert str(path) in message
    assert "project east: " in message
    assert "desk-1" not in done.stdout
    assert "the-secret-of-one" not in done.output


def test_a_play_can_target_each_project(write: Callable[..., Path], cloud: Simulator, tmp_path: Path) -> None:
    place = {"endpoint": cloud.url, "iam_endpoint": cloud.url}
    path = write("workspace_projects", options=place, exclude=["cn-east-3"])
    ask = {"huaweicloud.workspace.workspace_connect_desktops_info": {}, "register": "answer"}
    answers = "dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'answer')))"
    play = {
        "hosts": "workspace_projects",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {"group/huaweicloud.workspace.workspace": "{{ workspace_options }}"},
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [ask, {**runs.show_results([answers]), "run_once": True}],
    }
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    done = runs.run_playbook(playbook, "-v", "-i", path, env=keys())
    assert done.returncode == 0, done.output
    (found,) = runs.results_of(done)
    names = {name: [one["desktop_name"] for one in answer["desktops"]] for name, answer in found.items()}
    assert names == {"cn-north-4": ["desk-1", "desk-2", TEMPLATE], "cn-north-4_design": ["desk-1"]}
    words = " ".join(done.output.split())
    for why in ("is excluded", "is disabled", "is not enabled in it", "region xx-nowhere-1", "object storage"):
        assert why in words, why


def test_wrong_keys_are_rejected_once_in_a_run(write: Callable[..., Path], cloud: Simulator, tmp_path: Path) -> None:
    """By six inventory files, which two plugins try one after the other, and by the check of a playbook after them."""
    folder = tmp_path / "inventories"
    folder.mkdir()
    for plugin in ("workspace_desktops", "workspace_projects"):
        content = write(plugin, region="cn-north-4").read_text(encoding="utf-8")
        for number in range(3):
            (folder / f"{number}.{plugin}.yml").write_text(content, encoding="utf-8")
    task = {"huaweicloud.workspace.workspace_wait_for_free_desktops": {"region": "cn-north-4", "endpoint": cloud.url}}
    tasks = [{**task, "register": "check", "ignore_errors": True}, runs.show_results(["check"])]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    plugins = ["auto", *(f"huaweicloud.workspace.{name}" for name in ("workspace_desktops", "workspace_projects"))]
    env = {**keys(), "HUAWEICLOUD_SDK_SK": "wrong", "ANSIBLE_INVENTORY_ENABLED": ",".join(plugins)}
    done = runs.run_playbook(playbook, "-i", folder, env=env)
    assert [entry["status"] for entry in cloud.requests()] == [401], done.output
    (check,) = runs.results_of(done)
    assert check["reason"] == "refused"
    assert f"Not queried: the inventory file {folder / '0.workspace_desktops.yml'} was rejected" in check["msg"]
