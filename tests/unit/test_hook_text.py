"""The text of a hook: the file under ``shell/`` with its settings filled in."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import dialects
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
    start = "function " if shell == "fish" else ""
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
