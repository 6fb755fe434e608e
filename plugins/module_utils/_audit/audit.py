# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The audit of a project: select the findings, read the data that they need, and summarize the result."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from functools import partial

from .._http import concurrency, errors, timestamps
from .._reading import filters
from .._reading.listing import Listing, read_all, read_each
from .._reading.records import is_group
from .._reading.statuses import CONNECT_STATUSES, DESKTOP_STATUSES, count_statuses
from .._workspace import desktop_pools, desktops_detail, groups, usage, user_pools, users
from . import findings, relations

if t.TYPE_CHECKING:
    from .._reading.project import Project
    from .._reading.records import Record

#: The options of the module.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "findings": {"type": "list", "elements": "str", "choices": list(findings.FINDINGS)},
    "idle_days": {"type": "int"},
    "required_tags": {"type": "list", "elements": "str"},
    "oldest_agent_version": {"type": "str"},
    "resolve_groups": {"type": "bool", "default": False},
    "skip_refused": {"type": "bool", "default": False},
    "expect_desktops": {"type": "bool", "default": True},
}

_VERSION = re.compile(r"\d{1,18}(\.\d{1,18})*", re.ASCII)

#: A project without any records in these sources may be the wrong one.
_FLEET = {"desktops", "users"}


#: The sources that are lists: the kinds of records that findings are about.
LISTINGS: dict[str, Listing] = {
    "desktops": desktops_detail.LISTING,
    "users": users.LISTING,
    "pools": desktop_pools.LISTING,
}


class Source(t.NamedTuple):
    """The data that findings need.

    @param read: reads the data, as `Records` stores them. Its second argument is the data of the source `after`.
    @param after: the source that must be read before; `None` if there is none.
    """

    read: t.Callable[[Project, t.Any], t.Any]
    after: str | None = None


def _read_list(listing: Listing, project: Project, _before: None) -> list[Record]:
    return read_all(project, listing)


def _read_user_pools(project: Project, directory: t.Sequence[Record]) -> dict[str, Record]:
    return user_pools.read_user_pools(project, [user["id"] for user in directory]) if directory else {}


def _read_groups(project: Project, fleet: t.Sequence[Record]) -> list[Record]:
    """The groups that desktops are assigned to, with their members."""
    entries = [entry for desktop in fleet for entry in desktop["attach_user_infos"] or ()]
    entries = [entry for entry in entries if is_group(entry) is not False]
    ids = {entry["user_id"] for entry in entries if entry["user_id"]}
    names = {(entry["user_name"] or "").lower() for entry in entries if not entry["user_id"]}
    found = [
        group
        for group in (read_all(project, groups.LISTING) if entries else ())
        if group["id"] in ids or (group["name"] or "").lower() in names
    ]
    members = read_each(project, groups.MEMBERS, [group["id"] for group in found])
    return [{**group, "members": members[group["id"]]} for group in found]


SOURCES = {
    **{kind: Source(partial(_read_list, listing)) for kind, listing in LISTINGS.items()},
    "usage": Source(lambda project, _before: usage.read_usage(project)),
    "user_pools": Source(_read_user_pools, after="users"),
    "groups": Source(_read_groups, after="desktops"),
}

#: Kind of record -> the keys of its ID and name in the result.
_KEYS = {
    "desktops": ("desktop_id", "computer_name"),
    "users": ("user_id", "user_name"),
    "pools": ("pool_id", "pool_name"),
}


def _needed(name: str, resolve_groups: bool) -> set[str]:
    """The sources of a finding."""
    needed = {name.partition("_")[0], *findings.FINDINGS[name].sources}
    if resolve_groups and findings.FINDINGS[name].of_users:
        needed.add("groups")
    return needed | {SOURCES[source].after or source for source in needed}


_WITHOUT_READER = {source for finding in findings.FINDINGS.values() for source in finding.sources} - (
    SOURCES.keys() & vars(relations.Records()).keys()
)
if _WITHOUT_READER:
    raise TypeError(f"Findings need {', '.join(_WITHOUT_READER)}, which SOURCES or Records does not have.")


