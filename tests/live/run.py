# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the real service, read-only, and print a table that can be pasted into a bug report.

The credentials come from the environment or the credentials file, as for any user of the modules.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from live.linked import COLLECTIONS

sys.path.insert(0, COLLECTIONS)

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.version import VERSION
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import common_arguments
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import open_project
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import access

from live import compare
from live.questions import QUESTIONS
from live.service import GiveUpError, Service, UndecidedError

NEEDS = """\
make live asks the real service and needs credentials; nothing was asked.

Set for example HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HW_REGION_NAME, or HW_PROFILE for a profile of
~/.huaweicloud/credentials. The user needs the IAM actions workspace:desktops:listWithConnectStatus,
workspace:desktopPools:listByUsers, workspace:desktops:listDetail and workspace:users:list (or Workspace ReadOnlyAccess).
About 150 GET requests are sent, one after the other; nothing is changed. A project with a few dozen desktops and
users in several statuses answers most questions.
"""


def options() -> dict[str, Any]:
    """Return the options that a task without any would have."""

    def left_out(*_names: str) -> Any:
        raise AssertionError("a default applies")

    found = {name: option.get("default") for name, option in common_arguments(left_out).items()}
    # What is refused on purpose is not worth a retry, and questions are asked one after the other.
    return {
        **found,
        "credentials_file": os.path.expanduser(found["credentials_file"]),
        "total_timeout": 3600.0,
        "max_retries": 1,
        "concurrency": 1,
    }


def show(*cells: object) -> None:
    """Print a row of a Markdown table."""
    print("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |", flush=True)


def show_access(service: Service) -> None:
    """Print which operations these credentials may read."""
    show("IAM action", "operation", "allowed")
    show("---", "---", "---")
    for entry in access.prepare({"uses": None})(service.project)["operations"]:
        show(entry["action"], entry["operation"], {True: "yes", False: "NO", None: "not known"}[entry["allowed"]])
    print()


def ask(service: Service) -> int:
    """Print the table of questions; returns how many answers are not what the collection assumes."""
    show("question", "answer", "the collection assumes", "as assumed")
    show("---", "---", "---", "---")
    wrong = 0
    for question in QUESTIONS:
        try:
            answer = question.ask(service)
        except UndecidedError as reason:
            show(question.text, f"not decided: {reason}", question.assumed, "-")
            continue
        wrong += answer.as_assumed is False
        verdict = {None: "any answer is fine", True: "yes", False: "NO"}[answer.as_assumed]
        show(question.text, answer.text, question.assumed, verdict)
    return wrong


def compare_with_sdk(service: Service, sdk: Any) -> int:
    """Print the comparison with the SDK; returns how many answers differ."""
    show("operation", "collection", "official SDK", "difference")
    show("---", "---", "---", "---")
    different = 0
    for listing, read, read_officially in compare.operations(service, sdk):
        try:
            ours, theirs = {row[listing.id]: row for row in read()}, read_officially()
        except WorkspaceError as problem:
            status, code = problem.facts.get("status_code"), problem.facts.get("error_code")
            show(
                listing.path,
                "-",
                "-",
                f"not compared: the collection failed ({status or 'no answer'} {code or ''})".rstrip(),
            )
            different += status != 403
            continue
        except Exception as problem:
            # The SDK raises many kinds of exceptions, and their texts may hold names.
            show(
                listing.path,
                "-",
                "-",
                f"FAILED: {type(problem).__name__} {getattr(problem, 'status_code', '')}".rstrip(),
            )
            different += 1
            continue
        found = compare.differences(ours, theirs)
        different += bool(found)
        show(listing.path, len(ours), len(theirs), found or "none")
    return different


def main() -> int:
    """Run everything; 1 if an answer is not what the collection assumes, or differs from the SDK's."""
    given, secrets = options(), Secrets()
    try:
        settings = resolve_settings(given, os.environ, file_in_task=False, secrets=secrets)
    except WorkspaceError as problem:
        print(NEEDS)
        print(f"What is missing: {secrets.redact(problem.message)}")
        return 0
    try:
        service = Service(open_project(settings, given, secrets))
        print(f"huaweicloud.workspace {VERSION}, region {settings.region}, Python {platform.python_version()}\n")
        show_access(service)
        wrong = ask(service)
        print()
        sdk = compare.official_client(settings, service.project.project_id)
        if sdk is None:
            print("Not compared with the official SDK: that takes an access key and a direct connection.")
            different = 0
        else:
            different = compare_with_sdk(service, sdk)
    except (GiveUpError, WorkspaceError) as problem:
        print(f"Given up: {secrets.redact(str(problem))}")
        return 1
    print(f"\n{wrong} answers are not as assumed, {different} operations differ from the official SDK.")
    return 1 if wrong or different else 0


if __name__ == "__main__":
    sys.exit(main())
