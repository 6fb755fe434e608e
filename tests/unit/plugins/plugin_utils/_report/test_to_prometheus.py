# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as metrics, read by the parser of Prometheus' own client."""

from __future__ import annotations

from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.to_prometheus import to_prometheus
from prometheus_client.parser import text_string_to_metric_families

from .reports import BAD, BUSY, FREE, GOOD, LOST, check


def metrics(report: Report) -> dict[tuple[str, ...], float]:
    """Metric, project and other label -> value."""
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families(to_prometheus(report)):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("playbook") == report.playbook
            labels.pop("region")
            key = (sample.name, labels.pop("project"), *labels.values())
            assert key not in found
            found[key] = sample.value
    return found


def test_metrics_of_an_audit() -> None:
    """A project that could not be read has no other number, and a finding that was not checked has none."""
    read_at = 1795557600
    assert metrics(Report.of("audit", {"a": GOOD, "b": BAD})) == {
        ("workspace_read_success", "a"): 1,
        ("workspace_read_success", "b"): 0,
        ("workspace_read_timestamp_seconds", "a"): read_at,
        ("workspace_desktops", "a", "ACTIVE"): 1,
        ("workspace_desktops", "a", "SHUTOFF"): 1,
        **{("workspace_findings", "a", finding): len(found) for finding, found in GOOD["findings"].items()},
        **{("workspace_findings_not_known", "a", finding): 0 for finding in GOOD["findings"]},
        ("workspace_findings_not_known", "a", "desktops_shut_off"): 2,
    }


def test_metrics_of_a_check() -> None:
    assert metrics(check(a={**FREE, "checks": BUSY["checks"]}, b=BUSY, c=LOST)) == {
        ("workspace_read_success", "a"): 1,
        ("workspace_read_success", "b"): 1,
        ("workspace_read_success", "c"): 0,
        ("workspace_read_timestamp_seconds", "a"): 1795557600,
        ("workspace_read_timestamp_seconds", "b"): 1795557600,
        ("workspace_desktops_by_connect_status", "b", "CONNECTED"): 1,
        ("workspace_desktops_by_connect_status", "b", "REGISTERED"): 1,
        ("workspace_free", "a"): 1,
        ("workspace_free", "b"): 0,
        ("workspace_desktops_in_use", "a"): 0,
        ("workspace_desktops_in_use", "b"): 1,
    }


def test_labels_are_escaped_and_a_file_may_be_empty() -> None:
    name = 'a"b\\n\nc'
    found = metrics(Report.of("audit", {name: {**GOOD, "status_counts": {name: 3}}}))
    assert found["workspace_desktops", name, name] == 3
    assert to_prometheus(Report.of("audit", {})) == ""
