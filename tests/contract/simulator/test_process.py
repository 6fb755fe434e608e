# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API, the record, the log, and the life of the process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests
from simulator.client import HERE, Simulator, SimulatorError
from support.requests_to_simulator import (
    LIST,
    SDK_WARNINGS,
    desktops_by_sdk,
    get,
    login,
    raw,
    sdk,
    send_signed,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = SDK_WARNINGS

# The control API, the record and the log


def test_the_record_tells_what_came(sim: Simulator) -> None:
    desktops_by_sdk(sdk(sim), limit=2000, user_names=["a b", "张三"])
    get(sim, LIST + "?limit=7")
    signed, by_token = sim.requests()
    assert signed["path"] == "/v2/{}{}".format(sim.info["project_id"], LIST)
    assert signed["query"] == [["limit", "2000"], ["offset", "0"], ["user_names", "a b"], ["user_names", "张三"]]
    assert signed["target"] == signed["path"] + "?" + urlencode(
        [tuple(pair) for pair in signed["query"]], quote_via=quote
    )
    assert signed["user_agent"].startswith("huaweicloud-usdk-python")
    assert "x-sdk-date" in signed["signed_headers"].split(";")
    assert len(signed["x_sdk_date"]) == 16
    assert {"Authorization", "X-Project-Id"} <= set(signed["header_names"])
    assert (signed["auth"], by_token["auth"]) == ("SDK-HMAC-SHA256", "token")
    assert signed["status"] == by_token["status"] == 200
    assert 0 <= signed["end"] - signed["start"] < 20
    assert signed["connection"] != by_token["connection"]
    assert sim.counters() == {"requests": 2, "connections": 2, "in_flight": 0, "max_in_flight": 1}
    sim.clear()
    assert sim.requests() == []
    assert sim.counters() == {"requests": 0, "connections": 0, "in_flight": 0, "max_in_flight": 0}


def test_a_kept_connection_is_one_connection(sim: Simulator) -> None:
    with requests.Session() as session:
        session.headers["X-Auth-Token"] = sim.info["token"]
        for _number in range(5):
            session.get("{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST), timeout=20)
    assert sim.counters()["connections"] == 1
    assert len({request["connection"] for request in sim.requests()}) == 1


def test_control_requests_are_neither_recorded_nor_delayed_nor_struck(sim: Simulator) -> None:
    sim.behave(latency=5, faults=[{"kind": "reset", "count": None}])
    begin = time.monotonic()
    assert sim.tenant()["projects"]
    assert time.monotonic() - begin < 5
    assert sim.counters()["requests"] == 0


def test_neither_log_nor_record_hold_a_secret(sim: Simulator) -> None:
    get(sim, LIST)
    login(sim, None)
    temporary = sim.info["temporary"]
    send_signed(
        sim,
        LIST,
        access_key=temporary["access_key"],
        secret_key=temporary["secret_key"],
        headers={"X-Security-Token": temporary["security_token"]},
    )
    told = sim.log() + json.dumps(sim.requests())
    for secret in (sim.info["token"], sim.info["iam_password"], temporary["security_token"], temporary["secret_key"]):
        assert secret not in told
    last = sim.log().splitlines()[-1].split()
    assert last[:3] == ["GET", "/v2/{}{}".format(sim.info["project_id"], LIST), "200"]
    assert last[4] == "ms"


def test_what_the_control_api_does_not_know(sim: Simulator) -> None:
    with pytest.raises(SimulatorError, match=r"the control API knows .*PUT /_simulator/behaviour"):
        sim.control("GET", "nothing")
    with pytest.raises(SimulatorError, match="unexpected keyword argument 'users'"):
        sim.control("PATCH", "desktops", {"status": "CONNECTED", "users": ["alice"]})
    with pytest.raises(SimulatorError, match="'connected' is no status"):
        sim.set_status("connected")


def test_a_reset_brings_everything_back(sim: Simulator) -> None:
    before, info = sim.tenant(), sim.info
    sim.behave(latency=0.01, churn={"remove": 5}, faults=[{"kind": "expire_tokens"}])
    get(sim, LIST)
    sim.set_status("UNREGISTER")
    assert sim.tenant() != before
    sim.reset()
    assert (sim.tenant(), sim.info) == (before, info)
    assert sim.requests() == []
    assert get(sim, LIST).status_code == 200


def test_the_command_line_sets_what_the_behaviour_returns_to() -> None:
    with Simulator(clamp=4, faults=[{"kind": "status", "status": 500}]) as sim:
        assert [get(sim, LIST).status_code for _number in range(2)] == [500, 200]
        sim.behave(latency=0.01)
        assert len(get(sim, LIST).json()["desktops"]) == 4
        sim.behave(clamp=None)
        assert len(get(sim, LIST).json()["desktops"]) == 30
        sim.reset()
        assert [get(sim, LIST).status_code for _number in range(2)] == [500, 200]


# The process


def refuses(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    # The parent starts it without a word about parents, and dies without stopping it.
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1], '--ready-file', sys.argv[2]])\n"
        "while not pathlib.Path(sys.argv[2]).exists():\n"
        "    time.sleep(0.05)\n"
    )
    command = [sys.executable, "-c", script, str(HERE), str(ready)]
    subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    wait_until(lambda: refuses(ready.read_text().strip()))


