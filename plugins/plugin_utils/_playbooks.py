# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the playbooks before and after a project is read. They run on the controller.

The playbooks use them through `playbooks/action_plugins/workspace_step.py`. An action plugin that runs modules itself
wraps each call in `one_ahead`.
"""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import os
import time
import typing as t

import yaml
from ansible import constants
from ansible.inventory.manager import IGNORED
from ansible.utils.path import unfrackpath

from ..module_utils._http.errors import WorkspaceError
from ..module_utils._http.secrets import Secrets
from ..module_utils._identity.credentials import Keys, Token, User
from ..module_utils._identity.owner import owner_of
from ..module_utils._identity.settings import Settings, resolve_settings
from ..module_utils._options import LeftOut, common_arguments, validated

PREFIX = "workspace_"

#: The temporary folder of this run of Ansible, which is shared by all of its processes.
RUN_FOLDER: str = constants.DEFAULT_LOCAL_TMP  # type: ignore[attr-defined, unused-ignore]  # it is not declared

#: The group of the inventory whose hosts are projects.
GROUP = "workspace_projects"

#: The inventory that Ansible uses by default.
_DEFAULT_SOURCE = "/etc/ansible/hosts"

#: What a play for hosts that are not projects can do instead.
_ONE_TASK = (
    "A play for other hosts can use huaweicloud.workspace.workspace_wait_for_free_desktops or workspace_audit_info, in a"
    " task with run_once and delegate_to: localhost."
)

#: The beginning of a line about rejected credentials.
_REJECTED = "rejected: "

#: Other variables of both playbooks; the last two are their results.
_OTHERS = ("options", "report_file", "previous_report", "audit", "check")


class VariableError(Exception):
    """A variable of a playbook is wrong; the text names it and says what to do."""


def ended_by_timeout(error: BaseException, timeout: t.Any) -> str | None:
    """The message if the keyword `timeout` of a task raised an exception; `None` for other exceptions."""
    # The class is private in recent ansible-core.
    is_timeout = type(error).__name__ == "TaskTimeoutError"
    return f"The task was ended by its timeout of {timeout} seconds." if is_timeout else None


def hosts_of(groups: t.Mapping[str, t.Collection[str]], limited: t.Collection[str], sources: t.Sequence[str]) -> str:
    """The host pattern of a playbook: the group of projects, or the control node if there is no inventory.

    An inventory without any project is an error, so that a check never passes without reading one.

    @param limited: the hosts of the inventory that `--limit` selects.
    @raises VariableError: the inventory has no project, or `--limit` excludes all of them.
    """
    if not groups.get("all") and list(sources) == [_DEFAULT_SOURCE]:
        return "localhost"
    given = f"The inventory ({', '.join(map(str, sources))})"
    if GROUP not in groups:
        raise VariableError(
            f"{given} has no group {GROUP}, so there is no project. If a source could not be read, a warning gives the"
            " reason. Otherwise add the group, with a host for each project (localhost for one) that has workspace_options."
            f" {_ONE_TASK}"
        )
    if not groups[GROUP]:
        raise VariableError(f"{given} has no host in the group {GROUP}, so there is no project.")
    if not set(groups[GROUP]) & set(limited):
        raise VariableError(f"--limit excludes all hosts of the group {GROUP}, so there is no project. {_ONE_TASK}")
    return GROUP


def unparsed(sources: t.Iterable[str], parsed: t.Collection[str]) -> list[str]:
    """The sources of an inventory, including files in folders, that no inventory plugin could read.

    @param parsed: the files that were read.
    """
    missing: list[str] = []
    for source in sources:
        path = source if "," in source else unfrackpath(source, follow=False)
        if os.path.isdir(path):
            names = [name for name in sorted(os.listdir(path)) if not IGNORED.search(os.fsencode(name))]
            missing += unparsed([os.path.join(path, name) for name in names], parsed)
        elif path not in parsed and (path != _DEFAULT_SOURCE or os.path.exists(path)):
            missing.append(path)
    return missing


def without_omitted(value: t.Any, placeholder: t.Any) -> t.Any:
    """A value without omitted items, at any depth; `None` if the value itself is omitted.

    @param placeholder: the value of the variable `omit`.
    """
    if isinstance(value, dict):
        return {name: without_omitted(item, placeholder) for name, item in value.items() if item != placeholder}
    if isinstance(value, list):
        return [without_omitted(item, placeholder) for item in value if item != placeholder]
    return None if value == placeholder else value


def checked_options(
    playbook: str, variables: t.Mapping[str, t.Any], arguments: t.Mapping[str, t.Mapping[str, t.Any]], *, in_group: bool
) -> dict[str, t.Any]:
    """The options of the task from the variables of a host.

    @param variables: the templated variables of the host; variables without the prefix are ignored.
    @param arguments: playbook -> the arguments of its task, without the common ones.
    @param in_group: whether the host is in the group of projects. Otherwise the environment selects the project.
    @raises VariableError: an unknown or wrong variable.
    """
    known = sorted({PREFIX + name for names in (*arguments.values(), _OTHERS) for name in names})
    for name in sorted(variables):
        if name.startswith(PREFIX) and name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
            raise VariableError(
                f"{name} is not a variable of the playbook huaweicloud.workspace.{playbook}. Did you mean {nearest}?"
            )
    own = {option: variables.get(PREFIX + option) for option in arguments[playbook]}
    for option, value in own.items():
        if arguments[playbook][option]["type"] == "list" and isinstance(value, str):
            name = PREFIX + option
            raise VariableError(f'{name} must be a list, on the command line such as -e \'{{"{name}": ["first"]}}\'.')
    options = _common_options(variables.get("workspace_options"), in_group=in_group)
    return {**options, **{option: value for option, value in own.items() if value is not None}}


def _common_options(given: t.Any, *, in_group: bool) -> dict[str, t.Any]:
    """The value of `workspace_options`."""
    if isinstance(given, str):
        # On the command line, -e workspace_options='{"region":"cn-north-4"}' sets a string.
        try:
            given = yaml.safe_load(given) or ""
        except yaml.YAMLError:
            given = ""
    if given is not None and not isinstance(given, dict):
        raise VariableError("workspace_options must be a dictionary of options, such as {region: cn-north-4}.")
    if in_group and not given:
        raise VariableError(
            f"workspace_options is missing: each host of the group {GROUP} needs its own. Otherwise it would stand for the"
            " project of the environment."
        )
    return {str(name): value for name, value in (given or {}).items()}


class Identity(t.NamedTuple):
    """The credentials and the project of a module call, as options and environment set them. It contains no secrets.

    @param key: equal for projects that share credentials.
    @param shown: a description, such as `access key AK1 (profile audit of ~/.huaweicloud/credentials)`. Reports compare
        the part before the brackets.
    @param place: equal for hosts that select the same project.
    """

    key: str
    shown: str
    place: str

    @classmethod
    def find(
        cls, options: t.Mapping[str, t.Any], environ: t.Mapping[str, str], *, here: bool = True
    ) -> Identity | None:
        """The identity of a module call; `None` if its options are wrong, which the module itself reports.

        @param environ: the environment of the module, as far as it is known.
        @param here: whether the module runs on this machine as this user. Otherwise the identity is also `None` if the
            credentials depend on the other machine.
        """
        if not here:
            if options.get("profile") or options.get("credentials_file"):
                return None
            environ = {**environ, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": os.devnull}
        left_out = LeftOut()
        spec = common_arguments(left_out)
        try:
            checked = validated({name: options[name] for name in spec if name in options}, spec)
            settings = resolve_settings(checked, environ, file_in_task=not left_out.seen, secrets=Secrets())
        except WorkspaceError:
            return None
        return cls.of(settings) if here or isinstance(settings.credentials, (Keys, Token, User)) else None

    @classmethod
    def of(cls, settings: Settings) -> Identity | None:
        """The identity of these settings; `None` if the file with the ID token cannot be read."""
        try:
            shown = owner_of(settings.credentials)
        except WorkspaceError:
            return None
        # A project that is selected by its name depends on the account.
        owner = "" if settings.project_id else f" of {shown}, {settings.role}"
        place = settings.project_id or f"{settings.project_name} at {settings.endpoint}"
        who = f"{shown} as {settings.role}" if settings.role else shown
        source = (settings.credentials_source or "").removeprefix(f"{settings.role}, assumed with ")
        return cls(shown, f"{who} ({source.replace(' (', ', ').replace(')', '')})", place + owner)


def same_projects(places: t.Mapping[str, str | None]) -> dict[str, str]:
    """The hosts that select the same project as another host, with an error message for each.

    @param places: host name -> a value that identifies its project; `None` if it is not known.
    """
    found = {}
    for host, place in places.items():
        sharing = [other for other, its_place in places.items() if place and its_place == place]
        if len(sharing) > 1:
            found[host] = (
                f"The hosts {' and '.join(sharing)} select the same project: set a different project_id or region for each"
                " host in workspace_options, or remove one of them."
            )
    return found


def one_ahead(
    identity: Identity | None,
    name: str,
    ask: t.Callable[[], dict[str, t.Any]],
    *,
    kind: str = "project",
    since: float = 0,
) -> dict[str, t.Any]:
    """Send requests after the first call with the same credentials has finished, and none after a 401.

    Six rejected requests lock an access key. Calls with the same credentials run one after the other until one of them
    has been accepted. The state is in a file, because the processes that Ansible forks share no memory.

    @param name: of the host or file for which the call is made.
    @param ask: sends the requests and returns a result as modules do, also if it failed.
    @param kind: what the name is of, for the message.
    @param since: an earlier acceptance is ignored; a value of `time.monotonic`.
    """
    if identity is None:
        return ask()
    path = os.path.join(RUN_FOLDER, f"workspace-{hashlib.sha256(identity.key.encode()).hexdigest()[:32]}")
    # Lines are only appended, so that a call that succeeds after the 401 of another does not hide it.
    with open(path, "a+", encoding="utf-8") as state:
        fcntl.flock(state, fcntl.LOCK_EX)
        state.seek(0)
        seen = state.read().splitlines()
        rejected = next((line[len(_REJECTED) :] for line in seen if line.startswith(_REJECTED)), None)
        if rejected:
            text = f"Not queried: {rejected} was rejected with HTTP 401 in this run and uses the same credentials"
            text += f": {identity.shown}. Six rejected requests in a row lock an access key."
            return {"failed": True, "reason": "refused", "status_code": None, "msg": text}
        accepted = bool(seen) and float(seen[-1]) >= since
        if accepted:
            fcntl.flock(state, fcntl.LOCK_UN)
        result = ask()
        if result.get("status_code") == 401:
            state.write(f"{_REJECTED}the {kind} {name}\n")
        # Credentials that were accepted before stay accepted after other failures, such as an outage.
        elif not accepted and (seen or not result.get("failed") or result.get("status_code") == 403):
            state.write(f"{time.monotonic()}\n")
        return result
