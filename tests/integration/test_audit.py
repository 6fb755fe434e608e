# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module workspace_audit_info and the playbook audit, against tenants whose truth is known otherwise."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration import runs
from integration.conftest import Play, valid_report
from simulator.client import Simulator

ROOT = Path(__file__).resolve().parents[2]
AUDIT = "workspace_audit_info"
PLAYBOOK = "audit"
REGION = "cn-north-4"
DEAD = {"status": "ACTIVE", "task_status": ""}

# The names say what is wrong; "well" stands for what is in no finding.
TENANT: dict[str, Any] = {
    "projects": [
        {
            "region": REGION,
            "pools": [
                {"name": "well-pool", "fields": {"desktop_count": 9, "desktop_used": 8}},
                {"name": "full-pool", "fields": {"desktop_count": 3, "desktop_used": 3}},
                {"name": "unused-pool", "fields": {"desktop_count": 3, "desktop_used": 0}},
                {"name": "empty-pool", "fields": {"desktop_count": 0, "desktop_used": 0}},
                {"name": "kept-pool", "fields": {"desktop_count": 3, "desktop_used": 1, "in_maintenance_mode": True}},
            ],
            "users": [
                {"name": "well", "pools": {"well-pool": True, "full-pool": True}},
                {"name": "disabled", "fields": {"disabled": True}, "pools": {"well-pool": True}},
                {
                    "name": "locked",
                    "fields": {"locked": True, "group_names": ["night-shift"]},
                    "pools": {"kept-pool": True},
                },
                {"name": "expired", "fields": {"account_expired": True}, "pools": {"well-pool": True}},
                {"name": "waiting", "pools": {"well-pool": False, "unused-pool": False}},
                {"name": "poolless"},
                {"name": "idler", "pools": {"well-pool": False}},
                {"name": "contradicted", "pools": {"well-pool": True}},
                {"name": "<b>&{{ 6 * 7 }}", "pools": {"well-pool": True}},
            ],
            "desktops": [
                {"name": "well-1", "users": ["well"], "idle_days": 0},
                {"name": "well-2", "users": ["well"], "groups": ["night-shift"], "idle_days": 9},
                {"name": "free-of-pool", "pool": "well-pool", "idle_days": None},
                {"name": "group-only", "groups": ["night-shift"]},
                {"name": "spare"},
                {"name": "of-disabled", "users": ["disabled"]},
                {"name": "of-locked", "users": ["locked", "well"]},
                {"name": "of-expired", "users": ["expired"]},
                {"name": "of-former", "former_users": ["ghost"]},
                {"name": "dead", "users": ["waiting"], "status": "UNREGISTER"},
                {
                    "name": "starting",
                    "users": ["poolless"],
                    "status": "UNREGISTER",
                    "detail": {"task_status": "powering-on"},
                },
                {"name": "error", "users": ["<b>&{{ 6 * 7 }}"], "detail": {"status": "ERROR"}},
                {"name": "detaching", "users": ["well"], "detail": {"attach_state": "DEATTACHFAIL"}},
                {"name": "frozen", "users": ["well"], "detail": {"is_freeze": True}},
                {"name": "isolated", "users": ["well"], "detail": {"isolated": True}},
                {"name": "left", "users": ["well"], "detail": {"domain_status": 2}},
                {"name": "kept", "users": ["well"], "detail": {"in_maintenance_mode": True}},
                {"name": "off", "users": ["well"], "status": "UNREGISTER", "detail": {"status": "SHUTOFF"}},
                {"name": "asleep", "users": ["well"], "detail": {"status": "HIBERNATED"}, "idle_days": 40},
                {
                    "name": "tagged",
                    "users": ["well"],
                    "detail": {"tags": [{"key": "owner", "value": ""}]},
                    "idle_days": 30,
                },
                {"name": "old", "users": ["well"], "detail": {"agent_version": "25.3.99999"}},
                {"name": "no-agent", "users": ["well"], "detail": {"agent_version": ""}},
            ],
        },
        {"region": "cn-east-3"},
        {"region": "ap-southeast-1"},
        {"region": "cn-south-1", "workspace": False},
        {"region": "ap-southeast-3", "generate": {"desktops": 60, "users": 45, "pools": 6}},
    ]
}

