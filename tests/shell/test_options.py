"""Options and traps of the user's: with the hook, a line ends as it does without it, and the shell goes on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import paths
from ssoenv.demo.terminal import Terminal
from tests.shell.conftest import DEV, OPS

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)

OPTIONS = [
    "set -e",
    "set -u",
    "set -eu",
    "set -k",
    "set -eukE",
    "trap 'echo ERRTRAP' ERR",
    "set -E; trap 'echo ERRTRAP' ERR",
    "set -eE; trap 'echo ERRTRAP' ERR; trap 'echo RET' RETURN",
    "shopt -s nocasematch nullglob",
    "set -o posix",
    "set -f; set -o pipefail",
]
LINES = [
    "! true",
    "[ -f /nope ] && echo x",
    "false && true",
    "false || ! true",
    "if false; then :; fi",
    "false || echo no",
    "true; echo $?",
    "(exit 3) || echo $?",
    "aws who || echo $?",
    "fail || echo $?",
    "! fail",
    "cd ~; echo $?",
    "cd /nope 2>/dev/null || echo $?",
    "a=1 env | grep -c '^a='",
    "env false || echo $?",
    "echo ${PIPESTATUS[0]}",
]
FAILING = ["false", "fail", "(exit 3)", "cd /nope 2>/dev/null", "env false", "sh -c 'exit 4' | cat"]


def without_the_hook(shell: Shell) -> Terminal:
    rc = shell.home.path / ".bashrc"
    text = rc.read_text()
    rc.write_text(re.sub("(?m)^eval.*", "", text))
    try:
        return Terminal("bash", shell.stage)
    finally:
        rc.write_text(text)


@pytest.fixture
def failing(signed_in: Shell) -> Path:
    """A wrapped command that fails, like any other where there is no hook."""
    path = signed_in.home.path / "bin/terraform"
    path.write_text("#!/bin/sh\necho failed\nexit 5\n")
    return path


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
@pytest.mark.parametrize("where", ["~", "~/web"])
@pytest.mark.parametrize("option", OPTIONS)
def test_a_line_ends_as_it_does_without_the_hook(signed_in: Shell, option: str, where: str) -> None:
    plain = without_the_hook(signed_in)
    lines = [line.replace("fail", "terraform") for line in LINES]
    if "-e" not in option:
        lines += [line.replace("fail", "terraform") for line in FAILING]
    for line in (f"cd {where}; aws who >/dev/null", option, *lines, "true", "true", *lines):
        expected, got = plain.run(line), signed_in.run(line)
        assert (got.status, no_role(got.output)) == (expected.status, no_role(expected.output)), (
            line
        )
    plain.close()


def no_role(output: str) -> str:
    return re.sub(r"\|key=.*>|^\+.*\n?", "", output)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_the_role_follows_under_any_option(signed_in: Shell, option: str) -> None:
    signed_in.run(option)
    for _ in range(2):
        signed_in.run("cd ~/web")
        assert signed_in.who() == DEV
        assert signed_in.who("ssoenv use staging >/dev/null; ssoenv use -; aws who") == DEV
        assert signed_in.who("cd ~/ops; aws who") == OPS
        signed_in.run("cd ~")
        assert signed_in.role(signed_in.run("aws who || true").output) == "nobody"
    asked = {"e": "errexit", "k": "keyword", "u": "nounset"}
    line = "; ".join(f"[ -o {name} ] && echo {letter}" for letter, name in asked.items())
    kept = [letter for letter in asked if re.search(f"set -[a-zE]*{letter}", option)]
    assert signed_in.run(f"{line}; true").output.split() == kept


def test_no_word_of_the_bash_hook_looks_like_an_assignment_after_local() -> None:
    """`set -k` takes such a word for a variable of the command."""
    text = Path(paths.shell_file("hook.bash")).read_text()
    assert re.findall(r"^.*\blocal [^#\n]*=.*", text, re.MULTILINE) == []
