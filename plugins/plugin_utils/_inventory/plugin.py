# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base class of the inventory plugins: options, cache, and conversion of errors to `AnsibleParserError`."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import re
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError, AnsibleUndefinedVariable
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.text.converters import to_native
from ansible.plugins.inventory import Cacheable
from ansible.utils.vars import load_extra_vars

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._http.libraries import REQUESTS_IMPORT_ERROR
from ...module_utils._http.secrets import Secrets
from ...module_utils._http.version import VERSION
from ...module_utils._identity.credentials import SECRET_OPTIONS, Metadata
from ...module_utils._identity.owner import owner_of
from ...module_utils._identity.settings import resolve_settings
from ...module_utils._options import bug_report, common_arguments, missing_library, validated
from ...module_utils._reading.project import open_client
from .._playbooks import Identity, one_ahead, without_omitted
from .hosts import Host, HostsPlugin

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ansible.parsing.dataloader import DataLoader

    from ...module_utils._identity.settings import Settings

#: The value of the variable `omit` in inventory files, because not all releases of ansible-core define it there.
_OMITTED = "__huaweicloud_workspace_omitted__"

#: Options that are not templated when the file is read: names, expressions for hosts, and variables of hosts.
_AS_THEY_ARE = frozenset(("plugin", "compose", "groups", "keyed_groups", "hostnames", "filters", "options"))


def whose_credentials(settings: Settings, options: Mapping[str, t.Any], secrets: Secrets) -> str:
    """The identity of the credentials, see `owner_of`. For an ECS, the metadata service is queried for its agency."""
    if not isinstance(settings.credentials, Metadata):
        return owner_of(settings.credentials)
    with contextlib.closing(open_client(settings, options, secrets)) as client:
        return owner_of(settings.credentials, client)


class Target(t.NamedTuple):
    """A project or account to query."""

    options: dict[str, t.Any]
    settings: Settings


def _plain(value: t.Any) -> t.Any:
    """Convert a value to plain data, as modules receive it."""
    if isinstance(value, dict):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if value is None or isinstance(value, (bool, int, float, str, datetime.date)):
        return value
    return str(value)  # A string that is encrypted with Ansible Vault.


