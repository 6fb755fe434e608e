# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the desktops that an event source checks, as the wait selects them, but in the same process."""

from __future__ import annotations

import typing as t

from ...module_utils._http.errors import WorkspaceError
from ...module_utils._reading.statuses import CONNECT_STATUSES, count_statuses
from ...module_utils._workspace import connect_desktops, desktops
from .._wait.check import not_concluded
from .._wait.selection import DESKTOPS, SELECTION, Selection

if t.TYPE_CHECKING:
    from ...module_utils._reading.project import Project

#: The arguments that select desktops.
ARGUMENTS = {name: argument for name, argument in SELECTION.items() if name != "resolve_groups"}


class Reader:
    """Reads the selected desktops of a project.

    @param options: the arguments of the source, with the right types.
    @raises WorkspaceError: an argument is wrong; the message names it.
    """

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self._selection = Selection({**options, "resolve_groups": False})
        self._free_statuses = options["free_statuses"]
        self._reads = {}
        for module, question in self._selection.questions():
            operation = desktops if module == DESKTOPS else connect_desktops
            defaults = {name: argument.get("default") for name, argument in operation.ARGUMENTS.items()}
            # The name of the pool is part of the events.
            pools = {"pools": True} if module == DESKTOPS else {}
            self._reads[module] = operation.prepare({**defaults, **question, **pools})

    @property
    def selection(self) -> dict[str, list[str]]:
        """The arguments that are set, with their sorted values as strings."""
        return {name: sorted(set(values)) for name, values in self._selection.shown.items()}

    def read(self, project: Project) -> dict[str, t.Any]:
        """The selected desktops.

        @returns: `desktops`, `connect_status_counts` and `warnings`.
        @raises WorkspaceError: a list cannot be read, or the lists do not tell which desktops are selected.
        """
        selected, results = self._selection.read(
            lambda module, _options: self._reads[module](project), self._free_statuses
        )
        if selected.undetailed or selected.incomplete:
            raise WorkspaceError(not_concluded(selected, self._selection.shown), attempts=1)
        found = selected.desktops
        if len(results) > 1:
            pools = {record["desktop_id"]: record["pool_name"] for record in results[1]["desktops"]}
            found = [{**record, "pool_name": pools.get(record["desktop_id"])} for record in found]
        unmatched = ((name, ", ".join(values)) for name, values in selected.unmatched.items() if values)
        missing = [f"No desktop matches {values}: check {name}." for name, values in unmatched]
        return {
            "desktops": found,
            "connect_status_counts": count_statuses(found, "connect_status", CONNECT_STATUSES),
            "warnings": [*map(str, selected.warnings), *missing],
        }
