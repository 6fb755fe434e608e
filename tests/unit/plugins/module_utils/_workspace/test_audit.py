# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding on records written by hand, read as those of a project, and what is read for it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import audit

from .fake import FakeProject, Pairs

Record = dict[str, Any]


def desktop(name: str, *users: Record, **fields: Any) -> Record:
    """A dedicated desktop with nothing wrong."""
    return {
        "desktop_id": f"id-{name}",
        "computer_name": name,
        "desktop_type": "DEDICATED",
        "attach_state": "ATTACHED",
        "attach_user_infos": list(users),
        "status": "ACTIVE",
        "task_status": "",
        "login_status": "REGISTERED",
        "in_maintenance_mode": False,
        "is_freeze": False,
        "isolated": False,
        "domain_status": 1,
        "tags": [],
        "agent_version": "25.4.10001",
        **fields,
    }


def attached(name: str, kind: str | None = "USER", **fields: Any) -> Record:
    return {"user_id": f"id-{name}", "user_name": name, "type": kind, **fields}


def user(name: str, **fields: Any) -> Record:
    return {
        "id": f"id-{name}",
        "user_name": name,
        "total_desktops": 1,
        "disabled": False,
        "locked": False,
        "account_expired": False,
        **fields,
    }


def membership(pool: str, is_attached: bool | None) -> Record:
    return {"desktop_pool_id": f"id-{pool}", "desktop_pool_name": pool, "is_attached": is_attached}


def pools_of(name: str, *memberships: Record) -> Record:
    return {"user_id": f"id-{name}", "desktop_pool_count": len(memberships), "desktop_pools": list(memberships)}


def pool(name: str, **fields: Any) -> Record:
    usual = {"desktop_count": 4, "desktop_used": 2, "in_maintenance_mode": False}
    return {"id": f"id-{name}", "name": name, **usual, **fields}


def usage(name: str, seconds: float | None) -> Record:
    metric = [
        {"metric_name": "desktop_usage", "metric_value": 99999999},
        {"metric_name": "desktop_idle_duration", "metric_value": seconds},
    ]
    return {"resource_id": f"id-{name}", "latest_connect_username": "alice", "metric": metric}


SOURCES = {
    "desktops": "desktops/detail",
    "users": "users",
    "pools": "desktop-pools",
    "usage": "statistics/metrics/desktops",
    "user_pools": "desktop-pools/statistics/by-users",
}


class Service(FakeProject):
    """A project without anything wrong, but for what a test gives; a source may raise an error instead."""

    def __init__(self, **given: Any) -> None:
        self._given: dict[str, Any] = {
            "desktops": [desktop("one", attached("alice"))],
            "users": [user("alice")],
            "pools": [pool("a")],
            "usage": [usage("one", 0)],
            "user_pools": [pools_of("alice", membership("a", True))],
            **given,
        }
        super().__init__({path: self._given[source] for source, path in SOURCES.items()}, self._matching)

    def _matching(self, path: str, records: Any, query: Pairs) -> list[Record]:
        if isinstance(records, Exception):
            raise records
        by_users = path == SOURCES["user_pools"]
        return [one for one in records if not by_users or ("user_ids", one["user_id"]) in query]

    @property
    def read(self) -> list[str]:
        """The sources that were asked for."""
        return sorted({source for path, _query in self.queries for source in SOURCES if SOURCES[source] == path})

    def audit(self, **options: Any) -> dict[str, Any]:
        return audit.prepare(options)(self)


def find(finding: str, given: dict[str, Any], **options: Any) -> list[Record]:
    """The records of a finding in a project with these sources."""
    found: list[Record] = Service(**given).audit(findings=[finding], **options)["findings"][finding]
    return found


def names(finding: str, *records: Record, **options: Any) -> list[str]:
    """What a finding lists, by name, of records of the kind that it is about."""
    kind = finding.partition("_")[0]
    key = {"desktops": "computer_name", "users": "user_name", "pools": "pool_name"}[kind]
    return [record[key] for record in find(finding, {kind: list(records)}, **options)]


def test_desktops_without_user() -> None:
    desktops = [
        desktop("spare"),
        desktop("null", attach_user_infos=None),
        desktop("used", attached("alice")),
        desktop("group", attached("night-shift", "GROUP")),
        desktop("nameless", {"user_id": None, "user_name": "bob", "type": "USER"}),
        desktop("pooled", desktop_type="POOLED"),
        desktop("shared", desktop_type="SHARED"),
    ]
    assert names("desktops_without_user", *desktops) == ["null", "spare"]


