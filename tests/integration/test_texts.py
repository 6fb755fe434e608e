# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of README.md and of the guides does what its text says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration import runs
from integration.texts import Example, examples, marks
from simulator.client import Simulator

EXAMPLES = list(examples())
REGISTERED = {name for example in EXAMPLES for name in re.findall(r"register: (\w+)", example.code)}
MARKERS = {"", "desktops", "fails", "many", "region", "requests", "syntax", "wrong-key"}


@pytest.fixture(scope="module")
def company() -> Iterator[Simulator]:
    """The company that the texts are about."""
    with Simulator(tenant=Path(__file__).with_name("fleet.yml"), lock=False) as simulator:
        yield simulator


def made_real(text: str, info: dict[str, Any]) -> str:
    """The text with what stands for something in it replaced by the thing itself."""
    temporary = info["temporary"]
    for placeholder, value in {
        "temporary-access-key": temporary["access_key"],
        "temporary-secret-key": temporary["secret_key"],
        "temporary-security-token": temporary["security_token"],
        "your-access-key": info["access_key"],
        "your-secret-key": info["secret_key"],
        "another-access-key": info["access_key"],
        "another-secret-key": info["secret_key"],
        "your-project-id": info["project_id"],
        "your-password": info["iam_password"],
        "https://workspace.example.com": info["url"],
        "https://iam.example.com": info["url"],
        "https://workspace.eu-west-101.myhuaweicloud.eu": info["url"],
        "/etc/ssl/certs/company-ca.pem": __file__,
    }.items():
        text = text.replace(placeholder, value)
    return text


