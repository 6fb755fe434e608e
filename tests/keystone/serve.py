# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve Keystone's identity API on a free port of loopback; run by the Python that Keystone is installed in.

Its settings come from OS_KEYSTONE_CONFIG_DIR and OS_KEYSTONE_CONFIG_FILES. The only argument is a file, which holds
the port once it listens. It ends with its standard input, and so with the process that started it.
"""

from __future__ import annotations

import importlib
import os
import socketserver
import sys
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing: a test that fails shows what matters."""

    def address_string(self) -> str:
        return str(self.client_address[0])


def main() -> None:
    """Serve until standard input ends."""
    # Keystone reads the command line as well, and must find nothing there.
    ready = Path(sys.argv.pop())
    server = _Server(("127.0.0.1", 0), _QuietHandler)
    # By name, since this folder is called keystone as well.
    server.set_app(importlib.import_module("keystone.server.wsgi").initialize_public_application())
    draft = ready.with_suffix(".draft")
    draft.write_text(str(server.server_port), encoding="ascii")
    draft.replace(ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    # Its threads and its database are of no more use, and waiting for them could take long.
    os._exit(0)


if __name__ == "__main__":
    main()
