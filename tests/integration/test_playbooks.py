# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the collection, for everything that their variables and the service may do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration import runs
from simulator.client import Simulator

REGION = "cn-north-4"

# What must not be taken for a template stands in the name of a desktop.
TENANT = {
    "projects": [
        {
            "region": REGION,
            "desktops": [
                {"name": "desk-1", "status": "REGISTERED", "users": ["alice"]},
                {"name": "desk-10", "status": "CONNECTED", "users": ["张三", "O'Brien"]},
                {"name": "desk-11", "status": "DISCONNECTED", "users": ["bob"]},
                {"name": "{{ 6 * 7 }}", "status": None},
                {"name": "off", "status": "UNREGISTER", "groups": ["night-shift"]},
            ],
        },
        {"region": "cn-east-3"},
        {"region": "cn-south-1", "workspace": False},
        {"region": "ap-southeast-3", "generate": {"desktops": 60, "users": 45, "pools": 6}},
    ]
}


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


@pytest.fixture(scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    tenant = tmp_path_factory.mktemp("tenant") / "tenant.yml"
    tenant.write_text(yaml.safe_dump(TENANT), encoding="utf-8")
    with Simulator(tenant=tenant, drain=1) as simulator:
        yield simulator


@pytest.fixture
def cloud(_cloud: Simulator) -> Simulator:
    """A simulator of this file's projects, as new; from the first request on, people close their clients."""
    _cloud.reset()
    _cloud.behave(drain=None)
    return _cloud


Play = Callable[..., tuple[runs.Run, dict[str, Any]]]


@pytest.fixture
def play(cloud: Simulator, tmp_path: Path) -> Play:
    """Run a playbook of the collection with these variables; returns the run and the report."""

    def run(name: str, *, region: str = REGION, env: dict[str, str] | None = None, **variables: Any) -> Any:
        report = tmp_path / "report.json"
        options = {"region": region, "retry_max_delay": 0.05}
        given = {"workspace_report_file": str(report), "workspace_options": options, **variables}
        command = ["ansible-playbook", f"huaweicloud.workspace.{name}", "-e", json.dumps(given)]
        done = runs.run(command, env={**reach(cloud), **(env or {})})
        return done, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}

    return run


def truth(simulator: Simulator, region: str) -> dict[str, Any]:
    """What an audit of a project must find, from what the simulator holds."""
    project_id = next(item["id"] for item in simulator.info["projects"] if item["region"] == region)
    project = simulator.project(project_id)
    assigned = {
        entry["id"]: entry["name"]
        for desktop in project["desktops"]
        for entry in desktop["attach_users"]
        if entry["type"] == "USER"
    }
    users = [user for user in project["users"] if user["user_id"] in assigned]
    attached = {pool["desktop_pool_id"] for user in users for pool in user["desktop_pools"] if pool["is_attached"]}
    seen = {pool["desktop_pool_id"] for user in users for pool in user["desktop_pools"]}
    return {
        "desktop_count": len(project["desktops"]),
        "user_count": len(users),
        "pool_count": len(seen),
        "users_without_pool": {user["user_id"] for user in users if not user["desktop_pools"]},
        "users_never_attached": {
            user["user_id"]
            for user in users
            if user["desktop_pools"] and not any(pool["is_attached"] for pool in user["desktop_pools"])
        },
        "pools_never_attached": seen - attached,
        "desktops_without_user": {item["desktop_id"] for item in project["desktops"] if not item["attach_users"]},
    }


