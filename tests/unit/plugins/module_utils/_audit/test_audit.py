# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding on the records of a project, and what is read for it."""

from __future__ import annotations

import datetime
import importlib
import math
import threading
from typing import Any
from unittest import mock

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.findings import FINDINGS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError

from ..fake import Pairs
from .service import DAY, RULES, SOURCES, Record, Service, attached, desktop, membership, pool, pools_of, usage, user


def find(finding: str, given: dict[str, Any], **options: Any) -> list[Record]:
    """The records of a finding in a project with these sources."""
    found: list[Record] = Service(**given).audit(findings=[finding], **options)["findings"][finding]
    return found


NOT_RESOLVED = (
    "is assigned to user groups, but resolve_groups is not set, so they do not count as desktops of the members."
)

NAMES = {"desktops": "computer_name", "users": "user_name", "pools": "pool_name"}


def judge(finding: str, *records: Record, **options: Any) -> tuple[list[str], dict[str, list[str]]]:
    """The names that a finding lists of records of its kind, and of those that are not known by reason."""
    kind = finding.partition("_")[0]
    given = {kind: list(records), **options.pop("given", {})}
    result = Service(**given).audit(findings=[finding], **options)
    unknown = result["not_known"][finding]
    assert result["not_known_counts"] == {finding: sum(map(len, unknown.values()))}
    names = [record[NAMES[kind]] for record in result["findings"][finding]]
    return names, {reason: [one.removeprefix("id-") for one in ids] for reason, ids in unknown.items()}


def test_desktops_without_user() -> None:
    desktops = [
        desktop("spare", attach_state="UNATTACH"),
        desktop("no users", attach_user_infos=None, attach_state=None),
        desktop("no type", attach_state="UNATTACH", desktop_type=None),
        desktop("used", attached("alice"), desktop_type=None),
        desktop("group", attached("night-shift", "GROUP")),
        desktop("nameless", {"user_id": None, "user_name": "bob", "type": "USER"}),
        desktop("pooled", desktop_type="POOLED"),
        desktop("shared", desktop_type="SHARED"),
        desktop("attached"),
        desktop("in session", attach_state=None, login_status="DISCONNECTED"),
        desktop("named", attach_state=None, user_name="bob"),
    ]
    assert judge("desktops_without_user", *desktops) == (
        ["spare"],
        {
            "no attach_user_infos": ["no users"],
            "no desktop_type": ["no type"],
            "other fields show a user or a session": ["attached", "in session", "named"],
        },
    )


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
        desktop("five"),
        desktop("four", attached("nobody")),
        desktop("one", attached("alice"), attached("bob"), attached("carol")),
        desktop("three", attached("bob", "GROUP")),
        desktop("two", attached("carol"), {"user_id": "", "user_name": "bob", "type": "USER"}),
        desktop("zero", attach_user_infos=None),
    ]
    users = [user("alice"), user("bob", **{field: True}), user("carol", **{field: None}), user("dave", **{field: True})]
    result = Service(desktops=desktops, users=users).audit(findings=[finding])
    record = {"desktop_id": "id-one", "computer_name": "one", "user_id": "id-bob", "user_name": "bob", field: True}
    assert result["findings"][finding] == [{**record, "users": ["alice", "bob", "carol"]}]
    # Each desktop is counted once, although two users of one are not known.
    unknown = {f"no {field}": ["id-one", "id-two"], "no attach_user_infos": ["id-zero"]}
    assert result["not_known"] == {finding: unknown}
    reasons = ", ".join(sorted(["no attach_user_infos: 1", f"no {field}: 2"]))
    assert result["warnings"] == [
        f"{finding} is not known for 3 desktops ({reasons}): one, two, zero.",
        f"1 of 6 desktops {NOT_RESOLVED}",
    ]


def test_desktops_of_unknown_users() -> None:
    desktops = [
        desktop("known", attached("alice")),
        desktop("gone", attached("alice"), attached("ghost")),
        desktop("group or user", attached("odd", None)),
        desktop("without id", {"user_id": None, "user_name": "ghost", "type": "USER"}),
        desktop("empty id", {"user_id": "", "user_name": "ghost", "type": "USER"}),
        desktop("without name", {"user_id": "id-ghost", "type": "USER"}),
        desktop("group", attached("night-shift", "GROUP")),
    ]
    result = Service(desktops=desktops).audit(findings=["desktops_of_unknown_users"])
    assert result["findings"]["desktops_of_unknown_users"] == [
        {
            "desktop_id": "id-gone",
            "computer_name": "gone",
            "user_id": "id-ghost",
            "user_name": "ghost",
            "users": ["alice", "ghost"],
        }
    ]
    assert result["not_known"]["desktops_of_unknown_users"] == {
        "no type": ["id-group or user"],
        "no user_id": ["id-empty id", "id-without id"],
        "no user_name": ["id-without name"],
    }


