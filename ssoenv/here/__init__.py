"""What holds where we are: in a directory, and for a program that runs in it."""

from ssoenv.here.directory import (
    BY_USE,
    SETUP,
    Here,
    NothingBound,
    holds_home,
    how_to_bind,
    locate,
    look,
    require,
    session,
    shell_directory,
    working_directory,
)
from ssoenv.here.program import (
    follow,
    given_role,
    other_role,
    require_for_agent,
    require_given,
    role_of_keys,
)

__all__ = [
    "BY_USE",
    "SETUP",
    "Here",
    "NothingBound",
    "follow",
    "given_role",
    "holds_home",
    "how_to_bind",
    "locate",
    "look",
    "other_role",
    "require",
    "require_for_agent",
    "require_given",
    "role_of_keys",
    "session",
    "shell_directory",
    "working_directory",
]
