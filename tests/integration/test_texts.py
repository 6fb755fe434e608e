# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of README.md and of the guides does what its text says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration import runs
from integration.texts import Example, examples, marks
from simulator.client import Simulator

EXAMPLES = list(examples())
MARKERS = {"", "fails", "many", "region", "requests", "syntax", "wrong-key"}


@pytest.fixture(scope="module")
def company() -> Iterator[Simulator]:
    """The company that the texts are about."""
    with Simulator(tenant=Path(__file__).with_name("fleet.yml"), lock=False) as simulator:
        yield simulator


def addresses(info: dict[str, Any]) -> dict[str, str]:
    """The environment that lets the names of regions lead to the simulator."""
    variables = {
        f"HUAWEICLOUD_SDK_REGION_WORKSPACE_{region.upper().replace('-', '_')}": info["url"]
        for region in info["regions"]
    }
    return {**variables, "HUAWEICLOUD_SDK_IAM_ENDPOINT": info["url"]}


def keys(info: dict[str, Any]) -> dict[str, str]:
    """The environment of somebody who has the keys."""
    return {"HUAWEICLOUD_SDK_AK": info["access_key"], "HUAWEICLOUD_SDK_SK": info["secret_key"]}


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
    return tmp_path


def environment(company: Simulator, example: Example) -> dict[str, str]:
    """What the text says is set before the example."""
    found = {**addresses(company.info), **keys(company.info)}
    if example.commands or example.marker == "region" or example.path.name == "guide_automation_platform.rst":
        found["HW_REGION_NAME"] = company.info["region"]
    if example.marker == "wrong-key":
        found["HUAWEICLOUD_SDK_SK"] = "wrong"
    return found


def judge(example: Example, run: runs.Run) -> None:
    """The run ended as the text says."""
    if example.marker == "fails":
        assert run.returncode == 2, run.output
        assert "1 of 5 desktops is in use" in run.output
        assert "kiosk-lobby: CONNECTED, kiosk" in run.output
    else:
        assert run.returncode == 0, run.output
    if example.marker == "wrong-key":
        assert "HTTP 401, request " in run.output


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.is_for_ansible], ids=str)
def test_playbooks_and_tasks_run(company: Simulator, place: Path, example: Example) -> None:
    """Each of them runs as it stands, placeholders replaced."""
    playbook = place / "playbook.yml"
    playbook.write_text(made_real(json.dumps(example.plays), company.info), encoding="utf-8")
    vault = {
        "vault_access_key": company.info["access_key"],
        "vault_secret_key": company.info["secret_key"],
        "vault_password": company.info["iam_password"],
        "vault_token": company.info["token"],
    }
    arguments = ["-e", json.dumps(vault)]
    arguments += {"many": ["-i", "projects.yml"], "requests": ["-i", "localhost,"], "syntax": ["--syntax-check"]}.get(
        example.marker, []
    )
    judge(example, runs.run_playbook(playbook, *arguments, env=environment(company, example)))


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.commands], ids=str)
def test_commands_run(company: Simulator, place: Path, example: Example) -> None:
    """Each command line ends as the text says, and writes its report."""
    for command in example.commands:
        judge(example, runs.run(command, env=environment(company, example)))
        for word in command:
            name, _equals, value = word.partition("=")
            assert name != "workspace_report_file" or (place / value).stat().st_size


def test_inventories_are_read(company: Simulator, place: Path) -> None:
    """Each inventory file gives what its guide shows, all of them together."""
    found = [example for example in EXAMPLES if example.plugin]
    arguments: list[str] = []
    screens = [example for example in EXAMPLES if "--graph" in example.code]
    for number, example in enumerate(found):
        path = place / f"{number}.{example.plugin}.yml"
        path.write_text(example.code, encoding="utf-8")
        arguments += ["-i", str(path)]
    env = {**environment(company, found[0]), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    env["HW_REGION_NAME"] = company.info["region"]
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
    """Each block of exports is all that a task needs."""
    reach = {"region": company.info["region"]}
    calls = {}
    for example in EXAMPLES:
        if example.exports:
            real = {name: made_real(value, company.info) for name, value in example.exports.items()}
            options = {} if "HW_REGION_NAME" in real else reach
            calls[str(example)] = runs.Call(options, environment={**addresses(company.info), **real})
    assert len(calls) >= 6
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


@pytest.mark.parametrize("name", ["workspace_connect_desktops_info", "workspace_desktop_pool_info"])
def test_examples_of_the_modules_name_what_there_is(name: str) -> None:
    """The documentation that ansible-doc shows has the options that README names."""
    shown = runs.run(["ansible-doc", "--json", f"huaweicloud.workspace.{name}"])
    options = json.loads(shown.stdout)[f"huaweicloud.workspace.{name}"]["doc"]["options"]
    for option in ("access_key", "iam_endpoint", "ca_path", "total_timeout", "concurrency", "profile"):
        assert option in options
