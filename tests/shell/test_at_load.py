"""What the environment brings along when the hook is read: no state, no code, and nothing of it leaves again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import paths
from tests.shell.conftest import DEV, OPS
from tests.shell.test_manners import restart

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)


def glossary(shell: str) -> set[str]:
    """Every variable that the hook of `shell` says it has."""
    text = Path(paths.shell_file(f"hook.{shell}")).read_text()
    said = re.match(r".*\n((?:#.*\n)+)", text.partition("# --- [state]")[2])
    assert said
    named = re.findall(r"(?:__ssoenv|(?<= ))(_(?!_)[a-z_]*[a-z])\b", said[1])
    return {f"__ssoenv{name}" for name in named}


HOSTILE = (
    "x[$(touch ~/pwned)]",
    "$(touch ~/pwned)",
    "; touch ~/pwned; x() { :; }",
    "1",
    "live",
    "@111111111111",
    "/",
)
"""Text that would run as code, or be taken for what a shell knows."""
INSIDE = {
    "bash": "f() { cd /; command aws who; cd ~/web; cd ~; aws who; }; f",
    "zsh": "f() { cd /; command aws who; cd ~/web; cd ~; aws who }; f",
    "fish": "function f; cd /; command aws who; cd ~/web; cd ~; aws who; end; f",
}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_of_ours_in_the_environment_is_no_state(signed_in: Shell, text: str) -> None:
    names = glossary(signed_in.name)
    assert len(names) > 60
    shell = restart(signed_in, env=dict.fromkeys(names, text))
    first = shell.run(INSIDE[shell.name])
    assert re.findall(r"key=([^|]*)\|profile=([^|]*)\|", first.output) == [("", ""), ("", "")], (
        first
    )
    assert shell.run("env | grep ^__ssoenv").output == ""
    shell.run("cd ~/web")
    assert shell.who() == DEV
    shell.run("ssoenv use staging; ssoenv use -; cd ~/ops")
    assert shell.who() == OPS
    shell.run("cd ~")
    assert shell.role(shell.run("aws who").output) == "nobody"
    assert shell.run("env | grep -E '^(__ssoenv|AWS_(ACC|SEC|SES|PRO|REG))'").output == ""
    assert not (shell.home.path / "pwned").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh"], indirect=True)
def test_a_process_that_becomes_another_shell_knows_nothing(signed_in: Shell) -> None:
    """The number of the process stays; what it exported is no state of the shell that it becomes."""
    signed_in.run("cd ~/web")
    signed_in.run("for v in ${!__ssoenv_@}; do export $v; done; cd /", zsh="for v in ${(k)parameters[(I)__ssoenv_*]}; do export $v 2>/dev/null; done; cd /")  # fmt: skip
    signed_in.run("__ssoenv_state=live __ssoenv_generation='$(touch ~/pwned)'")
    again = signed_in.run(
        f"exec {signed_in.name} -ic 'echo state=$__ssoenv_state; env | grep -c ^__ssoenv; exec {signed_in.name} -i'"
    )
    assert "state=none" in again.output
    assert again.output.split()[-1] == "0"


@pytest.mark.parametrize("shell", ["bash", "zsh"], indirect=True)
@pytest.mark.parametrize("line", ["set -a", "set -x", "set -ax", "set -aeu; set +e"])
def test_options_set_before_the_hook_reach_no_variable_of_ours(signed_in: Shell, line: str) -> None:
    shell = restart(signed_in, before=f"{line} 2>/dev/null", env={"AWS_ACCESS_KEY_ID": ""})
    shell.run("cd ~/web")
    shell.run("true")
    shell.run("cd ~/ops; cd ~/web")
    key = shell.get("AWS_ACCESS_KEY_ID")
    assert key
    shell.run("command env >~/env; env >>~/env")
    told = (shell.home.path / "env").read_text()
    assert "__ssoenv" not in re.sub("(?m)^_=.*", "", told)
    assert "\nkept" in "\n" + shell.run("case $- in *a*|*x*) echo kept;; esac").output


TRACED = {
    "bash": "bash --noprofile -ix -c true 2>&1 | cat",
    "zsh": "zsh -ix -c true 2>&1 | cat",
    "fish": "fish_trace=1 fish --private -ic true 2>&1 | cat",
}
UNINSTALLED = {
    "bash": "set -x; __ssoenv_uninstall",
    "zsh": "set -x; __ssoenv_uninstall",
    "fish": "set -g fish_trace 1; __ssoenv_uninstall",
}


@pytest.mark.parametrize("lines", [TRACED, UNINSTALLED])
def test_no_key_in_a_trace_of_loading_or_unloading(signed_in: Shell, lines: dict[str, str]) -> None:
    signed_in.run("cd ~/web")
    key = signed_in.get("AWS_ACCESS_KEY_ID")
    assert key
    keys = signed_in.sandbox.state.keys[key]
    seen = signed_in.run(lines[signed_in.name]).output

    assert "ssoenv" in seen
    for secret in (key, keys.secret, keys.token):
        assert secret not in seen
