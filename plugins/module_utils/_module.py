# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The base class of the modules: check for requests, resolve the options, and convert errors to `fail_json`."""

from __future__ import annotations

import contextlib
import gc
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from . import _options
from ._http import errors
from ._http.libraries import REQUESTS_IMPORT_ERROR
from ._http.secrets import Secrets
from ._identity.settings import FACTS, resolve_settings
from ._reading import filters
from ._reading.project import Project, open_project

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # The function `prepare` of an operation checks its options (those of its `ARGUMENTS`), and returns a function from a
    # project to the return values of its module and `warnings`. Both raise `WorkspaceError`: for a wrong option, which
    # the message names, and for records that cannot be read completely.
    Prepare = Callable[[Mapping[str, t.Any]], Callable[[Project], dict[str, t.Any]]]

try:
    # From 2.22 on, ansible-core does not mask `no_log_values` in results. The controller masks secrets, and modules
    # pass them to it with this function.
    from ansible.module_utils.secrets import (  # type: ignore[import-not-found, unused-ignore]  # older ones lack it
        register_secrets,
    )
except ImportError:
    register_secrets = None


class WorkspaceModule(AnsibleModule):
    """An info module of this collection.

    @param arguments: its own options, added to the common ones.
    @param rules: rules for them, such as `mutually_exclusive`.
    """

    def __init__(self, arguments: dict[str, t.Any], **rules: t.Any) -> None:
        self._credentials_file_left_out = _options.LeftOut()
        super().__init__(
            argument_spec={**_options.common_arguments(self._credentials_file_left_out), **arguments},
            supports_check_mode=True,
            **rules,
        )

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail with all facts that failures of this collection have, also if Ansible rejects the options."""
        unknown = sorted(self.validation_result.unsupported_parameters) if hasattr(self, "validation_result") else ()
        if unknown:
            # Ansible only lists all options.
            near = filters.nearest(unknown[0], self.argument_spec)
            msg = f"{unknown[0]} is not an option of this module{f': did you mean {near}?' if near else '.'} {msg}"
        super().fail_json(msg, **{**dict.fromkeys(FACTS), **kwargs})

    def run(self, prepare: Prepare) -> t.NoReturn:
        """Check the options, run the operation, and exit with its result or the error."""
        # Garbage collection would take a third of the time of a large result. The records contain no cycles and the
        # process ends soon. Plugins, which run in a process of Ansible, do not use this class.
        gc.disable()
        if REQUESTS_IMPORT_ERROR:
            self.fail_json(_options.missing_library(REQUESTS_IMPORT_ERROR))
        secrets = Secrets()
        result, error = self._result(prepare, secrets)
        self.no_log_values.update(secrets)
        if register_secrets:
            register_secrets(secrets)
        # Prevents a last garbage collection at the exit of the interpreter.
        gc.freeze()
        # Outside of the except blocks, so that Ansible does not show their tracebacks.
        if error:
            self.fail_json(secrets.redact(error.message), **error.facts)
        for warning in result.pop("warnings", ()):
            self.warn(secrets.redact(warning))
        self.exit_json(changed=False, **result)

    def _result(self, prepare: Prepare, secrets: Secrets) -> tuple[dict[str, t.Any], errors.WorkspaceError | None]:
        settings = project = wrong = None
        try:
            try:
                settings = resolve_settings(
                    self.params, os.environ, file_in_task=not self._credentials_file_left_out.seen, secrets=secrets
                )
            except errors.WorkspaceError as error:
                wrong = error
            # Errors of the module's own options come first, but with the facts of the settings.
            read = prepare(self.params)
            if settings is None:
                raise t.cast(errors.WorkspaceError, wrong)
            for warning in settings.warnings:
                self.warn(warning)
            with contextlib.closing(open_project(settings, self.params, secrets)) as project:
                result = read(project)
            result["warnings"] = [*result.get("warnings", ()), *project.warnings()]
            place = {"project_id": project.project_id, "region": project.region, "endpoint": project.endpoint}
            return {**result, **place}, None
        except errors.WorkspaceError as error:
            failure = error
        except Exception as bug:
            failure = _options.bug_report(bug)
        if project and failure.facts["attempts"] is None:
            # The list was read, but cannot be used. Without attempts, it would appear as if no request was sent.
            failure.facts["attempts"] = 1
        if settings:
            settings.explain(failure, project.project_id if project else None)
        return {}, failure
