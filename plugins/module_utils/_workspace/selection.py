# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which desktops a check is about: what to ask the info modules, and what their answers say together.

Each option is asked on its own, so that what it does not find is missing from the project and not only from what the other
options select. The desktops that all options return are selected. It sends no request and knows no Ansible.
"""

from __future__ import annotations

import typing as t

from .._http.errors import WorkspaceError
from .filters import filter_values, unmatched
from .statuses import CONNECT_STATUSES, count_statuses

if t.TYPE_CHECKING:
    from .records import Record

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

#: What a result says of the values that were asked for and not found.
UNMATCHED = ("unmatched_user_names", "unmatched_computer_names", "unmatched_desktop_ids", "unmatched_pool_names")

#: A hibernated desktop keeps the session of its user, with what is not saved.
_HIBERNATED = "HIBERNATED"


def status_of(shown: Record | None, detailed: Record | None, free_statuses: t.Collection[str]) -> str | None:
    """The status of a desktop by both sources, one that is not free if either of them says so.

    @param shown: of connect-desktops; `None` if it does not show the desktop, which then counts as in use.
    @param detailed: of `desktops/detail`; the same.
    @returns: a status, or `None` if the desktop is in use and no source says why.
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
    """The record in the form of connect-desktops, which does not show the desktop."""
    return {
        "desktop_id": detailed["desktop_id"],
        "desktop_name": detailed["computer_name"],
        "attach_users": [
            {"id": user["user_id"], "name": user["user_name"], "user_group": user["user_group"], "type": user["type"]}
            for user in detailed["attach_user_infos"]
        ],
    }


def _assigned_to(shown: Record | None, detailed: Record | None) -> set[str]:
    """The names in lower case and the IDs of the users and groups of a desktop, by both sources."""
    entries = [(user["id"], user["name"]) for user in (shown["attach_users"] if shown else ())]
    entries += [(user["user_id"], user["user_name"]) for user in (detailed["attach_user_infos"] if detailed else ())]
    return {key for user_id, name in entries for key in (user_id, (name or "").lower()) if key}


def _names_and_groups(user_names: t.Sequence[str], users: t.Iterable[Record]) -> dict[str, set[str]]:
    """For each of the names what `_assigned_to` has of the user, or of a group of the user.

    @param users: with their groups.
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
        f"{desktops} assigned to user groups and not checked: set resolve_groups to check those whose groups have one of the"
        " user_names as a member."
    )


class Selection:
    """What selects the desktops of a check.

    @param options: those of `ARGUMENTS`, of the right types.
    @raises WorkspaceError: an option is wrong, named in the message.
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
        """Each option that is given, with its values as text."""
        found = {name: value for name, value in self._given.items() if isinstance(value, list)}
        if "tags" in self._given:
            found["tags"] = [f"{key}={value}" for key, value in self._given["tags"].items()]
        if "resolve_groups" in self._given:
            found["resolve_groups"] = ["true"]
        return found

    def questions(self) -> list[Question]:
        """The modules to ask at each look, in this order."""
        if not self._both_sources:
            return [(CONNECT_DESKTOPS, dict(self._given))]
        details = [(DESKTOPS, {name: self._given[name]}) for name in self._of_details] or [(DESKTOPS, {})]
        # Of all users, as the service may find no user by a name in another letter case.
        groups = [(USERS, {"groups": True})] if "resolve_groups" in self._given else []
        return [(CONNECT_DESKTOPS, {}), *details, *groups]

    def joined(self, answers: t.Sequence[Result], free_statuses: t.Collection[str]) -> dict[str, t.Any]:
        """What successful answers say together.

        @param answers: to `questions`, in their order.
        @returns: the result of workspace_connect_desktops_info for the selected desktops, with all keys of `UNMATCHED`. In
            it `known_desktops` are the names and IDs of all desktops of the project, `None` if they were not read, and the
            `connect_status` of a desktop is that of `status_of`.
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
        """What both sources say of the selected desktops."""
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
                # A pool without desktops is not found either.
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
                # The groups of a user that the directory does not have are not known.
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
