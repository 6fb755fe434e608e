# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When keys and tokens are asked for anew, and when that is tried again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import Keys, Token
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.temporary_keys import Issued, RenewingAuth


def signed(auth: RenewingAuth) -> requests.PreparedRequest:
    return requests.Request("GET", "https://host/path", auth=auth).prepare()


def key_of(request: requests.PreparedRequest) -> str:
    return str(request.headers["Authorization"].partition("Access=")[2].partition(",")[0])


class Source:
    """Gives keys one after another, or fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def __call__(self) -> Issued:
        self.asked += 1
        if self.fails:
            raise WorkspaceError("no more")
        return Issued(Keys(f"AK{self.asked}", "s", f"t{self.asked}"), 1000, time.monotonic())


@pytest.fixture
def age(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds pass; keys live for 1,000."""
    now = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def test_a_thread_whose_token_was_renewed_by_another_one_gets_the_new_one() -> None:
    tokens = iter(["first", "second"])
    auth = RenewingAuth(lambda: Issued(Token(next(tokens))))
    with_first = signed(auth)
    auth.accepted(with_first)
    assert auth.renew(with_first) is True
    assert auth.renew(with_first) is True
    # A late response to the first token says nothing about the second one.
    auth.accepted(with_first)
    assert auth.renew(signed(auth)) is False


def test_new_keys_that_are_rejected_are_not_renewed(age: Callable[[float], None]) -> None:
    source = Source()
    auth = RenewingAuth(source)
    assert not auth.renew(signed(auth))
    age(800)
    assert not auth.renew(signed(auth))
    assert source.asked == 2


def test_a_renewal_that_failed_once_is_tried_again(age: Callable[[float], None]) -> None:
    source = Source()
    auth = RenewingAuth(source)
    source.fails = True
    age(800)
    assert [key_of(signed(auth)) for _request in range(3)] == ["AK1"] * 3
    assert source.asked == 2
    source.fails = False
    age(160)
    assert key_of(signed(auth)) == "AK3"


def test_keys_are_used_until_they_expire_and_requested_at_most_six_times(age: Callable[[float], None]) -> None:
    source = Source()
    auth = RenewingAuth(source)
    source.fails = True
    age(749)
    for _second in range(250):
        age(1)
        assert key_of(signed(auth)) == "AK1"
    age(2)
    for _request in range(3):
        with pytest.raises(WorkspaceError, match="no more"):
            signed(auth)
    # The first time they were given; six refusals in a row would lock the key that asks.
    assert 1 + 3 <= source.asked <= 1 + 5
