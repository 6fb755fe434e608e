# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""Where credentials come from: the task, the environment (two families of names), the SDK's credentials file.

The first source that gives any is the only one: sources are never mixed, nor kinds within a source.
Names: the official SDK's environment provider, Terraform's provider, community.general's hwc modules.
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError

if t.TYPE_CHECKING:
    import configparser

DEFAULT_FILE = "~/.huaweicloud/credentials"
FILE_VARIABLE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
PROFILE_VARIABLE = "HW_PROFILE"
_DEFAULT_PROFILES = ("basic", "basiccredentials")

_KEYS, _TOKEN, _USER = "access_key and secret_key", "auth_token", "iam_user_name and iam_password"
_METADATA, _OIDC = "ecs_metadata", "idp_id and id_token_file"
_KIND_OF = {
    "access_key": _KEYS,
    "secret_key": _KEYS,
    "security_token": _KEYS,
    "auth_token": _TOKEN,
    "iam_user_name": _USER,
    "iam_password": _USER,
    # An account name alone says nothing: Terraform users set HW_DOMAIN_NAME beside their keys.
    "iam_domain_name": "",
    "ecs_metadata": _METADATA,
    "idp_id": _OIDC,
    "id_token_file": _OIDC,
}
_NEEDED = {
    _KEYS: ("access_key", "secret_key"),
    _TOKEN: ("auth_token",),
    _USER: ("iam_user_name", "iam_password", "iam_domain_name"),
    _METADATA: ("ecs_metadata",),
    _OIDC: ("idp_id", "id_token_file"),
}

#: The options that say who asks: who gives one of them anew gives them all.
CREDENTIAL_OPTIONS = (*_KIND_OF, "profile", "credentials_file")

#: The environment's two sources: option name -> environment names in order.
_SDK_NAMES = {
    "access_key": ("HUAWEICLOUD_SDK_AK",),
    "secret_key": ("HUAWEICLOUD_SDK_SK",),
    "security_token": ("HUAWEICLOUD_SDK_SECURITY_TOKEN",),
    "idp_id": ("HUAWEICLOUD_SDK_IDP_ID",),
    "id_token_file": ("HUAWEICLOUD_SDK_ID_TOKEN_FILE",),
}
_OTHER_NAMES = {
    "access_key": ("HW_ACCESS_KEY",),
    "secret_key": ("HW_SECRET_KEY",),
    "security_token": ("HW_SECURITY_TOKEN",),
    "auth_token": ("HW_AUTH_TOKEN",),
    "iam_user_name": ("HW_USER_NAME", "ANSIBLE_HWC_USER"),
    "iam_password": ("HW_USER_PASSWORD", "ANSIBLE_HWC_PASSWORD"),
    "iam_domain_name": ("HW_DOMAIN_NAME", "ANSIBLE_HWC_DOMAIN"),
    "idp_id": ("HW_ASSUME_ROLE_IDP_ID",),
    "id_token_file": ("HW_ASSUME_ROLE_ID_TOKEN_FILE",),
}

#: The options that hold a secret.
SECRET_OPTIONS = ("secret_key", "security_token", "auth_token", "iam_password")


#: How results and messages name the two places that are no file.
TASK = "the task"
_ENVIRONMENT = "the environment"


def from_environment(variable: str) -> str:
    """A variable as results and messages name the place of a value."""
    return f"{_ENVIRONMENT} ({variable})"


class NoCredentialsError(WorkspaceError):
    """No source gives any credentials."""


class NoKeysError(WorkspaceError):
    """Temporary keys were asked for and not given; no request that needs them was sent."""


class Credentials(t.NamedTuple):
    """One complete set: keys, a token, an IAM user, or who gives temporary keys; the rest is C(None)."""

    access_key: str | None = None
    secret_key: str | None = None
    security_token: str | None = None
    auth_token: str | None = None
    iam_user_name: str | None = None
    iam_password: str | None = None
    iam_domain_name: str | None = None
    ecs_metadata: bool | None = None
    idp_id: str | None = None
    id_token_file: str | None = None


class Profile(t.NamedTuple):
    """A section of the credentials file: the keys, and the settings that may stand beside them.

    @param path: the file, for messages.
    @param values: any of C(ak), C(sk), C(security_token), C(idp_id), C(id_token_file), C(project_id),
        C(iam_endpoint), C(region).
    """

    path: str
    name: str
    values: dict[str, str]

    def place(self) -> str:
        """The profile as results and messages name it: the default file in its short form."""
        path = DEFAULT_FILE if self.path == os.path.expanduser(DEFAULT_FILE) else self.path
        return f"profile {self.name} of {path}"


