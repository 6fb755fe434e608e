# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM v3 (login, projects, temporary keys), STS v5, and the metadata service of an ECS.

Sources: the API references of IAM and STS, and the requests of the SDK (auth/internal.py) and of Terraform's provider
(config/auth.go).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable

from simulator.answers import Answer, Incoming, RefusedError, gateway_error, iam_error, json_answer, text_answer
from simulator.gateway import Caller, Gateway
from simulator.tenant import Account, Agency, IamUser, Project, Record

NO_AGENCY = "Please configure Cloud Service Agency first"
"""The text of the metadata service on an ECS without an agency (a constant of the SDK)."""

LEAST_SECONDS = 900
MOST_SECONDS = 86400
MOST_STS_SECONDS = 43200
MOST_CHAINED_SECONDS = 3600
METADATA_SECONDS = 6 * 3600

AGENCY_URN = re.compile(r"iam::([0-9a-f]+):agency:(.+)")
SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,128}")


def timestamp(moment: float) -> str:
    """A time in the format of IAM: ISO 8601 with microseconds and Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(moment)) + f"{int(moment % 1 * 1000000):06d}Z"


def seconds_of(given: Record, most: int, refusal: Answer | None = None) -> int:
    """The lifetime that a request asks for, or a RefusedError."""
    seconds = given.get("duration_seconds", LEAST_SECONDS)
    if not isinstance(seconds, int) or not LEAST_SECONDS <= seconds <= most:
        raise RefusedError(refusal or iam_error(400, f"duration_seconds must be {LEAST_SECONDS} to {most}."))
    return seconds


class IamApi:
    """IAM, STS and the metadata service for the simulated account.

    The temporary keys are valid at the simulated gateway until they expire. ``handlers``: method and path -> handler.
    ``metadata``: the variant of the metadata service.
    """

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self.account = account
        self.gateway = gateway
        self.metadata = "optional"
        self._metadata_tokens: set[str] = set()
        self.handlers = {
            "POST /v3/auth/tokens": self._log_in,
            "GET /v3/projects": self._projects,
            "GET /v3/auth/projects": self._auth_projects,
            "POST /v3.0/OS-CREDENTIAL/securitytokens": self._security_tokens,
            "POST /v3.0/OS-AUTH/id-token/tokens": self._id_token,
            "POST /v5/agencies/assume": self._assume,
            "PUT /meta-data/latest/api/token": self._metadata_token,
            "GET /openstack/latest/securitykey": self._security_key,
            "GET /openstack/latest/meta_data.json": self._meta_data,
        }

    def answer(self, incoming: Incoming) -> Answer:
        try:
            return self.handlers[f"{incoming.method} {incoming.path}"](incoming)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            return iam_error(400, f"Request body is invalid: {problem}.")

    # Login and projects

    def _log_in(self, incoming: Incoming) -> Answer:
        auth = json.loads(incoming.body)["auth"]
        if auth["identity"]["methods"] != ["password"]:
            raise RefusedError(iam_error(400, "Request body is invalid: only the method password is offered."))
        user = self._user(auth["identity"]["password"]["user"])
        project = self._scope(auth.get("scope") or {})
        token = self.account.issue_token(user, project.id if project else None)
        domain = {"id": self.account.domain_id, "name": self.account.domain_name}
        scope = (
            {"project": {"id": project.id, "name": project.name, "domain": domain}} if project else {"domain": domain}
        )
        content = {
            "expires_at": timestamp(token.expires_at),
            "issued_at": timestamp(time.time()),
            "methods": ["password"],
            "user": {"id": user.id, "name": user.name, "domain": domain, "password_expires_at": ""},
            "roles": [{"id": "0", "name": "te_agency"}],
            **scope,
        }
        return json_answer(201, {"token": content}, {"X-Subject-Token": token.value})

    def _user(self, given: Record) -> IamUser:
        for user in self.account.iam_users:
            named = (given["domain"]["name"], given["name"], given["password"])
            if named == (self.account.domain_name, user.name, user.password):
                return user
        raise RefusedError(iam_error(401, "The username or password is wrong."))

    def _scope(self, scope: Record) -> Project | None:
        wanted = scope.get("project")
        domain = (wanted or scope).get("domain", {})
        if domain.get("name", self.account.domain_name) == self.account.domain_name:
            if not wanted:
                return None
            key = "id" if "id" in wanted else "name"
            for project in self.account.projects:
                if getattr(project, key) == wanted[key] and project.enabled and not project.domain_id:
                    return project
        # IAM is based on Keystone, which returns 401 for an unknown scope.
        raise RefusedError(iam_error(401, "The project or domain in the scope does not exist or is disabled."))

    def _listed(self, projects: Iterable[Project]) -> Answer:
        own = self.account.domain_id
        records = [
            {
                "id": project.id,
                "name": project.name,
                "domain_id": project.domain_id or own,
                "parent_id": project.parent_id or project.domain_id or own,
                "enabled": project.enabled,
                "is_domain": False,
                "description": "",
            }
            for project in projects
        ]
        links = {"next": None, "previous": None, "self": "https://iam.myhuaweicloud.com/v3/projects"}
        return json_answer(200, {"projects": records, "links": links})

    def _projects(self, incoming: Incoming) -> Answer:
        caller = self.gateway.authenticate(incoming)
        if not caller.may_perform("iam:projects:listProjects"):
            raise RefusedError(iam_error(403, "You are not authorized to perform the requested action."))
        names = incoming.values("name")[-1:]
        own = [project for project in self.account.projects if project.domain_id == caller.domain_id]
        return self._listed(project for project in own if not names or project.name in names)

    def _auth_projects(self, incoming: Incoming) -> Answer:
        """All projects that the caller can access. For a token, these are the projects of its user, not its scope."""
        caller = self.gateway.authenticate(incoming)
        found = [
            project
            for project in self.account.projects
            if (caller.kind == "token" and not project.domain_id) or project.id in caller.project_ids
        ]
        # Every account has this project of the object storage, which has no region.
        return self._listed([*found, Project(self.account.domain_id[::-1], "MOS", "MOS")])

    # Temporary keys

    def _credential(self, domain_id: str, seconds: float) -> Record:
        """New keys, with the names of IAM."""
        expires_at = time.time() + seconds
        key = self.account.issue_keys(domain_id, expires_at)
        names = {"access": key.access_key, "secret": key.secret_key, "securitytoken": key.security_token}
        return {**names, "expires_at": timestamp(expires_at)}

    def _agency(self, caller: Caller, name: str, account: str, refusal: Answer) -> Agency:
        """The agency of an account, given by its name or ID, that trusts the caller's account."""
        for agency in self.account.agencies:
            if account in (agency.domain_name, agency.domain_id) and agency.name == name and not caller.domain_id:
                return agency
        raise RefusedError(refusal)

    def _security_tokens(self, incoming: Incoming) -> Answer:
        identity = json.loads(incoming.body)["auth"]["identity"]
        if identity["methods"] == ["assume_role"]:
            role = identity["assume_role"]
            caller = self.gateway.authenticate(incoming)
            refusal = iam_error(403, "You are not authorized to perform the requested action: agency.")
            domain_id = self._agency(caller, role["agency_name"], role["domain_name"], refusal).domain_id
        else:
            role, domain_id = identity["token"], ""
            token = self.account.tokens.get(role["id"])
            if token is None or token.expires_at <= time.time():
                raise RefusedError(iam_error(401, "The token is invalid or has expired."))
        return json_answer(201, {"credential": self._credential(domain_id, seconds_of(role, MOST_SECONDS))})

    def _id_token(self, incoming: Incoming) -> Answer:
        if incoming.headers.get("x-idp-id") != self.account.idp_id:
            raise RefusedError(iam_error(404, "Could not find the identity provider."))
        if json.loads(incoming.body)["auth"]["id_token"]["id"] != self.account.id_token:
            raise RefusedError(iam_error(401, "The ID token is invalid or has expired."))
        token = self.account.issue_token(self.account.iam_users[0], None)
        content = {"token": {"expires_at": timestamp(token.expires_at), "methods": ["mapped"]}}
        return json_answer(201, content, {"X-Subject-Token": token.value})

    def _assume(self, incoming: Incoming) -> Answer:
        def refusal(status: int, code: str, text: str) -> Answer:
            return gateway_error(status, code, text, incoming.request_id)

        caller = self.gateway.authenticate(incoming)
        if caller.kind != "keys":
            raise RefusedError(refusal(401, "STS5.0001", "The request is not signed."))
        content = json.loads(incoming.body)
        urn, session = AGENCY_URN.fullmatch(content["agency_urn"]), content["agency_session_name"]
        if urn is None or not SESSION_NAME.fullmatch(session):
            raise RefusedError(refusal(400, "STS5.0002", "agency_urn or agency_session_name is invalid."))
        agency = self._agency(caller, urn[2], urn[1], refusal(404, "STS5.0004", "The agency does not exist."))
        most = MOST_CHAINED_SECONDS if caller.temporary else MOST_STS_SECONDS
        wrong = refusal(400, "STS5.0002", f"duration_seconds must be {LEAST_SECONDS} to {most}.")
        key = self._credential(agency.domain_id, seconds_of(content, most, wrong))
        answer = {
            "source_identity": "",
            "assumed_agency": {
                "urn": f"sts::{agency.domain_id}:assumed-agency:{agency.name}/{session}",
                "id": f"{agency.domain_id}:{session}",
            },
            "credentials": {
                "access_key_id": key["access"],
                "secret_access_key": key["secret"],
                "security_token": key["securitytoken"],
                "expiration": key["expires_at"][:19] + "Z",
            },
        }
        return json_answer(200, answer)

    # The metadata service

    def _metadata_token(self, incoming: Incoming) -> Answer:
        if self.metadata == "plain":
            return text_answer(404, "404 Not Found")
        if not re.fullmatch("[1-9][0-9]{0,4}", incoming.headers.get("x-metadata-token-ttl-seconds", "")):
            return text_answer(400, "400 Bad Request")
        token = f"metadata-{self.account.rng.random()}"
        self._metadata_tokens.add(token)
        return text_answer(200, token)

    def _check_metadata_token(self, incoming: Incoming) -> None:
        token = incoming.headers.get("x-metadata-token")
        if token not in self._metadata_tokens and (token is not None or self.metadata == "required"):
            raise RefusedError(text_answer(401, "401 Unauthorized"))

    def _security_key(self, incoming: Incoming) -> Answer:
        self._check_metadata_token(incoming)
        if self.metadata == "no_agency":
            return text_answer(401, NO_AGENCY)
        return json_answer(200, {"credential": self._credential("", METADATA_SECONDS)})

    def _meta_data(self, incoming: Incoming) -> Answer:
        """The metadata of the ECS. The agency is part of the metadata set at creation."""
        self._check_metadata_token(incoming)
        agency = {} if self.metadata == "no_agency" else {"agency_name": "ecs-agency"}
        project = self.account.projects[0]
        about = {"uuid": "ca9e8b7c-f2be-4b6d-a639-f10b4d994d04", "project_id": project.id, "region_id": project.region}
        return json_answer(200, {**about, "meta": {"os_type": "Linux", **agency}, "name": "ecs-ansible"})
