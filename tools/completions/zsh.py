"""The completion of zsh, by its own `_arguments` and `_describe`."""

from __future__ import annotations

from ssoenv.base.dialects import quote_posix
from tools.completions.commands import LISTED, WORDS, Command, Flag, groups
from tools.completions.files import fill

ACTIONS = {
    "sessions": "__ssoenv_complete_sessions",
    "profiles": "__ssoenv_complete_profiles",
    "choices": "__ssoenv_complete_choices",
    "directories": "_files -/",
    "files": "_files",
    "roles": "__ssoenv_complete_roles",
    **{kind: f"{{__ssoenv_complete_listed {kind}}}" for kind in LISTED},
}
"""Kind of words -> what offers them."""


def zsh(found: list[Command]) -> str:
    """Return the completion of zsh."""
    return fill(
        "zsh",
        groups=[f"{name}) below=({' '.join(subs)}) ;;" for name, subs in groups(found).items()],
        rows=[_row(one) for one in found if " " not in one.path],
        commands=[_command(one) for one in found],
    )


def _row(one: Command) -> str:
    """Return what `_describe` takes for a command."""
    return quote_posix(f"{one.path}:{_plain(one.help)}")


def _command(one: Command) -> str:
    """Return what follows a command."""
    specs = [quote_posix(spec) for flag in one.flags for spec in _specs(flag)]
    if one.path in WORDS:
        specs.append(quote_posix(f"::argument:{_action(WORDS[one.path])}"))
    return f"({quote_posix(one.path)}) _arguments {' '.join(specs)} ;;"


def _specs(flag: Flag) -> list[str]:
    """Return what `_arguments` takes for an option: once for each of its spellings."""
    value = f":value:{_action(flag.value)}" if flag.takes else ""
    others = "" if flag.repeated else f"({' '.join(flag.spelled)})" if flag.letter else ""
    many = "*" if flag.repeated else ""
    return [f"{many}{others}{name}[{_plain(flag.help)}]{value}" for name in flag.spelled]


def _action(kind: str) -> str:
    return ACTIONS.get(kind, f"({kind})" if kind else " ")


def _plain(text: str) -> str:
    """Return `text` without what zsh's specifications take as punctuation."""
    return "".join(" " if char in "[]:" else char for char in text)
