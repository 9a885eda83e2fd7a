"""The text of a hook: the file under ``shell/`` with its settings filled in."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import dialects, paths
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from pathlib import Path

PLACES = ("__SSOENV_STATE__", "__SSOENV_CONFIG__", "__SSOENV_EXE__", "__SSOENV_COMMANDS__")


@pytest.mark.parametrize("shell", dialects.SHELLS)
@pytest.mark.parametrize("place", PLACES)
def test_a_path_with_the_name_of_a_place_to_fill_in_stays_a_path(
    tmp_path: Path, shell: str, place: str
) -> None:
    env = {"HOME": str(tmp_path / place), "PATH": os.environ["PATH"]}
    os.mkdir(env["HOME"])
    hook_text.render(shell, env)
    kept = hook_text.kept_file(env, shell)
    with open(kept, encoding="utf-8") as stream:
        text = stream.read()
    start = "builtin eval 'function " if shell == "fish" else ""
    section = text[text.index(f"{start}__ssoenv_settings") : text.index(f"{start}__ssoenv_program")]
    section = section.removesuffix("function ")  # zsh's, of what comes next
    script = (
        ("function " if shell == "zsh" else "")
        + section
        + '\n__ssoenv_settings; echo "$__ssoenv_root|$__ssoenv_config"'
    )
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *flags, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    home = env["HOME"]
    assert done.stdout == f"{home}/.local/state/ssoenv|{home}/.config/ssoenv/config.toml\n"


def test_each_function_of_the_hook_for_fish_is_a_text_of_its_own(tmp_path: Path) -> None:
    """Where it begins is where fish counts lines from, at every block that runs in it."""
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    text = hook_text.render("fish", env)
    with open(paths.shell_file("hook.fish"), encoding="utf-8") as stream:
        names = re.findall(r"^function (\S+)", stream.read(), re.MULTILINE)
    assert len(names) > 50
    assert re.findall(r"^builtin eval 'function (\S+)", text, re.MULTILINE) == names

    script = f"{text}functions -an"
    command = ["fish", "--no-config", "-i", "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert set(names) <= set(done.stdout.replace("\n", ", ").split(", "))
