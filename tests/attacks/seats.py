"""The three shells as people have them, on real terminals, in which attacks are visited in turn."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pexpect

from ssoenv.base import files
from tests import forked
from tests.attacks import oracle
from tools.completions.files import FILES, FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.attacks.ground import Ground
    from tests.attacks.model import Attack

LOOK = """#!/bin/sh
env -0 >{seen}/part && mv {seen}/part {seen}/${{0##*/}}
"""
"""A program that keeps the environment that it had; one of the name is wrapped by the hook."""
# The label in the prompt, in the title, and once more where what a prompt says is expanded again.
BASH = r"""
HISTFILE=
bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'
bind 'set enable-bracketed-paste off'
source {completions}
eval "$(ssoenv hook bash)"
PROMPT_COMMAND+=('PS1="\[\e]0;${{SSOENV_LABEL}}\a\][$SSOENV_LABEL] READY "')
PS1='READY '
ssoenv_prompt
"""
ZSH = r"""
fpath=({folder} $fpath); autoload -U compinit; compinit -u
LISTMAX=1000000; unsetopt beep
setopt prompt_subst
eval "$(ssoenv hook zsh)"
again() {{ PROMPT="%{{"$'\e]0;'"${{SSOENV_LABEL//\%/%%}}"$'\a'"%}}[${{SSOENV_LABEL//\%/%%}}] READY " }}
precmd_functions+=(again)
PROMPT='READY '
ssoenv_prompt
"""
FISH = r"""
set -g fish_greeting
function fish_title; echo $SSOENV_LABEL; end
function fish_prompt; eval "echo -n [$SSOENV_LABEL]"; echo -n 'READY '; end
source {completions}
ssoenv hook fish | source
ssoenv_prompt
"""
RC = {"bash": (".bashrc", BASH), "zsh": (".zshrc", ZSH), "fish": (".config/fish/config.fish", FISH)}
COMMAND = {"bash": ["--noprofile", "-i"], "zsh": ["-i"], "fish": ["--private", "-i"]}
ENTER = {
    "bash": 'cd "$(cat ~/seen/goal)"',
    "zsh": 'cd "$(cat ~/seen/goal)"',
    "fish": "cd (cat ~/seen/goal | string collect --no-trim-newlines)",
}
"""How to enter what nobody could type: the goal ends with a slash."""
KILL_LINE = {"bash": "\x01\x0b", "zsh": "\x01\x0b", "fish": "\x03\x15"}
TABS = (
    "use ",
    "export ",
    "exec --profile ",
    "bind -a ",
    "bind -r ",
    "bind -a 12 -r ",
    "login ",
    "trust ",
    "check ",
)
OURS = re.compile(
    r"(AWS_(ACCESS|SECRET|SESSION|PROFILE|REGION|DEFAULT)\w*|SSOENV_(DIR|LABEL|USE))=."
)
KEYS = re.compile(r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)=.")
PATIENCE = 60


class Seat:
    """One shell on a terminal."""

    def __init__(self, shell: str, ground: Ground, inside: tuple[str, ...] = ()) -> None:
        """Start it, with the hook, the completions and the role in its prompt.

        `inside` are words in front of the shell, which give it a world of its own.
        """
        self.shell, self.ground, self._inside = shell, ground, inside
        home, seen = ground.home.path, ground.home.path / "seen"
        for name in ("look", "aws"):
            program = LOOK.format(seen=seen).encode()
            files.write_private(str(home / "bin" / name), program, mode=0o700)
        name, text = RC[shell]
        text = text.format(completions=FOLDER / FILES[shell], folder=FOLDER)
        files.write_private(str(home / name), text.encode())
        self._start()

    def _start(self) -> None:
        command = [*self._inside, self.shell, *COMMAND[self.shell]]
        self._lines = 0
        self._child: pexpect.spawn[str] = pexpect.spawn(
            command[0],
            command[1:],
            env=self.ground.stage.env | forked.MEASURING | {"TERM": "xterm-256color"},
            cwd=str(self.ground.home.path),
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(40, 200),
            timeout=PATIENCE,
            maxread=65536,
        )
        self._child.delaybeforesend = None
        self._child.expect("READY")
        self._type("cd ~")

    def close(self) -> None:
        """Hang up."""
        self._child.close(force=True)

    def _type(self, line: str, tabs: Iterable[str] = ()) -> str:
        """Press TAB twice behind each of `tabs`, then type `line`; return all that is shown."""
        self._lines += 1
        for start in tabs:
            self._child.send(f"ssoenv {start}\t\t{KILL_LINE[self.shell]}")
        self._child.send(f"{line}; echo 'E''ND'-{self._lines}\r")
        self._child.expect_exact(f"END-{self._lines}\r\n")
        return self._child.before or ""

    def visit(
        self,
        attack: Attack,
        directory: Path,
        *,
        trusted: bool,
        whole: bool = False,
        above: bool = False,
    ) -> None:
        """Go there and back: look on the line of the ``cd``, at a prompt, at TAB, by ``aws``.

        What is not `trusted` has nothing of ours; what is has the role that it gives, or the
        managed profile where it gives none. With `whole` the status is asked for, and what is
        listed here, too; the file is `above` HOME, and holds there as well.
        """
        (self.ground.home.path / "seen/goal").write_bytes(os.fsencode(directory) + b"/")
        try:
            shown = self._go(attack, trusted=trusted, whole=whole, above=above)
        except pexpect.TIMEOUT:
            shown = str(self._child.before)
            self.ground.note(attack, self.shell, [f"it hangs: {shown[-300:]!r}"])
            self.close()
            self._start()
        faults = [*oracle.of_screen(shown), *self.ground.given(shown, "")]
        if "Traceback" in shown or "internal error" in shown:
            faults.append(f"it broke: {shown[-600:]!r}")
        self.ground.note(attack, self.shell, faults)
        self.ground.canaries(attack, self.shell)

    def _go(self, attack: Attack, *, trusted: bool, whole: bool, above: bool) -> str:
        """Go there and back, and return all that was shown."""
        gives, nothing = (attack.gives, KEYS) if trusted else ("", OURS)
        more = "ssoenv status; ssoenv roles --cached --session acme" if whole else "true"
        shown = self._type(f"{ENTER[self.shell]}; look")
        self._judge(attack, gives, "on the line of the cd", "look", nothing)
        shown += self._type("look", TABS)
        self._judge(attack, gives, "at a prompt", "look", nothing)
        shown += self._type(f"aws who; {more}")
        self._judge(attack, gives, "by aws", "aws", nothing)
        shown += self._type("cd ~; look")
        left = (gives, nothing) if above else ("", OURS)
        self._judge(attack, left[0], "behind it", "look", left[1])
        if whole and attack.kind == "list" and not above:
            shown += self._pick()
        return shown + self._type("true")

    def _pick(self) -> str:
        """Look at the list to pick a role from, and leave it."""
        self._child.send("ssoenv use --session acme\r")
        self._child.expect("Esc leaves")
        shown = str(self._child.before)
        self._child.send("\x1b")
        return shown + self._type("true")

    def _judge(
        self, attack: Attack, gives: str, when: str, name: str, nothing: re.Pattern[str]
    ) -> None:
        """Look at the environment that the program `name` had; where none is given, at `nothing`."""
        path = self.ground.home.path / "seen" / name
        if not path.exists():
            # A file that was trusted, and is another, stops what uses AWS.
            faults = ["the program never ran"] if name == "look" or gives else []
            self.ground.note(attack, f"{self.shell}, {when}", faults)
            return
        text = path.read_bytes().decode(errors="surrogateescape")
        path.unlink()
        had = [row for row in text.split("\0") if nothing.match(row)]
        may = gives or (attack.may_give if nothing is KEYS else "")
        faults = list(self.ground.given("\n".join(had), may))
        if had and not may:
            faults.append(f"it had {had!r}")
        if gives and name == "aws" and not oracle.roles_in(text, self.ground.sandbox.state.keys):
            faults.append("it had no keys")
        self.ground.note(attack, f"{self.shell}, {when}", faults)
