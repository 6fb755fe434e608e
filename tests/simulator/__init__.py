# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator of the Workspace API and the required parts of IAM, on the loopback interface."""


class MistakeError(Exception):
    """An invalid option, tenant or control request; the message says where and why."""
