"""What people read: plain lines on stderr, coloured only where colour is wanted and works."""

from __future__ import annotations

import os
import sys
from typing import TextIO

_STYLES = {"error": "31", "good": "32", "warning": "33", "faint": "2", "strong": "1"}


def say(message: str, *, style: str = "") -> None:
    """One line on stderr, under our name."""
    sys.stderr.write(f"{paint('ssoenv:', style, sys.stderr)} {printable(message)}\n")


def note(message: str) -> None:
    """One indented line on stderr that belongs to the line before."""
    sys.stderr.write(f"  {printable(message)}\n")


def paint(text: str, style: str, stream: TextIO) -> str:
    """`text` in `style` if `stream` is a terminal that shows colours and nobody said not to."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    if not style or plain or not stream.isatty():
        return text
    return f"\033[{_STYLES[style]}m{text}\033[0m"


def printable(text: str) -> str:
    """`text` without anything that a terminal would obey: controls become visible escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in text.encode("utf-8", "replace").decode()
    )


def interactive() -> bool:
    """Whether there is a person to ask: stdin and stderr are terminals."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask a yes-or-no `question` on stderr; anything but y or yes means no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
