"""The completion of bash.

Nothing in it is expanded a second time: ``compgen -W`` would run what stands in a name, so names
are compared as they are. And what is offered stands on the command line as it is: so only words
that no shell reads as more than a word are offered.
"""

from __future__ import annotations

from tools.completions.commands import LISTED, WORDS, Command, Flag, first_words, groups
from tools.completions.files import fill

ROOT = "--version --verbose --plain --help"
KINDS = ("sessions", "profiles", "choices", "directories", "files", "roles", *LISTED)


def bash(found: list[Command]) -> str:
    """Return the completion of bash."""
    return fill(
        "bash",
        top=first_words(found),
        root=ROOT,
        groups=" ".join(groups(found)),
        listed=" | ".join(LISTED),
        values=_values(found),
        commands=[_command(one, found) for one in found],
    )


def _values(found: list[Command]) -> list[str]:
    """Return what follows each option that takes a value that we know."""
    return [
        f"{_either(one, flag)}) {_words(flag.value)} ;;"
        for one in found
        for flag in one.flags
        if flag.value
    ]


def _either(one: Command, flag: Flag) -> str:
    """Return the pattern for an option of a command, however it is spelled."""
    return " | ".join(f'"{one.path} {name}"' for name in flag.spelled)


def _command(one: Command, found: list[Command]) -> str:
    """Return what follows a command: its words or the commands below it, and its options."""
    flags = " ".join(flag.name for flag in one.flags)
    below = groups(found).get(one.path, [])
    words = f'{_words(WORDS.get(one.path, " ".join(below)))} flags="{flags}"'.strip()
    return f'"{one.path}") {words} ;;'


def _words(kind: str) -> str:
    """Return the assignment for a kind of words, or for these very words."""
    return f"kind={kind}" if kind in KINDS else f'words="{kind}"' if kind else ""
