# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The common options of modules and plugins, and messages about a missing library or a bug."""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._http import errors, version
from ._identity import options

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The number of stack frames in the report of a bug, the innermost last.
_MOST_FRAMES = 5


class LeftOut:
    """A fallback that records whether an option is missing in the task, even if the option has a default."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self) -> t.NoReturn:
        self.seen = True
        raise AnsibleFallbackNotFound


def _in_environment(variable: str) -> str:
    """A fallback to an environment variable, before the default. A blank value is ignored."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise AnsibleFallbackNotFound
    return value


def common_arguments(credentials_file_left_out: Callable[..., t.Any]) -> dict[str, t.Any]:
    """The options of all modules and inventory plugins.

    @param credentials_file_left_out: a fallback that is called if `credentials_file` is not set.
    """
    arguments: dict[str, t.Any] = {}
    for name, option in options.OPTIONS.items():
        # Ansible warns about names that look like secrets unless no_log is set.
        arguments[name] = {"type": option.type, "no_log": option.secret}
        if option.default is not None:
            arguments[name]["default"] = option.default
    arguments["credentials_file"]["fallback"] = (credentials_file_left_out, [])
    # The only environment variable that is not a string, so Ansible has to convert it.
    duration = options.OPTIONS["assume_role_duration"].variables[0]
    arguments["assume_role_duration"]["fallback"] = (_in_environment, [duration])
    return arguments


def validated(given: Mapping[str, t.Any], arguments: dict[str, t.Any], where: str = "") -> dict[str, t.Any]:
    """Check and convert options as Ansible does for modules, and add the defaults.

    @param where: a prefix for the messages.
    @raises WorkspaceError: an option is unknown, or has a wrong type or a value that is not one of the choices.
    """
    for name, value in given.items():
        if name not in arguments:
            import difflib  # Imported here, because modules do not need it.

            near = difflib.get_close_matches(str(name), arguments, 1)
            suggestion = f"; did you mean {near[0]}?" if near else "."
            raise errors.WorkspaceError(f"{where}{name} is not an option of this plugin{suggestion}")
        if arguments[name].get("type") == "float" and value is not None:
            try:
                float(value)
            except (TypeError, ValueError):
                raise errors.WorkspaceError(f"{where}{name} is {value}, but must be seconds, such as 3600.") from None
    result = ArgumentSpecValidator(arguments).validate(dict(given))
    if result.error_messages:
        raise errors.WorkspaceError(where + errors.one_line(" ".join(result.error_messages)))
    checked: dict[str, t.Any] = result.validated_parameters
    return checked


def missing_library(import_error: str) -> str:
    """The message for a failed import. requests also imports urllib3, so the traceback is searched for its name."""
    reason = import_error.strip().splitlines()[-1]
    library = "urllib3" if "urllib3" in reason else "requests"
    return f"{missing_required_lib(library)} The import failed with {reason}."


def bug_report(bug: Exception) -> errors.WorkspaceError:
    """The error for a bug: file, line and function, without the text of the exception, which may contain a secret."""
    frames = traceback.extract_tb(bug.__traceback__)[-_MOST_FRAMES:]
    stack = ", ".join(f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)
    return errors.WorkspaceError(
        f"{version.COLLECTION} {version.VERSION} has a bug: {type(bug).__name__} at {stack}. Please report it with this message."
    )
