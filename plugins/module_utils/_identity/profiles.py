# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The credentials file of the official SDKs: an INI file with a section for each profile."""

from __future__ import annotations

import os
import typing as t

from .._http import errors
from . import options

if t.TYPE_CHECKING:
    import configparser

_DEFAULT_PROFILES = ("basic", "basiccredentials")


def _read_file(path: str) -> configparser.RawConfigParser:
    """Parse the file; errors name the file and the line, never its content."""
    import configparser  # Not at the top, because most calls read no file.

    parser = configparser.RawConfigParser()
    try:
        with open(path, encoding="utf-8-sig") as file:
            parser.read_file(file)
    except OSError as error:
        raise errors.WorkspaceError(
            f"credentials_file {path} cannot be read: {error.strerror or 'unknown error'}."
        ) from None
    except UnicodeDecodeError:
        raise errors.WorkspaceError(f"credentials_file {path} is not UTF-8 text.") from None
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next((number for number, _text in getattr(error, "errors", ())), None)
        where = f" at line {line}" if line else ""
        raise errors.WorkspaceError(f"credentials_file {path} is malformed{where}: it must be an INI file.") from None
    return parser


def read_profile(path: str, profile: str | None, *, named: bool) -> options.Profile | None:
    """A section of the credentials file.

    @param path: the file; `~` is expanded.
    @param profile: the section; None for `basic`, else `basiccredentials`.
    @param named: whether the user named this file or section: then it must exist.
    @returns: `None` if the default file does not exist.
    @raises WorkspaceError: unreadable, malformed, or no such section.
    """
    path = os.path.expanduser(path)
    if not named and not os.path.exists(path):
        return None
    parser = _read_file(path)
    for section in (profile,) if profile else _DEFAULT_PROFILES:
        if parser.has_section(section):
            return options.Profile(
                path, section, {key: value.strip() for key, value in parser.items(section) if value.strip()}
            )
    if not named:
        return None
    asked = f"profile {profile}" if profile else "neither profile basic nor basiccredentials"
    there = ", ".join(parser.sections()) or "none"
    verb = "is not in" if profile else "is in"
    raise errors.WorkspaceError(f"{asked} {verb} credentials_file {path}; its sections are: {there}.")


def open_to_others(path: str) -> list[str]:
    """A warning if other users of this machine can read the credentials file, else nothing."""
    mode = os.stat(path).st_mode & 0o777
    if os.name != "posix" or not mode & 0o077:
        return []
    return [f"credentials_file {path} is open to other users (mode {mode:04o}): run chmod 600 {path}."]
