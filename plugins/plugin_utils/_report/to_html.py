# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as an HTML page. The templates in `playbooks/templates` show the values that this file computes."""

from __future__ import annotations

import collections
import typing as t
from pathlib import Path

import jinja2
from markupsafe import Markup

from .changes import Answer, Marked
from .meanings import MEANINGS, URGENT, title_of, urgency
from .report import Report, counts_of
from .texts import cleaned, counted, findings_of, message_of, not_known_of, row_of, shown_time, text_of

_TEMPLATES = Path(__file__).resolve().parents[3] / "playbooks" / "templates"

_TITLES = {"audit": "Workspace audit", "pre_maintenance_check": "Workspace check before maintenance"}

#: A page with more records is opened with closed sections, which some browsers do not print.
_MOST_OPEN = 200

#: The counts that are drawn as bars. The first bar is also visible if the details of a project are collapsed.
_BARS = ("status_counts", "login_status_counts", "connect_status_counts")

#: CSS class -> its color without style sheets.
_COLORS = {"c0": "#2f7d4f", "c1": "#8b929c", "c2": "#b42318", "c3": "#3565b5", "c4": "#c98a12", "c5": "#7d4cb0"}

#: Status -> CSS class; other statuses get `_OTHER_STYLE`.
_STYLES = {
    "ACTIVE": "c0",
    "SHUTOFF": "c1",
    "ERROR": "c2",
    "HIBERNATED": "c3",
    "REGISTERED": "c0",
    "UNREGISTER": "c1",
    "CONNECTED": "c3",
    "DISCONNECTED": "c4",
}
_OTHER_STYLE = "c5"

#: The numbers of a finding.
_NUMBERS = ("count", "new", "resolved", "not_known")


def to_html(report: Report) -> str:
    """The report as a single page without external resources. All values are escaped."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=lambda value: cleaned(value) if isinstance(value, str) and not hasattr(value, "__html__") else value,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters.update(counted=counted, name=_name, thousands="{:,}".format, time=shown_time)
    rows = sum(len(records) for answer in report.projects.values() for records in findings_of(answer).values())
    templates.globals.update(
        report=report,
        title=_TITLES[report.playbook],
        read_as=sorted({answer["read_as"] for answer in report.projects.values() if answer.get("read_as")}),
        colors=_COLORS,
        is_open=rows + report.changes.count("resolved") <= _MOST_OPEN,
        most_open=_MOST_OPEN,
        bars_of=_bars_of,
        counts_of=counts_of,
    )
    if report.is_check:
        return templates.get_template("check.html.j2").render(message_of=message_of, table_of=_table)
    return templates.get_template("audit.html.j2").render(_audit(report))


def _name(text: str) -> Markup:
    """A name in an element that keeps its direction of writing from changing the text around it."""
    return Markup("<bdi>{}</bdi>").format(cleaned(str(text)))


def _table(finding: str, marked: Marked) -> dict[str, t.Any]:
    """The rows of a finding, and which optional columns are not empty."""
    subject = {"users": "User", "pools": "Pool"}.get(finding.partition("_")[0], "Desktop")
    rows = [(mark, row_of(record)) for mark, record in marked]
    return {
        "subject": subject,
        "rows": rows,
        "with_marks": any(mark in ("new", "resolved") for mark, _row in rows),
        "with_users": subject == "Desktop" and any(row.user_name or row.user_id for _mark, row in rows),
        "with_details": any(row.details for _mark, row in rows),
    }


def _bars_of(answer: Answer) -> list[list[dict[str, t.Any]]]:
    """The bars of a project, each with its parts. Their widths add up to 100."""
    bars = []
    for counts in (answer.get(key) or {} for key in _BARS):
        parts: list[dict[str, t.Any]] = []
        start = 0.0
        for name, count in counts.items() if any(counts.values()) else ():
            width = round(100 * count / sum(counts.values()), 3)
            style = _STYLES.get(name, _OTHER_STYLE)
            parts.append({"name": name, "count": count, "style": style, "start": round(start, 3), "width": width})
            start += width
        bars += [parts] if parts else []
    return bars


# The audit


def _audit(report: Report) -> dict[str, t.Any]:
    read = [_project(report, name, answer) for name, answer in report.projects.items() if not answer.get("failed")]
    read.sort(key=lambda project: (-project["new"], -project["urgent"], -project["count"]))
    for number, project in enumerate(read):
        project["anchor"] = f"project-{number}"
    not_compared = [
        (entry.project, finding, len(entry.ids or ()), entry.reason)
        for entry in report.changes.not_compared
        for finding in entry.findings or [""]
    ]
    not_checked = [
        (name, finding, 0, reason)
        for name, reasons in report.unchecked().items()
        for finding, reason in reasons.items()
    ]
    return {
        "verdict": _completeness(report),
        "not_compared": _grouped(not_compared),
        "not_checked": _grouped(not_checked),
        "rules": collections.Counter(project["rules"] for project in read).items(),
        "kinds": _kinds(read),
        "read": read,
    }


def _completeness(report: Report) -> tuple[str, str, list[str]]:
    """Whether all projects were read, all findings checked and all records judged: style, headline and sentences."""
    projects = counted(len(report.projects), "project")
    sentences = []
    if report.failed or not report.projects:
        sentences.append(f"{len(report.failed):,} of {projects} could not be read.")
    skipped = report.unchecked()
    if skipped:
        kinds = counted(len(set().union(*skipped.values())), "kind")
        sentences.append(f"{kinds} of findings could not be checked in {len(skipped):,} of {projects}.")
    if sentences:
        return "bad", "Not complete", sentences
    sentences = ["All projects were read and all findings were checked."]
    unknown = report.not_known()
    if not unknown:
        return "good", "Complete", sentences
    sentences.append(f"The service does not return what {counted(unknown, 'answer')} would need.")
    return "doubt", f"Complete, but {unknown:,} not known", sentences


def _grouped(entries: t.Iterable[tuple[str, str, int, str]]) -> dict[tuple[str, str], list[str]]:
    """Finding and reason -> the projects, with the number of records unless it is zero.

    @param entries: project, finding (empty for all of them), number of records, and reason.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for project, finding, count, reason in entries:
        key = (title_of(finding) or "All", reason)
        groups.setdefault(key, []).append(f"{project} ({counted(count, 'record')})" if count else project)
    return groups