#: What has to be found in it, as it says so itself.
TRUTH = {
    "desktops_without_user": ["spare"],
    "desktops_of_disabled_users": ["of-disabled"],
    "desktops_of_locked_users": ["of-locked"],
    "desktops_of_expired_users": ["of-expired"],
    "desktops_of_unknown_users": ["of-former"],
    "desktops_running_unregistered": ["dead"],
    "desktops_in_error": ["detaching", "error", "frozen", "isolated", "left"],
    "desktops_in_maintenance": ["kept"],
    "desktops_shut_off": ["asleep", "off"],
    "users_without_desktop": ["idler"],
    "users_with_several_desktops": ["well"],
    "users_without_pool": ["poolless"],
    "users_never_attached": ["idler", "waiting"],
    "pools_never_attached": ["empty-pool", "unused-pool"],
    "pools_full": ["full-pool"],
    "pools_unused": ["unused-pool"],
    "pools_in_maintenance": ["kept-pool"],
}
RULES = {"idle_days": 30, "required_tags": ["owner"], "oldest_agent_version": "25.4"}


def found(result: dict[str, Any]) -> dict[str, list[str]]:
    """The findings of a result, by the name of what each is about."""
    kinds = {"desktops": "computer_name", "users": "user_name", "pools": "pool_name"}
    return {
        finding: sorted(record[kinds[finding.partition("_")[0]]] for record in records)
        for finding, records in result["findings"].items()
    }


def project_id(cloud: Simulator, region: str) -> str:
    return next(str(project["id"]) for project in cloud.info["projects"] if project["region"] == region)


