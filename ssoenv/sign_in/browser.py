"""Opening a page in the person's browser, and knowing when there is none to open it in."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_HOSTED = ("CI", "CODESPACES", "CLOUD_SHELL", "AWS_EXECUTION_ENV")
_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_OPENERS = ("xdg-open", "wslview", "gio open", "sensible-browser")


def has_browser(env: Mapping[str, str], configured: str = "") -> bool:
    """Whether a page can be opened where the person sits.

    A browser that the person names, in our settings or in BROWSER, settles it.
    """
    if configured or env.get("BROWSER"):
        return True
    if any(env.get(name) for name in (*_REMOTE, *_HOSTED)):
        return False
    if any(os.path.exists(mark) for mark in _CONTAINER_MARKS):
        return False
    if sys.platform == "darwin" or env.get("WSL_DISTRO_NAME"):
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")) and _opener(env) is not None


def open_page(url: str, env: Mapping[str, str], configured: str = "") -> bool:
    """Open `url`, apart from our terminal and without waiting; False if nothing could be started.

    Python's `webbrowser` is not used: it may start a text browser on the very terminal that we
    run in, and it waits for some browsers to end.
    """
    for command in _commands(url, env, configured):
        try:
            subprocess.Popen(
                command,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            continue
        return True
    return False


def _commands(url: str, env: Mapping[str, str], configured: str) -> list[list[str]]:
    named = [configured] if configured else env.get("BROWSER", "").split(os.pathsep)
    commands = [_fill_in(command, url) for command in named if command.strip()]
    opener = _opener(env)
    return [*commands, [*opener, url]] if opener else commands


def _fill_in(command: str, url: str) -> list[str]:
    """Read a command as BROWSER has it: ``%s`` is the address, a last ``&`` means "do not wait"."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = [command]
    if words and words[-1] == "&":
        words.pop()
    if not any("%s" in word for word in words):
        return [*words, url]
    return [word.replace("%s", url) for word in words]


def _opener(env: Mapping[str, str]) -> list[str] | None:
    if sys.platform == "darwin":
        return ["open"]
    for command in _OPENERS:
        words = command.split()
        program = shutil.which(words[0], path=env.get("PATH"))
        if program:
            return [program, *words[1:]]
    return None