class WorkspaceInventory(HostsPlugin, Cacheable):
    """Base class of the inventory plugins. Subclasses document the options and implement `read_hosts`."""

    NAME: t.ClassVar[str]

    def verify_file(self, path: str) -> bool:
        """Whether a file is for this plugin, according to the end of its name."""
        if not super().verify_file(path):
            return False
        if path.endswith((f"{self.GROUP}.yml", f"{self.GROUP}.yaml")):
            return True
        if path.endswith((".yml", ".yaml")):
            with contextlib.suppress(OSError, ValueError):
                text = pathlib.Path(path).read_text(encoding="utf-8")
                if re.search(rf"^plugin: *['\"]?{re.escape(self.NAME)}\b", text, re.MULTILINE):
                    self.display.warning(
                        f"{path} is not read: its name must end in {self.GROUP}.yml or {self.GROUP}.yaml"
                    )
        return False

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Read everything, then add the hosts. Errors contain the name of the file and the reason."""
        super().parse(inventory, loader, path, cache)
        self._secrets = Secrets()
        self._path = path
        self._cache_is_read = cache
        failure = None
        mask = os.umask(0o077)  # Ansible may create the folder of the cache. Only the user may read it.
        try:
            if REQUESTS_IMPORT_ERROR:
                raise WorkspaceError(missing_library(REQUESTS_IMPORT_ERROR))
            self._read_config_data(path)
            self.populate(self.read_hosts())
        except WorkspaceError as error:
            failure = error.message
        except AnsibleError as error:
            # Before ansible-core 2.19, an error of the YAML parser includes the line, which may contain a secret.
            failure = one_line(to_native(error).partition("The offending line")[0], 1000)
        except Exception as bug:
            failure = bug_report(bug).message
        finally:
            os.umask(mask)
        # Outside of the except blocks, so that Ansible does not show their tracebacks.
        if failure is not None:
            raise AnsibleParserError(f"{path}: {self._secrets.redact(failure)}")

    def read_hosts(self) -> list[Host]:
        """Read all hosts, before any of them is added to the inventory.

        @raises WorkspaceError: an option is wrong, or data cannot be read.
        """
        raise NotImplementedError

    # Options

    def set_options(
        self, task_keys: t.Any = None, var_options: t.Any = None, direct: Mapping[str, t.Any] | None = None
    ) -> None:
        """Template and check the options of the file, and store them separately from those of the environment."""
        if direct is not None:
            direct = self._checked(direct)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _checked(self, file: Mapping[str, t.Any]) -> dict[str, t.Any]:
        self.templar.available_variables = {**load_extra_vars(t.cast("DataLoader", self.loader)), "omit": _OMITTED}
        given = {name: value if name in _AS_THEY_ARE else self._evaluated(value, name) for name, value in file.items()}
        given = {name: _plain(value) for name, value in without_omitted(given, _OMITTED).items() if value is not None}
        self._remember_secrets(given)
        arguments = self._shared_arguments()
        for name, about in self.option_definitions.items():
            if name not in arguments:
                argument = {key: about[key] for key in ("type", "elements", "choices", "default") if key in about}
                # Ansible's own documentation fragments contain this alias, which argument specs do not know.
                arguments[name] = {**argument, "type": "bool"} if about.get("type") == "boolean" else argument
        # Only the options of the file and the defaults. `resolve_settings` reads the environment in its own order.
        self.file_options = validated(given, arguments)
        self._given = set(given)
        checked = {name: self.file_options[name] for name in self._given}
        return {**checked, **{name: given[name] for name in self._given & _AS_THEY_ARE}}

    def _evaluated(self, value: t.Any, where: str) -> t.Any:
        """Evaluate the templates in a value of the file.

        @param where: the name of the option for the message. Templates are not shown, because they may contain secrets.
        @raises WorkspaceError: a template cannot be evaluated.
        """
        if isinstance(value, dict):
            return {name: self._evaluated(entry, f"{where}.{name}") for name, entry in value.items()}
        if isinstance(value, list):
            return [self._evaluated(entry, f"{where}[{number}]") for number, entry in enumerate(value)]
        try:
            return self.templar.template(value)
        except AnsibleUndefinedVariable:
            why = "it uses an undefined variable. Inventory files can only use variables from --extra-vars"
        except AnsibleError:
            why = "it is malformed, or a lookup in it failed. To see the reason, evaluate it with ansible.builtin.debug"
        raise WorkspaceError(f"{where}: the template cannot be evaluated: {why}.")

    def _remember_secrets(self, given: t.Any) -> None:
        """Register the secrets at any depth, because Ansible's own messages show values of the wrong type."""
        if isinstance(given, dict):
            self._secrets.add(*(str(given[name]) for name in SECRET_OPTIONS if given.get(name)))
        for entry in given.values() if isinstance(given, dict) else given if isinstance(given, list) else ():
            self._remember_secrets(entry)

    @staticmethod
    def _shared_arguments() -> dict[str, t.Any]:
        arguments = common_arguments(lambda: None)
        del arguments["credentials_file"]["fallback"]  # `_given` already contains the options of the file.
        return arguments

    def target(self, more: Mapping[str, t.Any] | None = None, *, account: bool = False) -> Target:
        """Resolve the settings of a project or account.

        @param more: options that override those of the file; `None` to ignore the option of the file.
        @param account: whether the whole account is queried, not a project.
        @raises WorkspaceError: an option is wrong or missing, or there are no credentials.
        """
        names = self._shared_arguments()
        options = {name: self.file_options[name] for name in names}
        given = set(self._given)
        for name, value in (more or {}).items():
            options[name] = names[name].get("default") if value is None else value
            (given.discard if value is None else given.add)(name)
        settings = resolve_settings(
            options,
            os.environ,
            file_in_task="credentials_file" in given,
            secrets=self._secrets,
            account=account,
            task="the inventory file",
        )
        for warning in settings.warnings:
            self.display.warning(warning)
        return Target(options, settings)

    def query(self, target: Target, read: Callable[[], t.Any], *, since: float = 0) -> t.Any:
        """The result of `read`, which is not called if the credentials were rejected earlier in this run of Ansible.

        @param since: see `one_ahead`.
        @raises WorkspaceError: from `read`, with the facts of the target, or the credentials were rejected earlier.
        """

        def ask() -> dict[str, t.Any]:
            try:
                return {"read": read()}
            except WorkspaceError as error:
                target.settings.explain(error)
                return {"failed": True, "status_code": error.facts["status_code"], "error": error}

        identity = Identity.of(target.settings)
        result = one_ahead(identity, self._path, ask, kind="inventory file", since=since)
        if result.get("failed"):
            raise result.get("error") or WorkspaceError(result["msg"])
        return result["read"]

    # The cache

    def update_cache_if_changed(self) -> None:
        """Write the cache, and make its files readable for the owner only, which Ansible's cache plugins do not do."""
        super().update_cache_if_changed()
        connection = self.get_option("cache_connection")
        folder = pathlib.Path(os.path.expandvars(os.path.expanduser(connection))) if connection else None
        # The prefix of the file names depends on the settings and the release of Ansible.
        for path in (path for key in self._cache for path in folder.glob(f"*{key}")) if folder else ():
            with contextlib.suppress(OSError):
                path.chmod(0o600)

    def cached(self, asked: Mapping[str, t.Any], target: Target, read: Callable[[], t.Any]) -> t.Any:
        """The data from the cache, or from `read`, whose result is then cached.

        @param asked: everything that the data depend on, except the credentials.
        @param read: returns plain JSON types.
        @raises WorkspaceError: from `read`.
        """
        if not self.get_option("cache"):
            return read()
        settings = target.settings
        # With `ecs_metadata`, the metadata service is queried for the name of the agency.
        whose = [whose_credentials(settings, target.options, self._secrets), str(settings.role)]
        text = json.dumps([VERSION, asked, whose], sort_keys=True).encode("utf-8", "surrogatepass")
        key = f"{self.get_cache_key(self._path)}_{hashlib.sha256(text).hexdigest()[:16]}"
        entry = self._cache.get(key) if self._cache_is_read else None
        # Otherwise Ansible would write the entry again, as if it had been read now.
        self._cache.pop(key, None)
        if not isinstance(entry, dict):
            entry = self._cache[key] = read()
        return entry
