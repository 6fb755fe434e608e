# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of an inventory: expressions, names, groups."""

from __future__ import annotations

import collections
import contextlib
import typing as t

from ansible import template
from ansible.constants import LOCALHOST
from ansible.errors import AnsibleUndefinedVariable
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.text.converters import to_native
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable, to_safe_group_name

from ...module_utils._http.errors import WorkspaceError, one_line
from ...module_utils._reading.filters import some_of

if t.TYPE_CHECKING:
    from ...module_utils._http.secrets import Secrets

# Since 2.19, only strings from trusted sources are templates, and values added by inventory plugins are not trusted.
_STRINGS_ARE_TEMPLATES = not hasattr(template, "trust_as_template")


class _Evaluated(t.NamedTuple):
    """An expression that is already evaluated."""

    value: t.Any


class Host(t.NamedTuple):
    """A host to add.

    @param name: from the expressions or the API.
    @param id: distinguishes hosts of the same name.
    @param view: variables that override `variables` in expressions.
    """

    name: str
    id: str
    variables: dict[str, t.Any]
    view: dict[str, t.Any] | None = None


def _keys(hosts: list[Host]) -> list[str]:
    """What hosts are called while their names are not known. Names of groups have no spaces."""
    return [f"{host.name} (host {number})" for number, host in enumerate(hosts, start=1)]


def never_a_template(value: t.Any) -> t.Any:
    """Mark a value from the API so that Ansible does not evaluate it as a template.

    Before ansible-core 2.19, every unmarked string with braces is a template. Other strings are not marked, because
    marks appear in the output of `ansible-inventory`.
    """
    if not _STRINGS_ARE_TEMPLATES:
        return value
    if isinstance(value, dict):
        return {key: never_a_template(item) for key, item in value.items()}
    if isinstance(value, list):
        return [never_a_template(item) for item in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    # Imported here, because later releases do not need it.
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)


def _without_nothing(key: t.Any, filled: bool) -> t.Any:
    """The key of a keyed group without null values, for which Ansible would create groups such as `tag_owner_None`.

    @param filled: whether the entry has an option for empty values. Null values then become empty strings, as from
        ansible-core 2.19 on.
    """
    if isinstance(key, dict):
        return {name: "" if value is None else value for name, value in key.items() if filled or value is not None}
    if isinstance(key, list):
        return ["" if value is None else value for value in key if filled or value is not None]
    return "" if key is None else key


