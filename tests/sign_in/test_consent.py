"""When a page may open: asked of real shells on real terminals."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from ssoenv import policy, sign_in
from ssoenv.base import paths
from ssoenv.base.errors import AccessDenied
from ssoenv.base.models import Role
from ssoenv.credentials import protection
from ssoenv.settings import Settings
from ssoenv.sign_in import consent
from tests.sign_in.people import LAZY, REQUEST, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

PROBE = """\
import os, sys
from ssoenv.sign_in import lazy_consent
from tests.sign_in.people import REQUEST
name, typed, log = sys.argv[1:]
refusal = lazy_consent({}, REQUEST, typed=typed == "typed").refusal
with open(log, "a") as stream:
    stream.write(f"{name}: {refusal or 'yes'}\\n")
"""
SHELLS = {"bash": "bash --norc --noprofile", "zsh": "zsh -f", "fish": "fish --no-config"}


class Terminal:
    """A shell on a terminal of its own, and what the probe said there."""

    def __init__(self, shell: str, folder: Path) -> None:
        assert shutil.which(shell), f"these tests need {shell}: apt-get install {shell}"
        self.log = folder / "log"
        (folder / "probe.py").write_text(PROBE)
        root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "PYTHONPATH": root,
        }
        self.probe = f"{sys.executable} {folder}/probe.py %s {{}} {self.log}"
        self.shell, self.lines = shell, 0
        self.child = pexpect.spawn(SHELLS[shell], env=env, encoding="utf-8", timeout=20)
        self.run("true")

    def command(self, name: str, typed: str = "typed") -> str:
        """Return the command that asks for consent under `name`."""
        return self.probe.format(typed) % name

    def run(self, line: str) -> None:
        """Type a line and wait for its end."""
        self.lines += 1
        # The word is in two parts, so that the echo of what we type is not it.
        self.child.sendline(f"{line}; echo '@do''ne{self.lines}@'")
        self.child.expect_exact(f"@done{self.lines}@")

    def press(self, keys: str, name: str) -> None:
        """Press keys that run the probe under `name`, and wait for what it says."""
        self.child.send(keys)
        wait_until(lambda: name in self.answers)

    @property
    def answers(self) -> dict[str, str]:
        """What the probe said, by name; the last word counts."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return dict(line.split(": ", 1) for line in lines)


@pytest.fixture(params=SHELLS)
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    running = Terminal(request.param, tmp_path)
    yield running
    running.child.close(force=True)


def test_a_typed_command_may_ask(terminal: Terminal) -> None:
    for typed in ("typed", "sdk"):
        terminal.run(terminal.command(f"plain-{typed}", typed))
        terminal.run(f"{terminal.command(f'first-{typed}', typed)} | cat")
        terminal.run(f"/bin/true | {terminal.command(f'last-{typed}', typed)}")
        terminal.run(f"sh -c '{terminal.command(f'script-{typed}', typed)}; true'")

    assert set(terminal.answers.values()) == {"yes"}
    assert len(terminal.answers) == 8


def test_a_substitution_may_ask_only_if_a_hook_vouches_for_it(terminal: Terminal) -> None:
    fish = terminal.shell == "fish"
    for typed in ("typed", "sdk"):
        command = terminal.command(f"substitution-{typed}", typed)
        terminal.run(f"set x ({command})" if fish else f"x=$({command})")

    assert terminal.answers["substitution-typed"] == "yes"
    assert "prompt or substitution" in terminal.answers["substitution-sdk"]


def test_a_background_job_may_not(terminal: Terminal) -> None:
    terminal.run(f"{terminal.command('background')} & wait")

    assert "nobody at a terminal" in terminal.answers["background"]


