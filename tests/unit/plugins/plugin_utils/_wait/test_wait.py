# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in use, when the next check is, what is said, and how it ends; with a clock that a test turns."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.huaweicloud.workspace.plugins.action.workspace_wait_for_free_desktops import OWN
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import FACTS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.check import rules
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import Selected
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.wait import FailedCheck, Wait, unknown

ADVICE = (
    "region and project_id: the wrong project would also appear free. Set expect_desktops to false only if this is"
    " intended."
)
OPTIONS: dict[str, Any] = {name: option["default"] for name, option in OWN.items()}
PLACE = {"project_id": "p", "region": "r", "endpoint": "https://w"}

REFUSED = {"failed": True, "msg": "GET https://w failed with HTTP 401.", "status_code": 401, "attempts": 1}
OUTAGE = {"failed": True, "msg": "GET https://w failed with HTTP 503.", "status_code": 503, "attempts": 5}


def desktop(name: str, status: str | None = "CONNECTED", *users: str | None) -> dict[str, Any]:
    attached = [{"id": f"id-{user}", "name": user, "user_group": "users", "type": "USER"} for user in users]
    return {"desktop_id": f"id-{name}", "desktop_name": name, "connect_status": status, "attach_users": attached}


def fleet(*busy: str | dict[str, Any], free: int = 1, **more: Any) -> Selected:
    """A successful check: desktops in use by name or as records, and some that are free."""
    records = [item if isinstance(item, dict) else desktop(item) for item in busy]
    records += [desktop(f"free-{number}", "REGISTERED") for number in range(free)]
    known = {record[key] for record in records for key in ("desktop_id", "desktop_name")}
    return Selected(records, **{"unmatched": {}, "values": {}, "known": known, **more})


