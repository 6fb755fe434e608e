# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when desktops in use are connected."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.login_records import added, question

BUSY = {"desktop_id": "d1", "desktop_name": "desk-1"}


def record(at: str, **more: Any) -> dict[str, Any]:
    usual = {
        "desktop_id": "d1",
        "computer_name": "desk-1",
        "connected_at": at,
        "ended_at": None,
        "failure_reason": None,
    }
    return {**usual, **more}


def since(*records: dict[str, Any]) -> str | None:
    found = added({"in_use": [BUSY], "in_use_but_allowed": []}, {"records": records})
    return found["in_use"][0]["connected_since"]


def test_the_module_is_asked_for_the_desktops_in_use() -> None:
    allowed = {"desktop_id": "d2", "desktop_name": "desk-2"}
    _module, options = question(
        {"in_use": [BUSY, {**BUSY, "desktop_name": None}], "in_use_but_allowed": [allowed]}
    ) or ("", {})
    assert options["computer_names"] == ["desk-1", "desk-2"]
    assert question({"in_use": [], "in_use_but_allowed": []}) is None
    assert question({"in_use": None, "in_use_but_allowed": None}) is None


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), None),
        ((record("new"), record("old")), "new"),
        ((record("new", failure_reason="NO"), record("old")), "old"),
        # The last connection has ended, so an older record without an end says nothing.
        ((record("new", ended_at="end"), record("old")), None),
        ((record("new", desktop_id="d2"),), None),
        ((record("new", desktop_id=None),), "new"),
        ((record("new", desktop_id="", computer_name="desk-2"),), None),
    ],
)
def test_the_last_connection_that_did_not_fail_counts(
    records: tuple[dict[str, Any], ...], expected: str | None
) -> None:
    assert since(*records) == expected


def test_a_failure_changes_nothing_else() -> None:
    result = {"free": False, "in_use": [BUSY], "in_use_but_allowed": None, "msg": "1 of 2"}
    assert added(result, {"failed": True, "msg": "HTTP 403"}) == {
        **result,
        "in_use": [{**BUSY, "connected_since": None}],
    }
