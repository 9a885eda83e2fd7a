"""The lines on which tables and keys of a TOML file stand: ``tomllib`` gives only their values.

Reads the layout that people write (a header or a key at the start of a line); what it cannot find
it places at the nearest table header.
"""

from __future__ import annotations

import re
from collections import Counter

_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_ROW = re.compile(r"^\s*\[\[([^\[\]]+)\]\]\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_PART = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


def locate(text: str) -> dict[tuple[str, ...], int]:
    """Return the line, counted from 1, of each table and key, by their path from the root.

    A table of an array has its number, counted from 0, in its path: ``("users", "0", "name")``.
    """
    lines: dict[tuple[str, ...], int] = {(): 1}
    table: tuple[str, ...] = ()
    rows: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        header, row, key = _HEADER.match(line), _ROW.match(line), _KEY.match(line)
        if found := header or row:
            table = _parts(found[1])
            if row:
                rows[table] += 1
                table = (*table, str(rows[table] - 1))
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
        elif key:
            path = table + _parts(key[1])
            for length in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:length], number)
    return lines


def line_of(lines: dict[tuple[str, ...], int], *path: str) -> int:
    """Return the line of the thing at `path`, or of the nearest table around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(
        (basic.replace('\\"', '"').replace("\\\\", "\\") if basic else literal or bare)
        for basic, literal, bare in _PART.findall(dotted)
    )
