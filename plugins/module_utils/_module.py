# Copyright (c) 2026, huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""What all modules do: common arguments, the guard for requests, from options to a project, errors to C(fail_json)."""

from __future__ import annotations

import contextlib
import gc
import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import FACTS, WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.libraries import REQUESTS_IMPORT_ERROR
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.version import COLLECTION, VERSION
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import DEFAULT_FILE
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.roles import (
    DEFAULT_DURATION,
    DURATION_VARIABLE,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.temporary_keys import (
    DEFAULT_METADATA_ENDPOINT,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project, open_project

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # What an operation gives: it checks the options, and returns what reads a project.
    Prepare = Callable[[Mapping[str, t.Any]], Callable[[Project], dict[str, t.Any]]]

try:
    # From 2.22 on ansible-core does not mask C(no_log_values) in results: the controller masks what it shows, and a
    # module tells it of secrets by this function.
    from ansible.module_utils.secrets import (  # type: ignore[import-not-found, unused-ignore]  # older ones lack it
        register_secrets,
    )
except ImportError:
    register_secrets = None

#: Of a bug, so many frames are reported, the innermost last.
_MOST_FRAMES = 5


class _LeftOut:
    """A fallback that finds nothing, and so learns that the task does not give the option, its default notwithstanding."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self) -> t.NoReturn:
        self.seen = True
        raise AnsibleFallbackNotFound


def _duration_in_environment() -> str:
    """A fallback: the environment goes before the default, and says nothing where it is blank."""
    duration = os.environ.get(DURATION_VARIABLE, "").strip()
    if not duration:
        raise AnsibleFallbackNotFound
    return duration


def common_arguments(credentials_file_left_out: Callable[..., t.Any]) -> dict[str, t.Any]:
    """The options that all modules and inventory plugins have.

    @param credentials_file_left_out: a fallback, called where C(credentials_file) is not given.
    """
    return {
        "region": {"type": "str"},
        "project_id": {"type": "str"},
        "access_key": {"type": "str", "no_log": False},
        "secret_key": {"type": "str", "no_log": True},
        "security_token": {"type": "str", "no_log": True},
        "auth_token": {"type": "str", "no_log": True},
        "iam_user_name": {"type": "str"},
        "iam_password": {"type": "str", "no_log": True},
        "iam_domain_name": {"type": "str"},
        "profile": {"type": "str"},
        "credentials_file": {"type": "path", "default": DEFAULT_FILE, "fallback": (credentials_file_left_out, [])},
        "assume_role_agency_name": {"type": "str"},
        "assume_role_domain_name": {"type": "str"},
        "assume_role_domain_id": {"type": "str"},
        "assume_role_duration": {
            "type": "int",
            "default": DEFAULT_DURATION,
            "fallback": (_duration_in_environment, []),
        },
        "sts_endpoint": {"type": "str"},
        "ecs_metadata": {"type": "bool", "default": False},
        "metadata_endpoint": {"type": "str", "default": DEFAULT_METADATA_ENDPOINT},
        "idp_id": {"type": "str"},
        # The name of a file, which is no secret as its content is.
        "id_token_file": {"type": "path", "no_log": False},
        "endpoint": {"type": "str"},
        "iam_endpoint": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "proxy": {"type": "str", "no_log": True},
        "timeout": {"type": "float", "default": 30},
        "total_timeout": {"type": "float", "default": 300},
        "max_retries": {"type": "int", "default": 4},
        "retry_max_delay": {"type": "float", "default": 30},
        "concurrency": {"type": "int", "default": 4},
    }


def missing_library(import_error: str) -> str:
    """The message for an import that failed, by the last line of its traceback: urllib3 comes with requests, and may fail."""
    reason = import_error.strip().splitlines()[-1]
    library = "urllib3" if "urllib3" in reason else "requests"
    return f"{missing_required_lib(library)} The import failed with {reason}."


class WorkspaceModule(AnsibleModule):
    """An info module of this collection.

    @param arguments: its own options, added to the common ones.
    """

    def __init__(self, arguments: dict[str, t.Any]) -> None:
        self._credentials_file_left_out = _LeftOut()
        super().__init__(
            argument_spec={**common_arguments(self._credentials_file_left_out), **arguments},
            supports_check_mode=True,
        )

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail with every fact that a failure of this collection has, also where Ansible finds the options wrong."""
        super().fail_json(msg, **{**dict.fromkeys(FACTS), **kwargs})

    def run(self, prepare: Prepare) -> t.NoReturn:
        """Check the options, ask, and exit with the result or the reason why there is none."""
        if REQUESTS_IMPORT_ERROR:
            self.fail_json(missing_library(REQUESTS_IMPORT_ERROR))
        # Records hold no cycles, and the process ends soon: looking for some takes a third of the time of a large result.
        gc.disable()
        secrets = Secrets()
        result, error = self._result(prepare, secrets)
        self.no_log_values.update(secrets)
        if register_secrets:
            register_secrets(secrets)
        # The interpreter would look once more when it ends.
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


def bug_report(bug: Exception) -> WorkspaceError:
    """Where a bug shows itself, as file, line and function; never the text of the exception, which may hold a secret."""
    frames = traceback.extract_tb(bug.__traceback__)[-_MOST_FRAMES:]
    places = ", ".join(f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)
    return WorkspaceError(
        f"{COLLECTION} {VERSION} has a bug: {type(bug).__name__} at {places}. Please report it with this message."
    )
