# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action C(huaweicloud.workspace.workspace_wait_for_free_desktops); its documentation is in plugins/modules."""

from __future__ import annotations

import os
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import LeftOut, common_arguments, validated
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._playbooks import (
    Identity,
    ended_by_timeout,
    one_ahead,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait import additions
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.check import Rules, rules
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import (
    EVERY_DESKTOP,
    FREE_STATUSES,
    SELECTION,
    Selected,
    Selection,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.wait import (
    FailedCheck,
    SystemClock,
    Wait,
    unknown,
)

#: Standard error of this run. Ansible imports this file before it starts the process of the task, which has none.
try:
    STANDARD_ERROR = os.dup(2)
except OSError:  # it is closed
    STANDARD_ERROR = os.open(os.devnull, os.O_WRONLY)

#: The least number of seconds in which a module can read a list.
LEAST_TIME = 1

#: The options that are passed to the info modules unchanged. The modules check them.
PASSED_ON = common_arguments(LeftOut())

#: The options that only this action has.
OWN: dict[str, dict[str, t.Any]] = {
    "allowed_desktops": {"type": "list", "elements": "str", "default": []},
    "free_statuses": FREE_STATUSES,
    "wait": {"type": "float", "default": 0},
    "interval": {"type": "float", "default": 60},
    "consecutive_checks": {"type": "int", "default": 1},
    "expect_desktops": {"type": "bool", "default": True},
    "scheduled_within": {"type": "float", "default": 0},
}

#: The modules check the values of their options. Only the time of a check is needed here as well.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    **{name: {"type": "raw"} for name in PASSED_ON},
    "total_timeout": PASSED_ON["total_timeout"],
    **SELECTION,
    **OWN,
}


def say(line: str) -> None:
    """Print a line to standard error immediately.

    @raises BrokenPipeError: the reader is gone. If Ansible printed the line, its thread would end and the run hang.
    """
    os.write(STANDARD_ERROR, f"{line}\n".encode(errors="backslashreplace"))
    Display().display(line, log_only=True)


class ActionModule(ActionBase):
    """Runs the info modules on the host of the task until the desktops are free or the time is over."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task."""
        super().run(tmp, task_vars)
        self._variables = task_vars or {}
        self._host = str(self._variables.get("inventory_hostname"))
        self._passed_on = {name: value for name, value in self._task.args.items() if name in PASSED_ON}
        self._identity = self._find_identity()
        try:
            options = validated(self._task.args, ARGUMENTS)
            agreed = rules(options, once=self._task.check_mode)
            selection = Selection(options)
            tasks = additions.scheduled_tasks(options["scheduled_within"])
        except WorkspaceError as error:
            return unknown(error.message)
        self._total_timeout: float = options["total_timeout"]
        wait = Wait(agreed, lambda: self._check(selection, agreed), self._tell, SystemClock(), selection.shown)
        result: dict[str, t.Any] = {}
        logins: dict[str, t.Any] = {}
        try:
            result = wait.run()
            if wait.last and result["reason"] not in ("refused", "not_read"):
                if tasks:
                    result = additions.with_scheduled_tasks(result, self._ask(*tasks), wait.last.selected)
                question = additions.login_records(result)
                logins = self._ask(*question) if question else {}
        except BrokenPipeError:
            return wait.ended_by("The task was ended, because standard error is closed.")
        except BaseException as error:
            reason = ended_by_timeout(error, self._task.timeout)
            if reason is None:
                raise
            # The verdict is known if the timeout ends the questions after the wait.
            result = result or wait.ended_by(reason)
        return additions.with_login_records(result, logins)

    def _find_identity(self) -> Identity | None:
        """The credentials of the modules, as far as they are known here."""
        environment: dict[str, t.Any] = {}
        # Private, but the only function of Ansible that evaluates the keyword `environment` as modules get it.
        self._compute_environment_string(environment)
        settings = {name: str(value) for name, value in environment.items()}
        # The environment of this process only applies to modules that run on this machine as this user.
        here = self._connection.transport == "local" and not self._play_context.become
        return Identity.find(self._passed_on, {**os.environ, **settings} if here else settings, here=here)

    def _check(self, selection: Selection, rules: Rules) -> tuple[Selected, t.Mapping[str, t.Any]]:
        """Read the lists of a check.

        @raises FailedCheck: a list could not be read.
        """

        def ask(module: str, options: dict[str, t.Any]) -> dict[str, t.Any]:
            result = self._ask(module, options)
            if result.get("failed") or result.get("unreachable"):
                raise FailedCheck(result)
            return result

        # The modules of a check share `total_timeout`.
        self._deadline: float | None = None
        selected, results = selection.read(ask, rules.free_statuses)
        if rules.expect_desktops and any(selected.unmatched.values()) and not selected.values:
            # The message suggests a user of another desktop.
            desktops = self._ask(*EVERY_DESKTOP).get("desktops", ())
            names = {user["name"] for desktop in desktops for user in desktop["attach_users"] if user["name"]}
            selected = selected._replace(values={"user_names": names})
        return selected, results[0]

    def _ask(self, module: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Run a module and return its result, also if it failed."""

        def run_module() -> dict[str, t.Any]:
            given = {**self._passed_on, **options}
            if self._deadline is None:
                self._deadline = time.monotonic() + self._total_timeout
            else:
                left = self._deadline - time.monotonic()
                if left < LEAST_TIME:
                    text = f"The check took longer than total_timeout ({self._total_timeout:g} s): raise it."
                    return {"failed": True, "reason": "not_read", "msg": text}
                given["total_timeout"] = round(left, 1)
            try:
                found: dict[str, t.Any] = self._execute_module(
                    module_name=f"huaweicloud.workspace.{module}", module_args=given, task_vars=self._variables
                )
            except AnsibleConnectionFailure as error:
                found = {"unreachable": True, "msg": str(error)}
            return found

        # Only the first module of a check waits for the modules of other hosts with the same credentials.
        since = time.monotonic() if self._deadline is None else 0
        return one_ahead(self._identity, self._host, run_module, since=since)

    def _tell(self, line: str) -> None:
        if not self._task.no_log:
            say(f"[{self._host}] {line}")
