# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the tests import the collection by its full name, and keep them away from the person's own machine.

Works for pytest in a checkout, wherever that lies, and for `ansible-test units`, which provides the collection itself.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import pytest
from requests.utils import DEFAULT_CA_BUNDLE_PATH

TESTS = Path(__file__).resolve().parent

# What would reach into a test from outside: credentials, proxies, certificates, Ansible's settings.
_FOREIGN = ("HUAWEICLOUD_", "HW_", "ANSIBLE_", "OS_")
_FOREIGN_NAMES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"}

# Removed by its finaliser when pytest ends.
_TEMPORARY = tempfile.TemporaryDirectory(prefix="workspace-tests-")


def _inside_ansible_test() -> bool:
    try:
        return importlib.util.find_spec("ansible_collections.huaweicloud.workspace") is not None
    except ModuleNotFoundError:
        return False


def _prepare() -> None:
    """Arrange the process before any test module is imported; a fixture would come too late for that."""
    sys.path.insert(0, str(TESTS))  # for `import simulator`
    if _inside_ansible_test():
        return
    temporary = Path(_TEMPORARY.name)
    namespace = temporary / "ansible_collections" / "huaweicloud"
    namespace.mkdir(parents=True)
    (namespace / "workspace").symlink_to(TESTS.parent, target_is_directory=True)
    sys.path.insert(0, str(temporary))

    home = temporary / "home"
    home.mkdir()
    # One certificate: to load all of a system takes OpenSSL 25 ms for each module that is run.
    bundle = Path(DEFAULT_CA_BUNDLE_PATH).read_text(encoding="utf-8")
    first, end, _others = bundle.partition("-----END CERTIFICATE-----\n")
    (temporary / "ca.pem").write_text(first + end, encoding="utf-8")
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.lower() in _FOREIGN_NAMES:
            del os.environ[name]
    os.environ.update(
        HOME=str(home),
        SSL_CERT_FILE=str(temporary / "ca.pem"),
        ANSIBLE_HOME=str(home / ".ansible"),
        # Ansible asks the system, not HOME, where "~" is for the files it hands to a module.
        ANSIBLE_REMOTE_TEMP=str(temporary / "remote"),
        ANSIBLE_COLLECTIONS_PATH=str(temporary),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_NOCOLOR="true",
        # So that `ansible-playbook` and its like are those of the interpreter that runs the tests.
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    )
    # Ansible finds inventory plugins by its own importer, which has to be there before anything of the collection is.
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()


_prepare()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """In a worker of xdist, pytest-cov starts a second tracer, for whose sake the mark `no_cover` has no effect."""
    measuring = session.config.pluginmanager.getplugin("_cov")
    if measuring and hasattr(session.config, "workerinput"):
        measuring.cov_controller.cov.stop()


def pytest_collection_finish() -> None:
    """Objects of this time stay to the end, so they are left out of garbage collections."""
    gc.freeze()
