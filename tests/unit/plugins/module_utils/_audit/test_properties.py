# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whichever field of whichever record the service leaves out: what was found is found or not known, never no."""

from __future__ import annotations

import copy
import functools
import os
import random
from collections.abc import Iterator
from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.findings import FINDINGS
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.changes import compare

from .service import DAY, RULES, Record, Service, attached, desktop, membership, pool, pools_of, usage, user

#: How many projects are tried. `WORKSPACE_TEST_CASES=2000` is a thorough run.
CASES = int(os.environ.get("WORKSPACE_TEST_CASES", "250")) // 25

#: How many fields are left out of each project, one at a time.
REMOVALS = 40

PEOPLE = ("alice", "bob", "carol", "dave")
GROUPS = ("night", "bob")


def made_entry(draw: random.Random) -> Record:
    """A user or group of a desktop, with its ID, or a group with its name and domain only."""
    fields = {"user_group": draw.choice(("users", "administrators", "sudo")), "domain": draw.choice(("east", "west"))}
    kind = draw.choice(("USER", "USER", "GROUP"))
    entry = attached(draw.choice((*PEOPLE, "ghost") if kind == "USER" else GROUPS), kind, **fields)
    if kind == "GROUP":
        entry["user_id"] = draw.choice((f"group-{entry['user_name']}", None))
    return entry


def made_desktop(draw: random.Random, number: int) -> Record:
    """A desktop in which anything may be wrong, but which does not contradict itself."""
    entries = [made_entry(draw) for _number in range(draw.choice((0, 0, 1, 2)))]
    volumes = [{"device": f"vd{one}", "kms_id": draw.choice(("", "k1"))} for one in range(draw.randint(1, 3))]
    return desktop(
        f"d{number}",
        *entries,
        desktop_type=draw.choice(("DEDICATED", "POOLED")),
        attach_state=draw.choice(("ATTACHED", "ATTACHFAIL") if entries else ("UNATTACH", "DEATTACHFAIL")),
        status=draw.choice(("ACTIVE", "ERROR", "SHUTOFF")),
        task_status=draw.choice(("", "", "powering-on")),
        login_status=draw.choice(("UNREGISTER", "REGISTERED", "CONNECTED")),
        in_maintenance_mode=draw.choice((True, False)),
        is_freeze=draw.random() < 0.1,
        isolated=draw.random() < 0.1,
        domain_status=draw.choice((1, 2, 3)),
        tags=[{"key": key, "value": ""} for key in draw.sample(("owner", "cost"), draw.randint(0, 2))],
        agent_version=draw.choice(("25.3", "25.4", "")),
        created=draw.choice(("2026-01-21T06:57:47.459Z", "2999-01-21T06:57:47.459Z")),
        internet_mode=draw.choice(("", "NAT", "EIP")),
        root_volume=volumes[0],
        data_volumes=volumes[1:],
    )


def made_project(draw: random.Random) -> dict[str, Any]:
    """The sources of a project."""
    fleet = [made_desktop(draw, number) for number in range(draw.randint(2, 6))]
    pools = ("a", "b", "c")
    return {
        "desktops": fleet,
        "users": [
            user(name, total_desktops=draw.randint(0, 2), **{flag: draw.choice((True, False)) for flag in FLAGS})
            for name in PEOPLE
        ],
        "pools": [
            pool(name, desktop_used=draw.choice((0, 2, 4)), in_maintenance_mode=draw.choice((True, False)))
            for name in pools
        ],
        "user_pools": [
            pools_of(name, *(membership(one, draw.random() < 0.2) for one in draw.sample(pools, draw.randint(0, 2))))
            for name in draw.sample(PEOPLE, draw.randint(1, len(PEOPLE)))
        ],
        "usage": [
            usage(f"d{number}", draw.choice((0, 40, 180)) * DAY, draw.choice(("alice", "")), draw.choice((0, 60)))
            for number in draw.sample(range(len(fleet)), draw.randint(1, len(fleet)))
        ],
        "groups": {"night": [user("alice"), user("bob")], "bob": [user("carol")]},
        "listed": [{"id": f"group-{name}", "name": name, "domain": "east"} for name in GROUPS],
    }


