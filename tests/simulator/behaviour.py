# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of the simulator: behaviours, and a queue of faults.

Both are JSON from the command line or the control API, and are described in README.md. Names and kinds are checked, so
that a typing error in a test does not result in a fault that never occurs. Values are not checked.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from simulator import MistakeError

FAULT_KINDS: dict[str, set[str]] = {
    "status": {"status", "body", "json", "shape", "error_code", "error_msg", "headers"},
    "edit": {"set", "headers"},
    "truncate": {"bytes", "chunked", "reset"},
    "reset": set(),
    "close": set(),
    "hang": {"seconds"},
    "drip": {"delay"},
    "bomb": {"mib", "encoding"},
    "expire_tokens": set(),
    "expire_keys": set(),
}
"""Kind -> its options."""

ON_TOP = ("expire_tokens", "expire_keys")
"""Kinds that do not change the response."""


@dataclass
class Fault:
    """A fault.

    It applies to ``count`` requests (None: all) after ``after`` others, counting only requests
    with ``method`` whose raw target contains ``match``. ``options`` depend on the kind.
    """

    kind: str
    match: str = ""
    method: str = ""
    after: int = 0
    count: int | None = 1
    options: dict[str, Any] = field(default_factory=dict)

    def concerns(self, method: str, target: str) -> bool:
        return self.match in target and self.method in ("", method) and self.count != 0


def parse_fault(given: dict[str, Any]) -> Fault:
    """Parse a fault: {"kind": ..., "match", "method", "after", "count", and the options of the kind}."""
    kind = given.get("kind")
    if kind not in FAULT_KINDS:
        raise MistakeError(f"fault {kind!r}: there are {', '.join(FAULT_KINDS)}")
    options = {name: value for name, value in given.items() if name in FAULT_KINDS[kind]}
    return Fault(**{name: value for name, value in given.items() if name not in options}, options=options)


@dataclass
class Behaviour:
    """The behaviours; by default, the API behaves as documented."""

    latency: float = 0.0
    jitter: float = 0.0
    clamp: int | None = None
    fuzzy: bool = False
    total_meaning: str = "matched"
    refuse: list[str] = field(default_factory=list)
    empty_without_ids: bool = False
    rate_limit: int | None = None
    rate_limit_seconds: int = 1
    rate_limit_window: str = "sliding"
    gzip_min_bytes: int = 1024
    metadata: str = "optional"
    faults: list[Fault] = field(default_factory=list)

    def changed(self, given: dict[str, Any]) -> Behaviour:
        """A copy with the given changes and with its own copies of the faults."""
        try:
            faults = [parse_fault(fault) for fault in given["faults"]] if "faults" in given else self.faults
            return dataclasses.replace(self, **{**given, "faults": [dataclasses.replace(fault) for fault in faults]})
        except (AttributeError, TypeError) as problem:
            # The message of Python names the unknown or missing key.
            raise MistakeError(f"behaviour: {problem}") from None
