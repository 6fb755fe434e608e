# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source `huaweicloud.workspace.desktop_connections` for Event-Driven Ansible."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: desktop_connections
short_description: Connection events of Huawei Cloud Workspace desktops
version_added: 0.1.0
description:
  - Lists the desktops of a Workspace project at a regular interval, as M(huaweicloud.workspace.workspace_connect_desktops_info)
    does, and sends an event for each difference between two lists.
  - A check returns the complete list or fails. After a failed check, the next complete list is compared with the last complete
    one, so that no desktop counts as free or gone because the service did not respond.
  - No event is lost if a rulebook is slow. The next check starts when the rule engine has taken all events of the previous
    one from its queue.
author:
  - huaweicloud.workspace contributors (@huaweicloud)
extends_documentation_fragment:
  - huaweicloud.workspace.workspace
options:
  user_names:
    description:
      - Only desktops of these users, as for M(huaweicloud.workspace.workspace_connect_desktops_info).
      - If several options select desktops, only desktops that match all of them are checked.
    type: list
    elements: str
  computer_names:
    description:
      - Only desktops with these names.
      - With this option, O(desktop_ids), O(pool_names) or O(tags), the detailed list of desktops is read as well. A desktop is
        free only if both lists report it as free, and the record of a desktop in an event also has C(pool_name).
    type: list
    elements: str
  desktop_ids:
    description: Only desktops with these IDs.
    type: list
    elements: str
  pool_names:
    description: Only desktops of the desktop pools with these names or IDs.
    type: list
    elements: str
  tags:
    description: Only desktops with all of these tags and values. Quote values that YAML would convert, such as numbers.
    type: dict
  interval:
    description:
      - Seconds from the start of one check to the start of the next.
      - Each check takes at least three requests. O(total_timeout) applies to each check.
    type: float
    default: 60
  events:
    description:
      - The types of events to send.
      - V(connected), V(disconnected), V(released) and V(shut_down) are sent for a desktop that changes to the status
        C(CONNECTED), C(DISCONNECTED), C(REGISTERED) or C(UNREGISTER). V(status_changed) is sent for a change to any other
        status.
      - V(appeared) and V(gone) are sent for a desktop that was not in the previous list, or is no longer in the list. A
        desktop that appears has no other event in the same check.
      - V(all_free) is sent when no desktop is in use any more, because the last one in use has become free or was deleted, and
        V(no_longer_free) when a desktop is in use again or no desktops are left. A project without desktops is not free.
      - V(failing) is sent once when a check fails, and V(recovered) when one succeeds again.
      - V(snapshot) is sent at each successful check, with the number of desktops in each status.
    type: list
    elements: str
    choices:
      - snapshot
      - shut_down
      - released
      - connected
      - disconnected
      - status_changed
      - appeared
      - gone
      - all_free
      - no_longer_free
      - failing
      - recovered
    default:
      - shut_down
      - released
      - connected
      - disconnected
      - status_changed
      - appeared
      - gone
      - all_free
      - no_longer_free
      - failing
      - recovered
  state_file:
    description:
      - A file that stores the last list, so that changes during a restart are reported. Its folder must exist.
      - Without it, later lists are compared with the first list after the start.
      - The file is written when the rule engine has taken all events of a check from its queue. After a restart, the events
        of a check can therefore be sent again.
      - It contains the names of desktops and users but no credentials, and only its owner can read it. It belongs to one
        endpoint, project and selection of desktops, and to one source at a time. Another source that uses it ends with an
        error. Next to it, an empty file with the suffix C(.lock) remains.
    type: path
  free_statuses:
    description:
      - Statuses of desktops that are not in use, for V(all_free) and V(no_longer_free). A desktop with another status, or
        without one, is in use.
    type: list
    elements: str
    choices:
      - UNREGISTER
      - REGISTERED
      - CONNECTED
      - DISCONNECTED
    default:
      - REGISTERED
      - UNREGISTER