FLAGS = ("disabled", "locked", "account_expired")


def places(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """The path to each field of each record, at any depth, and to each usage record."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        if (isinstance(value, dict) and len(path) > 1) or path == ("usage",):
            yield (*path, key)
        yield from places(value[key], *path, key)


def lacking(given: dict[str, Any], path: tuple[Any, ...], null: bool) -> dict[str, Any]:
    """A copy without a field or usage record, or with null in place of the field."""
    changed = record = copy.deepcopy(given)
    for key in path[:-1]:
        record = record[key]
    if null and len(path) > 2:
        record[path[-1]] = None
    else:
        del record[path[-1]]
    return changed


def audited(given: dict[str, Any], resolve_groups: bool) -> dict[str, Any] | None:
    """The result of all findings; `None` if the call fails."""
    try:
        return Service(**given).audit(**RULES, findings=list(FINDINGS), resolve_groups=resolve_groups)
    except WorkspaceError:
        return None


@functools.cache
def cases() -> list[tuple[int, dict[str, Any], tuple[Any, ...], dict[str, Any], dict[str, Any]]]:
    """Projects, a field that is left out, and the results with and without it."""
    found = []
    for seed in range(CASES):
        draw = random.Random(seed)
        given, resolve_groups = made_project(draw), draw.choice((True, False))
        before = audited(given, resolve_groups)
        assert before is not None
        every = list(places(given))
        for path in draw.sample(every, min(REMOVALS, len(every))):
            after = audited(lacking(given, path, draw.choice((True, False))), resolve_groups)
            if after is not None:
                found.append((seed, given, path, before, after))
    return found


def keys(records: list[Record]) -> set[tuple[Any, ...]]:
    return {tuple(record.get(key) for key in ("desktop_id", "user_id", "pool_id")) for record in records}


def test_a_removed_field_never_changes_a_finding_to_no() -> None:
    for seed, _given, path, before, after in cases():
        for finding, records in before["findings"].items():
            if after["judged_by"].get(finding) != before["judged_by"][finding]:
                continue  # It is not checked, or no record has the field any more.
            unknown = {one for ids in after["not_known"][finding].values() for one in ids}
            subject = {"desktops": 0, "users": 1, "pools": 2}[finding.partition("_")[0]]
            lost = keys(records) - keys(after["findings"][finding])
            assert all(one[subject] in unknown for one in lost), (seed, path, finding, lost)


def test_a_removed_field_causes_no_new_or_resolved_record() -> None:
    about = {"project_id": "p1", "read_as": "access key AK1"}
    for seed, _given, path, before, after in cases():
        for then, now in ((before, after), (after, before)):
            previous = {"read_at": then["read_at"], "projects": {"main": {**then, **about}}}
            changes = compare(previous, {"main": {**now, **about}})
            assert changes.projects["main"], (seed, path)
            # A desktop that has no usage record any more was never used, as far as the service knows.
            changes.projects["main"].pop("desktops_never_used" if path[0] == "usage" and len(path) == 2 else "", None)
            assert (changes.count("resolved"), changes.count("new")) == (0, 0), (seed, path, changes.projects)


def test_every_record_is_counted_once() -> None:
    for seed, given, path, _before, after in cases():
        for finding, reasons in after["not_known"].items():
            ids = [one for ids in reasons.values() for one in ids]
            assert ids == sorted(set(ids), key=ids.index), (seed, path, finding)
            assert len(ids) == after["not_known_counts"][finding], (seed, path, finding)
            assert len(after["findings"][finding]) == after["finding_counts"][finding]
            kind = finding.partition("_")[0]
            if kind != "desktops":
                found = {record[f"{kind[:-1]}_id"] for record in after["findings"][finding]}
                assert found.isdisjoint(ids), (seed, path, finding)
            assert len(ids) <= len(given[kind]), (seed, path, finding)
        checked = after["findings"].keys()
        assert checked == after["not_known"].keys() == after["judged_by"].keys(), (seed, path)
        assert checked.isdisjoint(after["not_checked"]), (seed, path)
        assert checked | after["not_checked"].keys() == FINDINGS.keys()
