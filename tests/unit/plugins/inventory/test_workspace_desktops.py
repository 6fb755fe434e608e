# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts, names, variables and groups of workspace_desktops."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible import constants

from ...conftest import ARGUMENTS as OPTIONS
from ...conftest import HOST, IAM, PROJECT, Call
from .conftest import Inventory

OTHER = "1" * 32


@pytest.fixture
def inventory(make_inventory: Callable[[str], Inventory]) -> Inventory:
    return make_inventory("workspace_desktops")


def desktop(name: str | None, desktop_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "desktop_id": desktop_id or f"id-of-{name}",
        "computer_name": name,
        "ip_addresses": ["172.16.0.9", "10.0.0.9"],
        "ipv4": "10.0.0.9",
        "status": "ACTIVE",
        "login_status": "REGISTERED",
        "tags": [{"key": "owner", "value": "cad"}],
        "metadata": {"os_type": "Windows"},
        **fields,
    }


def page(*desktops: dict[str, Any], project_id: str = PROJECT, host: str = HOST) -> list[Call]:
    """The calls that read one page: the page, an empty one behind it, and the page again."""

    def call(offset: int) -> Call:
        query = [("limit", "500"), ("offset", str(offset))]
        body = {"desktops": list(desktops) if not offset else [], "total_count": len(desktops)}
        return Call(f"{host}/v2/{project_id}/desktops/detail", query, body)

    return [call(0), call(len(desktops)), call(0)] if desktops else [call(0)]


def refusal(status: int = 403, project_id: str = PROJECT, host: str = HOST) -> list[Call]:
    (call, *_more) = page(project_id=project_id, host=host)
    return [Call(call.url, call.query, {"error_code": "WKS.0403", "error_msg": "no permission"}, status)]


def names(data: Any) -> list[str]:
    return sorted(data.hosts)


def members(data: Any, group: str) -> list[str]:
    return sorted(host.name for host in data.groups[group].hosts) if group in data.groups else []


def test_a_short_file_adds_each_desktop_with_its_address(inventory: Inventory) -> None:
    given = {**OPTIONS, "keyed_groups": [{"key": "workspace_status | lower", "prefix": "status"}]}
    data = inventory.load(given, page(desktop("a"), desktop("b", status="SHUTOFF", ipv4="10.0.0.8")))
    assert members(data, "workspace_desktops") == ["a", "b"]
    assert (members(data, "status_active"), members(data, "status_shutoff")) == (["a"], ["b"])
    known = data.hosts["b"].vars
    # The first of ip_addresses is that of the management network.
    assert known["ansible_host"] == "10.0.0.8"
    assert known["workspace_ip_addresses"] == ["172.16.0.9", "10.0.0.9"]
    assert known["workspace_tags"] == [{"key": "owner", "value": "cad"}]
    assert known["workspace_region"] == "cn-north-4"
    assert known["workspace_project_id"] == known["workspace_project_name"] == PROJECT
    own = {name for name in known if not name.startswith("workspace_")}
    assert own == {"ansible_host", "inventory_file", "inventory_dir"}


@pytest.mark.parametrize(
    ("connect_with", "address"), [("ipv4", "10.0.0.9"), ("ipv6", "2001:db8::1"), ("computer_name", "a"), ("none", None)]
)
def test_connect_with_selects_the_address(inventory: Inventory, connect_with: str, address: str | None) -> None:
    desktops = [desktop("a", ipv6="2001:db8::1"), desktop("b", ipv4=None)]
    data = inventory.load({**OPTIONS, "connect_with": connect_with}, page(*desktops))
    assert data.hosts["a"].vars.get("ansible_host") == address
    assert ("1 desktops have no ipv4" in inventory.shown("v")) is (connect_with == "ipv4")


def test_a_host_name_is_the_first_expression_with_a_result(inventory: Inventory) -> None:
    given = {**OPTIONS, "hostnames": ["workspace_nick | default('')", "computer_name", "'ws-' ~ desktop_id[:4]"]}
    calls = page(desktop("a", nick="n"), desktop("b"), desktop(None, "0123456789"))
    assert names(inventory.load(given, calls)) == ["b", "n", "ws-0123"]


def test_a_name_used_twice_gets_the_beginning_of_the_id(inventory: Inventory) -> None:
    calls = page(desktop("a", "0123456789"), desktop("a", "abcdefghij"), desktop("b"))
    assert names(inventory.load(OPTIONS, calls)) == ["a_01234567", "a_abcdefgh", "b"]
    calls = page(desktop("a", "0123456789"), desktop("a", "01234567zz"))
    assert "two hosts, or a host and a group, have the name a_01234567" in inventory.refused(OPTIONS, calls)


