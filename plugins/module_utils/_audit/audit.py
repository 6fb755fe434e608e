# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The audit of a project: select the findings, read the data that they need, and summarize the result."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._http.concurrency import side_by_side
from .._http.errors import WorkspaceError
from .._reading.filters import filter_values
from .._reading.records import Fields
from .._reading.statuses import CONNECT_STATUSES, DESKTOP_STATUSES, count_statuses
from .._reading.timestamps import utc_now, utc_timestamp
from .._workspace.desktop_pools import read_pools
from .._workspace.desktops import read_desktops
from .._workspace.groups import read_groups, read_members
from .._workspace.usage import LAST_USE, read_last_uses
from .._workspace.user_pools import contradictions, read_user_pools
from .._workspace.users import read_users
from .findings import FINDINGS, Finding, created_at, version_numbers
from .relations import Records, Rules, is_group

if t.TYPE_CHECKING:
    from .._reading.project import Project
    from .._reading.records import Record

_VERSION = re.compile(r"\d+(\.\d+)*", re.ASCII)

_FORBIDDEN = 403

#: A project without any records in these sources may be the wrong one.
_FLEET = {"desktops", "users"}

#: The name of a record of each source in messages.
_NOUNS = {
    "desktops": "desktop",
    "users": "user",
    "pools": "desktop pool",
    "user_pools": "desktop pool of a user",
    "usage": "usage record",
}

#: Source -> the fields that findings need.
_FIELDS: dict[str, list[str]] = {source: [] for source in _NOUNS}
for _finding in FINDINGS.values():
    for _field in _finding.fields:
        _FIELDS[_field.partition(".")[0]].append(_field.partition(".")[2])


