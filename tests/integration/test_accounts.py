# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that agencies lead to, in inventories and a playbook."""

from __future__ import annotations

import json
from pathlib import Path

from integration.conftest import valid_report
from simulator.client import Simulator
from support.examples import examples
from support.runs import run


def test_one_identity_reads_other_accounts(tmp_path: Path) -> None:
    (text,) = [
        example.code
        for example in examples()
        if example.path.name == "guide_authentication.rst" and "workspace_projects:" in example.code
    ]
    accounts, report = tmp_path / "accounts.yml", tmp_path / "report.json"
    accounts.write_text(text.replace("sales-account", "account-1").replace("design-account", "account-2"), "utf-8")
    with Simulator(desktops=4, accounts=2, status={"REGISTERED": 1}) as cloud:
        info = cloud.info
        environment = {
            "HUAWEICLOUD_SDK_AK": info["access_key"],
            "HUAWEICLOUD_SDK_SK": info["secret_key"],
            # It belongs to the account that asks, which none of the hosts is about.
            "HUAWEICLOUD_SDK_PROJECT_ID": info["project_id"],
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
            "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4": info["url"],
        }
        playbook = "huaweicloud.workspace.pre_maintenance_check"
        written = ("-e", f"workspace_report_file={report}")
        done = run(["ansible-playbook", playbook, "-i", accounts, *written], env=environment)
        projects = tmp_path / "workspace_projects.yml"
        agency = info["agencies"][0]
        options = {
            "plugin": "huaweicloud.workspace.workspace_projects",
            "assume_role_agency_name": agency["name"],
            "assume_role_domain_name": agency["domain_name"],
        }
        projects.write_text(json.dumps(options), encoding="utf-8")
        listed = run(["ansible-inventory", "-i", projects, "--list"], env=environment)
    assert done.returncode == 0, done.output
    found = valid_report(report)["projects"]
    read = {host: (result["project_id"], result["desktop_count"]) for host, result in found.items()}
    assert read == {"sales": (info["projects"][1]["id"], 4), "design": (info["projects"][2]["id"], 4)}
    # An agency lists the projects of its account only.
    assert listed.returncode == 0, listed.output
    assert [project["id"] in listed.stdout for project in info["projects"]] == [False, True, False]
