# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module workspace_audit_info and the playbook audit, against tenants whose truth is known otherwise."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration import runs
from simulator.client import Simulator

AUDIT = "workspace_audit_info"
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
                {"name": "locked", "fields": {"locked": True}, "pools": {"kept-pool": True}},
                {"name": "expired", "fields": {"account_expired": True}, "pools": {"well-pool": True}},
                {"name": "waiting", "pools": {"well-pool": False, "unused-pool": False}},
                {"name": "poolless"},
                {"name": "idler", "pools": {"well-pool": True}},
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
    "users_never_attached": ["waiting"],
    "pools_never_attached": ["empty-pool", "unused-pool"],
    "pools_full": ["full-pool"],
    "pools_unused": ["unused-pool"],
    "pools_in_maintenance": ["kept-pool"],
}
RULES = {"idle_days": 30, "required_tags": ["owner"], "oldest_agent_version": "25.4"}


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


def reach(simulator: Simulator) -> dict[str, str]:
    """The environment that leads to the simulator."""
    info = simulator.info
    variables = {
        f"HUAWEICLOUD_SDK_REGION_WORKSPACE_{region.upper().replace('-', '_')}": info["url"]
        for region in info["regions"]
    }
    return {
        **variables,
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
    }


def found(result: dict[str, Any]) -> dict[str, list[str]]:
    """The findings of a result, by the name of what each is about."""
    kinds = {"desktops": "computer_name", "users": "user_name", "pools": "pool_name"}
    return {
        finding: sorted(record[kinds[finding.partition("_")[0]]] for record in records)
        for finding, records in result["findings"].items()
    }


def paths(simulator: Simulator) -> set[str]:
    """The operations that were requested."""
    return {entry["path"].partition("/v2/")[2].partition("/")[2] for entry in simulator.requests()} - {""}


