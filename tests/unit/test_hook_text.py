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
    section = text[text.index(f"{start}__ssoenv_settings") : text.index("__ssoenv_program")]
    section = section.removesuffix("function ")  # zsh's and fish's, of what comes next
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


STILL_TEXT = {
    "bash": 'for f in $(compgen -A function); do case $(declare -f "$f") in "$f"*builtin\\ eval*"$f"\\ \\"*) echo "$f";; esac; done',
    "zsh": r"print -l ${(k)functions[(R)*builtin eval *2> /dev/null*]}",
    "fish": "for f in (functions -an); functions $f | string match -q 'builtin eval*'; and echo $f; end",
}
"""What prints the functions that nobody has called yet."""
PROMPTS = {
    "bash": "__ssoenv_prompt; __ssoenv_prompt",
    "zsh": "__ssoenv_precmd; __ssoenv_precmd",
    "fish": "emit fish_prompt; emit fish_prompt",
}


@pytest.mark.parametrize("shell", dialects.SHELLS)
def test_a_shell_reads_no_function_at_its_start_that_is_kept_for_later(
    tmp_path: Path, shell: str
) -> None:
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    text = hook_text.render(shell, env)
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]

    def run(script: str) -> set[str]:
        command = [shell, *flags, "-i", "-c", f"{text}\n{script}"]
        done = subprocess.run(
            command, env=env, cwd="/", capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        return set(done.stdout.split())

    run(PROMPTS[shell])  # the first shell of somebody has the program write what it reads
    there = run(STILL_TEXT[shell])
    assert len(there) > 30
    assert run(f"{PROMPTS[shell]}; {STILL_TEXT[shell]}") == there
    assert not there & hook_text.AT_START


def test_a_function_that_was_text_is_the_one_of_the_file(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    text = hook_text.render("bash", env)
    with open(paths.shell_file("hook.bash"), encoding="utf-8") as stream:
        plain = stream.read()

    def functions(script: str) -> str:
        script += "\ndeclare -f $(compgen -A function __ssoenv_ | grep -vE '_(settings|program)$')"
        command = ["bash", "--norc", "-c", script]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return re.sub(r"^ +", "", done.stdout, flags=re.MULTILINE)  # of texts for eval, too

    # The call that follows is left out, so that each is only read.
    read = re.sub(r"( 2>/dev/null; )\w+ \"\$@\"; \}$", r"\1}", text, flags=re.MULTILINE)
    assert read.count("2>/dev/null; }\n") > 30
    calls = 'for f in $(compgen -A function __ssoenv_); do [[ $(declare -f "$f") != *"builtin eval"*"export -nf"* ]] || "$f"; done'
    assert functions(f"{read}\n{calls}") == functions(plain)
