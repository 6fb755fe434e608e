# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets of ansible-test, run by plain ansible-playbook as well, all of them against one simulator."""

from __future__ import annotations

import json
import re
from pathlib import Path

from support.runs import run_playbook

TARGETS = Path(__file__).resolve().parent / "targets"


def test_the_integration_targets_pass(tmp_path: Path) -> None:
    targets = sorted(path.parent.name for path in TARGETS.glob("*/aliases") if "hidden" not in path.read_text("utf-8"))
    playbook = tmp_path / "playbook.yml"
    plays = [{"hosts": "localhost", "gather_facts": False, "force_handlers": True, "roles": targets}]
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    env = {"ANSIBLE_ROLES_PATH": str(TARGETS), "ANSIBLE_REMOTE_TMP": str(tmp_path / "remote"), "TMPDIR": str(tmp_path)}
    done = run_playbook(playbook, env=env)
    assert done.returncode == 0, done.output
    assert re.search(r"failed=0 .* rescued=0 +ignored=0", done.stdout), done.output
    missing = [name for name in targets if f"TASK [{name} : " not in done.stdout]
    assert not missing, done.output
    assert not list(tmp_path.glob("simulator-*")), "the simulator was left behind"
