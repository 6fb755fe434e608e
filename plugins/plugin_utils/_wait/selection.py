# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The desktops of a check: which lists are read, and which of their desktops the options select.

Whether an option selects a desktop is yes, no or not known (`None`): a list may lack the desktop, and a record a field.
Each option is compared with all desktops of the project, so a value is only missing if the whole project lacks it. This
file sends no requests and does not use Ansible.
"""

from __future__ import annotations

import typing as t

from ...module_utils._http.errors import WorkspaceError
from ...module_utils._reading.filters import filter_values, some_of, tag_values
from ...module_utils._reading.records import is_group
from ...module_utils._reading.statuses import CONNECT_STATUSES
from ...module_utils._workspace.desktops_detail import as_connect_desktop

if t.TYPE_CHECKING:
    from ...module_utils._reading.records import Record

    Result = t.Mapping[str, t.Any]
    #: A module, without the name of the collection, and its options.
    Question = tuple[str, dict[str, t.Any]]

CONNECT_DESKTOPS = "workspace_connect_desktops_info"
DESKTOPS = "workspace_desktop_info"
USERS = "workspace_user_info"

#: Reads all desktops with their connection status.
EVERY_DESKTOP: Question = (CONNECT_DESKTOPS, {})

#: The option with the statuses of desktops that are not in use.
FREE_STATUSES: dict[str, t.Any] = {
    "type": "list",
    "elements": "str",
    "choices": list(CONNECT_STATUSES),
    "default": ["REGISTERED", "UNREGISTER"],
}

#: The options that select desktops. Without any of them all desktops are selected.
SELECTION: dict[str, dict[str, t.Any]] = {
    "user_names": {"type": "list", "elements": "str"},
    "computer_names": {"type": "list", "elements": "str"},
    "desktop_ids": {"type": "list", "elements": "str"},
    "pool_names": {"type": "list", "elements": "str"},
    "tags": {"type": "dict"},
    "resolve_groups": {"type": "bool", "default": False},
}

#: The options whose values may be unmatched.
LISTS = ("user_names", "computer_names", "desktop_ids", "pool_names")

#: A hibernated desktop keeps the session of its user, which may contain unsaved work.
_HIBERNATED = "HIBERNATED"


class Both(t.NamedTuple):
    """A desktop in both lists; `None` where a list does not contain it.

    @param shown: the record of connect-desktops.
    @param detail: the record of `desktops/detail`.
    """

    desktop_id: str
    shown: Record | None
    detail: Record | None

    @property
    def label(self) -> str:
        """Its name for messages, or its ID if it has no name."""
        return next(iter(self.names), self.desktop_id)

    @property
    def names(self) -> list[str]:
        """Its names; there are two if it was renamed between the lists."""
        names = (self.shown and self.shown["desktop_name"], self.detail and self.detail["computer_name"])
        return [name for name in names if name]

    def record(self, free_statuses: t.Collection[str]) -> Record:
        """The desktop in the format of connect-desktops, with its status according to both lists.

        It is not free if one of them reports that it is in use, or does not contain it.
        """
        record = self.shown or as_connect_desktop(t.cast("Record", self.detail))
        statuses = [self.shown and self.shown["connect_status"], self.detail and self.detail["login_status"]]
        in_use = [status for status in statuses if status not in free_statuses]
        hibernated = self.detail and self.detail["status"] == _HIBERNATED
        status = next(filter(None, in_use), None) if in_use else _HIBERNATED if hibernated else statuses[0]
        return {**record, "attach_users": record["attach_users"] or [], "connect_status": status}


class Selected(t.NamedTuple):
    """The desktops that the options select.

    @param desktops: their records in the format of connect-desktops, sorted by name, then ID.
    @param unmatched: option -> the values that no desktop of the project has.
    @param values: option -> the values that desktops have.
    @param known: the names and IDs of all desktops; `None` if not all were read.
    @param undetailed: the names of desktops that may be selected, but are missing in `desktops/detail`.
    @param incomplete: the names of desktops that may be selected, but whose records lack a field.
    @param pools: the names and IDs of their pools in lower case; empty if the pools are not known.
    """

    desktops: list[Record]
    unmatched: dict[str, list[str]]
    values: dict[str, set[str]]
    known: set[str] | None = None
    undetailed: t.Sequence[str] = ()
    incomplete: t.Sequence[str] = ()
    warnings: t.Sequence[t.Any] = ()
    pools: t.Collection[str] = ()


#: What a desktop has of an option: key -> text for messages, and whether it has nothing else. Keys are in lower case.
_Found = tuple[dict[str, str], bool]

#: The beginning of the keys of user groups, which may have the name of a user.
_GROUP = "group "


def _values(values: t.Iterable[str | None], complete: bool = True) -> _Found:
    return {value.lower(): value for value in values if value}, complete


def _users(desktop: Both) -> _Found:
    """The users and groups to which a desktop is assigned, according to both lists."""
    lists = [
        record[key]
        for record, key in ((desktop.shown, "attach_users"), (desktop.detail, "attach_user_infos"))
        if record and record[key] is not None
    ]
    entries = [
        (entry.get("id") or entry.get("user_id"), entry.get("name") or entry.get("user_name"), is_group(entry))
        for entries in lists
        for entry in entries
    ]
    found, complete = _values((name for _id, name, _group in entries), bool(lists))
    named = {entry_id for entry_id, name, _group in entries if name}
    for entry_id, name, group in entries:
        if group is not False:
            found.update({_GROUP + key.lower(): "" for key in (entry_id, name) if key})
        # The ID of a group is enough, because the name of a group is not the name of a user.
        complete = complete and bool(name or entry_id in named or (entry_id and group))
    return found, complete


def _pools(desktop: Both) -> _Found:
    if desktop.detail is None:
        return {}, False
    pool_id, name = desktop.detail["pool_id"], desktop.detail["pool_name"]
    return _values((pool_id, name), not pool_id or bool(name))


_FOUND: dict[str, t.Callable[[Both], _Found]] = {
    "user_names": _users,
    "computer_names": lambda desktop: _values(desktop.names, bool(desktop.names)),
    "desktop_ids": lambda desktop: _values([desktop.desktop_id]),
    "pool_names": _pools,
}


class _Compared:
    """An option that was compared with all desktops.

    @param wanted: value -> the keys that match it.
    @param found: desktop ID -> what the desktop has.
    """

    def __init__(self, wanted: t.Mapping[str, t.Collection[str]], found: t.Mapping[str, _Found]) -> None:
        keys = {key for several in wanted.values() for key in several}
        #: Whether the option selects a desktop.
        self.answers = {
            one: True if not keys.isdisjoint(has) else False if complete else None
            for one, (has, complete) in found.items()
        }
        self.has = {key: text for has, _complete in found.values() for key, text in has.items()}
        self.absent = [value for value, keys in wanted.items() if self.has.keys().isdisjoint(keys)]
        #: The desktops that may have an absent value.
        self.unclear = {one for one, (_has, complete) in found.items() if self.absent and not complete}


def _all_of(*answers: bool | None) -> bool | None:
    return False if False in answers else None if None in answers else True


def _groups_of(users: t.Iterable[Record]) -> dict[str, set[str]]:
    """Lower-case user name -> the keys of the groups of the user."""
    groups: dict[str, set[str]] = {}
    for user in users:
        keys = (key for group in user["groups"] for key in (group["group_id"], group["group_name"]))
        groups.setdefault((user["user_name"] or "").lower(), set()).update(_GROUP + key.lower() for key in keys if key)
    return groups


def _with_null(result: Result) -> list[Record]:
    """The desktops of a result, with null in the fields that the service did not return."""
    missing = {key: set(ids) for key, ids in result["missing_fields"].items()}
    return [
        {**record, **{key: None for key, ids in missing.items() if record["desktop_id"] in ids}}
        for record in result["desktops"]
    ]


class Selection:
    """The options that select the desktops of a check.

    @param options: the options of `SELECTION`, with the right types.
    @raises WorkspaceError: an option is wrong; the message names it.
    """

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self._given = {name: options[name] for name in SELECTION if options[name] not in (None, False)}
        self._lists = {name: filter_values(self._given[name], name) for name in LISTS if name in self._given}
        self._tags = tag_values(options["tags"])
        self._resolve = "resolve_groups" in self._given
        if self._resolve and "user_names" not in self._given:
            raise WorkspaceError("resolve_groups needs user_names: it adds the desktops of the groups of these users.")
        self._both_lists = bool(self._given.keys() - {"user_names"})

    @property
    def shown(self) -> dict[str, list[str]]:
        """The options that are set, with their values as strings."""
        found = {name: list(values) for name, values in self._lists.items()}
        if self._tags:
            found["tags"] = [f"{key}={value}" for key, value in self._given["tags"].items()]
        if self._resolve:
            found["resolve_groups"] = ["true"]
        return found

    def questions(self) -> list[Question]:
        """The modules to run for each check, in this order."""
        if not self._both_lists:
            return [(CONNECT_DESKTOPS, dict(self._given))]
        pools = {"pools": True} if "pool_names" in self._given else {}
        # All users, because the service may not find a name with a different letter case.
        groups = [(USERS, {"groups": True})] if self._resolve else []
        return [EVERY_DESKTOP, (DESKTOPS, pools), *groups]

    def read(
        self, ask: t.Callable[[str, dict[str, t.Any]], Result], free_statuses: t.Collection[str]
    ) -> tuple[Selected, list[Result]]:
        """Ask the questions, and ask them again if the lists contradict each other.

        @param ask: runs a module with its options and returns the successful result.
        @returns: the selected desktops, and the results that they are from.
        """
        for _reading in range(2):
            results = [ask(*question) for question in self.questions()]
            selected = self.selected(results, free_statuses)
            if not selected.undetailed:
                break
        return selected, results

    def selected(self, results: t.Sequence[Result], free_statuses: t.Collection[str]) -> Selected:
        """The selected desktops.

        @param results: the successful results of `questions`, in their order.
        """
        shown = results[0]["desktops"]
        if self._both_lists:
            users = results[2]["users"] if self._resolve else ()
            selected = self._decide(_with_null(results[0]), _with_null(results[1]), users, free_statuses)
        else:
            known = None if self._given else {record[key] for record in shown for key in ("desktop_id", "desktop_name")}
            selected = Selected(shown, {name: results[0][f"unmatched_{name}"] for name in self._lists}, {}, known)
        warnings = [warning for result in results for warning in result.get("warnings") or ()]
        return selected._replace(warnings=[*warnings, *selected.warnings])

    def _decide(
        self,
        shown: t.Iterable[Record],
        detailed: t.Iterable[Record],
        users: t.Iterable[Record],
        free_statuses: t.Collection[str],
    ) -> Selected:
        """The selected desktops according to both lists.

        @param shown: all desktops of connect-desktops.
        @param detailed: all desktops of `desktops/detail`; with `pool_id` and `pool_name` if there are `pool_names`.
        @param users: all users with their groups; only used for `resolve_groups`.
        """
        by_id, details = ({record["desktop_id"]: record for record in records} for records in (shown, detailed))
        desktops = {one: Both(one, by_id.get(one), details.get(one)) for one in by_id.keys() | details.keys()}
        compared = self._compared(desktops, users)
        not_known = set().union(*(option.unclear for option in compared.values()))
        chosen: list[Record] = []
        may_be_member: list[str] = []
        pools: set[str] = set()
        for one, both in desktops.items():
            answers = {name: option.answers[one] for name, option in compared.items()}
            of_user = answers.pop("user_names", True)
            others = _all_of(self._has_tags(both), *answers.values())
            answer = _all_of(of_user, others)
            if answer:
                chosen.append(both.record(free_statuses))
                pools.update(_pools(both)[0] if "pool_names" in compared else ())
            elif answer is None:
                not_known.add(one)
            elif others and not self._resolve and any(key.startswith(_GROUP) for key in _users(both)[0]):
                may_be_member.append(both.label)
        text = (
            f"Not checked, because assigned to user groups or possibly so: {some_of(sorted(may_be_member))}. Set"
            " resolve_groups to check the desktops of groups that have one of the user_names as a member."
        )
        return Selected(
            sorted(chosen, key=lambda record: (record["desktop_name"] or "", record["desktop_id"])),
            {name: [] if option.unclear else option.absent for name, option in compared.items()},
            {name: {text for text in option.has.values() if text} for name, option in compared.items()},
            {name for one, both in desktops.items() for name in (one, *both.names)},
            sorted(desktops[one].label for one in not_known if desktops[one].detail is None),
            sorted(desktops[one].label for one in not_known if desktops[one].detail is not None),
            [text] if may_be_member else [],
            pools,
        )

    def _compared(self, desktops: t.Mapping[str, Both], users: t.Iterable[Record]) -> dict[str, _Compared]:
        """Each option, compared with all desktops."""
        compared = {}
        groups = _groups_of(users) if self._resolve else {}
        for option, values in self._lists.items():
            of_user = groups if option == "user_names" else {}
            wanted = {value: {value.lower(), *of_user.get(value.lower(), ())} for value in values}
            compared[option] = _Compared(wanted, {one: _FOUND[option](both) for one, both in desktops.items()})
            if option == "user_names" and self._resolve:
                # The groups of a user who is not in the directory are not known.
                absent = compared[option].absent
                compared[option].absent = [v for v in values if v in absent or v.lower() not in groups]
        return compared

    def _has_tags(self, desktop: Both) -> bool | None:
        if not self._tags:
            return True
        if desktop.detail is None or desktop.detail["tags"] is None:
            return None
        return self._tags <= {(tag["key"], tag["value"] or "") for tag in desktop.detail["tags"]}
