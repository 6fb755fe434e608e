# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding on records written by hand, and what is read for it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import audit

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


def pools_of(name: str, *memberships: Record) -> dict[str, Record]:
    return {
        f"id-{name}": {
            "user_id": f"id-{name}",
            "desktop_pool_count": len(memberships),
            "desktop_pools": list(memberships),
        }
    }


def pool(name: str, **fields: Any) -> Record:
    return {
        "id": f"id-{name}",
        "name": name,
        "desktop_count": 4,
        "desktop_used": 2,
        "in_maintenance_mode": False,
        **fields,
    }


def names(finding: str, **records: Any) -> list[str]:
    """What a finding lists, by name: of the desktop, the user or the pool it is about."""
    kind = {"desktops": "computer_name", "users": "user_name", "pools": "pool_name"}[finding.partition("_")[0]]
    return [record[kind] for record in audit.FINDINGS[finding].find(audit.Records(**records))]


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
    assert names("desktops_without_user", desktops=desktops) == ["spare", "null"]


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
    found = audit.FINDINGS[finding].find(audit.Records(desktops=desktops, users=users))
    assert found == [
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
    found = audit.FINDINGS["desktops_of_unknown_users"].find(audit.Records(desktops=desktops, users=[user("alice")]))
    assert found == [
        {"desktop_id": "id-gone", "computer_name": "gone", "user_id": "id-ghost", "user_name": "ghost"},
        {"desktop_id": "id-silent", "computer_name": "silent", "user_id": "id-odd", "user_name": "odd"},
    ]


def test_desktops_running_unregistered() -> None:
    desktops = [
        desktop("dead", login_status="UNREGISTER"),
        desktop("dead too", login_status="UNREGISTER", task_status=None),
        desktop("starting", login_status="UNREGISTER", task_status="powering-on"),
        desktop("off", login_status="UNREGISTER", status="SHUTOFF"),
        desktop("well"),
        desktop("unknown", login_status=None),
    ]
    assert names("desktops_running_unregistered", desktops=desktops) == ["dead", "dead too"]


def test_desktops_in_error() -> None:
    desktops = [
        desktop("error", status="ERROR"),
        desktop("attach", attach_state="ATTACHFAIL"),
        desktop("detach", attach_state="DEATTACH_FAIL_CAN_DEATTACH_AGAIN"),
        desktop("frozen", is_freeze=True),
        desktop("isolated", isolated=True),
        desktop("left", domain_status=2),
        desktop("not reported", domain_status=3),
        desktop("silent", attach_state=None, is_freeze=None, isolated=None, domain_status=None, status=None),
        desktop("well"),
    ]
    found = ["error", "attach", "detach", "frozen", "isolated", "left"]
    assert names("desktops_in_error", desktops=desktops) == found


def test_desktops_in_maintenance_and_shut_off() -> None:
    desktops = [
        desktop("kept", in_maintenance_mode=True),
        desktop("silent", in_maintenance_mode=None),
        desktop("off", status="SHUTOFF"),
        desktop("asleep", status="HIBERNATED"),
    ]
    assert names("desktops_in_maintenance", desktops=desktops) == ["kept"]
    assert names("desktops_shut_off", desktops=desktops) == ["off", "asleep"]


def usage(**seconds: float | None) -> dict[str, Record]:
    return {
        f"id-{name}": {
            "resource_id": f"id-{name}",
            "latest_connect_username": "alice",
            "metric": [
                {"metric_name": "desktop_usage", "metric_value": 99999999},
                {"metric_name": "desktop_idle_duration", "metric_value": value},
            ],
        }
        for name, value in seconds.items()
    }


def test_desktops_idle() -> None:
    desktops = [desktop(name) for name in ("just", "nearly", "long", "silent", "unknown")]
    records = audit.Records(
        desktops=desktops,
        usage=usage(just=864000, nearly=863999.9, long=9e6, silent=None, gone=9e6),
        rules=audit.Rules(idle_days=10),
    )
    assert audit.FINDINGS["desktops_idle"].find(records) == [
        {"desktop_id": "id-just", "computer_name": "just", "idle_days": 10, "latest_user": "alice"},
        {"desktop_id": "id-long", "computer_name": "long", "idle_days": 104, "latest_user": "alice"},
    ]
    warnings = audit.summary(["desktops_idle"], records, {})["warnings"]
    assert warnings == ["desktops_idle: 2 of 5 desktops have no usage record, so whether they are idle is not known."]


def test_desktops_without_tags() -> None:
    desktops = [
        desktop("both", tags=[{"key": "owner", "value": "cad"}, {"key": "cost", "value": ""}]),
        desktop("one", tags=[{"key": "owner", "value": "cad"}]),
        desktop("other case", tags=[{"key": "Owner"}, {"key": "cost"}]),
        desktop("none", tags=None),
    ]
    rules = audit.Rules(required_tags=("owner", "cost"))
    found = audit.FINDINGS["desktops_without_tags"].find(audit.Records(desktops=desktops, rules=rules))
    assert {record["computer_name"]: record["missing_tags"] for record in found} == {
        "one": ["cost"],
        "other case": ["owner"],
        "none": ["owner", "cost"],
    }


def test_desktops_with_old_agent() -> None:
    versions = [
        "25.4.10001",
        "25.10.1",
        "25.4",
        "25.4.9999",
        "9.30",
        "24.99.99999",
        "",
        None,
        "unknown",
        "25.4.10001.0",
    ]
    desktops = [desktop(str(version), agent_version=version) for version in versions]
    rules = audit.Rules(oldest_agent=audit.version_numbers("25.4.10001"))
    found = names("desktops_with_old_agent", desktops=desktops, rules=rules)
    assert found == ["25.4", "25.4.9999", "9.30", "24.99.99999"]
    rules = audit.Rules(oldest_agent=audit.version_numbers("25.4.0"))
    assert "25.4" not in names("desktops_with_old_agent", desktops=desktops, rules=rules)


def test_users_by_number_of_desktops() -> None:
    users = [user("none", total_desktops=0), user("one"), user("two", total_desktops=2), user("x", total_desktops=None)]
    assert names("users_without_desktop", users=users) == ["none"]
    assert names("users_with_several_desktops", users=users) == ["two"]
    result = audit.summary(["users_without_desktop"], audit.Records(users=users), {})
    assert result["warnings"] == ["The service does not say how many desktops 1 of 4 users have."]


def test_users_and_their_pools() -> None:
    users = [user(name) for name in ("unlisted", "empty", "waiting", "attached", "silent", "miscounted")]
    user_pools = {
        **pools_of("empty"),
        **pools_of("waiting", membership("a", False), membership("b", False)),
        **pools_of("attached", membership("a", False), membership("c", True)),
        **pools_of("silent", membership("b", None)),
        "id-miscounted": {"user_id": "id-miscounted", "desktop_pool_count": 2, "desktop_pools": []},
        **pools_of("stranger", membership("d", True)),
    }
    records = {"users": users, "user_pools": user_pools}
    assert names("users_without_pool", **records) == ["unlisted", "empty"]
    assert names("users_never_attached", **records) == ["waiting"]
    pools = [pool(name) for name in ("a", "b", "c", "d", "e")]
    found = audit.FINDINGS["pools_never_attached"].find(audit.Records(**records, pools=pools))
    # Nobody of the directory has a desktop in d, and nobody at all may use e.
    assert {record["pool_name"]: record["authorized_user_count"] for record in found} == {"a": 2, "d": 0, "e": 0}


def test_pools() -> None:
    pools = [
        pool("full", desktop_used=4),
        pool("over", desktop_used=5),
        pool("free"),
        pool("unused", desktop_used=0),
        pool("empty", desktop_count=0, desktop_used=0),
        pool("silent", desktop_used=None),
        pool("countless", desktop_count=None, desktop_used=0),
        pool("kept", in_maintenance_mode=True),
    ]
    assert names("pools_full", pools=pools) == ["full", "over"]
    assert names("pools_unused", pools=pools) == ["unused"]
    assert names("pools_in_maintenance", pools=pools) == ["kept"]


def test_without_findings_all_are_looked_for_but_those_that_need_an_option() -> None:
    optional = {"desktops_idle", "desktops_without_tags", "desktops_with_old_agent"}
    assert set(audit.FINDINGS) - set(audit.chosen_findings({})[0]) == optional
    everything = {"idle_days": 1, "required_tags": ["owner"], "oldest_agent_version": "1"}
    assert audit.chosen_findings(everything)[0] == list(audit.FINDINGS)
    asked = {"findings": ["pools_full", "desktops_in_error", "pools_full"], "idle_days": 3}
    assert audit.chosen_findings(asked)[0] == ["desktops_in_error", "pools_full"]


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


class Service:
    """Stands in for the operations: what each source returns or raises, and which were read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answers: Any) -> None:
        self.answers: dict[str, Any] = {
            "desktops": [desktop("one", attached("alice"))],
            "users": [user("alice")],
            "pools": [pool("a")],
            "usage": list(usage(one=0).values()),
            "user_pools": pools_of("alice", membership("a", True)),
            **answers,
        }
        self.read: list[str] = []
        self.user_ids: list[str] = []
        monkeypatch.setattr(audit, "read_desktops", lambda _project: self._answer("desktops"))
        monkeypatch.setattr(audit, "read_users", lambda _project: self._answer("users"))
        monkeypatch.setattr(audit, "read_pools", lambda _project: self._answer("pools"))
        monkeypatch.setattr(audit, "read_usage", lambda _project: self._answer("usage"))
        monkeypatch.setattr(audit, "read_user_pools", self._user_pools)

    def _answer(self, source: str) -> Any:
        self.read.append(source)
        answer = self.answers[source]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _user_pools(self, _project: Any, ids: list[str]) -> Any:
        self.user_ids = list(ids)
        return self._answer("user_pools")

    def audit(self, **options: Any) -> dict[str, Any]:
        project: Any = None
        return audit.prepare(options)(project)


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
def test_only_what_the_findings_need_is_read(
    findings: list[str] | None, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch)
    idle = 30 if findings == ["desktops_idle"] else None
    result = service.audit(findings=findings, idle_days=idle)
    assert sorted(service.read) == read
    assert result["desktop_count"] == (1 if "desktops" in read else None)
    assert result["user_count"] == (1 if "users" in read else None)
    assert result["pool_count"] == (1 if "pools" in read else None)
    assert (result["status_counts"] is None) == ("desktops" not in read)
    assert (result["login_status_counts"] is None) == ("desktops" not in read)


def test_a_project_without_findings_has_empty_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Service(monkeypatch).audit()
    assert set(result["findings"]) == set(audit.chosen_findings({})[0])
    assert not any(result["findings"].values())
    assert result["finding_counts"] == dict.fromkeys(result["findings"], 0)
    assert result["not_checked"] == {}
    assert result["status_counts"] == {"ACTIVE": 1, "SHUTOFF": 0, "ERROR": 0, "HIBERNATED": 0}
    assert result["login_status_counts"] == {"UNREGISTER": 0, "REGISTERED": 1, "CONNECTED": 0, "DISCONNECTED": 0}
    assert result["read_at"].endswith("Z")
    assert result["warnings"] == []


def test_every_user_is_asked_for_pools_also_those_without_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch, users=[user("alice"), user("idler", total_desktops=0)])
    service.audit()
    assert service.user_ids == ["id-alice", "id-idler"]


def test_nobody_is_not_asked_for_as_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch, users=[])
    assert service.audit()["finding_counts"]["users_without_pool"] == 0
    assert "user_pools" not in service.read


def test_sources_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch)
    met = threading.Barrier(3, timeout=10)
    for name in ("read_desktops", "read_users", "read_pools"):
        before = getattr(audit, name)
        monkeypatch.setattr(audit, name, lambda project, before=before: (met.wait(), before(project))[1])
    service.audit()


def test_a_refused_source_fails_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkspaceError, match="refused with 403"):
        Service(monkeypatch, users=refusal()).audit()
    with pytest.raises(WorkspaceError, match="refused with 403"):
        Service(monkeypatch, users=refusal()).audit(skip_refused=True, findings=["users_without_pool"])
    with pytest.raises(WorkspaceError, match="refused with 500"):
        Service(monkeypatch, user_pools=refusal(500)).audit(skip_refused=True)


def test_an_empty_project_may_be_the_wrong_one(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch, desktops=[], users=[])
    with pytest.raises(WorkspaceError, match="no desktops and no users"):
        service.audit()
    with pytest.raises(WorkspaceError, match="no desktops and no users"):
        service.audit(findings=["desktops_shut_off"])
    assert service.audit(expect_desktops=False)["desktop_count"] == 0
    assert service.audit(findings=["pools_full"])["pool_count"] == 1
    assert Service(monkeypatch, desktops=[]).audit()["desktop_count"] == 0
