# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are replaced in one step."""

from __future__ import annotations

import os
import tempfile


def replace_file(path: str, text: str, *, mode: int = 0o600) -> None:
    """Write a file so that its readers see either the old or the new content, also after a crash.

    @param mode: the permissions of the file.
    @raises OSError: it cannot be written. Nothing is left behind then.
    """
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".workspace-")
    try:
        # A response of the service may contain half of a surrogate pair, which UTF-8 cannot represent.
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
            os.fchmod(handle, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
