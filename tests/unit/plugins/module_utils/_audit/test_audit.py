# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding on records written by hand, read as those of a project, and what is read for it."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError

from ..fake import FakeProject, Pairs

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
        "created": "2026-01-21T06:57:47.459Z",
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


RULES: dict[str, Any] = {"idle_days": 30, "required_tags": ["owner"], "oldest_agent_version": "25.4"}

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
        lists = {path: self._given[source] for source, path in SOURCES.items()}
        groups: dict[str, list[Record]] = given.get("groups", {})
        lists["groups"] = [{"id": f"id-{name}", "name": name} for name in groups]
        lists.update({f"groups/id-{name}/users": members for name, members in groups.items()})
        super().__init__(lists, self._matching)

    def _matching(self, path: str, records: Any, query: Pairs) -> list[Record]:
        if isinstance(records, Exception):
            raise records
        if path == SOURCES["user_pools"]:
            return [one for one in records if ("user_ids", one["user_id"]) in query]
        named = [value for key, value in query if key == "user_names"]
        if path == "users" and named:
            return [one for one in [*records, *self._given.get("late", ())] if one["user_name"] in named]
        found: list[Record] = records
        return found

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
        desktop("spare", attach_state="UNATTACH"),
        desktop("null", attach_user_infos=None, attach_state=None),
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
    found = result["findings"]["desktops_idle"]
    assert all(record.pop("last_used_at").endswith("Z") for record in found)
    assert found == [
        {"desktop_id": "id-just", "computer_name": "just", "idle_days": 10.0, "last_user_name": "alice"},
        {"desktop_id": "id-long", "computer_name": "long", "idle_days": 104.16, "last_user_name": "alice"},
    ]
    told = "desktops_idle: 2 of 5 desktops have no usage record, so it is not known whether they are idle."
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
    assert result["warnings"] == ["The service does not report the number of desktops for 1 of 4 users."]


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
    given["pools"] = [pool(name, desktop_used=0) for name in ("a", "b", "c", "d", "e")]
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


def test_desktops_never_used() -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    new, old = (f"{now - datetime.timedelta(days=age):%Y-%m-%dT%H:%M:%S.459Z}" for age in (29, 31))
    desktops = [
        desktop("new", created=new),
        desktop("old", created=old),
        desktop("other form", created="2026-01-21 06:57:47"),
        desktop("session", login_status="DISCONNECTED"),
        desktop("silent", created=None),
        desktop("strange", created="yesterday"),
        desktop("used"),
        desktop("without use"),
    ]
    without_use = {**usage("without use", 180 * 86400), "latest_connect_username": ""}
    without_use["metric"][0]["metric_value"] = 0
    service = Service(desktops=desktops, usage=[usage("used", 0), without_use])
    result = service.audit(findings=["desktops_never_used"], idle_days=30)
    found = result["findings"]["desktops_never_used"]
    assert [one["computer_name"] for one in found] == ["old", "other form", "without use"]
    no_use = dict.fromkeys(("last_user_name", "last_used_at", "idle_days"))
    assert found[0] == {"desktop_id": "id-old", "computer_name": "old", "created": old, **no_use}
    told = "desktops_never_used: 1 desktop not reported, because other data contradict it (in a session now): session."
    silent = "desktops_never_used: 2 of 8 desktops have neither a usage record nor a creation time"
    assert result["warnings"] == [told, f"{silent}, so it is not known whether they were ever used."]


