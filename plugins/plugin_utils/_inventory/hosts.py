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
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable

from ...module_utils._http.errors import WorkspaceError, one_line

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
    @param variables: variable name -> value.
    @param view: variables that override `variables` in expressions.
    """

    name: str
    id: str
    variables: dict[str, t.Any]
    view: dict[str, t.Any] | None = None


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
    """An inventory plugin that adds all of its hosts or none."""

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

    def evaluate(self, expression: t.Any, variables: dict[str, t.Any], what: str, *, shown: bool = True) -> t.Any:
        """Evaluate a Jinja2 expression.

        @param what: the option and the host, for the message.
        @param shown: whether the message may show the expression. Expressions for variables may contain a password.
        @raises WorkspaceError: the expression is malformed or uses an undefined variable.
        """
        try:
            return self._compose(
                expression if isinstance(expression, str) else self.trusted(str(expression)), variables
            )
        except Exception as error:
            undefined = isinstance(error, AnsibleUndefinedVariable)
            why = "it uses an undefined variable." if undefined else "check its syntax and its values."
            text = f" {expression} failed: {one_line(to_native(error))}" if shown else f" failed: {why}"
            raise WorkspaceError(f"{what}: the expression{text}") from None

    def _compose(self, template: t.Any, variables: t.Any, *rest: t.Any, **more: t.Any) -> t.Any:
        """Evaluate an expression only once, because this takes most of the time of a large inventory."""
        if isinstance(template, _Evaluated):
            return template.value
        return super()._compose(template, variables, *rest, **more)

    @staticmethod
    def trusted(expression: str) -> str:
        """Mark an expression from the inventory file as trusted, so that Ansible evaluates it."""
        return expression if _STRINGS_ARE_TEMPLATES else template.trust_as_template(expression)

    def _distinct(self, hosts: list[Host], taken: set[str]) -> list[Host]:
        """Append the beginning of the ID to host names that are not unique or already taken."""
        times = collections.Counter(host.name for host in hosts)
        changed = {name for name, number in times.items() if number > 1 or name in taken}
        named = [host._replace(name=f"{host.name}_{host.id[:8]}") if host.name in changed else host for host in hosts]
        used = set(taken)
        for host in named:
            if host.name in used:
                raise WorkspaceError(
                    f"two hosts, or a host and a group, have the name {host.name}: choose other hostnames."
                )
            used.add(host.name)
        return named

    def populate(self, hosts: list[Host]) -> None:
        """Add the hosts and their groups, or none if an expression fails. Ansible does not undo partial changes."""
        inventory = t.cast(InventoryData, self.inventory)
        # A pattern with the name of a group selects the group, and a host named localhost is the control node.
        taken = {self.GROUP, *LOCALHOST, *inventory.groups}
        taken.update(self._sanitize_group_name(name) for name in self.get_option("groups") or ())
        # If several files have a host of the same name, the last file would replace the hosts of the others.
        taken.update(host.name for host in hosts if self._is_another(host, inventory.hosts.get(host.name)))
        named = self._distinct(hosts, taken)
        built = self._built(named)
        if not built.groups.keys().isdisjoint(built.hosts):
            taken.update(built.groups)
            named = self._distinct(hosts, taken)
            built = self._built(named)
            for name in sorted(built.groups.keys() & built.hosts.keys()):
                raise WorkspaceError(f"a host and a group have the name {name}: choose other hostnames.")
        changed = sorted({old.name for old, new in zip(hosts, named) if old.name != new.name})
        if changed:
            shown = ", ".join(changed[:5]) + (", ..." if len(changed) > 5 else "")
            self.warn(
                "the beginning of the ID is appended to host names that are not unique, or are names of a group or of"
                f" the control node: {shown}"
            )
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

    def _is_another(self, host: Host, added: t.Any) -> bool:
        """Whether the inventory has a host of this name from another file of this plugin and with another ID."""
        return bool(
            added and any(group.name == self.GROUP for group in added.groups) and host.id not in str(added.vars)
        )

    def _built(self, hosts: list[Host]) -> InventoryData:
        """Create a separate inventory with only these hosts and their groups."""
        built = InventoryData()
        built.current_source = self._path
        inventory, self.inventory = self.inventory, built
        try:
            built.add_group(self.GROUP)
            for host in hosts:
                self._add_host(built, host)
        finally:
            self.inventory = inventory
        return built

    def _add_host(self, inventory: InventoryData, host: Host) -> None:
        name = never_a_template(host.name)
        inventory.add_host(name, group=self.GROUP)
        for variable, value in host.variables.items():
            inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        made = inventory.hosts[name]
        compose, groups, keyed = (self.get_option(option) for option in ("compose", "groups", "keyed_groups"))
        lenient = contextlib.suppress(*(() if strict else (WorkspaceError,)))
        variables = {**made.get_vars(), **(host.view or {})}
        for variable, expression in (compose or {}).items():
            with lenient:
                what = f"compose.{variable} for the host {host.name}"
                inventory.set_variable(name, variable, self.evaluate(expression, variables, what, shown=False))
        if not groups and not keyed:
            return
        variables = {**made.get_vars(), **(host.view or {})}
        self._add_host_to_composed_groups(groups, variables, name, strict=strict, fetch_hostvars=False)
        for given in keyed:
            entry = given
            if isinstance(given, dict):
                if not given.get("key"):
                    raise WorkspaceError("keyed_groups: each entry needs a key.")
                key = None
                with lenient:
                    key = self.evaluate(given["key"], variables, f"keyed_groups for the host {host.name}")
                filled = not {"default_value", "trailing_separator"}.isdisjoint(given)
                entry = {**given, "key": _Evaluated(_without_nothing(key, filled))}
            # In strict mode an empty key is an error, but many desktops are not in a pool.
            self._add_host_to_keyed_groups([entry], variables, name, strict=False, fetch_hostvars=False)
