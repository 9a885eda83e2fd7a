"""The role in the prompt, looked at on a terminal: its states, its colours, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.screen import Screen
from tests.shell.conftest import Shell, fetch, trust
from tests.shell.test_protected import PROTECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opener = Callable[..., "Prompt"]

pytestmark = pytest.mark.sampled(3)

START = {
    "bash": ["bash", "--noprofile", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "--private", "-i"],
}
PS1 = {
    "bash": "PS1='$? READY> '\n",
    "zsh": "unsetopt prompt_subst; PROMPT='%? READY> '\n",
    "fish": 'function fish_prompt; echo -n "$status READY> "; end\n',
}
RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


class Prompt:
    """A shell whose prompt can be looked at."""

    def __init__(self, shell: Shell, **env: str) -> None:
        rc = shell.home.path / RC[shell.name]
        hook = (
            "ssoenv hook fish | source"
            if shell.name == "fish"
            else f'eval "$(ssoenv hook {shell.name})"'
        )
        rc.write_text(f"{PS1[shell.name]}{hook}\nssoenv_prompt\n")
        whole = shell.stage.env | {"TERM": "xterm-256color"} | env
        self.screen = Screen(START[shell.name], whole, shell.stage.home, columns=100, lines=40)
        self.lines = 0
        self.screen.wait("READY>")

    def after(self, line: str) -> str:
        """Type `line`; return the prompt that follows it, without the exit status."""
        self.lines += 1
        self.screen.send(f"{line}; echo END-{self.lines}\r")

        def over(text: str) -> bool:
            rows = text.split("\n")
            done = [at for at, row in enumerate(rows) if row.strip() == f"END-{self.lines}"]
            return bool(done) and "READY>" in "".join(rows[done[-1] + 1 :])

        return self.screen.wait(over).split("\n")[-1].partition("READY>")[0].strip()


@pytest.fixture
def open_prompt(shell: Shell) -> Iterator[Opener]:
    """Open terminals with ``ssoenv_prompt`` in the rc file, after a prompt of the user's own."""
    trust(shell.home, shell.home.project("vault", PROTECTED))
    shell.home.project("clone")
    opened: list[Prompt] = []

    def one(**env: str) -> Prompt:
        opened.append(Prompt(shell, **env))
        return opened[-1]

    yield one
    for prompt in opened:
        prompt.screen.close()


def test_each_state_has_its_sign_and_its_colour(cached: Shell, open_prompt: Opener) -> None:
    prompt = open_prompt()
    assert prompt.after("true") == "0"
    assert prompt.after("cd ~/web") == "○ dev/Developer 0"
    assert prompt.after("aws who") == "● dev/Developer 0"
    assert prompt.screen.style("● dev")[0] == "green"
    assert prompt.after("cd ~/clone") == "✗ .ssoenv.toml not trusted 0"
    assert prompt.screen.style("✗ .ssoenv")[0] == "red"
    assert prompt.after("cd ~/vault") == "▲ prod/Administrator 0"
    assert prompt.screen.style("▲ prod")[1] == "red"
    assert prompt.after("cd ~") == "0"


def test_few_minutes_are_told_and_the_end_too(shell: Shell, open_prompt: Opener) -> None:
    shell.sandbox.state.credentials_ttl = 130
    prompt = open_prompt()
    prompt.after("cd ~/web")
    assert prompt.after("aws who") == "● dev/Developer 2m 0"
    assert prompt.screen.style("● dev")[0] in ("brown", "yellow")


def test_credentials_that_ended_say_so(shell: Shell, open_prompt: Opener) -> None:
    shell.sandbox.state.credentials_ttl = 2
    fetch(shell.home)
    prompt = open_prompt()
    assert prompt.after("sleep 2; cd ~/web") == "○ dev/Developer expired 0"


@pytest.mark.parametrize(
    ("env", "armed", "live", "protected"),
    [
        (
            {"LANG": "C", "LC_ALL": "C"},
            "(dev/Developer?)",
            "(dev/Developer)",
            "(!prod/Administrator?)",
        ),
        ({"NO_COLOR": "1"}, "(dev/Developer?)", "(dev/Developer)", "(!prod/Administrator?)"),
        ({"TERM": "linux"}, "(dev/Developer?)", "(dev/Developer)", "(!prod/Administrator?)"),
    ],
)
def test_signs_only_where_the_terminal_has_them(
    cached: Shell, open_prompt: Opener, env: dict[str, str], armed: str, live: str, protected: str
) -> None:
    prompt = open_prompt(**env)
    assert prompt.after("cd ~/web") == f"{armed} 0"
    assert prompt.after("aws who") == f"{live} 0"
    assert (prompt.screen.style(live)[0] == "green") is ("NO_COLOR" not in env)
    assert prompt.after("cd ~/vault") == f"{protected} 0"


def test_the_user_s_prompt_sees_its_status_and_reloading_adds_nothing(
    shell: Shell, open_prompt: Opener
) -> None:
    prompt = open_prompt()
    prompt.after("cd ~/web")
    source = f". ~/{RC[shell.name]}" if shell.name != "fish" else f"source ~/{RC['fish']}"
    if shell.name != "fish":  # its rc file defines the prompt anew, and so has to add it anew
        prompt.after(f"{source}; ssoenv_prompt; ssoenv_prompt")
    assert prompt.after("true").count("dev/Developer") == 1
    prompt.screen.send("false\r")
    prompt.screen.wait("○ dev/Developer 1 READY>")


def test_plain_is_plain(shell: Shell, open_prompt: Opener) -> None:
    prompt = open_prompt()
    assert prompt.after("ssoenv_prompt plain; cd ~/web") == "(dev/Developer?) 0"
    assert prompt.screen.style("(dev/Dev")[0] == "default"
