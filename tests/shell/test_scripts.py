"""Shells that are not interactive and read the start-up file: nothing loud, and no key that is wrong."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from tests.shell.conftest import DEV, OPS

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)

RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
STARTS: dict[str, dict[str, list[str]]] = {
    "bash": {
        "sourced": ["bash", "-c", '. ~/.bashrc; eval "$0"'],
        "login": ["bash", "-lc", 'eval "$0"'],
        "BASH_ENV": ["bash", "-c", 'eval "$0"'],
        "strict": ["bash", "-euo", "pipefail", "-c", 'PS1=; . ~/.bashrc; eval "$0"'],
        "stdin": ["bash", "-c", 'printf %s ". ~/.bashrc; $0" | bash -s'],
    },
    "zsh": {
        "sourced": ["zsh", "-c", '. ~/.zshrc; eval "$0"'],
        "zshenv": ["zsh", "-c", 'eval "$0"'],
        "login": ["zsh", "-lc", '. ~/.zshrc; eval "$0"'],
        "strict": ["zsh", "-euc", '. ~/.zshrc; eval "$0"'],
    },
    "fish": {"-c": ["fish", "-c"], "login": ["fish", "-lc"]},
}
"""Ways to start: the words before the script; it is a word of its own."""
WAYS = [(shell, how) for shell in SHELLS for how in STARTS[shell]]
WHO = "~/bin/aws who"


@dataclass
class Script:
    """A shell with a way to start scripts, and what a live shell in ~/web has in its environment."""

    shell: Shell
    how: str
    live: dict[str, str]

    def run(self, line: str, *, cwd: str = "web", **more: str) -> str:
        """Return what the script prints; it says nothing else and succeeds."""
        name, home = self.shell.name, self.shell.home.path
        env = {**self.shell.stage.env, **self.live, "PWD": str(home / cwd), **more}
        if self.how == "BASH_ENV":
            env["BASH_ENV"] = str(home / ".bashrc")
        result = subprocess.run(
            [*STARTS[name][self.how], line],
            env=env,
            cwd=home / cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    def who(self, line: str, *, cwd: str = "web", **more: str) -> str:
        return self.shell.role(self.run(line, cwd=cwd, **more))


@pytest.fixture
def script(signed_in: Shell, how: str) -> Script:
    """A script that is started by `how`, from a live shell in ~/web."""
    home = signed_in.home.path
    rc = home / RC[signed_in.name]
    rc.write_text(rc.read_text() + "ssoenv_prompt\n")
    (home / ".bash_profile").write_text("PATH=~/bin:$PATH\n. ~/.bashrc\n")
    if how == "zshenv":
        (home / ".zshenv").write_text(". ~/.zshrc\n")
    (home / "web/src").mkdir()
    signed_in.run("cd ~/web")
    lines = signed_in.run("env | grep -E '^(AWS_|SSOENV_)'").output
    live = dict(re.findall(r"^(\w+)=(.*)$", lines, re.MULTILINE))
    assert live["AWS_ACCESS_KEY_ID"]
    return Script(signed_in, how, live)


ways = pytest.mark.parametrize(("shell", "how"), WAYS, indirect=["shell"])
SHOULD = [
    (f"{WHO}", DEV),
    (f"cd src && {WHO}", DEV),
    (f"cd ../ops && {WHO}", "profile ssoenv"),
    (f"cd ../ops; cd ../web; {WHO}", "profile ssoenv"),
    (f"cd ~; {WHO}", "profile ssoenv"),
    (f"cd ../new; {WHO}", "profile ssoenv"),
    (f"pushd ../ops >/dev/null; {WHO}", "profile ssoenv"),
    (f"cd envs/prod; {WHO}", "profile ssoenv"),
]


@ways
def test_keys_that_came_along_are_there_where_they_are_right(script: Script) -> None:
    script.shell.home.project("new")
    (script.shell.home.path / "web/envs/prod").mkdir(parents=True)

    found = {line: script.who(line) for line, _ in SHOULD}

    assert found == dict(SHOULD)


@ways
def test_the_profile_in_their_place_has_the_role_of_the_directory(script: Script) -> None:
    source = "sh ~/.local/state/ssoenv/credential-process"
    given = script.run(f"cd ../ops; {source}")
    (key,) = re.findall(r'"AccessKeyId": "(\w+)"', given)
    assert script.shell.identity(key, "") == OPS
    assert (
        script.run("cd ../ops; echo $SSOENV_VARS") == "AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION\n"
    )
    # Outside: that of the shell which it comes from, as for every program.
    (key,) = re.findall(r'"AccessKeyId": "(\w+)"', script.run(f"cd ~; {source}"))
    assert script.shell.identity(key, "") == DEV


@ways
def test_keys_that_are_wrong_from_the_start_go(script: Script) -> None:
    assert script.who(WHO, cwd="ops") == "profile ssoenv"
    assert script.who(WHO, CLAUDECODE="1") == "profile ssoenv"
    file = script.shell.home.path / "web/.ssoenv.toml"
    file.write_text(file.read_text() + "# changed\n")
    assert script.who(WHO) == "profile ssoenv"


@ways
def test_what_was_chosen_in_the_shell_around_stays(script: Script) -> None:
    script.shell.run("ssoenv use prod")
    lines = script.shell.run("aws who; env | grep -E '^(AWS_|SSOENV_)'").output
    script.live = dict(re.findall(r"^(\w+)=(.*)$", lines, re.MULTILINE))
    assert script.live["SSOENV_USE"] == "prod"
    assert script.who(f"cd src; {WHO}") == script.shell.who()
    assert script.who(f"cd ../ops; {WHO}") == "profile ssoenv"


@ways
def test_what_is_the_user_s_own_stays(script: Script) -> None:
    mine = {"AWS_ACCESS_KEY_ID": "AKIAMINE", "AWS_SECRET_ACCESS_KEY": "s"}
    for live in (mine, {"AWS_PROFILE": "mine"}, {"AWS_PROFILE": "ssoenv"}, {}):
        script.live = live
        for line in (WHO, f"cd ../ops; {WHO}", f"cd ~; {WHO}"):
            found = script.run(line)
            assert f"|key={live.get('AWS_ACCESS_KEY_ID', '')}|" in found
            assert f"|profile={live.get('AWS_PROFILE', '')}|" in found
    given = {**mine, "SSOENV_GIVEN": "AKIAMINE"}
    script.live = given
    assert "|key=AKIAMINE|" in script.run(f"cd ../ops; {WHO}")


@ways
def test_a_script_loads_no_more_than_it_needs(script: Script) -> None:
    names = {
        "bash": "declare -F | sed 's/declare -f //'",
        "zsh": "print -l ${(k)functions}",
        "fish": "functions -an",
    }
    wrapped = {"aws", "claude", "env", "ssoenv", "cd"}
    for live in (script.live, {}):
        script.live = live
        found = wrapped & set(script.run(names[script.shell.name]).split())
        # fish's own `cd` is a function.
        expected = {"cd"} if script.shell.name == "fish" or (live and script.shell.name == "bash") else set()  # fmt: skip
        assert found == expected


@ways
def test_no_page_opens_and_cd_fails_as_it_does(script: Script) -> None:
    asked = len(script.shell.sandbox.requests())
    assert script.run("cd ~/nowhere 2>/dev/null || echo failed") == "failed\n"
    script.run(f"cd ../ops; {WHO}; cd ..; {WHO}")
    assert len(script.shell.sandbox.requests()) == asked


@ways
def test_a_role_for_wherever_no_project_is(script: Script) -> None:
    script.shell.run("cd ~; ssoenv use 222222222222/ReadOnly; aws who")
    lines = script.shell.run("env | grep -E '^(AWS_|SSOENV_)'").output
    script.live = dict(re.findall(r"^(\w+)=(.*)$", lines, re.MULTILINE))
    assert script.live["AWS_ACCESS_KEY_ID"]
    assert script.who(f"cd /tmp; {WHO}", cwd=".") == "222222222222/ReadOnly"
    assert script.who(f"cd ~/web; {WHO}", cwd=".") == "profile ssoenv"
