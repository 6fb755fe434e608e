# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module in this process, and declare each HTTP call that it is to make: one too many or too few is a failure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses
from ansible.module_utils import basic
from ansible_collections.huaweicloud.workspace.plugins.module_utils import _module
from responses.registries import OrderedRegistry

from .arguments import module_arguments

HOST = "https://workspace.cn-north-4.myhuaweicloud.com"
PROJECT = "0bec5db98280d2d02fd6c00c2de791ce"
DESKTOPS = f"{HOST}/v2/{PROJECT}/connect-desktops"
POOLS = f"{HOST}/v2/{PROJECT}/desktop-pools/statistics/by-users"
IAM = "https://iam.cn-north-4.myhuaweicloud.com"

#: From 2.22 on ansible-core masks what is registered, when it shows a result; older ones mask the result itself.
MASKS_WHAT_IS_SHOWN = _module.register_secrets is not None

#: Keys, a project, and one thread and one try, so that the order and number of calls is the module's own doing.
ARGUMENTS = {
    "region": "cn-north-4",
    "project_id": PROJECT,
    "access_key": "AK",
    "secret_key": "the-secret-key",
    "concurrency": 1,
    "max_retries": 0,
    "retry_max_delay": 0,
}


@dataclass
class Call:
    """An HTTP call that is expected, and what it is answered.

    @param query: pairs as they must stand in the query, decoded, in their order on the wire.
    @param body: text, bytes, an exception to raise, or anything else for JSON.
    @param meanwhile: what happens before it is answered.
    """

    url: str
    query: list[tuple[str, str]] = field(default_factory=list)
    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    meanwhile: Callable[[], Any] | None = None


@dataclass
class Outcome:
    """What a module returned, the secrets that it registered, the requests it sent, its warnings."""

    result: dict[str, Any]
    registered: list[str]
    requests: list[Any]
    warnings: list[str]

    def __getitem__(self, key: str) -> Any:
        return self.result[key]

    @property
    def shown(self) -> str:
        """The result as the ansible-core at hand shows it."""
        shown = json.dumps(self.result)
        if MASKS_WHAT_IS_SHOWN:
            for secret in sorted(self.registered, key=len, reverse=True):
                shown = shown.replace(secret, "$REDACTED$")
        return shown


def happening(event: Callable[[], Any] | None, _request: Any) -> tuple[bool, str]:
    """A matcher of `responses` that lets something happen as soon as the request has come."""
    if event:
        event()
    return True, ""


@pytest.fixture
def run_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> Callable[..., Outcome]:
    """`run_module(main, calls, **arguments)`: an argument that is `None` is left out."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(main: Callable[[], None], calls: list[Call], **arguments: Any) -> Outcome:
        given = {name: value for name, value in {**ARGUMENTS, **arguments}.items() if value is not None}
        warnings: list[str] = []
        monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: warnings.append(text))
        registered: list[str] = []
        monkeypatch.setattr(_module, "register_secrets", registered.extend)
        with module_arguments(given), responses.RequestsMock(registry=OrderedRegistry) as mock:
            for call in calls:
                kind = "body" if isinstance(call.body, (str, bytes, Exception)) else "json"
                match = [partial(happening, call.meanwhile)]
                mock.add(
                    call.method, call.url, status=call.status, headers=call.headers, match=match, **{kind: call.body}
                )
            with pytest.raises(SystemExit) as ended:
                main()
            sent = [call.request for call in mock.calls]
        result = json.loads(capsys.readouterr().out)
        # What ansible-core tells its controller of secret options, and takes out of the result there.
        result.pop("_ansible_new_secrets", None)
        assert bool(ended.value.code) == bool(result.get("failed")), result
        assert [(r.method, r.url.partition("?")[0]) for r in sent] == [(call.method, call.url) for call in calls]
        assert [parse_qsl(urlsplit(r.url).query, keep_blank_values=True) for r in sent] == [
            call.query for call in calls
        ], result.get("msg")
        return Outcome(result, registered, sent, warnings)

    return run