def told(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says, in the form of C(truth)."""
    return {
        **{name: report[name] for name in ("desktop_count", "user_count", "pool_count")},
        **{name: {item["user_id"] for item in report[name]} for name in ("users_without_pool", "users_never_attached")},
        "pools_never_attached": {item["desktop_pool_id"] for item in report["pools_never_attached"]},
        "desktops_without_user": {item["desktop_id"] for item in report["desktops_without_user"]},
    }


def test_audit_finds_what_there_is(play: Play, cloud: Simulator) -> None:
    """Every finding is that of the tenant itself."""
    expected = truth(cloud, "ap-southeast-3")
    assert all(expected.values())
    run, report = play("audit_pools", region="ap-southeast-3")
    assert run.returncode == 0, run.output
    assert told(report) == expected
    assert report["unmatched_users"] == report["users_without_id"] == report["warnings"] == []
    assert f"Users without a pool: {len(expected['users_without_pool'])} (" in run.output


def test_options_may_be_a_text_of_the_command_line(cloud: Simulator) -> None:
    """C(-e name='{...}') gives a text, which is meant as what it says."""
    options = "workspace_options=" + json.dumps({"region": REGION, "timeout": 20}, separators=(",", ":"))
    run = runs.run(["ansible-playbook", "huaweicloud.workspace.audit_pools", "-e", options], env=reach(cloud))
    assert run.returncode == 0, run.output
    assert "Desktops: 5 (" in run.output


def test_audit_reports_users_the_service_does_not_know(play: Play) -> None:
    """IDs that are given in addition are asked for as well."""
    run, report = play("audit_pools", workspace_extra_user_ids=["nobody-1"])
    assert run.returncode == 0, run.output
    assert report["unmatched_users"] == [{"user_id": "nobody-1", "user_name": None}]
    assert report["user_count"] == 5


def test_audit_does_not_take_nothing_for_a_project(play: Play) -> None:
    """An empty project fails, unless it is said to be right."""
    run, _report = play("audit_pools", region="cn-east-3")
    assert run.returncode == 2
    assert "The project shows no desktops at all" in run.output
    run, report = play("audit_pools", region="cn-east-3", workspace_expect_desktops=False)
    assert run.returncode == 0, run.output
    assert report["user_count"] == 0


def audit_many(simulator: Simulator, place: Path, hosts: dict[str, Any], *more: str, **env: str) -> Any:
    """Audit these projects; returns the run and the report."""
    inventory, report = place / "projects.yml", place / "report.json"
    inventory.write_text(yaml.safe_dump({"workspace_projects": {"hosts": hosts}}, sort_keys=False), encoding="utf-8")
    run = runs.run(
        [
            "ansible-playbook",
            "huaweicloud.workspace.audit_many_projects",
            "-i",
            inventory,
            *more,
            "-e",
            f"workspace_report_file={report}",
        ],
        env={**reach(simulator), **env},
    )
    return run, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}


def test_projects_that_fail_are_listed_and_do_not_stop_others(cloud: Simulator, tmp_path: Path) -> None:
    """Whatever is wrong with a project, it is in the report with its reason, and the playbook fails."""
    hosts = {
        "good": {"workspace_options": {"region": REGION}},
        "empty": {"workspace_options": {"region": "cn-east-3"}},
        "may-be-empty": {"workspace_options": {"region": "cn-east-3"}, "workspace_expect_desktops": False},
        "disabled": {"workspace_options": {"region": "cn-south-1"}},
        "unknown": {"workspace_options": {"region": "cn-nowhere-1"}},
        "misspelt": {"workspace_options": {"regoin": REGION}},
    }
    run, report = audit_many(cloud, tmp_path, hosts)
    assert run.returncode == 2, run.output
    assert "4 of 6 projects could not be audited: empty, disabled, unknown, misspelt." in run.output
    assert {name: project["audited"] for name, project in report.items()} == {
        "good": True,
        "empty": False,
        "may-be-empty": True,
        "disabled": False,
        "unknown": False,
        "misspelt": False,
    }
    assert report["good"]["desktop_count"] == 5
    assert report["disabled"]["error_code"] == "WKS.00010099"
    assert report["disabled"]["request_id"]
    assert "no project is named cn-nowhere-1" in report["unknown"]["reason"]


def test_a_project_of_the_environment_is_not_taken_for_all(cloud: Simulator, tmp_path: Path) -> None:
    """One project ID for all of them would show the same desktops under every name."""
    hosts = {
        "by-id": {"workspace_options": {"region": REGION, "project_id": cloud.info["project_id"]}},
        "by-region": {"workspace_options": {"region": "ap-southeast-3"}},
    }
    run, report = audit_many(cloud, tmp_path, hosts, HW_PROJECT_ID=cloud.info["project_id"])
    assert run.returncode == 2, run.output
    assert report["by-id"]["audited"] is True
    assert "HW_PROJECT_ID is set" in report["by-region"]["reason"]


def test_no_projects_is_no_success(cloud: Simulator, tmp_path: Path) -> None:
    """An inventory without projects fails."""
    run, report = audit_many(cloud, tmp_path, {})
    assert run.returncode == 2
    assert "nothing to audit" in run.output
    assert not report


def test_thirty_projects(tmp_path: Path) -> None:
    """Thirty projects come back whole, each with its own desktops."""
    with Simulator(projects=30, desktops=25, users=20, pools=4) as simulator:
        regions = simulator.info["regions"]
        hosts = {f"project-of-{region}": {"workspace_options": {"region": region}} for region in regions}
        run, report = audit_many(simulator, tmp_path, hosts, "--forks", "10")
        assert run.returncode == 0, run.output
        assert "All 30 projects were audited." in run.output
        assert len(report) == 30
        for region in regions:
            assert told(report[f"project-of-{region}"]) == truth(simulator, region)
