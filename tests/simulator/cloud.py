# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud: the account, the gateway, the APIs and their behaviour."""

from __future__ import annotations

import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from simulator.answers import Answer, Incoming, RefusedError, gateway_error
from simulator.behaviour import ON_TOP, Behaviour, Fault
from simulator.faults import error_answer
from simulator.gateway import Gateway
from simulator.iam_api import IamApi
from simulator.tenant import Account
from simulator.workspace_api import WorkspaceApi

MOST_REQUEST_LINE = 8000
"""Bytes. The documented limits of gateways differ; this is the lowest common one."""


class Cloud:
    """The state that requests and control requests share.

    ``make`` creates the account and always returns the same one. ``baseline`` is the behaviour of the command line,
    which a reset restores.
    """

    def __init__(self, make: Callable[[], Account], baseline: Behaviour) -> None:
        self._make = make
        self.baseline = baseline
        self.reset()

    def reset(self) -> None:
        """Restore the state after the start, including tokens."""
        self.account = self._make()
        self.gateway = Gateway(self.account)
        self.workspace = WorkspaceApi(self.account, self.gateway)
        self.iam = IamApi(self.account, self.gateway)
        self.behave(self.baseline.changed({}))

    def behave(self, behaviour: Behaviour) -> None:
        """Set the behaviour for further requests."""
        self.behaviour = behaviour
        self.iam.metadata = behaviour.metadata
        self._accepted: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def take_faults(self, method: str, target: str) -> list[Fault]:
        """The faults that apply to this request, of which at most one changes the response.

        ``expire_tokens`` and ``expire_keys`` do not change the response, and apply in addition.
        """
        found: list[Fault] = []
        for fault in self.behaviour.faults:
            taken = fault.kind not in ON_TOP and any(other.kind not in ON_TOP for other in found)
            if taken or not fault.concerns(method, target):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
            found.append(fault)
            for token in self.account.tokens.values() if fault.kind == "expire_tokens" else ():
                token.expires_at = 0.0
            for key in self.account.issued_keys if fault.kind == "expire_keys" else ():
                key.expires_at = 0.0
        return found

    def throttle(self, incoming: Incoming) -> Answer | None:
        """A 429 response if the user exceeds the rate limit of this API."""
        behaviour = self.behaviour
        limit, seconds = behaviour.rate_limit, behaviour.rate_limit_seconds
        if limit is None:
            return None
        now = time.monotonic()
        accepted = self._accepted[self.gateway.user(incoming), re.sub(r"^/v2/[^/]*", "", incoming.path)]
        if accepted and accepted[0] <= now - seconds and behaviour.rate_limit_window == "fixed":
            accepted.clear()
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
            if f"{incoming.method} {incoming.path}" in self.iam.handlers:
                return self.iam.answer(incoming)
            return self.workspace.answer(incoming, self.behaviour)
        except RefusedError as refusal:
            return refusal.answer

    def info(self, url: str) -> dict[str, Any]:
        """The data that a client needs to use the simulator."""
        account = self.account
        first = account.projects[0]
        permanent = next((key for key in account.keys if key.security_token is None), None)
        temporary = next((key for key in account.keys if key.security_token is not None), None)
        return {
            "url": url,
            "region": first.region,
            "regions": [project.region for project in account.projects],
            "project_id": first.id,
            "projects": [
                {"id": project.id, "name": project.name, "region": project.region, "token": project.token}
                for project in account.projects
            ],
            "iam_domain_name": account.domain_name,
            "iam_user_name": account.iam_users[0].name,
            "iam_password": account.iam_users[0].password,
            "access_key": permanent.access_key if permanent else None,
            "secret_key": permanent.secret_key if permanent else None,
            "temporary": temporary.as_control() if temporary else None,
            "token": first.token,
            "agencies": [vars(agency) for agency in account.agencies],
            "idp_id": account.idp_id,
            "id_token": account.id_token,
            "issued_keys": [key.as_control() for key in account.issued_keys],
        }
