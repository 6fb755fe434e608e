# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test on a copy of the tree, with nothing but a package index.

ansible-test creates virtual environments without pip and then downloads a bootstrap script (get-pip.py) from a host of
the Ansible project. Many networks allow a package index only, so a replacement of that script is put into its cache: it
runs pip from the wheel of exactly the version that ansible-test wants.

This is not a nox session, because those of antsibull-nox need containers and install ansible-core from GitHub.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import project
import pythons


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run, and what ansible-test reports as not tested."""

    passed: bool
    left_out: list[str]


_STAND_IN = '''\
"""Stand-in for the get-pip.py of pip {version}, written by dev/ansible_test.py of huaweicloud.workspace."""
import os
import runpy
import sys

here = os.path.dirname(os.path.abspath(__file__))
packages = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
for package in ("setuptools", "wheel"):
    if "--no-" + package not in sys.argv[1:]:
        packages.append(package)
sys.path.insert(0, os.path.join(here, "pip-{version}-py3-none-any.whl"))
sys.argv = ["pip", "install", "--find-links", here] + packages
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def package_of(ansible_test: Path) -> Path:
    """Return the folder of the Python package behind an ansible-test program."""
    code = "import ansible_test; print(ansible_test.__path__[0])"
    return Path(project.answer(ansible_test.with_name("python"), "-c", code).output.strip())


def wanted_pip_versions(package: Path) -> set[str]:
    """Return the versions of pip that this ansible-test installs, as its own source names them."""
    source = (package / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    return set(re.findall(r"""\bpip=["']([\d.]+)["']""", source))


def reached(host: str) -> bool:
    """Tell whether a host answers."""
    try:
        socket.create_connection((host, 443), timeout=10).close()
    except OSError:
        return False
    return True


def unobtainable(package: Path) -> dict[str, str]:
    """Return the sanity tests that need a download from a host that cannot be reached.

    For instance, 2.22.0rc1 installs a library for its pylint test from GitHub.
    """
    tests = {}
    for requirements in (package / "_data" / "requirements").glob("sanity.*.txt"):
        text = requirements.read_text(encoding="utf-8")
        for host in re.findall(r"^[^#\n]* @ https://([^/\s]+)/", text, re.MULTILINE):
            if not reached(host):
                tests[requirements.stem.removeprefix("sanity.")] = host
    return tests


def seed_pip(home: Path, versions: set[str]) -> None:
    """Put the replacements, and the wheels that they run, into the cache of ansible-test."""
    folder = home / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in versions:
        if not (folder / f"pip-{version}-py3-none-any.whl").exists():
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"pip=={version}"]
            env = project.environment(HOME=str(project.USER_HOME))
            subprocess.run([*pip, "--dest", folder], env=env, check=True)
        script = folder / f"get_pip_{version.replace('.', '_')}.py"
        script.write_text(_STAND_IN.format(version=version), encoding="utf-8")


def share_pip_settings(home: Path) -> None:
    """Give the pip of ansible-test the user's pip.conf, since ansible-test passes no PIP_* variables on."""
    settings, link = project.USER_HOME / ".config" / "pip", home / ".config" / "pip"
    if settings.is_dir() and home != project.USER_HOME and not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(settings, target_is_directory=True)


def run(ansible_test: Path, arguments: list[str], *, found: dict[str, Path], collection: Path, home: Path) -> Outcome:
    """Run a command of an ansible-test in a copied collection and show its output."""
    package = package_of(ansible_test)
    seed_pip(home, wanted_pip_versions(package))
    share_pip_settings(home)
    left_out: list[str] = []
    if arguments[0] == "sanity":
        for test, host in unobtainable(package).items():
            arguments = [*arguments, "--skip-test", test]
            left_out.append(f"{test}: it needs a download from {host}, which cannot be reached")
    env = project.environment(HOME=str(home), PATH=pythons.search_path(ansible_test.parent, found))
    with subprocess.Popen(
        [ansible_test, *arguments, "--color", "no"],
        cwd=collection,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if re.match(r"WARNING: .*([Ss]kip|not found)", line):
                left_out.append(line.removeprefix("WARNING: ").strip())
    # With nothing to test, ansible-test exits with 0.
    nothing = any(line.startswith("All targets skipped") for line in left_out)
    return Outcome(passed=process.returncode == 0 and not nothing, left_out=left_out)


def main() -> int:
    """Run what the command line says with the ansible-core of .venv."""
    found = pythons.find()
    print("Pythons found:", ", ".join(found), flush=True)
    with project.copied_collection() as collection:
        outcome = run(
            project.BIN / "ansible-test",
            sys.argv[1:],
            found=found,
            collection=collection,
            home=project.CACHE / "home",
        )
    for line in outcome.left_out:
        print("Left out:", line)
    print("ansible-test", *sys.argv[1:], "passed" if outcome.passed else "FAILED")
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main())
