# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check before maintenance, as a task and as a playbook. Its logic has tests of its own, without Ansible."""

from __future__ import annotations

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration import runs, texts
from integration.conftest import Play
from simulator.client import Simulator

ROOT = Path(__file__).resolve().parents[2]
WAIT = "workspace_wait_for_free_desktops"
FULL_NAME = f"huaweicloud.workspace.{WAIT}"
PLAYBOOK = "pre_maintenance_check"
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
        {
            "region": "cn-southwest-2",
            "pools": ["dev", "empty"],
            "users": [{"name": "carol", "fields": {"group_names": ["night"]}}],
            "tasks": [
                {"name": "nightly", "fields": {"task_type": "REBOOT", "due_in": 3600}},
                {"name": "weekly", "fields": {"task_type": "STOP", "due_in": 600000}},
            ],
            "desktops": [
                {"name": "dev-1", "status": "REGISTERED", "users": ["alice"], "pool": "dev"},
                {"name": "dev-2", "status": "UNREGISTER", "pool": "dev", "detail": {"login_status": "CONNECTED"}},
                {"name": "cad", "status": "REGISTERED", "detail": {"tags": [{"key": "owner", "value": "cad"}]}},
                {"name": "late", "status": "CONNECTED", "users": ["bob"]},
                {"name": "shift", "status": "DISCONNECTED", "groups": ["night"]},
            ],
        },
    ]
}


def project_id(cloud: Simulator, name: str) -> str:
    return next(str(project["id"]) for project in cloud.info["projects"] if project["name"] == name)


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


