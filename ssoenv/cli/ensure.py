"""``ssoenv ensure``: what a wrapper runs before a command that uses AWS; not for people.

``ensure DIR PROFILE TOKEN WORD...``: by position alone, without options, because the words are a
person's command. Exit 0 says that the role is live, and 9 that the command needs none (``hot``
answers that). That a person said yes to a protected role is never an exit code: the answer is a
file with the name TOKEN, which the shell made up.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from ssoenv.base import clock, cores, files
from ssoenv.base.errors import UsageError
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import ensure
from ssoenv.shells import answers

if TYPE_CHECKING:
    from collections.abc import Mapping
GRACE = 60
"""Seconds after which what holds no longer goes: the time of one may not be set yet."""


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
    seconds = ensure.ensure(directory, profile, words[:2], env, Terminal())
    if seconds:
        _answer(env, token, clock.now() + seconds)
    return 0


def _answer(env: Mapping[str, str], token: str, until: int) -> None:
    """Tell the shell that a person said yes, and until when that holds, in epoch seconds.

    It holds for as long as that file is there. Those that hold no longer are cleared away.
    """
    folder = answers.of_shells(env)
    files.write_private(f"{folder}/{token}", f"{until}\n".encode())
    os.utime(f"{folder}/{token}", (until, until))
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if os.stat(f"{folder}/{name}").st_mtime < clock.now() - GRACE:
                files.remove(f"{folder}/{name}")
