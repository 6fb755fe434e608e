# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as CSV: a row for each record, verdict, failed project, and finding that is not known or not checked."""

from __future__ import annotations

import csv
import io
import re
import typing as t

from .changes import Answer
from .report import Report, verdict_of
from .texts import Row, findings_of, message_of, not_known_of, row_of

_COLUMNS = (
    *("project", "project_id", "finding", "id", "name", "details"),
    *("user_id", "user_name", "region", "read_at", "change"),
)

#: Control characters and line breaks.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

#: A place where a cell begins, also if a spreadsheet splits at semicolons or ignores quotes, and where the cell would
#: be a formula. Full-width characters also start formulas.
_FORMULA = re.compile("(^|[,;])(?=[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def to_csv(report: Report) -> str:
    """The content of the file."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for project, answer in report.projects.items():
        for finding, mark, row in _rows(report, project, answer):
            cells = [project, answer.get("project_id"), finding, row.id, row.name, row.details]
            cells += [row.user_id, row.user_name, answer.get("region"), answer.get("read_at") or report.read_at, mark]
            table.writerow(map(_cell, cells))
    return text.getvalue()


def _rows(report: Report, project: str, answer: Answer) -> t.Iterator[tuple[str, str, Row]]:
    """Finding or verdict, change, and the rest of each row."""
    if report.is_check or answer.get("failed"):
        what = verdict_of(answer).lower().replace(" ", "_") if report.is_check else "failed"
        yield what, "", Row(details=message_of(answer))
    for finding, reason in (answer.get("not_checked") or {}).items():
        yield finding, "", Row(details=f"not checked: {reason}")
    for finding, records in findings_of(answer).items():
        for mark, record in report.changes.marked(project, finding, records):
            yield finding, mark, row_of(record)
    for finding, reasons in not_known_of(answer).items():
        for reason, ids in reasons.items():
            for one in ids:
                yield finding, "", Row(id=one, details=f"not known: {reason}")


def _cell(value: t.Any) -> str:
    """The text of a cell, with an apostrophe wherever a spreadsheet would begin a formula."""
    return _FORMULA.sub(r"\1'", _BREAKS.sub(" ", "" if value is None else str(value)))
