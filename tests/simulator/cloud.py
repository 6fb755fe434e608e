# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud: the account, the gateway, the APIs and their behaviour."""

from __future__ import annotations

import re
import time
from collections import defaultdict, deque
from dataclasses import asdict
from typing import Any, Callable

from simulator.answers import Answer, Incoming, RefusedError, gateway_error
from simulator.behaviour import ON_TOP, Behaviour, Fault
from simulator.faults import error_answer
from simulator.gateway import Gateway
from simulator.iam_api import IamApi
from simulator.keys_api import KeysApi
from simulator.moving import Mover
from simulator.tenant import Account, Key
from simulator.workspace_api import WorkspaceApi, describe

MOST_REQUEST_LINE = 8000
"""Bytes. The documented limits of gateways differ; this is the lowest common one."""


class Cloud:
    """The state that requests and control requests share.

    ``make`` creates the account and always returns the same one. ``baseline`` is the behaviour of the command line,
    which a reset restores.
    """

    def __init__(self, make: Callable[[float], Account], baseline: Behaviour) -> None:
        self._make = make
        self.baseline = baseline
        self.behaviour = baseline
        self.reset()

    def reset(self) -> None:
        """Restore the state after the start, including tokens and locks."""
        self.account = self._make(time.time())
        self.gateway = Gateway(self.account)
        self.workspace = WorkspaceApi(self.account, self.gateway)
        self.iam = IamApi(self.account, self.gateway)
        self.keys = KeysApi(self.account, self.gateway)
        self.mover = Mover(self.account)
        self._accepted: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self.behave(self.baseline.changed({}))

    def behave(self, behaviour: Behaviour) -> None:
        """Set the behaviour for further requests."""
        self.behaviour = behaviour
        self.gateway.lock = behaviour.lock
        self.gateway.clock_offset = behaviour.clock_offset
        self.mover.start()
        self._accepted.clear()

    def take_faults(self, method: str, target: str) -> list[Fault]:
        """The faults that apply to this request, of which at most one changes the response.

        ``expire_tokens`` and ``expire_keys`` do not change the response, and apply in addition.
        """
        found: list[Fault] = []
        answering = False
        for fault in self.behaviour.faults:
            changes_answer = fault.kind not in ON_TOP
            if not fault.concerns(method, target) or (changes_answer and answering):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
            answering = answering or changes_answer
            found.append(fault)
        self.behaviour.faults = [fault for fault in self.behaviour.faults if not fault.spent]
        for fault in found:
            if fault.kind == "expire_tokens":
                self.account.expire_tokens()
            elif fault.kind == "expire_keys":
                self.account.expire_keys()
        return found

    def throttle(self, incoming: Incoming) -> Answer | None:
        """A 429 response if the user exceeds the rate limit of this API."""
        behaviour = self.behaviour
        limit, seconds = behaviour.rate_limit, behaviour.rate_limit_seconds
        if limit is None:
            return None
        now = time.monotonic()
        accepted = self._accepted[self.gateway.user(incoming), re.sub(r"^/v2/[^/]*", "", incoming.path)]
        if behaviour.rate_limit_window == "fixed":
            if accepted and accepted[0] <= now - seconds:
                accepted.clear()
        else:
            while accepted and accepted[0] <= now - seconds:
                accepted.popleft()
        if len(accepted) < limit:
            accepted.append(now)
            return None
        # The text of the vendor, for example in the FAQ of its OCR service.
        span = f"{seconds // 60} minute" if seconds % 60 == 0 else f"{seconds} second"
        text = f"The throttling threshold has been reached: policy user over ratelimit,limit:{limit},time:{span}"
        return error_answer(429, incoming.request_id, message=text)

    def answer(self, incoming: Incoming) -> Answer:
        """The regular response, including refusals."""
        try:
            if len(incoming.method) + len(incoming.target) + len("  HTTP/1.1") > MOST_REQUEST_LINE:
                text = f"The request URI is longer than {MOST_REQUEST_LINE} bytes"
                return gateway_error(414, "APIGW.0201", text, incoming.request_id)
            if self.keys.serves(incoming):
                return self.keys.answer(incoming, self.behaviour)
            if self.iam.serves(incoming):
                return self.iam.answer(incoming)
            answer, project = self.workspace.answer(incoming, self.behaviour)
        except RefusedError as refusal:
            return refusal.answer
        if project is not None:
            self.mover.after_page(project, self.behaviour.churn)
        return answer

    def info(self, url: str) -> dict[str, Any]:
        """The data that a client needs to use the simulator."""
        account = self.account
        first = account.projects[0]
        permanent = [key for key in account.keys if key.security_token is None]
        temporary = [key for key in account.keys if key.security_token is not None]
        projects = []
        for project in account.projects:
            token = account.ready_token(project.id)
            projects.append({**describe(project), "token": token.value if token else None})
        return {
            "url": url,
            "seed": account.seed,
            "region": first.region,
            "regions": [project.region for project in account.projects],
            "project_id": first.id,
            "projects": projects,
            "domain_id": account.domain_id,
            "iam_domain_name": account.domain_name,
            "iam_user_name": account.iam_users[0].name,
            "iam_password": account.iam_users[0].password,
            "access_key": permanent[0].access_key if permanent else None,
            "secret_key": permanent[0].secret_key if permanent else None,
            "temporary": _as_json(temporary[0]) if temporary else None,
            "token": projects[0]["token"],
            "agencies": [asdict(agency) for agency in account.agencies],
            "idp_id": account.provider.id,
            "id_token": account.provider.id_token,
            "issued_keys": [_as_json(key) for key in account.issued_keys],
        }


def _as_json(key: Key) -> dict[str, str | None]:
    return {"access_key": key.access_key, "secret_key": key.secret_key, "security_token": key.security_token}
