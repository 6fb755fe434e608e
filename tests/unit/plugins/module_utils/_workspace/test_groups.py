# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""User groups and their members."""

from __future__ import annotations

from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.listing import read_all, read_each
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.groups import LISTING, MEMBERS

from ..fake import FakeProject


def test_groups_and_members() -> None:
    """Groups are sorted by name, and an ID is a part of a path; personal data is not kept."""
    alice = {"id": "u1", "user_name": "alice", "user_email": "alice@example.com"}
    project = FakeProject(
        {
            "groups": [{"id": "g2", "name": "night"}, {"id": "g1", "name": "day"}, {"id": "g3"}],
            "groups/a%2Fb/users": [alice],
            "groups/g2/users": [],
        }
    )
    assert [group["name"] for group in read_all(project, LISTING)] == [None, "day", "night"]
    assert read_each(project, MEMBERS, []) == {}
    assert read_each(project, MEMBERS, ["a/b", "g2"]) == {"a/b": [{"id": "u1", "user_name": "alice"}], "g2": []}


def test_members_are_read_in_the_largest_pages_that_the_service_has() -> None:
    """One response is one moment: a user who leaves the group and returns between two pages may hide another."""
    project = FakeProject({"groups/g/users": []})
    assert read_each(project, MEMBERS, ["g"]) == {"g": []}
    assert {dict(query)["limit"] for _path, query in project.queries} == {"10000"}
