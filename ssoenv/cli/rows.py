"""What one picks from: rows, which of them match what is typed, and how they are laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.base.dialects import printable

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One choice: its `columns`, the `words` it can be found by, a `note` and whether to beware."""

    columns: tuple[str, ...]
    words: str
    note: str = ""
    beware: bool = False


def matching(rows: Sequence[Row], query: str) -> list[int]:
    """Return the indices of `rows` in which every word of `query` occurs, in any order."""
    words = query.lower().split()
    return [index for index, row in enumerate(rows) if all(word in row.words for word in words)]


def likeliest(rows: Sequence[Row], found: Sequence[int]) -> int:
    """Return which of `found` Enter takes unless one moves: none to beware of, if it can be."""
    return next((place for place, index in enumerate(found) if not rows[index].beware), 0)


def widths(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return how wide each column of `rows` is."""
    return tuple(
        max(map(len, column)) for column in zip(*(row.columns for row in rows), strict=True)
    )


def fit(row: Row, columns: Sequence[int], width: int) -> str:
    """Return `row` in aligned `columns`, cut to `width` cells if need be."""
    cells = [
        printable(text).ljust(wanted) for text, wanted in zip(row.columns, columns, strict=True)
    ]
    text = "  ".join(cells).rstrip()
    noted = f"{'  '.join(cells)}  {row.note}" if row.note else text
    if len(noted) <= width:
        return noted
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
