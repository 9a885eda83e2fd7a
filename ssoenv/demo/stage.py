"""The stage of the tour: a throw-away HOME, two projects of one team, and one untrusted clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from ssoenv.base import dialects, files
from ssoenv.base.errors import SsoenvError
from ssoenv.base.values import dataclass
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox

WEB = """\
session = "acme"
default = "dev"

[profiles.dev]
account = "111111111111"
role    = "Developer"
region  = "eu-west-1"

[profiles.staging]
account = "222222222222"
role    = "ReadOnly"
region  = "eu-west-1"
"""
BILLING = """\
session = "acme"

[profiles.prod]
account = "333333333333"
role    = "ReadOnly"
region  = "us-east-1"
"""
CLONE = """\
session = "acme"

[profiles.prod]
account = "333333333333"
role    = "Administrator"
"""
MAKEFILE = "whoami:\n\t@aws sts get-caller-identity --query Arn --output text\n"

BASHRC = r"""
PS0='\e]133;C\a'
PS1='\[\e]133;D;$?\a\]\w${SSOENV_LABEL:+ ($SSOENV_LABEL)} \$ \[\e]133;B\a\]'
HISTFILE=
eval "$(ssoenv hook bash)"
"""
ZSHRC = r"""
mark_output() {
    printf '\e]133;C\a'
}
preexec_functions=(mark_output)
setopt prompt_subst
unsetopt zle prompt_cr prompt_sp
PROMPT=$'%{\e]133;D;%?\a%}%~${SSOENV_LABEL:+ ($SSOENV_LABEL)} %# %{\e]133;B\a%}'
eval "$(ssoenv hook zsh)"
"""
CONFIG_FISH = r"""
set -g fish_greeting
function mark_output --on-event fish_preexec
    printf '\e]133;C\a'
end
function fish_prompt
    set -l code $status
    printf '\e]133;D;%d\a%s' $code (prompt_pwd)
    set -q SSOENV_LABEL; and printf ' (%s)' $SSOENV_LABEL
    printf ' > \e]133;B\a'
end
ssoenv hook fish | source
"""
RC = {".bashrc": BASHRC, ".zshrc": ZSHRC, ".config/fish/config.fish": CONFIG_FISH}
"""The rc files: a prompt with the role in it, and the hook. The OSC 133 marks (semantic prompts, as
iTerm2 and VS Code read them) carry the exit status for the tour."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A HOME made for the tour, and the environment in which its shells start."""

    home: str
    env: dict[str, str]


def build(home: str, sandbox: Sandbox) -> Stage:
    """Make everything under the empty `home`. Raises SsoenvError where there is no aws."""
    sandbox.write_home(home)
    sandbox.write_administrators(home)
    files.make_private_directory(f"{home}/bin")
    os.symlink(_aws(), f"{home}/bin/aws")
    launcher = " ".join(dialects.quote_posix(word) for word in hook_text.command_line())
    files.write_private(
        f"{home}/bin/ssoenv", f'#!/bin/sh\nexec {launcher} "$@"\n'.encode(), mode=0o700
    )
    for path, text in (
        ("web/.ssoenv.toml", WEB),
        ("web/Makefile", MAKEFILE),
        ("billing/.ssoenv.toml", BILLING),
        ("clone/.ssoenv.toml", CLONE),
    ):
        files.write_private(f"{home}/{path}", text.encode())
    for name, text in RC.items():
        files.write_private(f"{home}/{name}", text.encode())
    # Without this, fish reads every manual page of the machine in a new HOME, in the background.
    files.make_private_directory(f"{home}/.local/share/fish/generated_completions")
    return Stage(home, _environment(home, sandbox))


def _environment(home: str, sandbox: Sandbox) -> dict[str, str]:
    """Nothing of the person's own but terminal and browser; the sandbox's addresses on top."""
    terminal = ("TERM", "LANG", "LC_ALL", "SHELL", "TZ")
    keep = (*terminal, "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "BROWSER")
    env = {name: os.environ[name] for name in keep if name in os.environ}
    path = [f"{home}/bin", os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
    env |= {"HOME": home, "PATH": os.pathsep.join(path), "AWS_PAGER": "", "PWD": home}
    env.setdefault("LANG", "C.UTF-8")
    return env | sandbox.environment(f"{home}/.sandbox")


def _aws() -> str:
    """Return an AWS CLI, version 2 where there is one."""
    found = []
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = shutil.which("aws", path=folder)
        if program and program not in found:
            found.append(program)
            version = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=False
            )
            if version.stdout.startswith("aws-cli/2"):
                return program
    if not found:
        raise SsoenvError("the tour needs the AWS CLI", advice="apt-get install awscli, or brew")
    return found[0]