class _Source(t.NamedTuple):
    """What one place gives: C(given) maps option names to values, C(called) option names to what the place calls them."""

    place: str
    given: dict[str, t.Any]
    called: dict[str, str]

    def kinds(self) -> list[str]:
        return list(dict.fromkeys(_KIND_OF[name] for name in self.given if _KIND_OF[name]))

    def shown(self) -> str:
        """The place for a result: of the environment with the variable that makes it the one used, never with a value."""
        if _METADATA in self.given:
            return "the ECS metadata service (ecs_metadata)"
        if self.place != _ENVIRONMENT:
            return self.place
        return from_environment(next(self.called[name] for name in _KIND_OF if name in self.given and _KIND_OF[name]))


def _environment_source(environ: t.Mapping[str, str], names: t.Mapping[str, tuple[str, ...]]) -> _Source:
    given, called = {}, {}
    for option, variables in names.items():
        called[option] = variables[0]
        for variable in variables:
            if environ.get(variable, "").strip():
                value = environ[variable]
                given[option], called[option] = value if option == "iam_password" else value.strip(), variable
                break
    return _Source(_ENVIRONMENT, given, called)


def _read_file(path: str) -> configparser.RawConfigParser:
    """Parse the file; errors name the file and the line, never what stands there."""
    import configparser  # Most calls read no file, and need not pay for it.

    parser = configparser.RawConfigParser()
    try:
        with open(path, encoding="utf-8-sig") as file:
            parser.read_file(file)
    except OSError as error:
        raise WorkspaceError(f"credentials_file {path} cannot be read: {error.strerror or 'unknown error'}.") from None
    except UnicodeDecodeError:
        raise WorkspaceError(f"credentials_file {path} is not UTF-8 text.") from None
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next((number for number, _text in getattr(error, "errors", ())), None)
        where = f" at line {line}" if line else ""
        raise WorkspaceError(f"credentials_file {path} is malformed{where}: it must be an INI file.") from None
    return parser


def read_profile(path: str, profile: str | None, *, named: bool) -> Profile | None:
    """A section of the credentials file.

    @param path: the file; C(~) is expanded.
    @param profile: the section; C(None) for C(basic), else C(basiccredentials).
    @param named: whether the user asked for this file or section: then it must be there.
    @returns: C(None) if nobody asked for it and it is not there.
    @raises WorkspaceError: unreadable, malformed, or no such section.
    """
    path = os.path.expanduser(path)
    if not named and not os.path.exists(path):
        return None
    parser = _read_file(path)
    for section in (profile,) if profile else _DEFAULT_PROFILES:
        if parser.has_section(section):
            return Profile(path, section, {key: value.strip() for key, value in parser.items(section) if value.strip()})
    if not named:
        return None
    asked = f"profile {profile}" if profile else "neither profile basic nor basiccredentials"
    there = ", ".join(parser.sections()) or "none"
    verb = "is not in" if profile else "is in"
    raise WorkspaceError(f"{asked} {verb} credentials_file {path}; its sections are: {there}.")


def open_to_others(path: str) -> list[str]:
    """A warning if other users of this machine can read the credentials file, else nothing."""
    mode = os.stat(path).st_mode & 0o777
    if os.name != "posix" or not mode & 0o077:
        return []
    return [f"credentials_file {path} is open to other users (mode {mode:04o}): run chmod 600 {path}."]


def _profile_source(profile: Profile) -> _Source:
    keys = {"access_key": "ak", "secret_key": "sk"}
    keys.update({name: name for name in ("security_token", "idp_id", "id_token_file")})
    given = {option: profile.values[key] for option, key in keys.items() if key in profile.values}
    return _Source(profile.place(), given, keys)


