# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API, the record, the log, and the life of the process."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests
import trustme
from contract.simulator.asking import raw
from huaweicloudsdkworkspace.v2 import (
    ListDesktopsConnectStatusRequest,
)
from simulator.client import HERE, Simulator, SimulatorError

if TYPE_CHECKING:
    from pathlib import Path
from contract.simulator.asking import (
    LIST,
    desktops_by_sdk,
    get,
    login,
    sdk,
    send_signed,
    wait_until,
)

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

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
    with pytest.raises(SimulatorError, match="which desktops"):
        sim.control("PATCH", "desktops", {"status": "CONNECTED"})


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
    with Simulator(clamp=4, total_count=3, faults=[{"kind": "status", "status": 500}]) as sim:
        assert [get(sim, LIST).status_code for _number in range(2)] == [500, 200]
        sim.behave(latency=0.01)
        answer = get(sim, LIST).json()
        assert (len(answer["desktops"]), answer["total_count"]) == (4, 3)
        sim.behave(clamp=None)
        assert len(get(sim, LIST).json()["desktops"]) == 30
        sim.calm_down()
        assert len(get(sim, LIST).json()["desktops"]) == 4


# The process


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    ready, number = tmp_path / "ready", tmp_path / "pid"
    # The parent starts it without a word about parents, and dies without stopping it.
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1], '--ready-file', sys.argv[2]])\n"
        "pathlib.Path(sys.argv[3]).write_text(str(child.pid))\n"
        "while not pathlib.Path(sys.argv[2]).exists():\n"
        "    time.sleep(0.05)\n"
    )
    command = [sys.executable, "-c", script, str(HERE), str(ready), str(number)]
    subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    pid = int(number.read_text())
    url = ready.read_text().strip()
    wait_until(lambda: refuses(url))
    wait_until(lambda: gone(pid) or ended(pid))


def ended(pid: int) -> bool:
    """Whether a process is only waiting for somebody to take note of its end."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def refuses(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_it_ends_with_the_process_it_was_told_to_watch() -> None:
    watched = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = subprocess.Popen(
        [sys.executable, str(HERE), "--parent", str(watched.pid)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        time.sleep(0.6)
        assert process.poll() is None
        watched.communicate(b"\n", timeout=20)
        assert process.wait(20) == 0
        process.stdout.close()
    finally:
        for one in (watched, process):
            if one.poll() is None:
                one.kill()
                one.wait()


def test_the_ready_file_holds_the_url_and_nothing_else(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [sys.executable, str(HERE), "--ready-file", str(ready), "--desktops", "3"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_until(ready.exists)
        text = ready.read_text()
        url = text.rstrip("\n")
        assert text == url + "\n"
        assert requests.get(url + "/_simulator/", timeout=20).json()["url"] == url
        assert list(tmp_path.iterdir()) == [ready]
        requests.get(url + "/v2/x/y", timeout=20)
        assert requests.post(url + "/_simulator/shutdown", timeout=20).status_code == 200
        _nothing, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert log.startswith(b"GET /v2/x/y 404 ")


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
    assert not sim.running


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])  # noqa: S104 - it must refuse this one
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(SimulatorError, match="not a loopback address"):
        Simulator(host=host).start()


@pytest.mark.parametrize(
    "options",
    [
        {"desktops": -1},
        {"projects": 0},
        {"status": {"CONNECTED": 1.5}},
        {"faults": [{"kind": "none"}]},
        {"tls_key": "key.pem"},
        {"tenant": "fleet.yml", "desktops": 3},
    ],
)
def test_bad_options_end_it_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(SimulatorError, match="error: "):
        Simulator(**options).start()


def test_a_port_that_is_taken_is_told(sim: Simulator) -> None:
    with pytest.raises(SimulatorError, match="address already in use"):
        Simulator(port=urlsplit(sim.url).port).start()


def test_many_clients_are_served_at_once(sim: Simulator) -> None:
    held = sim.project()["desktops"]
    client = sdk(sim)

    def read(offset: int) -> list[dict[str, Any]]:
        request = ListDesktopsConnectStatusRequest(offset=offset, limit=5)
        page: list[dict[str, Any]] = client.list_desktops_connect_status(request).to_json_object()["desktops"]
        return page

    offsets = range(0, len(held), 5)
    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(read, offsets))
    assert [desktop for page in pages for desktop in page] == held


def test_a_fleet_of_50000_desktops_is_served_fast() -> None:
    with Simulator(desktops=50_000, users=20_000, pools=50) as sim:
        names = [user["user_name"] for user in sim.project()["users"]]
        with requests.Session() as session:
            session.headers["X-Auth-Token"] = sim.info["token"]
            begin = time.monotonic()
            for place in range(0, 2000, 100):
                query: dict[str, Any] = {"user_names": names[place : place + 100], "limit": 2000}
                path = "{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST)
                answer = session.get(path, params=query, timeout=20).json()
                assert answer["total_count"] == len(answer["desktops"]) > 100
            # Two hundred such requests read the whole tenant: that must not take the tests minutes.
            assert time.monotonic() - begin < 10


def test_it_speaks_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem, root = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    authority.cert_pem.write_to_path(root)
    with Simulator(tls_cert=pem, ca=root, desktops=3) as sim:
        assert sim.url.startswith("https://127.0.0.1:")
        assert get(sim, LIST, verify=str(root)).json()["total_count"] == 3
        sim.fault("reset")
        with pytest.raises(requests.exceptions.ConnectionError):
            get(sim, LIST, verify=str(root))
        with pytest.raises(requests.exceptions.SSLError) as caught:
            get(sim, LIST)
        assert isinstance(caught.value.args[0].reason.args[0], ssl.SSLCertVerificationError)


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
