"""Text laid out for a terminal: lines end between words, whatever the width.

Widths are in columns: escapes that only colour take none, wide characters take two. A word that
is longer than a line stands on a line of its own, whole.
"""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_WORDS = re.compile(r"(\s*)(\S+)")
_SHELL_WORDS = re.compile(r"(\s*)((?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s'\"\\])+|\S)")


def width_of(text: str) -> int:
    """Return how many columns `text` takes."""
    text = _COLOURS.sub("", text)
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def pad(text: str, width: int) -> str:
    """Return `text` with spaces behind it, up to `width` columns."""
    return text + " " * (width - width_of(text))


def cut(text: str, width: int) -> str:
    """Return `text`, without its end where it takes more than `width` columns."""
    if width_of(text) <= width:
        return text
    end = len(text)
    while end and width_of(text[:end]) >= width:
        end -= 1
    return f"{text[:end]}…" if width > 0 else ""


def fill(text: str, width: int, *, hang: int = 2) -> str:
    """Return one line of `text` as lines of `width`; those after the first begin `hang` further in.

    The first line keeps its own indentation, and words keep the spaces between them.
    """
    return "\n".join(_lines(_WORDS.findall(text), width, hang))


def fill_command(text: str, width: int, *, hang: int = 2) -> str:
    r"""Return `text`, which holds a command, so that it can be copied from more lines, too.

    A line that goes on ends with a backslash, which every shell takes for its continuation; no
    word that stands in quotes is broken.
    """
    whole = _SHELL_WORDS.findall(text)
    if width_of(text) <= width:
        return text
    return " \\\n".join(_lines(whole, width - 2, hang))


def table(rows: list[tuple[str, str]], width: int, *, indent: int = 2, left: int = 28) -> list[str]:
    """Return names and what they mean in two columns: at most `left` wide, and the rest.

    A name that is too long for its column has what it means below it.
    """
    left = min(left, width // 3, max((width_of(name) for name, _ in rows), default=0))
    hang = indent + left + 2
    lines = []
    for name, text in rows:
        if not text:
            lines.append(" " * indent + name)
        elif width_of(name) > left:
            lines.append(fill(" " * indent + name, width, hang=hang))
            lines.append(fill(" " * hang + text, width, hang=hang))
        else:
            lines.append(fill(" " * indent + pad(name, left + 2) + text, width, hang=hang))
    return lines


def _lines(words: list[tuple[str, str]], width: int, hang: int) -> list[str]:
    # Where little room is, it is for the words.
    start = " " * min(hang, max(2, width // 2))
    lines: list[str] = []
    line = ""
    for gap, word in words:
        if line.strip() and gap and width_of(line + gap + word) > width:
            lines.append(line)
            line = start + word
        else:
            line += gap + word
    return [*lines, line]
