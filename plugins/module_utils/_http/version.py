# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The name and version of the collection for the User-Agent. Modules on a host cannot read galaxy.yml."""

from __future__ import annotations

COLLECTION = "huaweicloud.workspace"
VERSION = "0.1.0"