def test_without_findings_all_are_looked_for_but_those_that_need_an_option() -> None:
    optional = {"desktops_idle", "desktops_never_used", "desktops_without_tags", "desktops_with_old_agent"}
    usual = Service().audit()["findings"]
    assert len(usual) == 17
    everything = Service().audit(**RULES)["findings"]
    assert set(everything) - set(usual) == optional
    asked = Service().audit(findings=["pools_full", "desktops_in_error", "pools_full"], idle_days=3)
    assert list(asked["findings"]) == ["desktops_in_error", "pools_full"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"findings": []}, "findings is an empty list"),
        ({"findings": ["desktops_idel"]}, "findings: desktops_idel is not one of desktops_without_user, "),
        ({"findings": ["desktops_idle"]}, "desktops_idle needs the option idle_days"),
        ({"findings": ["desktops_never_used"]}, "desktops_never_used needs the option idle_days"),
        ({"findings": ["desktops_without_tags"]}, "desktops_without_tags needs the option required_tags"),
        ({"findings": ["desktops_with_old_agent"]}, "desktops_with_old_agent needs the option oldest_agent_version"),
        ({"idle_days": 0}, "idle_days is 0, but must be 1 to 180"),
        ({"idle_days": 181}, "idle_days is 181"),
        ({"required_tags": []}, "required_tags is an empty list"),
        ({"required_tags": ["owner", " "]}, "required_tags contains an empty or blank value"),
        ({"required_tags": ["['owner'", "'cost']"]}, "required_tags contains .* a list that was converted to a string"),
        ({"required_tags": [" owner"]}, "required_tags contains ' owner', which begins or ends with a space"),
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


def ids_of(result: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [next(iter(record.values())) for record in found] for name, found in result["findings"].items()}


def test_what_other_data_contradict_is_no_finding() -> None:
    """Each kind, as one warning with how many there are and the first five of them."""
    desktops = [
        desktop("assigned", attached("alice"), login_status="CONNECTED", status="SHUTOFF"),
        *(desktop(f"attached {number}") for number in range(6)),
        desktop("in session", attach_state=None, login_status="DISCONNECTED"),
        desktop("named", attach_state=None, user_name="bob"),
        desktop("other", attached("bob")),
    ]
    users = [user(name, total_desktops=0) for name in ("alice", "bob", "carol", "dave")]
    memberships = [pools_of("carol", membership("a", True)), pools_of("dave", membership("a", False))]
    pools = [pool("a", desktop_used=0), pool("b", desktop_used=1), pool("c", desktop_used=0)]
    uses = [usage("assigned", 9e6), usage("other", 0)]
    result = Service(desktops=desktops, users=users, user_pools=memberships, pools=pools, usage=uses).audit(**RULES)
    found = ids_of(result)
    assert found["desktops_without_user"] == found["desktops_shut_off"] == found["desktops_idle"] == []
    assert found["users_without_desktop"] == ["id-dave"]
    assert found["pools_never_attached"] == found["pools_unused"] == ["id-c"]
    warnings = " ".join(result["warnings"])
    left_out = {
        "desktops_without_user": "8 desktops (other fields show a user or a session): attached 0, attached 1, attached 2,",
        "desktops_shut_off": "1 desktop (connected now): assigned.",
        "desktops_idle": "1 desktop (connected now): assigned.",
        "users_without_desktop": "3 users (desktops are assigned): alice, bob, carol.",
        "pools_never_attached": "1 pool (desktops of the pool are used): b.",
        "pools_unused": "1 pool (users have desktops of the pool): a.",
    }
    for finding, words in left_out.items():
        assert f"{finding}: {words.replace(' (', ' not reported, because other data contradict it (')}" in warnings
    assert "attached 3, attached 4 and 3 more." in warnings


def test_the_service_contradicting_itself_about_pools_is_a_warning() -> None:
    result = Service(user_pools=[{**pools_of("alice", membership("a", True)), "desktop_pool_count": 2}]).audit()
    assert result["warnings"] == ["desktop_pool_count differs from the number of desktop_pools of 1 users: id-alice."]


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


_OF_USERS = [f"desktops_of_{kind}_users" for kind in ("disabled", "locked", "expired", "unknown")]

