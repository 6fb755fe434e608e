# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants made from a seed and written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkiam.v3 import IamClient, KeystoneListAuthProjectsRequest
from simulator.client import HERE, Simulator, SimulatorError

if TYPE_CHECKING:
    from pathlib import Path
from contract.simulator.asking import LIST, POOLS, STATUSES, desktops_by_sdk, gateway_text, get, sdk, send_signed

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Tenants written by hand


def tenant_file(folder: Path, text: str) -> Path:
    path = folder / "fleet.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_five_lines_make_a_tenant(tmp_path: Path) -> None:
    path = tenant_file(
        tmp_path,
        "desktops:\n  - name: office-1\n    status: CONNECTED\n    users: [alice, 张三]\n  - spare\n",
    )
    with Simulator(tenant=path) as sim:
        found, total = desktops_by_sdk(sdk(sim))
        assert total == 2
        assert [(desktop["desktop_name"], desktop["connect_status"]) for desktop in found] == [
            ("office-1", "CONNECTED"),
            ("spare", "REGISTERED"),
        ]
        assert [entry["name"] for entry in found[0]["attach_users"]] == ["alice", "张三"]
        assert found[1]["attach_users"] == []
        assert desktops_by_sdk(sdk(sim), user_names=["张三"])[0] == found[:1]
        assert sim.info["region"] == "cn-north-4"


FULL = """
account: example-corp
account_id: "0123456789abcdef0123456789abcdef"
iam_users:
  - {name: auditor, password: "s3cret"}
credentials:
  - {access_key: AKALL, secret_key: skall}
  - {access_key: AKONE, secret_key: skone, projects: [cn-east-3]}
  - {access_key: AKTMP, secret_key: sktmp, security_token: token/+=}
  - {access_key: AKOLD, secret_key: skold, security_token: t, expired: true}
projects:
  - name: cn-north-4
    id: "11111111111111111111111111111111"
    pools: [dev, {name: qa, id: pool-qa}]
    groups: [{name: night, id: group-night}]
    users:
      - {name: alice, id: user-alice, user_group: sudo, pools: {dev: true, qa: false}}
      - {name: bob, id: user-bob, pools: [qa]}
      - {name: carol, id: user-carol}
    desktops:
      - {name: d1, id: desktop-1, status: UNREGISTER, users: [alice], groups: [night], extra: {login_count: 3}}
      - {name: d2, id: desktop-2, status: null}
      - {name: d3, id: desktop-3, status: HIBERNATED}
  - name: cn-east-3
    generate: {desktops: 40, users: 12, pools: 3, status: {CONNECTED: 0.25}}
    desktops: [extra-one]
  - {name: cn-south-1, workspace: false}
"""


def test_a_file_can_say_everything(tmp_path: Path) -> None:
    with Simulator(tenant=tenant_file(tmp_path, FULL)) as sim:
        info = sim.info
        assert (info["iam_user_name"], info["iam_domain_name"]) == ("auditor", "example-corp")
        assert info["project_id"] == "1" * 32
        assert info["temporary"]["security_token"] == "token/+="
        found, _total = desktops_by_sdk(sdk(sim))
        assert found[0] == {
            "desktop_id": "desktop-1",
            "desktop_name": "d1",
            "connect_status": "UNREGISTER",
            "attach_users": [
                {"id": "user-alice", "name": "alice", "user_group": "sudo", "type": "USER"},
                {"id": "group-night", "name": "night", "user_group": "default", "type": "GROUP"},
            ],
            "login_count": 3,
        }
        assert [desktop.get("connect_status") for desktop in found[1:]] == [None, "HIBERNATED"]
        users = {user["user_id"]: user["desktop_pools"] for user in get(sim, POOLS).json()["users"]}
        assert [(pool["desktop_pool_name"], pool["is_attached"]) for pool in users["user-alice"]] == [
            ("dev", True),
            ("qa", False),
        ]
        assert users["user-bob"] == [{"desktop_pool_id": "pool-qa", "desktop_pool_name": "qa", "is_attached": True}]
        assert users["user-carol"] == []
        east = sim.project(1)
        assert len(east["desktops"]) == 41
        assert sum(desktop["connect_status"] == "CONNECTED" for desktop in east["desktops"]) == 10
        south = "/v2/{}{}".format(info["projects"][2]["id"], LIST)
        refused = get(sim, south, info["projects"][2]["token"])
        assert (refused.status_code, refused.json()["error_code"]) == (403, "WKS.00010099")
        one: dict[str, Any] = {"access_key": "AKONE", "secret_key": "skone"}
        assert send_signed(sim, LIST, **one).status_code == 403
        assert send_signed(sim, "/v2/{}{}".format(info["projects"][1]["id"], LIST), **one).status_code == 200
        old: dict[str, Any] = {"access_key": "AKOLD", "secret_key": "skold", "unsigned": {"X-Security-Token": "t"}}
        assert "signature expired" in gateway_text(send_signed(sim, LIST, **old))


