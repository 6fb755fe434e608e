# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of any source in any output, at the highest verbosity, even if the server repeats all it was told."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
from simulator.client import Simulator
from support.runs import DESKTOPS, keys_of, run_playbook

PROXY_PASSWORD = "pr0xy-p@ss/word-long"

#: ansible-core 2.21 and later show the options of a call only if they are told to.
_SHOW = {"ANSIBLE_INJECT_INVOCATION": "true"}

#: As many characters of a secret in a row are a leak, so that one that was cut is found as well.
_WINDOW = 12

# How the gossip answers, by the user name that is asked for.
MANNERS = ("json-401", "html-403", "text-400", "header-404", "code-200", "html-200", "name-200")
#: A user has both a password that looks different when encoded and a long token, so it meets every manner. What is made
#: of an answer is the same for all; a source adds which secrets are known, in messages and in results.
MANNERS_OF = {
    "user": MANNERS,
    "temporary": ("html-403", "name-200"),
    "token": ("name-200",),
    "agency": ("html-403", "name-200"),
    "metadata": ("name-200",),
    "id-token": ("html-403",),
    "sdk": ("html-403",),
    "hw-user": ("name-200",),
    "hw-token": ("html-403",),
    "file": ("name-200",),
}
TOLD = tuple(f"{manner}:{source}" for source, manners in MANNERS_OF.items() for manner in manners)
#: What fails before Workspace is asked, most of it because whoever gives tokens or keys repeats what it was sent.
FAILED = ("wrong", "exchanged", "proxy", "login", "agency-login", "id-token-login", "metadata-login", "project")
TEMPORARY = ("agency", "metadata", "id-token")

