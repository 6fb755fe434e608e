# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action C(huaweicloud.workspace.workspace_wait_for_free_desktops); its documentation is in plugins/modules."""

from __future__ import annotations

import difflib
import os
import time
import typing as t

from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.release import __version__
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import LeftOut, common_arguments
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.statuses import CONNECT_STATUSES
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._output import say, show_lines_at_once
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._playbooks import Identity, not_seconds, one_ahead
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait import service_tasks
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.check import rules
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import (
    ARGUMENTS as SELECTION,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import Selection
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.wait import (
    SystemClock,
    Wait,
    unknown,
)

#: Whether ansible-core prints a message with several lines as one line. From 2.19 on it prints the lines.
PRINTS_ONE_LINE = tuple(int(number) for number in __version__.split(".")[:2]) < (2, 19)

#: The temporary folder of this run of Ansible, which is shared by all of its processes.
RUN_FOLDER: str = vars(constants)["DEFAULT_LOCAL_TMP"]

#: The options that are passed to the info modules unchanged. The modules check them.
PASSED_ON = tuple(common_arguments(LeftOut()))

show_lines_at_once()

#: The options that only this action has.
OWN: dict[str, dict[str, t.Any]] = {
    "allowed_desktops": {"type": "list", "elements": "str", "default": []},
    "free_statuses": {
        "type": "list",
        "elements": "str",
        "choices": list(CONNECT_STATUSES),
        "default": ["REGISTERED", "UNREGISTER"],
    },
    "wait": {"type": "float", "default": 0},
    "interval": {"type": "float", "default": 60},
    "consecutive_checks": {"type": "int", "default": 1},
    "expect_desktops": {"type": "bool", "default": True},
    "scheduled_within": {"type": "float", "default": 0},
}

ARGUMENTS: dict[str, dict[str, t.Any]] = {**{name: {"type": "raw"} for name in PASSED_ON}, **SELECTION, **OWN}


def wrong_options(given: t.Mapping[str, t.Any], validated: t.Any) -> str | None:
    """The error message for the options of a task; `None` if they are correct.

    @param given: the options of the task.
    @param validated: the result of `ArgumentSpecValidator`.
    """
    for name in sorted(validated.unsupported_parameters):
        nearest = difflib.get_close_matches(str(name), sorted(ARGUMENTS), n=1, cutoff=0)[0]
        return f"{name} is not an option of this task. Did you mean {nearest}?"
    seconds = [not_seconds(name, value) for name, value in given.items() if ARGUMENTS[name]["type"] == "float"]
    return next(filter(None, seconds), None) or "; ".join(validated.error_messages) or None


class ActionModule(ActionBase):
    """Runs the info modules on the host of the task until the desktops are free or the time is over."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        checked = ArgumentSpecValidator(ARGUMENTS).validate(self._task.args)
        wrong = wrong_options(self._task.args, checked)
        if wrong:
            return unknown(wrong)
        try:
            agreed = rules(checked.validated_parameters, once=self._task.check_mode)
            selection = Selection(checked.validated_parameters)
            of_tasks = service_tasks.question(checked.validated_parameters["scheduled_within"])
        except WorkspaceError as error:
            return unknown(error.message)
        host = str(task_vars.get("inventory_hostname"))
        asked = {name: value for name, value in self._task.args.items() if name in PASSED_ON}
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        settings = {name: str(value) for name, value in environment.items()}
        # The environment of this process only applies to modules that run on this machine as this user.
        here = self._connection.transport == "local" and not self._play_context.become
        identity = Identity.find(asked, {**os.environ, **settings} if here else settings, here=here)

        def ask(question: tuple[str, dict[str, t.Any]], since: float = 0) -> dict[str, t.Any]:
            module, options = question

            def run_module() -> dict[str, t.Any]:
                try:
                    found: dict[str, t.Any] = self._execute_module(
                        module_name=f"huaweicloud.workspace.{module}",
                        module_args={**asked, **options},
                        task_vars=task_vars,
                    )
                except AnsibleConnectionFailure as error:
                    found = {"unreachable": True, "msg": str(error)}
                return found

            # Other hosts may use the same credentials, and several rejected requests in a row lock a key.
            return one_ahead(RUN_FOLDER, identity, host, run_module, since=since)

        def check() -> dict[str, t.Any]:
            since = time.monotonic()
            answers: list[dict[str, t.Any]] = []
            for question in selection.questions():
                # Only the first module of a check waits for the modules of other hosts.
                answers.append(ask(question, 0 if answers else since))
                if answers[-1].get("failed") or answers[-1].get("unreachable"):
                    return answers[-1]
            return selection.joined(answers, agreed.free_statuses)

        def tell(line: str) -> None:
            if not self._task.no_log:
                say(f"[{host}] {line}")

        wait = Wait(agreed, check, tell, SystemClock(), selection.shown)
        try:
            result = wait.run()
            if of_tasks and result["reason"] not in ("refused", "not_read"):
                result = service_tasks.added(result, ask(of_tasks))
        except BaseException as error:
            # The keyword `timeout` raises this exception. Its class is private in recent ansible-core.
            if type(error).__name__ != "TaskTimeoutError":
                raise
            result = wait.ended_by(f"The task was ended by its timeout of {self._task.timeout} seconds.")
        lines = result["msg"].splitlines()
        if PRINTS_ONE_LINE and len(lines) > 1:
            for line in lines:
                tell(line)
        return result