def test_every_finding_is_right(cloud: Simulator) -> None:
    """All findings, of a project written down and of one made up, and nothing read that no finding needs."""
    made_up, empty = project_id(cloud, "ap-southeast-3"), project_id(cloud, "cn-east-3")
    few = {"findings": ["pools_full", "desktops_shut_off"], "expect_desktops": False}
    calls = {
        "all": runs.Call(runs.keys_of(cloud.info, **RULES), AUDIT),
        "made up": runs.Call(runs.keys_of(cloud.info, project_id=made_up), AUDIT),
        "few": runs.Call(runs.keys_of(cloud.info, project_id=empty, **few), AUDIT),
        "groups": runs.Call(
            runs.keys_of(cloud.info, findings=["desktops_of_locked_users"], resolve_groups=True), AUDIT
        ),
    }
    results = runs.run_calls(calls)
    everything = results["all"]
    names = {desktop["name"] for desktop in TENANT["projects"][0]["desktops"]}
    truth = {
        **TRUTH,
        "desktops_idle": ["asleep", "tagged"],
        "desktops_never_used": ["free-of-pool"],
        "desktops_without_tags": sorted(names - {"tagged"}),
        "desktops_with_old_agent": ["old"],
    }
    assert found(everything) == truth
    assert everything["finding_counts"] == {finding: len(records) for finding, records in truth.items()}
    assert (everything["desktop_count"], everything["user_count"], everything["pool_count"]) == (22, 9, 5)
    assert everything["status_counts"] == {"ACTIVE": 19, "SHUTOFF": 1, "ERROR": 1, "HIBERNATED": 1}
    statuses = {"UNREGISTER": 3, "REGISTERED": 19, "CONNECTED": 0, "DISCONNECTED": 0}
    assert everything["login_status_counts"] == statuses
    assert everything["not_checked"] == {}
    assert everything["project_id"] == cloud.info["project_id"]
    assert everything["changed"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", everything["read_at"])
    locked = everything["findings"]["desktops_of_locked_users"][0]
    assert locked["user_name"] == "locked"
    assert locked["locked"] is True
    for told in (
        "1 of 22 desktops has no usage record",
        "users_without_desktop: 1 user not reported, because other data contradict it (desktops are assigned): contradicted.",
        "2 of 22 desktops are assigned to user groups, but resolve_groups is not set",
    ):
        assert any(told in text for text in everything["warnings"]), told
    assert found(results["groups"])["desktops_of_locked_users"] == ["group-only", "of-locked", "well-2"]

    of_simulator(results["made up"], cloud.project(made_up))

    read = {entry["path"].partition(f"/v2/{empty}/")[2] for entry in cloud.requests()} - {""}
    assert read == {"desktop-pools", "desktops/detail"}


def of_simulator(result: dict[str, Any], tenant: dict[str, Any]) -> None:
    """The result is what the records of the simulator say, put together in another way than the module does."""
    owned = Counter(user["id"] for desktop in tenant["desktops"] for user in desktop["attach_users"])
    pools = {user["user_id"]: user["desktop_pools"] for user in tenant["users"]}
    attached = {pool["desktop_pool_id"] for entries in pools.values() for pool in entries if pool["is_attached"]}
    ids = {
        "users_without_pool": {user_id for user_id, entries in pools.items() if not entries},
        "users_never_attached": {
            user_id
            for user_id, entries in pools.items()
            if entries and not any(pool["is_attached"] for pool in entries)
        },
        "users_without_desktop": {user_id for user_id in pools if not owned[user_id]},
        "users_with_several_desktops": {user_id for user_id in pools if owned[user_id] > 1},
        "pools_never_attached": {pool["id"] for pool in tenant["pools"]} - attached,
    }
    for finding, expected in ids.items():
        key = "pool_id" if finding.startswith("pools") else "user_id"
        assert {record[key] for record in result["findings"][finding]} == expected, finding
    assert result["desktop_count"] == len(tenant["desktops"])
    assert result["user_count"] == len(pools)


def test_what_may_not_be_read_is_said(cloud: Simulator) -> None:
    """With skip_refused the rest goes on; that it fails without, the unit tests say."""
    cloud.behave(refuse=["users"])
    skip = runs.run_calls({"skip": runs.Call(runs.keys_of(cloud.info, skip_refused=True), AUDIT)})["skip"]
    need = {finding for finding in TRUTH if "_users" in finding or finding.startswith("users")}
    need = (need | {"pools_never_attached"}) - {"desktops_without_user"}
    assert found(skip) == {finding: names for finding, names in TRUTH.items() if finding not in need}
    assert set(skip["not_checked"]) == need
    assert all("workspace:users:list" in reason for reason in skip["not_checked"].values())
    assert skip["user_count"] is None
    assert not need & set(skip["finding_counts"])


def of_region(region: str, **more: Any) -> dict[str, Any]:
    return {"workspace_options": {"region": region, **more}}


def test_one_project(play: Play) -> None:
    """Without the group, the options of the project are variables, which the command line may give as a text."""
    findings = ["pools_full", "desktops_in_error", "desktops_idle"]
    options = "workspace_options=" + json.dumps({"region": REGION, "timeout": 20}, separators=(",", ":"))
    run, projects = play(None, "-e", options, workspace_findings=findings, workspace_idle_days=41)
    assert run.returncode == 0, run.output
    expected = {name: TRUTH[name] for name in ("desktops_in_error", "pools_full")}
    assert found(projects["localhost"]) == {**expected, "desktops_idle": []}
    assert "1 of 22 desktops has no usage record" in projects["localhost"]["warnings"][0]
    assert "localhost: 22 desktops, 5 pools; desktops_in_error 5, pools_full 1" in run.output
    assert "Total: 1 project, 22 desktops, 5 pools, 6 findings; 0 failed." in run.output
    assert projects["localhost"]["read_as"].startswith("access key ")


def test_projects_that_fail_are_listed_first_and_do_not_stop_others(play: Play, cloud: Simulator) -> None:
    """Each has its reason, is blamed alone in the recap, and makes the playbook fail in the end."""
    run, projects = play(
        {
            "good": of_region(REGION),
            "empty": of_region("cn-east-3"),
            "may-be-empty": {**of_region("ap-southeast-1"), "workspace_expect_desktops": False},
            "disabled": of_region("cn-south-1"),
            "unknown": of_region("cn-nowhere-1"),
            "misspelt": {"workspace_options": {"regoin": REGION}},
            # Only what was read shows that these two are one project.
            "by-region": of_region("ap-southeast-3"),
            "by-id": of_region("ap-southeast-3", project_id=project_id(cloud, "ap-southeast-3")),
        }
    )
    assert run.returncode == 2, run.output
    failed = ["by-id", "by-region", "disabled", "empty", "misspelt", "unknown"]
    assert list(projects) == [*failed, "good", "may-be-empty"]
    assert found(projects["good"]) == TRUTH
    assert runs.recap(run) == {"good": 0, "may-be-empty": 0, **dict.fromkeys(failed, 1)}
    assert projects["disabled"]["status_code"] == 403
    assert "no desktops and no users" in projects["empty"]["msg"]
    assert "regoin" in projects["misspelt"]["msg"]
    for name in ("by-id", "by-region"):
        assert "by-region and by-id select the same project" in projects[name]["msg"]
        assert "findings" not in projects[name]
    for name in failed:
        assert projects[name]["failed"] is True
        assert f"{name}: FAILED: " in run.output
    assert run.output.index("unknown: FAILED") < run.output.index("good: 22 desktops") < run.output.index("Total: 8")


def test_a_wrong_secret_is_refused_once(play: Play, cloud: Simulator) -> None:
    """Twelve projects share a key; the others are not asked, and say why."""
    hosts = {f"p{number}": of_region(REGION, project_id=f"{number:032x}") for number in range(12)}
    run, projects = play(hosts, "--forks", "12", env={"HUAWEICLOUD_SDK_SK": "wrong"})
    assert run.returncode == 2, run.output
    assert [entry["status"] for entry in cloud.requests()] == [401]
    assert sorted(str(project["status_code"]) for project in projects.values()) == ["401"] + ["None"] * 11
    assert sum("Not queried: the project " in project["msg"] for project in projects.values()) == 11
    assert set(runs.recap(run).values()) == {1}


@pytest.mark.parametrize(
    ("hosts", "given", "failed", "words"),
    [
        (None, {"workspace_report_file": "/nowhere/report.json"}, {"localhost": 1}, ["/nowhere does not exist"]),
        ({}, {}, {}, ["has no host in the group workspace_projects"]),
        (
            {"a": of_region(REGION), "b": {}, "c": {**of_region("cn-east-3"), "workspace_idel_days": 1}},
            {},
            {"a": 0, "b": 1, "c": 1},
            ["workspace_options is missing", "Did you mean workspace_idle_days?"],
        ),
    ],
)
def test_wrong_variables_are_said_before_anything_is_read(
    play: Play, cloud: Simulator, hosts: Any, given: dict[str, Any], failed: dict[str, int], words: list[str]
) -> None:
    """Nothing is read and nothing is written; the host that is wrong is blamed."""
    run, projects = play(hosts, env={"HW_REGION_NAME": REGION}, **given)
    assert run.returncode > 0, run.output
    for word in words:
        assert word in run.output
    assert not projects
    assert cloud.requests() == []
    assert runs.recap(run) == failed


def test_one_set_of_options_for_all_hosts_is_refused(play: Play, cloud: Simulator) -> None:
    hosts: dict[str, dict[str, Any]] = {name: {} for name in ("a", "b", "c")}
    run, projects = play(hosts, workspace_options={"region": REGION})
    assert run.returncode == 2, run.output
    assert all("a and b and c select the same project" in project["msg"] for project in projects.values())
    assert cloud.requests() == []


def test_the_result_is_a_variable_and_the_report_a_table(cloud: Simulator, tmp_path: Path) -> None:
    """A playbook that imports the audit can use its result; names are no templates, and no later run finds it."""
    report = tmp_path / "audit.csv"
    that = [
        "workspace_audit.finding_counts.desktops_in_error == 5",
        "workspace_audit.findings.pools_full[0].pool_name == 'full-pool'",
    ]
    plays: list[dict[str, Any]] = [
        {
            "ansible.builtin.import_playbook": "huaweicloud.workspace.audit",
            "vars": {**of_region(REGION), "workspace_report_file": str(report)},
        },
        {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.assert": {"that": that}}]},
    ]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    cache = tmp_path / "facts"
    facts = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}
    env = {**runs.reach(cloud.info), **facts, "ANSIBLE_INJECT_FACT_VARS": "false"}
    run = runs.run_playbook(playbook, env=env)
    assert run.returncode == 0, run.output
    assert not [kept for kept in cache.glob("*") if "pools_full" in kept.read_text(encoding="utf-8")]
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["finding"] for row in rows) == {finding: len(names) for finding, names in TRUTH.items()}
    assert {row["project_id"] for row in rows} == {cloud.info["project_id"]}


