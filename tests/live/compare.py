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
from huaweicloudsdkworkspace import v2

from live.service import BY_USERS, CONNECT, DETAIL, USERS, Listing, Service

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
    builder = v2.WorkspaceClient.new_builder().with_credentials(keys).with_http_config(config)
    return builder.with_endpoint(settings.endpoint).build()


def pages(call: Callable[..., Any], request: Callable[..., Any], listing: Listing, limit: int) -> Records:
    """Read with the SDK, page after page, until one brings nothing new."""
    found: Records = {}
    while True:
        page = call(request(offset=len(found), limit=limit)).to_json_object().get(listing.rows) or []
        before = len(found)
        found.update((row[listing.id], row) for row in page)
        if len(found) == before or len(found) > 2000:
            return found


def pools_of(sdk: Any, ids: list[str]) -> Records:
    """Read the pools of users with the SDK."""
    found: Records = {}
    while ids:
        answer = sdk.list_desktop_pools_by_users(v2.ListDesktopPoolsByUsersRequest(user_ids=ids[:10]))
        rows = answer.to_json_object()["users"]
        found.update((row["user_id"], row) for row in rows)
        # Those that a short page left out are asked for again, unless the page was empty.
        ids = [user_id for user_id in ids if user_id not in found] if rows else ids[10:]
    return found


def operations(service: Service, sdk: Any) -> Iterator[tuple[Listing, Callable[[], Any], Callable[[], Records]]]:
    """Yield what is compared: the operation, how the collection reads its records, how the SDK does."""
    project, ids = service.project, service.user_ids[:MOST_USERS]
    paging = {"offset": None, "limit": None}
    options = {"user_names": None, "connect_status": None, **paging}
    yield (
        CONNECT,
        lambda: connect_desktops.prepare(options)(project)["desktops"],
        lambda: pages(sdk.list_desktops_connect_status, v2.ListDesktopsConnectStatusRequest, CONNECT, 1000),
    )
    if ids:
        yield (
            BY_USERS,
            lambda: user_pools.prepare({"user_ids": ids, **paging})(project)["users"],
            lambda: pools_of(sdk, ids),
        )
    yield (
        DETAIL,
        lambda: read_list(project, desktops_detail.LISTING).values(),
        lambda: pages(sdk.list_desktops_detail, v2.ListDesktopsDetailRequest, DETAIL, 100),
    )
    yield (
        USERS,
        lambda: users.read_users(project, contact_details=True),
        lambda: pages(sdk.list_users, v2.ListUsersRequest, USERS, 100),
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
