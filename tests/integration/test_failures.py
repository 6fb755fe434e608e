# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the failure table: what is ridden out, what ends the call at once, what is no answer at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from integration.runs import DESKTOPS, FACTS, POOLS, Call, assert_failed, keys_of, run, run_calls
from simulator.client import Simulator

USER = "张三"

# Of each call the name of its case is a user name or user id, so that a fault finds the request it is for.
RIDDEN_OUT: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "status", "status": 429, "retry_after": 0, "count": 2},
    "throttled-date": {"kind": "status", "status": 429, "retry_after_date": 1, "count": 1},
    "retry-after-503": {"kind": "status", "status": 503, "retry_after": 86400, "count": 2},
    "retry-date-503": {"kind": "status", "status": 503, "retry_after_date": 86400, "count": 2},
    "odd-retry-after": {"kind": "status", "status": 503, "retry_after": "soon", "count": 2},
    "empty-503": {"kind": "status", "status": 503, "shape": "empty", "count": 1},
    "two-resets": {"kind": "reset", "count": 2},
    "closed": {"kind": "close", "count": 1},
    "truncated": {"kind": "truncate", "count": 2},
    "truncated-chunked": {"kind": "truncate", "chunked": True, "count": 1},
    "truncated-reset": {"kind": "truncate", "reset": True, "count": 1},
    "damaged-gzip": {"kind": "bad_gzip", "count": 1},
    "hang": {"kind": "hang", "count": 1},
    "drip": {"kind": "drip", "delay": 0.3, "count": 1},
    "drip-headers": {"kind": "drip_headers", "delay": 0.3, "count": 1},
}

ALL_FACTS = {
    "error_code": "WKS.0042",
    "error_msg": "No such thing",
    "error_detail": "the detail",
    "encoded_authorization_message": "ZW5jb2RlZA",
}
REFUSED = {"refused-401": 401, "refused-409": 409}

REDIRECTS = (302, 308)


class Story:
    """The results of all calls, and the requests that each made."""

    def __init__(self, results: dict[str, dict[str, Any]], requests: list[dict[str, Any]]) -> None:
        self.results = results
        self._requests = requests

    def requests_of(self, case: str) -> list[dict[str, Any]]:
        return [entry for entry in self._requests if f"={case}." in entry["target"] + "&"]


def _call(info: dict[str, Any], case: str, module: str = DESKTOPS, **options: Any) -> Call:
    filters = {"user_names": [f"{case}.", USER]} if module == DESKTOPS else {"user_ids": [f"{case}."]}
    return Call(keys_of(info, **filters, **options), module)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Simulator]:
    """Where credentials must never go."""
    with Simulator(desktops=1) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    with Simulator(desktops=60, gzip_min_bytes=100) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def story(cloud: Simulator, elsewhere: Simulator) -> Story:
    info = cloud.info
    faults: list[dict[str, Any]] = []
    calls: dict[str, Call] = {}

    def add(case: str, fault: dict[str, Any], module: str = DESKTOPS, **options: Any) -> None:
        faults.append({"match": f"={case}.", "count": None, **fault})
        calls[case] = _call(info, case, module, **options)

    for case, fault in RIDDEN_OUT.items():
        # Only what never ends needs a limit; the others must not fail because the machine is busy.
        add(case, fault, timeout=3 if case.startswith(("hang", "drip")) else 30)
    for case, status in REFUSED.items():
        add(case, {"kind": "status", "status": status, "json": ALL_FACTS})
    add("html-200", {"kind": "html"})
    for status in REDIRECTS:
        # The same path there would be answered.
        add(
            f"redirect-{status}", {"kind": "redirect", "status": status, "to": elsewhere.url + "/v2/x/connect-desktops"}
        )
    add("given-up", {"kind": "status", "status": 503}, max_retries=2)
    add("never-again", {"kind": "status", "status": 503}, max_retries=0)
    add("given-up-resets", {"kind": "reset"}, max_retries=2)
    add("given-up-drip", {"kind": "drip", "delay": 0.3}, max_retries=1, timeout=1)
    day: dict[str, Any] = {"retry_max_delay": 86400, "total_timeout": 60}
    add("day-throttled", {"kind": "status", "status": 429, "retry_after": 86400}, **day)
    add("day-date", {"kind": "status", "status": 503, "retry_after_date": 86400}, **day)
    add("hang-for-ever", {"kind": "hang"}, timeout=30, total_timeout=2)
    add("bad-pools-403", {"kind": "status", "status": 403, "json": ALL_FACTS}, POOLS)

    cloud.behave(faults=faults)
    cloud.clear()
    elsewhere.clear()
    # A third one, as some of them only wait.
    results = run_calls(calls, at_once=3)
    return Story(results, cloud.requests())


@pytest.mark.parametrize("case", RIDDEN_OUT)
def test_what_may_pass_is_ridden_out(story: Story, cloud: Simulator, case: str) -> None:
    result = story.results[case]
    assert not result.get("failed"), result
    expected = [
        desktop["desktop_id"]
        for desktop in cloud.project()["desktops"]
        if any(user["name"] == USER for user in desktop["attach_users"])
    ]
    assert sorted(desktop["desktop_id"] for desktop in result["desktops"]) == sorted(expected)
    assert expected
    assert result["unmatched_user_names"] == [f"{case}."]
    requests = story.requests_of(case)
    assert len(requests) == RIDDEN_OUT[case]["count"] + 1
    assert len({entry["target"] for entry in requests}) == 1


