# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook audit, against tenants whose truth is known otherwise."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ansible.release import __version__
from integration.conftest import Play, valid_report
from simulator.client import Simulator
from support import audited_tenant, runs
from support.audited_tenant import REGION, TRUTH, found

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = "audit"
TENANT = audited_tenant.TENANT


def of_region(region: str, **more: Any) -> dict[str, Any]:
    return {"workspace_options": {"region": region, **more}}


def test_a_playbook_without_inventory_reads_one_project(play: Play) -> None:
    """Without the group, the options of the project are variables, which the command line may give as a text."""
    findings = ["pools_full", "desktops_in_error", "desktops_idle"]
    options = "workspace_options=" + json.dumps({"region": REGION, "timeout": 20}, separators=(",", ":"))
    run, projects = play(None, "-e", options, workspace_findings=findings, workspace_idle_days=41)
    assert run.returncode == 0, run.output
    expected = {name: TRUTH[name] for name in ("desktops_in_error", "pools_full")}
    assert found(projects["localhost"]) == {**expected, "desktops_idle": []}
    words = "desktops_idle is not known for 1 desktop (no usage record): free-of-pool."
    assert projects["localhost"]["warnings"] == [words]
    assert (
        "localhost: 22 desktops, 5 pools; desktops_in_error 5, pools_full 1; not known: desktops_idle 1" in run.output
    )
    assert "Total: 1 project, 22 desktops, 5 pools, 6 findings, 1 not known; 0 failed." in run.output
    assert projects["localhost"]["read_as"].startswith("access key ")


def test_projects_that_fail_are_listed_first_and_do_not_stop_others(play: Play, cloud: Simulator) -> None:
    """Each has its reason, is blamed alone in the recap, and makes the playbook fail in the end."""
    run, projects = play(
        {
            "good": of_region(REGION),
            "may-be-empty": {**of_region("ap-southeast-1"), "workspace_expect_desktops": False},
            "disabled": of_region("cn-south-1"),
            "misspelt": {"workspace_options": {"regoin": REGION}},
            # Only what was read shows that these two are one project.
            "by-region": of_region("ap-southeast-3"),
            "by-id": of_region("ap-southeast-3", project_id=cloud.project_id("ap-southeast-3")),
        }
    )
    assert run.returncode == 2, run.output
    failed = ["by-id", "by-region", "disabled", "misspelt"]
    assert list(projects) == [*failed, "good", "may-be-empty"]
    assert found(projects["good"]) == TRUTH
    if tuple(int(number) for number in __version__.split(".")[:2]) < (2, 21):  # later ones show them themselves
        warnings = [line for line in run.stderr.splitlines() if line.startswith("[WARNING]: ")]
        assert {line.split(": ")[1] for line in warnings} == {"good", "by-id", "by-region"}
    assert runs.recap(run) == {"good": 0, "may-be-empty": 0, **dict.fromkeys(failed, 1)}
    assert projects["disabled"]["status_code"] == 403
    assert "regoin" in projects["misspelt"]["msg"]
    for name in ("by-id", "by-region"):
        assert "by-region and by-id select the same project" in projects[name]["msg"]
        assert "findings" not in projects[name]
    for name in failed:
        assert projects[name]["failed"] is True
        assert f"{name}: FAILED: " in run.output
    assert run.output.index("misspelt: FAILED") < run.output.index("good: 22 desktops") < run.output.index("Total: 6")


def test_a_wrong_secret_is_refused_once(play: Play, cloud: Simulator) -> None:
    """Four projects share a key; the others are not asked, and say why."""
    hosts = {f"p{number}": of_region(REGION, project_id=f"{number:032x}") for number in range(4)}
    run, projects = play(hosts, env={"HUAWEICLOUD_SDK_SK": "wrong"})
    assert run.returncode == 2, run.output
    assert [entry["status"] for entry in cloud.requests()] == [401]
    assert sorted(str(project["status_code"]) for project in projects.values()) == ["401"] + ["None"] * 3
    assert sum("Not queried: the project " in project["msg"] for project in projects.values()) == 3
    assert set(runs.recap(run).values()) == {1}


def test_wrong_variables_are_reported_before_any_request(play: Play, cloud: Simulator) -> None:
    """Nothing is read and nothing is written; the host that is wrong is blamed."""
    hosts = {"a": of_region(REGION), "b": {}, "c": {**of_region("cn-east-3"), "workspace_idel_days": 1}}
    run, projects = play(hosts, env={"HW_REGION_NAME": REGION})
    assert run.returncode == 2, run.output
    assert "workspace_options is missing" in run.output
    assert "Did you mean workspace_idle_days?" in run.output
    assert (projects, cloud.requests()) == ({}, [])
    assert runs.recap(run) == {"a": 0, "b": 1, "c": 1}


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
    found_rows = [row["finding"] for row in rows if not row["details"].startswith("not known: ")]
    assert Counter(found_rows) == {finding: len(names) for finding, names in TRUTH.items()}
    assert {row["project_id"] for row in rows} == {cloud.info["project_id"]}


def test_what_has_changed_since_the_audit_before(play: Play, cloud: Simulator, tmp_path: Path) -> None:
    """The same path is right for both reports; a page shows the same."""
    hosts = {"main": of_region(REGION)}
    findings = {"workspace_findings": ["desktops_shut_off", "desktops_in_error", "pools_full"]}
    same = {"workspace_previous_report": str(tmp_path / "report.json"), **findings}
    run, projects = play(hosts, **same)
    assert run.returncode == 2
    assert "workspace_previous_report: " in run.output
    assert "report.json does not exist. For the first audit, set only workspace_report_file to this path" in run.output
    assert cloud.requests() == []
    run, projects = play(hosts, **findings)
    before = projects["main"]["findings"]["desktops_in_error"]
    assert run.returncode == 0, run.output
    ids = {desktop["computer_name"]: desktop["desktop_id"] for desktop in before}
    report = tmp_path / "report.json"
    words = json.loads(report.read_text(encoding="utf-8"))
    kept = [desktop for desktop in before if desktop["computer_name"] != "isolated"]
    words["projects"]["main"]["findings"]["desktops_in_error"] = [
        *kept,
        {"desktop_id": "mended", "computer_name": "mended"},
    ]
    report.write_text(json.dumps(words), encoding="utf-8")
    run, projects = play({**hosts, "other": of_region("ap-southeast-3")}, **same)
    assert run.returncode == 0, run.output
    assert f"Since {words['read_at']}: 1 new, 1 resolved; 1 project could not be fully compared." in run.output
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
    report = tmp_path / "report.json"
    (tmp_path / ".huaweicloud").mkdir()
    (tmp_path / ".huaweicloud" / "credentials").write_text(
        "".join(f"[{name}]\nak = AK{name}\nsk = secret-of-{name}\n" for name in profiles), encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    shipped = ROOT / "playbooks" / "inventory" / "projects.yml"
    command = ["ansible-playbook", "huaweicloud.workspace.audit", "-i", str(shipped), "--forks", "10"]
    with Simulator(tenant=tenant) as simulator:
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