POOL = {"keyed_groups": [{"key": "'x'", "prefix": "pool", "parent_group": "above"}]}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("static", {}),
        ("composed", {"groups": {"composed": "workspace_computer_name == 'b'"}}),
        ("com_posed", {"groups": {"com-posed": "true"}}),
        ("pool_x", POOL),
        ("above", POOL),
        *((name, {}) for name in ("workspace_desktops", "all", "ungrouped", "localhost", "127.0.0.1")),
    ],
)
def test_a_desktop_that_is_called_as_a_group_or_as_the_control_node(
    inventory: Inventory, name: str, given: dict[str, Any]
) -> None:
    """Ansible would add the members of the group to those of the desktop's groups, with its variables."""
    static = "static: {hosts: {static-1: {}}}"
    data = inventory.load({**OPTIONS, **given}, page(desktop(name, "0123456789"), desktop("b")), after=static)
    assert names(data) == sorted([f"{name}_01234567", "b", "static-1"])
    assert members(data, "workspace_desktops") == sorted([f"{name}_01234567", "b"])
    assert members(data, "static") == ["static-1"]
    assert "ansible_host" not in data.hosts["static-1"].get_vars()
    warning = inventory.shown("warning")
    assert warning.endswith(f"host names that are not unique, or are names of a group or of the control node: {name}")
    assert "Found both group and host" not in warning


def test_a_desktop_that_another_file_has_and_one_that_is_only_called_the_same(inventory: Inventory) -> None:
    known = "workspace_desktops: {hosts: {a: {ws_desktop_id: id-of-a}, b: {ws_desktop_id: other}}}"
    static = f"{known}\nx: {{hosts: {{c: {{}}}}}}"
    data = inventory.load(OPTIONS, page(desktop("a"), desktop("b"), desktop("c")), after=static)
    assert names(data) == ["a", "b", "b_id-of-b", "c"]
    assert data.hosts["b"].vars["ws_desktop_id"] == "other"
    assert "ansible_host" not in data.hosts["b"].vars


@pytest.mark.parametrize(("pooled", "other"), [("a", "b"), ("b", "a"), ("B", "a"), ("a", "B")])
def test_a_desktop_can_have_the_name_of_the_group_of_another(inventory: Inventory, pooled: str, other: str) -> None:
    """The order of the names does not matter."""
    given = {**OPTIONS, "keyed_groups": [{"key": "workspace_pool_name", "separator": ""}]}
    calls = page(desktop(pooled, pool_name=other), desktop(other, "0123456789", pool_name=None))
    data = inventory.load(given, calls)
    assert names(data) == sorted([pooled, f"{other}_01234567"])
    assert members(data, other) == [pooled]
    assert data.groups[other].vars == {}
    assert data.hosts[f"{other}_01234567"].vars["workspace_computer_name"] == other


def test_expressions_see_the_name_before_anything_is_appended(inventory: Inventory) -> None:
    given = {**OPTIONS, "keyed_groups": [{"key": "inventory_hostname", "separator": ""}]}
    given["compose"] = {"fqdn": "inventory_hostname ~ '.example.com'"}
    data = inventory.load(given, page(desktop("web", "0123456789")))
    assert members(data, "web") == ["web_01234567"]
    assert data.hosts["web_01234567"].vars["fqdn"] == "web.example.com"


def test_names_that_become_the_same_group_cause_one_warning(inventory: Inventory) -> None:
    keys = {"tag": "workspace_tags | items2dict", "pool": "workspace_pool_name"}
    given = {**OPTIONS, "groups": {"my-own": "true", "my_own": "true"}}
    given["keyed_groups"] = [{"key": key, "prefix": prefix} for prefix, key in keys.items()]
    names = [("design-1", "r&d"), ("design_1", "r-d"), ("design-1", "r-d"), ("office", "cad")]
    desktops = [
        desktop(f"d{n}", pool_name=p, tags=[{"key": "owner", "value": tag}]) for n, (p, tag) in enumerate(names)
    ]
    data = inventory.load(given, page(*desktops))
    assert members(data, "pool_design_1") == members(data, "tag_owner_r_d") == ["d0", "d1", "d2"]
    assert inventory.shown("warning").endswith(
        "different names become the same group: my-own and my_own, tag_owner_r&d and tag_owner_r-d,"
        " pool_design-1 and pool_design_1"
    )


