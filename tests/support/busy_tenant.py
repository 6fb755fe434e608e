# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects in which desktops are in use, in every way."""

from __future__ import annotations

REGION = "cn-north-4"
#: The name of a desktop, which must not be taken for a template.
BRACES = "{{ 6 * 7 }}"

#: Nobody is connected in the second project of the region, everything else is wrong with the first.
TENANT = {
    "projects": [
        {
            "region": REGION,
            "desktops": [
                {"name": "desk-1", "status": "REGISTERED", "users": ["bob"]},
                {"name": "desk-10", "status": "CONNECTED", "users": ["张三", "O'Brien"]},
                {"name": "desk-11", "status": "DISCONNECTED", "users": ["Alice"]},
                {"name": BRACES, "status": None},
                {"name": "off", "status": "UNREGISTER", "groups": ["night-shift"]},
            ],
            "logins": [
                {"user": "张三", "computer": "desk-10", "ago": 1800},
                {"user": "O'Brien", "computer": "desk-10", "ago": 900, "failure": "VM_CONNECT_FAILED"},
                {"user": "Alice", "computer": "desk-11", "ago": 7200, "lasted": 600},
            ],
        },
        {
            "name": f"{REGION}_second",
            "region": REGION,
            "desktops": [{"name": "free-1", "status": "REGISTERED", "users": ["alice", "carol"]}],
        },
        {"region": "cn-east-3"},
        {"region": "cn-south-1", "workspace": False},
        {
            "region": "cn-southwest-2",
            "pools": ["dev", "empty"],
            "users": [{"name": "carol", "fields": {"group_names": ["night"]}}],
            "tasks": [
                {"name": "nightly", "fields": {"task_type": "REBOOT", "due_in": 3600}},
                {"name": "weekly", "fields": {"task_type": "STOP", "due_in": 600000}},
            ],
            "desktops": [
                {"name": "dev-1", "status": "REGISTERED", "users": ["alice"], "pool": "dev"},
                {"name": "dev-2", "status": "UNREGISTER", "pool": "dev", "detail": {"login_status": "DISCONNECTED"}},
                {"name": "cad", "status": "REGISTERED", "detail": {"tags": [{"key": "owner", "value": "cad"}]}},
                {"name": "late", "status": "CONNECTED", "users": ["bob"]},
                {"name": "shift", "status": "DISCONNECTED", "groups": ["night"]},
            ],
        },
    ]
}
