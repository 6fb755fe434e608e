# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module that runs in this process gets its arguments, and the settings that options lead to."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings, resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import common_arguments


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


def options_of(**options: Any) -> dict[str, Any]:
    """These shared options, and the defaults of the others."""
    return {name: one.get("default") for name, one in common_arguments(lambda *_names: None).items()} | options


def settings_of(environ: Mapping[str, str] | None = None, secrets: Secrets | None = None, **options: Any) -> Settings:
    """The settings that these options and variables lead to."""
    given, file_in_task = options_of(**options), options.get("credentials_file") is not None
    return resolve_settings(given, environ or {}, file_in_task=file_in_task, secrets=secrets or Secrets())
