# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as a task shows them, and what a process of its own has to survive; tests/contract has every other one."""

from __future__ import annotations

import pytest
from integration.runs import DESKTOPS, Call, assert_failed, keys_of, run, run_calls
from simulator.client import Simulator


def test_a_retry_and_a_refusal_with_all_facts(simulator: Simulator) -> None:
    facts = {
        "error_code": "WKS.0042",
        "error_msg": "No such thing",
        "error_detail": "the detail",
        "encoded_authorization_message": "ZW5jb2RlZA",
    }
    busy = {"kind": "status", "status": 503, "count": 1}
    simulator.behave(faults=[busy, {"kind": "status", "status": 409, "json": facts, "count": None}])
    result = run_calls({"refused": Call(keys_of(simulator.info))})["refused"]
    first, second = simulator.requests()
    assert first["target"] == second["target"]
    facts["request_id"] = second["request_id"]
    assert_failed(result, "HTTP 409 WKS.0042: No such thing", status_code=409, attempts=2, **facts)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_decompression_bomb_is_refused_in_little_memory(simulator: Simulator, encoding: str) -> None:
    simulator.behave(faults=[{"kind": "bomb", "mib": 600, "encoding": encoding, "count": None}])
    options = {**keys_of(simulator.info), "timeout": 120}
    words = " ".join(f"{name}={value}" for name, value in options.items())
    command = ["ansible", "localhost", "-m", f"huaweicloud.workspace.{DESKTOPS}", "-a", words]
    # 900,000 KiB of address space: enough for Ansible and a body of 64 MiB, not for one of 600.
    done = run(["sh", "-c", 'ulimit -v 900000 && exec "$@"', "limited", *command])
    assert done.returncode == 2, done.output
    assert "larger than 64 MiB" in done.output, done.output
    assert simulator.counters()["requests"] == 1
