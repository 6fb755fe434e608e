# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# Private to this collection: nothing outside it may import this file.

"""The audit of a project: choose the findings, read what they need, and sum up."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.concurrency import side_by_side
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktop_pools import read_pools
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.desktops import read_desktops
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.filters import filter_values
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.findings import (
    FINDINGS,
    Records,
    Rules,
    idle_seconds,
    version_numbers,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.statuses import (
    CONNECT_STATUSES,
    DESKTOP_STATUSES,
    count_statuses,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.usage import read_usage
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.user_pools import read_user_pools
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.users import read_users

if t.TYPE_CHECKING:
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.project import Project
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace.records import Record

_VERSION = re.compile(r"\d+(\.\d+)*", re.ASCII)

_FORBIDDEN = 403

#: A project that has nothing in these, as far as they were read, may be the wrong one.
_FLEET = {"desktops", "users"}


def chosen_findings(options: t.Mapping[str, t.Any]) -> tuple[list[str], Rules]:
    """Which findings to look for, each once and in the order of C(FINDINGS), and their rules.

    @raises WorkspaceError: an option is wrong or missing.
    """
    asked = filter_values(options.get("findings"), "findings")
    tags = filter_values(options.get("required_tags"), "required_tags")
    idle_days, oldest = options.get("idle_days"), options.get("oldest_agent_version")
    if idle_days is not None and not 1 <= idle_days <= 180:
        raise WorkspaceError(f"idle_days is {idle_days}, but must be 1 to 180.")
    if oldest is not None and not _VERSION.fullmatch(oldest):
        raise WorkspaceError(f"oldest_agent_version is {oldest}, but must be numbers and dots, such as 25.4.10001.")
    for name in asked:
        if name not in FINDINGS:
            raise WorkspaceError(f"findings: {name} is not one of {', '.join(FINDINGS)}.")
        option = FINDINGS[name].option
        if option and options.get(option) is None:
            raise WorkspaceError(f"findings: {name} needs the option {option}.")
    names = [
        name
        for name, finding in FINDINGS.items()
        if (name in asked if asked else finding.option is None or options.get(finding.option) is not None)
    ]
    rules = Rules(idle_days, tags, version_numbers(oldest or ""))
    return names, rules


def _doubts(names: t.Sequence[str], records: Records) -> list[str]:
    """Warnings about what the records leave open."""
    warnings = []
    if "desktops_idle" in names:
        silent = sum(
            idle_seconds(records.usage.get(desktop["desktop_id"]) or {}) is None for desktop in records.desktops
        )
        if silent:
            warnings.append(
                f"desktops_idle: {silent} of {len(records.desktops)} desktops have no usage record, so whether they are"
                " idle is not known."
            )
    if "users_without_desktop" in names or "users_with_several_desktops" in names:
        silent = sum(user.get("total_desktops") is None for user in records.users)
        if silent:
            warnings.append(f"The service does not say how many desktops {silent} of {len(records.users)} users have.")
    return warnings


def summary(names: t.Sequence[str], records: Records, refused: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The result: findings, counts, and what could not be checked.

    @param records: of the sources that the findings need, without those refused.
    @param refused: source -> why it could not be read.
    """
    not_checked = {
        name: next(refused[source] for source in FINDINGS[name].sources if source in refused)
        for name in names
        if any(source in refused for source in FINDINGS[name].sources)
    }
    checked = [name for name in names if name not in not_checked]
    findings = {name: FINDINGS[name].find(records) for name in checked}
    read = {source for name in names for source in FINDINGS[name].sources} - refused.keys()
    return {
        "findings": findings,
        "finding_counts": {name: len(found) for name, found in findings.items()},
        "not_checked": not_checked,
        "desktop_count": len(records.desktops) if "desktops" in read else None,
        "user_count": len(records.users) if "users" in read else None,
        "pool_count": len(records.pools) if "pools" in read else None,
        "status_counts": count_statuses(records.desktops, "status", DESKTOP_STATUSES) if "desktops" in read else None,
        "login_status_counts": (
            count_statuses(records.desktops, "login_status", CONNECT_STATUSES) if "desktops" in read else None
        ),
        "warnings": _doubts(checked, records),
    }


def _read_sources(project: Project, sources: t.Collection[str]) -> dict[str, t.Any]:
    """Read sources side by side.

    @returns: source -> its records, or the error of a source that the caller may not read.
    @raises WorkspaceError: any other failure, at once.
    """
    found: dict[str, t.Any] = {}

    def attempt(source: str, read: t.Callable[[], t.Any]) -> None:
        try:
            found[source] = read()
        except WorkspaceError as error:
            if error.facts["status_code"] != _FORBIDDEN:
                raise
            found[source] = error

    def users() -> None:
        attempt("users", lambda: read_users(project))
        if "user_pools" in sources and not isinstance(found["users"], WorkspaceError):
            ids = [user["id"] for user in found["users"]]
            attempt("user_pools", lambda: read_user_pools(project, ids) if ids else {})

    def usage() -> dict[str, Record]:
        # All records, not only those of idle desktops: which desktops have none has to be known as well.
        return {record["resource_id"]: record for record in read_usage(project)}

    readers: dict[str, t.Callable[[], None]] = {
        "desktops": lambda: attempt("desktops", lambda: read_desktops(project)),
        "users": users,
        "pools": lambda: attempt("pools", lambda: read_pools(project)),
        "usage": lambda: attempt("usage", usage),
    }
    jobs = [read for source, read in readers.items() if source in sources]
    side_by_side(lambda job: job(), jobs, width=len(jobs))
    return found


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """The audit with these options.

    @param options: C(findings), C(idle_days), C(required_tags), C(oldest_agent_version), C(skip_refused),
        C(expect_desktops).
    @raises WorkspaceError: an option is wrong, before any request.
    """
    names, rules = chosen_findings(options)
    sources = {source for name in names for source in FINDINGS[name].sources}

    def read(project: Project) -> dict[str, t.Any]:
        read_at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = _read_sources(project, sources)
        refusals = {source: error for source, error in found.items() if isinstance(error, WorkspaceError)}
        if refusals and (not options.get("skip_refused") or refusals.keys() == found.keys()):
            raise next(iter(refusals.values()))
        records = Records(rules=rules, **{name: read for name, read in found.items() if name not in refusals})
        if options.get("expect_desktops", True) and not records.desktops and not records.users and sources & _FLEET:
            raise WorkspaceError(
                "The project shows no desktops and no users. A wrong project looks the same, so this is a failure: check"
                " region and project_id, or set expect_desktops to false if the project is meant to be empty."
            )
        return summary(names, records, {name: error.message for name, error in refusals.items()}) | {"read_at": read_at}

    return read
