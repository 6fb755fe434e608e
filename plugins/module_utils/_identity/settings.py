# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""From options and environment to who asks and where: everything that can be settled without a request."""

from __future__ import annotations

import math
import os
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.transport import is_loopback
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import (
    TASK,
    Credentials,
    NoKeysError,
    Profile,
    find_credentials,
    from_environment,
    open_to_others,
    secrets_of,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.endpoints import (
    DEFAULT_METADATA_ENDPOINT,
    METADATA_HOST,
    checked_endpoint,
    checked_project_id,
    checked_proxy,
    checked_region,
    default_iam_endpoint,
    default_sts_endpoint,
    default_workspace_endpoint,
    workspace_endpoint_variable,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.roles import (
    Role,
    check_asking,
    find_role,
    names_role,
)

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets

#: Seconds; beyond it operating systems differ in what a timeout may be.
_LONGEST_TIME = 86400.0

_USUAL_PROJECT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII | re.IGNORECASE)


class Settings(t.NamedTuple):
    """What a call needs to know before it asks anybody.

    @param endpoint: of Workspace, C(scheme://host[:port]).
    @param iam_endpoint: of IAM, the same; C(None) if it is not needed.
    @param project_id: C(None) if IAM has to be asked for it.
    @param region: C(None) if it is not known; it is known if C(project_id) is not.
    @param verify: C(False), the path of a CA bundle, or C(None) for the system's.
    @param credentials_source: the place that the credentials come from, never a value.
    @param project_id_source: the same of C(project_id).
    @param role: the agency to assume with the credentials, if any.
    @param sts_endpoint: of STS; C(None) if it is not needed.
    @param metadata_endpoint: of the metadata service of an ECS.
    @param warnings: what the user should know of the places that were read.
    """

    credentials: Credentials
    endpoint: str
    iam_endpoint: str | None
    project_id: str | None
    region: str | None
    verify: bool | str | None
    proxy: str | None
    credentials_source: str
    project_id_source: str | None
    role: Role | None = None
    sts_endpoint: str | None = None
    metadata_endpoint: str = DEFAULT_METADATA_ENDPOINT
    warnings: t.Sequence[str] = ()

    def addresses(self) -> list[str]:
        """Every server that may be asked."""
        return [address for address in (self.endpoint, self.iam_endpoint, self.sts_endpoint) if address]

    def evidence(self) -> dict[str, str | None]:
        """What a failure reports of where and as whom it was asked, by the names in C(FACTS)."""
        return {
            "project_id": self.project_id,
            "region": self.region,
            "endpoint": self.endpoint,
            "credentials_source": self.credentials_source,
        }

    def explain(self, error: WorkspaceError, project_id: str | None = None) -> None:
        """Complete an error: the facts with where and as whom it was asked, the message of a refusal with the same.

        @param project_id: the one in use, if it was looked up.
        """
        error.facts.update(self.evidence())
        error.facts["project_id"] = project_id or self.project_id
        status = error.facts["status_code"]
        if status == 401:
            error.message += f" The credentials come from {self.credentials_source}."
        if isinstance(error, NoKeysError):
            return
        if self.project_id is None or status is None or not 400 <= status < 500 or status == 429:
            return
        given = f"The project_id {self.project_id} comes from {self.project_id_source}"
        if not _USUAL_PROJECT_ID.fullmatch(self.project_id):
            error.message += f" {given} and is not 32 hexadecimal digits, as project IDs are."
        elif status == 403:
            error.message += f" {given}; it may belong to another account or region."


class _Found(t.NamedTuple):
    """A setting: its value, what to call it where the value is wrong, and the place it comes from."""

    value: str
    name: str
    place: str


class _Chain:
    """The places a setting may come from, in order: the task, the environment, the profile."""

    def __init__(self, options: t.Mapping[str, t.Any], environ: t.Mapping[str, str], profile: Profile | None) -> None:
        self._options = options
        self._environ = environ
        self._profile = profile

    def find(self, option: str, variables: t.Iterable[str] = (), profile_key: str | None = None) -> _Found | None:
        """The first of the places that gives the option, or C(None)."""
        if self._options.get(option):
            return _Found(self._options[option], option, TASK)
        for variable in variables:
            if self._environ.get(variable, "").strip():
                return _Found(self._environ[variable].strip(), f"{variable} ({option})", from_environment(variable))
        if self._profile and profile_key and profile_key in self._profile.values:
            name = f"{profile_key} of profile {self._profile.name} ({option})"
            return _Found(self._profile.values[profile_key], name, self._profile.place())
        return None


def _check_numbers(options: t.Mapping[str, t.Any]) -> None:
    for name in ("timeout", "total_timeout"):
        if not (math.isfinite(options[name]) and 0 < options[name] <= _LONGEST_TIME):
            raise WorkspaceError(f"{name} is {options[name]:g}, but must be more than 0 and at most 86400 seconds.")
    if not (math.isfinite(options["retry_max_delay"]) and 0 <= options["retry_max_delay"] <= _LONGEST_TIME):
        raise WorkspaceError(f"retry_max_delay is {options['retry_max_delay']:g}, but must be 0 to 86400 seconds.")
    if not 0 <= options["max_retries"] <= 10:
        raise WorkspaceError(f"max_retries is {options['max_retries']}, but must be 0 to 10.")
    if not 1 <= options["concurrency"] <= 16:
        raise WorkspaceError(f"concurrency is {options['concurrency']}, but must be 1 to 16.")


def _check_blank(options: t.Mapping[str, t.Any]) -> None:
    for name, value in options.items():
        if isinstance(value, str) and not value.strip():
            raise WorkspaceError(f"{name} is empty or blank: set a value, or use omit to leave it out.")
        if isinstance(value, str) and "\0" in value:
            raise WorkspaceError(f"{name} contains a NUL character: remove it.")


def _verify(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> bool | str | None:
    bundle, origin = options["ca_path"], "ca_path"
    if bundle is None and options["validate_certs"] and environ.get("REQUESTS_CA_BUNDLE", "").strip():
        bundle, origin = os.path.expanduser(environ["REQUESTS_CA_BUNDLE"].strip()), "REQUESTS_CA_BUNDLE (ca_path)"
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

    @param options: every option of the shared documentation fragment; C(None) where the task left it out.
    @param environ: the module's environment.
    @param file_in_task: whether the task itself gives C(credentials_file), whose default is no wish.
    @param secrets: gets to know every secret found.
    @param account: whether IAM is all that is asked, for the whole account: then no region is needed where
        C(iam_endpoint) is known, and C(endpoint) may be empty.
    @raises WorkspaceError: an option or variable is wrong or missing, named in the message.
    """
    known: dict[str, str] = {}
    try:
        return _resolve(options, environ, file_in_task, secrets, account, known)
    except WorkspaceError as error:
        error.facts.update(known)
        raise


def _places(chain: _Chain, known: dict[str, str], *, another_account: bool) -> _Found | None:
    """Find region, project ID and endpoint, and put what is right into C(known) under these names.

    @param another_account: whether an agency is assumed: then a project ID that stands with the credentials of the
        account that asks is not of the account that is read.
    @returns: the project ID with its place, if there is one.
    """
    region = chain.find("region", ("HW_REGION_NAME", "ANSIBLE_HWC_REGION"), "region")
    if region:
        known["region"] = checked_region(region.value, region.name)
    variables = ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID")
    project = chain.find("project_id") if another_account else chain.find("project_id", variables, "project_id")
    if project:
        known["project_id"] = checked_project_id(project.value, project.name)
    endpoint = chain.find("endpoint", (workspace_endpoint_variable(region.value),) if region else ())
    if endpoint:
        # The SDK takes a list of endpoints in the variable; the first is the one it prefers.
        first = endpoint.value if endpoint.place == TASK else endpoint.value.split(",")[0].strip()
        known["endpoint"] = checked_endpoint(first, endpoint.name)
    elif region:
        known["endpoint"] = default_workspace_endpoint(region.value)
    return project


def _resolve(
    options: t.Mapping[str, t.Any],
    environ: t.Mapping[str, str],
    file_in_task: bool,
    secrets: Secrets,
    account: bool,
    known: dict[str, str],
) -> Settings:
    secrets.add(*secrets_of(options))
    _check_blank(options)
    _check_numbers(options)
    verify = _verify(options, environ)
    proxy = None
    if options["proxy"]:
        proxy = checked_proxy(options["proxy"], "proxy")

    # What task and environment say of places is checked before credentials are looked for.
    another_account = names_role(options, environ)
    _places(_Chain(options, environ, None), known, another_account=another_account)
    if options["iam_endpoint"]:
        checked_endpoint(options["iam_endpoint"], "iam_endpoint", "/v3")
    if options.get("sts_endpoint"):
        checked_endpoint(options["sts_endpoint"], "sts_endpoint")
    metadata_endpoint = checked_endpoint(
        options.get("metadata_endpoint") or DEFAULT_METADATA_ENDPOINT, "metadata_endpoint", plain_host=METADATA_HOST
    )
    role = find_role(options, environ)
    credentials, profile, credentials_source = find_credentials(options, environ, file_in_task=file_in_task)
    if role:
        credentials_source = f"{role}, assumed with {credentials_source}"
    known["credentials_source"] = credentials_source
    if role:
        check_asking(role, credentials)
    secrets.add(*secrets_of(credentials._asdict()))

    chain = _Chain(options, environ, profile)
    project = _places(chain, known, another_account=another_account)
    region, project_id, endpoint = (known.get(name) for name in ("region", "project_id", "endpoint"))
    if account:
        project_id, endpoint = None, endpoint or ""
    elif endpoint is None:
        raise WorkspaceError("region is missing: set region (or HW_REGION_NAME), or endpoint and project_id.")
    if project_id is None and region is None and not account:
        raise WorkspaceError(
            "region is missing: set project_id, or region (or HW_REGION_NAME) to look up the project of that name."
        )
    iam_endpoint = sts_endpoint = None
    if role and role.domain_id:
        found = chain.find("sts_endpoint", ("HUAWEICLOUD_SDK_STS_ENDPOINT",))
        if found:
            sts_endpoint = checked_endpoint(found.value, found.name)
        elif region:
            sts_endpoint = default_sts_endpoint(region)
        else:
            raise WorkspaceError(
                "sts_endpoint or region is missing: one of them is needed to request the keys of the agency from STS."
            )
    asks_iam = credentials.iam_user_name or credentials.idp_id or (role and role.domain_name)
    if project_id is None or asks_iam:
        found = chain.find("iam_endpoint", ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"), "iam_endpoint")
        if found:
            iam_endpoint = checked_endpoint(found.value, found.name, "/v3")
        elif region:
            iam_endpoint = default_iam_endpoint(region)
        else:
            wanted = "the projects" if account else "a token" if credentials.iam_user_name else "keys"
            raise WorkspaceError(
                f"iam_endpoint or region is missing: one of them is needed to request {wanted} from IAM."
            )
    if proxy and not is_loopback(urlsplit(proxy).hostname or ""):
        for address in (endpoint, iam_endpoint, sts_endpoint):
            if address and address.startswith("http:"):
                raise WorkspaceError(
                    f"proxy is on another machine, but {address} uses plain http: use https, or a proxy on this machine."
                )
    return Settings(
        credentials=credentials,
        endpoint=endpoint,
        iam_endpoint=iam_endpoint,
        project_id=project_id,
        region=region,
        verify=verify,
        proxy=proxy,
        credentials_source=credentials_source,
        project_id_source=project.place if project else None,
        role=role,
        sts_endpoint=sts_endpoint,
        metadata_endpoint=metadata_endpoint,
        warnings=open_to_others(profile.path) if profile else [],
    )
