# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulator was told to behave: standing behaviours, and a queue of faults.

Both come as JSON, from the command line or the control API; README.md says what each does. Names and kinds are
checked, so that a slip of the pen in a test does not turn into a fault that never happens; values are not.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from simulator import MistakeError

FAULT_KINDS: dict[str, set[str]] = {
    "status": {"status", "body", "json", "shape", "error_code", "error_msg", "retry_after", "retry_after_date"},
    "html": set(),
    "json": {"json"},
    "edit": {"set"},
    "truncate": {"bytes", "chunked", "reset"},
    "reset": set(),
    "close": set(),
    "hang": {"seconds"},
    "drip": {"delay"},
    "drip_headers": {"delay"},
    "redirect": {"to", "status"},
    "bomb": {"mib", "encoding"},
    "bad_gzip": set(),
    "expire_tokens": set(),
    "expire_keys": set(),
}
"""Kind -> its options."""

ON_TOP = ("expire_tokens", "expire_keys")
"""Kinds that change the world, not the answer."""

CHOICES = {
    "metadata": ("plain", "optional", "required", "no_agency", "off"),
    "total_meaning": ("matched", "project", "page"),
    "rate_limit_window": ("fixed", "sliding"),
}


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


def parse_fault(given: dict[str, Any]) -> Fault:
    """A fault from JSON: {"kind": ..., "match", "method", "after", "count", and the kind's options}."""
    kind = given.get("kind")
    if kind not in FAULT_KINDS:
        raise MistakeError("fault {!r}: there are {}".format(kind, ", ".join(FAULT_KINDS)))
    options = {name: value for name, value in given.items() if name in FAULT_KINDS[kind]}
    return Fault(**{name: value for name, value in given.items() if name not in options}, options=options)


@dataclass
class Behaviour:
    """The standing behaviours; the defaults are an API that does what its page says."""

    latency: float = 0.0
    jitter: float = 0.0
    clamp: int | None = None
    ignore_case: bool = False
    fuzzy: bool = False
    ignore_filters: list[str] = field(default_factory=list)
    total_meaning: str = "matched"
    refuse: list[str] = field(default_factory=list)
    addresses_as_list: bool = False
    empty_without_ids: bool = False
    omit_users_without_pools: bool = False
    rate_limit: int | None = None
    rate_limit_seconds: int = 1
    rate_limit_window: str = "sliding"
    gzip_min_bytes: int = 1024
    lock: bool = True
    clock_offset: float = 0.0
    metadata: str = "optional"
    agency: str = "ecs-agency"
    key_life: float | None = None
    churn: Churn | None = None
    faults: list[Fault] = field(default_factory=list)

    def changed(self, given: dict[str, Any]) -> Behaviour:
        """A copy with the given JSON applied, and with faults of its own to count down."""
        for name, choices in CHOICES.items():
            if given.get(name, choices[0]) not in choices:
                raise MistakeError("{}: {!r} is none of {}".format(name, given[name], ", ".join(choices)))
        parsed = dict(given)
        try:
            if given.get("churn"):
                parsed["churn"] = Churn(**given["churn"])
            faults = [parse_fault(fault) for fault in given["faults"]] if "faults" in given else self.faults
            parsed["faults"] = [dataclasses.replace(fault) for fault in faults]
            return dataclasses.replace(self, **parsed)
        except (AttributeError, TypeError) as problem:
            # Python's own complaint names the key that is unknown or missing.
            raise MistakeError(f"behaviour: {problem}") from None
