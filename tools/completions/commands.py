"""What there is to complete: the commands, their options, and the words that may follow."""

from __future__ import annotations

from dataclasses import dataclass

from ssoenv.admin import removal
from ssoenv.cli import agents, app, help, manual, pages, roles  # noqa: A004 - it is called so
from ssoenv.console import services

WORDS = {
    "hook": "bash zsh fish",
    "use": "choices",
    "login": "sessions",
    "logout": "sessions",
    "trust": "directories",
    "untrust": "directories",
    "status": "directories",
    "check": "directories",
    "schema": "project settings",
    "exec": "targets",
    "export": "targets",
    "whoami": "targets",
    "console": "targets",
    "configure session": "sessions",
    "roles": "accounts",
    "admin delete": " ".join(removal.KINDS),
    "admin plan": "files",
    "admin apply": "files",
    "admin diff": "files",
    "agents setup": agents.NAMES.replace("|", " "),
    "help": f"{' '.join(manual.COMMANDS)} {help.EXIT_CODES}",
}
"""Command -> what may follow it: a kind of words, or these very words."""
VALUES = {
    "--session": "sessions",
    "--account": "accounts",
    "--role": "roles",
    "--profile": "profiles",
    "--shell": "bash zsh fish",
    "--columns": " ".join(roles.COLUMNS),
    "--approve": "ask auto deny",
    "--world": "files",
    "--env-file": "files",
    "--file": "files",
    "--inline": "files",
    "--record": "files",
    "--service": " ".join(sorted(services.PATHS)),
}
"""Option -> what may follow it, in the same way."""
FORMATS = {"export": "env fish json process dotenv powershell"}
LISTED = ("accounts", "targets")
"""Kinds of words that stand in files of the state folder, one word on a line."""


@dataclass(frozen=True)
class Flag:
    """A long option as a completion sees it; `value` is what follows: words, or a kind of them."""

    name: str
    letter: str
    help: str
    takes: bool
    repeated: bool
    value: str

    @property
    def spelled(self) -> tuple[str, ...]:
        """The option, and its letter if it has one."""
        return (self.letter, self.name) if self.letter else (self.name,)


@dataclass(frozen=True)
class Command:
    """A command as a completion sees it: `path` is its words."""

    path: str
    help: str
    flags: tuple[Flag, ...]

    @property
    def options(self) -> tuple[tuple[str, str, bool], ...]:
        """Every long option but ``--help``, what it does, and whether a value follows."""
        return tuple((one.name, one.help, one.takes) for one in self.flags if one.name != "--help")


def commands() -> list[Command]:
    """Return every command of the program that people may type."""
    return [
        Command(
            page.path,
            page.summary.rstrip("."),
            tuple(
                Flag(
                    name,
                    option.flags[0] if option.flags[0][:2] != "--" else "",
                    _help(option, name),
                    bool(option.takes),
                    option.repeated,
                    FORMATS.get(page.path, "") if name == "--format" else VALUES.get(name, ""),
                )
                for option in page.options
                for name in option.flags
                if name[:2] == "--"
            ),
        )
        for page in app.every_page()
    ]


def _help(option: pages.Option, name: str) -> str:
    """Return what an option does; of a pair such as --x and --no-x each says its own."""
    text = option.help.rstrip(".")
    is_no = f"--{name.removeprefix('--no-')}" in option.flags
    return f"Do not {text[0].lower()}{text[1:]}" if is_no else text


def groups(found: list[Command]) -> dict[str, list[str]]:
    """Return the commands below each command that has some."""
    below: dict[str, list[str]] = {}
    for one in found:
        name, _, sub = one.path.partition(" ")
        if sub:
            below.setdefault(name, []).append(sub)
    return below


def first_words(found: list[Command]) -> str:
    """Return what may stand behind ``ssoenv``."""
    return " ".join(one.path for one in found if " " not in one.path)
