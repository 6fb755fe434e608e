# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of any source in any output, at the highest verbosity, even if the server repeats all it was told."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
from integration.runs import DESKTOPS, Run, keys_of, run_playbook
from simulator.client import Simulator

PROXY_PASSWORD = "pr0xy-p@ss/word-long"

#: ansible-core 2.21 and later show the options of a call only if they are told to.
_SHOW = {"ANSIBLE_INJECT_INVOCATION": "true"}

#: As many characters of a secret in a row are a leak, so that one that was cut is found as well.
_WINDOW = 12

# How the gossip answers, by the user name that is asked for.
MANNERS = ("json-401", "html-403", "text-400", "header-404", "code-200", "html-200", "name-200")
FEW_MANNERS = ("html-403", "name-200")
#: What a token's run proves of long secrets, and a user's of those that look different when encoded, is enough.
MANNERS_OF = {"options-user": MANNERS, "hw-token": MANNERS}


def _forms(secret: str) -> list[str]:
    encoded = secret.encode()
    percent = quote(secret, safe="")
    return [
        secret,
        percent,
        re.sub("%[0-9A-F]{2}", lambda escape: escape.group().lower(), percent),
        quote(secret),
        quote_plus(secret),
        quote(secret, safe="!'()*"),
        base64.b64encode(encoded).decode(),
        base64.urlsafe_b64encode(encoded).decode(),
        html.escape(secret),
        json.dumps(secret),
    ]


