# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a filter may hold, and what shows that a template went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.common.validation import check_type_list
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading import filters
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.filters import (
    filter_values,
    matcher,
    unmatched,
)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([], "use omit"),
        (["a", ""], "use omit"),
        (["a", " \t"], "use omit"),
        (["a", " bob"], "contains ' bob', which begins or ends with a space"),
        (["bob\n"], "contains 'bob\\n', which begins or ends with a space"),
        # What Ansible makes of a string where a list is wanted.
        (check_type_list("alice, bob"), "contains ' bob', which begins or ends with a space"),
        (check_type_list("['alice', 'bob']"), "looks like a list that was converted to a string"),
        (check_type_list("['alice']"), "looks like a list"),
        (check_type_list('["alice"]'), "looks like a list"),
        (["a", 'bob"]'], "looks like a list"),
        (["[]"], "looks like a list"),
        (["\ud800"], "not valid Unicode"),
        (["x" * 10_000], "10000 characters"),
    ],
)
def test_a_template_that_went_wrong(values: list[str], told: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        filter_values(values, "user_names")
    assert caught.value.message.startswith("user_names ")
    assert told in caught.value.message
    assert "\n" not in caught.value.message


def test_names_as_they_may_be_are_taken_once() -> None:
    names = ["O'Neil", "[kiosk]", "a b", "张三", "x,y", "O'Neil", '"quoted"']
    assert filter_values(names, "user_names") == tuple(dict.fromkeys(names))
    assert filter_values(None, "user_names") == ()


def test_letter_case_is_ignored_and_different_letters_are_not_the_same() -> None:
    matches = matcher(["Strasse", "ÄNNE"])
    assert [name for name in ("STRASSE", "änne", "straße", "ſtrasse") if matches([name])] == ["STRASSE", "änne"]
    assert unmatched(["strasse", "änne"], ["straße", "Änne"]) == ["strasse"]


def test_names_are_compared_in_lower_case_everywhere() -> None:
    sources = Path(filters.__file__).parent.glob("*.py")
    assert not [path.name for path in sources if ".casefold()" in path.read_text(encoding="utf-8")]
