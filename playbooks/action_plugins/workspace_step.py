# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the playbooks beside this folder, one a task, on the controller.

It is for these playbooks only, so it is no plugin of the collection: Ansible finds it because it is beside them. In
order, with C(playbook) being C(audit) or C(pre_maintenance_check)::

    - workspace_step: {step: check, playbook: audit}                 # for each host: its variables
      register: step_check
      any_errors_fatal: true
    - workspace_step: {step: compare, playbook: audit}               # once: doubles, and that the report can be written
      register: step_compare
      run_once: true
    - workspace_step: {step: ask, playbook: audit}                   # for each host: the module; it never fails
      register: step_ask
    - workspace_step: {step: report, playbook: audit}                # once: what was found, and the report
      register: step_report
      run_once: true
    - ansible.builtin.fail: {msg: "{{ step_report.failures[inventory_hostname] }}"}
      when: inventory_hostname in step_report.failures

C(ask) leaves the result of the host behind as the fact C(workspace_audit) or C(workspace_check).
"""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils import _changes, _report, projects
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils.output import say, show_lines_at_once

show_lines_at_once()

_GROUP = "workspace_projects"

#: For each playbook the task that asks, whether it orders its first request itself, and the fact it leaves behind.
_TASKS = {
    "audit": ("huaweicloud.workspace.workspace_audit_info", False, "workspace_audit"),
    "pre_maintenance_check": ("huaweicloud.workspace.workspace_wait_for_free_desktops", True, "workspace_check"),
}

#: The previous report, as it was before anything was read, in the folder of this run of Ansible.
_PREVIOUS = Path(constants.DEFAULT_LOCAL_TMP) / "workspace-previous-report.json"

# What Ansible adds to a result, and no report needs.
_NOISE = ("ansible_facts", "changed", "deprecations", "exception", "invocation", "module_stderr", "module_stdout")


class ActionModule(ActionBase):
    """The task."""

    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run one step."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        self._host: str = self._variables["inventory_hostname"]
        self._playbook: str = self._task.args["playbook"]
        step = {"check": self._check, "compare": self._compare, "ask": self._ask, "report": self._report}
        try:
            result.update(step[self._task.args["step"]]())
        except (projects.VariableError, _changes.ReportError) as error:
            raise AnsibleActionFail(str(error)) from None
        return result

    def _hosts(self) -> list[str]:
        return list(self._variables["ansible_play_hosts_all"])

    def _of_each_host(self, registered: str) -> dict[str, dict[str, t.Any]]:
        every = self._variables["hostvars"]
        return {host: dict(every[host].get(registered) or {}) for host in self._hosts()}

    def _options(self) -> dict[str, t.Any]:
        given = {
            name: self._templar.template(value)
            for name, value in self._variables.items()
            if name.startswith(projects.PREFIX)
        }
        return projects.checked_options(self._playbook, given, alone=len(self._hosts()) == 1)

    def _report_file(self) -> str | None:
        path = self._templar.template(self._variables.get("workspace_report_file"))
        return None if path is None else _report.checked_path(path)

    def _keep_previous_report(self) -> None:
        """Check the previous report, and keep a copy: it may be the file that the new report is written to."""
        path = self._templar.template(self._variables.get("workspace_previous_report"))
        _PREVIOUS.unlink(missing_ok=True)
        if path is not None and self._playbook == "audit":
            _PREVIOUS.write_text(json.dumps(_changes.read_previous(path)), encoding="utf-8")

    def _check(self) -> dict[str, t.Any]:
        if self._host not in self._variables["groups"].get(_GROUP, [self._host]):
            raise projects.VariableError(f"The group {_GROUP} of the inventory has no host, so there is no project.")
        identity = projects.Identity.find(self._options(), os.environ)
        return {"place": identity and identity.place, "read_as": identity and identity.shown}

    def _compare(self) -> dict[str, t.Any]:
        self._report_file()
        self._keep_previous_report()
        places = {host: checked.get("place") for host, checked in self._of_each_host("step_check").items()}
        result: dict[str, t.Any] = {"failures": projects.same_projects(places)}
        forks = self._variables["ansible_forks"]
        if self._variables.get("workspace_wait") and forks < len(places):
            told = f"Only {forks} of {len(places)} projects are checked at a time, each for up to workspace_wait."
            result["warnings"] = [f"{told} Use --forks {len(places)} to check all of them at the same time."]
        return result

    def _ask(self) -> dict[str, t.Any]:
        task, orders_itself, fact = _TASKS[self._playbook]
        double = self._variables["step_compare"]["failures"].get(self._host)
        if double:
            answer = {"failed": True, "msg": str(double), "status_code": None}
        else:
            options = self._options()
            identity = None if orders_itself else projects.Identity.find(options, os.environ)
            answer = projects.one_ahead(
                constants.DEFAULT_LOCAL_TMP, identity, self._host, lambda: self._execute(task, options)
            )
        warnings = answer.pop("warnings", None)
        answer = {
            name: value for name, value in answer.items() if name not in _NOISE and not name.startswith("_ansible")
        }
        if answer.get("failed"):
            # A module that could not even start has no message on recent ansible-core.
            answer.setdefault(
                "msg", f"{task} ended without a result: run it as a task of its own with -vvv to see why."
            )
        else:
            answer.pop("failed", None)
        answer["read_as"] = self._variables["step_check"].get("read_as")
        if warnings:
            # Recent ansible-core holds them as objects.
            answer["warnings"] = [str(getattr(getattr(text, "event", None), "msg", text)) for text in warnings]
        result = {"answer": answer, "ansible_facts": {fact: answer}}
        return {**result, "warnings": warnings} if warnings else result

    def _execute(self, name: str, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Run a task: its action plugin if it has one, else the module."""
        loader = self._shared_loader_obj.action_loader
        if not loader.find_plugin(name):
            done: dict[str, t.Any] = self._execute_module(
                module_name=name, module_args=options, task_vars=self._variables
            )
            return done
        task = self._task.copy()
        task.args = options
        action = loader.get(
            name,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        try:
            done = action.run(task_vars=self._variables)
        except AnsibleActionFail as failure:
            done = {**(failure.result or {}), "failed": True, "msg": failure.message}
        return done

    def _report(self) -> dict[str, t.Any]:
        answers = {}
        for host, asked in self._of_each_host("step_ask").items():
            answers[host] = asked.get("answer") or {"failed": True, "msg": "It was not read.", "status_code": None}
            if asked.get("warnings"):
                # From ansible-core 2.21 on the task has them, and not what it asked with.
                answers[host] = {"warnings": [str(text) for text in asked["warnings"]], **answers[host]}
        read = {host: answer.get("project_id") for host, answer in answers.items() if not answer.get("failed")}
        for host, why in projects.same_projects(read).items():
            answers[host] = {"failed": True, "msg": why, "status_code": None}
        previous = json.loads(_PREVIOUS.read_text(encoding="utf-8")) if _PREVIOUS.exists() else None
        whole = _report.Report.of(self._playbook, answers, previous)
        for line in whole.lines():
            say(line)
        path = self._report_file()
        written = path is not None and not self._task.check_mode
        if path is not None and written:
            whole.write(path)
            say(f"The report is in {path}.")
        return {"changed": written, "failures": {name: str(answer["msg"]) for name, answer in whole.failed.items()}}
