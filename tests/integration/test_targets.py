# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets of ansible-test, run by plain ansible-playbook as well."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from integration.runs import run_playbook

TARGETS = Path(__file__).resolve().parent / "targets"


@pytest.mark.parametrize("target", ["workspace_connect_desktops_info", "workspace_desktop_pool_info"])
def test_target(target: str, tmp_path: Path) -> None:
    playbook = tmp_path / "playbook.yml"
    plays = [{"hosts": "localhost", "gather_facts": False, "roles": [target]}]
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    env = {"ANSIBLE_ROLES_PATH": str(TARGETS), "ANSIBLE_REMOTE_TMP": str(tmp_path / "remote"), "TMPDIR": str(tmp_path)}
    done = run_playbook(playbook, env=env)
    assert done.returncode == 0, done.output
    assert re.search(r"failed=0 .* rescued=0 +ignored=0", done.stdout), done.output
    assert not list(tmp_path.glob("simulator-*")), "the simulator was left behind"
