# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options that all modules and inventory plugins share, and the sources of each besides the task.

The environment variables are those of the official SDKs, Terraform's provider, and older Ansible modules
(community.general and huaweicloud).
"""

from __future__ import annotations

import os
import typing as t

from .._http import errors

#: How results and messages name the sources that are not files.
TASK = "the task"
ENVIRONMENT = "the environment"

#: The credentials file of the official SDKs.
DEFAULT_FILE = "~/.huaweicloud/credentials"

#: The metadata service of an ECS.
METADATA_HOST = "169.254.169.254"


class Profile(t.NamedTuple):
    """A section of the credentials file: keys, and the settings next to them.

    @param path: the file, for messages.
    """

    path: str
    name: str
    values: dict[str, str]

    def place(self) -> str:
        """The profile as results and messages name it: the default file in its short form."""
        path = DEFAULT_FILE if self.path == os.path.expanduser(DEFAULT_FILE) else self.path
        return f"profile {self.name} of {path}"


class Option(t.NamedTuple):
    """A shared option.

    @param variables: environment variables, in order of precedence.
    @param key: its key in a profile of the credentials file.
    @param secret: whether its value is masked in all output.
    @param least: the least number that is allowed, like `most`.
    @param unit: of the number, for the message.
    """

    type: str = "str"
    default: t.Any = None
    variables: tuple[str, ...] = ()
    key: str | None = None
    secret: bool = False
    least: float | None = None
    most: float = 0
    unit: str = ""


def _text(variables: str = "", key: str | None = None, *, secret: bool = False) -> Option:
    return Option(variables=tuple(variables.split()), key=key, secret=secret)


def _seconds(default: float, least: float) -> Option:
    # Operating systems differ in whether a timeout may be longer than a day.
    return Option("float", default, least=least, most=86400, unit=" seconds")


OPTIONS = {
    "region": _text("HW_REGION_NAME ANSIBLE_HWC_REGION", "region"),
    "project_id": _text("HUAWEICLOUD_SDK_PROJECT_ID HW_PROJECT_ID", "project_id"),
    "access_key": _text("HUAWEICLOUD_SDK_AK HW_ACCESS_KEY", "ak"),
    "secret_key": _text("HUAWEICLOUD_SDK_SK HW_SECRET_KEY", "sk", secret=True),
    "security_token": _text("HUAWEICLOUD_SDK_SECURITY_TOKEN HW_SECURITY_TOKEN", "security_token", secret=True),
    "auth_token": _text("HW_AUTH_TOKEN", secret=True),
    "iam_user_name": _text("HW_USER_NAME ANSIBLE_HWC_USER"),
    "iam_password": _text("HW_USER_PASSWORD ANSIBLE_HWC_PASSWORD", secret=True),
    "iam_domain_name": _text("HW_DOMAIN_NAME ANSIBLE_HWC_DOMAIN"),
    "profile": _text("HW_PROFILE"),
    "credentials_file": Option("path", DEFAULT_FILE, ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",)),
    "assume_role_agency_name": _text("HW_ASSUME_ROLE_AGENCY_NAME"),
    "assume_role_domain_name": _text("HW_ASSUME_ROLE_DOMAIN_NAME"),
    "assume_role_domain_id": _text("HW_ASSUME_ROLE_DOMAIN_ID"),
    "assume_role_duration": Option("int", 3600, ("HW_ASSUME_ROLE_DURATION",), least=900, most=86400, unit=" seconds"),
    "sts_endpoint": _text("HUAWEICLOUD_SDK_STS_ENDPOINT"),
    "ecs_metadata": Option("bool", False),
    "metadata_endpoint": Option(default=f"http://{METADATA_HOST}"),
    "idp_id": _text("HUAWEICLOUD_SDK_IDP_ID HW_ASSUME_ROLE_IDP_ID", "idp_id"),
    "id_token_file": Option(
        "path", None, ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "HW_ASSUME_ROLE_ID_TOKEN_FILE"), "id_token_file"
    ),
    "endpoint": _text(),  # Its variable has the region in its name.
    "iam_endpoint": _text("HUAWEICLOUD_SDK_IAM_ENDPOINT HW_AUTH_URL ANSIBLE_HWC_IDENTITY_ENDPOINT", "iam_endpoint"),
    "validate_certs": Option("bool", True),
    "ca_path": Option("path"),
    "proxy": _text(secret=True),
    "timeout": _seconds(30, least=0.001),
    "total_timeout": _seconds(300, least=0.001),
    "max_retries": Option("int", 4, least=0, most=10),
    "retry_max_delay": _seconds(30, least=0),
    "concurrency": Option("int", 4, least=1, most=16),
}

#: The agency to assume, and the account that owns it, by name or by ID.
ROLE_OPTIONS = ("assume_role_agency_name", "assume_role_domain_name", "assume_role_domain_id")

#: Variables of the same tools with another kind of value. If one of them would be used it is an error, because without
#: it another account or project than intended would be queried.
UNSUPPORTED = {
    "project_id": "ANSIBLE_HWC_PROJECT_ID",
    "access_key": "ANSIBLE_HWC_ACCESS_KEY",
    "secret_key": "ANSIBLE_HWC_SECRET_KEY",
    "iam_user_name": "HW_USER_ID",
    "iam_domain_name": "HW_DOMAIN_ID",
    "credentials_file": "HW_SHARED_CONFIG_FILE",
    "id_token_file": "HW_ASSUME_ROLE_ID_TOKEN",
    "endpoint": "HUAWEICLOUD_SDK_REGIONS_FILE",
}

#: The variables that name a project instead of giving its ID.
PROJECT_NAME_VARIABLES = ("HW_PROJECT_NAME", "ANSIBLE_HWC_PROJECT")


class Found(t.NamedTuple):
    """The value of an option.

    @param name: how messages about a wrong value name it.
    @param place: its source, as results and messages name it.
    """

    value: t.Any
    name: str
    place: str


class Lookup:
    """Looks up an option in its sources, in order: the task, the environment, the profile.

    A profile that the task names comes before the environment.

    @param task: how messages name the source of the options.
    @param file_in_task: whether the task sets `credentials_file`; the default does not count.
    """

    def __init__(
        self, options: t.Mapping[str, t.Any], environ: t.Mapping[str, str], task: str, *, file_in_task: bool
    ) -> None:
        self.options = options
        self.environ = environ
        self.task = task
        #: The option of the task that names the profile.
        self.named_by = "credentials_file" if file_in_task else "profile" if options.get("profile") else None
        #: The profile that contains the credentials.
        self.profile: Profile | None = None

    def in_task(self, option: str) -> Found | None:
        """The value in the task."""
        value = self.options.get(option)
        return Found(value, option, self.task) if value else None

    def in_environment(self, option: str, variables: t.Iterable[str] | None = None) -> Found | None:
        """The first environment variable that is neither empty nor blank.

        @param variables: the variables, in order; None for those of the table.
        """
        for variable in OPTIONS[option].variables if variables is None else variables:
            value = self.environ.get(variable, "").strip()
            if value:
                return Found(value, f"{variable} ({option})", f"{ENVIRONMENT} ({variable})")
        return None

    def in_profile(self, option: str) -> Found | None:
        """The value in the profile."""
        key, profile = OPTIONS[option].key, self.profile
        if not profile or key not in profile.values:
            return None
        return Found(profile.values[key], f"{key} of profile {profile.name} ({option})", profile.place())

    def find(self, option: str, variables: t.Iterable[str] | None = None) -> Found | None:
        """The value from the first source that has one.

        @param variables: environment variables instead of those of the table.
        @raises WorkspaceError: that source is a variable that is not supported.
        """
        found = self.in_task(option) or (self.in_profile(option) if self.named_by else None)
        found = found or self.in_environment(option, variables)
        if not found:
            self.check_unsupported(option)
        return found or self.in_profile(option)

    def check_unsupported(self, option: str) -> None:
        """Check that the option is not set by a variable that is not supported.

        @raises WorkspaceError: it is.
        """
        variable = UNSUPPORTED.get(option, "")
        if self.environ.get(variable, "").strip():
            raise not_supported(variable, option)


def not_supported(variable: str, option: str) -> errors.WorkspaceError:
    """The error for a variable that is not supported, with what to set instead."""
    instead = " or ".join((option, *OPTIONS[option].variables[-1:]))
    return errors.WorkspaceError(f"{variable} is not supported: set {instead} instead, or unset {variable}.")
