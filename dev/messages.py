# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the list of all messages in the troubleshooting guide as the source has them.

Without an argument, the list is written anew. With C(--check), the guide stays as it is, and what differs is shown.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
SOURCES = ROOT / "plugins"
BEGIN, END = ".. messages: begin", ".. messages: end"

#: The heading for the messages of a folder or file, the first that fits.
GROUPS = {
    "module_utils/_identity/": "Options and credentials",
    "module_utils/_http/transport.py": "No response",
    "module_utils/_http/": "Responses of the service",
    "module_utils/_workspace/": "Filters, pages and results",
    "": "Actions, inventories, playbooks and bugs",
}
_FEWEST_WORDS = 4


class _Texts(ast.NodeVisitor):
    """Collects every text that is a sentence; C(...) stands for what is filled in."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """Pass over docstrings, and comments in their form."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Pass over the documentation of plugins."""
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if not names & {"DOCUMENTATION", "EXAMPLES", "RETURN"}:
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Take a text with values."""
        parts = (part.value if isinstance(part, ast.Constant) else "..." for part in node.values)
        self._add("".join(str(part) for part in parts))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take a text without values."""
        if isinstance(node.value, str):
            self._add(node.value)

    def _add(self, text: str) -> None:
        text = re.sub(r"(\.\.\. ?){2,}", "... ", " ".join(text.split()))
        words = re.findall(r"[A-Za-z][a-z_]*", text.replace("...", " "))
        if len(words) >= _FEWEST_WORDS and " " in text and not re.search(r"[\\^<>`|]|Access=", text):
            self.found.append(text.strip())


def messages() -> dict[str, list[str]]:
    """Return heading -> messages."""
    groups: dict[str, list[str]] = {heading: [] for heading in GROUPS.values()}
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        if name.startswith(("doc_fragments/", "modules/")):
            continue
        texts = _Texts()
        texts.visit(ast.parse(path.read_text(encoding="utf-8")))
        groups[next(heading for start, heading in GROUPS.items() if name.startswith(start))] += texts.found
    return {heading: sorted(set(found), key=str.lower) for heading, found in groups.items()}


def _lines() -> Iterator[str]:
    for heading, found in messages().items():
        yield from ("", heading, "~" * len(heading), "")
        for message in found:
            yield textwrap.fill(
                f"* ``{message}``", 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
            )
    yield ""


def main() -> int:
    """Write the list, or compare it."""
    text = GUIDE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(f"{BEGIN}\n")
    _old, end, after = rest.partition(f"{END}\n")
    wanted = before + begin + "\n".join(_lines()) + "\n" + end + after
    if "--check" not in sys.argv:
        GUIDE.write_text(wanted, encoding="utf-8")
        return 0
    if text != wanted:
        there, source = set(text.splitlines()), set(wanted.splitlines())
        for line in sorted(source - there):
            sys.stderr.write(f"missing in {GUIDE.name}: {line}\n")
        for line in sorted(there - source):
            sys.stderr.write(f"no longer a message: {line}\n")
        sys.stderr.write("Run: python dev/messages.py\n")
    return int(text != wanted)


if __name__ == "__main__":
    sys.exit(main())
