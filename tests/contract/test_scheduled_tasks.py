# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled tasks of a service whose clock differs from that of this host."""

from __future__ import annotations

import pytest
from simulator.client import Simulator
from support.modules import run_module
from support.runs import keys_of

TASKS = [{"name": f"in {minutes} minutes", "fields": {"due_in": 60 * minutes}} for minutes in (5, 15, 25)]
FLEET = {"tenant": {"name": "cn-north-4", "tasks": TASKS}}


@pytest.mark.parametrize(("ahead", "due"), [(-600, []), (0, TASKS[:1]), (600, TASKS[:2])])
def test_tasks_are_due_by_the_clock_of_the_service(cloud: Simulator, ahead: float, due: list[dict[str, str]]) -> None:
    cloud.behave(clock_offset=ahead)
    found = run_module("workspace_scheduled_task_info", keys_of(cloud.info, due_within=600))
    assert [task["task_name"] for task in found["tasks"]] == [task["name"] for task in due]
