# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API below /_simulator/ for tests. Its requests are not signed, delayed or recorded."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Callable

from simulator import MistakeError
from simulator.answers import Answer, Incoming, json_answer
from simulator.behaviour import parse_fault
from simulator.cloud import Cloud
from simulator.moving import set_status
from simulator.record import Record
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
        handlers: dict[str, Callable[[Incoming], Any]] = {
            "GET ": self._info,
            "GET requests": lambda request: self._record.as_control(),
            "DELETE requests": self._clear,
            "PUT behaviour": self._behave,
            "POST faults": self._add_fault,
            "PATCH desktops": self._set_status,
            "GET tenant": self._tenant,
            "GET records": self._records,
            "POST reset": self._reset,
            "POST shutdown": self._shutdown,
        }
        handler = handlers.get(f"{incoming.method} {name}")
        if handler is None:
            known = ", ".join(sorted(text.replace(" ", f" {PREFIX}/", 1) for text in handlers))
            return json_answer(404, {"error": "the control API knows " + known})
        try:
            return json_answer(200, handler(incoming))
        except (MistakeError, TypeError) as problem:
            return json_answer(400, {"error": str(problem)})

    def _content(self, incoming: Incoming) -> Any:
        try:
            return json.loads(incoming.body.decode("utf-8"))
        except ValueError as problem:
            raise MistakeError(f"the body is not JSON: {problem}") from None

    def _info(self, _incoming: Incoming) -> Any:
        return self._cloud.info(self.url)

    def _clear(self, _incoming: Incoming) -> Any:
        self._record.clear()
        return {}

    def _behave(self, incoming: Incoming) -> Any:
        self._cloud.behave(self._cloud.baseline.changed({"faults": [], **self._content(incoming)}))
        return asdict(self._cloud.behaviour)

    def _add_fault(self, incoming: Incoming) -> Any:
        self._cloud.behaviour.faults.append(parse_fault(self._content(incoming)))
        return {"faults": [asdict(fault) for fault in self._cloud.behaviour.faults]}

    def _set_status(self, incoming: Incoming) -> Any:
        return {"changed": set_status(self._cloud.account, **self._content(incoming))}

    def _tenant(self, incoming: Incoming) -> Any:
        wanted = incoming.values("project_id")
        return self._cloud.account.as_control(wanted[0] if wanted else None)

    def _records(self, incoming: Incoming) -> Any:
        wanted = incoming.values("project_id")
        project = self._cloud.account.project(wanted[0]) if wanted else self._cloud.account.projects[0]
        if project is None:
            raise MistakeError("project_id: there is none of this id")
        return records(project)

    def _reset(self, _incoming: Incoming) -> Any:
        self._cloud.reset()
        self._record.clear()
        return self._cloud.info(self.url)

    def _shutdown(self, _incoming: Incoming) -> Any:
        self._stop()
        return {}
