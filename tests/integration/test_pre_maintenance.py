# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check before maintenance, as a task and as a playbook. Its logic has tests of its own, without Ansible."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.conftest import Play
from simulator.client import Simulator
from support import busy_tenant, runs
from support.busy_tenant import BRACES, REGION

WAIT = "workspace_wait_for_free_desktops"
FULL_NAME = f"huaweicloud.workspace.{WAIT}"
PLAYBOOK = "pre_maintenance_check"
TENANT = busy_tenant.TENANT

TEMPLATE_IN_A_TASK = "{{ '{{ 6 * 7 }}' }}"


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
    """Runs tasks of the action, their shared options from `module_defaults` of the group."""

    def __init__(self, cloud: Simulator, folder: Path) -> None:
        self._cloud = cloud
        self._playbook = folder / "playbook.yml"

    def playbook(self, *tasks: dict[str, Any]) -> Path:
        """Each task is its options and, under `keywords`, what else it has."""
        shared = {**runs.keys_of(self._cloud.info), "max_retries": 0}
        written: list[dict[str, Any]] = [
            {FULL_NAME: options, "register": f"check_{number}", "ignore_errors": True, **options.pop("keywords", {})}
            for number, options in enumerate(tasks)
        ]
        written.append(runs.show_results([task["register"] for task in written]))
        defaults = {"group/huaweicloud.workspace.workspace": shared}
        play = {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": written}
        self._playbook.write_text(json.dumps([play]), encoding="utf-8")
        return self._playbook

    def run(self, *tasks: dict[str, Any]) -> tuple[runs.Run, list[dict[str, Any]]]:
        self._cloud.clear()
        done = runs.run_playbook(self.playbook(*tasks))
        assert "FAILED - RETRYING" not in done.output
        return done, runs.results_of(done)


@pytest.fixture
def tasks(cloud: Simulator, tmp_path: Path) -> Tasks:
    return Tasks(cloud, tmp_path)


def test_keywords_of_the_task_apply(tasks: Tasks, cloud: Simulator) -> None:
    """One check in check mode, two in a wait shorter than a check, one until the timeout, none with a wrong option."""
    second = cloud.project_id(f"{REGION}_second")
    done, (checked, silent, ended, refused) = tasks.run(
        {"wait": 600, "consecutive_checks": 3, "project_id": second, "keywords": {"check_mode": True}},
        {"wait": 0.1, "keywords": {"no_log": True}},
        {"wait": 600, "allowed_desktops": [TEMPLATE_IN_A_TASK], "keywords": {"timeout": 6}},
        {"intervall": 3},
    )
    assert [len(result["checks"]) for result in (checked, silent, ended, refused)] == [1, 2, 1, 0]
    assert [result["free"] for result in (checked, silent, ended, refused)] == [True, False, False, False]
    # The first two print nothing while they wait: one does not wait, one must not.
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("[localhost] 20")]
    assert "2 of 5 desktops are in use: desk-10 (" in line
    assert ended["msg"].startswith(
        "The task was ended by its timeout of 6 seconds.\nIn the last successful check, at 20"
    )
    assert (names(ended["in_use"]), names(ended["in_use_but_allowed"])) == (["desk-10", "desk-11"], [BRACES])
    assert ended["reason"] == "not_read"
    runs.assert_failed(refused, "intervall is not an option of this plugin; did you mean interval?", reason="refused")
    asked = [entry for entry in cloud.requests() if entry["path"].endswith("/connect-desktops")]
    assert len(asked) == (1 + 2 + 1) * 3


@pytest.mark.parametrize("by", ["interrupt", "closed pipe"])
def test_progress_is_printed_at_once_and_an_interrupt_ends_the_run(cloud: Simulator, tasks: Tasks, by: str) -> None:
    """With an interrupt of the playbook; and by closing the pipe, such as `grep -q`, of a task."""
    if by == "interrupt":
        waits = {"workspace_wait": 600, "workspace_interval": 300}
        given = json.dumps({"workspace_options": runs.keys_of(cloud.info), **waits})
        command = ["ansible-playbook", f"huaweicloud.workspace.{PLAYBOOK}", "-e", given]
    else:
        task = {"wait": 600, "interval": 1, "keywords": {"ignore_errors": False}}
        command = ["ansible-playbook", str(tasks.playbook(task))]
    # A shell lets its jobs in the background ignore interrupts, and what they start does so as well.
    heed = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", heed, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    ) as process:
        # Lines that come after the wait only would keep the test waiting that long.
        patience = threading.Timer(100, process.kill)
        patience.start()
        lines, rest = process.stdout, ""
        assert lines
        try:
            seen = any(line.startswith("[localhost] 20") for line in lines)
            assert seen, "the line of the first check was not seen while the task waited"
            if by == "interrupt":
                time.sleep(2)  # ansible-core itself may hang if it is interrupted while a process of its prints
                os.killpg(process.pid, signal.SIGINT)
                rest = "".join(lines)
            else:
                lines.close()
            process.wait(timeout=60)
        finally:
            patience.cancel()
            process.kill()
    assert process.returncode > 0
    assert "Traceback" not in rest


#: What `ansible.posix.json` and its like do: they print one document, at the end.
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


def test_progress_is_not_part_of_standard_output(tasks: Tasks, tmp_path: Path) -> None:
    (tmp_path / "one_document.py").write_text(ONE_DOCUMENT, encoding="utf-8")
    env = {"ANSIBLE_CALLBACK_PLUGINS": str(tmp_path), "ANSIBLE_STDOUT_CALLBACK": "one_document"}
    done = runs.run_playbook(tasks.playbook({"wait": 0.1}), env=env)
    assert json.loads(done.stdout) == ["localhost"], done.output
    assert "3 of 5 desktops are in use" in done.stderr


