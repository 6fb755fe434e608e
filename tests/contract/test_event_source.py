# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source in an event loop of its own, against the simulator: what it tells, what it loses, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.huaweicloud.workspace.plugins.doc_fragments.workspace import ModuleDocFragment
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from simulator.client import Simulator
from support.runs import keys_of

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "desktop_connections.py"
SOURCE = runpy.run_path(str(FILE))
MAIN = SOURCE["main"]

FLEET = {"desktops": 6, "users": 6, "status": {"REGISTERED": 1}}

#: Far beyond what any step takes.
LONGEST = 20.0

#: A check of so few desktops takes no more requests.
_MOST_REQUESTS = 3


class Source:
    """A source that runs, and the queue of a rulebook, which takes one event at a time."""

    def __init__(self, args: dict[str, Any]) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue(1)
        self.task = asyncio.create_task(MAIN(self.queue, args))

    async def next(self) -> dict[str, Any]:
        """The next event; or the error that ended the source."""
        taking = asyncio.create_task(self.queue.get())
        done, _waiting = await asyncio.wait({taking, self.task}, timeout=LONGEST, return_when="FIRST_COMPLETED")
        if taking in done:
            return taking.result()["desktop_connections"]
        taking.cancel()
        assert done, "there is no event"
        raise self.task.exception() or AssertionError("the source ended")

    async def types(self, count: int) -> list[str]:
        """The types of so many events."""
        return [(await self.next())["type"] for _event in range(count)]

    async def end(self) -> float:
        """Cancel it; the seconds that it took."""
        started = time.monotonic()
        self.task.cancel()
        await asyncio.wait({self.task})
        return time.monotonic() - started


def arguments(cloud: Simulator, **args: Any) -> dict[str, Any]:
    """Arguments that reach the simulator and waste no time."""
    return {**keys_of(cloud.info, **args), "interval": 0.1, "max_retries": 0, **args}