@pytest.mark.parametrize("native", [False, True])
def test_names_that_look_like_numbers_stay_text(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    """Before ansible-core 2.19, Jinja2 can return numbers for such texts."""
    monkeypatch.setattr(constants, "DEFAULT_JINJA2_NATIVE", native, raising=False)
    given = {**OPTIONS, "hostnames": ["computer_name | lower"]}
    given["keyed_groups"] = [{"key": "workspace_computer_name | lower", "prefix": "named"}]
    given["filters"] = [{"include": "computer_name | lower in ['0x10', '007', '1e3', 'none']"}, {"exclude": True}]
    written = ["0X10", "007", "1E3", "None"]
    data = inventory.load(given, page(*map(desktop, written), desktop("x")))
    assert names(data) == ["007", "0x10", "1e3", "none"]
    assert members(data, "named_0x10") == ["0x10"]


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        ({}, {"tag_stage_lab"}),
        ({"default_value": "none"}, {"tag_stage_lab", "tag_owner_none"}),
        ({"trailing_separator": False}, {"tag_stage_lab", "tag_owner"}),
        ({"key": "['lab', none]"}, {"tag_lab"}),
        ({"key": "none"}, set()),
        ({"key": "none", "default_value": "x"}, {"tag_x"}),
    ],
)
def test_a_tag_without_a_value_makes_no_group_unless_the_file_says_which(
    inventory: Inventory, entry: dict[str, Any], groups: set[str]
) -> None:
    tags = [{"key": "owner", "value": None}, {"key": "stage", "value": "lab"}]
    given = {**OPTIONS, "keyed_groups": [{"key": "workspace_tags | items2dict", "prefix": "tag", **entry}]}
    data = inventory.load(given, page(desktop("a", tags=tags)))
    assert {group for group in data.groups if group.startswith("tag_")} == groups


def test_filters_decide_in_their_order(inventory: Inventory) -> None:
    filters = [
        {"include": "workspace_computer_name == 'a'"},
        {"exclude": "status == 'SHUTOFF' or is_freeze"},
        {"exclude": "tags | items2dict == {'owner': 'lab'}"},
    ]
    calls = page(
        desktop("a", status="SHUTOFF", is_freeze=None),
        desktop("b", status="SHUTOFF", is_freeze=False),
        desktop("c", is_freeze=True),
        desktop("d", tags=[{"key": "owner", "value": "lab"}], is_freeze=False),
        desktop("e", is_freeze=False),
    )
    assert names(inventory.load({**OPTIONS, "filters": filters}, calls)) == ["a", "e"]
    assert names(inventory.load({**OPTIONS, "filters": [filters[0], {"exclude": True}]}, calls)) == ["a"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hostnames": ["no_such"]}, "no_such"),
        ({"hostnames": ["computer_name ~"]}, "computer_name"),
        ({"hostnames": ["[computer_name]"]}, "hostnames: [computer_name] must result in a string, but the type is"),
        ({"hostnames": ["computer_name[:0]"]}, "hostnames: all expressions are empty for the desktop"),
        ({"filters": [{"include": "no_such == 1"}]}, "no_such"),
        ({"groups": {"g": "no_such == 1"}}, "no_such"),
        ({"keyed_groups": [{"key": "computer_name"}]}, "computer_name"),
        ({"keyed_groups": [{"prefix": "computer_name"}]}, "needs a key"),
    ],
)
def test_an_expression_that_fails_leaves_no_host(inventory: Inventory, given: dict[str, Any], words: str) -> None:
    assert words in inventory.refused({**OPTIONS, **given}, page(desktop("a"), desktop("b")))


@pytest.mark.parametrize("expression", ["'the-password", "thepassword", "'thepassword' | no_such"])
def test_a_variable_that_cannot_be_composed_is_not_shown(inventory: Inventory, expression: str) -> None:
    message = inventory.refused({**OPTIONS, "compose": {"ansible_password": expression}}, page(desktop("a")))
    assert "compose.ansible_password for the host a: the expression failed: " in message
    assert "password" not in message.partition(" failed: ")[2]


def test_failing_expressions_are_ignored_unless_strict(inventory: Inventory) -> None:
    given = {**OPTIONS, "strict": False, "compose": {"x": "no_such"}, "keyed_groups": [{"key": "no_such"}]}
    assert "x" not in inventory.load(given, page(desktop("a"))).hosts["a"].vars


def test_groups_see_composed_variables_and_the_prefix_can_be_empty(inventory: Inventory) -> None:
    given = {**OPTIONS, "compose": {"my_pool": "pool_name"}, "groups": {"pooled": "my_pool == 'design'"}}
    given = {**given, "hostvars_prefix": "", "keyed_groups": [{"key": "pool_name", "prefix": "pool"}]}
    data = inventory.load(given, page(desktop("a", pool_name="design"), desktop("b", pool_name=None)))
    assert members(data, "pool_design") == members(data, "pooled") == ["a"]
    assert [group for group in data.groups if group.startswith("pool_")] == ["pool_design"]
    assert data.hosts["b"].vars["status"] == "ACTIVE"