def test_what_has_changed_since_the_audit_before(play: Play, cloud: Simulator, tmp_path: Path) -> None:
    """The same path is right for both reports; a page shows the same."""
    hosts = {"main": of_region(REGION), "other": of_region("ap-southeast-3")}
    findings = {"workspace_findings": ["desktops_shut_off", "desktops_in_error", "pools_full"]}
    same = {"workspace_previous_report": str(tmp_path / "report.json"), **findings}
    run, projects = play(hosts, **same)
    assert run.returncode == 2
    assert "workspace_previous_report: " in run.output
    assert "report.json cannot be read: No such file or directory." in run.output
    assert cloud.requests() == []
    run, projects = play(hosts, **findings)
    before = projects["main"]["findings"]["desktops_in_error"]
    assert run.returncode == 0, run.output
    ids = {desktop["computer_name"]: desktop["desktop_id"] for desktop in before}
    report = tmp_path / "report.json"
    told = json.loads(report.read_text(encoding="utf-8"))
    kept = [desktop for desktop in before if desktop["computer_name"] != "isolated"]
    told["projects"]["main"]["findings"]["desktops_in_error"] = [
        *kept,
        {"desktop_id": "mended", "computer_name": "mended"},
    ]
    del told["projects"]["other"]
    report.write_text(json.dumps(told), encoding="utf-8")
    run, projects = play(hosts, **same)
    assert run.returncode == 0, run.output
    assert f"Since {told['read_at']}: 1 new, 1 resolved; 1 project could not be fully compared." in run.output
    assert "main: 22 desktops, 5 pools; desktops_in_error 5 (1 new, 1 resolved), " in run.output
    changes = valid_report(report)["changes"]
    assert list(changes) == ["main"]
    assert [one["desktop_id"] for one in changes["main"]["desktops_in_error"]["new"]] == [ids["isolated"]]
    assert changes["main"]["desktops_in_error"]["resolved"] == [{"desktop_id": "mended", "computer_name": "mended"}]


