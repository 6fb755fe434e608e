# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulator was told to behave: standing behaviours, and a queue of faults.

Both come as JSON, from the command line or the control API, and are checked key by key, so that a
slip of the pen in a test does not turn into a fault that never happens.
"""

from __future__ import annotations

import base64
import copy
from dataclasses import dataclass, field, fields
from typing import Any


class BehaviourError(Exception):
    """The JSON does not say how to behave; the text names the key."""


NUMBER: tuple[type, ...] = (int, float)
ANYTHING: tuple[type, ...] = (object,)


@dataclass
class Drain:
    """CONNECTED desktops go DISCONNECTED one after another, over ``seconds``.

    Counted from the first request (``start``: "request") or from when it was set ("now").
    """

    seconds: float
    start: str = "request"


@dataclass
class Churn:
    """After every ``every``-th listed page: so many desktops added, removed, and in another status.

    ``where``: "front", "end" or "random" place of what is added and removed. ``times``: how often in
    all, None for ever.
    """

    add: int = 0
    remove: int = 0
    flip: int = 0
    every: int = 1
    where: str = "random"
    times: int | None = None


@dataclass
class Fault:
    """One thing to go wrong.

    It strikes ``count`` requests (None: all) after letting ``after`` pass, counting only requests
    of ``method`` whose raw target contains ``match``; ``options`` depend on the kind.
    """

    kind: str
    match: str = ""
    method: str = ""
    after: int = 0
    count: int | None = 1
    options: dict[str, Any] = field(default_factory=dict)

    def concerns(self, method: str, target: str) -> bool:
        return self.match in target and self.method in ("", method)

    @property
    def spent(self) -> bool:
        return self.count is not None and self.count <= 0


# kind -> option -> the JSON types it may have.
FAULT_KINDS: dict[str, dict[str, tuple[type, ...]]] = {
    "status": {
        "status": (int,),
        "body": (str,),
        "body_base64": (str,),
        "json": ANYTHING,
        "shape": (str,),
        "error_code": (str,),
        "error_msg": (str,),
        "headers": (dict,),
        "retry_after": (int, float, str),
        "retry_after_date": NUMBER,
    },
    "html": {"status": (int,), "body": (str,)},
    "json": {"status": (int,), "json": ANYTHING, "headers": (dict,)},
    "edit": {"set": (dict,), "drop": (list,)},
    "headers": {"headers": (dict,)},
    "delay": {"seconds": NUMBER},
    "truncate": {"bytes": (int,), "chunked": (bool,), "reset": (bool,)},
    "reset": {},
    "close": {},
    "hang": {"seconds": NUMBER},
    "drip": {"delay": NUMBER, "chunk": (int,)},
    "drip_headers": {"delay": NUMBER, "chunk": (int,)},
    "redirect": {"to": (str,), "status": (int,)},
    "bomb": {"mib": (int,), "encoding": (str,), "key": (str,)},
    "bad_gzip": {},
    "echo": {"secrets": (list,), "status": (int,), "shape": (str,)},
    "expire_tokens": {},
    "expire_keys": {},
    "churn": {"add": (int,), "remove": (int,), "flip": (int,), "where": (str,)},
}
NEEDED_OPTIONS = {"json": ("json",), "redirect": ("to",), "headers": ("headers",), "delay": ("seconds",)}
ON_TOP = ("expire_tokens", "expire_keys", "churn")
"""Kinds that change the world, not the answer."""

SHAPES = ("gateway", "workspace", "iam", "html", "empty")
ENCODINGS = ("gzip", "deflate", "identity")
PLACES = ("front", "end", "random")
METADATA = ("plain", "optional", "required", "no_agency", "off")
COUNTS = ("after", "bytes", "mib", "add", "remove", "flip")


def _check(where: str, value: Any, types: tuple[type, ...]) -> Any:
    # bool is an int to Python, but not to the author of a test.
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types and object not in types):
        names = " or ".join("anything" if item is object else item.__name__ for item in types)
        raise BehaviourError(f"{where}: {value!r} is not of type {names}")
    return value


def _amount(where: str, value: Any, whole: bool = False, least: float = 0) -> Any:
    _check(where, value, (int,) if whole else NUMBER)
    if value < least:
        raise BehaviourError(f"{where}: {value!r} is less than {least}")
    return value


def _one_line(where: str, value: str) -> None:
    if not value.isprintable():
        raise BehaviourError(f"{where}: {value!r} cannot be sent in a header")


def _choice(where: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise BehaviourError("{}: {!r} is none of {}".format(where, value, ", ".join(choices)))
    return str(value)


def _known(where: str, given: Any, names: Any) -> dict[str, Any]:
    _check(where, given, (dict,))
    for name in given:
        if name not in names:
            raise BehaviourError("{}.{}: unknown; there are {}".format(where, name, ", ".join(sorted(names))))
    return dict(given)


def parse_fault(given: Any, where: str = "fault") -> Fault:
    """A fault from JSON: {"kind": ..., "match", "method", "after", "count", and the kind's options}."""
    _check(where, given, (dict,))
    kind = given.get("kind")
    if kind not in FAULT_KINDS:
        raise BehaviourError("{}.kind: {!r} is none of {}".format(where, kind, ", ".join(sorted(FAULT_KINDS))))
    options = FAULT_KINDS[kind]
    _known(where, given, {"kind", "match", "method", "after", "count", *options})
    for name in NEEDED_OPTIONS.get(kind, ()):
        if name not in given:
            raise BehaviourError(f"{where}.{name}: needed by the kind {kind}")
    chosen: dict[str, Any] = {}
    for name, types in options.items():
        if name not in given:
            continue
        place = f"{where}.{name}"
        value = chosen[name] = _check(place, given[name], types)
        if name in COUNTS:
            _amount(place, value, whole=True)
        elif name == "chunk":
            _amount(place, value, whole=True, least=1)
        elif name in ("seconds", "delay"):
            _amount(place, value)
        elif name == "status" and not 200 <= value <= 599:
            raise BehaviourError(f"{place}: {value!r} is not a final status")
        elif name == "shape":
            _choice(place, value, SHAPES)
        elif name == "encoding":
            _choice(place, value, ENCODINGS)
        elif name == "where":
            _choice(place, value, PLACES)
        elif name == "headers":
            for header in value:
                _one_line(f"{place}.{header}", _check(f"{place}.{header}", value[header], (str,)))
        elif name == "to":
            _one_line(place, value)
        elif name == "body_base64":
            try:
                base64.b64decode(value, validate=True)
            except ValueError:
                raise BehaviourError(f"{place}: is not base64") from None
    count = given.get("count", 1)
    return Fault(
        kind=kind,
        match=_check(where + ".match", given.get("match", ""), (str,)),
        method=_check(where + ".method", given.get("method", ""), (str,)),
        after=_amount(where + ".after", given.get("after", 0), whole=True),
        count=None if count is None else _amount(where + ".count", count, whole=True, least=1),
        options=chosen,
    )


def parse_drain(given: Any, where: str = "drain") -> Drain | None:
    """Seconds, or {"seconds": ..., "start": "request" or "now"}; null stops it."""
    if given is None:
        return None
    if not isinstance(given, dict):
        return Drain(float(_amount(where, given)))
    found = _known(where, given, {"seconds", "start"})
    if "seconds" not in found:
        raise BehaviourError(f"{where}.seconds: needed")
    start = _choice(where + ".start", found.get("start", "request"), ("request", "now"))
    return Drain(float(_amount(where + ".seconds", found["seconds"])), start)


def parse_churn(given: Any, where: str = "churn") -> Churn | None:
    """{"add", "remove", "flip", "every", "where", "times"}, all optional; null stops it."""
    if given is None:
        return None
    found = _known(where, given, {item.name for item in fields(Churn)})
    for name in ("add", "remove", "flip"):
        _amount(f"{where}.{name}", found.get(name, 0), whole=True)
    _amount(where + ".every", found.get("every", 1), whole=True, least=1)
    _choice(where + ".where", found.get("where", "random"), PLACES)
    if found.get("times") is not None:
        _amount(where + ".times", found["times"], whole=True)
    return Churn(**found)


@dataclass
class Behaviour:
    """The standing behaviours; the defaults are an API that does what its page says.

    latency, jitter: seconds before an answer, fixed and at most so much more.
    clamp: pages are never longer than this. ignore_offset, ignore_limit: as if they were not sent.
    ignore_case: names are compared without regard to letter case.
    shuffle: every page comes from the list in another order.
    total_count: reported instead of the true one.
    empty_without_ids: by-users without user_ids is empty (seen by Terraform's provider).
    omit_users_without_pools, omit_desktop_pool_count: by-users leaves these out.
    rate_limit: requests a second; what is above gets 429, with Retry-After if rate_limit_retry_after is set.
    gzip, gzip_min_bytes: compress for clients that accept it, from this size on.
    lock: six failures in a row lock an access key. clock_offset: seconds that the gateway's clock is ahead.
    metadata: which variant of the ECS metadata service there is. key_life: no temporary keys live longer, in seconds.
    """

    latency: float = 0.0
    jitter: float = 0.0
    clamp: int | None = None
    ignore_offset: bool = False
    ignore_limit: bool = False
    ignore_case: bool = False
    shuffle: bool = False
    total_count: int | None = None
    empty_without_ids: bool = False
    omit_users_without_pools: bool = False
    omit_desktop_pool_count: bool = False
    rate_limit: float | None = None
    rate_limit_retry_after: float | None = None
    gzip: bool = True
    gzip_min_bytes: int = 1024
    lock: bool = True
    clock_offset: float = 0.0
    metadata: str = "optional"
    key_life: float | None = None
    drain: Drain | None = None
    churn: Churn | None = None
    faults: list[Fault] = field(default_factory=list)

    def changed(self, given: Any) -> Behaviour:
        """A copy with the given JSON applied."""
        result = copy.deepcopy(self)
        for name, value in _known("behaviour", given, {item.name for item in fields(Behaviour)}).items():
            where = "behaviour." + name
            parsed: Any = value
            if name == "faults":
                _check(where, value, (list,))
                parsed = [parse_fault(item, f"{where}[{place}]") for place, item in enumerate(value)]
            elif name == "drain":
                parsed = parse_drain(value, where)
            elif name == "churn":
                parsed = parse_churn(value, where)
            elif name in ("latency", "jitter"):
                _amount(where, value)
            elif name == "clock_offset":
                _check(where, value, NUMBER)
            elif name == "gzip_min_bytes":
                _amount(where, value, whole=True)
            elif name in ("rate_limit", "rate_limit_retry_after"):
                if value is not None:
                    _amount(where, value, least=0.001 if name == "rate_limit" else 0)
            elif name == "metadata":
                _choice(where, value, METADATA)
            elif name == "key_life":
                if value is not None:
                    _amount(where, value)
            elif name in ("clamp", "total_count"):
                if value is not None:
                    _amount(where, value, whole=True)
            else:
                _check(where, value, (bool,))
            setattr(result, name, parsed)
        return result