# The playbook


def test_the_playbook_passes_its_variables_on(play: Play, cloud: Simulator) -> None:
    # The first check takes three requests.
    after_requests(cloud, 3, lambda: cloud.set_status("DISCONNECTED", names=["desk-10"]))
    run, projects = play(
        workspace_options={"region": REGION, "project_id": cloud.project_id(REGION)},
        workspace_allowed_desktops=[TEMPLATE_IN_A_TASK],
        workspace_free_statuses=["REGISTERED", "UNREGISTER", "DISCONNECTED"],
        workspace_wait="60",
        workspace_interval="0.1",
        workspace_consecutive_checks="2",
    )
    assert run.returncode == 0, run.output
    result = projects["localhost"]
    assert result["free"] is True
    assert names(result["in_use_but_allowed"]) == [BRACES]
    assert [check["in_use_count"] for check in result["checks"]] == [1, 0, 0]
    assert "[localhost] 20" in run.stderr


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


def test_projects_are_checked_in_parallel_each_with_its_own_result(
    play: Play, cloud: Simulator, tmp_path: Path
) -> None:
    """As a gate: imported, it ends the run although other hosts are free, whatever the tags; each host is blamed for itself."""
    omitted = "{{ not_given | default(omit) }}"
    second = {"region": REGION, "project_id": cloud.project_id(f"{REGION}_second"), "total_timeout": omitted}
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
    assert len(projects["off"]["checks"]) == 1
    assert names(projects["busy"]["in_use"]) == ["desk-10", "desk-11", BRACES]
    assert (projects["busy"]["failed"], projects["busy"]["status_code"]) == (True, None)
    assert "busy: NOT FREE: 3 of 5 desktops are in use after 0.1 s:\ndesk-10: CONNECTED, 张三, O'Brien\n" in run.stdout
    # Each verdict once, and the last line is that of all projects.
    assert run.output.count("desk-10: CONNECTED") == 1
    verdict = run.stdout.partition("TASK [Show the verdict")[2].partition("\nTASK")[0].splitlines()
    assert verdict[-2] == "NOT FREE: busy. Not read: off.", verdict
    assert '"msg": "NOT FREE: 3 of 5 desktops are in use after 0.1 s"' in run.stdout
    assert runs.recap(run) == {"busy": 1, "off": 1, "empty": 0, "free": 0}
    assert "[busy] 20" in run.stderr


def test_a_project_that_became_free_early_is_checked_again_at_the_end(play: Play, cloud: Simulator) -> None:
    """A desktop is taken in the first project when it is left in the second."""
    busy = [desktop["desktop_name"] for desktop in cloud.project(cloud.project_id(REGION))["desktops"]]

    def change() -> None:
        # In this order, so that the projects are never free at the same time.
        cloud.set_status("CONNECTED", names=["free-1"])
        cloud.set_status("REGISTERED", names=busy)

    after_requests(cloud, 6, change)
    hosts = {
        name: {"workspace_options": {"region": REGION, "project_id": cloud.project_id(project)}}
        for name, project in (("first", f"{REGION}_second"), ("second", REGION))
    }
    run, projects = play(hosts, workspace_wait=60, workspace_interval=0.3)
    assert run.returncode == 2, run.output
    assert {name: project["free"] for name, project in projects.items()} == {"first": False, "second": True}
    assert names(projects["first"]["in_use"]) == ["free-1"]
    assert [check["in_use_count"] for check in projects["first"]["checks"]] == [0, 1]


def test_two_hosts_of_one_project_and_a_key_that_is_revoked(play: Play, cloud: Simulator) -> None:
    """Neither of the two is asked, and after a 401 nobody with these keys is, however long they may wait."""
    cloud.set_status("CONNECTED", names=["free-1"])
    same = {"workspace_options": {"region": "cn-south-1", "project_id": cloud.project_id("cn-south-1")}}
    waiting = {
        name: {"workspace_options": {"region": REGION, "project_id": cloud.project_id(name)}}
        for name in (REGION, f"{REGION}_second")
    }
    # The first check of both takes six requests, and has to be over when the second begins.
    cloud.behave(faults=[{"kind": "status", "status": 401, "after": 6, "count": None}])
    run, projects = play({"one": same, "two": same, **waiting}, workspace_wait=600, workspace_interval=3)
    assert run.returncode == 2, run.output
    for name in ("one", "two"):
        assert "The hosts one and two select the same project" in projects[name]["msg"]
    assert {projects[name]["reason"] for name in waiting} == {"refused"}
    assert sorted(str(projects[name]["status_code"]) for name in waiting) == ["401", "None"]
    assert [entry["status"] for entry in cloud.requests()].count(401) == 1
    assert "refused: Check the credentials from the environment (HUAWEICLOUD_SDK_AK)." in run.stderr


def test_an_unread_inventory_or_a_limit_without_projects_is_a_failure(
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


def test_skipping_the_check_causes_a_warning_and_a_playbook_that_begins_in_the_middle_fails(cloud: Simulator) -> None:
    for option, value, status in (("--skip-tags", "always", 0), ("--start-at-task", "Query which*", 2)):
        command = ["ansible-playbook", f"huaweicloud.workspace.{PLAYBOOK}", option, value]
        run = runs.run(command, env=runs.reach(cloud.info))
        assert run.returncode == status, run.output
        assert f"[WARNING]: {option}" in run.stderr
    assert "The first steps were skipped, so nothing is known: run all tasks." in run.output
    assert cloud.counters()["requests"] == 0
