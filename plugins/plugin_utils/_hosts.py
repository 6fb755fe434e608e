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

from ..module_utils._http.errors import WorkspaceError, one_line

if t.TYPE_CHECKING:
    from ..module_utils._http.secrets import Secrets

# Since 2.19 a string is a template only if its source is trusted, and what plugins add to an inventory is not.
_STRINGS_ARE_TEMPLATES = not hasattr(template, "trust_as_template")


class _Evaluated(t.NamedTuple):
    """The value of an expression, in its place."""

    value: t.Any


class Host(t.NamedTuple):
    """A host to be.

    @param name: as the expressions or the API give it.
    @param id: tells hosts of the same name apart.
    @param variables: by their names in the inventory.
    @param view: variables that `constructed` sees instead.
    """

    name: str
    id: str
    variables: dict[str, t.Any]
    view: dict[str, t.Any] | None = None


def never_a_template(value: t.Any) -> t.Any:
    """The same value from the API, in the form that Ansible does not take for a template.

    Before ansible-core 2.19 every string with braces is one unless it is marked. Others are left alone, as marks are
    seen in the output of `ansible-inventory`.
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


def _without_nothing(key: t.Any, filled: bool) -> t.Any:
    """The key of a keyed group without what is null, of which Ansible would make a group such as `tag_owner_None`.

    @param filled: whether the entry says what an empty value becomes; then null is empty, as it is from ansible-core 2.19 on.
    """
    if isinstance(key, dict):
        return {name: "" if value is None else value for name, value in key.items() if filled or value is not None}
    if isinstance(key, list):
        return ["" if value is None else value for value in key if filled or value is not None]
    return "" if key is None else key


class HostsPlugin(BaseInventoryPlugin, Constructable):
    """An inventory plugin that adds all of its hosts or none."""

    #: The group of all hosts, which is also what the names of files end in.
    GROUP: t.ClassVar[str]
    _path: str
    _secrets: Secrets

    def tell(self, text: str) -> None:
        """Say something that is shown with `-v`."""
        self.display.v(self._secrets.redact(f"{self._path}: {text}"))

    def warn(self, text: str) -> None:
        """Warn the user, with the name of the file."""
        self.display.warning(self._secrets.redact(f"{self._path}: {text}"))

    def evaluate(self, expression: t.Any, variables: dict[str, t.Any], what: str, *, shown: bool = True) -> t.Any:
        """The value of a Jinja2 expression.

        @param what: the option and the host, for the message.
        @param shown: whether the message may show the expression; one that makes a variable may hold a password.
        @raises WorkspaceError: it is malformed, or names something that is undefined.
        """
        try:
            return self._compose(
                expression if isinstance(expression, str) else self.trusted(str(expression)), variables
            )
        except Exception as error:
            undefined = isinstance(error, AnsibleUndefinedVariable)
            why = "it uses something undefined." if undefined else "check its syntax and its values."
            text = f" {expression} failed: {one_line(to_native(error))}" if shown else f" failed: {why}"
            raise WorkspaceError(f"{what}: the expression{text}") from None

    def _compose(self, template: t.Any, variables: t.Any, *rest: t.Any, **more: t.Any) -> t.Any:
        """Evaluate an expression, but not a second time: that takes most of the time of a large inventory."""
        if isinstance(template, _Evaluated):
            return template.value
        return super()._compose(template, variables, *rest, **more)

    @staticmethod
    def trusted(expression: str) -> str:
        """An expression that was made of what the file gives, and so may be evaluated."""
        return expression if _STRINGS_ARE_TEMPLATES else template.trust_as_template(expression)

    def _distinct(self, hosts: list[Host], taken: set[str]) -> list[Host]:
        """The hosts, where those that share a name or have one that is taken get the beginning of their ids appended."""
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
        """Add the hosts with their groups: all, or none if an expression fails, for Ansible takes nothing back."""
        inventory = t.cast(InventoryData, self.inventory)
        # Ansible takes the name of a host for the group of that name, and that of the control node for itself.
        taken = {self.GROUP, *LOCALHOST, *inventory.groups}
        taken.update(self._sanitize_group_name(name) for name in self.get_option("groups") or ())
        # Of several files with the same name for a host, the last one would replace the hosts of the others.
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
                "the beginning of the ID is appended to host names that several hosts, a group or the control node have:"
                f" {shown}"
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
        """Whether the host of this name that was added before comes from another file of this plugin, for another ID."""
        return bool(
            added and any(group.name == self.GROUP for group in added.groups) and host.id not in str(added.vars)
        )

    def _built(self, hosts: list[Host]) -> InventoryData:
        """An inventory of these hosts and their groups alone."""
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
            # Strict it refuses an empty key, and many desktops are in no pool.
            self._add_host_to_keyed_groups([entry], variables, name, strict=False, fetch_hostvars=False)
