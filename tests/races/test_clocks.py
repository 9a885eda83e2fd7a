"""A machine that slept, and a clock that was wrong: nothing that has ended is given out, and no wait is one of hours."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.shells import answers
from tests.conftest import operations
from tests.faults.steps import ROLE
from tests.races.clocks import Clock, wait_for
from tests.sign_in.people import Person, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

HOUR = 3600
FORMS = ("env", "fish", "json", "process", "dotenv", "powershell")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
def web(home: Home, sandbox: Sandbox) -> Path:
    """A trusted project with credentials of an hour, by a token of an hour."""
    Person(home, sandbox).hold(HOUR)
    directory = home.project("web")
    assert home.ssoenv("trust", "--yes", cwd=directory).returncode == 0
    assert home.ssoenv("export", cwd=directory).returncode == 0
    return directory


def key(text: str) -> str:
    (found,) = set(re.findall(r"ASIASANDBOX\w+", text))
    return str(found)


@pytest.mark.parametrize("slept", [HOUR - 60, 2 * HOUR, 9 * HOUR])
def test_what_has_ended_while_the_machine_slept_is_given_to_nobody(
    home: Home, sandbox: Sandbox, web: Path, clock: Clock, slept: int
) -> None:
    before = key(home.ssoenv("export", cwd=web).stdout)
    clock.turn(slept)
    sandbox.advance(slept)
    verbs = [("export", "--format", form) for form in FORMS] + [("credential-process",)]
    for words in verbs if slept == 2 * HOUR else verbs[-1:]:
        answer = clock.run(home, *words, cwd=web)
        assert answer.returncode == 0, answer
        now = key(answer.stdout)
        assert now != before
        assert sandbox.state.keys[now].expires > sandbox.state.now(), words


@pytest.mark.parametrize(
    "jump",
    # Not by a code on another device: a sleep of Python's may fail in libfaketime itself.
    [8 * HOUR, -8 * HOUR],
)
def test_a_sign_in_that_nobody_answers_ends_whatever_the_clock_does(
    home: Home, sandbox: Sandbox, clock: Clock, jump: int
) -> None:
    sandbox.set_approve("ask")
    asking = clock.start(home, "login", "acme", SSOENV_SIGN_IN_TIMEOUT="6")
    wait_until(lambda: operations(sandbox, "Authorize") == 1, 60)
    clock.turn(jump)
    _, said = asking.communicate(timeout=60)
    assert asking.returncode == 3, said
    assert "in time" in said


def test_a_sign_in_that_was_stopped_ends_once_it_goes_on(home: Home, sandbox: Sandbox) -> None:
    """As by Ctrl-Z, or with a machine that sleeps: its time is over, and the next has its turn."""
    sandbox.set_approve("ask")
    asking = home.start(*command(), "login", "acme", SSOENV_SIGN_IN_TIMEOUT="6")
    wait_until(lambda: operations(sandbox, "Authorize") == 1, 60)
    os.kill(asking.pid, signal.SIGSTOP)
    wait_for(time.time() + 6)
    os.kill(asking.pid, signal.SIGCONT)
    _, said = asking.communicate(timeout=60)
    assert asking.returncode == 3, said
    sandbox.set_approve("auto")
    assert home.ssoenv("login", "acme").returncode == 0


def test_with_a_token_that_works_nobody_waits_for_one_that_is_stopped(
    home: Home, sandbox: Sandbox
) -> None:
    alice = Person(home, sandbox)
    alice.hold(600)  # good for as long, and due to be renewed
    sandbox.set_pace(latency=3000)
    renewing = home.start(*command(), "roles")
    wait_until(lambda: held(alice), 60)
    os.kill(renewing.pid, signal.SIGSTOP)
    sandbox.set_pace()
    answer = home.ssoenv("credential-process", ROLE)
    assert answer.returncode == 0, answer
    os.kill(renewing.pid, signal.SIGCONT)
    renewing.communicate(timeout=60)
    assert renewing.returncode == 0


def held(person: Person) -> bool:
    """Whether some process has the turn of the session."""
    from tests.sign_in.test_together import pids_in_turn

    try:
        return bool(pids_in_turn(person))
    except FileNotFoundError:
        return False


def test_a_list_from_a_clock_that_was_ahead_is_asked_for_again(
    home: Home, sandbox: Sandbox, clock: Clock
) -> None:
    Person(home, sandbox).hold(9 * HOUR)
    assert home.ssoenv("roles").returncode == 0
    clock.turn(-5 * HOUR)
    for words, calls in ((("roles", "--refresh"), 1), (("roles",), 0)):
        sandbox.clear_requests()
        answer = clock.run(home, *words, cwd=home.path)
        assert answer.returncode == 0, answer
        assert operations(sandbox, "ListAccounts") == calls, words


def test_a_yes_from_a_clock_that_was_ahead_is_none(home: Home, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    answer.touch()
    until = time.time() + 600
    os.utime(answer, (until, until))
    assert 590 < answers.seconds_left(str(answer)) <= 600
    told = Clock(tmp_path)
    told.turn(-5 * HOUR)
    program = f"from ssoenv.shells import answers; print(answers.seconds_left({str(answer)!r}))"
    import sys

    process = home.start(sys.executable, "-c", program, **told.env)
    assert process.communicate(timeout=60)[0] == "0\n"


def command() -> tuple[str, ...]:
    from ssoenv.shells import hook as hook_text

    return hook_text.command_line()
