"""Ways to change directory and to start a program: text to type, with places.

Places: ``{to}`` and ``{from}`` are absolute directories, ``{parent}`` and ``{base}`` the two parts of
``{to}``, ``{home}`` is HOME, ``{cmd}`` the command, and ``{quoted}`` the command as one quoted word.
"""

from __future__ import annotations

from dataclasses import dataclass

SHELLS = ("bash", "zsh", "fish")
INTERACTIVE = {"bash": "bash --noprofile -i", "zsh": "zsh -i", "fish": "fish --private -i"}


@dataclass(frozen=True, slots=True)
class Move:
    """A way to change directory: the lines to type, by shell; a shell without any cannot do it.

    `child`: it is not the shell that changes directory, but a program that it starts. `nested`: one
    more shell to leave. `called` is how docs/shells.md names it, where it may be left open.
    """

    lines: dict[str, str]
    called: str = ""
    child: bool = False
    nested: bool = False


def _move(sh: str = "", *, called: str = "", **shells: str) -> Move:
    lines = dict.fromkeys(("bash", "zsh"), sh) if sh else {}
    return Move(lines | shells, called)


def _everywhere(line: str, *, called: str = "") -> Move:
    return Move(dict.fromkeys(SHELLS, line), called)


def _child(line: str) -> Move:
    return Move(dict.fromkeys(SHELLS, line), "keys in a child", child=True)


