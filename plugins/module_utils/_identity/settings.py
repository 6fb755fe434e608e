# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Resolve the shared options: credentials, agency, endpoints, TLS and proxy, without sending a request."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from .._http.errors import FACTS as REQUEST_FACTS
from .._http.errors import WorkspaceError
from .._http.transport import is_loopback
from .credentials import NoKeysError, Oidc, User, find_credentials, secrets_in, secrets_of
from .endpoints import checked_endpoint, checked_proxy
from .options import METADATA_HOST, OPTIONS, PROJECT_NAME_VARIABLES, Lookup
from .places import Places, find_places, first_look
from .profiles import open_to_others
from .roles import check_asking, find_role

if t.TYPE_CHECKING:
    from .._http.secrets import Secrets
    from .credentials import Credentials
    from .roles import Role

#: The facts that every failure returns, `None` if unknown: first those of the request, then those of the settings.
FACTS = (*REQUEST_FACTS, "project_id", "region", "endpoint", "credentials_source")

#: The least and the most of an option. Operating systems differ in whether a timeout may be longer than a day.
_RANGES = {
    "timeout": (0, 86400, " seconds"),
    "total_timeout": (0, 86400, " seconds"),
    "retry_max_delay": (0, 86400, " seconds"),
    "max_retries": (0, 10, ""),
    "concurrency": (1, 16, ""),
}
_NOT_ZERO = ("timeout", "total_timeout")

_USUAL_PROJECT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, eq=False, repr=False)
class Settings(Places):
    """What a call needs before its first request: where to send it, and with which credentials.

    @param credentials_source: the source of the credentials, never a value.
    @param role: the agency to assume with the credentials, if any.
    @param verify: `False`, the path of a CA bundle, or `None` for the system's.
    @param warnings: about the files that were read.
    """

    credentials: Credentials
    credentials_source: str
    role: Role | None
    verify: bool | str | None
    proxy: str | None
    warnings: t.Sequence[str]

    def addresses(self) -> list[str]:
        """Every endpoint that requests may go to."""
        return [address for address in (self.endpoint, self.iam_endpoint, self.sts_endpoint) if address]

    def explain(self, error: WorkspaceError, project_id: str | None = None) -> None:
        """Add endpoint, project and source of the credentials to the facts of an error, and hints to its message.

        @param project_id: the project in use, if its ID was looked up.
        """
        error.facts.update((fact, getattr(self, fact)) for fact in ("region", "endpoint", "credentials_source"))
        error.facts["project_id"] = project_id or self.project_id
        status = error.facts["status_code"]
        if status == 401:
            error.message += f" The credentials come from {self.credentials_source}."
        if isinstance(error, NoKeysError) or status is None or not 400 <= status < 500 or status == 429:
            return
        came = f"The project_id {self.project_id} comes from {self.project_id_source}"
        if self.project_id and not _USUAL_PROJECT_ID.fullmatch(self.project_id):
            likely = f"{came} and is probably the name of a project: an ID is 32 hexadecimal digits."
            # The likely cause comes first, and replaces the hint that does not know it.
            error.message = f"{error.message} {likely}" if status == 401 else f"{likely} {error.without_hint}"
        elif self.project_id and status == 403:
            error.message += f" {came}; it may belong to another account or region."
        elif status in (401, 403, 404) and self.project_name_source in PROJECT_NAME_VARIABLES:
            error.message += f" The name of the project, {self.project_name}, comes from {self.project_name_source}."


def _check_numbers(options: t.Mapping[str, t.Any]) -> None:
    for name, (least, most, unit) in _RANGES.items():
        value = options[name]
        if not least <= value <= most or (name in _NOT_ZERO and value == 0):
            span = f"more than 0 and at most {most}" if name in _NOT_ZERO else f"{least} to {most}"
            raise WorkspaceError(f"{name} is {value:g}, but must be {span}{unit}.")


