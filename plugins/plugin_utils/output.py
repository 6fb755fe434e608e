# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: nothing outside it may import this file.

"""What Ansible prints while a task runs."""

from __future__ import annotations

import io
import sys


def show_lines_at_once() -> None:
    """Let Ansible show each line when it is printed, also into a pipe or a file, where it would leave it in a buffer.

    To be called when an action plugin is imported: the process that prints does so before it forks the one that runs
    the task.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
