# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set up and run an OpenStack Keystone."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

HERE = Path(__file__).resolve().parent
ADMIN_PASSWORD = "admin's-password"

#: Installing the tables takes seconds; a machine that is busy gets its time.
_LONGEST_STEP = 240

_CONFIGURATION = """\
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[cache]
enabled = false
[identity]
password_hash_rounds = 4
"""


class Keystone:
    """A running Keystone, and what its administrator does.

    @param url: without `/v3`.

    `projects` is for those who create some: what they call them -> ID.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.projects: dict[str, str] = {}
        self.admin_token = self.token(
            "admin", ADMIN_PASSWORD, "Default", {"name": "admin", "domain": {"name": "Default"}}
        )

    def token(self, user: str, password: str, domain: str, project: dict[str, Any]) -> str:
        """A token for a project, asked for without the collection."""
        identity = {
            "methods": ["password"],
            "password": {"user": {"name": user, "password": password, "domain": {"name": domain}}},
        }
        answer = requests.post(
            f"{self.url}/v3/auth/tokens",
            json={"auth": {"identity": identity, "scope": {"project": project}}},
            timeout=60,
        )
        answer.raise_for_status()
        return answer.headers["X-Subject-Token"]

    def call(self, method: str, path: str, content: Any = None) -> requests.Response:
        """A request of the administrator."""
        return requests.request(
            method, f"{self.url}/v3/{path}", json=content, headers={"X-Auth-Token": self.admin_token}, timeout=60
        )

    def create(self, kind: str, **content: Any) -> str:
        """Make a domain, project or user, and return its id."""
        answer = self.call("POST", f"{kind}s", {kind: content})
        answer.raise_for_status()
        return str(answer.json()[kind]["id"])

    def grant(self, user: str, target: str, role: str = "member", on: str = "projects") -> None:
        """Give a user (ID) a role (name) on a project or domain (ID)."""
        [found] = self.call("GET", f"roles?name={role}").json()["roles"]
        self.call("PUT", f"{on}/{target}/users/{user}/roles/{found['id']}").raise_for_status()


@contextlib.contextmanager
def keystone(programs: Path, folder: Path) -> Iterator[Keystone]:
    """Set up a Keystone in a folder, and run it.

    @param programs: where `python` and `keystone-manage` of its virtual environment are.
    """
    configuration = folder / "keystone.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder), encoding="utf-8")

    def manage(*words: str) -> None:
        subprocess.run(
            [programs / "python", "-W", "ignore", programs / "keystone-manage", "--config-file", configuration, *words],
            check=True,
            capture_output=True,
            timeout=_LONGEST_STEP,
        )

    manage("db_sync")
    for keys in ("fernet", "credential"):
        (folder / keys).mkdir(mode=0o700)
        manage(f"{keys}_setup", *_owner())
    manage("bootstrap", "--bootstrap-password", ADMIN_PASSWORD)
    ready = folder / "port"
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [programs / "python", "-W", "ignore", HERE / "serve.py", ready],
            env={
                "PATH": "/usr/bin:/bin",
                "OS_KEYSTONE_CONFIG_DIR": str(folder),
                "OS_KEYSTONE_CONFIG_FILES": "keystone.conf",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        deadline = time.monotonic() + _LONGEST_STEP
        while not ready.exists():
            assert process.poll() is None, (folder / "errors").read_text(encoding="utf-8", errors="replace")[-2000:]
            assert time.monotonic() < deadline, "Keystone does not start"
            time.sleep(0.05)
        yield Keystone(f"http://127.0.0.1:{ready.read_text(encoding='ascii')}")
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _owner() -> list[str]:
    """Keystone wants to be told who owns its keys, even if that is whoever asks."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    return ["--keystone-user", user, "--keystone-group", grp.getgrgid(os.getegid()).gr_name]
