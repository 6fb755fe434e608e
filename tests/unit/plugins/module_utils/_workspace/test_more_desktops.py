# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What connect-desktops cannot return is believed of desktops/detail only if the two agree."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.listing import (
    Listing,
    OutOfReachError,
    read_list,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import more_desktops
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.connect_desktops import LISTING

from ..fake import FakeProject

DETAIL = [{"desktop_id": f"d{number}", "computer_name": f"desk-{number}", "login_status": "NEW"} for number in range(3)]


def shown(desktop: str, name: str, total: int = 3) -> OutOfReachError:
    return OutOfReachError("There are many.", {desktop: {"desktop_id": desktop, "desktop_name": name}}, total)


def read(*readings: OutOfReachError, total: int = 3) -> list[Any]:
    """The answer where connect-desktops returns this in its readings, the last one again and again.

    @param total: the number of desktops that it reports after `desktops/detail` was read.
    """
    waiting = list(readings[1:])

    def read_again(project: Any, listing: Listing, filters: Any) -> dict[str, dict[str, Any]]:
        if listing == LISTING:
            raise waiting.pop(0) if waiting else readings[-1]
        return read_list(project, listing, filters)

    lists = {"desktops/detail": DETAIL, "connect-desktops": {"desktops": [], "total_count": total}}
    with mock.patch.object(more_desktops, "read_list", read_again):
        found = more_desktops.read_through_detail(FakeProject(lists), LISTING, readings[0], ())
    return [(one["desktop_id"], one["desktop_name"], one["connect_status"]) for one in found.values()]


def test_desktops_deleted_or_renamed_in_between_are_read_again() -> None:
    found = read(shown("d3", "desk-3"), shown("d1", "other"), shown("d1", "desk-1"))
    assert found == [(f"d{number}", f"desk-{number}", "NEW") for number in range(3)]


@pytest.mark.parametrize(
    ("reading", "difference"),
    [
        (shown("d3", "desk-3"), "connect-desktops returns desktop d3, desktops/detail does not"),
        (shown("d1", "other"), "they return different names of desktop d1"),
        (shown("d0", "desk-0", total=4), "connect-desktops reports 4 desktops, desktops/detail returns 3"),
    ],
)
def test_details_that_differ_from_connect_desktops_are_a_failure(reading: OutOfReachError, difference: str) -> None:
    with pytest.raises(WorkspaceError, match=f"did not agree in 4 attempts: {difference}"):
        read(reading, total=5)


@pytest.mark.parametrize(("before", "after"), [(4, 3), (3, 4), (0, 4)])
def test_a_desktop_created_or_deleted_in_between_changes_one_of_the_numbers(before: int, after: int) -> None:
    assert len(read(shown("d0", "desk-0", total=before), total=after)) == 3