def _kinds(projects: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The findings with their totals over all projects: those with new records first, then the urgent ones.

    `places` are the projects that have the finding, and what they have of it.
    """
    places: dict[str, list[t.Any]] = {}
    for project in projects:
        for found in project["findings"]:
            places.setdefault(found["finding"], []).append((project, found))
    kinds = [
        {
            "finding": finding,
            "title": title_of(finding),
            "urgent": finding in URGENT,
            "meaning": MEANINGS.get(finding),
            "places": having,
            **{key: sum(found[key] for _project, found in having) for key in _NUMBERS},
        }
        for finding, having in places.items()
    ]
    return sorted(kinds, key=lambda kind: (not kind["new"], not kind["urgent"], -kind["count"]))


def _project(report: Report, name: str, answer: Answer) -> dict[str, t.Any]:
    findings = []
    for finding, records in findings_of(answer).items():
        marked = report.changes.marked(name, finding, records)
        reasons = not_known_of(answer).get(finding, {})
        marks = [mark for mark, _record in marked]
        if marked or reasons:
            findings.append(
                {
                    **_table(finding, marked),
                    "finding": finding,
                    "title": title_of(finding),
                    "urgent": finding in URGENT,
                    "count": len(records),
                    "new": marks.count("new"),
                    "resolved": marks.count("resolved"),
                    "not_known": sum(map(len, reasons.values())),
                    "reasons": reasons,
                }
            )
    findings.sort(key=lambda found: (not found["new"], urgency(found["finding"])))
    return {
        "name": name,
        "answer": answer,
        **{key: sum(found[key] for found in findings) for key in _NUMBERS},
        "urgent": sum(found["count"] for found in findings if found["urgent"]),
        # The options that findings depend on.
        "rules": ", ".join(
            f"{option}: {text}" for option, value in answer["rules"].items() if (text := text_of(value))
        ),
        "findings": findings,
    }
