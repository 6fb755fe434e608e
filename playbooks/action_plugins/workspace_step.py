# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the playbooks, each run as a task on the controller.

This is not a plugin of the collection: only its playbooks use it. Ansible finds it, and the lookup `workspace_hosts`,
in the folder of the playbooks. The steps, in order:

check
  For each host: check the variables.
compare
  Once: check that the inventory is complete, that no hosts select the same project, and that the report can be written.
ask
  For each host: run the module or action. This step never fails, so that the report is always written.
ask_again
  For each host that is free, if there are several: check again, because the first check may be as old as the wait.
report
  Once: show the results and write the report.
"""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleUndefinedVariable
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.huaweicloud.workspace.plugins.action import workspace_wait_for_free_desktops as wait
from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit import audit
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils import _playbooks
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report import files, report
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import SELECTION

#: Playbook -> its module or action.
_TASKS = {
    "audit": "huaweicloud.workspace.workspace_audit_info",
    "pre_maintenance_check": "huaweicloud.workspace.workspace_wait_for_free_desktops",
}

#: Playbook -> the options of its module or action that are variables of the playbook.
_ARGUMENTS: dict[str, t.Any] = {
    "audit": audit.ARGUMENTS,
    "pre_maintenance_check": {**SELECTION, **wait.OWN},
}

#: A copy of the previous report in the temporary folder of this run of Ansible.
_PREVIOUS = Path(_playbooks.RUN_FOLDER) / "workspace-previous-report.json"

# Keys that Ansible adds to a result and that reports do not contain.
_NOISE = ("ansible_facts", "changed", "deprecations", "exception", "invocation", "module_stderr", "module_stdout")


#: The callbacks that print lines. Others may print a single document, such as JSON, which other lines would make invalid.
_PRINT_LINES = ("default", "minimal", "oneline")


def _say(line: str) -> None:
    callback = str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2]
    Display().display(line, stderr=callback not in _PRINT_LINES)


class ActionModule(ActionBase):
    """The action plugin."""

    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run one step."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        self._host: str = self._variables["inventory_hostname"]
        self._playbook: str = self._task.args["playbook"]
        step = self._task.args["step"]
        # The inventory may set another folder for temporary files for its hosts. The step runs on the control node.
        self._connection._shell.set_options()
        try:
            if step != "check" and "step_check" not in self._variables:
                raise _playbooks.VariableError("The first steps were skipped, so nothing is known: run all tasks.")
            result.update(getattr(self, f"_{step}")())
        except (_playbooks.VariableError, files.ReportError) as error:
            result.update(failed=True, msg=str(error))
        return result

    def _of_each_host(self, registered: str) -> dict[str, dict[str, t.Any]]:
        every = self._variables["hostvars"]
        return {host: dict(every[host].get(registered) or {}) for host in self._variables["ansible_play_hosts_all"]}

    def _variable(self, name: str) -> t.Any:
        """The templated value of a variable of the host; `None` if it is not set or omitted."""
        try:
            value = self._templar.template(self._variables.get(name))
        except AnsibleUndefinedVariable as error:
            raise _playbooks.VariableError(f"{name}: {error}") from None
        except AnsibleError as error:
            if type(error).__name__ == "AnsibleValueOmittedError":  # not available in older ansible-core
                return None
            # The message of Ansible may contain the template, which may contain a secret.
            raise _playbooks.VariableError(f"{name}: the template is malformed, or a lookup in it failed.") from None
        return _playbooks.without_omitted(value, self._variables["omit"]) if "omit" in self._variables else value

    def _options(self) -> dict[str, t.Any]:
        given = {name: self._variable(name) for name in self._variables if name.startswith(_playbooks.PREFIX)}
        in_group = self._host in self._variables["groups"].get(_playbooks.GROUP, ())
        return _playbooks.checked_options(self._playbook, given, _ARGUMENTS, in_group=in_group)

    def _report_file(self) -> str | None:
        path = self._variable("workspace_report_file")
        return None if path is None else files.checked_path(path)

    def _keep_previous_report(self) -> None:
        """Check the previous report and keep a copy, because the new report may replace it."""
        path = self._variable("workspace_previous_report")
        _PREVIOUS.unlink(missing_ok=True)
        if path is not None and self._playbook == "audit":
            _PREVIOUS.write_text(json.dumps(files.read_previous(path)), encoding="utf-8")

    def _check(self) -> dict[str, t.Any]:
        identity = _playbooks.Identity.find(self._options(), os.environ)
        return {"place": identity and identity.place, "read_as": identity and identity.shown}

    def _compare(self) -> dict[str, t.Any]:
        # Nothing public leads to `processed_sources`. Its owners are private attributes of HostVars and InventoryManager.
        inventory = self._variables["hostvars"]._inventory._inventory
        missing = _playbooks.unparsed(self._variables["ansible_inventory_sources"], inventory.processed_sources)
        if missing:
            raise _playbooks.VariableError(
                f"{', '.join(missing)} could not be read, so projects may be missing. A warning gives the reason."
            )
        self._report_file()
        self._keep_previous_report()
        places = {host: checked.get("place") for host, checked in self._of_each_host("step_check").items()}
        result: dict[str, t.Any] = {"failures": _playbooks.same_projects(places)}
        forks = self._variables["ansible_forks"]
        if self._variables.get("workspace_wait") and forks < len(places):
            text = f"Only {forks} of {len(places)} projects are checked at a time, each for up to workspace_wait."
            result["warnings"] = [f"{text} Use --forks {len(places)} to check all of them at the same time."]
        return result

    def _ask(self) -> dict[str, t.Any]:
        double = self._variables["step_compare"]["failures"].get(self._host)
        if double:
            return {"answer": {"failed": True, "msg": str(double), "status_code": None}}
        return self._asked(self._options())

    def _ask_again(self) -> dict[str, t.Any]:
        asked = dict(self._variables["step_ask"])
        before = _answer(asked)
        if not before.get("free") or len(self._variables["ansible_play_hosts_all"]) == 1:
            return {"answer": before}
        again = self._asked({**self._options(), "wait": 0, "consecutive_checks": 1})
        checks = [*before["checks"], *again["answer"].get("checks", ())]
        again["answer"].update(checks=checks, waited=before["waited"])
        return again

    def _asked(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Run the module or action of the playbook and return its result. Exceptions become a failed result."""
        task = _TASKS[self._playbook]
        try:
            answer = self._execute(options)
        except BaseException as error:
            why = _playbooks.ended_by_timeout(error, self._task.timeout)
            if why is None and not isinstance(error, Exception):
                raise
            answer = {"failed": True, "msg": why or f"{task} could not be run: {error}", "status_code": None}
        warnings = answer.pop("warnings", None)
        answer = {name: answer[name] for name in answer if name not in _NOISE and not name.startswith("_ansible")}
        if answer.get("failed"):
            # On recent ansible-core, the result of a module that could not be started has no message.
            answer.setdefault(
                "msg", f"{task} ended without a result. Run it in your own playbook with -vvv to find the reason."
            )
        else:
            answer.pop("failed", None)
        answer["read_as"] = self._variables["step_check"].get("read_as")
        if warnings:
            # Recent ansible-core stores warnings as objects.
            answer["warnings"] = [str(getattr(getattr(text, "event", None), "msg", text)) for text in warnings]
            # From ansible-core 2.21 on, Ansible shows the warnings of the module itself, without the project.
            return {"answer": answer, "warnings": [f"{self._host}: {text}" for text in answer["warnings"]]}
        return {"answer": answer}

    def _execute(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Run the module or action of the playbook."""
        if self._playbook == "audit":

            def ask() -> dict[str, t.Any]:
                module = _TASKS["audit"]
                return dict(self._execute_module(module_name=module, module_args=options, task_vars=self._variables))

            return _playbooks.one_ahead(_playbooks.Identity.find(options, os.environ), self._host, ask)
        task = self._task.copy()
        task.args = options
        action = wait.ActionModule(
            task, self._connection, self._play_context, self._loader, self._templar, self._shared_loader_obj
        )
        try:
            return dict(action.run(task_vars=self._variables))
        except AnsibleActionFail as failure:
            return {**(failure.result or {}), "failed": True, "msg": failure.message}

    def _report(self) -> dict[str, t.Any]:
        answers = {host: _answer(asked) for host, asked in self._of_each_host("step_ask").items()}
        read = {host: answer.get("project_id") for host, answer in answers.items() if not answer.get("failed")}
        for host, why in _playbooks.same_projects(read).items():
            answers[host] = {"failed": True, "msg": why, "status_code": None}
        earlier = json.loads(_PREVIOUS.read_text(encoding="utf-8")) if _PREVIOUS.exists() else None
        whole = report.Report.of(self._playbook, answers, earlier)
        *lines, last = whole.lines()
        for line in lines:
            _say(line)
        path = None if self._task.check_mode else self._report_file()
        try:
            if path is not None:
                files.write(whole, path)
                _say(f"The report is in {path}.")
        finally:
            _say(last)
        return {"changed": path is not None, "failures": whole.failures()}


def _answer(asked: dict[str, t.Any]) -> dict[str, t.Any]:
    """The result of a project from the registered result of a step."""
    answer: dict[str, t.Any] = asked.get("answer") or {"failed": True, "msg": "It was not read.", "status_code": None}
    # From ansible-core 2.21 on, the warnings are in the result of the step only.
    warnings = [str(text) for text in asked.get("warnings") or ()]
    return {"warnings": warnings, **answer} if warnings else answer
