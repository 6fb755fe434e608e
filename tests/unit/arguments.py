# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module that runs in this process gets its arguments."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from ansible.module_utils import basic


@contextlib.contextmanager
def module_arguments(arguments: dict[str, Any]) -> Iterator[None]:
    """Give a module its arguments, in the way of the ansible-core at hand."""
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        text = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
        given: Any = mock.patch.object(basic, "_ANSIBLE_ARGS", text.encode())
    else:
        given = patch_module_args(arguments)
    try:
        with given:
            yield
    finally:
        # A module turns it off, as its own process would end now.
        gc.unfreeze()
        gc.enable()
