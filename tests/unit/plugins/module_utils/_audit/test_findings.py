# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding: the records to which it applies, and those for which that is not known."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest

from .service import (
    DAY,
    Record,
    Service,
    attached,
    desktop,
    find,
    membership,
    pool,
    pools_of,
    usage,
    user,
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
        (
            "1 of 6 desktops is assigned to user groups, but resolve_groups is not set, so they do not count as desktops of"
            " the members."
        ),
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
