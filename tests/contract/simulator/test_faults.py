# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator can be told to do wrong."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.client import Simulator, SimulatorError
from support.requests_to_simulator import LIST, POOLS, get, login


def test_an_error_of_any_status_and_shape(sim: Simulator) -> None:
    sim.behave(
        faults=[
            {"kind": "status", "status": 429, "retry_after": 2},
            {"kind": "status", "status": 429, "retry_after_date": 30},
            {"kind": "status", "status": 503},
            {"kind": "status", "status": 400, "error_code": "WKS.0042", "error_msg": "no"},
            {"kind": "status", "status": 403, "shape": "iam"},
            {"kind": "status", "status": 500, "shape": "empty"},
            {"kind": "status", "status": 418, "body": "teapot"},
            {"kind": "status", "status": 409, "json": {"code": "C", "message": "m"}},
            {"kind": "html"},
            {"kind": "json", "json": [None]},
            {"kind": "edit", "set": {"total_count": "many", "more": 1}},
            {"kind": "redirect", "to": "http://127.0.0.1:1/x"},
            {"kind": "redirect", "to": "/", "status": 307},
        ]
    )
    answers = [get(sim, LIST) for _number in range(14)]
    statuses = [429, 429, 503, 400, 403, 500, 418, 409, 200, 200, 200, 302, 307, 200]
    assert [answer.status_code for answer in answers] == statuses
    assert answers[0].headers["Retry-After"] == "2"
    assert answers[0].json()["request_id"] == answers[0].headers["X-Request-Id"]
    assert answers[1].headers["Retry-After"].endswith("GMT")
    assert answers[2].headers["Content-Type"].startswith("text/html")
    assert "<h1>503" in answers[2].text
    assert answers[3].json()["error_code"] == "WKS.0042"
    assert answers[4].json()["error"]["code"] == 403
    assert answers[5].content == b""
    assert answers[6].text == "teapot"
    assert answers[7].json() == {"code": "C", "message": "m"}
    assert answers[8].text.startswith("<html>")
    assert answers[9].json() == [None]
    true = answers[13].json()
    assert answers[10].json() == {**true, "total_count": "many", "more": 1}
    assert [answer.headers["Location"] for answer in answers[11:13]] == ["http://127.0.0.1:1/x", "/"]
    assert true["total_count"] == 330
    faults = ["status"] * 8 + ["html", "json", "edit", "redirect", "redirect", None]
    assert [request["fault"] for request in sim.requests()] == faults


def test_a_fault_strikes_what_it_is_meant_for(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "status", "status": 500, "match": "by-users", "after": 1, "count": 2}])
    assert [get(sim, path).status_code for path in (LIST, POOLS, LIST, POOLS, POOLS, POOLS, LIST)] == [
        200, 200, 200, 500, 500, 200, 200,
    ]  # fmt: skip
    sim.fault("status", status=502, count=None, method="POST")
    assert get(sim, LIST).status_code == 200
    assert login(sim, None).status_code == login(sim, None).status_code == 502


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ({"latancy": 1}, "unexpected keyword argument 'latancy'"),
        ({"faults": [{"kind": "explode"}]}, "fault 'explode': there are status, "),
        ({"faults": [{"kind": "status", "statsu": 1}]}, "unexpected keyword argument 'statsu'"),
        ({"faults": ["reset"]}, "'str' object has no attribute"),
        ({"churn": {"wheer": "middle"}}, "unexpected keyword argument 'wheer'"),
        ({"metadata": "old"}, "metadata: 'old' is none of plain, optional"),
    ],
)
def test_a_slip_of_the_pen_is_no_silent_nothing(sim: Simulator, behaviour: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SimulatorError) as caught:
        sim.behave(**behaviour)
    assert complaint in str(caught.value)
    assert get(sim, LIST).status_code == 200
