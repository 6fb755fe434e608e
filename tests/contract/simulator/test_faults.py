# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator can be told to do wrong."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
import requests
from contract.simulator.asking import raw
from simulator.client import Simulator, SimulatorError

if TYPE_CHECKING:
    pass

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
from contract.simulator.asking import LIST, POOLS, get, login, wait_until

pytestmark = [
    # The SDK asks for the time the old way, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Faults


def test_an_error_of_any_status_and_shape(sim: Simulator) -> None:
    sim.behave(
        faults=[
            {"kind": "status", "status": 429, "retry_after": 2},
            {"kind": "status", "status": 429, "retry_after_date": 30},
            {"kind": "status", "status": 503},
            {"kind": "status", "status": 400, "error_code": "WKS.0042", "error_msg": "no"},
            {"kind": "status", "status": 403, "shape": "iam"},
            {"kind": "status", "status": 500, "shape": "empty"},
            {"kind": "status", "status": 418, "body": "teapot", "headers": {"X-Tea": "yes"}},
            {"kind": "status", "status": 409, "json": {"code": "C", "message": "m"}},
            {"kind": "status", "status": 200, "body_base64": base64.b64encode(b"\xff\xfe{").decode()},
        ]
    )
    answers = [get(sim, LIST) for _number in range(10)]
    assert [answer.status_code for answer in answers] == [429, 429, 503, 400, 403, 500, 418, 409, 200, 200]
    assert answers[0].headers["Retry-After"] == "2"
    assert answers[0].json()["request_id"] == answers[0].headers["X-Request-Id"]
    assert answers[1].headers["Retry-After"].endswith("GMT")
    assert answers[2].headers["Content-Type"].startswith("text/html")
    assert "<h1>503" in answers[2].text
    assert answers[3].json()["error_code"] == "WKS.0042"
    assert answers[4].json()["error"]["code"] == 403
    assert answers[5].content == b""
    assert (answers[6].text, answers[6].headers["X-Tea"]) == ("teapot", "yes")
    assert answers[7].json() == {"code": "C", "message": "m"}
    assert answers[8].content == b"\xff\xfe{"
    assert answers[9].json()["total_count"] == 330
    assert [request["fault"] for request in sim.requests()] == ["status"] * 9 + [None]


def test_a_fault_strikes_what_it_is_meant_for(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "status", "status": 500, "match": "by-users", "after": 1, "count": 2}])
    assert [get(sim, path).status_code for path in (LIST, POOLS, LIST, POOLS, POOLS, POOLS, LIST)] == [
        200, 200, 200, 500, 500, 200, 200,
    ]  # fmt: skip
    sim.fault("status", status=502, count=None, method="POST")
    assert get(sim, LIST).status_code == 200
    assert login(sim, None).status_code == login(sim, None).status_code == 502


def test_an_answer_that_is_a_web_page(sim: Simulator) -> None:
    sim.fault("html")
    answer = get(sim, LIST)
    assert answer.status_code == 200
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize("content", [[], None, {"desktops": None}, {"error_code": "WKS.00010109"}, "text", 7])
def test_an_answer_of_any_json(sim: Simulator, content: Any) -> None:
    sim.fault("json", json=content)
    answer = get(sim, LIST)
    assert (answer.status_code, answer.json()) == (200, content)


def test_an_answer_with_changed_keys(sim: Simulator) -> None:
    sim.fault("edit", drop=["total_count"], set={"more": 1})
    answer = get(sim, LIST + "?limit=2").json()
    assert set(answer) == {"desktops", "more"}
    assert len(answer["desktops"]) == 2


def test_an_answer_with_more_headers(sim: Simulator) -> None:
    sim.fault("headers", headers={"X-More": "x" * 5000})
    answer = get(sim, LIST)
    assert len(answer.headers["X-More"]) == 5000
    assert answer.json()["total_count"] == 330


def test_an_answer_that_is_late_once(sim: Simulator) -> None:
    sim.fault("delay", seconds=1)
    times = []
    for _number in range(2):
        begin = time.monotonic()
        assert get(sim, LIST + "?limit=1").status_code == 200
        times.append(time.monotonic() - begin)
    assert times[0] >= 1 > times[1]


def test_a_body_that_is_shorter_than_announced(sim: Simulator) -> None:
    whole = len(get(sim, LIST, headers={"Accept-Encoding": "identity"}).content)
    sim.fault("truncate", bytes=100)
    head, _blank, body = raw(sim)[0].partition(b"\r\n\r\n")
    assert f"Content-Length: {whole}".encode() in head
    assert len(body) == 100
    sim.fault("truncate")
    assert len(raw(sim)[0].partition(b"\r\n\r\n")[2]) == whole // 2
    sim.fault("truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        get(sim, LIST)


def test_a_chunked_body_without_an_end(sim: Simulator) -> None:
    sim.fault("truncate", bytes=50, chunked=True)
    head, _blank, body = raw(sim)[0].partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert body.startswith(b"32\r\n")
    assert len(body) == 4 + 50 + 2
    sim.fault("truncate", chunked=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sim, LIST)


def test_a_body_that_ends_in_a_reset(sim: Simulator) -> None:
    sim.fault("truncate", bytes=50, reset=True)
    found, problem = raw(sim)
    assert len(found.partition(b"\r\n\r\n")[2]) == 50
    assert problem is ConnectionResetError


def test_a_connection_that_is_reset_or_closed_before_any_answer(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "reset"}, {"kind": "close"}, {"kind": "reset"}])
    assert raw(sim) == (b"", ConnectionResetError)
    assert raw(sim) == (b"", None)
    with pytest.raises(requests.exceptions.ConnectionError):
        get(sim, LIST)
    assert get(sim, LIST).status_code == 200
    assert [request["status"] for request in sim.requests()] == [None, None, None, 200]