def _complete(source: _Source, elsewhere: t.Iterable[_Source]) -> Credentials:
    """The one kind of credentials that this source gives, with everything that kind needs."""
    kinds = source.kinds()
    if len(kinds) > 1:
        told = ", ".join(source.called[name] for name in source.given if _KIND_OF[name])
        raise WorkspaceError(f"{source.place} sets more than one kind of credentials ({told}): keep one kind.")
    for option in _NEEDED[kinds[0]]:
        if option in source.given:
            continue
        others = [f"{other.called[option]} in {other.place}" for other in elsewhere if option in other.given]
        unused = f" ({others[0]} is not used: sources are not mixed)" if others else ""
        name = source.called[option]
        shown = name if name == option else f"{name} ({option})"
        raise WorkspaceError(
            f"{shown} is missing: {source.place} gives {', '.join(source.called[name] for name in source.given)}"
            f" without it{unused}."
        )
    wanted = {option: value for option, value in source.given.items() if _KIND_OF[option] in ("", kinds[0])}
    if kinds[0] != _USER:
        wanted.pop("iam_domain_name", None)
    for option, value in wanted.items():
        # These travel in headers, where a line break or a blank would be another header or another value.
        in_header = _KIND_OF[option] in (_KEYS, _TOKEN) or option == "idp_id"
        if in_header and not (value.isascii() and value.isprintable() and " " not in value):
            raise WorkspaceError(
                f"{source.called[option]} of {source.place} contains a blank, a line break or another character"
                " that no key or token has: check how it was copied."
            )
    credentials = Credentials(**wanted)
    if _look_exchanged(credentials.access_key or "", credentials.secret_key or ""):
        names = " and ".join(source.called[name] for name in ("access_key", "secret_key"))
        raise WorkspaceError(
            f"{names} of {source.place} look exchanged, so nothing was sent: an access key is 20 upper-case letters and"
            " digits, a secret key is longer and has lower-case letters."
        )
    return credentials


def _look_exchanged(access_key: str, secret_key: str) -> bool:
    """Whether a secret key stands in the place of the access key.

    The vendor's access keys are 20 upper-case letters and digits, its secret keys 40 letters of both cases and digits.
    Only both signs together count: other clouds with this API, and test servers, may have keys of any other form.
    """
    like_secret = len(access_key) == 40 or access_key != access_key.upper()
    return like_secret and len(secret_key) == 20 and secret_key == secret_key.upper()


def secrets_of(given: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Every value of these options that is a secret, or may be one in the place of the access key."""
    for name in SECRET_OPTIONS:
        if given.get(name):
            yield given[name]
    access_key = given.get("access_key") or ""
    if len(access_key) >= 40 or _look_exchanged(access_key, given.get("secret_key") or ""):
        yield access_key


def find_credentials(
    options: t.Mapping[str, t.Any],
    environ: t.Mapping[str, str],
    *,
    file_in_task: bool,
) -> tuple[Credentials, Profile | None, str]:
    """The credentials to use, the profile they came from if it was one, and the place they came from.

    @param options: the task's options; those with a value count as given. C(credentials_file) always has one.
    @param environ: the environment of the module.
    @param file_in_task: whether the task itself names C(credentials_file).
    @raises WorkspaceError: nothing found, something missing, or more than one kind in a source.
    """
    task = {name: value for name, value in ((name, options.get(name)) for name in _KIND_OF) if value}
    task_source = _Source(TASK, task, {name: name for name in _KIND_OF})
    sdk_source = _environment_source(environ, _SDK_NAMES)
    other_source = _environment_source(environ, _OTHER_NAMES)
    file_from_task = file_in_task or bool(options.get("profile"))

    if task_source.kinds() and file_from_task:
        named = "credentials_file" if file_in_task else "profile"
        raise WorkspaceError(f"the task sets {', '.join(task)} and {named}: keep one source of credentials.")
    if "iam_domain_name" in task and (file_from_task or _METADATA in task or not task_source.kinds()):
        raise WorkspaceError("iam_domain_name needs iam_user_name and iam_password, which the task does not set.")
    sources = [task_source, sdk_source, other_source]
    if not file_from_task:
        for number, source in enumerate(sources, start=1):
            if source.kinds():
                return _complete(source, sources[number:]), None, source.shown()

    variable_file, variable_profile = environ.get(FILE_VARIABLE, "").strip(), environ.get(PROFILE_VARIABLE, "").strip()
    path = (options.get("credentials_file") if file_in_task else variable_file) or DEFAULT_FILE
    profile = options.get("profile") or variable_profile or None
    asked_for = file_from_task or bool(variable_file or variable_profile)
    found = read_profile(path, profile, named=asked_for)
    if found is not None:
        source = _profile_source(found)
        if source.kinds():
            return _complete(source, sources), found, source.shown()
        if asked_for:
            raise WorkspaceError(
                f"{source.place} (credentials_file) contains no credentials: it needs ak and sk, or idp_id and"
                " id_token_file."
            )
    raise NoCredentialsError(
        "no credentials found: set access_key and secret_key (with security_token if they are temporary), or"
        " auth_token, or iam_user_name with iam_password and iam_domain_name, or ecs_metadata (on an ECS with an"
        " agency), or idp_id and id_token_file (OpenID Connect), or profile or credentials_file, or set one of these ways"
        " but ecs_metadata in the environment."
    )