def test_every_finding_is_right(cloud: Simulator) -> None:
    """All findings, with and without the options that enable more, and with a permission missing."""
    keys = runs.keys_of(cloud.info)
    calls = {
        "usual": runs.Call(keys, AUDIT),
        "all": runs.Call({**keys, **RULES}, AUDIT),
        "one": runs.Call({**keys, "findings": ["pools_full"]}, AUDIT),
        "missing": runs.Call({**keys, "findings": ["desktops_idle"]}, AUDIT),
        "unknown": runs.Call({**keys, "findings": ["desktops_idel"]}, AUDIT),
    }
    results = runs.run_calls(calls)
    usual = results["usual"]
    assert found(usual) == TRUTH
    assert usual["finding_counts"] == {finding: len(names) for finding, names in TRUTH.items()}
    assert (usual["desktop_count"], usual["user_count"], usual["pool_count"]) == (22, 8, 5)
    assert usual["status_counts"] == {"ACTIVE": 19, "SHUTOFF": 1, "ERROR": 1, "HIBERNATED": 1}
    assert usual["login_status_counts"] == {"UNREGISTER": 3, "REGISTERED": 19, "CONNECTED": 0, "DISCONNECTED": 0}
    assert usual["not_checked"] == {}
    assert usual["project_id"] == cloud.info["project_id"]
    assert usual["changed"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", usual["read_at"])
    locked = usual["findings"]["desktops_of_locked_users"][0]
    assert locked["user_name"] == "locked"
    assert locked["locked"] is True

    everything = results["all"]
    names = {desktop["name"] for desktop in TENANT["projects"][0]["desktops"]}
    assert found(everything) == {
        **TRUTH,
        "desktops_idle": ["asleep", "tagged"],
        "desktops_without_tags": sorted(names - {"tagged"}),
        "desktops_with_old_agent": ["old"],
    }
    assert any("1 of 22 desktops have no usage record" in text for text in everything["warnings"])

    assert found(results["one"]) == {"pools_full": ["full-pool"]}
    assert results["one"]["desktop_count"] is results["one"]["status_counts"] is results["one"]["user_count"] is None
    runs.assert_failed(results["missing"], "findings: desktops_idle needs the option idle_days", attempts=None)
    assert "value of findings must be one or more of" in results["unknown"]["msg"]


def test_what_may_not_be_read_is_said(cloud: Simulator) -> None:
    """With skip_refused the rest goes on; without it, or if nothing is left, the task fails."""
    cloud.behave(refuse=["users"])
    keys = runs.keys_of(cloud.info)
    results = runs.run_calls(
        {
            "skip": runs.Call({**keys, "skip_refused": True}, AUDIT),
            "fail": runs.Call(keys, AUDIT),
            "nothing": runs.Call({**keys, "skip_refused": True, "findings": ["users_without_pool"]}, AUDIT),
        }
    )
    need = {finding for finding in TRUTH if "_users" in finding or finding.startswith("users")}
    need = (need | {"pools_never_attached"}) - {"desktops_without_user"}
    skip = results["skip"]
    assert found(skip) == {finding: names for finding, names in TRUTH.items() if finding not in need}
    assert set(skip["not_checked"]) == need
    assert all("workspace:users:list" in reason for reason in skip["not_checked"].values())
    assert skip["user_count"] is None
    assert not need & set(skip["finding_counts"])
    for name in ("fail", "nothing"):
        runs.assert_failed(results[name], "workspace:users:list", status_code=403)


def test_only_what_is_needed_is_read(cloud: Simulator) -> None:
    """One finding is one operation; pools of users are read only for the findings about them."""
    keys = runs.keys_of(cloud.info)
    needed = {
        "desktops_shut_off": {"desktops/detail"},
        "users_without_desktop": {"users"},
        "pools_full": {"desktop-pools"},
    }
    for finding, operations in needed.items():
        cloud.clear()
        runs.run_calls({"one": runs.Call({**keys, "findings": [finding]}, AUDIT)})
        assert paths(cloud) == operations


def test_a_generated_project(cloud: Simulator) -> None:
    """What the records of the simulator say, put together in another way than the module does."""
    info = cloud.info
    project = next(entry for entry in info["projects"] if entry["region"] == "ap-southeast-3")
    keys = runs.keys_of({**info, "region": "ap-southeast-3", "project_id": project["id"]})
    result = runs.run_calls({"all": runs.Call(keys, AUDIT)})["all"]
    tenant = cloud.project(project["id"])
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


Play = Callable[..., tuple[runs.Run, dict[str, Any]]]


@pytest.fixture
def play(cloud: Simulator, tmp_path: Path) -> Play:
    """Run the playbook for these hosts, or for one project if there are none; returns the run and the projects."""

    def run(hosts: dict[str, Any] | None = None, *more: str, env: dict[str, str] | None = None, **given: Any) -> Any:
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        given = {"workspace_report_file": str(report), **given}
        command: list[Any] = ["ansible-playbook", "huaweicloud.workspace.audit", "-e", json.dumps(given), *more]
        if hosts is not None:
            inventory = tmp_path / "projects.yml"
            inventory.write_text(yaml.safe_dump({"workspace_projects": {"hosts": hosts}}, sort_keys=False), "utf-8")
            command += ["-i", inventory]
        done = runs.run(command, env={**reach(cloud), **(env or {})})
        return done, json.loads(report.read_text(encoding="utf-8"))["projects"] if report.exists() else {}

    return run


def of_region(region: str, **more: Any) -> dict[str, Any]:
    return {"workspace_options": {"region": region}, **more}


def recap(run: runs.Run) -> dict[str, int]:
    """How often each host failed."""
    return {name: int(count) for name, count in re.findall(r"^(\S+) +: ok=.* failed=(\d+) ", run.stdout, re.MULTILINE)}


def test_one_project(play: Play) -> None:
    """Without the group, the options of the project are variables."""
    findings = ["pools_full", "desktops_in_error", "desktops_idle"]
    run, projects = play(workspace_options={"region": REGION}, workspace_findings=findings, workspace_idle_days=41)
    assert run.returncode == 0, run.output
    expected = {name: TRUTH[name] for name in ("desktops_in_error", "pools_full")}
    assert found(projects["localhost"]) == {**expected, "desktops_idle": []}
    assert "1 of 22 desktops have no usage record" in projects["localhost"]["warnings"][0]
    assert "localhost: 22 desktops, 5 pools; desktops_in_error 5, pools_full 1" in run.output
    assert "Total: 1 project, 22 desktops, 0 users, 5 pools, 6 findings; 0 failed." in run.output
    assert projects["localhost"]["read_as"].startswith("access key ")


def test_projects_that_fail_are_listed_first_and_do_not_stop_others(play: Play) -> None:
    """Each has its reason, is blamed alone in the recap, and makes the playbook fail in the end."""
    run, projects = play(
        {
            "good": of_region(REGION),
            "empty": of_region("cn-east-3"),
            "may-be-empty": {
                "workspace_options": {"region": "ap-southeast-1"},
                "workspace_expect_desktops": False,
            },
            "disabled": of_region("cn-south-1"),
            "unknown": of_region("cn-nowhere-1"),
            "misspelt": {"workspace_options": {"regoin": REGION}},
        }
    )
    assert run.returncode == 2, run.output
    failed = ["disabled", "empty", "misspelt", "unknown"]
    assert list(projects) == [*failed, "good", "may-be-empty"]
    assert found(projects["good"]) == TRUTH
    assert recap(run) == {"good": 0, "may-be-empty": 0, **dict.fromkeys(failed, 1)}
    assert projects["disabled"]["status_code"] == 403
    assert "no desktops and no users" in projects["empty"]["msg"]
    assert "regoin" in projects["misspelt"]["msg"]
    for name in failed:
        assert projects[name]["failed"] is True
        assert f"{name}: FAILED: " in run.output
    assert run.output.index("unknown: FAILED") < run.output.index("good: 22 desktops") < run.output.index("Total: 6")


def test_a_wrong_secret_is_refused_once(play: Play, cloud: Simulator) -> None:
    """Twelve projects share a key; the others are not asked, and say why."""
    hosts = {
        f"p{number}": {"workspace_options": {"region": REGION, "project_id": f"{number:032x}"}} for number in range(12)
    }
    run, projects = play(hosts, "--forks", "12", env={"HUAWEICLOUD_SDK_SK": "wrong"})
    assert run.returncode == 2, run.output
    assert [entry["status"] for entry in cloud.requests()] == [401]
    assert sorted(str(project["status_code"]) for project in projects.values()) == ["401"] + ["None"] * 11
    assert sum("Not asked: the project " in project["msg"] for project in projects.values()) == 11
    assert set(recap(run).values()) == {1}


def test_hosts_that_lead_to_the_same_project_fail(play: Play, cloud: Simulator) -> None:
    """Where the options show it nothing is read of them, and otherwise neither is reported."""
    project_id = cloud.info["project_id"]
    options = {"region": "ap-southeast-3"}
    run, projects = play({"one": {"workspace_options": options}, "two": {"workspace_options": options}})
    assert run.returncode == 2, run.output
    assert cloud.requests() == []
    assert all("one and two lead to the same project" in project["msg"] for project in projects.values())

    run, projects = play(
        {
            "by-id": {"workspace_options": {"region": REGION, "project_id": project_id}},
            "by-region": of_region(REGION),
            "other": of_region("ap-southeast-3"),
        }
    )
    assert recap(run) == {"by-id": 1, "by-region": 1, "other": 0}, run.output
    assert "by-id and by-region lead to the same project" in projects["by-id"]["msg"]
    assert "findings" not in projects["by-region"]
    assert projects["other"]["desktop_count"] == 60


@pytest.mark.parametrize(
    ("hosts", "given", "words"),
    [
        (None, {"workspace_idel_days": 3}, "Did you mean workspace_idle_days?"),
        (None, {"workspace_findings": "pools_full"}, "workspace_findings must be a list"),
        (None, {"workspace_report_file": "/nowhere/report.json"}, "the folder /nowhere does not exist"),
        (None, {"workspace_report_file": "report.xml"}, "ends in .json, .csv, .html"),
        ({}, {}, "has no host"),
        ({"a": of_region(REGION), "b": {}}, {}, "workspace_options is missing"),
        ({"a": of_region(REGION), "b": of_region("cn-east-3", workspace_idel_days=1)}, {}, "workspace_idle_days?"),
    ],
)
def test_wrong_variables_are_said_before_anything_is_read(
    play: Play, cloud: Simulator, hosts: Any, given: dict[str, Any], words: str
) -> None:
    """Nothing is read and nothing is written; the host that is wrong is blamed."""
    run, projects = play(hosts, env={"HW_REGION_NAME": REGION}, **given)
    assert run.returncode == 2, run.output
    assert words in run.output
    assert not projects
    assert cloud.requests() == []
    if hosts:
        assert recap(run) == {"a": 0, "b": 1}


def test_options_may_be_a_text_of_the_command_line(cloud: Simulator) -> None:
    options = "workspace_options=" + json.dumps({"region": REGION, "timeout": 20}, separators=(",", ":"))
    run = runs.run(["ansible-playbook", "huaweicloud.workspace.audit", "-e", options], env=reach(cloud))
    assert run.returncode == 0, run.output
    assert "localhost: 22 desktops" in run.output


def test_one_set_of_options_for_all_hosts_is_refused(play: Play, cloud: Simulator) -> None:
    hosts: dict[str, dict[str, Any]] = {name: {} for name in ("a", "b", "c")}
    run, projects = play(hosts, workspace_options={"region": REGION})
    assert run.returncode == 2, run.output
    assert all("a and b and c lead to the same project" in project["msg"] for project in projects.values())
    assert cloud.requests() == []


def test_the_result_is_a_fact_and_the_report_a_table(cloud: Simulator, tmp_path: Path) -> None:
    """A playbook that imports the audit can use its result; names are no templates."""
    report = tmp_path / "audit.csv"
    plays: list[dict[str, Any]] = [
        {
            "ansible.builtin.import_playbook": "huaweicloud.workspace.audit",
            "vars": {"workspace_options": {"region": REGION}, "workspace_report_file": str(report)},
        },
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                {
                    "ansible.builtin.assert": {
                        "that": [
                            "workspace_audit.finding_counts.desktops_in_error == 5",
                            "workspace_audit.findings.pools_full[0].pool_name == 'full-pool'",
                        ]
                    }
                }
            ],
        },
    ]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    run = runs.run_playbook(playbook, env=reach(cloud))
    assert run.returncode == 0, run.output
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["finding"] for row in rows) == {finding: len(names) for finding, names in TRUTH.items()}
    assert {row["project_id"] for row in rows} == {cloud.info["project_id"]}
    page = tmp_path / "audit.html"
    command = ["ansible-playbook", "huaweicloud.workspace.audit", "-e", f"workspace_report_file={page}"]
    run = runs.run([*command, "-e", json.dumps({"workspace_options": {"region": REGION}})], env=reach(cloud))
    assert run.returncode == 0, run.output
    assert "of-former" in page.read_text(encoding="utf-8")


def test_thirty_projects(tmp_path: Path) -> None:
    """Thirty projects come back whole, each with its own desktops."""
    with Simulator(projects=30, desktops=25, users=20, pools=4) as simulator:
        info = simulator.info
        hosts = {f"project-of-{entry['region']}": of_region(entry["region"]) for entry in info["projects"]}
        inventory, report = tmp_path / "projects.yml", tmp_path / "report.json"
        inventory.write_text(yaml.safe_dump({"workspace_projects": {"hosts": hosts}}), encoding="utf-8")
        command = ["ansible-playbook", "huaweicloud.workspace.audit", "-i", str(inventory), "--forks", "10"]
        run = runs.run([*command, "-e", f"workspace_report_file={report}"], env=reach(simulator))
        assert run.returncode == 0, run.output
        assert "Total: 30 projects, 750 desktops, 600 users, 120 pools, " in run.output
        projects = json.loads(report.read_text(encoding="utf-8"))["projects"]
        ids = {f"project-of-{entry['region']}": entry["id"] for entry in info["projects"]}
        assert {name: project["project_id"] for name, project in projects.items()} == ids
