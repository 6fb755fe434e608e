# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible prints while a task runs."""

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

#: The callbacks of ansible-core that print lines as they come. Any other may print one document, such as JSON, which a
#: line before it would spoil.
_PRINT_LINES = ("default", "minimal", "oneline")


def say(line: str) -> None:
    """Print a line beside what the callback prints: on standard output where that consists of lines, else on standard error."""
    callback = str(vars(constants)["DEFAULT_STDOUT_CALLBACK"]).rpartition(".")[2]
    Display().display(line, stderr=callback not in _PRINT_LINES)


@functools.cache
def show_lines_at_once() -> None:
    """Let Ansible show each line when it is printed, also into a pipe or a file, where it would leave it in a buffer.

    To be called when an action plugin is imported: the process that prints does so before it forks the one that runs
    the task. If nobody reads the pipe any more, the run ends.
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

    # An attribute of the object is what Ansible itself sets.
    vars(out)["write"] = write_or_end


def _end() -> None:
    """End the run as an interrupt does. A thread of Ansible would take the error for its own end, and the run would hang."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # Whoever sent the line may still hold the lock of the queue, which would stay locked if it ended now.
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
