# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API below /_simulator/ for tests. Its requests are not signed, delayed or recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from simulator import MistakeError, shapes
from simulator.answers import Answer, Incoming, json_answer
from simulator.cloud import Cloud
from simulator.record import Record
from simulator.tenant import Project
from simulator.workspace_api import records

PREFIX = "/_simulator"


class Control:
    """Handles control requests; ``stop`` ends the simulator."""

    def __init__(self, cloud: Cloud, record: Record, stop: Callable[[], None]) -> None:
        self._cloud = cloud
        self._record = record
        self._stop = stop
        self.url = ""

    def serves(self, path: str) -> bool:
        return path == PREFIX or path.startswith(PREFIX + "/")

    def answer(self, incoming: Incoming) -> Answer:
        name = incoming.path[len(PREFIX) :].strip("/")
        handlers: dict[str, Callable[[], Any]] = {
            "GET ": lambda: self._cloud.info(self.url),
            "GET requests": self._record.as_control,
            "DELETE requests": self._record.clear,
            "PUT behaviour": lambda: self._behave(**json.loads(incoming.body)),
            "PATCH desktops": lambda: self._set_status(**json.loads(incoming.body)),
            "DELETE desktops": lambda: self._remove(json.loads(incoming.body)["names"]),
            "GET project": lambda: self._project(incoming),
            "GET records": lambda: records(self._asked(incoming), incoming),
            "POST reset": self._reset,
            "POST shutdown": self._stop,
        }
        handler = handlers.get(f"{incoming.method} {name}")
        if handler is None:
            known = ", ".join(sorted(text.replace(" ", f" {PREFIX}/", 1) for text in handlers))
            return json_answer(404, {"error": "the control API knows " + known})
        try:
            return json_answer(200, handler())
        except (MistakeError, TypeError, ValueError) as problem:
            return json_answer(400, {"error": str(problem)})

    def _behave(self, **given: Any) -> None:
        self._cloud.behave(self._cloud.baseline.changed({"faults": [], **given}))

    def _set_status(
        self,
        status: str | None,
        ids: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
        pool: str | None = None,
    ) -> None:
        """Set the status of the desktops with these IDs or names (default: all).

        ``pool``: the name of a pool of their project to assign them to.
        """
        for project in self._cloud.account.projects:
            for desktop in project.desktops:
                if ids is names is None or desktop.desktop_id in (ids or ()) or desktop.desktop_name in (names or ()):
                    desktop.set_status(status)
                    desktop.pool = next((one for one in project.pools if one.name == pool), desktop.pool)

    def _remove(self, names: Sequence[str]) -> None:
        for project in self._cloud.account.projects:
            project.desktops[:] = [desktop for desktop in project.desktops if desktop.desktop_name not in names]

    def _asked(self, incoming: Incoming) -> Project:
        wanted = incoming.values("project_id") or [self._cloud.account.projects[0].id]
        project = self._cloud.account.project(wanted[0])
        if project is None:
            raise MistakeError("project_id: there is none of this id")
        return project

    def _project(self, incoming: Incoming) -> Any:
        project = self._asked(incoming)
        return {
            "desktops": [shapes.connect_desktop(desktop, project) for desktop in project.desktops],
            "users": [{**shapes.user_pools(user, project), "user_name": user.name} for user in project.users.values()],
        }

    def _reset(self) -> Any:
        self._cloud.reset()
        self._record.clear()
        return self._cloud.info(self.url)
