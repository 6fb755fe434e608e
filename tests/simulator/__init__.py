# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator of the Workspace API and of the two IAM calls that go with it, on loopback."""


class MistakeError(Exception):
    """What was asked for cannot be done; the text says where and why."""