def chosen_findings(options: t.Mapping[str, t.Any]) -> tuple[list[str], dict[str, t.Any]]:
    """The findings to check, without duplicates and in the order of `FINDINGS`, and the options that they depend on.

    @raises WorkspaceError: an option is wrong or missing.
    """
    asked = filters.filter_values(options["findings"], "findings")
    filters.filter_values(options["required_tags"], "required_tags")
    idle_days, oldest = options["idle_days"], options["oldest_agent_version"]
    if idle_days is not None and not 1 <= idle_days <= usage.LONGEST:
        raise errors.WorkspaceError(f"idle_days is {idle_days}, but must be 1 to {usage.LONGEST}.")
    if oldest is not None and not _VERSION.fullmatch(oldest):
        raise errors.WorkspaceError(
            f"oldest_agent_version is {oldest}, but must be numbers and dots, such as 25.4.10001."
        )
    for name in asked:
        option = findings.FINDINGS[name].option
        if option and options[option] is None:
            raise errors.WorkspaceError(f"findings: {name} needs the option {option}.")
    names = [
        name
        for name, finding in findings.FINDINGS.items()
        if name in asked
        or not (asked or finding.only_if_asked or (finding.option is not None and options[finding.option] is None))
    ]
    return names, {option: options[option] for finding in findings.FINDINGS.values() for option in finding.rules}


class _Judged(t.NamedTuple):
    """The result of a finding.

    @param found: the records of which the answer is yes.
    @param unknown: reason -> ID -> name of the records of which it is not known.
    @param not_checked: why none can be judged; `None` if any can.
    """

    found: list[Record]
    unknown: dict[str, dict[str, str]]
    not_checked: str | None

    @property
    def not_known(self) -> dict[str, list[str]]:
        """Reason -> sorted IDs."""
        return {reason: sorted(ids) for reason, ids in sorted(self.unknown.items())}

    def reasons(self) -> str:
        """The reasons, each with the number of records if there are several."""
        numbers = {reason: f": {len(ids)}" for reason, ids in sorted(self.unknown.items())}
        return ", ".join(f"{reason}{number if len(numbers) > 1 else ''}" for reason, number in numbers.items())


def _judge(name: str, records: relations.Records) -> _Judged:
    """Judge all records of a finding. The result names each desktop, user or pool that is not known once."""
    finding, kind = findings.FINDINGS[name], name.partition("_")[0]
    listing = LISTINGS[kind]
    result = _Judged([], {}, None)
    judged, seen = False, set()
    for record, answer, shown in finding.answers(records):
        if isinstance(answer, relations.NotReturned):
            return _Judged([], {}, f"This finding needs a field of every {listing.noun}, but {answer}.")
        if isinstance(answer, str):
            record_id = record[listing.identity]
            if record_id not in seen:
                seen.add(record_id)
                result.unknown.setdefault(answer, {})[record_id] = record[listing.name] or record_id
            continue
        judged = True
        if answer:
            row = dict(zip(_KEYS[kind], (record[listing.identity], record[listing.name])))
            result.found.append({**row, **finding.shown(kind, record), **shown})
    if result.unknown and not judged:
        return result._replace(not_checked=f"It is not known for any {listing.noun} ({result.reasons()}).")
    return result


def _warnings(name: str, judged: _Judged, missing: t.Sequence[str]) -> list[str]:
    """A warning about records that are not known, and one about fields that no record has."""
    warnings = []
    names = [one for ids in judged.unknown.values() for one in ids.values()]
    if names:
        number = f"{len(names)} {LISTINGS[name.partition('_')[0]].noun}{'s' if len(names) > 1 else ''}"
        warnings.append(f"{name} is not known for {number} ({judged.reasons()}): {filters.some_of(names)}.")
    if missing:
        fields = ", ".join(field.partition(".")[2] for field in missing)
        warnings.append(f"{name}: the service does not return {fields}, so only the other fields were checked.")
    return warnings


def _warnings_of_sources(names: t.Sequence[str], records: relations.Records) -> list[str]:
    """Warnings about contradicting numbers of pools, and about desktops of groups that are not resolved."""
    warnings = user_pools.contradictions(records.user_pools.values())
    if records.groups is not None or not any(findings.FINDINGS[name].of_users for name in names):
        return warnings
    of_groups = sum(
        any(is_group(entry) for entry in desktop["attach_user_infos"] or ()) for desktop in records.desktops
    )
    if of_groups:
        text = f"{of_groups} of {len(records.desktops)} desktops {'is' if of_groups == 1 else 'are'} assigned to user"
        warnings.append(
            f"{text} groups, but resolve_groups is not set, so they do not count as desktops of the members."
        )
    return warnings


def _useless(records: relations.Records) -> dict[str, str]:
    """Source -> why its data decide nothing, although there are desktops or users."""
    found = {}
    if records.desktops and not records.usage:
        found["usage"] = "The service returned no usage record for any desktop."
    if records.users and not any(
        pools or (not complete and record["desktop_pool_count"])
        for record in records.user_pools.values()
        for pools, complete in [records.memberships(record["user_id"])]
    ):
        found["user_pools"] = f"The service returned no desktop pool for any of {len(records.users)} users."
    return found


