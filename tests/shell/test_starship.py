"""The role in a prompt of starship's: once, in each state; the recipe is the one in docs/prompts.md."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.screen import Screen
from tests.shell.conftest import Shell, trust
from tests.shell.test_protected import PROTECTED
from tests.shell.test_segment import RC, START

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parent.parent.parent / "docs/prompts.md"


def recipe(language: str, holding: str) -> str:
    """The block of the page that a reader copies."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(), re.DOTALL)
    return next(one for one in blocks if holding in one)


@pytest.fixture
def starship(shell: Shell) -> Iterator[Screen]:
    """A terminal with starship as its page says, then ours as the docs say."""
    program = shell.home.path / "bin/starship"
    shutil.copy(Path(sys.executable).parent / "starship", program)
    program.chmod(0o755)
    config = shell.home.path / ".config/starship.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(recipe("toml", "[aws]") + '[character]\nsuccess_symbol = "READY>"\nerror_symbol = "READY>"\n')  # fmt: skip
    lines = recipe("sh", f"starship init {shell.name}")
    (shell.home.path / RC[shell.name]).write_text(lines)
    trust(shell.home, shell.home.project("vault", PROTECTED))
    shell.home.project("clone")
    env = shell.stage.env | {"TERM": "xterm-256color", "STARSHIP_LOG": "error"}
    screen = Screen(START[shell.name], env, shell.stage.home, columns=120, lines=50)
    screen.wait("READY>")
    yield screen
    screen.close()


def prompt_after(screen: Screen, line: str, number: int) -> str:
    """Type `line`; return the lines of the prompt that follows what it prints."""
    screen.send(f"{line}; echo END-{number}\r")

    def over(text: str) -> bool:
        _, end, rest = text.rpartition(f"\nEND-{number}\n")
        return bool(end) and "READY>" in rest

    return screen.wait(over).rpartition(f"\nEND-{number}")[2]


def test_the_role_is_there_once_in_each_state(shell: Shell, starship: Screen) -> None:
    states = {
        "true": None,
        "cd ~/web": "○ dev/Developer",
        "aws who": "● dev/Developer",
        "cd ~/clone": "✗ .ssoenv.toml not trusted",
        "true ": "✗ .ssoenv.toml not trusted",
        "cd ~/vault": "▲ prod/Administrator",
        "cd ~": None,
    }
    for number, (line, sign) in enumerate(states.items()):
        prompt = prompt_after(starship, line, number)
        for other in ("Developer", "Administrator", ".ssoenv.toml not trusted"):
            assert prompt.count(other) == int(sign is not None and other in sign), prompt
        assert sign is None or sign in prompt
