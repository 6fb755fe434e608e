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
from collections.abc import Sequence
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
    lock=False)``. ``tenant`` can also be the content of the file.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._session: requests.Session | None = None
        self._url = ""
        self._info: dict[str, Any] | None = None

    # Starting and stopping

    def command(self, folder: Path) -> list[str]:
        """The command line."""
        command = [sys.executable, str(HERE), "--ready-file", str(folder / "ready"), "--log", str(folder / "log")]
        command.extend(["--parent", str(os.getpid())])
        fleet = {name: value for name, value in self._options.items() if name in FLEET}
        behaviour = {name: value for name, value in self._options.items() if name not in COMMAND_LINE | FLEET}
        command.extend(["--fleet", json.dumps(fleet), "--behaviour", json.dumps(behaviour)])
        given = {name: value for name, value in self._options.items() if name in COMMAND_LINE}
        if isinstance(given.get("tenant"), dict):
            path = folder / "tenant.yml"
            path.write_text(json.dumps(given["tenant"]), encoding="utf-8")
            given["tenant"] = path
        return [*command, *(f"--{name.replace('_', '-')}={value}" for name, value in given.items())]

    def start(self) -> Simulator:
        """Start the process, and wait until it listens."""
        if self._process is not None:
            raise SimulatorError("the simulator runs already")
        self._folder = tempfile.TemporaryDirectory(prefix="simulator-")
        folder = Path(self._folder.name)
        with (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                self.command(folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
            )
        try:
            self._wait_until_ready(folder)
        except BaseException:
            self.stop()
            raise
        self._session = requests.Session()
        # Ignore proxies and the .netrc file of the machine.
        self._session.trust_env = False
        if "tls_cert" in self._options:
            self._session.verify = str(self._options["tls_cert"])
        return self

    def _wait_until_ready(self, folder: Path) -> None:
        process = self._process
        deadline = time.monotonic() + START_SECONDS
        ready = folder / "ready"
        while process is not None and not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                errors = (folder / "errors").read_text(encoding="utf-8", errors="replace").strip()
                raise SimulatorError(errors or f"the simulator did not get ready in {START_SECONDS:g} s")
            time.sleep(0.02)
        self._url = ready.read_text(encoding="ascii").strip()

    def stop(self) -> None:
        """End the process. This can be called repeatedly."""
        process, self._process = self._process, None
        if self._session is not None:
            self._session.close()
            self._session = None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    # Properties

    @property
    def url(self) -> str:
        """The base URL without a trailing slash, which is the endpoint of Workspace and IAM."""
        return self._url

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def info(self) -> dict[str, Any]:
        """The response of GET /_simulator/: url, region, project_id, projects, access_key, secret_key, ..."""
        if self._info is None:
            self._info = self.control("GET", "")
        return self._info

    def log(self) -> str:
        """The log: a line for each request."""
        if self._folder is None:
            return ""
        return (Path(self._folder.name) / "log").read_text(encoding="utf-8")

    def errors(self) -> str:
        """The content of standard error, which is empty unless the simulator has a bug."""
        if self._folder is None:
            return ""
        return (Path(self._folder.name) / "errors").read_text(encoding="utf-8", errors="replace")

    # Control

    def control(self, method: str, name: str, content: Any = None, **query: str) -> Any:
        """Send a request to the control API, and return the decoded response."""
        if self._session is None:
            raise SimulatorError("the simulator does not run")
        answer = self._session.request(
            method, f"{self._url}/_simulator/{name}", json=content, params=query, timeout=CONTROL_SECONDS
        )
        found = answer.json()
        if answer.status_code != 200:
            raise SimulatorError(found["error"])
        return found

    def behave(self, **behaviour: Any) -> None:
        """Replace behaviours and faults, based on those of the command line."""
        self.control("PUT", "behaviour", behaviour)

    def fault(self, kind: str, **options: Any) -> None:
        """Add a fault to the queue."""
        self.control("POST", "faults", {"kind": kind, **options})

    def reset(self) -> None:
        """Restore the state after the start: tenant, tokens, behaviours, record."""
        self._info = self.control("POST", "reset")

    def set_status(
        self,
        status: str | None,
        *,
        ids: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
        pool: str | None = None,
    ) -> int:
        """Set the status, and optionally the pool, of these desktops (default: all); return the number of desktops."""
        given = {"status": status, "ids": ids, "names": names, "pool": pool}
        return int(self.control("PATCH", "desktops", given)["changed"])

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

    def tenant(self, project_id: str | None = None) -> dict[str, Any]:
        """The whole tenant, or only the project with this ID."""
        query = {} if project_id is None else {"project_id": project_id}
        found: dict[str, Any] = self.control("GET", "tenant", **query)
        return found

    def records(self, which: int | str = 0) -> dict[str, list[dict[str, Any]]]:
        """The records of all list operations for a project, by path: ``records()["desktops/detail"]``."""
        project_id = self.info["projects"][which]["id"] if isinstance(which, int) else which
        found: dict[str, list[dict[str, Any]]] = self.control("GET", "records", project_id=project_id)
        return found

    def project_id(self, name: str) -> str:
        """The id of the project with this name."""
        return next(str(project["id"]) for project in self.info["projects"] if project["name"] == name)

    def project(self, which: int | str = 0) -> dict[str, Any]:
        """The desktops, users, pools and churn of a project, selected by its index or ID."""
        project_id = self.info["projects"][which]["id"] if isinstance(which, int) else which
        found: dict[str, Any] = self.tenant(project_id)["projects"][0]
        return found
