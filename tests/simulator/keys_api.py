# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The issuers of temporary keys: IAM v3 (agencies, OpenID Connect), STS v5, and the metadata service of an ECS.

Sources: the API references of IAM and STS, and the requests of the SDK (auth/internal.py) and of Terraform's provider
(config/auth.go).
"""

from __future__ import annotations

import json
import re
import secrets
import time
from typing import Any

from simulator.answers import Answer, Incoming, RefusedError, gateway_error, iam_error, json_answer
from simulator.behaviour import Behaviour
from simulator.gateway import Caller, Gateway
from simulator.iam_api import object_at, timestamp
from simulator.tenant import Account, Agency, Key

NO_AGENCY = "Please configure Cloud Service Agency first"
"""The text of the metadata service on an ECS without an agency (a constant of the SDK)."""

ECS_ID = "ca9e8b7c-f2be-4b6d-a639-f10b4d994d04"
LEAST_SECONDS = 900
MOST_SECONDS = 86400
MOST_STS_SECONDS = 43200
MOST_CHAINED_SECONDS = 3600
METADATA_SECONDS = 6 * 3600
MOST_METADATA_TOKEN_SECONDS = 21600

AGENCY_URN = re.compile(r"iam::(?P<account>[0-9a-f]+):agency:(?P<name>.+)\Z")
SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,128}\Z")


def _text(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _json_of(incoming: Incoming, refusal: Answer) -> Any:
    try:
        return json.loads(incoming.body.decode("utf-8"))
    except ValueError:
        raise RefusedError(refusal) from None


def _is_duration(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and LEAST_SECONDS <= value <= most


class KeysApi:
    """Issues temporary keys, which are valid at the simulated gateway until they expire."""

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self.account = account
        self.gateway = gateway
        self._metadata_tokens: dict[str, float] = {}

    def serves(self, incoming: Incoming) -> bool:
        return incoming.path.startswith(("/v3.0/", "/v5/", "/openstack/", "/meta-data/"))

    def answer(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        request = f"{incoming.method} {incoming.path}"
        if request == "POST /v3.0/OS-CREDENTIAL/securitytokens":
            return self._security_tokens(incoming, behaviour)
        if request == "POST /v3.0/OS-AUTH/id-token/tokens":
            return self._id_token(incoming)
        if request == "POST /v5/agencies/assume":
            return self._assume(incoming, behaviour)
        if request == "PUT /meta-data/latest/api/token":
            return self._metadata_token(incoming, behaviour)
        if request == "GET /openstack/latest/securitykey":
            return self._security_key(incoming, behaviour)
        if request == "GET /openstack/latest/meta_data.json":
            return self._meta_data(incoming, behaviour)
        text = "The API does not exist or has not been published in the environment"
        return gateway_error(404, "APIGW.0101", text, incoming.request_id)

    def _issue(self, domain_id: str, seconds: float, behaviour: Behaviour) -> Key:
        life = seconds if behaviour.key_life is None else min(seconds, behaviour.key_life)
        return self.account.issue_keys(domain_id, self.gateway.now() + life)

    def _credential(self, domain_id: str, seconds: float, behaviour: Behaviour) -> dict[str, Any]:
        key = self._issue(domain_id, seconds, behaviour)
        return {
            "access": key.access_key,
            "secret": key.secret_key,
            "securitytoken": key.security_token,
            "expires_at": timestamp(key.expires_at or 0.0),
        }

    def _agency(self, caller: Caller, name: Any, *, account_name: Any = None, account_id: Any = None) -> Agency | None:
        """The agency that trusts the caller's account."""
        for agency in self.account.agencies:
            named = account_id == agency.domain_id if account_name is None else account_name == agency.domain_name
            if named and agency.name == name and not caller.domain_id:
                return agency
        return None

    # IAM v3

    def _security_tokens(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        content = _json_of(incoming, iam_error(400, "Request body is invalid: no JSON."))
        identity = object_at(content, "", "auth", "identity")
        methods = identity.get("methods")
        if methods == ["assume_role"]:
            domain_id, seconds = self._assumed_role(incoming, object_at(identity, "auth.identity", "assume_role"))
        elif methods == ["token"]:
            domain_id, seconds = self._token(object_at(identity, "auth.identity", "token"))
        else:
            raise RefusedError(iam_error(400, "Request body is invalid: the methods are token and assume_role."))
        return json_answer(201, {"credential": self._credential(domain_id, seconds, behaviour)})

    def _assumed_role(self, incoming: Incoming, role: dict[str, Any]) -> tuple[str, float]:
        caller = self.gateway.authenticate(incoming)
        seconds = role.get("duration_seconds", LEAST_SECONDS)
        if not _is_duration(seconds, MOST_SECONDS):
            raise RefusedError(iam_error(400, f"duration_seconds must be {LEAST_SECONDS} to {MOST_SECONDS}."))
        agency = self._agency(
            caller, role.get("agency_name"), account_name=role.get("domain_name"), account_id=role.get("domain_id")
        )
        if agency is None:
            raise RefusedError(iam_error(403, "You are not authorized to perform the requested action: agency."))
        return agency.domain_id, seconds

    def _token(self, given: dict[str, Any]) -> tuple[str, float]:
        token = self.account.tokens.get(str(given.get("id")))
        if token is None or token.expires_at <= self.gateway.now():
            raise RefusedError(iam_error(401, "The token is invalid or has expired."))
        seconds = given.get("duration_seconds", LEAST_SECONDS)
        if not _is_duration(seconds, MOST_SECONDS):
            raise RefusedError(iam_error(400, f"duration_seconds must be {LEAST_SECONDS} to {MOST_SECONDS}."))
        return "", seconds

    def _id_token(self, incoming: Incoming) -> Answer:
        content = _json_of(incoming, iam_error(400, "Request body is invalid: no JSON."))
        id_token = object_at(content, "", "auth", "id_token")
        provider = self.account.provider
        if incoming.headers.get("x-idp-id") != provider.id:
            raise RefusedError(iam_error(404, "Could not find the identity provider."))
        if id_token.get("id") != provider.id_token:
            raise RefusedError(iam_error(401, "The ID token is invalid or has expired."))
        token = self.account.issue_token(self.account.iam_users[0], None, time.time())
        content = {"token": {"expires_at": timestamp(token.expires_at), "methods": ["mapped"]}}
        return json_answer(201, content, {"X-Subject-Token": token.value})

    # STS v5

    def _assume(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        def refuse(status: int, code: str, text: str) -> RefusedError:
            return RefusedError(gateway_error(status, code, text, incoming.request_id))

        caller = self.gateway.authenticate(incoming)
        if caller.kind != "keys":
            raise refuse(401, "STS5.0001", "The request is not signed.")
        content = _json_of(incoming, gateway_error(400, "STS5.0002", "The body is no JSON.", incoming.request_id))
        urn = AGENCY_URN.match(str(content.get("agency_urn")))
        if urn is None or not SESSION_NAME.match(str(content.get("agency_session_name"))):
            raise refuse(400, "STS5.0002", "agency_urn or agency_session_name is invalid.")
        agency = self._agency(caller, urn.group("name"), account_id=urn.group("account"))
        if agency is None:
            raise refuse(404, "STS5.0004", "The agency does not exist.")
        seconds = content.get("duration_seconds", MOST_CHAINED_SECONDS)
        most = MOST_CHAINED_SECONDS if caller.temporary else MOST_STS_SECONDS
        if not _is_duration(seconds, most):
            raise refuse(400, "STS5.0002", f"duration_seconds must be {LEAST_SECONDS} to {most}.")
        key = self._issue(agency.domain_id, seconds, behaviour)
        answer = {
            "source_identity": "",
            "assumed_agency": {
                "urn": f"sts::{agency.domain_id}:assumed-agency:{agency.name}/{content['agency_session_name']}",
                "id": f"{agency.domain_id}:{content['agency_session_name']}",
            },
            "credentials": {
                "access_key_id": key.access_key,
                "secret_access_key": key.secret_key,
                "security_token": key.security_token,
                "expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(key.expires_at)),
            },
        }
        return json_answer(200, answer)

    # The metadata service

    def _metadata_token(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        if behaviour.metadata in ("plain", "off"):
            return _text(404, "404 Not Found")
        seconds = incoming.headers.get("x-metadata-token-ttl-seconds", "")
        if not seconds.isdigit() or not 1 <= int(seconds) <= MOST_METADATA_TOKEN_SECONDS:
            return _text(400, "400 Bad Request")
        token = secrets.token_urlsafe(42)
        self._metadata_tokens[token] = time.time() + int(seconds)
        return _text(200, token)

    def _refused(self, incoming: Incoming, behaviour: Behaviour) -> Answer | None:
        """The error response, depending on the variant of the service; None if the request is accepted."""
        if behaviour.metadata == "off":
            return _text(404, "404 Not Found")
        token = incoming.headers.get("x-metadata-token")
        if token is None:
            accepted = behaviour.metadata != "required"
        else:
            accepted = self._metadata_tokens.get(token, 0.0) > time.time()
        return None if accepted else _text(401, "401 Unauthorized")

    def _security_key(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        refused = self._refused(incoming, behaviour)
        if refused is not None:
            return refused
        if behaviour.metadata == "no_agency":
            return _text(401, NO_AGENCY)
        return json_answer(200, {"credential": self._credential("", METADATA_SECONDS, behaviour)})

    def _meta_data(self, incoming: Incoming, behaviour: Behaviour) -> Answer:
        """The metadata of the ECS. The agency is part of the metadata set at creation."""
        refused = self._refused(incoming, behaviour)
        if refused is not None:
            return refused
        given = {"os_type": "Linux", "os_bit": "64", "charging_mode": "0"}
        if behaviour.metadata != "no_agency":
            given["agency_name"] = behaviour.agency
        project = self.account.projects[0]
        about = {"uuid": ECS_ID, "project_id": project.id, "region_id": project.region, "meta": given}
        return json_answer(200, {**about, "name": "ecs-ansible", "hostname": "ecs-ansible.novalocal"})
