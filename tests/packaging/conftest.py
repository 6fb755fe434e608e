# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built artifact, once for all tests of this folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the collection as `make build` does, into a place of its own."""
    target = tmp_path_factory.mktemp("dist")
    build = ["ansible-galaxy", "collection", "build", "--output-path", str(target), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = target.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the artifact without a network and return the collections path."""
    collections = tmp_path_factory.mktemp("collections")
    install = ["ansible-galaxy", "collection", "install", "--offline", "-p", str(collections), str(artifact)]
    # The checkout is on the search path of these tests, and what is found there would count as installed.
    env = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
    subprocess.run(install, env=env, check=True, capture_output=True)
    return collections
