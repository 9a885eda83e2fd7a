"""The credential source: the script that ``[profile ssoenv]`` of the AWS config runs.

It is the file under ``shell/`` with its words filled in, in the state folder. For what is longer
than `LONGEST` bash takes over, where there is one: dash and busybox read one byte at a time.
"""

from __future__ import annotations

import re

from ssoenv import settings
from ssoenv.base import agents, dialects, files, paths
from ssoenv.base.errors import SsoenvError
from ssoenv.shells import hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 3072
"""Bytes of a binding file, or of the settings, that any sh compares sooner than bash starts."""

PLACES = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
"""What tells where everything is: where one differs, the script leaves it to the program."""


def is_current(env: Mapping[str, str]) -> bool:
    """Whether the script is there as this version, installed here, has it with these settings."""
    return files.read_bytes(paths.source_file(env), limit=1 << 20) == _text(env)


def write(env: Mapping[str, str]) -> None:
    """See that the script is there. Raises OSError."""
    if not is_current(env):
        files.write_private(paths.source_file(env), _text(env))


def _text(env: Mapping[str, str]) -> bytes:
    with open(paths.shell_file("credential-process.sh"), encoding="utf-8") as stream:
        text = stream.read()
    try:
        preferences = settings.load(env)
    except (SsoenvError, OSError):
        # No role is given out then, whoever asks.
        preferences = settings.Settings()
    shown = " ".join(one[: agents.SHOWN] for one in preferences.agent_commands)
    words: dict[str, tuple[str, ...]] = {
        "__SSOENV_STATE__": (paths.state(env),),
        "__SSOENV_CONFIG__": (paths.settings_file(env),),
        "__SSOENV_LONGEST__": (str(LONGEST),),
        "__SSOENV_PLACES__": (":".join(env.get(name, "") for name in PLACES),),
        "__SSOENV_EXE__": hook.command_line(),
        "__SSOENV_AGENTS__": (f" {shown} ",),
        "__SSOENV_INTERPRETERS__": (" ".join(agents.INTERPRETERS),),
    }
    # Names of variables, of letters, digits and _, as the settings have checked.
    marks = " ".join(f'"${{{name}-}}"' for name in preferences.agent_env)
    # In one pass: a path may have the name of another place to fill in.
    filled = {place: " ".join(map(dialects.quote_posix, of)) for place, of in words.items()}
    filled["__SSOENV_MARKS__"] = marks or "''"
    text = re.sub("|".join(filled), lambda place: filled[place[0]], text)
    return text.encode("utf-8", "surrogateescape")
