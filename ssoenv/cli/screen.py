"""What people read: plain lines on stderr, coloured only where colour is wanted and works."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

_chosen: dict[str, bool] = {}
"""What the options of this very process say."""
_STYLES = {"error": "31", "good": "32", "warning": "33", "faint": "2", "strong": "1"}


def choose_plain() -> None:
    """From now on no colours, nothing that moves: ``--plain`` was given."""
    _chosen["plain"] = True


def plain() -> bool:
    """Whether to write line by line only: asked for, or a terminal that can do no more."""
    asked = _chosen.get("plain") or os.environ.get("SSOENV_PLAIN", "") not in ("", "0")
    return bool(asked) or os.environ.get("TERM", "dumb") == "dumb"


def say(message: str, *, style: str = "") -> None:
    """One line on stderr, under our name."""
    text = wrapped(f"ssoenv: {printable(message)}", sys.stderr)
    sys.stderr.write(paint("ssoenv:", style, sys.stderr) + text.removeprefix("ssoenv:") + "\n")


def note(message: str) -> None:
    """One indented line on stderr that belongs to the line before."""
    sys.stderr.write(wrapped(f"  {printable(message)}", sys.stderr) + "\n")


def hint(message: str) -> None:
    """One indented line on stderr with a command in it: never broken, so that it can be copied."""
    sys.stderr.write(f"  {printable(message)}\n")


def wrapped(text: str, stream: TextIO) -> str:
    """`text` for `stream`: broken between words where that is a terminal too narrow for it."""
    columns = shutil.get_terminal_size().columns
    if not stream.isatty() or len(text) < columns:
        return text
    import textwrap

    return textwrap.fill(
        text,
        max(20, columns - 1),
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def paint(text: str, style: str, stream: TextIO) -> str:
    """`text` in `style` if `stream` is a terminal that shows colours and nobody said not to."""
    if not style or os.environ.get("NO_COLOR") or plain() or not stream.isatty():
        return text
    return f"\033[{_STYLES[style]}m{text}\033[0m"


def printable(text: str) -> str:
    """`text` without anything that a terminal would obey: controls become visible escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in text.encode("utf-8", "replace").decode()
    )


def bar(what: str, done: int, total: int) -> None:
    """Draw how far `what` is, over what was drawn last; wipe it when all is `done`."""
    if plain() or not sys.stderr.isatty() or total == 0:
        return
    if done >= total:
        sys.stderr.write("\r\033[K")
    else:
        count = f"{done}/{total}"
        width = min(20, shutil.get_terminal_size().columns - len(what) - len(count) - 5)
        full = max(0, width) * done // total
        drawn = f" [{'#' * full}{'.' * (width - full)}]" if width > 3 else ""
        sys.stderr.write(f"\r\033[K{what}{drawn} {count}")
    sys.stderr.flush()


def interactive() -> bool:
    """Whether there is a person to ask: stdin and stderr are terminals."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """Ask for one line on stderr; empty at the end of input."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def confirm(question: str) -> bool:
    """Ask a yes-or-no `question` on stderr; anything but y or yes means no."""
    return ask(f"{question} [y/N] ").lower() in ("y", "yes")