@pytest.mark.parametrize(
    ("finding", "field"),
    [
        ("desktops_of_disabled_users", "disabled"),
        ("desktops_of_locked_users", "locked"),
        ("desktops_of_expired_users", "account_expired"),
    ],
)
def test_desktops_of_users_who_cannot_log_in(finding: str, field: str) -> None:
    desktops = [
        desktop("one", attached("alice"), attached("bob")),
        desktop("two", attached("carol")),
        desktop("three", attached("bob", "GROUP")),
        desktop("four", attached("nobody")),
        desktop("five"),
    ]
    users = [user("alice"), user("bob", **{field: True}), user("carol", **{field: None}), user("dave", **{field: True})]
    assert find(finding, {"desktops": desktops, "users": users}) == [
        {"desktop_id": "id-one", "computer_name": "one", "user_id": "id-bob", "user_name": "bob", field: True}
    ]


def test_desktops_of_unknown_users() -> None:
    desktops = [
        desktop("known", attached("alice")),
        desktop("gone", attached("alice"), attached("ghost")),
        desktop("silent", attached("odd", None)),
        desktop("nameless", {"user_id": None, "user_name": "ghost", "type": "USER"}, {"user_id": "", "type": "USER"}),
        desktop("group", attached("night-shift", "GROUP")),
    ]
    assert find("desktops_of_unknown_users", {"desktops": desktops}) == [
        {"desktop_id": "id-gone", "computer_name": "gone", "user_id": "id-ghost", "user_name": "ghost"},
        {"desktop_id": "id-silent", "computer_name": "silent", "user_id": "id-odd", "user_name": "odd"},
    ]


def test_desktops_by_their_state() -> None:
    desktops = [
        desktop("attach", attach_state="ATTACHFAIL"),
        desktop("dead", login_status="UNREGISTER"),
        desktop("dead too", login_status="UNREGISTER", task_status=None),
        desktop("detach", attach_state="DEATTACH_FAIL_CAN_DEATTACH_AGAIN"),
        desktop("error", status="ERROR"),
        desktop("frozen", is_freeze=True),
        desktop("hibernated", status="HIBERNATED"),
        desktop("isolated", isolated=True),
        desktop("kept", in_maintenance_mode=True),
        desktop("left", domain_status=2),
        desktop("not reported", domain_status=3),
        desktop("off", login_status="UNREGISTER", status="SHUTOFF"),
        desktop("silent", attach_state=None, is_freeze=None, isolated=None, domain_status=None, status=None),
        desktop("silent too", in_maintenance_mode=None, login_status=None),
        desktop("starting", login_status="UNREGISTER", task_status="powering-on"),
        desktop("well"),
    ]
    in_error = ["attach", "detach", "error", "frozen", "isolated", "left"]
    assert names("desktops_running_unregistered", *desktops) == ["dead", "dead too"]
    assert names("desktops_in_error", *desktops) == in_error
    assert names("desktops_in_maintenance", *desktops) == ["kept"]
    assert names("desktops_shut_off", *desktops) == ["hibernated", "off"]


def test_desktops_idle() -> None:
    seconds = {"just": 864000, "nearly": 863999.9, "long": 9e6, "silent": None, "gone": 9e6}
    service = Service(
        desktops=[desktop(name) for name in ("just", "long", "nearly", "silent", "unknown")],
        usage=[usage(name, value) for name, value in seconds.items()],
    )
    result = service.audit(findings=["desktops_idle"], idle_days=10)
    assert result["findings"]["desktops_idle"] == [
        {"desktop_id": "id-just", "computer_name": "just", "idle_days": 10, "latest_user": "alice"},
        {"desktop_id": "id-long", "computer_name": "long", "idle_days": 104, "latest_user": "alice"},
    ]
    told = "desktops_idle: 2 of 5 desktops have no usage record, so whether they are idle is not known."
    assert result["warnings"] == [told]


def test_desktops_without_tags() -> None:
    desktops = [
        desktop("both", tags=[{"key": "owner", "value": "cad"}, {"key": "cost", "value": ""}]),
        desktop("one", tags=[{"key": "owner", "value": "cad"}]),
        desktop("other case", tags=[{"key": "Owner"}, {"key": "cost"}]),
        desktop("none", tags=None),
    ]
    found = find("desktops_without_tags", {"desktops": desktops}, required_tags=["owner", "cost"])
    assert {record["computer_name"]: record["missing_tags"] for record in found} == {
        "one": ["cost"],
        "other case": ["owner"],
        "none": ["owner", "cost"],
    }


def test_desktops_with_old_agent() -> None:
    old = ["24.99.99999", "25.4", "25.4.9999", "9.30"]
    versions = [*old, "25.4.10001", "25.10.1", "", None, "unknown", "25.4.10001.0"]
    desktops = [desktop(str(version), agent_version=version) for version in versions]
    assert names("desktops_with_old_agent", *desktops, oldest_agent_version="25.4.10001") == old
    assert "25.4" not in names("desktops_with_old_agent", *desktops, oldest_agent_version="25.4.0")


