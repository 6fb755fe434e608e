# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load an inventory file as Ansible does, and declare each HTTP call that this is to make."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.utils.display import Display
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils import _playbooks
from responses.registries import OrderedRegistry

from ...conftest import Call


class Inventory:
    """Files of one plugin in a folder of their own.

    @param name: of the plugin.
    @param said: what Ansible was told to show: kind and text.
    """

    def __init__(self, name: str, folder: Path, said: list[tuple[str, str]]) -> None:
        self._name = name
        self.path = folder / f"test.{name}.yml"
        self.said = said

    def write(self, options: dict[str, Any] | str) -> str:
        if isinstance(options, dict):
            options = yaml.safe_dump({"plugin": f"huaweicloud.workspace.{self._name}", **options})
        self.path.write_text(options, encoding="utf-8")
        return str(self.path)

    def load(
        self, options: dict[str, Any] | str, calls: list[Call], *, cache: bool = True, after: str = ""
    ) -> InventoryData:
        """Load it with Ansible's own manager, which must succeed.

        @param after: an inventory in YAML that is loaded before.
        """
        path = self.write(options)
        with declared(calls):
            manager = InventoryManager(DataLoader(), sources=[path], parse=False)
            if after:
                static = self.path.with_name("static.yml")
                static.write_text(after, encoding="utf-8")
                assert manager.parse_source(str(static))
            assert manager.parse_source(path, cache=cache), self.said
        data: InventoryData = manager._inventory
        data.reconcile_inventory()
        return data

    def refused(self, options: dict[str, Any] | str, calls: list[Call]) -> str:
        """Load it with the plugin alone, which must fail and leave nothing; return the reason."""
        path = self.write(options)
        inventory = InventoryData()
        plugin = inventory_loader.get(f"huaweicloud.workspace.{self._name}")
        with declared(calls), pytest.raises(AnsibleParserError) as caught:
            plugin.parse(inventory, DataLoader(), path)
        assert not inventory.hosts
        assert caught.value.__context__ is None
        message = str(caught.value)
        assert message.startswith(f"{path}: "), message
        assert "\n" not in message
        return message.removeprefix(f"{path}: ")

    def shown(self, kind: str) -> str:
        """What was said that way so far."""
        return "\n".join(text for said, text in self.said if said == kind)


@contextlib.contextmanager
def declared(calls: list[Call]) -> Iterator[None]:
    """Answer these calls, and fail for one too many or too few."""
    with responses.RequestsMock(registry=OrderedRegistry) as mock:
        for call in calls:
            kind = "body" if isinstance(call.body, (str, bytes, Exception)) else "json"
            mock.add(call.method, call.url, status=call.status, headers=call.headers, **{kind: call.body})
        yield
        sent = [call.request for call in mock.calls]
    assert [(r.method, r.url.partition("?")[0]) for r in sent] == [(call.method, call.url) for call in calls]
    assert [parse_qsl(urlsplit(r.url).query) for r in sent] == [call.query for call in calls]


@pytest.fixture
def make_inventory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Inventory]:
    """`make_inventory(name of a plugin)`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    run = tmp_path / "run"
    run.mkdir()
    monkeypatch.setattr(_playbooks, "RUN_FOLDER", str(run))
    said: list[tuple[str, str]] = []
    for kind in ("warning", "v", "debug"):

        def say(_display: Any, msg: Any, *_rest: Any, kind: str = kind, **_more: Any) -> None:
            said.append((kind, str(msg)))

        monkeypatch.setattr(Display, kind, say)
    return lambda name: Inventory(name, tmp_path, said)


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, Any]:
    """The options of an inventory with a cache."""
    folder = str(tmp_path / "cache")
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": folder}