def test_desktops_by_their_state() -> None:
    desktops = [
        desktop("attach", attach_state="ATTACHFAIL", isolated=None),
        desktop("dead", login_status="UNREGISTER"),
        desktop("dead or busy", login_status="UNREGISTER", task_status=None),
        desktop("detach", attach_state="DEATTACH_FAIL_CAN_DEATTACH_AGAIN"),
        desktop("error", status="ERROR", is_freeze=True),
        desktop("hibernated", status="HIBERNATED"),
        desktop("isolated", isolated=True),
        desktop("kept", in_maintenance_mode=True),
        desktop("left", domain_status=2),
        desktop("not reported", domain_status=3),
        desktop("off", login_status="UNREGISTER", status="SHUTOFF", task_status=None),
        desktop("off and connected", login_status="CONNECTED", status="SHUTOFF"),
        desktop("silent", attach_state=None, is_freeze=None, isolated=None, domain_status=None, status=None),
        desktop("silent too", in_maintenance_mode=None, login_status=None),
        desktop("starting", login_status="UNREGISTER", task_status="powering-on"),
        desktop("well"),
    ]
    unknown = {"no login_status": ["silent too"], "no task_status": ["dead or busy"]}
    assert judge("desktops_running_unregistered", *desktops) == (["dead"], unknown)
    in_error = ["attach", "detach", "error", "isolated", "left"]
    assert judge("desktops_in_error", *desktops) == (in_error, {"no status": ["silent"]})
    reasons = {one["computer_name"]: one["reasons"] for one in find("desktops_in_error", {"desktops": desktops})}
    assert reasons == {
        "attach": ["attach_state"],
        "detach": ["attach_state"],
        "error": ["status", "frozen"],
        "isolated": ["isolated"],
        "left": ["out of domain"],
    }
    assert judge("desktops_in_maintenance", *desktops) == (["kept"], {"no in_maintenance_mode": ["silent too"]})
    unknown = {"connected now": ["off and connected"], "no status": ["silent"]}
    assert judge("desktops_shut_off", *desktops) == (["hibernated", "off"], unknown)


def test_desktops_idle() -> None:
    seconds = {"just": 864000, "nearly": 863999.9, "long": 9e6, "silent": None, "gone": 9e6, "connected": 9e6}
    service = Service(
        desktops=[
            desktop("connected", login_status="CONNECTED"),
            *(desktop(name, attached("alice")) for name in ("just", "long", "nearly", "silent", "unknown", "unused")),
        ],
        usage=[*(usage(name, value) for name, value in seconds.items()), usage("unused", 180 * DAY, "", 0)],
    )
    result = service.audit(findings=["desktops_idle"], idle_days=10)
    found = result["findings"]["desktops_idle"]
    assert all(record.pop("last_used_at").endswith("Z") for record in found)
    user = {"last_user_name": "alice", "users": ["alice"]}
    assert found == [
        {"desktop_id": "id-just", "computer_name": "just", "idle_days": 10.0, **user},
        {"desktop_id": "id-long", "computer_name": "long", "idle_days": 104.16, **user},
    ]
    assert result["not_known"]["desktops_idle"] == {
        "connected now": ["id-connected"],
        "no desktop_idle_duration": ["id-silent"],
        "no usage record": ["id-unknown", "id-unused"],
    }
    reasons = "connected now: 1, no desktop_idle_duration: 1, no usage record: 2"
    told = f"desktops_idle is not known for 4 desktops ({reasons}): connected, silent, unknown, unused."
    assert result["warnings"] == [told]


def test_a_time_beyond_the_calendar_is_not_known() -> None:
    wrong = [math.nan, math.inf, 1e12, 10**400, -1]
    desktops = [desktop("idle"), *(desktop(str(number)) for number in range(len(wrong)))]
    uses = [usage("idle", 9e6), *(usage(str(number), value) for number, value in enumerate(wrong))]
    found = judge("desktops_idle", *desktops, given={"usage": uses}, idle_days=10)
    assert found == (["idle"], {"no desktop_idle_duration": ["0", "1", "2", "3", "4"]})