class _Gossip(ThreadingHTTPServer):
    """Answers every request with all it was told and all it was given to tell, in many forms."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _GossipHandler)
        self.secrets: list[str] = []
        self.tokens: set[str] = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _GossipHandler(BaseHTTPRequestHandler):
    server: _Gossip

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""

    def do_POST(self) -> None:
        self._answer("json-401", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def do_PUT(self) -> None:
        self._answer("json-401", "")

    def do_GET(self) -> None:
        names = parse_qs(urlsplit(self.path).query).get("user_names", ["json-401"])
        self._answer(names[0], "")

    def _answer(self, manner: str, body: str) -> None:
        for name in ("X-Auth-Token", "X-Security-Token"):
            if name in self.headers:
                self.server.tokens.add(self.headers[name])
        told = [*self.headers.values(), *self.server.secrets]
        gossip = " | ".join([body, *(form for secret in told for form in _forms(secret))])
        shape, _dash, status = manner.partition("-")
        headers = {"Content-Type": "application/json", "X-Request-Id": "a-request-id"}
        content: Any
        if shape == "html":
            content = f"<html><h1>Refused</h1><p>{gossip}</p></html>"
        elif shape == "text":
            content = gossip
        elif shape == "header":
            headers["X-Request-Id"] = " ".join(self.server.secrets)
            content = {"message": gossip, "detail": {"all": gossip}}
        elif shape == "name":
            desktop = {"desktop_id": "a", "desktop_name": gossip, "connect_status": "CONNECTED", "extra": [gossip]}
            content = {"desktops": [desktop], "total_count": 1}
        else:
            # What begins with a lot of text is cut somewhere; the cut must not go through a secret.
            content = {"error_code": "X", "error_msg": gossip, "error_detail": "-" * 7950 + gossip}
        encoded = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(int(status))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


@pytest.fixture(scope="module")
def gossip() -> Iterator[_Gossip]:
    server = _Gossip()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    with Simulator(desktops=5, accounts=1) as simulator:
        yield simulator


class Story:
    """The output of each run, and the secrets that must not be in it."""

    def __init__(self, runs: dict[str, Run], secrets: list[str], tokens: set[str], invocations: str) -> None:
        self.runs = runs
        self.secrets = secrets
        self.tokens = tokens
        self.invocations = invocations


@pytest.fixture(scope="module")
def story(cloud: Simulator, gossip: _Gossip, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("secrets")
    info = cloud.info
    temporary = info["temporary"]
    user = {name: info[name] for name in ("iam_user_name", "iam_password", "iam_domain_name")}
    keys = {name: info[name] for name in ("access_key", "secret_key")}
    there = {name: keys_of(info)[name] for name in ("endpoint", "region", "project_id")}
    there["iam_endpoint"] = info["url"]
    proxy = f"http://somebody:{quote(PROXY_PASSWORD, safe='')}@127.0.0.1:9"
    secrets = [
        keys["secret_key"],
        temporary["secret_key"],
        temporary["security_token"],
        info["token"],
        info["id_token"],
        user["iam_password"],
        PROXY_PASSWORD,
    ]
    id_token = folder / "id-token"
    id_token.write_text(info["id_token"], encoding="ascii")
    oidc = {"idp_id": info["idp_id"], "id_token_file": str(id_token)}
    agency = info["agencies"][0]
    role = {"assume_role_agency_name": agency["name"], "assume_role_domain_name": agency["domain_name"]}
    its_project = {"project_id": info["projects"][1]["id"]}
    ecs = {"ecs_metadata": True, "metadata_endpoint": info["url"]}
    file = folder / "credentials"
    file.write_text(
        f"[basic]\nak = {temporary['access_key']}\nsk = {temporary['secret_key']}\n"
        f"security_token = {temporary['security_token']}\n",
        encoding="utf-8",
    )

    def tasks(who: dict[str, Any], manners: Sequence[str]) -> list[dict[str, Any]]:
        """One that succeeds, one that is wrong, and one for each of these manners of gossip."""
        questions = [
            {**there, **who},
            {**there, **who, "limit": 9999},
            *({**there, **who, "endpoint": gossip.url, "user_names": [manner]} for manner in manners),
        ]
        return [
            {f"huaweicloud.workspace.{DESKTOPS}": question, "ignore_errors": True, "name": f"Question {number}"}
            for number, question in enumerate(questions)
        ]

    def playbook(name: str, who: dict[str, Any]) -> Path:
        path = folder / f"{name}.yml"
        all_tasks = tasks(who, MANNERS_OF.get(name, FEW_MANNERS))
        path.write_text(
            json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": all_tasks}]), encoding="utf-8"
        )
        return path

    # The proxy is not there, so these fail; the plain endpoint has to be one of https for a proxy to be asked at all.
    proxied = {**keys, "endpoint": "https://127.0.0.1:9", "max_retries": 0}
    login = {"iam_endpoint": gossip.url}
    few = folder / "few.yml"
    few_tasks = [
        {f"huaweicloud.workspace.{DESKTOPS}": question, "ignore_errors": True, "name": f"Question {number}"}
        for number, question in enumerate(
            (
                {**there, **proxied, "proxy": proxy},
                {**there, **user, **login},
                # Whoever gives temporary keys repeats what it was sent.
                {**there, **keys, **role, **login},
                {**there, **oidc, **login},
                {**there, **ecs, "metadata_endpoint": gossip.url},
                {**there, **keys, **login, "project_id": None} | {"region": info["region"]},
            )
        )
    ]
    for task in few_tasks:
        options: Any = task[f"huaweicloud.workspace.{DESKTOPS}"]
        task[f"huaweicloud.workspace.{DESKTOPS}"] = {
            name: value for name, value in dict(options).items() if value is not None
        }
    few.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": few_tasks}]), encoding="utf-8")
    plan: dict[str, tuple[Path, dict[str, str]]] = {
        "options-user": (playbook("options-user", user), {}),
        "options-temporary": (playbook("options-temporary", dict(temporary)), {}),
        "options-token": (playbook("options-token", {"auth_token": info["token"]}), {}),
        "options-other": (few, {}),
        "agency": (playbook("agency", {**keys, **role, **its_project}), {}),
        "metadata": (playbook("metadata", ecs), {}),
        "id-token": (playbook("id-token", oidc), {}),
        "sdk": (
            playbook("sdk", {}),
            {
                "HUAWEICLOUD_SDK_AK": temporary["access_key"],
                "HUAWEICLOUD_SDK_SK": temporary["secret_key"],
                "HUAWEICLOUD_SDK_SECURITY_TOKEN": temporary["security_token"],
            },
        ),
        "hw-user": (
            playbook("hw-user", {}),
            {
                "HW_USER_NAME": user["iam_user_name"],
                "HW_USER_PASSWORD": user["iam_password"],
                "HW_DOMAIN_NAME": user["iam_domain_name"],
                "HTTPS_PROXY": proxy,
            },
        ),
        "hw-token": (playbook("hw-token", {}), {"HW_AUTH_TOKEN": info["token"]}),
        "file": (playbook("file", {}), {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(file)}),
    }
    # What each run's modules know: a gossip that tells them of others' secrets is beyond them.
    known = {
        "options-user": [user["iam_password"]],
        "options-temporary": [temporary["secret_key"], temporary["security_token"]],
        "options-token": [info["token"]],
        "options-other": [],
        "agency": [keys["secret_key"]],
        "metadata": [],
        "id-token": [info["id_token"]],
        "sdk": [temporary["secret_key"], temporary["security_token"]],
        # Its proxy is for https and not used, so the module does not know its password.
        "hw-user": [user["iam_password"]],
        "hw-token": [info["token"]],
        "file": [temporary["secret_key"], temporary["security_token"]],
    }
    different = ("options-user", "options-temporary", "options-token", "agency", "id-token")
    together = [
        [name for name in plan if known[name] == shared] for shared in ([], *(known[name] for name in different))
    ]
    runs: dict[str, Run] = {}
    for names in together:
        gossip.secrets = known[names[0]]
        with ThreadPoolExecutor(2) as pool:
            done = pool.map(lambda name: run_playbook(plan[name][0], "-vvvv", env=_SHOW | plan[name][1]), names)
            runs.update(zip(names, done))
    issued = cloud.control("GET", "")["issued_keys"]
    secrets += [key[name] for key in issued for name in ("secret_key", "security_token")]
    return Story(runs, secrets, gossip.tokens, runs["options-user"].output)


TEMPORARY = ("agency", "metadata", "id-token")
RUNS = (
    *("options-user", "options-temporary", "options-token", "options-other"),
    *("sdk", "hw-user", "hw-token", "file"),
    *TEMPORARY,
)


def _leaks(output: str, secret: str) -> list[str]:
    found = []
    for form in dict.fromkeys(_forms(secret)):
        windows = (form[start : start + _WINDOW] for start in range(max(1, len(form) - _WINDOW + 1)))
        found += [window for window in windows if window in output]
    return found


@pytest.mark.parametrize("name", RUNS)
def test_no_secret_is_in_the_output(story: Story, name: str) -> None:
    output = story.runs[name].output
    for secret in (*story.secrets, *story.tokens):
        leaks = _leaks(output, secret)
        # Not the output itself: it would be in the report, secret and all.
        assert not leaks, f"{len(leaks)} pieces of a secret of {len(secret)} characters, such as {leaks[0]!r}"


@pytest.mark.parametrize("name", [name for name in RUNS if name != "options-other"])
def test_the_runs_did_what_they_were_for(story: Story, name: str) -> None:
    done = story.runs[name]
    assert done.returncode == 0, done.output[-2000:]
    # The first question and the last manner are answered; the bad question and all other manners are failures.
    assert done.stdout.count("\nok: [localhost]") == 2
    assert done.stdout.count("...ignoring") == len(MANNERS_OF.get(name, FEW_MANNERS))
    assert "a-request-id" in done.stdout


def test_tokens_of_a_login_were_repeated_to_us(story: Story) -> None:
    assert len(story.tokens) >= len(MANNERS)


def test_temporary_keys_were_issued_and_repeated_to_us(story: Story, cloud: Simulator) -> None:
    issued = {key["security_token"] for key in cloud.control("GET", "")["issued_keys"]}
    # One call each that succeeds, one for each manner of gossip, and in each run of the same ones.
    assert len(issued) >= len(TEMPORARY) * (1 + len(FEW_MANNERS))
    assert len(issued & story.tokens) >= len(TEMPORARY) * len(FEW_MANNERS)


@pytest.mark.parametrize("name", RUNS)
def test_there_is_no_traceback(story: Story, name: str) -> None:
    assert "Traceback" not in story.runs[name].output


def test_the_invocation_hides_what_it_must(story: Story) -> None:
    def is_hidden(option: str, output: str) -> bool:
        return re.search(rf'"{option}": "(?:VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|\$REDACTED\$)"', output) is not None

    assert is_hidden("iam_password", story.invocations)
    assert '"iam_user_name": "ops"' in story.invocations
    temporary = story.runs["options-temporary"].output
    assert is_hidden("secret_key", temporary)
    assert is_hidden("security_token", temporary)
    assert is_hidden("proxy", story.runs["options-other"].output)
