# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that share a project: one request at a time until the credentials are accepted, and one cause of a failure."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Client as RealClient
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Limits
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.concurrency import side_by_side
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import NoResponse, WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.query import Auth
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.transport import RawResponse
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Operation, Project
from requests.structures import CaseInsensitiveDict

OPERATION = Operation("desktops", "workspace:desktops:list")


class Client:
    """Answers each request with the next status, and counts how many were under way at once."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = iter(statuses)
        self._lock = threading.Lock()
        self.sent = self.under_way = self.most = 0
        self.cause: BaseException | None = None

    def request(self, *_arguments: Any, **_options: Any) -> str:
        with self._lock:
            if self.cause:
                raise self.cause
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
        self.cause = None

    def cancel(self, cause: BaseException) -> None:
        self.cause = cause

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


def test_the_first_request_of_another_call_is_sent_alone_and_after_a_401_none() -> None:
    client = Client(200, *[401] * 8)
    project = project_of(client, 16)
    project.get(OPERATION, ())
    project.begin()
    assert ask(client, project=project) == [401] * 8
    assert client.sent == 2


@pytest.mark.parametrize("first", [200, 403])
def test_requests_are_parallel_once_the_credentials_are_accepted(first: int) -> None:
    client = Client(first)
    assert ask(client).count("answer") == (8 if first == 200 else 7)
    assert client.most > 1


def test_after_another_error_the_next_request_is_sent_alone_too() -> None:
    client = Client(500, 404, 401)
    assert sorted(ask(client)) == [401] * 6 + [404, 500]
    assert (client.sent, client.most) == (3, 1)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_failure_that_a_caller_may_tolerate_does_not_stop_other_requests(status: int) -> None:
    client = Client(200, status)
    project = project_of(client, 4)
    project.get(OPERATION, ())
    with pytest.raises(WorkspaceError):
        project.get_all(OPERATION, [()])
    assert project.get_all(OPERATION, [(), ()]) == ["answer"] * 2


class Transport:
    """Answers 401 to `/rejected` while `/waiting` is in progress, which ends when it is cut, and 200 to anything else."""

    def __init__(self) -> None:
        self.is_waiting, self.is_cut, self.has_failed = (threading.Event() for _number in range(3))

    def exchange(self, request: Any, _seconds: float, **_options: Any) -> RawResponse:
        path = request.url.rpartition("/")[2]
        if path == "waiting":
            self.is_waiting.set()
            assert self.is_cut.wait(10)
            raise NoResponse("the request was cancelled", retryable=False)
        if path == "rejected":
            assert self.is_waiting.wait(10)
        return RawResponse(401 if path == "rejected" else 200, CaseInsensitiveDict(), b"{}")

    def cut(self) -> None:
        """Return after the cancelled request has failed, so that its error always comes first."""
        self.is_cut.set()
        if self.is_waiting.is_set():
            assert self.has_failed.wait(10)


def real_project(transport: Any, concurrency: int) -> Project:
    client = RealClient(transport, Limits(30, 60, max_retries=2, retry_max_delay=1, concurrency=concurrency), Secrets())
    return Project(client, "https://host", "p1", Auth(), concurrency=concurrency)


def test_a_cancelled_request_reports_the_cause_and_the_next_call_works() -> None:
    transport = Transport()
    project = real_project(transport, 4)
    project.get(OPERATION, ())

    def read(path: str) -> None:
        try:
            project.get_all(Operation(path, "p"), [()])
        finally:
            if path == "waiting":
                transport.has_failed.set()

    with pytest.raises(WorkspaceError) as failed:
        side_by_side(read, ["rejected", "waiting"], width=2)
    assert failed.value.facts["status_code"] == 401
    assert "/rejected failed" in failed.value.message
    with pytest.raises(WorkspaceError) as again:
        project.get(OPERATION, ())
    assert again.value is failed.value
    project.begin()
    assert project.get(OPERATION, ()).document == {}


class Counting:
    """Responds when as many requests are in progress as are expected, and counts them."""

    def __init__(self, expected: int) -> None:
        self._barrier = threading.Barrier(expected)
        self._lock = threading.Lock()
        self._in_progress = self.sent = self.most = 0

    def exchange(self, _request: Any, _seconds: float, **_options: Any) -> RawResponse:
        with self._lock:
            self.sent += 1
            self._in_progress += 1
            self.most = max(self.most, self._in_progress)
        # The first request is sent alone.
        if self.sent > 1:
            self._barrier.wait(30)
        with self._lock:
            self._in_progress -= 1
        return RawResponse(200, CaseInsensitiveDict(), b"{}")


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_as_many_requests_are_in_progress_as_allowed_and_never_more(concurrency: int) -> None:
    transport = Counting(concurrency)
    project = real_project(transport, concurrency)
    assert len(project.get_all(OPERATION, [()] * (3 * concurrency + 1))) == 3 * concurrency + 1
    assert (transport.sent, transport.most) == (3 * concurrency + 1, concurrency)
