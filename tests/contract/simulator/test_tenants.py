# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants made from a seed and written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkiam.v3 import IamClient, KeystoneListAuthProjectsRequest
from simulator import MistakeError
from simulator.client import HERE, Simulator
from simulator.seed import make_account
from simulator.tenant_file import load_account
from support.requests_to_simulator import LIST, SDK_WARNINGS, STATUSES, gateway_text, get, send_signed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = SDK_WARNINGS

# Tenants written by hand


def tenant_file(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "fleet.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_files_in_the_readme_are_good_ones(tmp_path: Path) -> None:
    blocks = (HERE / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    short, whole = (
        Simulator(tenant=tenant_file(tmp_path / str(number), one.partition("```")[0]))
        for number, one in enumerate(blocks)
    )
    with short as sim:
        found = sim.project()["desktops"]
        assert [(desktop["desktop_name"], desktop["connect_status"]) for desktop in found] == [
            ("office-1", "CONNECTED"),
            ("office-2", "DISCONNECTED"),
            ("spare", "REGISTERED"),
        ]
        assert [[entry["name"] for entry in one["attach_users"]] for one in found] == [["alice"], ["bob", "张三"], []]
        assert sim.info["region"] == "cn-north-4"
    with whole as sim:
        (desktop,) = get(sim, LIST).json()["desktops"]
        assert (desktop["desktop_id"], desktop["connect_status"], desktop["login_count"]) == (
            "desktop-1",
            "CONNECTED",
            3,
        )
        assert [entry["name"] for entry in desktop["attach_users"]] == ["alice", "bob", "dave", "night-shift"]
        assert sim.records()["desktops/detail"][0]["status"] == "SHUTOFF"
        people = {user["user_name"]: len(user["desktop_pools"]) for user in sim.project()["users"]}
        assert people == {"alice": 2, "bob": 1, "carol": 0}
        assert len(sim.project(1)["desktops"]) == 500
        one: dict[str, Any] = {"access_key": "AKONE", "secret_key": "skone"}
        assert send_signed(sim, LIST, **one).status_code == 403
        assert send_signed(sim, "/v2/{}{}".format(sim.info["projects"][1]["id"], LIST), **one).status_code == 200


MANY_PROJECTS = """
credentials:
  - {access_key: AKALL, secret_key: skall}
  - {access_key: AKONE, secret_key: skone, projects: [cn-north-4_design]}
projects:
  - cn-north-4
  - cn-north-4_design
  - {name: cn-east-3, enabled: false}
  - {name: cn-south-1, workspace: false, desktops: [{name: d1, status: null}, {name: d1, status: HIBERNATED}]}
"""


def test_the_projects_that_the_caller_may_reach(tmp_path: Path) -> None:
    with Simulator(tenant=tenant_file(tmp_path, MANY_PROJECTS)) as sim:
        credentials = GlobalCredentials("AKALL", "skall", sim.info["domain_id"])
        client = IamClient.new_builder().with_credentials(credentials).with_endpoint(sim.url).build()
        found = client.keystone_list_auth_projects(KeystoneListAuthProjectsRequest()).projects
        account, region = sim.info["domain_id"], sim.info["project_id"]
        assert [(project.name, project.parent_id, project.enabled) for project in found] == [
            ("cn-north-4", account, True),
            ("cn-north-4_design", region, True),
            ("cn-east-3", account, False),
            ("cn-south-1", account, True),
            ("MOS", account, True),
        ]
        path = "/v3/auth/projects"
        limited = send_signed(sim, path, access_key="AKONE", secret_key="skone").json()["projects"]
        assert [project["name"] for project in limited] == ["cn-north-4_design", "MOS"]
        assert len(get(sim, path).json()["projects"]) == 5
        assert gateway_text(send_signed(sim, path, secret_key="wrong"))
        south = sim.info["projects"][3]
        refused = get(sim, "/v2/{}{}".format(south["id"], LIST), south["token"])
        assert (refused.status_code, refused.json()["error_code"]) == (403, "WKS.00010099")
        assert [desktop["connect_status"] for desktop in sim.project(3)["desktops"]] == [None, "HIBERNATED"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "desktops:\n  - {name: d, nome: d}\n",
            "desktops[0]: Desktop.__init__() got an unexpected keyword argument 'nome'",
        ),
        ("desktops:\n  - {name: d, status: connected}\n", "desktops[0]: 'connected' is no status"),
        ("projects: [cn-north-4, {name: cn-east-3, users: [{nome: d}]}]\n", "projects[1]: users[0]: "),
        ("projects: [{name: cn-north-4}]\ndesktops: []\n", "desktops: belongs into one of the projects"),
        ("users: [alice, alice]\n", "users[1]: there is a user 'alice' already"),
        ("credentials: [{access_key: a, secret_key: s, projects: [nowhere]}]\n", "credentials[0]: 'nowhere'"),
        ("users: 7\n", "'int' object is not iterable"),
        ("a: [\n", "while parsing a flow node"),
        (None, "[Errno 2] No such file"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_file_and_key(tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / "fleet.yml" if text is None else tenant_file(tmp_path, text)
    with pytest.raises(MistakeError) as caught:
        load_account(path, seed=1, now=0.0)
    assert f"{path}: {complaint}" in str(caught.value)


# Made-up tenants


def test_the_same_seed_makes_the_same_tenant(sim: Simulator) -> None:
    options: dict[str, Any] = {"desktops": 330, "users": 57, "pools": 5, "projects": 3, "accounts": 2}
    same, other = (make_account(seed=seed, now=0.0, **options) for seed in (11, 12))
    assert same.as_control() == sim.tenant() != other.as_control()
    assert same.keys[0].secret_key == sim.info["secret_key"] != other.keys[0].secret_key


def test_shares_of_statuses_are_kept_exactly() -> None:
    shares = {"CONNECTED": 0.1, "MAINTENANCE": 0.02}
    account = make_account(seed=1, now=0.0, desktops=100, users=0, pools=0, projects=30, status=shares)
    assert len({project.region for project in account.projects}) == 30
    statuses = [desktop.connect_status for desktop in account.projects[29].fleet.all()]
    assert statuses.count("CONNECTED") == 10
    assert statuses.count("MAINTENANCE") == 2
    assert all(statuses.count(status) > 0 for status in STATUSES)
    assert len(statuses) == 100
