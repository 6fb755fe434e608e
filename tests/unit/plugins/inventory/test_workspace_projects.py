# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts and variables of workspace_projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from ansible.plugins.loader import inventory_loader

from ...conftest import ARGUMENTS as OPTIONS
from ...conftest import HOST, IAM, Call
from .conftest import Inventory

EAST = "https://workspace.cn-east-3.myhuaweicloud.com"
NOT_ENABLED = {"error_code": "WKS.00010099", "error_msg": "Workspace is not enabled."}
NOT_PUBLISHED = {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}


@pytest.fixture
def inventory(make_inventory: Callable[[str], Inventory]) -> Inventory:
    return make_inventory("workspace_projects")


def project(project_id: str, name: str, parent: str = "account", enabled: Any = True) -> dict[str, Any]:
    return {"id": project_id, "name": name, "parent_id": parent, "enabled": enabled, "is_domain": False}


def listed(*projects: dict[str, Any]) -> Call:
    return Call(f"{IAM}/v3/auth/projects", body={"projects": list(projects), "links": {}})


def probed(project_id: str, host: str = HOST, body: Any = None, status: int = 200) -> Call:
    page = {"desktops": [], "total_count": 0}
    query = [("limit", "1"), ("offset", "0")]
    return Call(f"{host}/v2/{project_id}/connect-desktops", query, body or page, status)


def options_of(data: Any) -> dict[str, Any]:
    return {name: host.vars["workspace_options"] for name, host in data.hosts.items()}


def test_each_project_is_a_host_with_its_options(inventory: Inventory) -> None:
    north, design = project("p1", "cn-north-4"), project("p2", "cn-north-4_design", "p1")
    calls = [listed(north, design, project("p3", "cn-east-3")), probed("p3", EAST), probed("p1"), probed("p2")]
    common = {"profile": "audit", "timeout": 5}
    data = inventory.load({**OPTIONS, "options": common}, calls)
    assert options_of(data) == {
        "cn-east-3": {**common, "region": "cn-east-3", "project_id": "p3"},
        "cn-north-4": {**common, "region": "cn-north-4", "project_id": "p1"},
        "cn-north-4_design": {**common, "region": "cn-north-4", "project_id": "p2"},
    }
    assert [host.name for host in data.groups["workspace_projects"].hosts] == list(data.hosts)
    # Playbooks of the collection refuse variables that begin so and are none of theirs.
    names = {name for host in data.hosts.values() for name in host.vars if name.startswith("workspace_")}
    assert names == {"workspace_options"}


