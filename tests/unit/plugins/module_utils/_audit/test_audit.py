# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which findings an audit checks, what it reads for them, and what it cannot check."""

from __future__ import annotations

import importlib
import threading
from typing import Any
from unittest import mock

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.findings import FINDINGS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError

from ..fake import Pairs
from .service import (
    RULES,
    SOURCES,
    Record,
    Service,
    attached,
    desktop,
    ids_of,
    membership,
    pool,
    pools_of,
    refusal,
    usage,
    user,
)


def test_without_findings_all_are_looked_for_but_those_that_need_an_option() -> None:
    optional = {"desktops_idle", "desktops_never_used", "desktops_without_tags", "desktops_with_old_agent"}
    usual = Service().audit()["findings"]
    assert len(usual) == 17
    everything = Service().audit(**RULES)["findings"]
    assert set(everything) - set(usual) == optional
    only_if_asked = {f"desktops_{name}" for name in ("unencrypted", "with_public_address", "with_local_administrators")}
    assert set(everything) == FINDINGS.keys() - only_if_asked
    asked = Service().audit(findings=["pools_full", "desktops_in_error", "pools_full"], idle_days=3)
    assert list(asked["findings"]) == ["desktops_in_error", "pools_full"]


def test_rules_are_the_options_that_findings_depend_on() -> None:
    assert Service().audit(**RULES)["rules"] == {**RULES, "resolve_groups": False}
    assert FINDINGS["desktops_idle"].rules == ("idle_days",)
    assert FINDINGS["users_without_desktop"].rules == ("resolve_groups",)


def test_a_finding_that_needs_a_source_without_a_reader_is_an_error_when_imported() -> None:
    finding = FINDINGS["pools_full"]._replace(fields=("tasks.status",))
    with mock.patch.dict(FINDINGS, pools_full=finding), pytest.raises(TypeError, match="Findings need tasks"):
        importlib.reload(audit)
    importlib.reload(audit)


@pytest.mark.parametrize(
    ("findings", "read"),
    [
        (["desktops_shut_off"], ["desktops"]),
        (["users_without_desktop"], ["users"]),
        (["pools_full"], ["pools"]),
        (["desktops_of_locked_users"], ["desktops", "users"]),
        (["users_without_pool"], ["user_pools", "users"]),
        (["pools_never_attached"], ["pools", "user_pools", "users"]),
        (["desktops_idle"], ["desktops", "usage"]),
        (None, ["desktops", "pools", "user_pools", "users"]),
    ],
)
def test_only_what_the_findings_need_is_read(findings: list[str] | None, read: list[str]) -> None:
    service = Service()
    result = service.audit(findings=findings, idle_days=30 if findings == ["desktops_idle"] else None)
    assert service.read == read
    for source, count in (("desktops", "desktop_count"), ("users", "user_count"), ("pools", "pool_count")):
        assert result[count] == (1 if source in read else None)
    for counts in ("status_counts", "login_status_counts"):
        assert (result[counts] is None) == ("desktops" not in read)


def test_a_project_without_findings_has_empty_lists() -> None:
    result = Service().audit()
    assert not any(result["findings"].values())
    assert result["finding_counts"] == dict.fromkeys(result["findings"], 0)
    assert result["not_checked"] == {}
    assert result["status_counts"] == {"ACTIVE": 1, "SHUTOFF": 0, "ERROR": 0, "HIBERNATED": 0}
    assert result["login_status_counts"] == {"UNREGISTER": 0, "REGISTERED": 1, "CONNECTED": 0, "DISCONNECTED": 0}
    assert result["read_at"].endswith("Z")
    assert result["warnings"] == []


def test_every_user_is_asked_for_pools_also_those_without_a_desktop() -> None:
    service = Service(users=[user("alice"), user("idler", total_desktops=0)])
    service.audit()
    asked = {value for _path, query in service.queries for name, value in query if name == "user_ids"}
    assert asked == {"id-alice", "id-idler"}


def test_a_directory_without_users_causes_no_query_for_pools() -> None:
    service = Service(users=[])
    assert service.audit()["finding_counts"]["users_without_pool"] == 0
    assert "user_pools" not in service.read