def test_every_try_is_signed_anew(story: Story) -> None:
    first, second = story.requests_of("hang")
    assert first["x_sdk_date"] < second["x_sdk_date"]
    assert first["signed_headers"] == "host;x-sdk-date"


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_end_after_one_request_with_all_facts(story: Story, case: str) -> None:
    (request,) = story.requests_of(case)
    facts = {"status_code": REFUSED[case], "attempts": 1, "request_id": request["request_id"], **ALL_FACTS}
    words = ("GET", "connect-desktops", f"HTTP {REFUSED[case]}", "WKS.0042", "No such thing", request["request_id"])
    assert_failed(story.results[case], *words, **facts)


def test_the_hint_of_a_403_names_the_action_of_the_operation(story: Story) -> None:
    assert_failed(story.results["bad-pools-403"], "workspace:desktopPools:listByUsers", "by-users", status_code=403)


def test_html_with_200_is_a_failure(story: Story) -> None:
    assert_failed(story.results["html-200"], "not a JSON object", "endpoint", status_code=200)
    assert len(story.requests_of("html-200")) == 1


@pytest.mark.parametrize("status", REDIRECTS)
def test_no_redirect_is_followed(story: Story, elsewhere: Simulator, status: int) -> None:
    assert_failed(story.results[f"redirect-{status}"], "endpoint", status_code=status, attempts=1)
    assert len(story.requests_of(f"redirect-{status}")) == 1
    assert elsewhere.counters()["requests"] == 0


@pytest.mark.parametrize(
    ("case", "attempts", "facts"),
    [
        ("given-up", 3, {"status_code": 503}),
        ("never-again", 1, {"status_code": 503}),
        ("given-up-resets", 3, {"status_code": None, "error_code": None, "request_id": None}),
        ("given-up-drip", 2, {"status_code": None}),
    ],
)
def test_what_does_not_pass_is_given_up(story: Story, case: str, attempts: int, facts: dict[str, Any]) -> None:
    assert_failed(story.results[case], attempts=attempts, **facts)
    assert len(story.requests_of(case)) == attempts


def test_a_drip_counts_as_a_timeout(story: Story) -> None:
    assert_failed(story.results["given-up-drip"], "timed out")


@pytest.mark.parametrize(("case", "status"), [("day-throttled", 429), ("day-date", 503)])
def test_a_day_to_wait_is_refused_at_once(story: Story, case: str, status: int) -> None:
    assert_failed(story.results[case], "total_timeout", str(status), status_code=status, attempts=1)
    assert len(story.requests_of(case)) == 1


def test_total_timeout_ends_a_request_that_hangs(story: Story) -> None:
    assert_failed(story.results["hang-for-ever"], "total_timeout", attempts=1, status_code=None)
    assert len(story.requests_of("hang-for-ever")) == 1


@pytest.mark.parametrize("batches", [30])
def test_a_wrong_secret_is_tried_once(simulator: Simulator, batches: int) -> None:
    options = keys_of(simulator.info, secret_key="wrong", concurrency=16)
    names = [f"user-{number:04}" for number in range(100 * batches)]
    ids = names[: 10 * batches]
    for options_of, module in (({"user_names": names}, DESKTOPS), ({"user_ids": ids}, POOLS)):
        simulator.clear()
        result = run_calls({"wrong": Call({**options, **options_of}, module)})["wrong"]
        assert_failed(result, "HTTP 401", "APIGW.0301", status_code=401, attempts=1)
        assert simulator.counters()["requests"] == 1


def test_the_first_failure_stops_the_others(simulator: Simulator) -> None:
    simulator.behave(latency=0.05, faults=[{"kind": "status", "status": 409, "after": 5, "count": None}])
    names = [f"user-{number:04}" for number in range(3000)]
    result = run_calls({"stopped": Call(keys_of(simulator.info, user_names=names, concurrency=4))})["stopped"]
    assert_failed(result, "HTTP 409", status_code=409, attempts=1)
    # Five good ones, the first refused one, and at most three that were under way beside it.
    assert simulator.counters()["requests"] <= 9


def test_an_unusable_page_while_reading_everybody_does_not_hang(simulator: Simulator) -> None:
    broken = {"kind": "json", "json": {"users": [{"user_id": None}]}, "match": "by-users", "after": 2, "count": None}
    simulator.behave(faults=[broken])
    result = run_calls({"all": Call(keys_of(simulator.info, total_timeout=20), POOLS)})["all"]
    assert_failed(result, "user_id", status_code=200)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_decompression_bomb_is_refused_in_little_memory(simulator: Simulator, encoding: str) -> None:
    simulator.behave(faults=[{"kind": "bomb", "mib": 600, "encoding": encoding, "count": None}])
    options = {**keys_of(simulator.info), "timeout": 120}
    words = " ".join(f"{name}={value}" for name, value in options.items())
    command = ["ansible", "localhost", "-m", f"huaweicloud.workspace.{DESKTOPS}", "-a", words]
    # 900,000 KiB of address space: enough for Ansible and a body of 64 MiB, not for one of 600.
    done = run(["sh", "-c", 'ulimit -v 900000 && exec "$@"', "limited", *command])
    assert done.returncode == 2, done.output
    assert "larger than 64 MiB" in done.output, done.output
    assert simulator.counters()["requests"] == 1


def test_facts_are_there_where_no_request_was_sent(simulator: Simulator) -> None:
    result = run_calls({"bad": Call(keys_of(simulator.info, limit=5000))})["bad"]
    facts = dict.fromkeys(FACTS)
    facts.update(credentials_source="the task", endpoint=simulator.url)
    facts.update({name: simulator.info[name] for name in ("project_id", "region")})
    assert_failed(result, "limit", **facts)
    assert simulator.counters()["requests"] == 0
