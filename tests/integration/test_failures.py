# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as a task shows them, and what a process of its own has to survive; tests/contract has every other one."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.client import Simulator
from support.runs import DESKTOPS, assert_failed, keys_of, results_of, run, show_results


def test_a_decompression_bomb_fails_in_little_memory_and_errors_have_all_facts(
    simulator: Simulator, tmp_path: Path
) -> None:
    """A decompression bomb, one that is not compressed, and a refusal after a retry."""
    facts = {
        "error_code": "WKS.0042",
        "error_msg": "No such thing",
        "error_detail": "the detail",
        "encoded_authorization_message": "ZW5jb2RlZA",
    }
    bombs = [{"kind": "bomb", "mib": 600, "encoding": encoding, "count": 1} for encoding in ("gzip", "identity")]
    busy = {"kind": "status", "status": 503, "count": 1}
    simulator.behave(faults=[*bombs, busy, {"kind": "status", "status": 409, "json": facts, "count": None}])
    ask = {f"huaweicloud.workspace.{DESKTOPS}": keys_of(simulator.info, timeout=120), "ignore_errors": True}
    names = ["gzip", "identity", "refused"]
    tasks = [*({**ask, "register": name} for name in names), show_results(names)]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    # 900,000 KiB of address space: enough for Ansible and a body of 64 MiB, not for one of 600.
    done = run(["sh", "-c", 'ulimit -v 900000 && exec "$@"', "limited", "ansible-playbook", playbook])
    *bombed, refused = results_of(done)
    for result in bombed:
        assert_failed(result, "larger than 64 MiB", attempts=1)
    first, second = simulator.requests()[2:]
    assert first["target"] == second["target"]
    facts["request_id"] = second["request_id"]
    assert_failed(refused, "HTTP 409 WKS.0042: No such thing", status_code=409, attempts=2, **facts)
