# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Select desktops in detail, with their pools and usage, which come from other operations.

How the service compares names is not documented, so its results are compared again, ignoring only letter case.
"""

from __future__ import annotations

import collections
import typing as t

from .._http import errors, timestamps
from .._reading import filters, listing, records, statuses
from . import desktop_pools, desktops_detail, usage

if t.TYPE_CHECKING:
    from .._reading.project import Project

#: The options of `workspace_desktop_info`, which the inventory plugin `workspace_desktops` also has.
ARGUMENTS = {
    "desktop_ids": {"type": "list", "elements": "str"},
    "computer_names": {"type": "list", "elements": "str"},
    "user_names": {"type": "list", "elements": "str"},
    "status": {"type": "list", "elements": "str", "choices": list(statuses.DESKTOP_STATUSES)},
    "login_status": {"type": "list", "elements": "str", "choices": list(statuses.CONNECT_STATUSES)},
    "tags": {"type": "dict"},
    "in_maintenance_mode": {"type": "bool"},
    "user_attached": {"type": "bool"},
    "enterprise_project_id": {"type": "str"},
    "pools": {"type": "bool", "default": False},
    "pool_names": {"type": "list", "elements": "str"},
    "usage": {"type": "bool", "default": False},
}

#: The maximum number of values of a filter in a query.
MOST_VALUES = 100


class Filter(t.NamedTuple):
    """A filter with a list of values.

    @param key: the query parameter of the API.
    @param field: the field that it compares.
    @param values: returns the values of a desktop, `None` for one that is not known; or `None` if none of them is known.
    @param fixed: whether the values of a desktop never change.
    """

    key: str
    field: str
    values: t.Callable[[records.Record], list[str | None] | None]
    fixed: bool = False


def _user_names(record: records.Record) -> list[str | None] | None:
    """The names of the users and groups of a desktop. A group without a name is not a user."""
    users = record["attach_user_infos"]
    return users and [user["user_name"] for user in users if user["user_name"] or not records.is_group(user)]


FILTERS = {
    "desktop_ids": Filter("desktop_id", "desktop_id", filters.value_of("desktop_id"), fixed=True),
    "computer_names": Filter("computer_names", "computer_name", filters.value_of("computer_name")),
    "user_names": Filter("user_names", "attach_user_infos.user_name", _user_names),
}


def _values(option: str, desktops: t.Iterable[records.Record]) -> list[str | None]:
    return [value for record in desktops for value in FILTERS[option].values(record) or ()]


def _attached(wanted: bool) -> filters.Condition:
    def holds(record: records.Record) -> bool | None:
        users, state = record["attach_user_infos"], record["attach_state"]
        if users is None and state is None:
            return None
        return wanted == bool(users or state == "ATTACHED")

    return holds


def _tagged(wanted: t.Collection[tuple[str, str]]) -> filters.Condition:
    def holds(record: records.Record) -> bool | None:
        if record["tags"] is None:
            return None
        return {(tag["key"], tag["value"] or "") for tag in record["tags"]}.issuperset(wanted)

    return holds


def _conditions(options: t.Mapping[str, t.Any], lists: t.Mapping[str, t.Sequence[str]]) -> filters.Conditions:
    """The filters that are set, apart from statuses and pools.

    @raises WorkspaceError: an option is wrong.
    """
    fields = ("enterprise_project_id", "in_maintenance_mode")
    filters.check_enterprise_project(options["enterprise_project_id"])
    found = filters.compared(options, dict(zip(fields, fields)))
    found |= {
        option: (about.field, filters.has_name(lists[option], about.values))
        for option, about in FILTERS.items()
        if lists[option]
    }
    if options["tags"] is not None:
        found["tags"] = ("tags", _tagged(filters.tag_values(options["tags"])))
    if options["user_attached"] is not None:
        found["user_attached"] = ("attach_user_infos", _attached(options["user_attached"]))
    return found


def _find(project: Project, lists: t.Mapping[str, t.Sequence[str]]) -> tuple[list[records.Record], bool]:
    """The desktops that may match these lists and possibly others, and whether these are all desktops of the project.

    The values of one list are sent; those of the others are compared in the records. Only IDs are sent in several
    batches, because other properties can change between queries. If the service does not find a value in this spelling,
    all desktops are read, because it may respect the letter case.
    """
    for option, about in FILTERS.items():
        groups = filters.batches(lists[option], about.key, MOST_VALUES)
        if len(groups) == 1 or (groups and about.fixed):
            queries = [[(about.key, value) for value in group] for group in groups]
            found = listing.read_all(project, desktops_detail.LISTING, queries)
            if set(lists[option]) <= set(_values(option, found)):
                return found, False
            break
    return listing.read_all(project, desktops_detail.LISTING), True


def _unknown_members(
    pool_ids: t.Mapping[str, str | None], pools: t.Iterable[records.Record], only_these: bool
) -> str | None:
    """Why the desktops of these pools are not known; `None` if they are.

    @param pool_ids: desktop ID -> ID of its pool.
    @param only_these: whether all desktops of these pools are needed, not only the pool of each desktop.
    """
    found = collections.Counter(pool_ids.values())
    absent = bool(pool_ids) and len(pool_ids) == found[None]
    for pool in pools if absent or only_these else ():
        reported, with_its_id = pool["desktop_count"], found[pool["id"]]
        if (absent if reported is None else reported) > with_its_id:
            return (
                f"The desktops of pool {pool['name']} are not known: the pool has"
                f" {'an unknown number of' if reported is None else reported} desktops, but the service returns"
                f" {with_its_id} with its pool_id."
            )
    return None


def _find_members(
    project: Project, members: t.Collection[str], pools: t.Iterable[records.Record]
) -> tuple[list[records.Record], bool]:
    """As `_find`, for the members of these pools. All desktops are read if there may be more members."""
    lists: dict[str, t.Sequence[str]] = dict.fromkeys(FILTERS, ())
    if len(members) <= MOST_VALUES and all(pool["desktop_count"] is not None for pool in pools):
        lists["desktop_ids"] = sorted(members)
        if not members:
            return [], False
    return _find(project, lists)


def _find_with_pools(
    project: Project, lists: t.Mapping[str, t.Sequence[str]], pool_names: t.Sequence[str]
) -> tuple[list[records.Record], bool, list[records.Record]]:
    """As `_find`, with `pool_id` and `pool_name` of each desktop, and all pools.

    `desktops/detail` does not return pools, `GET desktops` does. Desktops of pools are chosen from all desktops,
    because a desktop can leave a pool and return while a filtered list is read.

    @param pool_names: only desktops of these pools, by name or ID.
    @raises WorkspaceError: the desktops cannot be read completely, or the two operations do not agree.
    """
    is_selected, is_wanted = filters.matcher(pool_names), filters.matcher(lists["desktop_ids"])
    problem = None
    for _attempt in range(listing.READINGS):
        pools = {pool["id"]: pool for pool in listing.read_all(project, desktop_pools.LISTING)}
        pool_ids = {
            one["desktop_id"]: one["pool_id"] for one in listing.read_all(project, desktops_detail.SIMPLE_LISTING)
        }
        selected = {pool_id: pool for pool_id, pool in pools.items() if is_selected([pool_id, pool["name"]])}
        problem = _unknown_members(pool_ids, selected.values(), bool(pool_names))
        if problem:
            continue
        members: set[str] = set()
        if pool_names:
            members = {one for one, pool_id in pool_ids.items() if pool_id in selected and is_wanted([one])}
            found, everything = _find_members(project, members, selected.values())
        else:
            found, everything = _find(project, lists)
        ids = {one["desktop_id"] for one in found}
        lost = (members - ids) | (ids - pool_ids.keys())
        if not lost:
            for one in found:
                one["pool_id"] = pool_ids[one["desktop_id"]] or None
                one["pool_name"] = pools[one["pool_id"]]["name"] if one["pool_id"] in pools else None
            chosen = [one for one in found if one["desktop_id"] in members] if pool_names else found
            return chosen, everything and not pool_names, list(pools.values())
        problem = (
            "The pools of the desktops are not known: desktops/detail and GET desktops do not both return"
            f" {filters.some_of(sorted(lost))}, in {listing.READINGS} attempts."
        )
    raise errors.WorkspaceError(str(problem), attempts=1)


def _add_usage(project: Project, desktops: list[records.Record]) -> None:
    now = timestamps.utc_now()
    used = usage.read_usage(project) if desktops else {}
    for record in desktops:
        record.update(usage.last_use(used.get(record["desktop_id"]), now))


def prepare(options: t.Mapping[str, t.Any]) -> t.Callable[[Project], dict[str, t.Any]]:
    """Check the options, and return a function that reads the desktops of a project. See `Prepare` in `_module`."""
    lists = {option: filters.filter_values(options[option], option) for option in FILTERS}
    conditions = _conditions(options, lists)
    of_options = {option: filters.filter_values(options[option], option) for option in ("status", "login_status")}
    pool_names = filters.filter_values(options["pool_names"], "pool_names")

    def read(project: Project) -> dict[str, t.Any]:
        pools: list[records.Record] = []
        if pool_names or options["pools"]:
            found, everything, pools = _find_with_pools(project, lists, pool_names)
        else:
            found, everything = _find(project, lists)
        desktops = found
        for option, wanted in of_options.items():
            desktops = statuses.in_statuses(desktops, option, option, wanted)
        desktops = filters.choose(desktops, conditions, "desktop", "desktop_id")
        if options["usage"]:
            _add_usage(project, desktops)
        of_pools = [pool[key] for pool in pools for key in ("id", "name")]
        warnings = filters.unknown_enterprise_project(options["enterprise_project_id"], found, "desktop")
        for option, noun in (("computer_names", "desktop"), ("user_names", "user of a desktop")):
            known = _values(option, found) if everything else []
            warnings += filters.suggestions(lists[option], known, option, noun)
        warnings += filters.suggestions(pool_names, of_pools, "pool_names", "desktop pool")
        result = _result(desktops, lists)
        return {**result, "unmatched_pool_names": filters.unmatched(pool_names, of_pools), "warnings": warnings}

    return read


def _result(desktops: list[records.Record], lists: t.Mapping[str, t.Sequence[str]]) -> dict[str, t.Any]:
    missing = {
        f"unmatched_{option}": filters.unmatched(values, _values(option, desktops)) for option, values in lists.items()
    }
    return {
        "desktops": desktops,
        "missing_fields": records.fill_lists(desktops, "desktop_id", "attach_user_infos", "tags"),
        "total_count": len(desktops),
        "status_counts": statuses.count_statuses(desktops, "status", statuses.DESKTOP_STATUSES),
        "login_status_counts": statuses.count_statuses(desktops, "login_status", statuses.CONNECT_STATUSES),
        **missing,
    }