class HostsPlugin(BaseInventoryPlugin, Constructable):
    """An inventory plugin that adds all of its hosts or none.

    `_compose` and `_sanitize_group_name` of Ansible are not documented for plugins, but nothing public evaluates an
    expression as the options of `Constructable` do, or shows the name of a group before its characters are replaced.
    """

    #: The group of all hosts. Names of inventory files end in it as well.
    GROUP: t.ClassVar[str]
    _path: str
    _secrets: Secrets

    def tell(self, text: str) -> None:
        """Show a message with `-v`."""
        self.display.v(self._secrets.redact(f"{self._path}: {text}"))

    def warn(self, text: str) -> None:
        """Show a warning with the name of the file."""
        self.display.warning(self._secrets.redact(f"{self._path}: {text}"))

    def evaluate(self, expression: t.Any, variables: dict[str, t.Any], what: str) -> t.Any:
        """Evaluate a Jinja2 expression. The result has the type of the expression.

        @param what: the option and the host, for the message.
        @raises WorkspaceError: the expression is malformed or uses an undefined variable.
        """
        failure = "its result cannot be read"
        try:
            # Releases of ansible-core before 2.19 convert strings such as 0x10 to numbers, but not inside of a list.
            values = super()._compose(self.trusted(f"[({expression})]"), variables)
            if isinstance(values, list):
                return values[0]
        except Exception as error:
            failure = one_line(to_native(error))
        raise WorkspaceError(f"{what}: the expression {expression} failed: {failure}")

    def _composed(self, expression: t.Any, variables: dict[str, t.Any], what: str) -> t.Any:
        """The value of a variable, with the type that Ansible gives it."""
        try:
            trusted = expression if isinstance(expression, str) else self.trusted(str(expression))
            return self._compose(trusted, variables)
        except Exception as error:
            undefined = isinstance(error, AnsibleUndefinedVariable)
        # The expression is not shown, because it may contain a password.
        why = "it uses an undefined variable" if undefined else "check its syntax and its values"
        raise WorkspaceError(f"{what}: the expression failed: {why}.")

    def _lenient(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.suppress(*(() if self.get_option("strict") else (WorkspaceError,)))

    def _compose(self, template: t.Any, variables: t.Any, *rest: t.Any, **more: t.Any) -> t.Any:
        """Evaluate an expression only once, because this takes most of the time of a large inventory."""
        if isinstance(template, _Evaluated):
            return template.value
        return super()._compose(template, variables, *rest, **more)

    @staticmethod
    def trusted(expression: str) -> str:
        """Mark an expression from the inventory file as trusted, so that Ansible evaluates it."""
        return expression if _STRINGS_ARE_TEMPLATES else template.trust_as_template(expression)

    def _sanitize_group_name(self, name: str) -> str:
        """Remember the names that become the same group."""
        group = str(to_safe_group_name(name))
        self._written.setdefault(group, set()).add(str(name))
        return group

    def populate(self, hosts: list[Host]) -> None:
        """Add the hosts and their groups, or none if an expression fails. Ansible does not undo partial changes."""
        inventory, built = t.cast(InventoryData, self.inventory), self._built(hosts)
        names = self._names(hosts, {*inventory.groups, *built.groups, *self._written})
        joined = [" and ".join(sorted(written)) for written in self._written.values() if len(written) > 1]
        if joined:
            self.warn(f"different names become the same group: {some_of(joined)}")
        groups = [group for name, group in built.groups.items() if name not in ("all", "ungrouped")]
        for group in groups:
            inventory.add_group(group.name)
        for key, name in names.items():
            inventory.add_host(name)
            for variable, value in built.hosts[key].vars.items():
                if variable not in ("inventory_file", "inventory_dir"):
                    inventory.set_variable(name, variable, value)
        for group in groups:
            for child in group.child_groups:
                inventory.add_child(group.name, child.name)
            for member in group.hosts:
                inventory.add_child(group.name, names[member.name])

    def _names(self, hosts: list[Host], groups: set[str]) -> dict[str, str]:
        """The name of each host, by its key. The beginning of the ID is appended where the name is not unique.

        @param groups: the names of all groups. A pattern with the name of a group selects the group.
        @raises WorkspaceError: a name is not unique with the ID either.
        """
        added = t.cast(InventoryData, self.inventory).hosts
        # A host named localhost is the control node. If several files have a host of the same name, the last file would
        # replace the hosts of the others.
        taken = {*groups, *LOCALHOST, *(host.name for host in hosts if self._is_another(host, added.get(host.name)))}
        times = collections.Counter(host.name for host in hosts)
        changed = {name for name, number in times.items() if number > 1 or name in taken}
        names = [f"{host.name}_{host.id[:8]}" if host.name in changed else host.name for host in hosts]
        for name, number in collections.Counter([*taken, *names]).items():
            if number > 1:
                raise WorkspaceError(f"two hosts, or a host and a group, have the name {name}: choose other hostnames.")
        if changed:
            self.warn(
                "the beginning of the ID is appended to host names that are not unique, or are names of a group or of"
                f" the control node: {some_of(sorted(changed))}"
            )
        return dict(zip(_keys(hosts), map(never_a_template, names)))

    def _is_another(self, host: Host, added: t.Any) -> bool:
        """Whether the inventory has a host of this name from another file of this plugin and with another ID."""
        return bool(
            added and any(group.name == self.GROUP for group in added.groups) and host.id not in str(added.vars)
        )

    def _built(self, hosts: list[Host]) -> InventoryData:
        """Evaluate all expressions into a separate inventory, whose hosts have keys instead of names.

        Names of hosts depend on the groups of all hosts, and a key is never the name of a group.
        """
        self._written: dict[str, set[str]] = {}
        built = InventoryData()
        built.current_source = self._path
        built.add_group(self.GROUP)
        inventory, self.inventory = self.inventory, built
        try:
            for key, host in zip(_keys(hosts), hosts):
                self._build(built, key, host)
        finally:
            self.inventory = inventory
        return built

    def _build(self, built: InventoryData, key: str, host: Host) -> None:
        """Evaluate the expressions for a host."""
        built.add_host(key, group=self.GROUP)
        for variable, value in host.variables.items():
            built.set_variable(key, variable, value)
        strict = self.get_option("strict")
        name = never_a_template(host.name)
        named = {"inventory_hostname": name, "inventory_hostname_short": name.partition(".")[0], **(host.view or {})}
        variables = {**built.hosts[key].get_vars(), **named}
        for variable, expression in (self.get_option("compose") or {}).items():
            with self._lenient():
                what = f"compose.{variable} for the host {host.name}"
                built.set_variable(key, variable, self._composed(expression, variables, what))
        groups, keyed_groups = self.get_option("groups"), self.get_option("keyed_groups")
        if groups or keyed_groups:
            variables = {**built.hosts[key].get_vars(), **named}
            self._add_host_to_composed_groups(groups, variables, key, strict=strict, fetch_hostvars=False)
            for entry in keyed_groups:
                self._add_to_keyed_groups(entry, variables, key, host.name)

    def _add_to_keyed_groups(self, entry: t.Any, variables: dict[str, t.Any], key: str, name: str) -> None:
        if isinstance(entry, dict):
            if not entry.get("key"):
                raise WorkspaceError("keyed_groups: each entry needs a key.")
            value = None
            with self._lenient():
                value = self.evaluate(entry["key"], variables, f"keyed_groups for the host {name}")
            filled = not {"default_value", "trailing_separator"}.isdisjoint(entry)
            entry = {**entry, "key": _Evaluated(_without_nothing(value, filled))}
        # In strict mode an empty key is an error, but many desktops are not in a pool.
        self._add_host_to_keyed_groups([entry], variables, key, strict=False, fetch_hostvars=False)
