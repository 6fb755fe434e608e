# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check before maintenance, as a task and as a playbook. Its logic has tests of its own, without Ansible."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration import runs, texts
from simulator.client import Simulator

ROOT = Path(__file__).resolve().parents[2]
WAIT = "workspace_wait_for_free_desktops"
FULL_NAME = f"huaweicloud.workspace.{WAIT}"
REGION = "cn-north-4"

# What must not be taken for a template stands in the name of a desktop.
TEMPLATE = "{{ 6 * 7 }}"
TEMPLATE_IN_A_TASK = "{{ '{{ 6 * 7 }}' }}"

#: Nobody is connected in the second project of the region, everything else is wrong with the first.
TENANT = {
    "projects": [
        {
            "region": REGION,
            "desktops": [
                {"name": "desk-1", "status": "REGISTERED", "users": ["bob"]},
                {"name": "desk-10", "status": "CONNECTED", "users": ["张三", "O'Brien"]},
                {"name": "desk-11", "status": "DISCONNECTED", "users": ["Alice"]},
                {"name": TEMPLATE, "status": None},
                {"name": "off", "status": "UNREGISTER", "groups": ["night-shift"]},
            ],
        },
        {
            "name": f"{REGION}_second",
            "region": REGION,
            "desktops": [{"name": "free-1", "status": "REGISTERED", "users": ["alice", "carol"]}],
        },
        {"region": "cn-east-3"},
        {"region": "cn-south-1", "workspace": False},
    ]
}


