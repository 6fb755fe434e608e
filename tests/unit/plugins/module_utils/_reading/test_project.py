# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several threads ask one project: until the credentials are accepted, one at a time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation, Project

OPERATION = Operation("desktops", "workspace:desktops:list")


class Client:
    """Answers each request with the next status, and counts how many were under way at once."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = iter(statuses)
        self._lock = threading.Lock()
        self.sent = self.under_way = self.most = 0
        self.cancelled = False

    def request(self, *_arguments: Any, **_options: Any) -> str:
        with self._lock:
            if self.cancelled:
                raise WorkspaceError("not sent")
            self.sent += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            status = next(self._statuses, 200)
        time.sleep(0.02)
        with self._lock:
            self.under_way -= 1
        if status != 200:
            raise WorkspaceError("refused", status_code=status)
        return "answer"

    def begin(self) -> None:
        pass

    def cancel(self) -> None:
        self.cancelled = True

    def plan(self, _requests: int) -> None:
        pass


def project_of(client: Any, concurrency: int) -> Project:
    nobody: Any = None
    return Project(client, "https://host", "p1", nobody, concurrency=concurrency)


def ask(client: Client, threads: int = 8, project: Project | None = None) -> list[Any]:
    """The answer or error of each thread."""
    project = project or project_of(client, 16)

    def one(_number: int) -> Any:
        try:
            return project.get(OPERATION, ())
        except WorkspaceError as error:
            return error.facts["status_code"] or error.message

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def test_after_a_401_no_thread_asks_and_all_fail_for_that_reason() -> None:
    client = Client(*[401] * 8)
    assert ask(client) == [401] * 8
    assert client.sent == 1


def test_the_first_request_of_another_call_goes_alone() -> None:
    client = Client(200, *[401] * 8)
    project = project_of(client, 16)
    project.get(OPERATION, ())
    project.begin()
    assert ask(client, project=project) == [401] * 8
    assert client.sent == 2


@pytest.mark.parametrize("first", [200, 403])
def test_once_accepted_they_ask_side_by_side(first: int) -> None:
    client = Client(first)
    assert ask(client).count("answer") == (8 if first == 200 else 7)
    assert client.most > 1


def test_what_proves_nothing_lets_one_more_go_alone() -> None:
    client = Client(500, 404, 401)
    assert sorted(ask(client)) == [401] * 6 + [404, 500]
    assert (client.sent, client.most) == (3, 1)


def test_what_is_forbidden_does_not_stop_others() -> None:
    client = Client(200, *[403] * 4)
    project = project_of(client, 4)
    with pytest.raises(WorkspaceError):
        project.get_all(OPERATION, [(), (), ()])
    assert not client.cancelled
    client = Client(200, *[500] * 4)
    project = project_of(client, 4)
    with pytest.raises(WorkspaceError):
        project.get_all(OPERATION, [(), (), ()])
    assert client.cancelled
