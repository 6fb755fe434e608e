# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation that lists desktops in detail.

Source: ListDesktopsDetail of the Workspace API. Its offset is not limited. How it compares names is not documented, so
its results are compared again, ignoring only letter case.
"""

from __future__ import annotations

import collections
import typing as t

from .._http.errors import WorkspaceError
from .._reading.filters import batches, filter_values, matcher, tag_values, unmatched
from .._reading.listing import READINGS, Listing, read_all
from .._reading.records import Fields, Record, boolean, integer, objects, text, texts
from .._reading.statuses import CONNECT_STATUSES, DESKTOP_STATUSES, count_statuses
from . import operations
from .desktop_pools import read_pools
from .usage import LAST_USE, read_last_uses

if t.TYPE_CHECKING:
    from .._http.client import Response
    from .._http.query import Pairs
    from .._reading.project import Project

#: The options of `workspace_desktop_info`, which the inventory plugin `workspace_desktops` also has.
ARGUMENTS = {
    "desktop_ids": {"type": "list", "elements": "str"},
    "computer_names": {"type": "list", "elements": "str"},
    "user_names": {"type": "list", "elements": "str"},
    "status": {"type": "list", "elements": "str", "choices": list(DESKTOP_STATUSES)},
    "login_status": {"type": "list", "elements": "str", "choices": list(CONNECT_STATUSES)},
    "tags": {"type": "dict"},
    "in_maintenance_mode": {"type": "bool"},
    "user_attached": {"type": "bool"},
    "enterprise_project_id": {"type": "str"},
    "pools": {"type": "bool", "default": False},
    "pool_names": {"type": "list", "elements": "str"},
    "usage": {"type": "bool", "default": False},
}

#: Filter -> the fields that it compares. One of them must be returned.
_COMPARED = {
    "computer_names": ("computer_name",),
    "user_names": ("attach_user_infos",),
    "status": ("status",),
    "login_status": ("login_status",),
    "tags": ("tags",),
    "in_maintenance_mode": ("in_maintenance_mode",),
    "user_attached": ("attach_user_infos", "attach_state"),
    "enterprise_project_id": ("enterprise_project_id",),
}

#: The maximum number of values of a filter in a query.
MOST_VALUES = 100

_TEXTS = (
    *("desktop_id", "computer_name", "os_host_name", "ipv4", "ipv6", "status", "task_status", "login_status"),
    *("desktop_type", "attach_state", "availability_zone", "subnet_id", "enterprise_project_id", "os_version"),
    *("agent_version", "created"),
)
_FLAGS = ("in_maintenance_mode", "is_freeze", "isolated")


def desktop(answer: Response, row: Record) -> Record:
    """Check the record and add missing documented keys in place. Additional keys of the API are kept."""
    for key in _TEXTS:
        row[key] = text(answer, row, key)
    for key in _FLAGS:
        row[key] = boolean(answer, row, key)
    for key, parts in (
        ("attach_user_infos", ("user_id", "user_name", "domain", "user_group", "type")),
        ("tags", ("key", "value")),
        ("security_groups", ()),
    ):
        row[key] = objects(answer, row, key)
        for entry in row[key]:
            for part in parts:
                entry[part] = text(answer, entry, part)
    row["domain_status"] = integer(answer, row, "domain_status")
    row["ip_addresses"] = texts(answer, row, "ip_addresses")
    for key in ("metadata", "product"):
        if row.get(key) is None:
            row[key] = {}
    return row


LISTING = Listing(
    operation=operations.DESKTOPS_DETAIL,
    key="desktops",
    identity="desktop_id",
    complete=desktop,
    # 500 in the documentation, 1000 in the schema of the API Explorer.
    largest_limit=500,
    nothing=[("desktop_id", "00000000-0000-0000-0000-000000000000")],
)


def _simple(answer: Response, row: Record) -> Record:
    return {key: text(answer, row, key) for key in ("desktop_id", "pool_id")}


#: GET desktops, which returns the pool of each desktop. `desktops/detail` does not.
SIMPLE_LISTING = Listing(
    operation=operations.DESKTOPS,
    key="desktops",
    identity="desktop_id",
    complete=_simple,
    largest_limit=1000,
    nothing=[("desktop_id", "00000000-0000-0000-0000-000000000000")],
)


def read_desktops(project: Project, fields: Fields | None = None) -> list[Record]:
    """All desktops, sorted by name, then ID.

    @param fields: records the fields that no desktop has.
    @raises WorkspaceError: the list cannot be read completely.
    """
    listing = LISTING if fields is None else LISTING._replace(complete=fields.noted(LISTING.complete))
    return _sorted(read_all(project, listing, "The desktops"))


def _sorted(desktops: list[Record]) -> list[Record]:
    return sorted(desktops, key=lambda record: (record["computer_name"] or "", record["desktop_id"]))


class Filter(t.NamedTuple):
    """A filter with a list of values.

    @param key: the query parameter of the API.
    @param values: returns the values of a desktop.
    @param fixed: whether the values of a desktop never change.
    """

    key: str
    values: t.Callable[[Record], list[str | None]]
    fixed: bool = False


FILTERS = {
    "desktop_ids": Filter("desktop_id", lambda record: [record["desktop_id"]], fixed=True),
    "computer_names": Filter("computer_names", lambda record: [record["computer_name"]]),
    "user_names": Filter("user_names", lambda record: [user["user_name"] for user in record["attach_user_infos"]]),
}


def _choices(values: t.Sequence[str] | None, option: str, choices: t.Sequence[str]) -> tuple[str, ...]:
    chosen = filter_values(values, option)
    for value in chosen:
        if value not in choices:
            raise WorkspaceError(f"{option} is {value!r}, but must be one of {', '.join(choices)}.")
    return chosen


def _queries(lists: t.Mapping[str, t.Sequence[str]], common: Pairs) -> list[Pairs]:
    """The filters of each query: the values of one filter in batches, or none.

    Properties that can change while a list is read, such as the status, are compared in the records. Therefore, only
    IDs are sent in several batches, and users only if they fit into one.
    """
    for option, about in FILTERS.items():
        groups = batches(lists[option], about.key, MOST_VALUES)
        if len(groups) == 1 or (groups and about.fixed):
            return [[*((about.key, value) for value in group), *common] for group in groups]
    return [common]


def _matches_flags(record: Record, options: t.Mapping[str, t.Any]) -> bool:
    """Whether a desktop matches the filters with a single value."""
    wanted = options["enterprise_project_id"]
    if wanted is not None and record["enterprise_project_id"] not in (None, wanted):
        return False
    if options["in_maintenance_mode"] not in (None, bool(record["in_maintenance_mode"])):
        return False
    attached = bool(record["attach_user_infos"]) or record["attach_state"] == "ATTACHED"
    return options["user_attached"] in (None, attached)


def _pool_ids(project: Project, filters: t.Sequence[Pairs] = ((),)) -> dict[str, str | None]:
    """Desktop ID -> ID of its pool."""
    found = read_all(project, SIMPLE_LISTING, "The desktops", filters)
    return {record["desktop_id"]: record["pool_id"] or None for record in found}


def _add_pools(project: Project, desktops: list[Record]) -> None:
    """Add `pool_id` and `pool_name` to each desktop."""
    ids = [record["desktop_id"] for record in desktops]
    filters: list[Pairs] = [()]
    if len(ids) <= MOST_VALUES:
        filters = [
            [("desktop_id", desktop_id) for desktop_id in group] for group in batches(ids, "desktop_id", MOST_VALUES)
        ]
    pool_ids = _pool_ids(project, filters) if ids else {}
    names = {pool["id"]: pool["name"] for pool in read_pools(project)} if any(pool_ids.values()) else {}
    for record in desktops:
        record["pool_id"] = pool_ids.get(record["desktop_id"])
        record["pool_name"] = names.get(record["pool_id"])


def _pool_ids_around(project: Project, pools: t.Sequence[Record]) -> dict[str, str | None]:
    """Desktop ID -> ID of its pool, for all desktops of these pools and possibly others.

    For a single small pool, the filter of the service is used, and the result is accepted if its number of desktops
    matches that of the pool. Otherwise all desktops are read, because a desktop can leave a pool and return while
    several pages are read.
    """
    if len(pools) == 1 and 0 < (pools[0]["desktop_count"] or 0) <= MOST_VALUES:
        found = _pool_ids(project, [[("pool_id", pools[0]["id"])]])
        if list(found.values()).count(pools[0]["id"]) == pools[0]["desktop_count"]:
            return found
    return _pool_ids(project) if pools else {}


def _members(project: Project, pool_names: t.Sequence[str]) -> tuple[dict[str, Record], list[str]]:
    """The desktops of these pools, and the names and IDs without a pool.

    @returns: desktop ID -> `pool_id` and `pool_name`.
    @raises WorkspaceError: the desktops cannot be read completely.
    """
    named = matcher(pool_names)
    for _attempt in range(READINGS):
        pools = read_pools(project)
        selected = [pool for pool in pools if named([pool["id"], pool["name"]])]
        pool_ids = _pool_ids_around(project, selected)
        found = collections.Counter(pool_ids.values())
        short = [pool for pool in selected if (pool["desktop_count"] or 0) > found[pool["id"]]]
        if not short:
            chosen = {pool["id"]: pool["name"] for pool in selected}
            members = {
                desktop_id: {"pool_id": pool_id, "pool_name": chosen[pool_id]}
                for desktop_id, pool_id in pool_ids.items()
                if pool_id in chosen
            }
            return members, unmatched(pool_names, (pool[key] for pool in pools for key in ("id", "name")))
    raise WorkspaceError(
        f"The desktops of pool {short[0]['name']} are not known: the pool has {short[0]['desktop_count']} desktops, but"
        f" the service returns {found[short[0]['id']]} with its pool_id.",
        attempts=1,
    )


def _add_usage(project: Project, desktops: list[Record]) -> None:
    """Add the keys of `LAST_USE` to each desktop."""
    last_uses = read_last_uses(project) if desktops else {}
    for record in desktops:
        record.update(last_uses.get(record["desktop_id"]) or dict.fromkeys(LAST_USE))


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the desktops of a project.

    @param options: see the module `workspace_desktop_info`.
    @returns: a function from a project to the return values of the module. It raises `WorkspaceError` if the desktops
        cannot be read completely.
    @raises WorkspaceError: an option is wrong; the message names it.
    """
    lists = {option: filter_values(options[option], option) for option in FILTERS}
    matchers = {option: matcher(values) for option, values in lists.items()}
    statuses = _choices(options["status"], "status", DESKTOP_STATUSES)
    login_statuses = _choices(options["login_status"], "login_status", CONNECT_STATUSES)
    tags = tag_values(options["tags"])
    common: list[tuple[str, str]] = []
    if options["enterprise_project_id"] is not None:
        filter_values([options["enterprise_project_id"]], "enterprise_project_id")
        common.append(("enterprise_project_id", options["enterprise_project_id"]))
    pool_names = filter_values(options["pool_names"], "pool_names")
    compared = {option: fields for option, fields in _COMPARED.items() if options[option] is not None}

    def wanted(record: Record) -> bool:
        return (
            all(match(FILTERS[option].values(record)) for option, match in matchers.items())
            and (not statuses or record["status"] in statuses)
            and (not login_statuses or record["login_status"] in login_statuses)
            and tags <= {(tag["key"], tag["value"] or "") for tag in record["tags"]}
            and _matches_flags(record, options)
        )

    def read(project: Project) -> dict[str, t.Any]:
        members, unmatched_pool_names = _members(project, pool_names) if pool_names else (None, [])
        few = {"desktop_ids": tuple(members)} if members and len(members) <= MOST_VALUES else {}
        fields = Fields(field for alternatives in compared.values() for field in alternatives)
        listing = LISTING._replace(complete=fields.noted(LISTING.complete))
        found = read_all(project, listing, "The desktops", _queries({**lists, **few}, common))
        if found:
            fields.require(compared, "desktop")
        desktops = _sorted([record for record in found if wanted(record)])
        if members is not None:
            desktops = [
                record | members[record["desktop_id"]] for record in desktops if record["desktop_id"] in members
            ]
        elif options["pools"]:
            _add_pools(project, desktops)
        if options["usage"]:
            _add_usage(project, desktops)
        return {
            "desktops": desktops,
            "total_count": len(desktops),
            "status_counts": count_statuses(desktops, "status", DESKTOP_STATUSES),
            "login_status_counts": count_statuses(desktops, "login_status", CONNECT_STATUSES),
            **{
                f"unmatched_{option}": unmatched(
                    values, (value for record in desktops for value in FILTERS[option].values(record))
                )
                for option, values in lists.items()
            },
            "unmatched_pool_names": unmatched_pool_names,
        }

    return read
