"""The completion of fish: one `complete` for each command, each option, and what may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base.dialects import quote_fish
from tools.completions.commands import LISTED, WORDS, Command, Flag, first_words, groups
from tools.completions.files import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "__ssoenv_complete_own"
WRAP = ("exec", "sandbox run")
"""Commands with a command of the user's own behind ``--``."""
WHERE = {
    "sessions": "(__ssoenv_complete_sessions)",
    "profiles": "(__ssoenv_complete_profiles)",
    "choices": "(__ssoenv_complete_choices)",
    "directories": "(__fish_complete_directories)",
    "roles": "(__ssoenv_complete_roles)",
    **{kind: f"(__ssoenv_complete_listed {kind})" for kind in LISTED},
}
"""Kind of words -> the substitution that has them."""


def fish(found: list[Command]) -> str:
    """Return the completion of fish."""
    return fill(
        "fish",
        top=first_words(found),
        commands=[line for one in found for line in _command(one, groups(found))],
    )


def _command(one: Command, groups: dict[str, list[str]]) -> Iterator[str]:
    """Yield what completes a command, and what follows it; `groups` have commands below them."""
    name, _, sub = one.path.partition(" ")
    seen = f"__fish_seen_subcommand_from {name}"
    if sub:
        siblings = " ".join(groups[name])
        before = quote_fish(f"{seen}; and not __fish_seen_subcommand_from {siblings}")
        seen += f"; and __fish_seen_subcommand_from {sub}"
    else:
        before = "$none"
        namesakes = [group for group, below in groups.items() if name in below]
        if namesakes:
            seen += f"; and not __fish_seen_subcommand_from {' '.join(namesakes)}"
    yield f"complete -c ssoenv -n {before} -a {sub or name} -d {quote_fish(one.help)}"
    if one.path in WORDS:
        ours = f"{seen}; and not {OWN}" if one.path == "exec" else seen
        yield f"complete -c ssoenv -n {quote_fish(ours)} {_words(WORDS[one.path])}"
    for flag in one.flags:
        yield f"complete -c ssoenv -n {quote_fish(seen)}{_flag(flag)}"
    if one.path in WRAP:
        own = quote_fish(f"{seen}; and {OWN}")
        skip = len(one.path.split()) + 1
        yield f"complete -c ssoenv -n {own} -a '(__fish_complete_subcommand --fcs-skip={skip})'"


def _flag(flag: Flag) -> str:
    """Return an option, what follows it, and what it does.

    What follows has an empty description of its own: else fish says of it what the option does.
    """
    letter = f" -s {flag.letter[1]}" if flag.letter else ""
    value = ("-r" if flag.value == "files" else "-x") if flag.takes else ""
    words = _words(flag.value, told=r"\t") if flag.value else ""
    told = f"-d {quote_fish(flag.help)}"
    return " ".join(filter(None, (f"{letter} -l {flag.name[2:]}", value, words, told)))


def _words(kind: str, *, told: str = "") -> str:
    """Return what may follow, with what is `told` of each word."""
    if kind == "files":
        return "-F"
    words = [WHERE[kind]] if kind in WHERE else kind.split()
    return f"-a {quote_fish(' '.join(word + told for word in words))}"