def test_desktops_without_tags() -> None:
    desktops = [
        desktop("both", tags=[{"key": "owner", "value": "cad"}, {"key": "cost", "value": ""}]),
        desktop("empty", tags=[]),
        desktop("keyless", tags=[{"key": "owner"}, {"value": "cad"}]),
        desktop("one", tags=[{"key": "owner", "value": "cad"}]),
        desktop("other case", tags=[{"key": "Owner"}, {"key": "cost"}]),
        desktop("silent", tags=None),
    ]
    required = {"required_tags": ["owner", "cost"]}
    found = find("desktops_without_tags", {"desktops": desktops}, **required)
    assert {record["computer_name"]: record["missing_tags"] for record in found} == {
        "empty": ["owner", "cost"],
        "one": ["cost"],
        "other case": ["owner"],
    }
    unknown = {"a tag has no key": ["keyless"], "no tags": ["silent"]}
    assert judge("desktops_without_tags", *desktops, **required)[1] == unknown


def test_desktops_with_old_agent() -> None:
    old = ["24.99.99999", "25.4", "25.4.9999", "9.30"]
    versions = [*old, "25.4.10001", "25.10.1", "", None, "unknown", "25.4.10001.0", "9" * 5000]
    desktops = [desktop(str(version)[:20], agent_version=version) for version in versions]
    unknown = {"agent_version has no number": ["unknown"], "no agent_version": ["None"]}
    assert judge("desktops_with_old_agent", *desktops, oldest_agent_version="25.4.10001") == (old, unknown)
    assert "25.4" not in judge("desktops_with_old_agent", *desktops, oldest_agent_version="25.4.0")[0]


def test_findings_that_are_only_checked_if_asked_for() -> None:
    def volume(name: str, **more: Any) -> Record:
        return {"device": name, **more}

    plain, encrypted, silent = volume("vda", kms_id=""), volume("vda", kms_id="k1"), volume("vda")
    desktops = [
        desktop("both", root_volume=plain, data_volumes=[encrypted, {**plain, "device": "vdc"}], internet_mode="BOTH"),
        desktop("safe", root_volume=encrypted, data_volumes=[], internet_mode="NAT"),
        desktop("silent", root_volume=silent, data_volumes=[encrypted], internet_mode=None),
        desktop("silent data", root_volume=encrypted, data_volumes=None, internet_mode="EIP"),
        desktop("silent root", root_volume="odd", data_volumes=[plain], internet_mode=""),
    ]
    unencrypted = find("desktops_unencrypted", {"desktops": desktops})
    assert {one["computer_name"]: one["unencrypted_volumes"] for one in unencrypted} == {
        "both": ["vda", "vdc"],
        "silent root": ["vda"],
    }
    assert judge("desktops_unencrypted", *desktops)[1] == {"no kms_id": ["silent", "silent data"]}
    public = (["both", "silent data"], {"no internet_mode": ["silent"]})
    assert judge("desktops_with_public_address", *desktops) == public
    desktops = [
        desktop("admin", attached("alice", user_group="users"), attached("bob", user_group="Administrators")),
        desktop("free"),
        desktop("linux", attached("ops", "GROUP", user_group="sudo"), attached("alice", user_group=None)),
        desktop("silent", attached("alice", user_group="users"), attached("bob", user_group=None)),
        desktop("silent too", attach_user_infos=None),
    ]
    found = find("desktops_with_local_administrators", {"desktops": desktops})
    assert {one["computer_name"]: (one["administrators"], one["users"]) for one in found} == {
        "admin": (["bob"], ["alice", "bob"]),
        "linux": (["ops"], ["(ops)", "alice"]),
    }
    unknown = {"no attach_user_infos": ["silent too"], "no user_group": ["silent"]}
    assert judge("desktops_with_local_administrators", *desktops)[1] == unknown


def test_users_by_number_of_desktops() -> None:
    users = [user("none", total_desktops=0), user("one"), user("two", total_desktops=2), user("x", total_desktops=None)]
    assert judge("users_without_desktop", *users) == (["none"], {"no total_desktops": ["x"]})
    desktops = [desktop("b", attached("two")), desktop("a", attached("two")), desktop("c", attached("y"))]
    desktops += [desktop(name, attached("counted"), attached("y")) for name in ("d", "e")]
    users += [user("counted"), user("y", total_desktops=None)]
    several = find("users_with_several_desktops", {"users": users, "desktops": desktops})
    assert [(one["user_name"], one["total_desktops"], one["computer_names"]) for one in several] == [
        ("two", 2, ["a", "b"]),
        ("y", 3, ["c", "d", "e"]),
    ]
    unknown = {"more desktops are assigned than the service counts": ["counted"], "no total_desktops": ["x"]}
    assert judge("users_with_several_desktops", *users, given={"desktops": desktops})[1] == unknown


