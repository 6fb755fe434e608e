# Copyright (c) 2026, huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

# Private to this collection: nothing outside it may import this file.

"""The door for inventory plugins: their options, what is cached for whom, hosts, and errors to C(AnsibleParserError).

Not in module_utils, as what is there may be sent to hosts and must not import Ansible's controller.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import typing as t

from ansible import template
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_native
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError, one_line
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.libraries import REQUESTS_IMPORT_ERROR
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.version import VERSION
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import (
    SECRET_OPTIONS,
    NoCredentialsError,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import (
    bug_report,
    common_arguments,
    missing_library,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ansible.parsing.dataloader import DataLoader
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings

# Since 2.19 a string is a template only if its source is trusted, and what plugins add to an inventory is not.
_STRINGS_ARE_TEMPLATES = not hasattr(template, "trust_as_template")

#: Not templates: names, expressions that are evaluated for each host, and variables, which are templates when used.
_AS_THEY_ARE = frozenset(("plugin", "compose", "groups", "keyed_groups", "hostnames", "filters", "options"))

_TYPES = {"boolean": "bool", "integer": "int", "string": "str", "dictionary": "dict"}


class Host(t.NamedTuple):
    """A host to be.

    @param name: as the expressions or the API give it.
    @param id: tells hosts of the same name apart.
    @param variables: by their names in the inventory.
    @param view: variables that C(constructed) sees instead.
    """

    name: str
    id: str
    variables: dict[str, t.Any]
    view: dict[str, t.Any] | None = None


class Place(t.NamedTuple):
    """What is asked of one project or account.

    @param options: the shared options, as modules have them.
    @param whose: the digest of whose credentials there are; C(None) where there are none, but perhaps a cache.
    @param missing: why there are none.
    """

    options: dict[str, t.Any]
    settings: Settings
    whose: str | None
    missing: WorkspaceError | None


def never_a_template(value: t.Any) -> t.Any:
    """The same value from the API, in the form that Ansible does not take for a template.

    Before ansible-core 2.19 every string with braces is one unless it is marked. Others are left alone, as marks are
    seen in the output of C(ansible-inventory).
    """
    if not _STRINGS_ARE_TEMPLATES:
        return value
    if isinstance(value, dict):
        return {key: never_a_template(item) for key, item in value.items()}
    if isinstance(value, list):
        return [never_a_template(item) for item in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    # Imported here, as later releases have no use for it.
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)


def _digest(value: t.Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def validated(given: Mapping[str, t.Any], arguments: dict[str, t.Any], where: str = "") -> dict[str, t.Any]:
    """Options, checked and converted as Ansible does it for modules, with the defaults of those that are not given.

    @param where: put before the messages.
    @raises WorkspaceError: an unknown option, a wrong type or a value that is none of the choices.
    """
    for name in given:
        if name not in arguments:
            near = difflib.get_close_matches(str(name), arguments, 1)
            asked = f"; did you mean {near[0]}?" if near else "."
            raise WorkspaceError(f"{where}{name} is not an option of this plugin{asked}")
    result = ArgumentSpecValidator(arguments).validate(dict(given))
    if result.error_messages:
        raise WorkspaceError(where + one_line(" ".join(result.error_messages)))
    checked: dict[str, t.Any] = result.validated_parameters
    return checked


def _whose(settings: Settings) -> str:
    """A digest of who asks. Access keys and names are no secrets; of a token, which is one, the digest is taken first.

    Keys that change each time, such as those of an ECS, are known by who gives them.
    """
    shown = {
        name: value for name, value in settings.credentials._asdict().items() if value and name not in SECRET_OPTIONS
    }
    token = settings.credentials.auth_token
    return _digest([shown, token and _digest(token), str(settings.role)])


class WorkspaceInventory(BaseInventoryPlugin, Constructable, Cacheable):
    """An inventory plugin of this collection: a subclass documents its options and gives C(read_hosts)."""

    NAME: t.ClassVar[str]
    #: The group of all hosts, which is also what the names of files end in.
    GROUP: t.ClassVar[str]

    def verify_file(self, path: str) -> bool:
        """Tell whether a file is for this plugin, by the end of its name."""
        wanted = (f"{self.GROUP}.yml", f"{self.GROUP}.yaml")
        if not super().verify_file(path):
            return False
        if path.endswith(wanted):
            return True
        self.display.debug(
            f"{path} is not for {self.NAME}: the name of the file must end in {wanted[0]} or {wanted[1]}"
        )
        return False

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Read everything, then add the hosts; or fail with the name of the file and the reason."""
        super().parse(inventory, loader, path, cache)
        self._secrets = Secrets()
        self._path = path
        self._cache_is_read = cache
        self._entries: dict[str, t.Any] = {}
        failure = None
        try:
            self._read_config_data(path)
            self._populate(self.read_hosts())
        except WorkspaceError as error:
            failure = error.message
        except AnsibleError as error:
            failure = to_native(error)
        except Exception as bug:
            failure = bug_report(bug).message
        # Out of every except block, so that Ansible finds no traceback to show.
        if failure is not None:
            raise AnsibleParserError(f"{path}: {self._secrets.redact(failure)}")

    def read_hosts(self) -> list[Host]:
        """Read all hosts; nothing is in the inventory yet.

        @raises WorkspaceError: an option is wrong, or something cannot be read.
        """
        raise NotImplementedError

    # Options

    def set_options(
        self,
        task_keys: t.Any = None,
        var_options: t.Any = None,
        direct: Mapping[str, t.Any] | None = None,
    ) -> None:
        """Take the options of the file: template them, check them, and keep them apart from those of the environment."""
        if direct is not None:
            direct = self._checked(direct)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _checked(self, file: Mapping[str, t.Any]) -> dict[str, t.Any]:
        self.templar.available_variables = self._vars or {}
        given = {}
        for name, value in file.items():
            given[name] = value
            if name not in _AS_THEY_ARE:
                try:
                    given[name] = self.templar.template(value)
                except AnsibleError as error:
                    raise WorkspaceError(f"{name}: {to_native(error)}") from None
        self._remember_secrets(given)
        for entry in [given.get("options"), *(given.get("projects") or ())]:
            if isinstance(entry, dict):
                self._remember_secrets(entry)
        arguments = self._shared_arguments()
        for name, about in self.option_definitions.items():
            if name not in arguments:
                argument = {key: about[key] for key in ("type", "elements", "choices", "default") if key in about}
                argument["type"] = _TYPES.get(argument.get("type", "str"), argument.get("type", "str"))
                arguments[name] = argument
        # What the file gives, and the defaults: never what the environment gives, where another order of names counts.
        self.file_options = validated(given, arguments)
        self._given = {name for name, value in given.items() if value is not None}
        checked = {name: self.file_options[name] for name in self._given}
        return {**checked, **{name: given[name] for name in self._given & _AS_THEY_ARE}}

    def _remember_secrets(self, given: Mapping[str, t.Any]) -> None:
        self._secrets.add(*(str(given[name]) for name in SECRET_OPTIONS if given.get(name)))

    @staticmethod
    def _shared_arguments() -> dict[str, t.Any]:
        arguments = common_arguments(lambda: None)
        del arguments["credentials_file"]["fallback"]  # What the file gives is known without it.
        return arguments

    def place(self, more: Mapping[str, t.Any] | None = None, *, account: bool = False) -> Place:
        """Where to ask, and as whom.

        @param more: options that take the place of the file's own; C(None) for one that is not to be used.
        @param account: whether it is about the whole account, not a project.
        @raises WorkspaceError: an option is wrong or missing; no credentials, and no cache that could do without.
        """
        names = self._shared_arguments()
        options = {name: self.file_options[name] for name in names}
        given = set(self._given)
        for name, value in (more or {}).items():
            options[name] = names[name].get("default") if value is None else value
            (given.discard if value is None else given.add)(name)

        def resolve(**instead: str) -> Settings:
            return resolve_settings(
                {**options, **instead},
                os.environ,
                file_in_task="credentials_file" in given,
                secrets=self._secrets,
                account=account,
            )

        try:
            settings = resolve()
        except NoCredentialsError as error:
            if not self._may_hit():
                raise
            # Where to ask is known all the same, and an entry of the cache may be there for it.
            return Place(options, resolve(**dict.fromkeys(("access_key", "secret_key"), "NONE")), None, error)
        for warning in settings.warnings:
            self.display.warning(warning)
        return Place(options, settings, _whose(settings), None)

    # The cache

    def _may_hit(self) -> bool:
        return bool(self.get_option("cache")) and self._cache_is_read

    def cached(self, asked: Mapping[str, t.Any], place: Place, read: Callable[[], t.Any]) -> t.Any:
        """What was asked, from the cache or else from C(read), which then is cached.

        @param asked: all that the answer depends on but the credentials.
        @param read: returns plain JSON types.
        @raises WorkspaceError: as C(read), or there are neither credentials nor exactly one entry in the cache.
        """
        caching = self.get_option("cache")
        # An index of whose entries there are lies beside them: not all cache plugins can tell what they hold.
        index_key = f"{self.get_cache_key(self._path)}_{_digest([VERSION, asked])}" if caching else ""
        index = self._entry(index_key) if caching else None
        known = index if isinstance(index, list) else []
        if self._may_hit():
            candidates = known if place.whose is None else [place.whose]
            found = [self._entry(f"{index_key}_{whose}") for whose in candidates]
            found = [entry for entry in found if isinstance(entry, dict)]
            if len(found) == 1:
                return found[0]
        if place.missing is not None:
            if len(known) > 1:
                place.missing.message += " The cache holds entries of different credentials, so none of them is used."
            raise place.missing
        if REQUESTS_IMPORT_ERROR:
            raise WorkspaceError(missing_library(REQUESTS_IMPORT_ERROR))
        try:
            answer = read()
        except WorkspaceError as error:
            place.settings.explain(error)
            raise
        if caching:
            key = f"{index_key}_{place.whose}"
            for changed, entry in ((key, answer), (index_key, sorted({*known, str(place.whose)}))):
                self._cache[changed] = self._entries[changed] = entry
        return answer

    def _entry(self, key: str) -> t.Any:
        """An entry of the cache or C(None); it is taken out of what will be written, which would renew its age."""
        if key not in self._entries:
            self._entries[key] = self._cache.get(key)
            self._cache.pop(key, None)
        return self._entries[key]

    # Hosts

    def tell(self, text: str) -> None:
        """Say something that is shown with C(-v)."""
        self.display.v(self._secrets.redact(f"{self._path}: {text}"))

    def warn(self, text: str) -> None:
        """Warn the user, with the name of the file."""
        self.display.warning(self._secrets.redact(f"{self._path}: {text}"))

    def evaluate(self, expression: t.Any, variables: dict[str, t.Any], what: str) -> t.Any:
        """The value of a Jinja2 expression.

        @param what: the option and the host, for the message.
        @raises WorkspaceError: it is malformed, or names something that is undefined.
        """
        try:
            return self._compose(expression, variables)
        except Exception as error:
            raise WorkspaceError(f"{what}: the expression {expression} failed: {one_line(to_native(error))}") from None

    @staticmethod
    def trusted(expression: str) -> str:
        """An expression that was made of what the file gives, and so may be evaluated."""
        return expression if _STRINGS_ARE_TEMPLATES else template.trust_as_template(expression)

    def unique(self, hosts: Iterable[Host]) -> list[Host]:
        """The hosts, where those that share a name get the beginning of their ids appended; that is warned of."""
        hosts = list(hosts)
        by_name: dict[str, list[Host]] = {}
        for host in hosts:
            by_name.setdefault(host.name, []).append(host)
        doubled = {name for name, same in by_name.items() if len(same) > 1}
        if doubled:
            shown = ", ".join(sorted(doubled)[:5]) + (", ..." if len(doubled) > 5 else "")
            self.warn(f"{len(doubled)} host names are not unique and get the beginning of the ID appended: {shown}")
        named = [host._replace(name=f"{host.name}_{host.id[:8]}") if host.name in doubled else host for host in hosts]
        seen: set[str] = set()
        for host in named:
            if host.name in seen:
                raise WorkspaceError(f"two hosts have the name {host.name}: choose other hostnames.")
            seen.add(host.name)
        return named

    def _populate(self, hosts: list[Host]) -> None:
        """Add the hosts with their groups: all, or none if an expression fails, for Ansible takes nothing back."""
        built = InventoryData()
        built.current_source = self._path
        inventory = t.cast(InventoryData, self.inventory)
        self.inventory = built
        try:
            built.add_group(self.GROUP)
            for host in self.unique(hosts):
                self._add_host(built, host)
        finally:
            self.inventory = inventory
        names = [name for name in built.groups if name not in ("all", "ungrouped")]
        for name in names:
            inventory.add_group(name)
        for name, made in built.hosts.items():
            inventory.add_host(name)
            for variable, value in made.vars.items():
                if variable not in ("inventory_file", "inventory_dir"):
                    inventory.set_variable(name, variable, value)
        for name in names:
            for child in built.groups[name].child_groups:
                inventory.add_child(name, child.name)
            for member in built.groups[name].hosts:
                inventory.add_child(name, member.name)

    def _add_host(self, inventory: InventoryData, host: Host) -> None:
        name = never_a_template(host.name)
        inventory.add_host(name, group=self.GROUP)
        for variable, value in host.variables.items():
            inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        made = inventory.hosts[name]
        compose, groups, keyed = (self.get_option(option) for option in ("compose", "groups", "keyed_groups"))
        if compose:
            self._set_composite_vars(compose, {**made.get_vars(), **(host.view or {})}, name, strict=strict)
        if not groups and not keyed:
            return
        variables = {**made.get_vars(), **(host.view or {})}
        self._add_host_to_composed_groups(groups, variables, name, strict=strict, fetch_hostvars=False)
        if strict:
            # To Ansible an empty key is as wrong as an undefined one, and many desktops are in no pool.
            for entry in keyed:
                if isinstance(entry, dict):
                    self.evaluate(entry.get("key"), variables, f"keyed_groups for the host {host.name}")
        self._add_host_to_keyed_groups(keyed, variables, name, strict=False, fetch_hostvars=False)
