"""With `export = "profile"` nothing is left open: all that docs/shells.md lists, on real lines.

A program that asks is the stand-in `sdk`: keys of the environment first, then the profile's source,
as AWS SDKs do.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ssoenv.base import files
from ssoenv.base.dialects import SHELLS
from tests.shell.conftest import DEV, OPS, Shell

pytestmark = pytest.mark.sampled(2)

SDK = """#!/bin/sh
if [ -n "$AWS_ACCESS_KEY_ID" ]; then
    had="in the environment: $AWS_ACCESS_KEY_ID"
elif [ "$AWS_PROFILE" = ssoenv ]; then
    had=$(sh ~/.local/state/ssoenv/credential-process 2>/dev/null | sed 's/.*"AccessKeyId": "\\([^"]*\\)".*/\\1/')
fi
echo "<$(/bin/pwd -P 2>/dev/null | cut -c1-300)|$had>"
"""
DEEP = "d=$(printf %0250d 1); for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do mkdir -p $d; cd $d; done"
WAYS = {
    "`builtin cd`": {"bash": "builtin cd ~/ops; sdk"},
    "`command cd`": {"bash": "command cd ~/ops; sdk"},
    "a function of yours that calls `builtin cd`, typed at a prompt": {"bash": "go() { builtin cd ~/ops; }; go; sdk"},
    "a `cd` of your own, typed at a prompt or after the hook": {"bash": "cd() { builtin cd ~/ops; }; cd; sdk"},
    "an alias `cd` of your own": {"bash": "alias cd='builtin cd'\ncd ~/ops; sdk"},
    "`cd -q`": {"zsh": "cd -q ~/ops; sdk"},
    "`pushd -q`": {"zsh": "pushd -q ~/ops; sdk"},
    "`chpwd_functions` replaced": {"zsh": "chpwd_functions=(); cd ~/ops; sdk"},
    "keys in a child": dict.fromkeys(SHELLS, "env -C $HOME/ops sdk; make -s -C $HOME/ops; sh -c 'cd ~/ops && sdk'"),
}  # fmt: skip
"""What moves from ~/web to ~/ops, and runs a program there, as docs/shells.md calls it."""
CAUSES = {
    "PWD says something else": dict.fromkeys(SHELLS, "PWD=/ cd ~/ops; sdk"),
    "PWD is of another project": dict.fromkeys(SHELLS, "cd ~/ops; env PWD=$HOME/web sdk"),
    "PWD is of the kernel, below": dict.fromkeys(
        SHELLS, "mkdir ~/ops/x; env -C $HOME/ops/x PWD=/proc/self/cwd sdk"
    ),
    "PWD is of the kernel": dict.fromkeys(SHELLS, "cd ~/ops; env PWD=/proc/self/cwd sdk"),
    "the directory is renamed": dict.fromkeys(SHELLS, "mv ~/web ~/was; sdk; mv ~/ops ~/web; sdk"),
    "the path is longer than the system's": {"bash": f"cd ~/ops; {DEEP}; printf x >.ssoenv.toml; sdk", "zsh": f"cd ~/ops; {DEEP}; printf x >.ssoenv.toml; sdk"},
    "a folder of that name": dict.fromkeys(SHELLS, "mkdir -p ~/ops/x/.ssoenv.toml; cd ~/ops/x; sdk"),
    "a link to nothing of that name": dict.fromkeys(SHELLS, "mkdir ~/ops/x; ln -s nowhere ~/ops/x/.ssoenv.toml; cd ~/ops/x; sdk"),
    "a readonly profile": {"bash": "readonly AWS_PROFILE; cd ~/ops; sdk\nsdk", "zsh": "readonly AWS_PROFILE; cd ~/ops; sdk\nsdk"},
    "a profile in upper case": {"bash": "declare -u AWS_PROFILE; cd ~/ops; sdk\nsdk", "zsh": "typeset -u AWS_PROFILE; cd ~/ops; sdk\nsdk"},
    "a profile that is an array": {"bash": "unset AWS_PROFILE; declare -a AWS_PROFILE; cd ~/ops; sdk\nsdk"},
    "a profile that is a reference": {"bash": "unset AWS_PROFILE; declare -n AWS_PROFILE=other; cd ~/ops; sdk\nsdk"},
    "a function called builtin": {"bash": "builtin() { :; }; cd ~/ops; sdk"},
    "a readonly IFS": {"bash": "readonly IFS; cd ~/ops; sdk\nsdk"},
    "few calls in each other": {"bash": "FUNCNEST=2; cd ~/ops; sdk\nsdk"},
    "a profile of one command before it": dict.fromkeys(SHELLS, "cd ~/ops; AWS_PROFILE=mine aws who; sdk"),
    "a line that mentions a sign-in": dict.fromkeys(SHELLS, "cd ~/ops; echo 'fix aws login'; sdk"),
    "an empty profile": dict.fromkeys(SHELLS, "cd ~/ops; env AWS_PROFILE= sdk"),
    "a profile of a function": {"bash": "go() { local -x AWS_PROFILE=mine; cd ~/ops; sdk; }; go; sdk", "zsh": "go() { local -x AWS_PROFILE=mine; cd ~/ops; sdk }; go; sdk", "fish": "function go; set -lx AWS_PROFILE mine; cd ~/ops; sdk; end; go; sdk"},
    "a key id that a scope empties": {"zsh": "AWS_ACCESS_KEY_ID= cd ~/ops; sdk\nsdk", "bash": "AWS_ACCESS_KEY_ID= cd ~/ops; sdk\nsdk"},
    "a wrapper that a child has": {"bash": "export -f aws; bash -c 'cd ~/ops; sdk'"},
    "builtins of POSIX": {"zsh": "setopt posix_builtins; cd ~/ops; sdk\nsdk"},
}  # fmt: skip
"""What the hook does not look after, by which a program in ~/ops, or elsewhere, is started."""
GIVEN = {"web": DEV, "ops": OPS}
LINES = [
    (shell, name, line)
    for name, dialects in (WAYS | CAUSES).items()
    for shell, line in dialects.items()
]


@pytest.fixture
def asking(signed_in: Shell) -> Shell:
    """A shell in ~/web, in which no key is put into the environment."""
    settings = signed_in.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('export = "profile"\n')
    files.write_private(str(signed_in.home.path / "bin/sdk"), SDK.encode(), mode=0o700)
    (signed_in.home.path / "ops/Makefile").write_text("all:\n\t@sdk\n")
    signed_in.run("cd ~/web")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    return signed_in


@pytest.mark.parametrize(("shell", "name", "line"), LINES, indirect=["shell"])
def test_no_line_gives_a_program_another_role_than_its_directory_does(
    asking: Shell, name: str, line: str
) -> None:
    shown = "".join(asking.run(one).output for one in line.split("\n"))
    found = re.findall(r"<([^|>]*)\|([^|>]*)>", shown.replace("\n", ""))
    assert found, shown
    for where, key in found:
        given = GIVEN.get(where.removeprefix(f"{asking.home.path}/").partition("/")[0], "none")
        had = asking.identity(key, "") if key else "none"
        assert had in ({given} if name in WAYS else {given, "none"}), shown
    assert name not in WAYS or {where for where, _ in found} == {f"{asking.home.path}/ops"}


def test_the_ways_are_those_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs/shells.md").read_text()
    table = page.partition("| way | shells | until |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (.+?) \| (.+?) \|", table, re.MULTILINE) == [
        (name, ", ".join(dialects)) for name, dialects in WAYS.items()
    ]