def test_a_prompt_may_not(terminal: Terminal) -> None:
    command = terminal.command("prompt", "sdk")
    terminal.run(
        {
            "bash": f"PS1='$({command})$ '",
            "zsh": f"setopt promptsubst; PS1='$({command})$ '",
            "fish": f"function fish_prompt; {command}; echo '$ '; end",
        }[terminal.shell]
    )

    wait_until(lambda: "prompt" in terminal.answers)
    assert terminal.answers["prompt"] != "yes"


def test_a_key_binding_may_not(terminal: Terminal) -> None:
    command = terminal.command("key", "typed")
    terminal.run(
        {
            "bash": f"bind -x '\"\\C-g\": {command}'",
            "zsh": f"probe() {{ {command} }}; zle -N probe; bindkey '^G' probe",
            "fish": f"bind \\cg '{command}'",
        }[terminal.shell]
    )
    terminal.press("\x07", "key")

    assert "nobody at a terminal" in terminal.answers["key"]


def test_a_completion_may_not(terminal: Terminal) -> None:
    command = terminal.command("completion", "typed")
    terminal.run(
        {
            "bash": f"_probe() {{ {command}; }}; complete -F _probe frobnicate",
            "zsh": f"_probe() {{ {command} }}; zle -C probe complete-word _probe;"
            " bindkey '^I' probe",
            "fish": f"complete -c frobnicate -f -a '({command})'",
        }[terminal.shell]
    )
    terminal.press("frobnicate x\t", "completion")

    assert terminal.answers["completion"] != "yes"


def test_without_a_terminal_nobody_is_asked() -> None:
    program = (
        "from ssoenv.sign_in import lazy_consent; from tests.sign_in.people import REQUEST\n"
        "print(lazy_consent({}, REQUEST).refusal)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert "nobody at a terminal" in result.stdout


@pytest.mark.parametrize(
    ("env", "manual", "words"),
    [({}, True, 'login = "manual"'), ({"CI": "true"}, False, "CI")],
)
def test_other_refusals(env: dict[str, str], manual: bool, words: str) -> None:
    given = sign_in.lazy_consent(env, REQUEST, manual=manual)

    assert words in given.refusal
    assert given.lazy


@pytest.mark.parametrize(
    ("words", "interactive"),
    [
        (["-bash"], True),
        (["/bin/bash", "-i"], True),
        (["bash", "--rcfile", "/x", "-i"], True),
        (["/usr/bin/zsh", "-il"], True),
        (["/usr/bin/fish", "-C", "source x"], True),
        (["bash", "-c", "aws"], False),
        (["bash", "-lc", "aws"], False),
        (["fish", "--command", "aws"], False),
        (["bash", "deploy.sh"], False),
        (["/bin/sh", "-e", "deploy.sh"], False),
        (["make", "deploy"], False),
        (["python3", "-i"], False),
        ([], False),
    ],
)
def test_which_command_lines_are_interactive_shells(words: list[str], interactive: bool) -> None:
    assert consent._is_interactive_shell(words) is interactive  # noqa: SLF001


def test_a_command_line_without_proc() -> None:
    """As on macOS."""
    assert consent._command_line_by_ps(os.getpid())  # noqa: SLF001
    assert consent._command_line(2**22 + 1) == []  # noqa: SLF001


def test_a_no_is_a_no_whatever_can_be_written(home: Home) -> None:
    """As where another shell signs out: what keeps the answers goes while the question stands."""
    role = Role("acme", "333333333333", ("Administrator",))
    target = policy.Target("333333333333", "prod", role.roles, protect=True)
    use = protection.Use(role, target, "aws s3", "", "a file protects it")

    class InTheWay:
        def allow(self, use: protection.Use, seconds: int) -> bool:  # noqa: ARG002
            allowed = f"{paths.state(home.env)}/allowed"
            with open(allowed, "w", encoding="utf-8"):
                return False

        def waiting_for_answer(self) -> None:
            """No other terminal asks."""

    with pytest.raises(AccessDenied, match="you did not say yes"):
        protection.require(use, Settings(), home.env, InTheWay(), LAZY)