def test_projects_without_workspace_are_left_out_with_the_reason(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUAWEICLOUD_SDK_REGION_WORKSPACE_MY_CLOUD_1", HOST)
    reasons = {
        "cn-north-4_test": "excluded",
        "cn-south-1": "disabled",
        "cn-nowhere-1": "not known to have Workspace",
        "MOS": "object storage",
        "MOS_part": "object storage",
        "cn-east-3": "not enabled",
        "tr-west-1": "not published",
    }
    names = ["cn-north-4", "my-cloud-1", *reasons]
    # The parents of all but MOS_part are unknown.
    calls = [
        listed(*(project(f"id-{one}", one, f"id-{one[:3]}", enabled=one != "cn-south-1") for one in names)),
        probed("id-cn-east-3", EAST, NOT_ENABLED, 403),
        probed("id-cn-north-4"),
        probed("id-my-cloud-1"),
        probed("id-tr-west-1", "https://workspace.tr-west-1.myhuaweicloud.com", NOT_PUBLISHED, 404),
    ]
    data = inventory.load({**OPTIONS, "exclude": ["cn-north-4_test"]}, calls)
    assert list(data.hosts) == ["cn-north-4", "my-cloud-1"]
    assert "because the plugin does not know their regions: cn-nowhere-1." in inventory.shown("warning")
    lines = inventory.shown("v").splitlines()
    for name, why in reasons.items():
        assert any(f"{name} (id-{name})" in line and why in line for line in lines), name


def test_without_probe_only_iam_is_queried(inventory: Inventory) -> None:
    given = {**OPTIONS, "probe": False, "regions": ["cn-east-3", "my-cloud-1"], "exclude": ["id-cn-east-3_lab"]}
    names = ("cn-north-4", "cn-east-3", "my-cloud-1", "cn-east-3_lab")
    calls = [listed(*(project(f"id-{name}", name) for name in names))]
    assert list(inventory.load(given, calls).hosts) == ["cn-east-3", "my-cloud-1"]
    assert not inventory.shown("warning")  # Whoever names regions leaves out the others.


def test_a_project_that_cannot_be_queried_is_kept(inventory: Inventory) -> None:
    forbidden = {"error_code": "WKS.0403", "error_msg": "no permission"}
    calls = [
        listed(project("p1", "cn-north-4"), project("p2", "cn-north-4_a")),
        probed("p1", body=forbidden, status=403),
        probed("p2", body=ConnectionError("no route")),
    ]
    assert list(inventory.load(OPTIONS, calls).hosts) == ["cn-north-4", "cn-north-4_a"]
    assert "project cn-north-4 (p1) is kept, but cannot be queried" in inventory.shown("v")


def test_after_a_401_no_other_project_is_queried(inventory: Inventory) -> None:
    refusal = {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information"}
    calls = [
        listed(*(project(f"p{number}", f"cn-north-4_{number}") for number in range(1, 9))),
        probed("p1"),
        probed("p2", body=refusal, status=401),
    ]
    assert len(inventory.load(OPTIONS, calls).hosts) == 8
    assert "not all projects were checked" in inventory.shown("warning")


def test_credentials_that_a_project_rejects_are_not_used_for_another_file(inventory: Inventory) -> None:
    calls = [listed(project("p1", "cn-north-4"), project("p2", "cn-east-3")), probed("p2", EAST, status=401, body={})]
    assert sorted(inventory.load(OPTIONS, calls).hosts) == ["cn-east-3", "cn-north-4"]
    assert inventory.refused(OPTIONS, []).startswith("Not queried: ")


def test_projects_of_the_same_name_get_the_id_appended(inventory: Inventory) -> None:
    """In one account, or in two, which are two files."""
    one, two = project("0123456789", "cn-east-3"), project("abcdefghij", "cn-east-3")
    data = inventory.load({**OPTIONS, "probe": False}, [listed(one, two)])
    assert list(data.hosts) == ["cn-east-3_01234567", "cn-east-3_abcdefgh"]
    static = "workspace_projects: {hosts: {cn-east-3: {workspace_options: {project_id: other}}}}"
    data = inventory.load({**OPTIONS, "probe": False}, [listed(one)], after=static)
    ids = {name: options["project_id"] for name, options in options_of(data).items()}
    assert ids == {"cn-east-3": "other", "cn-east-3_01234567": "0123456789"}


def test_no_region_is_needed_with_an_endpoint_of_iam(inventory: Inventory) -> None:
    given = {**OPTIONS, "region": None, "iam_endpoint": IAM, "probe": False}
    assert list(inventory.load(given, [listed(project("p1", "cn-east-3"))]).hosts) == ["cn-east-3"]
    assert "iam_endpoint or region is missing" in inventory.refused({**given, "iam_endpoint": None}, [])


def test_an_iam_user_logs_in_for_the_account_and_for_each_project(inventory: Inventory) -> None:
    tokens = f"{IAM}/v3/auth/tokens"
    query, headers = [("nocatalog", "true")], {"X-Subject-Token": "the-token"}
    calls = [
        Call(tokens, query, {"token": {}}, 201, headers, "POST"),
        listed(project("p1", "cn-north-4")),
        Call(tokens, query, {"token": {"project": {"id": "p1"}}}, 201, headers, "POST"),
        probed("p1"),
    ]
    user = {"iam_user_name": "u", "iam_password": "p", "iam_domain_name": "d"}
    given = {**OPTIONS, **user, "access_key": None, "secret_key": None}
    assert list(inventory.load(given, calls).hosts) == ["cn-north-4"]


def test_no_project_is_a_warning(inventory: Inventory) -> None:
    assert not inventory.load(OPTIONS, [listed(project("p6", "MOS"))]).hosts
    assert "no project with Workspace was found" in inventory.shown("warning")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"regoin": "cn-north-4"}, "regoin"),
        ({"regions": []}, "regions is empty"),
        ({"regions": ["CN"]}, "regions"),
        ({"exclude": [" "]}, "exclude is empty"),
        ({"options": {"region": "cn-north-4"}}, "options: region cannot be set"),
        ({"options": {"timeot": 3}}, "options: timeot cannot be set"),
        ({"timeout": "soon"}, "timeout"),
        ({"concurrency": 99}, "concurrency is 99"),
        ({"secret_key": None}, "secret_key is missing"),
        ({"region": "{{ nothing }}"}, "region: the template cannot be evaluated: it uses an undefined variable."),
    ],
)
def test_wrong_options_are_reported_before_any_request(inventory: Inventory, given: dict[str, Any], words: str) -> None:
    assert words in inventory.refused({**OPTIONS, **given}, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("secret_key: '{{ the-secret'", "secret_key: the template cannot be evaluated: it is malformed"),
        (
            "secret_key: '{{ the-secret }}'",
            "secret_key: the template cannot be evaluated: it uses an undefined variable",
        ),
        ("proxy: 'http://u:the-secret@{{ host }'", "proxy: the template cannot be evaluated: "),
        ("options: {a: b}\nsecret_key: the-secret: x", "YAML"),
        ("regions: {secret_key: the-secret}", "regions"),
        ("secret_key: [the-secret]", "secret_key"),
        ("secret_key: the-secret\ntimeout: the-secret", "timeout"),
    ],
)
def test_malformed_values_are_not_shown(inventory: Inventory, text: str, words: str) -> None:
    message = inventory.refused(f"plugin: huaweicloud.workspace.workspace_projects\n{text}\n", [])
    assert words in message
    assert "the-secret" not in message


