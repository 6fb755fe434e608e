# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same questions through the official SDK and through the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import Keys
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.listing import read_list
from ansible_collections.huaweicloud.workspace.plugins.module_utils._workspace import (
    connect_desktops,
    desktops_detail,
    user_pools,
    users,
)
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkworkspace.v2 import (
    ListDesktopPoolsByUsersRequest,
    ListDesktopsConnectStatusRequest,
    ListDesktopsDetailRequest,
    ListUsersRequest,
    WorkspaceClient,
)

from live.service import Service

Records = dict[str, dict[str, Any]]
#: As many users are compared by their pools; ten requests.
MOST_USERS = 100


def official_client(settings: Settings, project_id: str) -> Any:
    """Make the SDK's client, or None where it cannot use these credentials."""
    who = settings.credentials
    if not isinstance(who, Keys) or settings.proxy:
        return None
    keys = BasicCredentials(who.access_key, who.secret_key, project_id)
    if who.security_token:
        keys = keys.with_security_token(who.security_token)
    config = HttpConfig.get_default_config()
    config.ignore_ssl_verification = settings.verify is False
    if isinstance(settings.verify, str):
        config.ssl_ca_cert = settings.verify
    builder = WorkspaceClient.new_builder().with_credentials(keys).with_http_config(config)
    return builder.with_endpoint(settings.endpoint).build()


def pages(call: Callable[..., Any], request: Callable[..., Any], rows: str, key: str, limit: int) -> Records:
    """Read with the SDK, page after page, until one brings nothing new."""
    found: Records = {}
    while True:
        page = call(request(offset=len(found), limit=limit)).to_json_object().get(rows) or []
        before = len(found)
        found.update((row[key], row) for row in page)
        if len(found) == before or len(found) > 2000:
            return found


def operations(service: Service, sdk: Any) -> Iterator[tuple[str, Callable[[], Records], Callable[[], Records]]]:
    """Yield what is compared: its name, how the collection reads it, how the SDK does."""
    options = {"user_names": None, "connect_status": None, "offset": None, "limit": None}
    ids = service.user_ids[:MOST_USERS]

    def by_users() -> Records:
        found: Records = {}
        wanted = ids
        while wanted:
            answer = sdk.list_desktop_pools_by_users(ListDesktopPoolsByUsersRequest(user_ids=wanted[:10]))
            rows = answer.to_json_object()["users"]
            found.update((row["user_id"], row) for row in rows)
            # Those that a short page left out are asked for again, unless the page was empty.
            wanted = [user_id for user_id in wanted if user_id not in found] if rows else wanted[10:]
        return found

    yield (
        "connect-desktops",
        lambda: {row["desktop_id"]: row for row in connect_desktops.prepare(options)(service.project)["desktops"]},
        lambda: pages(
            sdk.list_desktops_connect_status, ListDesktopsConnectStatusRequest, "desktops", "desktop_id", 1000
        ),
    )
    if ids:
        paging = {"offset": None, "limit": None}
        yield (
            "by-users",
            lambda: {
                row["user_id"]: row for row in user_pools.prepare({"user_ids": ids, **paging})(service.project)["users"]
            },
            by_users,
        )
    yield (
        "desktops/detail",
        lambda: read_list(service.project, desktops_detail.LISTING),
        lambda: pages(sdk.list_desktops_detail, ListDesktopsDetailRequest, "desktops", "desktop_id", 100),
    )
    yield (
        "users",
        lambda: {row["id"]: row for row in users.read_users(service.project, contact_details=True)},
        lambda: pages(sdk.list_users, ListUsersRequest, "users", "id", 100),
    )


def differences(ours: Records, theirs: Records) -> str:
    """Say how two answers differ, in numbers; empty if they do not."""
    texts = []
    if missing := len(theirs.keys() - ours.keys()):
        texts.append(f"{missing} only in the SDK's answer")
    # The SDK's pages end where connect-desktops does not go further.
    if len(theirs) <= 2000 and (more := len(ours.keys() - theirs.keys())):
        texts.append(f"{more} only in the collection's answer")
    shared = ours.keys() & theirs.keys()
    fields = sorted({name for key in shared for name in theirs[key] if differ(ours[key].get(name), theirs[key][name])})
    counts = {name: sum(differ(ours[key].get(name), theirs[key].get(name)) for key in shared) for name in fields}
    texts += [f"{name} differs {count} times" for name, count in counts.items()]
    return ", ".join(texts)


def differ(ours: Any, theirs: Any) -> bool:
    """Whether two values differ; the SDK leaves out what is null, at any depth."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return any(differ(ours.get(name), value) for name, value in theirs.items())
    if isinstance(theirs, list) and isinstance(ours, list):
        return len(ours) != len(theirs) or any(map(differ, ours, theirs))
    return bool(ours != theirs)
