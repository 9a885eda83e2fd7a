"""From an empty HOME to the first call of AWS, as README has it: how much a newcomer types."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files
from ssoenv.base.dialects import SHELLS, quote_posix
from ssoenv.shells import hook as hook_text
from tests.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(3)

ENTER = "\r"
URL = "https://d-0000000000.awsapps.com/start"


class Newcomer:
    """Types commands and answers into a shell, and counts them."""

    def __init__(self, shell: str, home: Home, project: Path) -> None:
        self.shell = shell
        self.screen = Screen([shell, "-i"], home.env, str(project), lines=200)
        self.commands = self.answers = 0

    def command(self, line: str) -> None:
        self.commands += 1
        self._type(line)

    def prompt(self, holding: str = "") -> None:
        """Wait for the shell's prompt."""
        wanted = re.compile(rf"{holding}.*[$%>#]$")
        self.screen.wait(lambda seen: wanted.search(seen) is not None)

    def answer(self, question: str, text: str) -> None:
        """Wait until `question` is the last thing on the screen, and answer it."""
        self.screen.wait(lambda seen: " ".join(seen.split()).endswith(question))
        self.answers += 1
        self._type(text)

    def pick(self, words: str) -> None:
        self.screen.wait("Enter picks")
        self.answers += 1
        self.screen.send(words)
        self.screen.wait("4 of 7")
        self.screen.send(ENTER)

    def _type(self, text: str) -> None:
        seen = self.screen.text()
        self.screen.send(text + ENTER)
        self.screen.wait(lambda now: now != seen)


@pytest.fixture(params=SHELLS)
def newcomer(
    request: pytest.FixtureRequest, home: Home, sandbox: Sandbox, tmp_path: Path
) -> Iterator[Newcomer]:
    """Somebody in a project of theirs, in a HOME with nothing else, and ssoenv on the PATH."""
    (home.path / ".aws/config").unlink()
    (home.path / ".aws").rmdir()
    project = home.path / "orders"
    project.mkdir()
    program = " ".join(quote_posix(word) for word in hook_text.command_line())
    tools = tmp_path / "tools"
    files.write_private(f"{tools}/ssoenv", f'#!/bin/sh\nexec {program} "$@"\n'.encode(), mode=0o700)
    os.symlink("/usr/bin/aws", tools / "aws")
    home.env |= {"PATH": f"{tools}:{home.env['PATH']}", "SHELL": f"/usr/bin/{request.param}"}
    if request.param == "zsh":  # else it asks a newcomer of its own about a start-up file
        (home.path / ".zshrc").write_text("")
    one = Newcomer(str(request.param), home, project)
    with contextlib.closing(one.screen):
        yield one


def test_with_questions_three_commands_and_six_answers(newcomer: Newcomer) -> None:
    newcomer.prompt()
    newcomer.command("ssoenv setup")
    newcomer.answer("Start URL:", URL)
    newcomer.answer("such as eu-west-1:", "us-east-1")
    newcomer.answer("What to call it [sso]:", "acme")
    newcomer.answer("Apply these changes? [y/N]", "y")
    newcomer.answer("role? [y/N]", "y")
    newcomer.pick("dev dev")
    arrive(newcomer)
    assert (newcomer.commands, newcomer.answers) == (3, 6)


def test_with_the_line_of_a_team_four_commands_and_two_answers(newcomer: Newcomer) -> None:
    line = f"ssoenv setup --start-url {URL} --region us-east-1 --session acme --yes"
    newcomer.prompt()
    newcomer.command(line)
    newcomer.screen.wait("next:")
    newcomer.prompt()
    newcomer.command("ssoenv bind")
    newcomer.pick("dev dev")
    newcomer.answer("Its AWS region [us-east-1]:", "eu-west-1")
    arrive(newcomer)
    assert (newcomer.commands, newcomer.answers) == (4, 2)


def arrive(newcomer: Newcomer) -> None:
    """Do what ssoenv said comes next, and see the role that was picked."""
    newcomer.prompt()
    newcomer.command(f"exec {newcomer.shell}")
    newcomer.prompt("dev/Developer")
    newcomer.command("aws sts get-caller-identity")
    newcomer.screen.wait("assumed-role/AWSReservedSSO_Developer")
