# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One project of the Workspace service: GET a path below it, alone or many side by side."""

from __future__ import annotations

import contextlib
import threading
import typing as t

from .._http.certificates import system_ca
from .._http.client import Client
from .._http.concurrency import side_by_side
from .._http.errors import WorkspaceError
from .._http.transport import Transport
from .._identity.authentication import authenticate
from .._identity.credentials import Metadata
from .._identity.endpoints import remember_proxy

if t.TYPE_CHECKING:
    from .._http.client import Answer
    from .._http.query import Auth, Pairs
    from .._http.secrets import Secrets
    from .._identity.settings import Settings


_UNAUTHORIZED, _FORBIDDEN = 401, 403


def _is_forbidden(error: BaseException) -> bool:
    return isinstance(error, WorkspaceError) and error.facts["status_code"] == _FORBIDDEN


class Operation(t.NamedTuple):
    """An API operation: its path below the project, and the IAM action it needs."""

    path: str
    permission: str


class Project:
    """Where the operations ask.

    @param endpoint: of Workspace, `scheme://host[:port]`.
    @param project_id: checked to be safe in a path.
    @param region: `None` if none was needed.
    @param concurrency: requests under way at once, at most.
    """

    def __init__(
        self,
        client: Client,
        endpoint: str,
        project_id: str,
        auth: Auth,
        *,
        concurrency: int,
        region: str | None = None,
    ) -> None:
        self._client = client
        self.endpoint = endpoint
        self.project_id = project_id
        self.region = region
        self._url = f"{endpoint}/v2/{project_id}"
        self._auth = auth
        self._headers = {"X-Project-Id": project_id}
        self.concurrency = concurrency
        self._accepted = False
        self._refusal: WorkspaceError | None = None
        self._first = threading.Lock()

    def begin(self) -> None:
        """Begin another call on the same connections: its first request goes alone, and its time starts now."""
        self._accepted = False
        self._client.begin()

    def close(self) -> None:
        """Close the connections that were kept alive."""
        self._client.close()

    def warnings(self) -> list[str]:
        """What the user should know of the requests so far: that the service throttled them."""
        return self._client.warnings()

    def get(self, operation: Operation, query: Pairs) -> Answer:
        """One GET.

        Several refused at once could lock a key (six in a row do). So until the credentials have been accepted, requests
        of all threads go one by one, and after a 401 none is sent.

        @raises WorkspaceError: as `Client.request`.
        """
        if not self._accepted:
            with self._first:
                if not self._accepted:
                    return self._get_first(operation, query)
        return self._get(operation, query)

    def _get_first(self, operation: Operation, query: Pairs) -> Answer:
        if self._refusal is not None:
            raise self._refusal
        try:
            return self._get(operation, query)
        except WorkspaceError as error:
            if error.facts["status_code"] == _UNAUTHORIZED:
                self._refusal = error
                self._client.cancel()
            self._accepted = _is_forbidden(error)
            raise

    def _get(self, operation: Operation, query: Pairs) -> Answer:
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

    def get_all(self, operation: Operation, queries: t.Sequence[Pairs]) -> list[Answer]:
        """Many GETs side by side; the answers in the order of the queries.

        The very first request of a call goes alone: several refused at once could lock a key (six in a row do).

        @raises WorkspaceError: the first failure; what has not started by then is never sent.
        """
        width = min(self.concurrency, len(queries))
        alone = len(queries) if width <= 1 else 0 if self._accepted else 1
        answered: list[bool] = []

        def one(query: Pairs) -> Answer:
            answer = self.get(operation, query)
            answered.append(True)
            self._client.plan(-1)
            return answer

        self._client.plan(len(queries))
        try:
            first = [one(query) for query in queries[:alone]]
            return first + side_by_side(one, queries[alone:], width=width)
        except BaseException as error:
            # What the caller may not read concerns this operation only: others of the same call may go on.
            if not _is_forbidden(error):
                self._client.cancel()
            raise
        finally:
            self._client.plan(len(answered) - len(queries))


def open_client(settings: Settings, options: t.Mapping[str, t.Any], secrets: Secrets) -> Client:
    """The client for a project or an account: nothing is sent yet.

    @param options: `timeout`, `total_timeout`, `max_retries`, `retry_max_delay`, `concurrency`.
    @param secrets: gets to know the password of a proxy.
    """
    transport = Transport(
        verify=system_ca() if settings.verify is None else settings.verify,
        proxy=settings.proxy,
    )
    # The password of a proxy that is not used is no secret of this call, and would mask what looks like it.
    for address in settings.addresses():
        remember_proxy(transport.proxy_for(address) or "", secrets)
    return Client(
        transport,
        concurrency=options["concurrency"],
        timeout=options["timeout"],
        total_timeout=options["total_timeout"],
        max_retries=options["max_retries"],
        retry_max_delay=options["retry_max_delay"],
        secrets=secrets,
    )


def whose_credentials(settings: Settings, options: t.Mapping[str, t.Any], secrets: Secrets) -> str:
    """Whose the credentials are, as `whose`; the agency of an ECS by its name, for which the metadata service is asked."""
    # Modules do not need it, and are compiled for each task.
    from .._identity.whose import whose

    if not isinstance(settings.credentials, Metadata):
        return whose(settings.credentials)
    with contextlib.closing(open_client(settings, options, secrets)) as client:
        return whose(settings.credentials, client)


def read_projects(settings: Settings, options: t.Mapping[str, t.Any], secrets: Secrets) -> list[dict[str, t.Any]]:
    """Every project that the credentials may reach, as IAM lists them.

    @param settings: those of the account: with `iam_endpoint`.
    @raises WorkspaceError: IAM refused.
    """
    from .._identity.iam import list_projects

    with contextlib.closing(open_client(settings, options, secrets)) as client:
        auth, _none = authenticate(client, settings, secrets)
        return list_projects(client, settings.iam_endpoint, auth)


def open_project(
    settings: Settings, options: t.Mapping[str, t.Any], secrets: Secrets, client: Client | None = None
) -> Project:
    """The project to read: logged in to, and found, where that takes IAM.

    @param options: as for `open_client`.
    @param secrets: gets to know the token of a login.
    @param client: of `open_client`, for a caller that may have to cancel the login. The caller closes it.
    @raises WorkspaceError: IAM refused, or the project does not exist.
    """
    client = client or open_client(settings, options, secrets)
    auth, project_id = authenticate(client, settings, secrets)
    if project_id is None:
        from .._identity.iam import find_project

        name, source = settings.project_name, settings.project_name_source
        project_id = find_project(client, settings.iam_endpoint, auth, name, source)
    return Project(
        client, settings.endpoint, project_id, auth, concurrency=options["concurrency"], region=settings.region
    )
