# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks decide before a project is read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils import _playbooks
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._playbooks import (
    Identity,
    VariableError,
    checked_options,
    hosts_of,
    one_ahead,
    same_projects,
    unparsed,
    without_omitted,
)

KEYS = {"HUAWEICLOUD_SDK_AK": "AK1", "HUAWEICLOUD_SDK_SK": "the-secret-key"}
REGION = {"region": "cn-north-4"}
TASK = {"access_key": "AK2", "secret_key": "other"}

#: The own arguments of the tasks, as far as the tests need them.
LIST, NUMBER = {"type": "list"}, {"type": "float"}
ARGUMENTS = {
    "audit": {"findings": LIST, "idle_days": NUMBER},
    "pre_maintenance_check": {"user_names": LIST, "wait": NUMBER},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials file of the machine is read, and each test is a run of Ansible of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(_playbooks, "RUN_FOLDER", str(tmp_path))


def test_options_are_those_of_the_task_and_the_shared_ones() -> None:
    given = {"workspace_options": REGION, "workspace_idle_days": 30, "workspace_report_file": "a.json", "other": 1}
    assert checked_options("audit", given, ARGUMENTS, in_group=False) == {"region": "cn-north-4", "idle_days": 30}
    # A variable of the other playbook may be there.
    given = {"workspace_findings": ["pools_full"], "workspace_wait": 60}
    assert checked_options("pre_maintenance_check", given, ARGUMENTS, in_group=False) == {"wait": 60}


@pytest.mark.parametrize("options", ["region", "{region: cn-north-4", ["region"], "", "# none", "null"])
def test_wrong_variables_are_named(options: Any) -> None:
    """A survey of a job template that was left empty is wrong as well."""
    with pytest.raises(VariableError, match="workspace_options must be a dictionary"):
        checked_options("audit", {"workspace_options": options}, ARGUMENTS, in_group=False)
    with pytest.raises(VariableError, match=r"workspace_idel_days is not a .* Did you mean workspace_idle_days"):
        checked_options("audit", {"workspace_idel_days": 3}, ARGUMENTS, in_group=False)
    with pytest.raises(VariableError, match="workspace_findings must be a list"):
        checked_options("audit", {"workspace_findings": "pools_full"}, ARGUMENTS, in_group=False)


@pytest.mark.parametrize("given", [{}, {"workspace_options": None}, {"workspace_options": {}}])
def test_each_host_of_the_group_needs_its_own_options(given: dict[str, Any]) -> None:
    """Also a host that a job slice or --limit leaves alone."""
    with pytest.raises(VariableError, match="workspace_options is missing: each host of the group workspace_projects"):
        checked_options("audit", given, ARGUMENTS, in_group=True)
    assert checked_options("audit", given, ARGUMENTS, in_group=False) == {}


Inventory = Callable[..., tuple[str, list[str]]]

INVENTORIES: dict[str, str] = {
    "projects.yml": "workspace_projects: {hosts: {a: , b: }}",
    "empty-group.yml": "{all: {hosts: {web1: }}, workspace_projects: {}}",
    "web.yml": "web: {hosts: {web1: }}",
    "folder/projects.yml": "workspace_projects: {hosts: {a: }}",
    "folder/broken.yml": "plugin: not.there.at_all",
    "folder/.hidden": "",
    "broken.yml": "workspace_projects: [",
    "no-hosts": "",
}


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inventory:
    """`inventory(sources, limit)`: where a playbook runs, and the files that Ansible itself could not read."""
    for name, text in INVENTORIES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    default = str(tmp_path / "default")
    monkeypatch.setattr(_playbooks, "_DEFAULT_SOURCE", default)

    def read(sources: list[str], limit: str | None = None) -> tuple[str, list[str]]:
        found = InventoryManager(DataLoader(), sources or [default])
        found.subset(limit)
        limited = [host.name for host in found.get_hosts("all")]
        missing = unparsed(found._sources, found._inventory.processed_sources)
        return hosts_of(found.get_groups_dict(), limited, found._sources), [Path(path).name for path in missing]

    return read


ONE_TASK = ".* can use huaweicloud.workspace.workspace_wait_for_free_desktops"
NO_GROUP = (
    rf"has no group workspace_projects.* add the group, with a host for each project \(localhost for one\){ONE_TASK}"
)


@pytest.mark.parametrize(
    ("sources", "limit", "expected"),
    [
        (["projects.yml"], None, []),
        (["projects.yml", "web.yml"], "b", []),
        # Lost in part.
        (["projects.yml", "mistyped.yml"], None, ["mistyped.yml"]),
        (["broken.yml", "projects.yml"], "a", ["broken.yml"]),
        (["folder"], None, ["broken.yml"]),
        *(([source], None, NO_GROUP) for source in ("a,b", "localhost,", "no-hosts", "mistyped.yml", "broken.yml")),
        (["empty-group.yml"], None, "has no host in the group workspace_projects"),
        (["projects.yml"], "all:!a:!b", f"--limit excludes all hosts of the group{ONE_TASK}"),
    ],
)
def test_an_inventory_needs_a_project_and_sources_that_could_be_read(
    inventory: Inventory, sources: list[str], limit: str | None, expected: str | list[str]
) -> None:
    """A reason, or the sources that could not be read."""
    if isinstance(expected, list):
        assert inventory(sources, limit) == ("workspace_projects", expected)
    else:
        with pytest.raises(VariableError, match=expected):
            inventory(sources, limit)
    assert inventory([]) == ("localhost", [])


def test_omitted_values_are_not_set() -> None:
    value = {"a": "OMIT", "b": ["OMIT", "x", {"c": "OMIT"}], "d": None}
    assert without_omitted(value, "OMIT") == {"b": ["x", {}], "d": None}
    assert without_omitted("OMIT", "OMIT") is None


def test_hosts_of_the_same_project_are_named() -> None:
    found = same_projects({"a": "one", "b": "two", "c": "one", "d": None, "e": None})
    assert list(found) == ["a", "c"]
    assert all("a and c select the same project" in why for why in found.values())


def identity(environ: Mapping[str, str] = MappingProxyType(KEYS), **options: Any) -> Identity:
    found = Identity.find({**REGION, **options}, environ)
    assert found
    return found


def test_places_are_the_same_where_the_options_show_it() -> None:
    assert identity().place == identity().place
    assert identity().place != identity(region="cn-east-3").place
    assert identity(project_id="p1").place == identity(project_id="p1", region="cn-east-3").place
    assert identity({**KEYS, "HW_PROJECT_ID": "p1"}).place == identity(project_id="p1").place
    # The same region of another account is another project.
    assert identity().place != identity(**TASK).place


def test_an_identity_names_who_asks_and_no_secret() -> None:
    assert identity().shown == "access key AK1 (the environment, HUAWEICLOUD_SDK_AK)"
    user = identity(iam_user_name="audit", iam_password="secret-word", iam_domain_name="company")
    assert user.shown == "IAM user audit of company (the task)"
    token = identity(auth_token="a-secret-token")
    assert token.shown.startswith("token ")
    for text in (*identity(), *user, *token):
        assert "secret" not in text


def test_agencies_of_different_accounts_share_who_asks_and_lead_to_different_projects() -> None:
    sales, design = (
        identity(assume_role_agency_name="audit", assume_role_domain_name=account) for account in ("sales", "design")
    )
    assert sales.key == design.key
    assert sales.place != design.place != identity().place
    assert sales.shown == "access key AK1 as agency audit of account sales (the environment, HUAWEICLOUD_SDK_AK)"
    environ = {**KEYS, "HW_ASSUME_ROLE_AGENCY_NAME": "audit", "HW_ASSUME_ROLE_DOMAIN_NAME": "sales"}
    assert identity(environ).place == sales.place
    assert identity({}, ecs_metadata=True).key == "agency of this ECS"
    # The module itself tells what is wrong.
    for wrong in ({}, {"idp_id": "ci", "id_token_file": "/nowhere"}, {**TASK, "timeout": "long"}):
        assert Identity.find({**REGION, **wrong}, {}) is None


def test_for_a_module_on_another_machine_only_the_options_of_the_task_count(tmp_path: Path) -> None:
    """What this machine has, the keys of its environment and its credentials file, says nothing of another one."""
    folder = tmp_path / ".huaweicloud"
    folder.mkdir()
    (folder / "credentials").write_text("[basic]\nak = AK3\nsk = the-secret-key\n", encoding="utf-8")
    assert identity({}).key == "access key AK3"
    for options in ({}, {"profile": "basic"}, {"ecs_metadata": True}):
        assert Identity.find({**REGION, **options}, {}, here=False) is None
    given = Identity.find({**REGION, **TASK}, {}, here=False)
    assert given
    assert given.key == "access key AK2"


class Asked(list[str]):
    """Hosts that were asked, in order; each answers what it is told to."""

    def ask(self, host: str, **answer: Any) -> dict[str, Any]:
        def run() -> dict[str, Any]:
            self.append(host)
            return answer

        return one_ahead(identity(), host, run)


@pytest.mark.parametrize("before", [[], [None], [403]])
def test_after_a_401_no_host_with_these_credentials_is_queried(before: list[int | None]) -> None:
    """Whatever failed before."""
    asked = Asked()
    for status_code in before:
        asked.ask("before", failed=True, status_code=status_code)
    asked.ask("a", failed=True, status_code=401)
    second = asked.ask("b")
    assert (second["failed"], second["status_code"], asked[-1]) == (True, None, "a")
    words = (
        "Not queried: the project a was rejected with HTTP 401 in this run and uses the same credentials: access key"
    )
    assert second["msg"].startswith(f"{words} AK1 (the environment, HUAWEICLOUD_SDK_AK)")
    assert one_ahead(identity(**TASK), "c", lambda: {"ok": 1}) == {"ok": 1}


def test_a_401_stays_known_although_another_call_succeeds_after_it() -> None:
    """A call of the next check goes ahead while one of the check before is still under way, which is then rejected."""
    asked = Asked()
    asked.ask("a")
    began, end = threading.Event(), threading.Event()

    def late() -> dict[str, Any]:
        began.set()
        end.wait(10)
        return {"failed": True, "status_code": 401}

    thread = threading.Thread(target=one_ahead, args=(identity(), "b", late))
    thread.start()
    began.wait(10)

    def ahead() -> dict[str, Any]:
        end.set()
        thread.join(10)
        return {}

    assert one_ahead(identity(), "a", ahead, since=time.monotonic()) == {}
    assert "Not queried: the project b" in asked.ask("c")["msg"]
    assert asked == ["a"]


def test_at_each_check_one_host_is_queried_alone_again() -> None:
    """Eight projects wait, and their key is revoked between two checks; an outage before that makes no project wait."""
    lock, asked, under_way, most = threading.Lock(), 0, 0, 0

    def check(since: float, **answer: Any) -> list[dict[str, Any]]:
        nonlocal asked, most
        asked = most = 0

        def ask() -> dict[str, Any]:
            nonlocal asked, under_way, most
            with lock:
                asked, under_way = asked + 1, under_way + 1
                most = max(most, under_way)
            time.sleep(0.05)
            with lock:
                under_way -= 1
            return answer

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda host: one_ahead(identity(), host, ask, since=since), map(str, range(8))))

    check(time.monotonic())
    assert asked == 8
    assert 1 < most < 8
    check(time.monotonic(), failed=True, status_code=503)
    assert asked == 8
    assert 1 < most < 8
    answers = check(time.monotonic(), failed=True, status_code=401)
    assert asked == 1
    assert sum(answer.get("reason") == "refused" for answer in answers) == 7
