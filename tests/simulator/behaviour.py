# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulator was told to behave: standing behaviours, and a queue of faults.

Both come as JSON, from the command line or the control API. Names and kinds are checked, so that a slip of the pen
in a test does not turn into a fault that never happens; values are not.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any


class BehaviourError(Exception):
    """The JSON does not say how to behave; the text names the key."""


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


FAULT_KINDS: dict[str, tuple[str, ...]] = {
    "status": (
        "status",
        "body",
        "body_base64",
        "json",
        "shape",
        "error_code",
        "error_msg",
        "headers",
        "retry_after",
        "retry_after_date",
    ),
    "html": ("status", "body"),
    "json": ("status", "json", "headers"),
    "edit": ("set", "drop"),
    "headers": ("headers",),
    "delay": ("seconds",),
    "truncate": ("bytes", "chunked", "reset"),
    "reset": (),
    "close": (),
    "hang": ("seconds",),
    "drip": ("delay", "chunk"),
    "drip_headers": ("delay", "chunk"),
    "redirect": ("to", "status"),
    "bomb": ("mib", "encoding", "key"),
    "bad_gzip": (),
    "echo": ("secrets", "status", "shape"),
    "expire_tokens": (),
    "expire_keys": (),
    "churn": ("add", "remove", "flip", "where"),
}
NEEDED_OPTIONS = {"json": "json", "redirect": "to", "headers": "headers", "delay": "seconds"}
ON_TOP = ("expire_tokens", "expire_keys", "churn")
"""Kinds that change the world, not the answer."""

METADATA = ("plain", "optional", "required", "no_agency", "off")
PLACES = ("front", "end", "random")
TOTALS = ("matched", "project", "page")


def _choice(where: str, value: Any, choices: Iterable[str]) -> str:
    if value not in choices:
        raise BehaviourError("{}: {!r} is none of {}".format(where, value, ", ".join(sorted(choices))))
    return str(value)


def _known(where: str, given: Any, names: Iterable[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BehaviourError(f"{where}: {given!r} is no mapping")
    for name in given:
        if name not in names:
            raise BehaviourError("{}.{}: unknown; there are {}".format(where, name, ", ".join(sorted(names))))
    return dict(given)


def parse_fault(given: Any, where: str = "fault") -> Fault:
    """A fault from JSON: {"kind": ..., "match", "method", "after", "count", and the kind's options}."""
    kind = _choice(f"{where}.kind", given.get("kind") if isinstance(given, dict) else given, FAULT_KINDS)
    common = ("kind", "match", "method", "after", "count")
    options = _known(where, given, (*common, *FAULT_KINDS[kind]))
    needed = NEEDED_OPTIONS.get(kind)
    if needed and needed not in options:
        raise BehaviourError(f"{where}.{needed}: needed by the kind {kind}")
    return Fault(**{name: options.pop(name) for name in common if name in options}, options=options)


def parse_drain(given: Any, where: str = "drain") -> Drain | None:
    """Seconds, or {"seconds": ..., "start": "request" or "now"}; null stops it."""
    if given is None:
        return None
    found = _known(where, given if isinstance(given, dict) else {"seconds": given}, {"seconds", "start"})
    if "seconds" not in found:
        raise BehaviourError(f"{where}.seconds: needed")
    return Drain(float(found["seconds"]), _choice(where + ".start", found.get("start", "request"), ("request", "now")))


def parse_churn(given: Any, where: str = "churn") -> Churn | None:
    """{"add", "remove", "flip", "every", "where", "times"}, all optional; null stops it."""
    if given is None:
        return None
    found = _known(where, given, {item.name for item in fields(Churn)})
    _choice(where + ".where", found.get("where", "random"), PLACES)
    return Churn(**found)


@dataclass
class Behaviour:
    """The standing behaviours; the defaults are an API that does what its page says.

    latency, jitter: seconds before an answer, fixed and at most so much more.
    clamp: pages are never longer than this. ignore_offset, ignore_limit: as if they were not sent.
    ignore_case: names are compared without regard to letter case.
    shuffle: every page comes from the list in another order.
    fuzzy: a name matches every name that holds it, in any letter case. ignore_filters: names of filters without effect.
    total_count: reported instead of the true one. total_meaning: what it counts: "matched", what is in the "project"
    whatever the filters say, or what is on the "page".
    refuse: operations, by their path below the project, for which the caller lacks the permission.
    detail_limit: the largest page of desktops/detail, 500 or 1000 (documentation and schema differ).
    addresses_as_list: as the vendor's example of desktops/detail has them, and not its documentation.
    empty_without_ids: by-users without user_ids is empty (seen by Terraform's provider).
    omit_users_without_pools, omit_desktop_pool_count: by-users leaves these out.
    rate_limit: requests in rate_limit_seconds for each user and API; what is above gets 429, with the vendor's text
    and, if rate_limit_retry_after is set, with Retry-After. rate_limit_window: whether all are forgotten when the
    seconds are over ("fixed", from the first one on), or each after so many ("sliding").
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
    fuzzy: bool = False
    ignore_filters: list[str] = field(default_factory=list)
    total_count: int | None = None
    total_meaning: str = "matched"
    refuse: list[str] = field(default_factory=list)
    detail_limit: int = 500
    addresses_as_list: bool = False
    empty_without_ids: bool = False
    omit_users_without_pools: bool = False
    omit_desktop_pool_count: bool = False
    rate_limit: int | None = None
    rate_limit_seconds: int = 1
    rate_limit_window: str = "sliding"
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
                parsed = [parse_fault(item, f"{where}[{place}]") for place, item in enumerate(value)]
            elif name == "drain":
                parsed = parse_drain(value, where)
            elif name == "churn":
                parsed = parse_churn(value, where)
            elif name == "metadata":
                _choice(where, value, METADATA)
            elif name == "total_meaning":
                _choice(where, value, TOTALS)
            elif name == "rate_limit_window":
                _choice(where, value, ("fixed", "sliding"))
            setattr(result, name, parsed)
        return result
