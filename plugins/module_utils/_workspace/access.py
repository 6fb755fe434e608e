# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check which operations the credentials may use, with one request for a single record each."""

from __future__ import annotations

import datetime
import typing as t

from .._http import concurrency, errors, timestamps
from .._reading import filters
from .._reading.records import Record, integer, rows, text
from .operations import LOCK_STATUS, OPERATIONS, WORKSPACES

if t.TYPE_CHECKING:
    from .._http import client
    from .._reading.project import Operation, Project

#: The modules, plugins and playbooks that use an operation.
USES = sorted({name for operation in OPERATIONS for name in operation.used_by})

#: The options of `workspace_access_info`.
ARGUMENTS: dict[str, dict[str, t.Any]] = {"uses": {"type": "list", "elements": "str", "choices": USES}}


class _Outcome(t.NamedTuple):
    """The outcome of the request for an operation.

    @param error: why there is no response.
    """

    operation: Operation
    response: client.Response | None = None
    error: errors.WorkspaceError | None = None

    @property
    def allowed(self) -> bool | None:
        """Whether the credentials may use it; `None` if that is not known."""
        if self.response:
            return True
        return False if self.error and self.error.status == 403 else None

    def as_record(self) -> Record:
        facts = self.error.facts if self.error else {}
        return {
            "action": self.operation.permission,
            "operation": f"GET /v2/{{project_id}}/{self.operation.path}",
            "allowed": self.allowed,
            "status_code": self.response.status if self.response else facts.get("status_code"),
            "error_code": facts.get("error_code"),
            "reason": self.error.message if self.error else None,
            "used_by": sorted(self.operation.used_by),
        }


def _ask(project: Project, operation: Operation, record_id: str | None) -> _Outcome:
    """Send the request for an operation.

    @raises WorkspaceError: the credentials were rejected.
    """
    query = list(operation.query)
    if operation.needs_times:
        now = project.now()
        start = now - datetime.timedelta(days=1)
        query += [("start_time", timestamps.utc_timestamp(start)), ("end_time", timestamps.utc_timestamp(now))]
    try:
        response = project.get(operation if record_id is None else operation.of(record_id), query)
        if operation.key is not None:
            rows(response, operation.key)
    except errors.WorkspaceError as error:
        if error.status == 401:
            raise
        return _Outcome(operation, error=error)
    return _Outcome(operation, response)


def _ask_tree(project: Project, root: Operation, chosen: t.Sequence[Operation]) -> list[_Outcome]:
    """Send the request for an operation, and for those that need the ID of one of its records."""
    outcome = _ask(project, root, None)
    children = [operation for operation in chosen if operation.parent == root]
    if not children or root.key is None:
        return [outcome]
    records = rows(outcome.response, root.key) if outcome.response else []
    record_id = text(outcome.response, records[0], "id") if outcome.response and records else None
    if record_id:
        return [outcome, *(_ask(project, operation, record_id) for operation in children)]
    why = "returned no record" if outcome.response else "failed"
    error = errors.WorkspaceError(f"Not checked: {root.path}, which returns the ID in the path, {why}.")
    return [outcome, *(_Outcome(operation, error=error) for operation in children)]


def _policy(operations: t.Iterable[Operation]) -> Record:
    """An identity policy that allows these operations."""
    actions = {action for operation in operations for action in (operation.permission, *operation.dependencies)}
    return {"Version": "5.0", "Statement": [{"Effect": "Allow", "Action": sorted(actions)}]}


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that checks the access to a project. See `Prepare` in `_module`."""
    uses = set(filters.filter_values(options["uses"], "uses"))
    chosen = [operation for operation in OPERATIONS if not uses or uses & set(operation.used_by)]

    def read(project: Project) -> dict[str, t.Any]:
        roots = [operation for operation in OPERATIONS if operation.parent is None]
        roots = [operation for operation in roots if operation in chosen or operation in (LOCK_STATUS, WORKSPACES)]
        # Those that others wait for come first.
        parents = [operation.parent for operation in chosen]
        roots.sort(key=parents.count, reverse=True)
        trees = concurrency.side_by_side(
            lambda root: _ask_tree(project, root, chosen), roots, width=project.concurrency
        )
        outcomes = {outcome.operation: outcome for tree in trees for outcome in tree}
        if all(outcome.allowed is None for outcome in outcomes.values()):
            raise next(outcome.error for outcome in outcomes.values() if outcome.error)
        records = sorted((outcomes[operation].as_record() for operation in chosen), key=lambda record: record["action"])
        offset = project.clock_offset()
        return {
            "operations": records,
            "denied": [record["action"] for record in records if record["allowed"] is False],
            "policy": _policy(chosen),
            "clock_offset": None if offset is None else round(offset, 1),
            **_state_of_the_service(outcomes[LOCK_STATUS].response, outcomes[WORKSPACES].response),
        }

    return read


def _state_of_the_service(lock: client.Response | None, workspaces: client.Response | None) -> Record:
    locked = integer(lock, lock.document, "is_lock") if lock else None
    return {
        "is_locked": None if locked is None else bool(locked),
        "service_status": text(workspaces, workspaces.document, "status") if workspaces else None,
    }
