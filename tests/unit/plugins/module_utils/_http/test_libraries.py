# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guarded import of requests and urllib3."""

from __future__ import annotations

import importlib.util

import pytest
import requests
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http import libraries


@pytest.mark.parametrize("version", ["2.32.0", "2.32.1", "2.32.2"])
def test_a_release_that_ignores_tls_settings_is_rejected(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "__version__", version)
    spec = importlib.util.spec_from_file_location("libraries_again", libraries.__file__)
    assert spec
    assert spec.loader
    again = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    assert again.requests is None
    assert again.REQUESTS_IMPORT_ERROR.strip().endswith(
        f"requests {version} ignores TLS settings, install another version"
    )
