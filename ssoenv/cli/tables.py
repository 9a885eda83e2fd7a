"""Rows and columns: for people on a terminal, for spreadsheets; and documents for scripts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from ssoenv.base.dialects import printable
from ssoenv.cli import layout, screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\\")


def write(rows: Iterable[Sequence[str]], *heads: str) -> None:
    """Write `rows` on stdout, one below the other, in columns that are as wide as they need.

    `heads` say what the columns are; they stand above them on a terminal, and in no pipe.
    """
    shown = [[printable(cell) for cell in row] for row in rows]
    headed = bool(heads and shown) and sys.stdout.isatty()
    shown[:0] = [[*heads]] if headed else []
    widths = [max(map(layout.width_of, column)) for column in zip(*shown, strict=True)]
    for number, row in enumerate(shown):
        padded = [layout.pad(text, wide) for text, wide in zip(row, widths, strict=True)]
        line = "  ".join([*padded[:-1], row[-1]]).rstrip()
        style = "faint" if headed and number == 0 else ""
        screen.out(screen.paint(line, style, sys.stdout), hang=widths[0] + 2)


def cell(value: str) -> str:
    """Return `value` for a spreadsheet: what it would take for a formula begins with a quote.

    OWASP, "CSV Injection": = + - @ begin one, and tab or carriage return, which are made visible.
    """
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def write_json(document: object) -> None:
    """Write a document for scripts on stdout: JSON that people can read, too."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
