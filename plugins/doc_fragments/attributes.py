# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of all info modules of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """`extends_documentation_fragment: huaweicloud.workspace.attributes`."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: It changes nothing, and the result is the same in check mode.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: It changes nothing.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled or queried by the module has not changed in a relevant way.
    support: full
    details: It changes nothing.
  action_group:
    description: Use C(group/huaweicloud.workspace.workspace) in C(module_defaults) to set defaults for this module.
    support: full
    membership: [huaweicloud.workspace.workspace]
"""