#: Each optional field -> the findings that rest on it.
RESTS: dict[str, list[str]] = {
    "desktops.attach_user_infos": ["desktops_without_user", *_OF_USERS],
    "desktops.attach_user_infos.user_id": _OF_USERS,
    "desktops.attach_user_infos.type": ["desktops_of_unknown_users"],
    "desktops.attach_user_infos.user_name": [],
    "desktops.desktop_type": ["desktops_without_user"],
    "desktops.attach_state": [],
    "desktops.status": ["desktops_running_unregistered", "desktops_shut_off"],
    "desktops.task_status": ["desktops_running_unregistered"],
    "desktops.login_status": ["desktops_running_unregistered"],
    "desktops.in_maintenance_mode": ["desktops_in_maintenance"],
    "desktops.is_freeze": [],
    "desktops.isolated": [],
    "desktops.domain_status": [],
    "desktops.tags": ["desktops_without_tags"],
    "desktops.agent_version": ["desktops_with_old_agent"],
    "desktops.created": ["desktops_never_used"],
    "users.disabled": ["desktops_of_disabled_users"],
    "users.locked": ["desktops_of_locked_users"],
    "users.account_expired": ["desktops_of_expired_users"],
    "users.total_desktops": ["users_without_desktop", "users_with_several_desktops"],
    "user_pools.desktop_pool_count": [],
    "user_pools.desktop_pools.is_attached": ["users_never_attached", "pools_never_attached"],
    "user_pools.desktop_pools.desktop_pool_name": [],
    "pools.desktop_count": ["pools_full", "pools_unused"],
    "pools.desktop_used": ["pools_full", "pools_unused"],
    "pools.in_maintenance_mode": ["pools_in_maintenance"],
    "usage.latest_connect_username": [],
}
#: What desktops_in_error goes by: it is checked with those that are there, and a warning names the others.
IN_ERROR = {"status", "attach_state", "is_freeze", "isolated", "domain_status"}


def lacking(records: list[Record], *path: str) -> list[Record]:
    """Copies without a field, in the records or in those of a list of theirs."""
    if len(path) == 1:
        return [{key: value for key, value in one.items() if key != path[0]} for one in records]
    return [{**one, path[0]: lacking(one[path[0]], *path[1:])} for one in records]


@pytest.mark.parametrize("field", RESTS)
def test_a_field_that_no_record_has_decides_nothing(field: str) -> None:
    source, *path = field.split(".")
    given: dict[str, list[Record]] = {
        "desktops": [
            desktop("one", attached("alice")),
            desktop("bad", attached("ghost"), status="ERROR", tags=[{"key": "owner"}], agent_version="1"),
        ],
        "users": [user("alice", disabled=True, locked=True, account_expired=True, total_desktops=2)],
        "user_pools": [pools_of("alice", membership("a", True))],
        "pools": [pool("a", desktop_used=4, in_maintenance_mode=True)],
        "usage": [usage("one", 9e6)],
    }
    whole = Service(**given).audit(**RULES)
    told = "desktops_idle: 1 of 2 desktops has no usage record, so it is not known whether they are idle."
    assert (whole["warnings"], whole["not_checked"]) == ([told], {})
    result = Service(**{**given, source: lacking(given[source], *path)}).audit(**RULES)
    assert list(result["not_checked"]) == RESTS[field]
    assert all(
        path[-1] in reason and "the service does not return for any" in reason
        for reason in result["not_checked"].values()
    )
    expected = {name: found for name, found in ids_of(whole).items() if name not in RESTS[field]}
    if field == "desktops.status":
        expected["desktops_in_error"] = []
    assert ids_of(result) == expected
    silent = f"desktops_in_error: the service does not return {path[-1]}, so only the other fields were checked."
    assert result["warnings"] == [told] + ([silent] if path[0] in IN_ERROR else [])


def test_in_error_needs_one_of_its_fields() -> None:
    bare = [{key: value for key, value in desktop("one").items() if key not in IN_ERROR}]
    assert list(Service(desktops=bare).audit(findings=["desktops_in_error"])["not_checked"]) == ["desktops_in_error"]
    # Of no desktop at all, no field is missing.
    assert Service(desktops=[]).audit()["not_checked"] == {}