def test_a_rejection_names_the_source_of_the_credentials_and_no_secret(inventory: Inventory) -> None:
    body = {"error_msg": f"AK not exist {OPTIONS['secret_key']}"}
    message = inventory.refused(OPTIONS, [Call(f"{IAM}/v3/auth/projects", status=401, body=body)])
    assert "The access key AK in access_key of the inventory file does not exist" in message
    assert "********" in message


def test_values_of_the_file_are_templates_and_those_of_the_environment_are_not(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "AK")
    monkeypatch.setenv("HW_REGION_NAME", "{{ 'cn-north-4' }}")
    given = {**OPTIONS, "probe": False, "access_key": "{{ lookup('ansible.builtin.env', 'MY_KEY') }}"}
    given["regions"] = "{{ ['cn-east-3'] }}"
    assert list(inventory.load(given, [listed(project("p1", "cn-east-3"))]).hosts) == ["cn-east-3"]
    assert "HW_REGION_NAME" in inventory.refused({**given, "region": None}, [])


def test_omitted_values_are_not_set(inventory: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HW_REGION_NAME", "cn-north-4")
    given = {**OPTIONS, "region": "{{ nothing | default(omit) }}", "probe": "{{ nothing | default(false) }}"}
    given["exclude"] = ["p2", "{{ nothing | default(omit) }}"]
    calls = [listed(project("p1", "cn-north-4"), project("p2", "cn-north-4_test"))]
    assert list(inventory.load(given, calls).hosts) == ["cn-north-4"]


def test_a_template_in_options_is_evaluated_when_it_is_used(inventory: Inventory) -> None:
    keyed = [{"key": "workspace_options.region", "prefix": "region"}]
    given = {**OPTIONS, "probe": False, "options": {"profile": "{{ nothing }}"}, "keyed_groups": keyed}
    data = inventory.load(given, [listed(project("p1", "cn-east-3"))])
    assert options_of(data)["cn-east-3"]["profile"] == "{{ nothing }}"
    assert "region_cn_east_3" in data.groups


def test_the_name_of_the_file(inventory: Inventory, tmp_path: Path) -> None:
    plugin = inventory_loader.get("huaweicloud.workspace.workspace_projects")
    for name, right in [("workspace_projects.yml", True), ("a.workspace_projects.yaml", True), ("projects.yml", False)]:
        for quote in ("", "'", '"'):
            text = f"---\nplugin:  {quote}huaweicloud.workspace.workspace_projects{quote}\nregion: cn-north-4\n"
            (tmp_path / name).write_text(text, encoding="utf-8")
            assert plugin.verify_file(str(tmp_path / name)) is right
    words = "projects.yml is not read: its name must end in workspace_projects.yml or workspace_projects.yaml"
    assert inventory.said == [("warning", f"{tmp_path}/{words}")] * 3
    (tmp_path / "projects.yml").write_text("{}", encoding="utf-8")
    assert plugin.verify_file(str(tmp_path / "projects.yml")) is False
    assert len(inventory.said) == 3


@pytest.fixture
def cached(cache: dict[str, Any]) -> dict[str, Any]:
    return {**OPTIONS, **cache, "probe": False}


def test_a_cache_entry_is_only_used_with_the_same_credentials_and_options(
    inventory: Inventory, cached: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [listed(project("p1", "cn-east-3"))]
    nobody = {**cached, "access_key": None, "secret_key": None}
    assert list(inventory.load(cached, calls).hosts) == ["cn-east-3"]
    assert inventory.refused(nobody, []).startswith("No credentials in the inventory file")
    # Wherever keys come from, the same ones see it.
    monkeypatch.setenv("HW_ACCESS_KEY", "AK")
    monkeypatch.setenv("HW_SECRET_KEY", "the-secret-key")
    assert list(inventory.load(nobody, []).hosts) == ["cn-east-3"]
    # Other filters and another IAM ask anew.
    assert list(inventory.load({**cached, "exclude": ["p2"]}, calls).hosts) == ["cn-east-3"]
    elsewhere = [Call("https://iam.cn-east-3.myhuaweicloud.com/v3/auth/projects", body={"projects": []})]
    assert not inventory.load({**cached, "region": "cn-east-3"}, elsewhere).hosts


def test_a_cache_entry_is_only_used_with_the_same_assumed_agency(inventory: Inventory, cached: dict[str, Any]) -> None:
    """The same keys assume both."""
    given = {**cached, "assume_role_domain_name": "sales"}
    keys = {"credential": {"access": "TK", "secret": "sk", "securitytoken": "the-token", "expires_at": None}}
    assumed = Call(f"{IAM}/v3.0/OS-CREDENTIAL/securitytokens", body=keys, status=201, method="POST")
    for agency, region in (("audit", "cn-east-3"), ("ops", "cn-south-1")):
        mine = {**given, "assume_role_agency_name": agency}
        assert list(inventory.load(mine, [assumed, listed(project("p1", region))]).hosts) == [region]
        assert list(inventory.load(mine, []).hosts) == [region]


def test_a_cache_entry_is_only_used_with_the_same_agency_of_an_ecs(
    inventory: Inventory, cached: dict[str, Any]
) -> None:
    metadata = "http://127.0.0.1:9"
    ecs = {"access_key": None, "secret_key": None, "ecs_metadata": True, "metadata_endpoint": metadata}
    given = {**cached, **ecs}
    token = Call(f"{metadata}/meta-data/latest/api/token", status=404, method="PUT")
    keys = {"credential": {"access": "AK", "secret": "sk", "securitytoken": "the-token"}}
    key = Call(f"{metadata}/openstack/latest/securitykey", body=keys)

    def agency(name: str) -> list[Call]:
        about = {"uuid": "e", "project_id": "p", "meta": {"agency_name": name}}
        return [token, Call(f"{metadata}/openstack/latest/meta_data.json", body=about)]

    first = [*agency("one"), token, key, listed(project("p1", "cn-east-3"))]
    assert list(inventory.load(given, first).hosts) == ["cn-east-3"]
    assert list(inventory.load(given, agency("one")).hosts) == ["cn-east-3"]
    other = [*agency("two"), token, key, listed(project("p2", "cn-south-1"))]
    assert list(inventory.load(given, other).hosts) == ["cn-south-1"]


def test_only_the_owner_can_read_the_cache(inventory: Inventory, cached: dict[str, Any], tmp_path: Path) -> None:
    inventory.load(cached, [listed(project("p1", "cn-east-3"))])
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    (tmp_path / "cache").chmod(0o755)
    inventory.load(cached, [listed(project("p1", "cn-east-3"))], cache=False)
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "cache").iterdir()] == [0o600]


def test_the_documentation_has_the_environment_variables() -> None:
    options = inventory_loader.get("huaweicloud.workspace.workspace_projects").option_definitions
    assert [entry["name"] for entry in options["secret_key"]["env"]] == ["HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"]
