# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a simulator's project as a module does, in this process."""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import open_project as _open
from simulator.client import Simulator

_OPTIONS = (
    "region",
    "project_id",
    "access_key",
    "secret_key",
    "security_token",
    "auth_token",
    "iam_user_name",
    "iam_password",
    "iam_domain_name",
    "profile",
    "credentials_file",
    "endpoint",
    "iam_endpoint",
    "ca_path",
    "proxy",
)


def open_project(sim: Simulator, concurrency: int, **changes: Any) -> Project:
    """A project as a module opens it; C(changes) are options, C(None) takes one away."""
    options: dict[str, Any] = dict.fromkeys(_OPTIONS)
    options.update(
        region=sim.info["region"],
        project_id=sim.info["project_id"],
        access_key=sim.info["access_key"],
        secret_key=sim.info["secret_key"],
        endpoint=sim.url,
        iam_endpoint=sim.url,
        validate_certs=True,
        timeout=30.0,
        total_timeout=60.0,
        max_retries=4,
        retry_max_delay=5.0,
        concurrency=concurrency,
    )
    options.update(changes)
    secrets = Secrets()
    return _open(resolve_settings(options, {}, file_in_task=False, secrets=secrets), options, secrets)