def test_credentials_of_a_project_replace_those_of_the_file(inventory: Inventory, tmp_path: Path) -> None:
    """Only the credentials file stays for a project with a profile alone."""
    file = tmp_path / ".huaweicloud" / "credentials"
    file.parent.mkdir()
    file.write_text("".join(f"[{name}]\nak = {name}\nsk = other\n" for name in ("a", "b")), encoding="utf-8")
    given = {**OPTIONS, "projects": [{"profile": "a"}, {"profile": "b", "project_id": OTHER}]}
    both = page(desktop("a")) + page(desktop("b"), project_id=OTHER)
    assert names(inventory.load(given, both)) == ["a", "b"]
    file = file.rename(tmp_path / "named")
    given = {**given, "access_key": None, "secret_key": None, "credentials_file": str(file)}
    assert names(inventory.load(given, both)) == ["a", "b"]
    given = {**OPTIONS, "projects": [{"access_key": "BK"}]}
    assert "project projects[0]: secret_key is missing" in inventory.refused(given, [])


def test_omitted_options_of_a_project_come_from_the_file(inventory: Inventory) -> None:
    omitted = "{{ nothing | default(omit) }}"
    entry = {"name": omitted, "access_key": omitted, "secret_key": omitted, "project_id": OTHER}
    for projects in ([entry], "{{ [{'region': nothing | default(omit), 'project_id': '" + OTHER + "'}] }}"):
        data = inventory.load({**OPTIONS, "projects": projects}, page(desktop("a"), project_id=OTHER))
        assert data.hosts["a"].vars["workspace_project_name"] == OTHER


def test_a_template_of_a_project_that_fails_is_named_and_not_shown(inventory: Inventory) -> None:
    message = inventory.refused({**OPTIONS, "projects": [{}, {"secret_key": "{{ 'the-secret' }"}]}, [])
    assert message.startswith("projects[1].secret_key: the template cannot be evaluated: it is malformed")
    assert "the-secret" not in message


def test_values_of_every_kind_that_yaml_has(inventory: Inventory) -> None:
    given = {**OPTIONS, "computer_names": [date(2026, 1, 31)], "filters": None, "compose": {"port": 5986}}
    calls = [Call(call.url, [("computer_names", "2026-01-31"), *call.query], call.body) for call in page(desktop("a"))]
    assert inventory.load(given, calls + page(desktop("a"))).hosts == {}
    data = inventory.load({**given, "computer_names": None}, page(desktop("a")))
    assert int(data.hosts["a"].vars["port"]) == 5986  # Before ansible-core 2.19 it is text.
    for value in (3, True, date(2026, 1, 31)):
        message = inventory.refused({**OPTIONS, "tags": {"floor": value}}, [])
        assert message.startswith("tags: the value of floor must be a string")


def test_a_rejected_project_fails_the_file_or_is_left_out(inventory: Inventory) -> None:
    given = {**OPTIONS, "projects": [{"name": "one"}, {"name": "two", "project_id": OTHER}]}
    second = page(desktop("b"), project_id=OTHER)
    message = inventory.refused(given, refusal())
    assert "project one: " in message
    assert "workspace:desktops:listDetail" in message
    # What was read before is not added either.
    inventory.refused(given, page(desktop("a")) + refusal(project_id=OTHER))
    skipping = {**given, "skip_refused": True}
    assert names(inventory.load(skipping, refusal() + second)) == ["b"]
    assert "a project is left out: project one: " in inventory.shown("warning")
    assert "project one: " in inventory.refused(skipping, refusal() + refusal(project_id=OTHER))
    assert "project one: " in inventory.refused(skipping, refusal(401))


def test_warnings_show_no_secret(inventory: Inventory) -> None:
    secret = OPTIONS["secret_key"]
    calls = page(desktop("a"))
    named = [Call(call.url, [("computer_names", secret), *call.query], call.body) for call in page()]
    inventory.load({**OPTIONS, "computer_names": [secret]}, [*named, *calls])
    assert inventory.shown("warning").endswith("computer_names matches no desktop for ********")


