# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state file of the event source: its content, its lock, and rejected credentials."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.events import Seen, Service
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.state import (
    PAUSE,
    OtherServiceError,
    Rejected,
    StateFile,
)

SERVICE = Service("https://w", "p", None, {"user_names": ["alice", "bob"]})
DESKTOP = {"desktop_id": "id-alice", "desktop_name": "alice", "connect_status": "CONNECTED", "attach_users": []}
KEYS = '["Keys", "AK", "secret"]'


def written(path: Path, seen: Seen, rejected: Rejected | None = None) -> dict[str, Any]:
    """Write a state, and return the content of the file."""
    state = StateFile(str(path))
    state.seen, state.service, state.rejected = seen, SERVICE, rejected
    state.save()
    state.close()
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("seen", [Seen(), Seen(None, True), Seen({"id-alice": DESKTOP}, True)])
def test_a_state_is_read_as_it_was_written(tmp_path: Path, seen: Seen) -> None:
    rejected = Rejected.now(KEYS)
    written(tmp_path / "state", seen, rejected)
    state = StateFile(str(tmp_path / "state"))
    assert (state.seen, state.service, state.rejected) == (seen, SERVICE, rejected)
    state.close()


@pytest.mark.parametrize(
    "change",
    [
        *("", "[]", "{", "[" * 100000),
        *({"version": 1}, {"more": 1}),
        {"service": {"endpoint": "https://w"}},
        {"desktops": ["alice"]},
        {"rejected": {"at": "now", "salt": "", "digest": ""}},
        {"rejected": {"at": 0}},
    ],
)
def test_a_state_file_of_another_format_is_an_error(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "state"
    content = written(path, Seen({"id-alice": DESKTOP}))
    path.write_text(change if isinstance(change, str) else json.dumps({**content, **change}), encoding="utf-8")
    for _again in range(2):  # the lock is released
        with pytest.raises(WorkspaceError, match=r"^state_file .*/state is not a state file of this version: set"):
            StateFile(str(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"endpoint": "https://other"}, "its endpoint is https://w, not https://other"),
        ({"project_id": "q"}, "its project_id is p, not q"),
        ({"selection": {}}, "its user_names is alice, bob, not none"),
        ({"selection": {**SERVICE.selection, "tags": ["floor=2"]}}, "its tags is none, not floor=2"),
    ],
)
def test_the_state_of_another_service_is_an_error(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    written(tmp_path / "state", Seen())
    state = StateFile(str(tmp_path / "state"))
    state.check_service(SERVICE._replace(region="r"))
    with pytest.raises(OtherServiceError, match=f"^state_file .*/state belongs to another source: {message}"):
        state.check_service(SERVICE._replace(**change))
    state.close()


def test_a_file_that_is_in_use_or_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    first = StateFile(str(tmp_path / "state"))
    with pytest.raises(WorkspaceError, match=r"^state_file .*/state is used by another source: set another"):
        StateFile(str(tmp_path / "state"))
    first.close()
    second = StateFile(str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    with pytest.raises(WorkspaceError, match=r"^state_file .*state cannot be written: Is a directory\.$"):
        second.save()
    second.close()
    for name, words in (("state", "cannot be read: Is a directory"), ("no/state", "its folder does not exist")):
        with pytest.raises(WorkspaceError, match=f"^state_file .*{name}:? {words}"):
            StateFile(str(tmp_path / name))


def test_rejected_credentials_are_not_used_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    rejected = Rejected.now(KEYS)
    assert rejected.must_wait(KEYS)
    assert not rejected.must_wait(KEYS.replace("secret", "other"))
    assert "secret" not in str(rejected)
    assert Rejected.now(KEYS).digest != rejected.digest
    monkeypatch.setattr(time, "time", lambda: rejected.at + PAUSE - 1)
    assert rejected.must_wait(KEYS)
    monkeypatch.setattr(time, "time", lambda: rejected.at + PAUSE)
    assert not rejected.must_wait(KEYS)
