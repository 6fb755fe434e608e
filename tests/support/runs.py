# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands of Ansible as users do.

Starting Ansible costs half a second and a task of a module nearly as much, so tasks that do not disturb each other share a
playbook. What is shown without Ansible runs in the process of the test: see `modules.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DESKTOPS = "workspace_connect_desktops_info"
POOLS = "workspace_desktop_pool_info"

#: The keys that every failure has.
FACTS = (
    "status_code",
    "error_code",
    "error_msg",
    "error_detail",
    "encoded_authorization_message",
    "request_id",
    "attempts",
    "project_id",
    "region",
    "endpoint",
    "credentials_source",
)

#: Far beyond what any run takes; it is there so that a hang fails and does not stop the whole test run.
_LONGEST_RUN = 240


@dataclass(frozen=True)
class Run:
    """A finished command."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Run:
    """Run a command of Ansible with these variables added to the environment."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=_LONGEST_RUN,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def run_playbook(playbook: Path, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a playbook against the implicit localhost."""
    return run(["ansible-playbook", *arguments, playbook], env=env)


def show_results(registered: Sequence[str]) -> dict[str, Any]:
    """A task that shows these variables for `results_of`; `debug` takes a tenth of the time of what writes a file."""
    return {"ansible.builtin.debug": {"msg": f"RESULTS {{{{ [{', '.join(registered)}] | to_json }}}}"}}


def results_of(run: Run) -> list[dict[str, Any]]:
    """What the task `show_results` of a run has shown."""
    shown = re.search(r'"msg": ("RESULTS .*")', run.stdout)
    assert shown, run.output
    found: list[dict[str, Any]] = json.loads(json.loads(shown[1]).removeprefix("RESULTS "))
    return found


def keys_of(info: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Options that reach a simulator with its permanent key; `None` in `more` takes one away."""
    options = {
        "endpoint": info["url"],
        "region": info["region"],
        "project_id": info["project_id"],
        "access_key": info["access_key"],
        "secret_key": info["secret_key"],
        "retry_max_delay": 0.05,
        **more,
    }
    return {name: value for name, value in options.items() if value is not None}


def addresses(info: Mapping[str, Any]) -> dict[str, str]:
    """The environment that lets the names of regions lead to a simulator."""
    variables = {
        f"HUAWEICLOUD_SDK_REGION_WORKSPACE_{region.upper().replace('-', '_')}": info["url"]
        for region in info["regions"]
    }
    return {**variables, "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"]}


def reach(info: Mapping[str, Any]) -> dict[str, str]:
    """The environment that leads to a simulator, with its keys."""
    keys = {"HUAWEICLOUD_SDK_AK": info["access_key"], "HUAWEICLOUD_SDK_SK": info["secret_key"]}
    return {**addresses(info), **keys}


def recap(run: Run) -> dict[str, int]:
    """How often each host failed."""
    return {name: int(count) for name, count in re.findall(r"^(\S+) +: ok=.* failed=(\d+) ", run.stdout, re.MULTILINE)}


def assert_failed(result: Mapping[str, Any], *words: str, **facts: Any) -> None:
    """The module failed by itself, in one line with these words, and with all facts, these among them."""
    assert result.get("failed") is True, result
    message = result["msg"]
    assert "\n" not in message, message
    for text in (message, str(result.get("exception", "")), str(result.get("module_stderr", ""))):
        assert "Traceback" not in text, result
    missing = [name for name in FACTS if name not in result]
    assert not missing, (missing, result)
    for word in words:
        assert word in message, (word, message)
    told = {name: result[name] for name in facts}
    assert told == facts, (told, message)