class Tasks:
    """Runs tasks of the action, their shared options from C(module_defaults) of the group."""

    def __init__(self, cloud: Simulator, folder: Path) -> None:
        self._cloud = cloud
        self._results = folder / "results.json"
        self._playbook = folder / "playbook.yml"

    def playbook(self, *tasks: dict[str, Any]) -> Path:
        """Each task is its options and, under C(keywords), what else it has."""
        shared = {**runs.keys_of(self._cloud.info), "max_retries": 0}
        written: list[dict[str, Any]] = [
            {FULL_NAME: options, "register": f"check_{number}", "ignore_errors": True, **options.pop("keywords", {})}
            for number, options in enumerate(tasks)
        ]
        content = f"{{{{ [{', '.join(task['register'] for task in written)}] | to_json }}}}"
        written.append({"ansible.builtin.copy": {"content": content, "dest": str(self._results), "mode": "0600"}})
        defaults = {"group/huaweicloud.workspace.workspace": shared}
        play = {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": written}
        self._playbook.write_text(json.dumps([play]), encoding="utf-8")
        return self._playbook

    def run(self, *tasks: dict[str, Any]) -> tuple[runs.Run, list[dict[str, Any]]]:
        self._cloud.clear()
        done = runs.run_playbook(self.playbook(*tasks))
        assert "FAILED - RETRYING" not in done.output
        return done, json.loads(self._results.read_text(encoding="utf-8"))


@pytest.fixture
def tasks(cloud: Simulator, tmp_path: Path) -> Tasks:
    return Tasks(cloud, tmp_path)


# The task

#: The option that the message names, and what is wrong. What the action only passes on is here once: the user names.
BAD_INPUT: list[tuple[str, dict[str, Any]]] = [
    ("wait is 1h, but must be seconds", {"wait": "1h"}),
    ("quiet_looks", {"quiet_looks": 2}),
    ("free_statuses", {"free_statuses": "REGISTERED UNREGISTER"}),
    ("allowed_desktops", {"allowed_desktops": "['kiosk-1', 'kiosk-2']"}),
    ("user_names", {"user_names": [], "wait": 60}),
    ("expect_desktops", {"expect_desktops": "perhaps"}),
    ("intervall is not an option of this task. Did you mean interval?", {"intervall": 3}),
]


def test_the_verdict_names_desktops_statuses_and_users_and_bad_input_sends_nothing(cloud: Simulator) -> None:
    info = cloud.info
    cases: dict[str, dict[str, Any]] = {
        "all": {},
        "allowed": {"allowed_desktops": ["desk-1", "desk-11", TEMPLATE_IN_A_TASK]},
        "other case": {"user_names": ["alice"]},
        "typo": {"user_names": ["bob", "bbo"], "expect_desktops": "no"},
        "second": {"project_id": project_id(cloud, f"{REGION}_second"), "wait": "0", "interval": "1.5"},
        "empty": {"project_id": project_id(cloud, "cn-east-3"), "region": "cn-east-3"},
    }
    bad = {f"bad {option}": options for option, options in BAD_INPUT}
    found = runs.run_calls(
        {name: runs.Call(runs.keys_of(info, **options), WAIT) for name, options in {**cases, **bad}.items()}
    )
    # Three requests for what has desktops, one for what has none.
    assert cloud.counters()["requests"] == 4 * 3 + 2 * 1

    everybody = found["all"]
    assert everybody["failed"] is True
    assert everybody["msg"].splitlines() == [
        "3 of 5 desktops are in use:",
        "desk-10: CONNECTED, 张三, O'Brien",
        "desk-11: DISCONNECTED, Alice",
        f"{TEMPLATE}: no status, no user",
        f"Checked all desktops (5) at {everybody['looks'][0]['at']} in project {info['project_id']} ({REGION}).",
    ]
    assert names(everybody["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    place = {"project_id": info["project_id"], "region": REGION, "endpoint": info["url"]}
    assert {name: everybody[name] for name in place} == place
    assert [look["in_use_count"] for look in everybody["looks"]] == [3]

    assert names(found["allowed"]["in_use"]) == ["desk-10"]
    assert names(found["allowed"]["in_use_but_allowed"]) == ["desk-11", TEMPLATE]
    for name in ("other case", "empty"):
        assert found[name]["failed"] is True
        assert found[name]["free"] is False
    assert found["typo"]["free"] is True
    assert found["typo"]["unmatched_user_names"] == ["bbo"]
    assert found["second"]["free"] is True
    assert found["second"]["msg"].startswith("No desktops in use. Checked all desktops (1) at ")

    reasons = {name: found[name]["reason"] for name in cases}
    assert reasons == {
        "all": "in_use",
        "allowed": "in_use",
        "other case": "unmatched",
        "typo": None,
        "second": None,
        "empty": "no_desktops",
    }

    for option, _options in BAD_INPUT:
        result = found[f"bad {option}"]
        runs.assert_failed(result, option, status_code=None, reason="refused")
        assert result["free"] is False
        assert result["in_use"] is None


def test_desktops_are_selected_by_what_the_whole_project_says(cloud: Simulator) -> None:
    """By two sources, and each option against all desktops. The tables of it are in the unit tests."""
    shared = {"region": "cn-southwest-2", "project_id": project_id(cloud, "cn-southwest-2")}
    cases: dict[str, dict[str, Any]] = {
        "pool": {"pool_names": ["DEV"], "scheduled_within": 7200},
        "missing": {
            "pool_names": ["dev", "empty", "no-pool"],
            "allowed_desktops": ["dev-2", "late", "no-desktop"],
            "expect_desktops": False,
        },
        "elsewhere": {"computer_names": ["late", "no-desktop"], "tags": {"owner": "cad"}},
        "together": {"computer_names": ["late"], "tags": {"owner": "cad"}},
        "groups": {"user_names": ["Carol"], "resolve_groups": True},
        "ids": {"desktop_ids": ["no-id"]},
        "refused": {"resolve_groups": True},
    }
    calls = {name: runs.Call(runs.keys_of(cloud.info, **shared, **options), WAIT) for name, options in cases.items()}
    found = runs.run_calls(calls)
    reasons = {name: result["reason"] for name, result in found.items()}
    assert reasons == {
        "pool": "in_use",
        "missing": None,
        "elsewhere": "unmatched",
        "together": "unmatched",
        "groups": "in_use",
        "ids": "unmatched",
        "refused": "refused",
    }
    pool = found["pool"]
    assert [(one["desktop_name"], one["connect_status"]) for one in pool["in_use"]] == [("dev-2", "CONNECTED")]
    assert pool["desktop_count"] == 2
    assert [task["task_name"] for task in pool["scheduled_tasks"]] == ["nightly"]
    assert "The service will execute the scheduled task nightly (REBOOT) at 20" in str(pool["warnings"])
    assert pool["msg"].endswith(f" in project {shared['project_id']} (cn-southwest-2); pool_names: DEV.")
    assert found["missing"]["unmatched_pool_names"] == ["empty", "no-pool"]
    assert found["missing"]["scheduled_tasks"] is None
    assert "no desktop has the name or ID no-desktop." in str(found["missing"]["warnings"])
    assert found["elsewhere"]["unmatched_computer_names"] == ["no-desktop"]
    assert found["together"]["unmatched_computer_names"] == []
    assert "No desktop matches computer_names and tags together." in found["together"]["msg"]
    assert (names(found["groups"]["in_use"]), found["groups"]["unmatched_user_names"]) == (["shift"], [])
    assert found["ids"]["unmatched_desktop_ids"] == ["no-id"]
    assert "resolve_groups needs user_names" in found["refused"]["msg"]


def test_a_desktop_that_joins_the_pool_while_it_waits_counts(tasks: Tasks, cloud: Simulator) -> None:
    """Tasks of the service that cannot be read are a warning."""
    cloud.set_status("CONNECTED", names=["dev-1"])
    cloud.behave(refuse=["scheduled-tasks", "upgrade-tasks"])

    def join() -> None:
        cloud.set_status("REGISTERED", names=["dev-1"])
        cloud.set_status("CONNECTED", names=["late"], pool="dev")
        after_requests(cloud, 40, lambda: cloud.set_status("REGISTERED", names=["late"]))

    after_requests(cloud, 12, join)
    place = {"region": "cn-southwest-2", "project_id": project_id(cloud, "cn-southwest-2")}
    more = {"allowed_desktops": ["dev-2"], "scheduled_within": 60}
    done, (result,) = tasks.run({**place, **more, "pool_names": ["dev"], "wait": 60, "interval": 0.5})
    assert result["free"] is True, done.output
    assert "The scheduled tasks of the service are not known: GET " in str(result["warnings"])
    assert "1 of 2 desktops is in use: dev-1 (alice)" in done.stdout
    assert "1 of 3 desktops is in use (1 stopped, 1 started): late (bob)" in done.stdout
    assert result["desktop_count"] == 3


def test_it_waits_and_says_so_until_nobody_has_come_back(tasks: Tasks, cloud: Simulator) -> None:
    """People leave, a look fails, somebody comes back, and only a row of quiet looks is an all-clear."""

    def come_back() -> None:
        cloud.set_status("CONNECTED", names=["desk-1"])
        after_requests(cloud, 11, lambda: cloud.set_status("REGISTERED"))

    def leave() -> None:
        cloud.set_status("REGISTERED")
        after_requests(cloud, 8, come_back)

    cloud.behave(faults=[{"kind": "status", "status": 503, "after": 6}])
    after_requests(cloud, 3, leave)
    done, (result,) = tasks.run({"wait": 60, "interval": 0.5, "quiet_looks": 2})
    assert result["free"] is True, done.output
    counts = [look["in_use_count"] for look in result["looks"]]
    assert (counts[0], counts[2], counts[-3:]) == (3, None, [1, 0, 0])
    lines = [line for line in done.stdout.splitlines() if line.startswith("[localhost] 20")]
    assert all(re.match(r"\[localhost\] \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)
    assert len(lines) == len(counts)
    assert "this check failed: GET " in lines[2]
    assert any("1 of 5 desktops is in use (0 stopped, 1 started): desk-1 (bob)" in line for line in lines)
    assert lines[-1].endswith("none of 5 desktops is in use (0 stopped, 0 started), quiet check 2 of 2")


def test_it_ends_in_time_and_at_once_for_a_refused_key(tasks: Tasks, cloud: Simulator) -> None:
    """One look in check mode, two in a wait shorter than a look, one with a wrong secret, one until the task's timeout."""
    second = project_id(cloud, f"{REGION}_second")
    cloud.behave(faults=[{"kind": "reset", "after": 12}])
    done, (checked, silent, lost, ended, refused) = tasks.run(
        {"wait": 600, "quiet_looks": 3, "project_id": second, "keywords": {"check_mode": True}},
        {"wait": 0.1, "keywords": {"no_log": True}},
        {"wait": 0.1},
        {"wait": 600, "keywords": {"timeout": 6}},
        {"wait": 600, "secret_key": "wrong"},
    )
    assert [len(result["looks"]) for result in (checked, silent, lost, ended, refused)] == [1, 2, 2, 1, 1]
    assert [result["free"] for result in (checked, silent, lost, ended, refused)] == [True, *[False] * 4]
    # The first two say nothing while they wait: one does not wait, one must not.
    lines = [line for line in done.stdout.splitlines() if line.startswith("[localhost] 20")]
    assert len(lines) == 4, done.output
    assert "refused: GET " in lines[3]

    assert lost["attempts"] == 1
    assert names(lost["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    told = lost["msg"].splitlines()
    assert lost["reason"] == "not_read"
    assert told[0].startswith("The last check failed: GET ")
    assert told[1].endswith("when the service last answered, 3 of 5 desktops were in use:")
    assert told[2] == "desk-10: CONNECTED, 张三, O'Brien"

    assert refused["status_code"] == 401
    assert refused["credentials_source"] == "the task"
    assert "HTTP 401" in refused["msg"]
    assert [entry["status"] for entry in cloud.requests()].count(401) == 1
    assert cloud.counters()["requests"] == 3 + 2 * 3 + 3 + 1 + 3 + 1
    assert done.output.count("HTTP 401") <= 3  # at once, the message, and the result that is printed

    assert ended["msg"].startswith("The task was ended by its timeout of 6 seconds.\nAt ")
    assert names(ended["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    assert ended["reason"] == "not_read"


@pytest.mark.parametrize("by", ["task", "playbook", "closed pipe"])
def test_lines_are_seen_at_once_and_an_interrupt_ends_it(cloud: Simulator, tasks: Tasks, by: str) -> None:
    """As does whoever reads the lines and goes, such as C(grep -q)."""
    waits = {"wait": 600, "interval": 1 if by == "closed pipe" else 300}
    command = ["ansible-playbook", str(tasks.playbook(dict(waits)))]
    if by == "playbook":
        given = {"workspace_options": runs.keys_of(cloud.info)} | {f"workspace_{name}": waits[name] for name in waits}
        command = ["ansible-playbook", f"huaweicloud.workspace.{PLAYBOOK}", "-e", json.dumps(given)]
    # A shell lets its jobs in the background ignore interrupts, and what they start does so as well.
    heed = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", heed, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if by == "closed pipe" else subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    ) as process:
        # Lines that come after the wait only would keep the test waiting that long.
        patience = threading.Timer(100, process.kill)
        patience.start()
        try:
            seen = any(line.startswith("[localhost] 20") for line in process.stdout or ())
            assert seen, "the line of the first look was not seen while the task waited"
            if by == "closed pipe":
                assert process.stdout
                process.stdout.close()
                process.stdout = None
            else:
                time.sleep(2)  # ansible-core itself may hang if it is interrupted while a process of its prints
                os.killpg(process.pid, signal.SIGINT)
            rest = "".join(text or "" for text in process.communicate(timeout=60))
        finally:
            patience.cancel()
            process.kill()
    assert process.returncode > 0
    assert "Traceback" not in rest


#: What C(ansible.posix.json) and its like do: they print one document, at the end.
ONE_DOCUMENT = '''
DOCUMENTATION = """
name: one_document
type: stdout
short_description: One document
"""
import json
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "one_document"
    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(sorted(stats.processed)))
'''


def test_lines_do_not_spoil_a_document(cloud: Simulator, tmp_path: Path) -> None:
    (tmp_path / "one_document.py").write_text(ONE_DOCUMENT, encoding="utf-8")
    given = {"workspace_options": runs.keys_of(cloud.info), "workspace_wait": 0.1}
    env = {"ANSIBLE_CALLBACK_PLUGINS": str(tmp_path), "ANSIBLE_STDOUT_CALLBACK": "one_document"}
    done = runs.run(["ansible-playbook", f"huaweicloud.workspace.{PLAYBOOK}", "-e", json.dumps(given)], env=env)
    assert json.loads(done.stdout) == ["localhost"], done.output
    assert "3 of 5 desktops are in use" in done.stderr


# The examples of the documentation


def examples() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each list of tasks that is an example of the two modules or of a text, and checks whether desktops are free."""
    for name in (WAIT, runs.DESKTOPS):
        module = runpy.run_path(str(ROOT / "plugins" / "modules" / f"{name}.py"))
        yield name, yaml.safe_load(module["EXAMPLES"])
    for example in texts.examples():
        if example.waits:
            yield str(example), [task for play in example.plays for task in play["tasks"]]


def flat(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks, those of a block one by one."""
    for task in tasks:
        if "block" in task:
            yield from flat(task["block"])
        else:
            yield dict(task)


def test_no_example_gives_a_false_all_clear(cloud: Simulator, tmp_path: Path) -> None:
    """With a disconnected session, a user in another letter case, a status that nobody knows and a free project beside.

    What imports the playbook is last, since it ends the run: what comes behind it must not begin.
    """
    plays: list[dict[str, Any]] = []
    verdicts: list[str] = []
    for name, tasks in examples():
        played: list[dict[str, Any]] = []
        before = len(verdicts)
        for task in flat(tasks):
            played.append(task)
            if task.get(FULL_NAME, {}).get("wait"):
                task[FULL_NAME] = {**task[FULL_NAME], "wait": 0.2, "interval": 0.1}
            if FULL_NAME in task or "ansible.builtin.assert" in task:
                task.update(ignore_errors=True, register=task.get("register", "verdict"))
                keep = {f"verdict_{len(verdicts)}": f"{{{{ {task['register']} is failed }}}}"}
                played.append({"ansible.builtin.set_fact": keep})
                verdicts.append(f"{name}: {task['name']}")
        assert len(verdicts) > before, f"{name} has no verdict"
        plays.append({"name": name, "hosts": "localhost", "gather_facts": False, "tasks": played})
    content = f"{{{{ [{', '.join(f'verdict_{number}' for number in range(len(verdicts)))}] | to_json }}}}"
    results = tmp_path / "results.json"
    copy = {"content": content, "dest": str(results), "mode": "0600"}
    plays[-1]["tasks"].append({"ansible.builtin.copy": copy})
    (example,) = [example for example in texts.examples() if example.is_for_ansible and PLAYBOOK in example.code]
    imported, behind = example.plays
    imported["vars"].update(workspace_wait=0.2, workspace_interval=0.1)
    plays += [imported, behind]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    cloud.set_status("REGISTERED", names=["desk-10"])  # so that nobody is CONNECTED
    done = runs.run_playbook(playbook, env={**runs.reach(cloud.info), "HW_REGION_NAME": REGION})
    assert results.exists(), done.output
    failed = json.loads(results.read_text(encoding="utf-8"))
    assert not [verdict for verdict, is_failed in zip(verdicts, failed) if not is_failed], done.output
    assert done.returncode == 2, done.output
    assert "localhost: FAILED: " in done.stdout
    assert f"PLAY [{behind['name']}]" not in done.stdout


# The playbook


def test_the_playbook_passes_its_variables_on(play: Play, cloud: Simulator) -> None:
    # The first look takes three requests.
    after_requests(cloud, 3, lambda: cloud.set_status("DISCONNECTED", names=["desk-10"]))
    run, projects = play(
        workspace_options={"region": REGION, "project_id": project_id(cloud, REGION)},
        workspace_allowed_desktops=[TEMPLATE_IN_A_TASK],
        workspace_free_statuses=["REGISTERED", "UNREGISTER", "DISCONNECTED"],
        workspace_wait="60",
        workspace_interval="0.5",
        workspace_quiet_looks="2",
    )
    assert run.returncode == 0, run.output
    result = projects["localhost"]
    assert result["free"] is True
    assert names(result["in_use_but_allowed"]) == [TEMPLATE]
    assert [look["in_use_count"] for look in result["looks"]] == [1, 0, 0]
    assert "[localhost] 20" in run.stdout


def test_a_wrong_variable_is_said_before_anything_is_read(play: Play, cloud: Simulator) -> None:
    run, projects = play(workspace_options={"region": REGION}, workspace_wiat=60)
    assert run.returncode == 2, run.output
    assert "Did you mean workspace_wait?" in run.output
    assert not projects
    assert cloud.counters()["requests"] == 0


#: What an inventory may set for hosts that are connected to. The check connects to none.
ELSEWHERE = {
    "ansible_connection": "ssh",
    "ansible_shell_type": "powershell",
    "ansible_shell_executable": "/nowhere/sh",
    "ansible_remote_tmp": "/dev/null/tmp",
    "ansible_become": True,
    "ansible_become_method": "runas",
    "ansible_python_interpreter": "/nowhere/python",
    "ansible_host": "127.0.0.1",
}


def test_many_projects_are_checked_side_by_side_and_each_is_judged(
    play: Play, cloud: Simulator, tmp_path: Path
) -> None:
    """As a gate: imported, it ends the run although other hosts are free, whatever the tags; each host is blamed for itself."""
    omitted = "{{ not_given | default(omit) }}"
    second = {"region": REGION, "project_id": project_id(cloud, f"{REGION}_second"), "total_timeout": omitted}
    hosts = {
        "busy": {"workspace_options": {"region": REGION}, **ELSEWHERE},
        "free": {"workspace_options": second, "workspace_user_names": omitted, **ELSEWHERE},
        "off": {"workspace_options": {"region": "cn-south-1"}},
        "empty": {"workspace_options": {"region": "cn-east-3"}, "workspace_expect_desktops": False},
    }
    playbook = tmp_path / "gate.yml"
    later = {"name": "Later", "hosts": "localhost,free", "gather_facts": False, "tags": "patch"}
    tasks = [{"ansible.builtin.debug": {"msg": "begun"}}]
    imported = {"ansible.builtin.import_playbook": f"huaweicloud.workspace.{PLAYBOOK}"}
    playbook.write_text(json.dumps([imported, {**later, "tasks": tasks}]), encoding="utf-8")
    run, projects = play(hosts, "--forks", "10", "--tags", "patch", playbook=playbook, workspace_wait=0.1)
    assert run.returncode == 2, run.output
    assert "PLAY [Later]" not in run.stdout
    verdicts = {name: (project["free"], project["reason"]) for name, project in projects.items()}
    assert list(verdicts.items()) == [
        ("off", (False, "refused")),
        ("busy", (False, "in_use")),
        ("empty", (True, None)),
        ("free", (True, None)),
    ]
    assert projects["off"]["status_code"] == 403
    assert len(projects["off"]["looks"]) == 1
    assert names(projects["busy"]["in_use"]) == ["desk-10", "desk-11", TEMPLATE]
    assert (projects["busy"]["failed"], projects["busy"]["status_code"]) == (True, None)
    assert "busy: FAILED: 3 of 5 desktops are in use after 0.1 s:\ndesk-10: CONNECTED, 张三, O'Brien\n" in run.stdout
    assert runs.recap(run) == {"busy": 1, "off": 1, "empty": 0, "free": 0}
    assert "[busy] 20" in run.stdout


def test_what_became_free_first_is_checked_again_at_the_end(play: Play, cloud: Simulator) -> None:
    """A desktop is taken in the first project when it is left in the second."""

    def change() -> None:
        cloud.set_status("REGISTERED")
        cloud.set_status("CONNECTED", names=["free-1"])

    after_requests(cloud, 6, change)
    hosts = {
        name: {"workspace_options": {"region": REGION, "project_id": project_id(cloud, project)}}
        for name, project in (("first", f"{REGION}_second"), ("second", REGION))
    }
    run, projects = play(hosts, workspace_wait=60, workspace_interval=1)
    assert run.returncode == 2, run.output
    assert {name: project["free"] for name, project in projects.items()} == {"first": False, "second": True}
    assert names(projects["first"]["in_use"]) == ["free-1"]
    assert [look["in_use_count"] for look in projects["first"]["looks"]] == [0, 1]


def test_two_hosts_of_one_project_and_a_key_that_is_revoked(play: Play, cloud: Simulator) -> None:
    """Neither of the two is asked, and after a 401 nobody with these keys is, however long they may wait."""
    cloud.set_status("CONNECTED", names=["free-1"])
    same = {"workspace_options": {"region": "cn-south-1", "project_id": project_id(cloud, "cn-south-1")}}
    waiting = {
        name: {"workspace_options": {"region": REGION, "project_id": project_id(cloud, name)}}
        for name in (REGION, f"{REGION}_second")
    }
    empty = {"region": "cn-east-3", "project_id": project_id(cloud, "cn-east-3")}
    hosts = {
        "one": same,
        "two": same,
        **waiting,
        "empty": {"workspace_options": empty, "workspace_expect_desktops": False},
    }
    cloud.behave(faults=[{"kind": "status", "status": 401, "after": 9}])
    run, projects = play(hosts, "--forks", "5", workspace_wait=600, workspace_interval=1)
    assert run.returncode == 2, run.output
    for name in ("one", "two"):
        assert "The hosts one and two select the same project" in projects[name]["msg"]
    asked = [*waiting, "empty"]
    assert {projects[name]["reason"] for name in asked} == {"refused"}
    assert sorted(str(projects[name]["status_code"]) for name in asked) == ["401", "None", "None"]
    assert [entry["status"] for entry in cloud.requests()].count(401) == 1
    assert "refused: GET " in run.stdout.partition("TASK [Show the verdict")[0]


def test_an_inventory_lost_in_part_or_a_limit_outside_is_no_all_clear(
    play: Play, cloud: Simulator, tmp_path: Path
) -> None:
    """Nothing is asked. All the ways to lose a project are in the unit tests."""
    (tmp_path / "web.yml").write_text("web: {hosts: {web1: }}", encoding="utf-8")
    hosts = {"free": {"workspace_options": {"region": REGION}}}
    for more, words in (
        (["-i", str(tmp_path / "mistyped.yml")], "mistyped.yml could not be read, so projects may be missing"),
        (
            ["-i", str(tmp_path / "web.yml"), "--limit", "web1"],
            "--limit excludes all hosts of the group workspace_projects",
        ),
    ):
        run, projects = play(hosts, *more)
        assert run.returncode > 0, run.output
        assert words in run.output
        assert not projects
    assert cloud.counters()["requests"] == 0
    # A host without options of its own is refused, although the limit leaves it alone.
    run, projects = play({**hosts, "design": {}}, "--limit", "design", env={"HW_REGION_NAME": REGION})
    assert "workspace_options is missing" in run.output
    assert (run.returncode, projects, cloud.counters()["requests"]) == (2, {}, 0)
