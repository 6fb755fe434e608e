#!/bin/sh
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Create a virtual environment with uv, or print why this is not possible.
# Usage: venv.sh DIRECTORY PYTHON
set -eu

directory=$1
python=$2

if ! command -v "$python" >/dev/null; then
    echo "'$python' was not found: install Python 3.10 or newer, or select one with PYTHON=..." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    echo "'$python' is $("$python" --version 2>&1), but Python 3.10 or newer is required: select another with PYTHON=..." >&2
    exit 1
fi

echo "Creating $(basename "$directory") with $("$python" --version)"
rm -rf "$directory"
if ! "$python" -m venv "$directory"; then
    rm -rf "$directory"
    echo "'$python -m venv' does not work: install your system's venv package (Debian and Ubuntu: python3-venv)." >&2
    exit 1
fi
# uv installs all other packages.
"$directory/bin/python" -m pip install --quiet 'uv>=0.4'
