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

from .changes import Answer
from .meanings import MEANINGS, URGENT, title_of, urgency
from .report import Report, changed_lines, counts_of, message_of
from .rows import Record, findings_of, not_known_of, row_of
from .texts import cleaned, counted, shown_time

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
        source_of=_source_of,
    )
    if report.is_check:
        return templates.get_template("check.html.j2").render(message_of=message_of, table_of=_table)
    return templates.get_template("audit.html.j2").render(_audit(report))


def _name(text: str) -> Markup:
    """A name in an element that keeps its direction of writing from changing the text around it."""
    return Markup("<bdi>{}</bdi>").format(cleaned(str(text)))


def _source_of(answer: Answer) -> str:
    """With which credentials a project was queried, and where they come from."""
    who, source = answer.get("read_as"), answer.get("credentials_source")
    # A description of the credentials usually contains their source.
    more = f", credentials from {source}" if source and " (" not in (who or "") else ""
    return f"Queried as {who}{more}" if who else ""


def _table(finding: str, marked: list[tuple[str, Record]]) -> dict[str, t.Any]:
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
    return [bar_of(answer[key]) for key in _BARS if any((answer.get(key) or {}).values())]


def bar_of(counts: t.Mapping[str, int]) -> list[dict[str, t.Any]]:
    """The parts of a bar. Their widths add up to 100.

    @param counts: at least one of them is not zero.
    """
    parts: list[dict[str, t.Any]] = []
    start = 0.0
    for name, count in counts.items():
        width = 100 * count / sum(counts.values())
        style = _STYLES.get(name, _OTHER_STYLE)
        parts.append({"name": name, "count": count, "style": style, "start": round(start, 3), "width": round(width, 3)})
        start += width
    return parts


# The audit


def _audit(report: Report) -> dict[str, t.Any]:
    read = [_project(report, name, answer) for name, answer in report.projects.items() if not answer.get("failed")]
    read.sort(key=lambda project: (-project["new"], -project["urgent"], -project["count"]))
    for number, project in enumerate(read):
        project["anchor"] = f"project-{number}"
    return {
        "verdict": _completeness(report),
        "changed": changed_lines(report),
        "not_compared": _grouped(
            (
                entry.project,
                title_of(finding) + (f" ({counted(len(entry.ids), 'record')})" if entry.ids else ""),
                entry.reason,
            )
            for entry in report.changes.not_compared
            for finding in entry.findings or [""]
        ),
        "not_checked": _grouped(
            (name, title_of(finding), reason)
            for name, reasons in report.unchecked().items()
            for finding, reason in reasons.items()
        ),
        "rules": collections.Counter(project["rules"] for project in read).items(),
        "kinds": _kinds(read),
        "read": read,
    }


def _completeness(report: Report) -> dict[str, t.Any]:
    """Whether all projects were read, all findings checked and all records judged, as style, headline and sentences."""
    sentences = []
    count = len(report.projects)
    if report.failed:
        sentences.append(f"{len(report.failed):,} of {counted(count, 'project')} could not be read.")
    skipped = report.unchecked()
    if skipped:
        findings = len({finding for found in skipped.values() for finding in found})
        sentences.append(
            f"{counted(findings, 'kind')} of findings could not be checked in {len(skipped):,} of"
            f" {counted(count, 'project')}."
        )
    if sentences or not report.projects:
        return {"style": "bad", "headline": "Not complete", "sentences": sentences or ["No project was read."]}
    sentences = ["All projects were read and all findings were checked."]
    unknown = report.not_known()
    if unknown:
        sentences.append(f"The service does not return what {counted(unknown, 'answer')} would need.")
        return {"style": "doubt", "headline": f"Complete, but {unknown:,} not known", "sentences": sentences}
    return {"style": "good", "headline": "Complete", "sentences": sentences}


def _grouped(entries: t.Iterable[tuple[str, str, str]]) -> list[dict[str, t.Any]]:
    """Project, finding and reason of each entry as rows: findings of a project with the same reason, then projects.

    The finding is empty for all findings.
    """
    findings: dict[tuple[str, str], list[str]] = {}
    for project, finding, reason in entries:
        findings.setdefault((project, reason), []).extend(filter(None, [finding]))
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (project, reason), found in findings.items():
        rows.setdefault((reason, tuple(found)), []).append(project)
    return [{"projects": projects, "findings": found, "reason": reason} for (reason, found), projects in rows.items()]


def _rules_of(answer: Answer) -> str:
    """The options that findings depend on, as one sentence."""
    rules = answer.get("rules") or {}
    days, tags, agent = (rules.get(name) for name in ("idle_days", "required_tags", "oldest_agent_version"))
    parts = [
        "" if days is None else f"idle after {counted(days, 'day')}",
        "" if tags is None else f"required tags {', '.join(map(str, tags))}",
        "" if agent is None else f"oldest agent {agent}",
        f"members of groups are {'' if rules.get('resolve_groups') else 'not '}resolved",
    ]
    return ", ".join(filter(None, parts))


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
        "rules": _rules_of(answer),
        "findings": findings,
    }
