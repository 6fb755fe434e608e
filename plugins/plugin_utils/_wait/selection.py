# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The desktops of a check: the info modules to run for the options, and the combination of their results.

Each option is queried separately, so that a value without a match is missing in the whole project, and not only among
the desktops that other options select. Desktops that match all options are selected. This file sends no requests and
does not use Ansible.
"""

from __future__ import annotations

import typing as t

from ...module_utils._http.errors import WorkspaceError
from ...module_utils._reading.filters import filter_values, unmatched
from ...module_utils._reading.statuses import CONNECT_STATUSES, count_statuses

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record

    Result = t.Mapping[str, t.Any]
    #: A module, without the name of the collection, and its options.
    Question = tuple[str, dict[str, t.Any]]

CONNECT_DESKTOPS = "workspace_connect_desktops_info"
DESKTOPS = "workspace_desktop_info"
USERS = "workspace_user_info"

#: The options that select desktops. Without any of them all desktops are selected.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "user_names": {"type": "list", "elements": "str"},
    "computer_names": {"type": "list", "elements": "str"},
    "desktop_ids": {"type": "list", "elements": "str"},
    "pool_names": {"type": "list", "elements": "str"},
    "tags": {"type": "dict"},
    "resolve_groups": {"type": "bool", "default": False},
}

#: The result keys of values that were not found.
UNMATCHED = ("unmatched_user_names", "unmatched_computer_names", "unmatched_desktop_ids", "unmatched_pool_names")

#: A hibernated desktop keeps the session of its user, which may contain unsaved work.
_HIBERNATED = "HIBERNATED"


def status_of(shown: Record | None, detailed: Record | None, free_statuses: t.Collection[str]) -> str | None:
    """The status of a desktop according to both sources. It is not free if one of them reports that it is in use.

    @param shown: the record of connect-desktops; `None` if it is missing, and the desktop then counts as in use.
    @param detailed: the record of `desktops/detail`; likewise.
    @returns: a status, or `None` if the desktop counts as in use without a status.
    """
    statuses: list[str | None] = [
        shown["connect_status"] if shown else None,
        detailed["login_status"] if detailed else None,
    ]
    in_use = [status for status in statuses if status not in free_statuses]
    if in_use:
        return next(filter(None, in_use), None)
    return _HIBERNATED if detailed and detailed["status"] == _HIBERNATED else statuses[0]


def _as_shown(detailed: Record) -> Record:
    """Convert a record to the format of connect-desktops, for a desktop that is missing there."""
    return {
        "desktop_id": detailed["desktop_id"],
        "desktop_name": detailed["computer_name"],
        "attach_users": [
            {"id": user["user_id"], "name": user["user_name"], "user_group": user["user_group"], "type": user["type"]}
            for user in detailed["attach_user_infos"]
        ],
    }


def _assigned_to(shown: Record | None, detailed: Record | None) -> set[str]:
    """The lower-case names and the IDs of the users and groups of a desktop from both sources."""
    entries = [(user["id"], user["name"]) for user in (shown["attach_users"] if shown else ())]
    entries += [(user["user_id"], user["user_name"]) for user in (detailed["attach_user_infos"] if detailed else ())]
    return {key for user_id, name in entries for key in (user_id, (name or "").lower()) if key}


def _names_and_groups(user_names: t.Sequence[str], users: t.Iterable[Record]) -> dict[str, set[str]]:
    """User name -> the values of `_assigned_to` that belong to the user or a group of the user.

    @param users: users with their groups.
    """
    groups: dict[str, set[str]] = {}
    for user in users:
        keys = {key for group in user["groups"] for key in (group["group_id"], (group["group_name"] or "").lower())}
        groups.setdefault((user["user_name"] or "").lower(), set()).update(keys - {""})
    return {name: {name.lower()} | groups.get(name.lower(), set()) for name in user_names}


def _has_group(shown: Record | None, detailed: Record | None) -> bool:
    entries = (*(shown["attach_users"] if shown else ()), *(detailed["attach_user_infos"] if detailed else ()))
    return any("GROUP" in (entry["type"] or "") for entry in entries)


def _unresolved(count: int) -> str:
    desktops = "1 desktop that the other options select is"
    if count > 1:
        desktops = f"{count} desktops that the other options select are"
    return (
        f"{desktops} assigned to user groups and not checked. Set resolve_groups to check the desktops of groups that"
        " have one of the user_names as a member."
    )


class Selection:
    """The options that select the desktops of a check.

    @param options: the options of `ARGUMENTS`, with the right types.
    @raises WorkspaceError: an option is wrong; the message names it.
    """

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self._given = {name: options[name] for name in ARGUMENTS if options[name] not in (None, False)}
        for name, value in self._given.items():
            if ARGUMENTS[name]["type"] == "list":
                filter_values(value, name)
        if "resolve_groups" in self._given and "user_names" not in self._given:
            raise WorkspaceError("resolve_groups needs user_names: it adds the desktops of the groups of these users.")
        self._of_details = [name for name in self._given if name not in ("user_names", "resolve_groups")]
        self._both_sources = bool(self._of_details) or "resolve_groups" in self._given

    @property
    def shown(self) -> dict[str, list[str]]:
        """The options that are set, with their values as strings."""
        found = {name: value for name, value in self._given.items() if isinstance(value, list)}
        if "tags" in self._given:
            found["tags"] = [f"{key}={value}" for key, value in self._given["tags"].items()]
        if "resolve_groups" in self._given:
            found["resolve_groups"] = ["true"]
        return found

    def questions(self) -> list[Question]:
        """The modules to run for each check, in this order."""
        if not self._both_sources:
            return [(CONNECT_DESKTOPS, dict(self._given))]
        details = [(DESKTOPS, {name: self._given[name]}) for name in self._of_details] or [(DESKTOPS, {})]
        # All users, because the service may not find a name with a different letter case.
        groups = [(USERS, {"groups": True})] if "resolve_groups" in self._given else []
        return [(CONNECT_DESKTOPS, {}), *details, *groups]

    def joined(self, answers: t.Sequence[Result], free_statuses: t.Collection[str]) -> dict[str, t.Any]:
        """Combine the results of the modules.

        @param answers: the successful results of `questions`, in their order.
        @returns: the result of workspace_connect_desktops_info for the selected desktops, with all keys of `UNMATCHED`
            and the `connect_status` of `status_of`. `known_desktops` contains the names and IDs of all desktops of the
            project; it is `None` if they were not read.
        """
        first = answers[0]
        everything = {record["desktop_id"]: record for record in first["desktops"]}
        result = {**{name: [] for name in UNMATCHED}, **first}
        if self._both_sources:
            result.update(self._by_both(everything, answers[1:], free_statuses))
        known = [*first["desktops"], *result["desktops"]]
        whole = self._both_sources or not self._given
        result["known_desktops"] = (
            {record[key] for record in known for key in ("desktop_id", "desktop_name")} if whole else None
        )
        result["warnings"] = [
            *(warning for answer in answers for warning in answer.get("warnings") or ()),
            *result.pop("more_warnings", ()),
        ]
        return result

    def _by_both(
        self, everything: t.Mapping[str, Record], answers: t.Sequence[Result], free_statuses: t.Collection[str]
    ) -> dict[str, t.Any]:
        """The selected desktops according to both sources."""
        detailed = {record["desktop_id"]: record for answer in answers for record in answer.get("desktops", ())}
        both = {
            desktop_id: (everything.get(desktop_id), detailed.get(desktop_id))
            for desktop_id in everything.keys() | detailed.keys()
        }
        chosen = set(both)
        found: dict[str, t.Any] = {}
        for option, answer in zip(self._of_details, answers):
            chosen &= {record["desktop_id"] for record in answer["desktops"]}
            if option == "pool_names":
                # A pool without desktops also counts as not found.
                pools = [record[key] for record in answer["desktops"] for key in ("pool_id", "pool_name")]
                found["unmatched_pool_names"] = unmatched(self._given[option], pools)
            elif option != "tags":
                found[f"unmatched_{option}"] = answer[f"unmatched_{option}"]
        if "user_names" in self._given:
            wanted = _names_and_groups(self._given["user_names"], answers[-1].get("users", ()))
            assigned = {desktop_id: _assigned_to(*records) for desktop_id, records in both.items()}
            anyone, everybody = set().union(*wanted.values()), set().union(*assigned.values())
            missing = {name for name, keys in wanted.items() if everybody.isdisjoint(keys)}
            if "resolve_groups" in self._given:
                # The groups of a user who is not in the directory are not known.
                missing.update(unmatched(wanted, (user["user_name"] for user in answers[-1]["users"])))
            found["unmatched_user_names"] = [name for name in wanted if name in missing]
            of_users = {desktop_id for desktop_id in chosen if not assigned[desktop_id].isdisjoint(anyone)}
            of_groups = sum(_has_group(*both[desktop_id]) for desktop_id in chosen - of_users)
            if of_groups and "resolve_groups" not in self._given:
                found["more_warnings"] = [_unresolved(of_groups)]
            chosen = of_users
        desktops = []
        for desktop_id in chosen:
            shown, detail = both[desktop_id]
            status = status_of(shown, detail, free_statuses)
            desktops.append({**(shown or _as_shown(detailed[desktop_id])), "connect_status": status})
        desktops.sort(key=lambda record: (record["desktop_name"] or "", record["desktop_id"]))
        return {
            "desktops": desktops,
            "total_count": len(desktops),
            "connect_status_counts": count_statuses(desktops, "connect_status", CONNECT_STATUSES),
            **found,
        }