def test_users_and_their_pools() -> None:
    memberships = [
        pools_of("empty"),
        pools_of("waiting", membership("a", False), membership("b", False)),
        pools_of("attached", membership("a", False), membership("c", True)),
        pools_of("silent", membership("b", None)),
        {**pools_of("miscounted"), "desktop_pool_count": 2},
        {"user_id": "id-mute"},
        {**pools_of("uncounted", membership("a", False)), "desktop_pool_count": None},
        {"user_id": "id-none", "desktop_pool_count": 0},
        pools_of("stranger", membership("d", True)),
    ]
    directory = ("attached", "empty", "miscounted", "mute", "none", "silent", "uncounted", "unlisted", "waiting")
    given: dict[str, Any] = {"user_pools": memberships}
    users = [user(name) for name in directory]
    without = ["empty", "none", "unlisted"]
    assert judge("users_without_pool", *users, given=given) == (without, {"no desktop_pools": ["mute"]})
    unknown = {"no is_attached": ["silent"], "not all pools of the user are known": ["miscounted", "mute"]}
    assert judge("users_never_attached", *users, given=given) == (["uncounted", "waiting"], unknown)
    pools = [pool(name, desktop_used=0) for name in ("a", "b", "c", "d", "e")]
    unknown = {"no is_attached": ["b"], "not all pools of all users are known": ["a", "d", "e"]}
    given["users"] = users
    assert judge("pools_never_attached", *pools, given=given) == ([], unknown)
    # No user of the directory has a desktop of d, and no user at all may use e.
    given["users"] = [user(name) for name in directory if name not in ("miscounted", "mute")]
    found = find("pools_never_attached", {**given, "pools": pools})
    assert {one["pool_name"]: one["authorized_user_count"] for one in found} == {"a": 3, "d": 0, "e": 0}
    # A pool without an ID may be any of them.
    nameless = {"desktop_pool_name": "b", "is_attached": True}
    given["user_pools"] = [pools_of("waiting", membership("a", True), nameless)]
    unknown = {"not all pools of all users are known": ["b"]}
    assert judge("pools_never_attached", *pools[:2], given=given) == ([], unknown)


def test_findings_about_pools() -> None:
    pools = [
        pool("countless", desktop_count=None, desktop_used=0),
        pool("empty", desktop_count=0, desktop_used=0),
        pool("free"),
        pool("full", desktop_used=4),
        pool("kept", in_maintenance_mode=True),
        pool("over", desktop_used=5),
        pool("silent", desktop_used=None, in_maintenance_mode=None),
        pool("unused", desktop_used=0),
    ]
    unknown = {"no desktop_count": ["countless"], "no desktop_used": ["silent"]}
    assert judge("pools_full", *pools) == (["full", "over"], unknown)
    assert judge("pools_unused", *pools) == (["unused"], unknown)
    assert judge("pools_in_maintenance", *pools) == (["kept"], {"no in_maintenance_mode": ["silent"]})


def test_desktops_never_used() -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    new, old = (f"{now - datetime.timedelta(days=age):%Y-%m-%dT%H:%M:%S.459Z}" for age in (29, 31))
    desktops = [
        desktop("idle only"),
        desktop("nameless"),
        desktop("new", created=new),
        desktop("old", created=old),
        desktop("other form", created="2026-01-21 06:57:47"),
        desktop("session", login_status="DISCONNECTED"),
        desktop("silent", created=None),
        desktop("strange", created="yesterday"),
        desktop("used"),
        desktop("without use"),
    ]
    uses = [
        usage("idle only", 5 * DAY, "", None),
        usage("nameless", 180 * DAY, None, 0),
        usage("used", 0),
        usage("without use", 180 * DAY, "", 0),
    ]
    result = Service(desktops=desktops, usage=uses).audit(findings=["desktops_never_used"], idle_days=30)
    found = result["findings"]["desktops_never_used"]
    assert [one["computer_name"] for one in found] == ["old", "other form", "without use"]
    about = dict.fromkeys(("last_user_name", "last_used_at", "idle_days")) | {"users": []}
    assert found[0] == {"desktop_id": "id-old", "computer_name": "old", "created": old, **about}
    assert result["not_known"]["desktops_never_used"] == {
        "created is not a time": ["id-strange"],
        "in a session now": ["id-session"],
        "no created": ["id-silent"],
        "no desktop_usage": ["id-idle only"],
        "no latest_connect_username": ["id-nameless"],
    }


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