notes:
  - An event is a dictionary with the key C(desktop_connections), which contains C(type), C(at) (the start of the check in UTC),
    C(project_id), C(region), C(endpoint), C(desktop) (the record of the desktop, or null), C(before) (its previous status, or
    null), C(connect_status_counts) and C(in_use_count). V(failing) adds C(msg), C(status_code) and C(error_code).
  - In each check, events that are not about one desktop are sent first, followed by the events of desktops in the order of
    their names.
  - Wrong arguments end the source with an error. After a failed check, the next check starts as usual. After HTTP 401, it
    starts after ten minutes, or as soon as other credentials are found, because six rejected requests in a row lock an access
    key. With O(state_file), this also applies after a restart.
  - Needs C(ansible-core) and C(requests) in the Python environment of C(ansible-rulebook).
  - Prefer environment variables or a credentials file for secrets, because C(ansible-rulebook) may log arguments at high
    verbosity.
  - The source reads the credentials again and reconnects every hour and after a failure.
"""

EXAMPLES = r"""
- name: Report the use of desktops
  hosts: localhost
  sources:
    - huaweicloud.workspace.desktop_connections:
        region: cn-north-4
        interval: 60
        state_file: /var/lib/rulebooks/desktops.json
  rules:
    - name: A user has logged in
      condition: event.desktop_connections.type == "connected"
      action:
        debug:
          msg: "{{ event.desktop_connections.desktop.desktop_name }} is in use"

    - name: The last user has left
      condition: event.desktop_connections.type == "all_free"
      action:
        run_playbook:
          name: patch_desktops.yml

    - name: The desktops cannot be listed
      condition: event.desktop_connections.type == "failing"
      action:
        debug:
          msg: "{{ event.desktop_connections.msg }}"
