#!/bin/sh
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make an empty virtual environment with uv in it, or say in one sentence why that cannot be.
# Usage: venv.sh DIRECTORY PYTHON
set -eu

directory=$1
python=$2

if ! command -v "$python" >/dev/null; then
    echo "There is no '$python' here: install Python 3.10 or newer, or name one with PYTHON=..." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    echo "'$python' is $("$python" --version 2>&1), but Python 3.10 or newer is needed: name another with PYTHON=..." >&2
    exit 1
fi

echo "Making $(basename "$directory") with $("$python" --version)"
rm -rf "$directory"
if ! "$python" -m venv "$directory"; then
    rm -rf "$directory"
    echo "'$python -m venv' does not work here: install your system's venv package (Debian and Ubuntu: python3-venv)." >&2
    exit 1
fi
# uv makes the installation of everything else a matter of seconds.
"$directory/bin/python" -m pip install --quiet 'uv>=0.4'
