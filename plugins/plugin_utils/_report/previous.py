# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and check the report of an earlier audit."""

from __future__ import annotations

import json
import os
import typing as t

from ...module_utils._http.timestamps import time_in_utc
from .changes import IDENTITY, subject_of
from .report import REPORT_VERSION, ReportError

_NAME = "workspace_previous_report"

#: More days than any desktop can be idle.
_MOST_DAYS = 100_000


def read_previous(path: t.Any) -> dict[str, t.Any]:
    """The report of an earlier audit.

    @raises ReportError: it cannot be read, is not the JSON report of an audit, was altered, or has another version.
    """
    if not isinstance(path, str):
        raise ReportError(f"{_NAME} is {path}, but must be the path of the .json report of an earlier audit.")
    file = os.path.abspath(os.path.expanduser(path))
    try:
        with open(file, encoding="utf-8-sig") as stream:
            report = json.load(stream, parse_constant=_no_number)
    except FileNotFoundError:
        raise ReportError(
            f"{_NAME}: {file} does not exist. For the first audit, set only workspace_report_file to this path; from the"
            " second audit on, set both variables."
        ) from None
    except OSError as error:
        raise ReportError(f"{_NAME}: {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ReportError(f"{_NAME}: {file} is not JSON. It must be the .json report of an earlier audit.") from None
    if not isinstance(report, dict) or report.get("playbook") != "audit":
        raise ReportError(f"{_NAME}: {file} is not a report of the audit playbook. Set the .json report of an audit.")
    version = report.get("report_version")
    if version is True or version != REPORT_VERSION:
        raise ReportError(
            f"{_NAME}: {file} has report_version {version}, but this release of the collection reads {REPORT_VERSION}:"
            " write a new report, or use the release that wrote it."
        )
    wrong = _wrong(report)
    if wrong:
        raise ReportError(f"{_NAME}: {file} was altered or is incomplete: {wrong}. Write a new report of an audit.")
    found: dict[str, t.Any] = report
    return found


def _no_number(text: str) -> t.NoReturn:
    raise ValueError(text)


def _wrong(report: dict[str, t.Any]) -> str | None:
    """The first value that has the wrong type; `None` if there is none."""
    read_at = report.get("read_at")
    if not isinstance(read_at, str) or time_in_utc(read_at) is None:
        return "read_at is not a time"
    projects = report.get("projects")
    if not isinstance(projects, dict):
        return "projects is not a dictionary"
    for project, answer in projects.items():
        place = f"projects.{project}"
        if not isinstance(answer, dict):
            return f"{place} is not a dictionary"
        for key in ("project_id", "read_as"):
            if not _is_text(answer.get(key)):
                return f"{place}.{key} is not a text"
        for key, fits in () if answer.get("failed") else _PARTS.items():
            if not isinstance(answer.get(key), dict):
                return f"{place}.{key} is not a dictionary"
            for name, value in answer[key].items():
                if not fits(name, value):
                    return f"{place}.{key}.{name} has the wrong type"
    return None


def _is_record(record: t.Any, finding: str) -> bool:
    """Whether all fields that are compared or shown have the right types."""
    if not isinstance(record, dict) or not isinstance(subject_of(finding, record), str) or "attach_users" in record:
        return False
    days = record.get("idle_days")
    return (
        (days is None or (isinstance(days, (int, float)) and 0 <= days < _MOST_DAYS))
        and all(map(_is_text, map(record.get, (*IDENTITY, "last_user_name", "last_used_at"))))
        and all(_are_texts(record.get(key) or []) for key in ("users", "reasons"))
    )


def _is_text(value: t.Any) -> bool:
    return value is None or isinstance(value, str)


def _are_texts(value: t.Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


#: Part of the result of a project -> whether an entry of it, with its name and its value, has the right type.
_PARTS: dict[str, t.Callable[[str, t.Any], bool]] = {
    "findings": lambda name, value: isinstance(value, list) and all(_is_record(record, name) for record in value),
    "not_known": lambda _name, value: isinstance(value, dict) and all(map(_are_texts, value.values())),
    "not_checked": lambda _name, value: isinstance(value, str),
    "judged_by": lambda _name, value: _are_texts(value),
    "rules": lambda _name, value: value is None or isinstance(value, (bool, int, float, str)) or _are_texts(value),
}