MANY_PROJECTS = """
credentials:
  - {access_key: AKALL, secret_key: skall}
  - {access_key: AKONE, secret_key: skone, projects: [cn-north-4_design]}
projects:
  - cn-north-4
  - cn-north-4_design
  - {name: cn-east-3, enabled: false}
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
            ("MOS", account, True),
        ]
        path = "/v3/auth/projects"
        limited = send_signed(sim, path, access_key="AKONE", secret_key="skone").json()["projects"]
        assert [project["name"] for project in limited] == ["cn-north-4_design", "MOS"]
        assert len(get(sim, path).json()["projects"]) == 4
        assert gateway_text(send_signed(sim, path, secret_key="wrong"))


def test_the_files_in_the_readme_are_good_ones(tmp_path: Path) -> None:
    blocks = (HERE / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    sizes = []
    for block in blocks:
        with Simulator(tenant=tenant_file(tmp_path, block.partition("```")[0])) as sim:
            sizes.append([len(project["desktops"]) for project in sim.tenant()["projects"]])
    assert sizes == [[3], [1, 500]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("desktops:\n  - {nome: d}\n", "desktops[0].nome: unknown key"),
        ("desktops:\n  - {name: d, status: connected}\n", "desktops[0]: 'connected' is no status"),
        ("projects: [{name: cn-north-4}]\ndesktops: []\n", "desktops: belongs into one of the projects"),
        ("credentials: [{projects: [nowhere]}]\n", "credentials[0]: there is no project nowhere"),
        ("users: 7\n", "TypeError: "),
        ("a: [\n", "is not YAML: "),
        (None, "No such file"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_file_and_key(tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / "fleet.yml" if text is None else tenant_file(tmp_path, text)
    with pytest.raises(SimulatorError) as caught:
        Simulator(tenant=path).start()
    assert f"{path}: {complaint}" in str(caught.value)


# Made-up tenants


def test_the_same_seed_makes_the_same_tenant(sim: Simulator) -> None:
    options: dict[str, Any] = {"desktops": 330, "users": 57, "pools": 5, "projects": 3}
    with Simulator(seed=11, **options) as same, Simulator(seed=12, **options) as other:
        assert same.tenant() == sim.tenant()
        assert {**same.info, "url": ""} == {**sim.info, "url": ""}
        assert other.tenant() != sim.tenant()
        assert other.info["secret_key"] != sim.info["secret_key"]


def test_shares_of_statuses_are_kept_exactly() -> None:
    with Simulator(desktops=1000, users=0, pools=0, status={"CONNECTED": 0.1, "MAINTENANCE": 0.02}) as sim:
        statuses = [desktop["connect_status"] for desktop in sim.project()["desktops"]]
    assert statuses.count("CONNECTED") == 100
    assert statuses.count("MAINTENANCE") == 20
    assert all(statuses.count(status) > 0 for status in STATUSES)
    assert len(statuses) == 1000


def test_thirty_projects_have_thirty_regions() -> None:
    with Simulator(desktops=5, projects=30) as sim:
        assert len(set(sim.info["regions"])) == 30
        last = sim.info["projects"][29]
        path = "/v2/{}{}".format(last["id"], LIST)
        assert get(sim, path, last["token"]).json()["total_count"] == 5


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
