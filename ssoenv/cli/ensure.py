"""``ssoenv ensure``: what a wrapper runs before a command that uses AWS; not for people.

``ensure DIR PROFILE TOKEN WORD...``: by position alone, without options, because the words are a
person's command. Exit 0 says that the role is live, and 9 that the command needs none (``hot``
answers that). That a person said yes to a protected role is never an exit code: the answer is a
file with the name TOKEN, which the shell made up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.base import cores
from ssoenv.base.errors import UsageError
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import ensure

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(arguments: list[str], env: Mapping[str, str]) -> int:
    """Make the credentials of a trusted profile live; print nothing on stdout.

    Raises what obtaining them raises.
    """
    if len(arguments) < 3 or not re.fullmatch(r"\d{1,30}(\.\d{1,30})*", arguments[2]):
        raise UsageError(
            "ensure takes DIR PROFILE TOKEN WORD...", advice="it is for the hook alone"
        )
    cores.forbid()
    directory, profile, token, *words = arguments
    ensure.ensure(directory, profile, token, words[:2], env, Terminal())
    return 0
