# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Keystone with some accounts in it, and a Workspace API that believes nobody but this Keystone."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

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

    @param url: without C(/v3).
    """

    def __init__(self, url: str) -> None:
        self.url = url
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

    def call(self, method: str, path: str, content: Any = None, **headers: str) -> requests.Response:
        """A request of the administrator."""
        return requests.request(
            method,
            f"{self.url}/v3/{path}",
            json=content,
            headers={"X-Auth-Token": self.admin_token, **headers},
            timeout=60,
        )

    def create(self, kind: str, **content: Any) -> str:
        """Make a domain, project or user, and return its id."""
        answer = self.call("POST", f"{kind}s", {kind: content})
        answer.raise_for_status()
        return str(answer.json()[kind]["id"])

    def grant(self, user: str, project: str, role: str = "member") -> None:
        """Give a user (id) a role (name) on a project (id)."""
        [found] = self.call("GET", f"roles?name={role}").json()["roles"]
        self.call("PUT", f"projects/{project}/users/{user}/roles/{found['id']}").raise_for_status()

    def revoke(self, token: str) -> None:
        """Take a token back."""
        self.call("DELETE", "auth/tokens", **{"X-Subject-Token": token}).raise_for_status()


@contextlib.contextmanager
def keystone(programs: Path, folder: Path) -> Iterator[Keystone]:
    """Set up a Keystone in a folder, and run it.

    @param programs: where C(python) and C(keystone-manage) of its virtual environment are.
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


class Workspace:
    """A Workspace API with some users in each project; who asks must show a token that Keystone knows for the project.

    @param revoke_at: the request, counted from 1, of which the token is taken back at Keystone before it is looked at.
    """

    def __init__(self, keystone: Keystone) -> None:
        self.keystone = keystone
        self.revoke_at = 0
        self.requests = 0
        self.tokens: list[str] = []
        self._lock = threading.Lock()

    def answer(self, path: str, query: dict[str, list[str]], token: str) -> tuple[int, Any]:
        """The status and document for a request."""
        with self._lock:
            self.requests += 1
            self.tokens.append(token)
            if self.requests == self.revoke_at:
                self.keystone.revoke(token)
        shown = requests.get(
            f"{self.keystone.url}/v3/auth/tokens",
            headers={"X-Auth-Token": self.keystone.admin_token, "X-Subject-Token": token},
            timeout=60,
        )
        if shown.status_code != 200:
            return 401, {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information"}
        version, project, *operation = path.strip("/").split("/")
        if shown.json()["token"].get("project", {}).get("id") != project or version != "v2":
            return 403, {"error_code": "APIGW.0302", "error_msg": "the token is for another project"}
        if operation == ["connect-desktops"]:
            desktop = {"desktop_id": f"desktop-of-{project}", "desktop_name": "d", "connect_status": "CONNECTED"}
            return 200, {"desktops": [desktop], "total_count": 1}
        if operation == ["desktop-pools", "statistics", "by-users"]:
            return 200, {"users": [{"user_id": one, "desktop_pools": []} for one in query.get("user_ids", [])]}
        return 404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}


@contextlib.contextmanager
def serve_workspace(workspace: Workspace) -> Iterator[str]:
    """Serve it on loopback; yields the endpoint."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            token = self.headers.get("X-Auth-Token", "")
            status, document = workspace.answer(parts.path, parse_qs(parts.query), token)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