"""

import asyncio
import importlib.machinery
import importlib.util
import json
import logging
import os
import sys
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor


def _find_collection() -> None:
    """Make the collection of this file importable, regardless of where it is installed.

    ansible-rulebook runs this file by its path, without the paths of collections in `sys.path`. Packages that cannot be
    imported are added to `sys.modules`. No search path is changed, and no other copy of the collection is used.
    """
    folder = os.path.abspath(__file__)
    for _level in ("desktop_connections.py", "event_source", "plugins", "eda", "extensions"):
        folder = os.path.dirname(folder)
    namespace = os.path.dirname(folder)
    packages = {
        "ansible_collections": os.path.dirname(namespace),
        "ansible_collections.huaweicloud": namespace,
        "ansible_collections.huaweicloud.workspace": folder,
    }
    for name, path in packages.items():
        known = importlib.util.find_spec(name)
        paths = known.submodule_search_locations if known else None
        if paths and (path != folder or os.path.realpath(folder) in map(os.path.realpath, paths)):
            continue
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [path]
        sys.modules[name] = importlib.util.module_from_spec(spec)


_find_collection()

from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.errors import WorkspaceError
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.libraries import REQUESTS_IMPORT_ERROR
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.secrets import Secrets
from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.timestamps import utc_timestamp
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.credentials import Oidc
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.exchange import id_token
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import resolve_settings
from ansible_collections.huaweicloud.workspace.plugins.module_utils._options import (
    LeftOut,
    bug_report,
    common_arguments,
    missing_library,
    validated,
)
from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import open_client, open_project
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.events import (
    EVENTS,
    Service,
    failed,
    succeeded,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.reading import ARGUMENTS as SELECTION
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.reading import Reader
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.state import (
    OtherServiceError,
    Rejected,
    StateFile,
)
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.check import check_interval_and_statuses
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._wait.selection import FREE_STATUSES

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ansible_collections.huaweicloud.workspace.plugins.module_utils._http.client import Client
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.settings import Settings
    from ansible_collections.huaweicloud.workspace.plugins.module_utils._reading.project import Project
    from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._events.events import Event

_log = logging.getLogger("huaweicloud.workspace.desktop_connections")

_UNAUTHORIZED = 401

#: Seconds after which the project is opened again, to use credentials that were replaced and to reset the client.
#: Logins and temporary keys can be renewed for this long.
_LONGEST_OPEN = 3600.0

#: Seconds for which a cancelled source waits for its thread.
_LONGEST_END = 1.5

#: The longest pause between two tests whether the engine has taken all events, in seconds.
_LONGEST_PAUSE = 0.1

#: An argument that ansible-rulebook adds.
_NOT_OURS = "eda_feedback_queue"


def arguments(credentials_file_left_out: LeftOut) -> dict[str, t.Any]:
    """The arguments of the source, as an argument spec of Ansible."""
    return {
        **common_arguments(credentials_file_left_out),
        **SELECTION,
        "interval": {"type": "float", "default": 60},
        "events": {"type": "list", "elements": "str", "choices": list(EVENTS), "default": list(EVENTS[1:])},
        "state_file": {"type": "path"},
        "free_statuses": FREE_STATUSES,
    }


class _Source:
    """Checks the desktops. All methods except `stop` must be called in the same thread.

    @param args: the arguments from the rulebook.
    @raises WorkspaceError: an argument or the state file is wrong.
    """

    def __init__(self, args: Mapping[str, t.Any]) -> None:
        if REQUESTS_IMPORT_ERROR:
            raise WorkspaceError(missing_library(REQUESTS_IMPORT_ERROR))
        left_out = LeftOut()
        given = {name: value for name, value in args.items() if name != _NOT_OURS}
        self._options = validated(given, arguments(left_out))
        self._file_in_task = not left_out.seen
        self.interval: float = self._options["interval"]
        check_interval_and_statuses(self._options)
        if not self._options["events"]:
            raise WorkspaceError("events is an empty list: omit it to use the default, or list the events to send.")
        self._reader = Reader(self._options)
        self._secrets = Secrets()
        self._settings: Settings | None = None
        self._client: Client | None = None
        self._project: Project | None = None
        self._opened = 0.0
        self._is_stopped = False
        self._logged: set[str] = set()
        try:
            self._resolve()
        except WorkspaceError as error:
            raise self._explained(error) from None
        self._state = StateFile(self._options["state_file"])
        #: The state after the last check. It is saved when the events of the check have been taken.
        self._seen = self._state.seen

    def about(self) -> str:
        """A line about what is checked, and how often."""
        settings = t.cast("Settings", self._settings)
        project = settings.project_id or settings.project_name
        selected = " and ".join(f"{name}: {', '.join(values)}" for name, values in self._reader.selection.items())
        where = f"project {project} at {settings.endpoint}"
        line = f"desktop_connections: checking {selected or 'all desktops'} in {where} every {self.interval:g} s"
        return self._secrets.redact(line)

    def check(self) -> list[Event]:
        """Check once and return the events.

        @raises WorkspaceError: the state file belongs to another service, or the source was stopped.
        """
        at = utc_timestamp()
        try:
            self._check_pause()
            project, service = self._open()
            result = self._reader.read(project)
        except WorkspaceError as error:
            if error.facts["status_code"] == _UNAUTHORIZED and self._client and self._settings:
                self._state.rejected = Rejected.now(self._credentials(self._settings))
                # At once, because a restart must not use these credentials again.
                self._state.save()
            problem = self._explained(error)
            if isinstance(error, OtherServiceError) or self._is_stopped:
                raise problem from None
            if not self._seen.failing:
                _log.error("%s", problem.message)
            self._seen, events = failed(self._seen, problem, options=self._options, at=at)
            return events
        self._state.rejected = None
        self._warn([*result.get("warnings", ()), *project.warnings()])
        self._seen, events = succeeded(self._seen, result, options=self._options, service=service, at=at)
        return events

    def save(self) -> None:
        """Save the state. Call this when the events of the last check have been taken.

        @raises WorkspaceError: it cannot be written.
        """
        self._state.seen = self._seen
        self._state.save()

    def stop(self) -> None:
        """Cancel a running check."""
        self._is_stopped = True
        self._cancel_if_stopped()

    def _cancel_if_stopped(self) -> None:
        if self._is_stopped and self._client:
            self._client.cancel(WorkspaceError("The event source was stopped."))

    def close(self) -> None:
        """Close the connections, and release the state file."""
        self._disconnect()
        self._state.close()

    def _disconnect(self) -> None:
        if self._client:
            self._client.close()
        self._client = self._project = None

    def _check_pause(self) -> None:
        """Check that the current credentials were not rejected a short time ago.

        @raises WorkspaceError: they were. No request has been sent.
        """
        rejected = self._state.rejected
        if rejected and rejected.must_wait(self._credentials(self._resolve())):
            raise WorkspaceError(
                "The credentials were rejected with HTTP 401. The next check starts ten minutes later, or as soon as other"
                " credentials are found.",
                status_code=_UNAUTHORIZED,
            )

    def _credentials(self, settings: Settings) -> str:
        """The credentials as a text, with the content of the ID token file, which may be refreshed."""
        who = settings.credentials
        token = id_token(who.id_token_file, self._secrets) if isinstance(who, Oidc) else ""
        return json.dumps([type(who).__name__, *who, token, str(settings.role)])

    def _resolve(self) -> Settings:
        self._secrets = Secrets()
        self._settings = resolve_settings(
            self._options, os.environ, file_in_task=self._file_in_task, secrets=self._secrets, task="the rulebook"
        )
        self._warn(self._settings.warnings)
        return self._settings

    def _open(self) -> tuple[Project, Service]:
        if self._project and time.monotonic() - self._opened > _LONGEST_OPEN:
            self._disconnect()
        if self._project and self._state.service:
            self._project.begin()
            self._cancel_if_stopped()
            return self._project, self._state.service
        settings = self._resolve()
        self._client = client = open_client(settings, self._options, self._secrets)
        self._cancel_if_stopped()
        self._opened = time.monotonic()
        self._project = project = open_project(settings, self._options, self._secrets, client)
        service = Service(project.endpoint, project.project_id, project.region, self._reader.selection)
        self._state.check_service(service)
        self._state.service = service
        return project, service

    def _explained(self, error: WorkspaceError) -> WorkspaceError:
        """Disconnect, and add the endpoint and the credentials source to the error, without secrets."""
        if self._settings:
            self._settings.explain(error, self._project.project_id if self._project else None)
        self._disconnect()
        return WorkspaceError(self._secrets.redact(error.message), **error.facts)

    def _warn(self, warnings: Iterable[str]) -> None:
        """Log the warnings, except those that were logged at the previous check."""
        warnings = set(warnings)
        for warning in sorted(warnings - self._logged):
            _log.warning("%s", self._secrets.redact(warning))
        self._logged = warnings


async def _taken(queue: t.Any) -> None:
    """Wait until the engine has taken all events. ansible-rulebook wraps the queue to apply the filters of a source."""
    events = getattr(queue, "queue", queue)
    pause = 0.001
    while not events.empty():
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def main(queue: asyncio.Queue[t.Any], args: dict[str, t.Any]) -> None:
    """Check the desktops and put the events into the queue, at the given interval, until cancelled.

    @raises WorkspaceError: an argument is wrong, or the state file belongs to another source or cannot be written.
    """
    loop = asyncio.get_running_loop()
    source = _Source(args)
    sys.stderr.write(source.about() + "\n")
    # A separate thread, so that nothing else in the process delays a check. Its last job closes the connections.
    thread = ThreadPoolExecutor(1, thread_name_prefix="desktop_connections")
    try:
        while True:
            started = loop.time()
            for event in await loop.run_in_executor(thread, source.check):
                await queue.put(event)
            await _taken(queue)
            await loop.run_in_executor(thread, source.save)
            await asyncio.sleep(started + source.interval - loop.time())
    except (WorkspaceError, asyncio.CancelledError):
        raise
    except Exception as bug:
        raise bug_report(bug) from None
    finally:
        source.stop()
        closed = thread.submit(source.close)
        thread.shutdown(wait=False)
        await asyncio.wait([asyncio.wrap_future(closed)], timeout=_LONGEST_END)
