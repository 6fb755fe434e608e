# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of the playbooks of this collection. A lookup can fail before Ansible skips a play without hosts."""

from __future__ import annotations

import typing as t

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils import _playbooks


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        """The host pattern, as a list with one item."""
        del terms, kwargs  # Ansible passes them to each lookup.
        if context.CLIARGS.get("syntax"):
            return ["localhost"]  # linters use their own inventory
        always = "always" in context.CLIARGS.get("skip_tags", ())
        if always or context.CLIARGS.get("start_at_task"):
            option = "--skip-tags always" if always else "--start-at-task"
            Display().warning(f"{option} skips tasks of this playbook, so the projects may not be checked at all.")
        known = variables or {}
        names = ("groups", "ansible_play_hosts_all", "ansible_inventory_sources")
        try:
            return [_playbooks.hosts_of(*map(known.__getitem__, names))]
        except _playbooks.VariableError as error:
            raise AnsibleLookupError(str(error)) from None
