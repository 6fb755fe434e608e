# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Resolve the shared options: credentials, agency, endpoints, TLS and proxy, without sending a request."""

from __future__ import annotations

import os
import typing as t
from urllib.parse import urlsplit

from .._http import errors, transport
from . import credentials, endpoints, urls
from .options import METADATA_HOST, OPTIONS, ROLE_OPTIONS, TASK, Lookup

if t.TYPE_CHECKING:
    from .._http.secrets import Secrets
    from . import roles

_SETTINGS_FACTS = ("project_id", "region", "endpoint", "credentials_source")
#: The facts that every failure returns, `None` if unknown: first those of the request, then those of the settings.
FACTS = (*errors.FACTS, *_SETTINGS_FACTS)


class Settings:
    """What a call needs before its first request: where to send it, and with which credentials.

    `resolve_settings` fills it in, so that a failure has the facts that are known by then.

    @param credentials_source: never a value.
    @param origins: option name -> the option, variable or key of a profile that sets these credentials.
    @param role: the agency to assume with the credentials, if any.
    @param region: None if it is not known.
    @param project_id: None if it has to be looked up in IAM, by `project_name`.
    @param project_name_source: the option or variable with the name, such as `region`.
    @param endpoint: of Workspace, `scheme://host[:port]`; empty if it is not needed, like those of IAM and STS.
    @param verify: `False`, the path of a CA bundle, or `None` for the system's.
    @param warnings: about the files that were read.
    """

    credentials: credentials.Credentials
    credentials_source: str | None = None
    origins: t.Mapping[str, str]
    role: roles.Role | None = None
    region: str | None = None
    project_id: str | None = None
    project_id_source: str | None = None
    project_name = ""
    project_name_source = "region"
    endpoint = ""
    iam_endpoint = ""
    sts_endpoint = ""
    verify: bool | str | None = None
    proxy: str | None = None
    warnings: t.Sequence[str] = ()

    def addresses(self) -> list[str]:
        """Every endpoint that requests may go to."""
        return [address for address in (self.endpoint, self.iam_endpoint, self.sts_endpoint) if address]

    def facts(self) -> dict[str, str | None]:
        """What failures return of the settings."""
        return {fact: getattr(self, fact) or None for fact in _SETTINGS_FACTS}

    def explain(self, error: errors.WorkspaceError, project_id: str | None = None) -> None:
        """Add endpoint, project and source of the credentials to the facts of an error, and the source to a 401.

        @param project_id: the project in use, if its ID was looked up.
        """
        error.facts.update(self.facts(), project_id=project_id or self.project_id)
        places = (str(self.credentials_source), *self.origins.values())
        if error.status == 401 and not any(place in error.message for place in places):
            error.message += f" The credentials come from {self.credentials_source}."


def _check_values(options: t.Mapping[str, t.Any]) -> None:
    for name, value in options.items():
        if isinstance(value, str) and not value.strip():
            raise errors.WorkspaceError(f"{name} is empty or blank: set a value, or use omit to leave it out.")
        if isinstance(value, str) and "\0" in value:
            raise errors.WorkspaceError(f"{name} contains a NUL character: remove it.")
        least, most, unit = OPTIONS[name][-3:] if name in OPTIONS else (None, 0, "")
        if least is not None and not least <= value <= most:
            raise errors.WorkspaceError(f"{name} is {value:g}, but must be {least:g} to {most:g}{unit}.")


