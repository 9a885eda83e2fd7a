"""What a shell has when it starts where there is nothing, and after ssoenv has gone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from tests.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

START = {
    "bash": ["bash", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "--private", "-i"],
}


def opened(home: Home, shell: str, cwd: Path) -> Screen:
    """A shell as `ssoenv setup` has set it up."""
    if shell == "zsh":
        (home.path / ".zshrc").write_text("PROMPT='ready> '\n")
    if shell == "bash":
        (home.path / ".bashrc").write_text("PS1='ready> '\n")
    (home.path / ".local/share/fish/generated_completions").mkdir(parents=True, exist_ok=True)
    assert home.ssoenv("setup", "--shell", shell, "--yes").returncode == 0
    return Screen(START[shell], home.env | {"PWD": str(cwd)}, str(cwd), columns=100)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_starts_in_a_directory_that_is_gone(
    home: Home, sandbox: Sandbox, shell: str
) -> None:
    gone = home.path / "gone"
    gone.mkdir()
    screen = opened(home, shell, home.path)
    screen.send(f"cd {gone}; rmdir {gone}; exec {' '.join(START[shell])}\r")
    screen.send("echo still-$((40 + 2))\r" if shell != "fish" else "echo still-(math 40 + 2)\r")
    screen.wait("still-42")
    screen.send("cd /; PWD=abc; true\r" if shell != "fish" else "cd /\r")
    screen.send("echo again-$((40 + 2))\r" if shell != "fish" else "echo again-(math 40 + 2)\r")
    screen.wait("again-42")
    screen.send("cd /; exit\r")


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_is_the_shell_s_own_again_after_undo(home: Home, sandbox: Sandbox, shell: str) -> None:
    (home.path / "only-this-folder").mkdir()
    screen = opened(home, shell, home.path)
    screen.send("echo started-$((40 + 2))\r" if shell != "fish" else "echo started-(math 40 + 2)\r")
    screen.wait("started-42")
    assert home.ssoenv("setup", "--undo", "--yes").returncode == 0
    screen.send("cd /; cd ~\r")
    screen.send("ls -d only-this\t; echo tab-done\r")
    shown = screen.wait("only-this-folder")
    assert "__ssoenv" not in shown
    screen.send("ssoenv \t\x15echo ended\r")
    screen.wait("ended")
    assert "__ssoenv" not in screen.text()
    assert os.path.isdir(home.path)
