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
from simulator.client import Simulator
from support import runs
from support.examples import Example, examples, marks
from support.modules import run_module
from support.tasks import run_tasks

EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def company() -> Iterator[Simulator]:
    """The company that the texts are about."""
    with Simulator(tenant=Path(__file__).with_name("fleet.yml")) as simulator:
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
            name = "hosts.yml" if "localhost" in example.code else "projects.yml"
            (tmp_path / name).write_text(example.code, encoding="utf-8")
        elif example.plugin == "workspace_desktops" and "region" in example.content:
            (tmp_path / "workspace_desktops.yml").write_text(example.code, encoding="utf-8")
    return tmp_path


#: Those that are tasks by themselves, of which nothing but the templates is Ansible's.
TASKS = [
    example
    for example in EXAMPLES
    if example.is_for_ansible and example.marker in ("", "region") and not example.waits
    if not any(name in example.code for name in ("hosts:", "import_playbook:", "default(omit)"))
]

#: Which examples share a run, by their markers, and its arguments.
RUNS: dict[tuple[str, ...], list[str]] = {
    ("", "region", "wrong-key"): [],
    ("desktops",): ["-i", "hosts.yml", "-i", "workspace_desktops.yml"],
    ("many",): ["-i", "projects.yml"],
    ("requests",): ["-i", "localhost,"],
    ("syntax",): ["--syntax-check"],
}


def situation(company: Simulator, example: Example) -> dict[str, str]:
    """What the text says is set before the example, besides the keys."""
    if example.marker == "region" or example.path.name == "guide_automation_platform.rst" or example.commands:
        return {"HW_REGION_NAME": company.info["region"]}
    return {"HUAWEICLOUD_SDK_SK": "wrong"} if example.marker == "wrong-key" else {}


def vault(company: Simulator) -> dict[str, str]:
    """What the examples have in a vault."""
    return {
        "vault_access_key": company.info["access_key"],
        "vault_secret_key": company.info["secret_key"],
        "vault_password": company.info["iam_password"],
        "vault_token": company.info["token"],
    }


@pytest.mark.parametrize("example", TASKS, ids=str)
@pytest.mark.usefixtures("place")
def test_the_tasks_of_the_guides_run(company: Simulator, example: Example) -> None:
    environment = {**runs.reach(company.info), **situation(company, example)}
    for name, result in run_tasks(made_real(example.code, company.info), {}, environment, **vault(company)):
        assert not result.get("failed"), (name, result)


@pytest.mark.parametrize(("markers", "arguments"), RUNS.items(), ids=map("-".join, RUNS))
def test_the_playbooks_of_the_guides_run(
    company: Simulator, place: Path, markers: tuple[str, ...], arguments: list[str]
) -> None:
    """Each of them runs as it stands, placeholders replaced. Those that wait are in `tests/contract/test_examples.py`."""
    playbooks = []
    for example in EXAMPLES:
        if example.is_for_ansible and example.marker in markers and not example.waits and example not in TASKS:
            playbooks.append(place / f"{example}.yml")
            plays = [{**play, "environment": situation(company, example)} for play in example.plays if "hosts" in play]
            imported = [play for play in example.plays if "hosts" not in play]
            playbooks[-1].write_text(made_real(json.dumps([*imported, *plays]), company.info), encoding="utf-8")
    command: list[str | Path] = ["ansible-playbook", "-e", json.dumps(vault(company)), *arguments, *playbooks]
    run = runs.run(command, env=runs.reach(company.info))
    assert run.returncode == 0, run.output
    assert "wrong-key" not in markers or "HTTP 401, request " in run.output
    if "desktops" in markers:
        assert set(re.findall(r"([\w-]+) is not in use", run.output)) == {"desk-1", "desk-2", "desk-3", "spare"}
        assert (place / "tonight.html").is_file()


def is_part(example: Example) -> bool:
    """Whether another example has the same command, and more options."""
    words = [set(command) for command in example.commands]
    return any(
        other.marker == example.marker and len(words) == 1 and any(words[0] < set(more) for more in other.commands)
        for other in EXAMPLES
    )


#: Those with command lines, each once, though several texts have the same.
COMMANDS = {
    (*example.commands, example.marker): example for example in EXAMPLES if example.commands and not is_part(example)
}


@pytest.mark.parametrize("example", COMMANDS.values(), ids=str)
def test_the_commands_of_the_guides_run(company: Simulator, place: Path, example: Example) -> None:
    """Each command line ends as the text says, one after the other, and writes its report."""
    for command in example.commands:
        run = runs.run(command, env={**runs.reach(company.info), **situation(company, example)})
        assert run.returncode == (2 if example.marker == "fails" else 0), run.output
        if example.marker == "fails":
            assert "1 of 5 desktops is in use" in run.output
            assert "kiosk-lobby: CONNECTED, kiosk" in run.output
        for value in (word.partition("=")[2] for word in command if word.startswith("workspace_report_file=")):
            report = (place / value).read_text(encoding="utf-8")
            assert report.startswith("<!DOCTYPE html>" if value.endswith(".html") else "{")


def test_the_inventories_of_the_guides_are_read(company: Simulator, place: Path) -> None:
    """Each inventory file gives what its guide shows, all of them together."""
    found = [example for example in EXAMPLES if example.plugin]
    arguments: list[str] = []
    screens = [example for example in EXAMPLES if "--graph" in example.code]
    for number, example in enumerate(found):
        path = place / f"{number}.{example.plugin}.yml"
        path.write_text(example.code, encoding="utf-8")
        arguments += ["-i", str(path)]
    strict = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    env = {**runs.reach(company.info), "HW_REGION_NAME": company.info["region"], **strict}
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
    assert len(blocks) >= 2
    for exports, name in blocks.items():
        real = {variable: made_real(value, company.info) for variable, value in exports}
        options = {} if "HW_REGION_NAME" in real else {"region": company.info["region"]}
        result = run_module(runs.DESKTOPS, options, {**runs.addresses(company.info), **real})
        assert result.get("total_count") == 5, (name, result)


def test_no_example_needs_what_another_one_registered() -> None:
    names = {name for example in EXAMPLES for name in re.findall(r"register: (\w+)", example.code)}
    for example in EXAMPLES:
        for name in names:
            used = example.is_for_ansible and re.search(rf"(?<![\w.-]){name}\.\w", example.code)
            assert not used or f"register: {name}\n" in example.code, (example, name)


def test_each_mark_of_an_example_is_used() -> None:
    """A slip of the pen in a mark does not make a test disappear."""
    assert {example.marker for example in EXAMPLES} == {"fails"}.union(*RUNS)
    assert marks() == sum(bool(example.marker) for example in EXAMPLES)


def test_yaml_that_is_not_for_ansible_is_yaml() -> None:
    """Inventories and the settings of other tools can at least be read."""
    for example in EXAMPLES:
        if example.language == "yaml":
            assert isinstance(example.content, (dict, list)), example