def summary(names: t.Sequence[str], records: relations.Records, refused: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The result: findings, counts, and findings that could not be checked.

    @param records: the records of the sources that the findings need, without those of `refused`.
    @param refused: source -> why it could not be read.
    """
    sources = {name: _needed(name, records.rules["resolve_groups"]) for name in names}
    read = {source for needed in sources.values() for source in needed} - refused.keys()
    unread = {**_useless(records), **refused}
    judged: dict[str, _Judged] = {}
    not_checked, judged_by, warnings = {}, {}, []
    for name in names:
        reasons = [unread[source] for source in SOURCES if source in sources[name] and source in unread]
        result = _Judged([], {}, reasons[0]) if reasons else _judge(name, records)
        if result.not_checked is not None:
            not_checked[name] = result.not_checked
            continue
        judged[name] = result
        missing = [field for field in findings.FINDINGS[name].fields if records.is_missing(field)]
        judged_by[name] = [field for field in findings.FINDINGS[name].fields if field not in missing]
        warnings += _warnings(name, result, missing)
        if name.startswith("desktops_"):
            for record in result.found:
                record.update(_about_users(record["desktop_id"], records, "usage" in read))
    lists = {"desktops": records.desktops, "users": records.users, "pools": records.pools}
    statuses = {"status": DESKTOP_STATUSES, "login_status": CONNECT_STATUSES}
    return {
        "findings": {name: result.found for name, result in judged.items()},
        "finding_counts": {name: len(result.found) for name, result in judged.items()},
        "not_known": {name: result.not_known for name, result in judged.items()},
        "not_known_counts": {name: sum(map(len, result.unknown.values())) for name, result in judged.items()},
        "not_checked": not_checked,
        "judged_by": judged_by,
        **{f"{source[:-1]}_count": len(found) if source in read else None for source, found in lists.items()},
        **{
            f"{field}_counts": count_statuses(records.desktops, field, known) if "desktops" in read else None
            for field, known in statuses.items()
        },
        "warnings": warnings + _warnings_of_sources(list(judged), records),
    }


def _about_users(desktop_id: str, records: relations.Records, with_usage: bool) -> Record:
    """The users of a desktop and, if usage was read, its last use."""
    about: Record = {"users": records.names_of_users[desktop_id]}
    if with_usage:
        about.update(usage.last_use(records.usage.get(desktop_id), records.now))
    return about


def _read_sources(project: Project, sources: t.Collection[str]) -> dict[str, t.Any]:
    """Read sources in parallel.

    @returns: source -> the data, or the error if the permission to read it is missing.
    @raises WorkspaceError: any other failure, immediately.
    """
    found: dict[str, t.Any] = {}

    def read(source: str, before: t.Any = None) -> None:
        try:
            found[source] = SOURCES[source].read(project, before)
        except errors.WorkspaceError as error:
            if error.status != 403:
                raise
            found[source] = error
        else:
            for other in sources:
                if SOURCES[other].after == source:
                    read(other, found[source])

    first = [source for source in SOURCES if source in sources and SOURCES[source].after is None]
    concurrency.side_by_side(read, first, width=len(first))
    return found


def _late_users(project: Project, records: relations.Records) -> list[Record]:
    """The users of desktops that were not in the directory when it was read, but are now."""
    missing = {
        one.user_id: one.user_name
        for _desktop, one in records.holders
        if one.user_id and one.user_id not in records.directory
    }
    names = sorted({name for name in missing.values() if name})
    # Another user can have the same name, for example in another domain.
    return [user for user in users.read_users(project, names) if user["id"] in missing] if names else []


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that audits a project. See `Prepare` in `_module`."""
    given = {name: options.get(name, argument.get("default")) for name, argument in ARGUMENTS.items()}
    names, rules = chosen_findings(given)
    sources = {source for name in names for source in _needed(name, rules["resolve_groups"])}

    def read(project: Project) -> dict[str, t.Any]:
        now = timestamps.utc_now()
        found = _read_sources(project, sources)
        refusals = {source: error for source, error in found.items() if isinstance(error, errors.WorkspaceError)}
        if refusals and (not given["skip_refused"] or refusals.keys() == found.keys()):
            raise next(iter(refusals.values()))
        good = {source: data for source, data in found.items() if source not in refusals}
        records = relations.Records(**good, rules=rules, now=now)
        if given["expect_desktops"] and not records.desktops and not records.users and sources & _FLEET:
            raise errors.WorkspaceError(
                "The project has no desktops and no users. The wrong project would look the same, so this is a failure:"
                " check region and project_id, or set expect_desktops to false if the project may be empty."
            )
        if good.keys() >= _FLEET:
            records = dataclasses.replace(records, late_users=_late_users(project, records))
        result = summary(names, records, {source: error.message for source, error in refusals.items()})
        return {**result, "rules": rules, "read_at": timestamps.utc_timestamp(now)}

    return read
