"""Functions of the user's that change directory, such as zoxide's: what comes after them is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shell.conftest import DEV, OPS
from tests.shell.test_manners import restart

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

only_bash = pytest.mark.parametrize("shell", ["bash"], indirect=True)
YOUNG = r"""
__zoxide_pwd() { \builtin pwd -L; }
__zoxide_cd() { \builtin cd -- "$@" && __zoxide_pwd >/dev/null; }
__zoxide_z() { if [[ $# -eq 0 ]]; then __zoxide_cd ~; else __zoxide_cd "$HOME/$1"; fi; }
"""
"""The functions that zoxide 0.9 makes, by their names and what each does, without the program."""
WAYS = {
    "z": f'{YOUNG}z() {{ __zoxide_z "$@"; }}',
    "alias": f"{YOUNG}alias z=__zoxide_z",
    "zoxide --cmd cd": f'{YOUNG}cd() {{ __zoxide_z "$@"; }}; z() {{ cd "$@"; }}',
    "z.sh": '_z() { builtin cd "$HOME/$1"; }; alias z=_z',
    "cd": 'cd() { builtin cd "$@"; }; z() { cd ~/"$1"; }',
    "pushd": 'z() { builtin pushd ~/"$1" >/dev/null; }',
}  # fmt: skip


@only_bash
@pytest.mark.parametrize(
    ("way", "when"),
    # A `cd` that takes the place of ours is left open.
    [(way, when) for way in WAYS for when in ("before", "after") if (way, when) != ("cd", "after")],
)
def test_what_follows_it_on_the_line_has_the_role_of_the_directory(
    signed_in: Shell, way: str, when: str
) -> None:
    shell = restart(signed_in, **{when: WAYS[way]})  # type: ignore[arg-type]
    for _ in range(2):
        assert shell.role(shell.out("z web && command aws who")) == DEV
        assert shell.role(shell.out("z ops; command aws who")) == OPS
    assert shell.run("z nowhere 2>/dev/null").status == 1
    assert shell.role(shell.out("(z web; command aws who)")) == DEV


@only_bash
def test_such_a_function_is_else_as_it_was(signed_in: Shell) -> None:
    before = """
z() { ls >/dev/null; builtin cd "$@"; echo "$#:$?"; return 7; }
zi() { echo 'builtin cd' is only a word here; }
j() { builtin cd "$@"; }
export -f j
alias ls=false
"""
    shell = restart(signed_in, before=before)
    answer = shell.run("z ~/web")
    assert (answer.output, answer.status) == ("1:0", 7)
    assert shell.run("zi").output == "builtin cd is only a word here"
    assert "__ssoenv" not in shell.run("declare -f j").output
    assert shell.run('bash -c "j /; pwd"').output == "/"
    was = shell.run("declare -f __ssoenv_users_z").output.replace("__ssoenv_users_z", "z")
    assert shell.run('eval "$(ssoenv hook bash)"; z ~/ops').output == "1:0"
    shell.run("__ssoenv_uninstall")
    assert shell.run("declare -f z").output == was
    assert shell.run("declare -f zi").output.startswith("zi ()")
    assert "ssoenv" not in shell.run("declare -F").output


@only_bash
def test_one_that_was_made_anew_is_the_user_s_again(signed_in: Shell) -> None:
    shell = restart(signed_in, before="z() { builtin cd ~/web; }")
    shell.run("true")
    shell.run("z() { builtin cd ~/ops; }")
    shell.run("z")
    assert shell.who() == OPS
    shell.run("__ssoenv_uninstall")
    assert "~/ops" in shell.run("declare -f z").output


def test_the_real_zoxide(signed_in: Shell) -> None:
    name = signed_in.name
    line = "zoxide init fish | source" if name == "fish" else f'eval "$(zoxide init {name})"'
    shell = restart(signed_in, before=line)
    shell.run("cd ~/ops; cd ~/web; cd ~; zoxide add ~/ops; zoxide add ~/web")
    assert shell.role(shell.out("z web && command aws who")) == DEV
    assert shell.role(shell.out("z ops && command aws who")) == OPS