def test_the_inventory_beside_the_playbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is shipped: each project is read with the keys of its profile, which may see no other; one may be empty."""
    profiles = {"sales": ["cn-north-4"], "design": ["cn-east-3", "ap-southeast-3"]}
    tenant = {
        "credentials": [
            {"access_key": f"AK{name}", "secret_key": f"secret-of-{name}", "projects": seen}
            for name, seen in profiles.items()
        ],
        "projects": [
            {"region": "cn-north-4", "generate": {"desktops": 9, "users": 4}},
            {"region": "cn-east-3", "generate": {"desktops": 7, "users": 5}},
            {"region": "ap-southeast-3"},
        ],
    }
    path, report = tmp_path / "tenant.yml", tmp_path / "report.json"
    path.write_text(yaml.safe_dump(tenant), encoding="utf-8")
    (tmp_path / ".huaweicloud").mkdir()
    (tmp_path / ".huaweicloud" / "credentials").write_text(
        "".join(f"[{name}]\nak = AK{name}\nsk = secret-of-{name}\n" for name in profiles), encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    shipped = ROOT / "playbooks" / "inventory" / "projects.yml"
    command = ["ansible-playbook", "huaweicloud.workspace.audit", "-i", str(shipped), "--forks", "10"]
    with Simulator(tenant=path) as simulator:
        run = runs.run([*command, "-e", f"workspace_report_file={report}"], env=runs.addresses(simulator.info))
        ids = {entry["region"]: entry["id"] for entry in simulator.info["projects"]}
    assert run.returncode == 0, run.output
    projects = valid_report(report)["projects"]
    keys = ("desktop_count", "user_count", "project_id", "read_as")
    source = "access key AK{0} (profile {0} of ~/.huaweicloud/credentials)"
    assert {name: tuple(project[key] for key in keys) for name, project in projects.items()} == {
        "sales-beijing": (9, 4, ids["cn-north-4"], source.format("sales")),
        "design-shanghai": (7, 5, ids["cn-east-3"], source.format("design")),
        "spare-singapore": (0, 0, ids["ap-southeast-3"], source.format("design")),
    }
    assert "Total: 3 projects, 16 desktops, 9 users, " in run.output
    assert runs.recap(run) == dict.fromkeys(projects, 0)
