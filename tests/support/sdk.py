# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's SDK as a client of the simulator."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization
from huaweicloudsdkworkspace import v2
from simulator.client import Simulator

SDK_WARNINGS = [
    # The SDK uses a deprecated function for the time, and leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:huaweicloudsdkcore"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_METHOD = re.compile(
    r'def _(\w+)_http_info\(cls, request\):\s+http_info = \{\s+"method": "GET",\s+'
    r'"resource_path": "/v2/\{project_id\}/([^"]+)"'
)


def _without_names(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


#: Path below the project -> the method of the SDK's client.
METHODS = {
    _without_names(path): method
    for method, path in _METHOD.findall(inspect.getsource(sys.modules[v2.WorkspaceClient.__module__]))
}


def sdk(sim: Simulator, **changes: Any) -> v2.WorkspaceClient:
    """The SDK's client; `changes` replace `ak`, `sk` and `project_id`, or add a `security_token`."""
    token = changes.pop("security_token", None)
    info = sim.info
    known = {"ak": info["access_key"], "sk": info["secret_key"], "project_id": info["project_id"], **changes}
    credentials = BasicCredentials(**known)
    if token is not None:
        credentials = credentials.with_security_token(token)
    return v2.WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(sim.url).build()


def _class(path: str, kind: str) -> Any:
    return getattr(v2, "".join(word.title() for word in METHODS[_without_names(path)].split("_")) + kind)


def fields(path: str, *lists: str) -> dict[str, str]:
    """Field -> type in the SDK's model of a response, or of the records in a list of it, at any depth."""
    found: dict[str, str] = _class(path, "Response").openapi_types
    for key in lists:
        found = getattr(v2, found[key].removeprefix("list[").removesuffix("]")).openapi_types
    return found


def read(client: v2.WorkspaceClient, path: str, **parameters: Any) -> dict[str, Any]:
    """The response of an operation as the SDK decodes it.

    @param path: as in the table of operations, with the names of parameters in braces.
    @param parameters: of the query and the path; the ones for the query are converted to the types of the SDK.
    """
    request = _class(path, "Request")()
    for name, value in parameters.items():
        wanted = request.openapi_types[name]
        setattr(request, name, {"int": int, "str": str}.get(wanted, lambda given: given)(value))
    # Not `to_json_object`, which returns the body as it is, with fields that the SDK's models do not have.
    found: dict[str, Any] = sanitize_for_serialization(getattr(client, METHODS[_without_names(path)])(request))
    return found


def desktops_of(client: v2.WorkspaceClient, **filters: Any) -> list[dict[str, Any]]:
    """All pages of connect-desktops."""
    found: list[dict[str, Any]] = []
    while True:
        page = read(client, "connect-desktops", offset=len(found), limit=100, **filters)["desktops"]
        found += page
        if len(page) < 100:
            return found


def without_null(value: Any) -> Any:
    """The value without nulls, which the SDK leaves out."""
    if isinstance(value, dict):
        return {key: without_null(item) for key, item in value.items() if item is not None}
    return [without_null(item) for item in value] if isinstance(value, list) else value
