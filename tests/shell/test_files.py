"""The three hooks are one design in three dialects: same sections, same functions, lint clean."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import paths
from ssoenv.base.dialects import SHELLS
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from tests.conftest import Home
    from tests.shell.conftest import Shell

FILES = {shell: Path(paths.shell_file(f"hook.{shell}")) for shell in SHELLS}
SECTIONS = ["settings", "state", "clock", "variables", "rendered", "sync", "segment", "run", "hooks", "command", "install", "uninstall"]  # fmt: skip
ONLY_BASH = {
    "__ssoenv_become_prompt",
    "__ssoenv_become_test",
    "__ssoenv_clear_below",
    "__ssoenv_clock",
    "__ssoenv_come_free",
    "__ssoenv_env",
    "__ssoenv_is_given_profile",
    "__ssoenv_is_covered",
    "__ssoenv_is_global",
    "__ssoenv_is_there",
    "__ssoenv_look_after",
    "__ssoenv_look_before_prompt",
    "__ssoenv_moved",
    "__ssoenv_note_covered",
    "__ssoenv_quietly",
    "__ssoenv_quote_probe",
    "__ssoenv_restore",
    "__ssoenv_resync",
    "__ssoenv_stays",
    "__ssoenv_take_place",
    "__ssoenv_unset",
}
NOT_FISH = {
    "__ssoenv_completing",
    "__ssoenv_lines",
    "__ssoenv_unchanged_never",
    "__ssoenv_was_there",
    "__ssoenv_watch",
    "__ssoenv_wrap",
    "__ssoenv_write",
}
ONLY_ZSH = {
    "__ssoenv_changed_prompt",
    "__ssoenv_has_none",
    "__ssoenv_line_sets_up",
    "__ssoenv_look_again",
    "__ssoenv_preexec",
    "__ssoenv_set_aside",
    "__ssoenv_with_profile",
    "__ssoenv_yield",
}
ONLY_FISH = {
    "__ssoenv_define_agent",
    "__ssoenv_before_deadline",
    "__ssoenv_chpwd",
    "__ssoenv_has_any_profile",
    "__ssoenv_has_none",
    "__ssoenv_look_above",
    "__ssoenv_make_room",
    "__ssoenv_pattern",
    "__ssoenv_preexec",
    "__ssoenv_prompt",
    "__ssoenv_put_profile",
    "__ssoenv_ready_line",
    "__ssoenv_return",
    "__ssoenv_set_aside",
    "__ssoenv_tick",
    "__ssoenv_unchanged",
    "__ssoenv_watch_settings",
    "__ssoenv_with_profile",
    "__ssoenv_yield",
}


def functions(shell: str) -> set[str]:
    text = FILES[shell].read_text()
    found = set(
        re.findall(r"^(?:function )?((?:__)?ssoenv\w*)(?:\(\) \{| \{|\s|$)", text, re.MULTILINE)
    )
    if shell == "fish":
        found = set(re.findall(r"^function (\w+)", text, re.MULTILINE))
    return found


@pytest.mark.parametrize("shell", SHELLS)
def test_the_same_sections_in_the_same_order(shell: str) -> None:
    assert re.findall(r"^# --- \[(\w+)\] -+$", FILES[shell].read_text(), re.MULTILINE) == SECTIONS


def test_the_same_functions_but_for_the_marked_ones() -> None:
    bash, zsh, fish = (functions(shell) for shell in SHELLS)

    assert zsh - bash == ONLY_ZSH
    assert fish - bash == ONLY_FISH
    assert bash - zsh == ONLY_BASH
    assert bash - fish - ONLY_BASH == NOT_FISH


@pytest.mark.parametrize("shell", SHELLS)
def test_names_of_variables_stand_in_one_section(shell: str) -> None:
    _, *sections = re.split(r"^# --- \[", FILES[shell].read_text(), flags=re.MULTILINE)
    # The text that fish has everywhere, and says so.
    text = re.search(r'\$AWS_ACCESS_KEY_ID [^"]*', FILES[shell].read_text())
    named = {
        section.partition("]")[0]
        for section in sections
        for line in section.replace(text[0] if text else "-", "").split("\n")
        if re.search(r"AWS_\w", line) and not line.lstrip().startswith("#")
    }

    assert named == {"variables"}


def test_zsh_traces_no_function_that_a_value_goes_through() -> None:
    """`functions -t` of such a one would show it: each look takes that back, by the names of them."""
    text = FILES["zsh"].read_text()
    listed = text.partition("\ntypeset -ga __ssoenv_untraced=(")[2].partition(")")[0]
    untraced = set(re.findall(r"__ssoenv_\w+", listed))
    bodies = re.findall(
        r"^function (__ssoenv_\w+) \{( [^\n]*|.*?^)\}", text, re.MULTILINE | re.DOTALL
    )
    value = r"\(P\)|\$line\[|\$\{?AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)(?!\+)"

    assert "builtin functions +tT $__ssoenv_untraced" in text
    assert untraced <= functions("zsh")
    # Those that run once, when this text is read.
    assert {name for name, body in bodies if re.search(value, body)} - untraced == {
        "__ssoenv_adopt",
        "__ssoenv_find_agent",
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_placeholders_stand_in_the_settings_only(shell: str) -> None:
    _, settings, rest = re.split(
        r"^# --- \[(?:settings|state)\] -+$", FILES[shell].read_text(), flags=re.MULTILINE
    )

    assert set(re.findall(r"__SSOENV_\w+__", settings)) == {"__SSOENV_STATE__", "__SSOENV_CONFIG__", "__SSOENV_EXE__", "__SSOENV_COMMANDS__", "__SSOENV_AGENTS__", "__SSOENV_MARKS__"}  # fmt: skip
    assert not re.findall(r"__SSOENV_\w+__", rest)


LISTED = {
    "bash": "compgen -v __ssoenv_",
    "zsh": "print -l ${(k)parameters[(I)__ssoenv_*]}",
    # A look takes away those that are empty.
    "fish": "__ssoenv_reset; set -ng | string match '__ssoenv_*'",
}


def test_the_glossary_names_just_the_variables_that_there_are(signed_in: Shell) -> None:
    for directory in ("~/web", "/", "~/web"):
        signed_in.run(f"cd {directory}")
    there = set(signed_in.run(LISTED[signed_in.name]).output.split())
    state = FILES[signed_in.name].read_text().partition("# --- [state]")[2]
    glossary = re.match(r".*\n((?:#.*\n)+)", state)
    assert glossary
    named = re.findall(r"(?:__ssoenv|(?<= ))(_(?!_)[a-z_]*[a-z])\b", glossary[1])

    assert {f"__ssoenv{name}" for name in named} == {
        name for name in there if not name.startswith("__ssoenv_old_")
    }


STRICT = {
    "bash": ["bash", "--norc", "--noprofile", "-e", "-u", "-o", "pipefail", "-i", "-c"],
    "zsh": ["zsh", "-f", "-e", "-u", "-o", "pipefail", "-i", "-c"],
    "fish": ["fish", "--no-config", "-i", "-c"],
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("settings", [None, "", "protect = []\n"])
def test_loading_prints_nothing_and_succeeds_under_strict_options(
    shell: str, times: int, settings: str | None, home: Home
) -> None:
    if settings is not None:
        home.path.joinpath(".config/ssoenv").mkdir(parents=True)
        home.path.joinpath(".config/ssoenv/config.toml").write_text(settings)
    text = home.path / "hook"
    text.write_text(hook_text.render(shell, home.env) * times)
    result = subprocess.run(
        [*STRICT[shell], f"source {text}; echo done"],
        env=home.env,
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    noise = ("no job control", "cannot set terminal process group", "can't set tty pgrp", "no access to tty", "Inappropriate ioctl")  # fmt: skip
    errors = [
        line for line in result.stderr.split("\n") if line and not any(one in line for one in noise)
    ]

    assert result.stdout == "done\n"
    assert errors == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_loads_nothing(shell: str, home: Home) -> None:
    text = home.path / "hook"
    text.write_text(hook_text.render(shell, home.env))
    command = {"bash": "declare -F", "zsh": "print -l ${(k)functions}", "fish": "functions -an"}
    result = subprocess.run(
        [shell, "-c", f"source {text}; {command[shell]} | grep -c '^aws$' || true"],
        env=home.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "0"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_kept_hook_is_private_and_made_anew_when_the_settings_change(
    shell: str, home: Home
) -> None:
    first = hook_text.render(shell, home.env)
    kept = hook_text.kept_file(home.env, shell)
    assert os.stat(kept).st_mode & 0o777 == 0o600
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('commands = ["deploy-it"]\n')
    hook_text.render(shell, home.env)

    assert "deploy-it" in Path(kept).read_text()
    assert "deploy-it" not in first