def test_sources_are_read_side_by_side() -> None:
    met = threading.Barrier(3, timeout=10)

    class Meeting(Service):
        def get(self, operation: Any, query: Pairs) -> Any:
            if (
                operation.path not in {path for path, _query in self.queries}
                and operation.path != SOURCES["user_pools"]
            ):
                met.wait()
            return super().get(operation, query)

    Meeting().audit()


def test_a_refused_source_fails_unless_told_otherwise() -> None:
    with pytest.raises(WorkspaceError, match="refused with 403"):
        Service(users=refusal()).audit()
    with pytest.raises(WorkspaceError, match="refused with 403"):
        Service(users=refusal()).audit(skip_refused=True, findings=["users_without_pool"])
    with pytest.raises(WorkspaceError, match="refused with 500"):
        Service(user_pools=refusal(500)).audit(skip_refused=True)


def test_a_project_without_desktops_and_users_is_a_failure() -> None:
    service = Service(desktops=[], users=[])
    with pytest.raises(WorkspaceError, match="no desktops and no users"):
        service.audit()
    with pytest.raises(WorkspaceError, match="no desktops and no users"):
        service.audit(findings=["desktops_shut_off"])
    assert service.audit(expect_desktops=False)["desktop_count"] == 0
    assert service.audit(findings=["pools_full"])["pool_count"] == 1
    assert Service(desktops=[]).audit()["desktop_count"] == 0


def test_findings_that_other_data_contradict_are_not_known() -> None:
    users = [user(name, total_desktops=0) for name in ("alice", "bob", "carol", "dave")]
    memberships = [pools_of("carol", membership("a", True)), pools_of("dave", membership("a", False))]
    pools = [pool("a", desktop_used=0), pool("b", desktop_used=1), pool("c", desktop_used=0)]
    desktops = [desktop(name, attached(name)) for name in ("alice", "bob")]
    result = Service(desktops=desktops, users=users, user_pools=memberships, pools=pools).audit()
    expected = {
        "users_without_desktop": (
            ["id-dave"],
            {"a desktop is assigned to the user": ["id-alice", "id-bob", "id-carol"]},
        ),
        "pools_never_attached": (["id-c"], {"desktops of the pool are used": ["id-b"]}),
        "pools_unused": (["id-c"], {"users have desktops of the pool": ["id-a"]}),
    }
    found = ids_of(result)
    assert {name: (found[name], result["not_known"][name]) for name in expected} == expected
    because = "a desktop is assigned to the user"
    assert f"users_without_desktop is not known for 3 users ({because}): alice, bob, carol." in result["warnings"]


def test_a_finding_that_is_known_of_no_record_is_not_checked() -> None:
    desktops = [desktop("one", login_status="CONNECTED"), desktop("two")]
    result = Service(desktops=desktops, usage=[usage("one", 9e6)]).audit(findings=["desktops_idle"], idle_days=10)
    told = "It is not known for any desktop (connected now: 1, no usage record: 1)."
    assert result["not_checked"] == {"desktops_idle": told}
    assert not any(result[key] for key in ("findings", "finding_counts", "not_known", "not_known_counts", "judged_by"))


def test_an_empty_list_has_no_findings() -> None:
    result = Service(desktops=[], users=[], usage=[], pools=[]).audit(**RULES, expect_desktops=False)
    assert result["not_checked"] == {}
    assert not any(result["findings"].values())
    assert result["judged_by"]["desktops_idle"] == ["usage.desktop_idle_duration"]
    assert result["judged_by"]["pools_full"] == ["pools.desktop_count", "pools.desktop_used"]


def test_the_service_contradicting_itself_about_pools_is_a_warning() -> None:
    result = Service(user_pools=[{**pools_of("alice", membership("a", True)), "desktop_pool_count": 2}]).audit()
    told = "desktop_pool_count differs from the number of desktop_pools of 1 user: id-alice."
    assert told in result["warnings"]


def test_users_created_while_desktops_are_read_are_known() -> None:
    """Users that only desktops name are requested by name: the directory may have been read before they existed."""
    desktops = [desktop(name, attached(who)) for name, who in (("a", "newcomer"), ("b", "ghost"), ("c", "alice"))]
    late = [user("newcomer", disabled=True), {**user("ghost"), "id": "another user of this name"}]
    service = Service(desktops=desktops, late=late)
    findings = service.audit()["findings"]
    assert [one["user_name"] for one in findings["desktops_of_unknown_users"]] == ["ghost"]
    assert [one["user_name"] for one in findings["desktops_of_disabled_users"]] == ["newcomer"]
    assert [("user_names", "ghost"), ("user_names", "newcomer")] in service.filters("users")
    # Where nobody is unknown, nobody is requested by name.
    service = Service()
    service.audit()
    assert service.filters("users") == [[]]


