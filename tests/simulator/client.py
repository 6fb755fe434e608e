# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator for tests in Python. It runs as a separate process and is controlled with its control API.

    with Simulator(desktops=300, status={"CONNECTED": 0.1}) as sim:
        sim.behave(latency=0.05, faults=[{"kind": "status", "status": 503, "count": 2}])
        ...
        assert sim.counters()["max_in_flight"] <= 4

Needs the standard library and requests; the process needs aiohttp, PyYAML and huaweicloudsdkcore.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

HERE = Path(__file__).resolve().parent

START_SECONDS = 60.0
CONTROL_SECONDS = 60.0
STOP_SECONDS = 5.0

COMMAND_LINE = {"port", "tls_cert", "tenant", "seed"}
FLEET = {"desktops", "users", "pools", "status", "projects", "accounts", "human_names"}
"""Options of the command line, and keys of --fleet. All other options are behaviours."""


class SimulatorError(Exception):
    """The simulator does not start, or rejects a control request; the message comes from the simulator."""


class Simulator:
    """A simulator process.

    It takes options of the command line, sizes of the fleet and behaviours: ``Simulator(desktops=300, users=50,
    pools=5, projects=3, seed=7, status={"CONNECTED": 0.1}, tenant="fleet.yml", tls_cert=..., latency=0.1,
    clamp=10)``. ``tenant`` can also be the content of the file.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._folder = tempfile.TemporaryDirectory(prefix="simulator-")
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        # Ignore proxies and the .netrc file of the machine.
        self._session.trust_env = False
        self._session.verify = str(options["tls_cert"]) if "tls_cert" in options else True
        self._info: dict[str, Any] | None = None
        #: The base URL without a trailing slash, which is the endpoint of Workspace and IAM.
        self.url = ""

    def _command(self, folder: Path) -> list[str]:
        command = [sys.executable, str(HERE), "--ready-file", str(folder / "ready"), "--log", str(folder / "log")]
        command.extend(["--parent", str(os.getpid())])
        given = {name: value for name, value in self._options.items() if name in COMMAND_LINE}
        fleet = {name: value for name, value in self._options.items() if name in FLEET}
        behaviour = {name: value for name, value in self._options.items() if name not in COMMAND_LINE | FLEET}
        command.extend(["--fleet", json.dumps(fleet), "--behaviour", json.dumps(behaviour)])
        if isinstance(given.get("tenant"), dict):
            given["tenant"] = folder / "tenant.yml"
            given["tenant"].write_text(json.dumps(self._options["tenant"]), encoding="utf-8")
        return [*command, *(f"--{name.replace('_', '-')}={value}" for name, value in given.items())]

    def __enter__(self) -> Simulator:
        """Start the process, and wait until it listens."""
        folder = Path(self._folder.name)
        with (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                self._command(folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
            )
        deadline = time.monotonic() + START_SECONDS
        while not (folder / "ready").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                problem = self.errors().strip() or f"the simulator did not get ready in {START_SECONDS:g} s"
                self._stop()
                raise SimulatorError(problem)
            time.sleep(0.02)
        self.url = (folder / "ready").read_text(encoding="ascii").strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._session.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()

    @property
    def info(self) -> dict[str, Any]:
        """The response of GET /_simulator/: url, region, project_id, projects, access_key, secret_key, ..."""
        if self._info is None:
            self._info = self.control("GET", "")
        return self._info

    def log(self) -> str:
        """The log: a line for each request."""
        return Path(self._folder.name, "log").read_text(encoding="utf-8")

    def errors(self) -> str:
        """The content of standard error, which is empty unless the simulator has a bug."""
        return Path(self._folder.name, "errors").read_text(encoding="utf-8", errors="replace")

    # Control

    def control(self, method: str, name: str, content: Any = None, **query: str) -> Any:
        """Send a request to the control API, and return the decoded response."""
        answer = self._session.request(
            method, f"{self.url}/_simulator/{name}", json=content, params=query, timeout=CONTROL_SECONDS
        )
        found = answer.json()
        if answer.status_code != 200:
            raise SimulatorError(found["error"])
        return found

    def behave(self, **behaviour: Any) -> None:
        """Replace behaviours and faults, based on those of the command line."""
        self.control("PUT", "behaviour", behaviour)

    def reset(self) -> None:
        """Restore the state after the start: tenant, tokens, behaviours, record."""
        self._info = self.control("POST", "reset")

    def set_status(self, status: str | None, **which: Any) -> None:
        """Set the status, and optionally the pool, of desktops; see the control API for ``ids``, ``names`` and ``pool``."""
        self.control("PATCH", "desktops", {"status": status, **which})

    def remove(self, *names: str) -> None:
        """Delete the desktops with these names."""
        self.control("DELETE", "desktops", {"names": names})

    # State

    def requests(self) -> list[dict[str, Any]]:
        """The requests since the last clear(), in the order in which they arrived."""
        found: list[dict[str, Any]] = self.control("GET", "requests")["entries"]
        return found

    def counters(self) -> dict[str, int]:
        """requests, connections, in_flight, max_in_flight since the last clear()."""
        found = self.control("GET", "requests")
        return {name: found[name] for name in ("requests", "connections", "in_flight", "max_in_flight")}

    def clear(self) -> None:
        self.control("DELETE", "requests")

    def project_id(self, which: int | str) -> str:
        """The ID of a project, given by its index, name or ID."""
        projects = self.info["projects"]
        if isinstance(which, int):
            return str(projects[which]["id"])
        return next((str(project["id"]) for project in projects if project["name"] == which), which)

    def records(self, which: int | str = 0) -> dict[str, list[dict[str, Any]]]:
        """The records of all lists of a project, by path: ``records()["desktops/detail"]``."""
        found: dict[str, list[dict[str, Any]]] = self.control("GET", "records", project_id=self.project_id(which))
        return found

    def project(self, which: int | str = 0) -> dict[str, Any]:
        """The desktops and users of a project."""
        found: dict[str, Any] = self.control("GET", "project", project_id=self.project_id(which))
        return found