def ids_of(result: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [next(iter(record.values())) for record in found] for name, found in result["findings"].items()}


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


_OF_USERS = [f"desktops_of_{kind}_users" for kind in ("disabled", "locked", "expired", "unknown")]

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


NIGHT: dict[str, Any] = {
    "desktops": [
        desktop("four", attached("day", "GROUP")),
        desktop("one", attached("alice"), attached("night", "GROUP")),
        desktop("three", {"user_id": None, "user_name": "Night", "type": "GROUP"}),
        desktop("two", attached("night", "GROUP")),
    ],
    "users": [user("alice", disabled=True), *(user(name, total_desktops=0) for name in ("bob", "carol", "night"))],
    "groups": {"night": [user("alice"), user("bob"), user("ghost")], "day": [], "eve": [user("carol")]},
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
    assert found["users_without_desktop"] == [(None, "carol", None), (None, "night", None)]
    several = {one["user_name"]: one for one in result["findings"]["users_with_several_desktops"]}
    assert {name: one["total_desktops"] for name, one in several.items()} == {"alice": 3, "bob": 3}
    assert several["alice"]["computer_names"] == ["one", "three", "two"]
    assert result["findings"]["desktops_of_disabled_users"][0]["users"] == ["alice", "(night)"]
    assert not any("groups" in text for text in result["warnings"])
    assert "groups/id-eve/users" not in [path for path, _query in service.queries]


DOMAINS = {"night": "east", "other": "west"}
NIGHT_BY_NAME = {"user_id": None, "user_name": "night", "domain": "East"}


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        (attached("unlisted", "GROUP"), {}),
        ({"user_id": None, "user_name": None, "type": "GROUP"}, {}),
        # A group of the same name in another domain, or two that may be meant.
        ({**NIGHT_BY_NAME, "type": "GROUP"}, {"id-night": "west"}),
        ({**NIGHT_BY_NAME, "type": "GROUP"}, {"id-night": "east", "id-other": None}),
        # A user can have the name of a group.
        ({**NIGHT_BY_NAME, "type": "USER"}, {"id-night": "east"}),
        ({**NIGHT_BY_NAME, "type": None}, {"id-night": "east"}),
        (None, {}),
    ],
)
def test_groups_whose_members_are_not_known(entry: Record | None, groups: dict[str, str | None]) -> None:
    one = desktop("one", *([entry] if entry else []))
    given: dict[str, Any] = {
        "desktops": [{**one, "attach_user_infos": one["attach_user_infos"] or None}, desktop("two", attached("bob"))],
        "users": [user("alice", disabled=True, total_desktops=0), user("bob")],
        "user_pools": [],
        "groups": {"night": [user("alice")], "other": []},
        "listed": [{"id": one, "name": "Night", "domain": domain} for one, domain in groups.items()],
    }
    result = Service(**given).audit(resolve_groups=True)
    assert list(result["not_known"]["desktops_of_disabled_users"].values()) == [["id-one"]]
    typed = entry is not None and entry["type"] == "USER"
    unknown = {} if typed else {"may be a member of a group whose members are not known": ["id-alice"]}
    assert result["not_known"]["users_without_desktop"] == unknown


def test_a_group_is_known_by_its_name_and_domain() -> None:
    given: dict[str, Any] = {
        "desktops": [desktop("one", {**NIGHT_BY_NAME, "type": "GROUP"})],
        "users": [user(name, disabled=True) for name in ("alice", "bob")],
        "groups": {"night": [user("alice")], "other": [user("bob")]},
        "listed": [{"id": f"id-{name}", "name": "Night", "domain": domain} for name, domain in DOMAINS.items()],
    }
    found = find("desktops_of_disabled_users", given, resolve_groups=True)
    assert [one["user_name"] for one in found] == ["alice"]


def test_an_entry_without_a_type_is_a_group_if_a_group_has_its_id() -> None:
    given = {**NIGHT, "desktops": [desktop("one", attached("night", None)), desktop("two", attached("ghost", None))]}
    given["users"] = [user("alice", disabled=True)]
    result = Service(**given).audit(findings=["desktops_of_disabled_users"], resolve_groups=True)
    assert ids_of(result) == {"desktops_of_disabled_users": ["id-one"]}


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