def test_it_outlives_its_parent_until_it_is_told_to_end(tmp_path: Path) -> None:
    """As Ansible's async starts it. The ready file holds the URL and nothing else."""
    ready, log = tmp_path / "ready", tmp_path / "log"
    options = ["--parent", "0", "--ready-file", str(ready), "--log", str(log), "--fleet", '{"desktops": 3}']
    script = "import subprocess, sys\nsubprocess.Popen(sys.argv[1:])\n"
    subprocess.run([sys.executable, "-c", script, sys.executable, str(HERE), *options], check=True, timeout=60)
    wait_until(ready.exists)
    text = ready.read_text()
    url = text.rstrip("\n")
    assert text == url + "\n"
    time.sleep(0.6)
    assert requests.get(url + "/_simulator/", timeout=20).json()["url"] == url
    assert sorted(tmp_path.iterdir()) == [log, ready]
    requests.get(url + "/v2/x/y", timeout=20)
    assert requests.post(url + "/_simulator/shutdown", timeout=20).status_code == 200
    wait_until(lambda: refuses(url))
    assert log.read_text().startswith("GET /v2/x/y 404 ")


def test_it_can_tell_a_shell_how_to_reach_every_region() -> None:
    with Simulator(projects=3) as sim:
        command = [sys.executable, str(HERE), "--env", sim.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = dict(line.removeprefix("export ").rstrip().split("=") for line in done.stdout.splitlines())
    again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith(f"simulator: no simulator runs at {sim.url}: ")
    assert found["HW_REGION_NAME"] == "cn-north-4"
    assert "HUAWEICLOUD_SDK_PROJECT_ID" not in found
    endpoints = [found[name] for name in found if name.startswith("HUAWEICLOUD_SDK_REGION_WORKSPACE_")]
    assert endpoints == [found["HUAWEICLOUD_SDK_IAM_ENDPOINT"]] * 3


def test_it_tells_a_person_how_to_use_it_and_ends_with_an_interrupt() -> None:
    command = [sys.executable, str(HERE), "--guide"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _number in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    url = lines[0].split()[4].rstrip(".")
    assert lines[2].strip() == f'eval "$({sys.executable} {HERE} --env {url})"'


def test_it_names_a_library_that_is_missing() -> None:
    command = [sys.executable, "-S", str(HERE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `make simulator`, or install dev/requirements/demo.txt" in done.stderr


def test_sigterm_ends_it_even_while_requests_hang() -> None:
    sim = Simulator(desktops=1).start()
    try:
        sim.fault("hang", count=None)
        thread = threading.Thread(target=raw, args=(sim,), daemon=True)
        thread.start()
        wait_until(lambda: sim.counters()["in_flight"] == 1)
        process = sim._process
        assert process is not None
        process.terminate()
        assert process.wait(20) == 0
        thread.join(10)
        assert not thread.is_alive()
    finally:
        sim.stop()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"projects": {}}, "object cannot be interpreted"),
        ({"status": {"CONNECTED": 1.5}}, "add up to more than 1"),
        ({"faults": [{"kind": "none"}]}, "fault 'none'"),
        ({"desktop": 3}, "unexpected keyword argument 'desktop'"),
        ({"tenant": "fleet.yml", "desktops": 3}, "--tenant says what there is"),
    ],
)
def test_bad_options_end_it_at_once(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SimulatorError, match=complaint):
        Simulator(**options).start()
