"""What is typed from its first line to its last, by somebody with an empty HOME.

README's first five minutes, and the guide from an empty instance to a team at work.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook as hook_text
from tests.screen import Screen
from tests.test_docs import README, ROOT, block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Home

pytestmark = [pytest.mark.xdist_group("docs"), pytest.mark.sampled(3)]

MOST_COMMANDS, MOST_ANSWERS = 4, 6
OWN = block(README, "sh", "pipx install ssoenv")
GUIDE = (ROOT / "docs/guides/empty-instance.md").read_text()
WITHOUT_AWS = block(README, "sh", "ssoenv sandbox run")
SHELLS = ("bash", "zsh", "fish")
STEPS = re.compile(r"(?:`(\w+\.toml)`.*\n)?\n```(?:toml\n([^`]*)|sh\n([^`]*))```")
"""The blocks of a guide: the name of a file and what is in it, or lines to type."""
_PROMPT = re.compile(r"^(?!  ).*[$#%>]$")
_QUESTION = re.compile(r"(\[y/n\] |: |Esc leaves\s*)$", re.IGNORECASE)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def lines_of(text: str) -> list[str]:
    """The lines as they stand there: whoever pastes them pastes all of it."""
    return [line.strip() for line in text.splitlines()]


class Newcomer:
    """Types at a terminal: says yes to what is asked, and takes what is proposed."""

    def __init__(self, home: Home, shell: str) -> None:
        self.answers = 0
        self._shell = shell
        programs = home.path / "bin"
        programs.mkdir()
        (programs / "ssoenv").write_text(
            f'#!/bin/sh\nexec {" ".join(hook_text.command_line())} "$@"\n'
        )
        (programs / "ssoenv").chmod(0o755)
        (home.path / "orders").mkdir()
        if shell == "zsh":
            (home.path / ".zshrc").touch()  # every user of zsh has one: without it zsh asks
        env = home.env | {"PATH": f"{programs}:/usr/bin:/bin", "SHELL": f"/bin/{shell}"}
        self.screen = Screen([shell], env, str(home.path), columns=200, lines=100)
        home.closing.callback(self.screen.close)
        self._settle("")

    def type(self, line: str) -> str:
        """Type a command and answer what it asks; return what the screen shows then."""
        before = self.screen.text()
        self.screen.send(line.replace("bash", self._shell) + "\r")
        return self._settle(before)

    def _settle(self, before: str) -> str:
        while True:
            shown = self.screen.wait(partial(self._waits, before))
            if _PROMPT.search(last(shown)):
                return shown
            self.answers += 1
            self.screen.send("y\r" if shown.lower().endswith("[y/n]") else "\r")
            before = shown

    def _waits(self, before: str, text: str) -> bool:
        """Whether the screen has changed, and ends with a prompt or with a question."""
        typed = _ESCAPES.sub("", self.screen.raw)
        return text != before and bool(_PROMPT.search(last(text)) or _QUESTION.search(typed))


def last(text: str) -> str:
    return text.rpartition("\n")[2]


@pytest.fixture
def at_the_sandbox(home: Home, tmp_path: Path) -> Iterator[Home]:
    """An empty HOME: nothing but the environment leads to the sandbox."""
    with Sandbox() as sandbox:
        home.env |= sandbox.environment(str(tmp_path / "sandbox"))
        yield home


@pytest.mark.parametrize("shell", SHELLS)
def test_four_commands_and_six_answers_to_the_first_call(at_the_sandbox: Home, shell: str) -> None:
    install, *commands = lines_of(OWN)
    assert install == "pipx install ssoenv"
    assert 1 + len(commands) <= MOST_COMMANDS
    newcomer = Newcomer(at_the_sandbox, shell)

    for command in commands:
        acme = command.replace("https://acme.", "https://d-0000000000.")
        shown = newcomer.type(acme.replace("--region eu-west-1", "--region us-east-1"))

    assert ":assumed-role/AWSReservedSSO_Developer_" in shown
    assert 0 < newcomer.answers <= MOST_ANSWERS, shown
    assert "dev/Developer" in last(shown)
    assert "dev/Developer" not in last(newcomer.type("cd .."))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_five_minutes_without_aws(home: Home, shell: str) -> None:
    newcomer = Newcomer(home, shell)
    seen = [newcomer.type(line) for line in lines_of(WITHOUT_AWS)]

    assert ":assumed-role/AWSReservedSSO_Developer_" in seen[3]
    assert newcomer.answers <= MOST_ANSWERS, seen[-1]
    assert "dev/Developer" in last(seen[3])
    assert "dev/Developer" not in last(seen[4])
    assert not [*home.path.glob(".aws*"), *home.path.glob("**/.ssoenv.toml")]


@pytest.mark.timeout(600)
def test_from_an_empty_instance_to_a_team_at_work(home: Home) -> None:
    """The guide as it stands there, line by line; each table of TOML is saved by its name."""
    newcomer, seen = Newcomer(home, "bash"), dict[str, list[str]]()
    for name, tables, commands in STEPS.findall(GUIDE):
        if tables:
            (home.path / name).write_text(tables)
        for line in lines_of(commands):
            said = newcomer.type(line).rpartition(line)[2]
            assert "ssoenv: there is no such" not in said, said
            seen.setdefault(line, []).append(said)

    def after(line: str, time: int = 0) -> str:
        return seen[line][time]

    who = "aws sts get-caller-identity"
    assert "ssoenv: there is no permission set\n" in after("ssoenv admin permission-sets")
    assert "assigned  shop-prod 333333333333" in after("ssoenv admin apply org.toml")
    assert "ReadOnly  ben   group developers\n" in after("ssoenv admin who-can shop-prod")
    for time in (0, 1):  # her own directory, and the clone
        assert "111111111111:assumed-role/AWSReservedSSO_Developer_" in after(who, time)
    assert "333333333333:assumed-role/AWSReservedSSO_ReadOnly_" in after(
        f"ssoenv exec --profile prod -- {who}"
    )
    assert "outage" in after("ssoenv admin grants")
    assert "BreakGlass" not in after("ssoenv admin expire")
    assert "ben" not in after("ssoenv admin who-can shop-prod", 1)
    assert "ada" in after("ssoenv admin who-can shop-prod", 1)
    assert "ssoenv: nothing differs" in after("ssoenv admin plan org.toml --check")
