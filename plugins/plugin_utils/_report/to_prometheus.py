# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as metrics, for the textfile collector of the node exporter of Prometheus."""

from __future__ import annotations

import typing as t

from ...module_utils._http.timestamps import time_in_utc
from .changes import Answer
from .report import FREE, NOT_KNOWN, Report, verdict_of
from .texts import not_known_of

#: Metric -> its description. All of them are gauges.
_METRICS = {
    "workspace_read_success": "Whether the project was read: 1 or 0.",
    "workspace_read_timestamp_seconds": "When the project was read.",
    "workspace_desktops": "Desktops by status.",
    "workspace_desktops_by_connect_status": "Desktops by connection status.",
    "workspace_findings": "Records of a finding of the audit.",
    "workspace_findings_not_known": "Records for which a finding of the audit is not known.",
    "workspace_free": "Whether no desktop is in use: 1 or 0.",
    "workspace_desktops_in_use": "Desktops in use, without those that are allowed to be.",
}


def to_prometheus(report: Report) -> str:
    """The content of the file."""
    lines: dict[str, list[str]] = {metric: [] for metric in _METRICS}
    for project, answer in report.projects.items():
        # Without the playbook, the files of both playbooks would contain the same metrics, which the exporter rejects.
        place = {"playbook": report.playbook, "project": project, "region": answer.get("region") or ""}
        for metric, labels, value in _samples(report, answer):
            shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in {**place, **labels}.items())
            lines[metric].append(f"{metric}{{{shown}}} {value}")
    blocks = [
        "\n".join([f"# HELP {metric} {_METRICS[metric]}", f"# TYPE {metric} gauge", *samples, ""])
        for metric, samples in lines.items()
        if samples
    ]
    return "".join(blocks)


def _samples(report: Report, answer: Answer) -> t.Iterator[tuple[str, dict[str, str], int]]:
    """Metric, labels and value; for a project that could not be read, only that."""
    verdict = verdict_of(answer)
    read = verdict != NOT_KNOWN if report.is_check else not answer.get("failed")
    yield "workspace_read_success", {}, int(read)
    if not read:
        return
    checks = answer.get("checks") or [{}]
    read_at = answer.get("read_at") or checks[-1].get("at") or report.read_at
    moment = time_in_utc(read_at)
    if moment:
        yield "workspace_read_timestamp_seconds", {}, int(moment.timestamp())
    for metric, key in (
        ("workspace_desktops", "status_counts"),
        ("workspace_desktops_by_connect_status", "login_status_counts"),
        ("workspace_desktops_by_connect_status", "connect_status_counts"),
    ):
        for status, count in (answer.get(key) or {}).items():
            yield metric, {"status": status}, count
    for finding, records in (answer.get("findings") or {}).items():
        yield "workspace_findings", {"finding": finding}, len(records)
        unknown = not_known_of(answer).get(finding, {})
        yield "workspace_findings_not_known", {"finding": finding}, sum(map(len, unknown.values()))
    if report.is_check:
        yield "workspace_free", {}, int(verdict == FREE)
        yield "workspace_desktops_in_use", {}, len(answer["in_use"])


def _escaped(text: str) -> str:
    return str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