@pytest.fixture(scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    tenant = tmp_path_factory.mktemp("tenant") / "tenant.yml"
    tenant.write_text(yaml.safe_dump(TENANT), encoding="utf-8")
    with Simulator(tenant=tenant) as simulator:
        yield simulator


@pytest.fixture
def cloud(_cloud: Simulator) -> Simulator:
    """A simulator of this file's projects, as new."""
    _cloud.reset()
    return _cloud


def project_id(cloud: Simulator, name: str) -> str:
    return next(str(project["id"]) for project in cloud.info["projects"] if project["name"] == name)


def reach(cloud: Simulator) -> dict[str, str]:
    """The environment that leads to the simulator."""
    info = cloud.info
    variables = {
        f"HUAWEICLOUD_SDK_REGION_WORKSPACE_{region.upper().replace('-', '_')}": info["url"]
        for region in info["regions"]
    }
    return {
        **variables,
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"],
        "HUAWEICLOUD_SDK_AK": info["access_key"],
        "HUAWEICLOUD_SDK_SK": info["secret_key"],
    }


def after_requests(cloud: Simulator, count: int, act: Callable[[], Any]) -> None:
    """Let something happen once so many requests have come."""

    def watch() -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end and cloud.counters()["requests"] < count:
            time.sleep(0.05)
        act()

    threading.Thread(target=watch, daemon=True).start()


def names(desktops: list[dict[str, Any]]) -> list[str]:
    return [desktop["desktop_name"] for desktop in desktops]


class Task:
    """Runs the task alone, its shared options from C(module_defaults) of the group."""

    def __init__(self, cloud: Simulator, folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder

    def playbook(self, keywords: dict[str, Any], **options: Any) -> Path:
        shared = {**runs.keys_of(self._cloud.info), "max_retries": 0}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/huaweicloud.workspace.workspace": shared},
            "tasks": [
                {"name": "Wait", FULL_NAME: options, "register": "check", "ignore_errors": True, **keywords},
                {
                    "name": "Write",
                    "ansible.builtin.copy": {
                        "content": "{{ check | to_json }}",
                        "dest": str(self._folder / "result.json"),
                        "mode": "0600",
                    },
                    "check_mode": False,
                },
            ],
        }
        path = self._folder / "playbook.yml"
        path.write_text(json.dumps([play]), encoding="utf-8")
        return path

    def run(self, *arguments: str, keywords: dict[str, Any] | None = None, **options: Any) -> tuple[runs.Run, Any]:
        self._cloud.clear()
        done = runs.run_playbook(self.playbook(keywords or {}, **options), *arguments)
        assert "FAILED - RETRYING" not in done.output
        return done, json.loads((self._folder / "result.json").read_text(encoding="utf-8"))


@pytest.fixture
def task(cloud: Simulator, tmp_path: Path) -> Task:
    return Task(cloud, tmp_path)


# The task


def test_the_verdict_names_desktops_statuses_and_users(cloud: Simulator) -> None:
    info = cloud.info
    ids = {desktop["desktop_name"]: desktop["desktop_id"] for desktop in cloud.project()["desktops"]}
    everything = ["REGISTERED", "UNREGISTER", "DISCONNECTED", "CONNECTED"]
    cases: dict[str, dict[str, Any]] = {
        "all": {},
        "allowed": {"allowed_desktops": ["desk-1", "desk-11", ids[TEMPLATE]]},
        "kiosks": {"allowed_desktops": ["desk-10", TEMPLATE_IN_A_TASK], "free_statuses": everything},
        "other case": {"user_names": ["alice"]},
        "typo": {"user_names": ["bob", "bbo"]},
        "typo expected": {"user_names": ["bob", "bbo"], "expect_desktops": "no"},
        "second": {"project_id": project_id(cloud, f"{REGION}_second"), "wait": "0", "interval": "1.5"},
        "empty": {"project_id": project_id(cloud, "cn-east-3"), "region": "cn-east-3"},
    }
    found = runs.run_calls({name: runs.Call(runs.keys_of(info, **options), WAIT) for name, options in cases.items()})

    everybody = found["all"]
    assert everybody["failed"] is True
    assert everybody["msg"].splitlines() == [
        "3 of 5 desktops are in use:",
        "desk-10: CONNECTED, 张三, O'Brien",
        "desk-11: DISCONNECTED, Alice",
        f"{TEMPLATE}: no status, no user",
    ]
    assert names(everybody["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    assert (everybody["project_id"], everybody["region"], everybody["endpoint"]) == (
        info["project_id"],
        REGION,
        info["url"],
    )
    assert [look["in_use_count"] for look in everybody["looks"]] == [3]

    assert names(found["allowed"]["in_use"]) == ["desk-10"]
    assert names(found["allowed"]["in_use_but_allowed"]) == ["desk-11", TEMPLATE]
    assert found["kiosks"]["free"] is True
    for name in ("other case", "typo", "empty"):
        assert found[name]["failed"] is True
        assert found[name]["free"] is False
    assert found["typo expected"]["free"] is True
    assert found["typo expected"]["unmatched_user_names"] == ["bbo"]
    assert found["second"]["free"] is True
    assert found["second"]["msg"] == "None of 1 desktop is in use."


def test_bad_input_is_named_and_nothing_is_sent(cloud: Simulator) -> None:
    cases: dict[str, dict[str, Any]] = {
        "wait": {"wait": -1},
        "wait ": {"wait": "soon"},
        "interval": {"wait": 60, "interval": 0},
        "quiet_looks": {"quiet_looks": 2},
        "quiet_looks ": {"quiet_looks": 0},
        "free_statuses": {"free_statuses": "REGISTERED UNREGISTER"},
        "free_statuses ": {"free_statuses": []},
        "allowed_desktops": {"allowed_desktops": ["kiosk", ""]},
        "allowed_desktops ": {"allowed_desktops": "['kiosk-1', 'kiosk-2']"},
        "user_names": {"user_names": [], "wait": 60},
        "expect_desktops": {"expect_desktops": "perhaps"},
        "endpoint": {"endpoint": "http://example.com", "wait": 60},
        "concurrency": {"concurrency": 0, "wait": 60},
        "retries": {"retries": 3},
    }
    cloud.clear()
    found = runs.run_calls(
        {name: runs.Call(runs.keys_of(cloud.info, **options), WAIT) for name, options in cases.items()}
    )
    for name, result in found.items():
        runs.assert_failed(result, name.strip(), status_code=None)
        assert result["free"] is False
        assert result["in_use"] is None
    assert cloud.counters()["requests"] == 0


def test_it_waits_and_says_so_until_nobody_has_come_back(task: Task, cloud: Simulator) -> None:
    """People leave, one comes back, and only a row of quiet looks is an all-clear."""

    def come_back() -> None:
        cloud.set_status("CONNECTED", names=["desk-1"])
        after_requests(cloud, 3, lambda: cloud.set_status("REGISTERED"))

    cloud.set_status("REGISTERED")
    after_requests(cloud, 2, come_back)
    done, result = task.run(wait=60, interval=1, quiet_looks=3)
    assert result["free"] is True, done.output
    counts = [look["in_use_count"] for look in result["looks"]]
    assert counts[:2] == [0, 0]
    assert 1 in counts
    assert counts[-4:] == [1, 0, 0, 0]
    lines = [line for line in done.stdout.splitlines() if line.startswith("[localhost] 20")]
    assert len(lines) == len(counts)
    assert any("1 of 5 desktops is in use (0 left, 1 came): desk-1 (bob)" in line for line in lines)
    assert lines[-1].endswith("none of 5 desktops is in use (0 left, 0 came), quiet look 3 of 3")


def test_a_refused_key_is_asked_with_once(task: Task, cloud: Simulator) -> None:
    done, result = task.run(wait=600, secret_key="wrong")
    assert result["status_code"] == 401
    assert result["credentials_source"] == "the task"
    assert "HTTP 401" in result["msg"]
    assert cloud.counters()["requests"] == 1
    assert done.output.count("HTTP 401") <= 2  # the message, and the result that is printed


def test_a_short_outage_does_not_end_it(task: Task, cloud: Simulator) -> None:
    cloud.behave(faults=[{"kind": "status", "status": 503, "after": 1, "count": 2}])
    after_requests(cloud, 3, lambda: cloud.set_status("REGISTERED"))
    done, result = task.run(wait=60, interval=1)
    assert result["free"] is True, done.output
    assert [look["in_use_count"] for look in result["looks"]] == [3, None, None, 0]
    assert done.stdout.count("this look failed: GET ") == 2


def test_if_the_last_look_fails_it_says_who_was_there_before(task: Task, cloud: Simulator) -> None:
    cloud.behave(faults=[{"kind": "reset", "after": 1, "count": None}])
    _done, result = task.run(wait=2, interval=1)
    assert result["failed"] is True
    assert result["attempts"] == 1
    assert names(result["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    lines = result["msg"].splitlines()
    assert lines[0].startswith("The last look failed: GET ")
    assert lines[1].endswith("when the service last answered, 3 of 5 desktops were in use:")
    assert lines[2] == "desk-10: CONNECTED, 张三, O'Brien"


def test_in_check_mode_it_looks_once(task: Task, cloud: Simulator) -> None:
    _done, result = task.run("--check", wait=600)
    assert len(result["looks"]) == 1
    assert result["failed"] is True
    assert cloud.counters()["requests"] == 1


def test_with_no_log_it_prints_no_line(task: Task) -> None:
    done, _result = task.run(keywords={"no_log": True}, wait=1)
    assert "[localhost] 20" not in done.output


def test_an_interrupt_ends_it(task: Task) -> None:
    with subprocess.Popen(
        ["ansible-playbook", str(task.playbook({}, wait=600, interval=300))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            for line in process.stdout or ():
                if line.startswith("[localhost] 20"):
                    break
            time.sleep(1)  # ansible-core itself may hang if it is interrupted while a process of its prints
            os.killpg(process.pid, signal.SIGINT)
            rest = process.communicate(timeout=60)[0]
        finally:
            process.kill()
    assert process.returncode > 0
    assert "Traceback" not in rest


# The examples of the documentation


def examples() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each list of tasks that is an example of the two modules or of a text, and checks whether desktops are free."""
    for name in (WAIT, runs.DESKTOPS):
        module = runpy.run_path(str(ROOT / "plugins" / "modules" / f"{name}.py"))
        yield name, yaml.safe_load(module["EXAMPLES"])
    for example in texts.examples():
        if example.is_for_ansible and FULL_NAME in example.code:
            yield str(example), [task for play in example.plays for task in play["tasks"]]


def flat(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks, those of a block one by one."""
    for task in tasks:
        if "block" in task:
            yield from flat(task["block"])
        else:
            yield task


@pytest.mark.parametrize(("name", "tasks"), list(examples()), ids=lambda value: value if isinstance(value, str) else "")
def test_no_example_gives_a_false_all_clear(
    cloud: Simulator, tmp_path: Path, name: str, tasks: list[dict[str, Any]]
) -> None:
    """With a disconnected session, a user in another letter case, a status that nobody knows and a free project beside."""
    played, verdicts = [], []
    for number, example in enumerate(flat(tasks)):
        task = dict(example)
        if FULL_NAME in task or "ansible.builtin.assert" in task:
            verdicts.append(task.get("register", f"verdict_{number}"))
            task.update(register=verdicts[-1], ignore_errors=True)
        if task.get(FULL_NAME, {}).get("wait"):
            task[FULL_NAME] = {**task[FULL_NAME], "wait": 1, "interval": 0.4}
        played.append(task)
    content = f"{{{{ [{', '.join(f'{verdict} is failed' for verdict in verdicts)}] | to_json }}}}"
    results = tmp_path / "results.json"
    played.append({"ansible.builtin.copy": {"content": content, "dest": str(results), "mode": "0600"}})
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": played}]), encoding="utf-8")
    cloud.set_status("REGISTERED", names=["desk-10"])  # so that nobody is CONNECTED
    done = runs.run_playbook(playbook, env={**reach(cloud), "HW_REGION_NAME": REGION})
    assert results.exists(), done.output
    failed = json.loads(results.read_text(encoding="utf-8"))
    assert failed, f"{name} has no verdict"
    assert all(failed), done.output


@pytest.mark.parametrize(
    "example",
    [item for item in texts.examples() if item.is_for_ansible and "pre_maintenance_check" in item.code],
    ids=str,
)
def test_no_example_begins_maintenance_too_early(cloud: Simulator, tmp_path: Path, example: texts.Example) -> None:
    """The same for what imports the playbook: what comes behind it does not begin."""
    plays = example.plays
    plays[0]["vars"].update(workspace_wait=1, workspace_interval=0.4)
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    cloud.set_status("REGISTERED", names=["desk-10"])
    done = runs.run_playbook(playbook, env=reach(cloud))
    assert done.returncode == 2, done.output
    assert "Do the maintenance" not in done.stdout


# The playbook

Play = Callable[..., tuple[runs.Run, dict[str, Any]]]


@pytest.fixture
def play(cloud: Simulator, tmp_path: Path) -> Play:
    """Run the playbook with these variables, for localhost or for hosts; returns the run and the report."""

    def run(
        *, hosts: dict[str, Any] | None = None, env: dict[str, str] | None = None, **variables: Any
    ) -> tuple[runs.Run, dict[str, Any]]:
        report = tmp_path / "report.json"
        given = {"workspace_report_file": str(report), **variables}
        command: list[str | Path] = ["ansible-playbook", "huaweicloud.workspace.pre_maintenance_check"]
        if hosts is not None:
            inventory = tmp_path / "projects.yml"
            inventory.write_text(yaml.safe_dump({"workspace_projects": {"hosts": hosts}}), encoding="utf-8")
            command += ["-i", inventory, "--forks", "10"]
        else:
            given.setdefault("workspace_options", {"region": REGION})
        cloud.clear()
        done = runs.run([*command, "-e", json.dumps(given)], env={**reach(cloud), **(env or {})})
        return done, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}

    return run


def recap(run: runs.Run) -> dict[str, int]:
    """The number of failures of each host."""
    rows = run.stdout.partition("PLAY RECAP")[2].splitlines()[1:]
    found = {}
    for row in rows:
        if "failed=" in row:
            found[row.split()[0]] = int(row.partition("failed=")[2].split()[0])
    return found


def test_the_playbook_fails_with_lines_and_writes_the_report(play: Play) -> None:
    run, report = play()
    assert run.returncode == 2, run.output
    assert "3 of 5 desktops are in use:\ndesk-10: CONNECTED, 张三, O'Brien\n" in run.output
    assert report["read_at"]
    result = report["projects"]["localhost"]
    assert names(result["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    assert (result["failed"], result["free"], result["status_code"]) == (True, False, None)
    assert recap(run) == {"localhost": 1}


def test_the_playbook_passes_its_variables_on(play: Play, cloud: Simulator) -> None:
    after_requests(cloud, 1, lambda: cloud.set_status("DISCONNECTED", names=["desk-10"]))
    run, report = play(
        workspace_options={"region": REGION, "project_id": project_id(cloud, REGION)},
        workspace_allowed_desktops=[TEMPLATE_IN_A_TASK],
        workspace_free_statuses=["REGISTERED", "UNREGISTER", "DISCONNECTED"],
        workspace_wait="60",
        workspace_interval="1",
        workspace_quiet_looks="2",
    )
    assert run.returncode == 0, run.output
    result = report["projects"]["localhost"]
    assert result["free"] is True
    assert names(result["in_use_but_allowed"]) == [TEMPLATE]
    assert [look["in_use_count"] for look in result["looks"]] == [1, 0, 0]
    assert "[localhost] 20" in run.stdout


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"workspace_wiat": 60}, "Did you mean workspace_wait?"),
        ({"workspace_allowed_desktops": "desk-10 desk-11"}, "workspace_allowed_desktops must be a list"),
        ({"workspace_user_names": "bob"}, "workspace_user_names must be a list"),
        ({"workspace_report_file": "/nowhere/at/all/report.json"}, "/nowhere/at/all does not exist"),
    ],
)
def test_wrong_variables_are_said_before_anything_is_read(
    play: Play, cloud: Simulator, variables: dict[str, Any], message: str
) -> None:
    run, report = play(**variables)
    assert run.returncode == 2, run.output
    assert message in run.output
    assert not report
    assert cloud.counters()["requests"] == 0


def test_many_projects_are_checked_side_by_side_and_each_is_judged(play: Play, cloud: Simulator) -> None:
    second = {"region": REGION, "project_id": project_id(cloud, f"{REGION}_second")}
    hosts = {
        "busy": {"workspace_options": {"region": REGION}},
        "free": {"workspace_options": second},
        "off": {"workspace_options": {"region": "cn-south-1"}},
        "empty": {"workspace_options": {"region": "cn-east-3"}, "workspace_expect_desktops": False},
    }
    run, report = play(hosts=hosts, workspace_wait=1, workspace_interval=1)
    assert run.returncode == 2, run.output
    projects = report["projects"]
    assert list(projects) == ["busy", "off", "empty", "free"]
    assert {name: project["free"] for name, project in projects.items()} == {
        "busy": False,
        "off": False,
        "empty": True,
        "free": True,
    }
    assert projects["off"]["status_code"] == 403
    assert len(projects["off"]["looks"]) == 1
    assert recap(run) == {"busy": 1, "off": 1, "empty": 0, "free": 0}
    assert "[busy] 20" in run.stdout


def test_two_hosts_of_one_project_and_a_refused_key(play: Play, cloud: Simulator) -> None:
    same = {"workspace_options": {"region": REGION, "project_id": project_id(cloud, REGION)}}
    run, report = play(hosts={"one": same, "two": same})
    assert run.returncode == 2, run.output
    for project in report["projects"].values():
        assert "The hosts one and two lead to the same project" in project["msg"]
    assert cloud.counters()["requests"] == 0

    others = {name: {"workspace_options": {"region": name}} for name in (REGION, "cn-east-3", "cn-south-1")}
    run, report = play(hosts=others, env={"HUAWEICLOUD_SDK_SK": "wrong"}, workspace_wait=600)
    assert run.returncode == 2, run.output
    assert sorted(str(project["status_code"]) for project in report["projects"].values()) == ["401", "None", "None"]
    assert cloud.counters()["requests"] == 1