def test_users_by_number_of_desktops() -> None:
    users = [user("none", total_desktops=0), user("one"), user("two", total_desktops=2), user("x", total_desktops=None)]
    assert names("users_with_several_desktops", *users) == ["two"]
    result = Service(users=users).audit(findings=["users_without_desktop"])
    assert [record["user_name"] for record in result["findings"]["users_without_desktop"]] == ["none"]
    assert result["warnings"] == ["The service does not say how many desktops 1 of 4 users have."]


def test_users_and_their_pools() -> None:
    memberships = [
        pools_of("empty"),
        pools_of("waiting", membership("a", False), membership("b", False)),
        pools_of("attached", membership("a", False), membership("c", True)),
        pools_of("silent", membership("b", None)),
        {**pools_of("miscounted"), "desktop_pool_count": 2},
        pools_of("stranger", membership("d", True)),
    ]
    directory = ("attached", "empty", "miscounted", "silent", "unlisted", "waiting")
    given = {"users": [user(name) for name in directory], "user_pools": memberships}
    given["pools"] = [pool(name) for name in ("a", "b", "c", "d", "e")]
    assert [record["user_name"] for record in find("users_without_pool", given)] == ["empty", "unlisted"]
    assert [record["user_name"] for record in find("users_never_attached", given)] == ["waiting"]
    # Nobody of the directory has a desktop in d, and nobody at all may use e.
    found = {one["pool_name"]: one["authorized_user_count"] for one in find("pools_never_attached", given)}
    assert found == {"a": 2, "d": 0, "e": 0}


def test_pools() -> None:
    pools = [
        pool("countless", desktop_count=None, desktop_used=0),
        pool("empty", desktop_count=0, desktop_used=0),
        pool("free"),
        pool("full", desktop_used=4),
        pool("kept", in_maintenance_mode=True),
        pool("over", desktop_used=5),
        pool("silent", desktop_used=None),
        pool("unused", desktop_used=0),
    ]
    assert names("pools_full", *pools) == ["full", "over"]
    assert names("pools_unused", *pools) == ["unused"]
    assert names("pools_in_maintenance", *pools) == ["kept"]


def test_without_findings_all_are_looked_for_but_those_that_need_an_option() -> None:
    optional = {"desktops_idle", "desktops_without_tags", "desktops_with_old_agent"}
    usual = Service().audit()["findings"]
    assert len(usual) == 17
    everything = Service().audit(idle_days=1, required_tags=["owner"], oldest_agent_version="1")["findings"]
    assert set(everything) - set(usual) == optional
    asked = Service().audit(findings=["pools_full", "desktops_in_error", "pools_full"], idle_days=3)
    assert list(asked["findings"]) == ["desktops_in_error", "pools_full"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"findings": []}, "findings is an empty list"),
        ({"findings": ["desktops_idel"]}, "findings: desktops_idel is not one of desktops_without_user, "),
        ({"findings": ["desktops_idle"]}, "desktops_idle needs the option idle_days"),
        ({"findings": ["desktops_without_tags"]}, "desktops_without_tags needs the option required_tags"),
        ({"findings": ["desktops_with_old_agent"]}, "desktops_with_old_agent needs the option oldest_agent_version"),
        ({"idle_days": 0}, "idle_days is 0, but must be 1 to 180"),
        ({"idle_days": 181}, "idle_days is 181"),
        ({"required_tags": []}, "required_tags is an empty list"),
        ({"required_tags": ["owner", " "]}, "required_tags contains an empty or blank value"),
        ({"required_tags": ["['owner'", "'cost']"]}, "required_tags contains .* a list that was turned into text"),
        ({"required_tags": [" owner"]}, "required_tags contains ' owner' with a blank"),
        ({"oldest_agent_version": "newest"}, "oldest_agent_version is newest"),
        ({"oldest_agent_version": ""}, "oldest_agent_version is "),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(WorkspaceError, match=words):
        audit.prepare(options)


def refusal(status: int = 403) -> WorkspaceError:
    return WorkspaceError(f"refused with {status}", status_code=status)


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


def test_nobody_is_not_asked_for_as_everybody() -> None:
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


def test_an_empty_project_may_be_the_wrong_one() -> None:
    service = Service(desktops=[], users=[])
    with pytest.raises(WorkspaceError, match="no desktops and no users"):
        service.audit()
    with pytest.raises(WorkspaceError, match="no desktops and no users"):
        service.audit(findings=["desktops_shut_off"])
    assert service.audit(expect_desktops=False)["desktop_count"] == 0
    assert service.audit(findings=["pools_full"])["pool_count"] == 1
    assert Service(desktops=[]).audit()["desktop_count"] == 0