@pytest.fixture
def place(company: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a home that holds the credentials file of the guide."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    (home / ".huaweicloud").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for example in EXAMPLES:
        if example.language == "ini":
            profiles = made_real(example.code, company.info)
            (home / ".huaweicloud" / "credentials").write_text(profiles, encoding="utf-8")
        elif example.language == "yaml" and "workspace_projects" in example.content:
            (tmp_path / "projects.yml").write_text(example.code, encoding="utf-8")
        elif example.plugin == "workspace_desktops" and "region" in example.content:
            (tmp_path / "workspace_desktops.yml").write_text(example.code, encoding="utf-8")
    return tmp_path


def environment(company: Simulator, situation: str) -> dict[str, str]:
    """What the text says is set before the example."""
    found = runs.reach(company.info)
    if situation in ("region", "command"):
        found["HW_REGION_NAME"] = company.info["region"]
    if situation == "wrong-key":
        found["HUAWEICLOUD_SDK_SK"] = "wrong"
    return found


def by_situation() -> dict[str, list[Example]]:
    """The playbooks and tasks that may share a run.

    Tasks that wait are run where they could give a false all-clear instead, in `test_pre_maintenance`.
    """
    found: dict[str, list[Example]] = {}
    for example in EXAMPLES:
        if example.is_for_ansible and not example.waits:
            platform = example.path.name == "guide_automation_platform.rst"
            found.setdefault("region" if platform else example.marker, []).append(example)
    return found


#: An example must not live on what an earlier one has registered.
FORGET = {
    "hosts": "all:localhost",
    "gather_facts": False,
    "tasks": [{"ansible.builtin.set_fact": dict.fromkeys(REGISTERED)}],
}


@pytest.mark.parametrize(("situation", "found"), by_situation().items(), ids=lambda value: value if value else "usual")
def test_playbooks_and_tasks_run(company: Simulator, place: Path, situation: str, found: list[Example]) -> None:
    """Each of them runs as it stands, placeholders replaced."""
    playbooks = []
    for example in found:
        playbooks.append(place / f"{example}.yml")
        plays = [*example.plays, FORGET]
        playbooks[-1].write_text(made_real(json.dumps(plays), company.info), encoding="utf-8")
    vault = {
        "vault_access_key": company.info["access_key"],
        "vault_secret_key": company.info["secret_key"],
        "vault_password": company.info["iam_password"],
        "vault_token": company.info["token"],
    }
    more = {
        "desktops": ["-i", "workspace_desktops.yml"],
        "many": ["-i", "projects.yml"],
        "requests": ["-i", "localhost,"],
        "syntax": ["--syntax-check"],
    }
    command: list[str | Path] = ["ansible-playbook", "-e", json.dumps(vault), *more.get(situation, []), *playbooks]
    run = runs.run(command, env=environment(company, situation))
    assert run.returncode == 0, run.output
    assert situation != "wrong-key" or "HTTP 401, request " in run.output
    if situation == "desktops":
        assert set(re.findall(r"([\w-]+) is not in use", run.output)) == {"desk-1", "desk-2", "desk-3", "spare"}


#: Each command line once, though several texts have it.
COMMANDS = {(command, example.marker): example for example in EXAMPLES for command in example.commands}


@pytest.mark.parametrize(("command", "marker"), COMMANDS, ids=map(str, COMMANDS.values()))
def test_commands_run(company: Simulator, place: Path, command: tuple[str, ...], marker: str) -> None:
    """Each command line ends as the text says, and writes its report; one that compares follows that before it."""
    example = COMMANDS[command, marker]
    if "workspace_previous_report" in str(command):
        runs.run(example.commands[example.commands.index(command) - 1], env=environment(company, "command"))
    run = runs.run(command, env=environment(company, "command"))
    assert run.returncode == (2 if marker == "fails" else 0), run.output
    if marker == "fails":
        assert "1 of 5 desktops is in use" in run.output
        assert "kiosk-lobby: CONNECTED, kiosk" in run.output
    for word in command:
        name, _equals, value = word.partition("=")
        if name == "workspace_report_file":
            report = (place / value).read_text(encoding="utf-8")
            assert report.startswith("<!DOCTYPE html>" if value.endswith(".html") else "{")


def test_inventories_are_read(company: Simulator, place: Path) -> None:
    """Each inventory file gives what its guide shows, all of them together."""
    found = [example for example in EXAMPLES if example.plugin]
    arguments: list[str] = []
    screens = [example for example in EXAMPLES if "--graph" in example.code]
    for number, example in enumerate(found):
        path = place / f"{number}.{example.plugin}.yml"
        path.write_text(example.code, encoding="utf-8")
        arguments += ["-i", str(path)]
    env = {**environment(company, "region"), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    done = runs.run(["ansible-inventory", *arguments, "--graph"], env=env)
    assert done.returncode == 0, done.output
    for group in ("workspace_desktops", "workspace_projects", "region_cn_north_4", "tag_owner_cad", "user_alice"):
        assert f"@{group}:" in done.stdout, done.stdout
    (screen,) = screens
    done = runs.run(["ansible-inventory", *arguments[:2], "--graph"], env=env)
    shown = screen.code.strip().splitlines()[1:]
    # Releases of Ansible differ in the order of groups.
    assert sorted(done.stdout.splitlines()) == sorted(shown), done.output


def test_variables_that_are_exported_are_enough(company: Simulator) -> None:
    """Each block of exports is all that a task needs; several texts have the same."""
    blocks = {tuple(example.exports.items()): str(example) for example in EXAMPLES if example.exports}
    assert len(blocks) >= 5
    calls = {}
    for exports, name in blocks.items():
        real = {variable: made_real(value, company.info) for variable, value in exports}
        options = {} if "HW_REGION_NAME" in real else {"region": company.info["region"]}
        calls[name] = runs.Call(options, environment={**runs.addresses(company.info), **real})
    for name, result in runs.run_calls(calls).items():
        assert result.get("total_count") == 5, (name, result)


def test_marks_are_understood() -> None:
    """A slip of the pen in a mark does not make a test disappear."""
    assert {example.marker for example in EXAMPLES} == MARKERS
    assert marks() == sum(bool(example.marker) for example in EXAMPLES)


def test_yaml_that_is_not_for_ansible_is_yaml() -> None:
    """Inventories and the settings of other tools can at least be read."""
    for example in EXAMPLES:
        if example.language == "yaml":
            assert isinstance(example.content, (dict, list)), example