SCOPED = "f() {{ local {0}=scoped; cd {{to}}; }}; f\n{{cmd}}"
SCOPED_FISH = "function f; set -lx {0} scoped; cd {{to}}; end; f\n{{cmd}}"
MOVES = {
    "cd": _everywhere("cd {to}\n{cmd}"),
    "cd-and": _everywhere("cd {to} && {cmd}"),
    "cd-then": _everywhere("cd {to}; {cmd}"),
    "cd-back": _everywhere("cd {to}; cd {from}\ncd - >/dev/null; {cmd}"),
    "pushd": _everywhere("pushd {to} >/dev/null; {cmd}"),
    "popd": _everywhere("cd {to}; pushd {from} >/dev/null\npopd >/dev/null; {cmd}"),
    "subshell": _move("(cd {to}; {cmd})", fish="begin; cd {to}; {cmd}; end"),
    "substitution": _move("y=$(cd {to}; {cmd})", fish="set y (cd {to}; {cmd})"),
    "function": _move(
        "f() { cd {to}; }; f; {cmd}", fish="function f; cd {to}; end; f; {cmd}"
    ),
    "local-profile": _move(
        SCOPED.format("AWS_PROFILE"), fish=SCOPED_FISH.format("AWS_PROFILE")
    ),
    "local-profile-inside": _move(
        "f() { local AWS_PROFILE=scoped; cd {to}; {cmd}; }; f",
        fish="function f; set -lx AWS_PROFILE scoped; cd {to}; {cmd}; end; f",
    ),
    "local-keys-inside": _move(
        "f() { local AWS_ACCESS_KEY_ID=scoped; cd {to}; {cmd}; }; f",
        fish="function f; set -lx AWS_ACCESS_KEY_ID scoped; cd {to}; {cmd}; end; f",
    ),
    "local-keys": _move(
        SCOPED.format("AWS_ACCESS_KEY_ID"), fish=SCOPED_FISH.format("AWS_ACCESS_KEY_ID")
    ),
    "local-region": _move(SCOPED.format("AWS_REGION"), fish=SCOPED_FISH.format("AWS_REGION")),
    "profile-before-function": _move(
        "f() { cd {to}; }; AWS_PROFILE=scoped f\n{cmd}",
        fish="function f; cd {to}; end; AWS_PROFILE=scoped f\n{cmd}",
    ),
    "keys-before-cd": _everywhere("AWS_ACCESS_KEY_ID=scoped cd {to}\n{cmd}"),
    "builtin-cd": _everywhere("builtin cd {to}; {cmd}", called="`builtin cd`"),
    "command-cd": _move(bash="command cd {to}; {cmd}", called="`command cd`"),
    "zoxide": _move(
        'z() { builtin cd "$@"; }\nz {to}; {cmd}',
        fish="function z; builtin cd $argv; end\nz {to}; {cmd}",
        called="a function of yours that calls `builtin cd`, typed at a prompt",
    ),
    "own-cd": _move(
        'cd() { builtin cd "$@"; }\ncd {to}; {cmd}',
        fish="function cd; builtin cd $argv; end\ncd {to}; {cmd}",
        called="a `cd` of your own, typed at a prompt or after the hook",
    ),
    "cd-alias": _everywhere(
        "alias cd='builtin cd'\ncd {to}; {cmd}", called="an alias `cd` of your own"
    ),
    "cd-q": _move(zsh="cd -q {to}; {cmd}", called="`cd -q`"),
    "pushd-q": _move(zsh="pushd -q {to}; {cmd}", called="`pushd -q`"),
    "chpwd-replaced": _move(zsh="chpwd_functions=(true)\ncd {to}; {cmd}", called="`chpwd_functions` replaced"),
    "autocd": _move(
        bash="shopt -s autocd\n{to}; {cmd}", zsh="setopt auto_cd\n{to}; {cmd}", fish="{to}; {cmd}"
    ),
    "cdpath": _move(
        "CDPATH={parent}\ncd {base} >/dev/null; {cmd}",
        fish="set -g CDPATH {parent}\ncd {base}; {cmd}",
    ),
    "nested": Move({name: f"{line}\ncd {{to}}; {{cmd}}" for name, line in INTERACTIVE.items()}, nested=True),
    "exec": Move({name: f"cd {{to}}; exec {line}\n{{cmd}}" for name, line in INTERACTIVE.items()}),
    "pane": _everywhere("@pane {to}\n{cmd}"),
    "env-C": _child("env -C {to} sh -c {quoted}"),
    "make-C": _child("make -s -C {to} -f {home}/Makefile CMD={quoted}"),
    "bash-c": _child("bash -c 'cd {to}; eval \"$0\"' {quoted}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Start:
    """A way to start a program: the command by shell, and the line that prepares it.

    `kind`: ``wrapped`` by the hook; ``plain``, which the hook does not wrap; ``asks``: it is ssoenv
    itself that hands out the credentials. `child`: the same for sh, where that makes sense.
    """

    kind: str
    command: dict[str, str]
    prepare: dict[str, str]
    child: str = ""

    @property
    def own(self) -> bool:
        """Whether the command names a profile of the user's."""
        return "AWS_PROFILE=mine" in self.command["bash"]


def _wrapped(command: str, *, prepare: str = "", child: str = "", **others: str) -> Start:
    commands = dict.fromkeys(SHELLS, command) | {
        shell: text for shell, text in others.items() if shell in SHELLS
    }
    prepared = dict.fromkeys(SHELLS, prepare)
    if "prepare_fish" in others:
        prepared["fish"] = others["prepare_fish"]
    return Start("wrapped", commands, prepared, child)


def _plain(command: str, *, kind: str = "plain", child: bool = True) -> Start:
    same = dict.fromkeys(SHELLS, command)
    return Start(kind, same, dict.fromkeys(SHELLS, ""), command if child else "")


STARTS = {
    "aws": _wrapped("aws who", child="aws who"),
    "terraform": _wrapped("terraform -chdir=. plan", child="terraform -chdir=. plan"),
    "piped": _wrapped("aws who | cat"),
    "fed": _wrapped("true | aws who"),
    "substituted": _wrapped("x=$(aws who)", fish="set x (aws who)"),
    "background": _wrapped("aws who & wait"),
    "alias": _wrapped("a", prepare="alias a='aws who'"),
    "eval": _wrapped("eval 'aws who'"),
    "called": _wrapped("g", prepare="g() { aws who; }", prepare_fish="function g; aws who; end"),
    "time": _wrapped("time aws who"),
    "not": _wrapped("! aws who", fish="not aws who"),
    "own-profile": _wrapped("AWS_PROFILE=mine aws who"),
    "command": _plain("command aws who"),
    "env": _plain("env A=1 aws who"),
    "env-own-profile": _plain("env AWS_PROFILE=mine aws who"),
    "path": _plain("{home}/bin/aws who"),
    "xargs": _plain("echo who | xargs aws"),
    "sh-c": _plain("sh -c 'aws who'"),
    "make": _plain("make -s -f {home}/Makefile CMD='aws who'", child=False),
    "sdk": _plain("sdk"),
    "script": _plain("sh {home}/deploy.sh"),
    "ssoenv-exec": _plain("ssoenv exec -- sdk", kind="asks"),
    "ssoenv-export": _plain("ssoenv export --format process | keep", kind="asks"),
}