IN_ERROR = {"status", "attach_state", "is_freeze", "isolated", "domain_status"}

#: Each field that a finding can do without -> the finding, which then has a warning.
USED = {f"desktops.{field}": "desktops_in_error" for field in IN_ERROR}
USED |= dict.fromkeys(
    ("desktops.attach_user_infos", "desktops.attach_user_infos.user_id"), "users_with_several_desktops"
)
USED["usage.latest_connect_username"] = "desktops_never_used"

#: Fields that are judged by default, without IDs and metrics; the last two decide nothing.
FIELDS = {field for finding in FINDINGS.values() if not finding.only_if_asked for field in finding.fields}
FIELDS -= {"users.id", "usage.desktop_idle_duration", "usage.desktop_usage", "user_pools.desktop_pools"}
FIELDS |= {"user_pools.desktop_pool_count", "user_pools.desktop_pools.desktop_pool_name"}


def lacking(records: list[Record], *path: str) -> list[Record]:
    """Copies without a field, in the records or in those of a list of theirs."""
    if len(path) == 1:
        return [{key: value for key, value in one.items() if key != path[0]} for one in records]
    return [{**one, path[0]: lacking(one[path[0]], *path[1:])} for one in records]


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_that_no_record_has_is_not_judged(field: str) -> None:
    source, *path = field.split(".")
    given: dict[str, list[Record]] = {
        "desktops": [
            desktop("one", attached("alice")),
            desktop("bad", attached("ghost"), status="ERROR", tags=[{"key": "owner"}], agent_version="1"),
        ],
        "users": [user("alice", disabled=True, locked=True, account_expired=True, total_desktops=2)],
        "user_pools": [pools_of("alice", membership("a", True))],
        "pools": [pool("a", desktop_used=4, in_maintenance_mode=True)],
        "usage": [usage("one", 9e6), usage("bad", 0)],
    }
    whole = Service(**given).audit(**RULES)
    assert (whole["warnings"], whole["not_checked"]) == ([], {})
    result = Service(**{**given, source: lacking(given[source], *path)}).audit(**RULES)
    needed = [name for name in whole["findings"] if any(one.startswith(field) for one in FINDINGS[name].fields)]
    needed = [name for name in needed if name != USED.get(field)]
    assert list(result["not_checked"]) == needed
    for reason in result["not_checked"].values():
        assert f"but the service does not return {'.'.join(path)}." in reason
    expected = {name: found for name, found in ids_of(whole).items() if name not in needed}
    if field == "desktops.status":
        expected["desktops_in_error"] = []
    assert ids_of(result) == expected
    left = {
        name: [one for one in fields if not one.startswith(field)]
        for name, fields in whole["judged_by"].items()
        if name not in needed
    }
    assert result["judged_by"] == left
    assert [text.partition(":")[0] for text in result["warnings"]] == ([USED[field]] if field in USED else [])


def test_desktops_in_error_needs_one_of_its_fields() -> None:
    bare = [{key: value for key, value in desktop("one").items() if key not in IN_ERROR}]
    assert list(Service(desktops=bare).audit(findings=["desktops_in_error"])["not_checked"]) == ["desktops_in_error"]


@pytest.mark.parametrize(
    ("source", "empty", "unknown"),
    [
        ("user_pools", [], ["users_without_pool", "users_never_attached", "pools_never_attached"]),
        ("user_pools", [pools_of("alice")], ["users_without_pool", "users_never_attached", "pools_never_attached"]),
        ("usage", [], ["desktops_idle", "desktops_never_used"]),
        ("usage", [usage("one", None)], ["desktops_idle"]),
    ],
)
def test_a_source_without_records_leaves_findings_unchecked(
    source: str, empty: list[Record], unknown: list[str]
) -> None:
    result = Service(**{source: empty}).audit(idle_days=1)
    assert list(result["not_checked"]) == unknown
    assert not set(unknown) & {*result["findings"], *result["finding_counts"]}
