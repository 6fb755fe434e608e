# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes since an earlier audit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.changes import NotCompared, compare

from .reports import BAD, RULES, WHOLE, earlier, of

DISABLED, TAGS, IDLE, AGENT = (
    *("desktops_of_disabled_users", "desktops_without_tags"),
    *("desktops_idle", "desktops_with_old_agent"),
)


def answer(project_id: str = "p1", **findings: Any) -> dict[str, Any]:
    return {**WHOLE, "project_id": project_id, "findings": findings}


def with_rules(**rules: Any) -> dict[str, Any]:
    return {"rules": {**RULES, **rules}}


def test_new_and_resolved_records() -> None:
    """The same desktop and user, or the same pool, is the same record, whatever else has changed."""
    then = answer(
        desktops_in_error=of("a", "b", status="ERROR"),
        desktops_of_locked_users=[*of("a", user_id="u1"), *of("a", user_id="u2")],
        pools_full=[{"pool_id": "1", "pool_name": "old name"}],
        users_without_pool=[{"user_id": "u1"}],
    )
    now = answer(
        desktops_in_error=of("b", "c", status="ACTIVE"),
        desktops_of_locked_users=[*of("a", user_id="u2"), *of("b", user_id="u1")],
        pools_full=[{"pool_id": "1", "pool_name": "new name"}],
        users_without_pool=[],
    )
    changes = compare(earlier(before=then), {"renamed": now})
    found = {finding: change[:2] for finding, change in changes.projects["renamed"].items()}
    assert found == {
        "desktops_in_error": (of("c", status="ACTIVE"), of("a", status="ERROR")),
        "desktops_of_locked_users": (of("b", user_id="u1"), of("a", user_id="u1")),
        "pools_full": ([], []),
        "users_without_pool": ([], [{"user_id": "u1"}]),
    }
    assert (changes.count("new"), changes.count("resolved"), changes.not_compared) == (2, 3, [])


AGENCY = "access key AK1 as agency audit of account company"
NOT_BEFORE = "It could not be read in the previous audit."
NOT_NOW = "It could not be read in this audit."


