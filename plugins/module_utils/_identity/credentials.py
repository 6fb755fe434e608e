# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the credentials: in the task, the environment (two families of variables), or the SDK's credentials file.

Only the first source with credentials is used: neither sources nor kinds of credentials are mixed.
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .options import ENVIRONMENT, OPTIONS, TASK, UNSUPPORTED, Lookup, not_supported
from .profiles import DEFAULT_FILE, Profile, read_profile


class Keys(t.NamedTuple):
    """An access key and a secret key; temporary ones have a security token."""

    access_key: str
    secret_key: str
    security_token: str = ""


class Token(t.NamedTuple):
    """An existing IAM token."""

    token: str


class User(t.NamedTuple):
    """An IAM user, who logs in for a token."""

    name: str
    password: str
    domain_name: str


class Metadata(t.NamedTuple):
    """The agency of the ECS that this runs on; its keys come from the metadata service.

    @param endpoint: of the service, `scheme://host[:port]`.
    """

    endpoint: str


class Oidc(t.NamedTuple):
    """OpenID Connect: an ID token, read from a file each time, is exchanged for temporary keys."""

    idp_id: str
    id_token_file: str


Credentials = t.Union[Keys, Token, User, Metadata, Oidc]

#: Each kind, and the options that are its fields, in order.
_OPTIONS_OF: dict[type[Credentials], tuple[str, ...]] = {
    Keys: ("access_key", "secret_key", "security_token"),
    Token: ("auth_token",),
    User: ("iam_user_name", "iam_password", "iam_domain_name"),
    Metadata: ("ecs_metadata",),
    Oidc: ("idp_id", "id_token_file"),
}
_KIND_OF = {option: kind for kind, options in _OPTIONS_OF.items() for option in options}
#: An account name alone is no credential: Terraform users set HW_DOMAIN_NAME together with their keys.
_SAYS_NOTHING, _MAY_BE_ABSENT = "iam_domain_name", "security_token"

#: The options that select the credentials. A project that sets one of them replaces them all.
CREDENTIAL_OPTIONS = (*_KIND_OF, "profile", "credentials_file")
#: Those that hold a secret.
SECRET_OPTIONS = tuple(option for option in _KIND_OF if OPTIONS[option].secret)


class NoCredentialsError(WorkspaceError):
    """No source has credentials."""


class NoKeysError(WorkspaceError):
    """Temporary keys were requested and not issued; no request that needs them was sent."""


class _Source(t.NamedTuple):
    """The credentials of one source.

    @param given: option name -> value.
    @param called: option name -> its name in the source.
    @param unsupported: option name -> the variable that sets it and is not supported.
    """

    place: str
    given: dict[str, t.Any]
    called: dict[str, str]
    unsupported: dict[str, str]

    def kinds(self) -> list[type[Credentials]]:
        """The kinds of credentials in this source; those of unsupported variables if there is nothing else."""
        given = list(dict.fromkeys(_KIND_OF[name] for name in self.given if name != _SAYS_NOTHING))
        return given or [_KIND_OF[name] for name in self.unsupported if name != _SAYS_NOTHING][:1]

    def shown(self) -> str:
        """The source as results show it, for the environment with the variable that selected it; never a value."""
        if "ecs_metadata" in self.given:
            return "the ECS metadata service (ecs_metadata)"
        if self.place != ENVIRONMENT:
            return self.place
        first = next(name for name in _KIND_OF if name in self.given and name != _SAYS_NOTHING)
        return f"{ENVIRONMENT} ({self.called[first]})"


def _environment_source(environ: t.Mapping[str, str], *, sdk: bool) -> _Source:
    """The credentials in the variables of the official SDKs, or in all others."""
    source = _Source(ENVIRONMENT, {}, {}, {})
    for option in _KIND_OF:
        variables = [name for name in OPTIONS[option].variables if name.startswith("HUAWEICLOUD_SDK_") is sdk]
        there = [name for name in variables if environ.get(name, "").strip()]
        if variables:
            source.called[option] = (there or variables)[0]
        if there:
            value = environ[there[0]]
            source.given[option] = value if option == "iam_password" else value.strip()
        if not sdk and environ.get(UNSUPPORTED.get(option, ""), "").strip():
            source.unsupported[option] = UNSUPPORTED[option]
    return source


def _profile_source(profile: Profile) -> _Source:
    called = {option: OPTIONS[option].key or "" for option in _KIND_OF}
    given = {option: profile.values[key] for option, key in called.items() if key in profile.values}
    return _Source(profile.place(), given, called, {})


