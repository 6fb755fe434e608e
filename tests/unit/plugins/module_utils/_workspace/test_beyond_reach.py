# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What connect-desktops cannot show is believed of desktops/detail only if the two agree in every way."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.beyond_reach import read_through_detail

from .fake import FakeProject

DETAIL = [
    {"desktop_id": f"d{number}", "computer_name": f"desk-{number}", "login_status": status}
    for number, status in enumerate(("CONNECTED", "REGISTERED", "REGISTERED"))
]
COUNTS = {"CONNECTED": 1, "REGISTERED": 2}


def shown(number: int, name: str | None = None) -> dict[str, Any]:
    return {"desktop_id": f"d{number}", "desktop_name": name or f"desk-{number}"}


def read(shown: list[dict[str, Any]], *counts: dict[str, int]) -> list[dict[str, Any]]:
    """One reading after the other; the last count is that of all that follow."""
    waiting = list(counts)
    return read_through_detail(
        FakeProject({"desktops/detail": DETAIL}),
        (),
        "There are many.",
        show=lambda: shown,
        count=lambda: waiting.pop(0) if len(waiting) > 1 else waiting[0],
    )


def test_what_agrees_is_returned_in_the_form_of_connect_desktops() -> None:
    found = read([shown(0), shown(2)], COUNTS)
    assert [(one["desktop_id"], one["desktop_name"], one["connect_status"]) for one in found] == [
        ("d0", "desk-0", "CONNECTED"),
        ("d1", "desk-1", "REGISTERED"),
        ("d2", "desk-2", "REGISTERED"),
    ]


def test_people_may_come_and_go_between_the_two_counts() -> None:
    assert len(read([], {"CONNECTED": 0, "REGISTERED": 3}, {"CONNECTED": 2, "REGISTERED": 1})) == 3


@pytest.mark.parametrize(
    ("shown", "counts", "difference"),
    [
        ([shown(3)], COUNTS, "connect-desktops lists desktop d3, desktops/detail does not"),
        ([shown(1, "other")], COUNTS, "they give different names of desktop d1"),
        ([], {**COUNTS, "CONNECTED": 2}, "connect-desktops reports 2 CONNECTED desktops, desktops/detail lists 1"),
    ],
)
def test_what_does_not_agree_is_a_failure(shown: list[dict[str, Any]], counts: dict[str, int], difference: str) -> None:
    with pytest.raises(WorkspaceError, match=f"did not agree in 3 attempts: {difference}"):
        read(shown, counts)
