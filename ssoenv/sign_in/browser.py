"""Opening a page in the person's browser, and knowing when there is none to open it in."""

from __future__ import annotations

import os
import re
import shlex
import sys
import threading
from typing import TYPE_CHECKING

from ssoenv.base import programs
from ssoenv.base.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_HOSTED = ("CI", "CODESPACES", "CLOUD_SHELL", "AWS_EXECUTION_ENV")
_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_OPENERS = ("xdg-open", "wslview", "gio open", "sensible-browser")
_TEXT_BROWSERS = ("browsh", "elinks", "links", "links2", "lynx", "w3m", "www-browser")
"""Browsers that want the terminal: it is ours, or the program's that we sign in for."""


def has_browser(env: Mapping[str, str], configured: str = "") -> bool:
    """Whether a page can be opened where the person sits.

    A browser that the person names, in our settings or in BROWSER, settles it.
    """
    if _named(env, configured):
        return True
    if any(env.get(name) for name in (*_REMOTE, *_HOSTED)):
        return False
    if any(os.path.exists(mark) for mark in _CONTAINER_MARKS):
        return False
    if sys.platform == "darwin" or env.get("WSL_DISTRO_NAME"):
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")) and _opener(env) is not None


def require(command: str, env: Mapping[str, str]) -> None:
    """Raise UsageError unless the program of `command`, which a person chose, can be started."""
    named = _named({}, command)
    if not named:
        raise UsageError(f"{command!r} is no command that opens a page of its own")
    if programs.find(named[0][0], env) is None:
        raise UsageError(
            f"no program {named[0][0]!r}", advice="name a browser that is on your PATH"
        )


def open_page(url: str, env: Mapping[str, str], configured: str = "", label: str = "") -> bool:
    """Open `url`, apart from our terminal and without waiting; False if nothing could be started.

    `label` names what it is for, where a command asks for that. Python's `webbrowser` is not used:
    it may start a text browser on the very terminal that we run in, and it waits for some browsers
    to end.
    """
    import subprocess

    opener = _opener(env)
    commands = [_fill_in(words, url, label) for words in _named(env, configured)]
    for words in [*commands, [*opener, url]] if opener else commands:
        program = programs.find(words[0], env)
        if program is None:
            continue
        try:
            process = subprocess.Popen(
                [program, *words[1:]],
                cwd="/",  # nothing of a project's folder is meant
                env=programs.environment(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            continue
        threading.Thread(target=process.wait, daemon=True).start()
        return True
    return False


def _named(env: Mapping[str, str], configured: str) -> list[list[str]]:
    """Return the browsers that the person names, as words; a last ``&`` means "do not wait"."""
    found = []
    for command in [configured] if configured else env.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(command)
        except ValueError:
            words = [command]
        if words and words[-1] == "&":
            words.pop()
        if words and os.path.basename(words[0]) not in _TEXT_BROWSERS:
            found.append(words)
    return found


def _fill_in(words: list[str], url: str, label: str) -> list[str]:
    """Put `url` where ``%s`` stands, else at the end, as BROWSER has it.

    Where there is a `label`, ``%l`` is it, with nothing in it that a file's name cannot have, and
    ``%c`` the address of the page in the Firefox container of that name (the add-on "Open external
    links in a container").
    """
    values = {"%s": url}
    if label:
        from urllib.parse import urlencode

        container = urlencode({"name": label, "url": url})
        values |= {"%c": f"ext+container:{container}", "%l": label.replace("/", "-")}
    pattern = re.compile("|".join(values))
    if not any(one in word for word in words for one in values if one != "%l"):
        words = [*words, "%s"]
    return [pattern.sub(lambda found: values[found[0]], word) for word in words]


def _opener(env: Mapping[str, str]) -> list[str] | None:
    if sys.platform == "darwin":
        return ["open"]
    for command in _OPENERS:
        words = command.split()
        program = programs.find(words[0], env)
        if program:
            return [program, *words[1:]]
    return None