def _complete(source: _Source, elsewhere: t.Iterable[_Source], metadata_endpoint: str) -> Credentials:
    """The credentials of this source: of one kind, with everything that this kind needs."""
    kind, *others = source.kinds()
    if others:
        told = ", ".join(source.called[name] for name in source.given if name != _SAYS_NOTHING)
        raise WorkspaceError(f"{source.place} sets more than one kind of credentials ({told}): keep one kind.")
    for option in _OPTIONS_OF[kind]:
        if option in source.given or option == _MAY_BE_ABSENT:
            continue
        if option in source.unsupported:
            raise not_supported(source.unsupported[option], option)
        others_with_it = [f"{other.called[option]} in {other.place}" for other in elsewhere if option in other.given]
        unused = f" ({others_with_it[0]} is not used: sources are not mixed)" if others_with_it else ""
        name = source.called[option]
        shown = name if name == option else f"{name} ({option})"
        raise WorkspaceError(
            f"{shown} is missing: {source.place} gives {', '.join(source.called[name] for name in source.given)}"
            f" without it{unused}."
        )
    if kind is Metadata:
        return Metadata(metadata_endpoint)
    fields = {option: source.given[option] for option in _OPTIONS_OF[kind] if option in source.given}
    for option, value in fields.items():
        # These are sent in headers, where a line break or a blank would begin another header or value.
        in_header = kind in (Keys, Token) or option == "idp_id"
        if in_header and not (value.isascii() and value.isprintable() and " " not in value):
            raise WorkspaceError(
                f"{source.called[option]} of {source.place} contains a blank, a line break or another character"
                " that no key or token has: check how it was copied."
            )
    credentials = kind(*fields.values())
    if isinstance(credentials, Keys) and _are_swapped(credentials.access_key, credentials.secret_key):
        names = " and ".join(source.called[name] for name in ("access_key", "secret_key"))
        raise WorkspaceError(
            f"{names} of {source.place} appear to be swapped, so nothing was sent: an access key is 20 upper-case letters and"
            " digits, a secret key is longer and has lower-case letters."
        )
    return credentials


def _are_swapped(access_key: str, secret_key: str) -> bool:
    """Whether access key and secret key are probably swapped.

    The vendor's access keys are 20 upper-case letters and digits, its secret keys 40 letters of both cases and digits.
    Both conditions are required, because other clouds with this API, and test servers, have keys of other forms.
    """
    like_secret = len(access_key) == 40 or access_key != access_key.upper()
    return like_secret and len(secret_key) == 20 and secret_key == secret_key.upper()


def secrets_in(given: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """The values of these options that are secrets, or may be a secret key given as access key."""
    yield from (given[name] for name in SECRET_OPTIONS if given.get(name))
    access_key = given.get("access_key") or ""
    if len(access_key) >= 40 or _are_swapped(access_key, given.get("secret_key") or ""):
        yield access_key


def secrets_of(credentials: Credentials) -> t.Iterator[str]:
    """The same for credentials that were found."""
    if not isinstance(credentials, Metadata):
        return secrets_in(dict(zip(_OPTIONS_OF[type(credentials)], credentials)))
    return iter(())


def find_credentials(
    options: t.Mapping[str, t.Any],
    environ: t.Mapping[str, str],
    *,
    file_in_task: bool,
    metadata_endpoint: str,
) -> tuple[Credentials, Profile | None, str]:
    """The credentials to use, the profile that contains them, if any, and their source.

    @param options: the task's options; `credentials_file` always has a value.
    @param environ: the environment of the module.
    @param file_in_task: whether the task sets `credentials_file`.
    @param metadata_endpoint: of the metadata service, used for `ecs_metadata`.
    @raises WorkspaceError: none found, incomplete, or more than one kind in a source.
    """
    task = {name: options[name] for name in _KIND_OF if options.get(name)}
    task_source = _Source(TASK, task, {name: name for name in _KIND_OF}, {})
    file_from_task = file_in_task or bool(options.get("profile"))

    if task_source.kinds() and file_from_task:
        named = "credentials_file" if file_in_task else "profile"
        raise WorkspaceError(f"the task sets {', '.join(task)} and {named}: keep one source of credentials.")
    if _SAYS_NOTHING in task and (file_from_task or "ecs_metadata" in task or not task_source.kinds()):
        raise WorkspaceError("iam_domain_name needs iam_user_name and iam_password, which the task does not set.")
    sources = [task_source, _environment_source(environ, sdk=True), _environment_source(environ, sdk=False)]
    if not file_from_task:
        for number, source in enumerate(sources, start=1):
            if source.kinds():
                return _complete(source, sources[number:], metadata_endpoint), None, source.shown()

    lookup = Lookup(options, environ)
    file = lookup.in_task("credentials_file") if file_in_task else lookup.in_environment("credentials_file")
    if not (file or file_from_task):
        lookup.refuse_unsupported("credentials_file")
    profile = lookup.find("profile")
    asked_for = bool(file or profile)
    try:
        found = read_profile(file.value if file else DEFAULT_FILE, profile.value if profile else None, named=asked_for)
    except WorkspaceError as error:
        if profile and profile.place != TASK:
            error.message = (
                f"HW_PROFILE is {profile.value}, but {error.message} Unset HW_PROFILE if it is for another tool."
            )
        raise
    if found is not None:
        source = _profile_source(found)
        if source.kinds():
            return _complete(source, sources, metadata_endpoint), found, source.shown()
        if asked_for:
            raise WorkspaceError(
                f"{source.place} (credentials_file) contains no credentials: it needs ak and sk, or idp_id and"
                " id_token_file."
            )
    raise NoCredentialsError(
        f"No credentials in the task, the environment (HUAWEICLOUD_SDK_AK and _SK) or {DEFAULT_FILE}. Set access_key and"
        " secret_key (with security_token if they are temporary), or auth_token, or iam_user_name with iam_password and"
        " iam_domain_name, or ecs_metadata (on an ECS with an agency), or idp_id and id_token_file (OpenID Connect), or"
        " profile or credentials_file, or set one of these ways but ecs_metadata in the environment."
    )