def _check_blank(options: t.Mapping[str, t.Any]) -> None:
    for name, value in options.items():
        if isinstance(value, str) and not value.strip():
            raise WorkspaceError(f"{name} is empty or blank: set a value, or use omit to leave it out.")
        if isinstance(value, str) and "\0" in value:
            raise WorkspaceError(f"{name} contains a NUL character: remove it.")


def _verify(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> bool | str | None:
    bundle, origin = options["ca_path"], "ca_path"
    if bundle is None and options["validate_certs"]:
        # The variables of requests, in its order.
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if bundle is None and environ.get(name, "").strip():
                bundle, origin = os.path.expanduser(environ[name].strip()), f"{name} (ca_path)"
    if bundle is not None and not os.access(bundle, os.R_OK):
        raise WorkspaceError(
            f"{origin}: {bundle} does not exist or cannot be read; it must be a file of CA certificates."
        )
    return bundle if options["validate_certs"] else False


def resolve_settings(
    options: t.Mapping[str, t.Any],
    environ: t.Mapping[str, str],
    *,
    file_in_task: bool,
    secrets: Secrets,
    account: bool = False,
) -> Settings:
    """Check and complete the shared options.

    @param options: every option of the shared documentation fragment; `None` where the task left it out.
    @param environ: the module's environment.
    @param file_in_task: whether the task sets `credentials_file`; the default does not count.
    @param secrets: receives every secret found.
    @param account: whether only IAM is queried, for the whole account: then no region is needed if `iam_endpoint` is
        set, and `endpoint` may be empty.
    @raises WorkspaceError: an option or variable is wrong or missing, named in the message.
    """
    known: dict[str, str] = {}
    try:
        secrets.add(*secrets_in(options))
        _check_blank(options)
        _check_numbers(options)
        verify = _verify(options, environ)
        proxy = checked_proxy(options["proxy"], "proxy") if options["proxy"] else None
        # Region, project and endpoints of task and environment are checked before credentials are looked up.
        lookup = Lookup(options, environ)
        first_look(lookup, known, account=account)
        for name, path in (("iam_endpoint", "/v3"), ("sts_endpoint", "")):
            if options.get(name):
                checked_endpoint(options[name], name, path)
        metadata_endpoint = options.get("metadata_endpoint") or OPTIONS["metadata_endpoint"].default
        metadata_endpoint = checked_endpoint(metadata_endpoint, "metadata_endpoint", plain_host=METADATA_HOST)
        role = find_role(lookup)
        who, profile, source = find_credentials(
            options, environ, file_in_task=file_in_task, metadata_endpoint=metadata_endpoint
        )
        known["credentials_source"] = f"{role}, assumed with {source}" if role else source
        if role:
            check_asking(role, who)
        secrets.add(*secrets_of(who))
        places = find_places(
            lookup._replace(profile=profile),
            known,
            account=account,
            asks_iam=isinstance(who, (User, Oidc)) or bool(role and role.domain_name),
            asks_sts=bool(role and role.domain_id),
        )
        settings = Settings(
            **vars(places),
            credentials=who,
            credentials_source=known["credentials_source"],
            role=role,
            verify=verify,
            proxy=proxy,
            warnings=open_to_others(profile.path) if profile else [],
        )
        if proxy and not is_loopback(urlsplit(proxy).hostname or ""):
            for address in settings.addresses():
                if address.startswith("http:"):
                    raise WorkspaceError(
                        f"proxy is on another machine, but {address} uses plain http: use https, or a proxy on this machine."
                    )
        return settings
    except WorkspaceError as error:
        error.facts.update(known)
        raise


def resolve_places(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str], *, account: bool = False) -> Places:
    """The endpoints and the project, for a caller without credentials that only reads a cache.

    @param options: as for `resolve_settings`, like the other parameters.
    @raises WorkspaceError: an option or variable is wrong or missing.
    """
    return find_places(Lookup(options, environ), {}, account=account)
