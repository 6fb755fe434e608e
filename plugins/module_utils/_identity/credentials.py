# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the credentials: in the task, the environment (two families of variables), or the SDK's credentials file.

Only the first source with credentials is used: neither sources nor kinds of credentials are mixed.
"""

from __future__ import annotations

import typing as t

from .._http import errors
from .options import DEFAULT_FILE, ENVIRONMENT, OPTIONS, Lookup, Profile


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


class _Source(t.NamedTuple):
    """The credentials of one source.

    @param given: option name -> value.
    @param called: option name -> its name in the source.
    """

    place: str
    given: dict[str, t.Any]
    called: dict[str, str]

    def kinds(self) -> list[type[Credentials]]:
        """The kinds of credentials in this source."""
        return list(dict.fromkeys(_KIND_OF[name] for name in self.given if name != _SAYS_NOTHING))

    def shown(self) -> str:
        """The source as results show it, for the environment with the variable that selected it; never a value."""
        if "ecs_metadata" in self.given:
            return "the ECS metadata service (ecs_metadata)"
        if self.place != ENVIRONMENT:
            return self.place
        first = next(name for name in _KIND_OF if name in self.given and name != _SAYS_NOTHING)
        return f"{ENVIRONMENT} ({self.called[first]})"

    def origins(self) -> dict[str, str]:
        """Where the value of each option comes from, for messages."""
        suffix = "" if self.place == ENVIRONMENT else f" of {self.place}"
        return {option: f"{self.called[option]}{suffix}" for option in self.given}


def _environment_source(environ: t.Mapping[str, str], *, sdk: bool) -> _Source:
    """The credentials in the variables of the official SDKs, or in all others."""
    source = _Source(ENVIRONMENT, {}, {})
    for option in _KIND_OF:
        variables = [name for name in OPTIONS[option].variables if name.startswith("HUAWEICLOUD_SDK_") is sdk]
        there = [name for name in variables if environ.get(name, "").strip()]
        if variables:
            source.called[option] = (there or variables)[0]
        if there:
            value = environ[there[0]]
            source.given[option] = value if option == "iam_password" else value.strip()
    return source


def _profile_source(profile: Profile) -> _Source:
    called = {option: OPTIONS[option].key or "" for option in _KIND_OF}
    given = {option: profile.values[key] for option, key in called.items() if key in profile.values}
    return _Source(profile.place(), given, called)


def _complete(lookup: Lookup, source: _Source, elsewhere: t.Iterable[_Source], metadata_endpoint: str) -> Credentials:
    """The credentials of this source: of one kind, with everything that this kind needs."""
    kind, *others = source.kinds()
    if others:
        told = ", ".join(source.called[name] for name in source.given if name != _SAYS_NOTHING)
        raise errors.WorkspaceError(f"{source.place} sets more than one kind of credentials ({told}): keep one kind.")
    for option in _OPTIONS_OF[kind]:
        if option in source.given or option == _MAY_BE_ABSENT:
            continue
        if source.place == ENVIRONMENT:
            lookup.check_unsupported(option)
        others_with_it = [f"{other.called[option]} in {other.place}" for other in elsewhere if option in other.given]
        unused = f" ({others_with_it[0]} is not used: sources are not mixed)" if others_with_it else ""
        name = source.called[option]
        shown = name if name == option else f"{name} ({option})"
        raise errors.WorkspaceError(
            f"{shown} is missing: {source.place} gives {', '.join(source.called[name] for name in source.given)}"
            f" without it{unused}."
        )
    if kind is Metadata:
        return Metadata(metadata_endpoint)
    fields = {option: source.given[option] for option in _OPTIONS_OF[kind] if option in source.given}
    for option, value in fields.items():
        # These are sent in headers, where a line break or a blank would begin another header or value.
        in_header = kind in (Keys, Token) or option == "idp_id"
        if in_header and not fits_in_header(value):
            raise errors.WorkspaceError(
                f"{source.called[option]} of {source.place} contains a blank, a line break or another character"
                " that no key or token has: check how it was copied."
            )
    credentials = kind(*fields.values())
    if isinstance(credentials, Keys) and _are_swapped(credentials.access_key, credentials.secret_key):
        names = " and ".join(source.called[name] for name in ("access_key", "secret_key"))
        raise errors.WorkspaceError(
            f"{names} of {source.place} appear to be swapped, so nothing was sent: an access key is 20 upper-case letters and"
            " digits, a secret key is longer and has lower-case letters."
        )
    return credentials


def fits_in_header(text: str) -> bool:
    """Whether a text can be sent in a header, as keys and tokens are."""
    return text.isascii() and text.isprintable() and " " not in text


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


def find_credentials(lookup: Lookup, metadata_endpoint: str) -> tuple[Credentials, str, dict[str, str]]:
    """Find the credentials. If they are in a profile, it becomes a source of `lookup`.

    @param metadata_endpoint: of the metadata service, used for `ecs_metadata`.
    @returns: them, their source (never a value), and option name -> what sets it: an option, a variable or a key.
    @raises WorkspaceError: none found, incomplete, or more than one kind in a source.
    """
    given = {name: lookup.options[name] for name in _KIND_OF if lookup.options.get(name)}
    task = _Source(lookup.task, given, {name: name for name in _KIND_OF})
    if task.kinds() and lookup.named_by:
        raise errors.WorkspaceError(
            f"{lookup.task} sets {', '.join(given)} and {lookup.named_by}: keep one source of credentials."
        )
    if _SAYS_NOTHING in given and (lookup.named_by or "ecs_metadata" in given or not task.kinds()):
        raise errors.WorkspaceError(
            f"iam_domain_name needs iam_user_name and iam_password, which {lookup.task} does not set."
        )
    sources = [task, _environment_source(lookup.environ, sdk=True), _environment_source(lookup.environ, sdk=False)]
    number = next((number for number, source in enumerate(sources) if source.kinds()), None)
    if number is not None and not lookup.named_by:
        source, elsewhere = sources[number], sources[number + 1 :]
    else:
        if not lookup.named_by:
            lookup.check_unsupported("access_key")
        lookup.profile = _find_profile(lookup)
        source, elsewhere = _profile_source(lookup.profile), sources
    return _complete(lookup, source, elsewhere, metadata_endpoint), source.shown(), source.origins()


def _find_profile(lookup: Lookup) -> Profile:
    """The profile with credentials.

    @raises WorkspaceError: the file cannot be read, has no such profile, or the profile has no credentials.
    """
    # Imported here, because modules are compiled for each task and most read no file.
    from . import profiles

    file = lookup.in_task("credentials_file") if lookup.named_by == "credentials_file" else None
    file = file or lookup.in_environment("credentials_file")
    if not (file or lookup.named_by):
        lookup.check_unsupported("credentials_file")
    profile = lookup.find("profile")
    asked_for = bool(file or profile)
    try:
        found = profiles.read_profile(
            file.value if file else DEFAULT_FILE, profile.value if profile else None, named=asked_for
        )
    except errors.WorkspaceError as error:
        if profile and profile.place != lookup.task:
            error.message = (
                f"HW_PROFILE is {profile.value}, but {error.message} Unset HW_PROFILE if it is for another tool."
            )
        raise
    if found and _profile_source(found).kinds():
        return found
    if found and asked_for:
        raise errors.WorkspaceError(
            f"{found.place()} (credentials_file) contains no credentials: it needs ak and sk, or idp_id and id_token_file."
        )
    raise errors.WorkspaceError(
        f"No credentials in {lookup.task}, the environment (HUAWEICLOUD_SDK_AK and _SK) or {DEFAULT_FILE}. Set access_key and"
        " secret_key (with security_token if they are temporary), or auth_token, or iam_user_name with iam_password and"
        " iam_domain_name, or ecs_metadata (on an ECS with an agency), or idp_id and id_token_file (OpenID Connect), or"
        " profile or credentials_file, or set one of these ways but ecs_metadata in the environment."
    )
