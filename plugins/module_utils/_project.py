# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""One project of the Workspace service: GET a path below it, alone or many side by side."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._concurrency import side_by_side

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._auth import Auth, Pairs
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._client import Answer, Client


class Operation(t.NamedTuple):
    """An API operation: its path below the project, and the IAM action it needs."""

    path: str
    permission: str


class Project:
    """Where the operations ask.

    @param endpoint: of Workspace, C(scheme://host[:port]).
    @param project_id: checked to be safe in a path.
    @param concurrency: requests under way at once, at most.
    """

    def __init__(self, client: Client, endpoint: str, project_id: str, auth: Auth, *, concurrency: int) -> None:
        self._client = client
        self._url = f"{endpoint}/v2/{project_id}"
        self._auth = auth
        self._headers = {"X-Project-Id": project_id}
        self.concurrency = concurrency
        self._accepted = False

    def get(self, operation: Operation, query: Pairs) -> Answer:
        """One GET.

        @raises WorkspaceError: as L(Client.request).
        """
        answer = self._client.request(
            "GET",
            f"{self._url}/{operation.path}",
            query,
            auth=self._auth,
            headers=self._headers,
            permission=operation.permission,
        )
        self._accepted = True
        return answer

    def get_all(
        self,
        operation: Operation,
        queries: t.Iterable[Pairs],
        is_last: t.Callable[[Answer], bool] = lambda answer: False,
    ) -> list[Answer]:
        """Many GETs side by side; the answers in the order of the queries.

        The very first request of a call goes alone: several refused at once could lock a key (six in a row do).

        @param queries: may be endless if C(is_last) ends it.
        @raises WorkspaceError: the first failure; what has not started by then is never sent.
        """
        waiting = iter(queries)
        answers = []
        if not self._accepted:
            answers = [self.get(operation, query) for query in itertools.islice(waiting, 1)]
            if answers and is_last(answers[0]):
                return answers
        rest: t.Iterable[Pairs] = waiting
        width = self.concurrency
        if isinstance(queries, t.Sized):
            width = min(width, len(queries) - len(answers))
        if width <= 0:
            return answers
        if width == 1:
            for query in rest:
                answers.append(self.get(operation, query))
                if is_last(answers[-1]):
                    break
            return answers
        try:
            return answers + side_by_side(lambda query: self.get(operation, query), rest, width=width, is_last=is_last)
        except BaseException:
            self._client.cancel()
            raise
