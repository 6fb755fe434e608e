# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What all modules do: the guard for requests, from options to a project, errors to `fail_json`."""

from __future__ import annotations

import contextlib
import gc
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._http.errors import FACTS, WorkspaceError
from ._http.libraries import REQUESTS_IMPORT_ERROR
from ._http.secrets import Secrets
from ._identity.settings import resolve_settings
from ._options import LeftOut, bug_report, common_arguments, missing_library
from ._workspace.project import Project, open_project

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # What an operation gives: it checks the options, and returns what reads a project.
    Prepare = Callable[[Mapping[str, t.Any]], Callable[[Project], dict[str, t.Any]]]

try:
    # From 2.22 on ansible-core does not mask `no_log_values` in results: the controller masks what it shows, and a
    # module tells it of secrets by this function.
    from ansible.module_utils.secrets import (  # type: ignore[import-not-found, unused-ignore]  # older ones lack it
        register_secrets,
    )
except ImportError:
    register_secrets = None


class WorkspaceModule(AnsibleModule):
    """An info module of this collection.

    @param arguments: its own options, added to the common ones.
    """

    def __init__(self, arguments: dict[str, t.Any]) -> None:
        self._credentials_file_left_out = LeftOut()
        super().__init__(
            argument_spec={**common_arguments(self._credentials_file_left_out), **arguments},
            supports_check_mode=True,
        )

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail with every fact that a failure of this collection has, also where Ansible finds the options wrong."""
        super().fail_json(msg, **{**dict.fromkeys(FACTS), **kwargs})

    def run(self, prepare: Prepare) -> t.NoReturn:
        """Check the options, run the operation, and exit with its result or the error."""
        # The process ends soon and its records hold no cycles, but collections would take a third of the time of a large
        # result. Plugins run in a process of Ansible and do not come here.
        gc.disable()
        if REQUESTS_IMPORT_ERROR:
            self.fail_json(missing_library(REQUESTS_IMPORT_ERROR))
        secrets = Secrets()
        result, error = self._result(prepare, secrets)
        self.no_log_values.update(secrets)
        if register_secrets:
            register_secrets(secrets)
        # The interpreter would collect once more when it ends.
        gc.freeze()
        # Out of every except block, so that Ansible finds no traceback to show.
        if error:
            self.fail_json(secrets.redact(error.message), **error.facts)
        for warning in result.pop("warnings", ()):
            self.warn(warning)
        self.exit_json(changed=False, **result)

    def _result(self, prepare: Prepare, secrets: Secrets) -> tuple[dict[str, t.Any], WorkspaceError | None]:
        settings = project = wrong = None
        try:
            try:
                settings = resolve_settings(
                    self.params, os.environ, file_in_task=not self._credentials_file_left_out.seen, secrets=secrets
                )
            except WorkspaceError as error:
                wrong = error
            # Its errors come first, but with where and as whom it would have been asked.
            read = prepare(self.params)
            if settings is None:
                raise t.cast(WorkspaceError, wrong)
            for warning in settings.warnings:
                self.warn(warning)
            with contextlib.closing(open_project(settings, self.params, secrets)) as project:
                result = read(project)
            result["warnings"] = [*result.get("warnings", ()), *project.warnings()]
            place = {"project_id": project.project_id, "region": project.region, "endpoint": project.endpoint}
            return {**result, **place}, None
        except WorkspaceError as error:
            failure = error
        except Exception as bug:
            failure = bug_report(bug)
        if settings:
            settings.explain(failure, project.project_id if project else None)
        return {}, failure
