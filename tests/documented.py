"""The commands of ssoenv that README, docs and the help texts tell people to type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.cli.manual import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILLED = {
    "ACCOUNT/ROLE": "dev/Developer",
    "A/R": "dev/Developer",
    "prod/Deployer": "prod/ReadOnly",
    "111122223333": "111111111111",
    "https://acme.awsapps.com/start": "https://corp.awsapps.com/start",
    "eu-west-1 --session acme": "eu-west-1 --session corp",
    "--session NAME": "--session corp",
    "--region R": "--region eu-west-1",
    "URL": "https://corp.awsapps.com/start",
    "s3 ls": "sts get-caller-identity",
    "agents setup AGENT": "agents setup codex",
    "REGION": "eu-west-1",
    "COMMAND": "bind",
    "NAME": "dev",
    "SESSION": "acme",
    "DIR": ".",
    "CMD": "true",
    "TEXT": "{label}",
    "FILE": "world.toml",
    "lookup ID": "lookup alice",
    "USER": "bob",
    "ACCOUNT": "dev",
    "ROLE": "Developer",
    "F": "json",
    "S": "bash",
    "A": "dev",
    "R": "Developer",
    "N": "2",
    "M": "2",
    "…": "acme/111111111111/Developer",
}
"""What stands for something in the texts, and what it stands for in the tests; the first wins."""
_COMMENT = re.compile(r"\s+#.*")
_SEPARATOR = re.compile(r";|&&|\|\||\s\|\s|[<>]|\$\(|\)\"|, (?=ssoenv |man )")
_FIRST = re.compile(r"^(?:\$ )?(?:\w+=\S+ )*(?:\S*/)?ssoenv ([a-z-]+.*)")
_LATER = re.compile(rf"\s(?:\S*/)?ssoenv ((?:{'|'.join(COMMANDS)})(?!\S).*)")


def in_page(text: str) -> set[str]:
    """Return the commands in the code of a Markdown page: in spans and in blocks."""
    blocks = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE))
    return _commands([*re.findall(r"`([^`\n]+)`", text), *blocks.splitlines()])


def in_help(text: str) -> set[str]:
    """Return the commands in what ``--help`` prints, but for the synopsis."""
    lines = [line.strip(" │") for line in text.splitlines()]
    return _commands(line for line in lines if not line.startswith("Usage:"))


def _commands(fragments: Iterable[str]) -> set[str]:
    return {
        _filled(one)
        for fragment in fragments
        for found in _in_line(fragment.replace("\\|", "|").strip())
        for one in _choices(found)
    }


def _in_line(line: str) -> Iterator[str]:
    """Yield each command of a shell's line, without what the shell does with it."""
    for piece in _SEPARATOR.split(_COMMENT.sub("", line)):
        if found := _FIRST.search(piece.strip()) or _LATER.search(piece):
            yield found[1].strip().rstrip(".,:")


def _choices(line: str) -> set[str]:
    """Return every command that a line stands for: `[--a|--b]` and `a|b` are choices."""
    choice = re.search(r"\[([^\[\]]+)\]|(?<=\s)(\S+\|\S+)", line)
    if not choice:
        return {line}
    options = ([""] if choice[1] else []) + (choice[1] or choice[2]).split("|")
    return {
        one
        for option in options
        for one in _choices(line[: choice.start()] + option + line[choice.end() :])
    }


def _filled(line: str) -> str:
    for name, value in FILLED.items():
        line = re.sub(rf"(?<!\S){re.escape(name)}(?!\S)", value.replace("\\", r"\\"), line)
    return " ".join(line.split())
