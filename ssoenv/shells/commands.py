"""Which commands need no role of ours, of those that the hooks put a wrapper around."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NO_ROLE = 9
"""What ``ssoenv ensure`` ends with for such a command: the hook then runs it as it is."""
FOR_ITSELF = {
    "aws": {"configure", "sso", "login", "logout"},
    "terraform": {"fmt", "validate"},
    "tofu": {"fmt", "validate"},
}
"""Subcommands that set a tool up, or look at nothing but files."""
FOR_PEOPLE = {"help", "version", "completion"}
TELLS = {"--help", "--version"}
IN_GO = {"terraform", "tofu", "packer"}
"""Tools whose long options begin with one dash, too."""
OF_AWS_WITH_VALUE = {
    "--region",
    "--output",
    "--query",
    "--color",
    "--endpoint-url",
    "--ca-bundle",
    "--profile",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--cli-binary-format",
    "--cli-error-format",
}
"""The AWS CLI's global options that take a value (``aws help``): what follows is no subcommand."""


def needs_role(words: Sequence[str]) -> bool:
    """Whether the command `words` would use a role: no help, no setting up, no profile given.

    Who is wrongly told that one needs none loses nothing: the managed profile has it fetched.
    """
    command, *rest = words or [""]
    options = rest[: rest.index("--")] if "--" in rest else rest
    tells = TELLS | {"-help", "-version"} if command in IN_GO else TELLS
    for word in options:
        if word in tells or word == "--profile" or word.startswith("--profile="):
            return False
    if not rest:
        return True  # its words may come from elsewhere: xargs aws
    if command == "aws":
        return _aws_needs_role(rest)
    first = next((word for word in rest if not word.startswith("-")), "")
    if first in FOR_ITSELF.get(command, ()):
        return False
    return rest[0] not in FOR_PEOPLE | {"-h", "-v"} and not (
        command in IN_GO and first in FOR_PEOPLE
    )


def _aws_needs_role(rest: Sequence[str]) -> bool:
    """Whether ``aws`` with the arguments `rest` uses a role; ``help`` ends a line of any length."""
    if rest[-1] == "help" and (len(rest) == 1 or not rest[-2].startswith("-")):
        return False
    given = []
    is_value = False
    for word in rest:
        if is_value:
            is_value = False
        elif word in OF_AWS_WITH_VALUE:
            is_value = True
        elif not word.startswith("-"):
            given.append(word)
    if given[:2] == ["configure", "export-credentials"]:
        return True
    if not given:
        return rest[0] not in {"-h", "-v"}
    return given[0] not in FOR_PEOPLE | FOR_ITSELF["aws"]