def as_user(cloud: Simulator) -> dict[str, Any]:
    """The arguments of an IAM user, instead of keys."""
    login = {name: cloud.info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")}
    return {"access_key": None, "secret_key": None, "iam_endpoint": cloud.url, **login}


@contextlib.asynccontextmanager
async def listening(cloud: Simulator, **args: Any) -> AsyncIterator[Source]:
    """A source, after its first check."""
    events = args.pop("events", list(SOURCE["EVENTS"][1:]))
    source = Source(arguments(cloud, events=events, **args))
    try:
        await until(lambda: requests_of_checks(cloud) > _MOST_REQUESTS or source.queue.full() or source.task.done())
        yield source
    finally:
        await source.end()


def requests_of_checks(cloud: Simulator) -> int:
    """The number of requests that its checks have sent."""
    return sum("connect-desktops" in entry["target"] for entry in cloud.requests())


def statuses(cloud: Simulator) -> list[int]:
    return [entry["status"] for entry in cloud.requests()]


async def until(happens: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + LONGEST
    while not happens():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own, and check that no thread and no socket is left."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        before = _sockets()
        asyncio.run(test(**fixtures))
        for thread in threading.enumerate():
            if thread.name.startswith("desktop_connections"):
                thread.join(0.5)
                assert not thread.is_alive()
        # The thread of an exchange that was cut closes its connection a moment later.
        deadline = time.monotonic() + LONGEST
        while _sockets() != before:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    return run


def _sockets() -> int:
    """How many sockets this process has; -1 where the system does not tell."""
    found = 0
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        return -1
    for name in names:
        with contextlib.suppress(OSError):
            found += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return found


@in_a_loop
async def test_events_of_changes_are_sent_in_order(cloud: Simulator) -> None:
    first, second = (desktop["desktop_name"] for desktop in cloud.project()["desktops"][:2])
    async with listening(cloud) as source:
        cloud.set_status("CONNECTED", names=[first])
        assert await source.types(1) == ["no_longer_free"]
        event = await source.next()
        name = event["desktop"]["desktop_name"]
        assert (event["type"], name, event["before"]) == ("connected", first, "REGISTERED")
        assert (event["in_use_count"], event["connect_status_counts"]["REGISTERED"]) == (1, 5)
        assert event["project_id"] == cloud.info["project_id"]
        assert (event["region"], event["endpoint"]) == (cloud.info["region"], cloud.url)
        cloud.set_status("CONNECTED", names=[second])
        assert await source.types(1) == ["connected"]
        cloud.set_status("DISCONNECTED", names=[first])
        assert await source.types(1) == ["disconnected"]
        cloud.set_status("REGISTERED")
        assert await source.types(3) == ["all_free", "released", "released"]
        cloud.remove(second)
        assert await source.types(1) == ["gone"]


@pytest.mark.parametrize("status", [400, 403, 503])
@in_a_loop
async def test_failed_checks_send_failing_once_and_changes_are_sent_afterwards(cloud: Simulator, status: int) -> None:
    secret = cloud.info["secret_key"]
    async with listening(cloud, events=["snapshot", "failing", "recovered", "connected", "gone"]) as source:
        assert (await source.types(2)) == ["snapshot", "snapshot"]
        cloud.behave(faults=[{"kind": "status", "status": status, "count": None, "error_msg": "no " + secret}])
        event = await source.next()
        while event["type"] == "snapshot":
            event = await source.next()
        assert (event["type"], event["status_code"]) == ("failing", status)
        assert f"HTTP {status}" in event["msg"]
        assert secret not in event["msg"]
        assert event["project_id"] == cloud.info["project_id"]
        asked = cloud.counters()["requests"]
        await until(lambda: cloud.counters()["requests"] > asked + 2)
        cloud.set_status("CONNECTED")
        cloud.behave()
        assert await source.types(8) == ["recovered", "snapshot", *["connected"] * 6]


@in_a_loop
async def test_rejected_keys_are_not_used_again_until_others_are_found(
    cloud: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the source is started: six rejected requests in a row lock a key."""
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", cloud.info["access_key"])
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", "wrong")
    args = arguments(cloud, state_file=str(tmp_path / "state"), events=["failing", "recovered"])
    del args["access_key"], args["secret_key"]
    for _start in range(6):
        source = Source(args)
        # The first one is stopped before its event is taken, so the second one sends it again.
        if _start == 1:
            event = await source.next()
            assert (event["type"], event["status_code"]) == ("failing", 401)
        await asyncio.sleep(0.4)
        await source.end()
    assert statuses(cloud) == [401]
    source = Source(args)
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", cloud.info["secret_key"])
    assert await source.types(1) == ["recovered"]
    await source.end()


@pytest.mark.parametrize(
    ("fault", "is_waiting"),
    [
        ({"kind": "hang", "seconds": 60, "match": "connect-desktops"}, None),
        ({"kind": "hang", "seconds": 60, "match": "/v3/auth/tokens", "method": "POST"}, None),
        ({"kind": "drip", "delay": 5}, None),
        ({"kind": "status", "status": 503, "headers": {"Retry-After": "30"}}, lambda cloud, _: 503 in statuses(cloud)),
        ({}, lambda _, source: source.queue.full()),
    ],
    ids=["request", "login", "body", "retry", "consumer"],
)
@in_a_loop
async def test_a_cancelled_source_ends_in_each_state(cloud: Simulator, fault: dict[str, Any], is_waiting: Any) -> None:
    cloud.behave(faults=[{"count": None, **fault}] if fault else [])
    source = Source(arguments(cloud, **as_user(cloud), events=["snapshot"], max_retries=3, retry_max_delay=30))
    await until(lambda: is_waiting(cloud, source) if is_waiting else cloud.counters()["in_flight"] == 1)
    assert await source.end() < 2
    await until(lambda: cloud.counters()["in_flight"] == 0)


@in_a_loop
async def test_it_ends_within_two_seconds_if_a_check_cannot_be_cancelled(
    cloud: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, goes_on = threading.Event(), threading.Event()

    def check(_source: Any) -> list[Any]:
        began.set()
        goes_on.wait(LONGEST)
        return []

    monkeypatch.setattr(SOURCE["_Source"], "check", check)
    source = Source(arguments(cloud))
    await until(began.is_set)
    assert await source.end() < 2
    goes_on.set()


@in_a_loop
async def test_a_slow_consumer_gets_all_events(cloud: Simulator) -> None:
    names = [desktop["desktop_name"] for desktop in cloud.project()["desktops"]]
    events = ["connected", "disconnected", "released"]
    async with listening(cloud, events=events) as source:
        cloud.set_status("CONNECTED")
        await until(source.queue.full)
        asked = cloud.counters()["requests"]
        await asyncio.sleep(0.4)
        assert cloud.counters()["requests"] == asked
        cloud.set_status("DISCONNECTED", names=names[:3])
        assert [(await source.next())["desktop"]["desktop_name"] for _name in names] == sorted(names)
        assert await source.types(3) == ["disconnected"] * 3


DETAIL = {"tags": [{"key": "floor", "value": "2"}]}
POOLS: dict[str, Any] = {
    "desktops": [
        {"name": "d-1", "pool": "design", "status": "CONNECTED", "detail": DETAIL},
        {"name": "d-2", "pool": "design", "status": "REGISTERED"},
        {"name": "o-1", "pool": "office", "status": "CONNECTED"},
    ]
}


@pytest.mark.parametrize(
    "selection", [{"pool_names": ["Design"]}, {"computer_names": ["D-1", "d-2"]}, {"tags": {"floor": "2"}}]
)
@in_a_loop
async def test_only_selected_desktops_have_events(selection: dict[str, Any]) -> None:
    with Simulator(tenant=POOLS) as cloud:
        source = Source(arguments(cloud, events=["all_free", "released", "connected"], **selection))
        await until(lambda: requests_of_checks(cloud) > _MOST_REQUESTS)
        cloud.set_status("CONNECTED", names=["o-1"])
        cloud.set_status("REGISTERED", names=["d-1"])
        assert await source.types(1) == ["all_free"]
        event = await source.next()
        desktop = event["desktop"]
        assert (event["type"], desktop["desktop_name"], desktop["pool_name"]) == ("released", "d-1", "design")
        await source.end()


@in_a_loop
async def test_changes_during_a_restart_are_sent_afterwards(cloud: Simulator, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    args = {"state_file": str(state), "events": ["connected", "released", "failing", "recovered"]}
    async with listening(cloud, **args):
        await until(state.exists)
    cloud.set_status("CONNECTED")
    cloud.clear()
    # One event is taken of six, and those of an interrupted check are sent again.
    async with listening(cloud, **args) as source:
        assert await source.types(1) == ["connected"]
    cloud.clear()
    cloud.behave(faults=[{"kind": "status", "status": 503, "count": None}])
    source = Source(arguments(cloud, **args))
    assert await source.types(1) == ["failing"]
    await until(lambda: json.loads(state.read_text(encoding="utf-8"))["failing"])
    await source.end()
    cloud.behave()
    async with listening(cloud, **args) as source:
        assert await source.types(7) == ["recovered", *["connected"] * 6]
        await until(lambda: "CONNECTED" in state.read_text(encoding="utf-8"))
    assert state.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == [state, tmp_path / "state.json.lock"]
    assert cloud.info["secret_key"] not in state.read_text(encoding="utf-8")


@in_a_loop
async def test_events_that_nobody_has_taken_are_sent_again(cloud: Simulator, tmp_path: Path) -> None:
    state = tmp_path / "state"
    args = {"state_file": str(state), "events": ["connected", "no_longer_free"]}
    async with listening(cloud, **args):
        await until(state.exists)
    cloud.set_status("CONNECTED", names=[cloud.project()["desktops"][0]["desktop_name"]])
    for _start in range(2):
        source = Source(arguments(cloud, **args))
        await until(source.queue.full)
        assert await source.types(1) == ["no_longer_free"]
        await until(source.queue.full)  # the last event is in the queue, and nobody takes it
        await asyncio.sleep(0.3)
        await source.end()


@in_a_loop
async def test_the_state_of_another_filter_ends_it(cloud: Simulator, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with listening(cloud, state_file=str(state)):
        await until(state.exists)
    written = state.read_text(encoding="utf-8")
    source = Source(arguments(cloud, state_file=str(state), user_names=["alice"]))
    with pytest.raises(WorkspaceError, match=r"belongs to another source: its user_names is none, not alice\."):
        await source.next()
    assert state.read_text(encoding="utf-8") == written


@in_a_loop
async def test_each_check_has_its_own_deadline_and_uses_the_same_connections(cloud: Simulator) -> None:
    async with listening(cloud, project_id=None, iam_endpoint=cloud.url, total_timeout=1) as source:
        begun = requests_of_checks(cloud)
        await asyncio.sleep(1.1)
        assert requests_of_checks(cloud) - begun <= 12 * _MOST_REQUESTS
        cloud.set_status("CONNECTED")
        assert await source.types(1) == ["no_longer_free"]
    assert cloud.counters()["connections"] == 1
    assert sum("/v3/" in entry["target"] for entry in cloud.requests()) == 1


@in_a_loop
async def test_the_project_is_opened_anew_in_time(cloud: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    # The documentation says every hour.
    assert SOURCE["_LONGEST_OPEN"] == 3600
    monkeypatch.setitem(MAIN.__globals__, "_LONGEST_OPEN", 0.0)
    async with listening(cloud, events=["snapshot"], **as_user(cloud)) as source:
        await source.types(4)
    assert sum("/v3/auth/tokens" in entry["target"] for entry in cloud.requests()) >= 4


@in_a_loop
async def test_the_start_line_and_warnings_are_printed_once_and_without_secrets(
    cloud: Simulator, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["nobody", cloud.info["secret_key"]]
    async with listening(cloud, user_names=names, events=["snapshot"]) as source:
        await source.types(3)
    where = f"project {cloud.info['project_id']} at {cloud.url}"
    checking = "desktop_connections: checking user_names: "
    (line,) = capsys.readouterr().err.splitlines()
    assert line in [f"{checking}{two} in {where} every 0.1 s" for two in ("********, nobody", "nobody, ********")]
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["No desktop matches nobody, ********: check user_names."]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"intervall": 5}, "intervall is not an option of this plugin; did you mean interval"),
        ({"connect_status": ["CONNECTED"]}, "connect_status is not an option of this plugin"),
        ({"interval": "often"}, "interval"),
        ({"events": ["logged_in"]}, "value of events must be one or more of: snapshot, "),
        ({"events": []}, "events is an empty list"),
        ({"interval": 0}, "interval is 0, but must be"),
        ({"free_statuses": []}, "free_statuses is an empty list"),
        ({"user_names": []}, "user_names is an empty list"),
        ({"timeout": 0}, "timeout is 0"),
        ({"secret_key": "s3cret", "ca_path": "/s3cret/ca"}, r"ca_path: /\*+/ca does not exist"),
        ({"access_key": None, "secret_key": None}, "access_key"),
        ({"state_file": "/no-such-folder/state"}, "state_file /no-such-folder/state: its folder does not exist"),
    ],
)
@in_a_loop
async def test_wrong_arguments_end_it_before_anything_is_sent(
    cloud: Simulator, args: dict[str, Any], message: str
) -> None:
    given = {name: value for name, value in arguments(cloud, **args).items() if value is not None}
    with pytest.raises(WorkspaceError, match=message) as wrong:
        await asyncio.wait_for(MAIN(asyncio.Queue(), given), LONGEST)
    assert "s3cret" not in str(wrong.value)
    assert cloud.requests() == []


@pytest.mark.parametrize(
    ("name", "broken", "message"),
    [
        ("REQUESTS_IMPORT_ERROR", "ModuleNotFoundError: No module named 'requests'", "required Python library"),
        ("utc_timestamp", lambda: {}["s3cret"], r"has a bug: KeyError at .*report it"),
    ],
)
def test_a_missing_library_or_a_bug_ends_it(
    cloud: Simulator, monkeypatch: pytest.MonkeyPatch, name: str, broken: Any, message: str
) -> None:
    """What a bug may show is not shown."""
    monkeypatch.setitem(MAIN.__globals__, name, broken)
    with pytest.raises(WorkspaceError, match=message) as reported:
        asyncio.run(MAIN(asyncio.Queue(), arguments(cloud)))
    assert "s3cret" not in str(reported.value)


def test_the_documentation_describes_every_argument() -> None:
    documented = yaml.safe_load(SOURCE["DOCUMENTATION"])
    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert documented["extends_documentation_fragment"] == ["huaweicloud.workspace.workspace"]
    taken = SOURCE["arguments"](lambda: None)
    assert set(documented["options"]) == set(taken) - set(shared)
    for name, option in documented["options"].items():
        assert option.pop("description")
        assert option == taken[name], name


@pytest.mark.parametrize("another", [False, True])
def test_it_finds_its_own_collection(tmp_path: Path, another: bool) -> None:
    """By its own path, as ansible-rulebook runs it, even if another copy could be imported."""
    installed = tmp_path / "installed" / "ansible_collections" / "huaweicloud"
    installed.mkdir(parents=True)
    (installed / "workspace").symlink_to(ROOT)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if another:
        stranger = tmp_path / "other" / "ansible_collections" / "huaweicloud" / "workspace"
        stranger.mkdir(parents=True)
        for folder in (stranger, *list(stranger.parents)[:2]):
            (folder / "__init__.py").touch()
        environment["PYTHONPATH"] = str(tmp_path / "other")
    path = installed / "workspace" / FILE.relative_to(ROOT)
    code = (
        "import runpy, sys; before = list(sys.path); runpy.run_path(sys.argv[1])['main'];"
        "print(sys.modules['ansible_collections.huaweicloud.workspace.plugins.module_utils._options'].__file__);"
        "assert sys.path == before"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert done.stdout.startswith(str(installed)), done.stderr
