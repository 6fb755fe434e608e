# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator can be told to do wrong."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
import requests
from contract.simulator.asking import LIST, POOLS, get, login, raw, send_signed, wait_until
from simulator.client import Simulator, SimulatorError


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
    ("options", "framing", "sent"),
    [
        ({"bytes": 100}, b"Content-Length: %d", 100),
        ({}, b"Content-Length: %d", None),
        ({"bytes": 50, "chunked": True}, b"Transfer-Encoding: chunked", 4 + 50 + 2),
        ({"bytes": 50, "reset": True}, b"Content-Length: %d", 50),
    ],
)
def test_a_body_that_ends_too_early(sim: Simulator, options: dict[str, Any], framing: bytes, sent: int | None) -> None:
    whole = len(get(sim, LIST, headers={"Accept-Encoding": "identity"}).content)
    sim.behave(faults=[{"kind": "truncate", "count": 2, **options}])
    found, problem = raw(sim)
    head, _blank, body = found.partition(b"\r\n\r\n")
    assert (framing % whole if b"%" in framing else framing) in head
    assert len(body) == (whole // 2 if sent is None else sent)
    assert problem is (ConnectionResetError if "reset" in options else None)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        get(sim, LIST)


def test_a_connection_that_is_reset_or_closed_before_any_answer(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "reset"}, {"kind": "close"}])
    assert raw(sim) == (b"", ConnectionResetError)
    assert raw(sim) == (b"", None)
    assert get(sim, LIST).status_code == 200
    assert [request["status"] for request in sim.requests()] == [None, None, 200]


def test_a_connection_on_which_nothing_ever_comes(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "hang", "seconds": 0.3}, {"kind": "hang"}])
    begin = time.monotonic()
    assert raw(sim) == (b"", None)
    assert time.monotonic() - begin >= 0.3
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get("{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST), timeout=0.3)
    wait_until(lambda: sim.counters()["in_flight"] == 0)


def test_an_answer_that_comes_byte_by_byte(sim: Simulator) -> None:
    expected = get(sim, LIST + "?limit=1").json()
    sim.behave(faults=[{"kind": "drip", "delay": 0.001}, {"kind": "drip_headers", "delay": 0.001}])
    for _number in range(2):
        begin = time.monotonic()
        answer = get(sim, LIST + "?limit=1")
        assert answer.json() == expected
        assert time.monotonic() - begin > 0.2


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_a_small_answer_that_grows(sim: Simulator, encoding: str) -> None:
    sim.behave(faults=[{"kind": "bomb", "mib": 5, "encoding": encoding, "count": 2}])
    with get(sim, LIST, stream=True) as answer:
        content = answer.content
    assert json.loads(content) == {"desktops": [], "total_count": 0}
    assert 5 << 20 < len(content) < (5 << 20) + 100
    received = len(undecoded(sim))
    assert received > 5 << 20 if encoding == "identity" else received < 50000


def undecoded(sim: Simulator) -> bytes:
    """The body as it was sent, chunks joined, not decompressed."""
    with get(sim, LIST, stream=True) as answer:
        return answer.raw.read(decode_content=False)


def test_an_endless_answer_ends_when_the_client_leaves(sim: Simulator) -> None:
    sim.fault("bomb", mib=1 << 20)
    with get(sim, LIST, stream=True) as answer:
        assert answer.raw.read(100, decode_content=False)
        assert get(sim, LIST).status_code == 200, "others are served meanwhile"
    wait_until(lambda: sim.counters()["in_flight"] == 0)


def test_a_body_that_is_not_compressed_as_it_says(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "bad_gzip", "count": 2}])
    body = undecoded(sim)
    assert body.startswith(b'{"desktops"')
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(body)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        get(sim, LIST)


def test_tokens_can_expire(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "expire_tokens", "after": 1}, {"kind": "status", "status": 503, "after": 2}])
    assert [get(sim, LIST).status_code for _number in range(3)] == [200, 401, 503]
    answer = login(sim, {"project": {"name": "cn-north-4"}})
    assert get(sim, LIST, answer.headers["X-Subject-Token"]).status_code == 200
    assert send_signed(sim, LIST).status_code == 200


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