@pytest.mark.parametrize(
    ("then", "now", "not_compared"),
    [
        ({}, {"a": WHOLE}, [("a", None, "It is not in the previous audit.")]),
        ({"a": WHOLE}, {}, [("a", None, "It is not in this audit.")]),
        (
            {"a": BAD},
            {"a": WHOLE},
            [("a", None, "It is not in the previous audit."), ("a", None, "It is not in this audit.")],
        ),
        ({"a": {**BAD, "project_id": "p3"}}, {"b": WHOLE}, [("b", None, NOT_BEFORE)]),
        ({"a": {**BAD, "project_id": None}}, {"a": WHOLE}, [("a", None, NOT_BEFORE)]),
        ({"a": WHOLE}, {"a": {**BAD, "project_id": None}}, [("a", None, NOT_NOW)]),
        ({"a": WHOLE}, {"a": {**BAD, "project_id": "p3"}}, [("a", None, NOT_NOW)]),
        (
            {"a": answer(desktops_without_tags=of("x"))},
            {"a": {**answer(desktops_without_tags=[]), "read_as": "access key AK2 (the task)"}},
            [("a", None, "It was read as access key AK1 in the previous audit and as access key AK2 in this one.")],
        ),
        (
            {"a": answer(desktops_without_tags=of("x"))},
            {"a": {**answer(desktops_without_tags=[]), "read_as": f"{AGENCY} (the task)"}},
            [("a", None, f"It was read as access key AK1 in the previous audit and as {AGENCY} in this one.")],
        ),
        (
            {"a": {**answer(desktops_without_tags=of("x")), "read_as": None}},
            {"a": {**answer(desktops_without_tags=[]), "read_as": None}},
            [("a", None, "It is not known whether both audits used the same credentials.")],
        ),
        (
            {"a": {**answer(), "not_checked": {TAGS: "HTTP 403"}}},
            {"a": answer(desktops_without_tags=of("x"))},
            [("a", [TAGS], "Not checked in the previous audit: HTTP 403")],
        ),
        (
            {"a": answer(desktops_without_tags=of("x"))},
            {"a": {**answer(), "not_checked": {TAGS: "HTTP 403"}}},
            [("a", [TAGS], "Not checked in this audit: HTTP 403")],
        ),
        (
            {"a": answer(desktops_without_tags=of("x"), pools_full=[])},
            {"a": answer()},
            [("a", [TAGS, "pools_full"], "Not one of the findings of this audit.")],
        ),
        (
            {"a": answer()},
            {"a": answer(pools_full=[])},
            [("a", ["pools_full"], "Not one of the findings of the previous audit.")],
        ),
        (
            {"a": answer(desktops_idle=of("x"))},
            {"a": {**answer(desktops_idle=[]), **with_rules(idle_days=90)}},
            [("a", [IDLE], "idle_days was 60 in the previous audit and is 90 now.")],
        ),
        (
            {"a": answer(desktops_without_tags=of("x"))},
            {"a": {**answer(desktops_without_tags=[]), **with_rules(required_tags=["owner"])}},
            [("a", [TAGS], "required_tags was owner, cost in the previous audit and is owner now.")],
        ),
        (
            {"a": answer(desktops_of_disabled_users=of("x"))},
            {"a": {**answer(desktops_of_disabled_users=[]), **with_rules(resolve_groups=True)}},
            [("a", [DISABLED], "resolve_groups was False in the previous audit and is True now.")],
        ),
        (
            {
                "a": {
                    **answer(desktops_in_error=of("x")),
                    "judged_by": {"desktops_in_error": ["d.status", "d.isolated"]},
                }
            },
            {"a": {**answer(desktops_in_error=[]), "judged_by": {"desktops_in_error": ["d.status"]}}},
            [("a", ["desktops_in_error"], "Judged without d.isolated in this audit.")],
        ),
        (
            {"a": {**answer(desktops_in_error=[]), "judged_by": {"desktops_in_error": ["d.status"]}}},
            {
                "a": {
                    **answer(desktops_in_error=of("x")),
                    "judged_by": {"desktops_in_error": ["d.status", "d.isolated"]},
                }
            },
            [("a", ["desktops_in_error"], "Judged without d.isolated in the previous audit.")],
        ),
        # Idle then, and today without a usage record, or not known for whatever reason.
        (
            {"a": answer(desktops_idle=of("x", "y"))},
            {"a": {**answer(desktops_idle=of("y")), "not_known": {IDLE: {"no usage record": ["x"]}}}},
            [("a", [IDLE], "Not known in this audit: no usage record", ["x"])],
        ),
        (
            {"a": {**answer(desktops_idle=[]), "not_known": {IDLE: {"no usage record": ["x"], "connected": ["z"]}}}},
            {"a": answer(desktops_idle=of("x"))},
            [
                ("a", [IDLE], "Not known in the previous audit: no usage record", ["x"]),
                ("a", [IDLE], "Not known in the previous audit: connected", ["z"]),
            ],
        ),
        (
            {"a": answer(desktops_of_disabled_users=of("x", user_id="u"))},
            {"a": {**answer(desktops_of_disabled_users=[]), "not_known": {DISABLED: {"disabled is missing": ["x"]}}}},
            [("a", [DISABLED], "Not known in this audit: disabled is missing", ["x"])],
        ),
    ],
)
def test_what_was_not_read_or_is_not_known_is_neither_new_nor_resolved(
    then: dict[str, Any], now: dict[str, Any], not_compared: list[tuple[Any, ...]]
) -> None:
    changes = compare(earlier(**then), now)
    assert changes.not_compared == [NotCompared(*entry) for entry in not_compared]
    assert (changes.count("new"), changes.count("resolved")) == (0, 0)


@pytest.mark.parametrize(
    "now",
    [
        {"read_as": "access key AK1 (profile audit of ~/.huaweicloud/credentials)"},
        with_rules(required_tags=["cost", "owner"]),
        with_rules(oldest_agent_version="25.4.0"),
        with_rules(idle_days=90),
        {"judged_by": {TAGS: ["desktops.created", "desktops.tags"], IDLE: ["usage.idle"]}},
    ],
)
def test_what_makes_no_difference_is_compared(now: dict[str, Any]) -> None:
    """The place of a key, the order of tags and fields, the spelling of a version, the rules of other findings."""
    then = {
        **answer(desktops_without_tags=of("x"), desktops_with_old_agent=of("y")),
        **with_rules(oldest_agent_version="25.4"),
        "judged_by": {TAGS: ["desktops.tags", "desktops.created"]},
    }
    this = {**then, "findings": {TAGS: [], AGENT: []}, **now}
    this["rules"] = {**this["rules"], "oldest_agent_version": this["rules"]["oldest_agent_version"] or "25.4"}
    changes = compare(earlier(a=then), {"a": this})
    assert changes.not_compared == []
    assert changes.count("resolved") == 2
