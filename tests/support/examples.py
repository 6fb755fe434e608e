# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples that stand in README.md and in the guides, taken out of them to be run.

Above an example, a comment may say what is special about it: `<!-- test: fails -->` in Markdown, `.. test: fails` in
reStructuredText.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))]

_MARKDOWN = re.compile(
    r"(?:^<!-- test: (?P<marker>[\w-]+) -->\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
_RST = re.compile(
    r"(?:^\.\. test: (?P<marker>[\w-]+)\n)?^\.\. code-block:: (?P<language>\w+)\n\n(?P<code>(?:^(?: +.*)?\n)+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Example:
    """A block of code, and what its text says about it."""

    path: Path
    line: int
    language: str
    code: str
    marker: str

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}"

    @property
    def content(self) -> Any:
        """What a block of YAML says."""
        return yaml.safe_load(self.code)

    @property
    def is_for_ansible(self) -> bool:
        """Whether it is a playbook or a list of tasks; what else is in YAML are settings of other tools."""
        return self.language == "yaml" and isinstance(self.content, list) and not self.is_rulebook

    @property
    def is_rulebook(self) -> bool:
        """Whether it is for ansible-rulebook."""
        return self.language == "yaml" and "  sources:\n" in self.code

    @property
    def waits(self) -> bool:
        """Whether it is for Ansible and has a task that checks whether desktops are free."""
        return self.is_for_ansible and "huaweicloud.workspace.workspace_wait_for_free_desktops" in self.code

    @property
    def plugin(self) -> str:
        """The inventory plugin that it is a file for, without the name of the collection, or nothing."""
        found = self.content.get("plugin", "") if self.language == "yaml" and isinstance(self.content, dict) else ""
        return str(found).removeprefix("huaweicloud.workspace.")

    @property
    def plays(self) -> list[dict[str, Any]]:
        """The plays; tasks become one."""
        found: list[dict[str, Any]] = self.content
        if any({"hosts", "ansible.builtin.import_playbook"} & set(item) for item in found):
            return found
        return [{"name": "Tasks", "hosts": "localhost", "gather_facts": False, "tasks": found}]

    @property
    def commands(self) -> list[tuple[str, ...]]:
        """The words of each command line that runs a playbook of the collection."""
        lines = self.code.splitlines() if self.language in ("bash", "shell") else []
        return [
            tuple(shlex.split(line)) for line in lines if line.startswith("ansible-playbook huaweicloud.workspace.")
        ]

    @property
    def exports(self) -> dict[str, str]:
        """The environment variables that it sets."""
        if self.language not in ("bash", "shell"):
            return {}
        return dict(re.findall(r"^export (\w+)=(\S+)$", self.code, re.MULTILINE))


def examples() -> Iterator[Example]:
    """Yield every block of code of every text, in order."""
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        for found in (_MARKDOWN if path.suffix == ".md" else _RST).finditer(text):
            line = text.count("\n", 0, found.start("code")) + 1
            code = textwrap.dedent(found["code"])
            yield Example(path, line, found["language"], code, found["marker"] or "")


def marks() -> int:
    """Return how many marks there are, whether or not they stand where they are understood."""
    return sum(
        len(re.findall(r"^(?:<!--|\.\.) test:", path.read_text(encoding="utf-8"), re.MULTILINE)) for path in TEXTS
    )
