"""``ssoenv setup --undo`` reaches the shells that run: nothing of ours stays in any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import managed_profiles
from tests.shell.conftest import DEV

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

FUNCTIONS = {
    "bash": "declare -F | grep -E 'ssoenv| aws$'; compgen -v | grep ssoenv",
    "zsh": "print -l ${(k)functions} ${(k)parameters} $precmd_functions | grep -E 'ssoenv|^aws$'",
    "fish": "functions -an | string match -r 'ssoenv|^aws$'; set -n | string match '*ssoenv*'",
}


@pytest.mark.parametrize("where", ["~/web", "~"])
def test_a_running_shell_takes_its_hook_out(signed_in: Shell, where: str) -> None:
    """One in a project at its very next prompt, one without a role where it next has to look."""
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    signed_in.run(f"cd {where}")
    for _ in range(3):
        signed_in.run("true")

    undone = signed_in.home.ssoenv("setup", "--undo", "--yes")

    assert undone.returncode == 0, undone.stderr
    assert not managed_profiles.is_there(signed_in.home.env)
    signed_in.run("true" if where == "~/web" else "cd /")
    assert signed_in.run("env | grep -E 'SSOENV|AWS_(ACCESS|SSO_PROFILE|PROFILE)'").output == ""
    assert signed_in.run(FUNCTIONS[signed_in.name]).output.replace("_=", "").strip() == ""
    assert "(dev" not in signed_in.run("cd ~/web").prompt


def test_the_shell_that_undoes_is_free_of_it_at_once(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    signed_in.run(
        "export AWS_PROFILE=mine; cd ~; cd ~/web", fish="set -gx AWS_PROFILE mine; cd ~; cd ~/web"
    )

    signed_in.run("ssoenv setup --undo --yes")

    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert signed_in.get("AWS_PROFILE") == "mine"
    assert signed_in.run(FUNCTIONS[signed_in.name]).output.replace("_=", "").strip() == ""


def test_set_up_again_everything_that_was_trusted_acts_again(signed_in: Shell) -> None:
    home = signed_in.home
    home.ssoenv("setup", "--undo", "--yes")

    assert home.ssoenv("setup", "--yes", "--shell", signed_in.name).returncode == 0

    assert managed_profiles.is_there(home.env)
    other = signed_in.another()
    try:
        other.run("cd ~/web")
        assert other.who() == DEV
    finally:
        other.terminal.close()
