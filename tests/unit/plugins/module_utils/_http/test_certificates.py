# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the CA certificates of the system are."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.certificates import system_ca
from requests.utils import DEFAULT_CA_BUNDLE_PATH


def test_the_systems_trust_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def paths(cafile: str | None, capath: str | None) -> Any:
        return ssl.DefaultVerifyPaths(cafile, capath, "", "", "", "")

    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths("/x/ca.pem", None))
    assert system_ca() == "/x/ca.pem"
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths(None, str(tmp_path)))
    assert system_ca() == DEFAULT_CA_BUNDLE_PATH
    (tmp_path / "00.0").touch()
    assert system_ca() == str(tmp_path)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths(None, None))
    assert system_ca() == DEFAULT_CA_BUNDLE_PATH
