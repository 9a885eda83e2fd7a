"""Many terminals at once: one page, everybody signed in; one Ctrl-C, everybody free."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.demo.terminal import Terminal
from tests.shell.conftest import DEV, Shell, build_stage, project_text, trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(3)

MANY = 20


@pytest.fixture
def crowd(home: Home, sandbox: Sandbox) -> Iterator[list[Shell]]:
    """Twenty terminals in the same project, of all three shells; nobody is signed in."""
    trust(home, home.project("web", project_text("web")))
    stage = build_stage(home)
    shells = []
    for number in range(MANY):
        name = SHELLS[number % len(SHELLS)]
        shells.append(Shell(name, home, sandbox, stage, Terminal(name, stage)))
        shells[-1].out("cd ~/web")
    yield shells
    for shell in shells:
        shell.terminal.close()


@pytest.mark.timeout(300)
def test_twenty_first_commands_open_one_page(crowd: list[Shell]) -> None:
    for shell in crowd:
        shell.terminal.send("aws who")
    answers = [shell.terminal.answer() for shell in crowd]

    assert [shell.role(answer.output) for shell, answer in zip(crowd, answers, strict=True)] == [
        DEV
    ] * MANY
    assert crowd[0].pages() == 1
    served = [call["operation"] for call in crowd[0].sandbox.requests()]
    assert served.count("GetRoleCredentials") == 1
    assert served.count("CreateToken") == 1


@pytest.mark.timeout(300)
def test_control_c_in_the_one_that_asks_frees_everybody(crowd: list[Shell]) -> None:
    crowd[0].sandbox.set_approve("ask")
    asking, *waiting = crowd[:6]
    asking.terminal.send("aws who")
    asking.terminal.wait_for("/authorize")
    for shell in waiting:
        shell.terminal.send("aws who")
        shell.terminal.wait_for("another terminal")
    began = time.monotonic()
    asking.terminal.send("\x03", end="")
    answers = [shell.terminal.answer() for shell in (asking, *waiting)]

    assert [answer.status for answer in answers] == [130] * len(answers)
    assert not any("key=" in answer.output for answer in answers)
    assert time.monotonic() - began < 20
    asking.sandbox.set_approve("auto")
    assert asking.run("aws who").status == 3  # a loop over the same command does not ask again
    asking.out("ssoenv login acme")
    assert asking.who() == DEV


def test_a_declined_sign_in_is_not_asked_for_again(crowd: list[Shell]) -> None:
    first, second = crowd[:2]
    first.sandbox.set_approve("deny")
    answer = first.run("aws who")
    assert answer.status == 3
    assert "declined" in answer.output
    assert "key=" not in answer.output
    answer = second.run("aws who")
    assert answer.status == 3
    assert "ssoenv login acme" in answer.output
    assert first.pages() == 1
    first.sandbox.set_approve("auto")
    second.out("ssoenv login acme")
    assert second.who() == DEV
