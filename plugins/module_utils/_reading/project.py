# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A project of the Workspace service, with single or parallel GET requests to its paths."""

from __future__ import annotations

import datetime
import threading
import typing as t
from urllib.parse import quote

from .._http import errors
from .._http.client import Client, Limits
from .._http.transport import Transport
from .._identity import authentication, urls

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._http.query import Auth, Pairs
    from .._http.secrets import Secrets
    from .._identity.settings import Settings


class Operation(t.NamedTuple):
    """An API operation.

    @param path: the path below the project, with a name in braces in place of an ID.
    @param permission: the IAM action that it needs.
    @param key: the key of the list in the response; `None` if it returns no list.
    @param query: the query for a single record.
    @param needs_times: whether the query must contain `start_time` and `end_time`.
    @param parent: the operation that lists the records whose ID is in the path.
    @param dependencies: actions that the vendor's pages list in addition.
    @param used_by: the modules, plugins and playbooks that use it.
    """

    path: str
    permission: str
    key: str | None = None
    query: Pairs = (("limit", "1"), ("offset", "0"))
    needs_times: bool = False
    parent: Operation | None = None
    dependencies: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()

    def of(self, record_id: str) -> Operation:
        """The operation with this ID in its path."""
        before, _brace, rest = self.path.partition("{")
        return self._replace(path=f"{before}{quote(record_id, safe='')}{rest.partition('}')[2]}")


class Project:
    """The project that the operations query.

    @param endpoint: the endpoint of Workspace, `scheme://host[:port]`.
    @param project_id: an ID that is safe in a path.
    @param region: `None` if none was needed.
    @param concurrency: the maximum number of simultaneous requests.
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
        self._first = threading.Lock()

    def begin(self) -> None:
        """Start another call on the same connections: its first request is sent alone, and the deadline is reset."""
        self._accepted = False
        self._client.begin()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def clock_offset(self) -> float | None:
        """Seconds by which the clock of this host is ahead of the service's; `None` if it is not known."""
        return self._client.clock_offset

    def now(self) -> datetime.datetime:
        """The current time in UTC by the clock of the service, or of this host if the service returns none."""
        return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=self.clock_offset() or 0)

    def warnings(self) -> list[str]:
        """Warnings about the requests so far, such as throttling."""
        return self._client.warnings()

    def get(self, operation: Operation, query: Pairs) -> Response:
        """Send a GET request.

        Six rejected requests in a row lock an access key. Therefore, the requests of all threads are sent one after the
        other until the credentials have been accepted, and after a 401 the call is cancelled.

        @raises WorkspaceError: see `Client.request`.
        """
        if not self._accepted:
            with self._first:
                if not self._accepted:
                    return self._get(operation, query)
        return self._get(operation, query)

    def _get(self, operation: Operation, query: Pairs) -> Response:
        try:
            response = self._client.request(
                "GET",
                f"{self._url}/{operation.path}",
                query,
                auth=self._auth,
                headers=self._headers,
                permission=operation.permission,
            )
        except errors.WorkspaceError as error:
            if error.status == 401:
                self._client.cancel(error)
            elif error.status == 403:
                self._accepted = True
            raise
        self._accepted = True
        return response

    def get_all(self, operation: Operation, queries: t.Sequence[Pairs]) -> list[Response]:
        """Send GET requests in parallel, and return the responses in the order of the queries.

        The first request of a call is sent alone, see `get`.

        @raises WorkspaceError: the first failure. Requests that have not started yet are not sent; those in progress go on
            until the call ends, because some callers continue without these responses.
        """
        width = min(self.concurrency, len(queries))
        alone = len(queries) if width <= 1 else 0 if self._accepted else 1
        finished: list[bool] = []

        def one(query: Pairs) -> Response:
            response = self.get(operation, query)
            finished.append(True)
            self._client.plan(-1)
            return response

        self._client.plan(len(queries))
        try:
            first = [one(query) for query in queries[:alone]]
            if alone == len(queries):
                return first
            # Imported here, because a list of one page needs it not.
            from .._http.concurrency import side_by_side

            return first + side_by_side(one, queries[alone:], width=width)
        finally:
            self._client.plan(len(finished) - len(queries))


def open_client(settings: Settings, options: t.Mapping[str, t.Any], secrets: Secrets) -> Client:
    """The client for a project or an account. No request is sent yet.

    @param options: with those of `Limits`.
    @param secrets: the password of a proxy is added to it.
    """
    transport = Transport(verify=settings.verify, proxy=settings.proxy)
    # Passwords of proxies that are not used are not added, because masking them could hide other texts.
    for address in settings.addresses():
        urls.remember_proxy(transport.proxy_for(address) or "", secrets)

    def hint(error: errors.WorkspaceError, clock_difference: float | None, permission: str | None) -> str:
        # Imported here, because modules need it after a failure only and are compiled for each task.
        from .hints import hint

        return hint(error, settings, clock_difference, permission)

    return Client(transport, Limits(**{name: options[name] for name in Limits._fields}), secrets, hint)


def open_project(
    settings: Settings, options: t.Mapping[str, t.Any], secrets: Secrets, client: Client | None = None
) -> Project:
    """Open the project to read. If necessary, log in to IAM and look up the project.

    @param options: see `open_client`.
    @param secrets: the token of a login is added to it.
    @param client: a client from `open_client`, for callers that may cancel the login. The caller closes it.
    @raises WorkspaceError: the request to IAM failed, or the project does not exist.
    """
    client = client or open_client(settings, options, secrets)
    auth, project_id = authentication.authenticate(client, settings, secrets)
    if project_id is None:
        from .._identity import iam

        name, source = settings.project_name, settings.project_name_source
        project_id = iam.find_project(client, settings.iam_endpoint, auth, name, source)
    return Project(
        client, settings.endpoint, project_id, auth, concurrency=options["concurrency"], region=settings.region
    )
