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
FOR_PEOPLE = {"help", "version", "completion"}
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
}
"""The AWS CLI's global options that take a value (``aws help``): what follows is no subcommand."""


def needs_role(words: Sequence[str]) -> bool:
    """Whether the command `words` would use a role: no help, no setting up, no profile given."""
    command, *rest = words or [""]
    for word in rest:
        if word == "--":
            break
        if word in {"--help", "--version", "--profile"} or word.startswith("--profile="):
            return False
    first = _subcommand(command, rest)
    if not first:
        return rest[:1] not in (["-h"], ["-v"])
    return first not in FOR_PEOPLE and first not in FOR_ITSELF.get(command, ())


def _subcommand(command: str, words: Sequence[str]) -> str:
    """Return the first of `words` that is no option, nor the value of one."""
    is_value = False
    for word in words:
        if is_value:
            is_value = False
        elif command == "aws" and word in OF_AWS_WITH_VALUE:
            is_value = True
        elif not word.startswith("-"):
            return word
    return ""