@pytest.mark.parametrize(
    ("source", "empty", "unknown"),
    [
        ("user_pools", [], ["users_without_pool", "users_never_attached", "pools_never_attached"]),
        ("user_pools", [pools_of("alice")], ["users_without_pool", "users_never_attached", "pools_never_attached"]),
        ("usage", [], ["desktops_idle", "desktops_never_used"]),
        ("usage", [usage("one", None)], ["desktops_idle"]),
    ],
)
def test_a_list_that_is_silent_about_everybody_decides_nothing(
    source: str, empty: list[Record], unknown: list[str]
) -> None:
    result = Service(**{source: empty}).audit(idle_days=1)
    assert list(result["not_checked"]) == unknown
    assert not set(unknown) & {*result["findings"], *result["finding_counts"]}


def test_a_status_that_the_service_does_not_give_is_unknown() -> None:
    result = Service(desktops=[desktop("one", attached("alice"), status=None, login_status=None)]).audit()
    assert result["status_counts"]["UNKNOWN"] == result["login_status_counts"]["UNKNOWN"] == 1


NIGHT: dict[str, Any] = {
    "desktops": [
        desktop("four", attached("unlisted", "GROUP")),
        desktop("one", attached("alice"), attached("night", "GROUP")),
        desktop("three", {"user_id": None, "user_name": "Night", "type": "GROUP"}),
        desktop("two", attached("night", "GROUP")),
    ],
    "users": [user("alice", disabled=True), user("bob", total_desktops=0), user("carol", total_desktops=0)],
    "groups": {"night": [user("alice"), user("bob"), user("ghost")], "day": [user("carol")]},
}


def test_members_of_groups_count_where_they_are_resolved() -> None:
    service = Service(**NIGHT)
    result = service.audit(resolve_groups=True)
    found = {
        finding: [(one.get("computer_name"), one["user_name"], one.get("group_name")) for one in records]
        for finding, records in result["findings"].items()
        if "user_name" in next(iter(records), {})
    }
    assert found["desktops_of_disabled_users"] == [
        ("one", "alice", None),
        ("three", "alice", "Night"),
        ("two", "alice", "night"),
    ]
    assert [name for name, _user, _group in found["desktops_of_unknown_users"]] == ["one", "three", "two"]
    assert found["users_without_desktop"] == [(None, "carol", None)]
    several = {one["user_name"]: one["total_desktops"] for one in result["findings"]["users_with_several_desktops"]}
    assert several == {"alice": 3, "bob": 3}
    told = "1 of 4 desktops is assigned to user groups that the service does not list, so their members are not known."
    assert told in result["warnings"]
    assert "groups/id-day/users" not in [path for path, _query in service.queries]


def test_groups_that_are_not_resolved_are_a_warning() -> None:
    service = Service(**NIGHT)
    result = service.audit()
    assert [one["computer_name"] for one in result["findings"]["desktops_of_disabled_users"]] == ["one"]
    told = "4 of 4 desktops are assigned to user groups, but resolve_groups is not set"
    assert any(told in text for text in result["warnings"])
    assert not any(path.startswith("groups") for path, _query in service.queries)
    assert not any("groups" in text for text in Service(**NIGHT).audit(findings=["desktops_shut_off"])["warnings"])


def test_groups_that_may_not_be_read_leave_findings_about_users_unchecked() -> None:
    class Refusing(Service):
        def get(self, operation: Any, query: Pairs) -> Any:
            if operation.path == "groups":
                raise refusal()
            return super().get(operation, query)

    result = Refusing(**NIGHT).audit(resolve_groups=True, skip_refused=True)
    about = [*_OF_USERS, "users_without_desktop", "users_with_several_desktops"]
    assert list(result["not_checked"]) == about
    assert result["findings"]["desktops_shut_off"] == []
