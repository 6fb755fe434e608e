# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of the list operations, generated from the tenant.

Field names and types are those of the SDK's models (3.1.219). Missing values are generated from the number of the
record, so that all responses are consistent.
"""

from __future__ import annotations

import functools
import ipaddress
import time
import zlib
from collections.abc import Container

from simulator.tenant import Desktop, Pool, Project, Record, Task, User

BUSINESS = ipaddress.IPv4Address("10.0.0.10")
MANAGEMENT = ipaddress.IPv4Address("172.16.0.10")
SUBNET = "6c3f9c0e-6f0a-4b1e-9a58-0f6f5b3c2d11"


@functools.cache
def address(first: ipaddress.IPv4Address, number: int) -> str:
    return str(first + number)


def created(desktop: Desktop) -> str:
    """A time in the format of desktops/detail, which differs from that of desktops."""
    number = desktop.number
    return f"2026-01-{1 + number // 86400 % 28:02d}T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.459Z"


def connect_desktop(desktop: Desktop, _project: Project) -> Record:
    """An entry of GET connect-desktops."""
    return {
        "desktop_id": desktop.desktop_id,
        "desktop_name": desktop.desktop_name,
        "connect_status": desktop.connect_status,
        "attach_users": desktop.attach_users,
        **desktop.extra,
    }


#: The fields of desktops/detail that are the same for all desktops, unless `detail` has another value.
ALIKE: Record = {
    **dict.fromkeys(("ipv6", "process")),
    **dict.fromkeys(("task_status", "share_resource_sku", "order_id", "internet_mode", "bill_resource_id"), ""),
    **dict.fromkeys(("in_maintenance_mode", "is_support_internet", "is_attaching_eip", "is_freeze", "isolated"), False),
    "metadata": {"charging_mode": "1", "image_name": "win10-office", "os_type": "Windows", "os_bit": "64"},
    "flavor": {"id": "s6.xlarge.2", "links": [{"rel": "bookmark", "hrel": "flavors/s6.xlarge.2"}]},
    "status": "ACTIVE",
    "domain_status": 1,
    "product_id": "workspace.x86.ultimate.large4",
    "data_volumes": [],
    "site_type": "CENTER",
    "product": {
        "product_id": "workspace.x86.ultimate.large4",
        "flavor_id": "s6.xlarge.2",
        "type": "BASE",
        "cpu": "4",
        "memory": "8192",
        "descriptions": "4 vCPUs, 8 GB",
        "charge_mode": "1",
        "architecture": "x86",
        "is_gpu": False,
    },
    "ou_name": "Desktops",
    "os_version": "10",
    "tags": [],
    "enterprise_project_id": "0",
    "subnet_id": SUBNET,
    "domain": "corp.local",
    "agent_version": "25.4.10001",
}


def desktop_detail(desktop: Desktop, project: Project) -> Record:
    """An entry of GET desktops/detail. `ip_addresses` begins with the management address, `ipv4` is another one."""
    business, management = address(BUSINESS, desktop.number), address(MANAGEMENT, desktop.number)
    mac = f"{desktop.number:06x}"
    people = desktop.names("USER")
    cards = [
        {
            "addr": address,
            "version": "4",
            "OS-EXT-IPS-MAC:mac_addr": f"fa:16:{card}:{mac[:2]}:{mac[2:4]}:{mac[4:]}",
            "OS-EXT-IPS:type": "fixed",
        }
        for card, address in (("3e", management), ("3f", business))
    ]
    names = {"id": "user_id", "name": "user_name"}
    users = [
        {"domain": "corp.local", **{names.get(name, name): value for name, value in entry.items()}}
        for entry in desktop.attach_users
    ]
    return {
        **ALIKE,
        "desktop_id": desktop.desktop_id,
        "computer_name": desktop.desktop_name,
        "os_host_name": desktop.desktop_name,
        "addresses": {SUBNET[:8]: cards},
        "ip_addresses": [management, business],
        "ipv4": business,
        "user_list": people,
        "user_group_list": desktop.names("GROUP"),
        "desktop_type": "POOLED" if desktop.pool else "DEDICATED",
        "created": created(desktop),
        "login_status": desktop.connect_status,
        "user_name": people[0] if people else "",
        "attach_user_infos": users,
        "root_volume": {"kms_id": "", "type": "SAS", "size": 80, "device": "/dev/vda", "id": f"root-{desktop.number}"},
        "user_group": users[0]["user_group"] if users else "",
        "availability_zone": project.region + "a",
        "site_name": project.region,
        "sid": f"sid-{desktop.number}",
        "attach_state": "ATTACHED" if users else "UNATTACH",
        **desktop.detail,
    }


#: The fields that desktops does not have.
_DETAIL_ONLY = (
    "addresses ip_addresses ipv4 ipv6 user_list user_group_list metadata flavor login_status product_id root_volume"
    " data_volumes site_type site_name product os_version order_id is_support_internet internet_mode is_attaching_eip"
    " attach_state process is_freeze isolated domain agent_version"
)
DETAIL_ONLY = _DETAIL_ONLY.split()


def simple_desktop(desktop: Desktop, project: Project) -> Record:
    """An entry of GET desktops, with fewer fields than in detail, but with the ID of the pool."""
    answer = desktop_detail(desktop, project)
    answer.update(
        project_id=project.id,
        ip_address=answer["ipv4"],
        connect_status=desktop.connect_status,
        desktop_detail_type=answer["desktop_type"],
        pool_id=desktop.pool.id if desktop.pool else None,
        created=created(desktop)[:19].replace("T", " "),
    )
    return {name: value for name, value in answer.items() if name not in DETAIL_ONLY}


def usage(desktop: Desktop, _project: Project) -> Record:
    """An entry of GET statistics/metrics/desktops, for a desktop with a usage record."""
    answer: Record = {
        "resource_id": desktop.desktop_id,
        "resource_name": desktop.desktop_name,
        "enterprise_project_id": "0",
        "machine_sid": f"sid-{desktop.number}",
        "latest_connect_username": "".join(desktop.names("USER")[:1]),
        "metric": [
            {"metric_name": "desktop_usage", "metric_value": 3600.0 * (desktop.number % 8)},
            {"metric_name": "desktop_idle_duration", "metric_value": 86400.0 * (desktop.idle_days or 0)},
        ],
    }
    if desktop.pool:
        answer.update(resource_pool_id=desktop.pool.id, resource_pool_name=desktop.pool.name)
    return answer


def user_pools(user: User, _project: Project) -> Record:
    """An entry of GET desktop-pools/statistics/by-users."""
    pools = [
        {"desktop_pool_id": pool.id, "desktop_pool_name": pool.name, "is_attached": held}
        for pool, held in user.pools.items()
    ]
    return {"user_id": user.id, "desktop_pool_count": len(pools), "desktop_pools": pools}


def directory_user(user: User, project: Project) -> Record:
    """An entry of GET users."""
    return {
        "id": user.id,
        "sid": f"S-1-5-21-{user.id[:8]}",
        "user_name": user.name,
        "user_email": f"{user.id[:8]}@example.com",
        "total_desktops": project.owned[user.id],
        "user_phone": f"+86138{zlib.crc32(user.id.encode()) % 10**8:08d}",
        "active_type": "USER_ACTIVATE",
        **dict.fromkeys(("is_pre_user", "password_never_expired", "next_login_change_password"), False),
        **dict.fromkeys(("locked", "disabled", "account_expired"), False),
        **dict.fromkeys(("share_space_subscription", "certificate_status"), False),
        **dict.fromkeys(("description", "user_info_map"), ""),
        **dict.fromkeys(("account_expires", "enterprise_project_id"), "0"),
        "enable_change_password": True,
        "share_space_desktops": 0,
        "group_names": [],
        "domain": "corp.local",
        **user.fields,
    }


def member(user: User, project: Project) -> Record:
    """An entry of GET groups/{group_id}/users, with fewer fields than in the directory."""
    names = ("id", "user_name", "description", "domain", "user_email", "user_phone", "total_desktops")
    found = directory_user(user, project)
    return {name: found[name] for name in (*names, "enterprise_project_id")}


def members_of(group: str, project: Project) -> list[User]:
    """The users with this group in `group_names`."""
    return [user for user in project.users.values() if group in (user.fields.get("group_names") or ())]


def user_group(group: tuple[str, str], project: Project) -> Record:
    """An entry of GET groups, from its ID and name."""
    group_id, name = group
    return {
        "id": group_id,
        "name": name,
        "description": "",
        "create_time": "2026-01-11T11:45:42.000Z",
        "user_quantity": len(members_of(name, project)),
        "platform_type": "LOCAL",
        "domain": "corp.local",
        "total_desktops": project.owned[group_id],
    }


def desktop_pool(pool: Pool, project: Project) -> Record:
    """An entry of GET desktop-pools. A desktop counts as used if it is assigned to a user."""
    desktops = [desktop for desktop in project.desktops if desktop.pool is pool]
    return {
        "id": pool.id,
        "name": pool.name,
        "type": "DYNAMIC",
        "description": "",
        "created_time": "2026-01-11T11:45:42.000Z",
        "charging_mode": "1",
        "desktop_count": len(desktops),
        "desktop_used": sum(bool(desktop.attach_users) for desktop in desktops),
        "availability_zone": project.region + "a",
        "subnet_ids": [SUBNET],
        "image_name": "win10-office",
        "image_os_type": "Windows",
        "disconnected_retention_period": 15,
        "enable_autoscale": False,
        "status": "STEADY",
        "enterprise_project_id": "0",
        "in_maintenance_mode": False,
        "tags": [],
        "domain": "corp.local",
        **pool.fields,
    }


def authorized_objects(pool: Pool, project: Project) -> list[Record]:
    """The list of GET desktop-pools/{pool_id}/users: the authorized users, and groups with a desktop of the pool."""
    groups = {
        entry["id"]: ("USER_GROUP", entry["name"], entry["user_group"])
        for desktop in project.desktops
        for entry in desktop.attach_users
        if desktop.pool is pool and entry["type"] == "GROUP"
    }
    users = {user.id: ("USER", user.name, user.user_group) for user in project.users.values() if pool in user.pools}
    return [
        {
            "object_type": kind,
            "object_id": identity,
            "object_name": name,
            "domain": "corp.local",
            "user_group": user_group,
            "created_at": "2026-01-11T11:45:42.000Z",
        }
        for identity, (kind, name, user_group) in {**groups, **users}.items()
    ]


#: The times of login records are relative to the start of the simulator, so that they do not change.
STARTED = time.time()


def login_records(project: Project) -> list[Record]:
    """The list of GET connections/desktops. A connection that lasts has no end."""

    def at(ago: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(STARTED - ago))

    desktops = {desktop.desktop_name: desktop for desktop in project.desktops}
    found = []
    for number, login in enumerate(sorted(project.logins, key=lambda login: login.ago)):
        desktop = desktops.get(login.computer)
        ended = login.failure or login.lasted is not None
        found.append(
            {
                "tenantId": project.id,
                "sid": f"sid-{desktop.number}" if desktop else "",
                "transaction_id": f"transaction-{login.user}-{login.ago:g}",
                "computer_name": login.computer,
                "user_name": f"{login.user}@corp.local",
                "terminal_mac": f"fa:16:3e:00:00:{number % 256:02x}",
                "terminal_name": f"pc-{login.user}",
                "terminal_ip": "192.0.2.10",
                "client_version": "24.10.2",
                "terminal_type": "WI",
                "agent_version": "25.4.10001",
                "desktop_ip": address(BUSINESS, desktop.number) if desktop else "",
                "connection_start_time": at(login.ago),
                "connection_setup_time": "" if login.failure else at(login.ago - 2),
                "connection_end_time": at(login.ago - (login.lasted or 0)) if ended else "",
                "is_reconnect": False,
                "connection_failure_reason": login.failure,
                "network_rtt": 12,
                "e2e_rtt": 30,
                "source_ip": "198.51.100.7",
                "public_ip": "203.0.113.9",
                "enterprise_project_id": "0",
                "desktop_id": desktop.desktop_id if desktop else "",
            }
        )
    return found


def lock_status(project: Project, _project: Project) -> Record:
    """The response of GET workspaces/lock-status."""
    if not project.locked:
        return {"is_lock": 0}
    return {"is_lock": 1, "lock_time": "2026-11-24 21:05:00", "lock_reason": "The account is in arrears."}


def workspace(project: Project, _project: Project) -> Record:
    """The response of GET workspaces."""
    return {
        "id": project.id,
        "is_global": False,
        "access_mode": "INTERNET",
        "status": "SUBSCRIBED",
        "access_status": "available",
        "subnet_ids": [{"subnet_id": SUBNET}],
        "closable": False,
        "config_status": "3",
    }


SCHEDULED_TASK: Record = {
    "task_type": "REBOOT",
    "scheduled_type": "DAY",
    "last_status": "SUCCESS",
    "enable": True,
    "priority": 1,
    "time_zone": "GMT+08:00",
    "extra_params": "{}",
    "description": "",
    "force_execute": False,
    "apply_objects": [{"object_type": "ALL_DESKTOPS", "object_id": "", "object_name": ""}],
    "day_interval": 1,
    "scheduled_time": "03:00:00",
}
UPGRADE_TASK: Record = {
    "task_type": 0,
    "scheduled_type": "FIXED_TIME",
    "timezone": "GMT+08:00",
    "last_execute_status": "WAITING",
    "is_enable": 1,
    "is_force_execute": 0,
    "min_version": "24.10.2",
    "target_version": "25.4.10001",
    "execute_strategy": 0,
    "description": "",
}
#: Fields that the lists do not return, and fields that the details do not have.
NOT_LISTED = ("force_execute", "apply_objects", "day_interval", "scheduled_time")
NOT_DETAILED = ("enable", "last_status", "next_execution_time", "priority")
UPGRADE_NOT_LISTED = ("is_force_execute", "min_version", "scheduled_date", "scheduled_time", "apply_objects")
UPGRADE_NOT_DETAILED = ("description", "apply_objects")


def _task(task: Task, without: Container[str]) -> Record:
    record = {
        "id": task.id,
        "task_name": task.name,
        **(UPGRADE_TASK if task.upgrade else SCHEDULED_TASK),
        **task.fields,
    }
    due_in = record.pop("due_in", None)
    if due_in is not None:
        # In GMT+08:00; the times of tasks have no time zone.
        due = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 + due_in))
        record["next_execute_time" if task.upgrade else "next_execution_time"] = due
    return {name: value for name, value in record.items() if name not in without}


def listed_task(task: Task, _project: Project) -> Record:
    """An entry of GET scheduled-tasks or GET upgrade-tasks."""
    return _task(task, UPGRADE_NOT_LISTED if task.upgrade else NOT_LISTED)


def detailed_task(task: Task, _project: Project) -> Record:
    """The response of GET scheduled-tasks/{task_id} or GET upgrade-task/{task_id}."""
    return _task(task, UPGRADE_NOT_DETAILED if task.upgrade else NOT_DETAILED)


def upgrade_objects(task: Task) -> list[Record]:
    """The list of GET upgrade-task/{task_id}/apply-objects."""
    everything = [{"object_type": "ALL", "object_id": "default-apply-all-targets", "object_name": ""}]
    found: list[Record] = task.fields.get("apply_objects", everything)
    return found