def chosen_findings(options: t.Mapping[str, t.Any]) -> tuple[list[str], Rules]:
    """The findings to check, without duplicates and in the order of `FINDINGS`, and their rules.

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


def _needed(finding: Finding, resolve_groups: bool) -> tuple[str, ...]:
    """The sources of a finding."""
    more = ("desktops", "groups") if resolve_groups and finding.of_users else ()
    return (*finding.sources, *more)


def _missing_field(finding: Finding, absent: t.Container[str]) -> str | None:
    """Why a finding cannot be checked without the absent fields; `None` if it can."""
    missing = [field for field in finding.fields if field in absent]
    if not missing or (finding.any_field and len(missing) < len(finding.fields)):
        return None
    source, _dot, field = missing[0].partition(".")
    return f"This finding needs the field {field}, which the service does not return for any {_NOUNS[source]}."


def _first_names(records: t.Sequence[Record]) -> str:
    """The names of the first five records and the number of the others."""
    names = [
        str(
            next(
                (value for key, value in record.items() if key.endswith("_name") and value), next(iter(record.values()))
            )
        )
        for record in records[:5]
    ]
    return ", ".join(names) + (f" and {len(records) - 5} more" if len(records) > 5 else "")


def _check(name: str, records: Records) -> tuple[list[Record], list[str]]:
    """The records of a finding, and a warning about records that other data contradict."""
    finding = FINDINGS[name]
    found: list[Record] = []
    doubted: list[Record] = []
    for record in finding.find(records):
        contradicted = finding.contradiction is not None and finding.contradiction.holds(records, record)
        (doubted if contradicted else found).append(record)
    if not doubted or finding.contradiction is None:
        return found, []
    kind = name.partition("_")[0] if len(doubted) > 1 else name.partition("_")[0][:-1]
    text = f"{name}: {len(doubted)} {kind} not reported, because other data contradict it"
    return found, [f"{text} ({finding.contradiction.because}): {_first_names(doubted)}."]


def _doubts(names: t.Sequence[str], records: Records, absent: t.Collection[str], read: t.Container[str]) -> list[str]:
    """Warnings about missing data.

    @param names: the findings that were checked.
    @param read: the sources that were read.
    """
    warnings = []
    total = len(records.desktops)

    def desktops(number: int) -> str:
        return f"{number} of {total} desktops {'has' if number == 1 else 'have'}"

    if "desktops_idle" in names:
        silent = sum(
            records.usage.get(desktop["desktop_id"], {}).get("idle_days") is None for desktop in records.desktops
        )
        if silent:
            text = f"desktops_idle: {desktops(silent)} no usage record"
            warnings.append(f"{text}, so it is not known whether they are idle.")
    if "desktops_never_used" in names:
        silent = sum(
            desktop["desktop_id"] not in records.usage and created_at(desktop) is None for desktop in records.desktops
        )
        if silent:
            text = f"desktops_never_used: {desktops(silent)} neither a usage record nor a creation time"
            warnings.append(f"{text}, so it is not known whether they were ever used.")
    if "users_without_desktop" in names or "users_with_several_desktops" in names:
        silent = sum(user["total_desktops"] is None for user in records.users)
        if silent:
            warnings.append(
                f"The service does not report the number of desktops for {silent} of {len(records.users)} users."
            )
    if "user_pools" in read:
        warnings += contradictions(records.user_pools.values())
    for name in names:
        missing = [field.partition(".")[2] for field in FINDINGS[name].fields if field in absent]
        if missing:
            text = f"{name}: the service does not return {', '.join(missing)}"
            warnings.append(f"{text}, so only the other fields were checked.")
    return warnings + _doubts_of_groups(names, records, read)


def _doubts_of_groups(names: t.Sequence[str], records: Records, read: t.Container[str]) -> list[str]:
    if "desktops" not in read or not any(FINDINGS[name].of_users for name in names):
        return []
    silent = sum(
        any(is_group(entry) and records.members_of(entry) is None for entry in desktop["attach_user_infos"] or ())
        for desktop in records.desktops
    )
    if not silent:
        return []
    text = f"{silent} of {len(records.desktops)} desktops {'is' if silent == 1 else 'are'} assigned to user groups"
    if records.groups is None:
        return [f"{text}, but resolve_groups is not set, so they do not count as desktops of the members."]
    return [f"{text} that the service does not list, so their members are not known."]


def summary(
    names: t.Sequence[str],
    records: Records,
    unread: t.Mapping[str, str],
    absent: t.Collection[str] = (),
) -> dict[str, t.Any]:
    """The result: findings, counts, and findings that could not be checked.

    @param records: the records of the sources that the findings need, without those of `unread`.
    @param unread: source -> why it could not be read.
    @param absent: fields that are missing in all records, each as `source.field`.
    """
    not_checked: dict[str, str] = {}
    sources = {name: _needed(FINDINGS[name], records.groups is not None or "groups" in unread) for name in names}
    for name in names:
        reasons = [unread[source] for source in sources[name] if source in unread]
        reason = reasons[0] if reasons else _missing_field(FINDINGS[name], absent)
        if reason is not None:
            not_checked[name] = reason
    checked = [name for name in names if name not in not_checked]
    read = {source for needed in sources.values() for source in needed} - unread.keys()
    findings, warnings = {}, []
    for name in checked:
        findings[name], doubts = _check(name, records)
        warnings += doubts
        if "usage" in read and name.startswith("desktops_"):
            for record in findings[name]:
                record.update(records.usage.get(record["desktop_id"]) or dict.fromkeys(LAST_USE))
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
        "warnings": warnings + _doubts(checked, records, absent, read),
    }


class _Source(t.NamedTuple):
    """The data of a source.

    @param content: the records, as `Records` stores them.
    @param absent: fields that are missing in all records.
    @param useless: why the data cannot be used; `None` if they can.
    """

    content: t.Any
    absent: t.Collection[str] = ()
    useless: str | None = None


def _read_list(source: str, read: t.Callable[[Fields], list[Record]]) -> _Source:
    fields = Fields(field for field in _FIELDS[source] if "." not in field)
    found = read(fields)
    return _Source(found, fields.absent if found else ())


def _read_desktops(project: Project) -> _Source:
    source = _read_list("desktops", lambda fields: read_desktops(project, fields))
    entries = [entry for desktop in source.content for entry in desktop["attach_user_infos"] or ()]
    absent = set(source.absent)
    if entries:
        absent.update(
            f"attach_user_infos.{name}" for name in ("user_id", "type") if not any(entry[name] for entry in entries)
        )
    return source._replace(absent=absent)


def _read_user_pools(project: Project, users: t.Sequence[Record]) -> _Source:
    found = read_user_pools(project, [user["id"] for user in users]) if users else {}
    pools = [pool for record in found.values() for pool in record["desktop_pools"]]
    if users and not pools and not any(record["desktop_pool_count"] for record in found.values()):
        return _Source({}, useless=f"The service returned no desktop pool for any of {len(users)} users.")
    silent = users and all(pool["is_attached"] is None for pool in pools)
    return _Source(found, ["is_attached"] if silent else ())


def _read_usage(project: Project) -> _Source:
    found = read_last_uses(project)
    if not found:
        return _Source({}, useless="The service returned no usage record for any desktop.")
    silent = all(last["idle_days"] is None for last in found.values())
    return _Source(found, ["desktop_idle_duration"] if silent else ())


def _read_groups(project: Project, desktops: t.Sequence[Record]) -> _Source:
    """The members of the groups that desktops are assigned to."""
    entries = [entry for desktop in desktops for entry in desktop["attach_user_infos"] or () if is_group(entry)]
    wanted = {entry["user_id"] or (entry["user_name"] or "").lower() for entry in entries}
    ids = {}
    for group in read_groups(project) if wanted else ():
        for key in {group["id"], (group["name"] or "").lower()} & wanted:
            ids[key] = group["id"]
    members = read_members(project, sorted(set(ids.values())))
    return _Source({key: members[group_id] for key, group_id in ids.items()})


def _read_sources(project: Project, sources: t.Collection[str]) -> dict[str, t.Any]:
    """Read sources in parallel.

    @returns: source -> the data, or the error if the permission to read it is missing.
    @raises WorkspaceError: any other failure, immediately.
    """
    found: dict[str, t.Any] = {}

    def attempt(source: str, read: t.Callable[[], _Source]) -> None:
        try:
            found[source] = read()
        except WorkspaceError as error:
            if error.facts["status_code"] != _FORBIDDEN:
                raise
            found[source] = error

    def desktops() -> None:
        attempt("desktops", lambda: _read_desktops(project))
        if "groups" in sources and isinstance(found["desktops"], _Source):
            attempt("groups", lambda: _read_groups(project, found["desktops"].content))

    def users() -> None:
        attempt("users", lambda: _read_list("users", lambda fields: read_users(project, fields=fields)))
        if "user_pools" in sources and isinstance(found["users"], _Source):
            attempt("user_pools", lambda: _read_user_pools(project, found["users"].content))

    def pools() -> None:
        attempt("pools", lambda: _read_list("pools", lambda fields: read_pools(project, fields)))

    def usage() -> None:
        attempt("usage", lambda: _read_usage(project))

    readers = {"desktops": desktops, "users": users, "pools": pools, "usage": usage}
    jobs = [read for source, read in readers.items() if source in sources]
    side_by_side(lambda job: job(), jobs, width=len(jobs))
    return found


def _late_users(project: Project, records: Records) -> list[Record]:
    """The users of desktops that were not in the directory when it was read, but are now."""
    missing = {one.user_id: one.user_name for one in records.assignments if one.user_id not in records.directory}
    names = sorted({name for name in missing.values() if name})
    found = read_users(project, names) if names else []
    return [user for user in found if user["id"] in missing]


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Prepare an audit with these options.

    @param options: as the module workspace_audit_info documents them.
    @raises WorkspaceError: an option is wrong, before any request.
    """
    names, rules = chosen_findings(options)
    resolve_groups = bool(options.get("resolve_groups"))
    sources = {source for name in names for source in _needed(FINDINGS[name], resolve_groups)}

    def read(project: Project) -> dict[str, t.Any]:
        now = utc_now()
        found = _read_sources(project, sources)
        refusals = {source: error for source, error in found.items() if isinstance(error, WorkspaceError)}
        if refusals and (not options.get("skip_refused") or refusals.keys() == found.keys()):
            raise next(iter(refusals.values()))
        good = {source: what for source, what in found.items() if isinstance(what, _Source)}
        records = Records(rules=rules, now=now, **{source: what.content for source, what in good.items()})
        if options.get("expect_desktops", True) and not records.desktops and not records.users and sources & _FLEET:
            raise WorkspaceError(
                "The project has no desktops and no users. The wrong project would look the same, so this is a failure:"
                " check region and project_id, or set expect_desktops to false if the project may be empty."
            )
        if good.keys() >= _FLEET:
            records = dataclasses.replace(records, late_users=_late_users(project, records))
        unread = {source: error.message for source, error in refusals.items()}
        unread.update({source: what.useless for source, what in good.items() if what.useless is not None})
        absent = {f"{source}.{field}" for source, what in good.items() for field in what.absent}
        result = summary(names, records, unread, absent)
        applied = ("idle_days", "required_tags", "oldest_agent_version")
        shown_rules = {**{name: options.get(name) for name in applied}, "resolve_groups": resolve_groups}
        return {**result, "rules": shown_rules, "read_at": utc_timestamp(now)}

    return read
