# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a report as a file. The suffix of the path selects the format."""

from __future__ import annotations

import json
import os
import stat
import typing as t

from .._files import replace_file
from .report import Report, ReportError
from .to_csv import to_csv
from .to_html import to_html
from .to_prometheus import to_prometheus

_NAME = "workspace_report_file"


def _to_json(report: Report) -> str:
    return json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n"


#: The suffix of a file -> a function that returns its content. Spreadsheets detect UTF-8 by the byte-order mark.
_FORMATS: dict[str, t.Callable[[Report], str]] = {
    ".json": _to_json,
    ".csv": lambda report: "\ufeff" + to_csv(report),
    ".prom": to_prometheus,
    ".html": to_html,
}


def checked_path(path: t.Any) -> str:
    """The absolute path of the report file, after a check that it can be written.

    @raises ReportError: the suffix is wrong, the folder does not exist, or the permission is missing.
    """
    if not isinstance(path, str) or os.path.splitext(path)[1] not in _FORMATS:
        raise ReportError(f"{_NAME} is {path}, but must be the path of a file that ends in {', '.join(_FORMATS)}.")
    file = os.path.abspath(os.path.expanduser(path))
    folder = os.path.dirname(file)
    if not os.path.isdir(folder):
        raise ReportError(f"{_NAME}: the folder {folder} does not exist.")
    if os.path.isdir(file):
        raise ReportError(f"{_NAME}: {file} is a folder, not a file.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ReportError(f"{_NAME}: the folder {folder} is not writable for this user.")
    if os.path.lexists(file) and os.stat(folder).st_mode & stat.S_ISVTX:
        # In a sticky folder such as /tmp, only the owner of the file or the folder can replace the file.
        owners = {os.lstat(file).st_uid, os.stat(folder).st_uid, 0}
        if os.geteuid() not in owners:
            raise ReportError(f"{_NAME}: {file} belongs to another user and cannot be replaced: choose another name.")
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
        raise ReportError(f"{_NAME}: {path} cannot be written: {error.strerror}.") from None
