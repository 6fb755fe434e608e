# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output of Ansible while a task runs."""

from __future__ import annotations

import functools
import io
import os
import signal
import sys
import threading
import typing as t

from ansible import constants
from ansible.utils.display import Display

#: The callbacks of ansible-core that print lines. Others may print a single document, such as JSON, which additional
#: lines would make invalid.
_PRINT_LINES = ("default", "minimal", "oneline")


def say(line: str) -> None:
    """Print a line: to standard output if the callback prints lines as well, otherwise to standard error."""
    callback = str(vars(constants)["DEFAULT_STDOUT_CALLBACK"]).rpartition(".")[2]
    Display().display(line, stderr=callback not in _PRINT_LINES)


@functools.cache
def show_lines_at_once() -> None:
    """Turn on line buffering of standard output, so that lines also appear immediately in a pipe or a file.

    Call this when an action plugin is imported: this happens in the process that prints, before it forks the process
    that runs the task. The run ends if the reader of a pipe is gone.
    """
    out = sys.stdout
    if not isinstance(out, io.TextIOWrapper):
        return
    out.reconfigure(line_buffering=True)
    write: t.Callable[[str], int] = out.write

    def write_or_end(text: str) -> int:
        try:
            return write(text)
        except BrokenPipeError:
            _end()
            return len(text)

    # Ansible itself also replaces this attribute of the object.
    vars(out)["write"] = write_or_end


def _end() -> None:
    """End the run with SIGINT. An exception would only end the current thread of Ansible, and the run would hang."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # The sender of the line may still hold the lock of the queue, which would stay locked if it was ended now.
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