SDK = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN")
HW_USER = ("HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME")
HW_TOKEN = ("HW_AUTH_TOKEN",)


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
        # What it is given to tell, by the source that its questions come from.
        self.known: dict[str, tuple[str, ...]] = {}
        self.tokens: set[str] = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _GossipHandler(BaseHTTPRequestHandler):
    server: _Gossip

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self._answer("json-401", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def do_PUT(self) -> None:
        self._answer("json-401", "")

    def do_GET(self) -> None:
        names = parse_qs(urlsplit(self.path).query).get("user_names", ["json-401"])
        self._answer(names[0], "")

    def _answer(self, question: str, body: str) -> None:
        manner, _colon, source = question.partition(":")
        secrets = self.server.known.get(source, ())
        tokens = [self.headers[name] for name in ("X-Auth-Token", "X-Security-Token") if name in self.headers]
        self.server.tokens.update(tokens)
        # What must not be shown comes first: a message holds the beginning of a text only.
        words = [*secrets, *tokens, *self.headers.values()]
        gossip = " | ".join([body, *(form for secret in words for form in _forms(secret))])
        shape, _dash, status = manner.partition("-")
        headers = {"Content-Type": "application/json", "X-Request-Id": "a-request-id"}
        content: Any
        if shape == "html":
            content = f"<html><h1>Refused</h1><p>{gossip}</p></html>"
        elif shape == "text":
            content = gossip
        elif shape == "header":
            headers["X-Request-Id"] = " ".join(words)
            content = {"message": gossip, "detail": {"all": gossip}}
        elif shape == "name":
            desktop: dict[str, Any] = {
                "desktop_id": "a",
                "desktop_name": gossip,
                "connect_status": "CONNECTED",
                "extra": [gossip],
            }
            desktop["attach_users"] = [{"name": question}]
            first = parse_qs(urlsplit(self.path).query)["offset"] == ["0"]
            content = {"desktops": [desktop] if first else [], "total_count": 1}
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


def _windows(text: str) -> set[str]:
    return {text[start : start + _WINDOW] for start in range(len(text) - _WINDOW + 1)}


@dataclass
class Story:
    """The output of each task, and of what is around them, and what must not be in it."""

    outputs: dict[str, str]
    secrets: set[str]
    tokens: set[str]
    issued: set[str]

    def __post_init__(self) -> None:
        forms = {form for secret in (*self.secrets, *self.tokens) for form in _forms(secret)}
        assert min(map(len, forms)) >= _WINDOW
        self.windows = set().union(*map(_windows, forms))


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
    id_token, file = folder / "id-token", folder / "credentials"
    id_token.write_text(info["id_token"], encoding="ascii")
    pairs = zip(("ak", "sk", "security_token"), temporary.values())
    file.write_text("[basic]\n" + "".join(f"{key} = {value}\n" for key, value in pairs), encoding="utf-8")
    agency = info["agencies"][0]
    role = {"assume_role_agency_name": agency["name"], "assume_role_domain_name": agency["domain_name"]}
    # Every source of the environment, of which a task blanks those that come before its own. None is given by a task:
    # Ansible shows the environment of a task.
    environment = {
        **dict(zip(SDK, temporary.values())),
        **dict(zip(HW_USER, user.values())),
        **dict(zip(HW_TOKEN, [info["token"]])),
        "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(file),
        # It is for https and not used, so that no module but that of the task "proxy" knows its password.
        "HTTPS_PROXY": proxy,
    }
    blank = {"hw-user": SDK + HW_TOKEN, "hw-token": SDK + HW_USER, "file": SDK + HW_USER + HW_TOKEN}
    who: dict[str, dict[str, Any]] = {
        "user": user,
        "temporary": temporary,
        "token": {"auth_token": info["token"]},
        "agency": {**keys, **role, "project_id": info["projects"][1]["id"]},
        "metadata": {"ecs_metadata": True, "metadata_endpoint": info["url"]},
        "id-token": {"idp_id": info["idp_id"], "id_token_file": str(id_token)},
    }
    # What each source's modules know: a gossip that tells them of others' secrets is beyond them.
    both = (temporary["secret_key"], temporary["security_token"])
    gossip.known = {
        **dict.fromkeys(("user", "hw-user"), (user["iam_password"],)),
        **dict.fromkeys(("temporary", "sdk", "file"), both),
        **dict.fromkeys(("token", "hw-token"), (info["token"],)),
        "agency": (keys["secret_key"],),
        "id-token": (info["id_token"],),
    }
    login = {"iam_endpoint": gossip.url}
    options: dict[str, dict[str, Any]] = {
        "wrong": {**temporary, "limit": 9999},
        "exchanged": {"access_key": keys["secret_key"], "secret_key": keys["access_key"]},
        # It is not there; and the endpoint has to be one of https for a proxy to be asked at all.
        "proxy": {**keys, "endpoint": "https://127.0.0.1:9", "max_retries": 0, "proxy": proxy},
        "login": {**user, **login},
        "agency-login": {**keys, **role, **login},
        "id-token-login": {**who["id-token"], **login},
        "metadata-login": {**who["metadata"], "metadata_endpoint": gossip.url},
        "project": {**keys, **login, "project_id": "{{ omit }}"},
    }
    for words in TOLD:
        options[words] = {**who.get(words.partition(":")[2], {}), "endpoint": gossip.url, "user_names": [words]}
    tasks = [
        {
            "name": name,
            f"huaweicloud.workspace.{DESKTOPS}": {**there, **given},
            "environment": dict.fromkeys(blank.get(name.partition(":")[2], ()), ""),
            "ignore_errors": True,
        }
        for name, given in options.items()
    ]

    playbook = folder / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    done = run_playbook(playbook, "-vvvv", env={**_SHOW, **environment})
    assert done.returncode == 0, "the playbook failed"
    start, *parts = re.split(r"\nTASK \[(.+?)\] ", done.stdout)
    outputs = {"around": start + done.stderr, **dict(zip(parts[::2], parts[1::2]))}
    issued = cloud.control("GET", "")["issued_keys"]
    secrets = {keys["secret_key"], *both, info["token"], info["id_token"], user["iam_password"], PROXY_PASSWORD}
    secrets.update(key[name] for key in issued for name in ("secret_key", "security_token"))
    return Story(outputs, secrets, gossip.tokens, {key["security_token"] for key in issued})


@pytest.mark.parametrize("name", [*TOLD, *FAILED, "around"])
def test_no_secret_is_in_the_output(story: Story, name: str) -> None:
    output = story.outputs[name]
    leaks = _windows(output) & story.windows
    # Not the output itself: it would be in the report, secret and all.
    assert not leaks, f"{len(leaks)} pieces of secrets, such as {min(leaks)!r}"
    assert "Traceback" not in output


@pytest.mark.parametrize("name", [*TOLD, *FAILED])
def test_the_tasks_of_the_rulebook_ran(story: Story, name: str) -> None:
    output = story.outputs[name]
    answered = name.startswith("name-200")
    assert ("\nok: [localhost]" in output, "\n...ignoring" in output) == (answered, not answered), output[-2000:]
    if name in TOLD and not answered and not name.startswith("header"):
        assert "a-request-id" in output


def test_tokens_of_a_login_were_repeated_to_us(story: Story) -> None:
    assert len(story.tokens) >= len(MANNERS)


def test_temporary_keys_were_issued_and_repeated_to_us(story: Story) -> None:
    assert len(story.issued & story.tokens) >= sum(len(MANNERS_OF[source]) for source in TEMPORARY)


def test_secret_options_are_hidden_in_the_invocation(story: Story) -> None:
    def is_hidden(option: str, name: str) -> bool:
        hidden = rf'"{option}": "(?:VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|\$REDACTED\$)"'
        return re.search(hidden, story.outputs[name]) is not None

    assert is_hidden("iam_password", "json-401:user")
    assert '"iam_user_name": "ops"' in story.outputs["json-401:user"]
    assert is_hidden("secret_key", "wrong")
    assert is_hidden("security_token", "wrong")
    assert is_hidden("proxy", "proxy")