def test_a_connection_on_which_nothing_ever_comes(sim: Simulator) -> None:
    sim.behave(faults=[{"kind": "hang", "seconds": 0.5}, {"kind": "hang"}])
    begin = time.monotonic()
    assert raw(sim) == (b"", None)
    assert time.monotonic() - begin >= 0.5
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(
            "{}/v2/{}{}".format(sim.url, sim.info["project_id"], LIST), timeout=0.3, headers={"X-Auth-Token": "x"}
        )
    wait_until(lambda: sim.counters()["in_flight"] == 0)


def test_a_body_that_comes_byte_by_byte(sim: Simulator) -> None:
    expected = get(sim, LIST + "?limit=1").json()
    sim.behave(faults=[{"kind": "drip", "delay": 0.002, "chunk": 1}, {"kind": "drip_headers", "delay": 0.002}])
    for _number in range(2):
        begin = time.monotonic()
        answer = get(sim, LIST + "?limit=1")
        assert answer.json() == expected
        assert time.monotonic() - begin > 0.2


def test_a_redirect(sim: Simulator) -> None:
    sim.behave(
        faults=[{"kind": "redirect", "to": "http://127.0.0.1:1/x"}, {"kind": "redirect", "to": "/", "status": 307}]
    )
    answer = get(sim, LIST)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/x")
    assert get(sim, LIST).status_code == 307


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_a_small_answer_that_grows(sim: Simulator, encoding: str) -> None:
    sim.fault("bomb", mib=5, encoding=encoding)
    with get(sim, LIST, stream=True) as answer:
        content = answer.content
    assert json.loads(content) == {"desktops": [], "total_count": 0}
    assert 5 << 20 < len(content) < (5 << 20) + 100
    sim.fault("bomb", mib=5, encoding=encoding, key="users")
    received = len(raw_until_end(sim))
    assert received > 5 << 20 if encoding == "identity" else received < 50000


def raw_until_end(sim: Simulator) -> bytes:
    """The body as it was sent, chunks joined, not decompressed."""
    parts = urlsplit(sim.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        path = "/v2/{}{}".format(sim.info["project_id"], LIST)
        connection.request("GET", path, headers={"X-Auth-Token": sim.info["token"]})
        return connection.getresponse().read()
    finally:
        connection.close()


def test_an_endless_answer_ends_when_the_client_leaves(sim: Simulator) -> None:
    sim.fault("bomb", mib=1 << 20)
    with get(sim, LIST, stream=True) as answer:
        assert answer.raw.read(100, decode_content=False)
        assert get(sim, LIST).status_code == 200, "others are served meanwhile"
    wait_until(lambda: sim.counters()["in_flight"] == 0)


def test_a_body_that_is_not_compressed_as_it_says(sim: Simulator) -> None:
    sim.fault("bad_gzip")
    body = raw_until_end(sim)
    assert body.startswith(b'{"desktops"')
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(body)
    sim.fault("bad_gzip")
    with pytest.raises(requests.exceptions.ContentDecodingError):
        get(sim, LIST)


def test_an_error_that_repeats_secrets(sim: Simulator) -> None:
    sim.fault("echo", secrets=["se/cr+et=="])
    answer = get(sim, LIST)
    text = answer.json()["error_msg"]
    assert answer.status_code == 401
    for form in ("se/cr+et==", quote("se/cr+et==", safe=""), base64.b64encode(b"se/cr+et==").decode()):
        assert form in text
    assert answer.headers["X-Echo"] == "se/cr+et=="
    sim.fault("echo", status=500, shape="html")
    told = get(sim, LIST)
    info = sim.info
    assert told.status_code == 500
    for secret in (info["secret_key"], info["iam_password"], info["token"], info["temporary"]["security_token"]):
        assert secret in told.text


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ({"latancy": 1}, "behaviour.latancy: unknown"),
        ({"faults": [{"kind": "explode"}]}, "behaviour.faults[0].kind: 'explode' is none of"),
        ({"faults": [{"kind": "status", "statsu": 1}]}, "behaviour.faults[0].statsu: unknown"),
        ({"faults": [{"kind": "redirect"}]}, "behaviour.faults[0].to: needed by the kind redirect"),
        ({"churn": {"where": "middle"}}, "behaviour.churn.where: 'middle' is none of"),
        ({"drain": {"start": "now"}}, "behaviour.drain.seconds: needed"),
    ],
)
def test_a_slip_of_the_pen_is_no_silent_nothing(sim: Simulator, behaviour: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SimulatorError) as caught:
        sim.behave(**behaviour)
    assert complaint in str(caught.value)
    assert get(sim, LIST).status_code == 200


def test_nothing_it_did_here_was_a_mistake_of_its_own(shared: Simulator) -> None:
    assert shared.errors() == ""
