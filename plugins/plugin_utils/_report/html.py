# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as an HTML page. This file computes the values that the templates in `playbooks/templates` show."""

from __future__ import annotations

import typing as t
from pathlib import Path

import jinja2

from .changes import Answer, Change
from .meanings import MEANINGS, is_urgent, title_of, urgency
from .report import Report, changed_lines, counts_of, verdict_of
from .rows import findings_of, row_of

_TEMPLATES = Path(__file__).resolve().parents[3] / "playbooks" / "templates"

_TITLES = {"audit": "Workspace audit", "pre_maintenance_check": "Workspace check before maintenance"}

#: The counts that are drawn as bars. The first bar is also visible if the details of a project are collapsed.
_BARS = ("status_counts", "login_status_counts", "connect_status_counts")

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


def page(report: Report) -> str:
    """Render the report as a single page without external resources. All values are escaped."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["thousands"] = "{:,}".format
    common = {
        "title": _TITLES[report.playbook],
        "read_at": report.read_at,
        "read_as": sorted({answer["read_as"] for answer in report.projects.values() if answer.get("read_as")}),
    }
    if report.is_check:
        return templates.get_template("check.html.j2").render(common, **_check(report))
    return templates.get_template("audit.html.j2").render(common, **_audit(report))


def _tile(total: tuple[int, bool] | None, name: str) -> dict[str, str]:
    """A prominent number. A dash is shown if it is not known."""
    if total is None:
        return {"number": "–", "name": f"{name} (not read)"}
    if total == (1, True):
        name = name.removesuffix("s")
    return {"number": f"{total[0]:,}" if total[1] else f"≥ {total[0]:,}", "name": name}


# The audit


def _audit(report: Report) -> dict[str, t.Any]:
    changes = report.changes
    tiles = [_tile((len(report.projects), True), "projects")]
    if changes is not None:
        tiles += [_tile((changes.count(what), not changes.not_compared), what) for what in ("new", "resolved")]
    tiles.append(_tile(report.found(), "findings"))
    tiles += [_tile(report.total(f"{key}_count"), f"{key}s") for key in ("desktop", "user", "pool")]
    read = [_project(report, name, answer) for name, answer in report.projects.items() if not answer.get("failed")]
    return {
        "incomplete": _incomplete(report),
        "tiles": tiles,
        "changed": changed_lines(report),
        "not_compared": _not_compared(report),
        "failed": [_failure(name, answer) for name, answer in report.failed.items()],
        "not_checked": _not_checked(report),
        "rules": _rules(report),
        "worst": _worst(report),
        "has_changes": changes is not None,
        "read": sorted(read, key=lambda project: (-project["new"], -project["urgent"], -project["count"])),
    }


def _incomplete(report: Report) -> list[str]:
    """Sentences about the missing parts of the audit; empty if it is complete."""
    sentences = []
    count = len(report.projects)
    if report.failed:
        sentences.append(f"{len(report.failed):,} of {count:,} projects could not be read.")
    skipped = report.unchecked()
    if skipped:
        findings = len({finding for found in skipped.values() for finding in found})
        sentences.append(
            f"{findings} kind{'s' if findings != 1 else ''} of findings could not be checked in {len(skipped):,} of"
            f" {count:,} projects."
        )
    return sentences if report.projects else ["No project was read."]


def _not_compared(report: Report) -> list[dict[str, t.Any]]:
    """The findings that could not be compared. Projects with the same findings and reason are grouped."""
    places: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for entry in report.changes.not_compared if report.changes else ():
        places.setdefault((entry.reason, tuple(entry.findings or ())), []).append(entry.project)
    return [
        {"projects": projects, "findings": [title_of(finding) for finding in findings], "reason": reason}
        for (reason, findings), projects in places.items()
    ]


def _not_checked(report: Report) -> list[dict[str, t.Any]]:
    """The findings that could not be checked. Projects with the same findings and reason are grouped."""
    places: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, answer in report.projects.items():
        reasons: dict[str, list[str]] = {}
        for finding, reason in (answer.get("not_checked") or {}).items():
            reasons.setdefault(reason, []).append(finding)
        for reason, findings in reasons.items():
            places.setdefault((reason, tuple(findings)), []).append(name)
    return [
        {"projects": projects, "findings": [title_of(finding) for finding in findings], "reason": reason}
        for (reason, findings), projects in places.items()
    ]


def _rules_of(answer: Answer) -> str:
    """The options that findings depend on, as one sentence."""
    rules = answer.get("rules") or {}
    parts = []
    if rules.get("idle_days") is not None:
        parts.append(f"idle after {rules['idle_days']} days")
    if rules.get("required_tags") is not None:
        parts.append(f"required tags {', '.join(map(str, rules['required_tags']))}")
    if rules.get("oldest_agent_version") is not None:
        parts.append(f"oldest agent {rules['oldest_agent_version']}")
    parts.append(
        "members of groups are resolved" if rules.get("resolve_groups") else "members of groups are not resolved"
    )
    return ", ".join(parts)


def _rules(report: Report) -> list[dict[str, t.Any]]:
    """The rules of the projects that were read, with the number of projects for each set of rules."""
    counts: dict[str, int] = {}
    for answer in report.projects.values():
        if not answer.get("failed"):
            counts[_rules_of(answer)] = counts.get(_rules_of(answer), 0) + 1
    return [{"text": text, "projects": count} for text, count in counts.items()]


def _worst(report: Report) -> list[dict[str, t.Any]]:
    """The findings with their totals over all projects: those with new records first, then the urgent ones."""
    found: dict[str, dict[str, int]] = {}
    for name, answer in report.projects.items():
        for finding, records in findings_of(answer).items():
            change = (report.changes.of(name, finding) if report.changes else None) or Change([], [])
            if records or change.resolved:
                sums = found.setdefault(finding, dict.fromkeys(("count", "projects", "new", "resolved"), 0))
                more = (len(records), bool(records), len(change.new), len(change.resolved))
                for key, number in zip(sums, more):
                    sums[key] += number
    most = max((sums["count"] for sums in found.values()), default=0) or 1
    return [
        {
            "title": title_of(finding),
            "urgent": is_urgent(finding),
            "meaning": MEANINGS.get(finding),
            "width": round(100 * sums["count"] / most, 2),
            **sums,
        }
        for finding, sums in sorted(
            found.items(), key=lambda item: (not item[1]["new"], not is_urgent(item[0]), -item[1]["count"])
        )
    ]


def _project(report: Report, name: str, answer: Answer) -> dict[str, t.Any]:
    findings = []
    for finding, records in findings_of(answer).items():
        marked = report.marked(name, finding, records)
        marks = [mark for mark, _record in marked]
        if marked:
            findings.append(
                {
                    "title": title_of(finding),
                    "urgent": is_urgent(finding),
                    "place": urgency(finding),
                    "count": len(records),
                    "new": marks.count("new"),
                    "resolved": marks.count("resolved"),
                    **_table(finding, marked),
                }
            )
    findings.sort(key=lambda found: (not found["new"], not found["urgent"], found["place"]))
    return {
        **_head(name, answer),
        "count": sum(found["count"] for found in findings),
        "new": sum(found["new"] for found in findings),
        "resolved": sum(found["resolved"] for found in findings),
        "urgent": sum(found["count"] for found in findings if found["urgent"]),
        "counts": ", ".join(counts_of(answer)) or "No counts available",
        "rules": _rules_of(answer),
        "findings": findings,
    }


def _table(finding: str, marked: list[tuple[str, dict[str, t.Any]]]) -> dict[str, t.Any]:
    """The rows of a finding, and which optional columns are not empty."""
    kind = finding.partition("_")[0]
    subject = {"users": "User", "pools": "Pool"}.get(kind, "Desktop")
    rows = [(mark, row_of(record)) for mark, record in marked]
    return {
        "subject": subject,
        "rows": rows,
        "with_marks": any(mark in ("new", "resolved") for mark, _row in rows),
        "with_users": subject == "Desktop" and any(row.user_name or row.user_id for _mark, row in rows),
        "with_details": any(row.details for _mark, row in rows),
    }


def _head(name: str, answer: Answer) -> dict[str, t.Any]:
    return {
        "name": name,
        "place": " ".join(str(answer[key]) for key in ("region", "project_id") if answer.get(key)),
        "read_at": answer.get("read_at"),
        "read_as": answer.get("read_as"),
        "bars": [bar_of(answer[key]) for key in _BARS if any((answer.get(key) or {}).values())],
        "warnings": answer.get("warnings") or [],
    }


def _failure(name: str, answer: Answer) -> dict[str, t.Any]:
    source = answer.get("credentials_source")
    who = answer.get("read_as")
    text = f"Queried as {who}" if who else ""
    return {
        "name": name,
        "status_code": answer.get("status_code"),
        "reason": answer.get("msg"),
        "warnings": answer.get("warnings") or [],
        "source": text + (f", credentials from {source}" if text and source else ""),
    }


# The check before maintenance


def _check(report: Report) -> dict[str, t.Any]:
    projects = []
    for name, answer in report.projects.items():
        checks = answer.get("checks") or [{}]
        lists = [
            {"title": title, **_table(key, [("", record) for record in answer.get(key) or ()])}
            for key, title in (("in_use", "In use"), ("in_use_but_allowed", "In use, but allowed"))
            if answer.get(key)
        ]
        projects.append(
            {
                **_head(name, answer),
                "verdict": verdict_of(answer),
                "reason": answer.get("msg"),
                "status_code": answer.get("status_code"),
                "source": _failure(name, answer)["source"],
                "counts": ", ".join(counts_of(answer)),
                "checked_at": checks[-1].get("at"),
                "lists": lists,
            }
        )
    return {
        "verdict": report.verdict,
        "summary": report.summary().partition(": ")[2].capitalize(),
        "tiles": [
            _tile((len(report.projects), True), "projects"),
            _tile(report.total("desktop_count"), "desktops"),
            _tile(report.in_use(), "in use"),
        ],
        "projects": projects,
    }


def bar_of(counts: t.Mapping[str, int]) -> list[dict[str, t.Any]]:
    """The parts of a bar. Their widths add up to 100.

    @param counts: at least one of them is not zero.
    """
    total = sum(counts.values())
    parts = []
    start = 0.0
    for name, count in counts.items():
        width = 100 * count / total
        style = _STYLES.get(name, _OTHER_STYLE)
        parts.append({"name": name, "count": count, "style": style, "start": round(start, 3), "width": round(width, 3)})
        start += width
    return parts
