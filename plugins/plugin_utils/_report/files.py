# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of reports: read an earlier one, and write the new one. The suffix of its path selects the format."""

from __future__ import annotations

import json
import os
import stat
import typing as t

from ...module_utils._http.timestamps import time_in_utc
from .._files import replace_file
from .report import REPORT_VERSION, Report
from .to_csv import to_csv
from .to_html import to_html
from .to_prometheus import to_prometheus

_PREVIOUS, _NEW = "workspace_previous_report", "workspace_report_file"


class ReportError(Exception):
    """A report cannot be written or read; the message says why and what to do."""


def _to_json(report: Report) -> str:
    return json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n"


#: The suffix of a file -> a function that returns its content. Spreadsheets detect UTF-8 by the byte-order mark.
_FORMATS: dict[str, t.Callable[[Report], str]] = {
    ".json": _to_json,
    ".csv": lambda report: "\ufeff" + to_csv(report),
    ".prom": to_prometheus,
    ".html": to_html,
}


def read_previous(path: t.Any) -> dict[str, t.Any]:
    """The report of an earlier audit.

    @raises ReportError: it cannot be read, is not the JSON report of an audit, was altered, or has another version.
    """
    if not isinstance(path, str):
        raise ReportError(f"{_PREVIOUS} is {path}, but must be the path of the .json report of an earlier audit.")
    file = os.path.abspath(os.path.expanduser(path))
    try:
        with open(file, encoding="utf-8-sig") as stream:
            report = json.load(stream)
    except FileNotFoundError:
        raise ReportError(
            f"{_PREVIOUS}: {file} does not exist. For the first audit, set only workspace_report_file to this path; from"
            " the second audit on, set both variables."
        ) from None
    except OSError as error:
        raise ReportError(f"{_PREVIOUS}: {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ReportError(
            f"{_PREVIOUS}: {file} is not JSON. It must be the .json report of an earlier audit."
        ) from None
    if not isinstance(report, dict) or report.get("playbook") != "audit":
        raise ReportError(
            f"{_PREVIOUS}: {file} is not a report of the audit playbook. Set the .json report of an audit."
        )
    if report.get("report_version") != REPORT_VERSION:
        raise ReportError(
            f"{_PREVIOUS}: {file} has report_version {report.get('report_version')}, but this release of the collection"
            f" reads {REPORT_VERSION}: write a new report, or use the release that wrote it."
        )
    try:
        if time_in_utc(report["read_at"]) is None:
            raise ValueError
        # What can be compared with itself and shown can be compared with the new audit and shown.
        itself = Report.of("audit", report["projects"], report)
        itself.lines()
        to_csv(itself)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ReportError(
            f"{_PREVIOUS}: {file} was altered or is incomplete. Write a new report of an audit."
        ) from None
    found: dict[str, t.Any] = report
    return found


def checked_path(path: t.Any) -> str:
    """The absolute path of the report file, after a check that it can be written.

    @raises ReportError: the suffix is wrong, the folder does not exist, or the permission is missing.
    """
    if not isinstance(path, str) or os.path.splitext(path)[1] not in _FORMATS:
        raise ReportError(f"{_NEW} is {path}, but must be the path of a file that ends in {', '.join(_FORMATS)}.")
    file = os.path.abspath(os.path.expanduser(path))
    folder = os.path.dirname(file)
    if not os.path.isdir(folder):
        raise ReportError(f"{_NEW}: the folder {folder} does not exist.")
    if os.path.isdir(file):
        raise ReportError(f"{_NEW}: {file} is a folder, not a file.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ReportError(f"{_NEW}: the folder {folder} is not writable for this user.")
    if os.path.lexists(file) and os.stat(folder).st_mode & stat.S_ISVTX:
        # In a sticky folder such as /tmp, only the owner of the file or the folder can replace the file.
        owners = {os.lstat(file).st_uid, os.stat(folder).st_uid, 0}
        if os.geteuid() not in owners:
            raise ReportError(f"{_NEW}: {file} belongs to another user and cannot be replaced: choose another name.")
    return file


def write(report: Report, path: str) -> None:
    """Write the file. An existing file is replaced in one step.

    @raises ReportError: it cannot be written, for example because the disk is full.
    """
    suffix = os.path.splitext(path)[1]
    try:
        # Reports that name people can only be read by their owner; the exporter of metrics is another user.
        replace_file(path, _FORMATS[suffix](report), mode=0o644 if suffix == ".prom" else 0o600)
    except OSError as error:
        raise ReportError(f"{_NEW}: {path} cannot be written: {error.strerror}.") from None
