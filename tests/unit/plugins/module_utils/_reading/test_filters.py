# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a filter may hold, and what shows that a template went wrong."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible.module_utils.common.validation import check_type_list
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.filters import (
    check_enterprise_project,
    filter_values,
    matcher,
    nearest,
    some_of,
    suggestions,
    tag_values,
    unmatched,
)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "use omit"),
        (["a", ""], "use omit"),
        (["a", " bob"], "contains ' bob', which begins or ends with a space"),
        (["bob\n"], "contains 'bob\\n', which begins or ends with a space"),
        (["bob\ncarol"], "contains 'bob\\ncarol', which has a line break in it: pass a list"),
        (["bob\u2028carol"], "which has a line break in it"),
        # What Ansible makes of a string where a list is wanted.
        (check_type_list("alice, bob"), "contains ' bob', which begins or ends with a space"),
        (check_type_list("['alice', 'bob']"), "looks like a list that was converted to a string"),
        (check_type_list('["alice"]'), "looks like a list"),
        (["a", 'bob"]'], "looks like a list"),
        (["[]"], "looks like a list"),
        (["\ud800"], "not valid Unicode"),
        (["x" * 10_000], "10000 characters"),
    ],
)
def test_a_list_from_a_wrong_template_is_an_error(values: list[str], words: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        filter_values(values, "user_names")
    assert caught.value.message.startswith("user_names ")
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_unusual_names_are_allowed_and_duplicates_removed() -> None:
    names = ["O'Neil", "[kiosk]", "a b", "张三", "x,y", "O'Neil", '"quoted"']
    assert filter_values(names, "user_names") == tuple(dict.fromkeys(names))
    assert filter_values(None, "user_names") == ()


def test_letter_case_is_ignored_and_different_letters_are_not_the_same() -> None:
    matches = matcher(["Strasse", "ÄNNE"])
    assert [name for name in ("STRASSE", "änne", "straße", "ſtrasse") if matches([name])] == ["STRASSE", "änne"]
    assert unmatched(["strasse", "änne"], ["straße", "Änne"]) == ["strasse"]


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"cc": 34}, "the value of cc must be a string, but is 34: put it in quotes"),
        ({"day": datetime.date(2026, 1, 1)}, "the value of day must be a string"),
        ({"owner": None}, "the value of owner must be a string"),
        ({34: "a"}, "the key must be a string, but is 34"),
        ({"": "a"}, "tags contains an empty or blank value"),
        ({}, "tags is an empty dictionary: use omit"),
    ],
)
def test_tags_that_yaml_does_not_read_as_text_are_rejected(tags: dict[Any, Any], words: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        tag_values(tags)
    assert caught.value.message.startswith("tags")
    assert words in caught.value.message


def test_tags_are_pairs_of_strings() -> None:
    assert tag_values({"cc": "0042", "empty": ""}) == {("cc", "0042"), ("empty", "")}
    assert tag_values(None) == set()


def test_an_enterprise_project_is_zero_or_a_uuid() -> None:
    known = "5a43f2ce-5bd4-4f4c-8c22-d0cf4e8d8e15"
    for right in (None, "0", known, known.upper()):
        check_enterprise_project(right)
    for wrong in ("default", "all_granted_eps", "_default", "", " ", "00", known[:-1], known.replace("-", "")):
        with pytest.raises(WorkspaceError, match=r"^enterprise_project_id is '.*', but must be"):
            check_enterprise_project(wrong)


def test_the_nearest_name_is_suggested() -> None:
    known = ["Design", "lab", None, "alice"]
    assert [nearest(name, known) for name in ("desing", "DESGN", "alcie", "office", "")] == [
        *("Design", "Design", "alice", None, None)
    ]
    assert suggestions(["alcie", "nobody", "desing"], known, "user_names", "user") == [
        "user_names: no user is named alcie (did you mean alice?), desing (did you mean Design?)."
    ]
    assert suggestions(["nobody"], known, "user_names", "user") == []


def test_a_message_lists_five_values_and_the_number_of_the_others() -> None:
    assert some_of(list("abcde")) == "a, b, c, d, e"
    assert some_of(list("abcdefg")) == "a, b, c, d, e and 2 more"