def _verify(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> bool | str | None:
    bundle, origin = options["ca_path"], "ca_path"
    if bundle is None and options["validate_certs"]:
        # The variables of requests, in its order.
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if bundle is None and environ.get(name, "").strip():
                bundle, origin = os.path.expanduser(environ[name].strip()), f"{name} (ca_path)"
    if bundle is not None and not os.access(bundle, os.R_OK):
        raise errors.WorkspaceError(
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
    task: str = TASK,
) -> Settings:
    """Check and complete the shared options.

    @param options: every option of the shared documentation fragment; `None` where the task left it out.
    @param environ: the module's environment.
    @param file_in_task: whether the task sets `credentials_file`; the default does not count.
    @param secrets: receives every secret found.
    @param account: whether only IAM is queried, for the whole account: then no region is needed if `iam_endpoint` is
        set, and `endpoint` may be empty.
    @param task: how messages name the source of the options.
    @raises WorkspaceError: an option or variable is wrong or missing, named in the message.
    """
    settings, lookup = Settings(), Lookup(options, environ, task, file_in_task=file_in_task)
    try:
        secrets.add(*credentials.secrets_in(options))
        _check_values(options)
        settings.verify = _verify(options, environ)
        settings.proxy = urls.checked_proxy(options["proxy"], "proxy") if options["proxy"] else None
        _find_who_and_where(settings, lookup, account=account)
        secrets.add(*credentials.secrets_of(settings.credentials))
        _find_services(settings, lookup, account=account)
        _check_proxy(settings)
    except errors.WorkspaceError as error:
        error.facts.update(settings.facts())
        raise
    if lookup.profile:
        from . import profiles

        settings.warnings = profiles.open_to_others(lookup.profile.path)
    return settings


def _find_who_and_where(settings: Settings, lookup: Lookup, *, account: bool) -> None:
    """Find the credentials, the agency, the region, the project and the endpoint of Workspace, as far as they are set.

    Wrong addresses are reported before wrong or missing credentials.
    """
    metadata_endpoint = urls.checked_endpoint(
        lookup.options["metadata_endpoint"], "metadata_endpoint", plain_host=METADATA_HOST
    )
    failure = None
    try:
        found = credentials.find_credentials(lookup, metadata_endpoint)
        settings.credentials, settings.credentials_source, settings.origins = found
    except errors.WorkspaceError as error:
        failure = error
    region = lookup.find("region")
    settings.region = endpoints.checked_region(region.value, region.name) if region else None
    settings.endpoint = endpoints.find_endpoint(lookup, region)
    if any(map(lookup.find, ROLE_OPTIONS)):
        # Imported here, because modules are compiled for each task and most assume no role.
        from . import roles

        settings.role = roles.find_role(lookup)
    if not account:
        # A project ID next to the credentials belongs to their account, not to that of the agency.
        project = lookup.in_task("project_id") if settings.role else lookup.find("project_id")
        name = endpoints.find_project_name(lookup, region)
        if project:
            settings.project_id = endpoints.checked_project_id(project.value, project.name)
            settings.project_id_source = project.place
        elif name:
            settings.project_name, settings.project_name_source = name.value, name.name.split()[0]
    if failure:
        raise failure
    if settings.role:
        from . import roles

        settings.credentials_source = f"{settings.role}, assumed with {settings.credentials_source}"
        roles.check_asking(settings.role, settings.credentials)


def _find_services(settings: Settings, lookup: Lookup, *, account: bool) -> None:
    """Find the endpoints of the services that are needed, after a check that project and endpoint are known."""
    if not (settings.endpoint or account):
        raise errors.WorkspaceError("region is missing: set region (or HW_REGION_NAME), or endpoint and project_id.")
    if not (settings.project_id or settings.project_name or account):
        raise errors.WorkspaceError(
            "region is missing: set project_id, or region (or HW_REGION_NAME) to look up the project of that name."
        )
    role = settings.role
    from_sts = "the keys of the agency from STS" if role and role.domain_id else ""
    settings.sts_endpoint = endpoints.find_service(lookup, "sts", settings.region, from_sts)
    from_iam = "" if settings.project_id else "the projects from IAM" if account else "the project from IAM"
    if isinstance(settings.credentials, (credentials.User, credentials.Oidc)) or (role and role.domain_name):
        from_iam = "a token or keys from IAM"
    settings.iam_endpoint = endpoints.find_service(lookup, "iam", settings.region, from_iam, "/v3")


def _check_proxy(settings: Settings) -> None:
    if settings.proxy and not transport.is_loopback(urlsplit(settings.proxy).hostname or ""):
        for address in settings.addresses():
            if address.startswith("http:"):
                raise errors.WorkspaceError(
                    f"proxy is on another machine, but {address} uses plain http: use https, or a proxy on this machine."
                )
