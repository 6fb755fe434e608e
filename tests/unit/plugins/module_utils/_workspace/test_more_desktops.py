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

DETAIL = [
    {"desktop_id": f"d{number}", "computer_name": f"desk-{number}", "login_status": status}
    for number, status in enumerate(("CONNECTED", "REGISTERED", "REGISTERED"))
]


def shown(*desktops: tuple[str, str], total: int = 3) -> OutOfReachError:
    return OutOfReachError(
        "There are many.", {key: {"desktop_id": key, "desktop_name": name} for key, name in desktops}, total
    )


def read(*readings: OutOfReachError, total: int = 3) -> dict[str, dict[str, Any]]:
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
        return more_desktops.read_through_detail(FakeProject(lists), LISTING, readings[0], ())


def test_details_that_agree_are_returned_in_the_format_of_connect_desktops() -> None:
    found = read(shown(("d0", "desk-0"), ("d2", "desk-2")))
    assert [(one["desktop_id"], one["desktop_name"], one["connect_status"]) for one in found.values()] == [
        ("d0", "desk-0", "CONNECTED"),
        ("d1", "desk-1", "REGISTERED"),
        ("d2", "desk-2", "REGISTERED"),
    ]


def test_desktops_deleted_or_renamed_in_between_are_read_again() -> None:
    assert len(read(shown(("d3", "desk-3")), shown(("d1", "other")), shown(("d1", "desk-1")))) == 3


@pytest.mark.parametrize(
    ("desktop", "difference"),
    [
        (("d3", "desk-3"), "connect-desktops returns desktop d3, desktops/detail does not"),
        (("d1", "other"), "they return different names of desktop d1"),
    ],
)
def test_details_that_differ_from_connect_desktops_are_a_failure(desktop: tuple[str, str], difference: str) -> None:
    with pytest.raises(WorkspaceError, match=f"did not agree in 4 attempts: {difference}"):
        read(shown(desktop))


def test_fewer_desktops_than_connect_desktops_reports_before_and_after_are_a_failure() -> None:
    """A desktop that was created or deleted in between changes one of the numbers."""
    message = "did not agree in 4 attempts: connect-desktops reports 4 desktops, desktops/detail returns 3"
    with pytest.raises(WorkspaceError, match=message):
        read(shown(("d0", "desk-0"), total=4), total=5)
    for before, after in ((4, 3), (3, 4), (0, 4)):
        assert len(read(shown(("d0", "desk-0"), total=before), total=after)) == 3
