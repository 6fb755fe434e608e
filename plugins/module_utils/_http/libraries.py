# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Guarded import of the only third-party library, `requests`, and of urllib3, on which it depends.

If the import fails, all names are `None` or `object`, so that other files can still be imported. Modules and plugins
check `REQUESTS_IMPORT_ERROR` before they use them.
"""

from __future__ import annotations

import traceback
import typing as t

REQUESTS_IMPORT_ERROR: str | None = None

#: These replace the TLS settings of an adapter by their own.
_UNUSABLE = ("2.32.0", "2.32.1", "2.32.2")

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase

    if requests.__version__ in _UNUSABLE:
        raise ImportError(f"requests {requests.__version__} ignores TLS settings, install another version")
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    if not t.TYPE_CHECKING:
        requests = urllib3 = None
        AuthBase = HTTPAdapter = object

__all__ = ("REQUESTS_IMPORT_ERROR", "AuthBase", "HTTPAdapter", "requests", "urllib3")
