# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the ansible-test of this interpreter with access to a package index only.

ansible-test creates virtual environments without pip and then downloads a bootstrap script (get-pip.py) from a host of
the Ansible project, which many networks do not allow. This script writes a replacement to the cache of ansible-test.
The replacement runs pip from the wheel of the version that ansible-test requires.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

#: The home directory of the user; `make` sets a different HOME for its tools.
USER_HOME = Path(os.environ.get("USER_HOME") or Path.home())

_GET_PIP = '''\
"""Replacement for the get-pip.py of pip {version}, written by dev/run_ansible_test.py of huaweicloud.workspace."""
import os
import runpy
import sys

here = os.path.dirname(os.path.abspath(__file__))
packages = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
packages += [name for name in ("setuptools", "wheel") if "--no-" + name not in sys.argv[1:]]
sys.path.insert(0, os.path.join(here, "pip-{version}-py3-none-any.whl"))
sys.argv = ["pip", "install", "--find-links", here] + packages
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def wanted_pip_versions() -> set[str]:
    """Return the versions of pip that this ansible-test installs, according to its source."""
    spec = importlib.util.find_spec("ansible_test._internal.python_requirements")
    if not spec or not spec.origin:
        raise SystemExit(f"{sys.executable} has no ansible-test")
    source = Path(spec.origin).read_text(encoding="utf-8")
    return set(re.findall(r"""\bpip=["']([\d.]+)["']""", source))


def seed_pip(home: Path) -> None:
    """Write the replacements and their wheels to the cache of ansible-test."""
    folder = home / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in wanted_pip_versions():
        if not (folder / f"pip-{version}-py3-none-any.whl").exists():
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"pip=={version}"]
            subprocess.run([*pip, "--dest", folder], env=os.environ | {"HOME": str(USER_HOME)}, check=True)
        script = folder / f"get_pip_{version.replace('.', '_')}.py"
        script.write_text(_GET_PIP.format(version=version), encoding="utf-8")


def share_pip_settings(home: Path) -> None:
    """Link the user's pip.conf for ansible-test, which does not pass on PIP_* variables."""
    settings, link = USER_HOME / ".config" / "pip", home / ".config" / "pip"
    if settings.is_dir() and home != USER_HOME and not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(settings, target_is_directory=True)


def main() -> int:
    """Run ansible-test with the arguments of the command line in the current folder, which is a collection."""
    seed_pip(Path.home())
    share_pip_settings(Path.home())
    return subprocess.run(["ansible-test", *sys.argv[1:]], stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
