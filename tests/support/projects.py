# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a simulator's project as a module does, in this process."""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import open_project as _open
from simulator.client import Simulator
from unit.arguments import options_of, settings_of


def options_and_settings(**changes: Any) -> tuple[dict[str, Any], Settings]:
    """The options of a task with only these, and what they lead to where the environment says nothing."""
    return options_of(**changes), settings_of(**changes)


def open_project(sim: Simulator, concurrency: int, **changes: Any) -> Project:
    """A project as a module opens it; `changes` are options, `None` takes one away."""
    usual = {
        "region": sim.info["region"],
        "project_id": sim.info["project_id"],
        "access_key": sim.info["access_key"],
        "secret_key": sim.info["secret_key"],
        "endpoint": sim.url,
        "iam_endpoint": sim.url,
        "total_timeout": 60.0,
        "retry_max_delay": 5.0,
        "concurrency": concurrency,
    }
    options, settings = options_and_settings(**{**usual, **changes})
    return _open(settings, options, Secrets())
