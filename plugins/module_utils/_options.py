# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What modules and inventory plugins share of Ansible: the common options, and the messages for what keeps them from working."""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._http.errors import WorkspaceError, one_line
from ._http.version import COLLECTION, VERSION
from ._identity.options import OPTIONS

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Of a bug, so many frames are reported, the innermost last.
_MOST_FRAMES = 5


class LeftOut:
    """A fallback that finds nothing, and so learns that the task does not give the option, its default notwithstanding."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self) -> t.NoReturn:
        self.seen = True
        raise AnsibleFallbackNotFound


def _in_environment(variable: str) -> str:
    """A fallback: the environment takes precedence over the default; a blank value is ignored."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise AnsibleFallbackNotFound
    return value


def common_arguments(credentials_file_left_out: Callable[..., t.Any]) -> dict[str, t.Any]:
    """The options that all modules and inventory plugins have.

    @param credentials_file_left_out: a fallback, called where `credentials_file` is not given.
    """
    arguments: dict[str, t.Any] = {}
    for name, option in OPTIONS.items():
        # Ansible takes some names for secrets unless no_log is set.
        arguments[name] = {"type": option.type, "no_log": option.secret}
        if option.default is not None:
            arguments[name]["default"] = option.default
    arguments["credentials_file"]["fallback"] = (credentials_file_left_out, [])
    # The only one of the environment that is no text, and so for Ansible to convert.
    duration = OPTIONS["assume_role_duration"].variables[0]
    arguments["assume_role_duration"]["fallback"] = (_in_environment, [duration])
    return arguments


def validated(given: Mapping[str, t.Any], arguments: dict[str, t.Any], where: str = "") -> dict[str, t.Any]:
    """Options, checked and converted as Ansible does it for modules, with the defaults of those that are not given.

    @param where: put before the messages.
    @raises WorkspaceError: an unknown option, a wrong type or a value that is none of the choices.
    """
    for name in given:
        if name not in arguments:
            import difflib  # Only here, as modules import this file and have no use for it.

            near = difflib.get_close_matches(str(name), arguments, 1)
            asked = f"; did you mean {near[0]}?" if near else "."
            raise WorkspaceError(f"{where}{name} is not an option of this plugin{asked}")
    result = ArgumentSpecValidator(arguments).validate(dict(given))
    if result.error_messages:
        raise WorkspaceError(where + one_line(" ".join(result.error_messages)))
    checked: dict[str, t.Any] = result.validated_parameters
    return checked


def missing_library(import_error: str) -> str:
    """The message for an import that failed, by the last line of its traceback: urllib3 comes with requests, and may fail."""
    reason = import_error.strip().splitlines()[-1]
    library = "urllib3" if "urllib3" in reason else "requests"
    return f"{missing_required_lib(library)} The import failed with {reason}."


def bug_report(bug: Exception) -> WorkspaceError:
    """Where a bug shows itself, as file, line and function; never the text of the exception, which may hold a secret."""
    frames = traceback.extract_tb(bug.__traceback__)[-_MOST_FRAMES:]
    places = ", ".join(f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)
    return WorkspaceError(
        f"{COLLECTION} {VERSION} has a bug: {type(bug).__name__} at {places}. Please report it with this message."
    )