def test_filter_values_that_match_no_desktop_cause_a_warning(inventory: Inventory, cache: Any) -> None:
    given = {**OPTIONS, **cache, "computer_names": ["A", "b", "c"]}
    given["projects"] = [{"name": "one"}, {"name": "two", "project_id": OTHER}]
    calls = page(desktop("a")) + page(desktop("b"), project_id=OTHER)
    named = [Call(call.url, [("computer_names", name) for name in "Abc"] + call.query, call.body) for call in calls]
    # A name that the service does not find is searched in all desktops.
    calls = [*named[:3], *calls[:3], *named[3:], *calls[3:]]
    for wanted in (calls, []):
        inventory.said.clear()
        assert names(inventory.load(given, wanted)) == ["a", "b"]
        assert inventory.shown("warning").endswith("computer_names matches no desktop for c")


def test_two_entries_for_the_same_project(inventory: Inventory) -> None:
    given = {**OPTIONS, "projects": [{"name": "one"}, {"name": "two"}]}
    message = inventory.refused(given, page(desktop("a")) * 2)
    assert f"one and two of projects select the same project {PROJECT}" in message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"projects": []}, "projects is empty"),
        ({"projects": [{"regoin": "x"}]}, "projects[0]: regoin is not an option of this plugin; did you mean region?"),
        ({"projects": ["cn-north-4"]}, "projects"),
        ({"filters": [{"only": "x"}]}, "filters[0] must be"),
        ({"filters": [{"include": "x", "exclude": "y"}]}, "filters[0] must be"),
        ({"hostnames": []}, "hostnames is empty"),
        ({"connect_with": "ip"}, "connect_with"),
        ({"status": ["GONE"]}, "status"),
        ({"user_names": [" "], "project_id": None}, "user_names contains an empty"),
        ({"total_timeout": -1}, "total_timeout"),
    ],
)
def test_wrong_options_are_reported_before_any_request(inventory: Inventory, given: dict[str, Any], words: str) -> None:
    assert words in inventory.refused({**OPTIONS, **given}, [])


def test_a_cache_entry_is_only_used_with_the_same_options_and_credentials(
    inventory: Inventory, cache: Any, tmp_path: Path
) -> None:
    given = {**OPTIONS, **cache}
    inventory.load(given, page(desktop("a"), desktop("b")))
    # What is made of the data does not matter to the cache.
    assert names(inventory.load({**given, "filters": [{"exclude": "computer_name != 'a'"}]}, [])) == ["a"]
    token = {"access_key": None, "secret_key": None, "auth_token": "a-token"}
    elsewhere = {"region": "cn-east-3", "endpoint": HOST}
    for number, other in enumerate(({"access_key": "BK"}, token, elsewhere, {"status": ["ACTIVE"]})):
        name = f"other-{number}"
        calls = page(desktop(name))
        assert names(inventory.load({**given, **other}, calls)) == [name]
        assert names(inventory.load({**given, **other}, [])) == [name]
    assert names(inventory.load({**given, "project_id": OTHER}, page(desktop("o"), project_id=OTHER))) == ["o"]
    assert names(inventory.load(given, [])) == ["a", "b"]
    assert names(inventory.load(given, page(desktop("new")), cache=False)) == ["new"]
    assert names(inventory.load(given, [])) == ["new"]
    kept = "".join(path.name + path.read_text(encoding="utf-8") for path in (tmp_path / "cache").iterdir())
    assert "the-secret-key" not in kept
    assert "a-token" not in kept


def test_a_cache_entry_is_only_used_for_the_project_of_the_environment(
    inventory: Inventory, cache: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**OPTIONS, **cache, "project_id": None}

    def found(name: str, project_id: str) -> Call:
        return Call(f"{IAM}/v3/projects", [("name", name)], {"projects": [{"id": project_id, "name": name}]})

    whole = [found("cn-north-4", PROJECT), *page(desktop("a"))]
    assert names(inventory.load(given, whole)) == ["a"]
    monkeypatch.setenv("HW_PROJECT_NAME", "cn-north-4_dev")
    dev = [found("cn-north-4_dev", OTHER), *page(desktop("b"), project_id=OTHER)]
    assert names(inventory.load(given, dev)) == ["b"]
    assert names(inventory.load(given, [])) == ["b"]


def test_a_cache_entry_that_is_read_keeps_its_age(inventory: Inventory, cache: Any, tmp_path: Path) -> None:
    given = {**OPTIONS, **cache, "projects": [{"name": "one"}, {"name": "two", "project_id": OTHER}]}
    inventory.load({**given, "projects": given["projects"][:1]}, page(desktop("a")))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    assert names(inventory.load(given, page(desktop("b"), project_id=OTHER))) == ["a", "b"]
    assert {path: path.stat().st_mtime_ns for path in before} == before
