# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make live`, run against the simulator: it answers its questions, and shows nobody's name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from simulator.client import Simulator

PROGRAM = Path(__file__).resolve().parents[1] / "live" / "run.py"


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_credentials_nothing_is_compared() -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    assert "HUAWEICLOUD_SDK_AK" in done.stdout
    assert "nothing was asked" in done.stdout


#: The beginning of a row -> its last column.
SHOWN = {
    "connect-desktops: limit 2000, the largest that the collection asks for | 7 records": "yes",
    "by-users: no user_ids | 0 records": "any answer is fine",
    "users: how user_names matches | a part of a name matches": "any answer is fine",
    "users: is offset the number of a record? | yes": "yes",
    "desktops/detail: total_count with status | all records of the project": "yes",
}


def test_the_comparison_answers_questions_without_names() -> None:
    behaviour = {"clamp": 7, "empty_without_ids": True, "fuzzy": True, "total_meaning": "project"}
    with Simulator(desktops=60, users=30, pools=3, **behaviour) as sim:
        info = sim.info
        region = info["region"].upper().replace("-", "_")
        done = run(
            HUAWEICLOUD_SDK_AK=info["access_key"],
            HUAWEICLOUD_SDK_SK=info["secret_key"],
            HW_REGION_NAME=info["region"],
            HUAWEICLOUD_SDK_IAM_ENDPOINT=info["url"],
            **{f"HUAWEICLOUD_SDK_REGION_WORKSPACE_{region}": info["url"]},
        )
        tenant = sim.project()
        methods = {entry["method"] for entry in sim.requests() if "/v2/" in entry["path"]}
    assert methods == {"GET"}
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    for start, verdict in SHOWN.items():
        (row,) = (row for row in rows if " | ".join(row).startswith(f"| {start}"))
        assert row[3].removesuffix(" |") == verdict
    for operation in ("connect-desktops", "desktop-pools/statistics/by-users", "desktops/detail", "users"):
        assert any(row[0] == f"| {operation}" and row[3] == "none |" for row in rows), done.stdout + done.stderr
    for person in tenant["users"]:
        assert person["user_id"] not in done.stdout
        assert f" {person['user_name']} " not in done.stdout
    for secret in ("secret_key", "access_key", "project_id"):
        assert info[secret] not in done.stdout + done.stderr