class Clock:
    """A clock that only sleeping, and what a check takes, moves on."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.time += seconds

    def now(self) -> str:
        return f"t{self.time - 1000:g}"


class Outcome:
    """A finished wait: its result, its progress lines, and the times of its checks."""

    def __init__(self, answers: list[Any], takes: float = 0, selection: Any = None, **options: Any) -> None:
        self.clock = Clock()
        self.lines: list[str] = []
        self.asked: list[float] = []
        queue = list(answers)

        def ask() -> tuple[Selected, dict[str, Any]]:
            self.asked.append(self.clock.time - 1000)
            self.clock.time += takes
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            if isinstance(answer, dict):
                raise FailedCheck(answer)
            return answer, PLACE

        self.wait = Wait(rules({**OPTIONS, **options}), ask, self.lines.append, self.clock, selection)
        self.result = self.wait.run()

    def __getitem__(self, key: str) -> Any:
        return self.result[key]

    @property
    def failed(self) -> bool:
        failed = bool(self.result.get("failed"))
        assert self.result["free"] is not failed
        return failed


def names(records: list[dict[str, Any]]) -> list[str]:
    return [record["desktop_name"] for record in records]


@pytest.mark.parametrize("status", ["CONNECTED", "DISCONNECTED", "SLEEPING", "registered", "", None])
def test_each_status_that_is_not_free_is_in_use(status: str | None) -> None:
    outcome = Outcome([fleet(desktop("desk", status), desktop("off", "UNREGISTER"))])
    assert outcome.failed
    assert names(outcome["in_use"]) == ["desk"]
    # Without `wait` there is one check and no progress.
    assert (outcome.asked, outcome.clock.slept, outcome.lines, outcome["waited"]) == ([0], [], [], 0)


def test_allowed_desktops_match_names_and_ids_exactly() -> None:
    allowed = ["desk-10", "desk-2", "id-kiosk"]
    outcome = Outcome([fleet("desk-1", "desk-10", "DESK-2", "kiosk")], allowed_desktops=allowed)
    assert names(outcome["in_use"]) == ["desk-1", "DESK-2"]
    assert names(outcome["in_use_but_allowed"]) == ["desk-10", "kiosk"]
    assert outcome["checks"][0]["in_use_count"] == 2
    outcome = Outcome([fleet("kiosk")], allowed_desktops=["kiosk"])
    assert outcome["msg"] == (
        "No desktops in use except those allowed: kiosk. Checked all desktops (2) at t0 in project p (r);"
        " allowed_desktops: kiosk."
    )
    assert not outcome.failed


@pytest.mark.parametrize(
    ("selection", "reason", "words"),
    [
        ({}, "no_desktops", ["The project has no desktops.", f"Check {ADVICE}"]),
        ({"tags": ["owner=cad"]}, "unmatched", ["No desktop matches tags."]),
        (
            {"pool_names": ["dev"], "tags": ["owner=cad"]},
            "unmatched",
            ["No desktop matches pool_names and tags together.", f"Correct the option, or check {ADVICE}"],
        ),
    ],
)
def test_no_desktops_are_a_failure_unless_expected(selection: Any, reason: str, words: list[str]) -> None:
    outcome = Outcome([fleet(free=0)], selection=selection, wait=600)
    assert (outcome.failed, outcome.asked, outcome["reason"]) == (True, [0], reason)
    assert outcome["msg"].splitlines()[: len(words)] == words
    assert outcome["msg"].endswith("; tags: owner=cad." if selection else " in project p (r).")
    assert Outcome([fleet(free=0)], selection=selection, expect_desktops=False)["free"] is True


def test_the_message_lists_the_selection_and_an_unknown_allowed_desktop_causes_a_warning() -> None:
    users = [f"user-{number}" for number in range(22)]
    statuses = ["UNREGISTER", "REGISTERED", "DISCONNECTED"]
    given = {"allowed_desktops": ["kiosk"], "free_statuses": statuses}
    free = Outcome([fleet(known=None)], selection={"user_names": users}, **given)
    assert free["msg"] == (
        f"No desktops in use. Checked 1 desktop at t0 in project p (r); user_names: {', '.join(users[:20])} and 2 more;"
        " allowed_desktops: kiosk; free_statuses with: DISCONNECTED."
    )
    assert free["reason"] is None
    assert "warnings" not in free.result  # it may be the desktop of another user
    given = {"allowed_desktops": ["kiosk", "id-free-0", "kiok"], "wait": 60, "consecutive_checks": 2}
    words = "allowed_desktops: no desktop has the name or ID"
    assert Outcome([fleet("kiosk")], **given)["warnings"] == [f"{words} kiok. Did you mean kiosk instead of kiok?"]
    assert Outcome([fleet()], allowed_desktops=["Lobby"])["warnings"] == [f"{words} Lobby."]


@pytest.mark.parametrize(
    ("option", "values", "words"),
    [
        ("user_names", ["alcie"], ["No user of a desktop is named alcie: did you mean Alice?"]),
        (
            "computer_names",
            ["DESK1", "x", "y"],
            ["No desktop is named DESK1: did you mean desk-1?", "No desktop is named x, y."],
        ),
        ("desktop_ids", ["x"], ["No desktop has the ID x."]),
        ("pool_names", ["empty"], ["No pool with a desktop is named empty."]),
    ],
)
def test_a_wrong_value_ends_the_wait_with_a_similar_one(option: str, values: list[str], words: list[str]) -> None:
    """Although desktops are in use, because a wrong name does not leave."""
    nothing = {"unmatched": {option: values}, "values": {option: {"Alice", "bob", "desk-1", "desk-20"}}}
    outcome = Outcome([fleet("desk", **nothing)], wait=600, selection={option: values})
    assert (outcome.failed, outcome.asked, outcome["reason"]) == (True, [0], "unmatched")
    more = [f"Correct the option, or check {ADVICE}", "1 of 2 desktops is in use:", "desk: CONNECTED, no user"]
    assert outcome["msg"].splitlines()[:-1] == [*words, *more]
    assert (outcome[f"unmatched_{option}"], names(outcome["in_use"])) == (values, ["desk"])
    assert not Outcome([fleet(**nothing)], expect_desktops=False).failed


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"undetailed": ["desk-1", "desk-2"]}, "The pool and tags of desk-1, desk-2 are not known: "),
        ({"incomplete": ["desk-1"]}, "It is not known whether desk-1 is selected: "),
    ],
)
def test_a_check_with_unknown_desktops_fails_and_the_next_one_follows(more: dict[str, Any], words: str) -> None:
    """Also if other desktops are in use, or if none is."""
    selection = {"pool_names": ["dev"]}
    outcome = Outcome([fleet("a", **more), fleet(free=0, **more), fleet()], wait=600, selection=selection)
    assert [line.partition(words)[0] for line in outcome.lines[:2]] == [f"t{at} this check failed: " for at in (0, 60)]
    assert (outcome.failed, outcome.asked) == (False, [0, 60, 120])
    outcome = Outcome([fleet(**more)], selection=selection)
    assert (outcome.failed, outcome["reason"], outcome["in_use"], outcome["project_id"]) == (
        True,
        "not_read",
        None,
        "p",
    )
    assert outcome["msg"].startswith(words)
    wrong_name = Outcome([fleet(unmatched={"computer_names": ["x"]}, **more)], wait=600)
    assert (wrong_name["reason"], wrong_name.asked) == ("unmatched", [0])


# When it checks


@pytest.mark.parametrize(
    ("wait", "takes", "asked"),
    [
        (150, 0, [0, 60, 120, 150]),  # the last check is at the end
        (120, 0, [0, 60, 120]),
        (30, 0, [0, 30]),
        (180, 10, [0, 60, 120, 180]),  # checks take time, and yet keep to the interval
        (90, 25, [0, 60, 90]),
        (200, 70, [0, 120, 200]),  # one that takes longer than the interval skips a turn
        (60, 70, [0, 70]),  # the time was over when it was answered: the last one is at once
    ],
)
def test_checks_keep_to_the_interval_and_the_last_is_at_the_end(wait: float, takes: float, asked: list[float]) -> None:
    outcome = Outcome([fleet("desk")], takes=takes, wait=wait)
    assert (outcome.failed, outcome.asked, outcome["waited"]) == (True, asked, min(asked[-1], wait))


def test_the_wait_ends_when_all_desktops_are_free() -> None:
    busy = [desktop(f"desk-{number}", "CONNECTED", "alice", None, "bob") for number in range(7)]
    outcome = Outcome([fleet(*busy), fleet("b", warnings=["w"]), fleet("c", warnings=["w", "x"]), fleet()], wait=3600)
    assert (outcome.failed, outcome["waited"], outcome["warnings"]) == (False, 180, ["w", "x"])
    assert [(check["at"], check["in_use_count"]) for check in outcome["checks"]] == [
        *(("t0", 7), ("t60", 1), ("t120", 1), ("t180", 0))
    ]
    shown = ", ".join(f"desk-{number} (alice, bob)" for number in range(5))
    assert outcome.lines == [
        f"t0 7 of 8 desktops are in use: {shown}, ...",
        "t60 1 of 2 desktops is in use (7 stopped, 1 started): b",
        "t120 1 of 2 desktops is in use (1 stopped, 1 started): c",
        "t180 none of 1 desktop is in use (1 stopped, 0 started)",
    ]


@pytest.mark.parametrize(
    ("answers", "required", "checks"),
    [
        ([fleet(), fleet("late"), fleet(), fleet(), fleet()], 3, 5),
        ([fleet(), OUTAGE, fleet(), fleet()], 2, 4),  # a failed check restarts the row
    ],
)
def test_consecutive_checks_must_all_find_no_desktop_in_use(answers: list[Any], required: int, checks: int) -> None:
    outcome = Outcome(answers, wait=3600, consecutive_checks=required)
    assert (outcome.failed, len(outcome.asked)) == (False, checks)
    assert outcome.lines[0].endswith(f"consecutive check 1 of {required}")


def test_too_few_consecutive_checks_are_a_failure() -> None:
    outcome = Outcome([fleet("a"), fleet("a"), fleet()], wait=120, consecutive_checks=2)
    assert (outcome.failed, outcome["in_use"], outcome["reason"]) == (True, [], "in_use")
    assert outcome["msg"].splitlines() == [
        "No desktops in use after 120 s, but only 1 of 2 required consecutive checks passed.",
        "Checked all desktops (1) at t120 in project p (r).",
    ]


# Checks that fail


@pytest.mark.parametrize(
    ("failure", "refused"),
    [
        *(({"status_code": status, "attempts": 1}, True) for status in (400, 401, 403)),
        ({"status_code": None, "attempts": None}, True),  # nothing was sent
        ({"msg": "MODULE FAILURE"}, True),
        ({"unreachable": True, "msg": "ssh: no route"}, True),
        ({"reason": "refused", "status_code": None}, True),  # another project with the same credentials was
        ({"reason": "not_read"}, False),
        # 404: for example, of a group that was deleted in the meantime.
        *(({"status_code": status, "attempts": 1}, False) for status in (404, 408, 429, 302, 200)),
        ({"status_code": None, "attempts": 5}, False),
        ({"msg": "The desktops could not be read completely", "attempts": 1}, False),
    ],
)
def test_only_a_permanent_error_of_the_first_check_ends_the_wait(failure: dict[str, Any], refused: bool) -> None:
    outcome = Outcome([{"failed": True, "msg": "no", **failure}, fleet()], wait=60)
    assert outcome.failed is refused
    assert outcome.asked == ([0] if refused else [0, 60])
    if refused:
        assert outcome.lines == [f"t0 refused: {outcome['msg']}"]
        assert (outcome["reason"], outcome["msg"]) == ("refused", failure.get("msg", "no"))
        assert (outcome["status_code"], outcome["in_use"]) == (failure.get("status_code"), None)
        assert outcome.result.get("unreachable") == failure.get("unreachable")


@pytest.mark.parametrize(
    ("failure", "refused"),
    [
        (REFUSED, True),
        ({"msg": "Not asked: b", "reason": "refused"}, True),
        ({"msg": "no", "attempts": None}, False),  # an error without a request, which the first check would not retry
        ({"msg": "ssh", "unreachable": True}, False),
        (OUTAGE, False),
    ],
)
def test_a_later_check_may_fail_and_only_a_refusal_ends_the_wait(failure: dict[str, Any], refused: bool) -> None:
    outcome = Outcome([fleet(desktop("desk", "CONNECTED", "alice")), failure, fleet()], wait=3600)
    assert (outcome.failed, outcome.asked) == (refused, [0, 60] if refused else [0, 60, 120])
    assert outcome["checks"][1] == {"at": "t60", "in_use_count": None, "connect_status_counts": None}
    assert outcome.lines[1] == f"t60 {'refused' if refused else 'this check failed'}: {failure['msg']}"
    assert outcome["reason"] == ("refused" if refused else None)
    assert ("status_code" in outcome.result) is refused
    if refused:
        assert outcome["msg"].splitlines() == [
            f"The last check failed: {failure['msg']}",
            "In the last successful check, at t0, 1 of 2 desktops was in use:",
            "desk: CONNECTED, alice",
            "Checked all desktops (2) at t0 in project p (r).",
        ]


def test_a_wait_ended_by_the_caller_lists_desktops_in_use() -> None:
    ended = Outcome([fleet("a"), fleet("b")], wait=60).wait.ended_by("The time is over.")
    assert ended["msg"].splitlines()[:3] == [
        "The time is over.",
        "In the last successful check, at t60, 1 of 2 desktops was in use:",
        "b: CONNECTED, no user",
    ]
    assert (ended["failed"], ended["free"], ended["reason"], names(ended["in_use"])) == (True, False, "not_read", ["b"])


def test_a_failed_last_check_is_a_failure_although_the_one_before_passed() -> None:
    outcome = Outcome([fleet(), OUTAGE], wait=60, consecutive_checks=2)
    assert outcome.failed
    assert outcome["msg"].splitlines()[1] == "In the last successful check, at t0, none of 1 desktop was in use."
    assert {name: outcome[name] for name in PLACE} == PLACE
    assert set(FACTS) <= set(outcome.result)
    assert outcome["status_code"] == 503


def test_without_a_successful_check_the_result_has_no_desktops_but_all_keys() -> None:
    outcome = Outcome([OUTAGE], wait=60)
    assert outcome["msg"].splitlines() == [f"The last check failed: {OUTAGE['msg']}", "No check succeeded after 60 s."]
    assert outcome["reason"] == "not_read"
    for key in ("in_use", "in_use_but_allowed", "desktop_count", "connect_status_counts", "unmatched_user_names"):
        assert outcome[key] is None
    assert unknown("wrong").keys() == outcome.result.keys()


def test_the_message_lists_twenty_desktops_without_control_characters() -> None:
    lines = Outcome([fleet(*(f"desk-{number:02}" for number in range(23)))])["msg"].splitlines()
    assert lines[0] == "23 of 24 desktops are in use:"
    assert lines[20:22] == ["desk-19: CONNECTED, no user", "and 3 more"]
    outcome = Outcome([fleet(desktop("a\nb\x1b[2J", None, "x\ry"))], wait=1)
    assert outcome["msg"].splitlines()[1] == "a b [2J: no status, x y"
    assert not re.search(r"[\r\n\x1b]", "".join(outcome.lines))


# Options


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("wait", value) for value in (-1, float("inf"), 1e10, float("nan"))),
        *(("interval", value) for value in (0, -60, float("inf"), float("nan"))),
        ("consecutive_checks", 0),
        ("consecutive_checks", 2),  # with wait: 0
        ("free_statuses", []),
        ("allowed_desktops", ["kiosk", " "]),
    ],
)
def test_wrong_options_of_the_wait_are_named(option: str, value: Any) -> None:
    with pytest.raises(WorkspaceError, match=f"^{option} "):
        rules({**OPTIONS, option: value})


def test_consecutive_checks_must_fit_into_the_wait() -> None:
    given = {**OPTIONS, "wait": 90, "consecutive_checks": 3}
    for once, found in ((False, (90, 3)), (True, (0, 1))):
        agreed = rules(given, once=once)
        assert (agreed.wait, agreed.consecutive_checks) == found
    with pytest.raises(WorkspaceError, match="only allow 3 checks"):
        rules({**OPTIONS, "wait": 120, "consecutive_checks": 4})


@pytest.mark.parametrize("interval", [1e-308, 5e-324, 1e-9, 10.0, 1e308])
def test_any_interval_greater_than_zero_is_possible(interval: float) -> None:
    assert not Outcome([fleet("a"), fleet()], takes=10, interval=interval, wait=25).failed
    assert Outcome([fleet()], interval=interval)["free"] is True
