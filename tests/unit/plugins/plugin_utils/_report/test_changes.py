# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes since an earlier audit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.changes import NotCompared, compare

from .reports import BAD, RULES, WHOLE, earlier, of

TAGS, IDLE, AGENT, ERROR = "desktops_without_tags", "desktops_idle", "desktops_with_old_agent", "desktops_in_error"
DISABLED = "desktops_of_disabled_users"


def answer(project_id: str = "p1", found: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The result of a project: its findings, and what else differs."""
    return {**WHOLE, "project_id": project_id, "findings": found or {}, **more}


def tags(*names: str, **more: Any) -> dict[str, Any]:
    return answer("p1", {TAGS: of(*names)}, **more)


def with_rules(**rules: Any) -> dict[str, Any]:
    return {"rules": {**RULES, **rules}}


def test_new_and_resolved_records() -> None:
    """The same desktop and user, or the same pool, is the same record, whatever else has changed.

    A record that is found now and was not known then is neither new nor the same.
    """
    then = {
        ERROR: of("a", "b", status="ERROR"),
        "desktops_of_locked_users": [*of("a", user_id="u1"), *of("a", user_id="u2")],
        "pools_full": [{"pool_id": "1", "pool_name": "old name"}],
        "users_without_pool": [{"user_id": "u1"}],
        TAGS: [],
    }
    now = {
        ERROR: of("b", "c", status="ACTIVE"),
        "desktops_of_locked_users": [*of("a", user_id="u2"), *of("b", user_id="u1")],
        "pools_full": [{"pool_id": "1", "pool_name": "new name"}],
        "users_without_pool": [],
        TAGS: of("x", "y"),
    }
    before = answer("p1", then, not_known={TAGS: {"no tags": ["x"]}})
    changes = compare(earlier(before=before), {"renamed": answer("p1", now)})
    found = {
        finding: [
            (mark, *(record[key] for key in ("desktop_id", "pool_id", "user_id") if key in record))
            for mark, record in marked
        ]
        for finding, marked in changes.projects["renamed"].items()
    }
    assert found == {
        ERROR: [("new", "c"), ("same", "b"), ("resolved", "a")],
        "desktops_of_locked_users": [("new", "b", "u1"), ("same", "a", "u2"), ("resolved", "a", "u1")],
        "pools_full": [("same", "1")],
        "users_without_pool": [("resolved", "u1")],
        TAGS: [("new", "y"), ("", "x")],
    }
    assert [record["status"] for _mark, record in changes.projects["renamed"][ERROR]] == ["ACTIVE", "ACTIVE", "ERROR"]
    assert (changes.count("new"), changes.count("resolved")) == (3, 3)


NOT_BEFORE = "It could not be read in the previous audit."
NOT_NOW = "It could not be read in this audit."
FEWER, MORE = {"judged_by": {TAGS: ["d.tags"]}}, {"judged_by": {TAGS: ["d.tags", "d.isolated"]}}
ROLE, NEW_TAGS = {"read_as": "access key AK1 as agency a of account b (the task)"}, with_rules(required_tags=["owner"])
BY_GROUPS = with_rules(resolve_groups=True)
NOT_KNOWN = {"not_known": {TAGS: {"no tags": ["x"]}}}
NOT_CHECKED = answer(not_checked={TAGS: "403"})


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [
        (None, WHOLE, "It is not in the previous audit."),
        (WHOLE, None, "It is not in this audit."),
        ({**BAD, "project_id": "p3"}, WHOLE, NOT_BEFORE),
        ({**BAD, "project_id": None}, WHOLE, NOT_BEFORE),
        (WHOLE, {**BAD, "project_id": None}, NOT_NOW),
        (WHOLE, {**BAD, "project_id": "p3"}, NOT_NOW),
        (
            tags("x"),
            tags(**ROLE),
            "It was read as access key AK1 in the previous audit and as access key AK1 as agency a",
        ),
        (tags("x", read_as=None), tags(read_as=None), "It is not known whether both audits used the same credentials."),
        (NOT_CHECKED, tags("x"), "Not checked in the previous audit: 403"),
        (tags("x"), NOT_CHECKED, "Not checked in this audit: 403"),
        (tags("x"), answer(), "Not one of the findings of this audit."),
        (answer(), tags("x"), "Not one of the findings of the previous audit."),
        (tags("x"), tags(**NEW_TAGS), "required_tags was owner cost in the previous audit and is owner now."),
        (
            answer("p1", {DISABLED: of("x")}),
            answer("p1", {DISABLED: []}, **BY_GROUPS),
            "resolve_groups was false in the previous audit and is true now.",
        ),
        (tags("x", **MORE), tags(**FEWER), "Judged without d.isolated in this audit."),
        (tags(**FEWER), tags("x", **MORE), "Judged without d.isolated in the previous audit."),
        # Found then, and not known today.
        (tags("x", "y"), tags("y", **NOT_KNOWN), "Not known in this audit: no tags"),
        (tags(**NOT_KNOWN), tags("x"), "Not known in the previous audit: no tags"),
    ],
)
def test_what_was_not_read_or_is_not_known_is_neither_new_nor_resolved(then: Any, now: Any, reason: str) -> None:
    changes = compare(earlier(**({"a": then} if then else {})), {"a": now} if now else {})
    (found,) = changes.not_compared
    assert found.reason.startswith(reason)
    assert found.findings == (None if reason.startswith("It ") else [DISABLED if "groups" in reason else TAGS])
    assert found.ids == (["x"] if reason.startswith("Not known") else None)
    assert (changes.count("new"), changes.count("resolved")) == (0, 0)


def test_findings_that_are_not_compared_for_the_same_reason_are_together() -> None:
    found = compare(earlier(a=answer("p1", {TAGS: [], "pools_full": []})), {"a": answer()}).not_compared
    assert found == [NotCompared("a", [TAGS, "pools_full"], "Not one of the findings of this audit.")]


def test_a_project_of_another_id_is_another_project() -> None:
    found = compare(earlier(a=BAD), {"a": WHOLE}).not_compared
    assert [entry.reason for entry in found] == ["It is not in the previous audit.", "It is not in this audit."]


@pytest.mark.parametrize(
    "now",
    [
        {"read_as": "access key AK1 (profile audit of ~/.huaweicloud/credentials)"},
        with_rules(required_tags=["cost", "owner"], oldest_agent_version="25.4"),
        with_rules(oldest_agent_version="25.4.0"),
        with_rules(idle_days=90, oldest_agent_version="25.4"),
        {"judged_by": {TAGS: ["desktops.created", "desktops.tags"], IDLE: ["usage.idle"]}},
    ],
)
def test_what_makes_no_difference_is_compared(now: dict[str, Any]) -> None:
    """The place of a key, the order of tags and fields, the spelling of a version, the rules of other findings."""
    then = answer("p1", {TAGS: of("x"), AGENT: of("y")}, **with_rules(oldest_agent_version="25.4"))
    then["judged_by"] = {TAGS: ["desktops.tags", "desktops.created"]}
    changes = compare(earlier(a=then), {"a": {**then, "findings": {TAGS: [], AGENT: []}, **now}})
    assert (changes.not_compared, changes.count("resolved")) == ([], 2)
